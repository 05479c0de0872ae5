"""Hidden rules that rearrange a list or change the letters of a word."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sml_envs.hidden.game import MISS, WHERE, fact
from sml_envs.rule.game import Rule, RuleGame, listed, two_queries
from sml_gym import Fact

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_ITEM = re.compile(r"-?[0-9]{1,4}")
_LIST = re.compile(r"[\[(]?\s*-?[0-9]{1,4}(?:(?:\s*,\s*|\s+)-?[0-9]{1,4}){0,15}\s*[\])]?\.?")
_LETTERS = re.compile(r"[\"'`*]*([A-Za-z]{1,24})[\"'`*]*\.?")
_MOST = 29
_A = ord("a")
_TRIES = 500

Items = tuple[int, ...]

_ORDER, _TURN, _SWAP, _MOVE = (
    "orders the numbers by size",
    "turns the whole list around or along",
    "exchanges numbers that stand in certain places",
    "moves one number that is chosen by its size",
)
_ALL, _ENDS, _GROWS, _ALTERNATES = (
    "does the same to every letter",
    "changes only letters at the ends or in the middle",
    "changes letters by more, or by less, from place to place",
    "treats odd and even places differently",
)


def _swap(items: Items, one: int, two: int) -> Items:
    changed = list(items)
    changed[one], changed[two] = changed[two], changed[one]
    return tuple(changed)


def _move(items: Items, at: int, to_front: bool) -> Items:
    rest = items[:at] + items[at + 1 :]
    return (items[at], *rest) if to_front else (*rest, items[at])


def _pairs(items: Items) -> Items:
    swapped = [n for i in range(0, len(items) - 1, 2) for n in (items[i + 1], items[i])]
    return (*swapped, *items[len(swapped) :])


REARRANGEMENTS: tuple[Rule, ...] = (
    Rule("sort it upwards", _ORDER, lambda x: tuple(sorted(x))),
    Rule("sort it downwards", _ORDER, lambda x: tuple(sorted(x, reverse=True))),
    Rule("reverse it", _TURN, lambda x: x[::-1]),
    Rule("move its first number to the end", _TURN, lambda x: x[1:] + x[:1]),
    Rule("move its last number to the front", _TURN, lambda x: x[-1:] + x[:-1]),
    Rule("move its first two numbers to the end", _TURN, lambda x: x[2:] + x[:2]),
    Rule("exchange its first and its last number", _SWAP, lambda x: _swap(x, 0, -1)),
    Rule("exchange its first two numbers", _SWAP, lambda x: _swap(x, 0, 1)),
    Rule("exchange its last two numbers", _SWAP, lambda x: _swap(x, -1, -2)),
    Rule("exchange the numbers of each pair of neighbours", _SWAP, _pairs),
    Rule("move its smallest number to the front", _MOVE, lambda x: _move(x, x.index(min(x)), True)),
    Rule("move its smallest number to the end", _MOVE, lambda x: _move(x, x.index(min(x)), False)),
    Rule("move its largest number to the front", _MOVE, lambda x: _move(x, x.index(max(x)), True)),
    Rule("move its largest number to the end", _MOVE, lambda x: _move(x, x.index(max(x)), False)),
    Rule(
        "exchange its smallest and its largest number",
        _MOVE,
        lambda x: _swap(x, x.index(min(x)), x.index(max(x))),
    ),
)


@dataclass(frozen=True, slots=True)
class Shift:
    """A rule that moves each letter along the alphabet, by its place: `by(place, length)` times a step."""

    name: str
    kind: str
    by: Callable[[int, int], int]


SHIFTS: tuple[Shift, ...] = (
    Shift("move every letter {step}", _ALL, lambda i, n: 1),
    Shift("move the first letter {step}", _ENDS, lambda i, n: int(i == 0)),
    Shift("move all letters but the last {step}", _ENDS, lambda i, n: int(i < n - 1 or n == 1)),
    Shift("move the first two letters {step}", _ENDS, lambda i, n: int(i < 2)),
    Shift("move the first and the last letter {step}", _ENDS, lambda i, n: int(i in (0, n - 1))),
    Shift(
        "move the first letter {step}, the second twice as far, the third three times as far, and so on",
        _GROWS,
        lambda i, n: i + 1,
    ),
    Shift(
        "move the first letter {step}, each further one twice as far as the one before it",
        _GROWS,
        lambda i, n: 2**i,
    ),
    Shift(
        "move the last letter {step}, the one before it twice as far, and so on to the front",
        _GROWS,
        lambda i, n: n - i,
    ),
    Shift("move the letters in odd places {step}", _ALTERNATES, lambda i, n: int(i % 2 == 0)),
    Shift(
        "move the letters in odd places {step}, and those in even places as far the other way",
        _ALTERNATES,
        lambda i, n: 1 if i % 2 == 0 else -1,
    ),
    Shift(
        "move the letters in odd places {step}, and those in even places twice as far",
        _ALTERNATES,
        lambda i, n: 1 if i % 2 == 0 else 2,
    ),
    Shift(
        "move the first letter {step}, and all others as far the other way",
        _ENDS,
        lambda i, n: -1 if i else 1,
    ),
    Shift("move the first letter {step}, and all others twice as far", _ENDS, lambda i, n: 2 if i else 1),
)


class ListRule(RuleGame):
    """Lists of whole numbers."""

    asked_for = "a list of whole numbers, such as [1, 2, 3]"

    def show(self, value: Sequence[int]) -> str:
        return show_list(value)

    def plain(self, answer: str) -> str | None:
        text = answer.strip()
        if len(text) > 200 or _LIST.fullmatch(text) is None:
            return None
        return show_list([int(item) for item in _ITEM.findall(text)])

    def apart(self, hidden: str, said: str) -> Fact:
        return _first_wrong(_ITEM.findall(hidden), _ITEM.findall(said))


class WordRule(RuleGame):
    """Words of small letters."""

    asked_for = "a word of small letters"

    def plain(self, answer: str) -> str | None:
        found = _LETTERS.fullmatch(answer.strip())
        return found[1].lower() if found else None

    def apart(self, hidden: str, said: str) -> Fact:
        return _first_wrong(hidden, said)


def show_list(items: Sequence[int]) -> str:
    """A list as it is written, `[3, 1, 2]`."""
    return f"[{', '.join(map(str, items))}]"


def rearranged(rng: random.Random, size: int) -> RuleGame:
    """A list: one of `size` ways to rearrange it. All of them leave a list of equal numbers as it is."""
    for _ in range(_TRIES):
        rules = rng.sample(REARRANGEMENTS, size)
        queries = two_queries(rules, _five_numbers, rng)
        if queries is not None:
            same = show_list([1 + int(rng.random() * 9)] * 5)
            texts = (
                f"A machine does one of these to a list: {listed(rules)}. It leaves {same} as it is, as "
                f"all of them would. What does it make of {show_list(queries[0])}?",
                f"The machine does the same as before. What does it make of {show_list(queries[1])}?",
            )
            return ListRule(rules, queries, texts, _five_numbers, rng.getrandbits(32))
    raise AssertionError(f"no {size} rules differ on any list")


def shifted(rng: random.Random, size: int) -> RuleGame:
    """A word: one of `size` ways to move its letters. All of them do the same to a word of one letter."""
    for _ in range(_TRIES):
        step, back = 1 + int(rng.random() * 5), rng.random() < 0.5
        way = f"{step} {'place' if step == 1 else 'places'} {'back' if back else 'on'} in the alphabet"
        sign = -step if back else step
        rules = [
            Rule(shift.name.format(step=way), shift.kind, partial(_shift, shift.by, sign))
            for shift in rng.sample(SHIFTS, size)
        ]
        queries = two_queries(rules, _five_letters, rng)
        if queries is not None:
            letter = _ALPHABET[int(rng.random() * len(_ALPHABET))]
            texts = (
                f"A machine does one of these to a word (after z comes a): {listed(rules)}. It "
                f"turns {letter} into {rules[0].of(letter)}, as all of them would. "
                f"What does it make of {queries[0]}?",
                f"The machine does the same as before. What does it make of {queries[1]}?",
            )
            return WordRule(rules, queries, texts, _five_letters, rng.getrandbits(32))
    raise AssertionError(f"no {size} rules differ on any word")


def _five_numbers(rng: random.Random) -> Items:
    chosen: list[int] = []
    while len(chosen) < 5:  # a third of the time that `sample` takes
        number = 1 + int(rng.random() * _MOST)
        if number not in chosen:
            chosen.append(number)
    return tuple(chosen)


def _five_letters(rng: random.Random) -> str:
    return "".join([_ALPHABET[int(rng.random() * len(_ALPHABET))] for _ in range(5)])


def _shift(by: Callable[[int, int], int], step: int, word: str) -> str:
    length = len(word)
    places = [ord(letter) - _A + step * by(place, length) for place, letter in enumerate(word)]
    return "".join([_ALPHABET[place % len(_ALPHABET)] for place in places])


def _first_wrong(hidden: Sequence[str], said: Sequence[str]) -> Fact:
    place = next((i for i, pair in enumerate(zip(hidden, said, strict=False)) if pair[0] != pair[1]), 0)
    return fact("rule.place", WHERE, MISS, "error", "nth", ORDINALS[place])
