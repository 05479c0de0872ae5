"""Adapters in the place of weights (LoRA), and activations that are computed again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from grpo_process import options
from peft import PeftModel
from safetensors.torch import load_file
from tiny_models import save_tiny, tiny_model
from toy_env import ENV_ID, LETTER_ID, jobs_of
from transformers import AutoModelForCausalLM

from sml_agents.adapters import adapters_off, add_adapters, load_trained, merge_adapters, reference_of
from sml_agents.checkpoint import save_checkpoint
from sml_agents.grpo import GRPOLearner, train
from sml_agents.logs import read_metrics
from sml_agents.offline import train as train_offline
from sml_agents.offline_options import OfflineOptions
from sml_agents.ppo import PPOLearner, PPOOptions
from sml_agents.ppo import train as train_ppo
from sml_agents.student import ModelStudent
from sml_agents.tokens import collate, student_logits, student_logprobs, token_record
from sml_gym import ConfigError, env_factory, rollout

LORA: dict[str, Any] = {"lora_rank": 4, "lora_alpha": 8.0}


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


def disturb(model: Any) -> Any:
    """Adapters that do something, as after training."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.1)
    return model


def adapted(kind: str, seed: int = 0) -> Any:
    model = tiny_model(kind)
    add_adapters(model, 4, 8.0, seed=seed, base="")
    return model


KINDS = ("llama", "qwen2", "mistral", "gpt_neox", "gpt2")


@pytest.mark.parametrize("kind", KINDS)
def test_adapters_change_nothing_at_first_and_are_switched_off_and_merged_exactly(kind: str) -> None:
    ids = torch.arange(3, 40).reshape(1, -1)
    with torch.no_grad():
        before = tiny_model(kind)(ids).logits
        model = adapted(kind)
        assert torch.allclose(model(ids).logits, before, atol=1e-5)
        disturb(model)
        after = model(ids).logits
        assert not torch.allclose(after, before, atol=1e-2)
        with adapters_off(model):
            assert torch.allclose(model(ids).logits, before, atol=1e-5)
        assert torch.equal(model(ids).logits, after)
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert trained == {name for name, _ in model.named_parameters() if "lora_" in name}
    merge_adapters(model)
    with torch.no_grad():
        assert torch.allclose(model(ids).logits, after, atol=1e-4)
    assert {n: p.shape for n, p in model.named_parameters()} == {
        n: p.shape for n, p in tiny_model(kind).named_parameters()
    }


def test_the_seed_alone_decides_where_adapters_begin() -> None:
    torch.manual_seed(1)
    first = adapted("llama").state_dict()
    torch.manual_seed(2)
    again, other = adapted("llama").state_dict(), adapted("llama", seed=1).state_dict()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_adapters_wider_than_the_model_are_refused() -> None:
    model = tiny_model("llama")
    width = model.config.hidden_size
    with pytest.raises(ConfigError, match=f"lora_rank is {width + 1}, above the model's width of {width}"):
        add_adapters(model, width + 1, 1.0, seed=0, base="")
    add_adapters(model, width, 1.0, seed=0, base="")


def test_what_is_sampled_with_adapters_has_the_log_probabilities_of_training(student: str) -> None:
    chosen = options(student, "unused", **LORA)
    model, tokenizer = load_trained(chosen, None, "cpu")
    disturb(model)
    speaker = ModelStudent(model, tokenizer, max_tokens_per_turn=12)
    episodes = rollout(env_factory(ENV_ID, max_turns=3), speaker, jobs_of(12))
    batch = collate([token_record(episode) for episode in episodes])
    with torch.no_grad():
        found = student_logprobs(student_logits(model, batch), batch, 1.0)
        with adapters_off(model):
            plain = student_logprobs(student_logits(model, batch), batch, 1.0)
    assert torch.allclose(found, batch.logprobs[batch.student], atol=1e-4)
    assert not torch.allclose(plain, found, atol=1e-2)


def test_the_reference_is_the_model_before_training_and_no_second_copy(student: str) -> None:
    chosen = options(student, "unused", beta=0.1, **LORA)
    model, _ = load_trained(chosen, None, "cpu")
    learner = GRPOLearner(chosen, Accelerator(cpu=True), model)
    assert learner.reference is not None
    disturb(model)
    ids = torch.arange(3, 40).reshape(1, -1)
    plain = AutoModelForCausalLM.from_pretrained(student)
    with learner.reference() as reference:
        assert reference is model
        assert torch.allclose(reference(ids).logits, plain(ids).logits, atol=1e-5)
    assert all(p.requires_grad == ("lora_" in name) for name, p in model.named_parameters())
    with reference_of(plain, student)() as copy:
        assert copy is not plain
        assert not copy(ids).logits.requires_grad
    ppo = PPOOptions(student=student, value_trunk="separate", kl=0.1, device="cpu", **LORA)
    own = PPOLearner(ppo, Accelerator(cpu=True), model)
    assert own.trunk is not None
    shared = {p.data_ptr() for p in model.parameters()} & {p.data_ptr() for p in own.trunk.parameters()}
    assert shared == {p.data_ptr() for p in model.parameters() if not p.requires_grad}


