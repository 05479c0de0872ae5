"""Comparing what a program returned with what was wanted, on the host, by exact type.

Both sides are plain data: the returned value has been decoded by us, so no code of the program's
author (an `__eq__` that always says yes, a subclass of str) takes part.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable
from typing import Any

_ATOMS = (type(None), bool, int, str, bytes)


def same(
    got: Any,
    wanted: Any,
    *,
    rel_tol: float = 0.0,
    abs_tol: float = 0.0,
    tuples_as_lists: bool = False,
    ints_as_floats: bool = False,
) -> bool:
    """Whether two plain values are the same, types included: True is not 1, 1 is not 1.0, (1,) is not [1].

    A nan is the same as a nan, and 0.0 as -0.0. Dicts are the same in any order.

    Args:
        got: the value to judge. What is no plain data is never the same as anything.
        wanted: the value it should be.
        rel_tol: relative tolerance of floats, as in `math.isclose`. Floats in sets and in keys of dicts are
            compared exactly.
        abs_tol: absolute tolerance of floats.
        tuples_as_lists: take a tuple for the list with the same items (and the other way round).
        ints_as_floats: take an int (no bool) for the float of the same value (and the other way round).
    """
    pairs = [(got, wanted)]
    while pairs:
        one, other = pairs.pop()
        kind, wanted_kind = type(one), type(other)
        if tuples_as_lists:
            kind, wanted_kind = (list if k is tuple else k for k in (kind, wanted_kind))
        if ints_as_floats and {kind, wanted_kind} == {int, float}:
            if not _close_numbers(one, other, rel_tol, abs_tol):
                return False
            continue
        if kind is not wanted_kind:
            return False
        if kind in _ATOMS:
            if one != other:
                return False
        elif kind is float:
            if not _close(one, other, rel_tol, abs_tol):
                return False
        elif kind is complex:
            pairs += [(one.real, other.real), (one.imag, other.imag)]
        elif kind in (list, tuple):
            if len(one) != len(other):
                return False
            pairs += zip(one, other, strict=True)
        elif kind in (set, frozenset):
            keys = [Counter(_key(item, ints_as_floats) for item in side) for side in (one, other)]
            if keys[0] != keys[1]:
                return False
        elif kind is dict:
            sides = [
                {_key(key, ints_as_floats): value for key, value in side.items()} for side in (one, other)
            ]
            if len(one) != len(other) or sides[0].keys() != sides[1].keys():
                return False
            pairs += ((sides[0][key], sides[1][key]) for key in sides[1])
        else:
            return False
    return True


def _close(got: float, wanted: float, rel_tol: float, abs_tol: float) -> bool:
    if math.isnan(got) or math.isnan(wanted):
        return math.isnan(got) and math.isnan(wanted)
    return got == wanted or math.isclose(got, wanted, rel_tol=rel_tol, abs_tol=abs_tol)


def _close_numbers(got: float, wanted: float, rel_tol: float, abs_tol: float) -> bool:
    try:
        return _close(got, wanted, rel_tol, abs_tol)
    except OverflowError:  # an int too large for a float; `==` above was exact
        return False


def _key(value: Any, ints_as_floats: bool) -> Hashable:
    """A hashable stand-in that is equal only for values that are the same."""
    kind = type(value)
    if kind in (tuple, frozenset):
        items = [_key(item, ints_as_floats) for item in value]
        return kind.__name__, tuple(items) if kind is tuple else frozenset(Counter(items).items())
    if kind is float and math.isnan(value):
        return "float", "nan"
    if kind is complex and value != value:
        return "complex", repr(value)
    if ints_as_floats and kind in (int, float):
        return "number", value
    return kind.__name__, value
