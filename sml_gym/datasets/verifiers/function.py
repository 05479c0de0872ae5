"""A function as the verifier."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

from sml_gym.datasets.verifiers.base import Fields, TextVerifier
from sml_gym.domain import Probes
from sml_gym.errors import VerifierError
from sml_gym.task import Reference, Task
from sml_gym.verdict import Outcome, Verdict

Judge = Callable[[str, Mapping[str, Any]], "bool | float | Verdict"]
"""Judges a committed answer by the row: True or a score of 1 for a right one, or a `Verdict`."""


class ByFunction(TextVerifier):
    """A function `(answer, row) -> bool | float | Verdict` judges.

    A score counts as right from 1 on, for the reward of a dialogue is 1 or 0. Whatever else the function
    returns, and whatever it raises, is a `VerifierError`: the dialogue ends without a reward, never with 0.
    It runs in this process and without a deadline, so it must not evaluate what it is given. The teacher
    knows whether an attempt is right and nothing else.
    """

    name = "function"

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._called = getattr(judge, "__name__", type(judge).__name__)

    def compose(self, fields: Fields) -> tuple[str, Reference]:
        problem, reference = super().compose(fields)
        return problem, Reference(
            reference.answer, reference.solution, data={**reference.data, "row": fields.row}
        )

    def verify(self, task: Task, answer: str) -> Verdict:
        try:
            # A copy, or a function that changes its row would judge the next answer by another one.
            found = self._judge(answer, copy.deepcopy(task.private.reveal().data["row"]))
        except Exception as exc:
            raise VerifierError(
                f"the verifier {self._called!r} failed on task {task.id!r}: {type(exc).__name__}: {exc}"
            ) from exc
        if isinstance(found, Verdict):
            return found
        if isinstance(found, bool) or type(found).__name__ in ("bool_", "bool"):  # NumPy has one of its own
            return Verdict(Outcome.CORRECT if found else Outcome.INCORRECT, answer)
        if isinstance(found, Real) and math.isfinite(found):
            return Verdict(Outcome.CORRECT if found >= 1 else Outcome.INCORRECT, answer)
        raise VerifierError(
            f"the verifier {self._called!r} returned {found!r:.60} for task {task.id!r}, no bool, "
            "number or Verdict"
        )

    def probes(self, task: Task) -> Probes:
        """The reference, and words that no one takes for it."""
        answer = task.private.reveal().answer
        return Probes(f"Final answer: {answer}", "Final answer: plugh xyzzy", "Final answer:")
