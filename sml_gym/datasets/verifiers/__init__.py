"""How answers of a data set are judged: one class a file, found by name."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from sml_gym.datasets.verifiers.base import Fields, TextVerifier, Verifier
from sml_gym.datasets.verifiers.borrowed import Borrowed, Code, Math, Numeric
from sml_gym.datasets.verifiers.choice import Choice
from sml_gym.datasets.verifiers.contains import Contains
from sml_gym.datasets.verifiers.exact import Exact
from sml_gym.datasets.verifiers.function import ByFunction, Judge
from sml_gym.datasets.verifiers.pattern import Pattern
from sml_gym.errors import ConfigError, nearest

__all__ = ["VERIFIERS", "Borrowed", "Fields", "Judge", "TextVerifier", "Verifier", "make_verifier"]

VERIFIERS: dict[str, type[Verifier]] = {
    kind.name: kind for kind in (Exact, Choice, Numeric, Math, Code, Pattern, Contains)
}
"""The verifiers by name."""


def make_verifier(
    wanted: str | Judge | Verifier, *, shuffle_choices: bool = True, choice_seed: int = 0
) -> Verifier:
    """The verifier of a name, of a function, or of where one is (`package.module:function`).

    Raises:
        ConfigError: there is no such verifier.
    """
    if isinstance(wanted, Verifier):
        return wanted
    if callable(wanted):
        return ByFunction(wanted)
    if wanted == Choice.name:
        return Choice(shuffle=shuffle_choices, seed=choice_seed)
    if isinstance(wanted, str) and wanted in VERIFIERS:
        return VERIFIERS[wanted]()
    if isinstance(wanted, str) and ":" in wanted:
        return ByFunction(_imported(wanted))
    raise ConfigError(
        f"Unknown verifier {wanted!r:.80}. {nearest(str(wanted), VERIFIERS)} Or give a function of the "
        "answer and "
        "the row."
    )


def _imported(path: str) -> Callable[..., Any]:
    """A function by where it is, also in the folder one is in, which a command does not search by itself."""
    module, _, name = path.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        found = getattr(import_module(module), name)
    except Exception as exc:  # the module is foreign code, and an odd path has errors of its own
        raise ConfigError(
            f"Cannot find the verifier {path!r}: {type(exc).__name__}: {exc}. "
            "Write it as package.module:function."
        ) from exc
    if not callable(found):
        raise ConfigError(f"The verifier {path!r} is {type(found).__name__}. Name a function.")
    return found  # type: ignore[no-any-return]
