"""Facts put into words, the same way for the same seed."""

from __future__ import annotations

from collections.abc import Iterable

from sml_gym.errors import TeacherError
from sml_gym.seeding import stable_hash
from sml_gym.verdict import Fact, PhraseBank

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
    "answer.unknown": (
        "I cannot say more about that. Try a final answer.",
        "There is nothing more I can tell you about that. Give it a try.",
    ),
}
"""Phrasings every domain has. A domain's own bank is merged over them."""


def speakable(facts: Iterable[Fact], informativeness: int) -> list[Fact]:
    """The facts a teacher at this level speaks: for each topic, the most informative one allowed."""
    best: dict[str, Fact] = {}
    for position, fact in enumerate(facts):
        if fact.private or fact.informativeness > informativeness:
            continue
        topic = fact.topic or f"#{position}"
        held = best.get(topic)
        if held is None or fact.informativeness > held.informativeness:
            best[topic] = fact
    return list(best.values())


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
