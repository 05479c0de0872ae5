"""`SML-Code-v0` as a user meets it: options, ids, a dialogue, conformance."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest

import sml_gym  # noqa: F401  registers the environment
from sml_envs.code import CodeEnv, code_reference
from sml_envs.code.cases import Case, StdioCase, render_problem, show_value
from sml_envs.code.problems import FAMILIES, TOPICS
from sml_gym import ConfigError
from sml_gym.testing import check_env


def test_conformance() -> None:
    check_env(gym.make("SML-Code-v0"))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_family_conforms(family: object) -> None:
    check_env(CodeEnv(families=family.name), n_tasks=3)  # type: ignore[attr-defined]


def test_all_families_and_levels_are_drawn_by_default() -> None:
    tasks = CodeEnv().source.take(500)
    cells = {(family.name, level) for family in FAMILIES for level in family.levels}
    drawn = {(task.family, task.level) for task in tasks}
    assert drawn <= cells
    assert len(drawn) > 0.6 * min(len(cells), 500)


def test_a_topic_stands_for_its_families_and_levels_are_chosen() -> None:
    topic = next(iter(TOPICS))
    tasks = CodeEnv(families=[topic], levels=1).source.take(200)
    assert {task.level for task in tasks} == {1}
    assert {task.family for task in tasks} == {f.name for f in TOPICS[topic] if 1 in f.levels}


def test_unknown_names_are_met_with_the_nearest() -> None:
    name = FAMILIES[0].name
    with pytest.raises(ConfigError, match=f"Did you mean '{name}'"):
        CodeEnv(families=[f"{name}s"])
    with pytest.raises(ConfigError, match="Known"):
        CodeEnv(families=[5])  # type: ignore[list-item]
    with pytest.raises(ConfigError, match="give names"):
        CodeEnv(families=5)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="No code family"):
        CodeEnv(families=[])
    with pytest.raises(ConfigError, match="level"):
        CodeEnv(levels=[99])
    with pytest.raises(ConfigError, match="Did you mean 'seconds'"):
        CodeEnv(second=3)  # type: ignore[call-arg]
    with pytest.raises(ConfigError, match="Cannot read"):
        CodeEnv(tasks="human-eval")


def test_a_dialogue_in_which_feedback_leads_to_the_answer() -> None:
    env = gym.make("SML-Code-v0", tasks="humaneval", teacher="scripted:2", render_mode="ansi")
    problem, info = env.reset(options={"task_id": "HumanEval/2"})
    assert info["task_id"] == "HumanEval/2"
    assert "truncate_number" in problem
    said, reward, *_ = env.step("```python\ndef truncate_number(number):\n    print(number % 1)\n```")
    assert reward == 0
    assert "rint" in said
    said, reward, *_ = env.step("```python\ndef truncate(number):\n    return number % 1\n```")
    assert "truncate_number" in said
    _, reward, terminated, _, info = env.step("```python\ndef truncate_number(n):\n    return n % 1\n```")
    assert (reward, terminated, info["verdict"]) == (1.0, True, "correct")
    assert str(env.render()).count("Student:") == 3


def test_a_task_comes_back_by_its_id_and_its_tests_with_it() -> None:
    env = CodeEnv()
    for task in env.source.take(20, seed=1):
        again = env.source.get(task.id)
        assert again.problem == task.problem
        assert again.private.reveal() == task.private.reveal()


def test_an_isomorph_is_another_task_with_its_own_reference() -> None:
    env = CodeEnv()
    rng = np.random.default_rng(0)
    for task in env.source.take(4, seed=4):
        other = env.isomorph(task, rng)
        if other is None:
            continue
        assert (other.family, other.level) == (task.family, task.level)
        assert other.problem != task.problem
        assert env.verify(other, other.private.reveal().answer).correct
    fixed = CodeEnv(tasks="humaneval")
    assert fixed.isomorph(fixed.source.get("HumanEval/0"), rng) is None


def test_problems_have_one_form_for_all_sources() -> None:
    cases = (Case(([1], {"a"}), (2.0, None), True), Case((3,), 4), StdioCase("x\n", "y\n", True))
    assert render_problem(" Do it. ", "def f(x: list, s: set) -> tuple", cases[:2]) == (
        "Do it.\n\nWrite this Python function:\ndef f(x: list, s: set) -> tuple\n\n"
        "For example:\nf([1], {'a'}) -> (2.0, None)"
    )
    assert render_problem("Do it.", "", cases[2:]) == "Do it.\n\nFor example:\nInput:\nx\nOutput:\ny"
    assert code_reference("", entry_point="f", signature="", cases=cases, idea="i").data["idea"] == "i"


def test_values_are_shown_the_same_in_every_process() -> None:
    assert show_value({"b", "a"}) == "{'a', 'b'}"
    assert show_value(frozenset()) == "frozenset()"
    assert show_value([(1,), set(), {"k": frozenset({2})}]) == "[(1,), set(), {'k': frozenset({2})}]"
    assert show_value(10**5000).startswith("0x")


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
    places = [str(CodeEnv.__doc__).index(section) for section in sections]
    assert places == sorted(places)
