"""`sml-gym play`: a person as the student, or as the teacher, in the terminal."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any, Literal

from sml_gym.cli.options import Command
from sml_gym.episode import Episode, StopReason, write_episodes
from sml_gym.errors import ConfigError
from sml_gym.registration import env_factory
from sml_gym.rollout import Job, Student, rollout
from sml_gym.runs import begin_run
from sml_gym.students import YARDSTICKS, HumanStudent, Sampling, make_student
from sml_gym.teachers import Teacher, make_teacher
from sml_gym.teachers.guard import Guard, Policy
from sml_gym.teachers.human import HumanTeacher
from sml_gym.text import visible


@dataclass(frozen=True)
class PlayOptions(Sampling):
    """Who plays which side, of what.

    Attributes:
        env_id: the environment's id.
        as_: which side you take.
        student: who speaks to you as the teacher: random, retry, oracle, listener, embedded, a model's
            path, or openai:MODEL@URL.
        teacher: who answers you as the student, or as the teacher, whose words you are offered; by its
            name (see sml-gym list). A guard checks your words as the teacher; with guard(off):NAME none does.
        max_turns: student utterances until a dialogue ends (turns).
        split: where tasks come from: train, validation or test.
        task_id: which task; null: a random one.
        dialogues: how many to hold, one after the other (dialogues).
        seed: which tasks, and all other randomness; the same seed gives the same.
        env_options: further options of the environment, such as {families: [last_digits_product]}.
        out: a folder for the episodes and the options; null: nothing is saved.
        resume: add to a folder that holds a run with the same options.
    """

    env_id: str = "SML-Math-v0"
    as_: Literal["student", "teacher"] = "student"
    student: str = "embedded"
    teacher: str = "scripted"
    max_turns: int = 10
    split: str = "train"
    task_id: str | None = None
    dialogues: int = 1
    seed: int = 0
    env_options: dict[str, Any] = field(default_factory=dict)
    out: str | None = None
    resume: bool = False


def run(options: PlayOptions) -> None:
    """Hold the dialogues. The end of input ends them cleanly."""
    teacher: Teacher = make_teacher(options.teacher)
    if options.as_ == "teacher":
        teacher = _person(teacher)
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")
    make_env = env_factory(
        options.env_id,
        teacher=teacher,
        max_turns=options.max_turns,
        split=options.split,
        **options.env_options,
    )
    env = make_env()
    student: Student = HumanStudent()
    if options.as_ == "teacher":
        student = make_student(options.student, env, [], sampling=options, seed=options.seed)
    path = None
    if options.out is not None:
        path = begin_run(options.out, options, resume=options.resume, command="sml-gym play")
        path /= "episodes.jsonl"
    if options.as_ == "student":
        print("You are the student. One line is one utterance: ask, think aloud, or commit to an answer")
        print(r"with 'Final answer: ...' or \boxed{...}. Ctrl-D ends.")
    else:
        print("You are the teacher. The student sees only what you say. Ctrl-D ends.")
    for number in range(options.dialogues):
        seed = options.seed + number
        env.reset(seed=seed, options=None if options.task_id is None else {"task_id": options.task_id})
        if options.as_ == "teacher" and options.student in YARDSTICKS:  # they know the task
            student = make_student(options.student, env, [env.task], seed=seed)
        episode = rollout(make_env, student, [Job(env.task.id, seed)])[0]
        if path is not None:
            write_episodes(path, [episode], append=True)
        _close(episode, options)
        if not episode.valid:
            break
    if path is not None:
        print(f"Saved: {path}")


def _person(helper: Teacher) -> Teacher:
    """A person as the teacher, under the helper's guard or, without one, a guard that asks them again."""
    if not isinstance(helper, Guard):
        return Guard(HumanTeacher(helper), Policy.REGENERATE)
    return Guard(HumanTeacher(helper.inner), helper.policy, attempts=helper.attempts, judge=helper.judge)


def _close(episode: Episode, options: PlayOptions) -> None:
    """The teacher's last words, how it ended, and what was private."""
    if options.as_ == "student" and episode.turns and episode.turns[-1].feedback is not None:
        print(f"\nTeacher: {visible(episode.turns[-1].feedback)}")
    if episode.stop_reason is StopReason.SOLVED:
        print(f"\nSolved in {episode.solved_at} of at most {episode.max_turns} turns.")
    elif episode.stop_reason is StopReason.NOT_TRANSFERRED:
        print(f"\nSolved in {episode.solved_with_teacher} turns with the teacher, but not once more without.")
    elif episode.valid:
        print(f"\nNot solved ({episode.stop_reason.value}).")
        if options.as_ == "student":
            print(f"The answer was: {visible(episode.private.get('answer', ''))}")
    elif "the person has left" in episode.error:
        print("\nYou left; this dialogue counts in no statistic.")
    else:
        raise ConfigError(
            f"The dialogue broke off: {episode.stop_reason.value}: {episode.error}. "
            "Try another student, teacher or task."
        )


COMMAND = Command(
    summary="Be the student, or the teacher, in the terminal.",
    options=PlayOptions,
    run=run,
    example="sml-gym play --env SML-Math-v0 --as teacher --student random",
)
