"""Which facts are spoken, and in which words: the same way for the same seed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sml_gym.errors import TeacherError
from sml_gym.seeding import stable_hash
from sml_gym.teachers.base import Feedback, Length, TeachingContext
from sml_gym.verdict import Direction, Fact, PhraseBank

GO_ON = "Go on."
"""What a teacher says that has nothing to say, or is not to say it."""

_UNKNOWN = "answer.unknown"

CORE_PHRASES: PhraseBank = {
    "verdict.correct": ("That is correct.", "Yes, that is right.", "Correct, well done."),
    "verdict.incorrect": ("That is not correct.", "Not quite.", "No, that is not right."),
    "verdict.malformed": (
        "I cannot read a single final answer: {reason}.",
        "That does not give one final answer: {reason}.",
    ),
    "verdict.no_attempt": (
        "You have not given a final answer yet.",
        "I do not see a final answer yet.",
    ),
    _UNKNOWN: (
        "I cannot say more about that. Try a final answer.",
        "There is nothing more I can tell you about that. Give it a try.",
    ),
}
"""Phrasings every domain has. A domain's own bank is merged over them."""

_USE = (
    Direction.REWARD,
    Direction.HINDSIGHT_POSITIVE,
    Direction.FUTURE_NEGATIVE,
    Direction.HINDSIGHT_NEGATIVE,
    Direction.FUTURE_POSITIVE,
)
"""Types of feedback by how far they help a student on, the least first."""


def speakable(
    facts: Iterable[Fact],
    informativeness: int,
    directions: Collection[Direction] | None = None,
    length: Length = "normal",
) -> list[Fact]:
    """The facts that a teacher speaks: for each topic, the most informative one that it may.

    Args:
        facts: what was found.
        informativeness: the highest level it may speak.
        directions: the only types of feedback to give, of each topic the best of each type;
            None: any, of each topic the best one.
        length: `"terse"` leaves the one fact that helps most; `"verbose"` says all levels of a
            topic, not only the highest.
    """
    allowed = [
        fact
        for fact in facts
        if not fact.private
        and fact.informativeness <= informativeness
        and (directions is None or fact.direction in directions)
    ]
    chosen = allowed
    if length != "verbose" and len(allowed) > 1:
        best: dict[str, Fact] = {}
        for position, fact in enumerate(allowed):
            topic = fact.topic or f"#{position}"
            if directions is not None:
                topic = f"{topic} {fact.direction}"
            held = best.get(topic)
            if held is None or fact.informativeness > held.informativeness:
                best[topic] = fact
        chosen = list(best.values())
    # Whoever says something does not say that there is nothing to say.
    if len(chosen) > 1:
        chosen = [fact for fact in chosen if fact.kind != _UNKNOWN] or chosen
    if length == "terse" and chosen:
        return [max(chosen, key=lambda fact: (fact.informativeness, _USE.index(fact.direction)))]
    return chosen


def word(facts: Iterable[Fact], phrases: PhraseBank, seed: int, turn: int) -> str:
    """One sentence per fact; the phrasing is chosen by seed, turn and position.

    Raises `TeacherError` for a fact kind without phrasings or with a missing slot.
    """
    draw = stable_hash(seed, turn)
    sentences: list[str] = []
    for fact in facts:
        options = phrases.get(fact.kind) or CORE_PHRASES.get(fact.kind)
        if not options:
            raise TeacherError(f"No phrasing for fact {fact.kind!r}. Add one to the domain's phrase bank.")
        draw, choice = divmod(draw, len(options))
        if draw < 1_000:
            draw = stable_hash(seed, turn, len(sentences))
        try:
            sentences.append(options[choice].format_map(fact.slots))
        except KeyError as exc:
            raise TeacherError(f"A phrasing of {fact.kind!r} names the missing slot {exc}.") from exc
    return " ".join(sentences)


def say(facts: Sequence[Fact], context: TeachingContext) -> Feedback:
    """These facts in the domain's words, or `GO_ON` where there are none."""
    text = word(facts, context.domain.phrases, context.seed, context.turn)
    return Feedback(text or GO_ON, tuple(facts))
