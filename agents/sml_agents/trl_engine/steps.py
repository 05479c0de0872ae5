"""What happens around TRL's steps as it does around our own: log, progress, the signal to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from accelerate import Accelerator
from tqdm import tqdm
from transformers import TrainerCallback, TrainerControl, TrainerState

from sml_agents.endings import Patience
from sml_agents.logs import RunLog
from sml_agents.online import headline
from sml_agents.processes import add_up
from sml_agents.training_metrics import step_metrics

_NOT_TAKEN = ("trained_tokens", "entropy", "clipped", "kl", "policy_kl", "updates_skipped")
"""Sums that our learner adds up over tokens. TRL logs means instead."""


@dataclass(slots=True)
class StepRecord:
    """What the dialogues of a step said, filled in when they have been held.

    Attributes:
        totals: sums over them, over all processes.
        max_turns: of a dialogue.
        began: when the first of them began (seconds, of `time.perf_counter`).
        held: when all had ended.
        failure: why one of them broke.
    """

    totals: dict[str, float] = field(default_factory=dict)
    max_turns: int = 0
    began: float = 0.0
    held: float = 0.0
    failure: str = ""


class Steps(TrainerCallback):  # type: ignore[misc]
    """Logs each step, ends the run at a signal, and gives up when no dialogue can be held.

    Args:
        steps: of the run.
        updates: AdamW's steps in each.
        record: what the newest step's dialogues said.
        accelerator: the trainer's, once there is one.
        stop: set when the run is to end after the step under way.
        log: where to write, in the main process.
        bar: the progress bar.
        on_step: called with each step's metrics and times, once they are logged and any checkpoint is saved.
    """

    def __init__(
        self,
        steps: int,
        updates: int,
        record: StepRecord,
        *,
        stop: threading.Event,
        log: RunLog | None,
        bar: tqdm[Any],
        on_step: Callable[[dict[str, float | None]], None] | None,
    ) -> None:
        self.steps, self.updates, self.record = steps, updates, record
        self.stop, self.log, self.bar = stop, log, bar
        self.on_step = on_step if log else None
        self.accelerator: Accelerator | None = None
        self.skipped: Callable[[], int] = lambda: 0
        self.metrics: dict[str, float | None] = {}
        self.saved = 0
        self.stopped = False
        self._before = 0
        self._patience = Patience()
        self._told: dict[str, float | None] | None = None

    def on_step_end(self, args: Any, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """TRL's step is an update; after the last one of ours, see whether to stop."""
        if state.global_step % self.updates or state.global_step >= self.steps * self.updates:
            return
        if self.accelerator and add_up({"stop": float(self.stop.is_set())}, self.accelerator)["stop"]:
            self.stopped = True
            control.should_save = control.should_training_stop = True

    def on_log(
        self, args: Any, state: TrainerState, control: TrainerControl, logs: dict[str, Any], **_: Any
    ) -> None:
        """Write the step's line."""
        if "train_runtime" in logs:  # the summary at the end
            return
        record, now = self.record, time.perf_counter()
        totals = dict.fromkeys(_NOT_TAKEN, 0.0) | record.totals
        totals["updates_skipped"] = float(self.skipped() - self._before)
        self._before = self.skipped()
        clipped = logs.get("clip_ratio/region_mean", logs.get("cispo_clip_ratio"))
        self.metrics = {
            "step": state.global_step // self.updates,
            **step_metrics(totals, record.max_turns),
            "entropy": logs.get("entropy"),
            "clip_share": clipped,
            "kl": logs.get("kl", 0.0),
            **{name: value for name, value in logs.items() if name.startswith("sampling/")},
            "grad_norm": logs.get("grad_norm"),
            "lr": logs.get("learning_rate"),
        }
        seconds = record.held - record.began
        timings: dict[str, float | None] = {
            "seconds_rollout": seconds,
            "seconds_update": now - record.held,
            "tokens_per_second": totals["tokens"] / seconds,
            "rollouts_per_second": totals["dialogues"] / seconds,
        }
        if self.log:
            self.log.write(self.metrics, timings)
        self.bar.update()
        self.bar.set_postfix(headline(self.metrics), refresh=False)
        self._told = self.metrics | timings
        if not control.should_save:
            self._tell()
        self._patience.after_step(totals["dialogues"], totals["tokens"], record.failure)

    def on_save(self, args: Any, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        """A checkpoint is whole."""
        self.saved = state.global_step // self.updates
        self._tell()

    def _tell(self) -> None:
        if self.on_step and self._told is not None:
            self.on_step(self._told)
        self._told = None
