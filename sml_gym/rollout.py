"""Students against environments: the one path by which play, evaluation and training get episodes.

A student answers many dialogues in one call, as a teacher does. A local model's student
keeps its key-value cache per dialogue and attaches the tokens it sampled to what it
says, so trainers read episodes and know nothing of environments.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol, runtime_checkable

import gymnasium as gym

from sml_gym.dialogue import Dialogue
from sml_gym.env import SMLEnv
from sml_gym.episode import Episode, StopReason, TokenSpan
from sml_gym.errors import BudgetSpent, ConfigError, RolloutError, StudentError, TaskError, boundary
from sml_gym.overlap import Answers, TeacherCalls, overlapped
from sml_gym.task import TaskSource
from sml_gym.teachers.base import TeachingContext, bind_teacher, is_remote
from sml_gym.vector import hear_together, settle_together
from sml_gym.version import versions


@dataclass(frozen=True, slots=True)
class Reply:
    """What a student says next.

    Attributes:
        text: the utterance.
        tokens: how a local model sampled it (None for others).
        truncated: the student's own token limit cut the utterance short.
        exhausted: the student has no tokens left for this dialogue, which ends after
            this utterance with `StopReason.TOKEN_LIMIT` unless it solved the task.
        usage: what the reply cost, such as `{"tokens": 12}`.
        notes: what the record of the turn should hold of how the reply came about (JSON values), keyed by
            who notes it. Never shown to the student or the teacher.
    """

    text: str
    tokens: TokenSpan | None = None
    truncated: bool = False
    exhausted: bool = False
    usage: dict[str, float] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)


@runtime_checkable
class Student(Protocol):
    """Speaks in many dialogues at once.

    The same `Dialogue` object comes back each turn, so a student may key a cache on it.
    `reply` returns one reply per dialogue, in order, with a `StudentError` in place of any that
    failed, and raises `StudentError` if it cannot speak at all. A student may also have

    - `expect_parts(parts)`: called by `rollout` with the number of parts in which it will be asked about
      the dialogues of a wave, in turn (see `overlap` there), for one that keeps something from call to call.
    """

    @property
    def name(self) -> str:
        """Label for records."""

    def reply(self, dialogues: Sequence[Dialogue]) -> Sequence[Reply | StudentError]:
        """The next utterance in each dialogue."""


@dataclass(frozen=True, slots=True)
class Job:
    """One dialogue to hold: which task (None: a random one), and its seeds."""

    task_id: str | None = None
    seed: int = 0
    teacher_seed: int | None = None


def rollout(
    make_env: Callable[[], SMLEnv],
    student: Student,
    jobs: Sequence[Job],
    *,
    batch_size: int = 128,
    overlap: int = 1,
    on_episode: Callable[[Episode], None] | None = None,
    observe: bool = True,
) -> list[Episode]:
    """Hold one dialogue per job and return the episodes in the jobs' order.

    Dialogues run in waves of `batch_size`; in a wave every student and teacher call
    serves all dialogues still under way. Failures are recorded on the episode that they
    hit and never raised.

    Args:
        make_env: makes an environment; wrappers of Gymnasium around it are looked through. All must share
            one teacher and source (see `sml_gym.env_factory`).
        student: who speaks.
        jobs: what to hold.
        batch_size: dialogues per wave.
        overlap: with a teacher behind a server, split each wave into so many parts, so that the student
            speaks in one while the teacher's words in another are under way. The dialogues are the same,
            but for what rounding in batches of another size does to a local model. With any other teacher
            there is nothing to wait for, and waves stay whole (parts).
        on_episode: called with each episode as soon as it ends, for progress bars and records.
        observe: tell the task source, when all have ended, of those about tasks that it chose itself
            (`tell_source`). A trainer on several processes does that itself with the episodes of all.

    Raises:
        ConfigError: for a student that the teacher cannot teach (`SelfTeacher` needs a model), for
            a server that refuses the very first requests (a wrong key, address or model), and for an
            `overlap` below 1.
        BudgetSpent: after the wave in which a budget for model calls was used up. The dialogues
            that this cut short are recorded as failed, and no further wave begins.
    """
    if overlap < 1:
        raise ConfigError(f"overlap is {overlap}; a wave has at least 1 part.")
    envs: list[SMLEnv] = []
    episodes: list[Episode] = []
    for start in range(0, len(jobs), batch_size):
        wave = jobs[start : start + batch_size]
        while len(envs) < len(wave):
            envs.append(_bare(make_env()))
            if len(envs) == 1:
                bind_teacher(envs[0].teacher, student)
                parts = overlap if is_remote(envs[0].teacher) else 1
                _expect_parts(student, parts)
        held: dict[int, Episode] = {}
        with closing(_hold(envs[: len(wave)], student, wave, parts)) as ended:
            for i, episode in ended:
                held[i] = episode
                if on_episode is not None:
                    on_episode(episode)
        episodes += [held[i] for i in range(len(wave))]
        for env in envs[: len(wave)]:
            if env.failure is not None and env.failure.budget_spent:
                raise BudgetSpent(str(env.failure.__cause__), episodes=episodes) from env.failure
    if observe and envs:
        tell_source(envs[0].source, episodes, jobs)
    return episodes


def _bare(env: Any) -> SMLEnv:
    """An environment without Gymnasium's wrappers, which do not know the parts of a turn."""
    inner = env.unwrapped if isinstance(env, gym.Env) else env
    if not isinstance(inner, SMLEnv):
        raise ConfigError(
            f"make_env gave {type(inner).__name__}. Give a function that makes an sml_gym.SMLEnv."
        )
    return inner


