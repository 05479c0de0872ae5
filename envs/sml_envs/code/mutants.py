"""Programs with one constant or operator changed: what good tests tell from the program itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


def mutants(code: str, function: str) -> Iterator[str]:
    """All programs that differ from `code` in one constant or operator of a function, in order of the text.

    A function without any gets an operator: its result is negated with `not`.

    Args:
        code: Python, which defines the function. It is not run.
        function: whose body is changed; documentation and annotations stay as they are.

    Raises:
        SyntaxError: the code is not Python.
    """
    made = 0
    for place in range(len(_places(ast.parse(code), function))):
        tree = ast.parse(code)
        node = _places(tree, function)[place]
        if _change(node):
            made += 1
            yield ast.unparse(ast.fix_missing_locations(tree))
    if not made:
        tree = ast.parse(code)
        for node in ast.walk(tree):
            if isinstance(node, ast.Return) and node.value is not None:
                node.value = ast.UnaryOp(ast.Not(), node.value)
                yield ast.unparse(ast.fix_missing_locations(tree))
                return


def _places(tree: ast.Module, function: str) -> list[ast.AST]:
    """The nodes in a function's body that may be changed, as the text has them."""
    found: list[ast.AST] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            documented = ast.get_docstring(node, clean=False) is not None
            for statement in node.body[1:] if documented else node.body:
                found += _inside(statement)
    return found


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _inside(child)


def _change(node: ast.AST) -> bool:
    """Change a node in place; False if it is neither a constant nor an operator."""
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool):
            node.value = not value
        elif isinstance(value, (int, float)):
            node.value = value + 1
        elif isinstance(value, str):
            node.value = f"{value}x"
        else:
            return False
        return True
    if isinstance(node, (ast.BinOp, ast.AugAssign, ast.BoolOp)):
        other = _OPERATORS.get(type(node.op))
        if other is not None:
            node.op = other()  # type: ignore[assignment]
        return other is not None
    if isinstance(node, ast.Compare):
        other = _OPERATORS.get(type(node.ops[0]))
        if other is not None:
            node.ops[0] = other()  # type: ignore[call-overload]
        return other is not None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node.op = ast.UAdd()
        return True
    return False
