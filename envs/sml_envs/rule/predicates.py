"""Hidden conditions on lists: the student names one, and the teacher shows a list that speaks against it."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Sequence
from functools import partial

from sml_envs.hidden.game import MISS, WHAT, WHERE
from sml_envs.rule.game import Rule, RuleGame
from sml_envs.rule.sequences import Items, show_list
from sml_gym import Fact

_LETTER = re.compile(r"[\W_]*(?:option|condition|rule)?[\W_]*([A-Z])[\W_]*", re.IGNORECASE)
_WIDE, _NARROW = (Fact(f"rule.{size}", {}, WHERE, MISS, "error") for size in ("wide", "narrow"))
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LISTS = 40
_TRIES = 500

_ORDER, _PARITY, _SIZE, _SUM, _EQUAL = (
    "how its numbers follow one another",
    "which of its numbers are odd or even",
    "how large its numbers are",
    "what its numbers add up to",
    "which of its numbers are equal",
)


CONDITIONS: tuple[Rule, ...] = (
    Rule("each number is larger than the one before it", _ORDER, lambda x: x[0] < x[1] < x[2]),
    Rule("the last number is larger than the first", _ORDER, lambda x: x[2] > x[0]),
    Rule("the second number is larger than the first", _ORDER, lambda x: x[1] > x[0]),
    Rule("the last number is the largest of all", _ORDER, lambda x: x[2] > max(x[0], x[1])),
    Rule("all numbers are even", _PARITY, lambda x: all(n % 2 == 0 for n in x)),
    Rule("the first number is even", _PARITY, lambda x: x[0] % 2 == 0),
    Rule("the last number is even", _PARITY, lambda x: x[2] % 2 == 0),
    Rule("at least one number is even", _PARITY, lambda x: any(n % 2 == 0 for n in x)),
    Rule("all numbers are below 20", _SIZE, lambda x: max(x) < 20),
    Rule("all numbers are below 15", _SIZE, lambda x: max(x) < 15),
    Rule("the first number is below 10", _SIZE, lambda x: x[0] < 10),
    Rule("at least one number is below 10", _SIZE, lambda x: min(x) < 10),
    Rule("the sum is even", _SUM, lambda x: sum(x) % 2 == 0),
    Rule("the sum is below 40", _SUM, lambda x: sum(x) < 40),
    Rule("the sum can be divided by 3", _SUM, lambda x: sum(x) % 3 == 0),
    Rule("no two numbers are equal", _EQUAL, lambda x: len(set(x)) == 3),
    Rule("the first and the last number differ", _EQUAL, lambda x: x[0] != x[2]),
)


MEETS_ALL: tuple[Items, ...] = tuple(
    items for items in itertools.combinations(range(2, 12), 3) if all(rule.of(items) for rule in CONDITIONS)
)
"""Lists that meet every condition."""


class ConditionGame(RuleGame):
    """An answer is the letter of a condition. Asked once more, the letters stand for other ones.

    The queries are how far the letters are moved.

    Args:
        rules: the conditions.
        lists: lists on which no two of them agree throughout, the teacher's examples.
        moves: how far the letters are moved, in the first and in the second problem.
        texts: the two problems.
    """

    advice = "Choose the condition for which a list that speaks against it would rule out most of the others."
    kind_fact = "rule.about"

    def __init__(
        self, rules: Sequence[Rule], lists: Sequence[Items], moves: Sequence[int], texts: Sequence[str]
    ) -> None:
        size = len(rules)
        letters = [Rule(rule.name, rule.kind, partial(_letter, i, size)) for i, rule in enumerate(rules)]
        super().__init__(letters, moves, texts, _three, 0)
        self._conditions = tuple(rules)
        self._lists = tuple(lists)
        self.asked_for = f"one letter from A to {_LETTERS[len(rules) - 1]}"

    def again(self) -> RuleGame | None:
        if len(self._queries) < 2:
            return None
        return ConditionGame(self._conditions, self._lists, self._queries[1:], self._texts[1:])

    def solution(self, hidden: int) -> str:
        return f"The hidden condition is: {self.rules[hidden].name}. So the answer is {self.answers[hidden]}."

    def plain(self, answer: str) -> str | None:
        found = _LETTER.fullmatch(answer) if len(answer) <= 40 else None
        return found[1].upper() if found else None

    def apart(self, hidden: str, said: str) -> Fact:
        """Whether the condition named takes in what the hidden one does not, or only leaves something out."""
        right, wrong = (self._conditions[self._positions[letter]].of for letter in (hidden, said))
        return _WIDE if any(wrong(items) and not right(items) for items in self._lists) else _NARROW

    def holds(self, hidden: int, said: int, fact: Fact) -> bool | None:
        if fact.kind in ("rule.meets", "rule.fails"):
            meets = self._conditions[hidden].of
            known = {show_list(items): meets(items) == (fact.kind == "rule.meets") for items in self._lists}
            return known.get(fact.slots["shown_input"])
        return super().holds(hidden, said, fact)

    def _telling(self, hidden: int, said: int) -> Fact:
        right, wrong = self._conditions[hidden].of, self._conditions[said].of
        items = next(items for items in self._lists if right(items) != wrong(items))
        kind = "rule.meets" if right(items) else "rule.fails"
        return Fact(kind, {"shown_input": show_list(items)}, WHAT, MISS, "error")


def condition(rng: random.Random, size: int) -> RuleGame:
    """Three numbers: one of `size` conditions, all of which a list meets that the text shows."""
    for _ in range(_TRIES):
        rules = rng.sample(CONDITIONS, size)
        lists = [_three(rng) for _ in range(_LISTS)]
        if len({tuple([rule.of(items) for items in lists]) for rule in rules}) == size:
            break
    else:
        raise AssertionError(f"no {size} conditions differ")
    shown = show_list(MEETS_ALL[int(rng.random() * len(MEETS_ALL))])
    moves = (0, 1 + int(rng.random() * (size - 1)))
    texts = (
        f"I sort lists of three numbers by a condition, and {shown} meets it. It is one of these, and that "
        f"list meets them all: {_options(rules, moves[0])}. Which is it? Answer with its letter.",
        f"The condition is the same as before, but not the letters: {_options(rules, moves[1])}. Which is "
        "it? Answer with its letter.",
    )
    return ConditionGame(rules, lists, moves, texts)


def _letter(place: int, size: int, move: int) -> str:
    return _LETTERS[(place + move) % size]


def _options(rules: Sequence[Rule], move: int) -> str:
    ordered = [rules[(place - move) % len(rules)] for place in range(len(rules))]
    return "; ".join([f"({_LETTERS[place]}) {rule.name}" for place, rule in enumerate(ordered)])


def _three(rng: random.Random) -> Items:
    """Three numbers up to 29; often small ones, or two that are equal."""
    most = 29 if rng.random() < 0.6 else 14
    first, second, third = (1 + int(rng.random() * most) for _ in range(3))
    draw = rng.random()
    if draw < 0.25:
        return (first, second, first) if draw < 0.15 else (first, first, third)
    return first, second, third
