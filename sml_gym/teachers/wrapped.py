"""Teachers around teachers: what another is told, or what it says, is changed on the way.

Controls, knobs, guards and caches are all of this kind, and so compose with one another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sml_gym.errors import RolloutError
from sml_gym.teachers.asking import ask_teacher
from sml_gym.teachers.base import (
    Feedback,
    Teacher,
    TeachingContext,
    bind_teacher,
    describe,
    free_spoken,
    is_remote,
)


class WrappedTeacher:
    """Base of teachers that change what another is told or what it says.

    A subclass overrides `change_contexts` or `change_replies` (or `reply` as a whole) and hands
    on what it does not change. The name is one that `make_teacher` reads: `label:inner`.

    Args:
        inner: the teacher it wraps.
        label: its own part of the name, such as `"noisy(0.2)"`.
    """

    def __init__(self, inner: Teacher, label: str) -> None:
        self.inner = inner
        self.name = f"{label}:{inner.name}"

    @property
    def free_spoken(self) -> bool:
        """Whether the words are a model's or a person's own, and not a phrase bank's."""
        return free_spoken(self.inner)

    @property
    def remote(self) -> bool:
        """Whether the words come over the network."""
        return is_remote(self.inner)

    def describe(self) -> Mapping[str, Any]:
        """What the wrapped teacher says of itself."""
        return describe(self.inner)

    def bind(self, student: object) -> None:
        """Tell the wrapped teacher who is taught."""
        bind_teacher(self.inner, student)

    def change_contexts(
        self, contexts: Sequence[TeachingContext]
    ) -> Sequence[TeachingContext | RolloutError]:
        """What the wrapped teacher is told; an error ends that one dialogue. Default: the same."""
        return contexts

    def change_replies(
        self, contexts: Sequence[TeachingContext], replies: Sequence[Feedback | RolloutError]
    ) -> Sequence[Feedback | RolloutError]:
        """What the student hears, given the contexts as they came in. Default: the same."""
        return replies

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback | RolloutError]:
        """The wrapped teacher's feedback, with this one's change."""
        replies = ask_teacher(self.inner, self.change_contexts(contexts))
        return list(self.change_replies(contexts, replies))
