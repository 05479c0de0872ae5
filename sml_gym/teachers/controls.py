"""Control teachers. Without them no one can tell learning from feedback from mere retrying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sml_gym.dialogue import Speaker, UtteranceKind
from sml_gym.errors import ConfigError, RolloutError
from sml_gym.seeding import stable_hash
from sml_gym.task import Task
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext
from sml_gym.teachers.wording import speakable, word
from sml_gym.teachers.wrapped import WrappedTeacher
from sml_gym.verdict import Informativeness


class SilentTeacher:
    """Poses the problem, then says nothing but to go on."""

    name = "silent"

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback]:
        """The same words whatever the student says."""
        return [Feedback("Go on.") for _ in contexts]


class BinaryTeacher:
    """Says whether an attempt is right, and nothing else."""

    name = "binary"

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback]:
        """Facts of informativeness 0 only."""
        feedback = []
        for context in contexts:
            facts = speakable(context.diagnosis.facts, Informativeness.CORRECTNESS)
            feedback.append(
                Feedback(word(facts, context.domain.phrases, context.seed, context.turn), tuple(facts))
            )
        return feedback


class PlaceboTeacher(WrappedTeacher):
    """Feedback with the form of real feedback and none of its content.

    Each dialogue gets another task of the same family and level, fixed by the episode's
    seed. The wrapped teacher answers the student's words as if they were about that
    task, so the feedback has the right shape, length and vocabulary and is consistent
    over turns, but says nothing of the task at hand.
    """

    _MAX_DECOYS = 64

    def __init__(self, teacher: Teacher) -> None:
        super().__init__(teacher, "placebo")

    def change_contexts(
        self, contexts: Sequence[TeachingContext]
    ) -> Sequence[TeachingContext | RolloutError]:
        """The same words in another task's dialogue.

        Raises `ConfigError` if the source holds no other task.
        """
        changed: list[TeachingContext | RolloutError] = []
        for context in contexts:
            try:
                changed.append(self._swap(context))
            except RolloutError as exc:  # the verifier broke on the decoy: this dialogue's failure alone
                changed.append(exc)
        return changed

    def _swap(self, context: TeachingContext) -> TeachingContext:
        """The context with another task in place of the dialogue's own.

        A decoy that some attempt so far happened to solve is passed over, since the
        placebo must not confirm an answer.
        """
        attempts = [
            said.text
            for said in context.dialogue
            if said.speaker is Speaker.STUDENT and said.kind is UtteranceKind.ATTEMPT
        ]
        task = None
        for number in range(self._MAX_DECOYS):
            decoy = self._decoy(context, number)
            if decoy.problem == context.task.problem:
                continue
            task = decoy
            if not any(context.domain.examine(task, text).verdict.correct for text in attempts):
                break
        if task is None:
            raise ConfigError(
                f"The placebo found no other task than {context.task.id!r} to speak of. Give the "
                "environment more tasks, or leave the placebo out."
            )
        examined = context.domain.examine(task, context.utterance.text)
        return replace(context, task=task, verdict=examined.verdict, diagnosis=examined.diagnosis)

    @staticmethod
    def _decoy(context: TeachingContext, number: int) -> Task:
        rng = np.random.default_rng(stable_hash("placebo", context.seed, number))
        return context.domain.source.sample(rng, like=context.task)
