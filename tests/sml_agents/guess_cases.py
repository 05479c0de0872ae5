"""How each algorithm is run on the number game of `SML-Guess-v0`, for tests that it learns.

Settings are those at which all seeds tried learn in a minute at most; they say nothing of which algorithm is
better. Each sentence is a token, and an utterance one sentence, so an update may move far.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.guess_game import run_options
from sml_gym.cli.train import load_algorithm

GROUPS: dict[str, Any] = {
    "steps": 80,
    "problems_per_step": 32,
    "group_size": 16,
    "updates_per_epoch": 3,
    "lr": 1e-3,
    "beta": 0.012,
    "kl_estimator": "k2",
    "warmup_steps": 5,
    "save_every": 0,
}
"""Large groups, as all dialogues of one hide the same number; the divergence keeps the entropy up."""

BOUNDED: dict[str, Any] = {**GROUPS, "steps": 100, "lr": 1.5e-3, "beta": 0.006}
"""For bounds that let an update move less."""

SMALL: dict[str, Any] = {
    "steps": 60,
    "problems_per_step": 64,
    "group_size": 4,
    "updates_per_epoch": 4,
    "lr": 1e-3,
    "warmup_steps": 5,
    "save_every": 0,
}
"""For those that have less to learn."""

PPO: dict[str, Any] = {
    "steps": 60,
    "problems_per_step": 256,
    "lr": 1e-3,
    "kl": 0.03,
    "warmup_steps": 5,
    "save_every": 0,
}
OFFLINE: dict[str, Any] = {"lr": 3e-3, "batch_size": 32, "microbatch_size": 32, "keep_checkpoints": 1}


@dataclass(frozen=True)
class Case:
    """One algorithm with its settings.

    Attributes:
        algorithm: its name.
        more: options beside those of the game.

    A control makes half as many steps or rounds, after which the run that it is compared with has learnt most
    of what it learns.
    """

    algorithm: str
    more: dict[str, Any] = field(default_factory=dict)

    def train(self, student: str, out: Path, *, seed: int = 0, control: bool = False) -> str:
        """Train a student, on exchanged outcomes for the control; the trained model's folder."""
        run, options_class = load_algorithm(self.algorithm)
        more = dict(self.more)
        for name in ("steps", "rounds"):
            if control and name in more:
                more[name] //= 2
        options = run_options(options_class, student, out, seed=seed, shuffle_rewards=control, **more)
        return str(run(options, progress=False).model)


CASES = {
    "grpo": Case("grpo", GROUPS),
    "grpo, turn credit": Case("grpo", {**GROUPS, "turn_credit": True}),
    "grpo, feedback model": Case("grpo", {**GROUPS, "feedback_model": 0.1}),
    "grpo, distilled": Case("grpo", {**SMALL, "distill": 0.05, "max_tokens_per_turn": 2}),
    "rloo": Case("rloo", GROUPS),
    "dr-grpo": Case("dr-grpo", GROUPS),
    "gspo": Case("gspo", {**BOUNDED, "clip": 0.2, "clip_high": 0.27}),
    "dapo": Case("dapo", GROUPS),
    "cispo": Case("cispo", BOUNDED),
    "ppo": Case("ppo", PPO),
    "ppo, steps are turns": Case(
        "ppo", {**PPO, "steps": 80, "kl": 0.005, "step": "turn", "max_tokens_per_turn": 2}
    ),
    "retry-rl": Case("retry-rl", {**SMALL, "lr": 2e-3}),
    "single-turn-rl": Case(
        "single-turn-rl", {**SMALL, "steps": 20, "lr": 2e-3, "group_size": 32, "problems_per_step": 16}
    ),
    "offline": Case("offline", {**OFFLINE, "rounds": 10, "problems": 512, "group_size": 1}),
    "rejection": Case("rejection", {**OFFLINE, "rounds": 6, "problems": 64}),
    "single-turn-sft": Case(
        "single-turn-sft", {**OFFLINE, "problems": 400, "sft_epochs": 12, "max_tokens_per_turn": 3}
    ),
    "q-priming": Case(
        "q-priming", {**OFFLINE, "rounds": 8, "problems": 512, "group_size": 1, "writer": "phrases"}
    ),
}
"""By what a test shows of them."""
