"""Tasks from JSON Lines files: one object a line, a file a split."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sml_gym.errors import ConfigError
from sml_gym.seeding import Split, check_split, split_of, stable_hash
from sml_gym.task import MAX_PROBLEM_CHARS, Private, Reference, Task, TaskSource

RowReader = Callable[[Mapping[str, Any]], "tuple[str, Reference]"]
"""Turns a row into (problem, reference). Raises `KeyError` or `ValueError` saying what is missing."""


class JsonlTasks(TaskSource):
    """Tasks from a JSON Lines file, one object a line.

    A file is one split as a whole, whatever the split's name, unless `hold_out` is set: then its rows
    are split by the hash of their text, as generated tasks are. A row without an `id`
    gets `<file stem>:<row number from 0>`.

    Raises `ConfigError` with file, line and what is missing; nothing is half-loaded.
    """

    def __init__(
        self, path: str | Path, read_row: RowReader, split: str = "train", *, hold_out: bool = False
    ) -> None:
        self.split = check_split(split)
        self.path = Path(path)
        self.hold_out = hold_out
        self._tasks = {
            task.id: task
            for task in read_jsonl_tasks(self.path, read_row)
            if not hold_out or split_of(task.problem) == self.split
        }
        self._ids = list(self._tasks)
        if not self._ids:
            raise ConfigError(f"{self.path} holds no task for split {split!r}. Add rows to it.")

    def get(self, task_id: str) -> Task:
        try:
            return self._tasks[task_id]
        except KeyError:
            raise ConfigError(
                f"{self.path} has no task {task_id!r} in split {self.split!r}. "
                f"It has {len(self._ids)} tasks, such as {self._ids[0]!r}."
            ) from None

    def sample(self, rng: np.random.Generator, *, like: Task | None = None) -> Task:
        return self._tasks[self._ids[int(rng.integers(len(self._ids)))]]

    def take(self, n: int, seed: int = 0) -> list[Task]:
        distinct = list({task.problem: task for task in self._tasks.values()}.values())
        if n > len(distinct):
            raise ConfigError(
                f"{self.path} has {len(distinct)} distinct tasks in split {self.split!r}, "
                f"fewer than the {n} asked for. Ask for at most {len(distinct)}."
            )
        order = np.random.default_rng(stable_hash("take", seed)).permutation(len(distinct))
        return [distinct[i] for i in order[:n]]

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Task]:
        return iter(self._tasks.values())


def read_jsonl_tasks(path: Path, read_row: RowReader) -> list[Task]:
    """All tasks of a JSONL file. Raises `ConfigError` naming file and line."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as exc:
        raise ConfigError(f"Cannot read {path}: {exc.strerror}. Check the path.") from exc
    tasks: dict[str, Task] = {}
    row_number = 0
    for line_number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}, line {line_number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as exc:
            raise ConfigError(f"{where}: not valid JSON ({exc}). Mend or remove this line.") from exc
        if not isinstance(row, dict):
            raise ConfigError(f"{where}: expected an object, got {type(row).__name__}. Mend this line.")
        try:
            problem, reference = read_row(row)
        except KeyError as exc:
            raise ConfigError(
                f"{where}: the field {exc} is missing (the row has {sorted(row)}). Add it."
            ) from exc
        except ValueError as exc:
            raise ConfigError(f"{where}: {exc}. Mend this row.") from exc
        if len(problem) > MAX_PROBLEM_CHARS:
            raise ConfigError(
                f"{where}: the problem has {len(problem)} characters, more than {MAX_PROBLEM_CHARS}. "
                "Shorten it."
            )
        task_id = f"{path.stem}:{row_number}" if row.get("id") is None else str(row["id"])
        if task_id in tasks:
            raise ConfigError(f"{where}: the id {task_id!r} was used before. Make ids unique.")
        tasks[task_id] = Task(task_id, problem, Private(reference))
        row_number += 1
    return list(tasks.values())


def text_field(row: Mapping[str, Any], name: str) -> str:
    """A non-empty text field of a row. Raises `KeyError` if missing, `ValueError` if not text."""
    value = row[name]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return str(value)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"the field {name!r} should be non-empty text, got {value!r:.60}")
    return value


_LOADED: dict[tuple[type, Path, int, Split, bool], JsonlTasks] = {}
_MAX_LOADED = 32


def open_jsonl(
    owner: type, path: Path, read_row: RowReader, split: Split, *, hold_out: bool = False
) -> JsonlTasks:
    """The tasks of a file, loaded once for all environments of a class until the file changes.

    Raises `ConfigError` as `JsonlTasks` does.
    """
    try:
        stamp = path.stat().st_mtime_ns
    except OSError as exc:
        raise ConfigError(f"Cannot read {path}: {exc.strerror}. Check the path.") from exc
    except ValueError as exc:
        raise ConfigError(f"Cannot read {str(path)!r}: {exc}. Check the path.") from exc
    key = (owner, path, stamp, split, hold_out)
    if key not in _LOADED:
        while len(_LOADED) >= _MAX_LOADED:
            _LOADED.pop(next(iter(_LOADED)))
        _LOADED[key] = JsonlTasks(path, read_row, split, hold_out=hold_out)
    return _LOADED[key]
