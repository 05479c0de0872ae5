"""A problem in pieces: split by its sentences, checked for what it lost, and asked for piece by piece.

After Lost in Conversation (arXiv 2505.06120, section 3): the goal comes first, every other piece of
information later and by itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from math import fsum
from typing import Any

from sml_gym.task import Shard, Shards

# A sentence ends at its mark, with closing quotes, before a blank and something that can begin another.
_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"'”’)]))\s+(?=[\"'“‘($]?[A-Z0-9$])")
_ABBREVIATION = re.compile(
    r"(?<![&\w])(?:mr|mrs|ms|dr|prof|jr|sr|st|vs|fig|approx|e\.g|i\.e)\.$", re.IGNORECASE
)
# These may end a sentence too; then what comes next is no name, day or unit.
_DOUBTFUL = re.compile(r"\b(?:etc|[ap]\.\s?m|u\.s|inc|co|no|ft|in|lbs?|oz|hrs?|mins?)\.$", re.IGNORECASE)
_BEGINS = re.compile(
    r"[\"“(]?(?:The|This|That|These|Those|There|He|She|It|They|We|I|You|His|Her|Their|Its|If|When|While|After"
    r"|Before|On|In|At|For|From|By|Each|Every|All|Both|One|Then|But|And|So|How|What|Which|Who|Where|Calculate"
    r"|Find|Determine|A|An)\b"
)
_ITEM = re.compile(r"\s*(?:[-*•‣]|\(?\d{1,2}[.)]|\(?[a-z]\))\s")
# After a comma "which", "who" and "where" seldom ask: they tell more of what was just named.
_ASKED = (
    r"(?:(?:in |by |for |at |to |on |with )?(?:how|what)\b|(?:in|by|for|at|to|on|of|with) which\b|why\b"
    r"|(?:find|calculate|compute|determine|is|are|does|do|did|will|would|can|could)\b)"
)
_CONDITION = (
    r"(?:if|given(?: that)?|assuming(?: that)?|suppose(?: that)?|knowing(?: that)?|considering that)\b"
)
_SINCE = r"since (?=[A-Z]|(?:he|she|it|they|there|the|each|every|one|his|her|their)\b)"
_LEADING_CLAUSE = re.compile(
    rf"(?:(?:so|then|now|and|but|therefore),? )?(?P<clause>(?:{_CONDITION}|{_SINCE})[^?]{{8,}}?)"
    rf"(?:, (?:then )?| then | (?=how (?:many|much|long|old)\b))(?P<asked>{_ASKED}[^?]*[?.])",
    re.IGNORECASE,
)
_MIDDLE_CLAUSE = re.compile(
    rf"(?P<said>(?!\W*{_ASKED}|{_CONDITION})[^?;]{{8,}}?)[,;] (?:and |but |so )?"
    rf"(?P<rest>{_CONDITION}[^?]{{8,}}?, (?:then )?{_ASKED}[^?]*[?.])",
    re.IGNORECASE,
)
_TRAILING_CLAUSE = re.compile(
    r"(?P<asked>(?:(?:in |at |by |for |to )?(?:how|what|which|who|where|when)|calculate|find|determine"
    r"|compute)\b[^?,]{8,}?),?"
    r" (?P<clause>(?:if|given that|assuming(?: that)?|knowing that|considering that)\b[^?]{8,})[?.]",
    re.IGNORECASE,
)
_STATED = re.compile(
    r"(?:if|given that|knowing(?: that)?|considering that|since|(?P<frame>assuming|suppose|given)(?: that)?)"
    r"\s+",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:how|what|what's|which|whose|who|where|when|why)\b[^?]*\?"
    r"|^\W*(?:is|are|was|were|does|do|did|will|would|can|could|should|has|have)\b[^?]*\?"
    r"|(?:^\W*|, (?:then )?)(?:find|calculate|compute|determine|solve|work out|evaluate|give)\b"
    r"|(?:^\W*|, (?:then )?)(?:in |at |by |for )?(?:how (?:many|much|long|far|old|tall)|what)\b"
    r"|^if\b.* how (?:many|much|long|far|old|tall)\b",
    re.IGNORECASE,
)
_LONGEST = 2_000
"""A longer sentence (characters) is none of a word problem, and is not searched for what it asks."""

_LONGEST_ABBREVIATION = 12
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]{2,}")
_ANY_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_QUANTITY = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|hundred|dozen"
    r"|half|halves|halved?|third|quarter|twice|double[ds]?"
    r"|triple[ds]?|percent|equal(?:ly)?|as many|as much|more|less|fewer|older|younger)\b",
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
    "another since therefore knowing assuming assume suppose given considering"
)
_STOP_WORDS = frozenset(_COMMON.split())


def split_problem(problem: str) -> Shards | None:
    """A word problem by its sentences: the question is the goal, the others are the parts.

    A condition that stands in the question itself ("If each costs $3, how much ...?") becomes a part if it
    holds a quantity. None for a problem that asks nothing or has no parts.
    """
    sentences = _sentences(problem)
    asking = [sentence for sentence in sentences if len(sentence) <= _LONGEST and _ASKS.search(sentence)]
    if not asking:
        asking = [sentence for sentence in sentences if sentence.endswith("?")]
    goals: list[str] = []
    parts: list[str] = []
    for sentence in sentences:
        if sentence in asking:
            said, asked = _conditions(sentence)
            parts += said
            goals.append(asked)
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
    A name of several words is named by a question that has all of them.
    """
    words = {_stem(word) for word in _ANY_WORD.findall(question)}
    names = [{tuple(map(_stem, _ANY_WORD.findall(name))) for name in shard.names} for shard in shards]
    bearers = Counter(name for own in names for name in own)
    # `fsum`: a sum would be rounded by the order of the set, which is another one in another process.
    scores = [fsum(1 / bearers[name] for name in own if name and words.issuperset(name)) for own in names]
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


