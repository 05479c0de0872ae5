"""From dialogues to what PPO learns from them: rewards, values, and the advantages that GAE makes of these.

The student's tokens are the steps, or its turns are; the teacher's words lie between two steps and alone are
discounted. See `sml_agents.ppo` for the algorithm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from accelerate import Accelerator
from numpy.typing import NDArray

from sml_agents.advantages import generalized_advantages
from sml_agents.learner import Sample
from sml_agents.processes import add_up
from sml_agents.tokens import TokenRecord
from sml_gym import Episode

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ValuedSample(Sample):
    """A dialogue to train on, with values; arrays of shape (tokens,), float32.

    Attributes:
        values: V of each state when the dialogue was held.
        targets: what V should have been.
        value_weights: how much a token's value counts; they add up to the tokens that the student sampled.
    """

    values: Floats
    targets: Floats
    value_weights: Floats


def valued_sample(
    episode: Episode,
    record: TokenRecord,
    values: Floats,
    divergences: Floats,
    *,
    kl: float,
    gamma: float,
    lam: float,
    by_turn: bool,
) -> ValuedSample:
    """What is to be learned from one dialogue.

    Args:
        episode: the dialogue.
        record: its tokens.
        values: V of the state before each token that the student sampled, shape (tokens,).
        divergences: log pi_old - log pi_ref of each of them, shape (tokens,).
        kl: times which a divergence is taken off the reward.
        gamma: discount a turn.
        lam: lambda of GAE.
        by_turn: whether a step of GAE is a turn. It then has the value before its first token, whose error
            counts for all of its tokens, and all of them have its advantage.
    """
    steps = np.flatnonzero(record.student)
    rewards = _rewards(episode, record, gamma)[steps] - kl * divergences[steps].astype(np.float64)
    states = values[steps].astype(np.float64)
    turns = record.turn[steps]
    first = np.append(True, turns[1:] != turns[:-1])
    coming = np.where(turns == _probe_turn(episode), 1.0, gamma)  # the discount of coming to a turn
    if by_turn:
        number = np.cumsum(first) - 1
        earned = np.bincount(number, rewards).astype(np.float64)
        discounts = np.append(coming[first][1:], 0.0)
        gae, targets = generalized_advantages(earned, states[first], discounts, lam)
        advantages, targets = gae[number], targets[number]
        weights = np.where(first, np.bincount(number)[number], 0)
    else:
        discounts = np.append(np.where(first, coming, 1.0)[1:], 0.0)
        advantages, targets = generalized_advantages(rewards, states, discounts, lam)
        weights = np.ones(len(steps))
    arrays = (_at(steps, len(record), array) for array in (advantages, states, targets, weights))
    return ValuedSample(record, *arrays)


def whitened(samples: Sequence[ValuedSample], tokens: float, accelerator: Accelerator) -> list[ValuedSample]:
    """The same with advantages of mean 0 and standard deviation 1 over all processes.

    `tokens` is how many the student sampled in these samples; all processes must call it.
    """
    flat = [sample.advantages[sample.record.student].astype(np.float64) for sample in samples]
    sums = {
        "n": tokens,
        "a": float(sum(a.sum() for a in flat)),
        "aa": float(sum((a**2).sum() for a in flat)),
    }
    total = add_up(sums, accelerator)
    if not total["n"]:
        return list(samples)
    mean = total["a"] / total["n"]
    std = math.sqrt(max(0.0, total["aa"] / total["n"] - mean**2))
    return [
        replace(
            s,
            advantages=np.where(s.record.student, (s.advantages - mean) / (std + 1e-8), 0).astype(np.float32),
        )
        for s in samples
    ]


def appraisal_sums(samples: Sequence[ValuedSample]) -> dict[str, float]:
    """What `PPOLearner.metrics` needs of values and targets, over the steps of GAE."""
    sums = dict.fromkeys(("value_steps", "value_sum", "target_sum", "target_square", "error_square"), 0.0)
    for sample in samples:
        own = sample.value_weights > 0
        values, targets = (a[own].astype(np.float64) for a in (sample.values, sample.targets))
        sums["value_steps"] += len(values)
        sums["value_sum"] += float(values.sum())
        sums["target_sum"] += float(targets.sum())
        sums["target_square"] += float((targets**2).sum())
        sums["error_square"] += float(((targets - values) ** 2).sum())
    return sums


def _rewards(episode: Episode, record: TokenRecord, gamma: float) -> Floats:
    """1 at the last token of the turn n that brought the reward, else 0.

    A dialogue that was given another's outcome (`sml_agents.shuffled_rewards`) may have ended before that
    turn; the discount of the turns that are missing is then in the reward, so that the return is
    gamma^(n - 1) all the same.
    """
    rewards = np.zeros(len(record), dtype=np.float32)
    solved, probe = episode.solved_at, _probe_turn(episode)
    if solved is not None:
        spoken = np.flatnonzero(record.student & (record.turn <= solved + (probe == solved + 1)))
        if len(spoken):
            turn = int(record.turn[spoken[-1]])
            rewards[spoken[-1]] = gamma ** (solved - turn + (turn == probe))
    return rewards


def _probe_turn(episode: Episode) -> int:
    """The turn that answered a second problem, 0 for none. It is posed in no new turn of the teacher's."""
    return 0 if episode.probe is None else episode.probe.turn or 0


def _at(steps: NDArray[np.int64], length: int, values: NDArray[Any]) -> Floats:
    """Values of steps at their tokens, 0 elsewhere."""
    array = np.zeros(length, dtype=np.float32)
    array[steps] = values
    return array
