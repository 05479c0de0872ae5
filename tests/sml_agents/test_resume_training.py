"""A run that was killed, or whose disk was full, resumes to the weights of the unbroken run."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from grpo_process import options
from safetensors.torch import load_file
from tiny_models import save_tiny

from sml_agents.grpo import train
from sml_agents.logs import read_metrics
from sml_gym import ConfigError

SCRIPT = Path(__file__).with_name("grpo_process.py")
KEEP_ONE: dict[str, Any] = {"keep_checkpoints": 1}


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


@pytest.fixture(scope="module")
def unbroken(student: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("unbroken") / "run"
    train(options(student, out, **KEEP_ONE), progress=False)
    return out


def weights(folder: Path) -> dict[str, torch.Tensor]:
    loaded: dict[str, torch.Tensor] = load_file(folder / "model.safetensors")
    return loaded


def assert_same_run(out: Path, unbroken: Path) -> None:
    """Bit for bit the same weights, and the same story in the metrics."""
    got, expected = weights(out / "model"), weights(unbroken / "model")
    assert got.keys() == expected.keys()
    assert all(torch.equal(got[name], expected[name]) for name in got)
    assert (out / "metrics.jsonl").read_bytes() == (unbroken / "metrics.jsonl").read_bytes()
    for name in ("metrics.jsonl", "timings.jsonl"):
        assert [line["step"] for line in read_metrics(out / name)] == [1, 2, 3, 4, 5, 6]


def test_training_moves_the_weights(student: str, unbroken: Path) -> None:
    before, after = weights(Path(student)), weights(unbroken / "model")
    assert any(not torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize(
    "where",
    [
        "rollout",
        "half a file",
        "update",
        "before the rename",
        "after the rename",
        "while an old one is removed",
    ],
)
def test_killed_and_resumed_equals_unbroken(where: str, student: str, unbroken: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    died = subprocess.run(
        [sys.executable, str(SCRIPT), student, str(out), "6", where], check=False, capture_output=True
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert not (out / "model").exists()
    left = {path.name for path in (out / "checkpoints").iterdir()}
    in_save = where in ("half a file", "before the rename", "while an old one is removed")
    assert any(name.endswith(".partial") for name in left) is in_save
    train(options(student, out, **KEEP_ONE, resume=True), progress=False)
    assert_same_run(out, unbroken)
    assert [path.name for path in (out / "checkpoints").iterdir()] == ["step-000006"]


def test_killed_before_the_first_checkpoint_starts_again(
    student: str, unbroken: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        train(options(student, out, **KEEP_ONE), progress=False, on_step=_interrupt)
    with (out / "metrics.jsonl").open("a") as file:
        file.write('{"step": 2, "rew')  # a line that a kill cut short
    train(options(student, out, **KEEP_ONE, resume=True), progress=False)
    assert_same_run(out, unbroken)


def _interrupt(_: Any) -> None:
    raise KeyboardInterrupt


def test_a_full_disk_leaves_the_last_checkpoint_and_says_what_to_do(
    student: str, unbroken: Path, tmp_path: Path
) -> None:
    """The operating system refuses to let files grow past a limit, as a full disk would."""
    out = tmp_path / "run"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(metrics: dict[str, float | None]) -> None:
        if metrics["step"] == 3:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))

    try:
        with pytest.raises(ConfigError, match=r"Cannot save .*step-000004.*free some space.*resume"):
            train(options(student, out, **KEEP_ONE), progress=False, on_step=fill)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in (out / "checkpoints").iterdir()] == ["step-000002"]
    train(options(student, out, **KEEP_ONE, resume=True), progress=False)
    assert_same_run(out, unbroken)


def test_a_disk_too_full_for_the_log_says_what_to_do(student: str, unbroken: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(metrics: dict[str, float | None]) -> None:
        if metrics["step"] == 2:
            limit = (out / "metrics.jsonl").stat().st_size + 10
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))

    try:
        with pytest.raises(ConfigError, match=r"Cannot write the log in .*free some space.*resume"):
            train(options(student, out, **KEEP_ONE), progress=False, on_step=fill)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    train(options(student, out, **KEEP_ONE, resume=True), progress=False)
    assert_same_run(out, unbroken)


def test_a_finished_run_resumes_to_itself_and_can_be_made_longer(
    student: str, unbroken: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    first = train(options(student, out, steps=4, **KEEP_ONE), progress=False)
    again = train(options(student, out, steps=4, **KEEP_ONE, resume=True), progress=False)
    assert again.metrics == first.metrics
    train(options(student, out, steps=6, **KEEP_ONE, resume=True), progress=False)
    assert_same_run(out, unbroken)


def test_a_folder_that_holds_a_run_is_not_overwritten(student: str, unbroken: Path) -> None:
    record = (unbroken / "run.json").read_text()
    with pytest.raises(ConfigError, match=r"holds a run already.*--resume"):
        train(options(student, unbroken, **KEEP_ONE), progress=False)
    with pytest.raises(ConfigError, match=r"gamma was 0\.7, not 0\.5.*Resume it with the same"):
        train(options(student, unbroken, gamma=0.5, resume=True), progress=False)
    with pytest.raises(ConfigError, match=r"has made 6 steps already"):
        train(options(student, unbroken, steps=3, resume=True), progress=False)
    assert (unbroken / "run.json").read_text() == record
    assert json.loads(record)["options"]["gamma"] == 0.7
    assert "torch" in json.loads(record)["versions"]
