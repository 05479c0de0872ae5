"""What controls are for: to a student that only follows feedback each is worth what its feedback is worth."""

from __future__ import annotations

from functools import cache

from sml_agents.following import FollowingStudent
from sml_gym import Job, env_factory, rollout


@cache
def solved(teacher: str) -> float:
    """The share of 100 tasks that the student solves within eight turns."""
    make_env = env_factory(
        "SML-Math-v0", teacher=teacher, families=["last_digits_product", "last_digits_sum"], max_turns=8
    )
    student = FollowingStudent(follow=1.0, talk=0.0, seed=1)
    episodes = rollout(make_env, student, [Job(seed=i) for i in range(100)])
    assert all(episode.valid for episode in episodes)
    return sum(episode.reward or 0.0 for episode in episodes) / 100


def test_true_and_timely_feedback_solves_nearly_all_and_what_says_nothing_next_to_none():
    for teacher in ("scripted:2", "verbose:scripted:2", "types(hindsight_negative):scripted:2"):
        assert solved(teacher) > 0.95, teacher
    for teacher in ("retry", "silent", "binary", "types(reward):scripted:2", "placebo:scripted:2"):
        assert solved(teacher) < 0.1, teacher


def test_feedback_at_the_wrong_time_is_worth_next_to_nothing():
    assert solved("delayed(1):scripted:2") < 0.15 and solved("shuffled:scripted:2") < 0.15
    assert solved("delayed(0):scripted:2") == solved("scripted:2")


def test_noise_and_silence_cost_by_their_rate():
    rates = [solved(f"noisy({rate}):scripted:2") for rate in (0, 0.1, 0.3, 1)]
    assert rates[0] == solved("scripted:2") and rates[3] < 0.1
    assert rates[0] > rates[1] > rates[2] > rates[3]
    assert (
        solved("scripted:2") > solved("withholding(0.5):scripted:2") > solved("withholding(0.9):scripted:2")
    )
    assert solved("scripted:2") > solved("terse:scripted:2") > 0.1
