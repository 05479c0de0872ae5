"""Students that are no model: a person, a script, and the yardsticks by which models are judged.

The yardsticks know the tasks, which no real student does: `random` and `retry` show what
guessing is worth in a domain, `oracle` that its tasks can be solved at all, and `listener`
(`sml_gym.listener`) what a teacher's feedback is worth to one who takes all of it in.

A package brings own students through the entry-point group `sml_gym.students`. The name
is what a user writes; the value is a `StudentBuilder`, or for a yardstick a `YardstickBuilder`.
The builder named `model` gets every specification that is no known name, which is then a path or
a model's public name.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Protocol, TextIO

import numpy as np

from sml_gym.chat.model import ChatSampling
from sml_gym.chat.specs import chat_kinds
from sml_gym.chat_student import build_chat_student
from sml_gym.dialogue import Dialogue, Speaker
from sml_gym.env import SMLEnv
from sml_gym.errors import ConfigError, StudentError, nearest
from sml_gym.rollout import Reply, Student
from sml_gym.seeding import stable_hash
from sml_gym.task import Task
from sml_gym.text import visible

GROUP = "sml_gym.students"
YARDSTICKS = ("random", "retry", "oracle", "listener")


@dataclass(frozen=True)
class Sampling:
    """How a model student speaks. Other students ignore it.

    Attributes:
        temperature: sampling temperature; 0 takes the likeliest token.
        top_p: sample from the likeliest tokens that together have this probability (share, 0 to 1).
        max_tokens_per_turn: an utterance is cut after so many tokens (tokens).
        max_tokens_per_dialogue: how much the student may say in a dialogue (tokens); null: what
            the model can attend to.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens_per_turn: int = 512
    max_tokens_per_dialogue: int | None = None


class StudentBuilder(Protocol):
    """What an entry point of the group `sml_gym.students` provides."""

    def __call__(self, spec: str, *, sampling: Sampling, seed: int) -> Student:
        """The student that `spec` names. Raises `ConfigError` if there is none."""


class YardstickBuilder(Protocol):
    """The same for a yardstick of some domain, which knows its tasks. It has `knows_tasks` set to True."""

    knows_tasks: bool

    def __call__(self, spec: str, *, env: SMLEnv, tasks: Sequence[Task], seed: int) -> Student:
        """The student that `spec` names. Raises `ConfigError` if there is none."""


class ScriptedStudent:
    """Says the given utterances one after the other, then the last one again and again."""

    def __init__(self, utterances: Sequence[str], name: str = "scripted") -> None:
        if not utterances:
            raise ConfigError("A scripted student needs at least one utterance. Pass some.")
        self.name = name
        self._utterances = list(utterances)

    def reply(self, dialogues: Sequence[Dialogue]) -> list[Reply]:
        """The utterance whose turn it is, in each dialogue."""
        last = len(self._utterances) - 1
        return [Reply(self._utterances[min(dialogue.turn, last)]) for dialogue in dialogues]


