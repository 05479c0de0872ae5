"""Rows of published sets of programming problems, as problems with references.

| rows of | known by | tests |
| --- | --- | --- |
| HumanEval | `prompt`, `entry_point`, `canonical_solution`, `test` | a program `check(candidate)` |
| MBPP | `text` or `prompt`, `code`, `test_list` | asserts |
| OpenCodeInstruct | `input`, `output`, `unit_tests` | asserts, as JSON |
| LiveCodeBench | `question_content`, `public_test_cases` | calls or input and output, private ones packed |
| APPS | `question`, `input_output` | calls (with `fn_name`) or input and output |
| plain | `problem`, `tests` | `{"args": [...] or "call": "f(1)", "expect": ...}` |

What a row holds is read, never evaluated or unpickled. A row that has nothing to test raises `ValueError`.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sml_envs.code import humaneval
from sml_envs.code.cases import AnyCase, Case, StdioCase, code_reference, render_problem
from sml_envs.code.checks import as_check, literal, literal_cases, make_program, record
from sml_envs.code.labels import label_of, label_of_text
from sml_envs.code.packed import unpack
from sml_envs.code.reading import fenced_blocks
from sml_envs.code.source import read_source
from sml_gym import Reference
from sml_gym.row_tasks import text_field
from sml_gym.sandbox import shared_sandbox

_Read = tuple[str, Reference]
_MOST_CASES = 200
"""Of a row with more tests, so many are taken."""

_PACKED_SECONDS = 6.0  # as in LiveCodeBench's own evaluation
_CLASS_METHOD = re.compile(
    r"class[ \t]+(\w+)[^\n]*:\s*\n(?:.*\n)*?[ \t]+def[ \t]+(\w+)[ \t]*\(", re.MULTILINE
)
_FUNCTION = re.compile(r"^def[ \t]+(\w+)[ \t]*\(", re.MULTILINE)


def read_row(row: Mapping[str, Any]) -> _Read:
    """A row of any of the formats above as (problem, reference).

    Raises:
        KeyError: a field is missing.
        ValueError: a field does not hold what it should, or there is nothing to test.
    """
    for known_by, reader in _FORMATS:
        if all(any(name in row for name in names) for names in known_by):
            return reader(row)
    raise KeyError("tests")


def humaneval_row(row: Mapping[str, Any]) -> _Read:
    """A row of HumanEval."""
    return humaneval.problem_of(row), humaneval.humaneval_reference(row)


def mbpp_row(row: Mapping[str, Any]) -> _Read:
    """A row of MBPP, or of its sanitised part: the published prompt ends with the first of the asserts."""
    name = "text" if row.get("text") else "prompt"
    problem, code = text_field(row, name), text_field(row, "code")
    tests = _texts(row, "test_list") + _texts(row, "challenge_test_list", needed=False)
    setup = "\n".join([*_texts(row, "test_imports", needed=False), str(row.get("test_setup_code") or "")])
    entry_point = _entry_point(tests, code)
    reference = _asserted(code, entry_point, tests, setup.strip(), shown=1)
    return render_problem(problem, str(reference.data["signature"]), reference.data["cases"]), reference


def open_code_instruct_row(row: Mapping[str, Any]) -> _Read:
    """A row of OpenCodeInstruct; asserts that its own reference failed are left out."""
    problem = text_field(row, "input")
    output = text_field(row, "output")
    blocks = [block.code for block in fenced_blocks(output) if block.python or not block.mark]
    code = textwrap.dedent(blocks[-1] if blocks else output).strip("\n")
    tests = _json_texts(row, "unit_tests")
    passed = row.get("tests_execution_status")
    status = _json_list(passed, "tests_execution_status") if passed else []
    if len(status) == len(tests):
        tests = [test for test, state in zip(tests, status, strict=True) if str(state).startswith("pass")]
    if not tests:
        raise ValueError("the field 'unit_tests' holds no test that the row's own output passes")
    entry_point = _entry_point(tests, code)
    reference = _asserted(code, entry_point, tests, "", shown=0)
    return render_problem(problem, str(reference.data["signature"]), ()), reference


def live_code_bench_row(row: Mapping[str, Any]) -> _Read:
    """A row of LiveCodeBench, functional or with input and output.

    The set publishes no solutions: without a `solution` or `code` in the row the reference is empty.
    """
    question, starter = text_field(row, "question_content"), str(row.get("starter_code") or "")
    public = _json_list(row["public_test_cases"], "public_test_cases")
    private = row.get("private_test_cases") or "[]"
    tests = [(test, True) for test in public] + [(test, False) for test in _packed(private)]
    if not tests:
        raise ValueError("the fields 'public_test_cases' and 'private_test_cases' hold no tests")
    kinds = {str(test.get("testtype", "")) for test, _ in tests if isinstance(test, Mapping)}
    if len(kinds) != 1 or not kinds <= {"stdin", "functional"}:
        raise ValueError(f"tests should all have the testtype 'stdin' or 'functional', got {sorted(kinds)}")
    code = str(row.get("solution") or row.get("code") or "")
    more = {"compare": "json", "seconds": _PACKED_SECONDS, "total_seconds": 10 * _PACKED_SECONDS}
    if kinds == {"stdin"}:
        pairs = [(_text(test, "input"), _text(test, "output"), shown) for test, shown in tests]
        return f"{question.strip()}\n\n{_STDIO}", _script(code, pairs, more)
    entry_point = _declared(starter) or _named(row)
    calls = [(_lines_of_json(test, "input"), _one_json(test, "output"), shown) for test, shown in tests]
    return _functional(question, starter, code, entry_point, calls, more)


def apps_row(row: Mapping[str, Any]) -> _Read:
    """A row like those of APPS: calls of `fn_name`, or input and output.

    Where every output is a list of one value, the value is what is expected, as the set's own check has it.
    """
    question, starter = text_field(row, "question"), str(row.get("starter_code") or "")
    tests = _json(row["input_output"], "input_output")
    if not isinstance(tests, Mapping) or not isinstance(tests.get("inputs"), list):
        raise ValueError("the field 'input_output' should hold 'inputs' and 'outputs'")
    inputs, outputs = tests["inputs"], tests.get("outputs")
    if not isinstance(outputs, list) or len(outputs) != len(inputs) or not inputs:
        raise ValueError("the field 'input_output' should hold as many outputs as inputs, and at least one")
    solutions = row.get("solutions") or "[]"
    known = _json_list(solutions, "solutions") if isinstance(solutions, (str, list)) else []
    code = str(known[0]) if known else str(row.get("solution") or "")
    if not tests.get("fn_name"):
        pairs = [(_joined(i), _joined(o), False) for i, o in zip(inputs, outputs, strict=True)]
        return f"{question.strip()}\n\n{_STDIO}", _script(code, pairs, {})
    name = str(tests["fn_name"])
    if all(isinstance(output, list) and len(output) == 1 for output in outputs):
        outputs = [output[0] for output in outputs]
    if not all(isinstance(args, list) for args in inputs):
        raise ValueError("with 'fn_name', each of the inputs should be a list of arguments")
    declared = _declared(starter)
    entry_point = declared if declared.rpartition(".")[2] == name else name
    calls = [(tuple(args), value, False) for args, value in zip(inputs, outputs, strict=True)]
    return _functional(question, starter, code, entry_point, calls, {"compare": "json"})


def plain_row(row: Mapping[str, Any]) -> _Read:
    """A plain row: `problem`, `answer` (the reference), `tests`, and if there `entry_point`, `signature`.

    A test is `{"args": [...], "expect": value}` or `{"call": "f(1)", "expect": value}`, or for a program
    `{"stdin": text, "expect": text}`; `shown` and `label` may be added.
    """
    problem, code = text_field(row, "problem"), text_field(row, "answer")
    tests = row["tests"]
    if not isinstance(tests, list) or not tests or not all(isinstance(test, Mapping) for test in tests):
        raise ValueError("the field 'tests' should be a list of objects, at least one")
    solution = str(row.get("solution") or "")
    if all("stdin" in test for test in tests):
        pairs = [(_text(test, "stdin"), _text(test, "expect"), test.get("shown") is True) for test in tests]
        return problem, _script(code, pairs, {}, solution)
    named = [_call_of(str(test["call"])) for test in tests if "call" in test]
    entry_point = str(row.get("entry_point") or (named[0][0] if named else _last_function(code)))
    if any(name != entry_point for name, _ in named):
        raise ValueError(f"the tests call other functions than {entry_point!r}")
    cases: list[AnyCase] = []
    for test in tests:
        args = _call_of(str(test["call"]))[1] if "call" in test else test.get("args")
        if not isinstance(args, (list, tuple)) or "expect" not in test:
            raise ValueError("each test should have 'args' (a list) or 'call', and 'expect'")
        label = str(test.get("label") or label_of(args))
        cases.append(Case(tuple(args), test["expect"], test.get("shown") is True, label))
    signature = str(row.get("signature") or _signature(code, entry_point))
    reference = code_reference(
        code,
        entry_point=entry_point,
        signature=signature,
        cases=cases,
        solution=solution,
        more={"compare": "json"},
    )
    return problem, reference


_FORMATS: Sequence[tuple[Sequence[Sequence[str]], Callable[[Mapping[str, Any]], _Read]]] = (
    ([[name] for name in humaneval.FIELDS], humaneval_row),
    ([["test_list"], ["code"]], mbpp_row),
    ([["unit_tests"], ["input"]], open_code_instruct_row),
    ([["question_content"], ["public_test_cases"]], live_code_bench_row),
    ([["question"], ["input_output"]], apps_row),
    ([["problem"], ["tests"]], plain_row),
)

_STDIO = "Write a Python program that reads from standard input and prints to standard output."


# ---- tests that are asserts ----


def _asserted(code: str, entry_point: str, tests: list[str], setup: str, *, shown: int) -> Reference:
    """The reference of a function that asserts are about; the first `shown` of their cases are public."""
    try:
        check = as_check(tests[:_MOST_CASES], entry_point)
        tree = ast.parse(check).body[0]
        assert isinstance(tree, ast.FunctionDef)
        more: dict[str, Any] = {"compare": "value", "preamble": setup}
        cases = literal_cases(tree.body, "candidate")
        if not cases:
            program = make_program(check, entry_point, f"{setup}\n{code}" if setup else code)
            more["program"], cases = record(program, shared_sandbox())
    except SyntaxError as exc:
        raise ValueError(f"the tests or the code are not Python ({exc.msg}, line {exc.lineno})") from None
    told = [
        Case(case.args, case.expected, place < shown and "program" not in more, label_of(case.args))
        for place, case in enumerate(cases)
    ]
    return code_reference(
        code, entry_point=entry_point, signature=_signature(code, entry_point), cases=told, more=more
    )


def _entry_point(tests: list[str], code: str) -> str:
    """The function that asserts are about: of those that the code defines, the one they call most."""
    source = read_source(code)
    if source.problem:
        raise ValueError(f"the reference is not Python: {source.problem}")
    counts = dict.fromkeys(source.functions, 0)
    for test in tests:
        for name in set(re.findall(r"\b(\w+)[ \t]*\(", test)):
            if name in counts:
                counts[name] += 1
    best = max(counts, key=lambda name: counts[name], default="")
    if not best or not counts[best]:
        raise ValueError("the tests call no function that the reference defines, so there is nothing to test")
    return best


def _signature(code: str, name: str) -> str:
    """The signature of a function in a reference."""
    try:
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.FunctionDef) and node.name == name.rpartition(".")[2]:
                gives = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
                return f"def {node.name}({ast.unparse(node.args)}){gives}"
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    return ""


def _last_function(code: str) -> str:
    functions = list(read_source(code).functions)
    if not functions:
        raise ValueError("the field 'answer' defines no function; name it in 'entry_point'")
    return functions[-1]


def _call_of(text: str) -> tuple[str, tuple[Any, ...]]:
    """The name and the arguments of a call that is written out with literals."""
    try:
        node = ast.parse(text.strip(), mode="eval").body
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            return node.func.id, tuple([literal(arg) for arg in node.args])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    raise ValueError(f"the test {text!r:.80} is no call with literals, such as 'f(1, [2])'")


# ---- tests that are data ----


def _script(
    code: str, pairs: Iterable[tuple[str, str, bool]], more: Mapping[str, Any], solution: str = ""
) -> Reference:
    cases = [StdioCase(stdin, expected, shown, label_of_text(stdin)) for stdin, expected, shown in pairs][
        :_MOST_CASES
    ]
    return code_reference(code, entry_point="", signature="", cases=cases, solution=solution, more=more)


def _functional(
    question: str,
    starter: str,
    code: str,
    entry_point: str,
    calls: Sequence[tuple[tuple[Any, ...], Any, bool]],
    more: Mapping[str, Any],
) -> _Read:
    if not entry_point:
        raise ValueError("nothing says which function to call; 'starter_code' or 'metadata' should")
    cases = [Case(args, value, shown, label_of(args)) for args, value, shown in calls[:_MOST_CASES]]
    method = "." in entry_point
    header = starter.strip() or _signature(code, entry_point).removesuffix(":")
    asked = f"Complete this Python code:\n{header}" if header else f"Write the function {entry_point}."
    signature = "" if method else _header_of(starter, entry_point) or _signature(code, entry_point)
    problem = f"{question.strip()}\n\n{asked}"
    given = {**more, "preamble": _TYPING} if method or starter else more
    return problem, code_reference(
        code, entry_point=entry_point, signature=signature, cases=cases, more=given
    )


# What LiveCodeBench's and LeetCode's starter code takes for granted.
_TYPING = "from typing import *\nfrom collections import *\nimport math, heapq, bisect, itertools, functools"


def _header_of(starter: str, entry_point: str) -> str:
    return _signature(f"{starter.rstrip().rstrip(':')}:\n    pass", entry_point) if starter.strip() else ""


def _declared(starter: str) -> str:
    """The function, or `Class.method`, that starter code begins."""
    method = _CLASS_METHOD.search(starter)
    if method is not None:
        return f"{method[1]}.{method[2]}"
    function = _FUNCTION.search(starter)
    return function[1] if function is not None else ""


def _named(row: Mapping[str, Any]) -> str:
    metadata = _json(row.get("metadata") or "{}", "metadata")
    return str(metadata.get("func_name") or "") if isinstance(metadata, Mapping) else ""


def _packed(tests: object) -> list[Any]:
    """The private tests of LiveCodeBench: JSON, or JSON that was pickled, compressed and put into base64."""
    if isinstance(tests, str) and not tests.lstrip().startswith(("[", "{")):
        tests = unpack(tests)
    return _json_list(tests, "private_test_cases")


def _lines_of_json(test: Any, name: str) -> tuple[Any, ...]:
    """The arguments of a functional test: one JSON value a line."""
    lines = [line for line in _text(test, name).split("\n") if line.strip()]
    return tuple([_json(line, name) for line in lines])


def _one_json(test: Any, name: str) -> Any:
    return _json(_text(test, name), name)


def _text(test: Any, name: str) -> str:
    value = test.get(name) if isinstance(test, Mapping) else None
    if not isinstance(value, str):
        raise ValueError(f"each test should have {name!r} as text, got {value!r:.60}")
    return value


def _joined(value: object) -> str:
    """Input or output that may be a text or a list of lines."""
    if isinstance(value, list):
        return "\n".join(str(line) for line in value)
    return str(value)


def _texts(row: Mapping[str, Any], name: str, *, needed: bool = True) -> list[str]:
    value = row[name] if needed else row.get(name) or []
    if not isinstance(value, (list, tuple)) or not all(isinstance(text, str) for text in value):
        raise ValueError(f"the field {name!r} should be a list of texts, got {value!r:.60}")
    if needed and not value:
        raise ValueError(f"the field {name!r} is empty, so there is nothing to test")
    return list(value)


def _json_texts(row: Mapping[str, Any], name: str) -> list[str]:
    value = _json_list(row[name], name)
    if not all(isinstance(text, str) for text in value) or not value:
        raise ValueError(f"the field {name!r} should hold texts with asserts, at least one")
    return [str(text) for text in value]


def _json_list(value: object, name: str) -> list[Any]:
    value = _json(value, name)
    if not isinstance(value, list):
        raise ValueError(f"the field {name!r} should hold a list, got {type(value).__name__}")
    return value


def _json(value: object, name: str) -> Any:
    """A JSON text's value; what is no text is taken as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as exc:
        raise ValueError(f"the field {name!r} is not valid JSON ({exc})"[:200]) from None
