"""The bridge to `reasoning_gym`: imported late, configured by level, and made to keep its hands to itself.

Three things the library does are mended here:

- A dataset's items are `Random(seed + idx)`, so two datasets with neighbouring seeds share all but one of
  their items. Each of our items is item 0 of a dataset with a seed of its own, drawn from a hash.
- A few generators draw from the global `random` or `numpy.random`. For those (the record names them) the
  global states are seeded with the item's seed and put back afterwards.
- Building a dataset can cost a hundred times what an item costs (word lists, puzzle files). An instance is
  kept for each configuration and handed another seed, where the record says that this gives the same items.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import io
import json
import random
import threading
import warnings
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np

from sml_envs.reasoning.codec import decode
from sml_gym.errors import ConfigError, nearest
from sml_gym.sandbox import shared_sandbox
from sml_gym.workers import WorkerError

SEED_BITS = 32
"""Width of an item's seed: what `numpy.random.seed` takes, which some generators call."""

MAKE = "sml_envs.reasoning.formulas:make"
MAKING_SECONDS = 30.0
"""How long an item may take that is made in the sandbox."""

_OURS = ("seed", "size")
_lock = threading.RLock()  # instances are shared and get their seed set; global states are put back


def registry() -> Mapping[str, tuple[Any, Any]]:
    """The library's datasets: name to (dataset class, configuration class).

    Raises:
        ConfigError: `reasoning-gym` is not installed.
    """
    return _import()[0]


def max_level(name: str) -> int:
    """How many levels the dataset's curriculum has; 0 for one without a curriculum."""
    curriculum = _import()[1].get(name)
    if curriculum is None:
        return 0
    return max((len(attribute.levels) for attribute in curriculum().attributes.values()), default=0)


def configure(name: str, level: int, fields: Mapping[str, Any]) -> Any:
    """A dataset's configuration.

    Args:
        name: the dataset.
        level: 0 for the dataset's own defaults, else the curriculum's levels counted from 1. Attributes
            with fewer levels stay at their highest.
        fields: fields to set on top.

    Raises:
        ConfigError: a field does not exist, or the library refuses the values.
    """
    config_class = registry()[name][1]
    known = {field.name for field in dataclasses.fields(config_class)} - set(_OURS)
    for field in fields:
        if field not in known:
            raise ConfigError(f"{name} has no setting {field!r}. {nearest(str(field), known)}")
    try:
        if level == 0:
            config = config_class(**fields, seed=0, size=1)
        else:
            curriculum = _import()[1][name]()
            curriculum.set_global_level(level - 1)
            config = curriculum.generate_configuration({"seed": 0, "size": 1})
            for field, value in fields.items():
                setattr(config, field, value)
        if hasattr(config, "validate"):
            config.validate()
    except (AssertionError, TypeError, ValueError) as exc:
        raise ConfigError(
            f"{name} refuses its configuration (level {level}, {dict(fields)}): {exc or type(exc).__name__}. "
            "Change the values of `difficulty`."
        ) from exc
    return config


def generate(
    name: str, level: int, fields: Mapping[str, Any], seed: int, quirks: Collection[str] = ()
) -> dict[str, Any]:
    """One item: `question`, `answer` (a string, or None) and `metadata`.

    Raises `RuntimeError` or `ValueError` where the generator gives up on a seed, as some do.

    Args:
        name: the dataset.
        level: as for `configure`.
        fields: as for `configure`.
        seed: 0 to 2**32 - 1.
        quirks: what is peculiar about the generator: `"fresh"`, it draws while it is built, so that every
            item needs an instance of its own; `"global"`, it draws from global random states; `"prints"`;
            `"hash"`, it depends on the order of sets of words, so it runs in a process where that is fixed.
    """
    if "hash" in quirks:
        return _generate_elsewhere(name, level, fields, seed, [quirk for quirk in quirks if quirk != "hash"])
    with contextlib.ExitStack() as stack:
        stack.enter_context(_lock)
        if "global" in quirks:
            stack.enter_context(_own_global_states(seed))
        if "prints" in quirks:
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        if "fresh" in quirks:
            config = configure(name, level, fields)
            config.seed = seed
            dataset = _build(name, config)
        else:
            dataset = instance(name, level, json.dumps(fields, sort_keys=True))
            dataset.seed = seed
        item: dict[str, Any] = dataset[0]
    return item


def _generate_elsewhere(
    name: str, level: int, fields: Mapping[str, Any], seed: int, quirks: list[str]
) -> dict[str, Any]:
    """The item, made in the sandbox, whose processes have one PYTHONHASHSEED on every run."""
    try:
        item: dict[str, Any] = decode(
            shared_sandbox().invoke(MAKE, name, level, dict(fields), seed, quirks, deadline=MAKING_SECONDS)
        )
    except WorkerError as exc:
        raise RuntimeError(f"{name} at level {level} gave no item: {exc}") from exc
    return item


@functools.lru_cache(maxsize=256)
def instance(name: str, level: int, fields: str) -> Any:
    """The kept instance of a dataset; `fields` is JSON."""
    with _lock:
        return _build(name, configure(name, level, json.loads(fields)))


def _build(name: str, config: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ResourceWarning
        )  # some leave it to the collector to close their files
        return registry()[name][0](config)


def score(name: str, level: int, fields: Mapping[str, Any], item: Mapping[str, Any], answer: str) -> float:
    """What the dataset's own scorer gives an answer. For text that is ours alone: some scorers execute it."""
    dataset = instance(name, level, json.dumps(fields, sort_keys=True))
    return float(dataset.score_answer(answer, item))


@functools.cache
def _import() -> tuple[Mapping[str, tuple[Any, Any]], Mapping[str, Any]]:
    try:
        with _own_global_states(0):  # what it imports draws from them
            from reasoning_gym.factory import CURRICULA, DATASETS
    except ImportError as exc:
        raise ConfigError(
            "SML-Reasoning-v0 needs the package reasoning-gym, which is not installed. "
            "Install it with: pip install 'sml-gym[reasoning]'"
        ) from exc
    return DATASETS, CURRICULA


@contextlib.contextmanager
def _own_global_states(seed: int) -> Iterator[None]:
    """Global random states that depend on `seed` alone inside, and are as before outside."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 the state that is to be protected
    try:
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
