"""What a verifier of a data set is: it reads a row's answer, and judges a student's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sml_gym.datasets.phrases import OPPOSITES, PHRASES, SLOTS
from sml_gym.domain import DomainHooks
from sml_gym.row_tasks import text_value
from sml_gym.task import Reference


@dataclass(frozen=True, slots=True)
class Fields:
    """The parts of a row that make a task.

    Attributes:
        problem: the public text.
        answer: what the answer's column holds, None where there is no such column.
        solution: the worked solution, "" without one.
        choices: what the column of choices holds, None where there is none.
        key: what tells the row from all others, for whatever is drawn by row.
        row: all of it.
    """

    problem: str
    answer: Any
    solution: str
    choices: Any
    key: str
    row: Mapping[str, Any]


class Verifier(ABC):
    """How answers of a data set are judged.

    A subclass says what a row becomes (`compose`) and has the hooks of a domain, its own or another's.
    """

    name: ClassVar[str]
    wants_choices: ClassVar[bool] = False
    """Whether rows have choices."""
    checked: bool = True
    """Whether each row's own answer is put to the verifier when the row is read."""

    @property
    @abstractmethod
    def hooks(self) -> DomainHooks:
        """The domain that reads, verifies and diagnoses."""

    @abstractmethod
    def compose(self, fields: Fields) -> tuple[str, Reference]:
        """The problem as the student sees it, and the reference.

        Raises `KeyError` for a column that is missing, `ValueError` for an answer that no one could give.
        """


class TextVerifier(Verifier, DomainHooks):
    """A verifier with hooks of its own, for answers that are text."""

    phrases = PHRASES
    opposites = OPPOSITES
    slot_patterns = SLOTS

    @property
    def hooks(self) -> DomainHooks:
        return self

    def compose(self, fields: Fields) -> tuple[str, Reference]:
        """The problem as it is; the answer, or the first of several that are right."""
        accepted = accepted_answers(fields)
        return fields.problem, Reference(accepted[0], fields.solution, data={"accepted": accepted})


def accepted_answers(fields: Fields) -> tuple[str, ...]:
    """The answers that are right, the one to be told first.

    Raises `KeyError` without an answer, `ValueError` for one that is no text.
    """
    answer = fields.answer
    if answer is None:
        raise KeyError("answer")
    if isinstance(answer, bool):
        raise ValueError(
            f"the answer is {answer}, and in words that may be yes or true; give a function that says it, "
            "such as answer=lambda row: 'yes' if row['answer'] else 'no'"
        )
    several = list(answer) if isinstance(answer, (list, tuple)) else [answer]
    if not several:
        raise ValueError("the list of right answers is empty")
    return tuple(dict.fromkeys(" ".join(text_value(one, "answer").split()) for one in several))
