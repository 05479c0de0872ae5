"""What every run of holding, keeping and fine-tuning depends on, whoever holds the dialogues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sml_agents.run_options import RunOptions, at_least, check_single_turn
from sml_gym import ConfigError


@dataclass
class OfflineOptions(RunOptions):
    """Everything that a run of holding, keeping and fine-tuning depends on.

    Attributes:
        rounds: how often dialogues are held and the student is fine-tuned on them (rounds).
        problems: problems in each round.
        keep: which solved dialogues are kept: "all", or the "first" of each problem.
        max_length: longest dialogue that is trained on; longer ones are left out, not cut; null is no
            limit (tokens).
        lr: peak learning rate of AdamW; it falls to 0 along a cosine in each round.
        warmup_share: share of a round's updates over which it rises.
        sft_epochs: passes over the kept dialogues (passes).
        batch_size: dialogues in each update (dialogues).
        microbatch_size: dialogues whose gradient is computed at once (dialogues).
    """

    out: str = "runs/offline"
    rounds: int = 1
    problems: int = 500
    group_size: int = 4
    keep: Literal["all", "first"] = "all"
    max_length: int | None = None
    lr: float = 1e-5
    warmup_share: float = 0.05
    sft_epochs: int = 1
    batch_size: int = 16
    microbatch_size: int = 8

    def check(self) -> None:
        """Raise `ConfigError` for a value that has no sense."""
        super().check()
        at_least(self, rounds=0, problems=1, sft_epochs=1, batch_size=1, microbatch_size=1, warmup_share=0)
        if self.warmup_share > 1:
            raise ConfigError(f"warmup_share is {self.warmup_share}; it must lie between 0 and 1.")
        if self.max_length is not None:
            at_least(self, max_length=1)


@dataclass
class RejectionOptions(OfflineOptions):
    """Rejection sampling: single turns, of which the right ones are kept (RFT, arXiv 2308.01825)."""

    out: str = "runs/rejection"
    max_turns: int = 1
    group_size: int = 16

    def check(self) -> None:
        """Raise `ConfigError` for a value that has no sense."""
        super().check()
        check_single_turn(self, instead="offline")


@dataclass
class SingleTurnSFTOptions(OfflineOptions):
    """Fine-tuning on the tasks' own worked solutions, each said at once and verified."""

    out: str = "runs/single-turn-sft"
    max_turns: int = 1
    group_size: int = 1

    def check(self) -> None:
        """Raise `ConfigError` for a value that has no sense."""
        super().check()
        check_single_turn(self, instead="offline")
        if self.shuffle_rewards:
            raise ConfigError(
                "Worked solutions are all right, so exchanging their outcomes changes nothing, and is no "
                "control. Leave out shuffle_rewards."
            )
