"""The placebo: feedback about another task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from sml_gym.dialogue import Dialogue, Speaker, Utterance, UtteranceKind
from sml_gym.errors import ConfigError
from sml_gym.seeding import stable_hash
from sml_gym.task import Task
from sml_gym.teachers.base import Teacher, TeachingContext
from sml_gym.teachers.controls import ControlTeacher
from sml_gym.teachers.noise import honest


class PlaceboTeacher(ControlTeacher):
    """Feedback with the form of real feedback and none of its content.

    Each dialogue gets another task of the same family and level, fixed by the episode's
    seed. The wrapped teacher meets a dialogue that opens with that task's problem and goes on
    with the student's words, and answers them as if they were about that task. So the
    feedback has the right shape, length and vocabulary, belongs to the same turn and is
    consistent over turns, but says nothing of the task at hand.
    """

    kind = "placebo"
    _MAX_DECOYS = 64

    def __init__(self, inner: Teacher) -> None:
        super().__init__(inner)

    def note(self, told: TeachingContext, reply: object) -> Mapping[str, Any]:
        """Which task it spoke of."""
        return {"task_id": told.task.id}

    def change(self, context: TeachingContext) -> TeachingContext:
        """The context with another task in place of the dialogue's own.

        A decoy that some attempt so far happened to solve is passed over, since the
        placebo must not confirm an answer. Raises `ConfigError` if the source holds no other task.
        """
        attempts = [
            said.text
            for said in context.dialogue
            if said.speaker is Speaker.STUDENT and said.kind is UtteranceKind.ATTEMPT
        ]
        domain = honest(context.domain)
        task = None
        for number in range(self._MAX_DECOYS):
            decoy = self._decoy(context, number)
            if decoy.problem == context.task.problem:
                continue
            task = decoy
            if not any(domain.examine(task, text).verdict.correct for text in attempts):
                break
        if task is None:
            raise ConfigError(
                f"The placebo found no other task than {context.task.id!r} to speak of. Give the "
                "environment more tasks, or leave the placebo out."
            )
        examined = context.domain.examine(task, context.utterance.text)
        opening = Utterance(Speaker.TEACHER, task.problem)
        return replace(
            context,
            task=task,
            dialogue=Dialogue([opening, *context.dialogue.utterances[1:]]),
            verdict=examined.verdict,
            diagnosis=examined.diagnosis,
        )

    def _decoy(self, context: TeachingContext, number: int) -> Task:
        layer = (self._layer,) if self._layer else ()
        rng = np.random.default_rng(stable_hash("placebo", context.seed, number, *layer))
        return context.domain.source.sample(rng, like=context.task)
