"""Tasks that follow what the student can do: mostly those that it sometimes solves, and sometimes not.

Where all dialogues about a task succeed, or all fail, a group has no advantages and nothing is learnt. So a
task is drawn the likelier the nearer its kind's solve rate p is to one half: in proportion to the variance
p(1 - p) of the outcome, its *learnability* (sampling for learnability, Rutherford et al., arXiv 2408.15099;
for language models Foster et al., arXiv 2502.12272).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np

from sml_gym.env import SMLEnv
from sml_gym.errors import ConfigError
from sml_gym.options import checked_options
from sml_gym.registration import env_class
from sml_gym.seeding import check_split
from sml_gym.selection import SelectedTasks, is_selection, read_selection
from sml_gym.task import Task, TaskSource
from sml_gym.teachers.base import Teacher
from sml_gym.wrappers.relaying import RelayingEnv

if TYPE_CHECKING:
    from sml_gym.episode import Episode

_MOST_DRAWS = 1_000
_MOST_CELLS = 100_000
"""Cells beyond so many are forgotten, those heard of longest ago first: a stream of tasks has no end."""

Cell = tuple[str, int]


class Curriculum(RelayingEnv):
    """Another environment's tasks, those the likelier that the student solves now and then.

        Curriculum("SML-Math-v0", env_options={"levels": [1, 2, 3]})
        Curriculum(gym.make("SML-Code-v0"), floor=0.05)

    Description:
        Dialogues go as in that environment. Which tasks they are about follows the student's solve rate.

    Task:
        Those of the environment, drawn by `CurriculumTasks`. What moves it are the dialogues of
        `sml_gym.rollout` about tasks that it drew; an evaluation, which asks for tasks by their ids, moves
        nothing. A loop of one's own tells it with `env.unwrapped.source.observe([episode])`. A training run
        saves it with its checkpoints, and several processes hear of the dialogues of all.

    What the student may say:
        What it may say in the environment.

    What the teacher knows and can say:
        What it knows there.

    Rewards:
        Those of the environment.

    How it ends:
        As in the environment, after `max_turns` (4) student utterances at the latest.

    Options:
        env: an id or an environment, whose own teacher and turn limit are not used.
        env_options: for an id, its further options.
        floor, memory: see `CurriculumTasks`.
        tasks, hold_out: for an id, as in its own options; or a file that `sml-gym filter` made of a
            curriculum, which says the environment too.
        split: the split, where `env` is an id.
        teacher, max_turns, render_mode: as in `sml_gym.SMLEnv`.

    Ids:
        `SML-Curriculum-v0`. Tasks keep their ids.

    Source and licence:
        Those of the environment.

    Yardsticks:
        Those of the environment: tasks for an evaluation are taken from it as they are.

    Raises:
        ConfigError: for an environment or an option that does not exist or has no sense.
    """

    def __init__(
        self,
        env: str | gym.Env[Any, Any] = "SML-Math-v0",
        *,
        env_options: Mapping[str, Any] | None = None,
        floor: float = 0.1,
        memory: int = 32,
        teacher: str | Teacher = "scripted",
        max_turns: int = 4,
        split: str = "train",
        tasks: TaskSource | str | Path | Mapping[str, str | Path] | None = None,
        hold_out: bool = False,
        render_mode: str | None = None,
    ) -> None:
        chosen: list[Task] | None = None
        if isinstance(env, str) and is_selection(tasks):
            selection = read_selection(tasks)
            if selection.made_for(type(self)):
                chosen, name = list(selection.open(type(self), split, max_turns)), str(tasks)
                env, env_options = (
                    selection.env_options.get("env", env),
                    selection.env_options.get("env_options"),
                )
                tasks, hold_out = (
                    selection.env_options.get("tasks"),
                    selection.env_options.get("hold_out", False),
                )
        made_before = isinstance(tasks, CurriculumTasks)
        source = tasks.source if isinstance(tasks, CurriculumTasks) else tasks
        if isinstance(env, str):
            inner = self._made(env, checked_options(env_options), source, hold_out, split, max_turns)
        elif env_options or not (tasks is None or made_before) or hold_out:
            raise ConfigError("Curriculum was given an environment and options for one. Give these to it.")
        else:
            inner = _checked(env, split)
        followed = tasks if isinstance(tasks, CurriculumTasks) else None
        own = inner.source if chosen is None else SelectedTasks(chosen, inner.source, split, name=name)
        super().__init__(
            {"env": inner},
            teacher=teacher,
            max_turns=max_turns,
            split=split,
            tasks=followed or CurriculumTasks(own, floor=floor, memory=memory),
            render_mode=render_mode,
        )

    def env_of(self, task: Task) -> SMLEnv:
        return self.envs["env"]

    @staticmethod
    def _made(
        env_id: str,
        options: dict[str, Any],
        tasks: TaskSource | str | Path | Mapping[str, str | Path] | None,
        hold_out: bool,
        split: str,
        max_turns: int,
    ) -> SMLEnv:
        for name in ("teacher", "max_turns", "split", "render_mode"):
            if name in options:
                raise ConfigError(f"{name} of {env_id} cannot be set by itself. Set it for the curriculum.")
        if isinstance(tasks, TaskSource):
            options.pop("hold_out", None)
        elif hold_out:
            options["hold_out"] = True
        if tasks is not None:
            options["tasks"] = tasks
        return env_class(env_id)(**options, split=check_split(split), max_turns=max_turns)


class CurriculumTasks(TaskSource):
    """The tasks of another source, drawn by how often the student solves their kind.

    A cell is a family and level, or for a task without family the task itself. Its solve rate p is that of
    the dialogues heard of, each weighing `1 - 1/memory` of the next, with one success and one failure more
    (Laplace's rule), so that a cell of which nothing is known counts as half solved and is tried. A task is
    drawn from the source and kept with probability max(floor, 4 p (1 - p)), else drawn again: it has its own
    frequency in the source times that.

    What is drawn depends on the generator and on what was heard alone. Results are heard when a whole batch
    of dialogues has ended, so the dialogues of a batch that share a seed share their task.

    Args:
        source: the tasks.
        floor: how often, beside a cell that is solved half the time, to draw one that is always or never
            solved (above 0, at most 1; 1 is no curriculum).
        memory: on about how many of the latest results of its cell a solve rate rests (dialogues).

    Raises:
        ConfigError: for a floor or memory that has no sense.
    """

    def __init__(self, source: TaskSource, *, floor: float = 0.1, memory: int = 32) -> None:
        if not _is_number(floor) or not 0 < floor <= 1:
            raise ConfigError(f"floor is {floor!r}; give a number above 0 and at most 1.")
        if not isinstance(memory, int) or isinstance(memory, bool) or memory < 1:
            raise ConfigError(f"memory is {memory!r}; give a whole number of at least 1.")
        self.split = source.split
        self.source = source
        self._floor = floor
        self._kept = 1 - 1 / memory
        self._heard: dict[Cell, tuple[float, float]] = {}  # weights of results and of successes, latest last

    def get(self, task_id: str) -> Task:
        return self.source.get(task_id)

    def sample(self, rng: np.random.Generator, *, like: Task | None = None) -> Task:
        """A random task; with `like`, one of its kind, whatever its solve rate."""
        if like is not None:
            return self.source.sample(rng, like=like)
        for _ in range(_MOST_DRAWS):
            task = self.source.sample(rng)
            if rng.random() < max(self._floor, 4 * self.learnability(task)):
                break
        return task

    def take(self, n: int, seed: int = 0) -> list[Task]:
        """As from the source itself: what a student is judged by does not depend on what it can do."""
        return self.source.take(n, seed)

    def solve_rate(self, task: Task) -> float:
        """The solve rate of the task's cell, 0.5 where nothing is known."""
        results, solved = self._heard.get(_cell(task.family, task.level, task.id), (0.0, 0.0))
        return (solved + 1) / (results + 2)

    def learnability(self, task: Task) -> float:
        """p(1 - p) for the solve rate p of the task's cell, at most 1/4."""
        rate = self.solve_rate(task)
        return rate * (1 - rate)

    def observe(self, episodes: Sequence[Episode]) -> None:
        for episode in episodes:
            if episode.valid:
                cell = _cell(episode.family, episode.level, episode.task_id)
                results, solved = self._heard.pop(cell, (0.0, 0.0))
                now = float(episode.reward == 1.0)
                self._heard[cell] = (results * self._kept + 1, solved * self._kept + now)
        while len(self._heard) > _MOST_CELLS:
            del self._heard[next(iter(self._heard))]
        self.source.observe(episodes)

    def state(self) -> dict[str, Any]:
        """What was heard of each cell, as rows of family, level, results and successes."""
        rows = [[family, level, *counts] for (family, level), counts in self._heard.items()]
        inner = self.source.state()
        return {"curriculum": rows, **({"source": inner} if inner else {})}

    def restore(self, state: Mapping[str, Any]) -> None:
        try:
            rows = [(str(f), int(level), float(n), float(s)) for f, level, n, s in state["curriculum"]]
            sound = all(0 <= s <= n and math.isfinite(n) for _, _, n, s in rows)
        except (KeyError, TypeError, ValueError):
            sound = False
        if not sound:
            raise ConfigError(
                "This is no state of a curriculum. Restore it from the checkpoint of a run with a curriculum."
            )
        self._heard = {(family, level): (n, s) for family, level, n, s in rows}
        self.source.restore(state.get("source", {}))


def _cell(family: str, level: int, task_id: str) -> Cell:
    """What shares a solve rate: a family's level, or a task that belongs to no family."""
    return (family, level) if family else (f"#{task_id}", 0)


def _checked(env: gym.Env[Any, Any], split: str) -> SMLEnv:
    inner = env.unwrapped if isinstance(env, gym.Env) else env
    if not isinstance(inner, SMLEnv):
        raise ConfigError(f"A curriculum needs an id or an sml_gym.SMLEnv, not {type(inner).__name__}.")
    if inner.split != split:
        raise ConfigError(
            f"The environment has tasks of the {inner.split} split, and the curriculum's is {split!r}. "
            "Make both with one split."
        )
    return inner


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
