"""The environment: where a static problem becomes a dialogue, and the only place a turn is made.

A domain subclasses `SMLEnv` and overrides the task source and, where the defaults do not fit,
`read`, `verify`, `diagnose` and the other hooks of `sml_gym.domain`. Everything here, from seeds to
stop reasons, is the same for all domains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import gymnasium as gym
import numpy as np
from gymnasium.error import ResetNeeded

from sml_gym.dialogue import Dialogue, Speaker, Utterance, UtteranceKind
from sml_gym.domain import DomainHooks
from sml_gym.episode import Episode, StopReason, TokenSpan, Turn
from sml_gym.errors import (
    ConfigError,
    RolloutError,
    TaskError,
    boundary,
    nearest,
)
from sml_gym.options import option_names
from sml_gym.record import DialogueRecord
from sml_gym.row_tasks import open_rows
from sml_gym.seeding import check_split
from sml_gym.selection import is_selection, read_selection
from sml_gym.spaces import UtteranceSpace
from sml_gym.task import MAX_PROBLEM_CHARS, Task, TaskSource
from sml_gym.teachers import make_teacher
from sml_gym.teachers.asking import ask_teacher
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext, describe
from sml_gym.text import visible
from sml_gym.verdict import Outcome, Verdict

MAX_UTTERANCE_CHARS = 16_384
"""Longer utterances, a student's or a teacher's, are cut to this many characters and marked."""

MAX_OBSERVATION_CHARS = MAX_PROBLEM_CHARS
"""Length of the observation space. Problems longer than this are refused as a task error."""


class SMLEnv(DomainHooks, gym.Env[str, str]):
    """A static problem as a dialogue between a student and a teacher.

    The observation is the teacher's newest utterance (`str`), the action is the
    student's utterance (`str`). The reward is 1.0 in the turn in which the student
    commits to the right answer, else 0.0. The episode is `terminated` when solved and
    `truncated` after `max_turns` student utterances.

    `info` holds `messages` (the dialogue as chat messages from the student's side),
    `task_id`, `turn`, `utterance_kind`, `verdict`, `stop_reason`, `valid` and `usage`.
    Nothing in it is private. If the teacher or the verifier breaks, the episode is
    `truncated`, `info["stop_reason"]` says which, `info["valid"]` is False and the reward
    is NaN, so that no one can take a failure for a 0.

    Args:
        teacher: a teacher, or its name: `"scripted"` (or `"scripted:0"` to `"scripted:3"` for
            its informativeness), `"binary"`, `"placebo"`, `"noisy(0.2):scripted:3"`, and all others
            that `sml_gym.teachers.specs` describes.
        max_turns: after how many student utterances the dialogue ends.
        split: `"train"`, `"validation"` or `"test"`.
        tasks: where tasks come from: None for the domain's own, a `TaskSource`, a path to
            a file of rows (JSONL, CSV or Parquet, served as a whole) or of `sml-gym filter`, or a
            mapping from split to path.
        hold_out: split a file by the hash of its texts instead of serving it whole.
        render_mode: None or `"ansi"` (the dialogue as text).

    Options of `reset`: `task_id` (which task) and `teacher_seed` (the teacher's
    randomness, so that several dialogues can meet the same one).

    Raises:
        ConfigError: for an option that does not exist or has no sense.
        gymnasium.error.ResetNeeded: for a step before reset or after the end.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"], "render_fps": 4}
    example_options: Mapping[str, Any] = {}
    """Options by which `sml_gym.testing` tries a class that has no tasks without any."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Name the nearest option if one is misspelt, before Python's plain TypeError would."""
        known = cls.option_names()
        for name in kwargs:
            if known is not None and name not in known:
                raise ConfigError(f"{cls.__name__} has no option {name!r}. {nearest(name, known)}")
        return super().__new__(cls)

    @classmethod
    def option_names(cls) -> frozenset[str] | None:
        """The options that this class takes by keyword, None if it takes any."""
        return option_names(cls)

    def __init__(
        self,
        *,
        teacher: str | Teacher = "scripted",
        max_turns: int = 4,
        split: str = "train",
        tasks: TaskSource | str | Path | Mapping[str, str | Path] | None = None,
        hold_out: bool = False,
        render_mode: str | None = None,
    ) -> None:
        modes = self.metadata["render_modes"]
        if render_mode is not None and render_mode not in modes:
            raise ConfigError(f"Unknown render_mode {render_mode!r}. {nearest(str(render_mode), modes)}")
        self.teacher = make_teacher(teacher)
        self.max_turns = check_max_turns(max_turns)
        self.split = check_split(split)
        self.render_mode = render_mode
        self.source = self._open_tasks(tasks, hold_out)
        self.action_space = UtteranceSpace(MAX_UTTERANCE_CHARS)
        self.observation_space = UtteranceSpace(MAX_OBSERVATION_CHARS)
        self._record: DialogueRecord | None = None

    # ---- the Gymnasium interface ----

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Begin a dialogue. The observation is the problem, in the teacher's mouth."""
        super().reset(seed=seed)
        options = options or {}
        if not isinstance(options, Mapping):
            raise ConfigError(f"The options of reset are {options!r:.80}; give a dict, or leave them out.")
        for name in options:
            if name not in ("task_id", "teacher_seed"):
                raise ConfigError(
                    f"Unknown reset option {name!r}. {nearest(str(name), ('task_id', 'teacher_seed'))}"
                )
        asked_seed = options.get("teacher_seed", 0)
        if isinstance(asked_seed, bool) or not isinstance(asked_seed, (int, np.integer)):
            raise ConfigError(f"teacher_seed is {asked_seed!r}; give a whole number or leave it out.")
        if self._record is not None:
            self._record.stop = StopReason.TASK_FAILED  # until a task is there, a step is refused
        episode_seed, teacher_seed = int(self.np_random.integers(2**62)), int(self.np_random.integers(2**62))
        with boundary(TaskError, "the task source"):
            task_id = options.get("task_id")
            task = self.source.sample(self.np_random) if task_id is None else self.source.get(str(task_id))
        if len(task.problem) > MAX_OBSERVATION_CHARS:
            raise TaskError(f"Task {task.id!r} is longer than {MAX_OBSERVATION_CHARS} characters.")
        self._record = DialogueRecord(
            task,
            Dialogue([Utterance(Speaker.TEACHER, task.problem)], task.id),
            seed=episode_seed if seed is None else seed,
            teacher_seed=int(options.get("teacher_seed", teacher_seed)),
        )
        return task.problem, self._info(self._record, None, None)

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """One turn: the student's utterance, then the teacher's reply."""
        context = self.hear(action)  # 1 read, 2 verify, 3 diagnose
        feedback = ask_teacher(self.teacher, [context])[0]  # 4 teach, 5 guard: a teacher around the teacher
        return self.settle(context, feedback)  # 6 settle

    def render(self) -> str | None:
        """The dialogue as text in render mode `"ansi"`, else None. Control characters are shown, not sent."""
        return visible(str(self.dialogue)) if self.render_mode == "ansi" else None

    # ---- the parts of a turn, which the vector environment and rollouts share ----

    def hear(self, action: str, *, truncated: bool = False) -> TeachingContext | RolloutError:
        """Lines 1 to 3 of a turn. A failure is returned, not raised: `settle` records it.

        `truncated` says that a model's token limit cut the utterance short.
        """
        record = self._record
        if record is None or record.stop is not None:
            raise ResetNeeded("Cannot call env.step() before env.reset() or after the dialogue has ended.")
        if not isinstance(action, str):
            raise TypeError(f"An utterance is a str, not {type(action).__name__}.")
        text, task = action[:MAX_UTTERANCE_CHARS], self.task_at_hand(record)
        try:
            examined = self.examine(task, text, truncated=truncated or len(text) < len(action))
        except RolloutError as exc:
            record.dialogue.say(Utterance(Speaker.STUDENT, text, UtteranceKind.DISCUSSION))
            return exc
        record.dialogue.say(examined.utterance)
        return TeachingContext(
            domain=self,
            task=task,
            dialogue=record.dialogue,
            utterance=examined.utterance,
            verdict=examined.verdict,
            diagnosis=examined.diagnosis,
            turn=len(record.turns) + 1,
            max_turns=self.max_turns,
            seed=record.teacher_seed,
        )

    def settle(
        self, context: TeachingContext | RolloutError, feedback: Feedback | RolloutError
    ) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Line 6 of a turn: append the reply, settle reward and end."""
        record = self._under_way()
        if isinstance(context, RolloutError):
            return self._fail(record, context, Outcome.NO_ATTEMPT, None)
        if isinstance(feedback, RolloutError):
            return self._fail(record, feedback, context.verdict.outcome, context.verdict.answer)
        text, notes = feedback.text, feedback.notes
        if len(text) > MAX_UTTERANCE_CHARS:
            notes = {**notes, "cut_from": len(text)}
            text = text[:MAX_UTTERANCE_CHARS]
        record.dialogue.say(Utterance(Speaker.TEACHER, text, truncated=text is not feedback.text))
        verdict = context.verdict
        reward = self.reward(record, verdict)
        record.turns.append(
            Turn(
                context.utterance,
                verdict.outcome,
                verdict.answer,
                text,
                tuple([fact.kind for fact in feedback.facts]),
                reward,
                notes=notes,
            )
        )
        if feedback.usage:
            record.count("teacher", feedback.usage)
        if feedback.judge_usage:
            record.count("judge", feedback.judge_usage)
        stop = record.stop = self.conclude(record, verdict)
        return (
            text,
            reward,
            stop is StopReason.SOLVED or stop is StopReason.NOT_TRANSFERRED,
            stop is StopReason.TURN_LIMIT,
            self._info(record, context.utterance.kind, verdict.outcome),
        )

    def task_at_hand(self, record: DialogueRecord) -> Task:
        """The task that the student's next utterance is about: the one that was posed."""
        return record.task

    def posed_in(self, task: Task, dialogue: Dialogue) -> Task:
        """What the newest words of a dialogue about `task` pose: the same task, unless a wrapper poses more.

        For yardsticks, which know the tasks and hear the dialogue alone.
        """
        return task

    def reward(self, record: DialogueRecord, verdict: Verdict) -> float:
        """The reward of the turn that is about to be recorded: 1.0 if it solved the task, else 0.0."""
        return verdict.score

    def conclude(self, record: DialogueRecord, verdict: Verdict) -> StopReason | None:
        """Why a dialogue ends with the turn that was just recorded, None if it goes on."""
        if verdict.correct:
            return StopReason.SOLVED
        return StopReason.TURN_LIMIT if len(record.turns) >= self.max_turns else None

    def end(self, reason: StopReason, error: str = "") -> None:
        """End the dialogue from outside, for example because the student has no tokens left."""
        record = self._under_way()
        if record.stop is None:
            record.stop = reason
            record.error = error

    def fail(self, failure: RolloutError) -> None:
        """End the dialogue from outside because something broke, such as the student."""
        record = self._under_way()
        if record.stop is None:
            record.fail(failure)

    def episode(
        self,
        *,
        student: str,
        tokens: Sequence[TokenSpan | None] = (),
        usage: Mapping[str, float] | None = None,
    ) -> Episode:
        """The finished dialogue as a record.

        `tokens` holds one span (or None) per student utterance, `usage` what the student has
        cost by names such as `student_tokens`. Raises `RuntimeError` while the dialogue is still
        under way.
        """
        if self._record is None:
            raise RuntimeError("There is no dialogue yet; an episode is a finished one.")
        episode = self._record.episode(
            env_id=self.spec.id if self.spec else type(self).__name__,
            split=self.split,
            max_turns=self.max_turns,
            student=student,
            teacher=self.teacher.name,
            teacher_record=describe(self.teacher),
            tokens=tokens,
        )
        episode.usage.update(usage or {})
        return episode

    @property
    def dialogue(self) -> Dialogue:
        """The public dialogue so far, an empty one before the first reset."""
        return Dialogue() if self._record is None else self._record.dialogue

    @property
    def task(self) -> Task:
        """The current task. Raises `ResetNeeded` before the first reset."""
        return self._under_way().task

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the dialogue ended, None while it is under way."""
        return None if self._record is None else self._record.stop

    @property
    def failure(self) -> RolloutError | None:
        """What broke, None in a sound dialogue."""
        return None if self._record is None else self._record.failure

    @property
    def error(self) -> str:
        """What broke, in the words of the error; empty for a sound dialogue."""
        return "" if self._record is None else self._record.error

    # ---- private ----

    def _open_tasks(
        self, tasks: TaskSource | str | Path | Mapping[str, str | Path] | None, hold_out: bool
    ) -> TaskSource:
        if tasks is None:
            source = self.tasks(self.split)
            if not isinstance(source, TaskSource):
                raise ConfigError(
                    f"{type(self).__name__}.tasks returned {type(source).__name__}. Return a TaskSource."
                )
            return source
        if isinstance(tasks, TaskSource):
            return tasks
        if isinstance(tasks, Mapping):
            if self.split not in tasks:
                raise ConfigError(f"tasks has no file for split {self.split!r}. {nearest(self.split, tasks)}")
            tasks = tasks[self.split]
        if not isinstance(tasks, (str, Path)):
            raise ConfigError(
                f"tasks is {tasks!r:.80}; give a path, a TaskSource or a dict of paths by split."
            )
        if is_selection(tasks):
            return read_selection(tasks).open(type(self), self.split, self.max_turns)
        return open_rows(type(self), Path(tasks), self.read_row, self.split, hold_out=hold_out)

    def _under_way(self) -> DialogueRecord:
        if self._record is None:
            raise ResetNeeded("There is no dialogue before env.reset().")
        return self._record

    def _fail(
        self, record: DialogueRecord, error: RolloutError, outcome: Outcome, answer: str | None
    ) -> tuple[str, float, bool, bool, dict[str, Any]]:
        record.fail(error)
        said = record.dialogue.utterances[-1]
        record.turns.append(Turn(said, outcome, answer, None, (), None, notes=error.notes))
        return "", float("nan"), False, True, self._info(record, said.kind, outcome)

    @staticmethod
    def _info(record: DialogueRecord, kind: UtteranceKind | None, outcome: Outcome | None) -> dict[str, Any]:
        stop = record.stop
        return {
            "messages": record.dialogue.messages(),
            "task_id": record.task.id,
            "turn": len(record.turns),
            "utterance_kind": None if kind is None else kind.value,
            "verdict": None if outcome is None else outcome.value,
            "stop_reason": None if stop is None else stop.value,
            "valid": stop is None or stop.valid,
            "usage": dict(record.usage),
        }


def check_max_turns(max_turns: int) -> int:
    """The turn limit, if it is one. Raises `ConfigError`."""
    if isinstance(max_turns, bool) or not isinstance(max_turns, int) or max_turns < 1:
        raise ConfigError(f"max_turns is {max_turns!r}; give a whole number of at least 1.")
    return max_turns
