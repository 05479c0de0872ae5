"""Where a text holds the private answer, in whatever form, before it is asked what the words around it mean.

Covered here, for answers that are numbers, several numbers, or words: the forms of `numerals`; words
in any case, spacing, hyphenation and script that looks alike; spelled out letter by letter
(`f-o-r-t-y`, `C A N B E R R A`, `S, then I, then L`); digits in place of letters (`f0rty-tw0`);
backwards; in base64, hexadecimal bytes and rot13. Not covered: other ciphers, Morse code, riddles and
descriptions.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.numerals import Numeral, numerals
from sml_gym.leaks.plain import squeezed


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of a plain text that holds the answer.

    Attributes:
        start: where it begins.
        end: where it ends.
        form: how the answer is told, such as `"figures"`, `"words"`, `"expression"`, `"code"`.
        sure: it gives the answer away whatever stands around it.
        whole: the sentences that it touches tell the answer together, so they go together.
    """

    start: int
    end: int
    form: str
    sure: bool = False
    whole: bool = False


_RUN = re.compile(r"(?<![^\W_])[^\W_](?:(?: ?[-._*·|/,+~:] ?| {1,4}|\.\.\.)[^\W_](?![^\W_])){1,60}")
_CAPITAL = re.compile(r"(?<![\w'])[A-Z](?![\w'])")
_TOKEN = re.compile(r"[^\W_]+")
_LEET = re.compile(
    r"(?<![\w@$!])(?=[\w@$!]{0,40}\d|[\w]{0,40}[@$!])(?=[\w@$!]{0,40}[A-Za-z])[\w@$!]{3,40}"
    r"(?:[ -](?=[\w@$!]*\d)[\w@$!]{3,20})?"
)
_LEETS = str.maketrans("0134578@$!", "oieastbasi")
_BASE64 = re.compile(r"(?<![\w+/])[A-Za-z0-9+/]{3,400}={0,2}(?![\w+/=])")
_HEX_BYTES = re.compile(r"\b(?:(?:0x|\\x)?[2-7][0-9a-f][ ,]?){2,60}\b", re.IGNORECASE)
_REVERSED = re.compile(r"\brevers|\bbackwards?\b|\bmirror|\bright to left\b|\bread it\b", re.IGNORECASE)
_ROT13 = re.compile(r"\brot-?13\b|\bcaesar\b", re.IGNORECASE)
_MATHS_WORD = re.compile(r"[A-Za-z]")


def find_mentions(answer: Answer, text: str) -> list[Mention]:
    """The mentions in a plain text."""
    found: list[Mention] = []
    if answer.value is not None:
        found += _numbers(answer.value, text)
    elif answer.parts:
        found += _several(answer, text)
    elif answer.words:
        found += _words(answer, text)
    if answer.squeezed:
        found += _disguised(answer, text)
    return found


def _numbers(value: Fraction, text: str) -> Iterator[Mention]:
    for numeral in numerals(text):
        if value in numeral.values:
            yield Mention(numeral.start, numeral.end, numeral.form)
        elif numeral.form == "figures" and _rounds(
            numeral.values[0], value, text[numeral.start : numeral.end]
        ):
            yield Mention(numeral.start, numeral.end, "rounded")


def _rounds(given: Fraction, value: Fraction, written: str) -> bool:
    """Whether a decimal is the value, cut or rounded at three places or more."""
    places = len(written.partition(".")[2])
    return places >= 3 and value.denominator > 1 and abs(given - value) < Fraction(1, 10**places)


def _several(answer: Answer, text: str) -> Iterator[Mention]:
    """All the numbers of a set, a pair or a matrix, one after the other."""
    seen = [n for n in numerals(text) if n.form in ("figures", "fraction", "words", "foreign")]
    seen.sort(key=lambda n: (n.start, -n.end))
    row: list[Numeral] = []
    for numeral in seen:  # the longest reading of each stretch
        if not row or numeral.start >= row[-1].end:
            row.append(numeral)
    count = len(answer.parts)
    wanted = list(answer.parts)
    for first in range(len(row) - count + 1):
        window = row[first : first + count]
        values = [numeral.values[0] for numeral in window]
        if values == wanted or (not answer.ordered and sorted(values) == sorted(wanted)):
            gap = max(b.start - a.end for a, b in pairwise(window))
            if gap <= 40:
                yield Mention(window[0].start, window[-1].end, "several")


def _words(answer: Answer, text: str) -> Iterator[Mention]:
    words = answer.words
    tokens = list(_TOKEN.finditer(text))
    folded = [token[0].casefold() for token in tokens]
    size = len(words)
    for place in range(len(tokens) - size + 1):
        if folded[place] == words[0] and tuple(folded[place : place + size]) == words:
            yield Mention(tokens[place].start(), tokens[place + size - 1].end(), "words")
    named = answer.text.split()
    if 2 <= len(named) <= 4 and all(word[:1].isupper() for word in named) and len(words[-1]) >= 4:
        for token, low in zip(tokens, folded, strict=True):  # a person's family name
            if low == words[-1] and token[0][:1].isupper():
                yield Mention(token.start(), token.end(), "name")
    if size == 1 and words[0] in _CALENDAR:
        for token, low in zip(tokens, folded, strict=True):
            if 3 <= len(low) < len(words[0]) and words[0].startswith(low) and token[0][:1].isupper():
                yield Mention(token.start(), token.end(), "abbreviated")
    if size == 1 and len(words[0]) >= 6:
        for token, low in zip(tokens, folded, strict=True):
            if low != words[0] and len(low) >= 6 and _akin(low, words[0]):
                yield Mention(token.start(), token.end(), "akin")


