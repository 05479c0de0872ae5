"""Polynomial algebra: expanding, collecting, values, and remainders on division."""

from __future__ import annotations

import random

from sml_envs.math.families.base import MathFamily, between, bracket, nonzero, polynomial, signed, solved
from sml_gym import Draft, Reference, Step

_EXPAND = "Multiply each term of one factor by each term of the other, then collect like terms."
_COLLECT = "Take the terms of the same power together; a minus before parentheses changes every sign inside."
_HORNER = "Start with the first coefficient; multiply by x and add the next one, again and again."
_REMAINDER = "The remainder on division by x - a is the value of the polynomial at a."


def _multiplied(p: tuple[int, ...], q: tuple[int, ...]) -> list[int]:
    """The coefficients of p * q, highest degree first."""
    product = [0] * (len(p) + len(q) - 1)
    for i, left in enumerate(p):
        for j, right in enumerate(q):
            product[i + j] += left * right
    return product


def _expand(p: tuple[int, ...], q: tuple[int, ...]) -> Draft:
    def reference() -> Reference:
        steps = []
        for i, value in enumerate(p):
            if not value:
                continue
            term = polynomial((value, *([0] * (len(p) - 1 - i))))
            part = polynomial([value * c for c in q] + [0] * (len(p) - 1 - i))
            steps.append(
                Step(f"{term} times {polynomial(q)} is {part}.", f"Multiply {polynomial(q)} by {term}.", part)
            )
        answer = polynomial(_multiplied(p, q))
        steps.append(Step(f"Together: {answer}.", "Add these and collect like terms.", answer))
        return solved(*steps, idea=_EXPAND, form="expanded")

    return Draft(f"Expand ({polynomial(p)})({polynomial(q)}) and collect like terms.", reference)


def _expand_1(rng: random.Random) -> Draft:
    """(x + a)(x + b); about 900 problems."""
    return _expand((1, nonzero(rng, 15)), (1, nonzero(rng, 15)))


def _expand_2(rng: random.Random) -> Draft:
    """(a x + b)(c x + d); about 40,000 problems."""
    return _expand((between(rng, 2, 9), nonzero(rng, 12)), (between(rng, 1, 9), nonzero(rng, 12)))


def _expand_3(rng: random.Random) -> Draft:
    """(a x + b)(c x^2 + d x + e); about 175,000 problems."""
    p = (between(rng, 1, 6), nonzero(rng, 9))
    return _expand(p, (between(rng, 1, 5), nonzero(rng, 9), nonzero(rng, 9)))


def _collect(p: tuple[int, ...], q: tuple[int, ...], times: int) -> Draft:
    """The sum of p and times q."""

    def reference() -> Reference:
        scaled = tuple(times * c for c in q)
        answer = polynomial([a + b for a, b in zip(p, scaled, strict=True)])
        steps = []
        if times != 1:
            steps.append(
                Step(
                    f"{times} times {polynomial(q)} is {polynomial(scaled)}.",
                    f"Multiply {polynomial(q)} by {times}.",
                    polynomial(scaled),
                )
            )
        steps.append(Step(f"Together: {answer}.", "Add the terms of the same power.", answer))
        return solved(*steps, idea=_COLLECT, form="expanded")

    factor = "" if abs(times) == 1 else str(abs(times))
    sign = "-" if times < 0 else "+"
    text = f"Simplify ({polynomial(p)}) {sign} {factor}({polynomial(q)}) and collect like terms."
    return Draft(text, reference)


def _triple(rng: random.Random, bound: int) -> tuple[int, int, int]:
    return nonzero(rng, bound), nonzero(rng, bound), nonzero(rng, bound)


def _collect_1(rng: random.Random) -> Draft:
    """The sum or difference of two quadratics; beyond 10^7 problems."""
    p, q = _triple(rng, 9), _triple(rng, 9)
    if p == q:
        q = (q[0], q[1], q[2] + 10)
    return _collect(p, q, 1 if rng.random() < 0.5 else -1)


def _collect_2(rng: random.Random) -> Draft:
    """One quadratic plus or minus a multiple of another; beyond 10^8 problems."""
    p, q, k = _triple(rng, 20), _triple(rng, 9), between(rng, 2, 6)
    if rng.random() < 0.5:
        k = -k
    if p == tuple(-k * c for c in q):
        p = (p[0], p[1], p[2] + 50)
    return _collect(p, q, k)


def _horner(coefficients: tuple[int, ...], at: int) -> list[Step]:
    """The steps of Horner's rule; the last reaches the value."""
    steps, value = [], coefficients[0]
    for nth in coefficients[1:]:
        new = value * at + nth
        steps.append(
            Step(
                f"{value} * {bracket(at)}{signed(nth)} = {new}.",
                f"Multiply {value} by {at} and {f'add {nth}' if nth > 0 else f'subtract {-nth}'}.",
                str(new),
            )
        )
        value = new
    return steps


def _value(rng: random.Random, degree: int, bound: int, at: int) -> Draft:
    coefficients = (between(rng, 1, 6), *(nonzero(rng, bound) for _ in range(degree)))

    def reference() -> Reference:
        flipped = 0
        for c in coefficients:
            flipped = flipped * -at + c
        return solved(*_horner(coefficients, at), idea=_HORNER, mistakes={"math.kind.sign_of_x": flipped})

    return Draft(f"What is the value of {polynomial(coefficients)} at x = {at}?", reference)


def _value_1(rng: random.Random) -> Draft:
    """A quadratic at an integer; about 60,000 problems."""
    return _value(rng, 2, 12, nonzero(rng, 9))


def _value_2(rng: random.Random) -> Draft:
    """A cubic at an integer; about 3 million problems."""
    return _value(rng, 3, 15, nonzero(rng, 9))


def _value_3(rng: random.Random) -> Draft:
    """The remainder of a cubic on division by x - a; about 2 million problems."""
    coefficients = (between(rng, 1, 6), nonzero(rng, 12), nonzero(rng, 12), nonzero(rng, 20))
    at = nonzero(rng, 7)

    def reference() -> Reference:
        flipped = 0
        for c in coefficients:
            flipped = flipped * -at + c
        first = Step(
            f"x{signed(-at)} is zero at x = {at}.", f"Find where x{signed(-at)} is zero.", f"x = {at}"
        )
        return solved(
            first, *_horner(coefficients, at), idea=_REMAINDER, mistakes={"math.kind.sign_of_x": flipped}
        )

    return Draft(
        f"What is the remainder when {polynomial(coefficients)} is divided by x{signed(-at)}?", reference
    )


POLYNOMIALS = (
    MathFamily("polynomial_expand", (_expand_1, _expand_2, _expand_3)),
    MathFamily("polynomial_collect", (_collect_1, _collect_2)),
    MathFamily("polynomial_value", (_value_1, _value_2, _value_3)),
)