def tell_source(source: TaskSource, episodes: Sequence[Episode], jobs: Sequence[Job]) -> None:
    """Tell a task source of the valid episodes about tasks that it chose itself.

    Those about a task that the job named, as the jobs of an evaluation do, move no curriculum.
    """
    chosen = [e for e, job in zip(episodes, jobs, strict=True) if job.task_id is None and e.valid]
    if chosen:
        source.observe(chosen)


def _expect_parts(student: Student, parts: int) -> None:
    """Tell a student, if it asks to know, in how many parts its next waves come."""
    own = getattr(student, "expect_parts", None)
    if callable(own):
        own(parts)


class _Wave:
    """The dialogues of one wave, whose parts take their turns one after the other."""

    def __init__(self, envs: Sequence[SMLEnv], student: Student, calls: TeacherCalls) -> None:
        self._envs, self._student, self._calls = envs, student, calls
        self._tokens: list[list[TokenSpan | None]] = [[] for _ in envs]
        self._usage: list[dict[str, float]] = [{} for _ in envs]
        self._notes: list[list[dict[str, Any]]] = [[] for _ in envs]

    def speak(self, part: Sequence[int]) -> _Asked:
        """The student's utterance in each dialogue of a part, and the teacher asked about them."""
        envs = self._envs
        replies = _ask_student(self._student, [envs[i].dialogue for i in part])
        speaking = [(i, reply) for i, reply in zip(part, replies, strict=True) if isinstance(reply, Reply)]
        with self._calls.mine():
            for i, reply in zip(part, replies, strict=True):
                if isinstance(reply, StudentError):
                    envs[i].fail(reply)
            contexts = hear_together(
                [envs[i] for i, _ in speaking],
                [reply.text for _, reply in speaking],
                [reply.truncated for _, reply in speaking],
            )
        return _Asked(part, speaking, contexts, self._calls.ask(envs[0].teacher, contexts))

    def settle(self, asked: _Asked) -> list[tuple[int, Episode]]:
        """The rest of their turn, once the teacher has answered: those that have ended, with their places."""
        feedback = asked.answers()
        envs, ended = self._envs, []
        with self._calls.mine():
            results = settle_together([envs[i] for i, _ in asked.speaking], asked.contexts, feedback)
            for (i, reply), (_, _, terminated, truncated, _) in zip(asked.speaking, results, strict=True):
                self._note(i, reply)
                if reply.exhausted and not (terminated or truncated):
                    envs[i].end(StopReason.TOKEN_LIMIT)
            for i in asked.part:
                if envs[i].stop_reason is not None:
                    ended.append((i, self._episode(i)))
        return ended

    def _note(self, i: int, reply: Reply) -> None:
        self._tokens[i].append(reply.tokens)
        self._notes[i].append(reply.notes)
        usage = self._usage[i]
        for name, count in reply.usage.items():
            usage[f"student_{name}"] = usage.get(f"student_{name}", 0) + count

    def _episode(self, i: int) -> Episode:
        episode = self._envs[i].episode(
            student=self._student.name, tokens=self._tokens[i], usage=self._usage[i]
        )
        for turn, own in zip(episode.turns, self._notes[i], strict=False):
            turn.notes = {**turn.notes, **own}
        return episode


