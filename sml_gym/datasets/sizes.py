"""Facts about the length of an answer and the place where another one parts from it."""

from __future__ import annotations

from collections.abc import Sequence

from sml_gym.datasets.normal import count_in_words, normal, ordinal, words_of
from sml_gym.verdict import Direction, Fact, Informativeness

_WHERE, _WHAT, _NEXT = Informativeness.WHERE, Informativeness.WHAT, Informativeness.NEXT_STEP
_MISS, _AHEAD = Direction.HINDSIGHT_NEGATIVE, Direction.FUTURE_POSITIVE


def place_facts(given: str, wanted: str) -> list[Fact]:
    """Where an answer first differs: the word, or in an answer of one word the character."""
    said, right = words_of(given), words_of(wanted)
    by_word = len(right) > 1
    shared = _shared(said, right) if by_word else _shared(normal(given), normal(wanted))
    length = len(said) if by_word else len(normal(given))
    whole = len(right) if by_word else len(normal(wanted))
    unit = "word" if by_word else "character"
    if shared == length and shared < whole:
        return [Fact("dataset.place.unfinished", {}, _WHERE, _MISS, "place")] if shared else []
    if shared == whole and shared < length:
        return [Fact("dataset.place.goes_on", {}, _WHERE, _MISS, "place")]
    if shared >= max(length, whole):  # they differ in marks between the words only
        return [Fact("dataset.place.marks", {}, _WHERE, _MISS, "place")]
    return [Fact("dataset.place.first", {"place": ordinal(shared + 1), "unit": unit}, _WHERE, _MISS, "place")]


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many items two sequences begin alike with."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def size_facts(given: str, wanted: str) -> list[Fact]:
    """Whether an answer is too long or too short (what kind), and how long the right one is (next step)."""
    said, right = words_of(given), words_of(wanted)
    facts: list[Fact] = []
    if len(said) != len(right):
        kind = "dataset.size.few_words" if len(said) < len(right) else "dataset.size.many_words"
        facts.append(Fact(kind, {}, _WHAT, _MISS, "size"))
    elif len(right) == 1 and len(normal(given)) != len(normal(wanted)):
        kind = "dataset.size.short" if len(normal(given)) < len(normal(wanted)) else "dataset.size.long"
        facts.append(Fact(kind, {}, _WHAT, _MISS, "size"))
    return [*facts, *length_facts(wanted, _NEXT)]


def length_facts(wanted: str, level: Informativeness = _WHAT) -> list[Fact]:
    """How many words the right answer has, or how many characters its one word; nothing that tells it."""
    right = words_of(wanted)
    if len(right) > 1:
        number, kind = len(right), "dataset.size.words"
    else:
        number, kind = len(normal(wanted)), "dataset.size.characters"
    count = count_in_words(number)
    if number < 2 or {count, str(number)} & set(right):
        return []
    return [Fact(kind, {"count": count}, level, _AHEAD, "size")]
