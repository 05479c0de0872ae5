"""Published tests that are Python: asserts about what a function returns.

Most say `f(arguments) == value` with literals, and become cases by reading them. The others (tolerances,
properties, loops, random inputs) become a `CheckProgram`. It works in three parts, each in the sandbox, and
never with the student's code and an expected value in one process:

1. *record*: the tests are run once with the reference; what they call it with, and what it returns, are kept;
2. the student's function is called with the recorded arguments, like any other;
3. *judge*: the tests are run again, with a function that returns the student's values, by then plain data,
   one after the other. So the published tests themselves decide, by their own comparisons.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sml_envs.code.cases import Case
from sml_gym.errors import VerifierError
from sml_gym.sandbox import Call, CallResult, Limits, Program, Sandbox

_MOST_BITS = 4_096
_LONGEST_TEXT = 10_000
_LIMITS = Limits(seconds=10.0, total_seconds=20.0)
_CONTAINERS = {"set": set, "frozenset": frozenset, "tuple": tuple, "list": list}

_PLAIN = """
def _sml_copy(value):
    if isinstance(value, list):
        return [_sml_copy(item) for item in value]
    if isinstance(value, tuple):
        return tuple([_sml_copy(item) for item in value])
    if isinstance(value, dict):
        return {_sml_copy(key): _sml_copy(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return frozenset([_sml_copy(item) for item in value])
    if isinstance(value, set):
        return set([_sml_copy(item) for item in value])
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
"""
"""What is equal to plain data, such as a `Counter` or a named tuple, as plain data."""

_ITERATORS = """
def _sml_given(value):
    return _sml_copy(list(value) if hasattr(value, "__next__") else value)
"""

_RUNNER = """
_sml_calls = []
_sml_values = []
_sml_results = []
_sml_checks = []
_sml_seen = [0]

def _sml_note(good):
    _sml_checks.append([good, _sml_seen[0], len(_sml_calls)])
    _sml_seen[0] = len(_sml_calls)

def _sml_recorded(*args):
    _sml_calls.append(_sml_copy(args))
    value = _sml_reference(*args)
    value = _sml_given(value)
    _sml_values.append(value)
    return _sml_copy(value)

def _sml_replayed(*args):
    position = len(_sml_calls)
    _sml_calls.append(_sml_copy(args))
    failed, value = _sml_results[position]
    if failed:
        raise ValueError("the function returned nothing")
    return value

def _sml_record():
    check(_sml_recorded)
    return [_sml_calls, _sml_values, _sml_checks]

def _sml_judge(results):
    _sml_results.extend(results)
    ended = True
    try:
        check(_sml_replayed)
    except Exception:
        ended = False
    return [_sml_calls, _sml_checks, ended]
"""


@dataclass(frozen=True, slots=True)
class CheckProgram:
    """Tests that have to be run, with the calls that they make.

    Attributes:
        code: the tests, and the program that records or replays them.
        calls: the arguments of each call, as recorded with the reference.
    """

    code: str
    calls: tuple[tuple[Any, ...], ...]

    def judge(self, results: Sequence[CallResult], sandbox: Sandbox) -> list[bool]:
        """Which of the calls passed all checks that they take part in.

        Args:
            results: what the student's function returned, one result for each call.
            sandbox: where the tests run.

        Raises:
            VerifierError: the tests broke, or called for something else than they did when recorded.
        """
        values = [(r.failure is not None, None if r.failure is not None else r.value) for r in results]
        calls, checks, ended = _run(self.code, "_sml_judge", (values,), sandbox)
        if tuple(calls) != self.calls[: len(calls)]:
            raise VerifierError("the tests call for other arguments than they did when they were recorded")
        passed = [ended or position < len(calls) for position in range(len(results))]
        for good, start, end in checks:
            for position in range(start, min(end, len(passed))):
                passed[position] = passed[position] and bool(good)
        if not ended and calls:
            passed[len(calls) - 1] = False
        return [good and r.failure is None for good, r in zip(passed, results, strict=True)]


def literal_cases(checks: Sequence[ast.stmt], name: str) -> list[Case] | None:
    """The cases that asserts state, if each of them says `name(literals) == literal`; else None."""
    cases = []
    for node in checks:
        if isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and _idle(node.value)):
            continue
        if not isinstance(node, ast.Assert):
            return None
        if isinstance(node.test, ast.Constant) and node.test.value is True:
            continue
        case = literal_case(node.test, name)
        if case is None:
            return None
        cases.append(case)
    return cases


def literal_case(test: ast.expr, name: str) -> Case | None:
    """The case that `name(literals) == literal` states; None for anything else."""
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)):
        return None
    call = test.left
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == name):
        return None
    if call.keywords:
        return None
    try:
        return Case(tuple([literal(arg) for arg in call.args]), literal(test.comparators[0]))
    except (ValueError, RecursionError):
        return None


def literal(node: ast.expr) -> Any:
    """The plain value of a literal, of arithmetic on literals, or of `set([...])` and the like.

    Worked out here without evaluating anything; sizes are bounded. Raises `ValueError` for all else.
    """
    if isinstance(node, ast.BinOp):
        return _combined(literal(node.left), node.op, literal(node.right))
    if isinstance(node, ast.List):
        return [literal(item) for item in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple([literal(item) for item in node.elts])
    if isinstance(node, ast.Set):
        return _hashed(set, [literal(item) for item in node.elts])
    if isinstance(node, ast.Dict):
        keys = [literal(key) for key in node.keys if key is not None]
        if len(keys) != len(node.values):
            raise ValueError("not a literal")
        values = [literal(value) for value in node.values]
        return _hashed(dict, zip(keys, values, strict=True))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        value = literal(node.operand)
        if type(value) not in (int, float, complex):
            raise ValueError("not a literal")
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        kind = _CONTAINERS.get(node.func.id)
        if kind is not None and len(node.args) <= 1:
            items = literal(node.args[0]) if node.args else []
            if type(items) not in (list, tuple, set, str):
                raise ValueError("not a literal")
            return _hashed(kind, items)
        if node.func.id == "float" and len(node.args) == 1 and isinstance(node.args[0], ast.Constant):
            if str(node.args[0].value).strip("+-").casefold() in ("inf", "infinity", "nan"):
                return float(str(node.args[0].value))
            raise ValueError("not a literal")
    if isinstance(node, ast.Constant) and node.value is not ...:
        return node.value
    raise ValueError("not a literal")


def make_program(tests: str, name: str, reference: str) -> str:
    """The program that records and judges tests.

    Args:
        tests: code that defines `check(candidate)`, with asserts.
        name: the function that the reference defines.
        reference: the reference's code with all that it and the tests need.

    Raises:
        SyntaxError: one of them is no Python.
    """
    ast.parse(reference)
    tree = _Noted().visit(ast.parse(tests))
    noted = ast.unparse(ast.fix_missing_locations(tree))
    seeded = "import random\nrandom.seed(0)\n" if "random" in tests else ""
    return f"{reference}\n_sml_reference = {name}\n{_PLAIN}{_ITERATORS}{_RUNNER}\n{seeded}{noted}\n"


def plainly(program: str, function: str, *, iterators: bool) -> tuple[str, str]:
    """A program whose function gives plain data where it gives something equal, and that function's name.

    Args:
        program: the code.
        function: its function, `f` or `Class.method`.
        iterators: whether what can only be gone through is a list then; no assert takes it for one.
    """
    called = function.replace(".", "().")
    given = "_sml_given" if iterators else "_sml_copy"
    helpers = _PLAIN + (_ITERATORS if iterators else "")
    return (
        f"{program}\n{helpers}\ndef _sml_plainly(*args):\n    return {given}({called}(*args))\n",
        "_sml_plainly",
    )


def record(code: str, sandbox: Sandbox) -> tuple[CheckProgram, list[Case]]:
    """Run tests with their reference: the tests, and a case for each call with the value it gave.

    Raises:
        VerifierError: the sandbox broke.
        ValueError: the tests do not run with the reference, or the reference fails them.
    """
    calls, values, checks = _run(code, "_sml_record", (), sandbox, ValueError)
    if not all(good for good, _, _ in checks) or not calls:
        raise ValueError("the reference does not pass the tests" if calls else "the tests call nothing")
    cases = [Case(tuple(args), value) for args, value in zip(calls, values, strict=True)]
    return CheckProgram(code, tuple([tuple(args) for args in calls])), cases


def as_check(asserts: Sequence[str], name: str) -> str:
    """A test program of asserts about `name`: `def check(candidate): ...`.

    Raises `SyntaxError` if one of them is no Python.
    """
    tree = ast.parse("\n".join(textwrap.dedent(line).strip("\n") for line in asserts))
    body = _Renamed(name).visit(tree)
    inner = textwrap.indent(ast.unparse(ast.fix_missing_locations(body)) or "pass", "    ")
    return f"def check(candidate):\n{inner}\n"


def _run(
    code: str,
    function: str,
    args: tuple[Any, ...],
    sandbox: Sandbox,
    error: type[Exception] = VerifierError,
) -> list[Any]:
    run = sandbox.run(Program(code, (Call(function, args),)), _LIMITS)
    failure = run.failure or run.calls[0].failure
    if failure is not None:
        what = f"{failure.kind.value} {failure.exception} {failure.message}".strip()
        raise error(f"the tests do not run: {what:.200}")
    return list(run.calls[0].value)


class _Noted(ast.NodeTransformer):
    """Puts the note of whether it holds in place of each assert, so that one that fails ends nothing."""

    def visit_Assert(self, node: ast.Assert) -> ast.Try:
        good = ast.Call(ast.Name("bool", ast.Load()), [node.test], [])
        return ast.Try(
            body=[_note(good)],
            handlers=[
                ast.ExceptHandler(
                    type=ast.Name("Exception", ast.Load()), name=None, body=[_note(ast.Constant(False))]
                )
            ],
            orelse=[],
            finalbody=[],
        )


def _note(value: ast.expr) -> ast.Expr:
    return ast.Expr(ast.Call(ast.Name("_sml_note", ast.Load()), [value], []))


class _Renamed(ast.NodeTransformer):
    """`candidate` in place of the function's own name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name("candidate", node.ctx) if node.id == self._name else node


def _idle(value: ast.expr) -> bool:
    """Whether an expression statement does nothing: a text, or a bare name."""
    return isinstance(value, (ast.Constant, ast.Name))


def _hashed(kind: Any, items: Any) -> Any:
    try:
        return kind(items)
    except TypeError:
        raise ValueError("not a literal") from None


def _combined(left: Any, operator: ast.operator, right: Any) -> Any:
    """Arithmetic on two plain values, bounded; `ValueError` where it is none."""
    numbers = type(left) in (int, float) and type(right) in (int, float)
    try:
        if isinstance(operator, ast.Add):
            if numbers or (type(left) is type(right) and type(left) in (str, list, tuple, bytes)):
                return left + right
            if {type(left), type(right)} <= {int, float, complex}:
                return left + right
        elif isinstance(operator, ast.Sub) and {type(left), type(right)} <= {int, float, complex}:
            return left - right
        elif isinstance(operator, ast.Mult):
            if numbers:
                return left * right
            items, times = (left, right) if type(right) is int else (right, left)
            short = type(times) is int and type(items) in (str, list, tuple)
            if short and len(items) * max(times, 0) <= _LONGEST_TEXT:
                return items * times
        elif numbers and isinstance(operator, ast.Div):
            return left / right
        elif numbers and isinstance(operator, ast.FloorDiv):
            return left // right
        elif numbers and isinstance(operator, ast.Mod):
            return left % right
        elif numbers and isinstance(operator, ast.Pow):
            small = type(left) is float or left.bit_length() * max(right, 0) <= _MOST_BITS
            if small and abs(right) <= _MOST_BITS:
                return left**right
    except (ArithmeticError, OverflowError):
        raise ValueError("not a literal") from None
    raise ValueError("not a literal")
