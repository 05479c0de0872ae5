"""Hidden tests of our code problems catch small mistakes planted in the references."""

from __future__ import annotations

import ast
import copy
import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sml_envs.code.problems import FAMILIES, CodeFamily
from sml_envs.code.problems.draws import Draws

_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_TICKS = 30_000
"""Rounds of loops and calls after which a mutant is stopped: some never end."""


def mutants(code: str, count: int, rng: random.Random) -> Iterator[str]:
    """`count` versions of the code, each with one mistake.

    A constant is changed by 1, an operator swapped, a comparison turned, or a branch fixed.
    """
    kinds = (ast.Constant, ast.BinOp, ast.BoolOp, ast.Compare, ast.If, ast.IfExp)
    places = [
        (place, first)
        for place, node in enumerate(ast.walk(ast.parse(code)))
        for first in (True, False)
        if isinstance(node, kinds)
    ]
    rng.shuffle(places)
    for place, first in places:
        changed = ast.parse(code)
        node = next(itertools.islice(ast.walk(changed), place, None))
        if isinstance(node, ast.Constant) and type(node.value) is int:
            node.value += 1 if first else -1
        elif isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in _SWAPS and first:
            node.op = _SWAPS[type(node.op)]()  # type: ignore[assignment]
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPS and first:
            node.ops[0] = _SWAPS[type(node.ops[0])]()  # type: ignore[call-overload]
        elif isinstance(node, ast.If | ast.IfExp):
            node.test = ast.Constant(first)
        else:
            continue
        yield ast.unparse(changed)
        count -= 1
        if not count:
            return


def judge(family: CodeFamily, level: int, seed: int, count: int) -> tuple[int, list[str]]:
    """How many of `count` mutants of a problem its tests catch, and those missed.

    A mutant that gives the same on 150 further inputs may be no mistake at all, and is not counted.
    """
    name = f"{family.name}:{level}:{seed}"
    reference = family.generate(random.Random(name), level).reference()
    _, spec = family.sketch(random.Random(name), level)
    cases = reference.data["cases"]
    draws = Draws(random.Random(99))
    more = [draw(draws) for _ in range(75) for draw in spec.inputs.values()][:150]
    run = _runner(reference.answer, reference.data["entry_point"])
    wanted = [run(args) for args in more]
    caught, missed = 0, []
    for code in mutants(reference.answer, count, random.Random(seed)):
        mutant = _runner(code, reference.data["entry_point"])
        if any(mutant(case.args) != repr(case.expected) for case in cases):
            caught += 1
        elif any(mutant(args) != result for args, result in zip(more, wanted, strict=True)):
            missed.append(code)
    return caught, missed


class _Ticks(ast.NodeTransformer):
    """Puts a tick into each loop and function."""

    def visit(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node, ast.For | ast.While | ast.FunctionDef):
            node.body.insert(0, ast.parse("_tick()").body[0])
        return node


def _runner(code: str, name: str) -> Callable[[tuple[Any, ...]], str]:
    """Runs a mutant of our own reference: the repr of its result, or the name of its exception."""
    left = 0

    def tick() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise TimeoutError

    space: dict[str, Any] = {"_tick": tick}
    exec(compile(ast.fix_missing_locations(_Ticks().visit(ast.parse(code))), "<mutant>", "exec"), space)  # noqa: S102

    def run(args: tuple[Any, ...]) -> str:
        nonlocal left
        left = _TICKS
        try:
            return repr(space[name](*copy.deepcopy(args)))
        except Exception as error:
            return type(error).__name__

    return run


def test_small_mistakes_are_caught() -> None:
    cells = [(family, level) for family in FAMILIES for level in family.levels]
    caught = missed = 0
    for number, (family, level) in enumerate(cells):
        found, left = judge(family, level, number % 3, 6)
        caught, missed = caught + found, missed + len(left)
        assert len(left) <= 2, (family.name, level, left)
    assert caught >= 0.97 * (caught + missed)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nine_in_ten_small_mistakes_are_caught_in_every_family() -> None:
    for family in FAMILIES:
        judged = [judge(family, level, seed, 20) for level in family.levels for seed in range(3)]
        caught, left = sum(found for found, _ in judged), [code for _, missed in judged for code in missed]
        assert caught >= 0.9 * (caught + len(left)), (family.name, left)
