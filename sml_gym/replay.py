"""Saved dialogues judged again: by another verifier, or with another guard, and without any model.

What was said stays as it was said. Every student utterance is read and verified again by the
environment as it is now, and the dialogue is settled again by the environment's rules:

- A dialogue ends at its first correct turn; what came after it is dropped.
- Without a correct turn, a turn limit or token limit stays what it was.
- An ending that the new verdicts take away leaves a dialogue that would have gone on. If all its
  turns were used it ends at the turn limit; otherwise no one knows what it would have come to, and
  it is `StopReason.UNDECIDED`: not valid, without a reward, and in no share. So is a dialogue in which
  the guard changes words that the student went on to answer.
- Where a second problem belongs to the dialogue (`Episode.probe`), its turn is judged against that problem,
  and decides. If the turn before it is not right any more, or an earlier one is right now, the second problem
  came too early or never: the dialogue would have gone on, as above.
- A failure of the verifier or of the domain's reading is decided by the new verdict, if there is
  one. Every other failure (of teacher, judge, student; a leak that ended the dialogue) stays,
  unless an earlier turn is now correct.

A task is looked up in the environment's source by its id. Where the source no longer has it with
the same text, it is made again from the problem and the private answer in the record; what else the
verifier was told about the answer, such as its unit or form, is then unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from sml_gym.dialogue import Dialogue, Speaker, Utterance
from sml_gym.env import MAX_UTTERANCE_CHARS, SMLEnv
from sml_gym.episode import Episode, Probe, StopReason, Turn, posing
from sml_gym.errors import ConfigError, RolloutError
from sml_gym.metrics import task_key
from sml_gym.record import STOP_REASONS
from sml_gym.registration import env_factory
from sml_gym.task import Private, Reference, Task
from sml_gym.teachers.asking import ask_teacher
from sml_gym.teachers.base import Examination, Feedback, Teacher, TeachingContext, describe
from sml_gym.verdict import Outcome

NOTE = "replay"
"""Under this name a rescored turn's notes hold what the record said before."""

Guarding = Callable[[Teacher], Teacher]
"""Puts a guard around a teacher, such as `lambda teacher: Guard(teacher, "redact")`."""

_REJUDGED = (StopReason.VERIFIER_FAILED, StopReason.TASK_FAILED)
_KEPT = (
    StopReason.TEACHER_FAILED,
    StopReason.LEAKED,
    StopReason.JUDGE_FAILED,
    StopReason.STUDENT_FAILED,
)


@dataclass(frozen=True, slots=True)
class Rescored:
    """One dialogue before and after.

    Attributes:
        old: as it was recorded.
        new: as it is judged now; the same object where it could not be judged again.
        task_from: where the task came from: the environment's `source`, the `record` itself, or
            `nowhere`, and then nothing was judged.
    """

    old: Episode
    new: Episode
    task_from: Literal["source", "record", "nowhere"]

    @property
    def changed(self) -> bool:
        """Whether the outcome is another: the ending, or the turn of the solution."""
        old, new = self.old, self.new
        return (old.stop_reason, old.solved_at) != (new.stop_reason, new.solved_at)

    @property
    def verdicts_changed(self) -> int:
        """How many of the turns that were kept got another verdict."""
        pairs = zip(self.old.turns, self.new.turns, strict=False)
        return sum(old.outcome is not new.outcome for old, new in pairs)


class RecordedTeacher:
    """Says again what a record holds, turn by turn. A guard around it checks recorded words."""

    def __init__(self, episode: Episode) -> None:
        self.name = episode.teacher
        self._said = [turn.feedback for turn in episode.turns]

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback]:
        """The recorded words of each context's turn."""
        return [Feedback(self._said[context.turn - 1] or "") for context in contexts]


def env_of_record(
    env_id: str | None = None, env_options: Mapping[str, Any] | None = None
) -> Callable[[Episode], SMLEnv]:
    """A function from an episode to an environment that judges it, made once for each id and split.

    Args:
        env_id: judge by this environment; None: by the one that the record names.
        env_options: its options.
    """
    made: dict[tuple[str, str], SMLEnv] = {}

    def env(episode: Episode) -> SMLEnv:
        key = env_id or episode.env_id, episode.split
        if key not in made:
            made[key] = env_factory(key[0], **{**(env_options or {}), "split": key[1]})()
        return made[key]

    return env


def rescore(
    episodes: Iterable[Episode], make_env: Callable[[Episode], SMLEnv], guard: Guarding | None = None
) -> list[Rescored]:
    """Judge recorded dialogues again, in their order.

    Args:
        episodes: as they were recorded.
        make_env: the environment that judges an episode (see `env_of_record`); it need not be new.
        guard: checks the recorded words as if they were drafts. A policy that asks for another
            draft gets the same words again.

    Raises:
        ConfigError: from `make_env`, for an environment that cannot be made.
    """
    return [_rescore(episode, make_env(episode), guard) for episode in episodes]


