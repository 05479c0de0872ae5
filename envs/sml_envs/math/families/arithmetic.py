"""Whole numbers: sums, products, quotients, and the order of operations."""

from __future__ import annotations

import random

from sml_envs.math.families.base import MathFamily, between, choose, solved
from sml_gym import Draft, Reference, Step

_COLUMNS = "Work column by column from the units, and mind what you carry."
_PARTS = "Split one factor into its digits, multiply by each, and add the parts."
_LONG = "Divide digit by digit from the left, carrying what remains."
_ORDER = "First what stands in parentheses, then products, then sums and differences."


def _sum(first: int, *others: int) -> Reference:
    """The reference of a running sum of signed terms."""
    steps, total = [], first
    for term in others:
        new = total + term
        if term < 0:
            steps.append(Step(f"{total} - {-term} = {new}.", f"Subtract {-term} from {total}.", str(new)))
        else:
            steps.append(Step(f"{total} + {term} = {new}.", f"Add {term} to {total}.", str(new)))
        total = new
    mistakes = {"math.kind.operation": first - sum(others)} if len(others) == 1 else None
    return solved(*steps, idea=_COLUMNS, mistakes=mistakes)


def _add_1(rng: random.Random) -> Draft:
    """The forms a + b or a - b with two-digit a > b; about 16,000 problems."""
    a, b = between(rng, 12, 99), between(rng, 11, 99)
    if rng.random() < 0.5:
        return Draft(f"What is {a} + {b}?", lambda: _sum(a, b))
    return Draft(f"What is {a} - {b}?", lambda: _sum(a, -b))


def _add_2(rng: random.Random) -> Draft:
    """Three or four digits; about 10^8 problems."""
    a, b = between(rng, 200, 9999), between(rng, 120, 9999)
    if rng.random() < 0.5:
        return Draft(f"What is {a} + {b}?", lambda: _sum(a, b))
    return Draft(f"What is {a} - {b}?", lambda: _sum(a, -b))


def _add_3(rng: random.Random) -> Draft:
    """Three terms of five or six digits, one of them subtracted; beyond 10^15 problems."""
    a, b, c = (between(rng, 10_000, 999_999) for _ in range(3))
    if rng.random() < 0.5:
        return Draft(f"What is {a} + {b} - {c}?", lambda: _sum(a, b, -c))
    return Draft(f"What is {a} - {b} + {c}?", lambda: _sum(a, -b, c))


def _product(a: int, b: int) -> Reference:
    """The reference of a product, by the digits of b."""
    steps, parts = [], []
    for place, digit in enumerate(reversed(str(b))):
        if digit != "0":
            factor = int(digit) * 10**place
            parts.append(a * factor)
            steps.append(
                Step(f"{a} * {factor} = {a * factor}.", f"Multiply {a} by {factor}.", str(a * factor))
            )
    if len(parts) > 1:
        total = " + ".join(map(str, parts))
        steps.append(
            Step(f"{total} = {a * b}.", f"Add the parts: {total}.", str(a * b)),
        )
    return solved(*steps, idea=_PARTS, mistakes={"math.kind.operation": a + b})


def _multiply(a: int, b: int) -> Draft:
    return Draft(f"What is {a} * {b}?", lambda: _product(a, b))


def _multiply_1(rng: random.Random) -> Draft:
    """Two digits by one; 616 problems."""
    return _multiply(between(rng, 12, 99), between(rng, 3, 9))


def _multiply_2(rng: random.Random) -> Draft:
    """Two digits by two; about 7,700 problems."""
    return _multiply(between(rng, 12, 99), between(rng, 12, 99))


def _multiply_3(rng: random.Random) -> Draft:
    """Three or four digits by two or three; about 9 million problems."""
    return _multiply(between(rng, 102, 9999), between(rng, 13, 999))


def _quotient(dividend: int, divisor: int) -> Reference:
    """The reference of an exact quotient, by long division."""
    steps, rest, quotient = [], dividend, dividend // divisor
    for place in reversed(range(len(str(quotient)))):
        part = quotient // 10**place % 10 * 10**place
        if not part:
            continue
        if part == rest // divisor and part == quotient:
            break
        if part * divisor == rest:
            steps.append(
                Step(f"{rest} / {divisor} = {part}.", f"Divide {rest} by {divisor}.", str(part)),
            )
        else:
            steps.append(
                Step(
                    f"{rest} - {part} * {divisor} = {rest - part * divisor}.",
                    f"Take {part} times {divisor} away from {rest}.",
                    str(rest - part * divisor),
                )
            )
        rest -= part * divisor
    steps.append(
        Step(
            f"{dividend} / {divisor} = {quotient}.",
            f"Collect how many times {divisor} was taken from {dividend}.",
            str(quotient),
        )
    )
    return solved(*steps, idea=_LONG)


def _divide(quotient: int, divisor: int) -> Draft:
    dividend = quotient * divisor
    return Draft(f"What is {dividend} / {divisor}?", lambda: _quotient(dividend, divisor))


