"""Many dialogues at once."""

from __future__ import annotations

import warnings

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode

from sml_gym import ConfigError, Feedback

WRONG = ("Final answer: nope",) * 3


class CountingTeacher:
    name = "counting"

    def __init__(self):
        self.calls = []

    def reply(self, contexts):
        self.calls.append(len(contexts))
        return [Feedback(f"reply {context.turn}") for context in contexts]


@pytest.mark.parametrize("mode", ["sync", "async", "vector_entry_point"])
def test_all_three_modes_give_the_same_dialogues(spelling_id, mode):
    kwargs = {"vector_kwargs": {"shared_memory": False}} if mode == "async" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        envs = gym.make_vec("Spelling-v0", num_envs=3, vectorization_mode=mode, **kwargs)
    try:
        problems, _ = envs.reset(seed=11)
        singles = [gym.make(spelling_id) for _ in range(3)]
        assert problems == tuple(env.reset(seed=11 + i)[0] for i, env in enumerate(singles))
        feedback, rewards, terminated, truncated, infos = envs.step(WRONG)
        assert feedback == tuple(env.step(WRONG[0])[0] for env in singles)
        assert rewards.tolist() == [0.0] * 3 and not terminated.any() and not truncated.any()
        assert list(infos["verdict"]) == ["incorrect"] * 3
        assert envs.observation_space.contains(feedback)
    finally:
        envs.close()


def test_make_vec_without_a_mode_is_ours_and_calls_the_teacher_once_a_step(spelling_id):
    teacher = CountingTeacher()
    envs = gym.make_vec(spelling_id, num_envs=5, teacher=teacher)
    envs.reset(seed=0)
    envs.step(["hm"] * 5)
    envs.step(["hm"] * 5)
    assert teacher.calls == [5, 5]


def test_specs_can_be_serialised(spelling_id):
    assert gym.make(spelling_id, max_turns=3).spec.to_json()
    assert gym.make_vec(spelling_id, num_envs=2, max_turns=3).spec.to_json()


def test_same_step_autoreset_keeps_the_last_feedback_and_info(spelling_id):
    envs = gym.make_vec(spelling_id, num_envs=2, max_turns=1, teacher=CountingTeacher())
    assert envs.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    first, _ = envs.reset(seed=0)
    second, _, _, truncated, infos = envs.step(["a", "b"])
    assert truncated.all() and second != first and all(text.startswith("Write") for text in second)
    assert list(infos["final_obs"]) == ["reply 1", "reply 1"]
    assert list(infos["final_info"]["stop_reason"]) == ["turn_limit"] * 2
    assert [m[1]["content"] for m in infos["final_info"]["messages"]] == ["a", "b"]
    assert [len(m) for m in infos["messages"]] == [1, 1]


def test_next_step_autoreset_ignores_the_action_that_follows_an_end(spelling_id):
    envs = gym.make_vec(spelling_id, num_envs=2, max_turns=1, autoreset_mode="NextStep")
    envs.reset(seed=0)
    _, _, _, truncated, infos = envs.step(["a", "b"])
    assert truncated.all() and "final_obs" not in infos
    problems, rewards, _, truncated, infos = envs.step(["ignored", "ignored"])
    assert not truncated.any() and not rewards.any()
    assert all(text.startswith("Write") for text in problems) and list(infos["turn"]) == [0, 0]


def test_disabled_autoreset_wants_a_reset_mask(spelling_id):
    envs = gym.make_vec(spelling_id, num_envs=2, max_turns=2, autoreset_mode=AutoresetMode.DISABLED)
    envs.reset(seed=0)
    answer = envs.envs[0].task.private.reveal().answer
    kept, _, terminated, _, _ = envs.step([f"Final answer: {answer}", "hm"])
    assert terminated.tolist() == [True, False]
    with pytest.raises(ResetNeeded, match="reset_mask"):
        envs.step(["a", "b"])
    again, infos = envs.reset(options={"reset_mask": np.array([True, False])})
    assert again[0].startswith("Write") and again[1] == kept[1] and infos["_turn"].tolist() == [True, False]
    envs.step(["a", "b"])
    assert [env.dialogue.turn for env in envs.envs] == [1, 2]


def test_a_failing_teacher_ends_all_dialogues_of_the_step_without_reward(spelling_id):
    class Down:
        name = "down"

        def reply(self, contexts):
            raise ConnectionError("refused")

    envs = gym.make_vec(spelling_id, num_envs=2, teacher=Down(), autoreset_mode="Disabled")
    envs.reset(seed=0)
    _, rewards, _, truncated, infos = envs.step(["a", "b"])
    assert np.isnan(rewards).all() and truncated.all()
    assert list(infos["stop_reason"]) == ["teacher_failed"] * 2 and not infos["valid"].any()


def test_bad_arguments_name_the_remedy(spelling_id):
    with pytest.raises(ConfigError, match="SameStep"):
        gym.make_vec(spelling_id, num_envs=2, autoreset_mode="SameStp")
    with pytest.raises(ConfigError, match="at least 1"):
        gym.make_vec(spelling_id, num_envs=0)
    envs = gym.make_vec(spelling_id, num_envs=2)
    with pytest.raises(ResetNeeded):
        envs.step(["a", "b"])
    with pytest.raises(ConfigError, match="seeds"):
        envs.reset(seed=[1, 2, 3])
    envs.reset(seed=[1, None])
    with pytest.raises(ValueError, match="one each"):
        envs.step(["a"])


def test_an_action_that_is_no_text_is_refused_before_any_dialogue_hears_its_own(spelling_id):
    envs = gym.make_vec(spelling_id, num_envs=2)
    envs.reset(seed=0)
    with pytest.raises(TypeError, match="An utterance is a str"):
        envs.step(["a", 1])
    assert [env.dialogue.turn for env in envs.envs] == [0, 0]


def test_a_teachers_bad_answer_ends_only_its_own_dialogue(spelling_id):
    class Hasty:
        name = "hasty"

        def reply(self, contexts):
            return [Feedback("Go on."), None]

    envs = gym.make_vec(spelling_id, num_envs=2, teacher=Hasty(), autoreset_mode="Disabled")
    envs.reset(seed=0)
    _, rewards, _, truncated, infos = envs.step(["a", "b"])
    assert rewards[0] == 0.0 and np.isnan(rewards[1])
    assert truncated.tolist() == [False, True] and infos["valid"].tolist() == [True, False]
