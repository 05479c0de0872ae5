"""Two runs with one seed on the CPU leave the same metrics, byte for byte, whatever the algorithm."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from every_algorithm_process import OFFLINE, ONLINE
from tiny_models import save_tiny

from sml_agents.logs import read_metrics
from sml_gym.cli.train import GROUP

SCRIPT = Path(__file__).with_name("every_algorithm_process.py")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_algorithm_measures_the_same_again_also_broken_and_resumed(tmp_path: Path) -> None:
    """In processes with other orders of sets, one of which is broken in each run and goes on."""
    student = save_tiny(tmp_path / "student")
    running = [
        subprocess.Popen(
            [sys.executable, str(SCRIPT), student, str(tmp_path / str(number)), *broken],
            env={**os.environ, "PYTHONHASHSEED": str(number), "OMP_NUM_THREADS": "1"},
            stderr=subprocess.PIPE,
            text=True,
        )
        for number, broken in ((1, []), (2, ["broken"]))
    ]
    for process in running:
        _, said = process.communicate(timeout=500)
        assert process.returncode == 0, said
    for name in ONLINE + OFFLINE:
        first, second = (tmp_path / str(number) / name for number in (1, 2))
        assert (first / "metrics.jsonl").read_bytes() == (second / "metrics.jsonl").read_bytes(), name
        lines, times = (read_metrics(first / f"{what}.jsonl") for what in ("metrics", "timings"))
        assert [line["step"] for line in lines] == [line["step"] for line in times] == [1, 2, 3]
        assert lines[0] != lines[1] != lines[2]
        assert set(lines[0]) & set(times[0]) == {"step"}
        weights = [(run / "model" / "model.safetensors").read_bytes() for run in (first, second)]
        assert weights[0] == weights[1], name


def test_no_algorithm_is_left_out() -> None:
    names = {entry.name for entry in entry_points(group=GROUP) if entry.value.startswith("sml_agents.")}
    assert names == {*ONLINE, *OFFLINE}
