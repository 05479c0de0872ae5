"""Fractions: lowest terms, sums and differences, products and quotients, parts of an amount."""

from __future__ import annotations

import random
from fractions import Fraction
from math import gcd, lcm

from sml_envs.math.families.base import MathFamily, between, choose, show, solved
from sml_gym import Draft, Reference, Step

_LOWEST = "Divide numerator and denominator by their greatest common divisor."
_COMMON = "Bring both fractions to a common denominator, then add or subtract the numerators."
_ACROSS = "Multiply numerator by numerator and denominator by denominator; to divide, turn the second over."


def _reduce(top: int, bottom: int) -> tuple[Step, ...]:
    """The steps from top/bottom to lowest terms; none if it is there already."""
    common = gcd(top, bottom)
    if common == 1 and bottom != 1:
        return ()
    value = show(Fraction(top, bottom))
    if bottom == 1:
        return ()
    return (
        Step(
            f"{top}/{bottom} = {value}.",
            f"Reduce {top}/{bottom}: divide both by their greatest common divisor.",
            value,
        ),
    )


def _simplify(rng: random.Random, size: int, factors: tuple[int, ...]) -> Draft:
    bottom = between(rng, 3, size)
    top = between(rng, 2, bottom - 1)
    common = choose(rng, factors)
    a, b = top * common, bottom * common

    def reference() -> Reference:
        divisor = gcd(a, b)
        return solved(
            Step(
                f"The greatest common divisor of {a} and {b} is {divisor}.",
                f"Find the greatest common divisor of {a} and {b}.",
                str(divisor),
            ),
            Step(
                f"{a}/{b} = {show(Fraction(a, b))}.",
                f"Divide {a} and {b} by their greatest common divisor.",
                show(Fraction(a, b)),
            ),
            idea=_LOWEST,
            form="lowest",
        )

    return Draft(f"Write {a}/{b} as a fraction in lowest terms.", reference)


def _simplify_1(rng: random.Random) -> Draft:
    """Denominators up to 15, a common factor up to 7; about 450 problems."""
    return _simplify(rng, 15, (2, 3, 4, 5, 6, 7))


def _simplify_2(rng: random.Random) -> Draft:
    """Denominators up to 40, a common factor up to 36; about 9,000 problems."""
    return _simplify(rng, 40, (6, 8, 9, 11, 12, 13, 14, 15, 18, 21, 24, 35, 36))


