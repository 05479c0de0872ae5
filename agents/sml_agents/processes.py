"""Sums over the processes of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object

T = TypeVar("T")


def add_up(values: dict[str, float], accelerator: Accelerator) -> dict[str, float]:
    """Each value summed over the processes, which must all pass the same names in the same order."""
    if accelerator.num_processes == 1:
        return values
    table = torch.tensor(list(values.values()), dtype=torch.float64, device=accelerator.device)
    return dict(zip(values, accelerator.reduce(table, "sum").tolist(), strict=True))


def gather(items: list[T], accelerator: Accelerator) -> list[T]:
    """The items of all processes, in the order of their ranks; all must call it."""
    if accelerator.num_processes == 1:
        return items
    gathered: list[T] = gather_object(items)
    return gathered


def add_up_gradients(parameters: Sequence[torch.nn.Parameter], accelerator: Accelerator) -> None:
    """Sum gradients over the processes, in one message.

    Done by hand rather than by DistributedDataParallel: processes have unequal numbers of
    micro-batches, or none, and a hook that waits for all of them in each would never return.
    """
    if accelerator.num_processes == 1:
        return
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    flat = accelerator.reduce(torch.cat([gradient.flatten() for gradient in gradients]), "sum")
    for parameter, piece in zip(parameters, flat.split([p.numel() for p in parameters]), strict=True):
        parameter.grad = piece.view_as(parameter)
