"""A place where a text holds the private answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mention:
    """A stretch of a plain text that holds the answer.

    Attributes:
        start: where it begins.
        end: where it ends.
        form: how the answer is told, such as `"figures"`, `"words"`, `"expression"`, `"code"`.
        sure: it gives the answer away whatever stands around it.
        whole: the sentences that it touches tell the answer together, so they go together.
    """

    start: int
    end: int
    form: str
    sure: bool = False
    whole: bool = False
