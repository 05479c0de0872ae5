"""Reading the calculations that a student writes down: `12 * 7 = 84`, without evaluating text.

A calculation is a chain of whole-number or decimal arithmetic joined by equals signs. Each
side is parsed by a strict reader of its own with bounded sizes; whatever is not plainly
arithmetic (letters, units, functions) is passed over, so that no right line is called wrong.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

_MOST_CHARS = 8_000
_MOST_EQUATIONS = 60
_MOST_SIDE_CHARS = 80
_LARGEST_EXPONENT = 64
_LARGEST = 10**40

_LATEX = re.compile(r"\\(?:times|cdot)(?![a-zA-Z])|[×·∙⋅]")
_LATEX_OVER = re.compile(r"\\div(?![a-zA-Z])|÷")
_CROSS = re.compile(r"(?<=[0-9)]) ?[xX] ?(?=[0-9(])")
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_NUMBERING = re.compile(r"^[ \t]{0,8}(?:[0-9]{1,2}[.)]|[-*•])[ \t]{1,8}", re.MULTILINE)
_RUN = re.compile(r"[0-9(\-][0-9.+\-*/^() ]*(?:=[0-9.+\-*/^() ]*)+")
_TOKEN = re.compile(r" *(?:([0-9]+(?:\.[0-9]+)?|\.[0-9]+)|([-+*/^()]))")
_BEFORE = frozenset(" \t\n?:;,.=$\"'`[>")
_AFTER = re.compile(r" *(?:[^\W\d]|[%^!°²³√(]|\\[a-zA-Z])")
_REST = re.compile(
    r",[0-9]|,? *(?:(?:and|with) +)?(?:an? +)?(?:remainder\b|rem\b|r *[0-9]|[0-9]+ +(?:left|over|remain))",
    re.IGNORECASE,
)
# An operation in words, or a decimal comma, before the first number: it is only a piece of what was written.
_PIECE_BEFORE = re.compile(
    r"(?:\b(?:log|ln|lg|exp|sin|cos|tan|sqrt|root|abs|mod|div|of|per|times|plus|minus|over|by)[ \t]*"
    r"|[0-9],)\Z",
    re.IGNORECASE,
)
_BLANK_BRACKET = re.compile(r"[0-9)] +\(")  # a product, or a remark in parentheses
_UNIT_AFTER = re.compile(
    r" *(?:cm|mm|km|m|g|kg|h|hours?|minutes?|dollars?|weeks?|years?|pages?|degrees?|and|so|then|which|is|but"
    r"|or|because|now|next|final|hence|thus|therefore|the|this|that|right|correct|true)\b(?!\^)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Equation:
    """One pair of neighbours in a calculation, as written, and whether they are equal."""

    left: str
    right: str
    value: Fraction
    holds: bool

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"


def equations(text: str) -> list[Equation]:
    """The calculations in a text, in order; empty if it holds none that can be read."""
    if "=" not in text:
        return []
    text = _THOUSANDS.sub("", text[-_MOST_CHARS:].replace("$", "").replace("−", "-"))
    text = _LATEX_OVER.sub("/", _LATEX.sub("*", text))
    text = _CROSS.sub(" * ", _NUMBERING.sub("", text))
    found: list[Equation] = []
    for run in _RUN.finditer(text):
        found.extend(_pairs(text, run))
        if len(found) >= _MOST_EQUATIONS:
            break
    return found


def right_side(text: str, left: str) -> str | None:
    """The number that a text last says a side such as `3x` equals, None if it says none.

    Args:
        text: what was written.
        left: the side, without blanks.
    """
    said = _stands(left).findall(text[-_MOST_CHARS:])
    return str(said[-1]) if said else None


@functools.lru_cache(maxsize=512)
def _stands(left: str) -> re.Pattern[str]:
    """Finds `left = number` where it is no piece of something longer."""
    side = r"\s{0,2}".join(map(re.escape, left[:_MOST_SIDE_CHARS]))
    return re.compile(
        rf"(?:^|[^\s\w.+\-*/^()=]|\b[a-z]{{2,12}}\b)\s{{0,4}}{side}\s{{0,4}}=\s{{0,4}}"
        r"(-?[0-9]{1,18}(?:[./][0-9]{1,18})?)(?![0-9]|\s{0,4}[x+\-*/^(])",
        re.IGNORECASE | re.MULTILINE,
    )


def _pairs(text: str, run: re.Match[str]) -> Iterator[Equation]:
    """The neighbours in one run of arithmetic and equals signs that can be compared."""
    sides: list[str | None] = list(_unwrapped([side.strip() for side in run.group().split("=")]))
    start, end = run.start(), run.end()
    # A side that a letter, a bracket or an operator touches is only a piece of what was written.
    touching, before = text[start - 1 : start], text[max(0, start - 8) : start].rstrip(" \t")[-1:]
    if text[start] in "-(":
        touching = before
    piece = _PIECE_BEFORE.search(text[max(0, start - 12) : start])
    if piece or (touching and touching not in _BEFORE) or (before and before in "+-*/^"):
        sides[0] = None
    if _REST.match(text, end) or (_AFTER.match(text, end) and not _UNIT_AFTER.match(text, end)):
        sides[-1] = None
    values = [
        None if side is None or _BLANK_BRACKET.search(side) else arithmetic(side.rstrip("."))
        for side in sides
    ]
    for (left, a), (right, b) in zip(
        zip(sides, values, strict=True), zip(sides[1:], values[1:], strict=True), strict=False
    ):
        if a is None or b is None or left is None or right is None:
            continue
        right = right.rstrip(".")
        if _calculates(left) or _calculates(right):
            yield Equation(_spaced(left), _spaced(right), b, a == b or _rounds(a, right))


def _unwrapped(sides: list[str]) -> list[str]:
    """The sides without parentheses that enclose the whole calculation, as in `(12 * 7 = 84)`."""
    first, last = sides[0], sides[-1].rstrip(".")
    if first.startswith("(") and first.count("(") > first.count(")"):
        sides[0] = first[1:]
    if last.endswith(")") and last.count(")") > last.count("("):
        sides[-1] = last[:-1]
    return sides


def _calculates(side: str) -> bool:
    """Whether a side has an operator other than a leading sign."""
    return any(mark in side[1:] for mark in "+-*/^")


def _spaced(side: str) -> str:
    return " ".join(side.split())


def _rounds(value: Fraction, written: str) -> bool:
    """Whether a decimal is the value, rounded or cut at two places or more."""
    _, point, places = written.partition(".")
    if not point or len(places) < 2 or not places.isdecimal():
        return False
    given = arithmetic(written)
    return given is not None and abs(given - value) < Fraction(1, 10 ** len(places))


def arithmetic(text: str) -> Fraction | None:
    """The value of whole-number or decimal arithmetic, None if it is anything else or too large."""
    if not text or len(text) > _MOST_SIDE_CHARS:
        return None
    tokens: list[str] = []
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            return None
        tokens.append(token[1] or token[2])
        position = token.end()
    try:
        return _Parser(tokens).value()
    except (ValueError, ZeroDivisionError):
        return None


class _Parser:
    """Recursive descent over at most 80 tokens. Raises `ValueError` for what is no arithmetic."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._next = 0

    def value(self) -> Fraction:
        result = self._sum()
        if self._next != len(self._tokens):
            raise ValueError("something is left over")
        return result

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _sum(self) -> Fraction:
        result = self._product()
        while self._peek() in ("+", "-"):
            sign = self._take()
            term = self._product()
            result = _bounded(result + term if sign == "+" else result - term)
        return result

    def _product(self) -> Fraction:
        result = self._signed()
        while True:
            mark = self._peek()
            if mark in ("*", "/"):
                self._take()
                factor = self._signed()
                result = _bounded(result * factor if mark == "*" else result / factor)
            elif mark == "(":
                result = _bounded(result * self._power())
            else:
                return result

    def _signed(self) -> Fraction:
        if self._peek() == "-":
            self._take()
            return -self._power()
        if self._peek() == "+":
            self._take()
        return self._power()

    def _power(self) -> Fraction:
        base = self._atom()
        if self._peek() != "^":
            return base
        self._take()
        exponent = self._signed()
        if exponent.denominator != 1 or abs(exponent) > _LARGEST_EXPONENT or abs(base) > 10**6:
            raise ValueError("the power is too large")
        if self._peek() == "^":
            raise ValueError("a tower of powers")
        return _bounded(base ** int(exponent))

    def _atom(self) -> Fraction:
        token = self._take()
        if token == "(":
            inside = self._sum()
            if self._take() != ")":
                raise ValueError("a parenthesis is open")
            return inside
        if not token or token in "+-*/^)":
            raise ValueError("a number is missing")
        return _bounded(Fraction(token))

    def _take(self) -> str:
        token = self._peek()
        self._next += 1
        return token


def _bounded(value: Fraction) -> Fraction:
    if abs(value.numerator) > _LARGEST or value.denominator > _LARGEST:
        raise ValueError("the number is too large")
    return value
