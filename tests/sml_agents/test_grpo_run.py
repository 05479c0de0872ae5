"""A whole run: it learns, it logs, and it says clearly what it cannot use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from grpo_process import options
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tiny_models import save_tiny, tiny_model, tiny_tokenizer
from toy_env import LETTER_ID, FailingTeacher
from transformers import AutoModelForCausalLM

from sml_agents.grpo import GRPOOptions, train
from sml_agents.load import load_student
from sml_agents.logs import read_metrics
from sml_agents.student import ModelStudent
from sml_gym import ConfigError, RolloutError


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


def test_it_learns_what_is_rewarded_and_logs_it(student: str, tmp_path: Path) -> None:
    steps = 25
    summary = train(
        options(
            student,
            tmp_path,
            steps,
            env_id=LETTER_ID,
            problems_per_step=6,
            group_size=8,
            max_tokens_per_turn=3,
            lr=1e-2,
            warmup_steps=0,
            epochs=1,
            updates_per_epoch=1,
        ),
        progress=False,
    )
    lines = read_metrics(tmp_path / "metrics.jsonl")
    first = [line["solve@1"] or 0.0 for line in lines[:5]]
    last = [line["solve@1"] or 0.0 for line in lines[-5:]]
    assert sum(first) / 5 < 0.4
    assert sum(last) / 5 > 0.8
    assert summary.metrics == lines[-1]
    for line in lines:
        solved = [line[f"solve@{k}"] for k in (1, 2, 3)]
        assert solved == sorted(solved)  # type: ignore[type-var]
        assert line["reward"] == line["solve@3"]
        assert line["failures"] == 0
        assert line["tokens_per_utterance"] <= 3  # type: ignore[operator]
    used = [line for line in lines if line["groups_used"]]
    assert all(0 < line["entropy"] < 5.6 for line in used)  # type: ignore[operator]
    assert {
        "turns_to_solve",
        "kl",
        "clip_share",
        "questions",
        "lr",
        "grad_norm",
    } <= set(lines[0])
    timed = {"step", "seconds_rollout", "seconds_update", "tokens_per_second", "rollouts_per_second"}
    assert [set(line) for line in read_metrics(tmp_path / "timings.jsonl")] == [timed] * steps
    board = EventAccumulator(str(tmp_path / "tensorboard"))
    board.Reload()
    assert [e.step for e in board.Scalars("reward")] == list(range(1, steps + 1))
    assert [e.step for e in board.Scalars("seconds_update")] == list(range(1, steps + 1))
    assert [e.value for e in board.Scalars("reward")] == pytest.approx([line["reward"] for line in lines])
    assert isinstance(AutoModelForCausalLM.from_pretrained(summary.model), torch.nn.Module)


def test_the_maths_domain_runs(student: str, tmp_path: Path) -> None:
    train(
        GRPOOptions(
            student=student,
            out=str(tmp_path),
            env_options={"families": "last_digits_product"},
            steps=1,
            problems_per_step=2,
            group_size=2,
            max_tokens_per_turn=6,
            device="cpu",
        ),
        progress=False,
    )
    line = read_metrics(tmp_path / "metrics.jsonl")[0]
    assert (line["step"], line["failures"], line["truncated"]) == (1, 0, pytest.approx(0.9, abs=0.11))


def test_the_kl_term_holds_the_student_back(student: str, tmp_path: Path) -> None:
    divergence = []
    for beta in (1e-9, 1.0):
        out = tmp_path / str(beta)
        train(options(student, out, 6, env_id=LETTER_ID, beta=beta, lr=5e-3), progress=False)
        divergence.append(read_metrics(out / "metrics.jsonl")[-1]["kl"] or 0.0)
    assert 0 < divergence[1] < divergence[0]


def test_dialogues_of_no_advantage_feel_the_kl_term_too(student: str, tmp_path: Path) -> None:
    """No dialogue is solved here, so without the KL term there is nothing to train on."""
    plain, held = (
        train(
            options(student, tmp_path / str(beta), 1, env_id="SML-Math-v0", max_tokens_per_turn=1, beta=beta),
            progress=False,
        ).metrics
        for beta in (0.0, 0.5)
    )
    assert plain["reward"] == held["reward"] == 0
    assert (plain["kl"], plain["grad_norm"]) == (None, None)
    assert held["kl"] == pytest.approx(0, abs=1e-6)
    assert held["grad_norm"] == pytest.approx(0, abs=1e-4)


def test_failed_dialogues_are_counted_and_not_trained_on(student: str, tmp_path: Path) -> None:
    """This teacher fails all but the dialogues that are solved at once, which have no spread."""
    summary = train(options(student, tmp_path, 2, env_options={"teacher": FailingTeacher()}), progress=False)
    assert summary.metrics["failures"] > 0  # type: ignore[operator]
    assert summary.metrics["groups_used"] == 0
    assert summary.metrics["reward"] == 1
    assert json.loads((tmp_path / "run.json").read_text())["options"]["env_options"] == {"teacher": "failing"}


class Down:
    """A teacher that never answers."""

    name = "down"

    def reply(self, contexts: Any) -> Any:
        raise ConnectionError("no server")


def test_a_step_in_which_every_dialogue_fails_changes_nothing(student: str, tmp_path: Path) -> None:
    summary = train(options(student, tmp_path, 2, env_options={"teacher": Down()}), progress=False)
    before, after = load_student(student)[0], load_student(str(summary.model))[0]
    assert all(torch.equal(a, b) for a, b in zip(before.parameters(), after.parameters(), strict=True))
    line = read_metrics(tmp_path / "metrics.jsonl")[-1]
    assert (line["failures"], line["reward"], line["grad_norm"]) == (12, None, None)


def test_a_run_in_which_nothing_works_stops_and_says_why(student: str, tmp_path: Path) -> None:
    with pytest.raises(RolloutError, match=r"No dialogue of the last 3 steps.*no server.*--resume"):
        train(options(student, tmp_path, 9, env_options={"teacher": Down()}), progress=False)
    assert len(read_metrics(tmp_path / "metrics.jsonl")) == 3


def test_students_that_cannot_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in (str(tmp_path / "nowhere"), "./nowhere", "some/deep/path", "runs/misspelt"):
        with pytest.raises(ConfigError, match=r"no model at .*Check the path"):
            load_student(name)
    with pytest.raises(ConfigError, match=r"not a model folder.*save_pretrained"):
        load_student(str(tmp_path))
    file = tmp_path / "file.gguf"
    file.write_text("x")
    with pytest.raises(ConfigError, match="not a model folder"):
        load_student(str(file))
    bare = tmp_path / "bare"
    tiny_model().save_pretrained(bare)
    with pytest.raises(ConfigError, match=r"Cannot load .*Pass a folder"):
        load_student(str(bare))
    (bare / "config.json").write_text(json.dumps({"model_type": "unheard-of"}))
    with pytest.raises(ConfigError, match=r"Cannot load .*Pass a folder"):
        load_student(str(bare))
    with pytest.raises(ConfigError, match=r"Cannot load .*Hugging Face Hub that this machine can reach"):
        load_student("nobody/no-such-model")


def test_a_student_without_chat_template_is_refused_before_training(tmp_path: Path) -> None:
    student = save_tiny(tmp_path / "student", template=None)
    with pytest.raises(ConfigError, match="no chat template"):
        train(options(student, tmp_path / "run"), progress=False)
    assert not (tmp_path / "run").exists()  # so that the same command works once it is mended


def test_a_damaged_weights_file_is_refused(tmp_path: Path) -> None:
    folder = Path(save_tiny(tmp_path / "student"))
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(ConfigError, match="Cannot load"):
        load_student(str(folder))


def test_unknown_environments_and_options_are_named(student: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SML-Math-v0"):
        train(options(student, tmp_path / "a", env_id="SML-Maths-v0"), progress=False)
    with pytest.raises(ConfigError, match="max_turns"):
        train(options(student, tmp_path / "b", env_options={"max_turn": 3}), progress=False)


def test_an_output_folder_that_cannot_be_made(student: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"Cannot write to .*Choose another"):
        train(options(student, tmp_path / "file" / "run"), progress=False)


def test_bfloat16_computes_with_float32_weights(student: str, tmp_path: Path) -> None:
    summary = train(options(student, tmp_path / "bf16", 2, precision="bf16"), progress=False)
    assert Accelerator(cpu=True).mixed_precision == "no"  # what comes next in this process has its own
    assert {p.dtype for p in load_student(str(summary.model))[0].parameters()} == {torch.float32}
    train(options(student, tmp_path / "float32", 1), progress=False)  # another precision in one process
    assert read_metrics(tmp_path / "bf16" / "metrics.jsonl")[-1]["step"] == 2


def test_the_student_satisfies_the_protocol() -> None:
    from sml_gym import Student

    tokenizer = tiny_tokenizer()
    assert isinstance(ModelStudent(tiny_model(vocab=len(tokenizer)), tokenizer), Student)
