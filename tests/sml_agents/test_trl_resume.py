"""A run of TRL's engine that was killed or stopped, or is on two processes, ends where the plain one does."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from curriculum_process import with_curriculum
from tiny_models import save_tiny
from torchrun import on_two
from trl_runs import furthest, run_of

from sml_agents.grpo import train
from sml_agents.logs import read_metrics
from sml_agents.trl_engine.trainer import newest_checkpoint, task_state_in, updates_in
from sml_gym import ConfigError

SCRIPT = Path(__file__).with_name("trl_process.py")


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


@pytest.mark.parametrize(
    "where",
    [
        pytest.param("half a file", marks=pytest.mark.slow),
        pytest.param("rollout", marks=pytest.mark.slow),
        "asked to stop",
    ],
)
def test_stopped_and_resumed_equals_unbroken(student: str, tmp_path: Path, where: str) -> None:
    """Killed in the middle of writing a checkpoint or of a step, or told to end by SIGTERM."""
    adapters = {"lora_rank": 2} if where == "rollout" else {}
    whole, part = tmp_path / "whole", tmp_path / "part"
    shared: dict[str, Any] = {"engine": "trl", "epochs": 2, "keep_checkpoints": 1, **adapters}
    train(run_of(student, whole, 6, **shared), progress=False)
    died = subprocess.run(
        [sys.executable, str(SCRIPT), student, str(part), where, json.dumps(adapters)],
        check=False,
        capture_output=True,
        timeout=200,
    )
    assert died.returncode == (0 if where == "asked to stop" else -signal.SIGKILL), died.stderr.decode()
    assert not (part / "model").exists()
    made = {"half a file": 2, "rollout": 4, "asked to stop": 3}[where]
    checkpoint = newest_checkpoint(part / "checkpoints")
    assert checkpoint is not None
    assert updates_in(checkpoint) == 2 * made
    summary = train(run_of(student, part, 6, **shared, resume=True), progress=False)
    assert not summary.stopped
    assert furthest(whole / "model", part / "model") == 0
    assert (whole / "metrics.jsonl").read_bytes() == (part / "metrics.jsonl").read_bytes()
    again = train(run_of(student, part, 6, **shared, resume=True), progress=False)
    assert again.metrics == summary.metrics  # nothing is left to do
    with pytest.raises(ConfigError, match="has made 6 steps already, more than 5"):
        train(run_of(student, part, 5, **shared, resume=True), progress=False)


def test_a_full_disk_leaves_the_last_checkpoint_and_says_what_to_do(student: str, tmp_path: Path) -> None:
    """The operating system refuses to let files grow past a limit, as a full disk would."""
    out = tmp_path / "run"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    told: list[tuple[Any, bool]] = []

    def fill(metrics: dict[str, float | None]) -> None:
        checkpoint = newest_checkpoint(out / "checkpoints")
        told.append((metrics["step"], checkpoint is not None))
        if metrics["step"] == 3:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))

    try:
        with pytest.raises(ConfigError, match=r"Cannot save .*checkpoint-4.*free some space.*resume"):
            train(run_of(student, out, 6, engine="trl"), progress=False, on_step=fill)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert told == [(1, False), (2, True), (3, True)]  # a step is told of when its checkpoint is whole
    assert [path.name for path in (out / "checkpoints").glob("checkpoint-*")] == ["checkpoint-2"]
    assert train(run_of(student, out, 4, engine="trl", resume=True), progress=False).steps == 4


def test_a_resumed_run_meets_the_tasks_of_the_unbroken_one(student: str, tmp_path: Path) -> None:
    """Under a curriculum, whose memory of the student is in the checkpoint."""
    whole, part = tmp_path / "whole", tmp_path / "part"
    train(with_curriculum(student, whole, 6, engine="trl"), progress=False)
    train(with_curriculum(student, part, 4, engine="trl"), progress=False)
    train(with_curriculum(student, part, 6, engine="trl", resume=True), progress=False)
    heard = [task_state_in(out / "checkpoints" / "checkpoint-6") for out in (whole, part)]
    assert heard[0] == heard[1]
    assert len({successes for *_, successes in heard[0]["curriculum"]}) > 3
    assert furthest(whole / "model", part / "model") == 0


@pytest.mark.slow
def test_two_processes_equal_our_engine_in_one(student: str, tmp_path: Path) -> None:
    more = {"problems_per_step": 4, "loss_mean": "dialogues", "env_options": {}, "beta": 0.1}
    on_two(SCRIPT.name, student, tmp_path / "two", "", json.dumps(more))
    shared = {"epochs": 2, "keep_checkpoints": 1}
    train(run_of(student, tmp_path / "one", 6, **shared, **more), progress=False)
    assert furthest(tmp_path / "one" / "model", tmp_path / "two" / "model") < 1e-4
    pairs = zip(*(read_metrics(tmp_path / name / "metrics.jsonl") for name in ("one", "two")), strict=True)
    for ours, theirs in pairs:
        assert theirs["return"] == pytest.approx(ours["return"])
