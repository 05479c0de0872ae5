"""A local model in waves of several parts: it says the same, and keeps the keys and values of every part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from chat_server import Answer, ChatServer, Request, say
from grpo_process import options
from tiny_models import save_tiny, tiny_model, tiny_tokenizer
from toy_env import ENV_ID, jobs_of

from sml_agents.grpo import train
from sml_agents.logs import read_metrics
from sml_agents.student import ModelStudent
from sml_gym import ConfigError, Episode, env_factory, rollout


def echo(request: Request) -> Answer:
    """Words that depend on the whole request, later for some than for others."""
    seed = request.body["seed"]
    return say(f"{len(request.messages)} and {seed % 100}").after(0.01 * (seed % 3))


def hold(overlap: int, **more: Any) -> tuple[list[Episode], int]:
    """Eight dialogues of three turns, and how many tokens the model was fed for them."""
    model = tiny_model("qwen2")
    fed = 0

    def count(_: Any, __: Any, inputs: dict[str, Any]) -> None:
        nonlocal fed
        fed += inputs["input_ids"].numel()

    model.register_forward_pre_hook(count, with_kwargs=True)
    student = ModelStudent(model, tiny_tokenizer(), max_tokens_per_turn=6, seed=3, **more)
    with ChatServer(echo) as server:
        make = env_factory(ENV_ID, teacher=server.spec(), max_turns=3)
        return rollout(make, student, jobs_of(8), overlap=overlap), fed


def test_a_model_says_the_same_and_reads_nothing_twice() -> None:
    whole, fed = hold(1)
    parted, fed_in_parts = hold(2)
    _, fed_anew = hold(2, keep_cache=False)
    assert max(len(episode.turns) for episode in whole) == 3
    for one, other in zip(whole, parted, strict=True):
        assert (one.task_id, one.reward, one.stop_reason) == (other.task_id, other.reward, other.stop_reason)
        for turn, same in zip(one.turns, other.turns, strict=True):
            assert (turn.student.text, turn.feedback) == (same.student.text, same.feedback)
            assert turn.tokens is not None and same.tokens is not None
            assert turn.tokens.sampled == same.tokens.sampled
            assert turn.tokens.logprobs == pytest.approx(same.tokens.logprobs, abs=1e-5)
    # Padding in a batch of all is no less than in its halves.
    assert fed_in_parts <= 1.02 * fed < 0.8 * fed_anew


def test_training_goes_the_same_way(tmp_path: Path) -> None:
    student = save_tiny(tmp_path / "student")
    runs: list[list[Any]] = []
    for overlap in (1, 2):
        with ChatServer(echo) as server:
            out = tmp_path / str(overlap)
            train(options(student, out, 2, teacher=server.spec(), overlap=overlap), progress=False)
        runs.append([{**row} for row in read_metrics(out / "metrics.jsonl")])
    for row, same in zip(*runs, strict=True):
        assert row.keys() == same.keys()
        assert row["reward"] == same["reward"] and row["tokens_per_dialogue"] == same["tokens_per_dialogue"]
        assert row["grad_norm"] == pytest.approx(same["grad_norm"], rel=1e-3)
    with pytest.raises(ConfigError, match="overlap is 0"):
        train(options(student, tmp_path / "none", 1, overlap=0), progress=False)
