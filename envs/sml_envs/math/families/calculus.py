"""Simple calculus: derivatives and definite integrals of polynomials, slopes, limits."""

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

_POWER = "Bring the exponent down as a factor and lower it by one, term by term."
_PRODUCT = "Multiply the factors out first, or use the product rule."
_AREA = "Find an antiderivative, then subtract its value at the lower limit from that at the upper."
_LIMIT = "Factor the numerator and cancel what makes the denominator zero before putting the number in."


def _derived(coefficients: tuple[int, ...] | list[int]) -> list[int]:
    """The coefficients of the derivative, highest degree first."""
    degree = len(coefficients) - 1
    return [c * (degree - i) for i, c in enumerate(coefficients[:-1])]


def _at(coefficients: list[int] | list[Fraction], x: int) -> int | Fraction:
    value: int | Fraction = 0
    for c in coefficients:
        value = value * x + c
    return value


def _term_steps(coefficients: tuple[int, ...] | list[int]) -> list[Step]:
    """One step for each term that is not constant, and one to add them up."""
    degree, steps = len(coefficients) - 1, []
    for i, c in enumerate(coefficients[:-1]):
        if c:
            term = polynomial((c, *([0] * (degree - i))))
            new = polynomial((c * (degree - i), *([0] * (degree - i - 1))))
            steps.append(Step(f"The derivative of {term} is {new}.", f"Differentiate {term}.", new))
    answer = polynomial(_derived(coefficients))
    if coefficients[-1]:
        text = f"The derivative of the constant is zero, so together: {answer}."
    else:
        text = f"Together: {answer}."
    steps.append(Step(text, "Add the derivatives of the terms; a constant has the derivative zero.", answer))
    return steps


def _derivative_1(rng: random.Random) -> Draft:
    """A quadratic; about 17,000 problems."""
    p = (between(rng, 2, 12), nonzero(rng, 20), nonzero(rng, 20))

    def reference() -> Reference:
        return solved(*_term_steps(p), idea=_POWER, form="expanded")

    return Draft(f"What is the derivative of {polynomial(p)} with respect to x?", reference)


def _derivative_2(rng: random.Random) -> Draft:
    """A polynomial of degree 4 or 5 with three or four terms; about 600,000 problems."""
    p = [nonzero(rng, 9), 0, nonzero(rng, 9), nonzero(rng, 12), nonzero(rng, 20)]
    if rng.random() < 0.5:
        p.insert(1, 0)

    def reference() -> Reference:
        return solved(*_term_steps(p), idea=_POWER, form="expanded")

    return Draft(f"What is the derivative of {polynomial(p)} with respect to x?", reference)


def _derivative_3(rng: random.Random) -> Draft:
    """A product of a linear and a quadratic factor; about 175,000 problems."""
    a, b = between(rng, 1, 6), nonzero(rng, 9)
    c, d, e = between(rng, 1, 5), nonzero(rng, 9), nonzero(rng, 9)

    def reference() -> Reference:
        product = [a * c, a * d + b * c, a * e + b * d, b * e]
        first = Step(
            f"The product is {polynomial(product)}.",
            f"Multiply out ({polynomial((a, b))})({polynomial((c, d, e))}).",
            polynomial(product),
        )
        return solved(first, *_term_steps(product), idea=_PRODUCT, form="expanded")

    text = f"What is the derivative of ({polynomial((a, b))})({polynomial((c, d, e))}) with respect to x?"
    return Draft(f"{text} Expand and collect like terms.", reference)


def _slope(p: tuple[int, ...], at: int) -> Draft:
    def reference() -> Reference:
        derivative = _derived(p)
        value = _at(derivative, at)
        height = _at(list(p), at)
        return solved(
            Step(
                f"The derivative is {polynomial(derivative)}.",
                f"Differentiate {polynomial(p)}.",
                polynomial(derivative),
            ),
            Step(
                f"At x = {at} it is {show(value)}.",
                f"Put x = {at} into the derivative.",
                show(value),
            ),
            idea="The slope of a curve at a point is the value of its derivative there.",
            mistakes={"math.kind.height": height},
        )

    return Draft(f"What is the slope of y = {polynomial(p)} at x = {at}?", reference)


