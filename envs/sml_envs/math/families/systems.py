"""Systems of two linear equations, of which one unknown is asked for."""

from __future__ import annotations

import random
from fractions import Fraction

from sml_envs.math.families.base import MathFamily, between, bracket, nonzero, polynomial, show, solved
from sml_gym import Draft, Reference, Step

_SUBSTITUTE = "Put what one equation says about an unknown into the other equation."
_ELIMINATE = "Multiply the equations so that one unknown has the same coefficient, then subtract them."


def _side(a: int, b: int) -> str:
    """The left side a x + b y."""
    y = polynomial((b, 0), "y")
    x = polynomial((a, 0))
    return f"{x} - {y[1:]}" if b < 0 else f"{x} + {y}"


def _substitution(rng: random.Random) -> Draft:
    """The form y = a x + b and c x + d y = e; about 500,000 problems."""
    x, a, b = nonzero(rng, 10), nonzero(rng, 6), nonzero(rng, 12)
    y = a * x + b
    c, d = between(rng, 1, 9), between(rng, 1, 5)
    if c + d * a == 0:
        c += 1
    e = c * x + d * y
    asks_x = rng.random() < 0.5

    def reference() -> Reference:
        slope, shift = c + d * a, d * b
        line = polynomial((a, b))
        steps = [
            Step(
                f"{polynomial((c, 0))} + {d}({line}) = {e}, so {polynomial((slope, shift))} = {e}.",
                f"Put {line} in place of y in the second equation and collect.",
                f"{polynomial((slope, shift))} = {e}",
            ),
            Step(
                f"{polynomial((slope, 0))} = {e - shift}, so x = {x}.",
                "Solve that equation for x.",
                str(x),
            ),
        ]
        if not asks_x:
            steps.append(
                Step(
                    f"y = {a} * {bracket(x)} + {bracket(b)} = {y}.",
                    "Put the value of x into the first equation.",
                    str(y),
                )
            )
        mistakes = None if x == y else {"math.kind.other_unknown": y if asks_x else x}
        return solved(*steps, idea=_SUBSTITUTE, mistakes=mistakes)

    problem = f"y = {polynomial((a, b))} and {_side(c, d)} = {e}. What is {'x' if asks_x else 'y'}?"
    return Draft(problem, reference)


def _elimination(rng: random.Random, size: int, values: int) -> Draft:
    while True:
        a, b, c, d = nonzero(rng, size), nonzero(rng, size), nonzero(rng, size), nonzero(rng, size)
        if a * d != b * c and a > 0:
            break
    x, y = nonzero(rng, values), nonzero(rng, values)
    e, f = a * x + b * y, c * x + d * y
    asks_x = rng.random() < 0.5

    def reference() -> Reference:
        first, second = f"{_side(a, b)} = {e}", f"{_side(c, d)} = {f}"
        if asks_x:
            wanted, value, by_one, by_two = "x", x, d, b
            kept = a * d - c * b
        else:
            wanted, value, by_one, by_two = "y", y, c, a
            kept = b * c - d * a
        one = f"{_side(a * by_one, b * by_one)} = {e * by_one}"
        two = f"{_side(c * by_two, d * by_two)} = {f * by_two}"
        constant = e * by_one - f * by_two
        left = polynomial((kept, 0), wanted)
        steps = [
            Step(f"{first} times {by_one}: {one}.", f"Multiply the first equation by {by_one}.", one),
            Step(f"{second} times {by_two}: {two}.", f"Multiply the second equation by {by_two}.", two),
            Step(
                f"Their difference is {left} = {constant}.",
                "Subtract the second of the new equations from the first.",
                f"{left} = {constant}",
            ),
            Step(
                f"{constant} / {bracket(kept)} = {value}, so {wanted} = {value}.",
                f"Divide both sides by {kept}.",
                show(Fraction(constant, kept)),
            ),
        ]
        if by_two == 1:
            del steps[1]
        if by_one == 1:
            del steps[0]
        mistakes = None if x == y else {"math.kind.other_unknown": y if asks_x else x}
        return solved(*steps, idea=_ELIMINATE, mistakes=mistakes)

    wanted = "x" if asks_x else "y"
    return Draft(f"{_side(a, b)} = {e} and {_side(c, d)} = {f}. What is {wanted}?", reference)


def _elimination_2(rng: random.Random) -> Draft:
    """Coefficients up to 5, values up to 9; about 3 million problems."""
    return _elimination(rng, 5, 9)


def _elimination_3(rng: random.Random) -> Draft:
    """Coefficients up to 12, values up to 25; about 10^9 problems."""
    return _elimination(rng, 12, 25)


SYSTEMS = (MathFamily("two_equations", (_substitution, _elimination_2, _elimination_3)),)
