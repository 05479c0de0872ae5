"""Offline runs that are told to stop, run out of memory or disk, or learn from what is not finite."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from offline_process import options
from tiny_models import save_tiny, tiny_model, tiny_tokenizer
from toy_env import ENV_ID
from trl import SFTTrainer

from sml_agents.learner import NotFinite
from sml_agents.logs import read_metrics
from sml_agents.offline import train
from sml_agents.q_priming import QPrimingOptions
from sml_agents.q_priming import train as prime
from sml_agents.sft import finetune
from sml_agents.tokens import TokenRecord
from sml_gym import ConfigError, RolloutError, read_episodes
from sml_gym.cli.main import main

pytestmark = pytest.mark.filterwarnings("ignore:.gradient_checkpointing. is deprecated:FutureWarning")
SCRIPT = Path(__file__).with_name("offline_process.py")


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


@pytest.fixture(scope="module")
def unbroken(student: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("unbroken") / "run"
    train(options(student, out), progress=False)
    return out


def assert_same_run(out: Path, unbroken: Path) -> None:
    """Bit for bit the same weights and metrics."""
    for name in ("model/model.safetensors", "metrics.jsonl"):
        assert (out / name).read_bytes() == (unbroken / name).read_bytes(), name


@pytest.mark.parametrize("where", ["holding", "fine-tuning"])
def test_sigterm_ends_well_with_all_that_was_held(
    where: str, student: str, unbroken: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    done = subprocess.run(
        [sys.executable, str(SCRIPT), student, str(out), where],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    assert "go on with --resume" in done.stdout
    assert not (out / "model").exists()
    assert [path.name for path in (out / "checkpoints").iterdir()] == ["step-000001"]
    assert len(read_metrics(out / "metrics.jsonl")) == 1
    held = read_episodes(out / "rounds" / "2.jsonl")
    if where == "holding":
        assert len(held) == 20  # not one more than was under way
    else:
        assert len(held) == 48
        first = read_metrics(out / "metrics.jsonl")[0]["sft_updates"]
        assert int((out / "updates.txt").read_text()) == first + 1  # type: ignore[operator]
    summary = train(options(student, out, resume=True), progress=False)
    assert (summary.steps, summary.stopped) == (2, False)
    assert_same_run(out, unbroken)


def test_a_full_disk_keeps_what_was_held(student: str, unbroken: Path, tmp_path: Path) -> None:
    """The operating system refuses to let files grow past a limit, as a full disk would."""
    out = tmp_path / "run"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(ConfigError, match=r"Cannot write .*1\.jsonl: .*free some space.*--resume"):
            train(options(student, out), progress=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert 0 < len(read_episodes(out / "rounds" / "1.jsonl")) < 48
    train(options(student, out, resume=True), progress=False)
    assert_same_run(out, unbroken)


class Down:
    """A teacher that never answers."""

    name = "down"

    def reply(self, contexts: Any) -> Any:
        raise ConnectionError("no server")


def test_a_round_in_which_every_dialogue_fails_says_why(student: str, tmp_path: Path) -> None:
    never = {"env_id": "SML-Math-v0", "env_options": {"teacher": Down()}, "problems": 2}
    with pytest.raises(RolloutError, match=r"No dialogue of round 1.*no server.*--resume"):
        train(options(student, tmp_path, **never), progress=False)
    assert not (tmp_path / "checkpoints").exists()


def some_records(count: int) -> list[TokenRecord]:
    rng = np.random.default_rng(0)
    return [
        TokenRecord(
            rng.integers(3, 90, length),
            np.arange(length) % 3 == 2,
            np.ones(length, np.int64),
            np.zeros(length, np.float32),
        )
        for length in rng.integers(10, 40, count)
    ]


def tuned(
    folder: Path, *, counts: bool = True, **more: Any
) -> tuple[dict[str, torch.Tensor], dict[str, float]]:
    """The weights after fine-tuning, and what it measured; `counts`: a loss over all tokens of an update."""
    tokenizer = tiny_tokenizer()
    model: Any = tiny_model(vocab=len(tokenizer))
    model.accepts_loss_kwargs = counts
    chosen: dict[str, Any] = {
        "lr": 1e-3, "epochs": 1, "batch_size": 8, "microbatch_size": 4, "warmup_share": 0.0,
        "precision": "no", "device": "cpu", "seed": 0, **more,
    }  # fmt: skip
    found = finetune(model, tokenizer, some_records(32), folder=folder, **chosen)
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}, found


def limit_rows(monkeypatch: pytest.MonkeyPatch, most: list[int], *, late: bool) -> None:
    """Out of memory in a pass over more dialogues than the limit; if `late`, with half its gradient added."""
    plain = SFTTrainer.training_step

    def greedy(self: Any, model: Any, inputs: Any, *args: Any) -> Any:
        too_many = len(inputs["input_ids"]) > most[0] and self.state.global_step >= 1
        loss = plain(self, model, inputs, *args) if late or not too_many else None
        if too_many:
            raise torch.OutOfMemoryError("no more\nand much about blocks")
        return loss

    monkeypatch.setattr(SFTTrainer, "training_step", greedy)


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("late", [False, True])
def test_a_micro_batch_that_does_not_fit_is_halved_once(
    counts: bool,
    late: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In the midst of the training, whose result is the same but for rounding."""
    expected, measured = tuned(tmp_path, counts=counts)
    limit_rows(monkeypatch, [2], late=late)
    got, found = tuned(tmp_path, counts=counts)
    assert capsys.readouterr().err.count("micro-batches of 2 dialogues") == 1
    assert found["sft_updates"] == measured["sft_updates"] == 4
    assert found["sft_loss"] == pytest.approx(measured["sft_loss"], rel=1e-5)
    apart = max(float((got[name] - expected[name]).abs().max()) for name in expected)
    assert apart < 1e-5
    monkeypatch.undo()
    start = tiny_model(vocab=len(tiny_tokenizer())).state_dict()
    assert max(float((got[name] - start[name]).abs().max()) for name in start) > 100 * max(apart, 1e-6)


