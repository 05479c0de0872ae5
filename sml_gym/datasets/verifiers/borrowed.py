"""The verifiers `math`, `numeric` and `code`: those of the installed domains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from sml_gym.datasets.verifiers.base import Fields, Verifier
from sml_gym.domain import DomainHooks
from sml_gym.leaks import read_answer
from sml_gym.registration import env_class
from sml_gym.seeding import check_split
from sml_gym.task import Reference, Task, TaskSource


class Borrowed(Verifier):
    """Everything from reading to phrases is another domain's, found by its id.

    The domain's `read_row` is handed the row with its columns under the names that it knows: `problem`,
    `answer`, `solution`. Whatever else the row holds goes along under its own name, such as `unit` for maths
    or `tests` for code.
    """

    name = "borrowed"
    env_id: str
    checked = True

    def __init__(self) -> None:
        self._domain = env_class(self.env_id)(tasks=_NoTasks())

    @property
    def hooks(self) -> DomainHooks:
        return self._domain

    def compose(self, fields: Fields) -> tuple[str, Reference]:
        """The row as its domain reads it."""
        row = {
            name: value
            for name, value in fields.row.items()
            if name not in ("problem", "question", "answer", "solution")
        }
        row["problem"] = fields.problem
        if fields.answer is not None:
            row["answer"] = fields.answer
        if fields.solution:
            row["solution"] = fields.solution
        return self.read_row(row)

    def read_row(self, row: Mapping[str, Any]) -> tuple[str, Reference]:
        """A row in a format that the domain knows."""
        return self._domain.read_row(row)


class Math(Borrowed):
    """Answers are equal as mathematics: exact numbers, expressions in a worker (`SML-Math-v0`)."""

    name = "math"
    env_id = "SML-Math-v0"


class Numeric(Math):
    """As `math`, and every reference must be a number: `1,234`, `3/4`, `\\frac{1}{2}`, `$5`, `50%`."""

    name = "numeric"

    def read_row(self, row: Mapping[str, Any]) -> tuple[str, Reference]:
        problem, reference = super().read_row(row)
        if read_answer(reference.answer).value is None:
            raise ValueError(
                f"the answer {reference.answer!r:.60} is no number; take verifier='math' or 'exact'"
            )
        return problem, reference


class Code(Borrowed):
    """A program is run against the row's tests in the sandbox (`SML-Code-v0`)."""

    name = "code"
    env_id = "SML-Code-v0"
    checked = False  # running every reference takes long; `sml-gym validate` does it


class _NoTasks(TaskSource):
    """What a domain serves whose hooks alone are wanted."""

    split = check_split("train")

    def get(self, task_id: str) -> Task:
        self._refuse()

    def sample(self, rng: np.random.Generator, *, like: Task | None = None) -> Task:
        self._refuse()

    def take(self, n: int, seed: int = 0) -> list[Task]:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise LookupError("this environment lends its hooks and has no tasks")