def lost_numbers(problem: str, shards: Shards) -> list[str]:
    """The numbers that the problem holds and its shards do not, as often as they lack them."""
    return [what for what in missing(problem, shards) if what[0].isdigit()]


def _conditions(question: str) -> tuple[list[str], str]:
    """What a question says beside what it asks, as sentences, and what it asks."""
    said: list[str] = []
    found = _MIDDLE_CLAUSE.fullmatch(question)
    if found is not None and _QUANTITY.search(found["said"]):
        said.append(f"{found['said']}.")
        question = _capital(found["rest"])
    for pattern in (_LEADING_CLAUSE, _TRAILING_CLAUSE):
        found = pattern.fullmatch(question)
        if found is not None and _QUANTITY.search(found["clause"]):
            said.append(_stated(found["clause"]))
            mark = question[-1]
            question = _capital(found["asked"]).rstrip("?.") + mark
    return said, question


def _stated(clause: str) -> str:
    """A condition as a sentence: without its "if", and "assuming" as "assume"."""
    found = _STATED.match(clause)
    if found is not None:
        frame = {"assuming": "Assume ", "suppose": "Suppose ", "given": "Assume "}.get(
            (found["frame"] or "").lower(), ""
        )
        clause = frame + clause[found.end() :].replace(" and that ", " and ")
    return f"{_capital(clause).rstrip('.,')}."


def _sentences(text: str) -> list[str]:
    """A text by its sentences and the items of its lists, each on one line."""
    found: list[str] = []
    for block in _blocks(text):
        pieces = _END.split(block)
        ends = _ends(pieces, quoted=True)
        if ends is None:  # a quote that is never closed
            ends = _ends(pieces, quoted=False) or []
        found += ends
    return found


def _blocks(text: str) -> list[str]:
    """A text in one line, but for the items of its lists, which have one each."""
    blocks = [""]
    item = False
    for line in text.splitlines():
        begins = _ITEM.match(line) is not None
        continued = item and line.lstrip()[:1].islower()
        if begins or (item and not continued):
            blocks.append("")
        item = begins or continued
        blocks[-1] += f" {line}"
    return [" ".join(block.split()) for block in blocks if block.strip()]


def _ends(pieces: Sequence[str], *, quoted: bool) -> list[str] | None:
    """Pieces joined where no sentence ends; None if one stays open at the end of the text."""
    sentences: list[str] = []
    held = ""
    for piece, following in zip(pieces, [*pieces[1:], ""], strict=True):
        held = f"{held} {piece}".strip()
        end = held[-_LONGEST_ABBREVIATION:]
        if _ABBREVIATION.search(end) or (quoted and _opens(held)):
            continue
        if _DOUBTFUL.search(end) and following and not _BEGINS.match(following):
            continue
        sentences += [held] if held else []
        held = ""
    if held and quoted and _opens(held):
        return None
    return [*sentences, held] if held else sentences


def _opens(text: str) -> bool:
    """Whether a quote or bracket is open at the end."""
    return bool(text.count('"') % 2) or text.count("“") > text.count("”") or text.count("(") > text.count(")")


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
