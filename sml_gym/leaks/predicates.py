"""Yes-or-no problems: a sentence that says that it is so, or that it is not: `91 is not prime`.

Only where the sentence repeats subject and predicate of the question. Reasons from which the answer
follows (`seven times thirteen is ninety-one`) are not covered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.mention import Mention
from sml_gym.leaks.numerals import in_words

_QUESTION = re.compile(
    r"\b(?:is|are|was|were|does|do|did|can|could|has|have|will)\s+([^?]{3,160})\?", re.IGNORECASE
)
_SAY = re.compile(
    r"\b(?:answer|say|write|reply|put|choose) (?:with |it with |a )?[\"'*`]*(yes|no|true|false)\b(?! or)",
    re.IGNORECASE,
)
_REPLY = re.compile(
    r"(?:\A|(?<=[.!?]\s))(yes|no)(?: *:|, because\b)"
    r"|\b(yes|no), (?:it|he|she|they|there) (?:is|are|was|were|does|do|did|can|has|have)(?: not|n't)?[.!]",
    re.IGNORECASE,
)
_HOLDS = re.compile(
    r"\b(?:statement|claim|proposition|inequality|equation|rule) (?P<not>(?:does not|doesn't|cannot|can't) )?"
    r"(?:always |indeed |really )?holds?\b(?![^.!?\n]*\?)",
    re.IGNORECASE,
)
_BLANK = re.compile(r"(\w{1,20}\W{1,3})_{2,}(\W{1,3}\w{1,20})")
_CLAUSE = re.compile(r"[^.!?;\n]+[.!?;\n]?")
_WORD = re.compile(r"[A-Za-z]{3,}|\d+")
_DOUBT = re.compile(
    r"\?|\b(?:if|whether|would|could|might|may|suppose|unless|assume|show|check|prove|(?<!that's )why)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:not|never|cannot|keine?|nicht|pas)\b|n't\b", re.IGNORECASE)
_QUIET = frozenset(
    [
        "the",
        "and",
        "this",
        "that",
        "there",
        "any",
        "all",
        "its",
        "for",
        "with",
        "are",
        "was",
        "has",
        "have",
        "does",
        "can",
        "answer",
        "yes",
        "true",
        "false",
    ]
)


def by_blank(answer: Answer, text: str, problem: str) -> Iterator[Mention]:
    """The problem's sentence with its blank filled in: `To whom did you` for `To ___ did you`."""
    for blank in _BLANK.finditer(problem):
        filled = rf"(?<!\w){re.escape(blank[1])}{re.escape(answer.text)}{re.escape(blank[2])}(?!\w)"
        for m in re.finditer(filled, text, re.IGNORECASE):
            yield Mention(m.start(), m.end(), "blank", sure=True)


def by_predicate(answer: Answer, text: str, problem: str) -> Iterator[Mention]:
    """Sentences of a plain text that answer the problem's question."""
    wanted = answer.text.casefold()
    if wanted not in ("yes", "no", "true", "false"):
        return
    for m in (*_SAY.finditer(text), *_REPLY.finditer(text)):
        if wanted in map(str.casefold, filter(None, m.groups())):
            yield Mention(m.start(), m.end(), "predicate", sure=True, whole=True)
    for m in _HOLDS.finditer(text):
        if (m["not"] is not None) == (wanted in ("no", "false")):
            yield Mention(m.start(), m.end(), "predicate", sure=True, whole=True)
    questions = _QUESTION.findall(problem)
    words = [w for w in _WORD.findall(questions[-1].casefold()) if w not in _QUIET] if questions else []
    if len(words) < 2:
        return
    subject, stems = words[0], "|".join(re.escape(word[:4]) for word in words[1:][-2:])
    if subject.isdecimal():
        subject += f"|{in_words(int(subject[:9])) or subject}"
    said = re.compile(rf"\b(?:(?:{subject})s?|it|they)\b[^.?!]{{0,40}}\b(?:{stems})", re.IGNORECASE)
    for clause in _CLAUSE.finditer(text):
        found = said.search(clause[0])
        if found is None or _DOUBT.search(clause[0]):
            continue
        if (_NOT.search(found[0]) is not None) == (wanted in ("no", "false")):
            yield Mention(clause.start(), clause.end(), "predicate", sure=True, whole=True)
