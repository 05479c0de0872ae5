"""Running a program against its cases: in the sandbox, judged out here.

The sandboxed program gets arguments or input, never what is expected. What it returns has come back as plain
data of exact types before it is compared, so no code of its author takes part in the comparison.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from sml_envs.code.cases import AnyCase, Case, StdioCase
from sml_envs.code.checks import CheckProgram, plainly
from sml_envs.code.source import MAX_CODE_CHARS, read_source
from sml_gym import Outcome
from sml_gym.sandbox import Call, CallResult, Failure, FailureKind, Limits, Program, Sandbox, same
from sml_gym.task import Reference

SECONDS = 2.0
"""How long one call, or one run of a whole program, may take by default."""

_TOTAL = 1.5  # what all calls together may take, in times of one; also what a program without end costs
_FUTURE = re.compile(r"^from __future__ import [^\n]*$", re.MULTILINE)
_TIME_UP = Failure(FailureKind.TIMEOUT)


@dataclass(frozen=True, slots=True)
class CaseReport:
    """What came of one case: whether it passed, what the function returned (or the program printed), and
    why it returned nothing if it failed. `value` is meaningless with a failure.

    `ran` is False where the program was not tried, because an earlier case had taken too long.
    """

    case: AnyCase
    passed: bool
    value: Any = None
    failure: Failure | None = None
    stdout: str = ""
    ran: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a program.

    Attributes:
        cases: one for each case, in their order; none if the program did not come to its cases.
        examples: one for each public example that is no test, unless all tests pass. They do not count.
        unreadable: why it cannot be tested at all, in words fit for the student; empty if it can.
        line: where that is, None if it cannot be told.
        load: why running the module failed, before any case; lines are those of the student's code.
        in_place: whether the function returns nothing and leaves the expected value in its first argument.
    """

    cases: tuple[CaseReport, ...] = ()
    examples: tuple[CaseReport, ...] = ()
    unreadable: str = ""
    line: int | None = None
    load: Failure | None = None
    in_place: bool = False

    @property
    def passed(self) -> int:
        """How many cases passed."""
        return sum([case.passed for case in self.cases])

    @property
    def outcome(self) -> Outcome:
        """Malformed if it cannot be tested, correct if all cases passed."""
        if self.unreadable:
            return Outcome.MALFORMED
        return Outcome.CORRECT if self.cases and self.passed == len(self.cases) else Outcome.INCORRECT

    @property
    def failed(self) -> list[CaseReport]:
        """The cases that were tried and did not pass, and examples that did not come out right."""
        return [case for case in (*self.cases, *self.examples) if case.ran and not case.passed]

    @property
    def complete(self) -> bool:
        """Whether every case was tried."""
        return all(case.ran for case in self.cases)


def run_tests(
    code: str,
    reference: Reference,
    sandbox: Sandbox,
    *,
    seconds: float = SECONDS,
    first_failure: bool = False,
) -> Report:
    """Run a program against the cases of a reference.

    Args:
        code: the program.
        reference: as `sml_envs.code.cases.code_reference` makes it.
        sandbox: where it runs.
        seconds: for each call; half as long again for all together, unless the reference says otherwise.
        first_failure: whether to run the first case alone before the others, and those only if it passes.

    Raises:
        VerifierError: the sandbox broke.
        ConfigError: this machine has no sandbox.
    """
    data = reference.data
    cases: Sequence[AnyCase] = data["cases"]
    source = read_source(code)
    if len(code) > MAX_CODE_CHARS:
        return Report(unreadable=f"it is longer than {MAX_CODE_CHARS} characters")
    if source.problem:
        where = "it is not valid Python" if source.line is None else f"line {source.line} is not valid Python"
        return Report(unreadable=f"{where} ({source.problem})", line=source.line)
    if source.empty:
        return Report(unreadable="there is no code in it")
    seconds = float(data.get("seconds", seconds))
    limits = Limits(seconds=seconds, total_seconds=float(data.get("total_seconds", _TOTAL * seconds)))
    if not data["entry_point"]:
        return _test_script(code, cases, sandbox, limits, first_failure)
    function = _callable_name(code, str(data["entry_point"]))
    if not function:
        return Report(unreadable=f"it defines no function named {data['entry_point']}")
    calls = [case for case in cases if isinstance(case, Case)]
    program, offset = _with_preamble(code, str(data.get("preamble", "")))
    if first_failure and len(calls) > 1:
        report = _test_calls(program, offset, function, calls[:1], data, sandbox, limits)
        if report.outcome is not Outcome.CORRECT:
            return report
    return _test_calls(program, offset, function, calls, data, sandbox, limits)


