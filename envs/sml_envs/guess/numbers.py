"""Hidden numbers: with feedback on which side they lie, or only on how far away they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sml_envs.hidden.game import AHEAD, AWAY, HIT, MISS, NEXT, WHAT, WHERE, Game
from sml_gym import Fact

_NUMBER = re.compile(r"\+?0*([0-9]{1,6})\.?")

_LOW, _HIGH = (Fact(f"guess.{side}", {}, WHERE, MISS, "error") for side in ("low", "high"))
_NEAR_LOW, _FAR_LOW, _NEAR_HIGH, _FAR_HIGH = (
    Fact(f"guess.{size}", {}, WHAT, MISS, "error")
    for size in ("near_low", "far_low", "near_high", "far_high")
)
_AVOID_LOWER, _AVOID_HIGHER = (
    Fact(f"guess.avoid_{side}", {}, NEXT, AWAY, "next") for side in ("lower", "higher")
)
_PARITY = Fact("guess.parity_right", {}, WHERE, HIT, "error")
_NEAR, _FAR = (Fact(f"guess.{size}", {}, WHERE, MISS, "error") for size in ("near", "far"))
_HALVES = ("lower", "upper")


class _NumberGame(Game):
    """A whole number from 1 to `size`; candidate i is the number i + 1."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.answers = tuple(str(number) for number in range(1, size + 1))
        self.asked_for = f"a whole number from 1 to {size}"

    def read(self, answer: str) -> int | None:
        found = _NUMBER.fullmatch(answer.strip())
        number = int(found[1]) if found else 0
        return number - 1 if 1 <= number <= self.size else None

    def solution(self, hidden: int) -> str:
        return f"The hidden number is {hidden + 1}."


class HigherLower(_NumberGame):
    """Which side, how far, and between which bounds.

    Args:
        size: the largest number.
        reach: how far apart two numbers are near at most.
        block: how many numbers the bounds of informativeness 3 leave.
    """

    advice = "Try the number that has as many possible ones below it as above."

    def __init__(self, size: int, reach: int, block: int) -> None:
        super().__init__(size)
        self.reach = reach
        self.block = block
        self.statement = (
            f"I am thinking of a whole number from 1 to {size}. Which is it? "
            f"(Two numbers that differ by {reach} or less are near.)"
        )

    def compare(self, hidden: int, said: int) -> Iterator[Fact]:
        low, near = said < hidden, abs(said - hidden) <= self.reach
        yield _LOW if low else _HIGH
        if low:
            yield _NEAR_LOW if near else _FAR_LOW
        else:
            yield _NEAR_HIGH if near else _FAR_HIGH
        if (said - hidden) % 2 == 0:
            yield _PARITY
        start = hidden // self.block * self.block
        bounds = {"bound_below": str(start), "bound_above": str(min(start + self.block, self.size) + 1)}
        yield Fact("guess.between", bounds, NEXT, AHEAD, "next")
        yield _AVOID_LOWER if low else _AVOID_HIGHER


class Distance(_NumberGame):
    """How far, and never on which side; informativeness 3 tells the half.

    Args:
        size: the largest number.
        limits: up to which distance numbers are very near, near and far; the rest are very far.
    """

    advice = "Try a number from which the possible ones lie at as many kinds of distance as can be."

    def __init__(self, size: int, limits: tuple[int, int, int]) -> None:
        super().__init__(size)
        self.limits = limits
        one, two, three = limits
        self.statement = (
            f"I am thinking of a whole number from 1 to {size}. Which is it? (Two numbers are very near "
            f"if they differ by {one} or less, near by {two} or less, far by {three} or less, else very far.)"
        )

    def compare(self, hidden: int, said: int) -> Iterator[Fact]:
        apart = abs(said - hidden)
        one, two, three = self.limits
        yield _NEAR if apart <= two else _FAR
        how = (
            "very near"
            if apart <= one
            else "near"
            if apart <= two
            else "far"
            if apart <= three
            else "very far"
        )
        yield Fact("guess.distance", {"distance": how}, WHAT, MISS, "error")
        if (said - hidden) % 2 == 0:
            yield _PARITY
        upper = hidden >= self.size // 2
        yield Fact("guess.half", {"half": _HALVES[upper]}, NEXT, AHEAD, "next")
        yield Fact("guess.avoid_half", {"half": _HALVES[not upper]}, NEXT, AWAY, "next")
