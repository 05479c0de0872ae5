"""Items as JSON and back, exactly: tuples, sets and keys that are no strings come out as they went in.

A scorer is handed the item that the teacher holds, and some compare tuples with lists or look vertices up by
number. An item crosses to the scoring process as JSON, which knows neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

_MARK = "\0type"


def encode(value: Any) -> Any:
    """JSON values from which `decode` makes the value again.

    Text, whole numbers and floats of NumPy become Python's own.

    Raises:
        TypeError: a value of another type.
    """
    if value is None or isinstance(value, (bool, int, float)):
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, np.generic):
        return encode(value.item())
    if isinstance(value, list):
        return [encode(part) for part in value]
    if isinstance(value, tuple):
        return {_MARK: "tuple", "of": [encode(part) for part in value]}
    if isinstance(value, (set, frozenset)):
        return {_MARK: "set", "of": [encode(part) for part in sorted(value, key=repr)]}
    if isinstance(value, Fraction):
        return {_MARK: "fraction", "of": [value.numerator, value.denominator]}
    if isinstance(value, Decimal):
        return {_MARK: "decimal", "of": str(value)}
    if isinstance(value, np.ndarray):
        return {_MARK: "array", "of": encode(value.tolist())}
    if isinstance(value, Mapping):
        if all(type(key) is str for key in value) and _MARK not in value:
            return {key: encode(part) for key, part in value.items()}
        return {_MARK: "dict", "of": [[encode(key), encode(part)] for key, part in value.items()]}
    raise TypeError(f"{type(value).__name__} does not cross to the scoring process")


def decode(value: Any) -> Any:
    """The value behind `encode`'s JSON."""
    if isinstance(value, list):
        return [decode(part) for part in value]
    if not isinstance(value, dict):
        return value
    kind = value.get(_MARK)
    if kind is None:
        return {key: decode(part) for key, part in value.items()}
    parts = decode(value["of"])
    if kind == "tuple":
        return tuple(parts)
    if kind == "set":
        return set(parts)
    if kind == "fraction":
        return Fraction(*parts)
    if kind == "decimal":
        return Decimal(parts)
    if kind == "array":
        return np.array(parts)
    return dict(parts)
