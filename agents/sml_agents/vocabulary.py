"""Log-probabilities over a whole vocabulary, with one table of logits in memory and no second.

Of a softmax over V words and its backward pass the usual operations keep four tables of (tokens, V) at once:
logits, log-softmax, its exponential, their product; and later the gradient of each. Beside 100,000 words the
rest of a small model's activations is less than one of these. Here the same operations go over some rows at a
time and leave the log-softmax where the logits were, and the gradient where the log-softmax was. The numbers
are the same to the last bit.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_AT_ONCE = {"cpu": 2**20, "other": 2**25}
"""Entries of the table that are computed at once: what caches hold, or what keeps an accelerator busy."""


def spend_logits(logits: Tensor, ids: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """Log-probability of one token of each row, and the entropy (nats, no gradient) of the row.

    Both of shape (rows,), under softmax(logits / temperature). The logits are used up: their memory holds
    other numbers afterwards, and the gradient, which can be computed once, after the backward pass.

    Args:
        logits: float32, (rows, vocabulary).
        ids: int64, (rows,).
        temperature: above 0.
    """
    found: tuple[Tensor, Tensor] = _SpentLogits.apply(logits, ids, temperature)  # type: ignore[no-untyped-call]
    return found


class _SpentLogits(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor, ids: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
        chosen, entropy = logits.new_empty(len(ids)), logits.new_empty(len(ids))
        for rows in _chunks(logits):
            table = logits[rows]
            spread = torch.log_softmax(table if temperature == 1 else table / temperature, dim=-1)
            chosen[rows] = spread.gather(-1, ids[rows].unsqueeze(-1)).squeeze(-1)
            table.copy_(spread)
            entropy[rows] = -(spread.exp() * spread).sum(-1)
        ctx.temperature = temperature
        ctx.save_for_backward(logits, ids)
        ctx.mark_non_differentiable(entropy)
        return chosen, entropy

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor, _: Tensor) -> tuple[Tensor, None, None]:
        spread, ids = ctx.saved_tensors
        for rows in _chunks(spread):
            table = spread[rows]
            of_chosen = torch.zeros_like(table)
            of_chosen.scatter_(-1, ids[rows].unsqueeze(-1), gradient[rows].unsqueeze(-1))
            of_logits = torch._log_softmax_backward_data(of_chosen, table, -1, table.dtype)
            table.copy_(of_logits if ctx.temperature == 1 else of_logits / ctx.temperature)
        return spread, None, None


def _chunks(table: Tensor) -> list[slice]:
    """Rows of a table, some at a time."""
    entries = _AT_ONCE["cpu" if table.device.type == "cpu" else "other"]
    step = max(1, entries // max(1, table.shape[1]))
    return [slice(start, start + step) for start in range(0, len(table), step)]
