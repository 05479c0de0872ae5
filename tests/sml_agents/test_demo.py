"""The demo's whole path on a tiny budget, and a demo that was killed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from tiny_models import save_tiny

from sml_gym import read_episodes
from sml_gym.cli.main import main

TEACHERS = ("real", "binary", "silent", "placebo")


@pytest.fixture(scope="module")
def student(tmp_path_factory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


def words(student: str, out: Path, *more: str) -> list[str]:
    budget = {
        "n-tasks": 3,
        "steps": 4,
        "problems-per-step": 2,
        "group-size": 2,
        "max-tokens-per-turn": 6,
        "save-every": 2,
    }
    flags = [word for name, value in budget.items() for word in (f"--{name}", str(value))]
    return ["demo", "--student", student, "--out", str(out), "--seed", "3", *flags, *more]


def said(folder: Path) -> dict[str, list[list[str]]]:
    """What the student said in both evaluations."""
    return {
        f"{when}/{teacher}": [
            [turn.student.text for turn in episode.turns]
            for episode in read_episodes(folder / when / f"{teacher}.jsonl")
        ]
        for when in ("before", "after")
        for teacher in TEACHERS
    }


def test_the_whole_path(student, tmp_path, capsys):
    out = tmp_path / "demo"
    assert main(words(student, out)) == 0
    printed = capsys.readouterr()
    assert "feedback gain" in printed.out
    assert str(out / "report.html") in printed.out
    assert "GRPO" in printed.err
    assert "evaluating after" in printed.err

    summary = json.loads((out / "summary.json").read_text())
    assert summary["env_id"] == "SML-Math-v0"
    assert summary["seed"] == 3
    assert summary["n_tasks"] == 3
    assert summary["wall_seconds"] > 0
    for side in (summary["before"], summary["after"]):
        for teacher in TEACHERS:
            assert len(side[teacher]["solve_at"]) == 10
            assert len(side[teacher]["ci95"]) == 10
            assert side[teacher]["n_valid"] == 3
        assert len(side["feedback_gain"]["ci95"]) == 2
        assert side["wall_seconds"] > 0
    assert summary["feedback_gain"] == summary["after"]["feedback_gain"]

    config = yaml.safe_load((out / "config.yaml").read_text())
    assert config["steps"] == 4
    assert config["env_options"]["families"] == ["last_digits_product", "last_digits_sum"]
    assert "torch" in json.loads((out / "versions.json").read_text())
    assert len((out / "metrics.jsonl").read_text().splitlines()) == 4
    for name in ("solve_at_k.png", "learning_curve.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")
    assert (out / "model" / "model.safetensors").exists()
    page = (out / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 2
    assert page.count('<details class="card') == 24
    before, after = (read_episodes(out / when / "real.jsonl") for when in ("before", "after"))
    assert [(e.task_id, e.seed) for e in before] == [(e.task_id, e.seed) for e in after]
    assert {e.split for e in before} == {"test"}
    assert before[0].turns[0].tokens is not None

    # Done once more, the same seed gives the same, and the earlier run is kept.
    assert main(words(student, out)) == 0
    assert said(out) == said(tmp_path / "demo.1")
    again = json.loads((out / "summary.json").read_text())
    assert again["after"]["real"]["solve_at"] == summary["after"]["real"]["solve_at"]


def test_what_cannot_be_evaluated_is_refused_before_anything_is_written(student, tmp_path, capsys):
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text("".join(f'{{"problem": "What is {i} + 1?", "answer": "{i + 1}"}}\n' for i in range(99)))
    options = f"{{'tasks': '{tasks}'}}"
    out = tmp_path / "demo"
    assert main(words(student, out, "--env-options", options)) == 2
    assert "hold_out=True" in capsys.readouterr().err
    held_out = f"{{'tasks': '{tasks}', 'hold_out': True}}"
    assert main(words(student, out, "--n-tasks", "90", "--env-options", held_out)) == 2
    assert "fewer than the 90 asked for" in capsys.readouterr().err
    # What only training or the report would refuse is refused before the first evaluation too.
    for flag, value in (("--lr", "0"), ("--group-size", "1"), ("--steps", "-1"), ("--limit", "0")):
        assert main([*words(student, out), flag, value]) == 2
        assert value in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("landmark", ["before/binary.jsonl", "checkpoints/step-000002", "after/silent.jsonl"])
def test_a_killed_demo_goes_on(landmark, student, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert main(words(student, whole)) == 0
    command = [sys.executable, "-m", "sml_gym.cli.main", *words(student, broken)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 100
    while not (broken / landmark).exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (broken / "summary.json").exists()
    assert main(words(student, broken, "--resume")) == 0
    assert said(broken) == said(whole)
    weights = Path("model") / "model.safetensors"
    assert (broken / weights).read_bytes() == (whole / weights).read_bytes()
