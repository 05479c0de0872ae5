"""The student as its own teacher: the same weights, with the private knowledge in context.

A rollout hands every teacher that asks for it the student it is run with, so the teacher speaks with
the student's weights as they are at that moment, in training as in evaluation. What a student says
after such feedback is a target for itself without the feedback: see `sml_gym.distillation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from sml_gym.chat.model import ChatModel, ChatSampling
from sml_gym.errors import ConfigError, RolloutError
from sml_gym.teachers.base import Feedback, TeachingContext, is_remote
from sml_gym.teachers.chat import ChatTeacher, with_query
from sml_gym.teachers.prompt import Prompt, load_prompt


@runtime_checkable
class Lends(Protocol):
    """A student that lets others speak with its model (`ModelStudent`, `ChatStudent`)."""

    def chat_model(self) -> ChatModel:
        """The model with its current weights, sharing neither cache nor random numbers with the student."""


class SelfTeacher:
    """A `ChatTeacher` over the model of the student whom it teaches.

    Args:
        prompt: a bundled prompt's name or the path of an own one.
        sampling: how it speaks as the teacher.

    Raises:
        ConfigError: for a prompt that cannot be used.
    """

    free_spoken = True

    def __init__(
        self, *, prompt: str | Path | Prompt | None = None, sampling: ChatSampling | None = None
    ) -> None:
        self.prompt = load_prompt(prompt)
        self.sampling = sampling or ChatSampling()
        query = with_query("", self.sampling, self.prompt).removeprefix("?").replace("&", ",")
        self.name = f"self({query})" if query else "self"
        self._teacher: ChatTeacher | None = None

    def bind(self, student: object) -> None:
        """Speak with this student's model from now on. `sml_gym.rollout` calls it.

        Raises `ConfigError` for a student that is no model.
        """
        if not isinstance(student, Lends):
            name = getattr(student, "name", type(student).__name__)
            raise ConfigError(
                f"The teacher 'self' speaks with the student's model, and the student {name!r} has none. "
                "Choose a model as the student, or another teacher."
            )
        self._teacher = ChatTeacher(student.chat_model(), prompt=self.prompt, sampling=self.sampling)

    @property
    def remote(self) -> bool:
        """Whether the student is behind a server."""
        return is_remote(self._teacher)

    def describe(self) -> dict[str, Any]:
        """As `ChatTeacher.describe`; the model is None as long as there is no student."""
        if self._teacher is not None:
            return self._teacher.describe()
        return {
            "model": None,
            "sampling": asdict(self.sampling),
            "prompt": self.prompt.name,
            "prompt_version": self.prompt.version,
        }

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback | RolloutError]:
        """Raises `ConfigError` before a student is known."""
        if self._teacher is None:
            raise ConfigError(
                "The teacher 'self' does not know its student yet. Hold the dialogues with sml_gym.rollout, "
                "or call teacher.bind(student) first."
            )
        return self._teacher.reply(contexts)