@dataclass(frozen=True, slots=True)
class _Asked:
    """A part of a wave whose teacher has been asked: all its dialogues, and those in which one was said."""

    part: Sequence[int]
    speaking: Sequence[tuple[int, Reply]]
    contexts: Sequence[TeachingContext | RolloutError]
    answers: Callable[[], Answers]


def _hold(
    envs: Sequence[SMLEnv], student: Student, jobs: Sequence[Job], parts: int
) -> Generator[tuple[int, Episode]]:
    """One wave: each episode with its place, as soon as it has ended."""
    under_way = []
    for i, (env, job) in enumerate(zip(envs, jobs, strict=True)):
        options: dict[str, object] = {}
        if job.task_id is not None:
            options["task_id"] = job.task_id
        if job.teacher_seed is not None:
            options["teacher_seed"] = job.teacher_seed
        try:
            env.reset(seed=job.seed, options=options)
            under_way.append(i)
        except TaskError as exc:
            yield i, _no_task(env, student, job, exc)
    with overlapped(parts) as calls:
        wave = _Wave(envs, student, calls)
        # The parts' order never depends on who answers first, so neither does anything else.
        asked = deque(wave.speak(part) for part in _split(under_way, parts))
        while asked:
            oldest = asked.popleft()
            yield from wave.settle(oldest)
            left = [i for i in oldest.part if envs[i].stop_reason is None]
            if left:
                asked.append(wave.speak(left))


def _split(places: Sequence[int], parts: int) -> list[Sequence[int]]:
    """Runs of neighbours as equal as can be, since neighbours, as members of a group, begin alike."""
    ends = [len(places) * part // parts for part in range(parts + 1)]
    return [places[start:end] for start, end in pairwise(ends) if end > start]


def _ask_student(student: Student, dialogues: Sequence[Dialogue]) -> list[Reply | StudentError]:
    """One call for all; its failure, or that of one answer, in place of the answers that it hit."""
    try:
        with boundary(StudentError, f"the student {student.name}"):
            replies: Sequence[object] = student.reply(dialogues)
            if len(replies) != len(dialogues):
                raise StudentError(
                    f"the student {student.name} gave {len(replies)} replies to {len(dialogues)} dialogues"
                )
    except StudentError as exc:
        return [exc] * len(dialogues)
    return [
        reply
        if isinstance(reply, (Reply, StudentError))
        else StudentError(f"the student {student.name} answered with {type(reply).__name__}, not Reply")
        for reply in replies
    ]


def _no_task(env: SMLEnv, student: Student, job: Job, error: TaskError) -> Episode:
    """The record of a dialogue that never began."""
    return Episode(
        env_id=env.spec.id if env.spec else type(env).__name__,
        task_id=job.task_id or "",
        split=env.split,
        opening="",
        turns=[],
        stop_reason=StopReason.TASK_FAILED,
        reward=None,
        seed=job.seed,
        teacher=env.teacher.name,
        student=student.name,
        max_turns=env.max_turns,
        error=str(error),
        versions=versions(),
    )
