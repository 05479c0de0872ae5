"""Problems with lettered options: letter, text and place of the right one tell each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.framing import frame
from sml_gym.leaks.known import Known, hear
from sml_gym.leaks.mention import Mention

_OPTION = re.compile(
    r"(?:^|[\s(])\(?([A-H])[).:]\s+(.{1,80}?)(?=[;,.]?\s+\(?[A-H][).:]\s|[.;?\n]|\Z)", re.MULTILINE
)
_WHICH = re.compile(
    r"\b(?P<which>first|second|third|fourth|last) (?:option|choice|possibility|answer|one|of (?:these|those"
    r"|them|the (?:two|three|four|options)))\b",
    re.IGNORECASE,
)
_PLACES = ("first", "second", "third", "fourth")
_NEGATION = re.compile(
    r"\b(?:not|never|cannot|wrong|exclude|eliminate|drop|forget|impossible|false)\b|n't\b", re.I
)


def options(problem: str) -> dict[str, str]:
    """The lettered options of a multiple-choice problem, `{"A": "oxygen", ...}`."""
    found = {m[1]: m[2].strip(" ,;.") for m in _OPTION.finditer(problem)}
    return found if len(found) >= 2 and "A" in found else {}


def right_letter(answer: Answer, listed: dict[str, str]) -> str:
    """The letter of the right option; "" if none of the options is the answer."""
    letter = answer.text.strip("() ").upper()
    if letter in listed:
        return letter
    return next((k for k, words in listed.items() if words.casefold() == answer.text.casefold()), "")


def alternative(answer: Answer, problem: str) -> str:
    """The text of a multiple-choice letter, or the letter of a text; "" for another answer."""
    listed = options(problem)
    letter = right_letter(answer, listed)
    return listed[letter] if letter and letter == answer.text.strip("() ").upper() else letter


def with_twin(found: Iterable[Mention], twins: Sequence[Mention], text: str) -> Iterator[Mention]:
    """Leaks of the letter or the text of an option; whole where the sentence holds the other too.

    What is left of `Choose [withheld], oxygen` would tell the answer.
    """
    for mention in found:
        around = frame(text, mention.start, mention.end)
        first, last = mention.start - len(around.before), mention.end + len(around.after)
        beside = any(first <= twin.start and twin.end <= last for twin in twins)
        yield replace(mention, whole=mention.whole or beside)


def by_position(answer: Answer, text: str, problem: str) -> Iterator[Mention]:
    """`The second option`."""
    listed = options(problem)
    letter = right_letter(answer, listed)
    if not letter or _NEGATION.search(text):
        return
    letters = list(listed)
    for m in _WHICH.finditer(text):
        which = m["which"].casefold()
        place = len(letters) - 1 if which == "last" else _PLACES.index(which)
        if place < len(letters) and letters[place] == letter:
            yield Mention(m.start(), m.end(), "position", sure=True, whole=True)


def by_elimination(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """All other options spoken of, or chosen before, and this one not: it is the only one left."""
    listed = options(hear(known.problem).text)
    letter = right_letter(answer, listed)
    if len(listed) < 3 or not letter or _speaks_of(letter, listed, text):
        return
    spoken = [other for other in listed if _speaks_of(other, listed, text)]
    tried = [other for other in listed for said in known.said[-1:] if _speaks_of(other, listed, said)]
    if len(spoken) >= 2 and {letter, *spoken, *tried} == set(listed) and letter not in tried:
        yield Mention(0, len(text), "elimination", sure=True, whole=True)


def _speaks_of(letter: str, listed: dict[str, str], text: str) -> bool:
    """Whether a text has an option's letter, standing alone, or its words."""
    return re.search(rf"(?<![\w'])(?:{letter}(?![\w'])|(?i:{re.escape(listed[letter])}))", text) is not None
