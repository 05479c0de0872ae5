"""Tasks that follow what the student can do."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sml_gym
from sml_envs.math import MathEnv
from sml_envs.math.underspecified import MathUnderspecifiedEnv
from sml_gym import ConfigError, Episode, Job, StopReason, Task, rollout
from sml_gym.cli.main import main
from sml_gym.evaluation import Plan, evaluate
from sml_gym.students import ScriptedStudent, make_student
from sml_gym.testing import check_env
from sml_gym.wrappers import Curriculum, CurriculumTasks, Mixture

FAMILIES = ["multiply", "rate", "gcd"]


def tasks(**options: Any) -> CurriculumTasks:
    return CurriculumTasks(MathEnv(families=FAMILIES, levels=[1, 2]).source, **options)


def heard(task: Task, solved: bool, times: int = 1) -> list[Episode]:
    episode = Episode(
        env_id="SML-Math-v0",
        task_id=task.id,
        split="train",
        opening=task.problem,
        turns=[],
        stop_reason=StopReason.SOLVED if solved else StopReason.TURN_LIMIT,
        reward=float(solved),
        seed=0,
        teacher="t",
        student="s",
        max_turns=4,
        family=task.family,
        level=task.level,
    )
    return [episode] * times


def drawn(source: CurriculumTasks, n: int, seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [source.sample(rng).id for _ in range(n)]


def of_cell(source: CurriculumTasks, family: str, level: int) -> Task:
    rng = np.random.default_rng(0)
    return next(t for t in iter(lambda: source.sample(rng), None) if (t.family, t.level) == (family, level))


def test_conformance() -> None:
    check_env(gym.make("SML-Curriculum-v0"))
    check_env(Curriculum(MathUnderspecifiedEnv(), max_turns=6))


def test_nothing_known_is_the_source_itself() -> None:
    counts = Counter(task_id.partition(":")[0] for task_id in drawn(tasks(), 900))
    assert all(abs(counts[family] - 300) < 60 for family in FAMILIES)


def test_cells_are_drawn_by_their_learnability() -> None:
    source = tasks(floor=0.1, memory=1000)
    always, never, half = (of_cell(source, family, level) for family, level in
                           (("multiply", 1), ("rate", 2), ("gcd", 1)))  # fmt: skip
    source.observe(heard(always, True, 200) + heard(never, False, 200))
    source.observe(
        [e for pair in zip(heard(half, True, 100), heard(half, False, 100), strict=True) for e in pair]
    )
    assert source.solve_rate(always) > 0.98
    assert source.solve_rate(never) < 0.02
    assert abs(source.solve_rate(half) - 0.5) < 0.03
    counts = Counter(tuple(task_id.split(":")[:2]) for task_id in drawn(source, 3000))
    # Four cells count in full, of which three were never tried; two at the floor.
    share = {cell: count / 3000 * 4.2 for cell, count in counts.items()}
    assert abs(share["multiply", "1"] - 0.1) < 0.05
    assert abs(share["rate", "2"] - 0.1) < 0.05
    for cell in (("gcd", "1"), ("gcd", "2"), ("multiply", "2"), ("rate", "1")):
        assert abs(share[cell] - 1) < 0.15


def test_what_was_learnt_long_ago_is_forgotten() -> None:
    source = tasks(memory=10)
    task = of_cell(source, "rate", 1)
    source.observe(heard(task, False, 50))
    before = source.solve_rate(task)
    source.observe(heard(task, True, 10))
    assert before < 0.1 < 0.6 < source.solve_rate(task) < 0.8
    other = replace(task, level=2)
    assert source.solve_rate(other) == 0.5


@given(
    results=st.lists(
        st.tuples(st.sampled_from(FAMILIES), st.sampled_from([1, 2]), st.booleans()), max_size=30
    ),
    seed=st.integers(0, 5),
)
@settings(deadline=None, max_examples=30)
def test_a_restored_source_draws_the_same_tasks(results: list[tuple[str, int, bool]], seed: int) -> None:
    source, again = tasks(), tasks()
    like = of_cell(source, "rate", 1)
    for family, level, solved in results:
        source.observe(heard(replace(like, family=family, level=level), solved))
    again.restore(json.loads(json.dumps(source.state())))
    assert drawn(source, 20, seed) == drawn(again, 20, seed)
    assert again.state() == source.state()


def test_tasks_without_a_family_have_a_rate_each(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(f'{{"problem": "What is {n} + 1?", "answer": "{n + 1}"}}\n' for n in range(4)))
    source = CurriculumTasks(MathEnv(tasks=file).source, floor=0.05, memory=1000)
    rows = [source.get(f"rows:{n}") for n in range(4)]
    source.observe(heard(rows[0], True, 300) + heard(rows[1], False, 300))
    counts = Counter(drawn(source, 1000))
    assert counts["rows:0"] < 60 > counts["rows:1"]
    assert counts["rows:2"] > 400 < counts["rows:3"]


def test_failed_dialogues_say_nothing() -> None:
    source = tasks()
    task = of_cell(source, "rate", 1)
    failed = replace(heard(task, False)[0], stop_reason=StopReason.TEACHER_FAILED, reward=None)
    source.observe([failed] * 9)
    assert source.solve_rate(task) == 0.5


def test_a_rollout_moves_it_when_all_its_dialogues_have_ended() -> None:
    options = {"env": "SML-Math-v0", "env_options": {"families": FAMILIES}}
    student = ScriptedStudent(["Final answer: -17"])
    told = []
    for batch_size in (3, 40):
        make = sml_gym.env_factory("SML-Curriculum-v0", **options)
        episodes = rollout(make, student, [Job(seed=i // 4) for i in range(40)], batch_size=batch_size)
        for group in range(10):  # though the first of a group may end before the last begins
            assert len({episode.task_id for episode in episodes[4 * group : 4 * group + 4]}) == 1
        source = make().source
        assert sum(n for _, _, n, _ in source.state()["curriculum"]) > 0
        told.append(source.state())
    assert told[0] == told[1]


def test_an_evaluation_moves_nothing() -> None:
    plan = Plan("SML-Curriculum-v0", ("real", "placebo"), n_tasks=8, max_turns=2)
    same = Plan("SML-Math-v0", n_tasks=8)
    assert [task.id for task in plan.tasks] == [task.id for task in same.tasks]
    evaluate(plan, make_student("retry", plan.env, plan.tasks))
    assert plan.env.source.state() == {"curriculum": []}


def test_decoys_do_not_depend_on_what_the_student_can_do() -> None:
    source = tasks()
    task = of_cell(source, "rate", 1)
    before = source.sample(np.random.default_rng(5), like=task)
    source.observe(heard(task, False, 99))
    assert source.sample(np.random.default_rng(5), like=task).id == before.id


def test_a_curriculum_in_a_mixture_and_around_one() -> None:
    inside = Mixture([(Curriculum("SML-Math-v0"), 1), (MathUnderspecifiedEnv(), 1)])
    around = Curriculum(Mixture({"SML-Math-v0": 1, "SML-Math-Underspecified-v0": 1}))
    student = ScriptedStudent(["Final answer: -17"])
    for env in (inside, around):
        check_env(env, n_tasks=2)
        copies = [env]
        rollout(copies.pop, student, [Job(seed=i) for i in range(6)], batch_size=1)
        state = env.source.state()
        assert state
        env.source.restore(json.loads(json.dumps(state)))
        assert env.source.state() == state
    (rows,) = (state["curriculum"] for state in inside.source.state().values())
    assert rows
    assert all("/" not in family for family, *_ in rows)
    assert all("/" in family for family, *_ in around.source.state()["curriculum"])


def test_pieces_keep_their_turns_under_a_curriculum() -> None:
    env = gym.make("SML-Curriculum-v0", env="SML-Math-Underspecified-v0", max_turns=8)
    goal, _ = env.reset(seed=0)
    env.step("hm")
    episode_notes = env.unwrapped._under_way().turns[0].notes  # type: ignore[attr-defined]
    assert "shard" in episode_notes
    assert goal


def test_from_the_command_line(tmp_path: Path) -> None:
    arguments = [
        "eval",
        "--env",
        "SML-Curriculum-v0",
        "--student",
        "retry",
        "--n-tasks",
        "4",
        "--max-turns",
        "2",
        "--teachers",
        "real",
    ]
    options = '{"env": "SML-Math-v0", "env_options": {"families": "rate"}, "floor": 0.2}'
    assert main([*arguments, "--out", str(tmp_path / "run"), "--env-options", options]) == 0


def test_what_has_no_sense_is_refused() -> None:
    for options, says in (
        ({"floor": 0}, "above 0"),
        ({"floor": 1.5}, "at most 1"),
        ({"memory": 0}, "at least 1"),
        ({"memory": 2.5}, "whole number"),
        ({"env_options": {"teacher": "silent"}}, "Set it for the curriculum"),
        ({"env_options": ["rate"]}, "give a mapping from option to value"),
        ({"env_options": {"famlies": "rate"}}, "no option 'famlies'"),
    ):
        with pytest.raises(ConfigError, match=says):
            Curriculum("SML-Math-v0", **options)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="Give these to it"):
        Curriculum(MathEnv(), env_options={"families": "rate"})
    with pytest.raises(ConfigError, match="one split"):
        Curriculum(MathEnv(split="test"))
    with pytest.raises(ConfigError, match="an id or an"):
        Curriculum(3)  # type: ignore[arg-type]
    for state in (
        {},
        {"curriculum": 3},
        {"curriculum": [["a", 1, 1.0]]},
        {"curriculum": [["a", 1, 1.0, 2.0]]},
    ):
        with pytest.raises(ConfigError, match="no state of a curriculum"):
            tasks().restore(state)
