"""Sequences: arithmetic, geometric and recursive ones, and their sums."""

from __future__ import annotations

import random

from sml_envs.math.families.base import MathFamily, between, bracket, nonzero, signed, solved
from sml_gym import Draft, Reference, Step

_DIFFERENCE = "Find what is added from term to term, and count how many times it is added."
_RATIO = "Find what each term is multiplied by, and count how many times."
_SUM = "The sum of an arithmetic sequence is the number of terms times the mean of the first and the last."
_RECURSION = "Work out one term after another, and put the newest into the rule."


def _terms(values: list[int]) -> str:
    return ", ".join(map(str, values))


def _arithmetic(a: int, d: int, n: int) -> Draft:
    def reference() -> Reference:
        value = a + (n - 1) * d
        return solved(
            Step(
                f"{a + d} - {bracket(a)} = {d}.",
                f"Find the difference between {a + d} and {a}.",
                str(d),
            ),
            Step(
                f"{n - 1} * {bracket(d)} = {(n - 1) * d}.",
                "Multiply the difference by the number of steps from the first term.",
                str((n - 1) * d),
            ),
            Step(f"{a}{signed((n - 1) * d)} = {value}.", "Add that to the first term.", str(value)),
            idea=_DIFFERENCE,
            mistakes={"math.kind.one_step": value + d, "math.kind.one_step_short": value - d},
        )

    start = _terms([a, a + d, a + 2 * d, a + 3 * d])
    return Draft(f"An arithmetic sequence begins {start}. What is its term number {n}?", reference)


def _arithmetic_1(rng: random.Random) -> Draft:
    """A term up to number 30 with small positive numbers; about 8,000 problems."""
    return _arithmetic(between(rng, 1, 30), between(rng, 2, 12), between(rng, 6, 30))


def _arithmetic_2(rng: random.Random) -> Draft:
    """A term up to number 400, differences of either sign; about 5 million problems."""
    return _arithmetic(nonzero(rng, 99), nonzero(rng, 40), between(rng, 25, 400))


def _arithmetic_3(rng: random.Random) -> Draft:
    """The sum of the first n terms; about 125,000 problems."""
    a, d, n = nonzero(rng, 40), nonzero(rng, 15), between(rng, 8, 60)

    def reference() -> Reference:
        last = a + (n - 1) * d
        total, both = n * (a + last) // 2, a + last
        return solved(
            Step(
                f"{a}{signed((n - 1) * d)} = {last}.",
                "Find the last term to be added.",
                str(last),
            ),
            Step(
                f"{a}{signed(last)} = {both}.",
                "Add the first and the last of these terms.",
                str(both),
            ),
            Step(
                f"{n} * {bracket(both)} / 2 = {total}.",
                f"Multiply by the number of terms {n} and halve.",
                str(total),
            ),
            idea=_SUM,
            mistakes={
                "math.kind.half": n * both,
                "math.kind.one_step": total + last + d,
                "math.kind.one_step_short": total - last,
            },
        )

    start = _terms([a, a + d, a + 2 * d, a + 3 * d])
    text = f"An arithmetic sequence begins {start}. What is the sum of its first {n} terms?"
    return Draft(text, reference)


