"""Compiled layers for updates (`torch.compile`), in place for as long as a gradient is computed.

Layers are compiled rather than the whole model: all of them are one piece of code and so one compilation, and
what stands outside (the head, which is given only some hidden states) stays free to change from call to call.
Shapes are dynamic, since no two micro-batches have the same.

Decoding is not compiled: its cache grows in place from token to token, and the compiler takes that only in
many pieces.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import PreTrainedModel

from sml_agents.activations import layers_of
from sml_gym import ConfigError

_COMPILERS = ("g++", "clang++", "c++")


class CompiledLayers:
    """The layers of models with their compiled forms.

    Compilation itself happens at the first use of each form, and takes a minute or so.

    Args:
        models: whose layers.
        backend: of `torch.compile`.

    Raises:
        ConfigError: for an architecture whose layers cannot be told, or without a C++ compiler, which the
            backend "inductor" needs.
    """

    def __init__(self, models: Sequence[PreTrainedModel], backend: str = "inductor") -> None:
        if backend == "inductor" and not (os.environ.get("CXX") or any(map(shutil.which, _COMPILERS))):
            raise ConfigError("compile needs a C++ compiler. Install g++, or leave out compile.")
        self._forms: list[tuple[torch.nn.Module, Callable[..., Any]]] = []
        for model in models:
            layers = layers_of(model)
            if not layers:
                raise ConfigError(
                    f"The layers of {type(model).__name__} cannot be compiled one by one. Leave out compile."
                )
            for layer in layers:
                form: Callable[..., Any] = torch.compile(layer.forward, dynamic=True, backend=backend)
                self._forms.append((layer, form))

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """While the context lasts, the models compute with the compiled layers."""
        for layer, form in self._forms:
            layer.forward = form
        try:
            yield
        finally:
            for layer, _ in self._forms:
                del layer.forward  # the method of its class shows again
