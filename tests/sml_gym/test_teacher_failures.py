"""A chat teacher that fails, through the whole stack: never a reward, never lost, held again on resume."""

from __future__ import annotations

import json
import math

import gymnasium as gym
import pytest
from chat_server import FAILURES, ChatServer, ServerProcess, say, status

from benchmarks.chat_failures import count, hold
from sml_gym import ConfigError, Job, env_factory, read_episodes, rollout
from sml_gym.cli.main import main
from sml_gym.errors import BudgetSpent
from sml_gym.evaluation import Plan, episodes_file, evaluate
from sml_gym.metrics import failures, solve_at, summarize
from sml_gym.students import ScriptedStudent

STUDENT = ScriptedStudent(["Final answer: 123", "Is that right?", "Final answer: 456"])
JOBS = [Job(seed=i) for i in range(400)]
QUICK = {"retries": 0, "backoff": 0.001}


def unwrapped_spec(server, **options):
    """A teacher whose words are heard as they are, so that what the server says decides alone."""
    return server.spec(**(QUICK | options))


@pytest.mark.parametrize("make", FAILURES, ids=lambda make: make().kind)
def test_an_episode_ends_as_teacher_failed_and_never_as_a_zero(make):
    with ChatServer([say("Look at the sum."), make()]) as server:
        env = gym.make("SML-Math-v0", teacher=unwrapped_spec(server, deadline=2))
        env.reset(seed=1)
        observation, reward, terminated, truncated, info = env.step("Final answer: 123")
        assert (observation, reward, truncated, info["valid"]) == ("Look at the sum.", 0.0, False, True)
        observation, reward, terminated, truncated, info = env.step("Final answer: 124")
        assert observation == "" and math.isnan(reward) and truncated and not terminated
        assert info["stop_reason"] == "teacher_failed" and info["valid"] is False
        assert info["usage"]["teacher_requests"] == 2
        episode = env.unwrapped.episode(student="me")
        assert episode.reward is None and not episode.valid and "tiny" in episode.error
        assert json.loads(json.dumps(episode.to_json()))["reward"] is None


def test_one_step_of_a_vector_sends_all_its_requests_at_once():
    with ChatServer(lambda request: say("Go on.").after(0.5)) as server:
        envs = gym.make_vec("SML-Math-v0", num_envs=16, teacher=unwrapped_spec(server))
        envs.reset(seed=0)
        envs.step(["Final answer: 123"] * 16)
        assert len(server.requests) == 16 == server.most_at_once


def test_a_rollout_keeps_failures_apart_and_their_siblings_whole():
    with ChatServer(lambda r: status(500) if r.number % 5 == 0 else say("Go on.")) as server:
        teacher = unwrapped_spec(server, concurrency=1)
        episodes = rollout(
            env_factory("SML-Math-v0", teacher=teacher, max_turns=3),
            STUDENT,
            JOBS[:30],
        )
        failed = sum(answer.status == 500 for answer in server.answers)
    assert failures(episodes) == {"teacher_failed": failed} and 0 < failed < 30
    summary = summarize(episodes)
    assert summary["n_episodes"] == 30 and summary["n_valid"] == 30 - failed
    assert solve_at(episodes).n_tasks == len({e.task_id for e in episodes if e.valid})
    assert all((e.reward is None) == (e.stop_reason == "teacher_failed") for e in episodes)
    assert sum(e.usage["teacher_requests"] for e in episodes) == len(server.requests)


def test_a_server_that_dies_in_mid_run_fails_what_is_left():
    with ServerProcess("--die-after", "31") as server:
        make = env_factory("SML-Math-v0", teacher=unwrapped_spec(server), max_turns=3)
        episodes = rollout(make, STUDENT, JOBS[:40], batch_size=10)
    assert [e.stop_reason for e in episodes[:10]] == ["turn_limit"] * 10
    assert {e.stop_reason for e in episodes[10:]} == {"teacher_failed"} and len(episodes) == 40


def test_a_wrong_address_is_said_before_any_dialogue_and_costs_no_record(tmp_path):
    with ChatServer([status(404, message="no such model")]) as server:
        plan = Plan("SML-Math-v0", ["real"], unwrapped_spec(server), n_tasks=4, max_turns=2)
        with pytest.raises(ConfigError, match="no such model"):
            evaluate(plan, STUDENT, folder=tmp_path)
        assert not (tmp_path / "real.jsonl").exists()


