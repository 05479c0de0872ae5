"""What an environment keeps of a dialogue while it is under way, and the episode it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sml_gym.dialogue import Dialogue
from sml_gym.episode import Episode, StopReason, TokenSpan, Turn
from sml_gym.errors import JudgeError, LeakError, RolloutError, StudentError, TeacherError, VerifierError
from sml_gym.task import Task
from sml_gym.version import versions

STOP_REASONS: tuple[tuple[type[RolloutError], StopReason], ...] = (
    (LeakError, StopReason.LEAKED),
    (TeacherError, StopReason.TEACHER_FAILED),
    (StudentError, StopReason.STUDENT_FAILED),
    (JudgeError, StopReason.JUDGE_FAILED),
    (VerifierError, StopReason.VERIFIER_FAILED),
    (RolloutError, StopReason.TASK_FAILED),
)
"""Which end a failure makes; the first type that fits."""


@dataclass(slots=True)
class DialogueRecord:
    """One dialogue so far.

    Attributes:
        task: what it is about.
        dialogue: its public side.
        seed: of the environment.
        teacher_seed: of the teacher.
        turns: its turns.
        usage: what student, teacher and judge have cost, by names such as `teacher_requests`.
        probe: the task that was posed once the first was solved (`sml_gym.wrappers.Isomorph`), else None.
        stop: why it ended, None while it is under way.
        failure: what broke, None in a sound dialogue.
        error: the same in words, or why the dialogue was ended from outside.
    """

    task: Task
    dialogue: Dialogue
    seed: int
    teacher_seed: int
    turns: list[Turn] = field(default_factory=list)
    usage: dict[str, float] = field(default_factory=dict)
    probe: Task | None = None
    stop: StopReason | None = None
    failure: RolloutError | None = None
    error: str = ""

    def count(self, who: str, usage: Mapping[str, float]) -> None:
        """Add what student, teacher or judge has cost."""
        for name, number in usage.items():
            key = f"{who}_{name}"
            self.usage[key] = self.usage.get(key, 0) + number

    def fail(self, failure: RolloutError) -> None:
        """End with the stop reason that fits a failure, and count what it has cost."""
        self.stop = next(reason for kind, reason in STOP_REASONS if isinstance(failure, kind))
        self.failure = failure
        self.error = str(failure)
        self.count("student" if isinstance(failure, StudentError) else "teacher", failure.usage)
        self.count("judge", failure.judge_usage)

    def episode(
        self,
        *,
        env_id: str,
        split: str,
        max_turns: int,
        student: str,
        teacher: str,
        teacher_record: Mapping[str, Any],
        tokens: Sequence[TokenSpan | None] = (),
    ) -> Episode:
        """The finished dialogue. Raises `RuntimeError` while it is under way.

        `tokens` holds one span (or None) per student utterance.
        """
        if self.stop is None:
            raise RuntimeError("The dialogue is still under way; an episode is a finished one.")
        turns = [
            replace(turn, tokens=tokens[i] if i < len(tokens) else None) for i, turn in enumerate(self.turns)
        ]
        reference = self.task.private.reveal()
        return Episode(
            env_id=env_id,
            task_id=self.task.id,
            split=split,
            opening=self.task.problem,
            turns=turns,
            stop_reason=self.stop,
            reward=(1.0 if self.stop is StopReason.SOLVED else 0.0) if self.stop.valid else None,
            seed=self.seed,
            teacher=teacher,
            student=student,
            max_turns=max_turns,
            family=self.task.family,
            level=self.task.level,
            private={"answer": reference.answer, "solution": reference.solution},
            usage=dict(self.usage),
            error=self.error,
            versions=versions(),
            teacher_record=dict(teacher_record),
            teacher_seed=self.teacher_seed,
        )
