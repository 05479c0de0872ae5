"""Multi-turn GRPO: group-relative policy optimisation over whole dialogues.

The algorithm of DeepSeekMath (Shao et al., arXiv 2402.03300, section 4) with dialogues in
the place of single answers, as in social meta-learning (Cook et al., arXiv 2602.16488):

    for each step
        take P problems; let the student hold G dialogues about each, up to N turns
        return of a dialogue solved at turn n:   R = gamma^(n - 1)       (else 0)
        advantage in its group:                  A = (R - mean(R)) / (std(R) + eps)
        for each token that the student sampled, with ratio r = pi(token) / pi_old(token)
            loss = -min(r A, clip(r, 1 - c, 1 + c) A) + beta * KL(pi || pi_ref)
        one AdamW step on the mean of it

Only tokens that the student sampled are trained on. A dialogue that the infrastructure
broke (`Episode.valid` is False) is in no mean and no loss. A group with fewer than two valid
dialogues or with equal returns has no advantages, so only its KL term adds to the gradient.

    from sml_agents.grpo import GRPOOptions, train

    summary = train(GRPOOptions(student="path/to/model", out="runs/mine", steps=100))
    print(summary.model)      # a folder for AutoModelForCausalLM.from_pretrained

The well-known variants are options; `rloo`, `dr-grpo`, `gspo`, `dapo` and `cispo` are their settings by name
(`sml_agents.grpo_variants`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Literal

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedModel

from sml_agents.adapters import reference_of
from sml_agents.advantages import Baseline, Scale, group_advantages, turn_advantages
from sml_agents.learner import Learner, Sample, Samples, padded, spread, spread_turns
from sml_agents.objectives import KLEstimator, Objective, RatioOver, kl_estimate, policy_losses
from sml_agents.online import TrainingSummary, train_online
from sml_agents.online_options import OnlineOptions
from sml_agents.run_options import above_zero, at_least
from sml_agents.sharding import sharder
from sml_agents.step_dialogues import step_jobs
from sml_agents.tokens import (
    TokenBatch,
    TokenRecord,
    collate,
    logprobs_and_entropy,
    student_logits,
    student_logprobs,
    token_record,
)
from sml_agents.trl_engine.options import check_engine
from sml_gym import Episode

__all__ = ["GRPOLearner", "GRPOOptions", "TrainingSummary", "loss_weight", "step_jobs", "train"]

LossMean = Literal["tokens", "dialogues", "sums", "limit"]


@dataclass
class GRPOOptions(OnlineOptions):
    """Everything that a GRPO run depends on.

    Attributes:
        clip: how far the probability ratio may leave 1 before its gradient is cut.
        clip_high: the same upwards, where it is to differ; null is as `clip`.
        objective: "clip" cuts the gradient of a ratio out of bounds, "cispo" bounds its weight and keeps it.
        ratio_over: over what the probability ratio is taken: each token, the utterance of a turn, or all
            that the student said in the dialogue.
        baseline: what a return is compared with: its group's mean, or the mean of the others.
        scale: whether advantages are divided by the group's standard deviation ("std") or not ("none").
        turn_credit: an advantage for each turn, from its return-to-go among the same turns of its group,
            instead of one for the dialogue.
        beta: weight of the KL divergence from the student before training; 0 keeps no copy of it, and with
            adapters none is needed.
        kl_estimator: of that divergence: "k1", "k2" or "k3".
        loss_mean: over what the loss is averaged: all of the student's tokens alike ("tokens"), the
            tokens of each dialogue and then the dialogues ("dialogues", as in DeepSeekMath), the dialogues
            with their tokens added up ("sums", as in REINFORCE), or the most tokens that the dialogues could
            have had ("limit", as in Dr. GRPO: the same but for a constant).
        engine: who makes the updates: this package ("own"), or TRL's `GRPOTrainer` ("trl"), with its vLLM
            and DeepSpeed (see `sml_agents.trl_engine`). What is trained on is the same.
        engine_options: fields of TRL's `GRPOConfig` that are no options here, such as use_vllm or deepspeed.
    """

    out: str = "runs/grpo"
    clip: float = 0.2
    clip_high: float | None = None
    objective: Objective = "clip"
    ratio_over: RatioOver = "token"
    baseline: Baseline = "mean"
    scale: Scale = "std"
    turn_credit: bool = False
    beta: float = 0.0
    kl_estimator: KLEstimator = "k3"
    loss_mean: LossMean = "tokens"
    engine: Literal["own", "trl"] = "own"
    engine_options: dict[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Raise `ConfigError` for a value that has no sense."""
        super().check()
        at_least(self, group_size=2, beta=0)
        above_zero(self, "clip", "clip_high")
        check_engine(self)


def train(
    options: GRPOOptions,
    *,
    progress: bool = True,
    on_step: Callable[[dict[str, float | None]], None] | None = None,
) -> TrainingSummary:
    """Train a student by GRPO and save it to `out/model`.

    See `sml_agents.online.train_online`, and `sml_agents.trl_engine` for `engine="trl"`.
    """
    options.check()
    if options.engine == "trl":
        from sml_agents.trl_engine.run import train_with_trl

        return train_with_trl(options, progress=progress, on_step=on_step)

    def learner(accelerator: Accelerator, model: PreTrainedModel) -> GRPOLearner:
        return GRPOLearner(options, accelerator, model)

    return train_online(options, learner, "GRPO", progress=progress, on_step=on_step)


