"""Facts in the few shapes that all checks share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sml_gym import Direction, Fact, Informativeness

Facts = list[Fact]
Check = Callable[[Mapping[str, Any], str, str], Facts]
"""From an item's metadata, the reference answer and the student's wrong answer to what is wrong with it."""

_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
]


def where(kind: str, **slots: str) -> Fact:
    """Where it goes wrong."""
    return Fact(f"reasoning.{kind}", slots, Informativeness.WHERE, Direction.HINDSIGHT_NEGATIVE, "error")


def what(kind: str, **slots: str) -> Fact:
    """What is wrong there."""
    return Fact(f"reasoning.{kind}", slots, Informativeness.WHAT, Direction.HINDSIGHT_NEGATIVE, "error")


def right(kind: str, **slots: str) -> Fact:
    """What is right about the attempt."""
    return Fact(f"reasoning.{kind}", slots, Informativeness.WHERE, Direction.HINDSIGHT_POSITIVE, "right")


def ahead(kind: str, **slots: str) -> Fact:
    """What to do next."""
    return Fact(f"reasoning.{kind}", slots, Informativeness.NEXT_STEP, Direction.FUTURE_POSITIVE, "next")


def avoid(kind: str, **slots: str) -> Fact:
    """What not to do next."""
    return Fact(f"reasoning.{kind}", slots, Informativeness.NEXT_STEP, Direction.FUTURE_NEGATIVE, "next")


def at(place: str, finding: Fact) -> Facts:
    """The place, and what is wrong there: a teacher says the one that its informativeness allows."""
    return [where("place.wrong", place=place), finding]


def nth(position: int, thing: str) -> str:
    """The thing at a position counted from 0, in words as far as there are some: `the third move`."""
    return f"the {_ORDINALS[position]} {thing}" if position < len(_ORDINALS) else f"{thing} {position + 1}"


def cell(row: int, column: int) -> str:
    """A cell by its row and column, counted from 0."""
    return f"row {row + 1}, column {column + 1}"
