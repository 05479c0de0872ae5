"""Feedback at the wrong time: on the attempt some turns ago, or on any turn before.

Nothing is kept between turns. What was found about an earlier utterance is found again, and the
wrapped teacher meets the dialogue as it was then, so it says what it would have said at that turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sml_gym.dialogue import Dialogue, Speaker
from sml_gym.errors import ConfigError
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext
from sml_gym.teachers.controls import ControlTeacher
from sml_gym.teachers.wording import GO_ON

_MOST_TURNS = 999_999


class DelayedTeacher(ControlTeacher):
    """Speaks of the student's utterance some turns ago; before there is one it says "Go on.".

    Args:
        inner: who speaks.
        turns: how many turns ago; 0 is no delay.
    """

    kind = "delayed"

    def __init__(self, inner: Teacher, turns: int) -> None:
        if isinstance(turns, bool) or not isinstance(turns, int) or not 0 <= turns <= _MOST_TURNS:
            raise ConfigError(f"The delay is {turns!r:.80}; give a whole number of turns, 0 or more.")
        self.turns = turns
        super().__init__(inner, str(turns))

    def settings(self) -> dict[str, Any]:
        """The delay in turns."""
        return {"turns": self.turns}

    def change(self, context: TeachingContext) -> TeachingContext | Feedback:
        """The context of the earlier turn."""
        turn = context.turn - self.turns
        return at_turn(context, turn) if turn >= 1 else Feedback(GO_ON, notes={self.kind: {"turn": None}})

    def note(self, told: TeachingContext, reply: Feedback) -> Mapping[str, Any]:
        """Which turn it spoke of."""
        return {"turn": told.turn}


class ShuffledTeacher(ControlTeacher):
    """Gives a task's feedback in the wrong order: at each turn that on an earlier one, drawn by seed.

    Only what was said can be spoken of, so each draw is uniform over the turns before. At the
    first turn there is none, and it says "Go on.".
    """

    kind = "shuffled"

    def __init__(self, inner: Teacher) -> None:
        super().__init__(inner)

    def change(self, context: TeachingContext) -> TeachingContext | Feedback:
        """The context of an earlier turn."""
        if context.turn <= 1:
            return Feedback(GO_ON, notes={self.kind: {"turn": None}})
        return at_turn(context, 1 + self.draw(context) % (context.turn - 1))

    def note(self, told: TeachingContext, reply: Feedback) -> Mapping[str, Any]:
        """Which turn it spoke of."""
        return {"turn": told.turn}


def at_turn(context: TeachingContext, turn: int) -> TeachingContext:
    """The context as it was when the student had spoken `turn` times (1 to `context.turn`)."""
    if turn == context.turn:
        return context
    said = context.dialogue.utterances
    position = [i for i, utterance in enumerate(said) if utterance.speaker is Speaker.STUDENT][turn - 1]
    examined = context.domain.examine(context.task, said[position].text)
    return replace(
        context,
        dialogue=Dialogue(said[: position + 1]),
        utterance=said[position],
        verdict=examined.verdict,
        diagnosis=examined.diagnosis,
        turn=turn,
    )
