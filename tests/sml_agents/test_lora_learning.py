"""Adapters of rank 8 teach the embedded student to use feedback, as training all of its weights does."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_learning import FAMILIES, solved

from sml_agents.grpo import GRPOOptions, train

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_thirty_steps_of_grpo_through_adapters_teach_it(tmp_path: Path) -> None:
    before = solved("embedded")
    options = GRPOOptions(
        out=str(tmp_path / "run"),
        env_options=FAMILIES,
        steps=30,
        lr=4e-3,
        lora_rank=8,
        max_tokens_per_turn=64,
        save_every=0,
        device="cpu",
    )
    after = solved(str(train(options, progress=False).model))
    assert before["real"] < 0.3
    assert after["real"] > before["real"] + 0.2  # three seeds: from 0.15 to 0.45, 0.47 and 0.50
    assert max(before["placebo"], after["placebo"]) < 0.1
