"""Asking a teacher: one call for many dialogues, and nothing it does can break them."""

from __future__ import annotations

from sml_gym.errors import RolloutError, TeacherError, boundary
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext
from sml_gym.verdict import Fact


def ask_teacher(
    teacher: Teacher, contexts: list[TeachingContext | RolloutError]
) -> list[Feedback | RolloutError]:
    """Line 4 of a turn, for one dialogue or many: one call, and its failure in place of the answers."""
    asked = [context for context in contexts if isinstance(context, TeachingContext)]
    try:
        with boundary(TeacherError, f"the teacher {teacher.name}"):
            answers = teacher.reply(asked) if asked else []
            if len(answers) != len(asked):
                raise TeacherError(
                    f"the teacher {teacher.name} gave {len(answers)} answers to {len(asked)} dialogues"
                )
    except RolloutError as exc:
        return [exc for _ in contexts]
    remaining = iter(answers)
    return [
        _sound(next(remaining), teacher.name) if isinstance(context, TeachingContext) else context
        for context in contexts
    ]


def _sound(answer: object, teacher: str) -> Feedback | RolloutError:
    """A teacher's answer if it is one, else the error that stands for it; its siblings are not touched."""
    if isinstance(answer, RolloutError):
        return answer
    if not isinstance(answer, Feedback):
        return TeacherError(f"the teacher {teacher} answered with {type(answer).__name__}, not Feedback")
    if not isinstance(answer.text, str):
        return TeacherError(f"the teacher {teacher} said {type(answer.text).__name__}, not text")
    if not isinstance(answer.facts, tuple) or not isinstance(answer.usage, dict):
        return TeacherError(f"the teacher {teacher} gave no tuple of facts or no dict of usage")
    for fact in answer.facts:
        if not isinstance(fact, Fact):
            return TeacherError(f"the teacher {teacher} spoke from {type(fact).__name__}, not from a Fact")
    for count in answer.usage.values():
        if not isinstance(count, int):
            return TeacherError(f"the teacher {teacher} counts its usage in {type(count).__name__}, not int")
    return answer
