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
from sml_gym.teachers.base import Domain, Examination, Teacher, TeachingContext
from sml_gym.teachers.controls import ControlTeacher
from sml_gym.teachers.domains import DomainAround, honest
from sml_gym.teachers.noise import claim
from sml_gym.verdict import Diagnosis, Fact, Informativeness

_MOST_DECOYS = 64
_WITNESSES = 3
"""Further tasks for which a fact that quotes the student must be found too, to be about no task."""

_SETTING = re.compile(r"\\[A-Za-z]+|[\W_]")
"""What two writings of one calculation differ in: blanks, signs and commands of LaTeX."""


class PlaceboTeacher(ControlTeacher):
    """Feedback with the form of real feedback and none of its content.

    Each dialogue gets another task of the same family and level, with another answer where there is
    one, fixed by the episode's seed. The wrapped teacher meets a dialogue that opens with that task's
    problem and goes on with the student's words, and answers them as if they were about that task. So
    the feedback has the right shape, length and vocabulary, belongs to the same turn and is
    consistent over turns, but says nothing of the task at hand.

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
        domain = PlaceboDomain(context.domain, context.seed, context.task)
        examined = domain.examine(task, context.utterance.text)
        opening = Utterance(Speaker.TEACHER, task.problem)
        return replace(
            context,
            domain=domain,
            task=task,
            dialogue=Dialogue([opening, *context.dialogue.utterances[1:]]),
            verdict=examined.verdict,
            diagnosis=examined.diagnosis,
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
            # Where the text tells little (problems in pieces, hidden numbers), many tasks share it.
            same_answer = domain.verify(context.task, decoy.private.reveal().answer).correct
            if decoy.id == context.task.id or (same_answer and decoy.problem == context.task.problem):
                continue
            told = [_retold(domain, context.task, decoy, text) for text in attempts]
            if any(domain.examine(decoy, text).verdict.correct for text in told):
                solved = solved or decoy
            elif same_answer:
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

    def _decoy(self, context: TeachingContext, number: int) -> Task:
        layer = (self._layer,) if self._layer else ()
        rng = np.random.default_rng(stable_hash("placebo", context.seed, number, *layer))
        return context.domain.source.sample(rng, like=context.task)


class PlaceboDomain(DomainAround):
    """A domain that leaves out what it finds about a student's words alone.

    Such a fact quotes them and is found for other tasks as well; what tells the same in less detail
    goes with it. Which these are does not depend on the task at hand, so what is left out tells
    nothing of it either.

    Args:
        domain: the domain.
        seed: of the dialogue.
        task: the task at hand, which is no witness.
    """

    def __init__(self, domain: Domain, seed: int, task: Task) -> None:
        super().__init__(domain)
        self._seed = seed
        self._own = task

    @property
    def honest(self) -> Domain:
        """The same domain without noise."""
        inner = honest(self._domain)
        return self if inner is self._domain else PlaceboDomain(inner, self._seed, self._own)

    def examine(self, task: Task, text: str) -> Examination:
        """What the domain finds about the task."""
        told = _retold(self._domain, self._own, task, text)
        examined = self._domain.examine(task, told)
        facts = self._about_the_task(task, told, examined.diagnosis.facts)
        return Examination(replace(examined.utterance, text=text), examined.verdict, Diagnosis(facts))

    def _about_the_task(self, task: Task, text: str, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        domain, true = honest(self._domain), facts
        if domain is not self._domain:  # noise has changed some; each stands where the true one stood
            true = domain.examine(task, text).diagnosis.facts
        words = _bare(text)
        quoting = [fact for fact in true if _quotes(fact, words)]
        common = {claim(fact) for fact in quoting}
        for other in self._witnesses(domain, task) if quoting else ():
            told = _retold(domain, task, other, text)
            common &= {claim(fact) for fact in domain.examine(other, told).diagnosis.facts}
        if not common:
            return facts
        gone = {(fact.topic, fact.direction) for fact in quoting if claim(fact) in common and fact.topic}
        return tuple(
            [
                fact
                for fact, found in zip(facts, true, strict=True)
                if found.informativeness is Informativeness.CORRECTNESS
                or (claim(found) not in common and (found.topic, found.direction) not in gone)
            ]
        )

    def _witnesses(self, domain: Domain, task: Task) -> list[Task]:
        """A few other tasks of any family; none where the source has no others."""
        rng = np.random.default_rng(stable_hash("witness", self._seed))
        drawn = [domain.source.sample(rng) for _ in range(_WITNESSES)]
        return [other for other in drawn if other.problem not in (task.problem, self._own.problem)]


def _retold(domain: Domain, task: Task, other: Task, text: str) -> str:
    """The student's words as they would be about the other task, where the domain tells them apart."""
    retold = getattr(domain, "retold", None)
    return text if retold is None else str(retold(task, other, text))


def _quotes(fact: Fact, words: str) -> bool:
    """Whether all that a fact beyond correctness says of anything stands in these bare words."""
    if fact.informativeness is Informativeness.CORRECTNESS or not fact.slots:
        return False
    return all(_bare(value) in words for value in fact.slots.values())


def _bare(text: str) -> str:
    """Letters and digits alone, since a fact may set off a calculation in another way than its student."""
    return _SETTING.sub("", text)
