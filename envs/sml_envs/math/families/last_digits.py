"""Last three digits of a product, a power and a sum of products.

These families are for small students: the problem is one line, the answer is always
three digits, and a model of a million parameters can neither compute nor memorise it.
What remains is to use what the teacher says about each digit.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from sml_gym import Draft, Family, Reference, Step

WIDTH = 3
"""Digits in an answer; answers are written with leading zeros."""

_MODULUS = 10**WIDTH
_IDEA = "Only the last digits of the factors matter; drop all higher digits as you go."


def _reference(value: int, steps: tuple[Step, ...]) -> Reference:
    answer = f"{value % _MODULUS:0{WIDTH}d}"
    # The action names no number: the answer would stand at the end of it.
    last = Step(
        f"The last three digits of {value} are {answer}.",
        "Keep only the last three digits of that result.",
        answer,
    )
    steps = (*steps, last)
    return Reference(answer, " ".join(step.text for step in steps), steps, {"digits": WIDTH, "idea": _IDEA})


@dataclass(frozen=True)
class LastDigitsOfProduct:
    """What are the last three digits of a * b, for two-digit a and b."""

    name: str = "last_digits_product"
    levels: Sequence[int] = (1,)

    def generate(self, rng: random.Random, level: int) -> Draft:
        """About 8,100 problems."""
        a, b = rng.randrange(10, 100), rng.randrange(10, 100)

        def reference() -> Reference:
            tens, units = divmod(b, 10)
            parts = (
                Step(f"{a} * {units} = {a * units}.", f"Multiply {a} by {units}.", str(a * units)),
                Step(f"{a} * {tens}0 = {a * tens}0.", f"Multiply {a} by {tens}0.", f"{a * tens * 10}"),
                Step(f"The sum is {a * b}.", f"Add {a * units} and {a * tens * 10}.", str(a * b)),
            )
            return _reference(a * b, parts)

        return Draft(f"What are the last three digits of {a} * {b}?", reference)


@dataclass(frozen=True)
class LastDigitsOfPower:
    """What are the last three digits of a ^ n, for two-digit a and n."""

    name: str = "last_digits_power"
    levels: Sequence[int] = (1,)

    def generate(self, rng: random.Random, level: int) -> Draft:
        """About 8,100 problems."""
        a, n = rng.randrange(10, 100), rng.randrange(10, 100)

        def reference() -> Reference:
            steps = []
            value, power, done = 1, a % _MODULUS, 0
            for bit in range(n.bit_length()):
                if bit:
                    new = power * power % _MODULUS
                    steps.append(
                        Step(
                            f"{a} ^ {2**bit} ends in {new:03d}.",
                            f"Square {power:03d} and keep the last three digits.",
                            f"{new:03d}",
                        )
                    )
                    power = new
                if n >> bit & 1:
                    new, done = value * power % _MODULUS, done + 2**bit
                    if value != 1:
                        steps.append(
                            Step(
                                f"{a} ^ {done} ends in {new:03d}.",
                                f"Multiply {value:03d} by {power:03d} and keep the last three digits.",
                                f"{new:03d}",
                            )
                        )
                    value = new
            return _reference(value, tuple(steps[:-1]))

        return Draft(f"What are the last three digits of {a} ^ {n}?", reference)


@dataclass(frozen=True)
class LastDigitsOfSum:
    """What are the last three digits of a * b + c * d, for two-digit numbers."""

    name: str = "last_digits_sum"
    levels: Sequence[int] = (1,)

    def generate(self, rng: random.Random, level: int) -> Draft:
        """About 66 million problems."""
        a, b, c, d = (rng.randrange(10, 100) for _ in range(4))

        def reference() -> Reference:
            parts = (
                Step(f"{a} * {b} = {a * b}.", f"Multiply {a} by {b}.", str(a * b)),
                Step(f"{c} * {d} = {c * d}.", f"Multiply {c} by {d}.", str(c * d)),
                Step(f"The sum is {a * b + c * d}.", f"Add {a * b} and {c * d}.", str(a * b + c * d)),
            )
            return _reference(a * b + c * d, parts)

        return Draft(f"What are the last three digits of {a} * {b} + {c} * {d}?", reference)


LAST_DIGITS: tuple[Family, ...] = (LastDigitsOfProduct(), LastDigitsOfPower(), LastDigitsOfSum())
