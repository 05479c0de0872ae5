"""Controls around a chat teacher: what the model is then sent, and that a guard inside is not misled."""

from __future__ import annotations

import pytest

from sml_envs.math import MathEnv
from sml_gym import Feedback
from sml_gym.chat import Completion
from sml_gym.teachers.chat import ChatTeacher
from sml_gym.teachers.controls import WithholdingTeacher
from sml_gym.teachers.earlier import DelayedTeacher, ShuffledTeacher
from sml_gym.teachers.guard import Guard
from sml_gym.teachers.noise import NoisyTeacher
from sml_gym.teachers.placebo import PlaceboTeacher
from sml_gym.teachers.telling import TerseTeacher, TypesTeacher, VerboseTeacher
from sml_gym.teachers.wording import CORE_PHRASES

SAID = ["Final answer: 12", "What is the next step?", "Final answer: 1 or 2", "Final answer: 14"]


class Listener:
    """A chat model that keeps what it is sent."""

    name = "listener"

    def __init__(self):
        self.chats = []

    def complete(self, chats, sampling, *, seeds=None):
        self.chats += [[dict(message) for message in chat] for chat in chats]
        return [Completion("Go ahead.", {"requests": 1, "output_tokens": 2}) for _ in chats]

    def describe(self):
        return {}


def talk(wrap, seed=3):
    model = Listener()
    env = MathEnv(teacher=wrap(ChatTeacher(model)), families=["word_problem"], max_turns=len(SAID))
    env.reset(seed=seed)
    for text in SAID:
        env.step(text)
    assert env.error == ""
    return env, model.chats


def test_a_placebo_s_model_meets_the_other_task_alone():
    env, chats = talk(PlaceboTeacher)
    decoy = env.source.get(env.episode(student="t").turns[0].notes["placebo"]["task_id"])
    reference = env.task.private.reveal()
    for turn, chat in enumerate(chats, start=1):
        sent = "\n".join(message["content"] for message in chat)
        assert decoy.problem in sent and env.task.problem not in sent
        assert not any(step.text in sent for step in reference.steps)
        assert [m["content"] for m in chat if m["role"] == "user"] == SAID[:turn]


def test_noise_misleads_a_chat_model_about_verdict_and_facts():
    env, chats = talk(lambda inner: NoisyTeacher(inner, 1.0))
    assert "It is CORRECT" in chats[0][0]["content"] and "It is WRONG" not in chats[0][0]["content"]
    turn = env.episode(student="t").turns[0]
    assert turn.outcome == "incorrect" and turn.reward == 0.0
    pairs = turn.notes["noise"]["replaced"]
    assert {"truth": {"kind": "verdict.incorrect", "slots": {}}}.items() <= pairs[0].items()
    bank = {**CORE_PHRASES, **env.phrases}
    for pair in pairs:
        sent = chats[0][0]["content"]
        told, truth = pair["told"], pair["truth"]
        assert any(phrase.format_map(told["slots"]) in sent for phrase in bank[told["kind"]])
        assert not any(phrase.format_map(truth["slots"]) in sent for phrase in bank[truth["kind"]])


def test_delayed_and_shuffled_send_the_dialogue_as_it_was():
    _, chats = talk(lambda inner: DelayedTeacher(inner, 1))
    assert [[m["content"] for m in chat if m["role"] == "user"] for chat in chats] == [
        SAID[:1],
        SAID[:2],
        SAID[:3],
    ]
    env, chats = talk(ShuffledTeacher)
    of = [turn.notes["shuffled"]["turn"] for turn in env.episode(student="t").turns]
    assert [sum(m["role"] == "user" for m in chat) for chat in chats] == of[1:]


def test_types_and_length_stand_in_the_prompt():
    _, chats = talk(lambda inner: TypesTeacher(VerboseTeacher(inner), ["future_negative"]))
    _, short = talk(TerseTeacher)
    system, other = chats[0][0]["content"], short[0][0]["content"]
    assert "say what not to do next" in system and "say what not to do next" not in other
    assert "at length" in system and "one short sentence" in other


def test_withheld_turns_send_no_request_and_cost_nothing():
    env, chats = talk(lambda inner: WithholdingTeacher(inner, 1.0))
    assert len(chats) == 1  # the question
    assert env.episode(student="t").usage["teacher_requests"] == 1


@pytest.mark.parametrize("seed", range(5))
def test_a_guard_inside_noise_still_guards(seed):
    class Blabber:
        name, free_spoken = "blabber", True

        def reply(self, contexts):
            return [Feedback(f"The answer is {c.task.private.reveal().answer}.") for c in contexts]

    env = MathEnv(teacher=NoisyTeacher(Guard(Blabber()), 1.0), families=["word_problem"])
    env.reset(seed=seed)
    words = env.step("Final answer: 7")[0]  # the guard is told that this is correct, which it is not
    assert env.task.private.reveal().answer not in words
