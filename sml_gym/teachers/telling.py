"""Knobs on how a teacher tells what it knows: which types of feedback, and how much.

They only say what is wanted (`TeachingContext.directions` and `length`). Scripted teachers choose
facts by it, chat teachers are told it in their prompt.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from sml_gym.errors import ConfigError, nearest
from sml_gym.teachers.base import Length, Teacher, TeachingContext
from sml_gym.teachers.controls import ControlTeacher
from sml_gym.text import shorten
from sml_gym.verdict import Direction


class TypesTeacher(ControlTeacher):
    """Gives only some of the five types of feedback of LLF-Bench (arXiv 2312.06853, section 3).

    Around one another they leave the types that all of them name.

    Args:
        inner: who speaks.
        types: `"reward"`, `"hindsight_positive"`, `"hindsight_negative"`, `"future_positive"` and
            `"future_negative"`, in any order.
    """

    kind = "types"

    def __init__(self, inner: Teacher, types: Iterable[str]) -> None:
        wanted = set()
        for name in types:
            try:
                wanted.add(Direction(name.strip()))
            except ValueError:
                raise ConfigError(
                    f"Unknown type of feedback {shorten(name, 80)!r}. {nearest(name.strip(), Direction)} "
                    "Join several by '+', as in 'types(reward+future_positive):scripted:3'."
                ) from None
        if not wanted:
            raise ConfigError(f"No type of feedback was named. Name one or more of {[*map(str, Direction)]}.")
        self.types = tuple(direction for direction in Direction if direction in wanted)
        super().__init__(inner, "+".join(self.types))

    def settings(self) -> dict[str, Any]:
        """The types."""
        return {"types": [direction.value for direction in self.types]}

    def change(self, context: TeachingContext) -> TeachingContext:
        """The same context with the types that are wanted."""
        held = context.directions
        wanted = self.types if held is None else tuple([d for d in self.types if d in held])
        return replace(context, directions=wanted)


class _LengthTeacher(ControlTeacher):
    """Asks for a length. Of several around one another the innermost counts."""

    length: ClassVar[Length]

    def __init__(self, inner: Teacher) -> None:
        super().__init__(inner)

    def change(self, context: TeachingContext) -> TeachingContext:
        """The same context with the length that is wanted."""
        return replace(context, length=self.length)


class TerseTeacher(_LengthTeacher):
    """Says as little as it may: a scripted teacher the one fact that helps most."""

    kind = "terse"
    length = "terse"


class VerboseTeacher(_LengthTeacher):
    """Says as much as it may: a scripted teacher every level of each topic, not only the highest."""

    kind = "verbose"
    length = "verbose"
