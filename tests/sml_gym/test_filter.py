"""Tasks that a student fails at first and solves with feedback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

import sml_gym
from sml_envs.math import MathEnv
from sml_gym import ConfigError, Dialogue, Job, StudentError, from_dataset, rollout
from sml_gym.cli.main import main
from sml_gym.episode import read_episodes
from sml_gym.evaluation import refuse_shared_tasks
from sml_gym.filtering import FilterPlan, Thresholds, filter_tasks
from sml_gym.rollout import Reply
from sml_gym.students import make_student
from sml_gym.wrappers import Underspecified

MATH = "SML-Math-v0"


class Knowing:
    """Solves a task at the turn that its number asks for; some never, and with one of them it breaks."""

    name = "knowing"

    def __init__(self, plan: FilterPlan, *, breaks: bool = True) -> None:
        self.numbers = {task.id: number for number, task in enumerate(plan.tasks)}
        self.env = plan.env
        self.breaks = breaks
        self.calls = 0

    def reply(self, dialogues: Sequence[Dialogue]) -> list[Reply | StudentError]:
        self.calls += len(dialogues)
        return [self._reply(dialogue) for dialogue in dialogues]

    def _reply(self, dialogue: Dialogue) -> Reply | StudentError:
        at = self.numbers[dialogue.task_id] % 4  # 0: at once, 1: at the second turn, 2: never, 3: breaks
        probes = self.env.probes(self.env.source.get(dialogue.task_id))
        if at == 3 and self.breaks:
            return StudentError("gone")
        return Reply(probes.correct if at < 2 and dialogue.turn == at else probes.incorrect)


def plan(n_tasks: int = 12, **options: Any) -> FilterPlan:
    return FilterPlan(MATH, ("real",), n_tasks=n_tasks, max_turns=3, split="train", **options)


def test_each_task_has_its_fate() -> None:
    wanted = plan()
    found = filter_tasks(wanted, Knowing(wanted))
    fates = ["solved_at_once", "kept", "not_solved", "no_outcome"] * 3
    assert [task.fate(found.thresholds) for task in found.tasks] == fates
    assert found.kept == wanted.tasks[1::4]
    assert found.summary()["counts"] == {
        "tasks": 12,
        "kept": 3,
        "solved_at_once": 3,
        "not_solved": 3,
        "no_outcome": 3,
        "always_at_once": 3,
        "never": 3,
    }


def test_repeats_are_dialogues_of_their_own_and_shares_decide() -> None:
    wanted = plan(4, repeats=4)
    assert (
        len({(job.seed, job.teacher_seed) for job in wanted.jobs}) == len(wanted.jobs) == wanted.total == 16
    )
    assert wanted.jobs[::4] == plan(4).jobs

    class Sometimes(Knowing):
        """At once in one dialogue of four, at the second turn in two, and never in one."""

        def _reply(self, dialogue: Dialogue) -> Reply | StudentError:
            if dialogue.turn == 0:
                self.begun = getattr(self, "begun", 0) + 1
                self.__dict__.setdefault("at", {})[id(dialogue)] = (0, 1, 1, 9)[(self.begun - 1) % 4]
            probes = self.env.probes(self.env.source.get(dialogue.task_id))
            return Reply(
                probes.correct if self.__dict__["at"][id(dialogue)] == dialogue.turn else probes.incorrect
            )

    found = filter_tasks(wanted, Sometimes(wanted))
    assert [(task.at_once, task.solved) for task in found.tasks] == [(0.25, 0.75)] * 4
    assert {task.fate(Thresholds()) for task in found.tasks} == {"kept"}
    assert {task.fate(Thresholds(most_at_once=0.2)) for task in found.tasks} == {"solved_at_once"}
    assert {task.fate(Thresholds(least_solved=0.8)) for task in found.tasks} == {"not_solved"}


def test_failed_dialogues_are_held_again_and_the_others_are_not(tmp_path: Path) -> None:
    wanted = plan()
    first = filter_tasks(wanted, Knowing(wanted), folder=tmp_path)
    assert first.counts()["no_outcome"] == 3
    again = Knowing(wanted, breaks=False)
    second = filter_tasks(wanted, again, folder=tmp_path)
    assert again.calls == 3 * 3  # three dialogues of three turns
    assert second.counts()["no_outcome"] == 0
    assert second.counts()["not_solved"] == 6
    assert len(read_episodes(tmp_path / "real.jsonl")) == 12


def kept(folder: Path, wanted: FilterPlan) -> Path:
    file = folder / "kept.tasks"
    filter_tasks(wanted, Knowing(wanted)).write(file)
    return file


def test_an_environment_serves_the_kept_tasks_alone(tmp_path: Path) -> None:
    wanted = plan(env_options={"families": ["rate", "gcd"]})
    file = kept(tmp_path, wanted)
    env = gym.make(MATH, tasks=file)
    ids = {task.id for task in wanted.tasks[1::4]}
    assert {env.reset(seed=seed)[1]["task_id"] for seed in range(40)} == ids
    assert {task.id for task in env.unwrapped.source.take(3)} == ids  # type: ignore[attr-defined]
    with pytest.raises(ConfigError, match="fewer than 4"):
        env.unwrapped.source.take(4)  # type: ignore[attr-defined]
    make = sml_gym.env_factory(MATH, tasks=str(file))
    assert {episode.task_id for episode in rollout(make, make_student("retry", make(), make().source.take(3)),
                                                   [Job(seed=i) for i in range(12)])} == ids  # fmt: skip
    written = json.loads(file.read_text())
    assert written["measured"]["student"] == "knowing"
    assert written["measured"]["versions"]["sml_gym"] == sml_gym.__version__
    assert written["tasks"][0] == {
        "id": wanted.tasks[1].id,
        "solve_at_1": 0.0,
        "solve_at_3": 1.0,
        "dialogues": 1,
    }


def test_tasks_of_a_file_are_found_from_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f'{{"problem": "What is {n} + {n}?", "answer": "{2 * n}"}}\n' for n in range(8))
    (tmp_path / "rows.jsonl").write_text(rows)
    monkeypatch.chdir(tmp_path)
    file = kept(tmp_path, plan(8, env_options={"tasks": "rows.jsonl"}))
    (tmp_path / "else").mkdir()
    monkeypatch.chdir(tmp_path / "else")
    env = MathEnv(tasks=file)
    assert len(env.source.take(2)) == 2
    assert env.reset(seed=0)[1]["task_id"].startswith("rows:")
    with pytest.raises(ConfigError, match="Training and test tasks would both come from"):
        refuse_shared_tasks({"tasks": str(file)}, {"tasks": str(tmp_path / "rows.jsonl")})


def test_every_kind_of_environment_takes_them(tmp_path: Path) -> None:
    pieces = "SML-Math-Underspecified-v0"
    rows = "".join(f'{{"problem": "Say {n}{n}.", "answer": "{n}{n}"}}\n' for n in range(8))
    (tmp_path / "rows.jsonl").write_text(rows)
    for env_id, options in (
        (pieces, {"families": "rate"}),
        ("SML-Mixture-v0", {"envs": {MATH: 1, pieces: 1}}),
        ("SML-Dataset-v0", {"rows": str(tmp_path / "rows.jsonl")}),
    ):
        wanted = FilterPlan(env_id, ("real",), n_tasks=8, max_turns=4, split="train", env_options=options)
        file = kept(tmp_path, wanted)
        make = sml_gym.env_factory(env_id, tasks=file, **options)
        ids = {task.id for task in wanted.tasks[1::4]}
        student = make_student("oracle", make(), make().source.take(2))
        episodes = rollout(make, student, [Job(seed=i) for i in range(12)])
        assert {episode.task_id for episode in episodes} == ids
        assert {episode.solved_at for episode in episodes} == {1}
    again = FilterPlan("SML-Math-Isomorph-v0", ("real",), n_tasks=6, max_turns=4, split="train")
    everything = Thresholds(most_at_once=1, least_solved=0)
    file = tmp_path / "again.tasks"
    filter_tasks(again, make_student("retry", again.env, again.tasks), everything).write(file)
    make = sml_gym.env_factory("SML-Math-Isomorph-v0", tasks=file)
    student = make_student("oracle", make(), again.tasks)
    assert {e.reward for e in rollout(make, student, [Job(seed=i) for i in range(8)])} == {1.0}
    curriculum = gym.make("SML-Curriculum-v0", tasks=kept(tmp_path, plan()))
    assert curriculum.reset(seed=0)[1]["task_id"] in {task.id for task in plan().tasks[1::4]}
    whole = MathEnv(tasks=kept(tmp_path, plan(env_options={"families": "rate"})))
    assert Underspecified(whole, max_turns=6).reset(seed=0)[1]["task_id"].startswith("rate:")


@pytest.mark.parametrize(
    ("env_id", "options"),
    [
        ("SML-Mixture-v0", {"envs": {"SML-Guess-v0": 1, "SML-Math-Underspecified-v0": 1}}),
        ("SML-Mixture-v0", {"envs": [[MATH, 1]], "env_options": {MATH: {"tasks": "rows.jsonl"}}}),
        ("SML-Curriculum-v0", {"env": "SML-Guess-v0", "env_options": {"families": "card"}}),
        ("SML-Curriculum-v0", {"tasks": "rows.jsonl"}),
    ],
)
def test_the_file_says_which_environments_it_is_of(
    env_id: str, options: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    for folder in (here, elsewhere):
        folder.mkdir()
    rows = "".join(f'{{"problem": "What is {n} + {n}?", "answer": "{n + n}"}}\n' for n in range(8))
    (here / "rows.jsonl").write_text(rows)
    monkeypatch.chdir(here)
    wanted = FilterPlan(env_id, ("real",), n_tasks=8, max_turns=4, split="train", env_options=options)
    file = kept(here, wanted)
    monkeypatch.chdir(elsewhere)
    ids = {task.id for task in wanted.tasks[1::4]}
    assert gym.make(env_id, tasks=file).reset(seed=0)[1]["task_id"] in ids
    make = sml_gym.env_factory(env_id, tasks=file)
    assert {task.id for task in make().source.take(2)} == ids
    student = make_student("oracle", make(), make().source.take(2))
    assert {e.task_id for e in rollout(make, student, [Job(seed=i) for i in range(12)])} == ids


def test_files_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    file = kept(tmp_path, plan())
    with pytest.raises(ConfigError, match=r"holds train tasks.*split='train'"):
        MathEnv(tasks=file, split="test")
    with pytest.raises(ConfigError, match="holds tasks of SML-Math-v0, not of Mixture"):
        gym.make("SML-Mixture-v0", envs={MATH: 1}, tasks=str(file))
    with pytest.raises(ConfigError, match="Check the path"):
        MathEnv(tasks=tmp_path / "none.tasks")
    good = json.loads(file.read_text())
    for change, says in (
        ({"schema": 9}, "its schema is 9"),
        ({"tasks": 3}, "its tasks is 3"),
        ({"tasks": [{"id": 3}]}, "its id is 3"),
        ({"tasks": []}, "holds no task.*other thresholds"),
        ({"tasks": [{"id": "rate:1:x"}]}, "does not have.*Filter again"),
        ({"env_options": {"famlies": "rate"}}, "no option 'famlies'"),
    ):
        file.write_text(json.dumps({**good, **change}))
        with pytest.raises(ConfigError, match=says):
            MathEnv(tasks=file)
    file.write_text("{")
    with pytest.raises(ConfigError, match="no file of selected tasks"):
        MathEnv(tasks=file)
    for options, says in (
        ({"repeats": 0}, "at least 1"),
        ({"env_options": {"tasks": MathEnv().source}}, "paths, names and numbers"),
    ):
        with pytest.raises(ConfigError, match=says):
            plan(**options)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="between 0 and 1"):
        Thresholds(most_at_once=2)
    assert from_dataset([{"problem": "1?", "answer": "1"}]).source.take(1)


def command(out: Path, *more: str) -> list[str]:
    own = ["filter", "--student", "listener", "--teacher", "scripted:2", "--n-tasks", "30", "--out", str(out)]
    return [*own, "--env-options", "{families: [rate, gcd], levels: [1]}", *more]


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    assert main(command(out)) == 0
    printed = capsys.readouterr().out
    counts = json.loads((out / "results.json").read_text())["counts"]
    assert counts["tasks"] == 30 == counts["kept"] + counts["solved_at_once"] + counts["not_solved"]
    assert f"{counts['kept']} tasks: {out / 'kept.tasks'}" in printed
    assert 0 < counts["kept"] < 30
    assert (out / "report.html").exists()
    before = (out / "episodes" / "real.jsonl").read_bytes()
    assert main(command(out)) == 2
    assert main(command(out, "--resume", "--least-solved", "0", "--most-at-once", "1")) == 0
    assert json.loads((out / "results.json").read_text())["counts"]["kept"] == 30
    assert (out / "episodes" / "real.jsonl").read_bytes() == before
    assert main(command(out, "--resume", "--seed", "3")) == 2
    used = ["eval", "--student", "retry", "--n-tasks", "5", "--split", "train", "--teachers", "real"]
    assert (
        main([*used, "--out", str(tmp_path / "eval"), "--env-options", f"{{tasks: {out / 'kept.tasks'}}}"])
        == 0
    )


def test_killed_and_resumed_equals_unbroken(tmp_path: Path) -> None:
    unbroken, out = tmp_path / "unbroken", tmp_path / "run"
    assert main(command(unbroken)) == 0
    small = command(out, "--batch-size", "1")
    held = out / "episodes" / "real.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "sml_gym.cli.main", *small],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    while process.poll() is None and not (held.exists() and held.read_bytes().count(b"\n") > 2):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert main([*small, "--resume"]) == 0
    first, second = (json.loads((run / "kept.tasks").read_text()) for run in (unbroken, out))
    assert first == second
    assert len(read_episodes(held)) == 30