class KnownTasks:
    """The tasks that a yardstick was given, found by what a dialogue says that it is about."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._by_id = {task.id: task for task in tasks}
        self._by_problem = {task.problem: task for task in tasks}

    def of(self, dialogue: Dialogue) -> Task:
        """The task of a dialogue. Raises `StudentError` for one that was not given."""
        task = self._by_id.get(dialogue.task_id)
        if task is None and not dialogue.task_id:
            task = self._by_problem.get(dialogue.utterances[0].text)
        if task is None:
            raise StudentError("this yardstick was not given the task that the dialogue is about")
        return task


class OracleStudent:
    """Gives the reference answer at once. The upper yardstick."""

    name = "oracle"

    def __init__(self, env: SMLEnv, tasks: Sequence[Task]) -> None:
        self._env = env
        self._tasks = KnownTasks(tasks)

    def reply(self, dialogues: Sequence[Dialogue]) -> list[Reply]:
        """Raises `StudentError` for a dialogue about a task it was not given."""
        posed = [self._env.posed_in(self._tasks.of(dialogue), dialogue) for dialogue in dialogues]
        return [Reply(self._env.probes(task).correct) for task in posed]


class GuessingStudent:
    """Ignores the teacher and gives answers of other tasks of the same family and level.

    With `repeats` (`random`) every turn is a fresh guess; without (`retry`) no answer is given
    twice in a dialogue as long as another can be found. A dialogue's guesses depend on the
    seed and the problem alone.
    """

    _TRIES = 64

    def __init__(self, env: SMLEnv, tasks: Sequence[Task], *, repeats: bool, seed: int = 0) -> None:
        self.name = "random" if repeats else "retry"
        self._repeats = repeats
        self._env = env
        self._tasks = KnownTasks(tasks)
        self._seed = seed

    def reply(self, dialogues: Sequence[Dialogue]) -> list[Reply]:
        """Raises `StudentError` for a dialogue about a task it was not given."""
        return [Reply(self._guess(dialogue)) for dialogue in dialogues]

    def _guess(self, dialogue: Dialogue) -> str:
        task = self._env.posed_in(self._tasks.of(dialogue), dialogue)
        said = {utterance.text for utterance in dialogue if utterance.speaker is Speaker.STUDENT}
        rng = np.random.default_rng(stable_hash(self.name, self._seed, task.problem, dialogue.turn))
        for _ in range(self._TRIES):
            guess = self._env.probes(self._env.source.sample(rng, like=task)).correct
            if self._repeats or guess not in said:
                break
        return guess


class HumanStudent:
    """A person at a terminal (or piped text): one line is one utterance."""

    name = "human"

    def __init__(self, stdin: TextIO | None = None, stdout: TextIO | None = None) -> None:
        self._in = stdin or sys.stdin
        self._out = stdout or sys.stdout

    def reply(self, dialogues: Sequence[Dialogue]) -> list[Reply]:
        """Show the teacher's newest words and read a line. Raises `StudentError` at the end of input."""
        return [Reply(self._ask(dialogue)) for dialogue in dialogues]

    def _ask(self, dialogue: Dialogue) -> str:
        print(f"\nTeacher: {visible(dialogue.utterances[-1].text)}", file=self._out)
        return read_line("You: ", self._in, self._out)


def read_line(prompt: str, stdin: TextIO, stdout: TextIO) -> str:
    """A line without its end. Raises `StudentError` at the end of input."""
    stdout.write(prompt)
    stdout.flush()
    line = stdin.readline()
    if not line:
        stdout.write("\n")
        raise StudentError("the person has left")
    return line.rstrip("\r\n")


def make_student(
    spec: str, env: SMLEnv, tasks: Sequence[Task], *, sampling: Sampling | None = None, seed: int = 0
) -> Student:
    """The student that `spec` names: a yardstick, an installed student, or a model's path or name.

    `openai:MODEL@URL?...` is a model behind a server (`sml_gym.chat_student`).

    Raises `ConfigError` naming the known ones, or the extra to install.
    """
    if spec == "oracle":
        return OracleStudent(env, tasks)
    if spec in ("random", "retry"):
        return GuessingStudent(env, tasks, repeats=spec == "random", seed=seed)
    if spec == "listener":
        from sml_gym.listener import ListeningStudent

        return ListeningStudent(env, tasks, seed=seed)
    installed = {entry.name: entry for entry in entry_points(group=GROUP)}
    kind, colon, _ = spec.partition(":")
    sampling = sampling or Sampling()
    if colon and kind not in installed and kind in chat_kinds():
        return build_chat_student(
            spec,
            sampling=ChatSampling(sampling.temperature, sampling.top_p, sampling.max_tokens_per_turn),
            max_tokens_per_dialogue=sampling.max_tokens_per_dialogue,
            seed=seed,
        )
    entry = installed.get(kind if colon else spec) or installed.get("model")
    if entry is None:
        raise ConfigError(
            f"Unknown student {spec!r}. {nearest(spec, [*YARDSTICKS, *installed])} "
            "Models need: pip install 'sml-gym[train]'."
        )
    try:
        builder: StudentBuilder = entry.load()
        if getattr(builder, "knows_tasks", False):
            yardstick: YardstickBuilder = entry.load()
            return yardstick(spec, env=env, tasks=tasks, seed=seed)
        return builder(spec, sampling=sampling, seed=seed)
    except ImportError as exc:
        raise missing_extra(f"the student {spec!r}", exc) from exc


def missing_extra(what: str, error: ImportError) -> ConfigError:
    """The error for something that needs the training libraries."""
    return ConfigError(f"Cannot load {what}: {error}. Run: pip install 'sml-gym[train]'")
