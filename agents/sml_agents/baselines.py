"""What multi-turn training is compared with: single turns, and many turns without a teacher.

Both are GRPO (`sml_agents.grpo`) on other dialogues, so that nothing but the dialogues differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sml_agents import grpo
from sml_agents.grpo import GRPOOptions, TrainingSummary
from sml_agents.run_options import check_single_turn
from sml_gym import ConfigError

OnStep = Callable[[dict[str, float | None]], None]


@dataclass
class SingleTurnRLOptions(GRPOOptions):
    """Single-turn RL with groups of 32: as many utterances a problem as 8 dialogues of 4 turns.

    The baseline of social meta-learning (Cook et al., arXiv 2602.16488) that matches its generation steps.
    """

    out: str = "runs/single-turn-rl"
    max_turns: int = 1
    group_size: int = 32

    def check(self) -> None:
        """Raise `ConfigError` for a value that has no sense."""
        super().check()
        check_single_turn(self, instead="grpo")


@dataclass
class RetryRLOptions(GRPOOptions):
    """Multi-turn RL with unary feedback (arXiv 2507.14295): the teacher only ever says "try again".

    The paper's decay of the reward with the turn is `gamma` here. Its penalty for repeated answers is left
    out, so that this baseline has the same reward as the algorithms that it is compared with.
    """

    out: str = "runs/retry-rl"
    teacher: str = "retry"

    def check(self) -> None:
        """Raise `ConfigError` for a value that has no sense."""
        super().check()
        if "retry" not in self.teacher:
            raise ConfigError(
                f"The teacher of retry-rl only says 'try again', which {self.teacher!r} does not. Leave it "
                "out, or choose algo=grpo."
            )


def train_single_turn(
    options: SingleTurnRLOptions, *, progress: bool = True, on_step: OnStep | None = None
) -> TrainingSummary:
    """Train by GRPO on dialogues of one turn; see `sml_agents.grpo.train`."""
    return grpo.train(options, progress=progress, on_step=on_step)


def train_retry(
    options: RetryRLOptions, *, progress: bool = True, on_step: OnStep | None = None
) -> TrainingSummary:
    """Train by GRPO with a teacher who only says "try again"; see `sml_agents.grpo.train`."""
    return grpo.train(options, progress=progress, on_step=on_step)
