"""Students against environments: the one path by which play, evaluation and training get episodes.

A student answers many dialogues in one call, as a teacher does. A local model's student
keeps its key-value cache per dialogue and attaches the tokens it sampled to what it
says, so trainers read episodes and know nothing of environments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from sml_gym.dialogue import Dialogue
from sml_gym.env import SMLEnv
from sml_gym.episode import Episode, StopReason, TokenSpan
from sml_gym.errors import RolloutError, StudentError, TaskError, boundary
from sml_gym.vector import step_together
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
    """

    text: str
    tokens: TokenSpan | None = None
    truncated: bool = False
    exhausted: bool = False
    usage: dict[str, int] = field(default_factory=dict)


@runtime_checkable
class Student(Protocol):
    """Speaks in many dialogues at once.

    The same `Dialogue` object comes back each turn, so a student may key a cache on it.
    `reply` returns one reply per dialogue, in order.
    """

    @property
    def name(self) -> str:
        """Label for records."""

    def reply(self, dialogues: Sequence[Dialogue]) -> list[Reply]:
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
    on_episode: Callable[[Episode], None] | None = None,
) -> list[Episode]:
    """Hold one dialogue per job and return the episodes in the jobs' order.

    Dialogues run in waves of `batch_size`; in a wave every student and teacher call
    serves all dialogues still under way. Failures are recorded on the episode that they
    hit and never raised.

    Args:
        make_env: makes an environment. All must share one teacher and source
            (see `sml_gym.make_env`).
        student: who speaks.
        jobs: what to hold.
        batch_size: dialogues per wave.
        on_episode: called with each episode as its wave ends, for progress bars and records.
    """
    envs: list[SMLEnv] = []
    episodes: list[Episode] = []
    for start in range(0, len(jobs), batch_size):
        wave = jobs[start : start + batch_size]
        while len(envs) < len(wave):
            envs.append(make_env())
        for episode in _hold(envs[: len(wave)], student, wave):
            episodes.append(episode)
            if on_episode is not None:
                on_episode(episode)
    return episodes


def _hold(envs: Sequence[SMLEnv], student: Student, jobs: Sequence[Job]) -> Iterator[Episode]:
    """One wave, from reset to the last end."""
    failed: dict[int, Episode] = {}
    tokens: list[list[TokenSpan | None]] = [[] for _ in envs]
    usage: list[dict[str, int]] = [{} for _ in envs]
    for i, (env, job) in enumerate(zip(envs, jobs, strict=True)):
        options: dict[str, object] = {}
        if job.task_id is not None:
            options["task_id"] = job.task_id
        if job.teacher_seed is not None:
            options["teacher_seed"] = job.teacher_seed
        try:
            env.reset(seed=job.seed, options=options)
        except TaskError as exc:
            failed[i] = _no_task(env, student, job, exc)
    under_way = [i for i in range(len(envs)) if i not in failed]
    while under_way:
        try:
            with boundary(StudentError, f"the student {student.name}"):
                replies = student.reply([envs[i].dialogue for i in under_way])
                if len(replies) != len(under_way):
                    raise StudentError(
                        f"the student {student.name} gave {len(replies)} replies to {len(under_way)}"
                    )
        except RolloutError as exc:
            for i in under_way:
                envs[i].end(StopReason.STUDENT_FAILED, str(exc))
            break
        results = step_together(
            [envs[i] for i in under_way],
            [reply.text for reply in replies],
            [reply.truncated for reply in replies],
        )
        for i, reply, (_, _, terminated, truncated, _) in zip(under_way, replies, results, strict=True):
            tokens[i].append(reply.tokens)
            for name, count in reply.usage.items():
                usage[i][f"student_{name}"] = usage[i].get(f"student_{name}", 0) + count
            if reply.exhausted and not (terminated or truncated):
                envs[i].end(StopReason.TOKEN_LIMIT)
        under_way = [i for i in under_way if envs[i].stop_reason is None]
    for i, env in enumerate(envs):
        yield failed.get(i) or env.episode(student=student.name, tokens=tokens[i], usage=usage[i])


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
