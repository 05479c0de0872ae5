"""GRPO with a teacher behind a server: a spent budget loses nothing, and a failed request trains nothing."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from chat_server import Answer, ChatServer, Request, say, status
from grpo_process import options
from safetensors.torch import load_file
from tiny_models import save_tiny

from sml_agents.checkpoint import list_checkpoints, step_of
from sml_agents.grpo import train
from sml_agents.logs import read_metrics
from sml_gym import ConfigError
from sml_gym.errors import BudgetSpent

GO_ON = say("Go on.", usage={"prompt_tokens": 1_000, "completion_tokens": 100})


PRICES = {"price_in": 1, "price_out": 10}


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


def weights(folder: Path) -> dict[str, torch.Tensor]:
    loaded: dict[str, torch.Tensor] = load_file(folder / "model" / "model.safetensors")
    return loaded


def test_a_spent_budget_saves_the_run_which_ends_as_the_unbroken_one(student: str, tmp_path: Path) -> None:
    with ChatServer([GO_ON]) as server:
        unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
        train(options(student, unbroken, teacher=server.spec()), progress=False)
        half = 1_100 * len(server.requests) // 2

        def go_on(budget: int, **more: bool) -> None:
            teacher = server.spec(budget_tokens=budget)
            train(options(student, broken, teacher=teacher, save_every=50, **more), progress=False)

        with pytest.raises(BudgetSpent, match=r"of 6 steps are made and saved .*--resume"):
            go_on(half)
        [saved] = list_checkpoints(broken / "checkpoints")
        assert 1 <= step_of(saved) <= 4
        with pytest.raises(ConfigError, match="resume"):
            go_on(10**9)
        go_on(10**9, resume=True)

        got, expected = weights(broken), weights(unbroken)
        assert all(torch.equal(got[name], expected[name]) for name in expected)
        rewards = [
            [line["reward"] for line in read_metrics(run / "metrics.jsonl")] for run in (broken, unbroken)
        ]
        assert rewards[0] == rewards[1] and len(rewards[0]) == 6


def test_dialogues_that_the_server_failed_are_counted_apart(student: str, tmp_path: Path) -> None:
    def script(request: Request) -> Answer:
        return status(500) if request.number % 4 == 1 else GO_ON

    with ChatServer(script) as server:
        out = tmp_path / "run"
        train(
            options(student, out, teacher=server.spec(retries=0, **PRICES), steps=2, save_every=0),
            progress=False,
        )
        failed = sum(answer.status == 500 for answer in server.answers)
        lines = read_metrics(out / "metrics.jsonl")
        assert sum(line["failures"] or 0 for line in lines) == failed > 0
        sound = len(server.answers) - failed
        spent = {name: sum(line[f"teacher_{name}"] or 0 for line in lines) for name in ("requests", "cost")}
        assert spent == {"requests": len(server.answers), "cost": pytest.approx(sound * 2_000 / 1e6)}
        assert all(line["leaks"] == 0 for line in lines)
        assert all(math.isfinite(line["grad_norm"] or 0) for line in lines)
        assert all(torch.isfinite(weight).all() for weight in weights(out).values())
