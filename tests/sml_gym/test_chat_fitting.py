"""A student that talks on and on does not make its teacher fail."""

from __future__ import annotations

import gymnasium as gym
import pytest
from chat_server import ChatServer, say, status

from sml_gym.chat import ChatError, ChatSampling, OpenAIChat
from sml_gym.chat.fitting import is_too_long, shortened

REFUSALS = [
    "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens.",
    "the request exceeds the available context size, try increasing it",
    "Input length 9000 exceeds the maximum allowed length of 4096 tokens",
    "The prompt is too long: 9000 tokens",
]


def small(limit: int, message: str = REFUSALS[0]):
    """A server whose model reads so many characters."""

    def answer(request):
        size = sum(len(said["content"]) for said in request.messages)
        return status(400, message=message) if size > limit else say("Look at the sum.")

    return answer


@pytest.mark.parametrize("message", REFUSALS)
def test_refusals_of_known_servers_are_understood(message):
    assert is_too_long(400, message) and not is_too_long(500, message)


def test_other_refusals_are_not_taken_for_one():
    for message in ("temperature must be at most 2", "unknown field seed", "max_tokens is too large: 9000"):
        assert not is_too_long(400, message)


def test_the_oldest_turns_go_first_and_roles_go_on_alternating():
    turns = [{"role": r, "content": f"{i}"} for i in range(5) for r in ("user", "assistant")]
    chat = [{"role": "system", "content": "rules"}, *turns, {"role": "user", "content": "last"}]
    shorter, lacks = shortened(chat)
    assert lacks == {"dropped_messages": 6}
    assert shorter[0] == chat[0] and shorter[1:] == chat[7:] and shorter[1]["role"] == "user"
    steps = 0
    while (found := shortened(chat)) is not None:
        chat, steps = found[0], steps + 1
    assert [m["content"] for m in chat] == ["rules", "last"] and steps == 3


def test_a_long_message_is_cut_and_the_completion_says_so():
    with ChatServer(small(2_000)) as server:
        model = OpenAIChat("tiny", server.url)
        chat = [{"role": "system", "content": "Teach."}, {"role": "user", "content": "so " * 3_000}]
        [answer] = model.complete([chat], ChatSampling())
    assert answer.text == "Look at the sum."
    assert answer.notes["cut_characters"] > 6_000 and answer.usage["requests"] > 1


def test_rules_that_do_not_fit_by_themselves_are_a_failure():
    with ChatServer(small(100)) as server:
        model = OpenAIChat("tiny", server.url)
        chat = [{"role": "system", "content": "rules " * 100}, {"role": "user", "content": "so " * 300}]
        [answer] = model.complete([chat], ChatSampling())
    assert isinstance(answer, ChatError) and "maximum context length" in str(answer)


def test_a_long_winded_student_is_still_answerable_for_its_outcome():
    with ChatServer(small(9_000)) as server:
        env = gym.make("SML-Math-v0", teacher=f"openai:tiny@{server.url}", max_turns=3).unwrapped
        env.reset(seed=0)
        for _ in range(3):
            *_, info = env.step("Let me think about this. " * 600 + "Final answer: no idea")
        episode = env.episode(student="test")
    assert info["stop_reason"] == "turn_limit" and episode.reward == 0.0
    assert any("cut_characters" in turn.notes["chat"] for turn in episode.turns)
