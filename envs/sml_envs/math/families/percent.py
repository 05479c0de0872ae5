"""Percentages and rates."""

from __future__ import annotations

import random
from fractions import Fraction

from sml_envs.math.families.base import MathFamily, between, choose, decimal, show, solved
from sml_gym import Draft, Reference, Step

_PERCENT = "A percentage is a number of hundredths: multiply by it and divide by a hundred."
_CHANGE = "Compare the change with the value before, not with the value after."
_CHAIN = "Each change multiplies what was there before it; percentages of different amounts do not add."
_SPEED = "Distance is speed times time; bring all times to the same unit first."
_WORK = "Add what each does in one hour, then see how long the whole takes at that rate."


def _of(percent: int, whole: int) -> Draft:
    def reference() -> Reference:
        product = percent * whole
        value = decimal(Fraction(product, 100))
        return solved(
            Step(f"{percent} * {whole} = {product}.", f"Multiply {percent} by {whole}.", str(product)),
            Step(f"{product} / 100 = {value}.", f"Divide {product} by 100.", value),
            idea=_PERCENT,
            mistakes={"math.kind.rest": whole - Fraction(product, 100)} if percent != 50 else None,
        )

    return Draft(f"What is {percent}% of {whole}?", reference)


def _of_1(rng: random.Random) -> Draft:
    """Multiples of 5% of multiples of 20, whole results; about 700 problems."""
    return _of(5 * between(rng, 1, 19), 20 * between(rng, 2, 40))


def _of_2(rng: random.Random) -> Draft:
    """Any whole percentage of any amount up to 999, decimal results; about 95,000 problems."""
    return _of(between(rng, 2, 99), between(rng, 30, 999))


def _change_1(rng: random.Random) -> Draft:
    """The price after one rise or fall; about 8,000 problems."""
    percent, hundredth = choose(rng, (5, 8, 10, 12, 15, 20, 24, 25, 30, 35, 40, 45, 60)), between(rng, 3, 40)
    thing = choose(rng, ("bicycle", "coat", "phone", "table", "camera", "lamp", "guitar", "tent"))
    price, rises = 20 * hundredth, rng.random() < 0.5

    def reference() -> Reference:
        part = Fraction(percent * price, 100)
        value = price + part if rises else price - part
        sign, word = ("+", "Add it to") if rises else ("-", "Subtract it from")
        return solved(
            Step(
                f"{percent} * {price} / 100 = {decimal(part)}.",
                f"Work out {percent}% of {price}.",
                decimal(part),
            ),
            Step(f"{price} {sign} {decimal(part)} = {decimal(value)}.", f"{word} {price}.", decimal(value)),
            idea=_PERCENT,
            unit="dollars",
            mistakes={"math.kind.operation": 2 * price - value},
        )

    verb = "rises" if rises else "falls"
    text = f"The price of a {thing} is {price} dollars. It {verb} by {percent}%."
    return Draft(f"{text} What is the new price in dollars?", reference)


def _change_2(rng: random.Random) -> Draft:
    """By what percentage a value has changed; about 5,000 problems."""
    percent, unit = between(rng, 2, 60), between(rng, 2, 12)
    old, rises = 100 * unit, rng.random() < 0.5
    new = old + percent * unit if rises else old - percent * unit
    thing = choose(rng, ("club's membership", "town's population", "shop's daily sales", "library's stock"))

    def reference() -> Reference:
        change = abs(new - old)
        return solved(
            Step(
                f"{max(old, new)} - {min(old, new)} = {change}.",
                f"Find the change from {old} to {new}.",
                str(change),
            ),
            Step(
                f"{change} * 100 / {old} = {percent}.",
                f"Say what percentage {change} is of {old}.",
                str(percent),
            ),
            idea=_CHANGE,
            unit="%",
            mistakes={"math.kind.base": Fraction(100 * change, new)},
        )

    verb = "grows" if rises else "shrinks"
    return Draft(f"A {thing} {verb} from {old} to {new}. By what percentage does it change?", reference)


def _change_3(rng: random.Random) -> Draft:
    """The start, given the end after two changes; about 9,000 problems."""
    p, q = choose(rng, (5, 10, 15, 20, 25, 30, 40, 50)), choose(rng, (5, 10, 15, 20, 25, 30, 40, 50))
    start = 400 * between(rng, 1, 30)
    end = start * (100 + p) * (100 - q) // 10_000
    whole = start * (100 + p) * (100 - q) % 10_000 == 0
    thing = choose(rng, ("A herd", "A forum", "A city", "A fund", "A colony"))
    if not whole:
        start, end = 10_000, (100 + p) * (100 - q)

    def reference() -> Reference:
        grown = start * (100 + p) // 100
        return solved(
            Step(
                f"{end} * 100 / {100 - q} = {grown}.",
                f"Undo the fall: {end} is {100 - q}% of what was there before it.",
                str(grown),
            ),
            Step(
                f"{grown} * 100 / {100 + p} = {start}.",
                f"Undo the rise: that is {100 + p}% of the start.",
                str(start),
            ),
            idea=_CHAIN,
            mistakes={"math.kind.chain": Fraction(end * 100, 100 + p - q)} if p != q else None,
        )

    text = f"{thing} grows by {p}%, then shrinks by {q}%, and is then {end}. What was it at the start?"
    return Draft(text, reference)


