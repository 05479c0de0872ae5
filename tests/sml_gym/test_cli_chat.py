"""Commands whose teacher stands behind a server: what a user is told when it does not go as planned."""

import json
import signal
import subprocess
import sys

import pytest
from chat_server import Answer, ChatServer, hang, say, status

from sml_gym import read_episodes
from sml_gym.cli.main import main
from sml_gym.teachers.prompt import FOLDER

USED = {"prompt_tokens": 1_000, "completion_tokens": 0}


def command(name: str, teacher: str, out, *more: str) -> list[str]:
    option = {"eval": "--real-teacher", "audit": "--teacher"}[name]
    only = ["--teachers", "real"] if name == "eval" else []
    return [
        *(name, option, teacher, "--out", str(out), "--student", "random", "--n-tasks", "4"),
        *("--max-turns", "1", "--batch-size", "2", *only, *more),
    ]


@pytest.mark.parametrize("name", ["eval", "audit"])
def test_a_refused_key_leaves_no_run_behind(name, tmp_path, capsys):
    out = tmp_path / "run"
    with ChatServer(lambda r: status(401) if r.body["model"] == "wrong" else say("Go on.")) as server:
        assert main(command(name, server.spec("wrong"), out)) == 2
        assert "status 401" in capsys.readouterr().err
        assert not out.exists()
        assert main(command(name, server.spec("right"), out)) == 0, "mended, it needs no other folder"


@pytest.mark.parametrize("name", ["eval", "audit"])
def test_a_refusal_later_on_takes_nothing_back(name, tmp_path, capsys):
    out = tmp_path / "run"
    now: list[Answer] = [say("Go on.", usage=USED)]
    with ChatServer(lambda request: now[-1]) as server:
        teacher, larger = (server.spec(budget_tokens=n, max_tokens=9) for n in (3_000, 9_000))
        assert main(command(name, teacher, out)) == 3
        now.append(status(401))
        path = out / "episodes" / ("real.jsonl" if name == "eval" else "audited.jsonl")
        held = [episode for episode in read_episodes(path) if episode.valid]
        assert held
        assert main(command(name, larger, out, "--resume")) == 2
    assert "status 401" in capsys.readouterr().err
    assert read_episodes(path) == held


@pytest.mark.parametrize("name", ["eval", "audit"])
def test_dialogues_that_broke_off_are_counted_where_the_results_are_printed(name, tmp_path, capsys):
    out = tmp_path / "run"
    with ChatServer([status(400, message="too hard"), say("Go on.")]) as server:
        spec = server.spec(concurrency=1)
        assert main(command(name, spec, out)) == 0
        said = capsys.readouterr().out
        assert "1 dialogues broke off (teacher_failed 1) and count in no share" in said
        assert "status 400: too hard" in said
        assert main(command(name, spec, out, "--resume")) == 0
        assert "broke off" not in capsys.readouterr().out, "as it was promised, it is held again"


@pytest.mark.parametrize("name", ["eval", "audit"])
def test_a_spent_budget_is_one_line_that_says_how_to_go_on(name, tmp_path, capsys):
    out = tmp_path / "run"
    with ChatServer([say("Go on.", usage=USED)]) as server:
        assert main(command(name, server.spec(budget_tokens=3_000, max_tokens=9), out)) == 3
        err = capsys.readouterr().err.splitlines()[-1]
        assert str(out) in err and "--resume" in err and "cached(FILE)" in err
        assert main(command(name, server.spec(budget_tokens=9_000, max_tokens=9), out, "--resume")) == 0


@pytest.mark.parametrize("name", ["eval", "audit"])
def test_an_interrupt_while_a_server_is_silent_keeps_what_was_held(name, tmp_path):
    out = tmp_path / "run"
    with ChatServer(lambda request: say("Go on.") if request.number < 2 else hang()) as server:
        words = [sys.executable, "-m", "sml_gym.cli.main", *command(name, server.spec(), out)]
        process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        while len(server.requests) < 4:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "sml-gym: Stopped. What was whole is kept; go on with --resume."
    held = read_episodes(out / "episodes" / ("real.jsonl" if name == "eval" else "audited.jsonl"))
    assert len(held) == 2 and all(episode.valid for episode in held)


