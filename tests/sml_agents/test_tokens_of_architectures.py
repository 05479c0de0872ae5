"""The head on student positions alone, whatever an architecture does with its logits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tiny_models import tiny_model
from transformers import (
    CohereConfig,
    CohereForCausalLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    GraniteConfig,
    GraniteForCausalLM,
)

from sml_agents.tokens import TokenRecord, collate, student_logits

COMMON: dict[str, Any] = {
    "vocab_size": 90,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 48,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def models() -> dict[str, Any]:
    torch.manual_seed(0)
    return {
        "soft cap and sliding window": Gemma2ForCausalLM(
            Gemma2Config(**COMMON, head_dim=8, final_logit_softcapping=0.5, sliding_window=8)
        ),
        "logit scale": CohereForCausalLM(CohereConfig(**COMMON, logit_scale=0.25)),
        "logits scaling": GraniteForCausalLM(GraniteConfig(**COMMON, logits_scaling=3.0)),
        "plain": tiny_model("gpt2", vocab=90),
    }


@pytest.mark.parametrize("name", models())
def test_the_head_sees_only_what_predicts_the_students_tokens(name: str) -> None:
    model = models()[name].eval()
    rng = np.random.default_rng(0)
    records = []
    for length in (5, 31, 18):
        student = rng.random(length) < 0.4
        student[:2] = False, True
        ids = rng.integers(3, 90, length)
        records.append(TokenRecord(ids, student, np.ones(length, np.int64), np.zeros(length, np.float32)))
    batch = collate(records)
    seen = []
    head = model.get_output_embeddings()
    hook = head.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0].shape[:-1].numel()))
    with torch.no_grad():
        got = student_logits(model, batch)
        hook.remove()
        # One by one and without padding, as the model itself computes them.
        expected = torch.cat(
            [
                model(input_ids=torch.from_numpy(r.ids)[None]).logits[0, np.flatnonzero(r.student) - 1]
                for r in records
            ]
        )
    assert seen == [sum(int(record.student.sum()) for record in records)]
    assert torch.allclose(got, expected, atol=1e-5)
    assert not head._forward_pre_hooks
