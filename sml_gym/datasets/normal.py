"""Text made comparable, and counts in words."""

from __future__ import annotations

import re
import unicodedata

_OUTER = " \t\"'`*_“”‘’«»"
_WORDS = re.compile(r"[^\W_]+(?:['’.,:/\-][^\W_]+)*")
_COUNTS = [
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
]
_ORDINALS = [
    *("first", "second", "third", "fourth", "fifth", "sixth"),
    *("seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
]


def normal(text: str) -> str:
    """A text without differences that do not count.

    Those of capitals, blanks, Unicode form (NFKC), quotes and marks around it, and a full stop at its end.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(_OUTER)
    return plain.removesuffix(".").strip(_OUTER) or plain


def words_of(text: str) -> list[str]:
    """The words of a text in their normal form; numbers and hyphened words are one each."""
    return _WORDS.findall(normal(text))


def count_in_words(number: int) -> str:
    """`three`; from 13 on in digits."""
    return _COUNTS[number] if number < len(_COUNTS) else str(number)


def ordinal(number: int) -> str:
    """`third`, counted from 1; from 13 on `13th`."""
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number}{ending}"
