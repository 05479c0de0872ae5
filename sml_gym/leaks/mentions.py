"""Where a text holds the private answer, in whatever form, before it is asked what the words around it mean.

For answers that are numbers the forms are those of `numerals`; for several numbers all of them, one
after the other or each by its name; for words the same in any case, in other languages (`tongues`), a
person's family name, a time of day as it is said. What is disguised on purpose is in `disguises`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise, permutations

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.disguises import find_disguised
from sml_gym.leaks.mention import Mention
from sml_gym.leaks.numerals import Numeral, in_words, numerals
from sml_gym.leaks.tongues import translations

_TOKEN = re.compile(r"[^\W_]+")


def find_mentions(answer: Answer, text: str, percent: bool = False) -> list[Mention]:
    """The mentions in a plain text. `percent`: a number stands for so many hundredths."""
    found: list[Mention] = []
    if answer.value is not None:
        found += _numbers(answer.value, text, percent or answer.text.endswith("%"))
    elif answer.parts:
        found += _several(answer, text)
    elif answer.words:
        found += _words(answer, text)
    written = 2 <= len(answer.text) <= _LONGEST_LITERAL or (
        len(answer.text) == 1 and not answer.text.isalnum()
    )
    if answer.value is None and not answer.words and written:
        found += [Mention(m.start(), m.end(), "expression") for m in _literal(answer.text).finditer(text)]
    if _CLOCK.fullmatch(answer.text):
        found += [Mention(m.start(), m.end(), "clock") for m in _clock(answer.text).finditer(text)]
    if answer.squeezed:
        found += find_disguised(answer, text)
    return found


_LONGEST_LITERAL = 80


@functools.lru_cache(maxsize=512)
def _literal(answer: str) -> re.Pattern[str]:
    """The answer as it is written, blanks aside."""
    signs = [re.escape(char) for char in answer if not char.isspace()]
    return re.compile(r"(?<![\w^.])" + r"\s?".join(signs) + r"(?![\w^]|\.\d)")


def _numbers(value: Fraction, text: str, percent: bool) -> Iterator[Mention]:
    for numeral in numerals(text):
        if value in numeral.values or (percent and value / 100 in numeral.values):
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
    yield from _assigned(answer, text, seen)
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


def _assigned(answer: Answer, text: str, seen: list[Numeral]) -> Iterator[Mention]:
    """Each number by its name, in any order: `y is 3, so x is 4`."""
    given: dict[str, list[Numeral]] = {}
    for numeral in seen:
        named = _NAMED.search(text, max(0, numeral.start - 48), numeral.start)
        if named is not None:
            given.setdefault(named[1].casefold(), []).append(numeral)
    if not len(answer.parts) <= len(given) <= _MOST_NAMES:
        return
    for names in permutations(given, len(answer.parts)):
        pairs = zip(answer.parts, names, strict=True)
        told = [[n for n in given[name] if part in n.values] for part, name in pairs]
        if all(told):
            yield Mention(
                min(row[0].start for row in told), max(row[-1].end for row in told), "several", whole=True
            )
            return


_MOST_NAMES = 5
_NAMED = re.compile(
    r"(?<![\w\\])([A-Za-z](?:_?\{?\d\}?)?)\s*(?::?=|is|equals|must be|should be|es|est|ist|vale|vaut|gleich)"
    r"\s*(?:[\d\s.+*/()-]{1,30}=\s*)?[$({*`]*\Z"
)


def _words(answer: Answer, text: str) -> Iterator[Mention]:
    words = answer.words
    tokens = list(_TOKEN.finditer(text))
    folded = [token[0].casefold() for token in tokens]
    size = len(words)
    for place in range(len(tokens) - size + 1):
        if folded[place] == words[0] and tuple(folded[place : place + size]) == words:
            yield Mention(tokens[place].start(), tokens[place + size - 1].end(), "words")
    named = answer.text.split()
    capital = [word.casefold() for word in named if word[:1].isupper()]
    if 2 <= len(named) <= 4 and len(capital) >= 2 and named[-1][:1].isupper() and len(words[-1]) >= 4:
        # Of a name with a particle (`Leonardo da Vinci`) the first name is the one that is used.
        parts = {words[-1]} | set(capital[:1] if len(capital) < len(named) else ())
        for token, low in zip(tokens, folded, strict=True):  # a person's family name, or a rare first one
            if low in parts and token[0][:1].isupper():
                yield Mention(token.start(), token.end(), "name")
    abroad = translations(words[0]) if size == 1 else frozenset()
    for token, low in zip(tokens, folded, strict=True) if abroad else ():
        if low in abroad:
            yield Mention(token.start(), token.end(), "translated")
    if size == 1 and words[0] in _CALENDAR:
        for token, low in zip(tokens, folded, strict=True):
            if 3 <= len(low) < len(words[0]) and words[0].startswith(low) and token[0][:1].isupper():
                yield Mention(token.start(), token.end(), "abbreviated")
    if size == 1 and len(words[0]) >= 4 and answer.text[:1].isupper():  # Nilo, Roma, Merkur
        stem = _stem(words[0])
        for token, low in zip(tokens, folded, strict=True):
            if low != words[0] and token[0][:1].isupper() and _stem(low) == stem and len(stem) >= 3:
                yield Mention(token.start(), token.end(), "akin")
    if size == 1 and len(words[0]) >= 6:
        for token, low in zip(tokens, folded, strict=True):
            if low != words[0] and len(low) >= 6 and _akin(low, words[0]):
                yield Mention(token.start(), token.end(), "akin")


_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?: ?([ap])\.?m\.?)?", re.IGNORECASE)


@functools.lru_cache(maxsize=256)
def _clock(answer: str) -> re.Pattern[str]:
    """A time of day as it is written and said: `9:50`, `21:50`, `nine fifty`, `ten to ten`."""
    m = _CLOCK.fullmatch(answer)
    assert m is not None
    hour, minute = int(m[1]), int(m[2])
    said = [f"{hour}[:.h]{minute:02d}"]
    if m[3] and hour <= 12:
        said.append(f"{hour % 12 + (12 if m[3].lower() == 'p' else 0)}[:.]{minute:02d}")
    name, after = in_words((hour - 1) % 12 + 1), in_words(hour % 12 + 1)
    if minute:
        tens = (
            in_words(minute)
            if minute % 10 == 0 or minute < 20
            else (f"{in_words(minute - minute % 10)}[- ]{in_words(minute % 10)}")
        )
        said.append(f"{name} {tens}" if minute > 9 else f"{name} oh {tens}")
    spoken = in_words(minute)
    if minute > 20 and minute % 10:
        spoken = f"{in_words(minute - minute % 10)}[- ]{in_words(minute % 10)}"
    past, to = {15: "(?:a )?quarter", 30: "half"}, {15: "(?:a )?quarter"}
    said.append(rf"(?:{past.get(minute, spoken)}|{minute})(?: minutes)? (?:past|after) (?:{name}|{hour})")
    left = 60 - minute
    said.append(
        rf"(?:{to.get(left, in_words(left))}|{left})(?: minutes)? (?:to|before) (?:{after}|{hour % 12 + 1})"
    )
    return re.compile(rf"(?<![\w:.])(?:{'|'.join(said)})(?![\w:]|\.\d)", re.IGNORECASE)


_CALENDAR = frozenset(
    str.split(
        """
    january february march april june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday
"""
    )
)


def _stem(word: str) -> str:
    """A name without what European languages write differently: its ending, `c` and `k`, double letters."""
    for one, other in (("ph", "f"), ("k", "c"), ("z", "s"), ("y", "i"), ("w", "v")):
        word = word.replace(one, other)
    return re.sub(r"(.)\1", r"\1", word).rstrip("aeiou")


def _akin(one: str, other: str) -> bool:
    """The same word with another ending, or with two neighbouring letters swapped (`octobre`)."""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) <= 1 and long.startswith(short[: len(long) - 1]):
        return True
    places = [i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    if len(one) != len(other) or len(places) != 2 or places[1] - places[0] != 1:
        return False
    first, second = places
    return one[first] == other[second] and one[second] == other[first]
