"""Static problems: what is public, what is private, and where they come from.

A `Task` is one problem. Its `Private` holds what only the teacher and the verifier
may see, behind a type that shows nothing, pickles nowhere and must be opened by name.
A `TaskSource` yields the tasks of one split.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import numpy as np

from sml_gym.errors import ConfigError, TaskError, nearest
from sml_gym.seeding import Split, check_split, split_of, stable_hash

if TYPE_CHECKING:
    from sml_gym.episode import Episode

MAX_PROBLEM_CHARS = 65_536
"""Longest problem that a task may have."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a worked solution.

    `text` is the whole step with its result. `action` says what to do without
    the result, so a teacher may speak it. `result` is the value the step reaches.
    """

    text: str
    action: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True)
class Shard:
    """One piece of a problem's information, as one says it by itself.

    Attributes:
        text: a sentence or two that hold the piece.
        names: words, or several together ("left out"), in lower case, by which a question asks for it.
        needed: whether the problem cannot be solved without it.
    """

    text: str
    names: tuple[str, ...] = ()
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Shards:
    """A problem in pieces (after Lost in Conversation, arXiv 2505.06120, section 3).

    Attributes:
        goal: what is asked, without the pieces.
        parts: the pieces, in the order of telling. Goal and parts together hold what the problem holds.
    """

    goal: str
    parts: tuple[Shard, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """What is privately known about a task.

    Attributes:
        answer: the final answer in the domain's canonical notation.
        solution: the worked solution as text.
        steps: the same solution step by step.
        data: whatever else the domain's verifier and diagnosis need.
        shards: the problem in pieces, None for one that has no parts.
    """

    answer: str
    solution: str = ""
    steps: tuple[Step, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    shards: Shards | None = None


class Private:
    """An opaque box around a `Reference`.

    It has no useful repr, cannot be pickled or copied into an observation, and opens
    only by `reveal()`. Give it a function to work the reference out on first use.
    """

    __slots__ = ("_content",)

    def __init__(self, content: Reference | Callable[[], Reference]) -> None:
        self._content = content

    def reveal(self) -> Reference:
        """The reference. Call it only on the teacher's and the verifier's side."""
        if not isinstance(self._content, Reference):
            self._content = self._content()
        return self._content

    def __repr__(self) -> str:
        return "<private>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "Private cannot be pickled or copied: it must not leave the teacher's side. "
            "Send the task's id instead and look the task up in its source."
        )


@dataclass(frozen=True, slots=True)
class Task:
    """One static problem: public text, private reference.

    `id` finds the task again in its source. `family` and `level` group tasks of one
    kind ("" and 0 where a source has no such thing).
    """

    id: str
    problem: str
    private: Private
    family: str = ""
    level: int = 0


class TaskSource(ABC):
    """The tasks of one split."""

    split: Split

    @abstractmethod
    def get(self, task_id: str) -> Task:
        """The task with this id. Raises `ConfigError` if the split has no such task."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, *, like: Task | None = None) -> Task:
        """A random task; with `like`, one of the same family and level where there is one."""

    @abstractmethod
    def take(self, n: int, seed: int = 0) -> list[Task]:
        """`n` tasks with distinct texts, the same for the same seed.

        Raises `ConfigError` if the split does not hold so many.
        """

    # ---- for sources that follow what a student can do, such as a curriculum; the others forget it ----

    def observe(self, episodes: Sequence[Episode]) -> None:
        """Hear how dialogues about tasks that were sampled here went.

        `sml_gym.rollout` tells a source of the valid ones when all of its dialogues have ended, in the order
        of its jobs. Dialogues about tasks that the caller chose, as in an evaluation, are not told.
        """
        return None

    def state(self) -> dict[str, Any]:
        """What was learnt from `observe`, as JSON, for a checkpoint; empty where there is no such thing."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state`. Raises `ConfigError` if it is that of another source."""
        return None


@dataclass(slots=True)
class Draft:
    """A freshly generated problem, before it gets an id and a split."""

    problem: str
    reference: Callable[[], Reference]


class Family(Protocol):
    """A kind of problem that can be generated without end."""

    @property
    def name(self) -> str:
        """Short, unique, fit for a task id (letters, digits and underscores)."""

    @property
    def levels(self) -> Sequence[int]:
        """Which levels there are, easiest first."""

    def generate(self, rng: random.Random, level: int) -> Draft:
        """A problem of this level. Must use `rng` alone, so that a seed gives the same problem."""


