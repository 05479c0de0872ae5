"""What a teacher may say about a program: which tests it fails, in which way, and what comes next.

Facts only; `phrases.py` puts them into words. An attempt's facts fall into topics, and a teacher speaks one
fact of each, the most informative that it may:

- `tests`: how many of the tests pass, and for which kind of input all is well (where);
- `error`: where it goes wrong (the line, or the kind of input), which kind of error it is (what kind);
- `example`: a public example that comes out wrong (where), with what is expected and what came (what kind).
  Where all of them pass, one failing hidden input with what came of it (next step);
- `next`: the step of the solution that the failing input is about, or what mends the error; for a teacher
  that is to say what not to do, what would lead on in the wrong direction (next step).

The expected value of a hidden test is never spoken: a program could be written around it. Its input is no
secret at the highest level, since the student has to work out by itself what belongs there. Both stand
together only in a private fact, which model teachers see.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from sml_envs.code.cases import AnyCase, Case, show_call, show_value
from sml_envs.code.differences import TYPES, difference, outputs_differ
from sml_envs.code.report import CaseReport, Report
from sml_envs.code.source import Function, read_source, signature_of
from sml_gym import Direction, Fact, Informativeness, Reference
from sml_gym.sandbox import Failure, FailureKind

_WHERE, _WHAT, _NEXT = Informativeness.WHERE, Informativeness.WHAT, Informativeness.NEXT_STEP
_MISS, _HIT = Direction.HINDSIGHT_NEGATIVE, Direction.HINDSIGHT_POSITIVE
_AHEAD, _AWAY, _REWARD = Direction.FUTURE_POSITIVE, Direction.FUTURE_NEGATIVE, Direction.REWARD

COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
LONGEST_VALUE = 120
"""Longer calls and values are not quoted."""

_EXCEPTION = re.compile(r"[A-Za-z_][A-Za-z_0-9]{0,39}\Z")
_WORD = re.compile(r"[a-z]{3,}")
_STOP = frozenset(
    str.split(
        """
    the and for with from into its one that this each are not all any has have than same what how where which
    why when who does did can could should would must will may give hint help tell show say need want please
    next step start begin function code think your you they them out there here some then else
