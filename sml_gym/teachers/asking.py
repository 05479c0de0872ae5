"""Asking a teacher: one call for many dialogues, and nothing it does can break them.

The environments ask through `ask_teacher`, and so does every teacher that wraps another.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TypeGuard

from sml_gym.errors import RolloutError, TeacherError, boundary
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext
from sml_gym.verdict import Fact


def ask_teacher(
    teacher: Teacher, contexts: Sequence[TeachingContext | RolloutError]
) -> list[Feedback | RolloutError]:
    """Line 4 of a turn, for one dialogue or many: one call, and its failure in place of the answers."""
    asked = [context for context in contexts if _asks(context)]
    try:
        with boundary(TeacherError, f"the teacher {teacher.name}"):
            answers: Sequence[object] = teacher.reply(asked) if asked else []
            if len(answers) != len(asked):
                raise TeacherError(
                    f"the teacher {teacher.name} gave {len(answers)} answers to {len(asked)} dialogues"
                )
    except RolloutError as exc:
        return [exc if _asks(context) else _given(context) for context in contexts]
    remaining = iter(answers)
    return [
        _sound(next(remaining), teacher.name) if _asks(context) else _given(context) for context in contexts
    ]


def _asks(context: TeachingContext | RolloutError) -> TypeGuard[TeachingContext]:
    """Whether there is something for the teacher to answer."""
    return isinstance(context, TeachingContext) and context.reply is None


def _given(context: TeachingContext | RolloutError) -> Feedback | RolloutError:
    """What stands in place of a teacher's answer: a failure, or words that are given."""
    if isinstance(context, RolloutError):
        return context
    assert context.reply is not None
    return context.reply


def _sound(answer: object, teacher: str) -> Feedback | RolloutError:
    """A teacher's answer if it is one, else the error that stands for it; its siblings are not touched."""
    if isinstance(answer, RolloutError):
        return answer
    if not isinstance(answer, Feedback):
        return TeacherError(f"the teacher {teacher} answered with {type(answer).__name__}, not Feedback")
    if not isinstance(answer.text, str):
        return TeacherError(f"the teacher {teacher} said {type(answer.text).__name__}, not text")
    usage, judge_usage, notes = answer.usage, answer.judge_usage, answer.notes
    records = isinstance(usage, dict) and isinstance(judge_usage, dict) and isinstance(notes, dict)
    if not records or not isinstance(answer.facts, tuple):
        return TeacherError(f"the teacher {teacher} gave no tuple of facts, or no dict of usage or notes")
    for fact in answer.facts:
        if not isinstance(fact, Fact):
            return TeacherError(f"the teacher {teacher} spoke from {type(fact).__name__}, not from a Fact")
    if usage or judge_usage or notes:
        return _sound_record(answer, teacher)
    return answer


def _sound_record(answer: Feedback, teacher: str) -> Feedback | RolloutError:
    """The answer if what it brings for the record can be written there."""
    for count in (*answer.usage.values(), *answer.judge_usage.values()):
        if not isinstance(count, (int, float)) or not math.isfinite(count):
            return TeacherError(f"the teacher {teacher} counts its usage as {count!r:.80}, no finite number")
    try:
        json.dumps(answer.notes, allow_nan=False)
    except (TypeError, ValueError) as exc:
        return TeacherError(f"the teacher {teacher} notes what is no JSON: {exc}")
    return answer
