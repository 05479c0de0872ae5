"""What is known about every dataset: which are served, at which levels, and how their answers are checked.

`record.json` beside this file is written by `benchmarks/reasoning_table.py`, which generates and scores items
of every dataset at every level. What it found is what decides here; nothing is listed by hand.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sml_gym.errors import ConfigError, nearest

NAMED_LEVELS = ("default", "easy", "medium", "hard")


@dataclass(frozen=True, slots=True)
class Dataset:
    """What the record says of one dataset.

    Attributes:
        name: as reasoning-gym calls it.
        category: as reasoning-gym sorts it.
        levels: the levels that are served, easiest first: 0 for the dataset's own defaults, then its
            curriculum's, counted from 1.
        refused: why the dataset is not served, empty for one that is.
        refused_levels: why a level is not served.
        equal: whether the scorer gives 1 to equal text only, so that no process is needed.
        executes: whether the scorer executes the answer.
        lines: whether answers may take several lines.
        quirks: what is peculiar about the generator (see `library.generate`).
    """

    name: str
    category: str
    levels: tuple[int, ...]
    refused: str
    refused_levels: Mapping[int, str]
    equal: bool
    executes: bool
    lines: bool
    quirks: tuple[str, ...]


@functools.cache
def datasets() -> Mapping[str, Dataset]:
    """All datasets of the recorded version of reasoning-gym, by name."""
    return {name: _dataset(name, facts) for name, facts in recorded()["datasets"].items()}


@functools.cache
def recorded() -> Mapping[str, Any]:
    """The record as it was written."""
    record: Mapping[str, Any] = json.loads(files(__package__).joinpath("record.json").read_text("utf-8"))
    return record


def _dataset(name: str, facts: Mapping[str, Any]) -> Dataset:
    levels = {int(level): found for level, found in facts["levels"].items()}
    return Dataset(
        name=name,
        category=facts["category"],
        levels=tuple(sorted(level for level, found in levels.items() if not found["refused"])),
        refused=facts["refused"],
        refused_levels={level: found["refused"] for level, found in levels.items() if found["refused"]},
        equal=facts["equal"],
        executes=facts["executes"],
        lines=facts["lines"],
        quirks=tuple(facts["quirks"]),
    )


def chosen(names: list[str] | None) -> list[Dataset]:
    """The datasets behind names of datasets and categories, each once; None: all that are served.

    Raises:
        ConfigError: an unknown name, or a dataset that is not served, with the reason.
    """
    served = {name: dataset for name, dataset in datasets().items() if not dataset.refused}
    if names is None:
        return list(served.values())
    found: dict[str, Dataset] = {}
    for name in names:
        members = [dataset for dataset in served.values() if dataset.category == name]
        if name in served:
            members = [served[name]]
        elif name in datasets():
            raise ConfigError(
                f"The dataset {name!r} is not served: {datasets()[name].refused}. Choose another; the "
                "table in envs/sml_envs/reasoning/README.md lists those that are."
            )
        if not members:
            known = {*served, *(dataset.category for dataset in served.values())}
            raise ConfigError(f"Unknown reasoning dataset or category {name!r}. {nearest(str(name), known)}")
        found.update((dataset.name, dataset) for dataset in members)
    if not found:
        raise ConfigError("task is empty; name a dataset or a category, or leave it out for all of them.")
    return list(found.values())


def level_of(dataset: Dataset, wanted: int | str) -> int | None:
    """The level that a number or a name means for a dataset, None if it has no such level.

    Raises:
        ConfigError: the name of no level, or a level that the dataset has but that is not served.
    """
    curriculum = [level for level in dataset.levels if level > 0]
    if isinstance(wanted, str):
        if wanted not in NAMED_LEVELS:
            raise ConfigError(f"Unknown difficulty {wanted!r}. {nearest(wanted, NAMED_LEVELS)}")
        if wanted == "default" or not curriculum:
            return 0 if 0 in dataset.levels else curriculum[0]
        place = {"easy": 0, "medium": len(curriculum) // 2, "hard": len(curriculum) - 1}[wanted]
        return curriculum[place]
    if wanted in dataset.levels:
        return wanted
    if wanted in dataset.refused_levels:
        raise ConfigError(
            f"Level {wanted} of {dataset.name!r} is not served: {dataset.refused_levels[wanted]}. "
            f"Its levels are {list(dataset.levels)}."
        )
    return None
