"""What a teacher is handed and what it hands back.

A teacher answers many dialogues in one call, so that a teacher behind a server can
send all its requests at once. Scripted teachers simply loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from sml_gym.dialogue import Dialogue, Utterance
from sml_gym.task import Task, TaskSource
from sml_gym.verdict import Diagnosis, Fact, PhraseBank, Verdict


@dataclass(slots=True)
class Examination:
    """One student utterance, read, verified and diagnosed (lines 1 to 3 of a turn)."""

    utterance: Utterance
    verdict: Verdict
    diagnosis: Diagnosis


class Domain(Protocol):
    """What a teacher may ask of the domain: the pure parts of an `SMLEnv`."""

    @property
    def phrases(self) -> PhraseBank:
        """Phrasings for the domain's facts."""

    @property
    def source(self) -> TaskSource:
        """Where the tasks come from."""

    def examine(self, task: Task, text: str) -> Examination:
        """Read, verify and diagnose an utterance about any task of the domain."""


@dataclass(slots=True)
class TeachingContext:
    """Everything a teacher may know when it answers one utterance.

    Attributes:
        domain: the environment's domain, for its phrases and for teachers that speak
            of another task.
        task: the task, with its private reference.
        dialogue: what was said so far; the student's newest utterance is the last.
        utterance: that newest utterance.
        verdict: the verifier's word on it.
        diagnosis: the facts the domain found.
        turn: which student utterance this is, from 1.
        max_turns: after how many the dialogue ends.
        seed: the episode's teacher seed. All of a teacher's randomness in this
            dialogue derives from it.
    """

    domain: Domain
    task: Task
    dialogue: Dialogue
    utterance: Utterance
    verdict: Verdict
    diagnosis: Diagnosis
    turn: int
    max_turns: int
    seed: int


@dataclass(slots=True)
class Feedback:
    """What a teacher says in reply to one utterance.

    `facts` are those it put into words, for the record. `usage` counts what the
    reply cost, such as tokens (empty for scripted teachers).
    """

    text: str
    facts: tuple[Fact, ...] = ()
    usage: dict[str, int] = field(default_factory=dict)


@runtime_checkable
class Teacher(Protocol):
    """Answers students' utterances, many dialogues at once.

    `name` labels the teacher in records. `reply` returns one feedback per context, in
    order, and raises `TeacherError` if it cannot answer at all.
    """

    @property
    def name(self) -> str:
        """Label for records, such as `"scripted:2"`."""

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback]:
        """One feedback per context, in the same order."""
