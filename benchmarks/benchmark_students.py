"""Students of two sizes that speak alike, for benchmarks that compare sizes."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from sml_agents.load import load_student
from sml_agents.pretrain import PretrainOptions, pretrain

SIZES = ("5M", "30M")
_NEW_LAYERS = 3


def benchmark_student(size: str, folder: Path) -> Path:
    """A student of 5 or 29 million parameters, made once and kept in a folder in `folder`.

    The smaller has had a short pretraining (some minutes), after which it holds dialogues of the usual form
    and guesses at the answer. The larger is the smaller at twice the width with half as many layers again
    (`widened`), so that both hold the same dialogues and only the computing differs.
    """
    small, large = folder / "benchmark-student", folder / "benchmark-student-30m"
    if not (small / "model.safetensors").exists():
        pretrain(PretrainOptions(out=small, steps=60, drill_steps=30, layers=6, width=256, inner=704,
                                 measure_tasks=0))  # fmt: skip
    if size == "5M":
        return small
    if not (large / "model.safetensors").exists():
        model, tokenizer = load_student(str(small))
        widened(model, _NEW_LAYERS).save_pretrained(large)
        tokenizer.save_pretrained(large)
    return large


@torch.no_grad()
def widened(model: LlamaForCausalLM, new_layers: int) -> LlamaForCausalLM:
    """A Llama of twice the width and with more layers that computes the same, but for rounding.

    As in Net2Net (arXiv 1511.05641): every hidden state stands twice side by side, so a matrix is repeated
    2 x 2 and halved. The new layers come last and add nothing to the hidden states, since the two matrices by
    which they would are 0; they cost what the others do.
    """
    config: LlamaConfig = model.config
    wide = LlamaForCausalLM(
        LlamaConfig(
            **config.to_dict()
            | {
                "hidden_size": 2 * config.hidden_size,
                "intermediate_size": 2 * config.intermediate_size,
                "num_attention_heads": 2 * config.num_attention_heads,
                "num_key_value_heads": 2 * config.num_key_value_heads,
                "num_hidden_layers": config.num_hidden_layers + new_layers,
            }
        )
    ).eval()
    wide.generation_config = model.generation_config
    narrow = model.state_dict()
    for name, into in wide.state_dict().items():
        parts = name.split(".")
        new = parts[1] == "layers" and int(parts[2]) >= config.num_hidden_layers
        if new:
            parts[2] = str(config.num_hidden_layers - 1)
        tensor = narrow[".".join(parts)]
        if new and parts[-2] in ("o_proj", "down_proj"):
            into.zero_()
        elif parts[-2] in ("embed_tokens", "lm_head"):  # one and the same tensor
            into.copy_(tensor.repeat(1, 2))
        elif tensor.ndim == 2:
            into.copy_(tensor.repeat(2, 2) / 2)
        else:
            into.copy_(tensor.repeat(2) / (2 if name == "model.norm.weight" else 1))
    return wide
