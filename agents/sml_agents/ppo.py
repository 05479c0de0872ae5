"""Multi-turn PPO: proximal policy optimisation over dialogues, with a value function.

The algorithm of Schulman et al. (arXiv 1707.06347) where an episode is a dialogue and the student's tokens
are its actions:

    for each step
        take P problems; let the student hold G dialogues about each (G = 1: no group is needed)
        reward: 1 at the end of the turn that solves the task; with a KL term also
                -k (log pi_old - log pi_ref) at every token that the student sampled
        V(s): a linear head on the hidden state from which a token is predicted
        delta_i = r_i + discount_i V(s_i+1) - V(s_i),    A_i = sum over l of (discount lambda)^l delta_i+l
        for some epochs, in some updates each
            policy loss  -min(r A, clip(r, 1 - c, 1 + c) A)        with A whitened over the step
            value loss   1/2 max((V - T)^2, (V_old + clip(V - V_old, -c_v, c_v) - T)^2),   T = A + V_old
            one AdamW step on policy loss + w * value loss

The teacher's tokens are no steps: from the last token of an utterance to the first of the next is one step,
whatever was said in between, and it alone is discounted, by gamma (the discount is per turn, as in social
meta-learning). With `step="turn"` an utterance is one action: GAE runs over turns, the value is that of the
state before the utterance, and all its tokens have its advantage.

A dialogue that reaches its turn limit is over and returns 0: the limit belongs to the task.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor
from transformers import PreTrainedModel

from sml_agents.adapters import has_adapters, reference_of
from sml_agents.learner import Learner, Sample, Samples, padded
from sml_agents.objectives import kl_estimate, policy_losses
from sml_agents.online import TrainingSummary, train_online
from sml_agents.online_options import OnlineOptions
from sml_agents.run_options import above_zero, at_least
from sml_agents.sharding import cut_like, sharder, shards
from sml_agents.tokens import (
    TokenBatch,
    TokenRecord,
    collate,
    logprobs_and_entropy,
    student_hidden,
    student_logits,
    student_logprobs,
    student_outputs,
    token_record,
)
from sml_agents.valued_samples import Floats, ValuedSample, appraisal_sums, valued_sample, whitened
from sml_gym import ConfigError, Episode


@dataclass
class PPOOptions(OnlineOptions):
    """Everything that a PPO run depends on.

    Attributes:
        step: what a step of GAE is: each token that the student samples, or each of its turns.
        turn_credit: an advantage for each turn, as in GRPO: the same as step=turn.
        lam: lambda of GAE; 0 trusts the value function alone, 1 the return alone.
        clip: how far the probability ratio may leave 1 before its gradient is cut.
        value_clip: how far a value may leave what it was at the start of the step; 0 does not bound it.
        value_weight: weight of the value loss beside the policy loss.
        value_trunk: whether the value head stands on the student itself ("shared") or on a copy of it that
            is trained for values alone ("separate").
        value_lr: learning rate of the value head; null is `lr`.
        whiten: whether advantages are centred and scaled over the step's tokens.
        kl: weight of the KL divergence from the student before training, in the reward; 0 keeps no copy.
        kl_target: divergence (nats a token) towards which `kl` is adapted; null leaves it as it is.
        kl_horizon: over how many steps an error of the divergence is made good.
    """

    out: str = "runs/ppo"
    problems_per_step: int = 128
    group_size: int = 1
    epochs: int = 2
    updates_per_epoch: int = 4
    step: Literal["token", "turn"] = "token"
    turn_credit: bool = False
    lam: float = 0.95
    clip: float = 0.2
    value_clip: float = 0.2
    value_weight: float = 0.5
    value_trunk: Literal["shared", "separate"] = "shared"
    value_lr: float | None = 1e-3
    whiten: bool = True
    kl: float = 0.0
    kl_target: float | None = None
    kl_horizon: float = 20.0

    def check(self) -> None:
        """Raise `ConfigError` for a value that has no sense."""
        super().check()
        at_least(self, value_clip=0, value_weight=0, kl=0)
        if not 0 <= self.lam <= 1:
            raise ConfigError(f"lam is {self.lam}; it must lie between 0 and 1.")
        above_zero(self, "clip", "value_lr", "kl_target", "kl_horizon")
        if self.kl_target is not None and not self.kl:
            raise ConfigError("kl_target adapts the weight kl, which is 0. Set kl, for example kl=0.05.")


def train(
    options: PPOOptions,
    *,
    progress: bool = True,
    on_step: Callable[[dict[str, float | None]], None] | None = None,
) -> TrainingSummary:
    """Train a student by PPO and save it to `out/model`; see `sml_agents.online.train_online`."""
    options.check()

    def learner(accelerator: Accelerator, model: PreTrainedModel) -> PPOLearner:
        return PPOLearner(options, accelerator, model)

    return train_online(options, learner, "PPO", progress=progress, on_step=on_step)


class PPOLearner(Learner):
    """PPO's advantages, values and loss."""

    options: PPOOptions
    measures: ClassVar[tuple[str, ...]] = (*Learner.measures, "value_loss", "value_clipped")

    def __init__(self, options: PPOOptions, accelerator: Accelerator, model: PreTrainedModel) -> None:
        device = accelerator.device
        hidden = model.get_output_embeddings().weight.shape[1]
        self.head = torch.nn.Linear(hidden, 1, device=device, dtype=torch.float32)
        torch.nn.init.zeros_(self.head.weight)
        torch.nn.init.zeros_(self.head.bias)
        # Weights that are frozen, as they are beside adapters, are shared and not copied.
        frozen = {id(p): p for p in model.parameters() if not p.requires_grad}
        apart = shards(options, accelerator)  # each then has a part of its own of every weight
        self.trunk = None
        if options.value_trunk == "separate":
            self.trunk = copy.deepcopy(model, {} if apart else frozen)
        prepare = sharder(options, accelerator)
        self.reference = reference_of(model, options.student, prepare) if options.kl else None
        self.kl = options.kl
        super().__init__(options, accelerator, model)
        self.optimizer.add_param_group({"params": list(self.head.parameters())})

    # ---- what a checkpoint holds ----

    def parameters(self) -> Sequence[torch.nn.Parameter]:
        return [p for model in self.models() for p in model.parameters() if p.requires_grad]

    def models(self) -> Sequence[PreTrainedModel]:
        return [self.model] if self.trunk is None else [self.model, self.trunk]

    def set_rate(self, step: int) -> None:
        super().set_rate(step)
        if self.options.value_lr is not None:
            self.optimizer.param_groups[-1]["lr"] = self.options.value_lr

    def state(self) -> dict[str, Any]:
        state = super().state() | {"head": self.head.state_dict(), "kl": self.kl}
        if self.trunk is None:
            return state
        frozen = {name for name, p in self.trunk.named_parameters() if not p.requires_grad}
        own = {name: t for name, t in self.trunk.state_dict().items() if name not in frozen}
        return state | {"trunk": own}

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        self.head.load_state_dict(state["head"])
        self.kl = float(state["kl"])
        if self.trunk is not None:
            own = cut_like(state["trunk"], self.trunk.state_dict())
            self.trunk.load_state_dict(own, strict=not has_adapters(self.trunk))

    # ---- from dialogues to samples ----

    def tells(self, group: Sequence[Episode]) -> bool:
        return any(episode.valid and len(token_record(episode)) for episode in group)

    def blank(self) -> ValuedSample:
        blank = super().blank()
        return ValuedSample(blank.record, *[blank.advantages] * 4)

    def samples(self, episodes: Sequence[Episode]) -> Samples:
        """All valid dialogues with tokens, with what GAE makes of their rewards and values."""
        held = [(episode, token_record(episode)) for episode in episodes if episode.valid]
        held = [(episode, record) for episode, record in held if len(record)]
        values, divergences = self._appraise([record for _, record in held])
        gamma, lam = self.options.gamma, self.options.lam
        by_turn = self.options.step == "turn" or self.options.turn_credit
        found = [
            valued_sample(episode, record, own, divergence, kl=self.kl, gamma=gamma, lam=lam, by_turn=by_turn)
            for (episode, record), own, divergence in zip(held, values, divergences, strict=True)
        ]
        sums = appraisal_sums(found) | {"reference_kl": float(sum(d.sum() for d in divergences))}
        tokens = float(sum(sample.record.student.sum() for sample in found))
        if self.options.whiten:
            found = whitened(found, tokens, self.accelerator)
        return Samples(found, tokens, len(episodes), len(held), sums)

    def _appraise(self, records: Sequence[TokenRecord]) -> tuple[list[Floats], list[Floats]]:
        """For each dialogue V of every state, and log pi_old - log pi_ref of every token that was sampled."""
        values = [np.zeros(len(record), dtype=np.float32) for record in records]
        divergences = [np.zeros(len(record), dtype=np.float32) for record in records]
        for indices in self.batches([len(record) for record in records]):
            chosen = [records[i] for i in indices] or [self.blank().record]
            batch = collate(chosen).to(self.accelerator.device)
            with torch.no_grad(), self.accelerator.autocast():
                own = self._values(batch, student_hidden(self.trunk or self.model, batch))
                apart = torch.zeros_like(own)
                if self.reference is not None:
                    with self.reference() as reference:
                        logits = student_logits(reference, batch)
                    frozen = student_logprobs(logits, batch, self.options.temperature)
                    apart = batch.logprobs[batch.student] - frozen
            for into, flat in ((values, own), (divergences, apart)) if indices else ():
                pieces = np.split(flat.cpu().numpy(), np.cumsum([r.student.sum() for r in chosen])[:-1])
                for i, record, piece in zip(indices, chosen, pieces, strict=True):
                    into[i][record.student] = piece
        return values, divergences

    # ---- from samples to the loss ----

    def loss(self, samples: Sequence[Sample]) -> tuple[Tensor, Tensor]:
        options = self.options
        valued = [sample for sample in samples if isinstance(sample, ValuedSample)]
        batch = collate([sample.record for sample in valued]).to(self.accelerator.device)
        mask = batch.student
        advantages, before, targets, weights = (
            padded(arrays, batch.ids)[mask]
            for arrays in zip(
                *((s.advantages, s.values, s.targets, s.value_weights) for s in valued), strict=True
            )
        )
        old = batch.logprobs[mask]
        with self.accelerator.autocast():
            logits, hidden = student_outputs(self.model, batch)
            if self.trunk is not None:
                hidden = student_hidden(self.trunk, batch)
        logprobs, entropy = logprobs_and_entropy(logits, batch, options.temperature)
        policy, clipped = policy_losses(logprobs, old, advantages, low=options.clip, high=options.clip)
        value, bounded = value_losses(self._values(batch, hidden), before, targets, options.value_clip)
        losses = policy + options.value_weight * weights * value
        with torch.no_grad():
            count = torch.tensor(float(len(old)), device=old.device)
            counted = torch.stack(
                [
                    count,
                    entropy.sum(),
                    clipped.sum().float(),
                    torch.zeros_like(count),
                    kl_estimate(old, logprobs).sum(),  # the tokens are samples of the old
                    (weights * value).sum(),
                    (weights * bounded).sum(),
                ]
            )
        return losses.sum(), counted

    def _values(self, batch: TokenBatch, hidden: Tensor) -> Tensor:
        """V of the state before each of the student's tokens, shape (student tokens,)."""
        return self.head(hidden.float()).squeeze(-1)  # type: ignore[no-any-return]

    def metrics(self, totals: Mapping[str, float]) -> dict[str, float | None]:
        """What the values are worth: their loss, the share of the targets' variance that they explained.

        With a KL term also its divergence and weight, which is then adapted (Ziegler et al.,
        arXiv 1909.08593, section 2.2).
        """
        trained, steps = totals["trained_tokens"], totals["value_steps"]
        found: dict[str, float | None] = {
            "value_loss": totals["value_loss"] / trained if trained else None,
            "value_clip_share": totals["value_clipped"] / trained if trained else None,
            "value_mean": totals["value_sum"] / steps if steps else None,
        }
        variance = totals["target_square"] - totals["target_sum"] ** 2 / steps if steps else 0.0
        found["explained_variance"] = 1 - totals["error_square"] / variance if variance > 1e-9 else None
        if self.reference is not None:
            divergence = totals["reference_kl"] / totals["tokens"] if totals["tokens"] else 0.0
            found |= {"kl": divergence, "kl_weight": self.kl}
            if self.options.kl_target is not None:
                error = min(0.2, max(-0.2, divergence / self.options.kl_target - 1))
                self.kl *= 1 + error / self.options.kl_horizon
        return found


def value_losses(values: Tensor, before: Tensor, targets: Tensor, clip: float) -> tuple[Tensor, Tensor]:
    """Half the squared error, or that of the value bounded to `before` +- clip where it is larger.

    All of shape (tokens,); also whether the bound cut the gradient. With clip 0 values are not bounded.
    As in OpenAI's and CleanRL's implementations of PPO (not in the paper).
    """
    free = (values - targets) ** 2
    if not clip:
        return free / 2, torch.zeros_like(free)
    near = before + (values - before).clamp(-clip, clip)
    bounded = (near - targets) ** 2
    cut = (bounded > free) & ((values - before).abs() > clip)  # not where they differ by rounding alone
    return torch.maximum(free, bounded) / 2, cut.float()
