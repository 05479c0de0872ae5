"""A person as the teacher, at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from sml_gym.dialogue import UtteranceKind
from sml_gym.errors import RolloutError, TeacherError
from sml_gym.teachers.asking import ask_teacher
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext, bind_teacher, describe
from sml_gym.teachers.scripted import ScriptedTeacher
from sml_gym.teachers.wording import GO_ON
from sml_gym.text import visible

_SPEECH = {
    UtteranceKind.ATTEMPT: "Student tries",
    UtteranceKind.QUESTION: "Student asks",
    UtteranceKind.DISCUSSION: "Student says",
}


class HumanTeacher:
    """Shows a person everything a teacher may know and reads what they say.

    What students and tasks say is shown with control characters made visible, so that none of it
    can steer the terminal. What they type is heard as it is, a line at a time (a terminal hands over
    4,095 bytes of a line and drops the rest).

    Args:
        helper: its feedback is shown as a suggestion; an empty line says it.
        stdin: where lines are read from (default: standard input).
        stdout: where the private side is shown (default: standard output).
    """

    free_spoken = True

    def __init__(self, helper: Teacher, stdin: TextIO | None = None, stdout: TextIO | None = None) -> None:
        usual = helper.name == ScriptedTeacher().name
        self.name = "human" if usual else f"human:{helper.name}"
        self._helper = helper
        self._in = stdin
        self._out = stdout

    def describe(self) -> Mapping[str, Any]:
        """What the helper says of itself: its words may be among the person's."""
        return {"helper": describe(self._helper)} if describe(self._helper) else {}

    def bind(self, student: object) -> None:
        """Tell the helper who is taught."""
        bind_teacher(self._helper, student)

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback | RolloutError]:
        """One line a context, with a `TeacherError` where the input has ended."""
        suggestions = ask_teacher(self._helper, contexts)
        return [self._ask(context, hint) for context, hint in zip(contexts, suggestions, strict=True)]

    def _ask(self, context: TeachingContext, suggestion: Feedback | RolloutError) -> Feedback | RolloutError:
        if context.rejected:
            self._show_refused(context)
        else:
            self._show(context)
        default = self._default(context, suggestion)
        self._say(f"  suggestion: {default.text}")
        self._write(f"You, the teacher (turn {context.turn} of {context.max_turns}; Enter: suggestion): ")
        try:
            line = (self._in or sys.stdin).readline()
        except (OSError, ValueError) as exc:  # closed, or no text
            return TeacherError(f"the person's words cannot be read: {exc}")
        if not line:
            self._write("\n")
            return TeacherError("the person has left")
        words = line.rstrip("\r\n")
        return Feedback(words) if words.strip() else default

    def _default(self, context: TeachingContext, suggestion: Feedback | RolloutError) -> Feedback:
        """The helper's words, unless there are none or a guard has refused just these."""
        if isinstance(suggestion, RolloutError):
            self._say(f"  no suggestion: {suggestion}")
            return Feedback(GO_ON)
        return Feedback(GO_ON) if suggestion.text in context.rejected else suggestion

    def _show(self, context: TeachingContext) -> None:
        """The task when it is new, what the student says, and all that was found out about it."""
        self._say(f"\n[{context.task.id}]")
        if context.turn == 1:
            self._show_task(context)
        else:  # a guard or a limit may have changed what they said
            self._say(f"Student heard: {context.dialogue.utterances[-2].text}")
        verdict, utterance = context.verdict, context.utterance
        self._say(f"{_SPEECH.get(utterance.kind or UtteranceKind.DISCUSSION)}: {utterance.text}")
        if utterance.truncated:
            self._say("  (cut here)")
        answer = "" if verdict.answer is None else f" (read: {verdict.answer})"
        reason = f": {verdict.reason}" if verdict.reason else ""
        self._say(f"  verdict: {verdict.outcome.value}{answer}{reason}")
        for fact in context.diagnosis.facts:
            slots = ", ".join(f"{name}={value}" for name, value in fact.slots.items())
            mark = " PRIVATE" if fact.private else ""
            self._say(
                f"  fact: {fact.kind}({slots}) [informativeness {int(fact.informativeness)}, "
                f"{fact.direction.value}]{mark}"
            )
        if context.directions is not None:
            types = ", ".join(direction.value for direction in context.directions)
            self._say(f"  you are asked for these types of feedback only: {types or 'none'}")
        if context.length != "normal":
            self._say(f"  you are asked to be {context.length}")

    def _show_refused(self, context: TeachingContext) -> None:
        self._say("\nThe guard has refused your words, since they give the answer away:")
        self._say(f"  {context.rejected[-1]}")
        self._say("Say it without the answer.")

    def _show_task(self, context: TeachingContext) -> None:
        reference = context.task.private.reveal()
        self._say(f"Problem: {context.task.problem}")
        self._say(f"  private answer: {reference.answer}")
        for number, step in enumerate(reference.steps, start=1):
            self._say(f"  private step {number}: {step.text}")
        if reference.solution and not reference.steps:
            self._say(f"  private solution: {reference.solution}")

    def _say(self, text: str) -> None:
        self._write(visible(text) + "\n")

    def _write(self, text: str) -> None:
        out = self._out or sys.stdout
        encoding = getattr(out, "encoding", None) or "utf-8"
        out.write(text.encode(encoding, "backslashreplace").decode(encoding))  # whatever the terminal's
        out.flush()
