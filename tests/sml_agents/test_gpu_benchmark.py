"""The arithmetic of benchmarks/gpu.py, held against what torch counts; no figure is taken without a GPU."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks import gpu, results_file

SHAPE = {
    "hidden_size": 48, "intermediate_size": 80, "num_hidden_layers": 3, "num_attention_heads": 6,
    "num_key_value_heads": 2, "vocab_size": 101, "attn_implementation": "eager",
}  # fmt: skip


@pytest.mark.parametrize("length", [1, 17, 64])
def test_flops_are_those_that_torch_counts(length: int) -> None:
    for model in (LlamaForCausalLM(LlamaConfig(**SHAPE)), Qwen2ForCausalLM(Qwen2Config(**SHAPE))):
        formula = gpu.training_flops(model.config, [length], length, causal=False)
        # The rotary embedding's angles are the one small product that the formula leaves out.
        assert formula == pytest.approx(gpu.counted_flops(model, length), rel=2e-3)


def test_parts_of_the_flops() -> None:
    config = LlamaConfig(**SHAPE)
    one = gpu.training_flops(config, [10], 0)
    assert gpu.training_flops(config, [10, 10], 0) == 2 * one
    assert gpu.training_flops(config, [10], 3) - one == 6 * 48 * 101 * 3  # the head, of what was said alone
    plain = gpu.training_flops(config, [10], 0, causal=False)
    assert plain - one == 3 * 6 * 2 * 48 * 45  # 10 tokens do not see the 45 pairs after them


def test_bytes_of_a_decoding_step() -> None:
    for tied in (False, True):
        model = LlamaForCausalLM(LlamaConfig(**SHAPE, tie_word_embeddings=tied))
        weights = sum(p.numel() for p in model.parameters()) - (0 if tied else 48 * 101)
        kept = 3 * 2 * 2 * 8  # layers, keys and values, heads, width of a head
        assert gpu.decode_bytes(model, 5, 7) == 2 * (weights + 5 * 7 * kept)
        assert gpu.decode_bytes(model, 5, 7, torch.float32) == 2 * gpu.decode_bytes(model, 5, 7)


@pytest.mark.skipif(torch.cuda.is_available(), reason="without a GPU")
def test_nothing_is_recorded_without_a_gpu(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(results_file, "write_result", lambda *_, **__: pytest.fail("something was recorded"))
    monkeypatch.setattr(sys, "argv", ["gpu.py"])
    with pytest.raises(SystemExit, match="--tiny"):
        gpu.main()
    monkeypatch.setattr(sys, "argv", ["gpu.py", "--tiny"])
    gpu.main()
    printed = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines() if ": " in line)
    found = json.loads(printed["tiny"].replace("'", '"'))
    assert found["tokens_per_second"] > 0 and found["update_seconds"] > 0
    assert found["update_flops_utilisation"] > 0 and found["decode_over_floor"] > 0
    assert float(printed["flops_formula_over_counted"]) == pytest.approx(1, abs=2e-3)
