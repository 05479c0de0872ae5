"""What of vLLM the generation back ends use, with a real model inside: its module, and its HTTP server.

The names, parameters and shapes are those of vLLM 0.31; `test_vllm.py` holds them against the package
itself where that is installed. As vLLM does, the engine keeps what it computed of a prefix until told to
forget it, and draws from a seed of each request.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM


class Engine:
    """Decodes one request after another, token by token."""

    def __init__(self, config: Any, dtype: torch.dtype, mode: str) -> None:
        torch.manual_seed(99)
        self.model = AutoModelForCausalLM.from_config(config, dtype=dtype).eval()
        self.mode = mode
        self.prefixes: dict[tuple[int, ...], torch.Tensor] = {}

    def load(self, weights: Iterable[tuple[str, torch.Tensor]]) -> None:
        own = dict(self.model.named_parameters())
        with torch.no_grad():
            for name, weight in weights:
                own[name].copy_(weight)

    @torch.no_grad()
    def _logits(self, ids: list[int]) -> torch.Tensor:
        key = tuple(ids)
        if key not in self.prefixes:
            self.prefixes[key] = self.model(torch.tensor([ids])).logits[0, -1].float()
        return self.prefixes[key]

    def say(self, prompt: list[int], asked: Any) -> tuple[list[int], list[float], str]:
        generator = torch.Generator().manual_seed(asked.seed)
        ids: list[int] = []
        logprobs: list[float] = []
        while True:
            raw = self._logits(prompt + ids)
            scaled = raw / (asked.temperature or 1.0)
            if asked.top_p < 1:
                ordered, order = scaled.softmax(-1).sort(descending=True)
                out = ordered.cumsum(-1) - ordered >= asked.top_p
                scaled = scaled.index_fill(0, order[out], float("-inf"))
            token = int(scaled.argmax() if not asked.temperature else _draw(scaled, generator))
            shown = scaled if self.mode == "processed_logprobs" else raw
            ids.append(token)
            logprobs.append(float(shown.log_softmax(-1)[token]))
            if token in asked.stop_token_ids:
                return ids, logprobs, "stop"
            if len(ids) == asked.max_tokens:
                return ids, logprobs, "length"


def _draw(logits: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    return torch.multinomial(logits.softmax(-1), 1, generator=generator)


@dataclass
class SamplingParams:
    temperature: float = 1.0
    top_p: float = 1.0
    seed: int | None = None
    stop_token_ids: list[int] | None = None
    ignore_eos: bool = False
    max_tokens: int | None = 16
    logprobs: int | None = None
    detokenize: bool = True


ENGINE_ARGUMENTS = (
    "load_format",
    "enable_prefix_caching",
    "logprobs_mode",
    "generation_config",
    "max_model_len",
    "max_num_seqs",
    "enable_sleep_mode",
    "distributed_executor_backend",
)


class LLM:
    made: list[LLM] = []

    def __init__(
        self,
        model: str,
        *,
        skip_tokenizer_init: bool = False,
        dtype: Any = "auto",
        gpu_memory_utilization: float = 0.92,
        enforce_eager: bool = False,
        **kwargs: Any,
    ) -> None:
        unknown = set(kwargs) - set(ENGINE_ARGUMENTS)
        if unknown:
            raise TypeError(f"EngineArgs.__init__() got an unexpected keyword argument {unknown.pop()!r}")
        assert kwargs["load_format"] == "dummy" and skip_tokenizer_init
        config = AutoConfig.from_pretrained(model)
        self.engine = Engine(config, getattr(torch, dtype), kwargs["logprobs_mode"])
        length = kwargs.get("max_model_len") or config.max_position_embeddings
        self.llm_engine = SimpleNamespace(model_config=SimpleNamespace(max_model_len=length))
        self.sleeps = bool(kwargs.get("enable_sleep_mode"))
        self.calls: list[str] = []
        LLM.made.append(self)

    def generate(
        self, prompts: Any, sampling_params: Any = None, *, use_tqdm: bool = True
    ) -> list[SimpleNamespace]:
        assert "sleep" not in self.calls[-1:], "it sleeps"
        self.calls.append("generate")
        outputs = []
        for prompt, asked in zip(prompts, sampling_params, strict=True):
            assert asked.ignore_eos and asked.logprobs == 0 and not asked.detokenize
            ids, logprobs, reason = self.engine.say(prompt["prompt_token_ids"], asked)
            shown = [{i: SimpleNamespace(logprob=p, rank=1)} for i, p in zip(ids, logprobs, strict=True)]
            said = SimpleNamespace(token_ids=tuple(ids), logprobs=shown, finish_reason=reason)
            outputs.append(SimpleNamespace(outputs=[said]))
        return outputs

    def collective_rpc(
        self,
        method: Any,
        timeout: float | None = None,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> list[Any]:
        assert method == "reload_weights"
        self.calls.append(method)
        self.engine.load((kwargs or {})["weights_iterator"])
        return [None]

    def reset_prefix_cache(self, reset_running_requests: bool = False, reset_connector: bool = False) -> bool:
        self.engine.prefixes.clear()
        return True

    def sleep(self, level: int = 1, mode: Any = "abort") -> None:
        assert self.sleeps, "sleep mode is not enabled"
        self.engine.prefixes.clear()
        self.calls.append("sleep")

    def wake_up(self, tags: list[str] | None = None) -> None:
        self.calls.append("wake_up")


def modules() -> dict[str, ModuleType]:
    """The package under the names by which it is imported."""
    package, distributed = ModuleType("vllm"), ModuleType("vllm.distributed")
    package.__dict__.update(LLM=LLM, SamplingParams=SamplingParams, __version__="0.31.0")
    distributed.__dict__.update(cleanup_dist_env_and_memory=lambda shutdown_ray=False: None)
    return {"vllm": package, "vllm.distributed": distributed}


COMPLETION_FIELDS = (
    "model",
    "prompt",
    "max_tokens",
    "seed",
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "repetition_penalty",
    "presence_penalty",
    "frequency_penalty",
    "stop_token_ids",
    "ignore_eos",
    "logprobs",
    "return_token_ids",
    "return_tokens_as_token_ids",
    "skip_special_tokens",
)


class Server(ThreadingHTTPServer):
    """vLLM's HTTP server in development mode, as far as it is used.

    Attributes:
        failing: how many of the next requests for tokens end with 500.
        hanging: how long each request for tokens takes before it is answered (seconds).
    """

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, folder: str, *, mode: str = "processed_logprobs", dev: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder, self.dev = folder, dev
        self.config = AutoConfig.from_pretrained(folder)
        self.engine = Engine(self.config, torch.float32, mode)
        self.engine.load(_read(Path(folder)))
        self.lock = threading.Lock()
        self.failing = 0
        self.hanging = 0.0
        self.requests: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is no news."""


