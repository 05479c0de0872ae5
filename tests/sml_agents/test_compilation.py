"""Compiled layers compute the same gradients, in one compilation, and leave no trace in decoding."""

from __future__ import annotations

from pathlib import Path
from shutil import which
from typing import Any

import pytest
import torch
from tiny_models import save_tiny, tiny_model
from torch._dynamo.testing import CompileCounter
from toy_env import ENV_ID

from sml_agents.activations import can_recompute, recomputed
from sml_agents.compilation import CompiledLayers
from sml_agents.grpo import GRPOOptions, train
from sml_agents.logs import read_metrics
from sml_gym import ConfigError


@pytest.fixture(autouse=True)
def fresh() -> None:
    torch._dynamo.reset()


def gradients(model: Any, ids: torch.Tensor) -> list[torch.Tensor]:
    model.zero_grad()
    model(input_ids=ids, use_cache=False).logits.log_softmax(-1)[..., 0].sum().backward()
    return [parameter.grad.clone() for parameter in model.parameters()]


@pytest.mark.parametrize("recompute", [False, True])
@pytest.mark.parametrize("kind", ["llama", "qwen2", "gpt_neox", "gpt2"])
def test_all_layers_are_one_compilation_of_the_same_gradient(kind: str, recompute: bool) -> None:
    model = tiny_model(kind)
    if recompute:
        can_recompute(model)
    counter: Any = CompileCounter()
    layers = CompiledLayers([model], backend=counter)
    for rows, length in ((2, 9), (3, 17), (4, 30)):
        ids = torch.randint(0, 267, (rows, length), generator=torch.Generator().manual_seed(rows))
        expected = gradients(model, ids)
        with recomputed(model), layers.in_place():
            found = gradients(model, ids)
        assert all(torch.allclose(a, b, rtol=1e-4, atol=1e-4) for a, b in zip(found, expected, strict=True))
    assert counter.frame_count == 1
    assert not any("forward" in vars(module) for module in model.modules())


def test_layers_that_cannot_be_told_and_a_missing_compiler_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ConfigError, match=r"Linear cannot be compiled one by one\. Leave out compile"):
        CompiledLayers([torch.nn.Linear(2, 2)], backend="eager")  # type: ignore[list-item]
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(ConfigError, match=r"Install g\+\+, or leave out compile"):
        CompiledLayers([tiny_model()])


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.skipif(which("g++") is None, reason="torch.compile needs a C++ compiler")
def test_a_compiled_run_is_the_run(tmp_path: Path) -> None:
    student = save_tiny(tmp_path / "student")
    lines = []
    for compiled in (False, True):
        out = tmp_path / str(compiled)
        train(
            GRPOOptions(
                student=student, out=str(out), env_id=ENV_ID, steps=2, problems_per_step=2, group_size=4,
                max_turns=2, max_tokens_per_turn=8, warmup_steps=0, lr=1e-3, save_every=0, device="cpu",
                compile=compiled,
            ),
            progress=False,
        )  # fmt: skip
        lines.append(read_metrics(out / "metrics.jsonl"))
    for plain, fast in zip(*lines, strict=True):
        assert plain.keys() == fast.keys()
        assert plain["grad_norm"]
        for name, value in plain.items():
            assert fast[name] == pytest.approx(value, rel=1e-3, abs=1e-5), name
