"""A person as the teacher, at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TextIO

from sml_gym.errors import RolloutError, TeacherError
from sml_gym.teachers.asking import ask_teacher
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext
from sml_gym.text import visible


class HumanTeacher:
    """Shows a person everything a teacher may know and reads what they say.

    Args:
        helper: its feedback is shown as a suggestion; an empty line says it.
        stdin: where lines are read from (default: standard input).
        stdout: where the private side is shown (default: standard output).
    """

    name = "human"
    free_spoken = True

    def __init__(self, helper: Teacher, stdin: TextIO | None = None, stdout: TextIO | None = None) -> None:
        self._helper = helper
        self._in = stdin or sys.stdin
        self._out = stdout or sys.stdout

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback]:
        """One line a context. Raises `TeacherError` at the end of input."""
        suggestions = ask_teacher(self._helper, contexts)
        return [self._ask(context, hint) for context, hint in zip(contexts, suggestions, strict=True)]

    def _ask(self, context: TeachingContext, suggestion: Feedback | RolloutError) -> Feedback:
        if context.turn == 1:
            self._show_task(context)
        answer = "" if context.verdict.answer is None else f" (read: {context.verdict.answer})"
        self._say(f"\nStudent: {context.utterance.text}")
        self._say(f"  verdict: {context.verdict.outcome.value}{answer}")
        for fact in context.diagnosis.facts:
            slots = ", ".join(f"{name}={value}" for name, value in fact.slots.items())
            mark = " PRIVATE" if fact.private else ""
            self._say(f"  fact: {fact.kind}({slots}) [informativeness {int(fact.informativeness)}]{mark}")
        default = suggestion if isinstance(suggestion, Feedback) else Feedback("Go on.")
        self._say(f"  suggestion: {default.text}")
        self._out.write(f"You, the teacher (turn {context.turn} of {context.max_turns}; Enter: suggestion): ")
        self._out.flush()
        line = self._in.readline()
        if not line:
            self._out.write("\n")
            raise TeacherError("the person has left")
        words = line.rstrip("\r\n")
        return Feedback(words) if words.strip() else default

    def _show_task(self, context: TeachingContext) -> None:
        reference = context.task.private.reveal()
        self._say(f"\nProblem ({context.task.id}): {context.task.problem}")
        self._say(f"  private answer: {reference.answer}")
        for number, step in enumerate(reference.steps, start=1):
            self._say(f"  private step {number}: {step.text}")
        if reference.solution and not reference.steps:
            self._say(f"  private solution: {reference.solution}")

    def _say(self, text: str) -> None:
        print(visible(text), file=self._out)
