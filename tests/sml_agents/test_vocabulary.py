"""Log-probabilities that use up the table of logits: the same numbers, and no second table."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from sml_agents import vocabulary
from sml_agents.vocabulary import spend_logits


def plainly(logits: Tensor, ids: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """The same by the usual operations."""
    spread = torch.log_softmax(logits / temperature, dim=-1)
    with torch.no_grad():
        entropy = -(spread.exp() * spread).sum(-1)
    return spread.gather(-1, ids.unsqueeze(-1)).squeeze(-1), entropy


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(0, 30),
    words=st.integers(1, 300),
    temperature=st.sampled_from([1.0, 0.7, 3.0]),
    at_once=st.sampled_from([1, 100, 2_000]),
    seed=st.integers(0, 2**31),
)
def test_the_same_to_the_last_bit(rows: int, words: int, temperature: float, at_once: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    hidden = torch.randn(rows, 8, generator=generator)
    ids = torch.randint(words, (rows,), generator=generator)
    weights = torch.randn(rows, generator=generator)
    head = torch.randn(8, words, generator=generator)
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vocabulary, "_AT_ONCE", {"cpu": at_once})
        for compute in (plainly, spend_logits):
            own = head.clone().requires_grad_()
            logprobs, entropy = compute(hidden @ own, ids, temperature)
            assert not entropy.requires_grad
            (weights * torch.exp(logprobs)).sum().backward()  # type: ignore[no-untyped-call]
            assert own.grad is not None
            found.append((logprobs.detach(), entropy, own.grad))
    for expected, got in zip(*found, strict=True):
        assert torch.equal(expected, got)


def test_there_is_one_table_and_no_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "_AT_ONCE", {"cpu": 10_000})
    rows, words = 200, 5_000
    hidden, head = torch.randn(rows, 4), torch.randn(4, words, requires_grad=True)
    ids = torch.randint(words, (rows,))

    def peak(compute: object) -> float:
        """Most memory at once, in tables."""
        with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
            logprobs, _ = compute(hidden @ head, ids, 1.0)  # type: ignore[operator]
            logprobs.sum().backward()
        held = most = 0
        for event in recorded.profiler.kineto_results.events():  # type: ignore[union-attr]
            if event.name() == "[memory]":
                held += event.nbytes()
                most = max(most, held)
        return most / (4 * rows * words)

    assert peak(plainly) > 3
    assert peak(spend_logits) < 1.3


def test_logits_that_are_needed_elsewhere_are_not_silently_overwritten() -> None:
    hidden = torch.randn(3, 4, requires_grad=True)
    logprobs, _ = spend_logits(
        torch.exp(hidden), torch.zeros(3, dtype=torch.long), 1.0
    )  # exp keeps its output
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        logprobs.sum().backward()  # type: ignore[no-untyped-call]