"""
    )
)
_LIMITS = {
    FailureKind.TIMEOUT: "code.kind.slow",
    FailureKind.MEMORY: "code.kind.memory",
    FailureKind.OUTPUT: "code.kind.flood",
    FailureKind.CRASHED: "code.kind.crash",
    FailureKind.NOT_PLAIN: "code.kind.not_plain",
}
_MENDS = {
    "code.kind.prints": "code.next.return",
    "code.kind.none": "code.next.return",
    "code.kind.in_place": "code.next.return",
    "code.kind.name": "code.next.rename",
    "code.kind.no_function": "code.next.rename",
    "code.kind.parameters": "code.next.parameters",
    "code.kind.slow": "code.next.faster",
    "code.kind.not_plain": "code.next.plain",
}
"""What mends an error of this kind, with the same slots, where no step of the solution is about it."""
_AVOIDED = {
    "code.kind.prints": "code.avoid.print",
    "code.kind.slow": "code.avoid.loop",
    "code.kind.recursion": "code.avoid.loop",
    "code.kind.syntax": "code.avoid.unclear",
}

COMMIT = Fact("code.next.commit", {}, _WHAT, _AHEAD, "next")
_AGAIN = Fact("code.avoid.same", {}, _NEXT, _AWAY, "next")


def diagnose_attempt(reference: Reference, code: str, report: Report) -> tuple[Fact, ...]:
    """The facts about a program that is not right, in speaking order."""
    if report.unreadable:
        return _unreadable(reference, code, report)
    if report.load is not None:
        error = _load(report.load)
        return (*error, *_next(reference, report, None, error))
    primary = primary_failure(report)
    if primary is None:
        return ()
    error = list(_errors(reference, code, report, primary))
    facts = [*_tests(report), *error, *_example(reference, primary)]
    facts += _next(reference, report, primary.case, error)
    private = _private(reference, primary)
    return (*facts, private) if private is not None else tuple(facts)


def true_facts(reference: Reference, code: str, report: Report) -> Iterator[Fact]:
    """All that is true of a program, also what `diagnose_attempt` does not find worth saying."""
    yield from diagnose_attempt(reference, code, report)
    for label, good in labels(report).items():
        if good:
            yield Fact("code.right.label", {"label": label})
    for failed in report.failed:
        yield from _errors(reference, code, report, failed)
        yield from _example(reference, failed)


def primary_failure(report: Report) -> CaseReport | None:
    """The failing case to speak of: the first public one, else the one that is written shortest."""
    failed = report.failed
    shown = next((case for case in failed if case.case.shown), None)
    return shown or min(failed, key=lambda case: _length(case.case), default=None)


def labels(report: Report) -> Mapping[str, bool]:
    """The kinds of input in the tests, and whether all of that kind pass."""
    found: dict[str, bool] = {}
    for case in report.cases:
        if case.case.label and case.ran:
            found[case.case.label] = found.get(case.case.label, True) and case.passed
    return found


# ---- what cannot be tested ----


def _unreadable(reference: Reference, code: str, report: Report) -> tuple[Fact, ...]:
    source = read_source(code)
    facts: list[Fact] = []
    entry_point = str(reference.data["entry_point"])
    if source.problem or report.line is not None:
        line = {"line": str(report.line)} if report.line else {}
        if line:
            facts.append(Fact("code.where.syntax", line, _WHERE, _MISS, "error"))
        problem = {"problem": source.problem or "invalid syntax"}
        kind = "code.kind.syntax" if line else "code.kind.unreadable"
        facts.append(Fact(kind, {**line, **problem}, _WHAT, _MISS, "error"))
        facts.append(Fact("code.avoid.unclear", {}, _NEXT, _AWAY, "next"))
    elif entry_point and not source.empty:
        facts.append(Fact("code.where.name", {}, _WHERE, _MISS, "error"))
        given = _nearest_name(entry_point, list(source.functions) + list(source.methods))
        slots = {"wanted": entry_point, "given": given} if given else {"wanted": entry_point}
        kind = "code.kind.name" if given else "code.kind.no_function"
        facts.append(Fact(kind, slots, _WHAT, _MISS, "error"))
        facts.append(Fact("code.next.rename", {"wanted": entry_point}, _NEXT, _AHEAD, "next"))
        facts.append(_AGAIN)
    else:
        facts.append(COMMIT)
    return tuple(facts)


def _nearest_name(wanted: str, names: list[str]) -> str:
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.0)
    return near[0] if near and len(near[0]) <= LONGEST_VALUE else ""


def _load(failure: Failure) -> list[Fact]:
    """What stopped the module before any test."""
    if failure.kind in _LIMITS:
        kind = "code.load.slow" if failure.kind is FailureKind.TIMEOUT else "code.load.limits"
        return [Fact(kind, {}, _WHAT, _MISS, "error")]
    exception, line = _exception(failure), failure.line
    if line is None:
        return [Fact("code.load.raises", {"exception": exception}, _WHAT, _MISS, "error")]
    return [
        Fact("code.load.where", {"line": str(line)}, _WHERE, _MISS, "error"),
        Fact("code.load.exception", {"exception": exception, "line": str(line)}, _WHAT, _MISS, "error"),
    ]


# ---- what was tested ----


def _tests(report: Report) -> list[Fact]:
    if not report.complete:  # how many pass is not known
        return []
    total = str(len(report.cases))
    if not report.passed:
        return [Fact("code.tests.none", {"total": total}, _WHERE, _REWARD, "tests")]
    slots = {"passed": str(report.passed), "total": total}
    facts = [Fact("code.tests.some", slots, _WHERE, _REWARD, "tests")]
    right = next((label for label, good in labels(report).items() if good), None)
    if right is not None:  # for a teacher told to praise
        facts.append(Fact("code.right.label", {"label": right}, _WHERE, _HIT, "tests"))
    return facts


def _errors(reference: Reference, code: str, report: Report, failed: CaseReport) -> Iterator[Fact]:
    """Where and in which way a case fails."""
    label = failed.case.label or "one of the tests"
    of_case = Fact("code.where.case", {"label": label}, _WHERE, _MISS, "error")
    failure = failed.failure
    parameters = _parameters(reference, code)
    if parameters is not None:
        yield Fact("code.where.signature", {}, _WHERE, _MISS, "error")
        yield parameters
    elif failure is not None and failure.kind is FailureKind.EXCEPTION:
        yield from _raised(failure, label, of_case)
    elif failure is not None:
        yield of_case
        yield Fact(_LIMITS.get(failure.kind, "code.kind.crash"), {"label": label}, _WHAT, _MISS, "error")
    else:
        yield of_case
        kind, slots = _difference(reference, code, report, failed)
        yield Fact(kind, {**slots, "label": label}, _WHAT, _MISS, "error")


def _raised(failure: Failure, label: str, of_case: Fact) -> Iterator[Fact]:
    exception = _exception(failure)
    if exception == "RecursionError":
        yield of_case
        yield Fact("code.kind.recursion", {"label": label}, _WHAT, _MISS, "error")
    elif failure.line is None:
        yield of_case
        yield Fact("code.kind.raises", {"exception": exception, "label": label}, _WHAT, _MISS, "error")
    else:
        line = str(failure.line)
        yield Fact("code.where.line", {"line": line}, _WHERE, _MISS, "error")
        slots = {"exception": exception, "line": line, "label": label}
        yield Fact("code.kind.exception", slots, _WHAT, _MISS, "error")


def _difference(
    reference: Reference, code: str, report: Report, failed: CaseReport
) -> tuple[str, dict[str, str]]:
    """The kind of error in a value, and what its phrase needs beside the label."""
    case = failed.case
    if not isinstance(case, Case):
        return outputs_differ(str(failed.value), case.expected), {}
    if failed.value is None:
        if report.in_place:
            return "code.kind.in_place", {}
        own = _own(reference, code)
        if failed.stdout.strip() or (own is not None and own.prints and not own.returns):
            return "code.kind.prints", {}
    values = [
        other
        for other in report.cases
        if other.ran and other.failure is None and isinstance(other.case, Case)
    ]
    shown = {show_value(other.value) for other in values} if len(values) > 2 else set()
    if len(shown) == 1 and type(failed.value) is type(case.expected):
        return "code.kind.constant", {}
    truths = [other for other in values if type(other.value) is bool]
    if len(truths) > 2 and not report.passed and all(type(o.case.expected) is bool for o in truths):
        return "code.kind.negated", {}
    kind = difference(failed.value, case.expected)
    if kind == "code.kind.type":
        got, wanted = (TYPES.get(type(value), "something else") for value in (failed.value, case.expected))
        return kind, {"got": got, "wanted": wanted}
    if kind == "code.kind.truth":
        return kind, {"got": str(failed.value)}
    return kind, {}


def _parameters(reference: Reference, code: str) -> Fact | None:
    """Whether the function takes another number of arguments than it is called with."""
    own, wanted = _own(reference, code), signature_of(str(reference.data["signature"]))
    if own is None or wanted is None:
        return None
    count = len(wanted.parameters)
    if own.required <= count and (own.anything or count <= len(own.parameters)):
        return None
    given = len(own.parameters) if count > len(own.parameters) else own.required
    slots = {"given": _count(given), "wanted": _count(count)}
    return Fact("code.kind.parameters", slots, _WHAT, _MISS, "error")


def _own(reference: Reference, code: str) -> Function | None:
    source, entry_point = read_source(code), str(reference.data["entry_point"])
    name = entry_point.rpartition(".")[2]
    return source.methods.get(entry_point) or source.functions.get(name)


def _count(number: int) -> str:
    return COUNTS[number] if number < len(COUNTS) else str(number)


# ---- examples ----


def _example(reference: Reference, failed: CaseReport) -> Iterator[Fact]:
    """The failing case itself: with what is expected if it is public, else only with what came of it."""
    call = _call(reference, failed.case)
    if call is None:
        return
    if failed.failure is not None:
        got = _exception(failed.failure) if failed.failure.kind is FailureKind.EXCEPTION else ""
    else:
        got = _brief(failed.value, failed.case) or ""
    raised = failed.failure is not None and failed.failure.kind is FailureKind.EXCEPTION
    if failed.case.shown:
        expected = _brief(failed.case.expected, failed.case)
        if expected is None:
            return
        yield Fact("code.example.where", {"call": call}, _WHERE, _MISS, "example")
        slots = {"call": call, "expected": expected}
        if raised:
            yield Fact("code.example.raises", {**slots, "exception": got}, _WHAT, _MISS, "example")
        elif got:
            yield Fact("code.example.value", {**slots, "got": got}, _WHAT, _MISS, "example")
        else:
            yield Fact("code.example.expected", slots, _WHAT, _MISS, "example")
    elif raised:
        yield Fact("code.hidden.raises", {"call": call, "exception": got}, _NEXT, _MISS, "example")
    elif got:
        yield Fact("code.hidden.value", {"call": call, "got": got}, _NEXT, _MISS, "example")


def _private(reference: Reference, failed: CaseReport) -> Fact | None:
    """What only the teacher may know: what a failing hidden case expects."""
    if failed.case.shown:
        return None
    call, expected = _call(reference, failed.case), _brief(failed.case.expected, failed.case)
    if call is None or expected is None:
        return None
    slots = {"call": call, "expected": expected}
    return Fact("code.private.expected", slots, _NEXT, _MISS, "", private=True)


def _call(reference: Reference, case: AnyCase) -> str | None:
    """A case's call as one writes it, or a program's input; None if that is too long."""
    if isinstance(case, Case):
        name = str(reference.data["entry_point"]).rpartition(".")[2]
        return _bounded(show_call(name, case.args))
    return _bounded(show_value(case.stdin.rstrip("\n")))


def _brief(value: object, case: AnyCase) -> str | None:
    """A value as one writes it, None if that is too long."""
    return _bounded(show_value(value if isinstance(case, Case) else str(value).rstrip("\n")))


def _bounded(text: str) -> str | None:
    """A text fit for a slot: short, in one line, without a chat template's marks."""
    fine = len(text) <= LONGEST_VALUE and text.isprintable() and "<|" not in text and "|>" not in text
    return text if fine else None


