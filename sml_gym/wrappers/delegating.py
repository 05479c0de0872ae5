"""An environment whose domain is another environment's, chosen task by task.

Wrappers that change how a dialogue goes, and mixtures of domains, are environments like any other:
they have an id, are stepped many at once and are rolled out. Only what concerns the domain they leave to the
environments that they are made of.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from sml_gym.dialogue import Utterance
from sml_gym.domain import DomainHooks, Probes
from sml_gym.env import SMLEnv
from sml_gym.errors import ConfigError
from sml_gym.leaks import Mention
from sml_gym.reading import Reading
from sml_gym.task import Shards, Task
from sml_gym.teachers.base import Examination
from sml_gym.verdict import Diagnosis, Fact, PhraseBank, Verdict


class DelegatingEnv(SMLEnv):
    """An `SMLEnv` that takes every hook of `sml_gym.domain` from the domain of the task at hand.

    A subclass says which domain that is (`domain_of`), how the task reads there (`inner`, where it is not
    the same) and where tasks come from (`tasks`).

    Args:
        domains: all domains that there are; their words are made one bank.
        options: as for `SMLEnv`.

    Raises:
        ConfigError: two domains have different phrases for the same kind of fact.
    """

    def __init__(self, domains: Sequence[DomainHooks], **options: Any) -> None:
        self.phrases: PhraseBank = _merged([domain.phrases for domain in domains], "phrases")
        self.opposites: Mapping[str, str] = _merged([domain.opposites for domain in domains], "opposites")
        self.slot_patterns: Mapping[str, str] = _united([domain.slot_patterns for domain in domains])
        super().__init__(**options)

    @abstractmethod
    def domain_of(self, task: Task) -> DomainHooks:
        """Whose task this is."""

    def inner(self, task: Task) -> Task:
        """The task as its own domain knows it. Default: the same."""
        return task

    # ---- the hooks, asked of the task's own domain ----

    def read(self, task: Task, text: str) -> Reading:
        return self.domain_of(task).read(self.inner(task), text)

    def verify(self, task: Task, answer: str) -> Verdict:
        return self.domain_of(task).verify(self.inner(task), answer)

    def diagnose(self, task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
        return self.domain_of(task).diagnose(self.inner(task), utterance, verdict)

    def holds(self, task: Task, examined: Examination, fact: Fact) -> bool | None:
        return self.domain_of(task).holds(self.inner(task), examined, fact)

    def assertions(self, task: Task, words: str, said: str) -> Iterable[tuple[str, bool]]:
        return self.domain_of(task).assertions(self.inner(task), words, said)

    def statements(self, task: Task, text: str) -> list[Mention]:
        return self.domain_of(task).statements(self.inner(task), text)

    def shards(self, task: Task) -> Shards | None:
        return self.domain_of(task).shards(self.inner(task))

    def isomorph(self, task: Task, rng: np.random.Generator) -> Task | None:
        return self.domain_of(task).isomorph(self.inner(task), rng)

    def retold(self, task: Task, other: Task, text: str) -> str:
        domain = self.domain_of(task)
        if domain is not self.domain_of(other):
            return text
        return domain.retold(self.inner(task), self.inner(other), text)

    def probes(self, task: Task) -> Probes:
        return self.domain_of(task).probes(self.inner(task))


def _merged(banks: Sequence[Mapping[str, Any]], what: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for bank in banks:
        for name, value in bank.items():
            if merged.setdefault(name, value) != value:
                raise ConfigError(
                    f"Two domains have different {what} for {name!r}. Give one of them another name, "
                    f"such as 'mydomain.{name}'."
                )
    return merged


def _united(banks: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """What may stand in a slot of any of the domains: where they differ, what either allows."""
    united: dict[str, str] = {}
    for bank in banks:
        for slot, pattern in bank.items():
            known = united.setdefault(slot, pattern)
            if known != pattern:
                united[slot] = f"(?:{known})|(?:{pattern})" if known and pattern else ""
    return united
