"""What the families share: their type, cheap random draws and the notation of numbers.

A family has one maker a level. A maker draws a problem and returns its text with a
closure that works the solution out, so that a problem nobody asks about costs a few
microseconds and no more.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from sml_gym import Draft, Reference, Step

_T = TypeVar("_T")

Maker = Callable[[random.Random], Draft]

ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
)
"""Positions in words, so that a step's number never looks like an answer."""


@dataclass(frozen=True)
class MathFamily:
    """A kind of problem: a name fit for a task id, and one maker per level, easiest first."""

    name: str
    makers: tuple[Maker, ...]

    @property
    def levels(self) -> Sequence[int]:
        """1 to the number of makers."""
        return range(1, len(self.makers) + 1)

    def generate(self, rng: random.Random, level: int) -> Draft:
        """A problem of this level."""
        return self.makers[level - 1](rng)


def between(rng: random.Random, low: int, high: int) -> int:
    """An integer from `low` to `high`, both included (four times as fast as `randint`)."""
    return low + int(rng.random() * (high - low + 1))


def nonzero(rng: random.Random, bound: int) -> int:
    """An integer from -bound to bound that is not 0."""
    value = 1 + int(rng.random() * (2 * bound))
    return value if value <= bound else bound - value


def choose(rng: random.Random, options: Sequence[_T]) -> _T:
    """One of the options."""
    return options[int(rng.random() * len(options))]


def solved(
    *steps: Step,
    idea: str = "",
    unit: str = "",
    form: str = "",
    mistakes: Mapping[str, int | Fraction] | None = None,
) -> Reference:
    """The reference whose answer is the last step's result.

    Args:
        steps: the worked solution.
        idea: the method in one sentence without numbers, for a student who asks for a hint.
        unit: what the answer is measured in, as the problem names it.
        form: `"lowest"` (a fraction in lowest terms) or `"expanded"` (a polynomial, expanded
            and collected) where an equal answer in another form is not what was asked for.
        mistakes: values that well-known mistakes lead to, by the kind of fact that names
            the mistake.
    """
    data: dict[str, object] = {"idea": idea}
    if unit:
        data["unit"] = unit
    if form:
        data["form"] = form
    if mistakes:
        data["mistakes"] = mistakes
    return Reference(steps[-1].result, " ".join([step.text for step in steps]), steps, data)


def show(value: int | Fraction) -> str:
    """An integer or a fraction in lowest terms, `7` or `-3/4`."""
    if isinstance(value, int) or value.denominator == 1:
        return str(int(value))
    return f"{value.numerator}/{value.denominator}"


def decimal(value: int | Fraction) -> str:
    """A number with a finite decimal expansion, `12.5`. Raises `ValueError` for another."""
    value = Fraction(value)
    for places in range(12):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = f"{abs(scaled.numerator):0{places + 1}d}"
            sign = "-" if scaled < 0 else ""
            return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
    raise ValueError(f"{value} has no finite decimal expansion of at most 11 places")


def money(cents: int) -> str:
    """An amount of money without the currency, `12` or `12.50`."""
    return f"{cents // 100}.{cents % 100:02d}" if cents % 100 else str(cents // 100)


def signed(value: int | Fraction) -> str:
    """A value as it continues a sum, ` + 5` or ` - 5`."""
    return f" - {show(-value)}" if value < 0 else f" + {show(value)}"


def bracket(value: int | Fraction) -> str:
    """A value as a factor or subtrahend: negative ones and fractions in parentheses."""
    return f"({show(value)})" if value < 0 or isinstance(value, Fraction) else str(value)


def polynomial(coefficients: Sequence[int | Fraction], variable: str = "x") -> str:
    """A polynomial from its coefficients, highest degree first: `3x^2 - 4x + 1`."""
    degree = len(coefficients) - 1
    text = ""
    for place, value in enumerate(coefficients):
        if not value:
            continue
        power = degree - place
        size = -value if value < 0 else value
        digits = "" if size == 1 and power else show(size)
        if "/" in digits and power:
            digits = f"({digits})"
        tail = "" if power == 0 else variable if power == 1 else f"{variable}^{power}"
        if text:
            text += (" - " if value < 0 else " + ") + digits + tail
        else:
            text = ("-" if value < 0 else "") + digits + tail
    return text or "0"
