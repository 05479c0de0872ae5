"""The guard on what may be said to break it, and on answers of odd kinds."""

from __future__ import annotations

import json

import gymnasium as gym
import pytest
from code_domain import CodeEnv
from text_domain import TextEnv

from sml_gym import Feedback, Guard, StopReason
from sml_gym.leaks import confirmation
from sml_gym.leaks.redaction import NOTHING_LEFT


class Says:
    """A teacher that says one text."""

    name = "says"

    def __init__(self, text):
        self.text = text

    def reply(self, contexts):
        return [Feedback(self.text) for _ in contexts]


def math(**options):
    return gym.make("SML-Math-v0", **options).unwrapped


def hold(tmp_path, answer, said, feedback, *, env=math, problem="What is it?", policy="redact", **fields):
    """One turn of a dialogue under a guard, as its episode."""
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"id": "t", "problem": problem, "answer": answer, **fields}), "utf-8")
    made = env(tasks=path, teacher=Guard(Says(feedback), policy), max_turns=1)
    made.reset(seed=0)
    made.step(said)
    return made.episode(student="test")


def flagged(episode):
    assert episode.valid, episode.error
    return episode.turns[0].notes["guard"]["leak"]


HUGE = [
    "1e400",
    "1e-400",
    "7e999",
    "3.5 * 10^700",
    "-2e-999",
    "1e61",
    "9e999/1e999",
    "1e400%",
    "1e400 million",
]


@pytest.mark.parametrize("number", HUGE)
def test_huge_numbers_break_no_check(tmp_path, number):
    """A student who could make the check fail would be spared its reward of 0."""
    episode = hold(tmp_path, "42", f"Final answer: {number}", f"No, {number} is far away from it.")
    assert episode.stop_reason is StopReason.TURN_LIMIT and episode.reward == 0 and not flagged(episode)
    assert flagged(hold(tmp_path, "1e400", "Final answer: 1", "The answer is 1e400."))


def test_a_question_full_of_programs_that_do_not_end_takes_no_longer_than_one(tmp_path, monkeypatch):
    checked = []

    class Counting(CodeEnv):
        def statements(self, task, text):
            checked.append(text)
            return super().statements(task, text)

    monkeypatch.setattr(confirmation, "PROGRAM_SECONDS", 0.0)
    endless = "`double = lambda x: sum(range(10**12))`"
    fields = {"tests": [{"call": "double(4)", "expect": 8}]}
    episode = hold(
        tmp_path,
        "def double(x): return 2 * x",
        f"Is it {' or '.join([endless] * 40)}?",
        "Yes!",
        env=Counting,
        **fields,
    )
    assert not flagged(episode) and len(checked) <= 2


@pytest.mark.parametrize("answer", ["<", "=", "🎉", "(", "e", "π", "a"])
def test_answers_of_one_sign_are_found_where_they_are_named(tmp_path, answer):
    for feedback in (f"Not yet. The answer is {answer}.", f'Look again! The answer is "{answer}".', answer):
        episode = hold(tmp_path, answer, "Final answer: 987", feedback, env=TextEnv)
        assert flagged(episode), feedback
        left = episode.turns[0].feedback
        assert left == NOTHING_LEFT or f"is {answer}" not in left
    for innocent in (
        "The answer is a number, so 3 < 5 = 2 + 3.",
        "Let x be i times e (π is a letter). 🎉 Go on!",
    ):
        assert not flagged(hold(tmp_path, answer, "Final answer: 987", innocent, env=TextEnv)), innocent


ESSAY = (
    "The treasury was empty after costly wars, bad harvests had made bread dear, and the third estate paid "
    "nearly all the taxes while it had hardly any say. When the estates met, its delegates refused to vote "
    "by order and declared themselves a national assembly. The storming of the Bastille followed in July of "
    "the same year, and with it came the end of the old regime, of tithes, of serfdom and of inherited "
    "privilege in the whole of France."
)


@pytest.mark.parametrize("length", [110, 250, len(ESSAY)])
def test_answers_in_many_words_are_found_whole_and_in_parts(tmp_path, length):
    answer = ESSAY[:length].strip()
    for told in (answer, answer[: len(answer) // 2 + 40]):
        episode = hold(tmp_path, answer, "Final answer: 987", f"Write this. {told}", env=TextEnv)
        assert flagged(episode) and told[20:90] not in episode.turns[0].feedback
    innocent = "Name the money, the harvests and the taxes, and say what happened in July."
    assert not flagged(hold(tmp_path, answer, "Final answer: 987", innocent, env=TextEnv))


OPTIONS = "Which gas do we need? A) nitrogen B) oxygen C) helium"
LEFTOVERS = [
    ("math", "5", "Find the logarithm of 32 to base 2.", "2^5 = 32, so the logarithm is 5. Try 9.", "5"),
    (
        "math",
        "5",
        "A side is 8, the perimeter 26. How wide is it?",
        "It is 5, as 2·8 + 2·5 = 26. Go on.",
        "5",
    ),
    ("math", "-5", "It is 4 degrees and gets 9 colder.", "Take 9 from 4: 4 − 9 = −5. Good luck!", "9 ="),
    ("math", "144", "How many tiles?", "Tiles come in boxes. Buy twelve dozen or 144 pieces.", "144"),
    ("text", "B", OPTIONS, "Read it again. Choose B, oxygen.", "oxygen"),
    ("text", "B", OPTIONS, "Read it again. B is right, because we breathe oxygen.", "oxygen"),
    ("text", "oxygen", OPTIONS, "Read it again. The answer is oxygen, so B.", "B"),
]


@pytest.mark.parametrize(("domain", "answer", "problem", "feedback", "secret"), LEFTOVERS)
def test_what_is_left_beside_a_leak_does_not_tell_the_answer(
    tmp_path, domain, answer, problem, feedback, secret
):
    env = {"math": math, "text": TextEnv}[domain]
    left = hold(tmp_path, answer, "Final answer: 987", feedback, env=env, problem=problem)
    heard = left.turns[0].feedback
    assert flagged(left) and secret not in heard and heard != NOTHING_LEFT, heard
