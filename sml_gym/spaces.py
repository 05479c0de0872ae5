"""The space of utterances: any text up to a length."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.wrappers.utils import create_zero_array

_ALPHABET = tuple("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:?!+-*/=(){}\\\n é½→中")
_SAMPLE_CHARS = 40


class UtteranceSpace(gym.Space[str]):
    """Every `str` of at most `max_chars` characters.

    `gymnasium.spaces.Text` wants a character set; language has none. Gymnasium batches
    this space into a `Tuple`, and it has no fixed size in bytes, so asynchronous
    vector environments need `shared_memory=False`.
    """

    def __init__(self, max_chars: int, seed: int | np.random.Generator | None = None) -> None:
        self.max_chars = max_chars
        super().__init__(seed=seed)

    @property
    def is_np_flattenable(self) -> bool:
        """False: text does not flatten to a fixed array."""
        return False

    def sample(self, mask: Any | None = None, probability: Any | None = None) -> str:
        """A short random text. Masks mean nothing here and raise `ValueError`."""
        if mask is not None or probability is not None:
            raise ValueError("UtteranceSpace.sample takes no mask and no probability.")
        length = int(self.np_random.integers(0, min(_SAMPLE_CHARS, self.max_chars) + 1))
        return "".join(_ALPHABET[i] for i in self.np_random.integers(len(_ALPHABET), size=length))

    def contains(self, x: Any) -> bool:
        """Whether `x` is a `str` and not too long."""
        return isinstance(x, str) and len(x) <= self.max_chars

    def to_jsonable(self, sample_n: Iterable[str]) -> list[str]:
        """Strings are JSON already."""
        return list(sample_n)

    def from_jsonable(self, sample_n: list[Any]) -> list[str]:
        """The inverse of `to_jsonable`."""
        return [str(sample) for sample in sample_n]

    def __repr__(self) -> str:
        return f"UtteranceSpace({self.max_chars})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UtteranceSpace) and other.max_chars == self.max_chars


@create_zero_array.register(UtteranceSpace)
def _nothing_said(space: UtteranceSpace) -> str:  # type: ignore[misc]
    """What `DelayObservation` and `FrameStackObservation` show before anything was said."""
    return ""
