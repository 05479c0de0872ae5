"""Labelled rows, of which many are about one task, as rows of tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

TASK_FIELDS = ("problem", "answer", "solution", "tests")
"""What a row says of its task. Whatever else it holds is not for the domain to read."""


def task_rows(rows: Iterable[Mapping[str, Any]], key: str = "id") -> list[dict[str, Any]]:
    """Each task once, with nothing but what its domain reads.

    Args:
        rows: mappings, of which those with the same `key` are about the same task.
        key: the field that names the task, `"task"` in the labelled sets.
    """
    tasks: dict[str, dict[str, Any]] = {}
    for row in rows:
        fields = {field: row[field] for field in TASK_FIELDS if field in row}
        tasks.setdefault(str(row[key]), {"id": str(row[key]), **fields})
    return list(tasks.values())
