"""The processes of a run: how they start, what they add up, and what ends them all when one is lost.

Data parallelism is done by hand rather than by `DistributedDataParallel`. Processes hold unequal numbers of
dialogues and so compute unequal numbers of micro-batches, or none; a hook in each backward pass would wait
for those that never come, or need micro-batches of nothing to be made up. And the gradient is a sum over the
dialogues of all processes, divided once by what the loss is averaged over, which is no mean over processes.
So each adds up its own micro-batches, and one sum over the processes follows, in buckets: a copy of a bucket
is all that it needs beside the gradients, and links are used as well by one large message as by many.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import (
    GradientAccumulationPlugin,
    InitProcessGroupKwargs,
    gather_object,
)
from torch import Tensor, distributed

from sml_gym import ConfigError, SMLError

T = TypeVar("T")

BUCKET_BYTES = 2**25
"""So much of the gradients is summed over the processes at once."""


class ProcessLost(SMLError):
    """Another process of the run has ended, or is not heard of any more."""


def start(*, precision: str, device: str, timeout: float) -> Accelerator:
    """Join the processes that `torchrun` or `accelerate launch` started; one alone is a run of its own.

    Args:
        precision: "no" or "bf16".
        device: "auto" or "cpu".
        timeout: how long a process waits for the others before it ends with an error (seconds).

    Raises:
        ConfigError: where `accelerate` is configured for an engine that would not train what stands here.
    """
    for engine, name in (("DEEPSPEED", "DeepSpeed"), ("MEGATRON_LM", "Megatron-LM")):
        if launched_for(engine):
            raise ConfigError(
                f"accelerate is configured for {name}, which this engine does not use. Choose sharding=fsdp, "
                "which shards as well, and launch without that configuration, or take engine=trl."
            )
    if launched_for("FSDP") and os.environ.get("FSDP_VERSION", "1") != "2":
        raise ConfigError(
            "accelerate is configured for the first version of FSDP. Launch with --fsdp_version 2, or "
            "without it and with sharding=fsdp."
        )
    leave_at_exit()
    return Accelerator(
        mixed_precision=precision,
        cpu=device == "cpu",
        # Said here, or a number in the launcher's configuration would divide every gradient.
        gradient_accumulation_plugin=GradientAccumulationPlugin(num_steps=1),
        kwargs_handlers=[InitProcessGroupKwargs(timeout=timedelta(seconds=timeout))],
    )


@contextmanager
def own_precision() -> Iterator[None]:
    """Within it, a run may choose its precision, which `accelerate` keeps for the whole process.

    Without it, that of a run before in this process would be refused, or whoever comes next would compute
    in this run's.
    """
    _forget_precision()
    try:
        yield
    finally:
        _forget_precision()


def _forget_precision() -> None:
    AcceleratorState._reset_state(reset_partial_state=not distributed.is_initialized())


def leave_at_exit() -> None:
    """Let this process leave the others in order when it exits, whatever becomes of its run."""
    atexit.unregister(_leave)
    atexit.register(_leave)


def _leave() -> None:
    """End the threads of gloo: one that is alive while the interpreter ends may abort a run that is complete.

    NCCL is left to end by itself: where a process has failed, leaving in order would wait for the others.
    """
    if distributed.is_initialized() and distributed.get_backend() == "gloo":
        distributed.destroy_process_group()


def launched_for(engine: str) -> bool:
    """Whether `accelerate launch` was configured for an engine ("FSDP", "DEEPSPEED", "MEGATRON_LM")."""
    return os.environ.get(f"ACCELERATE_USE_{engine}", "false").lower() == "true"


@contextmanager
def heard() -> Iterator[None]:
    """Within it, the loss of another process is a `ProcessLost` that says what to do."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as exc:
        if not _of_another(exc):
            raise
        reason = str(exc).strip().split("\n")[0]
        raise ProcessLost(
            f"Another process of this run has ended or does not answer ({reason:.300}). Its own error, if it "
            "could still say one, stands above. Go on from the last checkpoint with resume=True (--resume)."
        ) from exc


def _of_another(exc: RuntimeError) -> bool:
    """Whether an error is of the messages between processes."""
    said = str(exc).lower()
    return isinstance(exc, distributed.DistError) or any(
        name in said for name in ("gloo", "nccl", "connection closed by peer", "connection reset by peer")
    )


def add_up(values: dict[str, float], accelerator: Accelerator) -> dict[str, float]:
    """Each value summed over the processes, which must all pass the same names in the same order."""
    if accelerator.num_processes == 1:
        return values
    table = torch.tensor(list(values.values()), dtype=torch.float64, device=accelerator.device)
    with heard():
        distributed.all_reduce(table)
    return dict(zip(values, table.tolist(), strict=True))


def places(sizes: Sequence[int], accelerator: Accelerator) -> list[tuple[int, int]]:
    """For each size how much the processes before this one have of it, and how much all have."""
    ranks, rank = accelerator.num_processes, accelerator.process_index
    if ranks == 1:
        return [(0, size) for size in sizes]
    table = torch.zeros((ranks, len(sizes)), dtype=torch.long, device=accelerator.device)
    table[rank] = torch.tensor(sizes, dtype=torch.long)
    with heard():
        distributed.all_reduce(table)
    before, total = table[:rank].sum(0).tolist(), table.sum(0).tolist()
    return list(zip(before, total, strict=True))


def largest(value: int, accelerator: Accelerator) -> int:
    """The largest of the processes' values."""
    if accelerator.num_processes == 1:
        return value
    table = torch.tensor(value, dtype=torch.long, device=accelerator.device)
    with heard():
        distributed.all_reduce(table, distributed.ReduceOp.MAX)
    return int(table)


def gather(items: list[T], accelerator: Accelerator) -> list[T]:
    """The items of all processes, in the order of their ranks; all must call it."""
    if accelerator.num_processes == 1:
        return items
    with heard():
        gathered: list[T] = gather_object(items)
    return gathered


def wait(accelerator: Accelerator) -> None:
    """Wait until all processes are here."""
    with heard():
        accelerator.wait_for_everyone()


def add_up_gradients(
    parameters: Sequence[torch.nn.Parameter], accelerator: Accelerator, bucket_bytes: int = BUCKET_BYTES
) -> None:
    """Sum gradients over the processes; a parameter that has one in no process gets none."""
    if accelerator.num_processes == 1 or not parameters:
        return
    has = torch.tensor([p.grad is not None for p in parameters], dtype=torch.uint8, device=accelerator.device)
    with heard():
        distributed.all_reduce(has, distributed.ReduceOp.MAX)
    found: list[Tensor] = []
    for parameter, somewhere in zip(parameters, has.tolist(), strict=True):
        if somewhere:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            found.append(parameter.grad)
    for bucket in _buckets(found, bucket_bytes):
        flat = torch.cat([gradient.flatten() for gradient in bucket])
        with heard():
            distributed.all_reduce(flat)
        for gradient, piece in zip(bucket, torch.split(flat, [g.numel() for g in bucket]), strict=True):
            gradient.copy_(piece.view_as(gradient))


def _buckets(tensors: Sequence[Tensor], size: int) -> Iterator[list[Tensor]]:
    """Tensors in their order, in lists of one type and so many bytes; a larger tensor is one by itself."""
    bucket: list[Tensor] = []
    held = 0
    for tensor in tensors:
        if bucket and (held + tensor.nbytes > size or tensor.dtype != bucket[0].dtype):
            yield bucket
            bucket, held = [], 0
        bucket.append(tensor)
        held += tensor.nbytes
    if bucket:
        yield bucket
