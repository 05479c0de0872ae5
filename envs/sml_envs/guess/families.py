"""The guessing games, three levels each."""

from __future__ import annotations

import itertools
import random
from functools import cache

from sml_envs.guess.numbers import Distance, HigherLower
from sml_envs.guess.places import ORDINALS, Cards, Places
from sml_envs.guess.words import WORDS
from sml_envs.hidden.game import Game
from sml_envs.hidden.tasks import HiddenFamily

_PLACES = tuple(f"{ordinal} place" for ordinal in ORDINALS)
_RESPECTS = {
    "colour": ("red", "blue", "green"),
    "shape": ("circle", "square", "star"),
    "size": ("small", "medium", "large"),
}


@cache
def _higher_lower(size: int, reach: int, block: int) -> Game:
    return HigherLower(size, reach, block)


@cache
def _distance(size: int, limits: tuple[int, int, int]) -> Game:
    return Distance(size, limits)


@cache
def _code(places: int, letters: str) -> Game:
    listed = f"{', '.join(letters[:-1])} and {letters[-1]}"
    count = ("", "one", "two", "three")[places]
    return Places(
        list(itertools.product(letters, repeat=places)),
        _PLACES[:places],
        f"I have written down a code of {count} letters, each of them {listed}; letters may repeat. "
        "Which code is it?",
        f"{count} letters, each of them {listed}",
        located=False,
    )


@cache
def _card(respects: tuple[tuple[str, tuple[str, ...]], ...]) -> Game:
    said = "; ".join(f"its {name} is {', '.join(v[:-1])} or {v[-1]}" for name, v in respects)
    names = [name for name, _ in respects]
    return Cards(
        list(itertools.product(*(values for _, values in respects))),
        names,
        f"I am thinking of a card: {said}. Which card is it?",
        f"a {', a '.join(names[:-1])} and a {names[-1]}, each one that the text names",
        located=True,
        joint=" ",
    )


def _word(rng: random.Random, size: int) -> Game:
    words = sorted(rng.sample(WORDS, size))
    return Places(
        words,
        [f"{ordinal} letter" for ordinal in ORDINALS],
        f"I am thinking of one of these words: {', '.join(words)}. Which word is it?",
        "one of the words in the list",
        located=True,
    )


_COLOUR, _SHAPE, _SIZE = _RESPECTS.items()

FAMILIES: tuple[HiddenFamily, ...] = (
    HiddenFamily(
        "number",
        (
            lambda _: _higher_lower(10, 2, 4),
            lambda _: _higher_lower(30, 4, 8),
            lambda _: _higher_lower(100, 10, 16),
        ),
    ),
    HiddenFamily(
        "distance",
        (
            lambda _: _distance(10, (1, 2, 5)),
            lambda _: _distance(20, (2, 4, 9)),
            lambda _: _distance(40, (3, 8, 18)),
        ),
    ),
    HiddenFamily(
        "code",
        (lambda _: _code(2, "ABC"), lambda _: _code(2, "ABCD"), lambda _: _code(3, "ABC")),
    ),
    HiddenFamily(
        "card",
        (
            lambda _: _card((_COLOUR, _SHAPE)),
            lambda _: _card((_COLOUR, _SHAPE, ("size", ("small", "large")))),
            lambda _: _card((_COLOUR, _SHAPE, _SIZE)),
        ),
    ),
    HiddenFamily("word", (lambda rng: _word(rng, 8), lambda rng: _word(rng, 16), lambda rng: _word(rng, 24))),
)
"""Every family of the domain."""
