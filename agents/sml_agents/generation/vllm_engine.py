"""vLLM in this process as a generation back end, with the trained weights handed over after each update.

The engine is made from the model's configuration alone and gets its weights from the model in memory, so
adapters, a resumed run or a model without a folder need nothing special. Weights go to the engine's worker by
its own `reload_weights`, which takes tensors by their names in a checkpoint, and the prefix cache is emptied.
Each process of a run has an engine of its own, for the dialogues that it holds.

**Log-probabilities.** A token record holds them under softmax(logits / temperature), before a top-p cut.
vLLM's mode `processed_logprobs` gives them after temperature and cut, and `raw_logprobs` before both. So the
first is right without a cut, the second at temperature 1, and a cut at another temperature is refused.

What is drawn depends on the row's seed and, through the rounding of batched products, on what else the engine
computes at that moment. vLLM's own settings for batch invariance (`VLLM_BATCH_INVARIANT=1`) remove that
where it supports them.

Checked with vLLM 0.31 itself (on a CPU); the interface is that of 0.22 to 0.31.
"""

from __future__ import annotations

import copy
import gc
import os
import tempfile
from collections.abc import Hashable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel

from sml_agents.generation.protocol import Generated, TokenSampling, row_seeds
from sml_agents.generation.weights import plain_weights
from sml_gym import ConfigError, StudentError

_REMEDY = (
    "Run: pip install 'sml-gym[vllm]' on a machine with a GPU that vLLM knows, or choose generation=own."
)
_LEAST_TEMPERATURE = 0.01
"""vLLM takes no temperature between 0 and this one."""


def logprobs_mode(temperature: float, top_p: float) -> str:
    """Which of vLLM's modes gives the log-probabilities that a token record holds; see the module.

    Raises `ConfigError` where none does.
    """
    if 0 < temperature < _LEAST_TEMPERATURE:
        raise ConfigError(f"vLLM takes no temperature of {temperature}. Choose 0, or at least 0.01.")
    if top_p >= 1 or temperature == 0:
        return "processed_logprobs"
    if temperature == 1:
        return "raw_logprobs"
    raise ConfigError(
        f"With top_p={top_p} at temperature {temperature}, vLLM gives no log-probabilities before the cut. "
        "Set one of the two to 1, or choose generation=own."
    )


