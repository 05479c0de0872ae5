"""Some tasks of an environment's own source, named by a file: what `sml-gym filter` keeps.

A file of selected tasks ends in `.tasks`. It holds the ids, and how the environment was made whose tasks
they are, so that `gym.make(env_id, tasks="kept.tasks")` finds them again whatever options they came from.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeGuard

import numpy as np

from sml_gym.errors import ConfigError
from sml_gym.fixed_tasks import FixedTasks
from sml_gym.seeding import stable_hash
from sml_gym.task import Task, TaskSource

SUFFIX = ".tasks"
SCHEMA = 1


class _Owner(Protocol):
    @property
    def source(self) -> TaskSource:
        """Its tasks."""


class SelectedTasks(FixedTasks):
    """Tasks that were selected from a source.

    Args:
        tasks: the tasks.
        source: where they come from.
        split: the split that they belong to.
        name: what messages call them.

    Raises:
        ConfigError: there is none, or two have the same id.
    """

    def __init__(self, tasks: Sequence[Task], source: TaskSource, split: str, *, name: str) -> None:
        super().__init__(tasks, split, name=name)
        self.source = source

    def take(self, n: int, seed: int = 0) -> list[Task]:
        """`n` of them; what told them apart in their source does so here, even where texts are the same."""
        tasks = list(self)
        if n > len(tasks):
            raise ConfigError(
                f"{self.name} has {len(tasks)} tasks, fewer than {n}. Ask for at most {len(tasks)}."
            )
        order = np.random.default_rng(stable_hash("take", seed)).permutation(len(tasks))
        return [tasks[i] for i in order[:n]]


@dataclass(frozen=True)
class Selection:
    """What a file of selected tasks holds.

    Attributes:
        path: the file.
        env_id: the environment's id.
        env_class: its class, as `module:name`.
        env_options: the options that it was made with, beside teacher, turn limit and split.
        split: the split of the tasks.
        ids: the tasks.
        measured: by what they were selected (JSON).
    """

    path: Path
    env_id: str
    env_class: str
    env_options: dict[str, Any]
    split: str
    ids: tuple[str, ...]
    measured: dict[str, Any]

    def made_for(self, owner: type) -> bool:
        """Whether these are tasks of a class of environments."""
        return self.env_class == class_name(owner)

    def environments(self, owner: type) -> dict[str, Any]:
        """Which environments a mixture or curriculum whose tasks these are was made of; else nothing."""
        names = ("env", "envs", "env_options") if self.made_for(owner) else ()
        return {name: self.env_options[name] for name in names if name in self.env_options}

    def open(self, owner: type, split: str, max_turns: int) -> SelectedTasks:
        """The tasks, from a source that is made as it was then.

        Args:
            owner: the class of the environment that is to serve them.
            split: its split.
            max_turns: its turn limit.

        Raises:
            ConfigError: they were selected for another environment or split, or are there no more.
        """
        if not self.made_for(owner):
            raise ConfigError(
                f"{self.path} holds tasks of {self.env_id}, not of {owner.__name__}. "
                f"Make {self.env_id} with it, or filter the tasks of this environment."
            )
        if split != self.split:
            raise ConfigError(
                f"{self.path} holds {self.split} tasks, and the environment's split is {split!r}. "
                f"Make it with split={self.split!r}."
            )
        made: _Owner = owner(**self.env_options, split=split, max_turns=max_turns, teacher="silent")
        try:
            tasks = [made.source.get(task_id) for task_id in self.ids]
        except ConfigError as exc:
            raise ConfigError(
                f"{self.path} names a task that its environment does not have (any more): {exc} Filter again."
            ) from exc
        return SelectedTasks(tasks, made.source, split, name=str(self.path))


def behind(source: TaskSource) -> TaskSource:
    """The source that tasks were selected from; any other source as it is."""
    return source.source if isinstance(source, SelectedTasks) else source


def is_selection(tasks: Any) -> TypeGuard[str | Path]:
    """Whether an option `tasks` names a file of selected tasks."""
    return isinstance(tasks, (str, Path)) and Path(tasks).suffix == SUFFIX


def class_name(owner: type) -> str:
    """A class as `module:name`."""
    return f"{owner.__module__}:{owner.__qualname__}"


def read_selection(path: str | Path) -> Selection:
    """Read a file of selected tasks. Raises `ConfigError` for one that is missing, broken or empty."""
    path = Path(path)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigError(f"Cannot read {path}: {exc.strerror}. Check the path.") from exc
    except (ValueError, RecursionError) as exc:
        raise ConfigError(
            f"{path} is no file of selected tasks ({exc}). Make one with sml-gym filter."
        ) from exc
    try:
        if found["schema"] != SCHEMA:
            raise ValueError(f"its schema is {found['schema']!r}, and this version reads {SCHEMA}")
        selection = Selection(
            path=path,
            env_id=_typed(found, "env_id", str),
            env_class=_typed(found, "env_class", str),
            env_options=_typed(found, "env_options", dict),
            split=_typed(found, "split", str),
            ids=tuple(_typed(row, "id", str) for row in _typed(found, "tasks", list)),
            measured=_typed(found, "measured", dict),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise ConfigError(
            f"{path} is no file of selected tasks ({exc}). Make one with sml-gym filter."
        ) from exc
    if not selection.ids:
        raise ConfigError(
            f"{path} holds no task: the filter kept none. Filter more tasks, or with other thresholds."
        )
    return selection


def _typed(found: Any, name: str, kind: type) -> Any:
    value = found[name]
    if not isinstance(value, kind):
        raise ValueError(f"its {name} is {value!r:.60}, not {kind.__name__}")
    return value
