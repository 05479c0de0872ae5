"""Linear equations in one unknown."""

from __future__ import annotations

import random
from fractions import Fraction

from sml_envs.math.families.base import MathFamily, between, nonzero, polynomial, show, signed, solved
from sml_gym import Draft, Reference, Step

_BALANCE = "Do the same to both sides until the unknown stands alone: undo sums first, then products."


def _isolate(a: int, b: int, c: int) -> list[Step]:
    """The steps that solve a x + b = c."""
    steps = []
    if b:
        action = f"Subtract {b} from both sides." if b > 0 else f"Add {-b} to both sides."
        left = polynomial((a, 0))
        steps.append(Step(f"{action[:-1]}: {left} = {c - b}.", action, f"{left} = {c - b}"))
    if a != 1:
        value = show(Fraction(c - b, a))
        steps.append(
            Step(f"Divide both sides by {a}: x = {value}.", f"Divide both sides by {a}.", value),
        )
    else:
        steps[-1] = Step(steps[-1].text, steps[-1].action, show(c - b))
    return steps


def _one_1(rng: random.Random) -> Draft:
    """The equation a x + b = c, x a whole number; about 10,000 problems."""
    x, a, b = between(rng, 2, 25), between(rng, 2, 12), nonzero(rng, 20)
    c = a * x + b

    def reference() -> Reference:
        return solved(*_isolate(a, b, c), idea=_BALANCE, mistakes={"math.kind.moved": Fraction(c + b, a)})

    return Draft(f"Solve for x: {polynomial((a, b))} = {c}", reference)


def _one_2(rng: random.Random) -> Draft:
    """The equation a x + b = c x + d, x an integer of either sign; about 250,000 problems."""
    x, c, extra = nonzero(rng, 15), nonzero(rng, 9), between(rng, 2, 9)
    a, b = c + extra, nonzero(rng, 30)
    if a == 0:
        a, extra = a + 1, extra + 1
    d = extra * x + b

    def reference() -> Reference:
        side = polynomial((extra, b))
        move = f"Subtract {polynomial((c, 0))} from both sides."
        if c < 0:
            move = f"Add {polynomial((-c, 0))} to both sides."
        first = Step(f"{move[:-1]}: {side} = {d}.", move, f"{side} = {d}")
        mistakes = {"math.kind.moved": Fraction(d + b, extra)}
        return solved(first, *_isolate(extra, b, d), idea=_BALANCE, mistakes=mistakes)

    return Draft(f"Solve for x: {polynomial((a, b))} = {polynomial((c, d))}", reference)


def _one_3(rng: random.Random) -> Draft:
    """The equation a (x + b) + c = d x + e, parentheses to expand; about 800,000 problems."""
    x, a, b, c = nonzero(rng, 12), between(rng, 3, 9), nonzero(rng, 12), nonzero(rng, 20)
    d = between(rng, 1, a - 2)
    e = a * (x + b) + c - d * x

    def reference() -> Reference:
        flat, right = polynomial((a, a * b + c)), polynomial((d, e))
        rest = a - d
        side = polynomial((rest, a * b + c))
        move = f"Subtract {polynomial((d, 0))} from both sides."
        return solved(
            Step(
                f"Expand and collect the left side: {flat} = {right}.",
                f"Multiply out {a}(x{signed(b)}) and collect the numbers.",
                f"{flat} = {right}",
            ),
            Step(f"{move[:-1]}: {side} = {e}.", move, f"{side} = {e}"),
            *_isolate(rest, a * b + c, e),
            idea="Multiply out the parentheses, collect like terms, and bring the unknown to one side.",
            mistakes={"math.kind.distribute": Fraction(e - c - b, rest)},
        )

    return Draft(f"Solve for x: {a}(x{signed(b)}){signed(c)} = {polynomial((d, e))}", reference)


def _one_4(rng: random.Random) -> Draft:
    """The equation x/a + b = x/c + d, with x a multiple of both; about 25,000 problems."""
    a = between(rng, 2, 8)
    c = a + between(rng, 1, 6)
    x, b = a * c * nonzero(rng, 6), nonzero(rng, 25)
    d = x // a + b - x // c

    def reference() -> Reference:
        common = a * c
        left, right = polynomial((c, b * common)), polynomial((a, d * common))
        side = polynomial((c - a, b * common))
        move = f"Subtract {polynomial((a, 0))} from both sides."
        return solved(
            Step(
                f"Multiply both sides by {common}: {left} = {right}.",
                f"Multiply every term on both sides by {a} * {c}.",
                f"{left} = {right}",
            ),
            Step(f"{move[:-1]}: {side} = {d * common}.", move, f"{side} = {d * common}"),
            *_isolate(c - a, b * common, d * common),
            idea="Clear the fractions by multiplying every term by a common multiple of the denominators.",
            mistakes={"math.kind.every_term": Fraction(d - b, c - a)},
        )

    return Draft(f"Solve for x: x/{a}{signed(b)} = x/{c}{signed(d)}", reference)


LINEAR = (MathFamily("linear_equation", (_one_1, _one_2, _one_3, _one_4)),)