def _slope_1(rng: random.Random) -> Draft:
    """A parabola; about 250,000 problems."""
    return _slope((nonzero(rng, 9), nonzero(rng, 15), nonzero(rng, 15)), nonzero(rng, 8))


def _slope_2(rng: random.Random) -> Draft:
    """A cubic; about 2 million problems."""
    return _slope((nonzero(rng, 6), nonzero(rng, 9), nonzero(rng, 12), nonzero(rng, 15)), nonzero(rng, 6))


def _integral(p: tuple[int, ...], low: int, high: int) -> Draft:
    def reference() -> Reference:
        degree = len(p)
        primitive = [*(Fraction(c, degree - i) for i, c in enumerate(p)), Fraction(0)]
        top, bottom = _at(primitive, high), _at(primitive, low)
        shown = polynomial(primitive)
        return solved(
            Step(f"An antiderivative is {shown}.", f"Find an antiderivative of {polynomial(p)}.", shown),
            Step(f"At x = {high} it is {show(top)}.", f"Put x = {high} into the antiderivative.", show(top)),
            Step(
                f"At x = {low} it is {show(bottom)}.", f"Put x = {low} into the antiderivative.", show(bottom)
            ),
            Step(
                f"{show(top)} - {bracket(bottom) if bottom < 0 else show(bottom)} = {show(top - bottom)}.",
                "Subtract the value at the lower limit from the value at the upper limit.",
                show(top - bottom),
            ),
            idea=_AREA,
            mistakes={
                "math.kind.operation": top + bottom,
                "math.kind.not_integrated": _at(list(p), high) - _at(list(p), low),
            },
        )

    text = f"What is the integral of {polynomial(p)} from x = {low} to x = {high}?"
    return Draft(f"{text} Give a whole number or a fraction.", reference)


def _integral_1(rng: random.Random) -> Draft:
    """A linear function; about 13,000 problems."""
    low = between(rng, 0, 5)
    return _integral((2 * between(rng, 1, 9), nonzero(rng, 15)), low, low + between(rng, 1, 8))


def _integral_2(rng: random.Random) -> Draft:
    """A quadratic, limits of either sign; about 450,000 problems."""
    low = between(rng, -5, 4)
    p = (nonzero(rng, 9), nonzero(rng, 9), nonzero(rng, 12))
    return _integral(p, low, low + between(rng, 1, 6))


def _limit_1(rng: random.Random) -> Draft:
    """(x^2 + b x + c)/(x - a) as x goes to a, a root of the numerator; about 700 problems."""
    a, r = nonzero(rng, 14), nonzero(rng, 14)
    if r == a:
        r = -r

    def reference() -> Reference:
        cancelled = f"x{signed(-r)}"
        return solved(
            Step(
                f"{polynomial((1, -(a + r), a * r))} = (x{signed(-a)})({cancelled}).",
                f"Write {polynomial((1, -(a + r), a * r))} as a product with the factor x{signed(-a)}.",
                f"(x{signed(-a)})({cancelled})",
            ),
            Step(f"Cancelling leaves {cancelled}.", "Cancel the common factor.", cancelled),
            Step(f"At x = {a}: {a}{signed(-r)} = {a - r}.", f"Put x = {a} into what is left.", str(a - r)),
            idea=_LIMIT,
            mistakes={"math.kind.sign_of_x": -a - r},
        )

    top = polynomial((1, -(a + r), a * r))
    return Draft(f"What is the limit of ({top})/(x{signed(-a)}) as x approaches {a}?", reference)


CALCULUS = (
    MathFamily("derivative", (_derivative_1, _derivative_2, _derivative_3)),
    MathFamily("slope", (_slope_1, _slope_2)),
    MathFamily("definite_integral", (_integral_1, _integral_2)),
    MathFamily("limit", (_limit_1,)),
)
