"""Understanding told from copying: once solved, the same problem with other numbers and no teacher.

A student that is told enough can reach the answer of a problem without knowing how. The probe asks for the
same steps again, with nobody to ask. Only who solves both is rewarded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakSet

import gymnasium as gym
import numpy as np

from sml_gym.dialogue import Dialogue
from sml_gym.env import MAX_UTTERANCE_CHARS
from sml_gym.episode import POSING, Episode, Probe, StopReason, TokenSpan, posing
from sml_gym.errors import ConfigError, RolloutError, TaskError, boundary
from sml_gym.record import DialogueRecord
from sml_gym.seeding import stable_hash
from sml_gym.task import Task, TaskSource
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext
from sml_gym.teachers.wording import say
from sml_gym.verdict import Diagnosis, Fact, Outcome, Verdict
from sml_gym.wrappers.wrapping import WrappingEnv, refuse_lost_turns

_TRIED: WeakSet[TaskSource] = WeakSet()
_TRIES = 3


class Isomorph(WrappingEnv):
    """Tasks of another environment that count only if the same with other numbers is solved after them.

    The dialogue goes as ever until the task is solved. That brings no reward yet: the teacher's words end
    with a second problem, the task's isomorph (`SMLEnv.isomorph`), the same for all dialogues about the
    task. The student's next utterance, which may be one more than `max_turns`, answers it and ends the
    dialogue: with reward 1.0 and `StopReason.SOLVED` if it is right, else 0.0 and
    `StopReason.NOT_TRANSFERRED`. A question or discussion in its place counts as a failure, since nobody is
    there to answer. No teacher is asked about it; the student hears only whether it was right.

    `Episode.probe` holds the second problem, `Episode.solved_with_teacher` the turn of the first solution.

    Args:
        env: the environment whose tasks they are.
        teacher, max_turns, render_mode, options: as for `WrappingEnv`.

    Raises:
        ConfigError: as `WrappingEnv` does; if the tasks have no isomorph; around an environment whose turns
            go in a way of their own.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any] | None = None,
        *,
        teacher: str | Teacher | None = None,
        max_turns: int | None = None,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(env, teacher=teacher, max_turns=max_turns, render_mode=render_mode, **options)
        refuse_lost_turns(self, type(self.env))
        if self.source not in _TRIED:
            self._refuse_without_isomorphs()
            _TRIED.add(self.source)

    @property
    def task(self) -> Task:
        """The current task, from the moment that it is posed the second one."""
        return self.task_at_hand(self._under_way())

    def probe_of(self, task: Task) -> Task:
        """The second problem for a task, always the same.

        Raises:
            TaskError: there is none.
        """
        rng = np.random.default_rng(stable_hash("isomorph", task.id, task.problem))
        with boundary(TaskError, "drawing an isomorph"):
            found = self.isomorph(task, rng)
        if found is None or found.problem == task.problem:
            raise TaskError(
                f"Task {task.id!r} has no isomorph. Choose generated families of maths, code or rules."
            )
        return found

    def posed_in(self, task: Task, dialogue: Dialogue) -> Task:
        """The second problem where the newest words pose it."""
        words = dialogue.utterances[-1].text
        if POSING not in words:
            return task
        probe = self.probe_of(task)
        return probe if words.endswith(posing(probe.problem)) else task

    # ---- the turn ----

    def task_at_hand(self, record: DialogueRecord) -> Task:
        return record.task if record.probe is None else record.probe

    def hear(self, action: str, *, truncated: bool = False) -> TeachingContext | RolloutError:
        context = super().hear(action, truncated=truncated)
        if isinstance(context, RolloutError) or self._under_way().probe is None:
            return context
        context.diagnosis = Diagnosis((_correctness(context.verdict),))
        context.reply = say(context.diagnosis.facts, context)
        return context

    def settle(
        self, context: TeachingContext | RolloutError, feedback: Feedback | RolloutError
    ) -> tuple[str, float, bool, bool, dict[str, Any]]:
        record = self._under_way()
        first = record.probe is None and isinstance(context, TeachingContext) and context.verdict.correct
        if not first or isinstance(feedback, RolloutError):
            return super().settle(context, feedback)
        try:
            probe = self.probe_of(record.task)
            words = posing(probe.problem)
            if len(words) > MAX_UTTERANCE_CHARS:
                raise TaskError(f"The isomorph {probe.id!r} is longer than {MAX_UTTERANCE_CHARS} characters.")
        except RolloutError as exc:
            return super().settle(exc, feedback)
        text = feedback.text[: MAX_UTTERANCE_CHARS - len(words)] + words
        result = super().settle(context, replace(feedback, text=text))
        record.probe = probe
        return result

    def reward(self, record: DialogueRecord, verdict: Verdict) -> float:
        """1.0 for the right answer to the second problem, else 0.0."""
        return 0.0 if record.probe is None else verdict.score

    def conclude(self, record: DialogueRecord, verdict: Verdict) -> StopReason | None:
        """The first solution ends nothing; the answer to the second problem ends the dialogue."""
        if record.probe is not None:
            return StopReason.SOLVED if verdict.correct else StopReason.NOT_TRANSFERRED
        return None if verdict.correct else super().conclude(record, verdict)

    def episode(
        self,
        *,
        student: str,
        tokens: Sequence[TokenSpan | None] = (),
        usage: Mapping[str, float] | None = None,
    ) -> Episode:
        """The finished dialogue with its second problem."""
        episode = super().episode(student=student, tokens=tokens, usage=usage)
        probe = self._under_way().probe
        episode.probe = Probe()
        if probe is not None:
            solved = next(n for n, turn in enumerate(episode.turns, 1) if turn.outcome is Outcome.CORRECT)
            reference = probe.private.reveal()
            episode.probe = Probe(solved + 1, probe.id, probe.problem)
            episode.private |= {"probe_answer": reference.answer, "probe_solution": reference.solution}
        return episode

    def _refuse_without_isomorphs(self) -> None:
        """Raises `ConfigError` if none of a few tasks has an isomorph."""
        rng = np.random.default_rng(0)
        for number in range(_TRIES):
            try:
                self.probe_of(self.source.sample(rng))
            except TaskError as exc:
                if number == _TRIES - 1:
                    raise ConfigError(
                        f"Isomorph does not go around {type(self.env).__name__}: {exc}"
                    ) from exc
            else:
                return


def _correctness(verdict: Verdict) -> Fact:
    slots = {"reason": verdict.reason} if verdict.outcome is Outcome.MALFORMED else {}
    return Fact(f"verdict.{verdict.outcome.value}", slots)