def test_a_run_trains_adapters_resumes_bit_for_bit_and_leaves_a_plain_model(
    student: str, tmp_path: Path
) -> None:
    def run(out: Path, steps: int, **more: Any) -> Path:
        train(options(student, out, steps, beta=0.05, lr=1e-2, **LORA, **more), progress=False)
        return out

    whole = run(tmp_path / "whole", 4)
    run(tmp_path / "parts", 2)
    shutil.rmtree(tmp_path / "parts" / "model")
    parts = run(tmp_path / "parts", 4, resume=True)
    weights = [load_file(out / "model" / "model.safetensors") for out in (whole, parts)]
    before = load_file(Path(student) / "model.safetensors")
    assert weights[0].keys() == weights[1].keys() == before.keys()
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in before)
    assert any(not torch.equal(weights[0][name], before[name]) for name in before)
    assert read_metrics(whole / "metrics.jsonl")[-1]["kl"] > 0  # type: ignore[operator]

    checkpoint = whole / "checkpoints" / "step-000004"
    assert not (checkpoint / "model.safetensors").exists()
    ids = torch.arange(3, 40).reshape(1, -1)
    with torch.no_grad():
        merged = AutoModelForCausalLM.from_pretrained(whole / "model")(ids).logits
        base = AutoModelForCausalLM.from_pretrained(student)
        by_peft = PeftModel.from_pretrained(base, str(checkpoint))(ids).logits
    assert torch.allclose(merged, by_peft, atol=1e-4)

    with pytest.raises(ConfigError, match="do not fit"):
        load_trained(options(student, "unused", lora_rank=2), checkpoint, "cpu")
    (checkpoint / "adapter_model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ConfigError, match="Remove this checkpoint"):
        load_trained(options(student, "unused", **LORA), checkpoint, "cpu")


def test_ppo_with_adapters_and_a_separate_trunk_resumes_bit_for_bit(student: str, tmp_path: Path) -> None:
    def run(out: Path, steps: int, **more: Any) -> dict[str, torch.Tensor]:
        chosen: dict[str, Any] = {
            "env_id": LETTER_ID, "problems_per_step": 4, "max_turns": 2, "max_tokens_per_turn": 4,
            "save_every": 1, "device": "cpu", "value_trunk": "separate", "kl": 0.05, "warmup_steps": 0,
        }  # fmt: skip
        train_ppo(
            PPOOptions(student=student, out=str(out), steps=steps, **chosen, **LORA, **more), progress=False
        )
        loaded: dict[str, torch.Tensor] = load_file(out / "model" / "model.safetensors")
        return loaded

    whole = run(tmp_path / "whole", 2)
    run(tmp_path / "parts", 1)
    shutil.rmtree(tmp_path / "parts" / "model")
    parts = run(tmp_path / "parts", 2, resume=True)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


@pytest.mark.filterwarnings("ignore:.gradient_checkpointing. is deprecated:FutureWarning")
def test_offline_training_with_adapters(student: str, tmp_path: Path) -> None:
    chosen = OfflineOptions(
        student=student, out=str(tmp_path), env_id=LETTER_ID, problems=10, group_size=4, max_turns=2,
        max_tokens_per_turn=3, lr=1e-2, device="cpu", rounds=2, activation_checkpointing=True, **LORA,
    )  # fmt: skip
    train_offline(chosen, progress=False)
    assert (tmp_path / "checkpoints" / "step-000002" / "adapter_model.safetensors").exists()
    before, after = (load_file(Path(f) / "model.safetensors") for f in (student, tmp_path / "model"))
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all("proj" in name for name in changed)


def test_adapters_beside_weights_in_bfloat16(student: str) -> None:
    model, _ = load_trained(options(student, "unused", precision="bf16", **LORA), None, "cpu")
    kinds = {("lora_" in name, p.dtype) for name, p in model.named_parameters()}
    assert kinds == {(True, torch.float32), (False, torch.bfloat16)}
    merge_adapters(disturb(model))
    assert {p.dtype for p in model.parameters()} == {torch.bfloat16}


@pytest.mark.parametrize("lora", [{}, LORA])
@pytest.mark.parametrize("kind", ["llama", "gpt_neox", "gpt2"])
def test_computing_activations_again_gives_the_same_gradient(
    kind: str, lora: dict[str, Any], tmp_path: Path
) -> None:
    path = save_tiny(tmp_path / kind, kind)
    gradients, kept = [], []
    for again in (False, True):
        chosen = options(path, "unused", activation_checkpointing=again, **lora)
        model, tokenizer = load_trained(chosen, None, "cpu")
        learner = GRPOLearner(chosen, Accelerator(cpu=True), disturb(model))
        speaker = ModelStudent(model, tokenizer, max_tokens_per_turn=8)
        episodes = rollout(env_factory(LETTER_ID, max_turns=2), speaker, jobs_of(8))
        samples = learner.samples(episodes).samples
        assert samples
        sizes: list[int] = []

        def count(tensor: torch.Tensor, sizes: list[int] = sizes) -> torch.Tensor:
            sizes.append(tensor.numel())
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
            learner._gradient(samples, [], {"": 1.0})
        kept.append(sum(sizes))
        gradients.append([p.grad.clone() for p in model.parameters() if p.grad is not None])
        assert not model.training
        assert not any(module.training for module in model.modules())
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(*gradients, strict=True))
    assert any(g.abs().max() > 0 for g in gradients[0])
    assert kept[1] < 0.7 * kept[0]


def test_a_checkpoint_of_another_kind_of_run_is_refused(student: str, tmp_path: Path) -> None:
    model, tokenizer = load_trained(options(student, "unused"), None, "cpu")
    folder = save_checkpoint(tmp_path, 1, model, tokenizer, {}, keep=1)
    with pytest.raises(ConfigError, match="Remove this checkpoint"):
        load_trained(options(student, "unused", **LORA), folder, "cpu")
