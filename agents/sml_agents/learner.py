"""What an algorithm is to the loop of `sml_agents.online`, and the update that all of them share.

An algorithm turns a step's dialogues into samples (tokens with an advantage each) and samples into a loss.
Passes over them, micro-batches, the sum over processes, the clipped gradient and AdamW's step are the same
for all, and stand here.
"""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor
from torch.distributed.tensor import DTensor
from transformers import PreTrainedModel

from sml_agents.activations import can_recompute, recomputed
from sml_agents.added_losses import AddedLoss, Lesson
from sml_agents.checkpoint import check_fits
from sml_agents.compilation import CompiledLayers
from sml_agents.online_options import OnlineOptions
from sml_agents.processes import add_up, add_up_gradients, heard, largest, places
from sml_agents.sharding import clear_gradients, clip_gradients, cut_optimizer_state, release, shard, shards
from sml_agents.tokens import TokenRecord, split_by_length
from sml_gym import ConfigError, Episode, SMLError
from sml_gym.seeding import stable_hash

HOPELESS_UPDATES = 5
"""After so many updates in a row whose gradient was not finite, a run stops."""


class NotFinite(SMLError):
    """Gradient after gradient was not finite."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One dialogue to train on.

    Attributes:
        record: its tokens.
        advantages: of each token, float32, shape (tokens,); 0 where the student did not sample it.
    """

    record: TokenRecord
    advantages: NDArray[np.float32]


@dataclass(slots=True)
class Samples:
    """What a step's dialogues give to train on in this process.

    Attributes:
        samples: the dialogues that add to the gradient.
        weight: this process's share of what the loss is divided by.
        groups: how many groups of dialogues there were.
        groups_used: how many of them tell anything.
        sums: what else is to be added up over processes for `Learner.metrics`.
    """

    samples: Sequence[Sample]
    weight: float
    groups: int
    groups_used: int
    sums: dict[str, float] = field(default_factory=dict)


