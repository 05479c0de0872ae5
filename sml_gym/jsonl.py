"""Tasks from JSON Lines files: one object a line, a file a split."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sml_gym.errors import ConfigError
from sml_gym.fixed_tasks import FixedTasks
from sml_gym.seeding import Split
from sml_gym.shards import read_shards
from sml_gym.task import MAX_PROBLEM_CHARS, Private, Reference, Task

RowReader = Callable[[Mapping[str, Any]], "tuple[str, Reference]"]
"""Turns a row into (problem, reference). Raises `KeyError` or `ValueError` saying what is missing."""


class JsonlTasks(FixedTasks):
    """Tasks from a JSON Lines file, one object a line.

    A file is one split as a whole, whatever the split's name, unless `hold_out` is set: then its rows
    are split by the hash of their text, as generated tasks are. A row without an `id`
    gets `<file stem>:<row number from 0>`.

    Raises `ConfigError` with file, line and what is missing; nothing is half-loaded.
    """

    def __init__(
        self, path: str | Path, read_row: RowReader, split: str = "train", *, hold_out: bool = False
    ) -> None:
        self.path = Path(path)
        tasks = read_jsonl_tasks(self.path, read_row)
        super().__init__(tasks, split, hold_out=hold_out, name=str(self.path))


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
            if row.get("shards") is not None and reference.shards is None:
                reference = replace(reference, shards=read_shards(row["shards"]))
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
