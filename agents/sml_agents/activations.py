"""Computing activations again in the backward pass instead of keeping them (Chen et al., arXiv 1604.06174).

`transformers` does it for each layer, but only for a model in training mode, in which dropout would make
sampling and training disagree. Here the layers alone count as training, and only while a gradient is
computed: what is within them, dropout included, stays in evaluation mode, and decoding keeps its cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from transformers import PreTrainedModel
from transformers.modeling_layers import GradientCheckpointingLayer

from sml_gym import ConfigError


def can_recompute(model: PreTrainedModel) -> None:
    """Prepare a model for `recomputed`. Raises `ConfigError` for an architecture that cannot do it."""
    # The second name is that of `transformers` before it renamed it.
    enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
    refusal = f"{type(model).__name__} cannot compute activations again. Leave out activation_checkpointing."
    try:
        enable({"use_reentrant": False})
    except ValueError as exc:
        raise ConfigError(refusal) from exc
    if not layers_of(model):
        raise ConfigError(refusal)


def layers_of(model: PreTrainedModel) -> list[torch.nn.Module]:
    """The layers whose activations can be computed again."""
    return [module for module in model.modules() if isinstance(module, GradientCheckpointingLayer)]


@contextmanager
def recomputed(*models: PreTrainedModel) -> Iterator[None]:
    """While the context lasts, those of the models that `can_recompute` prepared keep no activations."""
    layers = [
        layer
        for model in models
        for layer in layers_of(model)
        if getattr(layer, "gradient_checkpointing", False)
    ]
    for layer in layers:
        layer.training = True
    try:
        yield
    finally:
        for layer in layers:
            layer.training = False
