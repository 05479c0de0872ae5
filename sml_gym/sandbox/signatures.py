"""Whether the annotations of a program are such that evaluating them, as CPython does, cannot fail.

Monty takes no notice of annotations; CPython evaluates those of parameters, returned values, and of names of
modules and classes when it comes to them. `def f(xs: List[int])` without an import of `List` is the mistake
that is made most, and ends the program there. As in `screen`, the test is by words and errs towards CPython.
"""

from __future__ import annotations

import re

_PLAIN = "None int float complex bool str bytes object list dict tuple set frozenset type range"
_ONE = "list set frozenset type List Set FrozenSet Optional Iterable Iterator Sequence Collection Type Deque"
_TWO = "dict Dict Mapping DefaultDict MutableMapping"
_MANY = "tuple Tuple Union"
_TYPING = {*(_ONE + " " + _TWO + " " + _MANY + " Any Callable").split()} - set(_PLAIN.split())

_DEFINITION = re.compile(r"\bdef\s+\w+\s*\(")
_RETURNS = re.compile(r"\s*(?:->([^:\n]+))?:")
_PARAMETER = re.compile(r"(?:/|\*{0,2} ?\w*) ?(?::([^=]+))?(?:=.*)?")
_OF_MODULE = re.compile(r"^(?!else\b|try\b|finally\b)\w+ *:([^=\n]+)", re.MULTILINE)
_OF_CLASS = re.compile(r"^[ ]+(?!else\b|try\b|finally\b)\w+ *:([^=\n]+)", re.MULTILINE)
_IMPORT = re.compile(r"^from typing import ([^\n#]*)", re.MULTILINE)
_NAME = re.compile(r"[^\W\d][\w.]*")
_HEADS = "|".join(rf"{name}\[T\]" for name in _ONE.split())
_HEADS += "|" + "|".join(rf"{name}\[T,T\]" for name in _TWO.split())
_HEADS += "|" + "|".join(rf"{name}\[T(?:,T)*(?:,\.\.\.)?\]" for name in _MANY.split())
_APPLIED = re.compile(rf"\b(?:{_HEADS})|\bT\|T\b")
_MOST_PARTS = 64


def annotations_fit(code: str) -> bool:
    """Whether all annotations are of known forms over known names. String literals must have been emptied."""
    if any(not _known(found[1]) for found in _IMPORT.finditer(code)):
        return False
    for found in _DEFINITION.finditer(code):
        end = _closing(code, found.end())
        returns = _RETURNS.match(code, end + 1) if end else None
        if returns is None or (returns[1] and not _fits(returns[1], code[: found.start()])):
            return False
        for part in _split(code[found.end() : end]):
            parameter = _PARAMETER.fullmatch(" ".join(part.split()))
            if parameter is None or (parameter[1] and not _fits(parameter[1], code[: found.start()])):
                return False
    patterns = [_OF_MODULE, _OF_CLASS] if re.search(r"\bclass\b", code) else [_OF_MODULE]
    return all(
        _fits(found[1], code[: found.start()]) for pattern in patterns for found in pattern.finditer(code)
    )


def _known(names: str) -> bool:
    return all(name.strip() in _TYPING for name in names.split(","))


def _closing(code: str, start: int) -> int:
    """Where the bracket closes whose inside begins at `start`; 0 if it does not."""
    depth = 1
    for found in re.compile(r"[()\[\]{}]").finditer(code, start):
        depth += 1 if found[0] in "([{" else -1
        if not depth:
            return found.start()
    return 0


def _split(text: str) -> list[str]:
    """What stands between the commas outside all brackets."""
    parts, depth = [""], 0
    for piece in re.split(r"([()\[\]{},])", text):
        depth += (piece in ("(", "[", "{")) - (piece in (")", "]", "}"))
        if piece == "," and not depth:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _fits(text: str, before: str) -> bool:
    """Whether an annotation reduces to one type: `dict[str, list[int]]` to `dict[T, list[T]]` to `T`."""
    text = "".join(text.split())
    if text == "''":
        return True
    for name in set(_NAME.findall(text)) - set(_PLAIN.split()):
        imported = name in _TYPING and any(
            name in re.split(r"\W+", found[1]) for found in _IMPORT.finditer(before)
        )
        if not imported and not re.search(rf"^class {re.escape(name)}\b", before, re.MULTILINE):
            return False
    if "|" not in text:
        text = text.replace("''", "T")
    text = re.sub(r"\b[^\W\d]\w*\b(?!\[)", "T", text)
    for _ in range(_MOST_PARTS):
        shorter = _APPLIED.sub("T", text)
        if shorter == text:
            break
        text = shorter
    return text == "T"
