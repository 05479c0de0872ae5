"""Two processes share a step's groups and reach what one process reaches."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from grpo_process import ONE_UPDATE, options
from safetensors.torch import load_file
from tiny_models import save_tiny

from sml_agents.grpo import train
from sml_agents.logs import read_metrics


def test_two_processes_equal_one(tmp_path: Path) -> None:
    """Three groups on two processes, so the shares are unequal; sums differ by rounding alone."""
    student = save_tiny(tmp_path / "student")
    script = Path(__file__).with_name("grpo_process.py")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "torch.distributed.run",
            "--standalone",
            "--nproc_per_node",
            "2",
            str(script),
            student,
            str(tmp_path / "two"),
            "3",
            "one update a step",
        ],
        check=True,
        capture_output=True,
        timeout=100,
    )
    train(options(student, tmp_path / "one", 3, **ONE_UPDATE), progress=False)
    one, two = (read_metrics(tmp_path / name / "metrics.jsonl") for name in ("one", "two"))
    assert all(line["feedback_model_tokens"] for line in one)
    assert any(line["distill_tokens"] for line in one)
    for a, b in zip(one, two, strict=True):
        for name in a:
            assert a[name] == pytest.approx(b[name], rel=1e-3, abs=1e-5), name
    before, first, second = (
        load_file(tmp_path / name / "model.safetensors") for name in ("student", "one/model", "two/model")
    )
    moved = max(float((first[name] - before[name]).abs().max()) for name in first)
    apart = max(float((first[name] - second[name]).abs().max()) for name in first)
    assert apart < moved / 100
    assert torch.isfinite(first["model.norm.weight"]).all()
