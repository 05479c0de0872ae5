"""Seeds that mean the same on every machine and in every process.

Python's own `hash` depends on `PYTHONHASHSEED`, and `Random(seed + i)` makes
neighbouring seeds share items. Everything here goes through BLAKE2b instead.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from sml_gym.errors import ConfigError, nearest

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

_TEST_PERCENT = 10
_VALIDATION_PERCENT = 10


def stable_hash(*parts: str | int) -> int:
    """A 63-bit non-negative integer that depends on the parts, their order and their types."""
    text = "\x1f".join([f"s{part}" if isinstance(part, str) else f"i{part}" for part in parts])
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def dialogue_numbers(first: int | Sequence[int]) -> Iterator[int]:
    """The numbers of a student's next new dialogues: up from `first`, or those in `first` and then on."""
    if isinstance(first, int):
        return itertools.count(first)
    return itertools.chain(first, itertools.count(max(first, default=-1) + 1))


def split_of(text: str) -> Split:
    """The split to which a task's text belongs: 80% train, 10% validation, 10% test."""
    bucket = stable_hash("split", text) % 100
    if bucket < _TEST_PERCENT:
        return "test"
    if bucket < _TEST_PERCENT + _VALIDATION_PERCENT:
        return "validation"
    return "train"


def check_split(split: str) -> Split:
    """Return `split` if it is one; raise `ConfigError` naming the nearest otherwise."""
    for known in SPLITS:
        if split == known:
            return known
    raise ConfigError(f"Unknown split {split!r}. {nearest(str(split), SPLITS)}")