@contextmanager
def serving(folder: str, **options: Any) -> Any:
    """A server in a thread; `shutdown` and `server_close` kill it."""
    server = Server(folder, **options)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _read(folder: Path) -> list[tuple[str, torch.Tensor]]:
    files = sorted(folder.glob("*.safetensors"))
    assert files, f"no weights in {folder}"
    return [item for file in files for item in load_file(file).items()]


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self, content: Any, status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _error(self, message: str, status: int) -> None:
        kind = "BadRequestError" if status == 400 else "InternalServerError"
        self._answer({"error": {"message": message, "type": kind, "param": None, "code": status}}, status)

    def do_GET(self) -> None:
        length = self.server.config.max_position_embeddings
        if self.path == "/v1/models":
            model = {"id": self.server.folder, "object": "model", "max_model_len": length}
            self._answer({"object": "list", "data": [model]})
        elif self.path == "/server_info?config_format=json" and self.server.dev:
            known = {"model_config": {"logprobs_mode": self.server.engine.mode}}
            self._answer({"vllm_config": known, "vllm_env": {}, "system_env": {}})
        else:
            self._answer({"detail": "Not Found"}, 404)

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v1/completions":
            self._complete(asked)
        elif self.path == "/collective_rpc" and asked["method"] == "reload_weights":
            with self.server.lock:
                self.server.engine.load(_read(Path(asked["kwargs"]["weights_path"])))
            self._answer({"results": [None]})
        elif self.path == "/reset_prefix_cache":
            with self.server.lock:
                self.server.engine.prefixes.clear()
            self._answer({"success": True})
        else:
            self._answer({"detail": "Not Found"}, 404)

    def _complete(self, asked: dict[str, Any]) -> None:
        server = self.server
        time.sleep(server.hanging)
        with server.lock:
            server.requests.append(asked)
            if server.failing:
                server.failing -= 1
                self._error("EngineCore encountered an issue.", 500)
                return
            prompt: list[int] = asked["prompt"]
            if len(prompt) + asked["max_tokens"] > server.config.max_position_embeddings:
                self._error("This model's maximum context length is shorter than that.", 400)
                return
            ids, logprobs, reason = server.engine.say(prompt, SimpleNamespace(**asked))
        names = [f"token_id:{token}" for token in ids]
        shown = {
            "text_offset": [0] * len(ids),
            "token_logprobs": logprobs,
            "tokens": names,
            "top_logprobs": [{name: value} for name, value in zip(names, logprobs, strict=True)],
        }
        choice = {
            "index": 0,
            "text": "",
            "logprobs": shown,
            "finish_reason": reason,
            "stop_reason": ids[-1] if reason == "stop" else None,
            "token_ids": ids,
            "prompt_logprobs": None,
            "prompt_token_ids": prompt,
        }
        self._answer({"id": "cmpl-0", "object": "text_completion", "choices": [choice]})


def used_names(rows: Sequence[dict[str, Any]]) -> set[str]:
    """The fields of requests."""
    return {name for row in rows for name in row}