_CALENDAR = frozenset(
    str.split(
        """
    january february march april june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday
"""
    )
)


def _akin(one: str, other: str) -> bool:
    """The same word in a related language or with a slip: one change, or two letters that changed places."""
    if abs(len(one) - len(other)) > 1 or one[0] != other[0]:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    end = 0
    while end < min(len(left), len(right)) and left[-1 - end] == right[-1 - end]:
        end += 1
    left, right = left[: len(left) - end], right[: len(right) - end]
    return max(len(left), len(right)) <= 1 or (len(left) == 2 and left == right[::-1])


def _disguised(answer: Answer, text: str) -> Iterator[Mention]:
    wanted = [name for name in answer.squeezed if len(name) >= 2]
    long = [name for name in wanted if len(name) >= 3 and not name.isdecimal()]
    for run in _RUN.finditer(text) if long else ():
        letters = squeezed(run[0])
        if any(name in letters for name in long):
            yield Mention(run.start(), run.end(), "spelled", sure=True)
    if long:
        yield from _capitals(long, text)
        yield from _split_words(long, text)
    for name in wanted:
        if len(name) >= 5 and not name.isdecimal() and name[::-1] != name:
            for token in _TOKEN.finditer(text):
                if token[0].casefold() == name[::-1]:
                    yield Mention(token.start(), token.end(), "backwards", sure=True)
    if _REVERSED.search(text):
        for token in _TOKEN.finditer(text):
            if token[0].casefold()[::-1] in wanted and token[0].casefold() not in wanted:
                yield Mention(token.start(), token.end(), "backwards", sure=True, whole=True)
    if _ROT13.search(text):
        for token in _TOKEN.finditer(text):
            if codecs.encode(token[0].casefold(), "rot13") in long:
                yield Mention(token.start(), token.end(), "rot13", sure=True, whole=True)
    for token in _LEET.finditer(text) if long else ():
        if squeezed(token[0].lower().translate(_LEETS)) in long:
            yield Mention(token.start(), token.end(), "leet", sure=True)
    yield from _encoded(wanted, text)


def _capitals(wanted: list[str], text: str) -> Iterator[Mention]:
    """Single capital letters in the answer's order: `S comes first, then I, L, E, N and T`."""
    found = list(_CAPITAL.finditer(text))
    if len(found) < 3:
        return
    letters = "".join([m[0].casefold() for m in found])
    for name in wanted:
        place = letters.find(name)
        if place >= 0:
            yield Mention(
                found[place].start(), found[place + len(name) - 1].end(), "spelled", sure=True, whole=True
            )


def _split_words(wanted: list[str], text: str) -> Iterator[Mention]:
    """The answer with blanks or hyphens in it: `Can-ber-ra`, `Can berra`."""
    tokens = list(_TOKEN.finditer(text))
    for name in wanted:
        if len(name) < 5:
            continue
        for first, token in enumerate(tokens):
            joined = token[0].casefold()
            if not name.startswith(joined) or joined == name:
                continue
            for last in range(first + 1, min(first + len(name), len(tokens))):
                if tokens[last].start() - tokens[last - 1].end() > 3:
                    break
                joined += tokens[last][0].casefold()
                if joined == name:
                    yield Mention(token.start(), tokens[last].end(), "split")
                if not name.startswith(joined):
                    break


def _encoded(wanted: list[str], text: str) -> Iterator[Mention]:
    for token in _BASE64.finditer(text):
        word = token[0].rstrip("=")
        if len(word) % 4 == 1 or (
            word.isalpha() and (word.islower() or word.istitle()) and "=" not in token[0]
        ):
            continue
        try:
            decoded = base64.b64decode(word + "=" * (-len(word) % 4), validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            continue
        if decoded.isprintable() and _tells(decoded, wanted):
            yield Mention(token.start(), token.end(), "base64", sure=True)
    for token in _HEX_BYTES.finditer(text):
        digits = re.sub(r"0x|\\x|[^0-9a-f]", "", token[0].lower())
        if len(digits) % 2 == 0 and len(digits) >= 4:
            decoded = bytes.fromhex(digits).decode("ascii", "replace")
            if squeezed(decoded) in wanted:
                yield Mention(token.start(), token.end(), "hexadecimal", sure=True)


def _tells(decoded: str, wanted: list[str]) -> bool:
    words = {squeezed(word) for word in decoded.split()} | {squeezed(decoded)}
    return any(name in words for name in wanted)
