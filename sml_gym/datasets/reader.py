"""Rows of any data set as tasks: the columns that make a task, its id, and a verifier that accepts its
answer.
"""

from __future__ import annotations

import hashlib
import math
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sml_gym.datasets.columns import ABSENT, Column, value_of
from sml_gym.datasets.verifiers import Borrowed, Fields, Verifier
from sml_gym.errors import ConfigError, RolloutError
from sml_gym.row_files import Row
from sml_gym.row_tasks import of_fitting_length, row_errors, text_value, with_shards
from sml_gym.task import Private, Reference, Task

ROW_NUMBER = "@row"
"""As `id`: the row's number, also where the row has an `id`."""
CONTENT = "@hash"
"""As `id`: a hash of the problem and the answer, the same in whatever file and order the row stands."""


@dataclass(frozen=True)
class Columns:
    """Which column is what. None: the column of that very name, if there is one."""

    problem: Column | None = None
    answer: Column | None = None
    solution: Column | None = None
    choices: Column | tuple[str, ...] | None = None
    id: Column | None = None
    family: Column | None = None
    level: Column | None = None

    def __post_init__(self) -> None:
        for name, column in vars(self).items():
            several = name == "choices" and isinstance(column, tuple)
            for one in column if several else (column,):
                if not (one is None or isinstance(one, str) or callable(one)):
                    raise ConfigError(
                        f"{name} is {one!r:.80}; give a column's name, or a function of the row."
                    )


class TaskReader:
    """Makes tasks of rows.

    Args:
        columns: which column is what.
        verifier: how answers are judged.
        stem: the first part of the ids of rows without one.
        whole: rows are handed to the verifier's domain as they are.
    """

    def __init__(self, columns: Columns, verifier: Verifier, stem: str, *, whole: bool = False) -> None:
        self._columns = columns
        self.verifier = verifier
        self._stem = stem
        self._whole = whole

    def task(self, row: Row) -> Task:
        """The task of a row.

        Raises:
            ConfigError: the row has no such column, or an answer that its verifier does not accept.
        """
        with row_errors(row):
            problem, reference, key = self._composed(row.values)
            family = self._optional(row.values, self._columns.family)
            task = Task(
                self._id(row, key),
                of_fitting_length(row, problem),
                Private(reference),
                family="" if family is None else _name(family),
                level=_level(self._optional(row.values, self._columns.level)),
            )
            if self.verifier.checked:
                _expect_accepted(self.verifier, task)
        return task

    def parts(self, values: Mapping[str, Any]) -> tuple[str, Reference]:
        """The problem and the reference of a row. Raises `KeyError` or `ValueError`."""
        problem, reference, _ = self._composed(values)
        return problem, reference

    def tasks(self, rows: Iterable[Row], *, skip_bad: bool = False) -> Iterator[tuple[Row, Task]]:
        """The tasks of rows; those of bad rows are refused, or left out with one warning at the end."""
        left_out: list[str] = []
        for row in rows:
            try:
                task = self.task(row)
            except ConfigError as exc:
                if not skip_bad:
                    raise
                left_out.append(str(exc))
                continue
            yield row, task
        if left_out:
            warnings.warn(f"{len(left_out)} bad rows were left out. The first: {left_out[0]}", stacklevel=2)

    def _composed(self, values: Mapping[str, Any]) -> tuple[str, Reference, str]:
        columns = self._columns
        if self._whole:
            assert isinstance(self.verifier, Borrowed)
            problem, reference = self.verifier.read_row(values)
            return problem, with_shards(reference, values), f"{problem}\x1f{reference.answer}"
        problem = text_value(
            value_of(values, "problem" if columns.problem is None else columns.problem), "problem"
        )
        answer = self._optional(values, columns.answer, "answer")
        solution = self._optional(values, columns.solution, "solution")
        key = f"{problem}\x1f{answer!r}"
        fields = Fields(
            problem,
            answer,
            "" if solution is None else str(solution),
            self._choices(values) if self.verifier.wants_choices else None,
            key,
            values,
        )
        composed, reference = self.verifier.compose(fields)
        own = problem.rstrip()
        added = composed[len(own) :] if composed.startswith(own) and composed != problem else ""
        return composed, with_shards(reference, values, added), key

    def _choices(self, values: Mapping[str, Any]) -> Any:
        column = self._columns.choices
        if isinstance(column, tuple):  # a column for each
            return {name: value_of(values, name) for name in column}
        return value_of(values, "choices" if column is None else column)

    def _optional(self, values: Mapping[str, Any], column: Column | None, default: str = "") -> Any:
        """What a column holds; None where none was named and the default one is not there."""
        if column is not None:
            return value_of(values, column)
        found = value_of(values, default, default=ABSENT) if default else ABSENT
        return None if found is ABSENT else found

    def _id(self, row: Row, key: str) -> str:
        column = self._columns.id
        if column == CONTENT:
            return (
                f"{self._stem}:{hashlib.blake2b(key.encode('utf-8', 'replace'), digest_size=8).hexdigest()}"
            )
        given = None
        if column != ROW_NUMBER:
            given = self._optional(row.values, column, "id")
        return f"{self._stem}:{row.number}" if given is None else str(given)


def _expect_accepted(verifier: Verifier, task: Task) -> None:
    """Raise `ValueError` if a row's own answer, said as an answer is said, is not found right."""
    hooks = verifier.hooks
    try:
        probe = hooks.probes(task).correct
        verdict = hooks.examine(task, probe).verdict
    except RolloutError as exc:
        raise ValueError(f"the verifier {verifier.name!r} fails on the row's own answer: {exc}") from exc
    if not verdict.correct:
        why = f", for {verdict.reason}" if verdict.reason else ""
        raise ValueError(
            f"the verifier {verifier.name!r} does not accept the row's own answer, "
            f"{task.private.reveal().answer!r:.80}: it finds {probe!r:.100} {verdict.outcome.value}{why}"
        )


def _name(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        value = value[0] if value else ""
    return str(value)


def _level(value: Any) -> int:
    """A level as a whole number: `3`, `3.5` and `Level 3` are 3, what has no number is 0."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return math.floor(value) if math.isfinite(value) else 0
    found = re.search(r"\d{1,9}", value) if isinstance(value, str) else None
    return int(found[0]) if found else 0
