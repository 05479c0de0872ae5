"""Supervised fine-tuning on what a student said: TRL's `SFTTrainer` on token records.

The tokens are those that were sampled, with the teacher's and the template's tokens between them masked out
of the loss; nothing is tokenised again. What TRL adds is the training loop (`sml_agents.sft_trainer`).
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Sampler
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from sml_agents.tokens import TokenRecord
from sml_gym import ConfigError


def finetune(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    records: Sequence[TokenRecord],
    *,
    folder: Path,
    lr: float,
    epochs: int,
    batch_size: int,
    microbatch_size: int,
    warmup_share: float,
    precision: str,
    device: str,
    seed: int,
    checkpointing: bool = False,
    processes: int = 1,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, float]:
    """Train a model in place to say what the student said in these dialogues.

    Args:
        model: changed in place.
        tokenizer: its tokenizer, of which only the padding token is used.
        records: dialogues; only the tokens that the student sampled are trained on.
        folder: for what the trainer writes.
        lr: peak learning rate of AdamW; it falls to 0 along a cosine after the warm-up.
        epochs: passes over the dialogues.
        batch_size: dialogues in each update.
        microbatch_size: dialogues whose gradient is computed at once.
        warmup_share: share of the updates over which the learning rate rises.
        precision: "no" or "bf16".
        device: "auto" or "cpu".
        seed: of the order of dialogues.
        checkpointing: whether activations are computed again in the backward pass instead of kept.
        processes: how many share each update, all with the same records. `microbatch_size` is of each.
        stop: asked after each update, in all processes; once it is True there are no more.

    Returns:
        the mean loss (nats a token) over the whole run, how many updates and tokens a pass there were, and,
        if any were skipped since their gradient was not finite, how many.

    Raises:
        ConfigError: there is nothing to train on.
        NotFinite: update after update had no finite gradient.
        torch.OutOfMemoryError: a micro-batch of half the size does not fit either.
    """
    if not any(record.student.any() for record in records):
        raise ConfigError(
            "There is no dialogue to train on: none was solved, or none is within max_length. Hold more of "
            "them, choose easier tasks, or start from a student that solves some, in another `out`."
        )
    from datasets import Dataset, concatenate_datasets, disable_progress_bars
    from trl import SFTConfig

    from sml_agents.sft_trainer import CarefulTrainer

    disable_progress_bars()
    rows = Dataset.from_list(
        [{"input_ids": r.ids.tolist(), "assistant_masks": r.student.astype(int).tolist()} for r in records]
    )
    accumulate = max(1, batch_size // microbatch_size)
    updates = max(1, -(-len(records) // (microbatch_size * accumulate)) * epochs)
    size = min(microbatch_size, batch_size)
    each = size * accumulate  # dialogues in each update
    sampler: Sampler[int] = LikeLengths(list(map(len, records)), each, seed)
    if processes > 1:
        size = min(size, -(-each // processes))
        accumulate = -(-each // (size * processes))
        rows = concatenate_datasets([rows, Dataset.from_list([{"input_ids": [0], "assistant_masks": [0]}])])
        sampler = FilledUp(sampler, len(records), each, size * accumulate * processes)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*gradient_checkpointing", FutureWarning)  # older versions' word
        config = SFTConfig(
            output_dir=str(folder),
            per_device_train_batch_size=size,
            gradient_accumulation_steps=accumulate,
            num_train_epochs=epochs,
            learning_rate=lr,
            lr_scheduler_type="cosine",
            warmup_steps=int(warmup_share * updates),
            bf16=precision == "bf16",
            use_cpu=device == "cpu",
            gradient_checkpointing=checkpointing,  # TRL's own field of that name is on by default
            max_length=None,
            packing=False,
            shuffle_dataset=False,
            seed=seed % 2**31,
            data_seed=seed % 2**31,
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            logging_steps=1,
            logging_strategy="steps",
        )
    trainer: Any = CarefulTrainer(
        model=model,
        args=config,
        train_dataset=rows,
        processing_class=_padding(tokenizer),
        sampler=sampler,
        stop=stop,
    )
    output = trainer.train()
    model.eval()
    return {
        "sft_loss": float(output.training_loss),
        "sft_updates": float(output.global_step),
        "sft_tokens": float(sum(int(r.student.sum()) for r in records)),
        **({"sft_updates_skipped": float(trainer.skipped)} if trainer.skipped else {}),
    }


class LikeLengths(Sampler[int]):
    """Dialogues at random, in batches of like length, since a micro-batch is padded to its longest.

    In each pass the dialogues are shuffled, `BATCHES` batches at a time are sorted by length, and the batches
    are shuffled again; one that is not full comes last.

    Args:
        lengths: of the dialogues (tokens).
        batch_size: dialogues in each update.
        seed: of the order, which differs from pass to pass.
    """

    BATCHES = 50

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self._lengths = lengths
        self._size = batch_size
        self._generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        order = torch.randperm(len(self), generator=self._generator).tolist()
        batches: list[list[int]] = []
        for start in range(0, len(order), self.BATCHES * self._size):
            chunk = sorted(order[start : start + self.BATCHES * self._size], key=self._lengths.__getitem__)
            batches += [chunk[i : i + self._size] for i in range(0, len(chunk), self._size)]
        full = [batch for batch in batches if len(batch) == self._size]
        for place in torch.randperm(len(full), generator=self._generator).tolist():
            yield from full[place]
        yield from (i for batch in batches if len(batch) < self._size for i in batch)


class FilledUp(Sampler[int]):
    """Each update's dialogues with blank rows after them, so that processes have micro-batches alike.

    A blank row has no token to learn and so changes neither the sum nor what it is divided by; without them
    `accelerate` would let the last update's processes repeat dialogues of the first.

    Args:
        sampler: the order of the dialogues.
        size: how many dialogues there are; the blank row has this number.
        each: dialogues in each update.
        slots: rows in each update, over all processes.
    """

    def __init__(self, sampler: Sampler[int], size: int, each: int, slots: int) -> None:
        self._sampler, self._size, self._each, self._slots = sampler, size, each, slots

    def __len__(self) -> int:
        return -(-self._size // self._each) * self._slots

    def __iter__(self) -> Iterator[int]:
        order = list(self._sampler)
        for start in range(0, len(order), self._each):
            update = order[start : start + self._each]
            yield from update
            yield from [self._size] * (self._slots - len(update))


def _padding(tokenizer: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """The tokenizer, or a copy with a token to fill rows with: any will do, since it is masked."""
    known: Any = tokenizer
    if known.pad_token is None:
        known = copy.deepcopy(tokenizer)
        known.pad_token = known.eos_token or known.convert_ids_to_tokens(0)
    return known
