"""The entry to `scoring` for scorers that have SymPy evaluate the answer.

They run in children of a process that has imported this module; the children may read no file any more. SymPy
imports much of itself only when it is used, so it is used here, on answers of our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sml_envs.reasoning import library, scoring

_EVALUATED = (
    "countdown",
    "intermediate_integration",
    "polynomial_multiplication",
    "puzzle24",
    "simple_integration",
)


def score(name: str, level: int, fields: Mapping[str, Any], item: Any, answer: str) -> float | None:
    """As `scoring.score`."""
    return scoring.score(name, level, fields, item, answer)


for _name in _EVALUATED:
    for _seed in range(4):
        _item = library.generate(_name, 0, {}, _seed)
        for _answer in (str(_item["answer"]), "1 + 2*(3 - 4)/5"):
            library.score(_name, 0, {}, _item, _answer)
