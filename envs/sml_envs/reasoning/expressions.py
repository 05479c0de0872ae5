"""Arithmetic that a student writes, read exactly: whole numbers, `+ - * /` and parentheses.

Nothing is evaluated but fractions, by a reader of bounded depth. A text that this reader takes is harmless to
a scorer that hands it to SymPy, too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

_TOKEN = re.compile(r"\s{0,100}(?:(\d{1,12})|([-+*/()]))")
_MAX_CHARS = 400
_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """An expression's value (None: it divides by zero) and its numbers, in the order of writing."""

    value: Fraction | None
    numbers: tuple[int, ...]


def read_arithmetic(text: str) -> Arithmetic | None:
    """The expression, None if the text is anything else or too long."""
    text = text.strip()
    if not text or len(text) > _MAX_CHARS:
        return None
    tokens: list[str] = []
    place = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            return None
        tokens.append(token[1] or token[2])
        place = token.end()
    reader = _Reader(tokens)
    try:
        value = reader.sum(0)
    except _NoArithmetic:
        return None
    if reader.place != len(tokens):
        return None
    return Arithmetic(value, tuple(int(token) for token in tokens if token.isdecimal()))


class _NoArithmetic(Exception):
    """The tokens are no expression."""


class _Reader:
    """Recursive descent; a value of None is that of a division by zero and swallows all around it."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self.place = 0

    def sum(self, depth: int) -> Fraction | None:
        if depth > _MAX_DEPTH:
            raise _NoArithmetic
        value = self._product(depth)
        while (sign := self._next()) in ("+", "-"):
            self.place += 1
            value = _apply(sign, value, self._product(depth))
        return value

    def _product(self, depth: int) -> Fraction | None:
        value = self._factor(depth)
        while (sign := self._next()) in ("*", "/"):
            self.place += 1
            value = _apply(sign, value, self._factor(depth))
        return value

    def _factor(self, depth: int) -> Fraction | None:
        token = self._next()
        self.place += 1
        if token.isdecimal():
            return Fraction(int(token))
        if token in ("-", "+") and depth < _MAX_DEPTH:
            value = self._factor(depth + 1)
            return -value if token == "-" and value is not None else value
        if token != "(":
            raise _NoArithmetic
        value = self.sum(depth + 1)
        if self._next() != ")":
            raise _NoArithmetic
        self.place += 1
        return value

    def _next(self) -> str:
        return self._tokens[self.place] if self.place < len(self._tokens) else ""


def _apply(sign: str, left: Fraction | None, right: Fraction | None) -> Fraction | None:
    if left is None or right is None:
        return None
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "*":
        return left * right
    return left / right if right else None
