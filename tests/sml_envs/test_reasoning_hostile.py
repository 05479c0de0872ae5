"""Answers that try to run, to exhaust and to confuse the scorers: nothing happens, and it ends."""

from __future__ import annotations

import pytest

pytest.importorskip("reasoning_gym", reason="needs the extra 'reasoning'")

from sml_envs.reasoning import ReasoningEnv
from sml_envs.reasoning.checks import is_formula
from sml_envs.reasoning.expressions import read_arithmetic
from sml_envs.reasoning.record import datasets

EXECUTING = sorted(name for name, dataset in datasets().items() if dataset.executes)


def _hostile(marker) -> list[str]:
    return [
        f"__import__('os').system('touch {marker}')",
        f"[open({str(marker)!r}, 'w').close()]",
        f"().__class__.__base__.__subclasses__() or open('{marker}', 'w')",
        f"exec(\"open('{marker}','w')\")",
        f"lambda: open('{marker}','w')",
        f"print(open('{marker}','w'))",
        "__import__('sys').exit(0)",
        "[e for e in __import__('sys')._getframe(1).f_locals['entry']['answer']]",
        "entry['answer']",
        "9**9**9**9",
        "factorial(10**9)",
        "(" * 7_500 + "1" + ")" * 7_500,
        "(" * 15_000,
        "[" * 15_000,
        "-" * 15_000 + "1",
        "1+" * 7_000 + "1",
        "9" * 15_000,
        "\x00",
        "1\x001",
        "\ud800",
        "x" * 15_000,
        "None",
        "True",
        "...",
        "*",
        "\\",
        "'" * 999,
        "Integral(x, x) + C",
        "Symbol('x')",
    ]


def test_nine_scorers_execute_the_answer():
    assert len(EXECUTING) == 9


@pytest.mark.parametrize("name", EXECUTING)
def test_hostile_answers_do_nothing_and_score_nothing(name, tmp_path):
    marker = tmp_path / "touched"
    env = ReasoningEnv(task=name, max_turns=100)
    env.reset(seed=0)
    for answer in _hostile(marker):
        _, reward, terminated, _, info = env.step(f"Final answer:\n{answer}")
        assert info["valid"], (answer[:60], env.error)
        assert info["verdict"] in ("incorrect", "malformed"), answer[:60]
        assert (reward, terminated) == (0.0, False)
    assert not marker.exists()
    *_, info = env.step(f"Final answer:\n{env.task.private.reveal().answer}")
    assert info["verdict"] == "correct"  # and the next answer is scored as if nothing had been


def test_a_power_that_takes_for_ever_ends_at_the_deadline():
    env = ReasoningEnv(task="simple_integration")
    env.reset(seed=0)
    *_, info = env.step("Final answer: 9**(9**(9**(9**9)))")
    assert (info["verdict"], info["valid"]) == ("malformed", True)


@pytest.mark.parametrize(
    "name", ["chain_sum", "graph_color", "jugs", "cryptarithm", "survo", "rush_hour", "coin_flip"]
)
def test_other_scorers_stand_them_too(name, tmp_path):
    marker = tmp_path / "touched"
    env = ReasoningEnv(task=name, max_turns=100)
    env.reset(seed=0)
    for answer in [*_hostile(marker), "1e999999999", "null", "[null]", '{"0": null}', "[[[[]]]]", "NaN"]:
        *_, info = env.step(f"Final answer:\n{answer}")
        assert info["valid"], (answer[:60], env.error)
        assert info["verdict"] in ("incorrect", "malformed"), answer[:60]
    assert not marker.exists()


@pytest.mark.parametrize("text", ["x**2/2 + C", "-3*sin(2*x)*exp(x) + C", "(x + 1)**3", "log(x)*E**x + 1.5"])
def test_formulas_pass(text):
    assert is_formula(text, {"x", "C"})


@pytest.mark.parametrize(
    "text",
    ["", "y + 1", "x.real", "f(x)", "x[0]", "x; y", "'x'", "((x)", "x, 1", "__x__", "x**x**x", "2**9999"],
)
def test_anything_else_does_not(text):
    assert not is_formula(text, {"x", "C"})


@pytest.mark.parametrize(
    ("text", "value", "numbers"),
    [
        ("1 + 2*3", 7, (1, 2, 3)),
        ("(8 - 2) / 4", 1.5, (8, 2, 4)),
        ("-(3 - 5)*2", 4, (3, 5, 2)),
        ("7/(2 - 2)", None, (7, 2, 2)),
    ],
)
def test_arithmetic_is_read_exactly(text, value, numbers):
    read = read_arithmetic(text)
    assert read is not None
    assert (read.value, read.numbers) == (value, numbers)


@pytest.mark.parametrize(
    "text", ["", "1 +", "2**3", "2(3)", "1 2", "a + 1", "(1", "1)", "1.5", "(" * 99 + "1" + ")" * 99]
)
def test_what_is_no_arithmetic_is_not_read(text):
    assert read_arithmetic(text) is None
