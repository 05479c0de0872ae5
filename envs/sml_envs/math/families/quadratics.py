"""Quadratics: roots, the lowest value, and what the coefficients say about the roots."""

from __future__ import annotations

import random
from fractions import Fraction

from sml_envs.math.families.base import (
    MathFamily,
    between,
    bracket,
    nonzero,
    polynomial,
    show,
    signed,
    solved,
)
from sml_gym import Draft, Reference, Step

_FACTOR = "Look for factors, or use the quadratic formula with the discriminant."
_SQUARE = "Complete the square, or find the axis halfway between the roots and put it in."
_VIETA = "The coefficients give the sum and the product of the roots; no root is needed."


def _asked(first: Fraction, second: Fraction, larger: bool) -> tuple[Fraction, Fraction]:
    """The root that is asked for, and the other."""
    low, high = min(first, second), max(first, second)
    return (high, low) if larger else (low, high)


def _root_1(rng: random.Random) -> Draft:
    """The form x^2 + b x + c with two integer roots; about 700 problems."""
    while True:
        p, q = nonzero(rng, 14), nonzero(rng, 14)
        if p != q:
            break
    b, c = -(p + q), p * q
    larger = rng.random() < 0.5

    def reference() -> Reference:
        value, other = (max(p, q), min(p, q)) if larger else (min(p, q), max(p, q))
        factors = f"(x{signed(-p)})(x{signed(-q)})"
        return solved(
            Step(
                f"The numbers {-p} and {-q} have the product {c} and the sum {b}.",
                f"Find two numbers with the product {c} and the sum {b}.",
                f"{-p} and {-q}",
            ),
            Step(f"So {polynomial((1, b, c))} = {factors}.", "Write the quadratic as a product.", factors),
            Step(
                f"The roots are {p} and {q}; the {'larger' if larger else 'smaller'} is {value}.",
                f"Set each factor to zero and take the {'larger' if larger else 'smaller'} root.",
                str(value),
            ),
            idea=_FACTOR,
            mistakes={"math.kind.other_root": other},
        )

    which = "larger" if larger else "smaller"
    return Draft(f"Solve {polynomial((1, b, c))} = 0. Give the {which} root.", reference)


def _root_2(rng: random.Random) -> Draft:
    """The form a x^2 + b x + c with a fraction among its roots; about 6,500 problems."""
    m, k, q = between(rng, 2, 6), nonzero(rng, 14), nonzero(rng, 12)
    if k % m == 0:
        k += 1 if k != -1 else 2
    # (m x - k)(x - q)
    a, b, c = m, -(k + m * q), k * q
    larger = rng.random() < 0.5

    def reference() -> Reference:
        value, other = _asked(Fraction(k, m), Fraction(q), larger)
        which = "larger" if larger else "smaller"
        square = b * b - 4 * a * c
        root = abs(k - m * q)
        sign = "+" if larger else "-"
        return solved(
            Step(
                f"{bracket(b)}^2 - 4 * {a} * {bracket(c)} = {square}.",
                f"Work out the discriminant {bracket(b)}^2 - 4 * {a} * {bracket(c)}.",
                str(square),
            ),
            Step(f"Its square root is {root}.", f"Take the square root of {square}.", str(root)),
            Step(
                f"x = ({-b} {sign} {root}) / {2 * a} = {show(value)}.",
                f"Put it into the quadratic formula and take the {which} root.",
                show(value),
            ),
            idea=_FACTOR,
            mistakes={"math.kind.other_root": other, "math.kind.half": value * 2},
        )

    which = "larger" if larger else "smaller"
    text = f"Solve {polynomial((a, b, c))} = 0. Give the {which} root as a whole number or a fraction."
    return Draft(text, reference)


def _lowest(rng: random.Random, a: int, span: int) -> Draft:
    h, k = nonzero(rng, span), nonzero(rng, 30)
    b, c = -2 * a * h, a * h * h + k

    def reference() -> Reference:
        return solved(
            Step(
                f"The lowest point is at x = {-b} / {2 * a} = {h}.",
                f"Find the axis: divide {-b} by {2 * a}.",
                str(h),
            ),
            Step(
                f"{a} * {bracket(h)}^2 + {bracket(b)} * {bracket(h)} + {bracket(c)} = {k}.",
                "Put that x into the expression.",
                str(k),
            ),
            idea=_SQUARE,
        )

    return Draft(f"What is the smallest value of {polynomial((a, b, c))} for real x?", reference)


def _lowest_1(rng: random.Random) -> Draft:
    """The form x^2 + b x + c; about 2,400 problems."""
    return _lowest(rng, 1, 20)


def _lowest_2(rng: random.Random) -> Draft:
    """The form a x^2 + b x + c with a up to 9; about 19,000 problems."""
    return _lowest(rng, between(rng, 2, 9), 20)


def _vieta_1(rng: random.Random) -> Draft:
    """The sum of the squares of the roots of x^2 + b x + c; about 7,500 problems."""
    while True:
        b, c = nonzero(rng, 40), nonzero(rng, 60)
        if b * b > 4 * c:
            break

    def reference() -> Reference:
        value = b * b - 2 * c
        return solved(
            Step(
                f"The roots have the sum {-b} and the product {c}.",
                "Read the sum and the product of the roots off the coefficients.",
                f"{-b} and {c}",
            ),
            Step(f"{bracket(-b)}^2 = {b * b}.", f"Square the sum of the roots, {-b}.", str(b * b)),
            Step(
                f"{b * b} - 2 * {bracket(c)} = {value}.",
                f"Subtract twice the product of the roots from {b * b}.",
                str(value),
            ),
            idea=_VIETA,
            mistakes={"math.kind.operation": b * b + 2 * c},
        )

    text = f"The equation {polynomial((1, b, c))} = 0 has roots r and s. What is r^2 + s^2?"
    return Draft(text, reference)


def _vieta_2(rng: random.Random) -> Draft:
    """The sum of the reciprocals of the roots of a x^2 + b x + c; about 40,000 problems."""
    while True:
        a, b, c = between(rng, 2, 12), nonzero(rng, 40), nonzero(rng, 40)
        if b * b > 4 * a * c:
            break

    def reference() -> Reference:
        total, product = Fraction(-b, a), Fraction(c, a)
        return solved(
            Step(
                f"The roots have the sum {show(total)}.",
                f"Find the sum of the roots from the coefficients {a} and {b}.",
                show(total),
            ),
            Step(
                f"The roots have the product {show(product)}.",
                f"Find the product of the roots from the coefficients {a} and {c}.",
                show(product),
            ),
            Step(
                f"1/r + 1/s = (r + s)/(rs) = {show(total / product)}.",
                "Divide the sum of the roots by their product.",
                show(total / product),
            ),
            idea=_VIETA,
        )

    text = f"The equation {polynomial((a, b, c))} = 0 has roots r and s. What is 1/r + 1/s?"
    return Draft(f"{text} Give a whole number or a fraction.", reference)


QUADRATICS = (
    MathFamily("quadratic_root", (_root_1, _root_2)),
    MathFamily("quadratic_minimum", (_lowest_1, _lowest_2)),
    MathFamily("quadratic_roots_sum", (_vieta_1, _vieta_2)),
)
