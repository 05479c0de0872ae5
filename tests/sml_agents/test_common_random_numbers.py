"""The members of a GRPO group meet the same teacher when asked: equal words get equal feedback."""

from __future__ import annotations

import dataclasses

import pytest

from sml_agents.grpo import GRPOOptions, step_jobs
from sml_gym import Episode, env_factory, make_teacher, rollout
from sml_gym.chat import Completion
from sml_gym.cli.options import field_help
from sml_gym.rollout import Reply
from sml_gym.teachers.chat import ChatTeacher

OPTIONS = GRPOOptions(problems_per_step=6, group_size=4, max_turns=4)
SPECS = (
    "scripted:3",
    "noisy(0.5):scripted:3",
    "withholding(0.5):scripted:2",
    "shuffled:scripted:3",
    "placebo:noisy(0.3):scripted:3",
    "noisy(0.2):delayed(1):types(hindsight_negative):scripted:3",
)


class Forking:
    """Members of a group speak alike up to a turn that depends on the member, and differ from there."""

    name = "forking"

    def __init__(self):
        self._number = {}

    def reply(self, dialogues):
        for dialogue in dialogues:
            self._number.setdefault(id(dialogue), len(self._number) % OPTIONS.group_size)
        return [
            Reply(f"Final answer: {11 + d.turn + (700 if d.turn > self._number[id(d)] else 0)}")
            for d in dialogues
        ]


def held(teacher, *, common: bool) -> list[list[Episode]]:
    options = dataclasses.replace(OPTIONS, common_random_numbers=common)
    make_env = env_factory("SML-Math-v0", teacher=teacher, families=["word_problem"], max_turns=4)
    episodes = rollout(make_env, Forking(), step_jobs(options, step=3))
    size = options.group_size
    return [episodes[i : i + size] for i in range(0, len(episodes), size)]


def heard(groups: list[list[Episode]]) -> list[dict[tuple[str, ...], set[str]]]:
    """For each group, what was said in reply to each course of a student's words."""
    found = []
    for group in groups:
        replies: dict[tuple[str, ...], set[str]] = {}
        assert len({episode.task_id for episode in group}) == 1
        for episode in group:
            for number, turn in enumerate(episode.turns, start=1):
                course = tuple(turn.student.text for turn in episode.turns[:number])
                assert turn.feedback is not None
                replies.setdefault(course, set()).add(turn.feedback)
        found.append(replies)
    return found


@pytest.mark.parametrize("spec", SPECS)
def test_equal_words_get_equal_feedback_in_a_group(spec):
    common = heard(held(make_teacher(spec), common=True))
    assert all(len(said) == 1 for group in common for said in group.values())
    assert any(len(group) > 4 for group in common)  # the members did go apart
    apart = heard(held(make_teacher(spec), common=False))
    assert any(len(said) > 1 for group in apart for said in group.values())


def test_a_chat_model_gets_equal_seeds_in_a_group():
    class Listener:
        name = "listener"

        def __init__(self):
            self.seeds = []

        def complete(self, chats, sampling, *, seeds=None):
            self.seeds.append(list(seeds))
            return [Completion("Go ahead.") for _ in chats]

        def describe(self):
            return {}

    for common, distinct in ((True, 6), (False, 24)):
        model = Listener()
        held(ChatTeacher(model), common=common)
        assert [len(set(seeds)) for seeds in model.seeds] == [distinct] * 4


def test_it_can_be_asked_for_on_the_command_line():
    assert "same teacher seed" in field_help(GRPOOptions)["common_random_numbers"]
