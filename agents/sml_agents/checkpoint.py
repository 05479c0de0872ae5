"""Checkpoints that are whole or not there, and the run they resume.

A checkpoint is a folder `step-000050` with the model (or its adapters, where only these are trained) and the
tokenizer, as `from_pretrained` reads them, and the learner's state. It is written under another name, flushed
to the disk and then renamed, so a folder with the right name is complete whenever the
process was killed. What a killed process left behind is swept up by the next save.
"""

from __future__ import annotations

import os
import pickle
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from sml_agents.adapters import has_adapters, save_adapters
from sml_agents.load import quiet
from sml_gym import ConfigError

_NAME = re.compile(r"step-(\d{6,})")
_PARTIAL = ".partial"
_STATE = "training_state.pt"
_FULL = 2**16
"""A disk with less space than this is full (bytes)."""


def write_folder(target: Path, write: Callable[[Path], None]) -> None:
    """Make the folder `target` with what `write` puts into it, wholly or not at all.

    Raises:
        ConfigError: if the disk cannot take it. Then what was at `target` before is still there.
    """
    partial = target.with_name(target.name + _PARTIAL)
    try:
        partial.parent.mkdir(parents=True, exist_ok=True)
        if partial.exists():
            shutil.rmtree(partial)
        partial.mkdir()
        write(partial)
        for path in (*partial.rglob("*"), partial):
            _flush(path)
        if target.exists():
            _discard(target)
        os.rename(partial, target)
        _flush(target.parent)
    except (OSError, SafetensorError, RuntimeError) as exc:
        raise not_saved(target, partial, exc) from exc


def not_saved(target: Path, written: Path, error: Exception) -> ConfigError:
    """What to say where `target` could not be saved. What was `written` of it is removed.

    The libraries that write tensors may report a full disk as a file that has grown too little.
    """
    reason = str(error).strip().split("\n")[0].rstrip(".")
    with suppress(OSError):
        if shutil.disk_usage(target.parent).free < _FULL:
            reason = f"no space is left on the disk ({reason:.100})"
    shutil.rmtree(written, ignore_errors=True)
    return ConfigError(
        f"Cannot save {target}: {reason}. Earlier checkpoints are intact; free some space (or choose "
        "another `out`) and go on from the last one with resume=True (--resume)."
    )


def save_model(folder: Path, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """Write a model folder that `from_pretrained` reads; of a model with adapters these alone."""
    with quiet():
        if has_adapters(model):
            save_adapters(folder, model)
        else:
            model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def save_checkpoint(
    checkpoints: Path,
    step: int,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    state: Mapping[str, Any],
    *,
    keep: int,
) -> Path:
    """Write model, tokenizer and the learner's state after `step`; drop all but the newest `keep`.

    Raises `ConfigError` if the disk cannot take it, with the earlier checkpoints intact.
    """

    def write(folder: Path) -> None:
        save_model(folder, model, tokenizer)
        torch.save(dict(state), folder / _STATE)

    target = checkpoints / f"step-{step:06d}"
    write_folder(target, write)
    for old in list_checkpoints(checkpoints)[: -max(keep, 1)]:
        _discard(old)
    for left in checkpoints.glob(f"*{_PARTIAL}"):
        shutil.rmtree(left, ignore_errors=True)
    return target


def list_checkpoints(checkpoints: Path) -> list[Path]:
    """The whole checkpoints in a folder, oldest first."""
    if not checkpoints.is_dir():
        return []
    return sorted((p for p in checkpoints.iterdir() if _NAME.fullmatch(p.name)), key=step_of)


def step_of(checkpoint: Path) -> int:
    """The step after which a checkpoint was written."""
    found = _NAME.fullmatch(checkpoint.name)
    if found is None:
        raise ValueError(f"{checkpoint} is no checkpoint folder")
    return int(found[1])


def load_state(checkpoint: Path, restore: Callable[[dict[str, Any]], None]) -> None:
    """Hand the state that was saved with a checkpoint to `restore`.

    Raises `ConfigError` for a file that is damaged, or that `restore` cannot take up.
    """
    path = checkpoint / _STATE
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(state, dict):
            raise ValueError("it holds no state of a learner")
        restore(state)
    except (OSError, EOFError, RuntimeError, ValueError, LookupError, pickle.UnpicklingError) as exc:
        reason = (str(exc).strip() or type(exc).__name__).split("\n")[0].rstrip(".")
        raise ConfigError(
            f"Cannot read {path}: {reason:.200}. Remove this checkpoint and resume from the one before."
        ) from exc


def check_fits(state: Mapping[str, Any], optimizer: torch.optim.Optimizer) -> None:
    """Raise `ValueError` for an optimizer's state with tensors of other shapes than its parameters.

    The optimizer itself would not look, and read past their ends.
    """
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for number, own in state["state"].items():
        for tensor in own.values():
            if isinstance(tensor, Tensor) and tensor.ndim and tensor.shape != parameters[number].shape:
                raise ValueError("its optimizer is that of another model")


def _discard(folder: Path) -> None:
    """Remove a checkpoint so that a kill in the middle leaves no half of one under its name."""
    doomed = folder.with_name(f"{folder.name}.old{_PARTIAL}")
    shutil.rmtree(doomed, ignore_errors=True)
    os.rename(folder, doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def _flush(path: Path) -> None:
    """Have the disk hold a file or a folder's entries."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
