"""Which answer an utterance commits to, found in linear time and without evaluating anything.

An answer is committed with `\\boxed{...}`, with `Final answer: ...` or with
`#### ...`. The last commitment in the text counts, whichever way it is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sml_gym.dialogue import UtteranceKind

_MARKER = re.compile(r"\\boxed\s*\{|\\fbox\s*\{|final\s+answer\s*(?:is\b|:|=)\s*:?|####", re.IGNORECASE)
_QUESTION = re.compile(
    r"\?|^\s*(?:what|how|why|which|where|when|who|is|are|can|could|should|would|do|does|did|please)\b",
    re.IGNORECASE,
)
_MAX_ANSWER_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What an utterance is, and the answer it commits to.

    `answer` is None unless `kind` is an attempt. An attempt with `malformed` set has
    committed to something that is no single answer; `malformed` says why, in words
    fit for the student.
    """

    kind: UtteranceKind
    answer: str | None = None
    malformed: str = ""


def read_utterance(text: str) -> Reading:
    """Read an utterance: the last committed answer, else a question, else discussion."""
    last = None
    for last in _MARKER.finditer(text):
        pass
    if last is None:
        asks = _QUESTION.search(text) is not None
        return Reading(UtteranceKind.QUESTION if asks else UtteranceKind.DISCUSSION)
    if last.group().endswith("{"):
        answer = _braced(text, last.end())
        if answer is None:
            return Reading(UtteranceKind.ATTEMPT, "", "the braces of the boxed answer do not close")
    else:
        answer = text[last.end() :].lstrip(" \t").split("\n", 1)[0]
    answer = answer.strip()
    if not answer:
        return Reading(UtteranceKind.ATTEMPT, "", "the final answer is empty")
    if len(answer) > _MAX_ANSWER_CHARS:
        return Reading(UtteranceKind.ATTEMPT, answer[:80], "the final answer is too long")
    return Reading(UtteranceKind.ATTEMPT, answer)


def _braced(text: str, start: int) -> str | None:
    """The text from `start` to the brace that closes the one just before it."""
    depth = 1
    for position in range(start, min(len(text), start + 4 * _MAX_ANSWER_CHARS)):
        char = text[position]
        if char == "{" and text[position - 1] != "\\":
            depth += 1
        elif char == "}" and text[position - 1] != "\\":
            depth -= 1
            if depth == 0:
                return text[start:position]
    return None
