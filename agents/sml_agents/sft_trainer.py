"""TRL's `SFTTrainer` with what every run here promises.

- An update whose gradient is not finite changes nothing and is counted; after `HOPELESS_UPDATES` of them in a
  row the training ends.
- Out of memory, the micro-batch is halved, once and for all: the update under way is computed again in
  halves, so that its gradient is what it would have been.

This module imports TRL, which takes seconds; `sml_agents.sft` imports it when there is something to train on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import get_total_norm
from torch.utils.data import Sampler
from transformers import PrinterCallback, TrainerCallback
from trl import SFTTrainer

from sml_agents.learner import HOPELESS_UPDATES, NotFinite


class CarefulTrainer(SFTTrainer):  # type: ignore[misc]
    """An `SFTTrainer` over token records, in an order of its own.

    Args:
        sampler: the order of the dialogues.
        stop: asked after each update; once it is True there are no more.
        **options: those of `SFTTrainer`.

    Attributes:
        skipped: how many updates had no finite gradient.
    """

    def __init__(self, *, sampler: Sampler[int], stop: Callable[[], bool], **options: Any) -> None:
        super().__init__(**options)
        self._order = sampler
        self._guard = _Guard(stop)
        self._read: list[dict[str, Any]] = []  # micro-batches of the update under way
        self._halved = False
        self.remove_callback(PrinterCallback)  # a run's own log holds what it would print
        self.add_callback(self._guard)

    @property
    def skipped(self) -> int:
        """How many updates had no finite gradient, and changed nothing."""
        return self._guard.skipped

    def _get_train_sampler(self, *_: Any) -> Sampler[int]:
        return self._order  # the trainer's own groups by length in large sets alone

    def training_step(
        self, model: Any, inputs: dict[str, Any], num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        """Add a micro-batch's gradient to that of the update, and return its loss."""
        self._read.append(dict(inputs))
        loss = None if self._halved else self._whole(model, inputs, num_items_in_batch)
        if loss is None:
            loss = self._in_halves(model, self._read[-1], num_items_in_batch)
        if self.accelerator.sync_gradients:  # the last of its update
            self._read.clear()
        return loss

    def _whole(self, model: Any, inputs: dict[str, Any], items: Tensor | int | None) -> Tensor | None:
        """The loss; None out of memory, with the gradient of the update's earlier micro-batches as it was."""
        try:
            return super().training_step(model, inputs, items)  # type: ignore[no-any-return]
        except torch.OutOfMemoryError:
            rows = len(inputs["input_ids"])
            if rows == 1 or self.accelerator.num_processes > 1:  # the others make no further pass
                raise
        self._halved = True  # not in the handler, whose traceback holds what the failed pass has taken
        half = -(-rows // 2)
        print(
            f"Out of memory: from now on micro-batches of {half} dialogues (microbatch_size).",
            file=sys.stderr,
        )
        model.zero_grad()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        for earlier in self._read[:-1]:
            self._in_halves(model, earlier, items)
        return None

    def _in_halves(self, model: Any, inputs: dict[str, Any], items: Tensor | int | None) -> Tensor:
        """The same as in one, for a mean over tokens that knows how many there are."""
        rows = len(inputs["input_ids"])
        if items is None:
            items = (inputs["labels"][:, 1:] != -100).sum()
        half = -(-rows // 2)
        losses = [
            super(CarefulTrainer, self).training_step(
                model,
                {
                    name: value[rows_of] if isinstance(value, Tensor) and len(value) == rows else value
                    for name, value in inputs.items()
                },
                items,
            )
            for rows_of in (slice(0, half), slice(half, rows))
            if rows_of.start < rows_of.stop
        ]
        return torch.stack(losses).sum()


class _Guard(TrainerCallback):  # type: ignore[misc]
    """Keeps the optimizer from a gradient that is not finite, and ends the training when told to."""

    def __init__(self, stop: Callable[[], bool]) -> None:
        self._stop = stop
        self._in_a_row = 0
        self.skipped = 0

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """A parameter without a gradient is left alone by the optimizer, its moments too."""
        parameters = [p for p in kwargs["model"].parameters() if p.grad is not None]
        if torch.isfinite(get_total_norm([p.grad for p in parameters])):
            self._in_a_row = 0
            return
        for parameter in parameters:
            parameter.grad = None
        self.skipped += 1
        self._in_a_row += 1
        if self._in_a_row >= HOPELESS_UPDATES:
            raise NotFinite(f"The gradients of {self._in_a_row} updates in a row were not finite.")

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """No further update once the run is told to stop."""
        if self._stop():
            control.should_training_stop = True
