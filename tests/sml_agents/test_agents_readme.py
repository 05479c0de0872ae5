"""What the README of the agents says: every algorithm is in it, its links lead somewhere, its code runs."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from tiny_models import save_tiny
from toy_env import LETTER_ID

from sml_agents import learner
from sml_agents.logs import read_metrics
from sml_gym.cli.main import main
from sml_gym.cli.train import GROUP, recipes

FOLDER = Path(learner.__file__).parent
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_every_algorithm_and_recipe_is_in_it() -> None:
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", README, re.MULTILINE))
    named = {entry.name for entry in entry_points(group=GROUP) if entry.value.startswith("sml_agents.")}
    assert named <= rows
    assert all(f"`{name}`" in README or f"config {name}`" in README for name in recipes())


def test_its_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)", README):
        assert link.startswith("https://arxiv.org/abs/") or (FOLDER / link).exists(), link


def test_each_algorithms_file_names_the_papers_that_the_table_names() -> None:
    for row in re.findall(r"^\| `[a-z-]+` \|.*$", README, re.MULTILINE):
        file = re.search(r"([a-z_]+\.py)", row)
        papers = set(re.findall(r"\d{4}\.\d{5}", row))
        if file is None:  # the baselines' files stand in what they are
            continue
        text = (FOLDER / file[1]).read_text()
        if file[1] == "ppo.py":
            text += (FOLDER / "advantages.py").read_text()  # where GAE is
        assert all(paper in text for paper in papers), row


def test_its_algorithm_is_installed_and_learns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (table,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    assert len([line for line in code.split("class Reinforce(")[1].splitlines() if line.strip()]) <= 30
    installed = tmp_path / "installed"
    record = installed / "my_algorithm-1.0.dist-info"
    record.mkdir(parents=True)
    (installed / "my_algorithm.py").write_text(code)
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: my-algorithm\nVersion: 1.0\n")
    group, line = re.search(r'"(.*)"\]\n(.*)\n', table).groups()  # type: ignore[union-attr]
    (record / "entry_points.txt").write_text(f"[{group}]\n{line.replace(chr(34), '')}\n")
    monkeypatch.syspath_prepend(str(installed))
    flags = {
        "student": save_tiny(tmp_path / "student"), "out": str(tmp_path / "run"), "env": LETTER_ID,
        "steps": 25, "problems-per-step": 6, "max-tokens-per-turn": 3, "max-turns": 3, "lr": 1e-2,
        "warmup-steps": 0, "device": "cpu", "save-every": 0,
    }  # fmt: skip
    assert main(["train", "--algo=reinforce", *(f"--{name}={value}" for name, value in flags.items())]) == 0
    solved = [line["solve@1"] or 0.0 for line in read_metrics(tmp_path / "run" / "metrics.jsonl")]
    assert sum(solved[:3]) / 3 < 0.5
    assert sum(solved[-3:]) / 3 > 0.75
    assert main(["train", "--algo", "reinforce", "--help"]) == 0
    assert "--problems-per-step" in capsys.readouterr().out