class GeneratedTasks(TaskSource):
    """Tasks without end from families, split by the hash of their text.

    A task's id is `family:level:seed`, from which it can be made again. A text belongs
    to one split only, whatever the seed that led to it.

    Args:
        families: what to draw from, each equally often.
        split: which split to serve.
        levels: which levels to draw (default: all that a family has). A family that has
            none of them is left out.
    """

    _TRIES = 10_000
    _MAX_ID_DIGITS = 100

    def __init__(
        self, families: Sequence[Family], split: str = "train", levels: Sequence[int] | None = None
    ) -> None:
        self.split = check_split(split)
        self._families = {family.name: family for family in families}
        self._cells = [
            (family, level)
            for family in families
            for level in family.levels
            if levels is None or level in levels
        ]
        self._by_family: dict[str, list[tuple[Family, int]]] = {}
        for family, level in self._cells:
            self._by_family.setdefault(family.name, []).append((family, level))
        self._names = list(self._by_family)
        if not self._cells:
            raise ConfigError(
                f"No task family has a level in {list(levels or ())}. "
                f"Levels: { {f.name: list(f.levels) for f in families} }. Choose some of these."
            )

    @property
    def families(self) -> tuple[Family, ...]:
        """The families that are drawn from."""
        return tuple(self._families.values())

    def get(self, task_id: str) -> Task:
        family_name, _, rest = task_id.partition(":")
        level_text, _, seed_text = rest.partition(":")
        family = self._families.get(family_name)
        if family is None:
            raise ConfigError(
                f"Unknown task family in task id {task_id!r}. {nearest(family_name, self._families)}"
            )
        numbers = level_text.isdecimal() and seed_text.isdecimal() and len(rest) <= self._MAX_ID_DIGITS
        if not numbers or int(level_text) not in family.levels:
            raise ConfigError(
                f"Bad task id {task_id!r}. Write it as family:level:seed, for example "
                f"'{family_name}:{family.levels[0]}:0'; levels are {list(family.levels)}."
            )
        task = self._make(family, int(level_text), int(seed_text))
        home = split_of(task.problem)
        if home != self.split:
            raise ConfigError(
                f"Task {task_id!r} belongs to the {home} split, and this source serves "
                f"{self.split!r}. Make the environment with split={home!r}."
            )
        return task

    def sample(self, rng: np.random.Generator, *, like: Task | None = None) -> Task:
        for _ in range(self._TRIES):
            bits = int(rng.integers(2**62))  # one draw for all three choices: draws are what costs
            if like is not None and like.family in self._families:
                family, level = self._families[like.family], like.level
            else:
                bits, chosen = divmod(bits, len(self._names))
                cells = self._by_family[self._names[chosen]]
                bits, chosen = divmod(bits, len(cells))
                family, level = cells[chosen]
            task = self._make(family, level, bits % 2**40)
            if split_of(task.problem) == self.split:
                return task
        raise TaskError(
            f"No {self.split} task in {self._TRIES} draws from {sorted(self._by_family)}. "
            "The families are too small for a split by hash; choose more families or levels."
        )

    def take(self, n: int, seed: int = 0) -> list[Task]:
        rng = np.random.default_rng(stable_hash("take", self.split, seed))
        tasks: dict[str, Task] = {}
        fruitless = 0
        while len(tasks) < n:
            task = self.sample(rng)
            fruitless = fruitless + 1 if task.problem in tasks else 0
            tasks.setdefault(task.problem, task)
            if fruitless > self._TRIES:
                raise ConfigError(
                    f"Found only {len(tasks)} distinct {self.split} tasks, not {n}. Ask for fewer."
                )
        return list(tasks.values())

    def _make(self, family: Family, level: int, seed: int) -> Task:
        # A string seed goes through SHA-512 in `random`, so neighbouring seeds share nothing.
        draft = family.generate(random.Random(f"{family.name}:{level}:{seed}"), level)
        return Task(
            id=f"{family.name}:{level}:{seed}",
            problem=draft.problem,
            private=Private(draft.reference),
            family=family.name,
            level=level,
        )
