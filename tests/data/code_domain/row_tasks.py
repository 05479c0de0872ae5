"""Tasks from rows that are already in memory, for both small domains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from sml_gym import ConfigError, Private, Reference, Task, TaskSource
from sml_gym.seeding import check_split

TASK_FIELDS = ("problem", "answer", "solution", "tests")
"""What a row says of its task. Whatever else it holds is not for the domain to read."""


class RowTasks(TaskSource):
    """Rows as tasks, all of them in one split. Rows with the same id are the same task.

    Args:
        rows: mappings with an `id` and the fields that `read_row` reads.
        read_row: a domain's `read_row`, such as `CodeEnv.read_row`.
        split: the name of the split that they are served as.
        key: the field that names the task, `"task"` in the labelled set, where many rows share one.
    """

    def __init__(
        self,
        rows: Iterable[Mapping[str, Any]],
        read_row: Callable[[Mapping[str, Any]], tuple[str, Reference]],
        split: str = "train",
        key: str = "id",
    ) -> None:
        self.split = check_split(split)
        self._tasks: dict[str, Task] = {}
        for row in rows:
            name = str(row[key])
            if name not in self._tasks:
                problem, reference = read_row({field: row[field] for field in TASK_FIELDS if field in row})
                self._tasks[name] = Task(name, problem, Private(reference))
        if not self._tasks:
            raise ConfigError("There are no rows. Give at least one.")

    def get(self, task_id: str) -> Task:
        if task_id not in self._tasks:
            raise ConfigError(f"There is no task {task_id!r}. Choose one of {sorted(self._tasks)[:5]}.")
        return self._tasks[task_id]

    def sample(self, rng: np.random.Generator, *, like: Task | None = None) -> Task:
        return list(self._tasks.values())[int(rng.integers(len(self._tasks)))]

    def take(self, n: int, seed: int = 0) -> list[Task]:
        distinct = list({task.problem: task for task in self._tasks.values()}.values())
        if n > len(distinct):
            raise ConfigError(f"There are {len(distinct)} tasks, not {n}. Ask for fewer.")
        return [distinct[i] for i in np.random.default_rng(seed).permutation(len(distinct))[:n]]
