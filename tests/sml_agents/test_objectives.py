"""Advantages and objectives against numbers worked out by hand, and against their definitions."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sml_agents.advantages import (
    dialogue_return,
    generalized_advantages,
    group_advantages,
    relative,
    turn_advantages,
    turn_returns,
)
from sml_agents.objectives import kl_estimate, policy_losses, segment_mean
from sml_gym import Episode, Outcome, Speaker, StopReason, Turn, Utterance, UtteranceKind

RETURNS = st.lists(st.sampled_from([0.0, 0.343, 0.49, 0.7, 1.0]), min_size=2, max_size=8)


def episode(turns: int, *, solved: bool, valid: bool = True) -> Episode:
    said = Utterance(Speaker.STUDENT, "x", UtteranceKind.ATTEMPT)
    stop = StopReason.SOLVED if solved else StopReason.TURN_LIMIT
    held = [Turn(said, Outcome.INCORRECT, "x", "no", (), 0.0) for _ in range(turns - solved)]
    held += [Turn(said, Outcome.CORRECT, "x", "yes", (), 1.0)] if solved else []
    made = Episode("e", "t", "train", "p", held, stop, float(solved), 0, "teacher", "student", 4)
    return made if valid else dataclasses.replace(made, stop_reason=StopReason.TEACHER_FAILED, reward=None)


def test_returns_by_hand() -> None:
    solved = episode(3, solved=True)
    assert dialogue_return(solved, 0.5) == 0.25
    assert turn_returns(solved, 0.5) == [0.25, 0.5, 1.0]
    assert turn_returns(episode(2, solved=False), 0.5) == [0.0, 0.0]


def test_relative_by_hand() -> None:
    assert relative([1.0, 0.0, 0.0, 0.0], "mean", "none") == [0.75, -0.25, -0.25, -0.25]
    assert relative([1.0, 0.0, 0.0, 0.0], "leave-one-out", "none") == [1.0, *[pytest.approx(-1 / 3)] * 3]
    std = math.sqrt(3) / 4
    assert relative([1.0, 0.0, 0.0, 0.0])[0] == pytest.approx(0.75 / (std + 1e-4))
    assert relative([1.0]) == [0.0]
    assert relative([0.7, 0.7]) == [0.0, 0.0]


@given(RETURNS)
def test_leave_one_out_is_what_its_name_says(returns: list[float]) -> None:
    expected = [r - (sum(returns) - r) / (len(returns) - 1) for r in returns]
    assert relative(returns, "leave-one-out", "none") == pytest.approx(expected, abs=1e-12)


@given(RETURNS)
def test_advantages_of_a_group_add_up_to_nothing(returns: list[float]) -> None:
    for baseline in ("mean", "leave-one-out"):
        for scale in ("std", "none"):
            assert sum(relative(returns, baseline, scale)) == pytest.approx(0, abs=1e-9)


def test_turns_are_compared_with_the_same_turn_of_others() -> None:
    fast, slow, never = episode(1, solved=True), episode(2, solved=True), episode(2, solved=False)
    broken = episode(2, solved=False, valid=False)
    found = turn_advantages([fast, slow, never, broken], 0.5, scale="none")
    assert found == [[0.5], [0.0, 0.5], [-0.5, -0.5], [0.0, 0.0]]
    assert group_advantages([fast, slow, never, broken], 0.5, scale="none") == [0.5, 0.0, -0.5, 0.0]


def test_a_turn_that_only_one_dialogue_reached_says_nothing() -> None:
    assert turn_advantages([episode(1, solved=True), episode(2, solved=True)], 0.5, scale="none")[1][1] == 0.0


def test_gae_by_hand() -> None:
    rewards, values = np.array([0.0, 0.0, 1.0]), np.array([0.2, 0.4, 0.5])
    discounts = np.array([1.0, 0.5, 9.0])  # the last leads nowhere and is not used
    advantages, targets = generalized_advantages(rewards, values, discounts, lam=0.5)
    third = 1.0 - 0.5
    second = (0.5 * 0.5 - 0.4) + 0.5 * 0.5 * third
    first = (1.0 * 0.4 - 0.2) + 1.0 * 0.5 * second
    assert advantages == pytest.approx([first, second, third])
    assert targets == pytest.approx(advantages + values)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=12), st.floats(0, 1), st.data())
def test_gae_meets_its_ends(rewards: list[float], gamma: float, data: st.DataObject) -> None:
    n = len(rewards)
    values = np.array(data.draw(st.lists(st.floats(-1, 1), min_size=n, max_size=n)))
    discounts = np.full(n, gamma)
    one_step, _ = generalized_advantages(np.array(rewards), values, discounts, 0.0)
    following = np.append(values[1:], 0.0)
    assert one_step == pytest.approx(np.array(rewards) + gamma * following - values, abs=1e-9)
    _, targets = generalized_advantages(np.array(rewards), values, discounts, 1.0)
    monte_carlo = [sum(gamma ** (j - i) * rewards[j] for j in range(i, n)) for i in range(n)]
    assert targets == pytest.approx(monte_carlo, abs=1e-9)


def test_gae_agrees_with_a_tabular_solution() -> None:
    """In a chain whose true values are known, the mean advantage of each state is nothing, for any lambda."""
    stop, gamma = 0.3, 0.8  # each step ends with reward 1 with probability `stop`
    value = stop / (1 - gamma * (1 - stop))
    rng = np.random.default_rng(0)
    for lam in (0.0, 0.5, 1.0):
        first = []
        for _ in range(20_000):
            n = int(rng.geometric(stop))
            rewards = np.zeros(n)
            rewards[-1] = 1.0
            advantages, _ = generalized_advantages(rewards, np.full(n, value), np.full(n, gamma), lam)
            first.append(advantages[0])
        assert np.mean(first) == pytest.approx(0, abs=4 * np.std(first) / math.sqrt(len(first)))


LOGPROBS = torch.log(torch.tensor([0.5, 0.2, 0.3, 0.9]))
OLD = torch.log(torch.tensor([0.4, 0.4, 0.3, 0.6]))
RATIOS = [1.25, 0.5, 1.0, 1.5]


def test_clipping_by_hand() -> None:
    advantages = torch.tensor([1.0, -1.0, 2.0, 1.0])
    losses, clipped = policy_losses(LOGPROBS, OLD, advantages, low=0.2, high=0.3)
    assert losses.tolist() == pytest.approx([-1.25, 0.8, -2.0, -1.3])
    assert clipped.tolist() == [False, True, False, True]


def test_a_bound_cuts_the_gradient_only_where_it_binds() -> None:
    logprobs = LOGPROBS.clone().requires_grad_()
    advantages = torch.tensor([1.0, -1.0, 2.0, 1.0])
    losses, clipped = policy_losses(logprobs, OLD, advantages, low=0.2, high=0.3)
    losses.sum().backward()
    expected = [
        0.0 if cut else -r * a for r, a, cut in zip(RATIOS, advantages.tolist(), clipped, strict=True)
    ]
    assert logprobs.grad is not None
    assert logprobs.grad.tolist() == pytest.approx(expected)


def test_cispo_keeps_every_tokens_gradient_with_a_bounded_weight() -> None:
    logprobs = LOGPROBS.clone().requires_grad_()
    advantages = torch.tensor([1.0, -1.0, 2.0, 1.0])
    losses, bounded = policy_losses(logprobs, OLD, advantages, low=9.0, high=0.3, objective="cispo")
    losses.sum().backward()
    assert logprobs.grad is not None
    assert logprobs.grad.tolist() == pytest.approx([-1.25, 0.5, -2.0, -1.3])
    assert bounded.tolist() == [False, False, False, True]


def test_a_sequences_ratio_is_the_geometric_mean_of_its_tokens() -> None:
    segments = torch.tensor([0, 0, 1, 1])
    advantages = torch.tensor([1.0, 1.0, -1.0, -1.0])
    logprobs = LOGPROBS.clone().requires_grad_()
    losses, clipped = policy_losses(logprobs, OLD, advantages, low=0.5, high=0.1, segments=segments)
    first, second = math.sqrt(1.25 * 0.5), math.sqrt(1.5)
    assert losses.tolist() == pytest.approx([-first, -first, second, second])
    assert not clipped.any()
    (losses / 2).sum().backward()  # the mean over each sequence: GSPO's loss
    assert logprobs.grad is not None
    assert logprobs.grad.tolist() == pytest.approx([-first / 2] * 2 + [second / 2] * 2)


def test_within_a_sequence_each_advantage_stays_with_its_own_tokens() -> None:
    """GSPO-token: the sequence's ratio weighs every token's own gradient, bounded by its own advantage."""
    segments = torch.tensor([0, 0, 1, 1])
    advantages = torch.tensor([1.0, 0.0, -2.0, 0.5])
    logprobs = LOGPROBS.clone().requires_grad_()
    losses, clipped = policy_losses(logprobs, OLD, advantages, low=0.5, high=0.1, segments=segments)
    first, second = math.sqrt(1.25 * 0.5), math.sqrt(1.5)
    assert losses.tolist() == pytest.approx([-first, 0, 2 * second, -0.5 * 1.1])
    assert clipped.tolist() == [False, False, False, True]
    losses.sum().backward()
    assert logprobs.grad is not None
    assert logprobs.grad.tolist() == pytest.approx([-first, 0, 2 * second, 0])


def test_segment_mean() -> None:
    values = torch.tensor([1.0, 3.0, 5.0])
    assert segment_mean(values, torch.tensor([1, 1, 0])).tolist() == [2.0, 2.0, 5.0]
    assert segment_mean(values[:0], torch.tensor([], dtype=torch.long)).tolist() == []


def test_kl_estimators_have_the_divergence_as_their_mean() -> None:
    policy = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
    reference = torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64)
    divergence = float((policy * (policy.log() - reference.log())).sum())
    for estimator in ("k1", "k3"):
        estimates = kl_estimate(policy.log(), reference.log(), estimator)
        assert float((policy * estimates).sum()) == pytest.approx(divergence)
    assert (kl_estimate(policy.log(), reference.log(), "k3") >= 0).all()
    assert (kl_estimate(policy.log(), reference.log(), "k2") >= 0).all()


def test_the_gradient_of_k2_is_that_of_the_divergence() -> None:
    logits = torch.tensor([0.3, -0.2, 0.9], dtype=torch.float64, requires_grad=True)
    reference = torch.log_softmax(torch.tensor([0.0, 0.5, -0.5], dtype=torch.float64), 0)

    def gradient(loss: torch.Tensor) -> torch.Tensor:
        return torch.autograd.grad(loss, logits)[0]

    logprobs = torch.log_softmax(logits, 0)
    exact = gradient((logprobs.exp() * (logprobs - reference)).sum())
    logprobs = torch.log_softmax(logits, 0)
    sampled = gradient((logprobs.exp().detach() * kl_estimate(logprobs, reference, "k2")).sum())
    assert torch.allclose(exact, sampled)
