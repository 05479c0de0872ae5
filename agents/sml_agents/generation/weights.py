"""A model's weights as another engine takes them: by the names of a checkpoint, adapters merged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import PreTrainedModel

from sml_agents.adapters import has_adapters

SHARD_BYTES = 4 * 2**30
"""Weights are written in files of about this size, each copied to the CPU's memory by itself (bytes)."""


@torch.no_grad()
def plain_weights(model: PreTrainedModel) -> Iterator[tuple[str, Tensor]]:
    """Each weight of the model with the name that it has in a checkpoint, one after another.

    Adapters are added to the weights that they adapt, in float32, without changing the model; the sum is
    rounded to the weights' own type. Weights that share memory come once.
    """
    converted = _conversions(model)
    if not converted:
        yield from _merged(model)
        return
    # Some architectures hold several tensors of a checkpoint as one. `transformers` knows the way back.
    from transformers.core_model_loading import revert_weight_conversion

    yield from revert_weight_conversion(model, dict(_merged(model))).items()


def write_weights(folder: Path, model: PreTrainedModel, dtype: torch.dtype) -> None:
    """Write the plain weights into an empty folder, as `*.safetensors` files of at most about `SHARD_BYTES`.

    Raises `OSError` or `SafetensorError` if the disk cannot take it.
    """
    shard: dict[str, Tensor] = {}
    size = files = 0
    for name, weight in plain_weights(model):
        kept = weight.detach().to("cpu", dtype if weight.is_floating_point() else weight.dtype).contiguous()
        if shard and size + kept.nbytes > SHARD_BYTES:
            save_file(shard, folder / f"model-{files:05d}.safetensors", metadata={"format": "pt"})
            shard, size, files = {}, 0, files + 1
        shard[name] = kept
        size += kept.nbytes
    save_file(shard, folder / f"model-{files:05d}.safetensors", metadata={"format": "pt"})


def _conversions(model: PreTrainedModel) -> Any:
    from transformers.conversion_mapping import get_model_conversion_mapping

    found = getattr(model, "_weight_conversions", None)
    return get_model_conversion_mapping(model, add_legacy=False) if found is None else found


def _merged(model: PreTrainedModel) -> Iterator[tuple[str, Tensor]]:
    """The weights under the model's own names, without those of adapters."""
    adapted: dict[str, Any] = {}
    if has_adapters(model):
        from peft.tuners.tuners_utils import BaseTunerLayer

        adapted = {
            f"{name}.base_layer.weight": module
            for name, module in model.named_modules()
            if isinstance(module, BaseTunerLayer)
        }
    for name, parameter in model.named_parameters():
        if ".lora_" in name:
            continue
        weight = parameter.detach()
        layer = adapted.get(name)
        if layer is not None:
            for adapter in layer.active_adapters:
                change = layer.get_delta_weight(adapter)
                weight = (weight.float() + change.float()).to(parameter.dtype)
        yield name.replace(".base_layer.", "."), weight
