"""The library's version, and those of what a record depends on."""

from __future__ import annotations

import functools
import platform
from importlib import metadata

__version__ = "0.1.0"


_RECORDED = (
    "gymnasium",
    "numpy",
    "sympy",
    "math-verify",
    "torch",
    "transformers",
    "accelerate",
    "trl",
    "openai",
)


@functools.cache
def _cached() -> tuple[tuple[str, str], ...]:
    found = {"sml_gym": __version__, "python": platform.python_version()}
    for name in _RECORDED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return tuple(found.items())


def versions() -> dict[str, str]:
    """Versions of sml_gym, Python and the installed libraries that results depend on."""
    return dict(_cached())
