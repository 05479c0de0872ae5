"""Runs whose folder, checkpoint or student is broken on purpose: one clear error, or on as if nothing was."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from grpo_process import options
from tiny_models import save_tiny, tiny_model, tiny_tokenizer
from toy_env import LengthEnv, jobs_of

from sml_agents.checkpoint import write_folder
from sml_agents.endings import HOPELESS
from sml_agents.grpo import train
from sml_agents.learner import NotFinite
from sml_agents.load import load_student
from sml_agents.logs import read_metrics
from sml_agents.student import ModelStudent
from sml_agents.tokens import token_record
from sml_gym import ConfigError, StopReason, read_episodes, rollout
from sml_gym.cli.main import main

SHORT: dict[str, Any] = {
    "problems_per_step": 2,
    "group_size": 2,
    "save_every": 1,
    "epochs": 1,
    "updates_per_epoch": 1,
}


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


@pytest.fixture(scope="module")
def runs(student: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of one step, of all weights and of adapters."""
    folder = tmp_path_factory.mktemp("runs")
    for rank in (0, 2):
        train(options(student, folder / str(rank), 1, lora_rank=rank, **SHORT), progress=False)
    return folder


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


Breakage = Callable[[Path], object]
STATE, WEIGHTS, ADAPTERS = "training_state.pt", "model.safetensors", "adapter_model.safetensors"
DAMAGE: dict[str, tuple[int, Breakage]] = {
    "weights cut short": (0, lambda at: cut(at / WEIGHTS, 5_000)),
    "weights empty": (0, lambda at: cut(at / WEIGHTS, 0)),
    "weights gone": (0, lambda at: (at / WEIGHTS).unlink()),
    "no configuration": (0, lambda at: (at / "config.json").unlink()),
    "no tokenizer": (
        0,
        lambda at: [(at / name).unlink() for name in ("tokenizer.json", "tokenizer_config.json")],
    ),
    "state empty": (0, lambda at: cut(at / STATE, 0)),
    "state cut at its beginning": (0, lambda at: cut(at / STATE, 1_000)),
    "state cut near its end": (0, lambda at: cut(at / STATE, (at / STATE).stat().st_size - 50)),
    "state gone": (0, lambda at: (at / STATE).unlink()),
    "state of something else": (0, lambda at: torch.save([1, 2], at / STATE)),
    "state without moments": (0, lambda at: torch.save({"optimizer": {"a": 1}}, at / STATE)),
    "state no file of torch's": (0, lambda at: (at / STATE).write_bytes(b"xyz" * 100)),
    "nothing in it": (0, lambda at: [path.unlink() for path in at.iterdir()]),
    "a model of another width": (0, lambda at: save_tiny(at, width=64)),
    "a model of another family": (0, lambda at: save_tiny(at, "mistral")),
    "adapters cut short": (2, lambda at: cut(at / ADAPTERS, 500)),
    "adapters gone": (2, lambda at: (at / ADAPTERS).unlink()),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_checkpoint_that_cannot_be_used_is_named_with_what_to_do(
    name: str, student: str, runs: Path, tmp_path: Path
) -> None:
    rank, damage = DAMAGE[name]
    out = tmp_path / "run"
    shutil.copytree(runs / str(rank), out)
    damage(out / "checkpoints" / "step-000001")
    chosen = options(student, out, 2, lora_rank=rank, resume=True, **SHORT)
    with pytest.raises(ConfigError, match=r"step-000001.*[Rr]emove (this checkpoint|it) and resume") as error:
        train(chosen, progress=False)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 600
    shutil.rmtree(out / "checkpoints" / "step-000001")  # as the message says
    assert train(chosen, progress=False).steps == 2


def test_another_models_optimizer_is_refused_before_it_reads_past_its_end(
    student: str, runs: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    shutil.copytree(runs / "0", out)
    path = out / "checkpoints" / "step-000001" / STATE
    state = torch.load(path)
    state["optimizer"]["state"][0]["exp_avg"] = torch.zeros(3)
    torch.save(state, path)
    with pytest.raises(ConfigError, match=r"optimizer is that of another model.*resume from the one before"):
        train(options(student, out, 2, resume=True, **SHORT), progress=False)


def test_a_run_whose_record_is_lost_or_damaged(student: str, runs: Path, tmp_path: Path) -> None:
    for name, text in (("gone", None), ("half", '{"options": {"stu'), ("list", "[]")):
        out = tmp_path / name
        shutil.copytree(runs / "0", out)
        (out / "run.json").unlink()
        if text is not None:
            (out / "run.json").write_text(text)
        for resume in (True, False):
            with pytest.raises(ConfigError, match=r"run\.json|holds a run already"):
                train(options(student, out, 2, resume=resume, **SHORT), progress=False)
        assert (out / "checkpoints" / "step-000001").exists()


def test_resuming_an_empty_folder_begins(student: str, tmp_path: Path) -> None:
    assert train(options(student, tmp_path, 1, resume=True, **SHORT), progress=False).steps == 1


def test_a_log_that_a_kill_cut_short_goes_on_and_one_that_is_no_log_is_refused(
    student: str, runs: Path, tmp_path: Path
) -> None:
    for number, (damage, refused) in enumerate(
        [
            (b'{"step": 2, "rew', None),
            (b'{"st\n{"step": 2}\n', r"line 2: not valid JSON.*Remove the line"),
            (b"\xff\xfe\x00", "no text in UTF-8"),
        ]
    ):
        out = tmp_path / str(number)
        shutil.copytree(runs / "0", out)
        with (out / "metrics.jsonl").open("ab") as file:
            file.write(damage)
        chosen = options(student, out, 2, resume=True, **SHORT)
        if refused:
            with pytest.raises(ConfigError, match=refused):
                train(chosen, progress=False)
        else:
            train(chosen, progress=False)
            assert [line["step"] for line in read_metrics(out / "metrics.jsonl")] == [1, 2]


@pytest.mark.parametrize("name", ["run.json.partial", "metrics.partial", "timings.partial"])
def test_a_disk_that_is_full_from_the_start(name: str, student: str, tmp_path: Path) -> None:
    """The device that is always full stands in the place of one of the run's files."""
    (tmp_path / name).symlink_to("/dev/full")
    with pytest.raises(ConfigError, match=r"No space left on device.*hoose another `out`"):
        train(options(student, tmp_path, 1, **SHORT), progress=False)


def test_a_disk_that_fills_while_tensors_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`torch.save` then complains of positions in its file. The size of the disk is made up."""

    def write(folder: Path) -> None:
        (folder / "piece").write_text("some of it")
        raise RuntimeError("unexpected pos 334784 vs 334672")

    target = tmp_path / "step-000001"
    with pytest.raises(ConfigError, match=r"Cannot save .*: unexpected pos 334784 vs 334672\. Earlier"):
        write_folder(target, write)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=4096))
    with pytest.raises(ConfigError, match=r"no space is left on the disk .*free some space"):
        write_folder(target, write)
    assert not list(tmp_path.iterdir())


def test_a_folder_in_which_nothing_can_be_written(student: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"Cannot write to .*Choose another"):
        train(options(student, tmp_path / "file" / "run", 1, **SHORT), progress=False)
    with pytest.raises(ConfigError, match=r"Cannot write to /proc/.*Choose another"):  # whoever we are
        train(options(student, "/proc/nobody/run", 1, **SHORT), progress=False)
    if os.geteuid():
        (tmp_path / "locked").mkdir(mode=0o500)
        with pytest.raises(ConfigError, match=r"Permission denied.*Choose another"):
            train(options(student, tmp_path / "locked" / "run", 1, **SHORT), progress=False)


def test_weights_that_burst_end_the_run_with_the_dialogues_saved(
    student: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a learning rate like this one update suffices: no gradient after it is finite."""
    burst: dict[str, Any] = {**SHORT, "group_size": 8, "problems_per_step": 4, "updates_per_epoch": 8}
    chosen = options(student, tmp_path / "a", 9, lr=1e30, warmup_steps=0, **burst)
    with pytest.raises(NotFinite, match=r"5 updates in a row.*not_finite\.jsonl.*Lower lr.*another `out`"):
        train(chosen, progress=False)
    assert len(read_episodes(tmp_path / "a" / "not_finite.jsonl")) == 32
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "not_finite.jsonl").symlink_to("/dev/full")
    chosen = options(student, tmp_path / "b", 9, lr=1e30, warmup_steps=0, **burst)
    with pytest.raises(NotFinite, match=r"could not be saved.*No space left.*Lower lr"):
        train(chosen, progress=False)
    flags = [
        f"--{name.replace('_', '-')}={value}"
        for name, value in vars(options(student, tmp_path / "c", 9, lr=1e30, warmup_steps=0, **burst)).items()
        if isinstance(value, (str, int, float)) and value not in ("", False)
    ]
    assert main(["train", *flags]) == 1
    said = capsys.readouterr().err
    assert "sml-gym: NotFinite: Losses or gradients of 5 updates" in said
    assert "Traceback" not in said


# ---- what a student must have ----


def test_a_tokenizer_with_tokens_that_the_model_lacks(tmp_path: Path) -> None:
    tokenizer = tiny_tokenizer()
    tiny_model(vocab=200).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match=r"beyond the 200 of its model.*resize_token_embeddings"):
        load_student(str(tmp_path))
    # As in the smallest Gemma 3: a token for images, of which no dialogue has any.
    whole = len(tokenizer)
    tokenizer.add_special_tokens(
        {"additional_special_tokens": ["<image>"]}, replace_extra_special_tokens=False
    )
    tiny_model(vocab=whole).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    assert len(load_student(str(tmp_path))[1]) == whole + 1
    tokenizer.chat_template = "<image>" + tokenizer.chat_template
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="1 tokens beyond"):
        load_student(str(tmp_path))


