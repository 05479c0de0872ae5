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
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.numerals import Numeral, in_words, numerals
from sml_gym.leaks.plain import squeezed
from sml_gym.leaks.tongues import translations


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
    given: dict[str, Numeral] = {}
    for numeral in sorted(seen, key=lambda n: (n.end - n.start, -n.start)):
        named = _NAMED.search(text, max(0, numeral.start - 24), numeral.start)
        if named is not None:
            given[named[1].casefold()] = numeral
    if len(given) >= len(answer.parts) and sorted(n.values[0] for n in given.values()) == sorted(
        answer.parts
    ):
        start, end = min(n.start for n in given.values()), max(n.end for n in given.values())
        yield Mention(start, end, "several", whole=True)


_NAMED = re.compile(r"(?<![\w\\])([A-Za-z](?:_?\{?\d\}?)?)\s*(?:=|is|equals|must be|should be)\s*[$({]*\Z")


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
    if size == 1 and len(words[0]) >= 4 and answer.text[:1].isupper():  # Nile, Nilo; Rome, Roma
        stem = words[0][:-1]
        for token, low in zip(tokens, folded, strict=True):
            if low != words[0] and token[0][:1].isupper() and low[:-1] == stem:
                yield Mention(token.start(), token.end(), "akin")
    if _CLOCK.fullmatch(answer.text):
        for m in _clock(answer.text).finditer(text):
            yield Mention(m.start(), m.end(), "clock")
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
    said = [f"{hour}[:.]{minute:02d}"]
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
    past, to = {15: "(?:a )?quarter", 30: "half"}, {15: "(?:a )?quarter"}
    said.append(
        rf"(?:{past.get(minute, in_words(minute))}|{minute})(?: minutes)? (?:past|after) (?:{name}|{hour})"
    )
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
    for run in _RUN.finditer(text) if wanted else ():
        letters = squeezed(run[0])
        short = "-" in run[0] and any(name == letters and name.isalpha() for name in wanted)
        if short or any(name in letters for name in long):
            yield Mention(run.start(), run.end(), "spelled", sure=True)
    if long:
        yield from _letter_names(long, text)
        yield from _capitals(long, text)
        yield from _split_words(answer, long, text)
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


_LETTER_NAMES = {
    name: letter
    for letter, names in zip(
        "abcdefghijklmnopqrstuvwxyz",
        [
            "ay alpha alfa",
            "bee bravo",
            "cee see charlie",
            "dee delta",
            "ee echo",
            "ef eff foxtrot",
            "gee golf",
            "aitch hotel",
            "eye india\n        ",
            "jay juliet juliett",
            "kay kilo",
            "el ell lima",
            "em mike",
            "en november",
            "oh owe oscar",
            "pee papa",
            "cue queue quebec",
            "ar are romeo\n        ",
            "ess sierra",
            "tee tango",
            "you yu uniform",
            "vee victor",
            "doubleyou whiskey",
            "ex xray",
            "why wye yankee",
            "zee zed zulu",
        ],
        strict=True,
    )
    for name in names.split()
}


def _letter_names(wanted: list[str], text: str) -> Iterator[Mention]:
    """The letters by their names: `gee, are, double e, en`, `Golf Romeo Echo`."""
    row: list[tuple[str, int, int]] = []
    double = False
    for token in [*_TOKEN.finditer(text), None]:
        word = "" if token is None else token[0].casefold()
        if word in ("double", "two", "and", "then"):
            double = word in ("double", "two")
            continue
        letter = word if len(word) == 1 else _LETTER_NAMES.get(word, "")
        if token is not None and letter:
            row.append((letter * (2 if double else 1), token.start(), token.end()))
        else:
            spelled = "".join(letter for letter, _, _ in row)
            if len(row) >= 3 and any(
                name == spelled or (len(name) > 3 and name in spelled) for name in wanted
            ):
                yield Mention(row[0][1], row[-1][2], "spelled", sure=True, whole=True)
            row = []
        double = False


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


def _split_words(answer: Answer, wanted: list[str], text: str) -> Iterator[Mention]:
    """The answer with blanks or hyphens in it: `Can-ber-ra`, `Can berra`."""
    tokens = list(_TOKEN.finditer(text))
    for name in wanted:
        if len(name) < 5:
            continue
        for first, token in enumerate(tokens):
            joined = token[0].casefold()
            if joined == name and answer.value is not None and abs(answer.value) > 20:  # `fortytwo`
                yield Mention(token.start(), token.end(), "split")
            if not name.startswith(joined) or joined == name:
                continue
            for last in range(first + 1, min(first + len(name), len(tokens))):
                if tokens[last].start() - tokens[last - 1].end() > 4:
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
