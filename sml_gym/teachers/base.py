"""What a teacher is handed and what it hands back.

A teacher answers many dialogues in one call, so that a teacher behind a server can
send all its requests at once. Scripted teachers simply loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from sml_gym.dialogue import Dialogue, Utterance
from sml_gym.errors import RolloutError
from sml_gym.leaks import Mention
from sml_gym.task import Task, TaskSource
from sml_gym.verdict import Diagnosis, Direction, Fact, PhraseBank, Verdict

Length = Literal["terse", "normal", "verbose"]


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

    def verify(self, task: Task, answer: str) -> Verdict:
        """Whether an answer is right."""

    def statements(self, task: Task, text: str) -> list[Mention]:
        """Where a text holds the private answer in any form (see `SMLEnv.statements`)."""


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
        rejected: drafts of this very reply that a guard has refused because they gave the
            answer away. A teacher asked again should say something else.
        directions: the only types of feedback to give; None: any.
        length: how much to say: `"terse"`, `"normal"` or `"verbose"`.
        reply: what is said whoever teaches, None: what the teacher says. With it no teacher is asked.
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
    rejected: tuple[str, ...] = ()
    directions: tuple[Direction, ...] | None = None
    length: Length = "normal"
    reply: Feedback | None = None


@dataclass(slots=True)
class Feedback:
    """What a teacher says in reply to one utterance.

    Attributes:
        text: the words that the student hears.
        facts: those it put into words, for the record.
        usage: what the reply cost, such as `{"input_tokens": 310, "output_tokens": 42,
            "requests": 1, "cost": 0.0002}` (empty for scripted teachers).
        judge_usage: the same for a judge model that was asked about the reply.
        notes: what else the record of the turn should hold (JSON values), keyed by who notes
            it, such as `{"noise": {...}}`. Never shown to the student.
    """

    text: str
    facts: tuple[Fact, ...] = ()
    usage: dict[str, float] = field(default_factory=dict)
    judge_usage: dict[str, float] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)


@runtime_checkable
class Teacher(Protocol):
    """Answers students' utterances, many dialogues at once.

    `name` labels the teacher in records. `reply` returns one feedback per context, in order,
    with a `TeacherError` in place of any that failed, and raises `TeacherError` if it cannot
    answer at all. A teacher may also have

    - `describe() -> Mapping[str, Any]`: what the episodes' record should hold beyond the name
      (JSON values), such as the model and the hash of the prompt;
    - `bind(student)`: called by `sml_gym.rollout` with the student before the dialogues begin, for
      teachers that speak with its model;
    - `free_spoken`: True if its words are its own (a model's, a person's) and not a phrase
      bank's. `make_teacher` puts a guard around such a teacher;
    - `remote`: True if its answers come over the network (`sml_gym.chat`), so that a student has time to
      speak elsewhere meanwhile (`overlap` of `sml_gym.rollout`).
    """

    @property
    def name(self) -> str:
        """Label for records, such as `"scripted:2"`."""

    def reply(self, contexts: Sequence[TeachingContext]) -> Sequence[Feedback | RolloutError]:
        """One feedback per context, in the same order."""


def describe(teacher: Teacher) -> dict[str, Any]:
    """What a teacher adds to the episodes' record beyond its name."""
    own = getattr(teacher, "describe", None)
    return dict(own()) if callable(own) else {}


def bind_teacher(teacher: Teacher, student: object) -> None:
    """Tell a teacher, if it asks to know, which student it is about to teach.

    Raises `ConfigError` for a student that the teacher cannot teach.
    """
    own = getattr(teacher, "bind", None)
    if callable(own):
        own(student)


def free_spoken(teacher: Teacher) -> bool:
    """Whether a teacher's words are its own and not a phrase bank's."""
    return bool(getattr(teacher, "free_spoken", False))


def is_remote(speaker: object) -> bool:
    """Whether what a teacher or chat model says comes over the network."""
    return bool(getattr(speaker, "remote", False))
