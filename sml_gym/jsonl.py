"""The former home of what `sml_gym.row_tasks` holds."""

from __future__ import annotations

from sml_gym.row_tasks import RowReader, RowTasks, open_rows, text_field

__all__ = ["JsonlTasks", "RowReader", "open_jsonl", "text_field"]

JsonlTasks = RowTasks
open_jsonl = open_rows