def _divide_1(rng: random.Random) -> Draft:
    """A two-digit quotient, a one-digit divisor; about 600 problems."""
    return _divide(between(rng, 12, 99), between(rng, 3, 9))


def _divide_2(rng: random.Random) -> Draft:
    """A three-digit quotient, a two-digit divisor; about 80,000 problems."""
    return _divide(between(rng, 101, 999), between(rng, 11, 99))


def _remainder(dividend: int, divisor: int) -> Reference:
    quotient, rest = divmod(dividend, divisor)
    multiple = quotient * divisor
    return solved(
        Step(
            f"{divisor} goes {quotient} times into {dividend}.",
            f"Find how often {divisor} goes into {dividend}.",
            str(quotient),
        ),
        Step(f"{quotient} * {divisor} = {multiple}.", f"Multiply {quotient} by {divisor}.", str(multiple)),
        Step(f"{dividend} - {multiple} = {rest}.", f"Subtract {multiple} from {dividend}.", str(rest)),
        idea="The remainder is what is left after taking away the largest multiple of the divisor that fits.",
    )


def _divide_3(rng: random.Random) -> Draft:
    """The remainder of a four- or five-digit number; about 8 million problems."""
    divisor = between(rng, 12, 99)
    dividend = between(rng, 1000, 99_999)
    return Draft(
        f"What is the remainder when {dividend} is divided by {divisor}?",
        lambda: _remainder(dividend, divisor),
    )


def _order_1(rng: random.Random) -> Draft:
    """The forms a + b * c or a * b - c; about 90,000 problems."""
    a, b, c = between(rng, 3, 60), between(rng, 3, 30), between(rng, 3, 30)
    if rng.random() < 0.5:

        def plus() -> Reference:
            return solved(
                Step(f"{b} * {c} = {b * c}.", f"Multiply {b} by {c}.", str(b * c)),
                Step(f"{a} + {b * c} = {a + b * c}.", f"Add {a} and {b * c}.", str(a + b * c)),
                idea=_ORDER,
                mistakes={"math.kind.order": (a + b) * c},
            )

        return Draft(f"What is {a} + {b} * {c}?", plus)

    def minus() -> Reference:
        return solved(
            Step(f"{a} * {b} = {a * b}.", f"Multiply {a} by {b}.", str(a * b)),
            Step(f"{a * b} - {c} = {a * b - c}.", f"Subtract {c} from {a * b}.", str(a * b - c)),
            idea=_ORDER,
            mistakes={"math.kind.order": a * (b - c)},
        )

    return Draft(f"What is {a} * {b} - {c}?", minus)


def _order_2(rng: random.Random) -> Draft:
    """(a + b) * c - d, with either sign inside; about 15 million problems."""
    a, b = between(rng, 5, 80), between(rng, 3, 60)
    c, d = between(rng, 3, 20), between(rng, 5, 99)
    sign, word = choose(rng, (("+", "Add"), ("-", "Subtract")))

    def reference() -> Reference:
        inner = a + b if sign == "+" else a - b
        action = f"Add {a} and {b}." if word == "Add" else f"Subtract {b} from {a}."
        shown = inner if inner >= 0 else f"({inner})"
        product = inner * c
        flat = a + b * c - d if sign == "+" else a - b * c - d
        return solved(
            Step(f"{a} {sign} {b} = {inner}.", action, str(inner)),
            Step(f"{shown} * {c} = {product}.", f"Multiply {inner} by {c}.", str(product)),
            Step(f"{product} - {d} = {product - d}.", f"Subtract {d} from {product}.", str(product - d)),
            idea=_ORDER,
            mistakes={"math.kind.order": flat},
        )

    return Draft(f"What is ({a} {sign} {b}) * {c} - {d}?", reference)


def _order_3(rng: random.Random) -> Draft:
    """The form a * b - c * (d + e); about 60 million problems."""
    a, b, c = between(rng, 12, 60), between(rng, 11, 40), between(rng, 3, 15)
    d, e = between(rng, 3, 60), between(rng, 3, 60)

    def reference() -> Reference:
        inner, left = d + e, a * b
        right = c * inner
        return solved(
            Step(f"{d} + {e} = {inner}.", f"Add {d} and {e}.", str(inner)),
            Step(f"{a} * {b} = {left}.", f"Multiply {a} by {b}.", str(left)),
            Step(f"{c} * {inner} = {right}.", f"Multiply {c} by {inner}.", str(right)),
            Step(f"{left} - {right} = {left - right}.", f"Subtract {right} from {left}.", str(left - right)),
            idea=_ORDER,
            mistakes={"math.kind.order": left - c * d + e, "math.kind.parentheses": left - c * d - e},
        )

    return Draft(f"What is {a} * {b} - {c} * ({d} + {e})?", reference)


ARITHMETIC = (
    MathFamily("add_subtract", (_add_1, _add_2, _add_3)),
    MathFamily("multiply", (_multiply_1, _multiply_2, _multiply_3)),
    MathFamily("divide", (_divide_1, _divide_2, _divide_3)),
    MathFamily("order_of_operations", (_order_1, _order_2, _order_3)),
)