class Learner(ABC):
    """One algorithm in the middle of a run.

    Gradients are summed over micro-batches and processes and divided once by what the loss is averaged over,
    so that the result depends on neither.

    Attributes:
        measures: what `loss` adds up over tokens, by name.
        grad_norm: of the newest update, before it was clipped.
        sums: what this step's updates have added up.
        microbatch: the largest padded batch whose gradient is computed at once (tokens).
        added: losses beside the algorithm's own.
        sharded: whether the processes share the weights (`sml_agents.sharding`), so that all must make the
            same passes.
    """

    measures: ClassVar[tuple[str, ...]] = ("trained_tokens", "entropy", "clipped", "kl", "policy_kl")

    def __init__(self, options: OnlineOptions, accelerator: Accelerator, model: PreTrainedModel) -> None:
        self.options, self.accelerator, self.model = options, accelerator, model
        self.sharded = shards(options, accelerator)
        if self.sharded:
            for trained in self.models():
                shard(trained, accelerator)
        self.optimizer = torch.optim.AdamW(
            list(self.parameters()), lr=options.lr, weight_decay=options.weight_decay, fused=True
        )
        self.grad_norm: float | None = None
        self.sums: dict[str, float] = {}
        self.added: Sequence[AddedLoss] = ()
        self.microbatch = options.microbatch_tokens or (2_048 if accelerator.device.type == "cpu" else 16_384)
        self._halved = False
        self._not_finite = 0
        if options.activation_checkpointing:
            for trained in self.models():
                can_recompute(trained)
        self._compiled = CompiledLayers(self.models()) if options.compile else None

    # ---- what an algorithm says for itself ----

    @abstractmethod
    def samples(self, episodes: Sequence[Episode]) -> Samples:
        """What there is to learn from dialogues that come group after group."""

    @abstractmethod
    def loss(self, samples: Sequence[Sample]) -> tuple[Tensor, Tensor]:
        """The summed loss of a micro-batch, and what it adds to the `measures`, in their order."""

    def tells(self, group: Sequence[Episode]) -> bool:
        """Whether there is anything to learn from a group of dialogues; asked of each process by itself."""
        return bool(self.samples(group).groups_used)

    def blank(self) -> Sample:
        """A dialogue for a process that has none left for a pass which all must make; it gets no weight."""
        return Sample(_blank_record(), np.zeros(_BLANK, dtype=np.float32))

    def metrics(self, totals: Mapping[str, float]) -> dict[str, float | None]:
        """What this algorithm logs beside what all do, from the sums over all processes. Default: nothing."""
        return {}

    def parameters(self) -> Sequence[torch.nn.Parameter]:
        """What is trained at the learning rate of the run. Default: the model, or its adapters."""
        return [p for p in self.model.parameters() if p.requires_grad]

    def models(self) -> Sequence[PreTrainedModel]:
        """Whose gradients are computed. Default: the model's alone."""
        return [self.model]

    def state(self) -> dict[str, Any]:
        """What a checkpoint must hold beside the model, as `torch.save` takes it."""
        return {"optimizer": self.optimizer.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up the state of a checkpoint."""
        check_fits(state["optimizer"], self.optimizer)
        self.optimizer.load_state_dict(cut_optimizer_state(state["optimizer"], self.optimizer))

    # ---- the update ----

    def learn(self, episodes: Sequence[Episode], step: int) -> dict[str, float]:
        """`epochs` passes over the dialogues, each in `updates_per_epoch` AdamW steps.

        Returns what this process adds to the step's sums.

        Raises:
            NotFinite: after `HOPELESS_UPDATES` updates in a row without a finite loss and gradient.
            ConfigError: if half a micro-batch does not fit into the memory either.
        """
        found = self.samples(episodes)
        lessons = [added.lessons(episodes) for added in self.added]
        self.grad_norm = None
        measures = [f"{added.name}_{what}" for added in self.added for what in ("loss", "tokens")]
        self.sums = dict.fromkeys((*self.measures, *measures, "updates", "updates_skipped"), 0.0)
        self.set_rate(step)
        parts = self.options.updates_per_epoch
        sizes = {"": found.weight} | {
            added.name: float(sum(lesson.predicted for lesson in own))
            for added, own in zip(self.added, lessons, strict=True)
        }
        totals = {name: size / parts for name, size in add_up(sizes, self.accelerator).items()}
        shares = places([len(found.samples), *map(len, lessons)], self.accelerator)
        for epoch in range(self.options.epochs):
            order, *orders = (
                self._in_parts(size, share, step, epoch)
                for size, share in zip([len(found.samples), *map(len, lessons)], shares, strict=True)
            )
            for part in range(parts):
                chosen = [[own[i] for i in order[part]] for own, order in zip(lessons, orders, strict=True)]
                self._one_update([found.samples[i] for i in order[part]], chosen, totals)
        used = {"groups": float(found.groups), "groups_used": float(found.groups_used)}
        return self.sums | found.sums | used

    def _in_parts(self, size: int, share: tuple[int, int], step: int, epoch: int) -> list[list[int]]:
        """The numbers below `size`, a list for each update of a pass: at random where there are several.

        `share` is how many the processes before this one have, and how many all: what falls into an update
        does not depend on how it is shared among processes.
        """
        parts, (before, total) = self.options.updates_per_epoch, share
        order = list(range(total))
        if parts > 1:
            generator = torch.Generator().manual_seed(stable_hash("order", self.options.seed, step, epoch))
            order = torch.randperm(total, generator=generator).tolist()
        cut = [order[total * part // parts : total * (part + 1) // parts] for part in range(parts)]
        return [[i - before for i in part if 0 <= i - before < size] for part in cut]

    def batches(self, lengths: Sequence[int]) -> list[list[int]]:
        """Micro-batches of what has these lengths (tokens), as indices.

        Where weights are shared all processes get as many, so the last may be empty.
        """
        found = split_by_length(lengths, self.microbatch)
        if self.sharded:
            found += [[]] * (largest(len(found), self.accelerator) - len(found))
        return found

    def added_metrics(self, totals: Mapping[str, float]) -> dict[str, float | None]:
        """The mean of each added loss and over how many tokens, from the sums over all processes."""
        found: dict[str, float | None] = {}
        for name in (added.name for added in self.added):
            tokens = totals[f"{name}_tokens"]
            found |= {
                f"{name}_loss": totals[f"{name}_loss"] / tokens if tokens else None,
                f"{name}_tokens": tokens,
            }
        return found

    def set_rate(self, step: int) -> None:
        """Give the optimizer the learning rates of a step. Default: `rate` for all."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate(step)

    def rate(self, step: int) -> float:
        """The learning rate of a step."""
        return self.options.lr * min(1.0, step / max(1, self.options.warmup_steps))

    def _one_update(
        self,
        samples: Sequence[Sample],
        lessons: Sequence[Sequence[Lesson]],
        totals: Mapping[str, float],
    ) -> None:
        """One AdamW step; `totals`: by what the algorithm's loss (under "") and each added one is divided."""
        there = float(len(samples) + sum(map(len, lessons)))
        if add_up({"there": there}, self.accelerator)["there"] == 0:
            return
        found: tuple[float, dict[str, float]] | None = None
        try:
            found = self._gradient(samples, lessons, totals)
        except torch.OutOfMemoryError as exc:
            if self._halved or self.sharded:  # who shares weights would wait for this process
                raise self._too_large() from exc
            self._halved = True
            self.microbatch //= 2
            print(
                f"Out of memory: from now on micro-batches of {self.microbatch} tokens (microbatch_tokens).",
                file=sys.stderr,
            )
        if found is None:  # only now: within the handler the error keeps the failed pass in memory
            torch.cuda.empty_cache()
            try:
                found = self._gradient(samples, lessons, totals)
            except torch.OutOfMemoryError as exc:
                raise self._too_large() from exc
        loss, counted = found
        parameters = [p for group in self.optimizer.param_groups for p in group["params"] if p.requires_grad]
        self.grad_norm = self._summed_and_clipped(parameters)
        self.sums["updates"] += 1
        for name, value in counted.items():
            self.sums[name] += value
        loss = add_up({"loss": loss}, self.accelerator)["loss"]
        # Else one overflow would make every weight NaN, for ever.
        if math.isfinite(loss) and math.isfinite(self.grad_norm):
            self.optimizer.step()
            self._not_finite = 0
            return
        self.sums["updates_skipped"] += 1
        self._not_finite += 1
        if self._not_finite >= HOPELESS_UPDATES:
            raise NotFinite(f"Losses or gradients of {self._not_finite} updates in a row were not finite.")

    def _too_large(self) -> ConfigError:
        return ConfigError(
            f"Out of memory with micro-batches of {self.microbatch} tokens. Go on from the last checkpoint "
            "with resume=True (--resume) and a smaller microbatch_tokens. In a new run "
            "activation_checkpointing, lora_rank and sharding take less memory too."
        )

    def _summed_and_clipped(self, parameters: list[torch.nn.Parameter]) -> float:
        """Sum the gradients over the processes and clip them; the norm before it was clipped."""
        if not self.sharded:
            add_up_gradients(parameters, self.accelerator)
            return float(torch.nn.utils.clip_grad_norm_(parameters, self.options.max_grad_norm))
        release(*self.models())  # what is gathered now would be out of date after the step
        add_up_gradients([p for p in parameters if not isinstance(p, DTensor)], self.accelerator)
        return clip_gradients(parameters, self.options.max_grad_norm)

    def _gradient(
        self,
        samples: Sequence[Sample],
        lessons: Sequence[Sequence[Lesson]],
        totals: Mapping[str, float],
    ) -> tuple[float, dict[str, float]]:
        """Leave the gradients of an update; its loss, this process's share, and what it adds to the sums."""
        compiled = self._compiled.in_place() if self._compiled else nullcontext()
        with recomputed(*self.models()), compiled, heard():
            return self._backward(samples, lessons, totals)

    def _backward(
        self,
        samples: Sequence[Sample],
        lessons: Sequence[Sequence[Lesson]],
        totals: Mapping[str, float],
    ) -> tuple[float, dict[str, float]]:
        for group in self.optimizer.param_groups:
            clear_gradients(group["params"])
        sums: Tensor | int = 0
        whole = torch.zeros((), device=self.accelerator.device)
        for indices in self.batches([len(sample.record) for sample in samples]):
            loss, counted = self.loss([samples[i] for i in indices] or [self.blank()])
            loss = loss / totals[""] if indices else 0 * loss
            self.accelerator.backward(loss)
            whole += loss.detach()
            if indices:
                sums = sums + counted
        found = dict(zip(self.measures, sums.tolist(), strict=True)) if isinstance(sums, Tensor) else {}
        for added, own in zip(self.added, lessons, strict=True):
            summed = torch.zeros((), device=self.accelerator.device)
            for indices in self.batches(list(map(len, own))):
                chosen = [own[i] for i in indices] or [Lesson(_blank_record(), _blank_record())]
                losses = added.losses(self.model, chosen, self.accelerator).sum()
                loss = added.weight * losses / totals[added.name] if indices else 0 * losses
                self.accelerator.backward(loss)
                whole += loss.detach()
                if indices:
                    summed += losses.detach()
            found[f"{added.name}_loss"] = float(summed)
            found[f"{added.name}_tokens"] = float(sum(lesson.predicted for lesson in own))
        return float(whole), found


_BLANK = 2
"""Tokens of a dialogue without weight: one to read and one to predict."""


def _blank_record() -> TokenRecord:
    return TokenRecord(
        np.zeros(_BLANK, dtype=np.int64),
        np.array([False, True]),
        np.ones(_BLANK, dtype=np.int64),
        np.zeros(_BLANK, dtype=np.float32),
    )


def spread(record: TokenRecord, value: float) -> NDArray[np.float32]:
    """The same advantage for every token that the student sampled."""
    return np.where(record.student, np.float32(value), np.float32(0))


def spread_turns(record: TokenRecord, values: Sequence[float]) -> NDArray[np.float32]:
    """For every token that the student sampled the advantage of its turn."""
    by_turn = np.array([0.0, *values], dtype=np.float32)
    return np.where(record.student, by_turn[record.turn], np.float32(0))


def padded(arrays: Sequence[NDArray[np.float32]], like: Tensor) -> Tensor:
    """Arrays of unequal lengths as one tensor of the shape of `like`, 0 where they end; float32."""
    table = np.zeros(tuple(like.shape), dtype=np.float32)
    for row, array in zip(table, arrays, strict=True):
        row[: len(array)] = array
    return torch.from_numpy(table).to(like.device)
