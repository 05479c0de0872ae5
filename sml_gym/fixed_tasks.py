"""Tasks that are all there from the start: rows of a file, a published set, a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from sml_gym.errors import ConfigError
from sml_gym.seeding import check_split, split_of, stable_hash
from sml_gym.task import Task, TaskSource


class FixedTasks(TaskSource):
    """A finite set of tasks in memory.

    The set is one split as a whole, whatever the split's name, unless `hold_out` is set: then its tasks
    are split by the hash of their text, as generated tasks are.

    Args:
        tasks: the tasks; their ids must be distinct.
        split: the split that is served.
        hold_out: split by hash instead of serving all.
        name: what messages call the set.

    Raises:
        ConfigError: no task is left for the split, or two tasks have the same id.
    """

    def __init__(
        self, tasks: Iterable[Task], split: str = "train", *, hold_out: bool = False, name: str = "The set"
    ) -> None:
        self.split = check_split(split)
        self.hold_out = hold_out
        self.name = name
        self._tasks: dict[str, Task] = {}
        seen: set[str] = set()
        for task in tasks:
            if task.id in seen:
                raise ConfigError(f"{name}: the id {task.id!r} was used before. Make ids unique.")
            seen.add(task.id)
            if not hold_out or split_of(task.problem) == self.split:
                self._tasks[task.id] = task
        self._ids = list(self._tasks)
        self._by_kind: dict[tuple[str, int], list[str]] = {}
        for task in self._tasks.values():
            self._by_kind.setdefault((task.family, task.level), []).append(task.id)
        if not self._ids:
            raise ConfigError(f"{name} holds no task for split {split!r}. Add rows to it.")

    def get(self, task_id: str) -> Task:
        try:
            return self._tasks[task_id]
        except KeyError:
            raise ConfigError(
                f"{self.name} has no task {task_id!r} in split {self.split!r}. "
                f"It has {len(self._ids)} tasks, such as {self._ids[0]!r}."
            ) from None

    def sample(self, rng: np.random.Generator, *, like: Task | None = None) -> Task:
        ids = self._ids if like is None else self._by_kind.get((like.family, like.level), self._ids)
        return self._tasks[ids[int(rng.integers(len(ids)))]]

    def take(self, n: int, seed: int = 0) -> list[Task]:
        distinct = list({task.problem: task for task in self._tasks.values()}.values())
        if n > len(distinct):
            raise ConfigError(
                f"{self.name} has {len(distinct)} distinct tasks in split {self.split!r}, "
                f"fewer than the {n} asked for. Ask for at most {len(distinct)}."
            )
        order = np.random.default_rng(stable_hash("take", seed)).permutation(len(distinct))
        return [distinct[i] for i in order[:n]]

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Task]:
        return iter(self._tasks.values())
