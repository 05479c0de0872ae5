"""The command line through its front door."""

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import textwrap

import pytest
import yaml

from sml_gym import read_episodes, write_episodes
from sml_gym.cli.eval import EvalOptions
from sml_gym.cli.main import commands, load_command, main
from sml_gym.cli.options import Command, field_help, parse
from sml_gym.evaluation import Plan
from sml_gym.students import ScriptedStudent
from sml_gym.teachers.prompt import load_prompt
from sml_gym.teachers.specs import teacher_kinds

SMALL = ["--n-tasks", "3", "--max-turns", "2", "--env-options.families", "[gcd, lcm]"]


def run_python(code: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=100, **options
    )


def refused(capsys, *arguments: str) -> str:
    """The one line with which a command is refused."""
    assert main(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sml-gym: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def test_list_shows_environments_with_families_and_levels(capsys):
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    assert "SML-Math-v0" in out
    assert "sml_envs.math.env.MathEnv" in out
    assert "last_digits_product" in out
    assert "levels 1" in out
    assert main(["list", "--no-families"]) == 0
    assert "last_digits_product" not in capsys.readouterr().out


def test_list_shows_teachers_students_chat_models_and_prompts(capsys):
    assert main(["list", "--no-environments"]) == 0
    out = capsys.readouterr().out
    assert "SML-Math-v0" not in out
    for kind in teacher_kinds():
        assert f"  {kind.form}" in out
        assert kind.summary in out
    for name in ("oracle", "listener", "embedded", "openai:MODEL"):
        assert name in out
    assert f"version {load_prompt('teacher').version}" in out
    assert main(["list", "--no-environments", "--no-teachers", "--no-students", "--no-models"]) == 0
    assert capsys.readouterr().out == ""
    for words in (["eval"], ["play"], ["train"], ["audit"]):
        assert main([*words, "--help"]) == 0
        assert "sml-gym list" in " ".join(capsys.readouterr().out.split())


def test_overview_names_every_command(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for name in ("list", "play", "train", "eval", "audit", "view", "demo"):
        assert f"  {name} " in out
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("sml-gym ")
    assert main([]) == 2


@pytest.mark.parametrize("name", ["list", "play", "train", "eval", "audit", "view", "demo"])
def test_every_option_has_help_with_its_default(name, capsys):
    command = load_command(name)
    cls = command.options if isinstance(command.options, type) else command.options([])
    helps = field_help(cls)
    missing = [field.name for field in dataclasses.fields(cls) if not helps.get(field.name)]
    assert missing == []
    assert main([name, "--help"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    for field in dataclasses.fields(cls):
        if field.name != command.positional:
            assert f"--{field.name.rstrip('_').replace('_', '-')}" in out
    assert out.count("default:") >= len(dataclasses.fields(cls))


def test_eval_writes_everything_beside_the_run(tmp_path, capsys):
    out = tmp_path / "run"
    assert main(["eval", "--student", "oracle", *SMALL, "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "feedback gain" in printed
    assert str(out / "report.html") in printed
    results = json.loads((out / "results.json").read_text())
    for teacher in ("real", "binary", "silent", "placebo"):
        assert results[teacher]["solve_at"] == [1.0, 1.0]
        assert len(read_episodes(out / "episodes" / f"{teacher}.jsonl")) == 3
    assert results["feedback_gain"] == {"value": 0.0, "ci95": [0.0, 0.0], "n_tasks": 3}
    assert results["wall_seconds"] > 0
    assert "gymnasium" in json.loads((out / "versions.json").read_text())
    assert (out / "solve_at_k.png").read_bytes().startswith(b"\x89PNG")
    assert yaml.safe_load((out / "config.yaml").read_text())["n_tasks"] == 3


def test_a_file_and_flags_are_the_same_configuration(tmp_path):
    command = load_command("eval")
    flags = ["--n_tasks=7", "--teachers", "real,placebo", "--env", "SML-Math-v0", "--temperature", "0.5"]
    flags += ["--env-options.families", "[gcd]", "--resume"]
    by_flags = parse(command, "eval", flags)
    assert by_flags == EvalOptions(
        env_id="SML-Math-v0",
        n_tasks=7,
        teachers=["real", "placebo"],
        temperature=0.5,
        env_options={"families": ["gcd"]},
        resume=True,
    )
    file = tmp_path / "x.yaml"
    file.write_text(
        "env_id: SML-Math-v0\nn_tasks: 7\nteachers: [real, placebo]\ntemperature: 0.5\n"
        "env_options: {families: [gcd]}\nresume: true\n"
    )
    assert parse(command, "eval", ["--config", str(file)]) == by_flags
    for given in (["--config", str(file)], [f"--config={file}"]):
        assert parse(command, "eval", ["--n-tasks", "8", *given, "--seed", "2"]) == (
            dataclasses.replace(by_flags, n_tasks=8, seed=2)
        )
    assert parse(command, "eval", ["--config", str(file), "--n-tasks", "8", "--no-resume"]) == (
        dataclasses.replace(by_flags, n_tasks=8, resume=False)
    )


def test_the_saved_configuration_gives_the_same_run(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    main(["eval", "--student", "random", *SMALL, "--seed", "5", "--out", str(first)])
    main(["eval", "--config", str(first / "config.yaml"), "--out", str(second)])
    for teacher in ("real", "placebo"):
        name = f"episodes/{teacher}.jsonl"
        assert (first / name).read_text() == (second / name).read_text()


def test_a_run_is_resumed_only_when_asked_and_only_with_the_same_options(tmp_path, capsys):
    out = str(tmp_path / "run")
    run = ["eval", "--student", "oracle", *SMALL, "--teachers", "real", "--out", out]
    assert main(run) == 0
    before = (tmp_path / "run" / "episodes" / "real.jsonl").read_bytes()
    capsys.readouterr()
    assert "--resume" in refused(capsys, *run)
    assert "n_tasks was 3, now 4" in refused(capsys, *run, "--resume", "--n-tasks", "4")
    assert main([*run, "--resume"]) == 0
    assert (tmp_path / "run" / "episodes" / "real.jsonl").read_bytes() == before


def test_what_cannot_be_run_is_refused_in_one_line(tmp_path, capsys):
    assert "'eval'" in refused(capsys, "evl")
    assert "'n-tasks'" in refused(capsys, "eval", "--n-task", "3")
    assert "n-tasks" in refused(capsys, "eval", "--n-tasks", "many")
    assert "'SML-Math-v0'" in refused(capsys, "eval", "--env", "SML-Moth-v0")
    assert "'families'" in refused(capsys, "eval", "--student", "random", "--env-options.famlies", "gcd")
    assert "'real'" in refused(capsys, "eval", "--teachers", "rael")
    assert "'grpo'" in refused(capsys, "train", "--algo", "gppo")
    assert "Check the path" in refused(capsys, "view", str(tmp_path / "nothing.jsonl"))
    assert "no file of episodes" in refused(capsys, "view", str(tmp_path))
    assert "Nothing to show" in refused(capsys, "view")
    assert "--help" in refused(capsys, "eval", "--config", str(tmp_path / "nothing.yaml"))
    bad = tmp_path / "bad.yaml"
    bad.write_text("n_taks: 3\n")
    assert "'n-tasks'" in refused(capsys, "eval", "--config", str(bad))
    bad.write_text("env_options: {1: 2}\n")
    assert "Write it in quotes" in refused(capsys, "eval", "--config", str(bad))
    for odd, remedy in (
        ("{families: 5}", "give names"),
        ("{levels: hard}", "give whole numbers"),
        ("{tasks: 5}", "give a path"),
        ("{families: [[1]]}", "Check the kinds"),
    ):
        assert remedy in refused(capsys, "eval", "--student", "random", "--env-options", odd)
    for name in ("--limit", "--batch-size"):
        folder = tmp_path / "late"
        assert "at least 1" in refused(capsys, "eval", "--student", "random", name, "0", "--out", str(folder))
        assert not folder.exists()
    bad.write_text("n_tasks: [3\n")
    refused(capsys, "eval", "--config", str(bad))
    taken = tmp_path / "file"
    taken.write_text("x")
    assert "--out" in refused(capsys, "eval", "--student", "random", *SMALL, "--out", str(taken / "below"))


def test_tasks_that_were_trained_on_are_no_test(tmp_path, capsys):
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text("".join(f'{{"problem": "What is {i} + 1?", "answer": "{i + 1}"}}\n' for i in range(40)))
    model = tmp_path / "run" / "model"
    model.mkdir(parents=True)
    trained = {"options": {"env_options": {"tasks": str(tasks)}}}
    (tmp_path / "run" / "run.json").write_text(json.dumps(trained))
    line = refused(capsys, "eval", "--student", str(model), "--env-options.tasks", str(tasks))
    assert "hold_out=True" in line
    both = f"{{'tasks': {{'train': '{tasks}', 'test': '{tasks}'}}}}"
    assert "hold_out=True" in refused(capsys, "train", "--env-options", both, "--out", str(tmp_path / "t"))


def test_view_writes_one_page(tmp_path, capsys):
    plan = Plan("SML-Math-v0", n_tasks=4, max_turns=2)
    for label in ("real", "silent"):
        write_episodes(tmp_path / f"{label}.jsonl", plan.hold(ScriptedStudent(["What now?"]), label))
    (tmp_path / "metrics.jsonl").write_text('{"step": 1, "reward": 0.5}\n')
    page = tmp_path / "page.html"
    assert main(["view", str(tmp_path), "--out", str(page), "--limit", "5"]) == 0
    assert "5 of 8 dialogues" in capsys.readouterr().out
    text = page.read_text()
    assert text.count('<details class="card') == 5
    assert text.count('data-set="real"') == 3
    assert text.count('data-set="silent"') == 2
    assert "The first 5 of 8 dialogues" in text
    files = [str(tmp_path / "real.jsonl"), str(tmp_path / "silent.jsonl")]
    assert main(["view", *files, "--out", str(page)]) == 0
    assert page.read_text().count('<details class="card') == 8
    capsys.readouterr()
    assert "at least 1" in refused(capsys, "view", files[0], "--limit", "0")


def test_looking_and_scripted_evaluation_import_no_torch(tmp_path):
    done = run_python(
        f"""
        import sys
        sys.modules["torch"] = None  # importing it fails
        sys.modules["transformers"] = None
        from sml_gym.cli.main import main
        assert main(["list"]) == 0
        assert main(["--help"]) == 0
        assert main(["play", "--env", "SML-Math-v0"]) == 0
        run = {str(tmp_path / "run")!r}
        assert main(["eval", "--student", "random", "--n-tasks", "2", "--out", run]) == 0
        assert main(["view", run, "--out", {str(tmp_path / "page.html")!r}]) == 0
        assert main(["eval", "--replay", run, "--out", {str(tmp_path / "replay")!r}]) == 0
        assert main(["audit", "--n-tasks", "2", "--out", {str(tmp_path / "audit")!r}]) == 0
        """,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "page.html").exists()


def test_what_needs_torch_says_how_to_get_it(tmp_path):
    done = run_python(
        f"""
        import sys
        sys.modules["torch"] = None
        from sml_gym.cli.main import main
        for words in (["train"], ["demo"], ["eval"], ["play", "--as", "teacher"]):
            assert main([*words, "--out", {str(tmp_path / "x")!r}]) == 2, words
        """,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stderr.strip().split("\n")
    assert len(lines) == 4
    assert all("pip install 'sml-gym[train]'" in line for line in lines)
    assert not (tmp_path / "x").exists()


def test_without_matplotlib_an_evaluation_has_no_plot_and_says_so(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    out = tmp_path / "run"
    assert main(["eval", "--student", "oracle", *SMALL, "--out", str(out)]) == 0
    assert "sml-gym[plot]" in capsys.readouterr().out
    assert (out / "report.html").exists()
    assert not (out / "solve_at_k.png").exists()


def play(words: list[str], text: str, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "sml_gym.cli.main", "play", *words]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, **options)


def test_a_person_solves_a_task_through_a_pipe(tmp_path):
    plan = Plan("SML-Math-v0", split="train", env_options={"families": ["gcd"]})
    task = plan.tasks[0]
    answer = task.private.reveal().answer
    words = ["--task-id", task.id, "--env-options.families", "[gcd]", "--out", str(tmp_path / "run")]
    done = play(words, f"What is a divisor?\nFinal answer: 100000\nFinal answer: {answer}\n")
    assert done.returncode == 0, done.stderr
    assert task.problem in done.stdout
    assert "Solved in 3 of at most 10 turns." in done.stdout
    saved = read_episodes(tmp_path / "run" / "episodes.jsonl")
    assert [e.solved_at for e in saved] == [3]
    assert yaml.safe_load((tmp_path / "run" / "config.yaml").read_text())["as"] == "student"


@pytest.mark.parametrize("side", ["student", "teacher"])
def test_the_end_of_input_ends_play_cleanly(side):
    done = play(["--as", side, "--student", "random"], "hello\n")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "You left" in done.stdout


def test_a_person_as_the_teacher_sees_what_is_private_and_is_heard(tmp_path):
    words = ["--as", "teacher", "--student", "random", "--max-turns", "2", "--out", str(tmp_path / "run")]
    done = play(words, "Try \x1b[31mhalf of it\n\n")
    assert done.returncode == 0, done.stderr
    saved = read_episodes(tmp_path / "run" / "episodes.jsonl")[0]
    assert f"private answer: {saved.private['answer']}" in done.stdout
    assert "verdict: incorrect" in done.stdout
    assert saved.turns[0].feedback == "Try \x1b[31mhalf of it"
    assert saved.turns[1].feedback in done.stdout  # the empty line spoke the suggestion
    assert saved.turns[1].feedback
    assert saved.teacher == "guard(regenerate):human"


@pytest.mark.parametrize(("teacher", "guarded"), [("scripted", True), ("guard(off):scripted", False)])
def test_a_person_as_the_teacher_is_asked_again_for_words_that_give_the_answer_away(
    tmp_path, teacher, guarded
):
    words = [
        "--as",
        "teacher",
        "--student",
        "random",
        "--max-turns",
        "1",
        "--seed",
        "5",
        "--teacher",
        teacher,
    ]
    shown = play(words, "hm\n").stdout
    answer = re.search("private answer: (.*)", shown)[1]
    done = play([*words, "--out", str(tmp_path / "run")], f"The answer is {answer}.\nTry again.\n")
    assert done.returncode == 0, done.stderr
    turn = read_episodes(tmp_path / "run" / "episodes.jsonl")[0].turns[0]
    assert ("The guard has refused your words" in done.stdout) is guarded
    assert turn.feedback == ("Try again." if guarded else f"The answer is {answer}.")
    assert turn.notes.get("guard", {}).get("refused") == ([f"The answer is {answer}."] if guarded else None)


def test_undecodable_input_is_only_an_utterance():
    command = [sys.executable, "-m", "sml_gym.cli.main", "play", "--max-turns", "1"]
    done = subprocess.run(
        command,
        input=b"\xff\xfe\x00 hm\n",
        capture_output=True,
        timeout=60,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert b"Not solved" in done.stdout


def test_an_interrupt_ends_a_command_cleanly():
    command = [sys.executable, "-m", "sml_gym.cli.main", "play"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert any("Teacher:" in line for line in process.stdout)  # stops reading at the first such line
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "sml-gym: Stopped.\n"


def test_a_reader_that_leaves_is_no_error():
    command = [sys.executable, "-u", "-m", "sml_gym.cli.main", "list"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == 0


def test_an_option_without_a_default_is_a_programming_error():
    @dataclasses.dataclass
    class Needy:
        """x.

        Attributes:
            a: b.
        """

        a: int

    with pytest.raises(TypeError, match="default"):
        parse(Command("s", Needy, print), "needy", [])


def test_commands_come_from_entry_points_too():
    assert list(commands())[:6] == ["list", "play", "train", "eval", "audit", "view"]
    assert commands()["demo"] == "sml_agents.demo:COMMAND"


def test_a_full_disk_says_what_to_do(tmp_path):
    """The operating system refuses to let files grow past a limit, as a full disk would."""
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (9000, resource.RLIM_INFINITY));"
        "from sml_gym.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    words = ["eval", "--student", "random", "--n-tasks", "30", "--out", str(tmp_path / "e")]
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True)
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "free some space and go on with --resume" in done.stderr
    assert "Traceback" not in done.stderr
    assert main([*words, "--resume"]) == 0
    page = ["view", str(tmp_path / "e"), "--out", str(tmp_path / "page.html")]
    done = subprocess.run([sys.executable, "-c", program, *page], capture_output=True, text=True)
    assert done.returncode == 1
    assert "Free some space." in done.stderr
    assert "--resume" not in done.stderr  # which this command does not have
    assert len(read_episodes(tmp_path / "e" / "episodes" / "real.jsonl")) == 30
