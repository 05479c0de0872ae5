"""Which answer an utterance commits to, where answers may be grids, lists and sequences of moves.

As in `sml_gym.reading`, with three ways more: `<answer>...</answer>`, a fenced block after `Final answer:`,
and, for datasets whose answers have lines, all that follows `Final answer:`. The last commitment counts.
"""

from __future__ import annotations

import re

from sml_gym.dialogue import UtteranceKind
from sml_gym.reading import Reading, boxed_answer, read_utterance

_MARKER = re.compile(
    r"<answer>"
    r"|\\(?:boxed|fbox)\s{0,8}\{"
    r"|\bfinal\s{1,8}answer\s{0,8}(?:\*\*|__|\*)?\s{0,8}(?:is\b\s{0,8}:?|:|=)"
    r"|(?<![#\w])####(?!#)",
    re.IGNORECASE,
)
_CLOSE = re.compile(r"</answer>", re.IGNORECASE)
_FENCE = re.compile(
    r"\s{0,64}(?:\*\*|__)?\s{0,64}```[ \t]{0,8}\w{0,16}[ \t]{0,8}\n(.*?)(?:```|\Z)", re.DOTALL
)
_BOLD = re.compile(r"[ \t]{0,64}(?:\*\*|__)(?=[\s\S])")


def read(text: str, *, lines: bool) -> Reading:
    """What an utterance is and the answer it commits to.

    Args:
        text: the utterance.
        lines: whether the dataset's answers may take several lines.
    """
    last = None
    for found in _MARKER.finditer(text):
        last = found
    if last is None:
        return read_utterance(text)
    mark = last.group()
    rest = text[last.end() :]
    if mark.startswith("<"):
        close = _CLOSE.search(rest)
        answer: str | None = rest if close is None else rest[: close.start()]
    elif mark.startswith("\\"):
        answer = boxed_answer(text)
        if answer is None:
            return Reading(UtteranceKind.ATTEMPT, "", "the braces of the boxed answer do not close")
    elif (fence := _FENCE.match(rest)) is not None:
        answer = fence[1]
    elif lines:
        bold = _BOLD.match(rest)
        answer = rest if bold is None else rest[bold.end() :]
    else:
        return read_utterance(text[last.start() :])
    answer = _bare(answer or "")
    if not answer:
        return Reading(UtteranceKind.ATTEMPT, "", "the final answer is empty")
    return Reading(UtteranceKind.ATTEMPT, answer)


def _bare(answer: str) -> str:
    """An answer without blanks around it, and out of a fence of its own."""
    fence = _FENCE.fullmatch(answer.strip())
    return (answer if fence is None else fence[1]).strip()
