"""TRL's `GRPOTrainer` over dialogues: its batches with the advantages and the divisors that our learner has.

TRL has one reward a dialogue, and from it one advantage. A dialogue that the infrastructure broke has no
reward (None), which TRL leaves out of its group's mean, and a mask without a token, which adds nothing to the
loss. Three things are put right here, so that both engines compute the same:

- Advantages are those of `sml_agents.advantages`: by turn or by dialogue, against the mean of all or of the
  others, and the population's standard deviation (TRL divides by n - 1).
- A mean over dialogues is one over those that count, not over all rows of a batch.
- The policy that held the dialogues is known by the log-probabilities at sampling, so TRL's own second look
  at them is not used. With vLLM it is: vLLM's numbers are not quite the model's, and TRL corrects for that.

Nothing else of the loss is touched.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR
from transformers import PreTrainedModel, TrainerState
from trl import GRPOTrainer
from trl.models import unwrap_model_for_generation

from sml_agents.checkpoint import not_saved
from sml_agents.learner import HOPELESS_UPDATES, NotFinite
from sml_agents.load import quiet
from sml_agents.tokens import TokenRecord
from sml_agents.trl_engine.options import updates_per_step
from sml_gym import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sml_agents.grpo import GRPOOptions

STATE = "trainer_state.json"
_TASKS = "tasks.json"
_PREFIX = "checkpoint-"
_OF_DIALOGUES = ("grpo", "luspo", "dr_grpo")
"""Loss types whose divisor counts the rows of a batch."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The dialogues of a step in this process, in the order in which TRL has them.

    Attributes:
        records: their tokens; without any for a dialogue in which the student said nothing.
        valid: whether each counts; the others were broken by the infrastructure.
        rewards: the discounted return of each, None where it does not count.
        advantages: of each token, 0 where the student did not sample it.
        dialogues: how many count and have tokens, over all processes.
        rows: how many there are, over all processes.
        tells: whether there is anything to learn from any of them, in any process.
    """

    records: Sequence[TokenRecord]
    valid: Sequence[bool]
    rewards: Sequence[float | None]
    advantages: Sequence[NDArray[np.float32]]
    dialogues: float
    rows: float
    tells: bool

    def to_trl(self, filler: int) -> dict[str, list[Any]]:
        """What a `rollout_func` returns.

        A prompt is what stands before the student's first token, the completion all from there on, with the
        teacher's words masked. A dialogue without tokens, for which TRL has no room, is one masked `filler`.
        """
        starts = [int(r.student.argmax()) if len(r) else 1 for r in self.records]
        ids = [r.ids.tolist() if len(r) else [filler] * 2 for r in self.records]
        masks = [
            (r.student & ok).astype(int).tolist() if len(r) else [0, 0]
            for r, ok in zip(self.records, self.valid, strict=True)
        ]
        logprobs = [r.logprobs.tolist() if len(r) else [0.0] * 2 for r in self.records]
        return {
            "prompt_ids": [row[:start] for row, start in zip(ids, starts, strict=True)],
            "completion_ids": [row[start:] for row, start in zip(ids, starts, strict=True)],
            "env_mask": [row[start:] for row, start in zip(masks, starts, strict=True)],
            "logprobs": [row[start:] for row, start in zip(logprobs, starts, strict=True)],
            "reward": list(self.rewards),
        }

    def advantage_table(self, width: int, *, by_turn: bool) -> Tensor:
        """Advantages of the completions as TRL pads them: (dialogues,), or (dialogues, width) by turn."""
        table = np.zeros((len(self.records), width), dtype=np.float32)
        for row, record, own in zip(table, self.records, self.advantages, strict=True):
            if len(record):
                completion = own[int(record.student.argmax()) :]
                row[: len(completion)] = completion
        return torch.from_numpy(table if by_turn else table[:, 0].copy())


class DialogueTrainer(GRPOTrainer):  # type: ignore[misc]
    """`GRPOTrainer` with the dialogues of `hold`.

    Args:
        options: the run.
        hold: holds the dialogues of TRL's next batch, given its prompts; see `sml_agents.trl_engine`.
        task_state: what the task source has learnt, for a checkpoint.
        **arguments: of `GRPOTrainer`.
    """

    def __init__(
        self,
        options: GRPOOptions,
        hold: Callable[[list[Any], DialogueTrainer], Batch],
        task_state: Callable[[], dict[str, Any]],
        **arguments: Any,
    ) -> None:
        self.options, self._hold, self._task_state = options, hold, task_state
        self.batch: Batch | None = None
        self.updates_skipped = 0
        self._not_finite = 0
        super().__init__(rollout_func=_roll, reward_funcs=[dialogue_return], **arguments)

    @contextmanager
    def speaking(self) -> Iterator[PreTrainedModel]:
        """The model in one piece and without dropout, as dialogues are held with it.

        With vLLM, which has weights of its own, its pieces stay where they are.
        """
        training = self.model.training
        whole: AbstractContextManager[Any] = nullcontext()
        if not self.use_vllm:
            whole = self._dist.summon_full_params(self.model_wrapped, recurse=False)
        with (
            unwrap_model_for_generation(
                self.model_wrapped,
                self.accelerator,
                gather_deepspeed3_params=self.args.ds3_gather_for_generation and not self.use_vllm,
                gradient_checkpointing_kwargs=self.args.gradient_checkpointing_kwargs,
            ) as model,
            whole,
            self.accelerator.autocast(),
        ):
            model.eval()
            try:
                yield plain(model)
            finally:
                model.train(training)

    # ---- what TRL asks ----

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        batch = self.batch
        if batch is None:
            raise RuntimeError("TRL asked for advantages before there were dialogues.")
        width = output["completion_ids"].size(1)
        table = batch.advantage_table(width, by_turn=self.options.turn_credit)
        output["advantages"] = table.to(output["completion_ids"].device)
        if not self.use_vllm:
            output["old_per_token_logps"] = output["sampling_per_token_logps"]
        counts = self.loss_type in _OF_DIALOGUES
        share = batch.rows / batch.dialogues if counts and batch.dialogues else 1.0
        output["over_dialogues"] = torch.tensor(share, device=table.device)
        return output

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Tensor:
        loss: Tensor = super()._compute_loss(model, inputs)
        scaled: Tensor = loss * inputs["over_dialogues"].to(loss.device)
        return scaled

    def _clip_grad_norm(self, model: Any) -> Any:
        """Clip; without anything to learn, or where the gradient is not finite, leave no gradient at all.

        AdamW then makes no step. With a gradient of zeros it would go on as before by its momentum. DeepSpeed
        tells no norm, keeps the gradients and does as it is configured.
        """
        norm = super()._clip_grad_norm(model)
        if norm is None:
            return norm
        finite = math.isfinite(float(norm))
        if not finite or (self.batch is not None and not self.batch.tells):
            for parameter in model.parameters():
                parameter.grad = None
        if finite:
            self._not_finite = 0
            return norm
        self.updates_skipped += 1
        self._not_finite += 1
        if self._not_finite >= HOPELESS_UPDATES:
            raise NotFinite(f"The gradients of {self._not_finite} updates in a row were not finite.")
        return norm

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """The warm-up that our learner has: step n of the first `warmup_steps` has n / warmup_steps of lr."""
        if self.lr_scheduler is None and "lr_scheduler_type" not in self.options.engine_options:
            updates, warmup = updates_per_step(self.options), max(1, self.options.warmup_steps)
            self.lr_scheduler: Any = LambdaLR(
                optimizer if optimizer is not None else self.optimizer,
                lambda done: min(1.0, (done // updates + 1) / warmup),
            )
            self._created_lr_scheduler = True
        return super().create_scheduler(num_training_steps, optimizer)

    def get_decay_parameter_names(self, model: Any) -> list[str]:
        """Weight decay falls on all weights, as with our learner."""
        return [name for name, _ in model.named_parameters()]

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """TRL's checkpoint with the task source's state. `STATE` is the last file of a whole one."""
        folder = Path(self.args.output_dir) / f"{_PREFIX}{self.state.global_step}"
        try:
            state = self._task_state()
            if state and self.args.should_save:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / _TASKS).write_text(json.dumps(state), encoding="ascii")
            with quiet():
                super()._save_checkpoint(model, trial)
        except (OSError, SafetensorError, RuntimeError) as exc:
            raise not_saved(folder, folder, exc) from exc

    def count_skipped(self) -> int:
        """How many updates had no finite gradient."""
        return self.updates_skipped

    def save_now(self) -> None:
        """Write a checkpoint of what is, between two steps."""
        self._save_checkpoint(self.model, None)


def plain(model: Any) -> PreTrainedModel:
    """The model itself, from within `peft`'s; its adapters stay in it."""
    inner: PreTrainedModel = model.get_base_model() if hasattr(model, "get_base_model") else model
    return inner


