"""Reading a Python value from its `repr`, without Python's parser.

Monty could hand over values itself, but says some things with mere texts (a function, a range, a list that
holds itself) and stores keys of its author's choice in a dict of ours. So a program's value is fetched as the
text of its `repr` and read here: only plain literals, bounded in depth and number, keys checked before
they are stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sml_gym.sandbox._plain import MAX_VALUES, BadData, Keys

_TOKEN = re.compile(
    r"""(?P<number>-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf|nan)j?)
    |(?P<text>b?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))
    |(?P<name>None|True|False|frozenset\(\{|frozenset\(\)|set\(\))
    |(?P<complex>\([^()'"{}\[\],]*j\))
    |(?P<mark>[\[\](){}:,])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_INTS = re.compile(r"\[(-?\d{1,18}(?:, -?\d{1,18})*)\]", re.ASCII)
_ESCAPE = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}
_NAMES: dict[str, Any] = {"None": None, "True": True, "False": False}
_COMPLEX = re.compile(r"\((-?(?:[\d.e]|(?<=e)[+-]|inf|nan)+)?([+-]?(?:[\d.e]|(?<=e)[+-]|inf|nan)+)j\)")


def read_literal(text: str, depth: int) -> Any:
    """The value of a `repr`. Raises `BadData` for anything but plain data."""
    if (name := _NAMES.get(text, text)) is not text:
        return name
    if ints := _INTS.fullmatch(text):
        return [int(number) for number in ints[1].split(", ")]
    reader = _Reader(text)
    value = reader.value(depth)
    if reader.at != len(text):
        raise BadData("more than one value")
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.left = MAX_VALUES
        self.keys = Keys()

    def token(self) -> re.Match[str]:
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            raise BadData("no plain data")
        self.at = found.end()
        return found

    def value(self, depth: int) -> Any:
        self.left -= 1
        found = self.token()
        kind, word = found.lastgroup, found[0]
        if self.left < 0:
            raise BadData("too many values")
        if kind == "number":
            return _number(word)
        if kind == "text":
            return _text(word)
        if kind == "complex":
            return _complex(word)
        if word in _NAMES:
            return _NAMES[word]
        if word == "set()":
            return set()
        if word == "frozenset()":
            return frozenset()
        if depth <= 0:
            raise BadData("nested too deep")
        if word == "[":
            return self.items("]", depth - 1)[0]
        if word == "(":
            return tuple(self.items(")", depth - 1)[0])
        if word == "frozenset({":
            items, _ = self.items("}", depth - 1)
            self.expect(")")
            return self.stored(items, frozenset)
        if word == "{":
            keys, values = self.items("}", depth - 1)
            if values:
                return self.stored(keys, lambda checked: dict(zip(checked, values, strict=True)))
            return self.stored(keys, set) if keys else {}
        raise BadData("no plain data")

    def items(self, end: str, depth: int) -> tuple[list[Any], list[Any]]:
        """What stands up to the end, and for a dict the values."""
        items: list[Any] = []
        values: list[Any] = []
        while not self.text.startswith(end, self.at):
            if items and not self.text.startswith(end, self.at):
                self.expect(",")
                if self.text.startswith(" ", self.at):
                    self.at += 1
                elif self.text.startswith(end, self.at):  # the comma of (1,)
                    break
            items.append(self.value(depth))
            if end == "}" and self.text.startswith(": ", self.at):
                self.at += 2
                values.append(self.value(depth))
                if len(values) != len(items):
                    raise BadData("half a dict")
        if values and len(values) != len(items):
            raise BadData("half a dict")
        self.at += 1
        return items, values

    def expect(self, mark: str) -> None:
        if not self.text.startswith(mark, self.at):
            raise BadData("no plain data")
        self.at += 1

    def stored(self, keys: list[Any], store: Callable[[list[Any]], Any]) -> Any:
        try:
            return store(self.keys.checked(keys))
        except TypeError:
            raise BadData("a key is not hashable") from None


def _number(word: str) -> Any:
    try:
        if word.endswith("j"):
            return complex(word)
        return int(word) if word.lstrip("-").isdigit() else float(word)
    except ValueError:  # more digits than Python reads
        raise BadData("a number is too long") from None


def _complex(word: str) -> complex:
    found = _COMPLEX.fullmatch(word)
    if found is None:
        raise BadData("no plain data")
    try:
        return complex(float(found[1] or 0), float(found[2]))
    except ValueError:
        raise BadData("no plain data") from None


def _text(word: str) -> str | bytes:
    if word.startswith("b"):
        body = word[2:-1]
        if "\\" in body:
            body = _ESCAPE.sub(_unescape, body)
        try:
            return body.encode("latin-1")
        except UnicodeEncodeError:
            raise BadData("no bytes") from None
    body = word[1:-1]
    return _ESCAPE.sub(_unescape, body) if "\\" in body else body


def _unescape(found: re.Match[str]) -> str:
    escape = found[0]
    if len(escape) > 2:
        code = int(escape[2:], 16)
        if code > 0x10FFFF:
            raise BadData("no character")
        return chr(code)
    try:
        return _LETTERS[escape[1]]
    except KeyError:
        raise BadData("an unknown escape") from None
