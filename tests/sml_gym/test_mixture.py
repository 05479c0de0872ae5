"""Several environments as one, drawn by weight."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from hypothesis import given, settings
from hypothesis import strategies as st

import sml_gym
from sml_envs.math import MathEnv
from sml_envs.math.underspecified import MathUnderspecifiedEnv
from sml_gym import ConfigError, Job, StopReason, rollout
from sml_gym.cli.main import main
from sml_gym.evaluation import Plan, evaluate
from sml_gym.metrics import summarize
from sml_gym.replay import env_of_record, rescore
from sml_gym.students import ScriptedStudent, make_student
from sml_gym.testing import check_env
from sml_gym.wrappers import Mixture, Underspecified

MATH, PIECES = "SML-Math-v0", "SML-Math-Underspecified-v0"
BOTH = {MATH: 1, PIECES: 3}


def mixed(**options: Any) -> Mixture:
    return Mixture(BOTH, **options)


def home(task_id: str) -> str:
    return task_id.partition("/")[0]


def test_conformance() -> None:
    check_env(gym.make("SML-Mixture-v0", envs=BOTH))
    check_env(Mixture([(MathEnv(levels=1), 1), (MathEnv(levels=2), 1)]))


def test_tasks_are_drawn_by_weight_and_found_again() -> None:
    env = mixed()
    rng = np.random.default_rng(0)
    tasks = [env.source.sample(rng) for _ in range(800)]
    drawn = Counter(home(task.id) for task in tasks)
    assert abs(drawn[PIECES] / 800 - 0.75) < 0.06
    for task in tasks[:40]:
        again = env.source.get(task.id)
        assert (again.problem, again.family, again.level) == (task.problem, task.family, task.level)
        assert task.family.startswith(f"{home(task.id)}/")
        like = env.source.sample(rng, like=task)
        assert (home(like.id), like.family, like.level) == (home(task.id), task.family, task.level)


@given(n=st.integers(1, 30), first=st.integers(1, 5), second=st.integers(1, 5), seed=st.integers(0, 3))
@settings(deadline=None, max_examples=25)
def test_a_set_of_tasks_has_the_proportion_of_the_weights(n: int, first: int, second: int, seed: int) -> None:
    pairs = [(MathEnv(families="rate"), first), (MathEnv(families="multiply"), second)]
    tasks = Mixture(pairs).source.take(n, seed)
    drawn = Counter(home(task.id) for task in tasks)
    assert len({task.problem for task in tasks}) == n
    assert set(drawn) <= {"MathEnv", "MathEnv#2"}
    assert abs(drawn["MathEnv"] - n * first / (first + second)) <= 0.5
    assert [task.id for task in tasks] == [task.id for task in Mixture(pairs).source.take(n, seed)]


def test_texts_are_distinct_over_all_environments() -> None:
    twice = Mixture([(MathEnv(families="rate", levels=1), 1), (MathEnv(families="rate", levels=1), 1)])
    tasks = twice.source.take(60)
    assert len({task.problem for task in tasks}) == 60
    assert Counter(home(task.id) for task in tasks) == {"MathEnv": 30, "MathEnv#2": 30}


def test_each_dialogue_goes_as_in_its_own_environment() -> None:
    env = mixed(teacher="scripted:2", max_turns=6)
    alone: dict[str, Any] = {MATH: MathEnv(max_turns=6, teacher="scripted:2")}
    alone[PIECES] = MathUnderspecifiedEnv(max_turns=6, teacher="scripted:2")
    seen = set()
    for seed in range(12):
        opening, info = env.reset(seed=seed, options={"teacher_seed": seed})
        where, _, inner = info["task_id"].partition("/")
        seen.add(where)
        assert alone[where].reset(options={"task_id": inner, "teacher_seed": seed})[0] == opening
        for said in ("Final answer: -17", "What is given?", "hm", "Final answer: 1"):
            mine, own = env.step(said), alone[where].step(said)
            assert mine[:4] == own[:4]
            assert mine[4]["task_id"] == f"{where}/{inner}"
            assert {**mine[4], "task_id": inner} == own[4]
    assert seen == {MATH, PIECES}


def test_a_dialogue_ended_from_outside() -> None:
    env = mixed()
    with pytest.raises(ResetNeeded):
        env.step("hm")
    env.reset(seed=0)
    env.step("hm")
    env.end(StopReason.TOKEN_LIMIT, "spent")
    with pytest.raises(ResetNeeded):
        env.step("hm")
    episode = env.episode(student="test")
    assert (episode.stop_reason, episode.error, len(episode.turns)) == (StopReason.TOKEN_LIMIT, "spent", 1)
    env.reset(seed=1)
    env.fail(sml_gym.StudentError("gone"))
    assert env.episode(student="test").stop_reason is StopReason.STUDENT_FAILED


def test_many_at_once_share_nothing_of_a_dialogue() -> None:
    vector = gym.make_vec("SML-Mixture-v0", num_envs=6, envs=BOTH, max_turns=3)
    openings, infos = vector.reset(seed=3)
    assert len(set(infos["task_id"])) == 6
    replies, _, _, _, after = vector.step(["Final answer: -17"] * 6)
    assert list(after["task_id"]) == list(infos["task_id"])
    single = Mixture(BOTH, max_turns=3)
    for i in range(6):
        assert single.reset(seed=3 + i)[0] == openings[i]
        assert single.step("Final answer: -17")[0] == replies[i]


def test_environments_handed_over_stay_free_for_others() -> None:
    whole = MathEnv(max_turns=2)
    pieces = MathUnderspecifiedEnv(max_turns=9)
    one, other = (Mixture([(whole, 1), (pieces, 1)], max_turns=4) for _ in range(2))
    one.reset(seed=0)
    other.reset(seed=1)
    one.step("hm")
    other.step("hm")
    assert (len(one.dialogue.utterances), len(other.dialogue.utterances)) == (3, 3)
    assert (whole.max_turns, pieces.max_turns) == (2, 9)
    nested = Mixture([(one, 1), (MathEnv(), 1)])
    check_env(nested)
    assert one.dialogue.turn == 1


@pytest.mark.parametrize(
    "teacher", ["scripted", "placebo", "noisy(0.5):scripted:3", "guard(redact):scripted"]
)
def test_rolled_out_recorded_and_judged_again(teacher: str, tmp_path: Path) -> None:
    make = sml_gym.env_factory("SML-Mixture-v0", envs=BOTH, teacher=teacher, split="test")
    env = make()
    tasks = env.source.take(12)
    jobs = [Job(task.id, seed=i) for i, task in enumerate(tasks)]
    solved = rollout(make, make_student("oracle", env, tasks), jobs)
    assert {episode.solved_at for episode in solved} == {1}
    episodes = rollout(make, make_student("retry", env, tasks), jobs)
    assert all(episode.valid and episode.env_id == "SML-Mixture-v0" for episode in episodes)
    if teacher == "placebo":
        decoys = {turn.notes["placebo"]["task_id"] for episode in episodes for turn in episode.turns}
        assert all(":" in decoy for decoy in decoys)
    again = rescore(episodes, env_of_record(env_options={"envs": BOTH}))
    assert [r.task_from for r in again] == ["source"] * 12
    assert not any(r.changed or r.verdicts_changed for r in again)


def test_results_name_the_domain_of_each_family() -> None:
    env_options = {"envs": BOTH, "env_options": {MATH: {"families": "multiply"}}}
    plan = Plan("SML-Mixture-v0", ("real", "placebo"), n_tasks=16, max_turns=3, env_options=env_options)
    held = evaluate(plan, make_student("listener", plan.env, plan.tasks))
    summary = summarize(held["real"])
    assert f"{MATH}/multiply" in summary["families"]
    assert any(family.startswith(f"{PIECES}/") for family in summary["families"])


def test_domains_that_share_nothing_but_names_of_slots() -> None:
    ids = [MATH, "SML-Code-v0", "SML-Guess-v0", "SML-Rule-v0", "SML-Rule-Isomorph-v0"]
    env = Mixture(dict.fromkeys(ids, 1), max_turns=6)
    check_env(env, n_tasks=8)
    tasks = env.source.take(10)
    assert Counter(home(task.id) for task in tasks) == dict.fromkeys(ids, 2)
    make = sml_gym.env_factory(
        "SML-Mixture-v0", envs=dict.fromkeys(ids, 1), teacher="scripted:3", max_turns=8
    )
    listener = make_student("listener", make(), make().source.take(10))
    held = rollout(make, listener, [Job(task.id, seed=i) for i, task in enumerate(make().source.take(10))])
    assert all(episode.valid for episode in held)
    assert sum(episode.reward == 1.0 for episode in held) >= 6
    twice = [episode for episode in held if "Isomorph" in episode.task_id]
    assert len(twice) == 2
    assert all(episode.probe is not None for episode in twice)


def test_pieces_around_a_mixture() -> None:
    env = Underspecified(Mixture({MATH: 1}), max_turns=6)
    check_env(env)
    assert env.reset(seed=0)[1]["task_id"].startswith(f"{MATH}/")


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = '{"envs": {"SML-Math-v0": 1, "SML-Math-Underspecified-v0": 1}}'
    arguments = [
        "eval",
        "--env",
        "SML-Mixture-v0",
        "--student",
        "retry",
        "--n-tasks",
        "6",
        "--max-turns",
        "3",
    ]
    out = ["--teachers", "real,silent", "--out", str(tmp_path / "run"), "--env-options", options]
    assert main([*arguments, *out]) == 0
    assert "retry" in capsys.readouterr().out
    assert main([*arguments, *out, "--resume"]) == 0


def test_what_cannot_be_mixed_is_refused(tmp_path: Path) -> None:
    for envs, says in (
        (None, "needs environments"),
        ({}, "needs environments"),
        ("SML-Math-v0", "needs environments"),
        ({MATH: 0}, "number above 0"),
        ({MATH: float("nan")}, "number above 0"),
        ({MATH: True}, "number above 0"),
        ({MATH: "much"}, "number above 0"),
        ({MATH: 10**400}, "number above 0"),
        ([MATH], "no pair"),
        ([(3, 1)], "neither an id"),
        ({"SML-Maths-v0": 1}, "Did you mean 'SML-Math-v0'"),
        ([(MathEnv(split="test"), 1)], "Make both with one split"),
    ):
        with pytest.raises(ConfigError, match=says):
            Mixture(envs)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="not in the mixture"):
        Mixture({MATH: 1}, env_options={"SML-Mat-v0": {}})
    for options in ([1], {MATH: 3}):
        with pytest.raises(ConfigError, match="give a mapping from option to value"):
            Mixture({MATH: 1}, env_options=options)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="Set it for the mixture"):
        Mixture({MATH: 1}, env_options={MATH: {"teacher": "silent"}})
    with pytest.raises(ConfigError, match="no option 'famlies'"):
        Mixture({MATH: 1}, env_options={MATH: {"famlies": "rate"}})
    with pytest.raises(ConfigError, match=r"Ids begin with.*SML-Math-v0/\.\.\."):
        Mixture({MATH: 1}).reset(options={"task_id": "rate:1:0"})
    file = tmp_path / "two.jsonl"
    file.write_text('{"problem": "1 + 1?", "answer": "2"}\n{"problem": "1 + 2?", "answer": "3"}\n')
    few = Mixture({MATH: 1, PIECES: 1}, env_options={MATH: {"tasks": str(file)}})
    with pytest.raises(ConfigError, match="SML-Math-v0 cannot give its 5 tasks"):
        few.source.take(10)


def test_a_wave_of_random_dialogues() -> None:
    make = sml_gym.env_factory("SML-Mixture-v0", envs=BOTH)
    student = ScriptedStudent(["Final answer: 3", "What is the next step?", "hm", "Final answer: 4"])
    episodes = rollout(make, student, [Job(seed=i) for i in range(100)], batch_size=40)
    assert all(episode.valid for episode in episodes)
    assert {home(episode.task_id) for episode in episodes} == {MATH, PIECES}