def test_what_does_not_fit_in_half_either_says_what_to_do(
    student: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unbroken: Path
) -> None:
    with monkeypatch.context() as patch:
        limit_rows(patch, [1], late=False)
        with pytest.raises(ConfigError, match=r"Out of memory.*\(no more\).*microbatch_size.*max_length"):
            train(options(student, tmp_path), progress=False)
    train(options(student, tmp_path, resume=True), progress=False)  # another machine, perhaps
    assert_same_run(tmp_path, unbroken)


def test_an_update_that_is_not_finite_is_skipped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = SFTTrainer.compute_loss

    def broken(self: Any, *args: Any, **kwargs: Any) -> Any:
        loss = plain(self, *args, **kwargs)
        return loss * float("inf") if self.state.global_step in (1, 2) else loss

    monkeypatch.setattr(SFTTrainer, "compute_loss", broken)
    weights, found = tuned(tmp_path)
    assert (found["sft_updates"], found["sft_updates_skipped"]) == (4, 2)
    assert all(bool(torch.isfinite(tensor).all()) for tensor in weights.values())
    monkeypatch.undo()
    expected, whole = tuned(tmp_path, epochs=1)
    assert "sft_updates_skipped" not in whole
    assert any(not torch.equal(weights[name], expected[name]) for name in weights)


def test_weights_that_burst_end_the_run(
    student: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a learning rate like this one update suffices: no gradient after it is finite."""
    flags = [
        f"--{name.replace('_', '-')}={value}"
        for name, value in vars(options(student, tmp_path / "run", lr=1e30)).items()
        if name not in ("env_options", "max_length", "max_tokens_per_dialogue") and value != ""
    ]
    assert main(["train", "--algo", "offline", *flags]) == 1
    said = capsys.readouterr().err
    assert "NotFinite: The gradients of 5 updates in a row were not finite." in said
    assert "1.jsonl" in said
    assert "Traceback" not in said
    assert said.rstrip().endswith("in another `out`.")
    assert not (tmp_path / "run" / "checkpoints").exists()
    assert len(read_episodes(tmp_path / "run" / "rounds" / "1.jsonl")) == 48


def test_q_priming_ends_as_well(student: str, tmp_path: Path) -> None:
    chosen = QPrimingOptions(
        student=student, out=str(tmp_path), env_id=ENV_ID, writer="phrases", problems=12, group_size=3,
        max_tokens_per_turn=3, lr=1e30, batch_size=2, microbatch_size=2, sft_epochs=4, device="cpu",
    )  # fmt: skip
    with pytest.raises(NotFinite, match=r"rounds/1\.jsonl.*lower lr"):
        prime(chosen, progress=False)
    assert json.loads((tmp_path / "run.json").read_text())["options"]["probability"] == 0.75
    assert not list(tmp_path.glob("checkpoints/*"))
