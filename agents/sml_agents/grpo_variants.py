"""Variants of GRPO by name: its options at the values of the papers that introduced them.

Each is GRPO (`sml_agents.grpo`) with other defaults; every option can still be set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sml_agents import grpo
from sml_agents.advantages import Baseline, Scale
from sml_agents.grpo import GRPOOptions, LossMean, TrainingSummary
from sml_agents.objectives import Objective, RatioOver

OnStep = Callable[[dict[str, float | None]], None]


@dataclass
class RLOOOptions(GRPOOptions):
    """REINFORCE leave-one-out (Ahmadian et al., arXiv 2402.14740, section 2).

    A = R minus the mean of the others, and the loss of a dialogue is -A log pi(all that the student said).
    With one update a step the ratio is 1 and its bound never binds.
    """

    out: str = "runs/rloo"
    baseline: Baseline = "leave-one-out"
    scale: Scale = "none"
    loss_mean: LossMean = "sums"


@dataclass
class DrGRPOOptions(GRPOOptions):
    """Dr. GRPO (Liu et al., arXiv 2503.20783, section 3.2): GRPO without its two biases.

    Neither the spread of a group nor the length of a dialogue weighs anything: no division by the standard
    deviation, and a constant where GRPO divides by lengths.
    """

    out: str = "runs/dr-grpo"
    scale: Scale = "none"
    loss_mean: LossMean = "limit"


@dataclass
class GSPOOptions(GRPOOptions):
    """GSPO (Zheng et al., arXiv 2507.18071, sections 4 and 5.1): one ratio for all that the student said.

    The bounds are those of the paper's experiments, 3e-4 below and 4e-4 above.
    """

    out: str = "runs/gspo"
    ratio_over: RatioOver = "dialogue"
    clip: float = 3e-4
    clip_high: float | None = 4e-4
    loss_mean: LossMean = "dialogues"


@dataclass
class DAPOOptions(GRPOOptions):
    """DAPO (Yu et al., arXiv 2503.14476, section 3): a higher upper bound, the mean over tokens, full groups.

    Groups without spread are replaced by others, in up to `resampling` more rounds a step.
    """

    out: str = "runs/dapo"
    clip_high: float | None = 0.28
    loss_mean: LossMean = "tokens"
    resampling: int = 3


@dataclass
class CISPOOptions(GRPOOptions):
    """CISPO (MiniMax, arXiv 2506.13585, section 3.1): bounded weights instead of cut gradients.

    The paper tunes the upper bound and gives no value; 4 is that of its later reproductions.
    """

    out: str = "runs/cispo"
    objective: Objective = "cispo"
    clip_high: float | None = 4.0
    loss_mean: LossMean = "tokens"


def train_rloo(
    options: RLOOOptions, *, progress: bool = True, on_step: OnStep | None = None
) -> TrainingSummary:
    """Train by RLOO; see `sml_agents.grpo.train`."""
    return grpo.train(options, progress=progress, on_step=on_step)


def train_dr_grpo(
    options: DrGRPOOptions, *, progress: bool = True, on_step: OnStep | None = None
) -> TrainingSummary:
    """Train by Dr. GRPO; see `sml_agents.grpo.train`."""
    return grpo.train(options, progress=progress, on_step=on_step)


def train_gspo(
    options: GSPOOptions, *, progress: bool = True, on_step: OnStep | None = None
) -> TrainingSummary:
    """Train by GSPO; see `sml_agents.grpo.train`."""
    return grpo.train(options, progress=progress, on_step=on_step)


def train_dapo(
    options: DAPOOptions, *, progress: bool = True, on_step: OnStep | None = None
) -> TrainingSummary:
    """Train by DAPO; see `sml_agents.grpo.train`."""
    return grpo.train(options, progress=progress, on_step=on_step)


def train_cispo(
    options: CISPOOptions, *, progress: bool = True, on_step: OnStep | None = None
) -> TrainingSummary:
    """Train by CISPO; see `sml_agents.grpo.train`."""
    return grpo.train(options, progress=progress, on_step=on_step)