class VLLMGenerator:
    """An engine of vLLM in this process.

    Args:
        model: whose weights it speaks with. They are taken over at `weights_changed`, which must be called
            before the first `generate`.
        temperature: at which it will be asked to sample.
        top_p: with which it will be asked to sample.
        dtype: in which it computes.
        options: further arguments of `vllm.LLM`, such as `gpu_memory_utilization`, `max_model_len`,
            `enforce_eager` or `enable_sleep_mode`. With the last, `forget` moves the engine's weights to the
            CPU's memory and frees its cache, so that an update has the GPU for itself.

    Raises:
        ConfigError: where vLLM is not installed or cannot run this model here, and for sampling of which it
            cannot say the log-probabilities.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        *,
        temperature: float = 1.0,
        top_p: float = 1.0,
        dtype: torch.dtype = torch.float32,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._mode = logprobs_mode(temperature, top_p)
        self.model = model
        own = dict(options or {})
        self._sleeps = bool(own.get("enable_sleep_mode", False))
        self._asleep = False
        self._stale: str | None = "the weights were never handed over"
        self._vllm = _package()
        self._joined = torch.distributed.is_initialized()
        try:
            self._llm: Any = self._make(dtype, own)
        except ConfigError:
            raise
        except Exception as exc:  # whatever the engine raises about a model or a machine
            reason = (str(exc).strip() or type(exc).__name__).split("\n")[0].rstrip(".")
            raise ConfigError(
                f"vLLM cannot run {type(model).__name__} here: {reason:.500}. {_REMEDY}"
            ) from exc
        self.context_length: int | None = self._llm.llm_engine.model_config.max_model_len

    def _make(self, dtype: torch.dtype, options: dict[str, Any]) -> Any:
        os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"  # else weights could not be handed to its worker
        if self._joined and torch.distributed.get_world_size() > 1:
            options.setdefault("distributed_executor_backend", "external_launcher")
        config = copy.deepcopy(self.model.config)
        config.architectures = config.architectures or [type(self.model).__name__]
        with tempfile.TemporaryDirectory(prefix="sml-vllm-") as folder:
            config.save_pretrained(Path(folder))
            arguments: dict[str, Any] = {
                "model": folder,
                "skip_tokenizer_init": True,
                "load_format": "dummy",
                "dtype": str(dtype).removeprefix("torch."),
                "enable_prefix_caching": True,
                "logprobs_mode": self._mode,
                "generation_config": "vllm",
            }
            return self._vllm.LLM(**{**arguments, **options})

    def generate(
        self,
        prompts: Sequence[Sequence[int]],
        sampling: TokenSampling,
        *,
        keys: Sequence[Hashable] | None = None,
    ) -> Generated:
        """See `Generator.generate`. The keys are not needed: the engine finds prefixes by itself."""
        if logprobs_mode(sampling.temperature, sampling.top_p) != self._mode:
            raise ConfigError(
                "This engine was made for another top_p. Make it with the sampling's temperature and top_p."
            )
        if not prompts:
            return Generated([], [])
        if self._stale is not None:
            raise StudentError(f"vLLM does not have the student's weights: {self._stale}")
        self._wake()
        stops = sorted(sampling.stops)
        asked = [
            self._vllm.SamplingParams(
                temperature=sampling.temperature,
                top_p=sampling.top_p,
                max_tokens=limit,
                seed=seed,
                logprobs=0,
                stop_token_ids=stops,
                ignore_eos=True,  # which tokens end an utterance is said by the stops alone
                detokenize=False,
            )
            for limit, seed in zip(sampling.limits, row_seeds(sampling.noise), strict=True)
        ]
        given = [{"prompt_token_ids": list(prompt)} for prompt in prompts]
        with torch.autocast(self.model.device.type, enabled=False):  # the engine has a type of its own
            outputs = self._llm.generate(given, asked, use_tqdm=False)
        made = Generated([], [])
        for row, output in enumerate(outputs):
            said = output.outputs[0]
            ids = list(said.token_ids)
            if not ids:
                made.failed[row] = StudentError(f"vLLM sampled nothing ({said.finish_reason})")
            made.ids.append(ids)
            made.logprobs.append([at[token].logprob for token, at in zip(ids, said.logprobs, strict=True)])
        return made

    def weights_changed(self) -> None:
        """See `Generator.weights_changed`."""
        try:
            self._wake()
            self._llm.collective_rpc("reload_weights", kwargs={"weights_iterator": plain_weights(self.model)})
            if not self._llm.reset_prefix_cache():
                raise RuntimeError("its prefix cache cannot be emptied")
        except Exception as exc:  # raised where dialogues are held, each of which it hits
            self._stale = f"{type(exc).__name__}: {exc}"
        else:
            self._stale = None

    def forget(self) -> None:
        """See `Generator.forget`: the engine goes to sleep if it may, and wakes when it is next needed."""
        if self._sleeps and not self._asleep:
            self._llm.sleep(level=1)
            self._asleep = True

    def close(self) -> None:
        """See `Generator.close`."""
        self._stale = "the engine is closed"
        self._llm = None
        gc.collect()
        if not self._joined:  # the process group is vLLM's own, and the next engine makes another
            import_module("vllm.distributed").cleanup_dist_env_and_memory()

    def _wake(self) -> None:
        if self._asleep:
            self._llm.wake_up()
            self._asleep = False


def _package() -> Any:
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
    try:
        return import_module("vllm")
    except ImportError as exc:
        raise ConfigError(f"generation=vllm needs the package vllm ({exc}). {_REMEDY}") from exc
