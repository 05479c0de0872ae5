"""A third party's domain whose answers are a few words: nothing but rows, and the library's defaults."""

from __future__ import annotations

from sml_gym import RowTasks, SMLEnv, TaskSource

_ROWS = (
    {"id": "rome", "problem": "What is the capital city of Italy?", "answer": "Rome"},
    {"id": "whale", "problem": "Is a whale a fish? Answer yes or no.", "answer": "no"},
    {"id": "snow", "problem": "Which colour does fresh snow have?", "answer": "white"},
)


class TextEnv(SMLEnv):
    """Questions that are answered in a few words, compared as text, case and blanks aside."""

    def tasks(self, split: str) -> TaskSource:
        return RowTasks(_ROWS, self.read_row, split)
