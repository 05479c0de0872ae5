"""Processes share a run's groups, or its weights as well, and reach what one process reaches.

The weights that differ most are those whose gradient is smallest: AdamW divides a gradient by its size, and
by that its rounding too. `EXACT` is two hundred times less than the weights move here, and a process that is
left out, a micro-batch counted twice or a mean in the place of a sum makes them differ by as much as they
move.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import offline_two_process
import pytest
import torch
from distributed_process import SCENARIOS, run
from safetensors.torch import load_file
from tiny_models import save_tiny
from torchrun import on_two

from sml_agents.logs import read_metrics
from sml_gym import ConfigError, read_episodes

EXACT = 1e-5
SCRIPT = Path(__file__).with_name("distributed_process.py")


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


def apart(first: Path, second: Path, student: str, moved: float = 100 * EXACT) -> float:
    """By how much the weights of two models differ at most; both must have moved from the student's."""
    before, *after = (load_file(folder / "model.safetensors") for folder in (Path(student), first, second))
    for weights in after:
        assert all(torch.isfinite(weight).all() for weight in weights.values())
        assert max(float((weights[name] - before[name]).abs().max()) for name in before) > moved
    return max(float((after[0][name] - after[1][name]).abs().max()) for name in before)


def same_story(first: Path, second: Path) -> None:
    for a, b in zip(*(read_metrics(out / "metrics.jsonl") for out in (first, second)), strict=True):
        assert a.keys() == b.keys()
        assert [name for name in a if a[name] is None] == [name for name in b if b[name] is None]
        for name in (name for name in a if a[name] is not None):
            assert a[name] == pytest.approx(b[name], rel=1e-3, abs=1e-5), name


def test_two_processes_equal_one(student: str, tmp_path: Path) -> None:
    """Three groups on two processes, so the shares are unequal."""
    on_two("distributed_process.py", student, tmp_path, "grpo:3", "grpo:3:fsdp", "kl:3:oom")
    run("grpo", student, tmp_path / "one", 3)
    told = read_metrics(tmp_path / "one/metrics.jsonl")
    assert all(line["feedback_model_tokens"] for line in told)
    assert any(line["distill_tokens"] for line in told)
    for two in (tmp_path / "grpo", tmp_path / "grpo-fsdp"):
        same_story(tmp_path / "one", two)
        assert apart(tmp_path / "one/model", two / "model", student) < EXACT
    # One of them had to make its micro-batches smaller, for which the other did not have to wait.
    run("kl", student, tmp_path / "whole", 3)
    same_story(tmp_path / "whole", tmp_path / "kl-oom")
    assert apart(tmp_path / "whole/model", tmp_path / "kl-oom/model", student) < EXACT


ALL = [name for name in SCENARIOS if name not in ("grpo", "bf16")]


