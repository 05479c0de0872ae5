"""vLLM's own HTTP server as a generation back end, for engines on other GPUs than the trainer's.

    VLLM_SERVER_DEV_MODE=1 vllm serve PATH --logprobs-mode processed_logprobs
    sml-gym train ... --generation vllm:http://localhost:8000

Token ids go to `/v1/completions`, a request for each row since each has its own seed and limit, and the ids
and log-probabilities of the sampled tokens come back. After an update the main process writes the weights
into a folder that the server sees too (`?folder=`, by default one for temporary files on this machine; one in
memory such as /dev/shm is fastest) and has every worker read them (`/collective_rpc`, `reload_weights`), on
however many GPUs the server is spread; then the prefix cache is emptied. Both are endpoints of vLLM's
development mode, so the server belongs on a trusted network. A folder that the server does not see ends it:
vLLM does not survive weights that it cannot read.

Everything has a deadline. What the server refuses or loses is an error of the rows that it hit; a server that
is gone is one of all rows, never a reward.

Checked with the server of vLLM 0.31 itself (on a CPU); the interface is that of 0.22 to 0.31.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import PreTrainedModel

from sml_agents.generation.protocol import Generated, TokenSampling, row_seeds
from sml_agents.generation.vllm_engine import logprobs_mode
from sml_agents.generation.weights import write_weights
from sml_agents.processes import heard
from sml_gym import ConfigError, StudentError

_PAUSES = (1.0, 3.0)
"""Before a request is sent again, if the server cannot be reached or says that it is in trouble (seconds)."""

_CONCURRENT = 256
"""Requests that are under way at once."""


class _Refused(Exception):
    """The server understood and said no; asking again would not help."""


class VLLMServer:
    """A vLLM server that another process runs.

    Args:
        model: whose weights it is to speak with. They are sent at `weights_changed`, which must be called
            before the first `generate`.
        url: of the server, such as http://localhost:8000.
        temperature: at which it will be asked to sample.
        top_p: with which it will be asked to sample.
        dtype: in which weights are sent.
        folder: where weights are written for it, a folder that this process and the server see under the same
            path. None: a folder for temporary files. What is written is removed when the server has read it.
        timeout: longest that one call may take, for all of its rows (seconds).

    Raises:
        ConfigError: where no server answers, or one that was started otherwise than needed.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        url: str,
        *,
        temperature: float = 1.0,
        top_p: float = 1.0,
        dtype: torch.dtype = torch.float32,
        folder: str | None = None,
        timeout: float = 600.0,
    ) -> None:
        self.model, self.url, self.timeout = model, url.rstrip("/"), timeout
        self._dtype = dtype
        self._mode = logprobs_mode(temperature, top_p)
        self._stale: str | None = "the weights were never sent"
        self._folder = folder
        self._threads = ThreadPoolExecutor(_CONCURRENT, thread_name_prefix="vllm")
        serve = f"Start it with: VLLM_SERVER_DEV_MODE=1 vllm serve PATH --logprobs-mode {self._mode}"
        try:
            served = self._ask("/v1/models", None, time.monotonic() + 30)["data"][0]
            told = self._ask("/server_info?config_format=json", None, time.monotonic() + 30)
        except (OSError, HTTPException, _Refused, KeyError, IndexError, TypeError, ValueError) as exc:
            self.close()
            raise ConfigError(
                f"No vLLM server in development mode answers at {self.url}: {exc}. {serve}"
            ) from exc
        self._name: str = served["id"]
        self.context_length: int | None = served.get("max_model_len")
        mode = told["vllm_config"]["model_config"]["logprobs_mode"]
        if mode != self._mode:
            self.close()
            raise ConfigError(f"The vLLM server at {self.url} has the logprobs mode {mode}. {serve}")

    def generate(
        self,
        prompts: Sequence[Sequence[int]],
        sampling: TokenSampling,
        *,
        keys: Sequence[Hashable] | None = None,
    ) -> Generated:
        """See `Generator.generate`. The keys are not needed: the server finds prefixes by itself."""
        if logprobs_mode(sampling.temperature, sampling.top_p) != self._mode:
            raise ConfigError("The server was asked for another top_p. Make this object with the sampling's.")
        if self._stale is not None:
            raise StudentError(
                f"the vLLM server at {self.url} does not have the student's weights: {self._stale}"
            )
        stops, deadline = sorted(sampling.stops), time.monotonic() + self.timeout
        asked = [
            {
                "model": self._name,
                "prompt": list(prompt),
                "max_tokens": limit,
                "seed": seed,
                "temperature": sampling.temperature,
                "top_p": sampling.top_p,
                # Said although they are neutral: a model's folder may have others as its defaults.
                "top_k": 0,
                "min_p": 0.0,
                "repetition_penalty": 1.0,
                "presence_penalty": 0.0,
                "frequency_penalty": 0.0,
                "stop_token_ids": stops,
                "ignore_eos": True,  # which tokens end an utterance is said by the stops alone
                "logprobs": 0,
                "return_token_ids": True,
                "return_tokens_as_token_ids": True,
                "skip_special_tokens": False,
            }
            for prompt, limit, seed in zip(prompts, sampling.limits, row_seeds(sampling.noise), strict=True)
        ]
        made = Generated([], [])
        for row, answer in enumerate(self._threads.map(lambda one: self._row(one, deadline), asked)):
            ids, logprobs = ([], []) if isinstance(answer, StudentError) else answer
            if isinstance(answer, StudentError):
                made.failed[row] = answer
            made.ids.append(ids)
            made.logprobs.append(logprobs)
        return made

    def weights_changed(self) -> None:
        """See `Generator.weights_changed`. The main process sends; the others learn how it went."""
        together = torch.distributed.is_initialized() and torch.distributed.get_world_size() > 1
        main = not together or torch.distributed.get_rank() == 0
        if main:
            try:
                self._send()
                self._stale = None
            except (OSError, SafetensorError, HTTPException, _Refused, ValueError) as exc:
                self._stale = f"{type(exc).__name__}: {exc}"
        if together:
            said = [self._stale]
            with heard():
                torch.distributed.broadcast_object_list(said, src=0)
            self._stale = said[0]

    def _send(self) -> None:
        deadline = time.monotonic() + self.timeout
        written = Path(tempfile.mkdtemp(prefix="sml-vllm-", dir=self._folder))
        try:
            written.chmod(0o755)  # the server may be another user's
            write_weights(written, self.model, self._dtype)
            asked = {"method": "reload_weights", "kwargs": {"weights_path": str(written)}}
            self._ask("/collective_rpc", asked, deadline)
            emptied = self._ask("/reset_prefix_cache", {}, deadline)
            if isinstance(emptied, dict) and not emptied.get("success", True):
                raise ValueError("its prefix cache cannot be emptied while others use it")
        finally:
            shutil.rmtree(written, ignore_errors=True)

    def forget(self) -> None:
        """See `Generator.forget`: what the server keeps is in memory of its own."""

    def close(self) -> None:
        """See `Generator.close`. The server runs on."""
        self._stale = "it is closed"
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _row(self, asked: dict[str, Any], deadline: float) -> tuple[list[int], list[float]] | StudentError:
        try:
            choice = self._ask("/v1/completions", asked, deadline)["choices"][0]
            ids = [int(token) for token in choice["token_ids"]]
            logprobs = [float(value) for value in choice["logprobs"]["token_logprobs"]]
        except (OSError, HTTPException, _Refused, KeyError, IndexError, TypeError, ValueError) as exc:
            return StudentError(f"the vLLM server at {self.url}: {type(exc).__name__}: {exc}")
        if not ids or len(ids) != len(logprobs):
            return StudentError(
                f"the vLLM server at {self.url} gave {len(ids)} tokens and {len(logprobs)} log-probabilities"
            )
        return ids, logprobs

    def _ask(self, path: str, body: Any, deadline: float) -> Any:
        """The server's answer (None if empty), asked again where it may be in passing trouble.

        What is asked for is the same however often, so that asking again is safe.
        """
        for pause in (*_PAUSES, None):
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no answer from {path} in time")
            data = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(
                self.url + path, data, {"Content-Type": "application/json"} if data else {}
            )
            try:
                with urllib.request.urlopen(request, timeout=left) as response:
                    text = response.read()
                return json.loads(text) if text else None
            except urllib.error.HTTPError as exc:
                said = exc.read(2_000).decode("utf-8", "replace")
                if exc.code < 500:
                    raise _Refused(f"{exc.code} from {path}: {said:.500}") from exc
                if pause is None:
                    raise OSError(f"{exc.code} from {path}: {said:.500}") from exc
            except TimeoutError:
                raise
            except (OSError, HTTPException) as exc:
                if pause is None or isinstance(getattr(exc, "reason", None), TimeoutError):
                    raise
            time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
        raise AssertionError("the last attempt returns or raises")
