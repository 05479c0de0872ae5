"""Programs against their cases: in the sandbox, by exact types, without a word of what is expected."""

from __future__ import annotations

from typing import Any

import pytest

from sml_envs.code import Case, CodeEnv, StdioCase, code_reference
from sml_envs.code.report import agrees, run_tests, same_output
from sml_gym import ConfigError, Outcome, Reference
from sml_gym.sandbox import FailureKind, shared_sandbox

CASES = (
    Case(([1, 2, 3],), 6, shown=True, label="small numbers"),
    Case(([],), 0, label="an empty list"),
    Case(([-1],), -1, label="negative numbers"),
)
TOTAL = code_reference(
    "def total(xs):\n    return sum(xs)",
    entry_point="total",
    signature="def total(xs: list[int]) -> int",
    cases=CASES,
)
ECHO = code_reference(
    "print(input()[::-1])",
    entry_point="",
    signature="",
    cases=(StdioCase("abc\n", "cba", True), StdioCase("x y\n", "y x\n")),
)


def judged(code: str, *references: Reference, **options: Any) -> Any:
    return run_tests(code, *(references or (TOTAL,)), shared_sandbox(), **options)


def expecting(*values: Any, **more: Any) -> Reference:
    cases = [Case((place,), value, label="a place") for place, value in enumerate(values)]
    return code_reference("", entry_point="f", signature="def f(n)", cases=cases, more=more)


def giving(*values: Any) -> str:
    return f"def f(n):\n    return {list(values)!r}[n]"


def test_the_reference_passes() -> None:
    report = judged(TOTAL.answer)
    assert report.outcome is Outcome.CORRECT
    assert (report.passed, report.failed, report.examples) == (3, [], ())


@pytest.mark.parametrize(
    ("wanted", "got"),
    [(1, True), (1, 1.0), ([1], (1,)), ("1", 1), (0, None), (False, 0), ({1}, [1]), ({}, []), (b"a", "a")],
)
def test_types_are_exact(wanted: Any, got: Any) -> None:
    assert judged(giving(wanted), expecting(wanted)).outcome is Outcome.CORRECT
    assert judged(giving(got), expecting(wanted)).outcome is Outcome.INCORRECT


def test_published_tests_compare_by_value_and_json_knows_neither_tuples_nor_floats() -> None:
    assert agrees(1, Case((), True), "value")
    assert not agrees((1,), Case((), [1]), "value")
    assert agrees((1, 2.0), Case((), [1, 2]), "json")
    assert not agrees(True, Case((), 1), "json")
    assert judged(giving(1), expecting(True, compare="value")).outcome is Outcome.CORRECT


def test_floats_may_differ_by_their_tolerance() -> None:
    case = Case((), 0.3, rel_tol=1e-9)
    assert agrees(0.1 + 0.2, case, "exact")
    assert not agrees(0.1 + 0.2, Case((), 0.3), "exact")
    assert not agrees(0.31, case, "exact")


@pytest.mark.parametrize(
    ("code", "reason", "line"),
    [
        ("def total(:", "line 1 is not valid Python (invalid syntax)", 1),
        ("def total(xs):\n  return (1", "line 2 is not valid Python ('(' was never closed)", 2),
        ("def other(xs):\n    return 0", "it defines no function named total", None),
        ("x = 3", "it defines no function named total", None),
        ("# nothing", "there is no code in it", None),
        ("return total", "line 1 is not valid Python", 1),
        ("total(3)", "", None),
        ("x = '\udc80'", "it is not valid Python (it holds characters that Python does not read)", None),
    ],
)
def test_what_cannot_be_tested_is_malformed(code: str, reason: str, line: int | None) -> None:
    report = judged(code)
    if reason:
        assert (report.outcome, report.unreadable, report.line) == (Outcome.MALFORMED, reason, line)
    else:
        assert report.outcome is Outcome.INCORRECT
        assert report.load is not None


def test_a_name_bound_in_any_way_is_called() -> None:
    for code in (
        "total = sum",
        "total = lambda xs: sum(xs)",
        "from builtins import sum as total",
        "globals()['total'] = sum",
        "if True:\n    def total(xs):\n        return sum(xs)",
        "class Sum:\n    def __call__(self, xs):\n        return sum(xs)\ntotal = Sum()",
    ):
        assert judged(code).outcome is Outcome.CORRECT, code


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("1 / 0", FailureKind.EXCEPTION),
        ("[0] * 10**11", FailureKind.MEMORY),
        ("print('x' * 10**6)", FailureKind.OUTPUT),
        ("(x for x in xs)", FailureKind.NOT_PLAIN),
        ("total(xs)", FailureKind.EXCEPTION),
    ],
)
def test_failures_are_told_apart(body: str, kind: FailureKind) -> None:
    report = judged(f"def total(xs):\n\n    return {body}")
    assert report.outcome is Outcome.INCORRECT
    failure = report.cases[0].failure
    assert (failure.kind, failure.line if kind is FailureKind.EXCEPTION else 3) == (kind, 3)


