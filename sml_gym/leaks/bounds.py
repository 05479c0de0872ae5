"""Leaks by bounds and properties that one whole number has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.mention import Mention

_BETWEEN = re.compile(
    r"\bbetween (?P<low>-?\d{1,12}) and (?P<high>-?\d{1,12})\b|\b(?:more|greater|larger|bigger"
    r"|higher) than (?P<low2>-?\d{1,12})\b[^.!?\n]{0,30}"
    r"\b(?:less|smaller|fewer|lower) than (?P<high2>-?\d{1,12})\b|\b(?:less|smaller|fewer"
    r"|lower) than (?P<high3>-?\d{1,12})\b[^.!?\n]{0,30}"
    r"\b(?:more|greater|larger|bigger|higher) than (?P<low3>-?\d{1,12})\b"
    r"|(?P<low4>-?\d{1,12}) < (?:\w{1,8} < )(?P<high4>-?\d{1,12})",
    re.IGNORECASE,
)
_WIDEST = 60
_DIVISIBLE = re.compile(
    r"\b(?:divisible|divided|divides?|multiple of|multiple|table of)\b[^.!?\d]{0,16}(?P<by>[1-9]\d{0,2})\b",
    re.IGNORECASE,
)


def _prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, int(abs(n) ** 0.5) + 1))


_KINDS: tuple[tuple[re.Pattern[str], Callable[[int], bool]], ...] = (
    (re.compile(r"\beven\b", re.IGNORECASE), lambda n: n % 2 == 0),
    (re.compile(r"\bodd\b", re.IGNORECASE), lambda n: n % 2 == 1),
    (re.compile(r"\bprime\b", re.IGNORECASE), _prime),
    (re.compile(r"\b(?:perfect )?square\b", re.IGNORECASE), lambda n: n >= 0 and int(n**0.5 + 0.5) ** 2 == n),
    (re.compile(r"\b(?:perfect )?cube\b", re.IGNORECASE), lambda n: round(abs(n) ** (1 / 3)) ** 3 == abs(n)),
)


def by_bounds(answer: Answer, text: str) -> Iterator[Mention]:
    """Bounds with one whole number between them."""
    if answer.value is None or answer.value.denominator != 1:
        return
    for m in _BETWEEN.finditer(text):
        bounds = [int(bound) for bound in m.groups() if bound is not None]
        if max(bounds) - min(bounds) == 2 and sum(bounds) == 2 * answer.value:
            yield Mention(m.start(), m.end(), "bounds", sure=True, whole=True)


def by_filters(answer: Answer, text: str) -> Iterator[Mention]:
    """Bounds and properties that one whole number has: `between 40 and 44, and divisible by 6`."""
    if answer.value is None or answer.value.denominator != 1:
        return
    for m in _BETWEEN.finditer(text):
        bounds = [int(bound) for bound in m.groups() if bound is not None]
        low, high = min(bounds), max(bounds)
        if not low <= answer.value <= high or high - low > _WIDEST:
            continue
        around = text[max(0, m.start() - 120) : m.end() + 120]
        left = [n for n in range(low, high + 1) if m["low"] or low < n < high]
        kinds = 0
        for found in _DIVISIBLE.finditer(around):
            left, kinds = [n for n in left if n % int(found["by"]) == 0], kinds + 1
        for pattern, holds in _KINDS:
            if pattern.search(around):
                left, kinds = [n for n in left if holds(n)], kinds + 1
        if kinds and left == [answer.value]:
            yield Mention(m.start(), m.end(), "bounds", sure=True, whole=True)
