"""Every algorithm learns `SML-Guess-v0` from random weights, and learns nothing from exchanged rewards.

What each can learn differs. Those that train on dialogues with a teacher must come to heed what it says: to
return more than the best student who does not (0.253; perfect play returns 0.539), and more than they do
themselves in the same games with a teacher who only says "try again". With such a teacher all along there is
only to say a number, and another than before; in single turns, to say a number. Offline algorithms learn
that much in a few rounds from a student that solves 4% at first, which is all that is asked of them here.

The standard error of a mean return over 400 games is about 0.018. Seed 0 is tested here. Of weights, games
and sampling, seeds 0, 1 and 2 returned: GRPO 0.335, 0.320, 0.398; with turn credit 0.357, 0.452, 0.425; with
a feedback model 0.334 and 0.336 (two seeds); RLOO 0.340, 0.347 (two); Dr. GRPO 0.353, 0.339, 0.359; GSPO
0.306, 0.305 (two); DAPO 0.307, 0.333, 0.418; CISPO with seeds 1 and 2 0.303, 0.330; PPO 0.358, 0.422, 0.421,
its steps turns 0.403, 0.386 (two). Longer runs are in `benchmarks/guess.py`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from guess_cases import CASES

from benchmarks.guess_game import Score, optimal_return, play, save_random_student, without_feedback

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

HEEDING = (
    "grpo",
    "grpo, turn credit",
    "grpo, feedback model",
    "rloo",
    "dr-grpo",
    "gspo",
    "dapo",
    "cispo",
    "ppo",
    "ppo, steps are turns",
)
"""Those that come to heed the teacher."""

CASES_OF_HEEDING = [
    pytest.param(name, marks=[] if name in ("grpo", "ppo") else pytest.mark.long) for name in HEEDING
]


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_random_student(tmp_path_factory.mktemp("random"))


def played(name: str, model: str, teacher: str = "scripted:1", turns: int = 4) -> Score:
    tokens = CASES[name].more.get("max_tokens_per_turn", 1)
    return play(model, teacher=teacher, tokens=tokens, max_turns=turns)


def gain(name: str, model: str, score: Score) -> float:
    """What the teacher's words are worth: the mean difference to "try again" in the same games."""
    return float(np.mean(np.subtract(score.returns, played(name, model, "retry").returns)))


def test_what_can_be_reached_is_known(start: str) -> None:
    assert optimal_return() == pytest.approx((1 + 2 * 0.7 + 4 * 0.49 + 3 * 0.343) / 10)
    assert without_feedback() == pytest.approx((1 + 0.7 + 0.49 + 0.343) / 10)
    before = play(start)
    assert before.mean_return < 0.1 and before.valid < 0.3


@pytest.mark.parametrize("name", CASES_OF_HEEDING)
def test_it_learns_to_heed_the_teacher(name: str, start: str, tmp_path: Path) -> None:
    model = CASES[name].train(start, tmp_path)
    score = played(name, model)
    assert score.mean_return > without_feedback()
    assert gain(name, model, score) > 0.04
    assert score.valid > 0.9


@pytest.mark.parametrize("name", CASES_OF_HEEDING)
def test_from_exchanged_rewards_it_learns_to_heed_nobody(name: str, start: str, tmp_path: Path) -> None:
    model = CASES[name].train(start, tmp_path, control=True)
    score = played(name, model)
    assert score.mean_return < 0.15
    assert gain(name, model, score) < 0.03


def test_with_distillation_it_learns_to_say_numbers(start: str, tmp_path: Path) -> None:
    """What was right after feedback is learned for the first guess, which cannot know it.

    So the first guess is drawn to all numbers alike, and to heed the teacher takes longer than here.
    """
    name = "grpo, distilled"
    score = played(name, CASES[name].train(start, tmp_path / "true"))
    assert score.valid > 0.85 and score.mean_return > 0.14
    control = played(name, CASES[name].train(start, tmp_path / "control", control=True))
    assert control.valid < 0.5 and control.mean_return < 0.1


def test_without_a_teacher_it_learns_to_say_numbers_and_not_to_repeat_itself(
    start: str, tmp_path: Path
) -> None:
    score = played("retry-rl", CASES["retry-rl"].train(start, tmp_path / "true"))
    assert score.valid > 0.9
    # Numbers drawn anew each turn would return 0.228, and repeat themselves in half of the games.
    assert score.distinct > 0.65
    assert 0.18 < score.mean_return < without_feedback() + 3 * score.error
    control = played("retry-rl", CASES["retry-rl"].train(start, tmp_path / "control", control=True))
    assert control.mean_return < 0.12 and control.valid < 0.6


@pytest.mark.parametrize("name", ["single-turn-rl", "rejection"])
def test_in_single_turns_it_learns_to_say_a_number(name: str, start: str, tmp_path: Path) -> None:
    """Which one says nothing of the hidden one, so a tenth of the games is solved at the first turn."""
    score = played(name, CASES[name].train(start, tmp_path / "true"), turns=1)
    assert score.valid > 0.85
    assert 0.05 < score.mean_return < 0.16
    control = played(name, CASES[name].train(start, tmp_path / "control", control=True), turns=1)
    assert control.valid < 0.6


def test_from_worked_solutions_it_learns_to_say_a_number(start: str, tmp_path: Path) -> None:
    """The solutions are right, so there is no control: `shuffle_rewards` is refused."""
    model = CASES["single-turn-sft"].train(start, tmp_path)
    score = played("single-turn-sft", model, turns=1)
    assert score.valid > 0.85
    assert 0.05 < score.mean_return < 0.16


def test_from_its_own_solved_dialogues_it_learns_to_solve_more(start: str, tmp_path: Path) -> None:
    score = played("offline", CASES["offline"].train(start, tmp_path / "true"))
    assert score.mean_return > 0.14 and score.valid > 0.7
    control = played("offline", CASES["offline"].train(start, tmp_path / "control", control=True))
    assert control.mean_return < 0.1 and control.valid < 0.5


def test_q_priming_teaches_to_solve_and_to_ask(start: str, tmp_path: Path) -> None:
    """Questions stand in its dialogues whatever was solved, so the control comes to ask, and not to solve."""
    before = play(start)
    score = played("q-priming", CASES["q-priming"].train(start, tmp_path / "true"))
    assert score.mean_return > 0.1 and score.valid > 0.5
    assert score.questions > 0
    control = played("q-priming", CASES["q-priming"].train(start, tmp_path / "control", control=True))
    assert control.mean_return < 0.08 and control.valid < 0.4
    assert control.questions > before.questions
