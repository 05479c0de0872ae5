"""In which way a value differs from the one that was expected: plain data against plain data."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from sml_envs.code.cases import show_value

TYPES = {
    type(None): "None",
    bool: "a truth value",
    int: "a whole number",
    float: "a float",
    complex: "a complex number",
    str: "a text",
    bytes: "bytes",
    list: "a list",
    tuple: "a tuple",
    dict: "a dictionary",
    set: "a set",
    frozenset: "a frozenset",
}
"""What the types of plain data are called."""

_ROUNDING = 1e-6


def difference(got: Any, wanted: Any) -> str:
    """The kind of difference, a kind of fact (`"code.kind.order"`), for two values that are not the same."""
    kind, wanted_kind = type(got), type(wanted)
    if got is None:
        return "code.kind.none"
    if kind is not wanted_kind:
        return "code.kind.type"
    if kind is bool:
        return "code.kind.truth"
    if kind in (int, float):
        return _numbers(got, wanted)
    if kind is str:
        return _texts(got, wanted)
    if kind in (list, tuple):
        return _sequences(got, wanted)
    if kind is dict:
        return _dictionaries(got, wanted)
    if kind in (set, frozenset):
        return _sizes(len(wanted - got), len(got - wanted), "code.kind.items")
    return "code.kind.wrong"


def outputs_differ(got: str, wanted: str) -> str:
    """The same for what two programs print."""
    lines, wanted_lines = got.rstrip().split("\n"), wanted.rstrip().split("\n")
    if not got.strip():
        return "code.kind.silent"
    if len(lines) != len(wanted_lines):
        return "code.kind.fewer_lines" if len(lines) < len(wanted_lines) else "code.kind.more_lines"
    return "code.kind.printed"


def _numbers(got: float, wanted: float) -> str:
    if math.isnan(got) or math.isnan(wanted):
        return "code.kind.wrong"
    if got == -wanted:
        return "code.kind.sign"
    if type(got) is float and math.isclose(got, wanted, rel_tol=_ROUNDING, abs_tol=_ROUNDING):
        return "code.kind.rounding"
    if type(got) is int and abs(got - wanted) == 1:
        return "code.kind.one_low" if got < wanted else "code.kind.one_high"
    return "code.kind.low" if got < wanted else "code.kind.high"


def _texts(got: str, wanted: str) -> str:
    if got.casefold() == wanted.casefold():
        return "code.kind.case"
    if "".join(got.split()) == "".join(wanted.split()):
        return "code.kind.blanks"
    if len(got) > 1 and got == wanted[::-1]:
        return "code.kind.reversed"
    if Counter(got) == Counter(wanted):
        return "code.kind.letters_order"
    if len(got) != len(wanted):
        return "code.kind.short" if len(got) < len(wanted) else "code.kind.long"
    return "code.kind.letters"


def _sequences(got: Any, wanted: Any) -> str:
    if len(got) > 1 and show_value(got) == show_value(wanted[::-1]):
        return "code.kind.reversed"
    ours, theirs = Counter(map(show_value, got)), Counter(map(show_value, wanted))
    if ours == theirs:
        return "code.kind.order"
    return _sizes((theirs - ours).total(), (ours - theirs).total(), "code.kind.items")


def _dictionaries(got: dict[Any, Any], wanted: dict[Any, Any]) -> str:
    ours, theirs = set(map(show_value, got)), set(map(show_value, wanted))
    if ours == theirs:
        return "code.kind.values"
    return _sizes(len(theirs - ours), len(ours - theirs), "code.kind.keys")


def _sizes(missing: int, extra: int, both: str) -> str:
    if missing and extra:
        return both
    return "code.kind.missing" if missing else "code.kind.extra" if extra else "code.kind.wrong"