def newest_checkpoint(checkpoints: Path) -> Path | None:
    """The newest whole checkpoint that TRL wrote into a folder; one that a kill cut short is passed over."""
    found = sorted(checkpoints.glob(f"{_PREFIX}*"), key=_number, reverse=True)
    return next((folder for folder in found if _whole(folder)), None)


def updates_in(checkpoint: Path) -> int:
    """After how many of AdamW's steps a checkpoint was written."""
    return int(TrainerState.load_from_json(str(checkpoint / STATE)).global_step)


def task_state_in(checkpoint: Path) -> dict[str, Any]:
    """What the task source had learnt when a checkpoint was written."""
    path = checkpoint / _TASKS
    try:
        state: dict[str, Any] = json.loads(path.read_text(encoding="ascii")) if path.exists() else {}
    except (OSError, ValueError) as exc:
        raise ConfigError(
            f"Cannot read {path}: {exc}. Remove this checkpoint and resume from the one before."
        ) from exc
    return state


def _number(folder: Path) -> int:
    digits = folder.name.removeprefix(_PREFIX)
    return int(digits) if digits.isdigit() else -1


def _whole(folder: Path) -> bool:
    try:
        return int(json.loads((folder / STATE).read_text(encoding="utf-8"))["global_step"]) == _number(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _roll(prompts: list[Any], trainer: DialogueTrainer) -> dict[str, list[Any]]:
    """TRL's `rollout_func`."""
    trainer.batch = trainer._hold(prompts, trainer)
    return trainer.batch.to_trl(trainer._tokenizer.pad_token_id)


def dialogue_return(reward: list[float | None], **_: Any) -> list[float | None]:
    """TRL's reward function: what the dialogues returned."""
    return reward
