"""`sml-gym train`, and `sml-gym eval` and `play` with a model."""

import errno
import json
import os
from pathlib import Path

import pytest
import torch
import yaml
from chat_server import ChatServer, say, status
from tiny_models import save_tiny

from sml_gym import read_episodes
from sml_gym.cli.main import main
from sml_gym.cli.train import load_algorithm, options_class


@pytest.fixture(scope="module")
def student(tmp_path_factory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


def words(student: str, out: Path, *more: str) -> list[str]:
    flags = (
        "--steps 2 --problems-per-step 2 --group-size 2 --max-turns 2 --max-tokens-per-turn 6 --device cpu"
    )
    flags += " --save-every 1"
    options = ["--env-options.families", "[last_digits_product]"]
    return [
        "train",
        "--algo",
        "grpo",
        "--student",
        student,
        "--out",
        str(out),
        *flags.split(),
        *options,
        *more,
    ]


def test_train_then_evaluate_then_view(student, tmp_path, capsys):
    out = tmp_path / "run"
    assert main(words(student, out)) == 0
    assert f"Run: {out}" in capsys.readouterr().out
    config = yaml.safe_load((out / "config.yaml").read_text())
    assert config["algo"] == "grpo"
    assert config["steps"] == 2
    assert config["gamma"] == 0.7
    assert "torch" in json.loads((out / "versions.json").read_text())
    assert len((out / "metrics.jsonl").read_text().splitlines()) == 2
    assert (out / "learning_curve.png").read_bytes().startswith(b"\x89PNG")

    evaluated = tmp_path / "eval"
    model = str(out / "model")
    flags = ["--n-tasks", "2", "--max-turns", "2", "--max-tokens-per-turn", "6", "--teachers", "real,placebo"]
    assert main(["eval", "--student", model, *flags, "--out", str(evaluated)]) == 0
    episodes = read_episodes(evaluated / "episodes" / "real.jsonl")
    assert len(episodes) == 2
    assert episodes[0].student == model
    assert episodes[0].turns[0].tokens is not None
    results = json.loads((evaluated / "results.json").read_text())
    assert "feedback_gain" in results
    assert "silent" not in results
    assert main(["view", str(tmp_path), "--out", str(tmp_path / "page.html")]) == 0
    assert "4 of 4 dialogues" in capsys.readouterr().out


def test_a_run_without_a_folder_writes_nothing(student, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in (words(student, Path("x"), "--out", ""), ["eval", "--student", "random", "--out", ""]):
        assert main(command) == 2
        assert "Pass one with --out" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_run_of_no_steps_is_a_model_and_no_complaint(student, tmp_path, capsys):
    out = tmp_path / "run"
    assert main(words(student, out, "--steps", "0")) == 0
    assert capsys.readouterr().out == f"Run: {out}\n"
    assert (out / "model" / "config.json").is_file()


def test_a_dry_run_refuses_a_student_that_the_run_would_refuse(tmp_path, capsys):
    silent = save_tiny(tmp_path / "silent", template=None)
    assert main(words(silent, tmp_path / "run", "--dry-run")) == 2
    assert "no chat template" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_the_tasks_of_training_are_no_test(student, tmp_path, capsys):
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text("".join(f'{{"problem": "What is 1 + {n}?", "answer": "{n + 1}"}}\n' for n in range(4)))
    served = ["--env-options", json.dumps({"tasks": str(tasks)})]
    out = tmp_path / "run"
    assert main([*words(student, out)[:-2], *served]) == 0
    capsys.readouterr()
    for name in (f"{out}/model", f"hf:{out}/model", f"{out}/model?prompt=ask", f"hf:{out}/model?prompt=ask"):
        assert main(["eval", "--student", name, *served, "--out", str(tmp_path / "eval")]) == 2
        assert "would both come from" in capsys.readouterr().err


def test_a_run_is_resumed_only_when_asked(student, tmp_path, capsys):
    out = tmp_path / "run"
    assert main(words(student, out)) == 0
    capsys.readouterr()
    assert main(words(student, out)) == 2
    assert "--resume" in capsys.readouterr().err
    assert main(words(student, out, "--resume", "--lr", "0.5")) == 2
    assert "lr was" in capsys.readouterr().err
    assert yaml.safe_load((out / "config.yaml").read_text())["lr"] != 0.5
    assert main(words(student, out, "--resume", "--steps", "3")) == 0
    assert yaml.safe_load((out / "config.yaml").read_text())["steps"] == 3
    assert len((out / "metrics.jsonl").read_text().splitlines()) == 3
    # The saved configuration is one that the command takes.
    assert main(["train", "--config", str(out / "config.yaml"), "--steps", "2"]) == 2
    assert "more than 2" in capsys.readouterr().err


def test_the_algorithm_may_stand_in_the_file(tmp_path, capsys):
    file = tmp_path / "x.yaml"
    file.write_text("algo: nonsense\n")
    assert main(["train", "--config", str(file)]) == 2
    assert "Unknown algorithm 'nonsense'" in capsys.readouterr().err
    file.write_text("algo: grpo\nlr: 0.1\n")
    assert main(["train", f"--config={file}", "--steps", "nope"]) == 2
    assert "steps" in capsys.readouterr().err


def test_the_options_are_the_algorithms_own():
    train, options = load_algorithm("grpo")
    assert train.__module__ == "sml_agents.grpo"
    assert issubclass(options_class([]), options)
    assert options_class(["--algo=grpo"])().algo == "grpo"


def test_no_model_no_run(tmp_path, capsys):
    missing = str(tmp_path / "no" / "model")
    for command in (["train", "--device", "cpu"], ["eval"], ["demo"], ["play", "--as", "teacher"]):
        assert main([*command, "--student", missing, "--out", str(tmp_path / command[0])]) == 2
        err = capsys.readouterr().err
        assert err.startswith("sml-gym: ")
        assert missing in err
        assert "Check the path" in err
        assert not (tmp_path / command[0]).exists()


def test_a_refused_key_leaves_no_run_behind(student, tmp_path, capsys):
    out = tmp_path / "run"
    with ChatServer(lambda r: status(401) if r.body["model"] == "wrong" else say("Go on.")) as server:
        assert main(words(student, out, "--teacher", server.spec("wrong"))) == 2
        assert "status 401" in capsys.readouterr().err
        assert not out.exists()
        assert main(words(student, out, "--teacher", server.spec("right"))) == 0, (
            "mended, it needs no other folder"
        )


def test_a_folder_of_another_command_is_left_alone(student, tmp_path, capsys):
    out = tmp_path / "eval"
    assert main(["eval", "--student", "random", "--n-tasks", "2", "--max-turns", "1", "--out", str(out)]) == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert main(words(student, out)) == 2
    assert "another command" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    odd = tmp_path / "odd"
    odd.mkdir()
    (odd / "run.json").write_text("[]")
    assert main(words(student, odd)) == 2
    assert main(words(student, odd, "--resume")) == 2
    assert "no record of a run" in capsys.readouterr().err
    assert [path.name for path in odd.iterdir()] == ["run.json"]


def test_a_run_that_broke_off_keeps_its_record(student, tmp_path, capsys, monkeypatch):
    """A full disk is mended and the run resumed, so what it was asked to do must still be there."""

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out = tmp_path / "run"
    with monkeypatch.context() as patched:
        patched.setattr(torch, "save", full)
        assert main(words(student, out)) == 2
    assert "No space left" in capsys.readouterr().err
    assert yaml.safe_load((out / "config.yaml").read_text())["steps"] == 2
    assert main(words(student, out, "--resume")) == 0


def test_of_several_processes_one_keeps_the_record(student, tmp_path, capsys, monkeypatch):
    """Two that write the same file at the same time take it from under each other."""
    monkeypatch.setenv("RANK", "1")
    out = tmp_path / "run"
    assert main(words(student, out)) == 0
    assert not (out / "config.yaml").exists()
    assert "Run:" not in capsys.readouterr().out
