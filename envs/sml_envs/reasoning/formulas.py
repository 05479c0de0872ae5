"""What runs in the sandbox: scorers that have SymPy evaluate the answer, and generators that hang on hashes.

They run in children of a process that has imported this module; the children may read no file any more. SymPy
imports much of itself only when it is used, so it is used here, on answers of our own.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from sml_envs.reasoning import library, scoring
from sml_envs.reasoning.codec import encode

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


def make(name: str, level: int, fields: Mapping[str, Any], seed: int, quirks: list[str]) -> Any:
    """As `library.generate`, encoded. Raises `RuntimeError` where sets have no fixed order."""
    if sys.flags.hash_randomization:
        raise RuntimeError("PYTHONHASHSEED is not 0")
    return encode(library.generate(name, level, fields, seed, quirks))


for _level in range(library.max_level("word_ladder") + 1):
    library.instance("word_ladder", _level, "{}")  # it reads a list of words, which a child may not
for _name in _EVALUATED:
    for _seed in range(4):
        _item = library.generate(_name, 0, {}, _seed)
        for _answer in (str(_item["answer"]), "1 + 2*(3 - 4)/5"):
            library.score(_name, 0, {}, _item, _answer)