def find_task(env: SMLEnv, episode: Episode) -> tuple[Task | None, Literal["source", "record", "nowhere"]]:
    """The task that an episode is about, and where it was found (see the module's text)."""
    try:
        task = env.source.get(episode.task_id)
        if task.problem == episode.opening:
            return task, "source"
    except (ConfigError, RolloutError):  # the source no longer has it
        pass
    answer = episode.private.get("answer")
    if not episode.opening or not isinstance(answer, str) or not answer:
        return None, "nowhere"
    reference = Reference(answer, str(episode.private.get("solution", "")))
    task = Task(episode.task_id, episode.opening, Private(reference), episode.family, episode.level)
    return task, "record"


def find_probe(env: SMLEnv, task: Task, episode: Episode) -> Task | None:
    """The second problem of a dialogue, None if none was posed or neither source nor record has it.

    It is drawn again where the environment poses the same one as before, else looked up as `find_task` does.
    """
    probe = episode.probe
    if probe is None or probe.turn is None:
        return None
    try:
        words = Utterance(Speaker.TEACHER, posing(probe.problem))
        posed = env.posed_in(task, Dialogue([words], task.id))
        if posed.problem == probe.problem:
            return posed
    except RolloutError:  # the environment poses none any more
        pass
    private = {
        name.removeprefix("probe_"): text
        for name, text in episode.private.items()
        if name.startswith("probe_")
    }
    return find_task(env, replace(episode, task_id=probe.task_id, opening=probe.problem, private=private))[0]


def examine_turn(env: SMLEnv, task: Task, turn: Turn) -> Examination:
    """A recorded utterance, read and verified by the environment as it is now. Raises `RolloutError`."""
    return env.examine(task, turn.student.text, truncated=turn.student.truncated)


def solve_bounds(episodes: Sequence[Episode], k_max: int) -> list[tuple[float, float] | None]:
    """Between which values solve@k lies, k = 1 .. `k_max`, whatever undecided dialogues would have come to.

    An undecided dialogue of j turns was not solved within j turns; after them anything is possible.
    Failed dialogues are left out, as in `metrics.solve_at`. None where nothing is left.
    """
    turns = np.arange(1, k_max + 1)
    rows: dict[Any, list[Any]] = {}
    for episode in episodes:
        undecided = episode.stop_reason is StopReason.UNDECIDED
        if not (episode.valid or undecided):
            continue
        least = turns >= (episode.solved_at or np.inf)
        most = turns > len(episode.turns) if undecided else least
        rows.setdefault(task_key(episode), []).append(np.stack([least, most]))
    if not rows:
        return [None] * k_max
    low, high = np.mean([np.mean(found, axis=0) for found in rows.values()], axis=0)
    return [(float(a), float(b)) for a, b in zip(low, high, strict=True)]


def _rescore(episode: Episode, env: SMLEnv, guard: Guarding | None) -> Rescored:
    task, task_from = find_task(env, episode)
    if task is None or not episode.turns:
        return Rescored(episode, episode, "nowhere" if task is None else task_from)
    judged = _Judged(episode, None if guard is None else guard(RecordedTeacher(episode)))
    probe = find_probe(env, task, episode)
    for number, turn in enumerate(episode.turns, 1):
        if episode.probe is not None and episode.probe.turn == number:
            if probe is None:
                return Rescored(episode, episode, "nowhere")
            judged.hear_probe(turn, env, probe)
            break
        if judged.hear(turn, env, task):
            break
    else:
        judged.run_out()
    return Rescored(episode, judged.episode(), task_from)


