"""The answer in disguise: spelled out, in other characters or words, encoded.

Letter by letter (`f-o-r-t-y`, `C A N B E R R A`, `S, then I, then L`, `gee, are, ee`); with blanks in it;
digits in place of letters (`f0rty-tw0`); backwards; in base64, hexadecimal bytes and rot13. Other
ciphers, Morse code, riddles and descriptions are not covered.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.mention import Mention
from sml_gym.leaks.numerals import value_in
from sml_gym.leaks.plain import squeezed

_RUN = re.compile(r"(?<![^\W_])[^\W_](?:(?: ?[-._*·|/,+~:] ?| {1,4}|\.\.\.)[^\W_](?![^\W_])){1,60}")
_QUOTED = re.compile(r"([\"'`*])([A-Za-z]{1,12})\1")
_GAPS = re.compile(r"(?<![\w])(?=[^\W_]{0,20}_[^\W_])[^\W\d]{4,24}(?![\w])")
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


def find_disguised(answer: Answer, text: str) -> Iterator[Mention]:
    """The disguised mentions in a plain text."""
    wanted = [name for name in answer.squeezed if len(name) >= 2]
    long = [name for name in wanted if len(name) >= 3 and not name.isdecimal()]
    # Of an answer of several words a single one is spelled for its own sake.
    words = [word for word in answer.words if len(word) >= 4] if len(answer.words) > 1 else []
    for run in _RUN.finditer(text) if wanted or words else ():
        letters = squeezed(run[0])
        short = "-" in run[0] and any(name == letters and name.isalpha() for name in wanted)
        if short or letters in words or any(name in letters for name in long):
            yield Mention(run.start(), run.end(), "spelled", sure=True)
    yield from _letter_names(
        long, [n for n in wanted if len(n) == 2 and n.isalpha() and answer.text[:1].isupper()], text
    )
    if long:
        yield from _quoted_pieces(long, text)
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
    for token in _GAPS.finditer(text) if long else ():
        if any(_fills(token[0].casefold(), name) for name in long):
            yield Mention(token.start(), token.end(), "gaps", sure=True, whole=True)
    yield from _encoded(wanted, text)


def _fills(gaps: str, name: str) -> bool:
    """Whether a word with one letter in three left out at most is the name."""
    left_out = gaps.count("_")
    same = len(gaps) == len(name) and all(a in ("_", b) for a, b in zip(gaps, name, strict=True))
    return same and 3 * left_out <= len(name)


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


_BETWEEN_LETTERS = frozenset(
    str.split(
        "double two and then capital small upper lower case big little ends with an a finally last comes"
    )
)


def _letter_names(wanted: list[str], short: list[str], text: str) -> Iterator[Mention]:
    """The letters by their names: `gee, are, double e, en`, `Golf Romeo Echo`."""
    row: list[tuple[str, int, int]] = []
    double = False
    for token in [*_TOKEN.finditer(text), None]:
        word = "" if token is None else token[0].casefold()
        if word in _BETWEEN_LETTERS:
            double = word in ("double", "two")
            continue
        letter = word if len(word) == 1 else _LETTER_NAMES.get(word, "")
        if token is not None and letter:
            row.append((letter * (2 if double else 1), token.start(), token.end()))
        else:
            spelled = "".join(letter for letter, _, _ in row)
            if (
                len(row) >= 3
                and any(name == spelled or (len(name) > 3 and name in spelled) for name in wanted)
            ) or (len(row) == 2 and spelled in short):
                yield Mention(row[0][1], row[-1][2], "spelled", sure=True, whole=True)
            row = []
        double = False


def _quoted_pieces(wanted: list[str], text: str) -> Iterator[Mention]:
    """The answer in quoted pieces: `"Shake" before "speare"`."""
    found = list(_QUOTED.finditer(text))
    for first in range(len(found)):
        joined = found[first][2].casefold()
        for last in range(first + 1, min(first + 6, len(found))):
            joined += found[last][2].casefold()
            if joined in wanted:
                yield Mention(found[first].start(), found[last].end(), "split", sure=True, whole=True)


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
            if joined == name and answer.value is not None and value_in(name) is None:  # `fortytwo`
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
