"""Which tasks can teach a student to learn from feedback: unsolved at once, solved in the dialogue.

A task that the student solves at its first turn needs no feedback, and one that it never solves rewards none.
What lies between is measured with a given student and teacher: some dialogues about each task, held like
those of an evaluation, so that a filter that was stopped goes on, and its dialogues can be read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from sml_gym.episode import Episode
from sml_gym.errors import ConfigError
from sml_gym.evaluation import Plan, evaluate
from sml_gym.rollout import Job, Student
from sml_gym.runs import write_json
from sml_gym.seeding import stable_hash
from sml_gym.selection import SCHEMA, class_name
from sml_gym.task import Task
from sml_gym.teachers.base import describe
from sml_gym.version import versions

Fate = Literal["kept", "solved_at_once", "not_solved", "no_outcome"]
_PATHS = ("tasks", "rows", "path")  # options that may name a file, which another folder must find too
FATES: tuple[Fate, ...] = ("kept", "solved_at_once", "not_solved", "no_outcome")


@dataclass(frozen=True)
class FilterPlan(Plan):
    """Which dialogues a filter holds: `repeats` about each task, under the real teacher alone.

    Attributes:
        repeats: dialogues about each task, each with seeds of its own.
    """

    repeats: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.repeats < 1:
            raise ConfigError(f"repeats is {self.repeats}; a filter needs at least 1.")
        if tuple(self.teachers) != ("real",):
            raise ConfigError("A filter holds dialogues with one teacher. Name it as real.")
        _ = self.plain_options  # refused now, and not when all dialogues are held

    @property
    def plain_options(self) -> dict[str, Any]:
        """The environment's options as JSON, files by their whole path."""
        try:
            options: dict[str, Any] = json.loads(json.dumps(_absolute(self.env_options)))
        except (TypeError, ValueError) as exc:
            raise ConfigError(
                f"The options of {self.env_id} cannot be written to a file ({exc}). "
                "Give paths, names and numbers."
            ) from exc
        return options

    @property
    def jobs(self) -> list[Job]:
        """The dialogues of a plan again and again, task after task."""
        return [
            job
            if number == 0
            else replace(
                job,
                seed=stable_hash("repeated", job.seed, number),
                teacher_seed=stable_hash("repeated teacher", job.seed, number),
            )
            for job in super().jobs
            for number in range(self.repeats)
        ]

    @property
    def total(self) -> int:
        """How many dialogues that makes."""
        return self.n_tasks * self.repeats


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Which tasks are kept, by the shares of their dialogues (0 to 1).

    Attributes:
        most_at_once: solved at the first turn in at most this share.
        least_solved: solved in the end in at least this share.
    """

    most_at_once: float = 0.25
    least_solved: float = 0.5

    def __post_init__(self) -> None:
        for name in ("most_at_once", "least_solved"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} is {getattr(self, name)}; it must lie between 0 and 1.")


@dataclass(frozen=True, slots=True)
class MeasuredTask:
    """What the dialogues about a task came to.

    Attributes:
        task: the task.
        at_once: the share of the valid dialogues that solved it at the first turn, None if none is valid.
        solved: the share that solved it at all.
        valid: how many dialogues are valid.
        failed: how many broke off; they count in no share.
    """

    task: Task
    at_once: float | None
    solved: float | None
    valid: int
    failed: int

    def fate(self, thresholds: Thresholds) -> Fate:
        """Whether it is kept, or why not."""
        if self.at_once is None or self.solved is None:
            return "no_outcome"
        if self.at_once > thresholds.most_at_once:
            return "solved_at_once"
        return "kept" if self.solved >= thresholds.least_solved else "not_solved"


@dataclass(frozen=True)
class Filtered:
    """All tasks as they were measured, in the order of the plan."""

    plan: FilterPlan
    student: str
    thresholds: Thresholds
    tasks: tuple[MeasuredTask, ...]
    episodes: tuple[Episode, ...]

    @property
    def kept(self) -> list[Task]:
        """The tasks that are kept."""
        return [found.task for found in self.tasks if found.fate(self.thresholds) == "kept"]

    def counts(self, family: str | None = None) -> dict[str, int]:
        """How many tasks of a family (None: of all) have which fate.

        Beside `FATES`: `tasks` in all, `always_at_once`, solved at the first turn of every
        dialogue, and `never`, solved in none.
        """
        chosen = [found for found in self.tasks if family in (None, found.task.family)]
        fates = [found.fate(self.thresholds) for found in chosen]
        return {
            "tasks": len(chosen),
            **{fate: fates.count(fate) for fate in FATES},
            "always_at_once": sum(found.at_once == 1 for found in chosen),
            "never": sum(found.solved == 0 for found in chosen),
        }

    def summary(self) -> dict[str, Any]:
        """Counts in all and by family, and by what they were measured, as JSON."""
        families = sorted({found.task.family for found in self.tasks})
        return {
            **self._measured(),
            "counts": self.counts(),
            "families": {family: self.counts(family) for family in families} if len(families) > 1 else {},
        }

    def write(self, path: str | Path) -> None:
        """Write the tasks that are kept to a file for the option `tasks` (see `sml_gym.selection`).

        Raises `ConfigError` for options of the environment that are no plain data.
        """
        last = f"solve_at_{self.plan.max_turns}"
        rows = [
            {"id": found.task.id, "solve_at_1": found.at_once, last: found.solved, "dialogues": found.valid}
            for found in self.tasks
            if found.fate(self.thresholds) == "kept"
        ]
        selection = {
            "schema": SCHEMA,
            "env_id": self.plan.env_id,
            "env_class": class_name(type(self.plan.env)),
            "env_options": self.plan.plain_options,
            "split": self.plan.split,
            "measured": {**self._measured(), "counts": self.counts()},
            "tasks": rows,
        }
        write_json(Path(path), selection)

    def _measured(self) -> dict[str, Any]:
        plan, teacher = self.plan, self.plan.teacher("real")
        return {
            "env_id": plan.env_id,
            "student": self.student,
            "teacher": teacher.name,
            "teacher_record": describe(teacher),
            "split": plan.split,
            "seed": plan.seed,
            "n_tasks": plan.n_tasks,
            "repeats": plan.repeats,
            "max_turns": plan.max_turns,
            "most_at_once": self.thresholds.most_at_once,
            "least_solved": self.thresholds.least_solved,
            "versions": versions(),
        }


def filter_tasks(
    plan: FilterPlan,
    student: Student,
    thresholds: Thresholds | None = None,
    *,
    folder: Path | None = None,
    batch_size: int = 128,
    on_episode: Callable[[Episode], object] | None = None,
) -> Filtered:
    """Hold a plan's dialogues and say of each task whether it is kept.

    Args:
        plan: what to hold.
        student: who speaks.
        thresholds: which tasks to keep.
        folder: episodes go to `folder/real.jsonl` as they come; what is there already is not held again,
            failed dialogues aside.
        batch_size: dialogues held at the same time.
        on_episode: called with each episode, for progress bars.

    Raises:
        BudgetSpent: when a budget for model calls is used up.
        ConfigError: for options that do not fit.
    """
    held = evaluate(plan, student, folder=folder, batch_size=batch_size, on_episode=on_episode)["real"]
    by_task: dict[str, list[Episode]] = {}
    for episode in held:
        by_task.setdefault(episode.task_id, []).append(episode)
    measured = tuple(_measure(task, by_task[task.id]) for task in plan.tasks)
    return Filtered(plan, student.name, thresholds or Thresholds(), measured, tuple(held))


def filter_table_rows(summary: Mapping[str, Any]) -> list[tuple[str, Mapping[str, int]]]:
    """A summary's counts by family, those of all tasks last."""
    return [*sorted(summary["families"].items()), ("all", summary["counts"])]


def _absolute(value: Any, may_be_path: bool = False) -> Any:
    """Options with their paths as they are found from every folder, also those of environments inside."""
    if isinstance(value, Mapping):
        return {key: _absolute(item, may_be_path or key in _PATHS) for key, item in value.items()}
    if may_be_path and isinstance(value, (str, Path)) and os.path.exists(value):
        return str(Path(value).resolve())
    return value


def _measure(task: Task, episodes: Sequence[Episode]) -> MeasuredTask:
    valid = [episode for episode in episodes if episode.valid]
    n = len(valid)
    at_once = sum(episode.solved_at == 1 for episode in valid) / n if n else None
    solved = sum(episode.solved_at is not None for episode in valid) / n if n else None
    return MeasuredTask(task, at_once, solved, n, len(episodes) - n)
