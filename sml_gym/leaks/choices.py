"""Leaks among given choices: all others ruled out, or one pointed at."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.known import Known, hear
from sml_gym.leaks.mention import Mention

_MONTHS = "january february march april may june july august september october november december"
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
ORDERED = (tuple(_MONTHS.split()), tuple(_DAYS.split()))
_OPTION = re.compile(
    r"(?:^|[\s(])\(?([A-H])[).:]\s+(.{1,80}?)(?=[;,.]?\s+\(?[A-H][).:]\s|[.;?\n]|\Z)", re.MULTILINE
)
_NEGATION = re.compile(
    r"\b(?:not|n't|neither|nor|never|rule out|ruled out|cross out|strike out|can(?:'t| not|not) be|wrong"
    r"|exclude|eliminate|drop|forget|isn't|aren't"
    r"|out of the question|impossible|false)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[^.!?;\n]+[.!?;\n]?")
_WHICH = re.compile(
    r"\b(?:the )?(?P<which>first|second|third|fourth|last) (?:option|choice|possibility|answer|one|of "
    r"(?:these"
    r"|those|them|the (?:two|three|four|options)))\b",
    re.IGNORECASE,
)
_FORMER = re.compile(
    r"\b(?:the )?(?P<which>former|latter|first of (?:these|those|them|the two)|second of (?:these|those|them"
    r"|the two))\b",
    re.IGNORECASE,
)
_EITHER = re.compile(r"([^\s,;:?]{1,40})\s*,?\s+or\s+(?:is it |an? |the )?([^\s,;:?.!]{1,40})", re.IGNORECASE)
_MONTH_NUMBER = re.compile(
    r"\bmonth (?:number |no\.? ?)?(?P<n>\d{1,2})\b|\b(?P<m>\d{1,2})(?:st|nd|rd|th) month\b", re.IGNORECASE
)


def options(problem: str) -> dict[str, str]:
    """The lettered options of a multiple-choice problem, `{"A": "oxygen", ...}`."""
    found = {m[1]: m[2].strip(" ,;.") for m in _OPTION.finditer(problem)}
    return found if len(found) >= 2 and "A" in found else {}


def by_elimination(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """All choices but one ruled out, by the teacher and by what the student has tried."""
    if not answer.words or len(answer.words) > 6:
        return
    listed = options(hear(known.problem).text)
    if not listed:
        return
    right = answer.text.strip("() ").upper()
    if right not in listed:
        right = next((k for k, v in listed.items() if v.casefold() == answer.text.casefold()), "")
    if not right:
        return
    others = [letter for letter in listed if letter != right]
    denied: set[str] = set()
    start, end = len(text), 0
    for clause in _CLAUSE.finditer(text):
        if not _NEGATION.search(clause[0]):
            continue
        for letter in others:
            named = re.search(rf"(?<![\w']){letter}(?![\w'])", clause[0]) or (
                len(listed[letter]) > 2
                and re.search(rf"\b{re.escape(listed[letter])}\b", clause[0], re.IGNORECASE)
            )
            if named:
                denied.add(letter)
                start, end = min(start, clause.start()), max(end, clause.end())
    tried = {
        letter
        for letter in others
        for said in known.said
        if re.search(rf"(?<![\w']){letter}(?![\w'])", said) or listed[letter].casefold() in said.casefold()
    }
    if denied - tried and not set(others) - denied - tried:
        yield Mention(start, end, "elimination", sure=True, whole=True)


def by_position(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """`the second option`, `the former`, `month number 10`."""
    if not answer.words:
        return
    listed = options(hear(known.problem).text)
    right = answer.text.strip("()").upper()
    if right not in listed:
        right = next((k for k, v in listed.items() if v.casefold() == answer.text.casefold()), "")
    if right:
        letters = list(listed)
        for m in _WHICH.finditer(text):
            which = m["which"].casefold()
            place = (
                len(letters) - 1 if which == "last" else ("first", "second", "third", "fourth").index(which)
            )
            if place < len(letters) and letters[place] == right and not _NEGATION.search(text):
                yield Mention(m.start(), m.end(), "position", sure=True, whole=True)
    if known.said:
        for pair in _EITHER.finditer(hear(known.said[-1]).text):
            for m in _FORMER.finditer(text):
                former = m["which"].casefold().startswith(("former", "first"))
                said = pair[1 if former else 2].strip("\"'*`.").casefold()
                if (said,) == answer.words and not _NEGATION.search(text):
                    yield Mention(m.start(), m.end(), "position", sure=True, whole=True)
    if answer.words[0] in ORDERED[0]:
        for m in _MONTH_NUMBER.finditer(text):
            if int(m["n"] or m["m"]) == ORDERED[0].index(answer.words[0]) + 1:
                yield Mention(m.start(), m.end(), "position", sure=True, whole=True)


def alternative(answer: Answer, problem: str) -> str:
    """The text of a multiple-choice letter, or the letter of a text; "" for another answer."""
    listed = options(problem)
    right = answer.text.strip("() ").upper()
    if right in listed:
        return listed[right]
    return next(
        (letter for letter, words in listed.items() if words.casefold() == answer.text.casefold()), ""
    )
