"""The same held-out tasks under several teachers: what a student solves, and what feedback is worth to it.

One dialogue of `max_turns` turns per task and teacher gives solve@k for every k up to
`max_turns`. The four standard teachers take apart where success comes from:

- `real`: the feedback as it is;
- `binary`: only whether an attempt is right;
- `silent`: nothing at all, so a student can merely try again;
- `placebo`: feedback with the real one's form that speaks of another task.

The tasks, their order and all seeds derive from the evaluation's seed, so two students, or
one before and after training, meet the same tasks and the same teachers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from sml_gym.chat.specs import without_limits
from sml_gym.env import SMLEnv
from sml_gym.episode import Episode, read_episodes, write_episodes
from sml_gym.errors import BudgetSpent, ConfigError, nearest
from sml_gym.metrics import feedback_gain, summarize
from sml_gym.registration import env_factory
from sml_gym.rollout import Job, Student, rollout
from sml_gym.seeding import stable_hash
from sml_gym.selection import is_selection, read_selection
from sml_gym.task import Task
from sml_gym.teachers import PlaceboTeacher, Teacher, make_teacher
from sml_gym.teachers.base import describe

TEACHERS = ("real", "binary", "silent", "placebo")
"""The standard teachers of an evaluation, by label."""

GO_ON = (
    "Go on with --resume, which starts the budget anew; it may be raised. Dialogues that were under way "
    "are held again from their beginning; a teacher cached(FILE):TEACHER keeps its answers to them."
)
"""What to do when a budget is used up."""

_LONGEST_NAME = 180  # of a file, without what is added to it (characters)


@runtime_checkable
class Reseedable(Protocol):
    """A student whose sampling can be restarted (`sml_agents.student.ModelStudent`)."""

    def reseed(self, *parts: str | int, first: int | Sequence[int] = 0) -> None:
        """Restart the sampling; the next new dialogues are number `first` and so on, or those in `first`."""


@dataclass(frozen=True)
class Plan:
    """Which dialogues an evaluation holds.

    Attributes:
        env_id: the environment.
        teachers: labels: those of `TEACHERS`, or any teacher by its name.
        real: the teacher behind `real`, and the one that `placebo` imitates.
        n_tasks: how many tasks.
        max_turns: turns a dialogue may take.
        split: where the tasks come from.
        seed: which tasks, and every seed in them.
        env_options: further options of the environment, such as `families`.

    Raises `ConfigError` on first use for options that do not fit.
    """

    env_id: str
    teachers: Sequence[str] = TEACHERS
    real: str | Teacher = "scripted"
    n_tasks: int = 200
    max_turns: int = 10
    split: str = "test"
    seed: int = 0
    env_options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.n_tasks < 1:
            raise ConfigError(f"n_tasks is {self.n_tasks}; an evaluation needs at least 1.")
        if not self.teachers or len(set(self.teachers)) < len(self.teachers):
            raise ConfigError(f"teachers is {list(self.teachers)}; name each teacher once, and at least one.")
        for name in ("teacher", "max_turns", "split"):
            if name in self.env_options:
                raise ConfigError(f"{name} cannot be among env_options. Set it as an option of its own.")
        for label in self.teachers:
            self.teacher(label)

    def teacher(self, label: str) -> Teacher:
        """The teacher behind a label."""
        if label == "real":
            return make_teacher(self.real)
        if label == "placebo":
            return PlaceboTeacher(make_teacher(self.real))
        try:
            return make_teacher(label)
        except ConfigError as exc:
            kind = label.partition(":")[0]
            raise ConfigError(f"{exc} {nearest(kind, [*TEACHERS, 'scripted'])}") from exc

    @cached_property
    def _make_env(self) -> Callable[[], SMLEnv]:
        return env_factory(
            self.env_id,
            teacher=self.real,
            max_turns=self.max_turns,
            split=self.split,
            **self.env_options,
        )

    @cached_property
    def env(self) -> SMLEnv:
        """An environment of the plan, with the real teacher."""
        return self._make_env()

    @cached_property
    def tasks(self) -> list[Task]:
        """The tasks, the same for the same seed."""
        return self.env.source.take(self.n_tasks, self.seed)

    @property
    def jobs(self) -> list[Job]:
        """One dialogue per task, the same for every teacher."""
        return [
            Job(
                task.id,
                seed=stable_hash("evaluation", self.seed, task.id),
                teacher_seed=stable_hash("evaluation teacher", self.seed, task.id),
            )
            for task in self.tasks
        ]

    @property
    def total(self) -> int:
        """How many dialogues that makes under all teachers."""
        return self.n_tasks * len(self.teachers)

    def hold(
        self,
        student: Student,
        label: str,
        *,
        path: Path | None = None,
        batch_size: int = 128,
        overlap: int = 1,
        on_episode: Callable[[Episode], object] | None = None,
    ) -> list[Episode]:
        """The dialogues under one teacher, in the tasks' order.

        With `path`, each episode is appended to that file of JSON Lines as soon as it is there,
        and what the file holds already is not held again. Failed ones are taken out of the file
        first and held again. `on_episode` is called for the held and the found ones.

        Raises:
            BudgetSpent: when a budget for model calls is used up, with all episodes so far.
            ConfigError: if the file's episodes were held with another text of the teacher's prompt.
        """
        jobs = self.jobs
        before = {} if path is None else _held_before(path)
        teacher = self.teacher(label)
        if path is not None:
            _refuse_another_prompt(teacher, before.values(), path)
        held: list[Episode | None] = [before.get((job.task_id, job.seed)) for job in jobs]
        if on_episode is not None:
            for episode in held:
                if episode is not None:
                    on_episode(episode)

        def keep(episode: Episode) -> None:
            if path is not None:
                write_episodes(path, [episode], append=True)
            if on_episode is not None:
                on_episode(episode)

        make_env = self._make_env

        def make() -> SMLEnv:
            env = make_env()
            env.teacher = teacher
            return env

        missing = [i for i, episode in enumerate(held) if episode is None]
        if isinstance(student, Reseedable):
            gaps = len(missing) > 0 and missing[-1] - missing[0] >= len(missing)
            first = missing if gaps else next(iter(missing), 0)
            student.reseed("evaluation", self.seed, without_limits(label), first=first)
        try:
            fresh = rollout(
                make,
                student,
                [jobs[i] for i in missing],
                batch_size=batch_size,
                overlap=overlap,
                on_episode=keep,
            )
        except BudgetSpent as exc:
            found = [episode for episode in held if episode is not None]
            raise BudgetSpent(str(exc), episodes=[*found, *exc.episodes]) from exc
        for i, episode in zip(missing, fresh, strict=True):
            held[i] = episode
        return [episode for episode in held if episode is not None]

    def summary(self, episodes: Mapping[str, Sequence[Episode]]) -> dict[str, Any]:
        """`metrics.summarize` by teacher, and `feedback_gain` (None unless real and placebo are there)."""
        results: dict[str, Any] = {
            label: summarize(held, self.max_turns, seed=self.seed) for label, held in episodes.items()
        }
        gain = None
        if "real" in episodes and "placebo" in episodes:
            gain = feedback_gain(
                episodes["real"], episodes["placebo"], self.max_turns, seed=self.seed
            ).to_json()
        return results | {"feedback_gain": gain}


def evaluate(
    plan: Plan,
    student: Student,
    *,
    folder: Path | None = None,
    batch_size: int = 128,
    overlap: int = 1,
    on_episode: Callable[[Episode], object] | None = None,
) -> dict[str, list[Episode]]:
    """Hold a plan's dialogues under each of its teachers; the episodes by the teachers' labels.

    Args:
        plan: what to hold.
        student: who speaks. One that has a `reseed` is reseeded for each teacher, so that what it
            samples in a dialogue depends on the plan's seed, the teacher and the task alone.
        folder: episodes go to `folder/<label>.jsonl` as they come, and a run that was killed
            goes on where it stopped.
        batch_size: dialogues held at the same time.
        overlap: into how many parts these are split (see `sml_gym.rollout`).
        on_episode: called with each episode, for progress bars.

    Raises:
        BudgetSpent: when a budget for model calls is used up, with all episodes so far. Its
            message says what is saved and how to go on.
        ConfigError: for teachers that differ in nothing but limits, whose episodes would share a file.
    """
    if folder is not None:
        _refuse_shared_files(plan.teachers)
        folder.mkdir(parents=True, exist_ok=True)
    held: dict[str, list[Episode]] = {}
    for label in plan.teachers:
        path = None if folder is None else folder / episodes_file(label)
        try:
            held[label] = plan.hold(
                student, label, path=path, batch_size=batch_size, overlap=overlap, on_episode=on_episode
            )
        except BudgetSpent as exc:
            episodes = [episode for before in held.values() for episode in before] + exc.episodes
            sound = sum(episode.valid for episode in episodes)
            where = "; pass a folder to save them" if folder is None else f" and saved in {folder}"
            raise BudgetSpent(
                f"{exc}. {sound} of {plan.total} dialogues are held{where}. {GO_ON}",
                episodes=episodes,
            ) from exc
    return held


def episodes_file(label: str) -> str:
    """The name of the file for the dialogues under a teacher, the same whatever its limits and budget."""
    name = without_limits(label).replace("/", "_").replace(":", "-")
    if len(name) > _LONGEST_NAME:
        name = f"{name[:_LONGEST_NAME]}-{stable_hash(name):016x}"
    return f"{name}.jsonl"


def _refuse_shared_files(labels: Sequence[str]) -> None:
    """One teacher would be credited with the dialogues of the other, which are found in its file."""
    by_file: dict[str, str] = {}
    for label in labels:
        other = by_file.setdefault(episodes_file(label).casefold(), label)
        if other != label:
            raise ConfigError(
                f"The episodes of the teachers {other!r:.200} and {label!r:.200} would lie in one file. "
                "Leave one out, or evaluate it into another folder."
            )


def refuse_shared_tasks(train: Mapping[str, Any], test: Mapping[str, Any], test_split: str = "test") -> None:
    """Refuse to test on the very tasks that were trained on.

    `train` and `test` are environment options. Generated tasks never meet, because splits are
    disjoint; but a JSONL file is one split as a whole unless `hold_out` is set.

    Raises:
        ConfigError: if both would serve the whole of one file.
    """
    trained, tested = _file(train, "train"), _file(test, test_split)
    both_held_out = bool(train.get("hold_out")) and bool(test.get("hold_out"))
    if trained is not None and trained == tested and not (both_held_out and test_split != "train"):
        raise ConfigError(
            f"Training and {test_split} tasks would both come from {trained}, which is served whole. "
            "Set hold_out=True in env_options for both, or name another file for one of them."
        )


def _refuse_another_prompt(teacher: Teacher, held: Iterable[Episode], path: Path) -> None:
    """A prompt is named by its file, whose text may have changed since: one statistic must not mix both."""
    now = describe(teacher).get("prompt_version")
    for episode in held:
        before = episode.teacher_record.get("prompt_version")
        if before != now:
            raise ConfigError(
                f"{path} holds dialogues with another text of the teacher's prompt (version {before}, now "
                f"{now}). Put the old text back, or choose another folder."
            )


def _file(options: Mapping[str, Any], split: str) -> Path | None:
    """The file of tasks that these options name for a split, if there is one."""
    tasks = next((options[name] for name in ("tasks", "path", "rows") if options.get(name) is not None), None)
    if isinstance(tasks, (str, Path)) and "tasks" not in options and not Path(tasks).is_file():
        return None  # a folder or a data set of the hub, with a part for each split
    if isinstance(tasks, Mapping):
        tasks = tasks.get(split)
    if is_selection(tasks):
        selection = read_selection(tasks)
        return _file(selection.env_options, split) or selection.path.resolve()
    return Path(tasks).resolve() if isinstance(tasks, (str, Path)) else None


def _held_before(path: Path) -> dict[tuple[str | None, int], Episode]:
    """The valid episodes in a file, by task and seed.

    The file is left with them alone: failed ones, which are held again, and a line that a kill cut
    short are taken out, so that whoever reads the file meets no dialogue twice. A kill meanwhile
    leaves the old file or the new one.
    """
    if not path.exists():
        return {}
    episodes = read_episodes(path)
    valid = [episode for episode in episodes if episode.valid]
    if len(valid) < len(episodes) or not path.read_bytes().endswith(b"\n"):
        fresh = path.with_name(path.name + ".new")
        write_episodes(fresh, valid)
        os.replace(fresh, path)
    return {(episode.task_id, episode.seed): episode for episode in valid}
