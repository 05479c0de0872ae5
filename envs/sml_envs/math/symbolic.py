"""Equality of expressions, decided in a worker process under a deadline.

Runs in the worker only: `equal` is what `sml_envs.math.answers` calls through
`sml_gym.workers`. It reads LaTeX with the grammar of latex2sympy2_extended (math-verify's own), never
with SymPy's `parse_expr`, which executes its text; `_harden` takes that function away from the whole
process. Numerals become exact rationals.

Two expressions are equal if they agree to 30 digits at several points, negative ones too, and either
math-verify says so or the points were many enough. Points come first because
math-verify alone has false positives (it rounds decimals to six places, takes `ab` for the
symbol `AB`, and any two equations that it cannot solve for the same) and false negatives
(`x` against `x + 0`).
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Sequence
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.parsing import sympy_parser

_DIGITS = 30
_TOLERANCE = sympy.Float("1e-20", _DIGITS)
_POINTS = 12
_ENOUGH_POINTS = 4
_FUNCTION_NAMES = frozenset("fghFGH")
_NUMERAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_FLIPPED = {
    sympy.StrictLessThan: sympy.StrictGreaterThan,
    sympy.StrictGreaterThan: sympy.StrictLessThan,
    sympy.LessThan: sympy.GreaterThan,
    sympy.GreaterThan: sympy.LessThan,
}


def equal(expected: Sequence[str], given: Sequence[str], ordered: bool, expanded: bool = False) -> str:
    """Compare the parts of two answers, one part for a single expression.

    Args:
        expected: the reference's parts as LaTeX.
        given: the student's, as many.
        ordered: whether the parts must be equal in this order, or in any.
        expanded: whether the student's parts must be sums without like terms.

    Returns:
        `"equal"`, `"different"`, `"unreadable"` (a part of `given`), `"unreadable reference"` or
        `"unexpanded"`.
    """
    _harden()
    try:
        wanted = [_parse(part) for part in expected]
    except (Exception, RecursionError):
        return "unreadable reference"
    try:
        offered = [_parse(part) for part in given]
    except (Exception, RecursionError):
        return "unreadable"
    if expanded and not all(map(_is_expanded, offered, given)):
        return "unexpanded"
    for one in wanted:
        candidates = offered[:1] if ordered else offered
        match = next((i for i, other in enumerate(candidates) if _same(one, other)), None)
        if match is None:
            return "different"
        del offered[match]
    return "equal"


@functools.cache
def _harden() -> None:
    """Take from this process every way by which SymPy would execute text."""
    from latex2sympy2_extended import latex2sympy2
    from math_verify import parser

    def numeral(text: str, *_: Any, **__: Any) -> sympy.Rational:
        if len(text) > 1_000 or not _NUMERAL.fullmatch(text.strip()):
            raise ValueError("this process reads numerals only")
        return sympy.Rational(text.strip())

    def refuse(*_: Any, **__: Any) -> None:
        raise ValueError("this process executes no text")

    sympy_parser.parse_expr = numeral
    sympy_parser.eval_expr = refuse
    latex2sympy2.parse_expr = numeral
    parser.parse_expr = numeral
    sympy.lambdify = refuse
    sympy.utilities.lambdify.lambdify = refuse
    sys.setrecursionlimit(2_000)


def _parse(text: str) -> Any:
    from latex2sympy2_extended import NormalizationConfig, latex2sympy, normalize_latex
    from latex2sympy2_extended.latex2sympy2 import ConversionConfig

    normalised = normalize_latex(
        text,
        NormalizationConfig(
            basic_latex=True, units=False, malformed_operators=True, nits=False, boxed="none"
        ),
    )
    parsed = latex2sympy(
        normalised,
        is_real=True,
        normalization_config=None,
        conversion_config=ConversionConfig(lowercase_symbols=False, interpret_as_mixed_fractions=True),
    )
    if not isinstance(parsed, (sympy.Basic, sympy.MatrixBase)):
        raise ValueError("not an expression")
    return _interpret(parsed)


def _interpret(parsed: Any) -> Any:
    """`n(n+1)` as a product, and `i` as the imaginary unit where no other index is about."""
    calls = {
        call: sympy.Symbol(call.func.__name__, real=True) * call.args[0]
        for call in parsed.atoms(AppliedUndef)
        if call.func.__name__ not in _FUNCTION_NAMES and len(call.args) == 1
    }
    if calls:
        parsed = parsed.xreplace(calls)
    names = {symbol.name for symbol in parsed.free_symbols}
    if "i" in names and not names & {"j", "k", "n"}:
        parsed = parsed.xreplace({sympy.Symbol("i", real=True): sympy.I})
    return parsed


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Relational) or isinstance(other, Relational):
        return _same_relation(one, other)
    if one.__class__.__name__ == "And" or other.__class__.__name__ == "And":
        return _same_chain(one, other)
    plain = isinstance(one, sympy.Expr) and isinstance(other, sympy.Expr)
    if not plain or one.has(sympy.oo, -sympy.oo) or other.has(sympy.oo, -sympy.oo):
        return _math_verify(one, other)
    agreed = _agreement(one, other)
    if agreed is None:
        return False
    return agreed >= _ENOUGH_POINTS or _math_verify(one, other) or sympy.simplify(one - other) == 0


def _math_verify(one: Any, other: Any) -> bool:
    from math_verify import verify

    return bool(verify(one, other, float_rounding=_DIGITS, numeric_precision=_DIGITS, timeout_seconds=None))


def _agreement(one: sympy.Expr, other: sympy.Expr) -> int | None:
    """At how many points two expressions are equal, None if they differ at one."""
    symbols = sorted(one.free_symbols | other.free_symbols, key=lambda symbol: symbol.name)
    if not symbols:
        left, right = _number(one, {}), _number(other, {})
        if left is None or right is None:
            return 0
        return _ENOUGH_POINTS if _near(left, right) else None
    agreed = 0
    real = not one.has(sympy.I) and not other.has(sympy.I)
    for values in _points(symbols):
        left = _number(one, values)
        if left is None or (real and abs(sympy.im(left)) > _TOLERANCE):
            continue  # outside the reference's domain
        right = _number(other, values)
        if right is None or not _near(left, right):
            return None
        agreed += 1
    return agreed


def _points(symbols: Sequence[sympy.Symbol]) -> list[dict[sympy.Symbol, sympy.Rational]]:
    """Fixed points, of small size and either sign, at which unrelated expressions differ."""
    points = []
    for k in range(_POINTS):
        values = {}
        for j, symbol in enumerate(symbols):
            size = sympy.Rational(37 + (k * 29 + j * 53) % 211, 101 - 7 * ((k + j) % 3))
            values[symbol] = -size if (k >> (j % 3)) % 2 else size
        points.append(values)
    return points


def _number(expr: sympy.Expr, values: dict[sympy.Symbol, sympy.Rational]) -> Any:
    try:
        value = expr.xreplace(values).doit().evalf(_DIGITS)
    except (ArithmeticError, ValueError, TypeError, AttributeError, NotImplementedError):
        return None
    return value if value.is_number and value.is_finite else None


def _near(left: Any, right: Any) -> bool:
    return bool(abs(left - right) <= _TOLERANCE * max(1, abs(left)))


def _same_relation(one: Any, other: Any) -> bool:
    """One is the other times a number (a negative one turns an inequality round)."""
    if not isinstance(one, Relational) or not isinstance(other, Relational):
        return False
    same_way = type(one) is type(other)
    turned = _FLIPPED.get(type(one)) is type(other)
    if not same_way and not turned:
        return False
    left, right = one.lhs - one.rhs, other.lhs - other.rhs
    symbols = sorted(left.free_symbols | right.free_symbols, key=lambda symbol: symbol.name)
    if not symbols or left.free_symbols != right.free_symbols:
        return bool(one.lhs == other.lhs and one.rhs == other.rhs)
    ratio, agreed = None, 0
    for values in _points(symbols):
        a, b = _number(left, values), _number(right, values)
        if a is None or b is None or abs(a) < _TOLERANCE:
            continue
        if ratio is None:
            ratio = b / a
        elif not _near(ratio, b / a):
            return False
        agreed += 1
    if ratio is None or agreed < _ENOUGH_POINTS or abs(ratio) < _TOLERANCE:
        return False
    if isinstance(one, (sympy.Equality, sympy.Unequality)):
        return True
    return bool(sympy.im(ratio) == 0 and (ratio > 0) == same_way)


def _same_chain(one: Any, other: Any) -> bool:
    """`1 < x < 3`: the same links, in this order or all turned round."""
    links, others = (list(getattr(chain, "_unsorted_args", chain.args)) for chain in (one, other))
    if len(links) != len(others):
        return False
    return all(map(_same_relation, links, others)) or all(map(_same_relation, links, reversed(others)))


def _is_expanded(expr: Any, text: str) -> bool:
    """Whether an expression is written as a sum without like terms and without products of sums."""
    if not isinstance(expr, sympy.Expr):
        return True
    # Parsing adds `2x + x` up, so what was written is counted in the text.
    return _terms(text) == len(sympy.Add.make_args(sympy.expand(expr.doit())))


def _terms(text: str) -> int:
    """How many terms a sum has as it is written."""
    depth, terms, follows_value = 0, 1, False
    for char in text:
        depth += (char in "{([") - (char in "})]")
        if char in "+-" and depth == 0 and follows_value:
            terms += 1
        if not char.isspace():
            follows_value = char not in "+-^_*/"
    return terms