def _add(a: int, b: int, c: int, d: int, sign: str) -> Draft:
    """a/b plus or minus c/d."""

    def reference() -> Reference:
        common = lcm(b, d)
        left, right = a * (common // b), c * (common // d)
        top = left + right if sign == "+" else left - right
        steps = []
        if b != d:
            steps += [
                Step(
                    f"The least common multiple of {b} and {d} is {common}.",
                    f"Find the least common multiple of {b} and {d}.",
                    str(common),
                ),
                Step(
                    f"{a}/{b} = {left}/{common} and {c}/{d} = {right}/{common}.",
                    f"Write both fractions with the denominator {common}.",
                    f"{left}/{common} and {right}/{common}",
                ),
            ]
        word = f"Add the numerators {left} and {right}."
        if sign == "-":
            word = f"Subtract the numerator {right} from {left}."
        steps.append(
            Step(f"{left}/{common} {sign} {right}/{common} = {top}/{common}.", word, f"{top}/{common}")
        )
        wrong = Fraction(a + c, b + d) if sign == "+" else Fraction(a * d - c * b, max(1, abs(b - d)))
        other = Fraction(a, b) - Fraction(c, d) if sign == "+" else Fraction(a, b) + Fraction(c, d)
        mistakes = {"math.kind.operation": other}
        if sign == "+":
            mistakes["math.kind.denominators"] = wrong
        return solved(*steps, *_reduce(top, common), idea=_COMMON, form="lowest", mistakes=mistakes)

    return Draft(f"What is {a}/{b} {sign} {c}/{d}? Give a fraction in lowest terms.", reference)


def _proper(rng: random.Random, low: int, high: int) -> tuple[int, int]:
    """A fraction below 1 in lowest terms."""
    bottom = between(rng, low, high)
    top = between(rng, 1, bottom - 1)
    common = gcd(top, bottom)
    return top // common, bottom // common


def _add_1(rng: random.Random) -> Draft:
    """The same denominator; about 2,300 problems."""
    d = choose(rng, (5, 7, 9, 11, 13, 14, 15, 17, 19, 20))
    a = between(rng, 2, d - 1)
    if rng.random() < 0.5:
        return _add(a, d, between(rng, 1, d - 1), d, "+")
    return _add(a, d, between(rng, 1, a - 1), d, "-")


def _add_2(rng: random.Random) -> Draft:
    """Different denominators up to 12, with a result above 0; about 2,500 problems."""
    while True:
        (a, b), (c, d) = _proper(rng, 2, 12), _proper(rng, 2, 12)
        if b != d:
            break
    if rng.random() < 0.5:
        return _add(a, b, c, d, "+")
    return _add(a, b, c, d, "-") if a * d > c * b else _add(c, d, a, b, "-")


def _add_3(rng: random.Random) -> Draft:
    """Denominators from 6 to 40, with results of either sign; about 500,000 problems."""
    while True:
        (a, b), (c, d) = _proper(rng, 6, 40), _proper(rng, 6, 40)
        if b != d:
            break
    return _add(a, b, c, d, "+" if rng.random() < 0.5 else "-")


def _times(a: int, b: int, c: int, d: int) -> Draft:
    def reference() -> Reference:
        return solved(
            Step(f"{a} * {c} = {a * c}.", f"Multiply the numerators {a} and {c}.", str(a * c)),
            Step(f"{b} * {d} = {b * d}.", f"Multiply the denominators {b} and {d}.", str(b * d)),
            Step(
                f"{a * c}/{b * d} = {show(Fraction(a * c, b * d))}.",
                "Put the product of the numerators over the product of the denominators and reduce.",
                show(Fraction(a * c, b * d)),
            ),
            idea=_ACROSS,
            form="lowest",
            mistakes={"math.kind.operation": Fraction(a * d, b * c)},
        )

    return Draft(f"What is {a}/{b} * {c}/{d}? Give a fraction in lowest terms.", reference)


def _over(a: int, b: int, c: int, d: int) -> Draft:
    def reference() -> Reference:
        value = show(Fraction(a * d, b * c))
        return solved(
            Step(f"Turning {c}/{d} over gives {d}/{c}.", f"Turn {c}/{d} over.", f"{d}/{c}"),
            Step(f"{a} * {d} = {a * d}.", f"Multiply the numerators {a} and {d}.", str(a * d)),
            Step(f"{b} * {c} = {b * c}.", f"Multiply the denominators {b} and {c}.", str(b * c)),
            Step(
                f"{a * d}/{b * c} = {value}.",
                "Put the product of the numerators over the product of the denominators and reduce.",
                value,
            ),
            idea=_ACROSS,
            form="lowest",
            mistakes={"math.kind.operation": Fraction(a * c, b * d)},
        )

    return Draft(f"What is {a}/{b} divided by {c}/{d}? Give a fraction in lowest terms.", reference)


def _multiply_1(rng: random.Random) -> Draft:
    """Products with denominators up to 9; about 700 problems."""
    return _times(*_proper(rng, 2, 9), *_proper(rng, 2, 9))


def _multiply_2(rng: random.Random) -> Draft:
    """Products and quotients with denominators up to 15; about 10,000 problems."""
    left, right = _proper(rng, 3, 15), _proper(rng, 3, 15)
    return (_times if rng.random() < 0.5 else _over)(*left, *right)


def _multiply_3(rng: random.Random) -> Draft:
    """Products and quotients with numerators and denominators up to 40; about 4 million problems."""
    a, b, c, d = (between(rng, 3, 40) for _ in range(4))
    return (_times if rng.random() < 0.5 else _over)(a, b + (a == b), c, d + (c == d))


def _part(rng: random.Random, bottom_high: int, unit_high: int) -> Draft:
    """A fraction of a whole number."""
    a, b = _proper(rng, 3, bottom_high)
    each = between(rng, 3, unit_high)
    whole = b * each

    def reference() -> Reference:
        return solved(
            Step(f"{whole} / {b} = {each}.", f"Divide {whole} by {b}.", str(each)),
            *(
                (Step(f"{each} * {a} = {each * a}.", f"Multiply {each} by {a}.", str(each * a)),)
                if a > 1
                else ()
            ),
            idea="Divide by the denominator to get one part, then take as many parts as the numerator says.",
            mistakes={"math.kind.rest": whole - each * a} if whole != 2 * each * a else None,
        )

    return Draft(f"What is {a}/{b} of {whole}?", reference)


def _part_1(rng: random.Random) -> Draft:
    """Denominators up to 10, amounts up to 200; about 500 problems."""
    return _part(rng, 10, 20)


def _part_2(rng: random.Random) -> Draft:
    """Denominators up to 25, amounts up to 3,000; about 20,000 problems."""
    return _part(rng, 25, 120)


FRACTIONS = (
    MathFamily("fraction_lowest_terms", (_simplify_1, _simplify_2)),
    MathFamily("fraction_sum", (_add_1, _add_2, _add_3)),
    MathFamily("fraction_product", (_multiply_1, _multiply_2, _multiply_3)),
    MathFamily("fraction_of_amount", (_part_1, _part_2)),
)