class _Judged:
    """One dialogue while it is judged again, turn by turn."""

    def __init__(self, old: Episode, guard: Teacher | None) -> None:
        self._old = old
        self._guard = guard
        self._turns: list[Turn] = []
        self._heard = Dialogue([Utterance(Speaker.TEACHER, old.opening)])
        self._usage = dict(old.usage)
        self._stop = old.stop_reason
        self._error = old.error

    def hear(self, turn: Turn, env: SMLEnv, task: Task) -> bool:
        """Judge the next recorded turn. True if the dialogue ends with it."""
        notes = {name: note for name, note in turn.notes.items() if name != NOTE}
        try:
            examined = examine_turn(env, task, turn)
        except RolloutError as exc:
            self._fail(replace(turn, outcome=Outcome.NO_ATTEMPT, answer=None, notes=notes), exc)
            return True
        verdict = examined.verdict
        if verdict.outcome is not turn.outcome:
            notes[NOTE] = {"outcome": turn.outcome.value, "answer": turn.answer}
        fresh = replace(
            turn,
            student=examined.utterance,
            outcome=verdict.outcome,
            answer=verdict.answer,
            reward=verdict.score,
            notes=notes,
        )
        self._heard.say(examined.utterance)
        words = turn.feedback
        if self._guard is not None and words is not None:
            said = self._ask(self._guard, examined, env, task)
            if isinstance(said, RolloutError):
                self._fail(fresh, said)
                return True
            words = said.text[:MAX_UTTERANCE_CHARS]
            fresh = replace(fresh, feedback=words, notes={**fresh.notes, **said.notes})
            self._count("judge", said.judge_usage)
        self._turns.append(fresh)
        probe = self._old.probe
        if verdict.correct and (words is not None or self._old.stop_reason not in _KEPT):
            if probe is None:
                self._end(StopReason.SOLVED)
                return True
            self._turns[-1] = replace(fresh, reward=0.0)
            if probe.turn != len(self._turns) + 1:
                self._never_posed()
                return True
        elif probe is not None and probe.turn == len(self._turns) + 1:
            self._would_go_on("the answer is not accepted any more after which the second problem was posed")
            return True
        if turn.feedback is not None:
            self._heard.say(Utterance(Speaker.TEACHER, turn.feedback))
        if words != turn.feedback and len(self._turns) < len(self._old.turns):
            self._would_go_on("the guard changes what the teacher said, and the student answered other words")
            return True
        return False

    def hear_probe(self, turn: Turn, env: SMLEnv, probe: Task) -> None:
        """Judge the answer to the second problem, with which the dialogue ends."""
        notes = {name: note for name, note in turn.notes.items() if name != NOTE}
        try:
            examined = examine_turn(env, probe, turn)
        except RolloutError as exc:
            self._fail(replace(turn, outcome=Outcome.NO_ATTEMPT, answer=None, notes=notes), exc)
            return
        verdict = examined.verdict
        if verdict.outcome is not turn.outcome:
            notes[NOTE] = {"outcome": turn.outcome.value, "answer": turn.answer}
        self._turns.append(
            replace(
                turn,
                student=examined.utterance,
                outcome=verdict.outcome,
                answer=verdict.answer,
                reward=verdict.score,
                notes=notes,
            )
        )
        self._end(StopReason.SOLVED if verdict.correct else StopReason.NOT_TRANSFERRED)

    def run_out(self) -> None:
        """All turns are judged and none is correct."""
        old = self._old
        if old.stop_reason is StopReason.SOLVED:
            self._would_go_on("the answer that ended this dialogue is not accepted any more")
        elif old.stop_reason in _REJUDGED and old.turns[-1].feedback is None:
            self._would_go_on("the dialogue broke off here, and its newest answer is not right")
        elif old.turns[-1].feedback is None:
            self._turns[-1] = replace(self._turns[-1], reward=None)

    def episode(self) -> Episode:
        """The dialogue as it is judged now."""
        old, stop = self._old, self._stop
        if (old.stop_reason, len(old.turns)) != (stop, len(self._turns)):
            last = self._turns[-1]
            before = {"stop_reason": old.stop_reason.value, "turns": len(old.turns)}
            noted = {**last.notes, NOTE: {**last.notes.get(NOTE, {}), **before}}
            self._turns[-1] = replace(last, notes=noted)
        reward = (1.0 if stop is StopReason.SOLVED else 0.0) if stop.valid else None
        guard, probe = self._guard, old.probe
        posed = probe is not None and probe.turn is not None and len(self._turns) >= probe.turn - 1
        if probe is not None and not (
            posed and self._turns[(probe.turn or 0) - 2].outcome is Outcome.CORRECT
        ):
            probe = Probe()
        return replace(
            old,
            turns=self._turns,
            probe=probe,
            stop_reason=stop,
            reward=reward,
            error=self._error,
            usage=self._usage,
            teacher=old.teacher if guard is None else guard.name,
            teacher_record={**old.teacher_record, **({} if guard is None else describe(guard))},
        )

    def _ask(self, guard: Teacher, examined: Examination, env: SMLEnv, task: Task) -> Feedback | RolloutError:
        context = TeachingContext(
            domain=env,
            task=task,
            dialogue=Dialogue(list(self._heard.utterances)),
            utterance=examined.utterance,
            verdict=examined.verdict,
            diagnosis=examined.diagnosis,
            turn=len(self._turns) + 1,
            max_turns=self._old.max_turns,
            seed=self._old.teacher_seed,
        )
        return ask_teacher(guard, [context])[0]

    def _end(self, stop: StopReason, error: str = "") -> None:
        self._stop, self._error = stop, error

    def _never_posed(self) -> None:
        """Solved where the record has no second problem: no one knows how it would have been answered."""
        self._turns[-1] = replace(self._turns[-1], reward=None)
        self._end(StopReason.UNDECIDED, "Rescored: the second problem that would follow here was not posed.")

    def _would_go_on(self, why: str) -> None:
        """The turn limit if the turns are used up, else no one knows."""
        if len(self._turns) >= self._old.max_turns:
            self._end(StopReason.TURN_LIMIT)
            return
        self._turns[-1] = replace(self._turns[-1], reward=None)
        self._end(StopReason.UNDECIDED, f"Rescored: {why}.")

    def _fail(self, turn: Turn, failure: RolloutError) -> None:
        """What the environment does when something breaks in a turn."""
        notes = {**turn.notes, **failure.notes}
        self._turns.append(replace(turn, feedback=None, facts=(), reward=None, notes=notes))
        self._count("judge", failure.judge_usage)
        self._end(next(reason for kind, reason in STOP_REASONS if isinstance(failure, kind)), str(failure))

    def _count(self, who: str, usage: Mapping[str, float]) -> None:
        for name, number in usage.items():
            key = f"{who}_{name}"
            self._usage[key] = self._usage.get(key, 0) + number