class GRPOLearner(Learner):
    """GRPO's advantages and loss."""

    options: GRPOOptions

    def __init__(self, options: GRPOOptions, accelerator: Accelerator, model: PreTrainedModel) -> None:
        super().__init__(options, accelerator, model)
        self.reference = (
            reference_of(model, options.student, sharder(options, accelerator)) if options.beta else None
        )

    def samples(self, episodes: Sequence[Episode]) -> Samples:
        """Dialogues with an advantage, and with a KL term all valid ones."""
        options = self.options
        records = [token_record(episode) for episode in episodes]
        advantages, tell = token_advantages(episodes, records, options)
        # Without a KL term a dialogue of no advantage adds nothing, so its gradient is not computed.
        samples = [
            Sample(record, own)
            for episode, record, own in zip(episodes, records, advantages, strict=True)
            if len(record) and (own.any() or (options.beta and episode.valid))
        ]
        return Samples(samples, loss_weight(episodes, options), len(tell), sum(tell))

    def loss(self, samples: Sequence[Sample]) -> tuple[Tensor, Tensor]:
        options, temperature = self.options, self.options.temperature
        batch = collate([sample.record for sample in samples]).to(self.accelerator.device)
        advantages = padded([sample.advantages for sample in samples], batch.ids)[batch.student]
        old = batch.logprobs[batch.student]
        frozen: Tensor | None = None
        if self.reference is not None:
            with self.reference() as reference, self.accelerator.autocast():
                frozen = student_logprobs(student_logits(reference, batch), batch, temperature)
        with self.accelerator.autocast():
            logits = student_logits(self.model, batch)
        logprobs, entropy = logprobs_and_entropy(logits, batch, temperature)
        losses, clipped = policy_losses(
            logprobs,
            old,
            advantages,
            low=options.clip,
            high=options.clip if options.clip_high is None else options.clip_high,
            objective=options.objective,
            segments=_segments(batch, options.ratio_over),
        )
        kl = torch.zeros_like(losses)
        if frozen is not None:
            kl = kl_estimate(logprobs, frozen, options.kl_estimator)
            losses = losses + options.beta * kl
        if options.loss_mean == "dialogues":
            lengths = batch.student.sum(1, keepdim=True).expand(batch.student.shape)[batch.student]
            losses = losses / lengths
        with torch.no_grad():
            count = torch.tensor(float(len(old)), device=old.device)
            policy_kl = kl_estimate(old, logprobs)  # the tokens are samples of the old
            counted = torch.stack([count, entropy.sum(), clipped.sum().float(), kl.sum(), policy_kl.sum()])
        return losses.sum(), counted


def token_advantages(
    episodes: Sequence[Episode], records: Sequence[TokenRecord], options: GRPOOptions
) -> tuple[list[NDArray[np.float32]], list[bool]]:
    """The advantage of each token of dialogues that come group after group, and which groups tell anything.

    An array for each dialogue, float32, as long as its record; 0 where the student did not sample.
    """
    size = options.group_size
    groups = [episodes[i : i + size] for i in range(0, len(episodes), size)]
    if options.turn_credit:
        by_turn = [turn_advantages(g, options.gamma, options.baseline, options.scale) for g in groups]
        tell = [any(map(any, group)) for group in by_turn]
        return [spread_turns(r, a) for r, a in zip(records, chain(*by_turn), strict=True)], tell
    by_dialogue = [group_advantages(g, options.gamma, options.baseline, options.scale) for g in groups]
    tell = [any(group) for group in by_dialogue]
    return [spread(r, a) for r, a in zip(records, chain(*by_dialogue), strict=True)], tell


def loss_weight(episodes: Sequence[Episode], options: GRPOOptions) -> float:
    """What the loss is a mean over: the valid dialogues with tokens, their student tokens, or a constant.

    Dialogues of groups without spread count here though they add nothing to the sum, so that a
    step in which few groups tell anything makes a small gradient, not a loud one.
    """
    spoken = [
        sum(len(turn.tokens.sampled) for turn in episode.turns if turn.tokens)
        for episode in episodes
        if episode.valid
    ]
    if options.loss_mean == "tokens":
        return float(sum(spoken))
    dialogues = float(sum(n > 0 for n in spoken))
    if options.loss_mean in ("dialogues", "sums"):
        return dialogues
    by_turns = options.max_turns * options.max_tokens_per_turn
    return dialogues * min(by_turns, options.max_tokens_per_dialogue or by_turns)


def _segments(batch: TokenBatch, over: RatioOver) -> Tensor | None:
    """To which stretch each of the student's tokens belongs, None where each has its own."""
    if over == "token":
        return None
    rows = torch.arange(len(batch.ids), device=batch.ids.device).unsqueeze(1).expand(batch.ids.shape)
    rows = rows[batch.student]
    if over == "dialogue":
        return rows
    return rows * (int(batch.turn.max()) + 1) + batch.turn[batch.student]
