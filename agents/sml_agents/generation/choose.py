"""Generation back ends by name: `own`, `vllm`, `vllm?enforce_eager=true`, `vllm:http://localhost:8000`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import torch
from transformers import PreTrainedModel

from sml_agents.generation.own import OwnGenerator
from sml_agents.generation.protocol import Generator
from sml_agents.generation.vllm_engine import VLLMGenerator, logprobs_mode
from sml_agents.generation.vllm_server import VLLMServer
from sml_gym.errors import ConfigError, nearest


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("write true or false")
    return text == "true"


_ENGINE: dict[str, Callable[[str], Any]] = {
    "gpu_memory_utilization": float,
    "max_model_len": int,
    "max_num_seqs": int,
    "enforce_eager": _truth,
    "enable_sleep_mode": _truth,
}
_SERVER: dict[str, Callable[[str], Any]] = {"folder": str, "timeout": float}


def check_generation(name: str, temperature: float, top_p: float) -> None:
    """Raise `ConfigError` for what `make_generator` would refuse, as far as the name alone says it."""
    _, address, _ = _read(name)
    if name != "own":
        logprobs_mode(temperature, top_p)
    if address and not address.startswith(("http://", "https://")):
        raise ConfigError(f"{address!r:.80} is no server. Write generation=vllm:http://HOST:PORT.")


def make_generator(
    name: str, model: PreTrainedModel, *, temperature: float, top_p: float, precision: str
) -> Generator:
    """The back end of this name, for a model.

    Args:
        name: "own"; "vllm", an engine in this process, with options after a question mark
            (`gpu_memory_utilization`, `max_model_len`, `max_num_seqs`, `enforce_eager`, `enable_sleep_mode`;
            see `vllm.LLM`); or "vllm:URL", a server (`folder`, `timeout`; see `VLLMServer`).
        model: the policy.
        temperature: of the sampling it is for.
        top_p: of the sampling it is for.
        precision: in which the trainer computes, "no" or "bf16"; an engine does as well.

    Raises:
        ConfigError: for an unknown name or option, or a back end that cannot be had here.
    """
    kind, address, options = _read(name)
    if kind == "own":
        return OwnGenerator(model)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    if address:
        return VLLMServer(model, address, temperature=temperature, top_p=top_p, dtype=dtype, **options)
    return VLLMGenerator(model, temperature=temperature, top_p=top_p, dtype=dtype, options=options)


def _read(name: str) -> tuple[str, str, dict[str, Any]]:
    """Kind, address and options of a name."""
    spec, _, query = name.partition("?")
    kind, _, address = spec.partition(":")
    if kind not in ("own", "vllm") or (kind == "own" and name != "own") or spec == "vllm:":
        raise ConfigError(f"There is no generation={name!r:.80}. Write own, vllm, or vllm:http://HOST:PORT.")
    known = _SERVER if address else _ENGINE
    options: dict[str, Any] = {}
    for key, text in parse_qsl(query, keep_blank_values=True):
        if key not in known:
            raise ConfigError(f"generation={spec} has no option {key!r:.80}. {nearest(key, known)}")
        try:
            options[key] = known[key](text)
        except ValueError as exc:
            raise ConfigError(
                f"generation={spec}: {key} is {text!r:.80}. Write {key}={_example(key)}."
            ) from exc
    return kind, address, options


def _example(key: str) -> str:
    return {"gpu_memory_utilization": "0.5", "timeout": "600", "max_model_len": "4096"}.get(key, "true")
