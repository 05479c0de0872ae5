"""A curriculum is part of a run: saved, resumed, and the same on several processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from curriculum_process import MANY_ID, with_curriculum
from safetensors.torch import load_file
from tiny_models import save_tiny
from torchrun import on_two

from sml_agents.grpo import train
from sml_gym import ConfigError

SCRIPT = Path(__file__).with_name("curriculum_process.py")


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


def heard(out: Path, step: int) -> list[list[Any]]:
    """What the curriculum had learnt of the student after a step."""
    (path,) = (out / "checkpoints" / f"step-{step:06d}").glob("*.pt")
    rows: list[list[Any]] = torch.load(path, weights_only=True)["tasks"]["curriculum"]
    return rows


def test_a_resumed_run_meets_the_tasks_of_the_unbroken_one(student: str, tmp_path: Path) -> None:
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    train(with_curriculum(student, unbroken, 6), progress=False)
    train(with_curriculum(student, broken, 4), progress=False)
    train(with_curriculum(student, broken, 6, resume=True), progress=False)
    told = heard(unbroken, 6)
    assert len(told) > 3
    assert len({successes for *_, successes in told}) > 3  # so that the history decides what is drawn
    assert heard(broken, 6) == told
    one, other = (load_file(out / "model/model.safetensors") for out in (unbroken, broken))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_two_processes_hear_what_one_does(student: str, tmp_path: Path) -> None:
    on_two("curriculum_process.py", student, tmp_path / "two", "2", timeout=100)
    train(with_curriculum(student, tmp_path / "one", 2), progress=False)
    assert heard(tmp_path / "two", 2) == heard(tmp_path / "one", 2)


def test_a_checkpoint_without_a_curriculum_is_not_resumed_with_one(student: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    train(with_curriculum(student, out, 2), progress=False)
    (path,) = (out / "checkpoints" / "step-000002").glob("*.pt")
    state = torch.load(path, weights_only=True)
    del state["tasks"]
    torch.save(state, path)
    with pytest.raises(ConfigError, match="no state of a curriculum"):
        train(with_curriculum(student, out, 4, resume=True), progress=False)


def test_without_a_curriculum_nothing_is_kept(student: str, tmp_path: Path) -> None:
    plain = with_curriculum(student, tmp_path / "run", 2)
    plain.env_id, plain.env_options = MANY_ID, {}
    train(plain, progress=False)
    (path,) = (tmp_path / "run" / "checkpoints" / "step-000002").glob("*.pt")
    assert "tasks" not in torch.load(path, weights_only=True)