def _length(case: AnyCase) -> int:
    return len(show_value(case.args)) if isinstance(case, Case) else len(case.stdin)


def _exception(failure: Failure) -> str:
    return failure.exception if _EXCEPTION.match(failure.exception) else "an exception"


# ---- what comes next ----


def _next(reference: Reference, report: Report, case: AnyCase | None, errors: list[Fact]) -> Iterator[Fact]:
    kinds = {fact.kind: fact for fact in errors}
    mend = next((kind for kind in kinds if kind in _MENDS), None)
    action = next_action(reference, report, case)
    if mend is not None:
        yield Fact(_MENDS[mend], kinds[mend].slots, _NEXT, _AHEAD, "next")
    elif action:
        yield Fact("code.next.step", {"action": action}, _NEXT, _AHEAD, "next")
    avoid = next((kind for kind in kinds if kind in _AVOIDED), None)
    right = next((label for label, good in labels(report).items() if good), None)
    if avoid is not None:
        yield Fact(_AVOIDED[avoid], kinds[avoid].slots, _NEXT, _AWAY, "next")
    elif right is not None:
        yield Fact("code.avoid.label", {"label": right}, _NEXT, _AWAY, "next")
    else:
        yield _AGAIN


def next_action(reference: Reference, report: Report, case: AnyCase | None) -> str:
    """The step of the solution to take next: the one that is about the failing input, else by progress."""
    actions = [step.action for step in reference.steps if step.action]
    if not actions:
        return ""
    wanted = words_of(case.label) if case is not None else frozenset()
    shared = [len(wanted & words_of(action)) for action in actions]
    if max(shared):
        return actions[shared.index(max(shared))]
    done = report.passed / len(report.cases) if report.cases else 0.0
    return actions[min(len(actions) - 1, int(done * len(actions)))]


def words_of(text: str) -> frozenset[str]:
    """The stems of the words that say something, for comparing a label with a step or a question."""
    stems = [word[:-1] if word.endswith("s") else word for word in _WORD.findall(text.casefold())]
    return frozenset(stems) - _STOP