def test_dialogues_that_reach_the_context_length_end_there_unsolved_and_are_learned_from() -> None:
    """The policy for long dialogues: none is cut, and none that the student could begin is left out."""
    tokenizer = tiny_tokenizer()
    speaking = ModelStudent(
        tiny_model(vocab=len(tokenizer), context=220), tokenizer, max_tokens_per_turn=20, seed=3
    )
    held = rollout(lambda: LengthEnv(max_turns=9), speaking, jobs_of(24))
    ended = [episode for episode in held if episode.stop_reason is StopReason.TOKEN_LIMIT]
    assert ended
    for episode in ended:
        assert episode.valid
        assert episode.reward == 0
        record = token_record(episode)
        assert record.student.any()
        assert len(record) <= 220
        said = sum(len(turn.tokens.sampled) for turn in episode.turns if turn.tokens)
        assert record.student.sum() == said  # all of it


def test_a_run_in_which_no_problem_fits_the_context_says_so(tmp_path: Path) -> None:
    narrow = save_tiny(tmp_path / "student", context=16)
    with pytest.raises(ConfigError, match=r"last 3 steps.*no room|room for a word.*longer than its context"):
        train(options(narrow, tmp_path / "run", 9, **SHORT), progress=False)
    lines = read_metrics(tmp_path / "run" / "metrics.jsonl")
    assert len(lines) == HOPELESS
    assert all(line["tokens_per_dialogue"] in (0, None) for line in lines)
    assert all(math.isfinite(line["lr"] or 0) for line in lines)