def _rate_1(rng: random.Random) -> Draft:
    """Distance, speed or time of a steady journey; about 18,000 problems."""
    speed, hours = between(rng, 12, 120), between(rng, 2, 12)
    who = choose(rng, ("A train", "A cyclist", "A ship", "A bus", "A lorry"))
    distance, asked = speed * hours, between(rng, 0, 2)

    if asked == 0:

        def far() -> Reference:
            return solved(
                Step(f"{speed} * {hours} = {distance}.", f"Multiply {speed} by {hours}.", str(distance)),
                idea=_SPEED,
                unit="km",
                mistakes={"math.kind.operation": Fraction(speed, hours)},
            )

        text = f"{who} goes {speed} km in an hour. How many km does it go in {hours} hours?"
        return Draft(text, far)
    if asked == 1:

        def fast() -> Reference:
            return solved(
                Step(f"{distance} / {hours} = {speed}.", f"Divide {distance} by {hours}.", str(speed)),
                idea=_SPEED,
                unit="km/h",
                mistakes={"math.kind.operation": distance * hours},
            )

        return Draft(f"{who} goes {distance} km in {hours} hours. What is its average speed in km/h?", fast)

    def long() -> Reference:
        return solved(
            Step(f"{distance} / {speed} = {hours}.", f"Divide {distance} by {speed}.", str(hours)),
            idea=_SPEED,
            unit="hours",
            mistakes={"math.kind.operation": distance * speed},
        )

    return Draft(f"{who} goes {distance} km at {speed} km/h. How many hours does it take?", long)


def _rate_2(rng: random.Random) -> Draft:
    """The average speed of a journey in two parts; about 40,000 problems."""
    v, w = 5 * between(rng, 4, 20), 5 * between(rng, 4, 20)
    s, t = between(rng, 1, 6), between(rng, 1, 6)
    if v == w:
        w += 15
    if s == t:
        t += 1
    total = v * s + w * t
    who = choose(rng, ("A van", "A train", "A coach", "A car"))

    def reference() -> Reference:
        value = show(Fraction(total, s + t))
        return solved(
            Step(f"{v} * {s} = {v * s}.", f"Find the length of the first part: {v} times {s}.", str(v * s)),
            Step(f"{w} * {t} = {w * t}.", f"Find the length of the second part: {w} times {t}.", str(w * t)),
            Step(f"{v * s} + {w * t} = {total}.", f"Add the two lengths {v * s} and {w * t}.", str(total)),
            Step(f"{s} + {t} = {s + t}.", f"Add the two times {s} and {t}.", str(s + t)),
            Step(f"{total} / {s + t} = {value}.", "Divide the whole length by the whole time.", value),
            idea="The average speed is the whole distance over the whole time, not the mean of the speeds.",
            unit="km/h",
            mistakes={"math.kind.mean": Fraction(v + w, 2)},
        )

    hours = f"{s} hour{'s' if s > 1 else ''}"
    text = (
        f"{who} drives {hours} at {v} km/h, then {t} hour{'s' if t > 1 else ''} at {w} km/h. "
        "What is its average speed in km/h? Give a whole number or a fraction."
    )
    return Draft(text, reference)


def _rate_3(rng: random.Random) -> Draft:
    """How long two together take for what each does alone; about 4,500 problems."""
    a, b = between(rng, 2, 40), between(rng, 2, 40)
    if a == b:
        b += 1
    one, two, job = choose(
        rng,
        (
            ("One pump", "another", "empties a tank"),
            ("Anna", "Bashir", "paints a fence"),
            ("One printer", "a second one", "prints a book"),
        ),
    )

    def reference() -> Reference:
        rate = Fraction(1, a) + Fraction(1, b)
        return solved(
            Step(f"1/{a} + 1/{b} = {show(rate)}.", f"Add the rates 1/{a} and 1/{b}.", show(rate)),
            Step(
                f"1 / ({show(rate)}) = {show(1 / rate)}.",
                "Divide one by the sum of the rates.",
                show(1 / rate),
            ),
            idea=_WORK,
            unit="hours",
            mistakes={"math.kind.mean": Fraction(a + b, 2), "math.kind.operation": Fraction(a + b)},
        )

    text = (
        f"{one} {job} in {a} hours, {two} does it in {b} hours. How many hours do they take together? "
        "Give a whole number or a fraction."
    )
    return Draft(text, reference)


PERCENT = (
    MathFamily("percent_of", (_of_1, _of_2)),
    MathFamily("percent_change", (_change_1, _change_2, _change_3)),
    MathFamily("rate", (_rate_1, _rate_2, _rate_3)),
)
