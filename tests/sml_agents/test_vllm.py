"""vLLM as a generation back end: in process and as a server, by a stub of its interface and by itself.

The stub (`vllm_stub`) really decodes. Where the package vllm is installed, all that is asked of the stub is
asked of vLLM's own engine and of its own server too.
"""

from __future__ import annotations

import inspect
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
import vllm_stub
from tiny_models import save_tiny, tiny_tokenizer
from toy_env import ENV_ID, LengthEnv, jobs_of
from transformers import AutoModelForCausalLM

from sml_agents.adapters import add_adapters
from sml_agents.generation import Generated, TokenSampling
from sml_agents.generation.choose import check_generation, make_generator
from sml_agents.generation.vllm_engine import VLLMGenerator, logprobs_mode
from sml_agents.generation.vllm_server import VLLMServer
from sml_agents.generation.weights import plain_weights, write_weights
from sml_agents.grpo import GRPOOptions, train
from sml_agents.logs import read_metrics
from sml_agents.student import ModelStudent
from sml_agents.tokens import collate, student_logits, student_logprobs, token_record
from sml_gym import ConfigError, RolloutError, StopReason, StudentError, rollout

REAL = find_spec("vllm") is not None
KINDS = ["stub engine", "stub server"] + (["vllm engine", "vllm server"] if REAL else [])
STOPS = frozenset({5, 9, 70, 71, 72})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model whose heads are as wide as vLLM needs them on a CPU."""
    return save_tiny(tmp_path_factory.mktemp("model"), width=128, context=256)


@pytest.fixture(scope="module", params=KINDS)
def place(request: pytest.FixtureRequest, folder: str) -> Iterator[str]:
    """What generators are made by, with all that must run for it."""
    with ExitStack() as stack:
        if request.param.startswith("stub"):
            patch = stack.enter_context(pytest.MonkeyPatch.context())
            for name, module in vllm_stub.modules().items():
                patch.setitem(sys.modules, name, module)
        if request.param == "stub server":
            yield f"vllm:{stack.enter_context(vllm_stub.serving(folder)).url}"
        elif request.param == "vllm server":
            yield f"vllm:{stack.enter_context(real_server(folder))}"
        else:
            os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
            yield "vllm?enforce_eager=true"


class real_server:
    """`vllm serve` as one would start it."""

    def __init__(self, folder: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        command = [str(Path(sys.executable).with_name("vllm")), "serve", folder, "--port", str(port)]
        command += ["--dtype", "float32", "--enforce-eager", "--logprobs-mode", "processed_logprobs"]
        env = {**os.environ, "VLLM_SERVER_DEV_MODE": "1", "VLLM_CPU_KVCACHE_SPACE": "1"}
        self._process = subprocess.Popen(
            command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def __enter__(self) -> str:
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=5):
                    return self.url
            except OSError:
                assert self._process.poll() is None, "vllm serve has ended"
                time.sleep(0.5)
        raise AssertionError("vllm serve does not answer")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)


def load(folder: str) -> Any:
    return AutoModelForCausalLM.from_pretrained(folder).eval()


def make(place: str, model: Any, **options: Any) -> Any:
    return make_generator(place, model, **{"temperature": 1.0, "top_p": 1.0, "precision": "no", **options})


@pytest.fixture
def made(place: str, folder: str) -> Iterator[tuple[Any, Any]]:
    """A model and a generator that speaks with its weights."""
    model = load(folder)
    generator = make(place, model)
    generator.weights_changed()
    yield model, generator
    generator.close()


def sampling(rows: int, longest: int = 12, **options: Any) -> TokenSampling:
    generator = torch.Generator().manual_seed(rows)
    noise = torch.rand((rows, longest), generator=generator)
    limits = torch.randint(1, longest + 1, (rows,), generator=generator).tolist()
    return TokenSampling(limits=limits, noise=noise, stops=STOPS, **options)


def replayed(model: Any, prompts: list[list[int]], said: Generated, temperature: float) -> float:
    """The largest difference between a generator's log-probabilities and the model's own."""
    worst = 0.0
    for prompt, ids, logprobs in zip(prompts, said.ids, said.logprobs, strict=True):
        with torch.no_grad():
            logits = model(torch.tensor([prompt + ids])).logits[0, len(prompt) - 1 : -1]
        spread = (logits / (temperature or 1.0)).log_softmax(-1)
        expected = spread.gather(-1, torch.tensor(ids).unsqueeze(1)).squeeze(1)
        worst = max(worst, float((expected - torch.tensor(logprobs)).abs().max()))
    return worst


def disturb(model: Any, seed: int = 1) -> None:
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.05 * torch.randn(parameter.shape, generator=generator))


PROMPTS = [[1, 2, 3], [4], [6, 7, 8, 10] * 9, [1, 2, 3]] * 3


@pytest.mark.parametrize("temperature", [1.0, 0.6, 0.0])
def test_ids_replay_to_the_same_logprobs_and_end_where_they_should(made: Any, temperature: float) -> None:
    model, generator = made
    how = sampling(len(PROMPTS), temperature=temperature)
    said = generator.generate(PROMPTS, how)
    assert not said.failed
    assert replayed(model, PROMPTS, said, temperature) < 1e-4
    for ids, limit in zip(said.ids, how.limits, strict=True):
        assert 1 <= len(ids) <= limit and not STOPS & set(ids[:-1])
        assert ids[-1] in STOPS or len(ids) == limit
    assert generator.generate(PROMPTS, how).ids == said.ids  # a row's noise is all its randomness
    if temperature:
        assert len({tuple(ids) for ids in said.ids}) > 3
    assert generator.generate([], sampling(0)) == Generated([], [])


def test_stop_tokens_end_a_row(made: Any) -> None:
    _, generator = made
    first = generator.generate([[1, 2, 3]], TokenSampling([9], torch.full((1, 9), 0.3), frozenset()))
    stop = first.ids[0][4]
    again = generator.generate([[1, 2, 3]], TokenSampling([9], torch.full((1, 9), 0.3), frozenset({stop})))
    assert len(first.ids[0]) == 9
    assert again.ids[0] == first.ids[0][: first.ids[0].index(stop) + 1]


def test_after_an_update_it_speaks_with_the_new_weights_and_not_before(made: Any) -> None:
    model, generator = made
    how = sampling(len(PROMPTS))
    generator.generate(PROMPTS, how)
    disturb(model)
    assert replayed(model, PROMPTS, generator.generate(PROMPTS, how), 1.0) > 0.05  # stale weights show
    generator.weights_changed()
    assert replayed(model, PROMPTS, generator.generate(PROMPTS, how), 1.0) < 1e-4


def test_adapters_are_merged_into_what_is_handed_over(made: Any, folder: str) -> None:
    model, generator = made
    plain = {name: tensor.clone() for name, tensor in model.named_parameters()}
    add_adapters(model, 4, 8.0, seed=0, base=folder)
    disturb(model)
    handed = dict(plain_weights(model))
    assert handed.keys() == plain.keys()
    changed = {name for name in plain if not torch.equal(plain[name], handed[name])}
    assert changed == {name for name in plain if name.endswith("proj.weight")}
    generator.weights_changed()
    said = generator.generate(PROMPTS, sampling(len(PROMPTS)))
    assert replayed(model, PROMPTS, said, 1.0) < 1e-4
    assert dict(model.named_parameters()).keys() > {"model.norm.weight"}  # and the model keeps its adapters


def test_a_student_holds_dialogues_by_it_and_its_record_is_the_truth(made: Any) -> None:
    model, generator = made
    student = ModelStudent(model, tiny_tokenizer(), max_tokens_per_turn=16, generator=generator, seed=3)
    episodes = rollout(lambda: LengthEnv(max_turns=3), student, jobs_of(8))
    batch = collate([token_record(episode) for episode in episodes])
    with torch.no_grad():
        trained = student_logprobs(student_logits(model, batch), batch, 1.0)
    assert (trained - batch.logprobs[batch.student]).abs().max() < 1e-4
    assert all(episode.valid for episode in episodes)
    assert max(len(episode.turns) for episode in episodes) > 1
    assert not student.keep_cache


def test_dialogues_end_where_the_engines_context_does(made: Any) -> None:
    model, generator = made
    assert generator.context_length == 256
    generator.context_length = 90
    student = ModelStudent(model, tiny_tokenizer(), max_tokens_per_turn=64, generator=generator)
    episodes = rollout(lambda: LengthEnv(max_turns=4), student, jobs_of(4))
    assert {e.stop_reason for e in episodes} <= {StopReason.TOKEN_LIMIT, StopReason.SOLVED}
    assert max(len(token_record(episode)) for episode in episodes) <= 90


def test_weights_that_were_never_handed_over_are_not_spoken_with(place: str, folder: str) -> None:
    generator = make(place, load(folder))
    try:
        with pytest.raises(StudentError, match="does not have the student's weights"):
            generator.generate([[1]], sampling(1))
    finally:
        generator.close()


# ---- what the stub is worth ----


@pytest.mark.skipif(not REAL, reason="the package vllm is not installed")
def test_the_stub_has_the_interface_of_the_package() -> None:
    import vllm
    from vllm.entrypoints.openai.completion.protocol import CompletionRequest
    from vllm.v1.worker.gpu_model_runner import GPUModelRunner

    for name in ("generate", "collective_rpc", "reset_prefix_cache", "sleep", "wake_up"):
        real = inspect.signature(getattr(vllm.LLM, name)).parameters
        for own in inspect.signature(getattr(vllm_stub.LLM, name)).parameters.values():
            assert own.name in real, (name, own.name)
            assert own.kind == real[own.name].kind, (name, own.name)
            assert (own.default is own.empty) == (real[own.name].default is own.empty), (name, own.name)
    arguments = inspect.signature(vllm.EngineArgs).parameters
    assert set(vllm_stub.ENGINE_ARGUMENTS) <= set(arguments)
    assert {"skip_tokenizer_init", "dtype", "gpu_memory_utilization", "enforce_eager"} <= set(
        inspect.signature(vllm.LLM.__init__).parameters
    )
    fields = inspect.signature(vllm_stub.SamplingParams).parameters
    assert set(fields) <= set(inspect.signature(vllm.SamplingParams).parameters)
    assert all(getattr(vllm.SamplingParams(), name) in (own.default, []) for name, own in fields.items())
    assert set(vllm_stub.COMPLETION_FIELDS) <= set(CompletionRequest.model_fields)
    taken = inspect.signature(GPUModelRunner.reload_weights).parameters
    assert {"weights_iterator", "weights_path"} <= set(taken)


# ---- by the stub alone: failures, options, whole runs ----


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> None:
    vllm_stub.LLM.made.clear()
    for name, module in vllm_stub.modules().items():
        monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def server(folder: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[vllm_stub.Server]:
    monkeypatch.setattr("sml_agents.generation.vllm_server._PAUSES", (0.01, 0.02))
    with vllm_stub.serving(folder) as server:
        yield server


def test_without_the_package_one_is_told_what_to_do(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(ConfigError, match=r"needs the package vllm.*pip install 'sml-gym\[vllm\]'.*own\."):
        VLLMGenerator(load(folder))


def test_which_logprobs_vllm_is_asked_for() -> None:
    assert logprobs_mode(0.7, 1.0) == logprobs_mode(0.0, 0.9) == "processed_logprobs"
    assert logprobs_mode(1.0, 0.9) == "raw_logprobs"
    with pytest.raises(ConfigError, match="Set one of the two to 1"):
        logprobs_mode(0.7, 0.9)
    with pytest.raises(ConfigError, match=r"at least 0\.01"):
        logprobs_mode(0.001, 1.0)


@pytest.mark.usefixtures("stubbed")
def test_a_top_p_cut_leaves_the_logprobs_those_before_it(folder: str) -> None:
    model = load(folder)
    generator = make("vllm", model, top_p=0.7)
    generator.weights_changed()
    said = generator.generate(PROMPTS, sampling(len(PROMPTS), top_p=0.7))
    assert replayed(model, PROMPTS, said, 1.0) < 1e-4
    with pytest.raises(ConfigError, match="made for another top_p"):
        generator.generate(PROMPTS, sampling(len(PROMPTS)))


@pytest.mark.usefixtures("stubbed")
def test_an_engine_sleeps_through_the_update(folder: str) -> None:
    generator = make("vllm?enable_sleep_mode=true&gpu_memory_utilization=0.3", load(folder))
    how = sampling(1)
    generator.weights_changed()
    generator.generate([[1]], how)
    generator.forget()
    generator.forget()
    generator.weights_changed()
    generator.generate([[1]], how)
    assert vllm_stub.LLM.made[0].calls == [
        "reload_weights", "generate", "sleep", "wake_up", "reload_weights", "generate",
    ]  # fmt: skip


@pytest.mark.usefixtures("stubbed")
def test_an_engine_that_cannot_take_the_weights_is_not_spoken_with(folder: str) -> None:
    generator = make("vllm", load(folder))
    vllm_stub.LLM.made[0].collective_rpc = lambda *_, **__: 1 / 0  # type: ignore[method-assign]
    generator.weights_changed()
    with pytest.raises(StudentError, match="ZeroDivisionError"):
        generator.generate([[1]], sampling(1))


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("vlm", "Write own, vllm, or vllm:http"),
        ("own?x=1", "Write own, vllm, or vllm:http"),
        ("vllm:localhost:8000", "Write generation=vllm:http://HOST:PORT"),
        ("vllm?enforce_eagre=true", "Did you mean 'enforce_eager'"),
        ("vllm?max_model_len=long", "Write max_model_len=4096"),
        ("vllm:http://x?gpu_memory_utilization=1", "has no option"),
    ],
)
def test_names_that_mean_nothing_are_refused(name: str, remedy: str) -> None:
    with pytest.raises(ConfigError, match=remedy):
        check_generation(name, 1.0, 1.0)
    with pytest.raises(ConfigError, match=remedy):
        GRPOOptions(generation=name).check()


def test_a_server_is_asked_for_what_is_sampled_and_nothing_else(
    server: vllm_stub.Server, folder: str
) -> None:
    generator = make(f"vllm:{server.url}", load(folder))
    generator.weights_changed()
    generator.generate([[1], [2]], sampling(2, temperature=0.5))
    assert vllm_stub.used_names(server.requests) == set(vllm_stub.COMPLETION_FIELDS)
    neutral = {"top_k": 0, "min_p": 0.0, "repetition_penalty": 1.0, "ignore_eos": True, "top_p": 1.0}
    assert all(request.items() >= neutral.items() for request in server.requests)
    assert len({request["seed"] for request in server.requests}) == 2


def test_passing_trouble_is_got_over_and_lasting_trouble_hits_its_own_rows(
    server: vllm_stub.Server, folder: str
) -> None:
    generator = make(f"vllm:{server.url}", load(folder))
    generator.weights_changed()
    server.failing = 2
    assert not generator.generate([[1]], sampling(1)).failed
    said = generator.generate([[1], [2] * 400, [3]], sampling(3))
    assert list(said.failed) == [1] and "maximum context length" in str(said.failed[1])
    assert said.ids[0] and not said.ids[1] and said.ids[2]
    server.hanging, generator.timeout = 5.0, 0.2
    began = time.monotonic()
    said = generator.generate([[1], [2]], sampling(2))
    assert list(said.failed) == [0, 1]
    assert time.monotonic() - began < 4
    server.hanging = 0.0


def test_a_server_that_was_started_otherwise_is_refused(folder: str) -> None:
    for options in ({"mode": "raw_logprobs"}, {"dev": False}):
        with (
            vllm_stub.serving(folder, **options) as server,
            pytest.raises(
                ConfigError, match="VLLM_SERVER_DEV_MODE=1 vllm serve PATH --logprobs-mode processed"
            ),
        ):
            make(f"vllm:{server.url}", load(folder))


def test_no_server_is_said_at_once(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sml_agents.generation.vllm_server._PAUSES", (0.01,))
    with pytest.raises(
        ConfigError, match=r"No vLLM server in development mode answers at http://127\.0\.0\.1:9"
    ):
        make("vllm:http://127.0.0.1:9", load(folder))


def test_what_is_written_for_the_server_is_removed_again(
    server: vllm_stub.Server, folder: str, tmp_path: Path
) -> None:
    model = load(folder)
    generator = make(f"vllm:{server.url}?folder={tmp_path}", model)
    generator.weights_changed()
    assert list(tmp_path.iterdir()) == []
    missing = VLLMServer(model, server.url, folder=str(tmp_path / "missing"))
    missing.weights_changed()
    with pytest.raises(StudentError, match="FileNotFoundError"):
        missing.generate([[1]], sampling(1))


def test_weights_are_written_in_parts(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from safetensors.torch import load_file

    monkeypatch.setattr("sml_agents.generation.weights.SHARD_BYTES", 100_000)
    model = load(folder)
    write_weights(tmp_path, model, torch.float32)
    files = sorted(tmp_path.iterdir())
    found = {name: tensor for file in files for name, tensor in load_file(file).items()}
    assert len(files) > 2
    assert found.keys() == dict(model.named_parameters()).keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in model.named_parameters())


def options(folder: str, out: Path, **more: Any) -> GRPOOptions:
    return GRPOOptions(
        **{
            "student": folder, "out": str(out), "env_id": ENV_ID, "steps": 3, "problems_per_step": 4,
            "group_size": 4, "max_turns": 2, "max_tokens_per_turn": 8, "warmup_steps": 0, "lr": 1e-3,
            "save_every": 1, "device": "cpu", **more,
        }
    )  # fmt: skip


@pytest.mark.usefixtures("stubbed")
@pytest.mark.parametrize("lora_rank", [0, 4])
def test_a_run_with_an_engine_samples_from_the_weights_that_it_trains(
    folder: str, tmp_path: Path, lora_rank: int
) -> None:
    train(options(folder, tmp_path, generation="vllm", lora_rank=lora_rank), progress=False)
    metrics = read_metrics(tmp_path / "metrics.jsonl")
    assert len(metrics) == 3
    told = [line["policy_kl"] for line in metrics if line["policy_kl"] is not None]
    assert len(told) > 1
    assert max(told) < 1e-6  # weights of a step before would show
    assert sum(line["grad_norm"] or 0 for line in metrics) > 0
    engine = vllm_stub.LLM.made[0]
    assert engine.calls.count("reload_weights") == 3


def test_a_server_that_dies_in_mid_run_ends_it_without_a_reward(
    server: vllm_stub.Server, folder: str, tmp_path: Path
) -> None:
    def die(metrics: dict[str, float | None]) -> None:
        if metrics["step"] == 1:
            server.shutdown()
            server.server_close()

    run = options(folder, tmp_path, generation=f"vllm:{server.url}", steps=9)
    with pytest.raises(RolloutError, match=r"No dialogue of the last 3 steps.*does not have the student's"):
        train(run, progress=False, on_step=die)
    first, *rest = read_metrics(tmp_path / "metrics.jsonl")
    assert first["failures"] == 0 and first["reward"] is not None
    assert [line["failures"] for line in rest] == [16.0] * 3
    assert all(line["reward"] is None for line in rest)
