"""`SML-Math-v0`: mathematics with a single verified answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sml_envs.math.answers import check_answer
from sml_envs.math.digits import compare_digits
from sml_envs.math.families import FAMILIES
from sml_envs.math.phrases import PHRASES
from sml_envs.math.rows import read_row
from sml_gym import (
    ConfigError,
    Diagnosis,
    GeneratedTasks,
    Outcome,
    Reference,
    SMLEnv,
    Task,
    TaskSource,
    Utterance,
    Verdict,
)
from sml_gym.errors import nearest


class MathEnv(SMLEnv):
    """Mathematics: one problem, one verified answer, and a teacher who knows the solution."""

    phrases = PHRASES

    def __init__(
        self,
        *,
        families: Sequence[str] | str | None = None,
        levels: Sequence[int] | int | None = None,
        **options: Any,
    ) -> None:
        self._families = (families,) if isinstance(families, str) else families
        self._levels = (levels,) if isinstance(levels, int) else levels
        super().__init__(**options)

    def tasks(self, split: str) -> TaskSource:
        """Generated tasks of the chosen families and levels."""
        known = {family.name: family for family in FAMILIES}
        for name in self._families or ():
            if name not in known:
                raise ConfigError(f"Unknown maths family {name!r}. {nearest(name, known)}")
        chosen = [known[name] for name in self._families] if self._families else list(FAMILIES)
        return GeneratedTasks(chosen, split, self._levels)

    def read_row(self, row: Mapping[str, Any]) -> tuple[str, Reference]:
        """A row of GSM8K (socratic or not), of MATH, or a plain one: see `sml_envs.math.rows`."""
        return read_row(row)

    def verify(self, task: Task, answer: str) -> Verdict:
        """Exact equality for numbers; expressions are compared in a worker, under a deadline."""
        reference = task.private.reveal()
        data = reference.data
        return check_answer(answer, reference.answer, unit=data.get("unit", ""), form=data.get("form", ""))

    def diagnose(self, task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
        """Facts about the attempt."""
        reference = task.private.reveal()
        width = reference.data.get("digits")
        if verdict.outcome is Outcome.INCORRECT and width and verdict.answer and verdict.answer.isdecimal():
            return Diagnosis(compare_digits(int(verdict.answer), int(reference.answer), width))
        return Diagnosis()
