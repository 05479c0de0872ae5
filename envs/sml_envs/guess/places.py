"""Hidden things that are made of places with a symbol each: codes, words, cards."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from sml_envs.hidden.game import AHEAD, AWAY, HIT, MISS, NEXT, WHAT, WHERE, Game, fact
from sml_gym import Fact

COUNTS = ("none", "one", "two", "three", "four", "five")
ORDINALS = ("first", "second", "third", "fourth", "fifth")
_WORD = re.compile(r"[A-Za-z]+")
_CLEAN = re.compile(r"[\s,.'\"`*-]+")


class Places(Game):
    """Candidates with the same places, each with one of the symbols of its place.

    Args:
        candidates: the symbols of each, in the order of the places.
        places: what the places are called.
        statement: the problem.
        asked_for: what an answer has to be.
        located: whether informativeness 2 tells which places are right, and 3 the symbol of one that is not;
            else 2 tells how many symbols belong elsewhere, and 3 only which place has to change.
        joint: what stands between the symbols of an answer.
    """

    advice = "Try what shares symbols with as many of the possible ones as it differs from."

    def __init__(
        self,
        candidates: Sequence[Sequence[str]],
        places: Sequence[str],
        statement: str,
        asked_for: str,
        *,
        located: bool,
        joint: str = "",
    ) -> None:
        super().__init__()
        self.candidates = tuple(tuple(symbols) for symbols in candidates)
        self.places = tuple(places)
        self.answers = tuple(joint.join(symbols) for symbols in self.candidates)
        self.statement = statement
        self.asked_for = asked_for
        self._located = located
        self._positions: dict[str, int] = {}

    def key(self, answer: str) -> str:
        """An answer without what does not count: case, blanks and marks."""
        return _CLEAN.sub("", answer).casefold()

    def read(self, answer: str) -> int | None:
        if not self._positions:
            self._positions.update((self.key(own), position) for position, own in enumerate(self.answers))
        return self._positions.get(self.key(answer)) if len(answer) <= 80 else None

    def compare(self, hidden: int, said: int) -> Iterator[Fact]:
        secret, given = self.candidates[hidden], self.candidates[said]
        right = [place for place, pair in enumerate(zip(secret, given, strict=True)) if pair[0] == pair[1]]
        wrong = next(place for place in range(len(secret)) if place not in right)
        place = self.places[wrong]
        yield fact("guess.count", WHERE, MISS, "error", "in_place", COUNTS[len(right)])
        if self._located:
            yield fact("guess.right_places", WHAT, MISS, "error", "right_places", self._listed(right))
        else:
            shared = sum((Counter(secret) & Counter(given)).values()) - len(right)
            counts = "in_place", COUNTS[len(right)], "elsewhere", COUNTS[shared]
            yield fact("guess.counts", WHAT, MISS, "error", *counts)
        if right:
            yield fact("guess.place_right", WHERE, HIT, "error", "spot", self.places[right[0]])
        if self._located:
            yield fact("guess.take", NEXT, AHEAD, "next", "spot", place, "symbol", secret[wrong])
        else:
            yield fact("guess.change", NEXT, AHEAD, "next", "spot", place)
        yield fact("guess.avoid", NEXT, AWAY, "next", "spot", place, "symbol", given[wrong])

    def _listed(self, right: Sequence[int]) -> str:
        names = [self.places[place] for place in right]
        if not names:
            return "none"
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


class Cards(Places):
    """Places whose symbols are words of their own, which an answer may name in any order."""

    advice = "Try a card that agrees with about half of the possible ones in each respect."

    def key(self, answer: str) -> str:
        return " ".join(
            sorted(word.casefold() for word in _WORD.findall(answer) if word.casefold() != "card")
        )
