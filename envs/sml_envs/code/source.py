"""A program's text, looked at but never run: does it parse, and which functions does it define?

A student's text is parsed here, in our process, to an abstract syntax tree and no further. Its length is
bounded, and what is nested too deep ends in one of the exceptions that are caught.
"""

from __future__ import annotations

import ast
import functools
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_CODE_CHARS = 16_384
"""Longer programs are not read."""

_LONGEST_PROBLEM = 80
_PARSING = threading.Lock()  # `catch_warnings` changes the process's filters for a moment


@dataclass(frozen=True, slots=True)
class Function:
    """A function that a program defines at its top level, or a method of a class there.

    Attributes:
        name: what it is called.
        parameters: its positional parameters, `self` aside.
        required: how many of them have no default.
        anything: whether it also takes any number of further ones (`*args`).
        returns: whether a `return` with a value (or a `yield`) stands in it.
        prints: whether it calls `print`.
    """

    name: str
    parameters: tuple[str, ...]
    required: int
    anything: bool
    returns: bool
    prints: bool


@dataclass(frozen=True, slots=True)
class Source:
    """What can be told of a program without running it.

    Attributes:
        functions: the functions that it defines, by name, in order.
        methods: the methods of its classes, by `Class.method`.
        names: all names that it binds at its top level.
        problem: why it is not Python, empty if it is.
        line: where that is, None if it cannot be told.
        empty: whether it holds no statement.
    """

    functions: Mapping[str, Function] = field(default_factory=dict)
    methods: Mapping[str, Function] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    problem: str = ""
    line: int | None = None
    empty: bool = False

    def defines(self, entry_point: str) -> bool:
        """Whether it binds a name, `f` or `Class.method`."""
        return entry_point in self.names or entry_point in self.methods


@functools.lru_cache(maxsize=512)
def read_source(code: str) -> Source:
    """What a program's text defines, or why it is not Python. Never raises."""
    if len(code) > MAX_CODE_CHARS:
        return Source(problem=f"it is longer than {MAX_CODE_CHARS} characters")
    try:
        with _PARSING, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
    except SyntaxError as exc:
        return Source(problem=_words(exc), line=exc.lineno)
    except (RecursionError, MemoryError):
        return Source(problem="it is nested too deep")
    except ValueError:  # surrogates, null bytes, numbers of thousands of digits
        return Source(problem="it holds characters that Python does not read")
    functions: dict[str, Function] = {}
    methods: dict[str, Function] = {}
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            functions[node.name] = _function(node)
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names.add(node.name)
            for inner in node.body:
                if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    methods[f"{node.name}.{inner.name}"] = _function(inner, method=True)
        else:
            names.update(_bound(node))
    return Source(functions, methods, frozenset(names), empty=not tree.body)


def signature_of(signature: str) -> Function | None:
    """The function that a signature such as `def f(xs: list[int]) -> int` announces; None without one."""
    source = read_source(f"{signature.strip().rstrip(':')}:\n    pass") if signature else Source()
    return next(iter(source.functions.values()), None)


def return_type(signature: str) -> str:
    """The type behind the arrow of a signature, empty without one."""
    return signature.rpartition("->")[2].strip().rstrip(":") if "->" in signature else ""


def _words(exc: SyntaxError) -> str:
    """What Python says of a syntax error, without what it guesses and without the code."""
    message = (exc.msg or "invalid syntax").partition(". ")[0].partition(" (")[0]
    if not message.isprintable() or len(message) > _LONGEST_PROBLEM:
        return "invalid syntax"
    return message


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, *, method: bool = False) -> Function:
    taken = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
    defaults = len(node.args.defaults)
    static = any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in node.decorator_list)
    if method and not static:
        taken = taken[1:]
    returns = prints = False
    for inner in ast.walk(node):
        if isinstance(inner, ast.Return):
            returns = returns or inner.value is not None
        elif isinstance(inner, (ast.Yield, ast.YieldFrom)):
            returns = True
        elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name):
            prints = prints or inner.func.id == "print"
    return Function(
        node.name,
        tuple(taken),
        max(0, len(taken) - defaults),
        node.args.vararg is not None,
        returns,
        prints,
    )


def _bound(node: ast.stmt) -> set[str]:
    """The names that a statement other than a definition may bind, wherever in it they stand."""
    found: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            found.add(inner.id)
        elif isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(inner.name)
        elif isinstance(inner, (ast.Import, ast.ImportFrom)):
            found.update(alias.asname or alias.name.partition(".")[0] for alias in inner.names)
    return found
