"""Which answer an utterance commits to, found in linear time and without evaluating anything.

An answer is committed with `\\boxed{...}`, with `Final answer: ...` (also `The final answer
is ...`, with or without bold marks) or with `#### ...`. The last commitment in the text
counts, whichever way it is written: what came before was changed. It reaches to the closing
brace, or to the end of its line; where that line is empty, the next one that is not.

An utterance without a commitment is a question if it asks the teacher something, else
discussion. Words that imitate the teacher, or a chat template's marks, are words like any other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sml_gym.dialogue import UtteranceKind

# Every repetition is bounded, so that a long run of blanks or of markers costs linear time.
_MARKER = re.compile(
    r"\\(?:boxed|fbox)\s{0,8}\{"
    r"|\bfinal\s{1,8}answer\s{0,8}(?:\*\*|__|\*)?\s{0,8}(?:is\b\s{0,8}:?|:|=)"
    r"|(?<![#\w])####(?!#)",
    re.IGNORECASE,
)
_BOX = re.compile(r"\\(?:boxed|fbox)\s{0,8}\{")
# The whole utterance is one committed number: the commonest attempt, and the quickest to read.
_PLAIN = re.compile(r"Final answer: ([0-9+\-.,/]{1,40})|\\boxed\{([0-9+\-.,/]{1,40})\}")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
MAX_ANSWER_CHARS = 2_000
"""Longest answer that is read; a longer one is malformed."""

_SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]?")
_ASKS = re.compile(
    r"\W{0,8}(?:(?:so|but|and|hmm|ok|okay|sorry|wait|teacher|also|then)\b\W{0,8}){0,3}"
    r"(?:(?:what|how|why|which|where|when|who|whose)\b"
    r"|(?:is|are|am|was|can|could|should|would|will|do|does|did|may|shall|must|have|has)\s{1,8}"
    r"(?:i|we|you|it|this|that|there|the|my|a|an|any|one)\b"
    r"|please\b|(?:give|show|tell|explain|help|teach|remind)\s{1,8}(?:to\s{1,8})?(?:me|us)\b"
    r"|i\s{1,8}(?:need|want|would\s{1,8}like)\s{1,8}(?:a\s{1,8}|some\s{1,8}|your\s{1,8})?(?:hint|help)\b|hint\b|help\b)",
    re.IGNORECASE,
)
_TO_TEACHER = re.compile(r"\b(?:you|your|hint|help|my|i|me|should|next|teacher|please|mean)\b", re.IGNORECASE)
_MAX_QUESTION_CHARS = 4_000


@dataclass(slots=True)
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
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        return Reading(UtteranceKind.ATTEMPT, plain[1] or plain[2])
    commitments = list(_MARKER.finditer(text))
    if not commitments:
        return Reading(UtteranceKind.QUESTION if _asks(text) else UtteranceKind.DISCUSSION)
    last = commitments[-1]
    if last.group().endswith("{"):
        answer = _braced(text, last.end())
        if answer is None:
            return Reading(UtteranceKind.ATTEMPT, "", "the braces of the boxed answer do not close")
    else:
        answer = _rest(text, last.end())
        for mark in ("**", "__", "*"):  # what is left of bold marks around the words or the whole line
            if answer.startswith(mark) and answer.count(mark) == 1:
                answer = answer.removeprefix(mark)
            elif answer.endswith(mark) and answer.count(mark) == 1:
                answer = answer.removesuffix(mark)
    answer = answer.strip()
    if not answer:
        return Reading(UtteranceKind.ATTEMPT, "", "the final answer is empty")
    if len(answer) > MAX_ANSWER_CHARS:
        return Reading(UtteranceKind.ATTEMPT, answer[:80], "the final answer is too long")
    return Reading(UtteranceKind.ATTEMPT, answer)


def boxed_answer(text: str) -> str | None:
    """What the last `\\boxed{}` of a text holds, None without one or if its braces do not close."""
    last = None
    for found in _BOX.finditer(text):
        last = found
    answer = None if last is None else _braced(text, last.end())
    return None if answer is None else answer.strip()


def _rest(text: str, start: int) -> str:
    """The rest of the line, or the next line that is not empty; longer than allowed if it is too long."""
    head = text[start : start + 4 * MAX_ANSWER_CHARS]
    lines = (line.strip() for line in head.splitlines())
    return next((line for line in lines if line.strip("*_:# ")), "")


def _braced(text: str, start: int) -> str | None:
    """The text from `start` to the brace that closes the one just before it."""
    depth = 1
    for brace in _BRACE.finditer(text, start, min(len(text), start + 4 * MAX_ANSWER_CHARS)):
        if brace.group() == "{":
            depth += 1
        elif brace.group() == "}":
            depth -= 1
            if depth == 0:
                return text[start : brace.start()]
    return None


def _asks(text: str) -> bool:
    """Whether an utterance without a commitment asks the teacher something.

    It does if its last sentence ends with a question mark, if a sentence with a question mark
    speaks of the teacher or of the student's own work, or if a sentence begins as a question or
    a request does. A question that the student goes on to answer ("3 * 4? That is 12.") is thinking aloud.
    """
    # A question stands at an end of an utterance, so the middle of a very long one is not searched.
    if len(text) > _MAX_QUESTION_CHARS:
        text = f"{text[: _MAX_QUESTION_CHARS // 2]}\n{text[-_MAX_QUESTION_CHARS // 2 :]}"
    sentences = [found for found in _SENTENCE.findall(text) if not found.isspace() and found]
    if not sentences:
        return False
    if text.rstrip().rstrip("*_)\"'").endswith("?"):
        return True
    for sentence in sentences:
        if sentence.endswith("?") and _TO_TEACHER.search(sentence):
            return True
    first, last = sentences[0], sentences[-1]
    return any(_ASKS.match(sentence) and not sentence.endswith("?") for sentence in (first, last))
