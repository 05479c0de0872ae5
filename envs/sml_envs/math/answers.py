"""Whether a committed answer equals the reference."""

from __future__ import annotations

from sml_envs.math.numbers import parse_number
from sml_gym import Outcome, Verdict

__all__ = ["check_answer", "parse_number"]


def check_answer(answer: str, expected: str, *, unit: str = "") -> Verdict:
    """The verdict on a committed answer."""
    given = parse_number(answer, unit)
    if given is None:
        return Verdict(Outcome.MALFORMED, answer, "it is not a single number")
    equal = given == parse_number(expected, unit)
    return Verdict(Outcome.CORRECT if equal else Outcome.INCORRECT, answer)
