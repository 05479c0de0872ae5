"""Which part of a row is the problem, which the answer: by name, by path, or by a function of the row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Column = str | Callable[[Mapping[str, Any]], Any]
"""A column's name, a path through what it holds (`answers.text.0`), or a function of the row."""

ABSENT: Any = object()
"""What `value_of` gives for a column that need not be there and is not."""


def value_of(row: Mapping[str, Any], column: Column, *, default: Any = None) -> Any:
    """What a column of a row holds.

    A name beats a path, so that a column called `a.b` is found. Numbers in a path count items from 0.

    Args:
        row: the row.
        column: which.
        default: given instead of an error where the column is not there; None: raise.

    Raises:
        KeyError: there is no such column.
        ValueError: the function failed.
    """
    if callable(column):
        try:
            return column(row)
        except Exception as exc:
            name = getattr(column, "__name__", "of the row")
            raise ValueError(f"the function {name!r} failed on it: {type(exc).__name__}: {exc}") from exc
    if column in row:
        return row[column]
    value: Any = row
    for part in column.split("."):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif _is_list(value) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        elif default is not None:
            return default
        else:
            raise KeyError(column)
    return value


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def label(column: Column, fallback: str) -> str:
    """What messages call a column."""
    return column if isinstance(column, str) else fallback
