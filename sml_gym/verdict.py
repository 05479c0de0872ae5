"""What a verifier says of an attempt, and what a teacher may say about it.

A domain emits *facts*, never prose. A fact has a kind, slots, the informativeness
at which it may be spoken and a direction (after LLF-Bench, arXiv 2312.06853). A
phrase bank turns kinds into words, and teachers choose which facts to speak. So
informativeness, feedback types, noise and leak rules are written once, for every
domain and every teacher.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Outcome(StrEnum):
    """What the verifier says."""

    CORRECT = "correct"
    """The committed answer equals the reference."""
    INCORRECT = "incorrect"
    """The committed answer was understood and is wrong."""
    MALFORMED = "malformed"
    """An answer was committed but does not say one value, or cannot be read or checked in time."""
    NO_ATTEMPT = "no_attempt"
    """The utterance commits to no answer (a question or discussion)."""


@dataclass(slots=True)
class Verdict:
    """The verifier's word on one utterance.

    `answer` is the student's answer as read (None without an attempt); `reason`
    says why an answer is malformed, in words fit for the student.
    """

    outcome: Outcome
    answer: str | None = None
    reason: str = ""

    @property
    def correct(self) -> bool:
        """Whether the task is solved."""
        return self.outcome is Outcome.CORRECT

    @property
    def score(self) -> float:
        """1.0 if correct, else 0.0."""
        return 1.0 if self.outcome is Outcome.CORRECT else 0.0


class Informativeness(IntEnum):
    """How much a fact gives the student. A teacher at level k speaks facts up to k."""

    CORRECTNESS = 0
    """Whether the attempt is right."""
    WHERE = 1
    """Where it goes wrong."""
    WHAT = 2
    """What kind of error it is."""
    NEXT_STEP = 3
    """What to do next."""


class Direction(StrEnum):
    """The feedback types of LLF-Bench (arXiv 2312.06853, section 3)."""

    REWARD = "reward"
    """How good the attempt was."""
    HINDSIGHT_POSITIVE = "hindsight_positive"
    """What was right about the attempt."""
    HINDSIGHT_NEGATIVE = "hindsight_negative"
    """What was wrong about the attempt."""
    FUTURE_POSITIVE = "future_positive"
    """What to do next."""
    FUTURE_NEGATIVE = "future_negative"
    """What not to do next."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a teacher may say.

    Attributes:
        kind: key into the domain's phrase bank, such as `"math.digit.low"`.
        slots: what the phrase's placeholders stand for. Never the final answer.
        informativeness: the least level at which a teacher may speak it.
        direction: its feedback type.
        topic: facts with the same topic say the same thing at different levels of
            detail; a teacher speaks only the most informative one it may.
        private: True where speaking the fact would give away what only the teacher
            may know; scripted teachers never speak it, chat teachers see it marked.
    """

    kind: str
    slots: Mapping[str, str] = field(default_factory=dict)
    informativeness: Informativeness = Informativeness.CORRECTNESS
    direction: Direction = Direction.REWARD
    topic: str = ""
    private: bool = False


@dataclass(slots=True)
class Diagnosis:
    """The facts a teacher may speak from in reply to one utterance, in speaking order."""

    facts: tuple[Fact, ...] = ()


PhraseBank = Mapping[str, tuple[str, ...]]
"""Phrasings by fact kind. Each phrasing is a `str.format_map` template over the fact's slots."""
