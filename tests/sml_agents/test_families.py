"""Model families through GRPO and PPO: real architectures, tiny and random, with their templates' styles.

| family | attention | template |
| --- | --- | --- |
| Llama | grouped keys | text markers, a blank before the end token, BOS in every turn |
| Qwen2 | grouped keys, biases, tied embeddings | a system prompt where none is given |
| Qwen3 | normalised queries and keys | drops earlier thinking and opens a new thought |
| Gemma 3 | sliding and full layers, normalised, scaled embeddings | no system role, role "model" |
| Mistral | sliding window | ChatML |
| GPT-NeoX | parallel residual, partial rotary positions | plain text |
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_models import tiny_model, tiny_tokenizer
from toy_env import LETTER_ID, jobs_of
from transformers import (
    Gemma3Config,
    Gemma3ForCausalLM,
    Gemma3ForConditionalGeneration,
    Gemma3TextConfig,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from sml_agents.grpo import GRPOOptions
from sml_agents.grpo import train as train_grpo
from sml_agents.load import load_student
from sml_agents.logs import read_metrics
from sml_agents.plan import plan
from sml_agents.ppo import PPOOptions
from sml_agents.ppo import train as train_ppo
from sml_agents.student import ModelStudent
from sml_agents.tokens import collate, student_logits, student_logprobs, token_record
from sml_gym import env_factory, rollout

FAMILIES = {
    "llama": "llama2",
    "qwen2": "qwen2",
    "qwen3": "thinking",
    "gemma3": "gemma",
    "mistral": "chatml",
    "gpt_neox": "plain",
}
SHORT: dict[str, Any] = {
    "env_id": LETTER_ID, "steps": 2, "max_turns": 3, "max_tokens_per_turn": 6, "lr": 1e-3, "warmup_steps": 0,
    "save_every": 0, "device": "cpu",
}  # fmt: skip


def family_model(name: str, vocab: int) -> Any:
    """Gemma 3 and Qwen3 are made here, the others by `tiny_model`."""
    if name not in ("gemma3", "qwen3"):
        return tiny_model(name, vocab=vocab)
    torch.manual_seed(0)
    shape: dict[str, Any] = {
        "vocab_size": vocab, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "intermediate_size": 64, "head_dim": 8, "max_position_embeddings": 4096,
    }  # fmt: skip
    model: Any
    if name == "qwen3":
        model = Qwen3ForCausalLM(Qwen3Config(**shape))
    else:
        kinds = ["sliding_attention", "full_attention"]
        model = Gemma3ForCausalLM(Gemma3TextConfig(**shape, sliding_window=24, layer_types=kinds))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.mul_(5)
    return model.eval()


@pytest.fixture(scope="module", params=FAMILIES)
def student(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp(request.param)
    tokenizer = tiny_tokenizer(FAMILIES[request.param])
    family_model(request.param, len(tokenizer)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def test_the_record_is_what_was_sampled_as_training_computes_it(student: str) -> None:
    model, tokenizer = load_student(student)
    speaker = ModelStudent(model, tokenizer, max_tokens_per_turn=8)
    episodes = rollout(env_factory(LETTER_ID, max_turns=3), speaker, jobs_of(8))
    batch = collate([token_record(episode) for episode in episodes])
    with torch.no_grad():
        found = student_logprobs(student_logits(model, batch), batch, 1.0)
    assert torch.allclose(found, batch.logprobs[batch.student], atol=1e-4)
    for episode in episodes:
        for turn in episode.turns:
            assert turn.tokens is not None
            if not turn.tokens.sampled:
                continue
            said = speaker.format.decode([list(turn.tokens.sampled)])[0]
            assert said == turn.student.text


def test_thinking_that_the_template_drops_stays_in_the_record() -> None:
    tokenizer = tiny_tokenizer("thinking")
    model = family_model("qwen3", len(tokenizer))
    close = tokenizer.convert_tokens_to_ids("</think>")
    model.lm_head.weight.data[:] *= 0.05
    hidden: list[torch.Tensor] = []
    hook = model.lm_head.register_forward_pre_hook(lambda _, inputs: hidden.append(inputs[0]))
    with torch.no_grad():
        model(torch.arange(3, 60)[None])
        hook.remove()
        common = hidden[0][0].mean(0)
        model.lm_head.weight[close] = common / common.norm() ** 2 * 6  # likely everywhere
    speaker = ModelStudent(model, tokenizer, max_tokens_per_turn=12)
    episodes = rollout(env_factory(LETTER_ID, max_turns=3), speaker, jobs_of(8))
    thought = [e for e in episodes if len(e.turns) > 1 and close in e.turns[0].tokens.sampled[:-1]]
    assert thought
    for episode in thought:
        record = token_record(episode)
        assert close in record.ids[(record.turn == 1) & record.student]
        first = episode.turns[0].student.text
        dropped = tokenizer.apply_chat_template(
            [{"role": "user", "content": "?"}, {"role": "assistant", "content": first}], tokenize=False
        )
        assert "</think>" in first
        assert "</think>" not in dropped
    batch = collate([token_record(episode) for episode in episodes])
    with torch.no_grad():
        found = student_logprobs(student_logits(model, batch), batch, 1.0)
    assert torch.allclose(found, batch.logprobs[batch.student], atol=1e-4)


@pytest.mark.parametrize("algorithm", ["grpo", "ppo"])
@pytest.mark.parametrize("lora_rank", [0, 4])
def test_two_steps(algorithm: str, lora_rank: int, student: str, tmp_path: Path) -> None:
    out = str(tmp_path / "run")
    own: dict[str, Any] = {**SHORT, "student": student, "out": out, "lora_rank": lora_rank}
    if algorithm == "grpo":
        train_grpo(GRPOOptions(**own, problems_per_step=3, group_size=4, beta=0.01), progress=False)
    else:
        train_ppo(PPOOptions(**own, problems_per_step=8, updates_per_epoch=2), progress=False)
    lines = read_metrics(tmp_path / "run" / "metrics.jsonl")
    assert [line["step"] for line in lines] == [1, 2]
    assert all(line["failures"] == 0 and (line["grad_norm"] or 0) > 0 for line in lines)
    # The first update starts from the policy that sampled: there is no divergence but rounding.
    if algorithm == "grpo":
        assert abs(lines[0]["policy_kl"] or 0.0) < 1e-6
    before, _ = load_student(student)
    after, _ = load_student(f"{out}/model")
    moved = dict(after.named_parameters())
    assert any(not torch.equal(p, moved[name]) for name, p in before.named_parameters())
    assert json.loads((tmp_path / "run" / "run.json").read_text())["options"]["lora_rank"] == lora_rank


def test_a_model_that_also_has_eyes_trains_adapters_on_text(tmp_path: Path) -> None:
    """As the instruction-tuned Gemma 3 of 4 and more billion parameters, whose class reads images too."""
    tokenizer = tiny_tokenizer("gemma")
    torch.manual_seed(0)
    text = {
        "vocab_size": len(tokenizer), "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "intermediate_size": 64, "head_dim": 8, "sliding_window": 24,
        "max_position_embeddings": 4096,
    }  # fmt: skip
    sight = {
        "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
        "image_size": 28, "patch_size": 14,
    }  # fmt: skip
    config = Gemma3Config(text_config=text, vision_config=sight, mm_tokens_per_image=4)
    Gemma3ForConditionalGeneration(config).save_pretrained(tmp_path / "student")
    tokenizer.save_pretrained(tmp_path / "student")
    chosen = GRPOOptions(
        **SHORT, student=str(tmp_path / "student"), out=str(tmp_path / "run"), lora_rank=4, beta=0.1,
        activation_checkpointing=True, precision="bf16", problems_per_step=3, group_size=4,
    )  # fmt: skip
    model, _ = load_student(chosen.student)
    assert plan(chosen).parameters == sum(p.numel() for p in model.parameters())
    train_grpo(chosen, progress=False)
    trained, _ = load_student(str(tmp_path / "run" / "model"))
    assert type(trained) is type(model)
    assert (read_metrics(tmp_path / "run" / "metrics.jsonl")[-1]["grad_norm"] or 0) > 0
