"""Runs of either engine with the same options, and how far apart they end."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import torch
from grpo_process import options
from safetensors.torch import load_file

from sml_agents.grpo import GRPOOptions

ONE_UPDATE: dict[str, Any] = {"epochs": 1, "updates_per_epoch": 1, "warmup_steps": 2}
IN_FOURS = {"per_device_train_batch_size": 4}
"""Three micro-batches to the twelve dialogues of a step."""


def run_of(student: str, out: Path, steps: int = 2, cls: Any = GRPOOptions, **more: Any) -> Any:
    """Options of a run of either engine, with the defaults of an algorithm where these are its own."""
    base = options(student, out, steps, **{**ONE_UPDATE, **{k: v for k, v in more.items() if k != "engine"}})
    plain, own = GRPOOptions(), cls()
    set_here = {
        f.name: getattr(base, f.name)
        for f in dataclasses.fields(GRPOOptions)
        if getattr(base, f.name) != getattr(plain, f.name)
    }
    return dataclasses.replace(own, **{**set_here, "engine": more.get("engine", "own")})


def weights(folder: Path) -> dict[str, torch.Tensor]:
    loaded: dict[str, torch.Tensor] = load_file(folder / "model.safetensors")
    return loaded


def furthest(first: Path, second: Path) -> float:
    a, b = weights(first), weights(second)
    assert a.keys() == b.keys()
    return max(float((a[name] - b[name]).abs().max()) for name in a)
