"""What every online run depends on, whatever the algorithm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sml_agents.run_options import RunOptions, above_zero, at_least
from sml_gym import ConfigError
from sml_gym.distillation import Which, Without

Target = Literal["revision", "attempt"]
Divergence = Literal["kl", "sampled"]


@dataclass
class OnlineOptions(RunOptions):
    """Everything that a run of rollouts and updates depends on, whatever the algorithm.

    Attributes:
        steps: updates of rollout and training (steps).
        problems_per_step: problems a step, over all processes (groups).
        resampling: how often in a step groups that tell nothing may be replaced by others (rounds).
        overlap: with a teacher behind a server, into how many parts the dialogues held at once are split, so
            that the student speaks in one part while the teacher's words in another are under way; any other
            teacher answers all at once (parts).
        common_random_numbers: whether the dialogues of a group meet the same teacher seed, so that
            they differ by what the student says alone.
        gamma: discount a turn; a dialogue solved at turn n returns gamma^(n - 1).
        lr: AdamW's learning rate after warm-up.
        warmup_steps: steps over which the learning rate rises linearly from 0 (steps).
        weight_decay: AdamW's weight decay.
        max_grad_norm: to which the norm of the whole gradient is clipped.
        epochs: passes over each step's dialogues (passes).
        updates_per_epoch: AdamW steps a pass; more than one splits the dialogues at random (updates).
        microbatch_tokens: largest padded batch whose gradient is computed at once; 0 chooses 2048 on a
            CPU, whose caches it fits, and 16384 elsewhere; a longer dialogue is computed alone (tokens).
        distill: weight of a loss that teaches the student to say without feedback what it says with it;
            0 adds none (see `sml_agents.self_distillation`).
        distill_target: which utterance is learned: the one said after the feedback ("revision", RLTF-SD), or
            the one said before it, as the student would have it afterwards ("attempt", SDPO).
        distill_turns: which utterances after feedback count: those that solve the task ("solved"), that are
            better than all before ("improved"), or "all".
        distill_without: what the student reads in place of the feedback before a revision: the "problem"
            alone, or the dialogue with "Go on." for each feedback ("silent").
        distill_loss: the divergence over the whole vocabulary ("kl"), or of a revision the cross-entropy of
            the words that were "sampled".
        feedback_model: weight of a loss that teaches the student to predict the teacher's words (RLTF-FM);
            0 adds none.
        compile: compile the layers for updates (`torch.compile`), which takes minutes once and pays where
            updates are long; sampling is not compiled.
        sharding: "fsdp" shares weights, gradients and AdamW's state among the processes (FSDP2), for
            models that one GPU does not hold; "none" keeps a copy of all in each. It changes no number but
            by rounding.
        save_every: steps between checkpoints; 0 saves none (steps).
    """

    steps: int = 250
    problems_per_step: int = 16
    resampling: int = 0
    overlap: int = 1
    common_random_numbers: bool = True
    gamma: float = 0.7
    warmup_steps: int = 10
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    epochs: int = 1
    updates_per_epoch: int = 1
    microbatch_tokens: int = 0
    distill: float = 0.0
    distill_target: Target = "revision"
    distill_turns: Which = "solved"
    distill_without: Without = "problem"
    distill_loss: Divergence = "kl"
    feedback_model: float = 0.0
    compile: bool = False
    sharding: Literal["none", "fsdp"] = "none"
    save_every: int = 50

    def check(self) -> None:
        """Raise `ConfigError` for a value that has no sense."""
        super().check()
        if self.compile and self.sharding != "none":
            raise ConfigError("Sharded layers are not compiled here. Choose compile=false or sharding=none.")
        at_least(
            self, steps=0, problems_per_step=1, resampling=0, overlap=1, epochs=1, updates_per_epoch=1,
            microbatch_tokens=0, save_every=0, warmup_steps=0, weight_decay=0, distill=0, feedback_model=0,
        )  # fmt: skip
        above_zero(self, "max_grad_norm")
        if not 0 <= self.gamma <= 1:
            raise ConfigError(f"gamma is {self.gamma}; it must lie between 0 and 1.")
        if self.distill_target == "attempt" and self.distill_loss == "sampled":
            raise ConfigError(
                "An attempt's own words, sampled, would only be said more often. Choose distill_loss=kl, or "
                "distill_target=revision."
            )
