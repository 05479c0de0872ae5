"""Sampling: one token from logits, and whole utterances for the rows of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from sml_agents.decoding import KeptBatch

_CHECK_EVERY = 8
"""On an accelerator, asking whether all rows have ended stalls it, so it is asked this seldom."""


def sample(
    batch: KeptBatch,
    logits: Tensor,
    noise: Tensor,
    allowed: Tensor,
    stops: Tensor,
    temperature: float,
    top_p: float,
    *,
    narrow: bool,
) -> tuple[list[list[int]], list[list[float]]]:
    """One utterance for each row of a batch: its token ids and their log-probabilities (see `choose`).

    A row ends with the first stop token, which is part of it, or at its limit. The last token of a
    row has been sampled and not been fed.

    Args:
        batch: the rows, fed up to where they speak.
        logits: (rows, vocabulary), what `batch.extend` returned.
        noise: (rows, positions), uniform in [0, 1): each row's own draws.
        allowed: (rows,), how many tokens each row may have, from 1 to `positions`.
        stops: (vocabulary,), True for the tokens that end an utterance.
        temperature: see `choose`.
        top_p: see `choose`.
        narrow: feed only the rows still under way once half have ended; for a roomy batch.
    """
    device = batch.device
    rows, longest = logits.shape[0], int(allowed.max())
    allowed, noise, stops = allowed.to(device), noise.to(device), stops.to(device)
    ids = torch.zeros((longest, rows), dtype=torch.long, device=device)
    logprobs = torch.zeros((longest, rows), device=device)
    counts = torch.zeros(rows, dtype=torch.long, device=device)
    here: Tensor | None = None  # which rows are being fed (None: all)
    under_way = torch.ones(rows, dtype=torch.bool, device=device)
    for position in range(longest):
        draw = noise[:, position] if here is None else noise[here, position]
        tokens, chosen = choose(logits, draw, temperature, top_p)
        if here is None:
            ids[position], logprobs[position] = tokens, chosen
            counts += under_way
        else:
            ids[position, here], logprobs[position, here] = tokens, chosen
            counts[here] += under_way
        limit = allowed if here is None else allowed[here]
        under_way = under_way & ~stops[tokens] & (limit > position + 1)
        if device.type == "cpu" or position % _CHECK_EVERY == _CHECK_EVERY - 1:
            going = int(under_way.sum())
            if going == 0:
                break
            if narrow and going <= len(under_way) // 2:
                kept = under_way.nonzero().squeeze(1)
                batch.narrow(kept)
                here = kept if here is None else here[kept]
                tokens, under_way = tokens[kept], under_way[kept]
        if position + 1 < longest:
            logits = batch.step(tokens, under_way)
    if narrow:
        batch.widen()
    lengths = counts.tolist()
    return _columns(ids, lengths), _columns(logprobs, lengths)


def stop_table(stop_ids: Iterable[int], vocab_size: int) -> Tensor:
    """Which tokens end an utterance, as (vocabulary,) booleans."""
    table = torch.zeros(vocab_size, dtype=torch.bool)
    table[[i for i in stop_ids if i < vocab_size]] = True
    return table


def choose(logits: Tensor, noise: Tensor, temperature: float, top_p: float) -> tuple[Tensor, Tensor]:
    """One token per row, and its log-probability under softmax(logits / temperature).

    The log-probability is that before any top-p cut. Temperature 0 takes the likeliest
    token, with its log-probability under temperature 1.

    Args:
        logits: (rows, vocabulary), float32.
        noise: (rows,), uniform in [0, 1): each row's draw, so that a row's token depends on
            no other row.
        temperature: 0 or more.
        top_p: in (0, 1]; sample from the smallest set of likeliest tokens whose probability
            reaches it (Holtzman et al., arXiv 1904.09751).
    """
    logprobs = torch.log_softmax(logits / temperature if temperature > 0 else logits, dim=-1)
    if temperature == 0:
        tokens = logprobs.argmax(-1)
    elif top_p >= 1:
        tokens = _invert(logprobs.exp(), noise)
    else:
        sorted_probs, order = logprobs.exp().sort(dim=-1, descending=True)
        before = sorted_probs.cumsum(-1) - sorted_probs
        sorted_probs = sorted_probs.masked_fill(before >= top_p, 0.0)
        tokens = order.gather(-1, _invert(sorted_probs, noise).unsqueeze(-1)).squeeze(-1)
    return tokens, logprobs.gather(-1, tokens.unsqueeze(-1)).squeeze(-1)


def _invert(weights: Tensor, noise: Tensor) -> Tensor:
    """Sample each row by inverting its cumulative weights.

    The first index whose cumulative weight reaches (1 - noise) * total, a number in
    (0, total], always has a weight above 0.
    """
    cumulative = weights.cumsum(-1)
    threshold = (1 - noise).unsqueeze(-1) * cumulative[:, -1:]
    return torch.searchsorted(cumulative, threshold).squeeze(-1)


def _columns(table: Tensor, lengths: Sequence[int]) -> list[list[Any]]:
    """Column i of (positions, rows), its first `lengths[i]` entries, as Python numbers."""
    return [column[:n] for column, n in zip(table.t().tolist(), lengths, strict=True)]