def _test_calls(
    program: str,
    offset: int,
    function: str,
    cases: Sequence[Case],
    data: Mapping[str, Any],
    sandbox: Sandbox,
    limits: Limits,
) -> Report:
    results, load = _called(program, function, cases, sandbox, limits)
    if load is not None:
        failure = _moved(load, offset)
        if failure.kind is FailureKind.SYNTAX:
            where = "it" if failure.line is None else f"line {failure.line}"
            return Report(unreadable=f"{where} is not valid Python", line=failure.line)
        return Report(load=failure)
    judge: CheckProgram | None = data.get("program")
    compare = str(data.get("compare", "exact"))
    if compare != "exact" and any(_not_plain(result) for result in results):
        # Published tests compare by `==`, for which a Counter is a dict.
        program, function = plainly(program, function, iterators=judge is not None)
        results, _ = _called(program, function, cases, sandbox, limits)
    first = results[0].failure
    if first is not None and first.kind is FailureKind.NO_FUNCTION:
        return Report(unreadable=f"it defines no function named {function}")
    passed = [r.failure is None and agrees(r.value, c, compare) for r, c in zip(results, cases, strict=False)]
    if judge is not None and len(results) == len(data["cases"]) and not all(passed):
        passed = judge.judge(results, sandbox)
    reports = [
        _case_report(case, good, result, offset)
        for case, good, result in zip(cases, passed, results, strict=False)
    ]
    reports += [CaseReport(case, False, failure=_TIME_UP, ran=False) for case in cases[len(results) :]]
    if all(passed) and len(passed) == len(cases):
        return Report(tuple(reports))
    examples = data.get("examples", ()) if len(results) == len(cases) else ()
    shown = _called(program, function, examples, sandbox, limits)[0] if examples else []
    return Report(
        tuple(reports),
        tuple(
            [
                _case_report(case, r.failure is None and agrees(r.value, case, compare), r, offset)
                for case, r in zip(examples, shown, strict=False)
            ]
        ),
        in_place=_in_place(program, function, cases, results, sandbox, limits),
    )


def _not_plain(result: CallResult) -> bool:
    return result.failure is not None and result.failure.kind is FailureKind.NOT_PLAIN


def _called(
    program: str, function: str, cases: Sequence[Case], sandbox: Sandbox, limits: Limits
) -> tuple[list[CallResult], Failure | None]:
    """One result for each case up to the first that takes too long, and why the module itself failed."""
    run = sandbox.run(Program(program, tuple([Call(function, case.args) for case in cases])), limits)
    if run.failure is not None:
        return [], run.failure
    results: list[CallResult] = []
    for result in run.calls:
        results.append(result)
        if result.failure is not None and result.failure.kind is FailureKind.TIMEOUT:
            break
    return results, None


def _case_report(case: Case, passed: bool, result: CallResult, offset: int) -> CaseReport:
    failure = None if result.failure is None else _moved(result.failure, offset)
    return CaseReport(case, passed, result.value, failure, result.stdout)


def _in_place(
    program: str,
    function: str,
    cases: Sequence[Case],
    results: Sequence[CallResult],
    sandbox: Sandbox,
    limits: Limits,
) -> bool:
    """Whether a function that returns None has changed its first argument to what was expected."""
    for case, result in zip(cases, results, strict=False):
        if result.failure is not None or result.value is not None or case.expected is None or not case.args:
            continue
        if type(case.args[0]) not in (list, dict, set) or case.args[0] == case.expected:
            continue
        named = f"{function.replace('.', '().')}"
        after = f"{program}\n\ndef _sml_after(*args):\n    {named}(*args)\n    return args[0]\n"
        run = sandbox.run(Program(after, (Call("_sml_after", case.args),)), limits)
        return bool(run.calls) and run.calls[0].failure is None and same(run.calls[0].value, case.expected)
    return False


