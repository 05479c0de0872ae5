"""Whether a committed answer equals the reference."""

from __future__ import annotations

from fractions import Fraction

from sml_gym import Outcome, Verdict


def check_answer(answer: str, expected: str, *, unit: str = "") -> Verdict:
    """The verdict on a committed answer."""
    try:
        given = Fraction(answer.strip().rstrip("."))
    except ValueError:
        return Verdict(Outcome.MALFORMED, answer, "it is not a single number")
    return Verdict(Outcome.CORRECT if given == Fraction(expected) else Outcome.INCORRECT, answer)
