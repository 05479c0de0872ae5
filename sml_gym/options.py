"""Options by keyword, with an error that names the nearest one for a misspelt name."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from sml_gym.errors import ConfigError

_OPTION_NAMES: dict[type, frozenset[str] | None] = {}


def option_names(cls: type) -> frozenset[str] | None:
    """Keyword names that `cls.__init__` takes, None if it takes any."""
    if cls not in _OPTION_NAMES:
        _OPTION_NAMES[cls] = _find_names(cls)
    return _OPTION_NAMES[cls]


def checked_options(options: Any, what: str = "env_options") -> dict[str, Any]:
    """Options that were handed over as a mapping, none for None. Raises `ConfigError` for anything else."""
    if options is None:
        return {}
    if not isinstance(options, Mapping):
        raise ConfigError(f"{what} is {options!r:.80}; give a mapping from option to value.")
    return dict(options)


def _find_names(cls: type) -> frozenset[str] | None:
    names: set[str] = set()
    for base in cls.__mro__:
        if "__init__" not in vars(base):
            continue
        parameters = inspect.signature(vars(base)["__init__"]).parameters.values()
        names.update(p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD))
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            return frozenset(names - {"self"})
    return None