def _test_script(
    code: str, cases: Sequence[AnyCase], sandbox: Sandbox, limits: Limits, first_failure: bool
) -> Report:
    """A whole program, run once for each input, up to the first that takes too long."""
    most = max((len(case.expected) for case in cases if isinstance(case, StdioCase)), default=0)
    limits = replace(limits, output_bytes=max(limits.output_bytes, 4 * most))
    reports: list[CaseReport] = []
    over = False
    for case in cases:
        if not isinstance(case, StdioCase):
            continue
        if over or (first_failure and reports and not reports[-1].passed):
            reports.append(CaseReport(case, False, failure=_TIME_UP, ran=False))
            continue
        run = sandbox.run(Program(code, stdin=case.stdin), limits)
        failure = run.failure
        if failure is not None and failure.kind is FailureKind.SYNTAX:
            where = "it" if failure.line is None else f"line {failure.line}"
            return Report(unreadable=f"{where} is not valid Python", line=failure.line)
        if failure is not None and failure.exception == "SystemExit" and failure.message in ("", "0", "None"):
            failure = None
        over = failure is not None and failure.kind is FailureKind.TIMEOUT
        good = failure is None and same_output(run.stdout, case.expected)
        reports.append(CaseReport(case, good, run.stdout, failure, run.stdout))
    return Report(tuple(reports))


def agrees(value: Any, case: Case, compare: str) -> bool:
    """Whether a value of plain data is what a case expects.

    Args:
        value: what the function returned.
        case: the case.
        compare: `"exact"` (types too), `"value"` (Python's `==`, as published tests have it), or `"json"`
            (lists and tuples are the same, and so are 1 and 1.0, as in tests written down as JSON).
    """
    if compare == "value":
        return bool(value == case.expected)
    if compare == "json":
        return same(
            value,
            case.expected,
            rel_tol=case.rel_tol,
            tuples_as_lists=True,
            ints_as_floats=True,
        )
    return same(value, case.expected, rel_tol=case.rel_tol)


def same_output(got: str, wanted: str) -> bool:
    """Whether two outputs are the same, line by line.

    Blanks around lines and empty lines at the end do not count; a line of numbers equals one of the
    same numbers (`1.0` and `1`).
    """
    lines, wanted_lines = _lines(got), _lines(wanted)
    return len(lines) == len(wanted_lines) and all(
        one == other or _same_numbers(one, other) for one, other in zip(lines, wanted_lines, strict=True)
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.rstrip().split("\n")]


def _same_numbers(one: str, other: str) -> bool:
    numbers, wanted = one.split(), other.split()
    if len(numbers) != len(wanted):
        return False
    try:
        return all(Decimal(a) == Decimal(b) for a, b in zip(numbers, wanted, strict=True))
    except InvalidOperation:
        return False


def _callable_name(code: str, entry_point: str) -> str:
    """What to call: the entry point, for `Class.method` also a bare function of that name; "" if neither."""
    source = read_source(code)
    name = entry_point.rpartition(".")[2]
    for candidate in (entry_point, name):
        if source.defines(candidate):
            return candidate
    # Bound in a way that only running it tells (`globals()["f"] = ...`, a name brought in with `*`).
    return entry_point if re.search(rf"\b{re.escape(name)}\b", code) and not source.functions else ""


def _with_preamble(code: str, preamble: str) -> tuple[str, int]:
    """The program with what it may take for granted before it, and how many lines that adds."""
    if not preamble:
        return code, 0
    futures = _FUTURE.findall(code)
    head = "\n".join([*futures, preamble.rstrip("\n"), ""])
    return head + _FUTURE.sub("", code), head.count("\n")


def _moved(failure: Failure, offset: int) -> Failure:
    """A failure with the line counted in the student's own code; no line where it is in none of it."""
    if not offset or failure.line is None:
        return failure
    line = failure.line - offset if failure.line > offset else None
    return Failure(failure.kind, failure.exception, failure.message, line)
