"""How environments get their ids.

Gymnasium loads no plugins by itself, so `import sml_gym` reads the entry-point group
`sml_gym.envs`, in which the name is the Gymnasium id and the value the class, and
registers each without importing it. The built-in domains have no privilege: a third
party's package does exactly the same.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import gymnasium as gym

from sml_gym.env import SMLEnv
from sml_gym.errors import ConfigError, nearest
from sml_gym.selection import is_selection, read_selection
from sml_gym.vector import SMLVectorEnv

GROUP = "sml_gym.envs"


def register_all() -> None:
    """Register every installed domain. An id that is taken already is left alone."""
    for entry in entry_points(group=GROUP):
        if entry.name in gym.registry:
            continue
        try:
            gym.register(
                id=entry.name,
                entry_point=entry.value,
                vector_entry_point=f"{__name__}:{entry.name}",
                order_enforce=False,  # an SMLEnv refuses steps out of order itself
            )
        except gym.error.Error as exc:  # one broken package must not take the others with it
            warnings.warn(f"Cannot register {entry.name!r} from {entry.value!r}: {exc}", stacklevel=2)


def env_ids() -> list[str]:
    """The ids of all installed domains, sorted."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def env_class(env_id: str) -> type[SMLEnv]:
    """The class behind an id. Raises `ConfigError` naming the nearest id."""
    name = env_id.removeprefix("sml_gym:")
    found = [entry for entry in entry_points(group=GROUP) if entry.name == name]
    if not found:
        spec = gym.registry.get(name)
        if spec is None or not isinstance(spec.entry_point, (str, type)):
            raise ConfigError(f"Unknown environment {env_id!r}. {nearest(name, env_ids())}")
        loaded = _load(spec.entry_point) if isinstance(spec.entry_point, str) else spec.entry_point
    else:
        loaded = _load_entry(found[0])
    if not (isinstance(loaded, type) and issubclass(loaded, SMLEnv)):
        raise ConfigError(f"{env_id!r} is {loaded!r}, no subclass of sml_gym.SMLEnv. Register the class.")
    return loaded


def env_factory(env_id: str, **options: Any) -> Callable[[], SMLEnv]:
    """A function that makes bare environments which share one teacher and one task source.

    This is what `sml_gym.rollout` wants: bare, because rollouts speak to the parts of a
    turn, and shared, so that one call serves all dialogues.

    Raises `ConfigError` for an unknown id or option, or an option of a wrong kind.
    """
    cls = env_class(env_id)
    if is_selection(options.get("tasks")):  # those that share the tasks do not read the file again
        options = {**read_selection(options["tasks"]).environments(cls), **options}
    try:
        first = cls(**options)
    except (TypeError, ValueError) as exc:
        if isinstance(exc, ConfigError):
            raise
        raise ConfigError(
            f"{env_id} cannot be made with {options}: {exc}. Check the kinds of these options."
        ) from exc
    spec = gym.registry.get(env_id.removeprefix("sml_gym:"))
    shared = {**options, "teacher": first.teacher, "tasks": first.source}
    shared.pop("hold_out", None)

    def make() -> SMLEnv:
        env = cls(**shared)
        env.spec = spec
        return env

    return make


def _load(path: str) -> Any:
    module, _, attribute = path.partition(":")
    return getattr(import_module(module), attribute)


def _load_entry(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except (ImportError, AttributeError) as exc:
        raise ConfigError(
            f"Cannot load {entry.name!r} from {entry.value!r}: {exc}. Reinstall the package that provides it."
        ) from exc


def __getattr__(name: str) -> Any:
    """`gym.make_vec` finds its entry point by `getattr(module, id)`.

    A string entry point keeps the `EnvSpec` serialisable, which a function would not.
    """
    if name.startswith("__") or (name not in gym.registry and name not in env_ids()):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return functools.partial(SMLVectorEnv, env_class(name))
