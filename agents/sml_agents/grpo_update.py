"""GRPO's equations: from a step's dialogues to advantages, from advantages to a loss and an update.

Equation numbers are those of DeepSeekMath (Shao et al., arXiv 2402.03300); `sml_agents.grpo` has
the algorithm as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from accelerate import Accelerator
from torch import Tensor
from transformers import PreTrainedModel

from sml_agents.grpo_options import GRPOOptions
from sml_agents.processes import add_up, add_up_gradients
from sml_agents.tokens import (
    TokenRecord,
    collate,
    logprobs_and_entropy,
    split_by_length,
    student_logits,
    student_logprobs,
)
from sml_gym import Episode
from sml_gym.seeding import stable_hash

STD_EPS = 1e-4
"""Added to a group's standard deviation, as in TRL."""


def dialogue_return(episode: Episode, gamma: float) -> float:
    """gamma^(n - 1) for a dialogue solved at turn n, else 0."""
    return gamma ** (episode.solved_at - 1) if episode.solved_at else 0.0


def group_advantages(episodes: Sequence[Episode], gamma: float) -> list[float]:
    """(R - mean) / (std + eps) over a group's valid dialogues; 0 for the others.

    All are 0 if fewer than two are valid or if all returns are equal.
    """
    returns = [dialogue_return(episode, gamma) for episode in episodes if episode.valid]
    if len(returns) < 2 or min(returns) == max(returns):
        return [0.0] * len(episodes)
    mean = sum(returns) / len(returns)
    std = math.sqrt(sum((r - mean) ** 2 for r in returns) / len(returns))
    return [
        (dialogue_return(episode, gamma) - mean) / (std + STD_EPS) if episode.valid else 0.0
        for episode in episodes
    ]


def loss_weight(episodes: Sequence[Episode], loss_mean: str) -> float:
    """What the loss is a mean over: the valid dialogues that have tokens, or all of their student tokens.

    Dialogues of groups without spread count here though they add nothing to the sum, so that a
    step in which few groups tell anything makes a small gradient, not a loud one.
    """
    spoken = [
        sum(len(turn.tokens.sampled) for turn in episode.turns if turn.tokens)
        for episode in episodes
        if episode.valid
    ]
    return float(sum(n > 0 for n in spoken) if loss_mean == "dialogues" else sum(spoken))


def token_losses(logprobs: Tensor, old: Tensor, advantages: Tensor, clip: float) -> tuple[Tensor, Tensor]:
    """PPO's clipped objective for each token, negated, and whether the clip cut its gradient.

    All arguments have shape (tokens,). Equation 3 of arXiv 2402.03300, without its KL term.
    """
    ratio = torch.exp(logprobs - old)
    free, clipped = ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages
    return -torch.minimum(free, clipped), clipped < free


def kl_estimate(logprobs: Tensor, reference: Tensor) -> Tensor:
    """KL(pi || pi_ref) at each sampled token, by the unbiased and never negative estimator k3.

    pi_ref / pi - log(pi_ref / pi) - 1: equation 4 of arXiv 2402.03300.
    """
    log_ratio = reference - logprobs
    return torch.exp(log_ratio) - log_ratio - 1


class Update:
    """The updates of one step, from its dialogues.

    Gradients are summed over micro-batches and processes and divided once by what the loss is
    averaged over, so that the result depends on neither.
    """

    def __init__(
        self,
        options: GRPOOptions,
        accelerator: Accelerator,
        model: PreTrainedModel,
        reference: PreTrainedModel | None,
        optimizer: torch.optim.Optimizer,
        lr: float,
    ) -> None:
        self.options, self.accelerator = options, accelerator
        self.model, self.reference, self.optimizer = model, reference, optimizer
        for group in optimizer.param_groups:
            group["lr"] = lr
        self.grad_norm: float | None = None
        self.sums = dict.fromkeys(("trained_tokens", "entropy", "clipped", "kl", "policy_kl"), 0.0)

    def run(self, samples: list[tuple[TokenRecord, float]], weight: float, step: int) -> None:
        """`epochs` passes over the dialogues, each in `updates_per_epoch` AdamW steps.

        `weight` is what this process's share of the loss is divided by (`loss_weight`).
        """
        parts = self.options.updates_per_epoch
        total = add_up({"weight": weight}, self.accelerator)["weight"] / parts
        for epoch in range(self.options.epochs):
            order = list(range(len(samples)))
            if parts > 1:
                generator = torch.Generator().manual_seed(
                    stable_hash("order", self.options.seed, step, epoch)
                )
                order = torch.randperm(len(samples), generator=generator).tolist()
            for part in range(parts):
                chosen = order[len(order) * part // parts : len(order) * (part + 1) // parts]
                self._one_update([samples[i] for i in chosen], total)

    def _one_update(self, samples: list[tuple[TokenRecord, float]], total: float) -> None:
        if add_up({"dialogues": float(len(samples))}, self.accelerator)["dialogues"] == 0:
            return
        self.optimizer.zero_grad(set_to_none=False)
        sums: Tensor | int = 0
        most = self.options.microbatch_tokens or (2_048 if self.accelerator.device.type == "cpu" else 16_384)
        for indices in split_by_length([len(r) for r, _ in samples], most):
            loss, counted = self._loss([samples[i] for i in indices])
            self.accelerator.backward(loss / total)
            sums = sums + counted
        parameters = [p for p in self.model.parameters() if p.requires_grad]
        add_up_gradients(parameters, self.accelerator)
        self.grad_norm = float(torch.nn.utils.clip_grad_norm_(parameters, self.options.max_grad_norm))
        if math.isfinite(self.grad_norm):  # else one overflow would make every weight NaN, for ever
            self.optimizer.step()
        if isinstance(sums, Tensor):
            for name, value in zip(self.sums, sums.tolist(), strict=True):
                self.sums[name] += value

    def _loss(self, samples: list[tuple[TokenRecord, float]]) -> tuple[Tensor, Tensor]:
        """The summed loss of a micro-batch, and what it adds to `sums`."""
        temperature = self.options.temperature
        batch = collate([record for record, _ in samples]).to(self.accelerator.device)
        per_row = torch.tensor([a for _, a in samples], device=batch.ids.device)
        advantages = per_row.unsqueeze(1).expand(batch.student.shape)[batch.student]
        old = batch.logprobs[batch.student]
        with self.accelerator.autocast():
            logits = student_logits(self.model, batch)
        logprobs, entropy = logprobs_and_entropy(logits, batch, temperature)
        losses, clipped = token_losses(logprobs, old, advantages, self.options.clip)
        kl = torch.zeros_like(losses)
        if self.reference is not None:
            with torch.no_grad(), self.accelerator.autocast():
                frozen = student_logprobs(student_logits(self.reference, batch), batch, temperature)
            kl = kl_estimate(logprobs, frozen)
            losses = losses + self.options.beta * kl
        if self.options.loss_mean == "dialogues":
            lengths = batch.student.sum(1, keepdim=True).expand(batch.student.shape)[batch.student]
            losses = losses / lengths
        with torch.no_grad():
            count = torch.tensor(float(len(old)), device=old.device)
            policy_kl = kl_estimate(logprobs, old)
            counted = torch.stack([count, entropy.sum(), clipped.sum().float(), kl.sum(), policy_kl.sum()])
        return losses.sum(), counted
