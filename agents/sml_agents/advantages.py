"""From rewards to advantages: of whole dialogues in their group, of turns, of tokens with a value function.

A dialogue's reward comes in the turn that solves it, so with the discount gamma per turn

    return of a dialogue solved at turn n          R = gamma^(n - 1)        (else 0)
    return from turn t on (return-to-go)           G_t = gamma^(n - t)      (else 0)

and R = G_1: the discount for slowness falls on the whole dialogue in the first form, on the turns before the
solution in the second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sml_gym import Episode

Floats = NDArray[np.float64]
Baseline = Literal["mean", "leave-one-out"]
Scale = Literal["std", "none"]

STD_EPS = 1e-4
"""Added to a group's standard deviation, as in TRL."""


def dialogue_return(episode: Episode, gamma: float) -> float:
    """gamma^(n - 1) for a dialogue solved at turn n, else 0."""
    return gamma ** (episode.solved_at - 1) if episode.solved_at else 0.0


def turn_returns(episode: Episode, gamma: float) -> list[float]:
    """The return-to-go of each turn: gamma^(n - t) for a dialogue solved at turn n, else 0.

    A second problem after that (`Episode.probe`) is posed in no new turn of the teacher's: its answer has 1.
    """
    solved = episode.solved_at
    return [gamma ** max(solved - t, 0) if solved else 0.0 for t in range(1, len(episode.turns) + 1)]


def relative(returns: Sequence[float], baseline: Baseline = "mean", scale: Scale = "std") -> list[float]:
    """How much better each return is than the others of its group.

    `mean` and `std`: (R - mean) / (std + eps), GRPO (arXiv 2402.03300, section 4.1.2). Without `std`:
    Dr. GRPO (arXiv 2503.20783, section 3.2). `leave-one-out`: R minus the mean of the others, RLOO
    (arXiv 2402.14740, section 2). All are 0 if there are fewer than two or if all are equal.
    """
    n = len(returns)
    if n < 2 or min(returns) == max(returns):
        return [0.0] * n
    mean = sum(returns) / n
    centred = [r - mean for r in returns]
    if baseline == "leave-one-out":
        centred = [c * n / (n - 1) for c in centred]
    if scale == "none":
        return centred
    std = math.sqrt(sum((r - mean) ** 2 for r in returns) / n)
    return [c / (std + STD_EPS) for c in centred]


def group_advantages(
    episodes: Sequence[Episode], gamma: float, baseline: Baseline = "mean", scale: Scale = "std"
) -> list[float]:
    """One advantage a dialogue, `relative` to the valid dialogues of its group; 0 for those that are not."""
    valid = [episode for episode in episodes if episode.valid]
    found = iter(relative([dialogue_return(episode, gamma) for episode in valid], baseline, scale))
    return [next(found) if episode.valid else 0.0 for episode in episodes]


def turn_advantages(
    episodes: Sequence[Episode], gamma: float, baseline: Baseline = "mean", scale: Scale = "std"
) -> list[list[float]]:
    """One advantage a turn: its return-to-go, `relative` to that of the same turn in the group's dialogues.

    Only valid dialogues count; the others have 0. A turn that only one dialogue reached has nothing to be
    compared with, and 0.
    """
    returns = [turn_returns(episode, gamma) if episode.valid else [] for episode in episodes]
    advantages = [[0.0] * len(episode.turns) for episode in episodes]
    for t in range(max(map(len, returns), default=0)):
        reached = [i for i, own in enumerate(returns) if len(own) > t]
        found = relative([returns[i][t] for i in reached], baseline, scale)
        for i, advantage in zip(reached, found, strict=True):
            advantages[i][t] = advantage
    return advantages


def generalized_advantages(
    rewards: Floats, values: Floats, discounts: Floats, lam: float
) -> tuple[Floats, Floats]:
    """GAE (arXiv 1506.02438, eq. 11 and 16) over the steps of one finished dialogue.

    Args:
        rewards: of each step, shape (steps,).
        values: V of the state in which each step was taken, shape (steps,).
        discounts: from each step to the next, shape (steps,); that of the last counts for nothing. A step
            within a turn has 1, the step over the teacher's words gamma, whatever their length.
        lam: between one-step (0) and whole-dialogue (1) returns.

    Returns:
        advantages and the value function's targets (advantage + value), each of shape (steps,).
    """
    advantages = np.zeros_like(values)
    later = following = 0.0
    for i in reversed(range(len(values))):
        delta = rewards[i] + discounts[i] * following - values[i]
        later = delta + discounts[i] * lam * later
        advantages[i] = later
        following = values[i]
    return advantages, advantages + values
