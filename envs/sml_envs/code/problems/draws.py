"""Random draws: what a problem asks, and the inputs that it is tested on.

A problem's maker draws through `Pick`, which remembers every draw by name: the names are holes in the
problem's text and code. It tells *ways* (the structure of a problem, which its isomorphs share) from
constants (which its isomorphs draw anew).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, TypeVar

_T = TypeVar("_T")

LOWER = "abcdefghijklmnopqrstuvwxyz"
VOWELS = "aeiou"
COMMON = "aeioulmnrst"
"""Letters that are frequent in words."""
MARKS = "*#_-+=~^"
_WORDS = (
    "apple river stone cloud green table music paper light storm bread ocean tiger lemon piano chair "
    "night house glass honey noon level radar ant bee cat dog elk fox owl sun sea ice oak sky map key jar "
    "tea egg winter summer garden window bottle silver orange purple butter dinner letter mirror pepper "
    "rabbit a in on at up to of it is be do go we he mountain notebook elephant umbrella kangaroo "
)
WORDS = tuple(_WORDS.split())
"""Words that texts are made of: of many lengths, with and without double letters."""
_FIRST_NAMES = "Ada Ben Cleo Dan Eva Finn Gus Hana Ian Jo Kim Leo Mia Nils Ola Pia Quin Rosa Sam Tess "
FIRST_NAMES = tuple(_FIRST_NAMES.split())
_ITEMS = "pear fig plum nut corn rice bean kale leek beet salt milk soup cake tart jam oil rye oat pea "
ITEMS = tuple(_ITEMS.split())


def nth(number: int) -> str:
    """An ordinal, `3rd`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number // 10 % 10 == 1 else ending}"


class Draws:
    """Cheap draws from a generator: of inputs for tests."""

    __slots__ = ("_random",)

    def __init__(self, rng: random.Random) -> None:
        self._random = rng.random

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + int(self._random() * (high - low + 1))

    def one(self, options: Sequence[_T]) -> _T:
        """One of the options."""
        return options[int(self._random() * len(options))]

    def chance(self, probability: float = 0.5) -> bool:
        """True with this probability."""
        return self._random() < probability

    def shuffled(self, items: Sequence[_T]) -> list[_T]:
        """The items in random order."""
        left = list(items)
        return [left.pop(int(self._random() * len(left))) for _ in range(len(left))]

    def some(self, options: Sequence[_T], count: int) -> list[_T]:
        """`count` different places of `options`, in random order."""
        return self.shuffled(options)[:count]

    def ints(self, least: int, most: int, low: int, high: int) -> list[int]:
        """From `least` to `most` integers, each from `low` to `high`."""
        return [self.between(low, high) for _ in range(self.between(least, most))]

    def pair(self, least: int, most: int, low: int, high: int) -> tuple[list[int], list[int]]:
        """Two lists of integers of one length."""
        size = self.between(least, most)
        return self.ints(size, size, low, high), self.ints(size, size, low, high)

    def grid(self, least: int, most: int, low: int, high: int) -> list[list[int]]:
        """From `least` to `most` rows of integers, all of one length in the same bounds."""
        size = self.between(least, most)
        return [self.ints(size, size, low, high) for _ in range(self.between(least, most))]

    def walk(self, size: int, start: int, low: int, high: int) -> list[int]:
        """`size` integers, each by `low` to `high` greater than the one before it."""
        steps = [start]
        while len(steps) < size:
            steps.append(steps[-1] + self.between(low, high))
        return steps

    def text(self, alphabet: str, least: int, most: int) -> str:
        """From `least` to `most` letters of an alphabet."""
        return "".join([self.one(alphabet) for _ in range(self.between(least, most))])

    def words(self, least: int, most: int, pool: Sequence[str] = WORDS) -> list[str]:
        """From `least` to `most` words, which may repeat."""
        return [self.one(pool) for _ in range(self.between(least, most))]

    def phrase(self, least: int, most: int, pool: Sequence[str] = WORDS) -> str:
        """Words separated by single blanks."""
        return " ".join(self.words(least, most, pool))

    def table(self, keys: Sequence[str], least: int, most: int, low: int, high: int) -> dict[str, int]:
        """From `least` to `most` of the keys, each with an integer."""
        return {key: self.between(low, high) for key in self.some(keys, self.between(least, most))}


class OtherShape(Exception):
    """A problem does not have the structure that was asked for."""


class Pick(Draws):
    """The draws that make up a problem, by name.

    Attributes:
        level: the level that is asked for.
        values: what was drawn, by name.
        shape: the ways taken, in order: what isomorphs have in common.
        wanted: the shape to have, None for any. Another way raises `OtherShape` at once, so that looking
            for an isomorph is cheap.
    """

    __slots__ = ("level", "shape", "values", "wanted")

    def __init__(self, rng: random.Random, level: int, wanted: Sequence[Any] | None = None) -> None:
        super().__init__(rng)
        self.level = level
        self.wanted = wanted
        self.values: dict[str, Any] = {}
        self.shape: list[Any] = []

    def way(self, names: str, *options: Any) -> Any:
        """One of the options as part of the structure. Several names stand for the parts of an option."""
        chosen = self.pick(names, *options)
        self.shape.append(chosen)
        if self.wanted is not None and self.wanted[len(self.shape) - 1 : len(self.shape)] != [chosen]:
            raise OtherShape
        return chosen

    def pick(self, names: str, *options: Any) -> Any:
        """One of the options as a constant. Several names stand for the parts of an option."""
        chosen = options[int(self._random() * len(options))]
        keys = names.split()
        if len(keys) == 1:
            self.values[keys[0]] = chosen
        else:
            self.values.update(zip(keys, chosen, strict=True))
        return chosen

    def number(self, name: str, low: int, high: int) -> int:
        """A constant from `low` to `high`, both included."""
        value = self.values[name] = self.between(low, high)
        return value

    def __getitem__(self, name: str) -> Any:
        """What was drawn under a name."""
        return self.values[name]

    def let(self, **values: Any) -> None:
        """Names for values that follow from what was drawn."""
        self.values.update(values)
