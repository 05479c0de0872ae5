"""What kind of input arguments are, in words, for cases that come without words of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

ORDINARY = "an ordinary input"
_LONG = 12
_LARGE = 1_000


def label_of(args: Sequence[Any]) -> str:
    """What is most striking about arguments: "an empty list", "a negative number"; never a value itself."""
    best, rank = ORDINARY, len(_ORDER)
    for arg in args:
        for label in _labels(arg):
            place = _ORDER.index(label)
            if place < rank:
                best, rank = label, place
    return best


def label_of_text(stdin: str) -> str:
    """The same for what a program reads."""
    lines = stdin.strip().splitlines()
    if not lines:
        return "no input"
    if any(word.startswith("-") and word[1:].isdecimal() for word in stdin[:2_000].split()):
        return "negative numbers"
    if len(stdin) > _LARGE:
        return "a large input"
    return "one line of input" if len(lines) == 1 else ORDINARY


_ORDER = (
    "no input",
    "an empty list",
    "an empty tuple",
    "an empty dictionary",
    "an empty set",
    "an empty text",
    "nothing at all (None)",
    "zero",
    "a list with one item",
    "a text of one character",
    "a negative number",
    "negative numbers",
    "empty texts in a list",
    "lists in a list",
    "repeated items",
    "a list of texts",
    "numbers with a fraction",
    "a number with a fraction",
    "a text with blanks",
    "digits in a text",
    "capital letters",
    "signs in a text",
    "repeated letters",
    "a list in falling order",
    "a list in rising order",
    "the number one",
    "a large number",
    "a long list",
    "a long text",
    "a dictionary",
    ORDINARY,
)
"""The most striking first."""


def _labels(value: Any) -> Iterator[str]:
    kind = type(value)
    if value is None:
        yield "nothing at all (None)"
    elif kind is str:
        yield from _of_text(value)
    elif kind is int or kind is float:
        yield from _of_number(value)
    elif kind is list or kind is tuple:
        yield from _of_items(value, kind is list)
    elif kind is dict:
        yield "a dictionary" if value else "an empty dictionary"
    elif (kind is set or kind is frozenset) and not value:
        yield "an empty set"


def _of_number(value: float) -> Iterator[str]:
    if value == 0:
        yield "zero"
    elif value < 0:
        yield "a negative number"
    elif value == 1:
        yield "the number one"
    elif value >= _LARGE:
        yield "a large number"
    if type(value) is float and value != value // 1:
        yield "a number with a fraction"


def _of_text(text: str) -> Iterator[str]:
    if not text:
        yield "an empty text"
        return
    if len(text) == 1:
        yield "a text of one character"
    if any(char.isspace() for char in text):
        yield "a text with blanks"
    if any(char.isdigit() for char in text):
        yield "digits in a text"
    if any(char.isupper() for char in text):
        yield "capital letters"
    if any(not char.isalnum() and not char.isspace() for char in text):
        yield "signs in a text"
    if any(char.isalpha() and text.count(char) > 1 for char in text[:200]):
        yield "repeated letters"
    if len(text) > _LONG:
        yield "a long text"


def _of_items(items: Sequence[Any], is_list: bool) -> Iterator[str]:
    if not items:
        yield "an empty list" if is_list else "an empty tuple"
        return
    if len(items) == 1 and is_list:
        yield "a list with one item"
    numbers = [item for item in items if type(item) in (int, float)]
    if any(number < 0 for number in numbers):
        yield "negative numbers"
    if any(type(number) is float and number != number // 1 for number in numbers):
        yield "numbers with a fraction"
    if any(item == "" for item in items if type(item) is str):
        yield "empty texts in a list"
    elif all(type(item) is str for item in items):
        yield "a list of texts"
    if any(type(item) in (list, tuple) for item in items):
        yield "lists in a list"
    if len({repr(item) for item in items}) < len(items):
        yield "repeated items"
    if len(numbers) == len(items) > 2:
        pairs = list(pairwise(items))
        if all(a > b for a, b in pairs):
            yield "a list in falling order"
        elif all(a < b for a, b in pairs):
            yield "a list in rising order"
    if len(items) > _LONG:
        yield "a long list"