def test_an_unknown_option_of_a_teacher_is_matched_with_a_teachers_options(tmp_path, capsys):
    for option, wanted in (("promt=x", "prompt"), ("open_thought=1", "opens_thought"), ("rmp=5", "rpm")):
        teacher = f"openai:tiny@http://127.0.0.1:1/v1?{option}"
        assert main(command("eval", teacher, tmp_path / "run")) == 2
        assert f"Did you mean '{wanted}'" in capsys.readouterr().err


def test_a_judge_is_told_that_it_speaks_as_it_must(tmp_path, capsys):
    teacher = "guard(redact,judge=openai:tiny@http://127.0.0.1:1/v1?temperature=1):scripted"
    assert main(command("eval", teacher, tmp_path / "run")) == 2
    assert "Leave temperature, top_p and max_tokens out" in capsys.readouterr().err


def test_the_costs_of_all_three_are_counted_apart_though_one_server_serves_them(tmp_path):
    def answer(request):
        words = {"judge": "SAFE", "student": "Final answer: 1", "teacher": "Go on."}[request.body["model"]]
        read = {"judge": 1, "student": 100, "teacher": 10_000}[request.body["model"]]
        return say(words, usage={"prompt_tokens": read, "completion_tokens": 2 * read})

    out = tmp_path / "run"
    with ChatServer(answer) as server:
        judge, teacher = server.spec("judge", price_in=1), server.spec("teacher", price_in=3)
        student = server.spec("student", price_out=5)
        words = command("eval", f"guard(redact,judge={judge}):{teacher}", out, "--student", student)
        assert main(words) == 0
    [usage, *_] = [episode.usage for episode in read_episodes(out / "episodes" / "real.jsonl")]
    assert usage == {
        **{"student_requests": 1, "student_input_tokens": 100, "student_output_tokens": 200},
        **{"teacher_requests": 1, "teacher_input_tokens": 10_000, "teacher_output_tokens": 20_000},
        **{"judge_requests": 1, "judge_input_tokens": 1, "judge_output_tokens": 2},
        **{"student_cost": 0.001, "teacher_cost": 0.03, "judge_cost": 1e-6},
    }
    total = json.loads((out / "results.json").read_text())["real"]["usage"]
    assert {who: spent["requests"] for who, spent in total.items()} == dict.fromkeys(
        ("student", "teacher", "judge"), 4
    )


@pytest.mark.parametrize("name", ["eval", "audit"])
def test_a_run_is_not_resumed_with_another_text_of_its_prompt(name, tmp_path, capsys):
    out, prompt = tmp_path / "run", tmp_path / "my prompt.txt"
    text = (FOLDER / "teacher.txt").read_text(encoding="utf-8")
    prompt.write_text(text, encoding="utf-8")
    with ChatServer([say("Go on.")]) as server:
        words = command(name, server.spec(prompt=prompt), out, "--resume")
        assert main(words) == 0
        prompt.write_text(text + "Be brief.", encoding="utf-8")
        asked = len(server.requests)
        assert main(words) == 2
        assert "another text of the teacher's prompt" in capsys.readouterr().err
        assert len(server.requests) == asked
        prompt.write_text(text, encoding="utf-8")
        assert main(words) == 0


def test_an_audit_counts_the_judge_apart(tmp_path, capsys):
    with ChatServer(lambda r: say("SAFE" if r.body["model"] == "judge" else "Go on.", usage=USED)) as server:
        judge, teacher = server.spec("judge", price_in=2), server.spec("teacher", price_in=3)
        assert main(command("audit", f"guard(redact,judge={judge}):{teacher}", tmp_path / "run")) == 0
    assert "judge's cost a dialogue" in capsys.readouterr().out
    found = json.loads((tmp_path / "run" / "results.json").read_text())
    assert found["cost_per_dialogue"]["cost"]["value"] == pytest.approx(0.003)
    assert found["judge_cost_per_dialogue"]["cost"]["value"] == pytest.approx(0.002)
