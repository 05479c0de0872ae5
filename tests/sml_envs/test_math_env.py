"""`SML-Math-v0` as a user meets it: options, ids, a dialogue."""

from __future__ import annotations

import gymnasium as gym
import pytest

import sml_gym  # noqa: F401
from sml_envs.math import MathEnv
from sml_envs.math.families import FAMILIES, TOPICS
from sml_gym import ConfigError


def test_all_families_and_levels_are_drawn_by_default() -> None:
    tasks = MathEnv().source.take(3000)
    cells = {(family.name, level) for family in FAMILIES for level in family.levels}
    assert {(task.family, task.level) for task in tasks} == cells


def test_a_topic_stands_for_its_families() -> None:
    tasks = MathEnv(families=["fractions", "gcd"]).source.take(300)
    assert {task.family for task in tasks} == {family.name for family in TOPICS["fractions"]} | {"gcd"}


def test_levels_are_chosen_and_families_without_them_left_out() -> None:
    tasks = MathEnv(families=["linear_equation", "gcd"], levels=4).source.take(50)
    assert {(task.family, task.level) for task in tasks} == {("linear_equation", 4)}


def test_unknown_names_are_met_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'fractions'"):
        MathEnv(families="fractoins")
    with pytest.raises(ConfigError, match="Did you mean 'gcd'"):
        MathEnv(families=["gdc"])
    with pytest.raises(ConfigError, match="level"):
        MathEnv(families="gcd", levels=[9])
    with pytest.raises(ConfigError, match="give names"):
        MathEnv(families=5)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="Known"):
        MathEnv(families=[5])  # type: ignore[list-item]
    for levels in ("1", 1.0):
        with pytest.raises(ConfigError, match="give whole numbers"):
            MathEnv(levels=levels)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="No maths family"):
        MathEnv(families=[])
    with pytest.raises(ConfigError, match="Did you mean 'families'"):
        MathEnv(famillies="gcd")  # type: ignore[call-arg]


def test_a_task_comes_back_by_its_id() -> None:
    env = MathEnv()
    task = env.source.take(1)[0]
    text, info = env.reset(options={"task_id": task.id})
    assert text == task.problem
    assert info["task_id"] == task.id


def test_a_dialogue_in_which_feedback_leads_to_the_answer() -> None:
    env = gym.make("SML-Math-v0", teacher="scripted:3", families="order_of_operations", render_mode="ansi")
    env.reset(seed=3)
    answer = env.unwrapped.task.private.reveal().answer  # type: ignore[attr-defined]
    said, reward, *_ = env.step(f"Final answer: {int(answer) + 1}")
    assert reward == 0
    assert "one" in said
    _, reward, terminated, _, info = env.step(f"Final answer: {int(answer) + 1 - 1}")
    assert (reward, terminated, info["verdict"]) == (1.0, True, "correct")
    assert str(env.render()).count("Student:") == 2


def test_units_may_be_written_with_the_answer() -> None:
    env = MathEnv(families=["area", "volume", "rate", "percent_change"])
    seen = set()
    for task in env.source.take(60):
        unit = str(task.private.reveal().data.get("unit", ""))
        if unit:
            seen.add(unit)
            answer = task.private.reveal().answer
            assert env.examine(task, f"Final answer: {answer} {unit}").verdict.correct, (task.problem, unit)
    assert {"cm^2", "km/h", "%"} <= seen


def test_the_docstring_has_the_card_s_sections_in_order() -> None:
    sections = [
        "Description:",
        "Task:",
        "What the student may say:",
        "What the teacher knows and can say:",
        "Rewards:",
        "How it ends:",
        "Options:",
        "Ids:",
        "Source and licence:",
        "Yardsticks:",
    ]
    places = [str(MathEnv.__doc__).index(section) for section in sections]
    assert places == sorted(places)