def _geometric_1(rng: random.Random) -> Draft:
    """A term up to number 9 of a geometric sequence; about 500 problems."""
    a, r, n = between(rng, 1, 24), between(rng, 2, 5), between(rng, 5, 9)

    def reference() -> Reference:
        power = r ** (n - 1)
        value = a * power
        return solved(
            Step(f"{a * r} / {a} = {r}.", f"Find the ratio of {a * r} to {a}.", str(r)),
            Step(
                f"{r}^{n - 1} = {power}.",
                "Raise the ratio to the number of steps from the first term.",
                str(power),
            ),
            Step(f"{a} * {power} = {value}.", "Multiply the first term by that power.", str(value)),
            idea=_RATIO,
            mistakes={"math.kind.one_step": value * r, "math.kind.one_step_short": value // r},
        )

    start = _terms([a, a * r, a * r * r])
    return Draft(f"A geometric sequence begins {start}. What is its term number {n}?", reference)


def _geometric_2(rng: random.Random) -> Draft:
    """The sum of the first n terms, ratios of either sign; about 2,500 problems."""
    a, r, n = nonzero(rng, 30), between(rng, 2, 5), between(rng, 4, 9)
    if rng.random() < 0.5:
        r = -r

    def reference() -> Reference:
        power = r**n
        value = a * (power - 1) // (r - 1)
        return solved(
            Step(f"{bracket(a * r)} / {bracket(a)} = {r}.", f"Find the ratio of {a * r} to {a}.", str(r)),
            Step(f"{bracket(r)}^{n} = {power}.", f"Raise the ratio to the power {n}.", str(power)),
            Step(
                f"{bracket(a)} * ({power} - 1) / ({r} - 1) = {value}.",
                "Subtract one from that power, multiply by the first term, divide by the ratio less one.",
                str(value),
            ),
            idea="Raise the ratio to the number of terms; the sum follows from that and the first term.",
            mistakes={
                "math.kind.one_step": value + a * power,
                "math.kind.one_step_short": value - a * r ** (n - 1),
            },
        )

    start = _terms([a, a * r, a * r * r])
    return Draft(f"A geometric sequence begins {start}. What is the sum of its first {n} terms?", reference)


def _recursive(a: int, p: int, q: int, n: int) -> Draft:
    """a(1) = a, a(k + 1) = p a(k) + q."""

    def reference() -> Reference:
        steps, value, before = [], a, a
        for k in range(2, n + 1):
            before, value = value, p * value + q
            steps.append(
                Step(
                    f"a({k}) = {p} * {bracket(before)}{signed(q)} = {value}.",
                    f"Put {before} into the rule: {p} * {bracket(before)}{signed(q)}.",
                    str(value),
                )
            )
        return solved(
            *steps,
            idea=_RECURSION,
            mistakes={"math.kind.one_step": p * value + q, "math.kind.one_step_short": before},
        )

    rule = f"a(n + 1) = {p} * a(n){signed(q)}"
    return Draft(f"A sequence has a(1) = {a} and {rule}. What is a({n})?", reference)


def _recursive_1(rng: random.Random) -> Draft:
    """Three or four steps of a(n + 1) = p a(n) + q; about 3,000 problems."""
    return _recursive(between(rng, 1, 20), between(rng, 2, 4), nonzero(rng, 12), between(rng, 4, 5))


def _recursive_2(rng: random.Random) -> Draft:
    """Five to seven steps with factors of either sign; about 43,000 problems."""
    p = between(rng, 2, 4)
    return _recursive(nonzero(rng, 20), p if rng.random() < 0.5 else -p, nonzero(rng, 30), between(rng, 6, 8))


def _recursive_3(rng: random.Random) -> Draft:
    """Each term the sum of p times the last and q times the one before; about 14,000 problems."""
    a, b, p, q = between(rng, 1, 12), between(rng, 1, 12), between(rng, 1, 4), nonzero(rng, 4)
    n = between(rng, 6, 8)

    def reference() -> Reference:
        steps, before, value = [], a, b
        for k in range(3, n + 1):
            new = p * value + q * before
            rule = f"{p} * {bracket(value)}{' + ' if q > 0 else ' - '}{abs(q)} * {bracket(before)}"
            steps.append(
                Step(f"a({k}) = {rule} = {new}.", f"Put {value} and {before} into the rule.", str(new))
            )
            before, value = value, new
        return solved(
            *steps,
            idea=_RECURSION,
            mistakes={"math.kind.one_step": p * value + q * before, "math.kind.one_step_short": before},
        )

    rule = f"a(n + 2) = {p} * a(n + 1){' + ' if q > 0 else ' - '}{abs(q)} * a(n)"
    return Draft(f"A sequence has a(1) = {a}, a(2) = {b} and {rule}. What is a({n})?", reference)


SEQUENCES = (
    MathFamily("arithmetic_sequence", (_arithmetic_1, _arithmetic_2, _arithmetic_3)),
    MathFamily("geometric_sequence", (_geometric_1, _geometric_2)),
    MathFamily("recursive_sequence", (_recursive_1, _recursive_2, _recursive_3)),
)