class TestBudget:
    def test_a_rollout_stops_after_the_wave_and_hands_over_what_it_has(self):
        with ChatServer([say("Go on.")]) as server:
            teacher = unwrapped_spec(server, budget_tokens=3_000)
            make = env_factory("SML-Math-v0", teacher=teacher, max_turns=2)
            seen = []
            with pytest.raises(BudgetSpent) as caught:
                rollout(make, STUDENT, JOBS, batch_size=40, on_episode=seen.append)
            held = caught.value.episodes
            assert len(held) == len(seen) < 400 and len(held) % 40 == 0
            assert all(e.valid for e in held[:-40]) and not all(e.valid for e in held[-40:])
            assert {e.stop_reason for e in held if not e.valid} == {"teacher_failed"}
            asked = len(server.requests)
            with pytest.raises(BudgetSpent):
                rollout(make, STUDENT, [Job(seed=0)])
            assert len(server.requests) == asked

    def test_an_evaluation_says_what_it_saved_and_a_larger_budget_goes_on(self, tmp_path, capsys):
        def run(server, budget, *more):
            return main(
                ["eval", "--student", "random", "--teachers", "real,binary", "--n-tasks", "30", "--max-turns",
                 "2", "--batch-size", "5", "--out", str(tmp_path / "run"), "--real-teacher",
                 server.spec(budget_tokens=budget, **QUICK), *more]
            )  # fmt: skip

        with ChatServer([say("Go on.")]) as server:
            assert run(server, 1_500) == 3
            said = capsys.readouterr().err.strip().splitlines()[-1]
            file = tmp_path / "run" / "episodes" / "real.jsonl"
            before = read_episodes(file)
            sound = sum(e.valid for e in before)
            assert f"{sound} of 60 dialogues are held and saved in" in said and "--resume" in said
            assert 0 < sound < 30 and sound < len(before)
            assert run(server, 10**6) == 2, "without --resume it is refused"
            assert run(server, 10**6, "--resume", "--batch-size", "4") == 2, "nor with another batch"
            asked = len(server.requests)
            assert run(server, 10**6, "--resume") == 0
            after = read_episodes(file)
            assert len(after) == 30 and all(e.valid for e in after)
            assert [e.to_json() for e in after[:sound]] == [e.to_json() for e in before if e.valid]
            again = sum(e.usage["teacher_requests"] for e in after[sound:])
            assert len(server.requests) - asked == again, "nothing was held twice"
            assert json.loads((tmp_path / "run" / "results.json").read_text())["real"]["failures"] == {}

    def test_the_file_of_a_teacher_does_not_depend_on_its_budget(self):
        with ChatServer([say("Go on.")]) as server:
            cheap, dear = server.spec(budget_tokens=10), server.spec(budget_tokens=99, rpm=5, retries=2)
            assert episodes_file(cheap) == episodes_file(dear) != episodes_file(server.spec(temperature=0))
            assert len(episodes_file("openai:" + "m" * 300)) < 250
            assert episodes_file("openai:" + "m" * 300) != episodes_file("openai:" + "m" * 301)


def test_a_resumed_run_replaces_its_failures(tmp_path):
    def script(request):
        return status(500) if request.number < 60 and request.number % 4 == 0 else say("Go on.")

    with ChatServer(script) as server:
        plan = Plan("SML-Math-v0", ["real"], unwrapped_spec(server), n_tasks=20, max_turns=3)
        first = evaluate(plan, STUDENT, folder=tmp_path)["real"]
        failed = [e.task_id for e in first if not e.valid]
        assert 0 < len(failed) < 20 and len(read_episodes(tmp_path / "real.jsonl")) == 20
        asked = len(server.requests)
        while len(server.requests) < 60:  # the server is past its failures
            rollout(env_factory("SML-Math-v0", teacher=unwrapped_spec(server)), STUDENT, [Job(seed=0)])
            asked = len(server.requests)
        second = evaluate(plan, STUDENT, folder=tmp_path)["real"]
        assert [e.task_id for e in second] == [e.task_id for e in first] and all(e.valid for e in second)
        assert len(server.requests) - asked == 3 * len(failed)
        on_disk = read_episodes(tmp_path / "real.jsonl")
        assert len(on_disk) == 20 == len({e.task_id for e in on_disk}) and all(e.valid for e in on_disk)
        assert sorted(p.name for p in tmp_path.iterdir()) == ["real.jsonl"]


def check_a_killed_run(folder, dialogues, **options):
    phases = hold(folder, dialogues, **options)
    figures = count(*phases, dialogues)
    assert figures["lost"] == figures["held_twice"] == figures["changed"] == 0
    assert figures["scored_for_a_failure"] == figures["other_failures"] == 0
    assert figures["failures"] == figures["failures_by_the_log"]
    assert figures["failures"][0] > 0 and dialogues // 2 <= figures["on_disk_when_killed"] < dialogues
    assert figures["failures"][0] <= figures["held_again"] <= 3 * figures["failures"][0]


def test_a_killed_run_against_a_failing_server_loses_nothing_and_counts_right(tmp_path):
    check_a_killed_run(tmp_path, 240, wave=60, share=0.25, seed=1, without="trickle")


@pytest.mark.slow
def test_a_long_run_against_a_failing_server_loses_nothing_and_counts_right(tmp_path):
    check_a_killed_run(tmp_path, 3_000, wave=500, share=0.05, seed=2)
