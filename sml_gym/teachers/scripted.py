"""The generic scripted teacher: any domain's facts, spoken at a chosen informativeness."""

from __future__ import annotations

from collections.abc import Sequence

from sml_gym.errors import ConfigError
from sml_gym.teachers.base import Feedback, TeachingContext
from sml_gym.teachers.wording import say, speakable
from sml_gym.verdict import Informativeness

DEFAULT_INFORMATIVENESS = Informativeness.WHAT


class ScriptedTeacher:
    """Puts the domain's diagnosis into words.

    Args:
        informativeness: 0 says only whether the attempt is right, 1 also where it goes
            wrong, 2 also what kind of error it is, 3 also the next step. It never
            speaks a private fact and never states the final answer.

    It heeds the types of feedback and the length that a context asks for (`speakable`); told to
    give types of which it has nothing, it says "Go on.".
    """

    def __init__(self, informativeness: int = DEFAULT_INFORMATIVENESS) -> None:
        if informativeness not in tuple(Informativeness):
            raise ConfigError(
                f"informativeness is {informativeness!r}; choose 0 (correctness), 1 (where), "
                "2 (what kind) or 3 (next step)."
            )
        self.informativeness = int(informativeness)
        self.name = f"scripted:{self.informativeness}"

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback]:
        """One feedback per context. Raises `TeacherError` if a fact has no phrasing."""
        return [self._reply(context) for context in contexts]

    def _reply(self, context: TeachingContext) -> Feedback:
        facts = speakable(context.diagnosis.facts, self.informativeness, context.directions, context.length)
        return say(facts, context)
