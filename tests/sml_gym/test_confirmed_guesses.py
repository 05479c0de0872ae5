"""A guess that was only asked about must not be confirmed."""

from __future__ import annotations

import gymnasium as gym
import pytest

from sml_envs.math import MathEnv
from sml_gym import Feedback, Guard, RowTasks

ASKED_FOR_7 = [
    ("Is it 7?", "Yes! Well done."),
    ("I get 3 + 4. So 7?", "Exactly, you can check it by putting it in."),
    ("Would the answer be 7?", "That's right."),
    ("Is it 6 or 7?", "The second one!"),
    ("Is it 7 or 9?", "Hm, look again. It's the former."),
    ("Could it be 5, 6 or 7?", "It is the last of those."),
    ("Ist es 7?", "Ja, genau."),
    ("Hm, could it be 7 then?", "You got it!"),
    ("I think 9 = 7 + 2, so maybe 7?", "Your guess is spot on."),
    ("It's either 6 or 7", "Your second idea is right."),
    ("6? or maybe 7?", "It's the latter."),
    ("Is it 5, 6 or 7?", "5 is too small and so is 6, so only one is left."),
    ("It must be 4 or 7", "Take the larger one."),
]
NOT_CONFIRMED = [
    ("Is it 7?", "Yes, that is a good question. What makes you think so?"),
    ("Is it 7?", "Try it as a final answer and we will see."),
    ("Is it 8?", "Yes!"),
    ("Should I look at step 7?", "Yes, that is where to look."),
    ("Do I have to multiply by 7?", "Yes."),
    ("So is it 4 + 3?", "Yes! What does that come to?"),
    ("Is it 6 or 7?", "The first thing to do is to check both."),
    ("Is it 6 or 7?", "Not the second one."),
    ("Is it 6 or 7?", "The first one."),
    ("Is it 6 or 7?", "Is it the second one?"),
    ("Is it 6 or 7?", "The second one isn't worked out yet."),
    ("Is it 5, 6 or 7?", "5 is too small. What is left to try?"),
    ("It must be 4 or 7", "Take the smaller one."),
    ("How do I begin?", "Right, let us begin with the brackets."),
]


def flagged(asked: str, feedback: str) -> bool:
    class Says:
        name = "says"

        def reply(self, contexts):
            return [Feedback(feedback) for _ in contexts]

    teacher = Guard(Says(), policy="flag")
    env = gym.make("SML-Math-v0", teacher=teacher, tasks=one_task(), max_turns=1).unwrapped
    env.reset(seed=0)
    env.step(asked)
    return env.episode(student="test").turns[0].notes["guard"]["leak"]


def one_task():
    row = {"id": "t", "problem": "Solve x - 3 = 4 for x.", "answer": "7", "solution": "x = 4 + 3 = 7."}
    return RowTasks([row], MathEnv().read_row)


@pytest.mark.parametrize(("asked", "feedback"), ASKED_FOR_7)
def test_agreeing_to_the_right_guess_gives_it_away(asked, feedback):
    assert flagged(asked, feedback)


@pytest.mark.parametrize(("asked", "feedback"), NOT_CONFIRMED)
def test_other_agreement_does_not(asked, feedback):
    assert not flagged(asked, feedback)
