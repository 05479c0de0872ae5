"""Metrics against numbers worked out by hand."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sml_gym import ConfigError, Episode, Outcome, Speaker, StopReason, Turn, Utterance, UtteranceKind
from sml_gym.metrics import (
    dialogue_turns,
    failures,
    feedback_gain,
    leak_rate,
    question_share,
    questions,
    ratio,
    repeat_share,
    solve_at,
    student_chars,
    summarize,
    teacher_chars,
    turns_to_solve,
    usage,
)

QUESTION = "?"


def turn(said: str, *, right: bool = False, feedback: str | None = "No.") -> Turn:
    """An attempt with the answer `said`, or a question."""
    kind = UtteranceKind.QUESTION if said == QUESTION else UtteranceKind.ATTEMPT
    outcome = Outcome.CORRECT if right else Outcome.INCORRECT
    if kind is UtteranceKind.QUESTION:
        outcome = Outcome.NO_ATTEMPT
    answer = said if kind is UtteranceKind.ATTEMPT else None
    return Turn(Utterance(Speaker.STUDENT, said, kind), outcome, answer, feedback)


def episode(task: str, solved_at: int | None, *, max_turns: int = 4, said=None, **changes) -> Episode:
    """A dialogue solved at a turn, or one that took all turns."""
    count = solved_at or max_turns
    words = said or [str(i) for i in range(count)]
    turns = [turn(word, right=solved_at == i) for i, word in enumerate(words, start=1)]
    stop = StopReason.TURN_LIMIT if solved_at is None else StopReason.SOLVED
    fields = {
        "env_id": "Toy-v0",
        "task_id": task,
        "split": "test",
        "opening": f"Problem {task}",
        "turns": turns,
        "stop_reason": stop,
        "reward": 0.0 if solved_at is None else 1.0,
        "seed": 0,
        "teacher": "scripted:2",
        "student": "toy",
        "max_turns": max_turns,
    }
    return Episode(**{**fields, **changes})


def failed(task: str) -> Episode:
    return episode(task, None, stop_reason=StopReason.TEACHER_FAILED, reward=None)


def test_solve_at_counts_tasks_solved_within_k_turns():
    curve = solve_at([episode("a", 1), episode("b", 3), episode("c", None), episode("d", 4)])
    assert curve.values == (0.25, 0.25, 0.5, 0.75)
    assert curve.n_tasks == 4
    assert curve.at(3).value == 0.5


def test_several_dialogues_about_one_task_count_as_one_task():
    curve = solve_at([episode("a", 1), episode("a", None), episode("b", None)])
    assert curve.values == (0.25, 0.25, 0.25, 0.25)
    assert curve.n_tasks == 2


def test_the_same_id_in_another_split_is_another_task():
    assert solve_at([episode("a", 1), episode("a", None, split="train")]).n_tasks == 2


def test_failed_dialogues_are_in_no_share():
    curve = solve_at([episode("a", 1), failed("b"), failed("c")])
    assert curve.values == (1.0,) * 4
    assert curve.n_tasks == 1
    assert failures([episode("a", 1), failed("b"), failed("c")]) == {"teacher_failed": 2}


@pytest.mark.parametrize("episodes", [[], [failed("a")]])
def test_where_nothing_is_valid_there_is_no_number(episodes):
    curve = solve_at(episodes, 3)
    assert curve.values == (None, None, None)
    assert curve.ci95 == (None, None, None)
    assert feedback_gain(episodes, episodes).value is None
    summary = summarize(episodes, 3)
    assert summary["solve_at"] == [None] * 3
    assert summary["turns_to_solve"] == {"value": None, "ci95": None, "n_tasks": 0}
    assert summary["n_valid"] == 0
    json.dumps(summary, allow_nan=False)


def test_k_beyond_the_turn_limit_is_refused():
    with pytest.raises(ConfigError, match="max_turns=5"):
        solve_at([episode("a", None)], 5)
    with pytest.raises(ConfigError, match="from 1 to 4"):
        solve_at([episode("a", None)], 0)


def test_feedback_gain_pairs_by_task():
    real = [episode("a", 2), episode("b", 2), episode("c", None), episode("only here", 1)]
    placebo = [episode("c", None), episode("b", 4), episode("a", None)]
    gain = feedback_gain(real, placebo)
    assert gain.n_tasks == 3
    assert gain.value == pytest.approx(1 / 3)
    assert feedback_gain(real, placebo, 2).value == pytest.approx(2 / 3)


def test_pairing_takes_out_what_tasks_have_in_common():
    """Real and placebo are solved on the same tasks: the difference is 0 with certainty."""
    outcomes = [1 if i % 2 else None for i in range(40)]
    real = [episode(str(i), outcome) for i, outcome in enumerate(outcomes)]
    assert feedback_gain(real, list(real)).ci95 == (0.0, 0.0)
    low, high = solve_at(real).ci95[3]
    assert high - low > 0.2  # the share itself is far from certain


def test_a_task_that_failed_under_one_teacher_is_in_no_pair():
    gain = feedback_gain([episode("a", 1), episode("b", 1)], [episode("a", None), failed("b")])
    assert gain.n_tasks == 1
    assert gain.value == 1.0


def test_turns_to_solve_is_over_the_solved_alone():
    estimate = turns_to_solve([episode("a", 1), episode("b", 4), episode("c", None)])
    assert estimate.value == 2.5
    assert estimate.n_tasks == 2


def test_shares_and_lengths():
    episodes = [
        episode("a", None, said=["?", "11", "11", "7"]),
        episode("b", 2, said=["5", "66"]),
        failed("c"),
    ]
    assert question_share(episodes).value == pytest.approx(1 / 6)
    # Attempts after the first: 2 and 1; one of them repeats.
    assert repeat_share(episodes).value == pytest.approx(1 / 3)
    assert dialogue_turns(episodes).value == 3.0
    assert student_chars(episodes).value == pytest.approx((1 + 2 + 2 + 1 + 1 + 2) / 6)
    assert teacher_chars(episodes).value == 3.0


def test_summary_has_each_family_and_is_json():
    episodes = [episode("a", 1, family="x"), episode("b", None, family="x"), episode("c", 2, family="y")]
    summary = summarize(episodes)
    assert summary["families"]["x"]["solve_at"] == [0.5] * 4
    assert summary["families"]["y"]["solve_at"] == [0.0, 1.0, 1.0, 1.0]
    assert len(summary["ci95"]) == 4
    json.dumps(summary, allow_nan=False)


def test_intervals_are_the_same_for_the_same_seed_and_differ_for_others():
    episodes = [episode(str(i), 1 if i % 3 else None) for i in range(50)]
    assert solve_at(episodes, seed=1) == solve_at(episodes, seed=1)
    assert solve_at(episodes, seed=1).ci95 != solve_at(episodes, seed=2).ci95


def test_the_interval_of_a_share_is_near_the_normal_one():
    n, p = 400, 0.3
    episodes = [episode(str(i), 1 if i < n * p else None) for i in range(n)]
    low, high = solve_at(episodes, resamples=8_000).ci95[0]
    half = 1.96 * np.sqrt(p * (1 - p) / n)
    assert low == pytest.approx(p - half, abs=0.006)
    assert high == pytest.approx(p + half, abs=0.006)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    truth, inside = 0.4, 0
    for trial in range(400):
        sample = (rng.random(80) < truth).astype(float)
        low, high = ratio(sample, [1.0] * 80, seed=trial, resamples=500).ci95
        inside += low <= truth <= high
    assert 0.91 <= inside / 400 <= 0.98


def test_large_sets_are_resampled_in_pieces():
    values = np.arange(30_000) % 2
    estimate = ratio(values, np.ones(30_000), resamples=300)
    assert estimate.value == 0.5
    assert 0.49 < estimate.ci95[0] < 0.5 < estimate.ci95[1] < 0.51


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(1, 6)), min_size=1, max_size=20))
def test_curves_rise_and_intervals_are_shares(outcomes):
    curve = solve_at([episode(str(i), o, max_turns=6) for i, o in enumerate(outcomes)], resamples=200)
    assert list(curve.values) == sorted(curve.values)
    assert curve.values[-1] == pytest.approx(np.mean([o is not None for o in outcomes]))
    for low, high in curve.ci95:
        assert 0 <= low <= high <= 1


def guarded(leaks: str, **changes) -> Episode:
    """`L` is a feedback that leaked, `c` one that a guard found clean, `-` one that no guard checked."""
    held = episode(
        changes.pop("task_id", "a"), None, said=["1"] * len(leaks), max_turns=len(leaks), **changes
    )
    for one, mark in zip(held.turns, leaks, strict=True):
        if mark != "-":
            one.notes = {"guard": {"policy": "flag", "leak": mark == "L"}}
    return held


def test_leaks_are_counted_among_what_a_guard_checked():
    held = [guarded("Lcc-", task_id="a"), guarded("cc", task_id="b"), guarded("--", task_id="c")]
    assert leak_rate(held).value == pytest.approx(1 / 5)
    assert leak_rate(held, of_dialogues=True).value == pytest.approx(1 / 2)
    assert leak_rate(held[2:]).value is None
    # A leak that ended its dialogue is no outcome, but a leak; so is one before another failure.
    ended = guarded("cL", stop_reason=StopReason.LEAKED, reward=None, task_id="d")
    failed_later = guarded("Lc", stop_reason=StopReason.TEACHER_FAILED, reward=None, task_id="e")
    assert leak_rate([ended]).value == 0.5
    assert leak_rate([*held, ended, failed_later]).value == pytest.approx(3 / 9)
    assert failures([*held, ended, failed_later]) == {"leaked": 1, "teacher_failed": 1}
    odd = episode("f", None, said=["1"])
    odd.turns[0].notes = {"guard": "yes"}  # anyone may write notes
    assert leak_rate([odd]).value is None


def test_costs_are_counted_apart_and_failed_dialogues_cost_too():
    held = [
        episode("a", 1, usage={"student_tokens": 5, "teacher_cost": 0.5, "teacher_input_tokens": 10}),
        episode("b", 1, usage={"teacher_cost": 0.25, "judge_requests": 2, "other_cost": 9}),
        episode("c", None, usage={"teacher_cost": 0.25}, stop_reason=StopReason.TEACHER_FAILED, reward=None),
    ]
    assert usage(held) == {
        "student": {"tokens": 5},
        "teacher": {"cost": 1.0, "input_tokens": 10},
        "judge": {"requests": 2},
    }
    assert usage([]) == {}
    summary = summarize(held)
    assert summary["usage"]["teacher"]["cost"] == 1.0
    assert summary["usage_per_dialogue"]["teacher"]["cost"] == pytest.approx(1 / 3)
    assert summary["failures"] == {"teacher_failed": 1}
    json.dumps(summary, allow_nan=False)


def test_questions_are_counted_per_dialogue():
    held = [episode("a", None, said=["?", "?", "7", "8"]), episode("b", 2, said=["5", "66"]), failed("c")]
    assert questions(held).value == 1.0
    assert summarize(held)["questions"]["value"] == 1.0
    assert summarize(held)["leak_rate"]["value"] is None
