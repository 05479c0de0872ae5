"""Tests of a program to write, the reference that holds them, and the problem's text.

One form for every source of problems: generated families, HumanEval, rows of published sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sml_gym import Reference, Step
from sml_gym.task import Shards

_PLAIN_BITS = 13_000


@dataclass(frozen=True, slots=True)
class Case:
    """One test of a function: it is called with `args` and has to return `expected`.

    Attributes:
        args: the arguments: None, bool, int, float, str, bytes, list, tuple, dict, set or frozenset.
        expected: what the function has to return, of exactly this type.
        shown: whether it is a public example, part of the problem's text.
        label: what kind of input this is, in words fit for the student after "for" ("an empty list",
            "negative numbers", "repeated letters"). It holds neither the arguments nor `expected`.
        rel_tol: how far floats may differ, as a part of the larger one; 0 for equality.
    """

    args: tuple[Any, ...]
    expected: Any
    shown: bool = False
    label: str = ""
    rel_tol: float = 0.0


@dataclass(frozen=True, slots=True)
class StdioCase:
    """One test of a whole program: it reads `stdin` and has to print `expected`.

    Blanks at the ends of lines and empty lines at the end do not count.

    Attributes:
        stdin: what the program can read.
        expected: what it has to print.
        shown: whether it is a public example, part of the problem's text.
        label: what kind of input this is, in words fit for the student after "for".
    """

    stdin: str
    expected: str
    shown: bool = False
    label: str = ""


AnyCase = Case | StdioCase


def code_reference(
    code: str,
    *,
    entry_point: str,
    signature: str,
    cases: Sequence[AnyCase],
    solution: str = "",
    steps: Sequence[Step] = (),
    idea: str = "",
    shards: Shards | None = None,
    more: Mapping[str, Any] | None = None,
) -> Reference:
    """What is privately known about a program to write.

    Args:
        code: a program that solves the problem.
        entry_point: the function's name; "" for a program that reads and prints.
        signature: `def f(xs: list[int]) -> int`; "" for a program that reads and prints.
        cases: the tests, public examples first.
        solution: the approach in a few sentences, without code.
        steps: the approach step by step. A step's `action` says what to do, in words, without code.
        idea: the approach in one sentence, for a student who asks for a hint.
        shards: the problem in pieces, where it has parts.
        more: further data, for sources with another way of testing.
    """
    data: dict[str, Any] = {"entry_point": entry_point, "signature": signature, "cases": tuple(cases)}
    if idea:
        data["idea"] = idea
    return Reference(code, solution, tuple(steps), {**data, **(more or {})}, shards)


def render_problem(statement: str, signature: str, cases: Sequence[AnyCase]) -> str:
    """The text of a problem: what is asked, the signature, and those of the cases that are shown."""
    parts = [statement.strip()]
    if signature:
        parts.append(f"Write this Python function:\n{signature}")
    examples = [show_case(signature, case) for case in cases if case.shown]
    if examples:
        parts.append("For example:\n" + "\n".join(examples))
    return "\n\n".join(parts)


def show_case(signature: str, case: AnyCase) -> str:
    """A case as a line of the problem, `f([1, 2]) -> 3`, or as input and output of a program."""
    if isinstance(case, StdioCase):
        return f"Input:\n{case.stdin.rstrip()}\nOutput:\n{case.expected.rstrip()}"
    name = signature.removeprefix("def ").partition("(")[0].strip()
    return f"{show_call(name, case.args)} -> {show_value(case.expected)}"


def show_call(name: str, args: Sequence[Any]) -> str:
    """A call as one writes it: `f([1, 2], 'a')`."""
    return f"{name}({', '.join(show_value(arg) for arg in args)})"


def show_value(value: Any) -> str:
    """Plain data as one writes it in Python, the same in every process: sets are sorted.

    Only exact types of plain data are looked into, so that no method of another class is called.
    """
    kind = type(value)
    if kind is list:
        return f"[{', '.join(show_value(item) for item in value)}]"
    if kind is tuple:
        inside = ", ".join(show_value(item) for item in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if kind is dict:
        return "{" + ", ".join(f"{show_value(key)}: {show_value(item)}" for key, item in value.items()) + "}"
    if kind is set or kind is frozenset:
        inside = ", ".join(sorted(show_value(item) for item in value))
        shown = f"{{{inside}}}" if inside else "set()"
        return shown if kind is set else f"frozenset({shown if inside else ''})"
    if kind is int and abs(value) >> _PLAIN_BITS:
        return hex(value)  # Python writes no decimals that long
    return repr(value)
