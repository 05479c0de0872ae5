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
        domain = PlaceboDomain(context.domain, context.seed, context.task.problem)
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
            if any(domain.examine(decoy, text).verdict.correct for text in attempts):
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
        problem: the problem at hand, which is no witness.
    """

    def __init__(self, domain: Domain, seed: int, problem: str) -> None:
        super().__init__(domain)
        self._seed = seed
        self._problem = problem

    @property
    def honest(self) -> Domain:
        """The same domain without noise."""
        inner = honest(self._domain)
        return self if inner is self._domain else PlaceboDomain(inner, self._seed, self._problem)

    def examine(self, task: Task, text: str) -> Examination:
        """What the domain finds about the task."""
        examined = self._domain.examine(task, text)
        facts = self._about_the_task(task, text, examined.diagnosis.facts)
        return Examination(examined.utterance, examined.verdict, Diagnosis(facts))

    def _about_the_task(self, task: Task, text: str, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        domain, true = honest(self._domain), facts
        if domain is not self._domain:  # noise has changed some; each stands where the true one stood
            true = domain.examine(task, text).diagnosis.facts
        words = _bare(text)
        quoting = [fact for fact in true if _quotes(fact, words)]
        common = {claim(fact) for fact in quoting}
        for other in self._witnesses(domain, task) if quoting else ():
            common &= {claim(fact) for fact in domain.examine(other, text).diagnosis.facts}
        if not common:
            return facts
        told = {(fact.topic, fact.direction) for fact in quoting if claim(fact) in common and fact.topic}
        return tuple(
            [
                fact
                for fact, found in zip(facts, true, strict=True)
                if found.informativeness is Informativeness.CORRECTNESS
                or (claim(found) not in common and (found.topic, found.direction) not in told)
            ]
        )

    def _witnesses(self, domain: Domain, task: Task) -> list[Task]:
        """A few other tasks of any family; none where the source has no others."""
        rng = np.random.default_rng(stable_hash("witness", self._seed))
        drawn = [domain.source.sample(rng) for _ in range(_WITNESSES)]
        return [other for other in drawn if other.problem not in (task.problem, self._problem)]


def _quotes(fact: Fact, words: str) -> bool:
    """Whether all that a fact beyond correctness says of anything stands in these bare words."""
    if fact.informativeness is Informativeness.CORRECTNESS or not fact.slots:
        return False
    return all(_bare(value) in words for value in fact.slots.values())


def _bare(text: str) -> str:
    """Letters and digits alone, since a fact may set off a calculation in another way than its student."""
    return _SETTING.sub("", text)
