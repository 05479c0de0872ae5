"""An environment whose dialogues are held by other environments, chosen task by task.

Which environment holds a dialogue decides how its turns go: what a teacher is told, when it ends, what is
added to a reply. So a mixture may hold problems told whole beside problems told in pieces, and a curriculum
may choose tasks for any environment.
"""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

from sml_gym.dialogue import Dialogue
from sml_gym.domain import DomainHooks
from sml_gym.env import SMLEnv
from sml_gym.episode import Episode, StopReason, TokenSpan
from sml_gym.errors import RolloutError
from sml_gym.task import Task
from sml_gym.teachers.base import Feedback, TeachingContext
from sml_gym.wrappers.delegating import DelegatingEnv

_OWN = ("env_id", "task_id", "family", "split", "max_turns", "teacher", "teacher_record")
"""What an episode says of this environment and not of the one that held the dialogue."""


class RelayingEnv(DelegatingEnv):
    """An `SMLEnv` that lets the environment of the task at hand hold the dialogue.

    A subclass says which environment that is (`env_of`), how the task reads there (`inner`) and where tasks
    come from. Teacher, turn limit and record are this environment's own.

    Args:
        envs: all environments that there are, by name. Copies of them are used, so that others may use them.
        options: as for `SMLEnv`.

    Raises:
        ConfigError: two of them have different phrases for the same kind of fact.
    """

    def __init__(self, envs: Mapping[str, SMLEnv], **options: Any) -> None:
        self.envs = {name: copy.copy(env) for name, env in envs.items()}
        self._holder: SMLEnv | None = None
        super().__init__(list(self.envs.values()), **options)

    def __copy__(self) -> Self:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.envs = {name: copy.copy(env) for name, env in self.envs.items()}
        twin._holder = None
        return twin

    @abstractmethod
    def env_of(self, task: Task) -> SMLEnv:
        """Which of `envs` holds a dialogue about this task."""

    def outer(self, task: Task, holder: SMLEnv) -> Task:
        """The contrary of `inner`: a task of another environment as it reads here. Default: the same."""
        return task

    def domain_of(self, task: Task) -> DomainHooks:
        return self.env_of(task)

    @property
    def task(self) -> Task:
        """The current task, which the environment that holds the dialogue may change in its course."""
        record = self._under_way()
        if self._holder is None or self._holder.task is self._holder._under_way().task:
            return record.task
        return self.outer(self._holder.task, self._holder)

    def posed_in(self, task: Task, dialogue: Dialogue) -> Task:
        holder, inner = self.env_of(task), self.inner(task)
        posed = holder.posed_in(inner, dialogue)
        return task if posed is inner else self.outer(posed, holder)

    # ---- the turn, in the hands of the other environment ----

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        opening = super().reset(seed=seed, options=options)
        self._hand_over()
        return opening

    def hear(self, action: str, *, truncated: bool = False) -> TeachingContext | RolloutError:
        if self._holder is None or self.stop_reason is not None:
            return super().hear(action)  # which says that a reset is needed
        return self._holder.hear(action, truncated=truncated)

    def settle(
        self, context: TeachingContext | RolloutError, feedback: Feedback | RolloutError
    ) -> tuple[str, float, bool, bool, dict[str, Any]]:
        if self._holder is None:
            return super().settle(context, feedback)
        text, reward, terminated, truncated, info = self._holder.settle(context, feedback)
        self._take_back()
        return text, reward, terminated, truncated, {**info, "task_id": self._under_way().task.id}

    def end(self, reason: StopReason, error: str = "") -> None:
        if self._holder is None:
            super().end(reason, error)
            return
        self._holder.end(reason, error)
        self._take_back()

    def fail(self, failure: RolloutError) -> None:
        if self._holder is None:
            super().fail(failure)
            return
        self._holder.fail(failure)
        self._take_back()

    def episode(
        self,
        *,
        student: str,
        tokens: Sequence[TokenSpan | None] = (),
        usage: Mapping[str, float] | None = None,
    ) -> Episode:
        """The finished dialogue, as the environment that held it records it, under this one's name."""
        own = super().episode(student=student, tokens=tokens, usage=usage)
        if self._holder is None:
            return own
        held = self._holder.episode(student=student, tokens=tokens, usage=usage)
        return replace(held, **{name: getattr(own, name) for name in _OWN})

    def _hand_over(self) -> None:
        """Begin the dialogue in the environment that is to hold it. Both write to the same turns."""
        record = self._under_way()
        holder = self._holder = self.env_of(record.task)
        holder.max_turns = self.max_turns
        holder._record = replace(record, task=self.inner(record.task))
        if isinstance(holder, RelayingEnv):
            holder._hand_over()

    def _take_back(self) -> None:
        """Whether and why the dialogue ended, as the environment that held it says."""
        record = self._under_way()
        assert self._holder is not None
        held = self._holder._under_way()
        record.stop, record.failure, record.error = held.stop, held.failure, held.error
