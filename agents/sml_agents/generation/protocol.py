"""What a generation back end is asked and what it answers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from sml_gym import StudentError


@dataclass(frozen=True, slots=True)
class TokenSampling:
    """How the tokens of each row are drawn.

    Attributes:
        limits: how many tokens each row may have, at least 1 (tokens).
        noise: (rows, positions), float32, uniform in [0, 1): each row's own randomness, at least as many
            positions as the largest limit. What a row draws depends on its numbers alone, so neither on the
            other rows nor on how rows are shared among calls. Back ends may use them in their own ways, so
            two of them draw different tokens from the same noise.
        stops: token ids that end a row; the one that did is part of it.
        temperature: divides the logits; 0 takes the likeliest token, with its log-probability under
            temperature 1.
        top_p: in (0, 1]; sample from the smallest set of likeliest tokens whose probability reaches it.
            Log-probabilities are those before the cut.
    """

    limits: Sequence[int]
    noise: Tensor
    stops: frozenset[int]
    temperature: float = 1.0
    top_p: float = 1.0


@dataclass(frozen=True, slots=True)
class Generated:
    """What was sampled: for each row its token ids, at least one, and their log-probabilities.

    A row ends with the first stop token, or at its limit. Rows that the machinery failed to continue are
    empty, with the reason by their place in `failed`.
    """

    ids: list[list[int]]
    logprobs: list[list[float]]
    failed: dict[int, StudentError] = field(default_factory=dict)


class Generator(Protocol):
    """Samples continuations of token ids.

    A failure of its machinery (a server that is gone) is a `StudentError`, for a row or for all, and comes
    within bounded time.

    Attributes:
        context_length: most that a prompt and what is sampled after it may have, where this is less than the
            model's own context (tokens).
    """

    context_length: int | None

    def generate(
        self,
        prompts: Sequence[Sequence[int]],
        sampling: TokenSampling,
        *,
        keys: Sequence[Hashable] | None = None,
    ) -> Generated:
        """Continue each prompt (at least one id); no prompts give no rows.

        `keys` say which rows are the same dialogue from call to call, one key a row. They help a back end
        to find what it has kept of a row, and never change what is sampled.
        """

    def weights_changed(self) -> None:
        """Take over the model's weights as they are now, and drop what was computed from older ones.

        The model holds them whole. All processes of a run call it together. A failure is not raised here
        but by every `generate` until a later call succeeds: that is where dialogues are, so that each is
        recorded as failed.
        """

    def forget(self) -> None:
        """Drop everything kept between calls, to make room."""

    def close(self) -> None:
        """Let go of all that it holds; nothing is asked of it any more."""


def row_seeds(noise: Tensor) -> list[int]:
    """One seed a row, in [0, 2^48), from its first numbers: for back ends that draw by themselves.

    Float32 uniform numbers are multiples of 2^-24, so two of them are 48 random bits.
    """
    digits = (noise[:, :2].double() * 2**24).to(torch.long)
    return [sum(digit << (24 * place) for place, digit in enumerate(row)) for row in digits.tolist()]
