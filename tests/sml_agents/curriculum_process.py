"""A training run with a curriculum: `python curriculum_process.py STUDENT OUT STEPS`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
from grpo_process import options
from toy_env import LengthEnv, _LengthFamily

from sml_agents.grpo import GRPOOptions, train
from sml_gym import GeneratedTasks, TaskSource


class _NamedFamily(_LengthFamily):
    levels: Sequence[int] = (1, 2)

    def __init__(self, name: str) -> None:
        self.name = name


class ManyLengthsEnv(LengthEnv):
    """The same in twelve cells, so that their solve rates differ by chance."""

    def tasks(self, split: str) -> TaskSource:
        return GeneratedTasks([_NamedFamily(f"length{number}") for number in range(6)], split)


MANY_ID = "SML-TestManyLengths-v0"
if MANY_ID not in gym.registry:
    gym.register(id=MANY_ID, entry_point=ManyLengthsEnv)


def with_curriculum(student: str, out: str | Path, steps: int, **more: Any) -> GRPOOptions:
    """A run of seconds in which the tasks of each step depend on what came before."""
    own = {"env": MANY_ID, "memory": 4}
    one_update = {"epochs": 1, "updates_per_epoch": 1}
    return options(student, out, steps, env_id="SML-Curriculum-v0", env_options=own, **one_update, **more)


if __name__ == "__main__":
    train(with_curriculum(sys.argv[1], sys.argv[2], int(sys.argv[3])), progress=False)
