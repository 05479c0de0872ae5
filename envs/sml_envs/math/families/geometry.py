"""Geometry: lengths, areas, angles and volumes of plane and solid figures."""

from __future__ import annotations

import random

from sml_envs.math.families.base import MathFamily, between, choose, solved
from sml_gym import Draft, Reference, Step

_RECTANGLE = "The area of a rectangle is length times width; its perimeter is twice their sum."
_TRIANGLE = "The area of a triangle is half of base times height."
_PYTHAGORAS = "In a right triangle the squares of the two legs add up to the square of the hypotenuse."
_ANGLES = "The angles of a triangle add up to half a full turn."
_POLYGON = "Cut the polygon into triangles from one corner; each adds half a full turn."
_BOX = "The volume of a box is length times width times height; its surface is three pairs of faces."
_PRISM = "The volume of a prism is the area of its base times its height."


def _half(value: int) -> str:
    return f"{value // 2}.5" if value % 2 else str(value // 2)


def _area_1(rng: random.Random) -> Draft:
    """Area or perimeter of a rectangle; about 8,000 problems."""
    a, b, unit = between(rng, 5, 40), between(rng, 3, 39), choose(rng, ("cm", "m", "km"))
    if a == b:
        a += 1

    if rng.random() < 0.5:

        def area() -> Reference:
            return solved(
                Step(f"{a} * {b} = {a * b}.", f"Multiply {a} by {b}.", str(a * b)),
                idea=_RECTANGLE,
                unit=f"{unit}^2",
                mistakes={"math.kind.perimeter": 2 * (a + b), "math.kind.operation": a + b},
            )

        shape = f"A rectangle is {a} {unit} long and {b} {unit} wide."
        return Draft(f"{shape} What is its area in {unit}^2?", area)

    def around() -> Reference:
        return solved(
            Step(f"{a} + {b} = {a + b}.", f"Add {a} and {b}.", str(a + b)),
            Step(f"2 * {a + b} = {2 * (a + b)}.", "Double that.", str(2 * (a + b))),
            idea=_RECTANGLE,
            unit=unit,
            mistakes={"math.kind.area": a * b},
        )

    return Draft(
        f"A rectangle is {a} {unit} long and {b} {unit} wide. What is its perimeter in {unit}?", around
    )


def _area_2(rng: random.Random) -> Draft:
    """Area of a triangle or a trapezium; about 200,000 problems."""
    a, h, unit = between(rng, 4, 60), between(rng, 3, 40), choose(rng, ("cm", "m"))
    if rng.random() < 0.4:

        def triangle() -> Reference:
            value = _half(a * h)
            return solved(
                Step(f"{a} * {h} = {a * h}.", f"Multiply {a} by {h}.", str(a * h)),
                Step(f"{a * h} / 2 = {value}.", f"Halve {a * h}.", value),
                idea=_TRIANGLE,
                unit=f"{unit}^2",
                mistakes={"math.kind.operation": a + h},
            )

        text = (
            f"A triangle has a base of {a} {unit} and a height of {h} {unit}. What is its area in {unit}^2?"
        )
        return Draft(text, triangle)
    b = between(rng, 3, 50)
    if b == a:
        b += 2

    def trapezium() -> Reference:
        twice = (a + b) * h
        return solved(
            Step(f"{a} + {b} = {a + b}.", f"Add the parallel sides {a} and {b}.", str(a + b)),
            Step(f"{a + b} * {h} = {twice}.", f"Multiply {a + b} by the height {h}.", str(twice)),
            Step(f"{twice} / 2 = {_half(twice)}.", f"Halve {twice}.", _half(twice)),
            idea="The area of a trapezium is half the sum of the parallel sides times the height.",
            unit=f"{unit}^2",
        )

    text = (
        f"A trapezium has parallel sides of {a} {unit} and {b} {unit}, {h} {unit} apart. "
        f"What is its area in {unit}^2?"
    )
    return Draft(text, trapezium)


def _area_3(rng: random.Random) -> Draft:
    """The area of a path around a garden, or of an L-shape; about 600,000 problems."""
    if rng.random() < 0.5:
        a, b, w = between(rng, 8, 50), between(rng, 5, 40), between(rng, 1, 6)

        def path() -> Reference:
            long, wide, inner = a + 2 * w, b + 2 * w, a * b
            outer = long * wide
            return solved(
                Step(f"{a} + 2 * {w} = {long}.", f"Add the path on both ends to the length {a}.", str(long)),
                Step(f"{b} + 2 * {w} = {wide}.", f"Add the path on both sides to the width {b}.", str(wide)),
                Step(f"{long} * {wide} = {outer}.", f"Multiply {long} by {wide}.", str(outer)),
                Step(f"{a} * {b} = {inner}.", f"Multiply {a} by {b}.", str(inner)),
                Step(
                    f"{outer} - {inner} = {outer - inner}.",
                    f"Subtract {inner} from {outer}.",
                    str(outer - inner),
                ),
                idea="Subtract the area of the garden from the area of garden and path together.",
                unit="m^2",
                mistakes={"math.kind.one_side": (a + w) * (b + w) - inner},
            )

        text = (
            f"A garden of {a} m by {b} m has a path {w} m wide all around it, outside. "
            "What is the area of the path in m^2?"
        )
        return Draft(text, path)
    a, b = between(rng, 10, 50), between(rng, 10, 40)
    c, d = between(rng, 3, a - 3), between(rng, 3, b - 3)

    def notch() -> Reference:
        whole, cut = a * b, c * d
        return solved(
            Step(f"{a} * {b} = {whole}.", f"Multiply {a} by {b}.", str(whole)),
            Step(f"{c} * {d} = {cut}.", f"Multiply {c} by {d}.", str(cut)),
            Step(f"{whole} - {cut} = {whole - cut}.", f"Subtract {cut} from {whole}.", str(whole - cut)),
            idea="Subtract the area of the part that was cut away from the area of the whole.",
            unit="cm^2",
            mistakes={"math.kind.operation": whole + cut},
        )

    text = (
        f"From a corner of a {a} cm by {b} cm sheet a rectangle of {c} cm by {d} cm is cut away. "
        "What is the area of what is left in cm^2?"
    )
    return Draft(text, notch)


_TRIPLES = (
    (3, 4, 5), (5, 12, 13), (8, 15, 17), (7, 24, 25), (20, 21, 29), (12, 35, 37), (9, 40, 41),
    (28, 45, 53), (11, 60, 61), (33, 56, 65), (16, 63, 65), (48, 55, 73), (13, 84, 85), (36, 77, 85),
)  # fmt: skip


def _right_1(rng: random.Random) -> Draft:
    """The hypotenuse; about 800 problems."""
    return _right(rng, hypotenuse=True)


def _right_2(rng: random.Random) -> Draft:
    """A leg; about 800 problems."""
    return _right(rng, hypotenuse=False)


def _right(rng: random.Random, *, hypotenuse: bool) -> Draft:
    p, q, r = choose(rng, _TRIPLES)
    k, unit = between(rng, 1, 15), choose(rng, ("cm", "m"))
    a, b, c = p * k, q * k, r * k
    if rng.random() < 0.5:
        a, b = b, a

    if hypotenuse:

        def longest() -> Reference:
            total = a * a + b * b
            return solved(
                Step(f"{a}^2 = {a * a}.", f"Square {a}.", str(a * a)),
                Step(f"{b}^2 = {b * b}.", f"Square {b}.", str(b * b)),
                Step(f"{a * a} + {b * b} = {total}.", f"Add {a * a} and {b * b}.", str(total)),
                Step(f"The square root of {total} is {c}.", f"Take the square root of {total}.", str(c)),
                idea=_PYTHAGORAS,
                unit=unit,
                mistakes={"math.kind.sum_of_sides": a + b},
            )

        legs = f"The legs of a right triangle are {a} {unit} and {b} {unit}."
        return Draft(f"{legs} How long is its hypotenuse in {unit}?", longest)

    def leg() -> Reference:
        rest = c * c - a * a
        return solved(
            Step(f"{c}^2 = {c * c}.", f"Square {c}.", str(c * c)),
            Step(f"{a}^2 = {a * a}.", f"Square {a}.", str(a * a)),
            Step(f"{c * c} - {a * a} = {rest}.", f"Subtract {a * a} from {c * c}.", str(rest)),
            Step(f"The square root of {rest} is {b}.", f"Take the square root of {rest}.", str(b)),
            idea=_PYTHAGORAS,
            unit=unit,
            mistakes={"math.kind.difference_of_sides": c - a},
        )

    text = (
        f"A right triangle has a hypotenuse of {c} {unit} and one leg of {a} {unit}. "
        f"How long is the other leg in {unit}?"
    )
    return Draft(text, leg)


def _angle_1(rng: random.Random) -> Draft:
    """The third angle of a triangle; about 8,000 problems."""
    a = between(rng, 15, 100)
    b = between(rng, 15, 165 - a)

    def reference() -> Reference:
        return solved(
            Step(f"{a} + {b} = {a + b}.", f"Add {a} and {b}.", str(a + b)),
            Step(f"180 - {a + b} = {180 - a - b}.", f"Subtract {a + b} from 180.", str(180 - a - b)),
            idea=_ANGLES,
            unit="degrees",
            mistakes={"math.kind.full_turn": 360 - a - b},
        )

    return Draft(
        f"Two angles of a triangle are {a} and {b} degrees. What is the third angle in degrees?", reference
    )


def _angle_2(rng: random.Random) -> Draft:
    """The last angle of a polygon with five to seven corners; beyond 10^8 problems."""
    corners = between(rng, 5, 7)
    total = (corners - 2) * 180
    mean = total // corners
    known = [between(rng, mean - 24, mean + 20) for _ in range(corners - 1)]

    def reference() -> Reference:
        sum_known = sum(known)
        shown = " + ".join(map(str, known))
        return solved(
            Step(
                f"({corners} - 2) * 180 = {total}.",
                "Multiply 180 by two less than the number of corners.",
                str(total),
            ),
            Step(f"{shown} = {sum_known}.", "Add the known angles.", str(sum_known)),
            Step(
                f"{total} - {sum_known} = {total - sum_known}.",
                f"Subtract {sum_known} from {total}.",
                str(total - sum_known),
            ),
            idea=_POLYGON,
            unit="degrees",
        )

    name = {5: "pentagon", 6: "hexagon", 7: "heptagon"}[corners]
    listed = ", ".join(map(str, known))
    ask = f"All angles but one of a {name} are {listed} degrees."
    return Draft(f"{ask} What is the last angle in degrees?", reference)


def _volume_1(rng: random.Random) -> Draft:
    """Volume or surface of a box; about 50,000 problems."""
    a, b, c = between(rng, 3, 30), between(rng, 2, 25), between(rng, 2, 20)
    unit = choose(rng, ("cm", "m"))
    box = f"A box is {a} {unit} long, {b} {unit} wide and {c} {unit} high."
    if rng.random() < 0.5:

        def volume() -> Reference:
            return solved(
                Step(f"{a} * {b} = {a * b}.", f"Multiply {a} by {b}.", str(a * b)),
                Step(f"{a * b} * {c} = {a * b * c}.", f"Multiply {a * b} by {c}.", str(a * b * c)),
                idea=_BOX,
                unit=f"{unit}^3",
                mistakes={"math.kind.surface": 2 * (a * b + b * c + a * c)},
            )

        return Draft(f"{box} What is its volume in {unit}^3?", volume)

    def surface() -> Reference:
        top, front, side = a * b, a * c, b * c
        half = top + front + side
        return solved(
            Step(f"{a} * {b} = {top}.", f"Find the area of the top: {a} times {b}.", str(top)),
            Step(f"{a} * {c} = {front}.", f"Find the area of the front: {a} times {c}.", str(front)),
            Step(f"{b} * {c} = {side}.", f"Find the area of a side: {b} times {c}.", str(side)),
            Step(f"{top} + {front} + {side} = {half}.", f"Add {top}, {front} and {side}.", str(half)),
            Step(f"2 * {half} = {2 * half}.", "Double that, for the opposite faces.", str(2 * half)),
            idea=_BOX,
            unit=f"{unit}^2",
            mistakes={"math.kind.volume": a * b * c},
        )

    return Draft(f"{box} What is its whole surface in {unit}^2?", surface)


def _volume_2(rng: random.Random) -> Draft:
    """A prism on a triangle, or how long a tank takes to fill; about 39,000 problems."""
    if rng.random() < 0.5:
        a, h, length = between(rng, 3, 30), between(rng, 3, 30), between(rng, 4, 50)

        def prism() -> Reference:
            twice = a * h
            value = _half(twice * length)
            return solved(
                Step(f"{a} * {h} = {twice}.", f"Multiply {a} by {h}.", str(twice)),
                Step(f"{twice} / 2 = {_half(twice)}.", f"Halve {twice}.", _half(twice)),
                Step(f"{_half(twice)} * {length} = {value}.", f"Multiply by the length {length}.", value),
                idea=_PRISM,
                unit="cm^3",
            )

        text = (
            f"A prism {length} cm long stands on a triangle with a base of {a} cm and a height of {h} cm. "
            "What is its volume in cm^3?"
        )
        return Draft(text, prism)
    a, b, c, flow = (
        between(rng, 2, 12),
        between(rng, 2, 10),
        between(rng, 1, 5),
        choose(rng, (20, 25, 40, 50)),
    )

    def filling() -> Reference:
        cubic = a * b * c
        litres = 1000 * cubic
        return solved(
            Step(f"{a} * {b} * {c} = {cubic}.", f"Find the volume: {a} times {b} times {c}.", str(cubic)),
            Step(f"{cubic} * 1000 = {litres}.", "Turn cubic metres into litres.", str(litres)),
            Step(
                f"{litres} / {flow} = {litres // flow}.", f"Divide {litres} by {flow}.", str(litres // flow)
            ),
            idea="Find the volume in litres, then divide by how many litres come in each minute.",
            unit="minutes",
            mistakes={"math.kind.operation": litres * flow},
        )

    text = (
        f"A pool is {a} m long, {b} m wide and {c} m deep. Water comes in at {flow} litres a minute, and a "
        "cubic metre is 1000 litres. How many minutes does it take to fill?"
    )
    return Draft(text, filling)


def _even(rng: random.Random) -> int:
    """An even number from -30 to 30."""
    return 2 * between(rng, -15, 15)


def _midpoint(rng: random.Random) -> Draft:
    """One coordinate of the midpoint of a segment; about 1.8 million problems."""
    a, b, c, d = (_even(rng) for _ in range(4))
    asks_x = rng.random() < 0.5

    def reference() -> Reference:
        p, q = (a, c) if asks_x else (b, d)
        shown = f"{p} + {q}" if q >= 0 else f"{p} - {-q}"
        half = (p + q) // 2
        return solved(
            Step(f"{shown} = {p + q}.", f"Add the two {'x' if asks_x else 'y'}-coordinates.", str(p + q)),
            Step(f"{p + q} / 2 = {half}.", "Halve that sum.", str(half)),
            idea="Each coordinate of the midpoint is the mean of the coordinates of the ends.",
            mistakes={"math.kind.other_coordinate": (b + d) // 2 if asks_x else (a + c) // 2},
        )

    which = "x" if asks_x else "y"
    text = f"A segment goes from ({a}, {b}) to ({c}, {d}). What is the {which}-coordinate of its midpoint?"
    return Draft(text, reference)


GEOMETRY = (
    MathFamily("area", (_area_1, _area_2, _area_3)),
    MathFamily("right_triangle", (_right_1, _right_2)),
    MathFamily("angles", (_angle_1, _angle_2)),
    MathFamily("volume", (_volume_1, _volume_2)),
    MathFamily("midpoint", (_midpoint,)),
)
