"""Control teachers. Without them no one can tell learning from feedback from mere retrying.

Here are what all of them share and the plainest ones; the others have files of their own:
`placebo`, `earlier` (delayed, shuffled), `noise`, `telling` (types, terse, verbose).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from sml_gym.dialogue import UtteranceKind
from sml_gym.errors import ConfigError, RolloutError, TeacherError, boundary
from sml_gym.seeding import stable_hash
from sml_gym.teachers.asking import ask_teacher
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext, describe
from sml_gym.teachers.scripted import ScriptedTeacher
from sml_gym.teachers.wording import GO_ON
from sml_gym.teachers.wrapped import WrappedTeacher
from sml_gym.verdict import Informativeness


class SilentTeacher:
    """Poses the problem, then says nothing but to go on."""

    name = "silent"

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback]:
        """The same words whatever the student says."""
        return [Feedback(GO_ON) for _ in contexts]


class RetryTeacher:
    """Asks for another try, whatever the student says: what retrying alone is worth."""

    name = "retry"

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback]:
        """The same words whatever the student says."""
        return [Feedback("Try again.") for _ in contexts]


class BinaryTeacher(ScriptedTeacher):
    """Says whether an attempt is right (or cannot be read, or is not there), and nothing else."""

    def __init__(self) -> None:
        super().__init__(Informativeness.CORRECTNESS)
        self.name = "binary"


class ControlTeacher(WrappedTeacher, ABC):
    """Base of controls around a teacher, which change one dialogue at a time.

    A subclass sets `kind` and overrides `change`, and where the record of a turn should say what
    was done, `note`.

    Args:
        inner: the teacher it wraps.
        options: what stands in brackets in its name, "" for nothing.
    """

    kind: ClassVar[str]
    note_key: ClassVar[str] = ""
    """Under which name it notes what it did; default: its kind."""

    def __init__(self, inner: Teacher, options: str = "") -> None:
        super().__init__(inner, f"{self.kind}({options})" if options else self.kind)
        self._layer = sum(isinstance(t, ControlTeacher) and t.kind == self.kind for t in chain_of(inner))

    @abstractmethod
    def change(self, context: TeachingContext) -> TeachingContext | Feedback:
        """What the wrapped teacher is told, or what is said without asking it.

        A `RolloutError` ends this one dialogue.
        """

    def note(self, told: TeachingContext, reply: Feedback) -> Mapping[str, Any]:
        """What the record of the turn should say, given what the wrapped teacher was told and said."""
        return {}

    def settings(self) -> dict[str, Any]:
        """Its options, for the record."""
        return {}

    def describe(self) -> Mapping[str, Any]:
        """What the wrapped teacher says of itself, and under `controls` what is around it, outside in."""
        record = describe(self.inner)
        controls = [{"kind": self.kind, **self.settings()}, *record.get("controls", ())]
        return {**record, "controls": controls}

    def draw(self, context: TeachingContext, *parts: str | int) -> int:
        """A 63-bit number that depends on the dialogue's seed, the turn, this control and the parts.

        Controls of one kind that are around one another draw apart, and the options do not count,
        so that a higher rate changes whatever a lower one changes, and more.
        """
        return stable_hash(self.kind, self._layer, context.seed, context.turn, *parts)

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback | RolloutError]:
        """What is said without asking, and the wrapped teacher's feedback, in one call, where it is asked."""
        changed = [self._changed(context) for context in contexts]
        asked = [told for told in changed if isinstance(told, TeachingContext)]
        answers = iter(ask_teacher(self.inner, asked))
        return [
            self._noted(told, next(answers)) if isinstance(told, TeachingContext) else told
            for told in changed
        ]

    def _changed(self, context: TeachingContext) -> TeachingContext | Feedback | RolloutError:
        try:
            with boundary(TeacherError, f"the control {self.kind}"):
                return self.change(context)
        except RolloutError as exc:  # the domain broke on another task or turn: this dialogue's failure alone
            return exc

    def _noted(self, told: TeachingContext, reply: Feedback | RolloutError) -> Feedback | RolloutError:
        if isinstance(reply, RolloutError):
            return reply
        note = self.note(told, reply)
        return with_note(reply, self.note_key or self.kind, note) if note else reply


class WithholdingTeacher(ControlTeacher):
    """Says nothing useful with a set probability, unless the student has asked a question.

    Where it says nothing the wrapped teacher is not asked.

    Args:
        inner: who speaks otherwise.
        rate: the probability (0 to 1).
    """

    kind = "withholding"

    def __init__(self, inner: Teacher, rate: float) -> None:
        self.rate = check_probability(self.kind, rate)
        super().__init__(inner, shown(self.rate))

    def settings(self) -> dict[str, Any]:
        """The rate."""
        return {"rate": self.rate}

    def change(self, context: TeachingContext) -> TeachingContext | Feedback:
        """The same context, or the words that say nothing."""
        asked = context.utterance.kind is UtteranceKind.QUESTION
        if asked or not happens(self.draw(context), self.rate):
            return context
        return Feedback(GO_ON, notes={self.kind: {"withheld": True}})


def chain_of(teacher: Teacher) -> list[Teacher]:
    """A teacher and all that it is around, outermost first."""
    chain = [teacher]
    while isinstance(chain[-1], WrappedTeacher):
        chain.append(chain[-1].inner)
    return chain


def with_note(reply: Feedback, key: str, note: Mapping[str, Any]) -> Feedback:
    """The reply with one more note. A second one of the same name gets a number, so that none is lost."""
    name, number = key, 1
    while name in reply.notes:
        number += 1
        name = f"{key} {number}"
    return replace(reply, notes={**reply.notes, name: dict(note)})


def happens(draw: int, rate: float) -> bool:
    """Whether an event of this probability happens, given a uniform 63-bit number."""
    return draw < rate * 2.0**63


def check_probability(kind: str, rate: float) -> float:
    """A probability. Raises `ConfigError` for a number outside 0 to 1."""
    if isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 <= rate <= 1:
        raise ConfigError(f"The rate of {kind} is {rate!r:.80}; give a probability from 0 to 1.")
    return float(rate)


def shown(rate: float) -> str:
    """A number as a name holds it: as short as it can be read again."""
    return repr(rate).removesuffix(".0")
