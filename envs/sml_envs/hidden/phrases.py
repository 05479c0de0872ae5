"""What a teacher says to a question: what an answer has to be, how to choose one, and no more."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sml_envs.hidden.game import AHEAD, NEXT, WHERE, Game
from sml_gym import Direction, Fact, Informativeness, PhraseBank

PHRASES: PhraseBank = {
    "hidden.form": (
        "An answer is {answer_form}.",
        "I am waiting for {answer_form}.",
        "You have to name {answer_form}.",
    ),
    "hidden.advice": ("{advice}",),
    "hidden.refuse": (
        "That is for you to find out: try an answer, and I tell you about it.",
        "I only speak about answers that you try.",
        "You find that out by trying.",
    ),
}
OPPOSITES: Mapping[str, str] = dict.fromkeys(PHRASES, "")
SLOTS: Mapping[str, str] = {"answer_form": "", "advice": ""}

_HOW = re.compile(
    r"\b(?:next|hint|clue|help|stuck|start|begin|wrong|mistake|advice|strategy|how|best|explain|teach)\b",
    re.IGNORECASE,
)
_WHAT = re.compile(
    r"\b(?:possible|allowed|range|form|format|kind|options?|candidates|choices|rules?|mean|list|write)\b",
    re.IGNORECASE,
)
_MOST_CHARS = 1_000

_UNKNOWN = Fact("answer.unknown", {}, Informativeness.CORRECTNESS, Direction.REWARD, "question")
_REFUSE = Fact("hidden.refuse", {}, Informativeness.CORRECTNESS, Direction.REWARD, "question")


def answer_question(game: Game, text: str) -> tuple[Fact, ...]:
    """The facts that answer a question. They depend on the game alone, never on what is hidden."""
    text = text[-_MOST_CHARS:]
    form = Fact("hidden.form", {"answer_form": game.asked_for}, WHERE, AHEAD, "question")
    if _HOW.search(text):
        return _UNKNOWN, form, Fact("hidden.advice", {"advice": game.advice}, NEXT, AHEAD, "question")
    if _WHAT.search(text):
        return _UNKNOWN, form
    return (_REFUSE,)
