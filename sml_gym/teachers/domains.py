"""Domains around a domain: for controls that change what is found about an utterance.

A control that looks at another utterance, as one about an earlier turn does, examines it by the
domain of its context. So what a control further outside changes is changed there too.
"""

from __future__ import annotations

from typing import Any

from sml_gym.task import Task, TaskSource
from sml_gym.teachers.base import Domain, Examination
from sml_gym.verdict import PhraseBank, Verdict


class DomainAround:
    """A domain that finds something else than the one it is around, for one turn of one dialogue."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain

    def __getattr__(self, name: str) -> Any:
        """Whatever else the domain has, such as hooks that a guard asks."""
        if name.startswith("__") or name == "_domain":
            raise AttributeError(name)
        return getattr(self._domain, name)

    @property
    def phrases(self) -> PhraseBank:
        """The domain's phrasings."""
        return self._domain.phrases

    @property
    def source(self) -> TaskSource:
        """The domain's tasks."""
        return self._domain.source

    def verify(self, task: Task, answer: str) -> Verdict:
        """The verifier's true word."""
        return self._domain.verify(task, answer)

    def examine(self, task: Task, text: str) -> Examination:
        """What is found. A subclass overrides it."""
        return self._domain.examine(task, text)

    @property
    def honest(self) -> Domain:
        """The same domain without noise."""
        return honest(self._domain)


def honest(domain: Domain) -> Domain:
    """A domain without the noise that a control has put around it."""
    return domain.honest if isinstance(domain, DomainAround) else domain