@pytest.fixture(scope="module")
def every_scenario(student: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All scenarios on two processes, which take their time to start."""
    folder = tmp_path_factory.mktemp("every")
    on_two(
        "distributed_process.py",
        student,
        folder,
        *(f"{name}:3{how}" for name in [*ALL, "bf16"] for how in ("", ":fsdp")),
    )
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ALL)
def test_every_way_to_train_equals_one_process(
    scenario: str, every_scenario: Path, student: str, tmp_path: Path
) -> None:
    run(scenario, student, tmp_path / "one", 3)
    for two in (every_scenario / scenario, every_scenario / f"{scenario}-fsdp"):
        same_story(tmp_path / "one", two)
        assert apart(tmp_path / "one/model", two / "model", student) < EXACT


@pytest.mark.slow
def test_shared_weights_compute_the_same_in_bfloat16(every_scenario: Path, student: str) -> None:
    """Micro-batches are the same, so even the rounding is: in the copy that speaks as in the update."""
    first, second = (every_scenario / name for name in ("bf16", "bf16-fsdp"))
    same_story(first, second)
    assert apart(first / "model", second / "model", student) < EXACT


@pytest.mark.slow
def test_a_run_goes_on_with_another_number_of_processes(student: str, tmp_path: Path) -> None:
    """From two processes to one, from one to two, with and without shared weights on either side."""
    for name in ("ppo-trunk", "adapters"):
        run(name, student, tmp_path / f"{name}-one", 4)
        run(name, student, tmp_path / name, 2)
        shutil.copytree(tmp_path / name, tmp_path / f"{name}-fsdp")
    on_two(
        "distributed_process.py",
        student,
        tmp_path,
        *(f"{name}:4:resume{how}" for name in ("ppo-trunk", "adapters") for how in ("", ":fsdp")),
        "ppo:2:fsdp",
        "kl:4:sigterm",
    )
    assert not (tmp_path / "kl-sigterm/model").exists()
    for name, out in (("ppo", "ppo-fsdp"), ("kl", "kl-sigterm")):
        assert [path.name for path in (tmp_path / out / "checkpoints").iterdir()] == ["step-000002"]
        run(name, student, tmp_path / out, 4, resume=True)
        run(name, student, tmp_path / f"{name}-one", 4)
    for name, out in (
        *((name, f"{name}{how}") for name in ("ppo-trunk", "adapters") for how in ("", "-fsdp")),
        ("ppo", "ppo-fsdp"),
        ("kl", "kl-sigterm"),
    ):
        same_story(tmp_path / f"{name}-one", tmp_path / out)
        assert apart(tmp_path / f"{name}-one/model", tmp_path / out / "model", student) < EXACT


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("fsdp", [False, True])
def test_accelerate_launches_runs_too_and_its_fsdp_shares_the_weights(
    fsdp: bool, student: str, tmp_path: Path
) -> None:
    """Steps of accumulation in its configuration divide no gradient: micro-batches are our own."""
    launch = ("accelerate.commands.launch", "--num_processes", "2", "--mixed_precision", "no")
    how = ("--use_fsdp", "--fsdp_version", "2") if fsdp else ("--multi_gpu",)
    on_two(
        "distributed_process.py",
        student,
        tmp_path,
        "grpo:2",
        launcher=(*launch, *how, "--gradient_accumulation_steps", "4"),
    )
    assert json.loads((tmp_path / "grpo.json").read_text()) == {"processes": 2, "shared": fsdp}
    run("grpo", student, tmp_path / "one", 2)
    assert apart(tmp_path / "one/model", tmp_path / "grpo/model", student, moved=5e-4) < EXACT


@pytest.mark.parametrize(
    ("engine", "version", "refusal"),
    [("DEEPSPEED", "1", "configured for DeepSpeed.*sharding=fsdp"), ("FSDP", "1", "--fsdp_version 2")],
)
def test_other_engines_of_accelerate_are_refused(
    engine: str, version: str, refusal: str, student: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"ACCELERATE_USE_{engine}", "true")
    monkeypatch.setenv("FSDP_VERSION", version)
    with pytest.raises(ConfigError, match=refusal):
        run("grpo", student, tmp_path / "run", 1)


def by_hand(student: str, folder: Path, scenario: str) -> list[subprocess.Popen[str]]:
    """Two processes that nobody watches over."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {**os.environ, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2"}
    return [
        subprocess.Popen(
            [sys.executable, str(SCRIPT), student, str(folder), scenario],
            env={**shared, "RANK": rank, "LOCAL_RANK": rank},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in ("0", "1")
    ]


@pytest.mark.parametrize("how", ["sigkill", pytest.param("sigstop", marks=pytest.mark.slow)])
def test_a_process_that_is_lost_ends_the_others_and_the_run_goes_on(
    how: str, student: str, tmp_path: Path
) -> None:
    """Killed, it is missed at once; stopped for ever, after `process_timeout`."""
    first, last = by_hand(student, tmp_path, f"kl:4:{how}")
    try:
        _, said = first.communicate(timeout=100)
        assert first.returncode == 1
        assert "ProcessLost: Another process of this run has ended or does not answer" in said
        assert "resume=True (--resume)" in said
        if how == "sigkill":
            assert last.wait(timeout=60) == -signal.SIGKILL
        else:
            assert last.poll() is None
    finally:
        for process in (first, last):
            process.kill()
            process.communicate()
    out = tmp_path / f"kl-{how}"
    assert [path.name for path in (out / "checkpoints").iterdir()] == ["step-000002"]
    run("kl", student, out, 4, resume=True)
    run("kl", student, tmp_path / "one", 4)
    assert apart(tmp_path / "one/model", out / "model", student) < EXACT


@pytest.mark.slow
def test_offline_runs_on_two_processes_equal_one(student: str, tmp_path: Path) -> None:
    """The dialogues are shared out, and those of each update, even where they cannot be shared evenly."""
    on_two("offline_two_process.py", student, tmp_path, "offline", "q-priming-adapters")
    for name in ("offline", "q-priming-adapters"):
        offline_two_process.run(name, student, tmp_path / "one" / name)
        same_story(tmp_path / "one" / name, tmp_path / name)
        assert apart(tmp_path / "one" / name / "model", tmp_path / name / "model", student) < EXACT
        for out in (tmp_path / name, tmp_path / "one" / name):
            assert [path.name for path in sorted((out / "rounds").iterdir())] == ["1.jsonl", "2.jsonl"]
            assert len(read_episodes(out / "rounds/2.jsonl")) == 36


@pytest.mark.slow
@pytest.mark.long
def test_an_offline_run_that_lost_a_process_goes_on_with_one(student: str, tmp_path: Path) -> None:
    """What the process that was left had held is not held again."""
    with pytest.raises(AssertionError, match="ProcessLost"):
        on_two("offline_two_process.py", student, tmp_path, "offline:sigkill")
    out = tmp_path / "offline"
    rounds = {path.name: path.read_bytes() for path in (out / "rounds").iterdir()}
    assert {"1.jsonl", "2.0.jsonl"} <= rounds.keys()
    offline_two_process.run("offline", student, out, resume=True)
    offline_two_process.run("offline", student, tmp_path / "one")
    assert sorted(path.name for path in (out / "rounds").iterdir()) == ["1.jsonl", "2.jsonl"]
    assert (out / "rounds/2.jsonl").read_bytes().startswith(rounds["2.0.jsonl"].splitlines()[0])
    assert apart(tmp_path / "one/model", out / "model", student) < EXACT
