"""Problems with lettered options: letter, text and place of the right one tell each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.framing import frame
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
