"""The placebo: feedback about another task."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from sml_gym.dialogue import Dialogue, Speaker, Utterance, UtteranceKind
from sml_gym.errors import ConfigError
from sml_gym.seeding import stable_hash
from sml_gym.task import Task
from sml_gym.teachers.base import Domain, Teacher, TeachingContext
from sml_gym.teachers.controls import ControlTeacher
from sml_gym.teachers.noise import claim, honest
from sml_gym.verdict import Diagnosis, Fact, Informativeness

_MOST_DECOYS = 64
_WITNESSES = 3
"""Further tasks for which a fact that quotes the student must be found too, to be about no task."""


_SETTING = re.compile(r"\\[A-Za-z]+|[\W_]")


class PlaceboTeacher(ControlTeacher):
    """Feedback with the form of real feedback and none of its content.

    Each dialogue gets another task of the same family and level with another answer, fixed by the
    episode's seed. The wrapped teacher meets a dialogue that opens with that task's problem and goes
    on with the student's words, and answers them as if they were about that task. So the feedback
    has the right shape, length and vocabulary, belongs to the same turn and is consistent over
    turns, but says nothing of the task at hand.

    What would be found about the student's words whatever the task, such as a slip in a calculation
    that they wrote down, is left out: it would be as true here. (Why an answer cannot be read stays,
    and a chat teacher may see such slips by itself.)
    """

    kind = "placebo"

    def __init__(self, inner: Teacher) -> None:
        super().__init__(inner)

    def note(self, told: TeachingContext, reply: object) -> Mapping[str, Any]:
        """Which task it spoke of."""
        return {"task_id": told.task.id}

    def change(self, context: TeachingContext) -> TeachingContext:
        """The context with another task in place of the dialogue's own.

        Raises `ConfigError` if the source holds no other task.
        """
        task = self._other_task(context, honest(context.domain))
        text = context.utterance.text
        examined = context.domain.examine(task, text)
        opening = Utterance(Speaker.TEACHER, task.problem)
        return replace(
            context,
            task=task,
            dialogue=Dialogue([opening, *context.dialogue.utterances[1:]]),
            verdict=examined.verdict,
            diagnosis=Diagnosis(self._about_the_task(context, task, examined.diagnosis.facts)),
        )

    def _other_task(self, context: TeachingContext, domain: Domain) -> Task:
        """The first decoy with another answer that no attempt so far has solved.

        The placebo must not confirm an answer, so where all decoys have the answer of the task at
        hand or a solved one, the first that is not solved is taken.
        """
        attempts = [
            said.text
            for said in context.dialogue
            if said.speaker is Speaker.STUDENT and said.kind is UtteranceKind.ATTEMPT
        ]
        spare = solved = None
        for number in range(_MOST_DECOYS):
            decoy = self._decoy(context, number)
            if decoy.problem == context.task.problem:
                continue
            if any(domain.examine(decoy, text).verdict.correct for text in attempts):
                solved = solved or decoy
            elif domain.verify(context.task, decoy.private.reveal().answer).correct:
                spare = spare or decoy
            else:
                return decoy
        task = spare or solved
        if task is None:
            raise ConfigError(
                f"The placebo found no other task than {context.task.id!r} to speak of. Give the "
                "environment more tasks, or leave the placebo out."
            )
        return task

    def _about_the_task(
        self, context: TeachingContext, task: Task, facts: tuple[Fact, ...]
    ) -> tuple[Fact, ...]:
        """The facts without those about the student's words alone.

        Such a fact quotes them and is found for other tasks as well; what tells the same in less
        detail goes with it. Which these are does not depend on the task at hand, so what is left out
        tells nothing of it either.
        """
        domain, text = honest(context.domain), context.utterance.text
        true = facts
        if domain is not context.domain:  # noise has changed some; each stands where the true one stood
            true = domain.examine(task, text).diagnosis.facts
        words = _bare(text)
        quoting = [fact for fact in true if _quotes(fact, words)]
        if not quoting:
            return facts
        common = {claim(fact) for fact in quoting}
        witnesses = 0
        for number in range(_WITNESSES):
            other = domain.source.sample(np.random.default_rng(stable_hash("witness", context.seed, number)))
            if other.problem not in (task.problem, context.task.problem):
                witnesses += 1
                common &= {claim(fact) for fact in domain.examine(other, text).diagnosis.facts}
        if not witnesses:
            return facts
        told = {(fact.topic, fact.direction) for fact in quoting if claim(fact) in common and fact.topic}
        return tuple(
            fact
            for fact, found in zip(facts, true, strict=True)
            if found.informativeness is Informativeness.CORRECTNESS
            or (claim(found) not in common and (found.topic, found.direction) not in told)
        )

    def _decoy(self, context: TeachingContext, number: int) -> Task:
        layer = (self._layer,) if self._layer else ()
        rng = np.random.default_rng(stable_hash("placebo", context.seed, number, *layer))
        return context.domain.source.sample(rng, like=context.task)


def _quotes(fact: Fact, words: str) -> bool:
    """Whether all that a fact beyond correctness says of anything stands in these bare words."""
    if fact.informativeness is Informativeness.CORRECTNESS or not fact.slots:
        return False
    return all(_bare(value) in words for value in fact.slots.values())


def _bare(text: str) -> str:
    """Letters and digits alone, since a fact may set off a calculation in another way than its student."""
    return _SETTING.sub("", text)