def test_a_program_that_does_not_end_is_given_up_at_its_first_case() -> None:
    report = judged("def total(xs):\n    while len(xs) > 1: pass\n    return sum(xs)", seconds=0.3)
    assert report.outcome is Outcome.INCORRECT
    assert [case.ran for case in report.cases] == [True, False, False]
    assert report.cases[0].failure.kind is FailureKind.TIMEOUT
    assert not report.complete


def test_what_stops_the_module_is_told_with_its_line() -> None:
    report = judged("def total(xs):\n    return sum(xs)\nopen('/etc/passwd')")
    assert (report.outcome, report.load.line) == (Outcome.INCORRECT, 3)


def test_doing_the_work_in_place_is_seen() -> None:
    cases = [Case(([3, 1, 2],), [1, 2, 3]), Case(([1],), [1])]
    reference = code_reference("", entry_point="f", signature="def f(xs)", cases=cases)
    assert judged("def f(xs):\n    xs.sort()", reference).in_place
    assert not judged("def f(xs):\n    xs.reverse()", reference).in_place


def test_what_stands_before_the_program_is_there_and_lines_are_the_student_s() -> None:
    reference = code_reference(
        "",
        entry_point="f",
        signature="def f(n)",
        cases=CASES[:1],
        more={"preamble": "import math\n\ndef own(xs):\n    return 6"},
    )
    assert judged("def f(xs):\n    return own(xs)", reference).outcome is Outcome.CORRECT
    future = 'from __future__ import annotations\n\ndef f(xs: "anything") -> Unknown:\n    return own(xs)'
    assert judged(future, reference).outcome is Outcome.CORRECT
    assert judged("def f(xs):\n    return 1 // 0", reference).cases[0].failure.line == 2
    inside = judged("def f(xs):\n    return math.sqrt('x')", reference).cases[0].failure
    assert (inside.exception, inside.line) == ("TypeError", 2)


def test_nothing_of_what_is_expected_reaches_the_program() -> None:
    reference = code_reference(
        "", entry_point="f", signature="", cases=[Case((n,), f"canary-{n}") for n in range(3)]
    )
    spy = """
import gc, sys, inspect
def f(n):
    found = [repr(x) for x in gc.get_objects() if type(x) in (list, dict, tuple, str)]
    frame = sys._getframe()
    while frame:
        found.append(repr(frame.f_locals) + repr(frame.f_globals))
        frame = frame.f_back
    wanted = "canary-" + str(n)
    seen = any(wanted in x for x in found if "x in found" not in x)
    return wanted if seen else "none"
"""
    report = judged(spy, reference)
    assert report.outcome is Outcome.INCORRECT
    assert report.passed == 0


@pytest.mark.parametrize(
    "code",
    [
        "class Yes:\n    def __eq__(self, other): return True\ndef total(xs): return Yes()",
        "class Yes(int):\n    def __eq__(self, other): return True\ndef total(xs): return Yes(5)",
        "import builtins\nbuiltins.sum = lambda xs: 6\ndef total(xs): return sum(xs)",
        "import sys\ndef total(xs): sys.exit(0)",
        "import os\ndef total(xs): os._exit(0)",
    ],
)
def test_no_trick_earns_a_pass(code: str) -> None:
    assert judged(code).outcome is Outcome.INCORRECT


def test_programs_that_read_and_print() -> None:
    assert judged("print(input()[::-1])", ECHO).outcome is Outcome.CORRECT
    assert judged("import sys\nprint(input()[::-1])\nsys.exit(0)", ECHO).outcome is Outcome.CORRECT
    assert judged("print(input())", ECHO).passed == 0
    assert judged("print(input()[::-1]); 1/0", ECHO).passed == 0
    assert judged("while True: pass", ECHO, seconds=0.3).complete is False
    assert judged("print(", ECHO).outcome is Outcome.MALFORMED


@pytest.mark.parametrize(
    ("got", "wanted", "same"),
    [
        ("1\n2\n", "1\n2", True),
        ("1 \n2", "1\n2\n\n", True),
        ("1.0 2", "1 2.00", True),
        ("1\n\n2", "1\n2", False),
        ("", "0", False),
        ("a b", "ab", False),
        ("nan", "nan", True),
        ("1e999999999", "1e999999998", False),
    ],
)
def test_outputs_are_compared_line_by_line(got: str, wanted: str, same: bool) -> None:
    assert same_output(got, wanted) is same


def test_an_attempt_is_run_once_however_often_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    env = CodeEnv(tasks="humaneval", teacher="scripted:3")
    env.reset(seed=0)
    report = env.report(env.task, "def f(): pass")
    assert env.report(env.task, "def f(): pass") is report
    for number in range(600):
        env.report(env.task, f"x = {number}")
    assert len(env._reports) <= 512


def test_options_are_checked() -> None:
    with pytest.raises(ConfigError, match="seconds"):
        CodeEnv(tasks="humaneval", seconds=0)
    with pytest.raises(ConfigError, match="Leave them out"):
        CodeEnv(tasks="humaneval", levels=1)
    with pytest.raises(ConfigError, match="give whole numbers"):
        CodeEnv(levels="1")  # type: ignore[arg-type]
