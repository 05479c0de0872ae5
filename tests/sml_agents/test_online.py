"""The loop of all online algorithms: variants by name, groups drawn again, and how a run ends early."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import torch
from grpo_process import options
from tiny_models import save_tiny
from toy_env import LETTER_ID

from sml_agents.baselines import RetryRLOptions, SingleTurnRLOptions
from sml_agents.grpo import GRPOOptions, step_jobs, train
from sml_agents.grpo_variants import CISPOOptions, DAPOOptions, DrGRPOOptions, GSPOOptions, RLOOOptions
from sml_agents.learner import NotFinite
from sml_agents.logs import read_metrics
from sml_gym import ConfigError, read_episodes
from sml_gym.cli.train import load_algorithm


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


def letters(student: str, out: Path, cls: type = GRPOOptions, **more: Any) -> Any:
    base = options(student, out, env_id=LETTER_ID, problems_per_step=6, group_size=8, max_tokens_per_turn=3)
    chosen = {f.name: getattr(base, f.name) for f in fields(base)}
    own = {f.name: getattr(cls(), f.name) for f in fields(cls)}
    changed = {name: value for name, value in own.items() if value != getattr(GRPOOptions(), name)}
    changed.pop("out", None)
    short = {"lr": 1e-2, "warmup_steps": 0, "epochs": 1, "updates_per_epoch": 1}
    return cls(**{**chosen, **short, **changed, **more})


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("rloo", RLOOOptions),
        ("dr-grpo", DrGRPOOptions),
        ("gspo", GSPOOptions),
        ("dapo", DAPOOptions),
        ("cispo", CISPOOptions),
    ],
)
def test_every_variant_learns_what_is_rewarded(name: str, cls: type, student: str, tmp_path: Path) -> None:
    run, options_class = load_algorithm(name)
    assert options_class is cls
    run(letters(student, tmp_path, cls, steps=25, save_every=0), progress=False)
    solved = [line["solve@1"] or 0.0 for line in read_metrics(tmp_path / "metrics.jsonl")]
    assert sum(solved[:3]) / 3 < 0.5
    assert sum(solved[-3:]) / 3 > 0.75


@pytest.mark.parametrize(
    ("name", "cls"), [("single-turn-rl", SingleTurnRLOptions), ("retry-rl", RetryRLOptions)]
)
def test_the_baselines_hold_the_dialogues_that_their_names_say(
    name: str, cls: type, student: str, tmp_path: Path
) -> None:
    run, options_class = load_algorithm(name)
    assert options_class is cls
    run(letters(student, tmp_path, cls, steps=1, save_every=0, problems_per_step=2), progress=False)
    (line,) = read_metrics(tmp_path / "metrics.jsonl")
    assert ("solve@2" in line) == (name == "retry-rl")
    recorded = json.loads((tmp_path / "run.json").read_text())["options"]
    assert (recorded["teacher"], recorded["group_size"], recorded["max_turns"]) == (
        ("scripted", 32, 1) if name == "single-turn-rl" else ("retry", 8, 3)
    )


@pytest.mark.parametrize("ratio_over", ["token", "dialogue"])
def test_an_advantage_for_each_turn_learns_as_well(ratio_over: Any, student: str, tmp_path: Path) -> None:
    more = {"turn_credit": True, "ratio_over": ratio_over}
    train(letters(student, tmp_path, steps=25, save_every=0, **more), progress=False)
    solved = [line["solve@1"] or 0.0 for line in read_metrics(tmp_path / "metrics.jsonl")]
    assert sum(solved[-3:]) / 3 > 0.75


def test_groups_that_tell_nothing_are_drawn_again(student: str, tmp_path: Path) -> None:
    lines = {}
    for rounds in (0, 4):
        out = tmp_path / str(rounds)
        more: dict[str, Any] = {"group_size": 2, "problems_per_step": 8, "resampling": rounds}
        train(letters(student, out, steps=3, save_every=0, lr=1e-9, **more), progress=False)
        lines[rounds] = read_metrics(out / "metrics.jsonl")
    few, many = ([line["groups_used"] or 0.0 for line in lines[r]] for r in (0, 4))
    assert sum(many) > sum(few)
    assert lines[0][0]["reward"] is not None
    assert step_jobs(letters(student, tmp_path), 1) != step_jobs(letters(student, tmp_path), 1, 1)


def test_gradients_that_are_never_finite_end_the_run_with_the_dialogues_saved(
    student: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sml_agents.grpo import GRPOLearner

    plain = GRPOLearner.loss

    def broken(self: GRPOLearner, samples: Any) -> Any:
        loss, counted = plain(self, samples)
        return loss * float("nan"), counted

    monkeypatch.setattr(GRPOLearner, "loss", broken)
    with pytest.raises(NotFinite, match=r"not_finite.jsonl.*Lower lr"):
        train(letters(student, tmp_path, steps=20), progress=False)
    assert len(list(read_episodes(tmp_path / "not_finite.jsonl"))) == 48
    skipped = [line.get("updates_skipped") for line in read_metrics(tmp_path / "metrics.jsonl")]
    assert skipped == [1.0] * 4


def test_a_micro_batch_that_does_not_fit_is_halved_once(
    student: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from sml_agents.grpo import GRPOLearner

    plain, largest = GRPOLearner.loss, 600

    def greedy(self: GRPOLearner, samples: Any) -> Any:
        if sum(len(sample.record) for sample in samples) > largest:
            raise torch.OutOfMemoryError("no more")
        return plain(self, samples)

    monkeypatch.setattr(GRPOLearner, "loss", greedy)
    train(letters(student, tmp_path / "fits", steps=2, microbatch_tokens=1000), progress=False)
    assert "micro-batches of 500 tokens" in capsys.readouterr().err
    largest = 1
    run = tmp_path / "never"
    with pytest.raises(ConfigError, match=r"batches of 500 tokens.*--resume.*smaller microbatch_tokens"):
        train(letters(student, run, steps=2, microbatch_tokens=1000), progress=False)
    largest = 600
    train(letters(student, run, steps=2, microbatch_tokens=400, resume=True), progress=False)
    assert len(read_metrics(run / "metrics.jsonl")) == 2


def test_sigterm_saves_and_ends_well(student: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from grpo_process import options\n"
        "from sml_agents.grpo import train\n"
        "made = train(options(sys.argv[1], sys.argv[2], 10_000, save_every=0), progress=False)\n"
        "print(made.stopped, made.steps)\n"
    )
    paths = [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", program, student, str(out)], env=env, stdout=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 90
    while not (out / "metrics.jsonl").exists() or (out / "metrics.jsonl").read_text().count("\n") < 2:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    stopped, steps = printed.split()
    assert stopped == "True"
    assert [path.name for path in (out / "checkpoints").iterdir()] == [f"step-{int(steps):06d}"]
    assert not (out / "model").exists()
    more = int(steps) + 1
    summary = train(options(student, out, more, save_every=0, resume=True), progress=False)
    assert (summary.steps, summary.stopped) == (more, False)
    whole = train(options(student, tmp_path / "whole", more, save_every=0), progress=False)
    a, b = ((made.model / "model.safetensors").read_bytes() for made in (summary, whole))
    assert a == b
    assert json.loads((out / "run.json").read_text())["options"]["steps"] == 10_000
