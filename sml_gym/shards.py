"""A problem in pieces: split by its sentences, checked for what it lost, and asked for piece by piece.

After Lost in Conversation (arXiv 2505.06120, section 3): the goal comes first, every other piece of
information later and by itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sml_gym.task import Shard, Shards

# A sentence ends at its mark, with closing quotes, before a blank and something that can begin another.
_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"'”’)]))\s+(?=[\"'“‘($]?[A-Z0-9$])")
_ABBREVIATION = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|jr|sr|vs|etc|fig|approx|e\.g|i\.e|[ap]\.m|u\.s)\.$",
    re.IGNORECASE,
)
_LEADING_CLAUSE = re.compile(
    r"(?P<clause>(?:If|When|Given that|Assuming(?: that)?|Suppose(?: that)?|Since|After|Knowing that)\b"
    r"[^?]{8,}?), (?:then )?"
    r"(?P<asked>(?:(?:in |by |for )?how|(?:at |to )?what|which|who|where|when|find|calculate|compute"
    r"|determine|is|are|does|do|will)\b[^?]*[?.])",
    re.IGNORECASE,
)
_TRAILING_CLAUSE = re.compile(
    r"(?P<asked>(?:how|what|which|who|where|when|in how|at what|by how)\b[^?,]{8,}?),?"
    r" (?P<clause>(?:if|given that|assuming(?: that)?|knowing that)\b[^?]{8,})\?",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"^(?:if|given that|assuming(?: that)?|suppose(?: that)?|knowing that)\s+", re.IGNORECASE
)
_ASKS = re.compile(
    r"\?|^\W*(?:how|what|which|who|where|when|find|calculate|compute|determine|solve|work"
    r" out|evaluate|give)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]{2,}")
_QUANTITY = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|half|halves|third|quarter"
    r"|twice|double|triple|percent|as many|as much|more|less|fewer|older|younger)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,/:]\d+)*")
_COMMON = (
    "the and that this with from have has had how many much what which who where when does did will would "
    "can could should for are was were is been being you your yours him his her hers she they them their "
    "its our tell know told need please give say about more next else also then than there here into out "
    "all any some each every one two three four five six seven eight nine ten me my mine not but get gets "
    "got does doing information detail details problem question part parts piece everything anything "
    "something rest missing let lets want wants ask asked asking explain help hint step now still other "
    "another"
)
_STOP_WORDS = frozenset(_COMMON.split())


def split_problem(problem: str) -> Shards | None:
    """A word problem by its sentences: the question is the goal, the others are the parts.

    A condition that stands in the question itself ("If each costs $3, how much ...?") becomes a part.
    None for a problem that asks nothing or has no parts.
    """
    goals: list[str] = []
    parts: list[str] = []
    for sentence in _sentences(" ".join(problem.split())):
        found = _LEADING_CLAUSE.fullmatch(sentence) or _TRAILING_CLAUSE.fullmatch(sentence)
        if found is not None and _QUANTITY.search(found["clause"]):
            clause = _CONDITION.sub("", found["clause"])
            parts.append(f"{_capital(clause)}.")
            goals.append(
                _capital(found["asked"]) if found["asked"][-1] in "?." else f"{_capital(found['asked'])}?"
            )
        elif _ASKS.search(sentence):
            goals.append(sentence)
        else:
            parts.append(sentence)
    if not goals or not parts:
        return None
    return Shards(" ".join(goals), name_shards(parts))


def name_shards(texts: Sequence[str], needed: Collection[int] | None = None) -> tuple[Shard, ...]:
    """Shards with the words that single them out: those that not all of them have.

    `needed` holds the positions of those without which the problem cannot be solved; None: all.
    """
    words = [_telling(text) for text in texts]
    common = set.intersection(*words) if len(words) > 1 else set()
    return tuple(
        Shard(text, tuple(sorted(own - common)), needed is None or position in needed)
        for position, (text, own) in enumerate(zip(texts, words, strict=True))
    )


def read_shards(field: Any) -> Shards:
    """A row's field `shards`: a list of texts, the goal first, or an object with `goal` and `parts`.

    A part is a text, or an object with `text` and, if wanted, `names` (a list of words) and `needed` (default
    true). A part without names gets the words that single it out.

    Raises:
        ValueError: it is something else; the message says what.
    """
    if isinstance(field, list) and field:
        field = {"goal": field[0], "parts": field[1:]}
    if not isinstance(field, Mapping) or not isinstance(field.get("parts"), list):
        raise ValueError("the field 'shards' should be a list of texts or an object with 'goal' and 'parts'")
    rows = [part if isinstance(part, Mapping) else {"text": part} for part in field["parts"]]
    texts = [field.get("goal"), *(row.get("text") for row in rows)]
    if len(texts) < 2 or not all(isinstance(text, str) and text.strip() for text in texts):
        raise ValueError("the field 'shards' should hold a goal and at least one part, all non-empty texts")
    named = name_shards([row["text"] for row in rows])
    parts = []
    for row, part in zip(rows, named, strict=True):
        names, needed = row.get("names", part.names), row.get("needed", True)
        if (
            not isinstance(needed, bool)
            or not isinstance(names, (list, tuple))
            or not all(isinstance(name, str) for name in names)
        ):
            raise ValueError(
                "a part of 'shards' should have a list of words as 'names' and a bool as 'needed'"
            )
        parts.append(Shard(row["text"], tuple(name.lower() for name in names), needed))
    return Shards(field["goal"], tuple(parts))


def asked_for(question: str, shards: Sequence[Shard]) -> int | None:
    """Which of these shards a question names; None if it names none.

    The one with the most telling names, a name counting less the more shards have it; the first of equals.
    """
    words = _telling(question)
    bearers = Counter(name for shard in shards for name in {_stem(name) for name in shard.names})
    scores = [
        sum(1 / bearers[name] for name in {_stem(name) for name in shard.names} & words) for shard in shards
    ]
    best = max(scores, default=0.0)
    return scores.index(best) if best > 0 else None


def missing(problem: str, shards: Shards) -> list[str]:
    """What the problem holds and its shards do not: numbers that occur less often, then lost words."""
    told = " ".join((shards.goal, *(part.text for part in shards.parts)))
    numbers = Counter(_NUMBER.findall(problem)) - Counter(_NUMBER.findall(told))
    kept = {_stem(word) for word in _WORD.findall(told)}
    words = dict.fromkeys(
        word for word in _WORD.findall(problem) if word.lower() not in _STOP_WORDS and _stem(word) not in kept
    )
    return [*numbers.elements(), *words]


def _sentences(text: str) -> list[str]:
    sentences: list[str] = []
    held = ""
    for piece in _END.split(text):
        held = f"{held} {piece}".strip()
        if not _ABBREVIATION.search(held):
            sentences += [held] if held else []
            held = ""
    return [*sentences, held] if held else sentences


def _telling(text: str) -> set[str]:
    """The words of a text by which one piece of information can be told from another."""
    stems = {_stem(word) for word in _WORD.findall(text) if word.lower() not in _STOP_WORDS}
    return stems - _STOP_WORDS


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _stem(word: str) -> str:
    """A word in lower case, and in the singular as far as endings tell."""
    word = word.lower().removesuffix("'s")
    if word.endswith("ies") and len(word) > 5:
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
