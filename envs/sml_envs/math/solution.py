"""What diagnosis needs to know of a task, worked out once per reference."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sml_envs.math.expressions import Polynomial, read_polynomial
from sml_envs.math.families.base import ORDINALS
from sml_envs.math.numbers import parse_number
from sml_gym import Fact, Reference, Task

_NUMBER = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?(?: ?/ ?[0-9]+)?")
_PLAIN = re.compile(r"(-?[0-9]{1,18})(?:(\.[0-9]{1,18})|/([1-9][0-9]{0,17}))?")
_OTHER_SPELLING = re.compile(r"[0-9][,./ ]+[0-9]")
_KEY = "_solution"
_LEAST_EXPRESSION = 4

Number = int | Fraction


def number(text: str, unit: str = "") -> Number | None:
    """The value of a number in any way that `parse_number` reads; None for anything else."""
    plain = plain_number(text)
    return parse_number(text, unit) if plain is None else plain


_LONGEST_NUMBER = 1_000
"""Characters of a number that is read."""


def plain_number(text: str) -> Number | None:
    """The value of `12`, `-3.5` or `3/4`, an int if it is whole; None for anything else."""
    found = _PLAIN.fullmatch(text)
    if found is None:
        return None
    if found.lastindex == 1:
        return int(text)
    value = Fraction(text)
    return value.numerator if value.denominator == 1 else value


def numbers_in(text: str) -> frozenset[Number]:
    """The sizes of all numbers that stand in a text; a fraction counts whole and in its parts."""
    found: set[Number] = set()
    for match in _NUMBER.findall(text):
        if len(match) > _LONGEST_NUMBER:  # no problem has one, and Python refuses to read one of 4,300 digits
            continue
        top, slash, bottom = match.replace(",", "").replace(" ", "").partition("/")
        upper: Number = Fraction(top) if "." in top else int(top)
        found.add(upper)
        if slash:
            lower = int(bottom)
            found.add(lower)
            if lower:
                found.add(Fraction(upper) / lower)
    return frozenset(found)


def squeezed(text: str) -> str:
    """A text without blanks, for finding expressions in it."""
    return "".join(text.split())


class Solution:
    """The worked solution of one task, in the shape in which diagnosis asks for it.

    Attributes:
        reference: what the task's private side holds.
        answer: the value of the answer, None where it is no number.
        polynomial: the answer as a polynomial, None where it is a number or cannot be read.
        results: for each number that a step other than the last reaches, which step that is.
        expressions: what steps reach that is no number, without blanks, with the step's position.
        idea: the method in one sentence, "" if there is none.
        next_facts: facts about the next step that diagnosis has made and may use again, by position.
        form: which form the answer must have, "" if any.
    """

    __slots__ = (
        "_actions",
        "_problem",
        "_public",
        "_step_words",
        "answer",
        "digits",
        "expressions",
        "form",
        "idea",
        "mistakes",
        "next_facts",
        "polynomial",
        "reference",
        "results",
        "unit",
    )

    def __init__(self, problem: str, reference: Reference) -> None:
        data: Mapping[str, Any] = reference.data
        self.reference = reference
        self.unit: str = str(data.get("unit", ""))
        self.digits: int = int(data.get("digits", 0))
        self.form: str = str(data.get("form", ""))
        self.idea: str = str(data.get("idea", ""))
        self.mistakes: Mapping[str, Number] = data.get("mistakes") or {}
        self.answer: Number | None = number(reference.answer, self.unit)
        self.polynomial: Polynomial | None = None
        if self.answer is None:
            self.polynomial = read_polynomial(reference.answer)
        self._problem = problem
        self._public: frozenset[Number] | None = None
        self._actions: dict[int, str] = {}
        self._step_words: tuple[str, ...] | None = None
        self.next_facts: dict[int, Fact] = {}
        self.expressions: list[tuple[int, str]] = []
        self.results: dict[Number, int] = {}
        for position, step in enumerate(reference.steps[:-1]):
            value = plain_number(step.result)
            if value is None:
                expression = squeezed(step.result)
                if len(expression) >= _LEAST_EXPRESSION and step.result not in problem:
                    self.expressions.append((position, expression))
            elif value != self.answer:
                self.results.setdefault(value, position)  # the first: of two steps the surer

    def action(self, position: int, said: str) -> str:
        """What to do in a step, "" if that would state the answer to a student who has not said it."""
        if not 0 <= position < len(self.reference.steps):
            return ""
        action = self.reference.steps[position].action
        if position not in self._actions:
            self._actions[position] = "" if self.states_answer(action, "") else action
        safe = self._actions[position]
        return safe or ("" if self.states_answer(action, said) else action)

    def states_answer(self, text: str, said: str) -> bool:
        """Whether a text holds the answer, though neither the problem nor the student has stated it.

        A number states the answer if it has the same size, whatever its sign; where the answer
        is the last digits of a number, that number states it too.
        """
        if self.answer is None:
            answer = squeezed(self.reference.answer).casefold()
            if not answer or answer not in squeezed(text).casefold():
                return False
            return answer not in squeezed(self._problem + "\n" + said).casefold()
        if self.digits:
            ends = [n for n in _NUMBER.findall(text) if n.endswith(self.reference.answer)]
            if any(n not in self._problem and n not in said for n in ends):
                return True
        size = abs(self.answer)
        # Most texts do not even hold the digits; reading all of their numbers takes far longer.
        if type(size) is int and str(size) not in text and not _OTHER_SPELLING.search(text):
            return False
        if size not in numbers_in(text):
            return False
        if self._public is None:
            self._public = numbers_in(self._problem)
        return size not in self._public and size not in numbers_in(said)

    @property
    def step_words(self) -> tuple[str, ...]:
        """The steps but the last in their own words, squeezed; made once, when first asked for."""
        if self._step_words is None:
            steps = self.reference.steps[:-1]
            self._step_words = tuple([squeezed(step.text).rstrip(".") for step in steps])
        return self._step_words

    @property
    def ordinals(self) -> tuple[str, ...]:
        """Words for the positions of the steps; a longer solution has its last ones unnamed."""
        return ORDINALS[: len(self.reference.steps)]


def solution_of(task: Task) -> Solution:
    """The task's solution, kept with its reference so that later turns find it ready."""
    reference = task.private.reveal()
    data = reference.data
    if isinstance(data, dict):
        kept = data.get(_KEY)
        if kept is None:
            kept = data[_KEY] = Solution(task.problem, reference)
        assert isinstance(kept, Solution)
        return kept
    return Solution(task.problem, reference)
