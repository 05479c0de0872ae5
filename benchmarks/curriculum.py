"""How many groups of dialogues can teach anything, with a curriculum and without?

A group whose dialogues all succeed, or all fail, has no advantages. A fixed student holds groups of dialogues
about tasks of many families, most of which are too hard for it; the share of groups with unequal outcomes is
counted for tasks as they come and for tasks by `SML-Curriculum-v0`, step by step, since the curriculum has to
find out first what the student can do.

    python benchmarks/curriculum.py
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from results_file import report
from tqdm import tqdm

from sml_gym import Episode, Job, env_factory, rollout
from sml_gym.estimates import ratio
from sml_gym.evaluation import Reseedable
from sml_gym.seeding import stable_hash
from sml_gym.students import make_student

MATH = {"env_options": {"levels": [1, 2]}}


def tells(group: Sequence[Episode]) -> float:
    """1.0 if the group's dialogues did not all come to the same."""
    return float(len({episode.reward for episode in group if episode.valid}) > 1)


def measure(student_name: str, floor: float, steps: int, groups: int, members: int) -> list[float]:
    """The share of telling groups in each step; `floor` 1 is no curriculum."""
    make = env_factory("SML-Curriculum-v0", env="SML-Math-v0", floor=floor, **MATH)
    student = make_student(student_name, make(), [])
    shares = []
    for step in tqdm(range(steps), desc=f"floor {floor:g}"):
        if isinstance(student, Reseedable):
            student.reseed("curriculum", step)
        jobs = [
            Job(seed=stable_hash("task", step, group), teacher_seed=stable_hash("teacher", step, group))
            for group in range(groups)
            for _ in range(members)
        ]
        held = rollout(make, student, jobs)
        shares.append(float(np.mean([tells(held[i : i + members]) for i in range(0, len(held), members)])))
    return shares


def main() -> None:
    """Measure both, print and write."""
    parser = argparse.ArgumentParser(description="Telling groups with a curriculum and without.")
    parser.add_argument("--student", default="embedded")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--groups", type=int, default=16, help="groups a step")
    parser.add_argument("--members", type=int, default=8, help="dialogues a group")
    options = parser.parse_args()
    shares = {
        name: measure(options.student, floor, options.steps, options.groups, options.members)
        for name, floor in (("without", 1.0), ("with_curriculum", 0.1))
    }
    half = options.steps // 2
    figures = {
        f"telling_groups_{name}_{part}": ratio(found, [1.0] * len(found)).to_json()
        for name, all_found in shares.items()
        for part, found in (("first_half", all_found[:half]), ("second_half", all_found[half:]))
    }
    report("curriculum", {"steps": options.steps, "groups_a_step": options.groups, **figures})


if __name__ == "__main__":
    main()
