"""The outer shape of an answer: one thing, or several and how they belong together.

| written | shape |
| --- | --- |
| `x + 1`, `1 < x < 3`, a matrix | one |
| `(1, 2)`, `[1, 2)` | ordered, and the brackets matter: a pair is not an interval with an end closed |
| `{1, 2}`, `1, 2`, `1 and 2`, `x = 1 or x = 2`, `A \\cup B` | unordered |
| `\\pm 2`, `1 \\pm \\sqrt{3}` | unordered: once with plus, once with minus |

Commas inside a number (`1,234`) or inside brackets do not separate.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from sml_envs.math.numbers import parse_number

MAX_PARTS = 12
"""Most parts that an answer may have."""

_SEPARATOR = re.compile(
    r"\s(?:or|and)\s|,|;|\\cup(?![A-Za-z])|∪|(?<=[)\]}])\s?U\s?(?=[(\[{])"
    r"|\\(?:text|mathrm) ?\{ ?,? ?(?:or|and) ?\}"
)
_OPENING, _CLOSING = "([{", ")]}"
_LABEL = re.compile(
    r"\s*(?:\\?[A-Za-z]\w?(?:_(?:\{\w+\}|\w))?'{0,2}(?:\([A-Za-z]\))?)\s*(?:=|\\in(?![A-Za-z])|∈)\s*"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """An answer taken apart.

    `kind` is `"one"`, `"ordered"` or `"unordered"`; `brackets` are those of an ordered shape.
    """

    kind: str
    parts: tuple[str, ...]
    brackets: str = ""


@functools.lru_cache(maxsize=1024)
def shape_of(text: str) -> Shape:
    """The shape of a tidied text. With more than `MAX_PARTS` parts it is one thing that nothing equals."""
    text = _without_label(text.strip())
    if r"\begin" in text:
        return Shape("one", (text,))
    parts = _split(text)
    if len(parts) == 1:
        inner, brackets = _inside(text)
        if brackets:
            inner_parts = _split(inner)
            if brackets in ("{}", r"\{\}"):
                return _unordered(inner_parts)
            if len(inner_parts) > 1:
                return Shape("ordered", tuple(map(_without_label, inner_parts)), brackets)
    return _unordered(parts)


def _unordered(parts: list[str]) -> Shape:
    values = [value for part in parts for value in _signs(_without_label(part))]
    if len(values) > MAX_PARTS or (len(values) == 1 and len(parts) == 1):
        return Shape("one", (values[0],) if len(values) == 1 else (", ".join(parts),))
    return Shape("unordered", tuple(values))


def _signs(part: str) -> list[str]:
    """The two values of an expression with one plus-or-minus sign."""
    part = part.replace("±", r"\pm ").replace("+/-", r"\pm ").replace("+-", r"\pm ")
    pieces = re.split(r"\\pm(?![A-Za-z])", part)
    if len(pieces) != 2:
        return [part.strip()]
    before, after = pieces
    plus = f"{before}+{after}" if before.strip() else after
    return [plus.strip(), f"{before}-{after}".strip()]


def _without_label(part: str) -> str:
    """`x = 2` and `x \\in [0, 1]` name what they are; the value is what counts."""
    label = _LABEL.match(part)
    rest = part[label.end() :] if label else part
    return rest.strip() if "=" not in rest else part.strip()


def _split(text: str) -> list[str]:
    """Split at separators that stand outside all brackets."""
    depth, start, parts = 0, 0, []
    borders = {found.start(): found.end() for found in _SEPARATOR.finditer(text)}
    if not borders or parse_number(text) is not None:
        return [text]
    position = 0
    while position < len(text):
        char = text[position]
        if depth == 0 and position in borders:
            parts.append(text[start:position])
            position = start = borders[position]
            continue
        depth += (char in _OPENING) - (char in _CLOSING)
        position += 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()] or [text]


def _inside(text: str) -> tuple[str, str]:
    """What stands inside one pair of brackets around the whole text, and the pair; else ("", "")."""
    for opening, closings in ((r"\{", (r"\}",)), ("{", ("}",)), ("(", (")", "]")), ("[", ("]", ")"))):
        for closing in closings:
            if (
                text.startswith(opening)
                and text.endswith(closing)
                and len(text) > len(opening) + len(closing)
            ):
                inner = text[len(opening) : -len(closing)]
                if _balanced(inner):
                    return inner, opening + closing
    return "", ""


def _balanced(text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char in _OPENING) - (char in _CLOSING)
        if depth < 0:
            return False
    return depth == 0
