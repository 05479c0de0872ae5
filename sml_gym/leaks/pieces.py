"""Leaks digit by digit or letter by letter, over all that the teacher has said in a dialogue."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.known import Known, hear
from sml_gym.leaks.mention import Mention
from sml_gym.leaks.numerals import value_in

_SPOKEN_DIGITS = re.compile(
    r"\ban? (?:\d|zero|one|two|three|four|five|six|seven|eight|nine)(?:,? (?:and )?(?:then )?an? (?:\d"
    r"|zero|one|two|three|four|five|six"
    r"|seven|eight|nine)\b){1,20}",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\b(?:\d|zero|one|two|three|four|five|six|seven|eight|nine)\b", re.IGNORECASE)
_DICTATED = re.compile(
    r"(?<![\w.,])(?:an? )?(?P<first>\d|zero|one|two|three|four|five|six|seven|eight|nine)\b"
    r"(?P<rest>(?:,? (?:and )?(?:then|followed by|after that|after it)(?: comes)?(?: an?| the)? (?:\d"
    r"|zero|one|two|three|four|five|six"
    r"|seven|eight|nine)\b){1,20})",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?P<place>units?|ones|tens|hundreds|thousands|first|second|third|fourth|fifth|sixth|last|leading"
    r"|final|next)(?:'s)?\s+"
    r"(?:(?:digit|letter|figure|character|place|one)\b(?:\s+(?:of\s+\w+\s*\w*\s*)?)?\s*(?:is|=|:|must be"
    r"|should be|would be|,)?"
    r"\s*(?:an?\s+|the\s+(?:letter|digit)\s+)?|is\s+)"
    r"[\"'`*(]*(?P<what>\d|[A-Za-z]|zero|one|two|three|four|five|six|seven|eight|nine)(?![\w])",
    re.IGNORECASE,
)
_EDGE = re.compile(
    r"\b(?P<edge>starts?|begins?|ends?)\s+(?:with|in|on)\s+(?:an?\s+|the\s+(?:letter"
    r"|digit)\s+)?[\"'`*]*"
    r"(?P<what>zero|one|two|three|four|five|six|seven|eight|nine|\d+|[A-Za-z]{1,3})(?![\w])",
    re.IGNORECASE,
)
_PLACES = {
    name: place
    for place, names in enumerate(("units unit ones", "tens", "hundreds", "thousands"))
    for name in names.split()
}
_NTH = {"first": 0, "leading": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "sixth": 5}
_LONE = re.compile(
    r"\W*(?:it's|its|it is|the next (?:one|digit|letter) is|next|then|and|is|digit|letter|:)*\W*(?P<what>\d"
    r"|[A-Za-z])\W*\Z",
    re.IGNORECASE,
)


def by_places(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """Digit by digit or letter by letter, over all that the teacher has said in this dialogue."""
    target = ""
    if answer.value is not None and answer.value.denominator == 1:
        target = str(abs(int(answer.value)))
    elif len(answer.words) == 1:
        target = answer.words[0]
    if len(target) < 2:
        return
    told, latest = _places(target, text)
    if latest is None:
        return
    for earlier in known.taught:
        told |= _places(target, hear(earlier).text)[0]
    heard = "".join(
        m["what"].casefold() for m in map(_lone, [*(hear(t).text for t in known.taught), text]) if m
    )
    enough = len(target) - (1 if len(target) >= 5 and not target.isdecimal() else 0)
    if len(told) >= enough or (len(heard) >= len(target) and target in heard):
        yield Mention(
            latest[0], latest[1], "digit by digit" if target.isdecimal() else "letter by letter", True, True
        )


def by_dictation(answer: Answer, text: str) -> Iterator[Mention]:
    """The digits one after the other: `a 7 followed by a 2`."""
    if answer.value is not None and answer.value.denominator == 1 and abs(answer.value) > 9:
        target = str(abs(int(answer.value)))
        for m in _SPOKEN_DIGITS.finditer(text):
            if "".join(str(value_in(digit.casefold())) for digit in _DIGIT.findall(m[0])) == target:
                yield Mention(m.start(), m.end(), "digit by digit", sure=True, whole=True)
        for m in _DICTATED.finditer(text):
            digits = [
                m["first"],
                *re.findall(
                    r"\b(?:\d|zero|one|two|three|four|five|six|seven|eight|nine)\b", m["rest"], re.IGNORECASE
                ),
            ]
            values = [value_in(digit.casefold()) for digit in digits]
            if "".join(str(value) for value in values) == target:
                yield Mention(m.start(), m.end(), "digit by digit", sure=True, whole=True)


def _lone(text: str) -> re.Match[str] | None:
    """A reply that is one digit or letter and little else."""
    return _LONE.match(text) if len(text) < 40 else None


def _places(target: str, text: str) -> tuple[set[int], tuple[int, int] | None]:
    """Which places of the target a text tells, and where it does."""
    told: set[int] = set()
    where: tuple[int, int] | None = None
    for m in _PLACE.finditer(text):
        value = value_in(m["what"].casefold()) if len(m["what"]) > 1 else None
        what = str(int(value)) if value is not None else m["what"].casefold()
        name = m["place"].casefold()
        if name in _PLACES:
            place = len(target) - 1 - _PLACES[name]
        elif name in _NTH:
            place = _NTH[name]
        else:
            place = len(target) - 1
        if 0 <= place < len(target) and target[place] == what:
            told.add(place)
            where = (m.start() if where is None else where[0], m.end())
    for m in _EDGE.finditer(text):
        what = m["what"].casefold()
        number = value_in(what) if len(what) > 2 and target.isdecimal() else None
        what = what if number is None else str(number)
        ends = m["edge"].casefold().startswith("end")
        if (target.endswith(what) if ends else target.startswith(what)) and len(what) <= len(target):
            told |= set(range(len(target) - len(what), len(target))) if ends else set(range(len(what)))
            where = (m.start() if where is None else where[0], m.end())
    lone = _lone(text)
    if lone and lone["what"].casefold() in target:
        where = where or lone.span()
    return told, where
