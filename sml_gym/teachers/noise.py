"""Wrong facts at a set rate, with the truth kept in the record.

A true fact is replaced by a wrong one that takes its place: same topic, same informativeness, same
type of feedback, so that a teacher at any level still says as much. What is wrong is found in this
order:

1. the contrary: right for wrong in the facts about correctness, and for a domain's own kinds of
   fact the kind that its `opposites` names, with the same slots;
2. what the same utterance would be told about another task, first of the same family, then of any:
   a fact of the same kind, or of the same topic and level, that claims something which is no fact
   of this task and this utterance, and does not hold the answer.

A fact that claims nothing of the task ("I cannot say more about that.") has no wrong counterpart and
stays; `opposites` names "" for such kinds. The verifier's own word, which decides reward and end, is
never touched: only what the teacher is told of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from sml_gym.task import Task
from sml_gym.teachers.base import Domain, Examination, Feedback, Teacher, TeachingContext
from sml_gym.teachers.controls import ControlTeacher, check_probability, happens, shown
from sml_gym.teachers.domains import DomainAround
from sml_gym.teachers.wording import GO_ON
from sml_gym.verdict import Diagnosis, Fact, Outcome, Verdict

_OTHER_TASKS = 6
"""How many other tasks of the same family, and then of any, are searched for a wrong fact."""

_LEAST_INSIDE = 3
"""An answer of so many characters must not even stand inside a longer word of a wrong fact."""

_CONTRARY: Mapping[str, str] = {
    "verdict.correct": "verdict.incorrect",
    "verdict.incorrect": "verdict.correct",
    "verdict.malformed": "verdict.correct",
    "verdict.no_attempt": "verdict.incorrect",
    "answer.unknown": "",
}
_OUTCOMES = {f"verdict.{outcome.value}": outcome for outcome in Outcome}
_NUMBER = re.compile(r"-?\d[\d.,/]*")

Claim = tuple[str, tuple[tuple[str, str], ...]]
_Place = tuple[Claim, str, int]


def claim(fact: Fact) -> Claim:
    """What a fact says, whatever its level, type and topic."""
    return fact.kind, tuple(sorted(fact.slots.items()))


def _place(fact: Fact) -> _Place:
    """A claim with topic and level, since facts on two levels of a topic may have one contrary."""
    return claim(fact), fact.topic, int(fact.informativeness)


def fact_record(fact: Fact) -> dict[str, Any]:
    """A fact as JSON values."""
    return {"kind": fact.kind, "slots": dict(fact.slots)}


class NoisyTeacher(ControlTeacher):
    """Tells the wrapped teacher wrong facts at a set rate, each fact apart.

    Under `noise` the turn's notes keep the pairs of truth and what was told in its place
    (`replaced`), and the facts that should have been replaced but have no wrong counterpart
    (`left`), for the facts that were spoken; for a teacher that does not say which
    facts it spoke from, for all that it was told.

    Wherever in a chain it stands, facts that controls further inside find anew are noisy too.

    Args:
        inner: who speaks from the facts.
        rate: the probability that a fact is replaced (0 to 1).
    """

    kind = "noisy"
    note_key = "noise"

    def __init__(self, inner: Teacher, rate: float) -> None:
        self.rate = check_probability(self.kind, rate)
        super().__init__(inner, shown(self.rate))

    def settings(self) -> dict[str, Any]:
        """The rate."""
        return {"rate": self.rate}

    def change(self, context: TeachingContext) -> TeachingContext:
        """The context with noisy facts, and with a domain that finds noisy facts."""
        domain = NoisyDomain(context.domain, self, context)
        found = Examination(context.utterance, context.verdict, context.diagnosis)
        noisy = domain.disturb(context.task, found, ())
        return replace(context, domain=domain, verdict=noisy.verdict, diagnosis=noisy.diagnosis)

    def note(self, told: TeachingContext, reply: Feedback) -> Mapping[str, Any]:
        """What was wrong in what was told."""
        domain = told.domain
        assert isinstance(domain, NoisyDomain)
        wrong, left = domain.wrong, domain.left
        if reply.facts or reply.text == GO_ON:  # it says which facts it spoke from
            spoken = {_place(fact) for fact in reply.facts}
            wrong = {place: pair for place, pair in wrong.items() if place in spoken}
            left = {place: fact for place, fact in left.items() if place in spoken}
        replaced = [{"truth": fact_record(truth), "told": fact_record(lie)} for truth, lie in wrong.values()]
        if not replaced and not left:
            return {}
        return {
            "rate": self.rate,
            "replaced": replaced,
            "left": [fact_record(fact) for fact in left.values()],
        }


class NoisyDomain(DomainAround):
    """A domain that finds noisy facts, for one turn of one dialogue.

    Attributes:
        wrong: the true and the wrong fact of each pair, by claim and place of the wrong one.
        left: the facts that should have been replaced and were not, by claim and place.
    """

    def __init__(self, domain: Domain, teacher: NoisyTeacher, context: TeachingContext) -> None:
        super().__init__(domain)
        self._teacher = teacher
        self._context = context
        self._outer: dict[_Place, tuple[Fact, Fact]] = (
            getattr(domain, "wrong", {}) if isinstance(domain, DomainAround) else {}
        )
        self.wrong: dict[_Place, tuple[Fact, Fact]] = {}
        self.left: dict[_Place, Fact] = {}

    def examine(self, task: Task, text: str) -> Examination:
        """What the domain finds, with noise."""
        return self.disturb(task, self._domain.examine(task, text), (task.id, text))

    def disturb(self, task: Task, found: Examination, key: tuple[str, ...]) -> Examination:
        """An examination with each fact replaced at the teacher's rate; `key` names its draws."""
        outer = self._outer
        facts = list(found.diagnosis.facts)
        true = {claim(outer[_place(fact)][0] if _place(fact) in outer else fact) for fact in facts}
        verdict = found.verdict
        for position, fact in enumerate(facts):
            draw = self._teacher.draw(self._context, "fact", position, *key)
            if fact.private or not happens(draw, self._teacher.rate) or _place(fact) in outer:
                continue
            opposite = self._opposite(fact.kind)
            if opposite is None:
                wrong = self._elsewhere(task, found, fact, true, draw)
            else:
                slots = {} if fact.kind in _CONTRARY else fact.slots
                wrong = replace(fact, kind=opposite, slots=slots) if opposite else None
            if wrong is None:
                self.left[_place(fact)] = fact
                continue
            self.wrong[_place(wrong)] = fact, wrong
            facts[position] = wrong
            true.add(claim(wrong))  # nothing is told twice
            if fact.kind in _OUTCOMES:  # a chat teacher is told the verdict apart from the facts
                verdict = Verdict(_OUTCOMES[wrong.kind], found.verdict.answer)
        return Examination(found.utterance, verdict, Diagnosis(tuple(facts)))

    def _opposite(self, kind: str) -> str | None:
        """The kind that contradicts a kind, "" if there is nothing to contradict, None if it is not known."""
        opposites: Mapping[str, str] = getattr(self._domain, "opposites", {})
        return _CONTRARY[kind] if kind in _CONTRARY else opposites.get(kind)

    def _elsewhere(
        self, task: Task, found: Examination, fact: Fact, true: set[Claim], draw: int
    ) -> Fact | None:
        """A fact of the same kind, else of the same topic and level, from another task."""
        second = None
        for other in self._found_elsewhere(task, found.utterance.text, draw):
            if claim(other) in true or self._true_here(task, found, other) or self._holds_answer(task, other):
                continue
            if other.kind == fact.kind:
                return replace(fact, slots=other.slots)
            if second is None and _alike(other, fact) and not self._decided(other):
                second = replace(fact, kind=other.kind, slots=other.slots)
        return second

    def _found_elsewhere(self, task: Task, text: str, draw: int) -> Iterator[Fact]:
        rng = np.random.default_rng(draw)
        for like in (task, None):
            for _ in range(_OTHER_TASKS):
                other = self.honest.source.sample(rng, like=like)
                if other.problem != task.problem:
                    yield from self.honest.examine(other, text).diagnosis.facts

    def _true_here(self, task: Task, found: Examination, other: Fact) -> bool:
        """Whether the domain knows the fact for true though it was not found worth saying."""
        holds = getattr(self.honest, "holds", None)
        return holds is not None and holds(task, found, other) is True

    def _decided(self, fact: Fact) -> bool:
        """Whether only its contrary is surely wrong: that another task has it does not make it false here."""
        opposites: Mapping[str, str] = getattr(self._domain, "opposites", {})
        return fact.kind in _CONTRARY or fact.kind in opposites or fact.kind in opposites.values()

    def _holds_answer(self, task: Task, fact: Fact) -> bool:
        """Whether a fact about another task happens to hold the answer of this one."""
        text = ". ".join(fact.slots.values())
        statements = getattr(self.honest, "statements", None)
        if statements is not None and statements(task, text):
            return True
        answer = task.private.reveal().answer
        if _stands_in(answer, text):
            return True
        numbers = (found.rstrip(".,/") for found in _NUMBER.findall(text))
        return any(self.honest.verify(task, number).correct for number in set(numbers) if number)


def _alike(other: Fact, fact: Fact) -> bool:
    same = other.topic == fact.topic and other.informativeness == fact.informativeness
    return same and other.direction is fact.direction and not other.private


def _stands_in(answer: str, text: str) -> bool:
    """Whether an answer stands in a text, blanks and case aside: a short one as a word of its own."""
    answer = answer.strip().casefold()
    if not answer:
        return False
    if len(answer) >= _LEAST_INSIDE:
        return "".join(answer.split()) in "".join(text.casefold().split())
    return re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text.casefold()) is not None
