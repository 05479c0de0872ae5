"""Tasks from rows: the one way in which the rows of a file or of a program become tasks."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from numbers import Real
from pathlib import Path
from typing import Any

from sml_gym.errors import ConfigError
from sml_gym.fixed_tasks import FixedTasks
from sml_gym.row_files import Row, read_rows, stem_of
from sml_gym.seeding import Split
from sml_gym.shards import read_shards
from sml_gym.task import MAX_PROBLEM_CHARS, Private, Reference, Task

RowReader = Callable[[Mapping[str, Any]], "tuple[str, Reference]"]
"""Turns a row into (problem, reference). Raises `KeyError` or `ValueError` saying what is missing."""


class RowTasks(FixedTasks):
    """Tasks from rows: those of a file (`sml_gym.row_files` says which kinds), or mappings.

    The rows are one split as a whole, whatever the split's name, unless `hold_out` is set: then they
    are split by the hash of their text, as generated tasks are. A row without an `id` gets
    `<file stem>:<row number from 0>`, or `row:<number>` where there is no file.

    Raises `ConfigError` with the row's place and what is missing; nothing is half-loaded.
    """

    def __init__(
        self,
        rows: str | Path | Iterable[Mapping[str, Any]],
        read_row: RowReader,
        split: str = "train",
        *,
        hold_out: bool = False,
    ) -> None:
        if isinstance(rows, (str, Path)):
            path = Path(rows)
            name, stem, found = str(path), stem_of(path), read_rows(path)
        else:
            name, stem, found = "The list of rows", "row", numbered(rows)
        tasks = (read_task(row, read_row, stem) for row in found)
        super().__init__(refuse_repeated(tasks), split, hold_out=hold_out, name=name)


def numbered(rows: Iterable[Any], name: str = "") -> Iterator[Row]:
    """Rows of a program, with their numbers."""
    for number, values in enumerate(rows):
        yield Row(number, f"{name}, row {number}" if name else f"row {number}", values)


def read_task(row: Row, read_row: RowReader, stem: str) -> tuple[Row, Task]:
    """The task of a row. Raises `ConfigError` naming the row and the remedy."""
    with row_errors(row):
        problem, reference = read_row(row.values)
        reference = with_shards(reference, row.values)
    given = row.values.get("id")
    task_id = f"{stem}:{row.number}" if given is None else str(given)
    return row, Task(task_id, of_fitting_length(row, problem), Private(reference))


def with_shards(reference: Reference, row: Mapping[str, Any], added: str = "") -> Reference:
    """A reference with the shards of the row's field `shards`, if there is one.

    `added` is what the problem holds beyond the row's own text, such as lettered choices; the goal brings it.
    Raises `ValueError` for a field that holds no shards.
    """
    if row.get("shards") is None or reference.shards is not None:
        return reference
    shards = read_shards(row["shards"])
    return replace(reference, shards=replace(shards, goal=shards.goal + added))


def refuse_repeated(tasks: Iterable[tuple[Row, Task]]) -> Iterator[Task]:
    """The tasks. Raises `ConfigError` with the row of a second task with the same id."""
    seen: dict[str, str] = {}
    for row, task in tasks:
        if task.id in seen:
            raise ConfigError(
                f"{row.where}: the id {task.id!r} was used before, at {seen[task.id]}. Make ids unique."
            )
        seen[task.id] = row.where
        yield task


@contextlib.contextmanager
def row_errors(row: Row) -> Iterator[None]:
    """What is wrong with a row, as a `ConfigError` that names its place and the remedy."""
    if row.flaw:
        raise ConfigError(f"{row.where}: {row.flaw}")
    try:
        yield
    except KeyError as exc:
        raise ConfigError(
            f"{row.where}: the field {exc} is missing (the row has {sorted(map(str, row.values))}). "
            "Add it, or name the field that holds it."
        ) from exc
    except ConfigError:
        raise
    except ValueError as exc:
        raise ConfigError(f"{row.where}: {exc}. Mend this row.") from exc


def of_fitting_length(row: Row, problem: str) -> str:
    """The problem. Raises `ConfigError` for one that is longer than a task's may be."""
    if len(problem) > MAX_PROBLEM_CHARS:
        raise ConfigError(
            f"{row.where}: the problem has {len(problem)} characters, more than {MAX_PROBLEM_CHARS}. "
            "Shorten it."
        )
    return problem


def text_field(row: Mapping[str, Any], name: str) -> str:
    """A non-empty text field of a row. Raises `KeyError` if missing, `ValueError` if not text."""
    return text_value(row[name], name)


def text_value(value: Any, name: str) -> str:
    """A field's value as non-empty text; finite numbers are written out. Raises `ValueError` for others."""
    if isinstance(value, (Real, Decimal)) and not isinstance(value, bool) and math.isfinite(value):
        return str(value)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"the field {name!r} should be non-empty text, got {value!r:.60}")
    return value


_LOADED: dict[tuple[type, Path, int, Split, bool], RowTasks] = {}
_MAX_LOADED = 32


def open_rows(
    owner: type, path: Path, read_row: RowReader, split: Split, *, hold_out: bool = False
) -> RowTasks:
    """The tasks of a file, loaded once for all environments of a class until the file changes.

    Raises `ConfigError` as `RowTasks` does.
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
        _LOADED[key] = RowTasks(path, read_row, split, hold_out=hold_out)
    return _LOADED[key]
