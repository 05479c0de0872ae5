"""Leaks of yes and no: a sentence that says that it is so, or that it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.known import Known, hear
from sml_gym.leaks.mention import Mention

_CLAUSE = re.compile(r"[^.!?;\n]+[.!?;\n]?")
_ASKED = re.compile(
    r"\b(?:is|are|was|were|does|do|did|can|could|has|have|will)\s+(?P<rest>[^?]{3,160})\?", re.IGNORECASE
)
_WORD = re.compile(r"[A-Za-z]{3,}|\d+")
_STOP = frozenset(
    str.split(
        """
    the and this that there any all its for with are was has have does can number numbers answer yes
    true false following
"""
    )
)
_OPPOSITES: dict[str, str] = {}


for _one, _other in (
    str.split(pair)
    for pair in [
        "prime composite",
        "even odd",
        "rational irrational",
        "finite infinite",
        "convergent divergent",
        "converge diverge",
        "possible impossible",
        "positive negative",
        "increasing decreasing",
        "true false",
        "vertebrate invertebrate",
        "parallel perpendicular",
        "equal unequal",
        "larger smaller",
        "greater less",
        "solid liquid",
        "acid base",
        "continuous discontinuous",
        "linear nonlinear",
        "symmetric asymmetric",
    ]
):
    _OPPOSITES[_one], _OPPOSITES[_other] = _other, _one


def by_predicate(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """For a yes-or-no problem: a sentence that says that it is so, or that it is not."""
    if answer.text.casefold() not in ("yes", "no", "true", "false"):
        return
    said = re.search(
        rf"\b(?:answer|say|write|reply|put|type|choose|pick)\s+(?:with\s+|is\s+|it\s+with\s+"
        rf"|a\s+)?[\"'*`]*{re.escape(answer.text)}\b",
        text,
        re.IGNORECASE,
    )
    if said and not re.search(
        r"\b(?:or|either|whether)\b", text[said.start() : said.end() + 12], re.IGNORECASE
    ):
        yield Mention(said.start(), said.end(), "predicate", sure=True, whole=True)
    judged = re.search(
        r"\b(?:statement|claim|proposition|sentence|assertion)\s+is\s+(?:indeed |clearly )?(true|false)\b",
        text,
        re.IGNORECASE,
    )
    if judged and judged[1].casefold() == answer.text.casefold():
        yield Mention(judged.start(), judged.end(), "predicate", sure=True, whole=True)
    questions = list(_ASKED.finditer(hear(known.problem).text))
    if not questions:
        return
    asked = questions[-1]
    words = [w for w in _WORD.findall(asked["rest"].casefold()) if w not in _STOP]
    if len(words) < 2:
        return
    subject, predicate = words[0], words[-1] if not words[-1].isdecimal() else words[1]
    if predicate == subject:
        return
    positive = answer.text.casefold() in ("yes", "true")
    bare = re.search(
        rf"(?:\A|[,.!?] )(?:no,? |yes,? )?(?:it|{re.escape(subject)}) (?P<verb>is not|isn't|is|does not"
        rf"|doesn't|does)[.! ]*\Z",
        text,
        re.IGNORECASE,
    )
    if bare and ("n" in bare["verb"].casefold().replace("is not", "n't")) != positive:
        yield Mention(bare.start(), bare.end(), "predicate", sure=True, whole=True)
    for clause in _CLAUSE.finditer(text):
        low = clause[0].casefold()
        if (
            low.rstrip().endswith("?")
            or not any(stem in low for stem in (predicate[:4], _OPPOSITES.get(predicate, predicate)))
            or re.search(r"\b(?:if|whether|would|could|suppose|unless)\b", low)
        ):
            continue
        denied = re.search(
            rf"(?:\bnot|n't|\bno|\bnever|keine?|nicht|pas)\b[^.?!]{{0,24}}\b\w*{re.escape(predicate)}"
            rf"|\b(?:keine?|nicht|n'est pas|no es|non e)\b[^.?!]{{0,24}}\b{re.escape(predicate[:4])}",
            low,
        )
        states = re.search(
            rf"\b(?:{re.escape(subject)}|it|this)\s+(?:really |indeed |certainly )?(?:is|are|does|do|can|has"
            rf"|was)\b(?!\s*(?:not|n't))[^.?!]{{0,24}}\b{re.escape(predicate)}",
            low,
        )
        opposite = _OPPOSITES.get(predicate, "")
        if opposite and re.search(rf"\b(?:is|are|'s)\s+(?:[a-z]+ )?{opposite}\b", low) and not positive:
            yield Mention(clause.start(), clause.end(), "predicate", sure=True, whole=True)
            continue
        if not re.search(rf"(?:\b|\(){re.escape(subject)}\b|\bit\b|\bthis\b", low):
            continue
        if re.search(r"(?:isn't|not) (?:true|correct|the case|so) that\b", low) and not positive:
            yield Mention(clause.start(), clause.end(), "predicate", sure=True, whole=True)
            continue
        called = re.search(
            rf"{re.escape(predicate)}\w*\([^)]*\)\W*(?:is|returns|gives|prints|says)?\W*(true|false)", low
        )
        if called and (called[1] == "true") == positive:
            yield Mention(clause.start(), clause.end(), "predicate", sure=True, whole=True)
            continue
        if (denied and not positive) or (states and not denied and positive):
            yield Mention(clause.start(), clause.end(), "predicate", sure=True, whole=True)
