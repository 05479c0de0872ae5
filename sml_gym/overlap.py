"""Asking a teacher behind a server about one part of a wave while the student speaks in another.

    with overlapped(parts) as calls:
        answers = calls.ask(teacher, contexts)      # on its way, in a thread
        ...                                         # the student speaks elsewhere
        feedback = answers()                        # waits for it

The dialogues do not depend on it. A teacher and everything it works with (tasks, references, caches,
detectors of leaks) is used by one thread at a time: the turn passes on only while a call waits for the
network, and the rollout takes it before it touches an environment (`mine`). The student is called from the
rollout's own thread alone, without the turn.

Whatever ends the block early, an interrupt too, breaks off the calls that wait and leaves no thread behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

from sml_gym.chat.loop import Turns
from sml_gym.errors import RolloutError
from sml_gym.teachers.asking import ask_teacher
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext

Answers = list[Feedback | RolloutError]


class TeacherCalls(Protocol):
    """How a rollout asks its teacher."""

    def ask(
        self, teacher: Teacher, contexts: Sequence[TeachingContext | RolloutError]
    ) -> Callable[[], Answers]:
        """Ask; what is returned gives the answers of `ask_teacher`, or raises what that raises."""

    def mine(self) -> AbstractContextManager[None]:
        """While this lasts no call works, so that environments can be touched."""


class _AtOnce:
    """Calls that are over when `ask` returns."""

    def ask(
        self, teacher: Teacher, contexts: Sequence[TeachingContext | RolloutError]
    ) -> Callable[[], Answers]:
        answers = ask_teacher(teacher, contexts)
        return lambda: answers

    def mine(self) -> AbstractContextManager[None]:
        return nullcontext()


class _InThreads:
    """Calls each in a thread, which work in turn and wait together."""

    def __init__(self, threads: ThreadPoolExecutor, turns: Turns) -> None:
        self._threads, self._turns = threads, turns

    def ask(
        self, teacher: Teacher, contexts: Sequence[TeachingContext | RolloutError]
    ) -> Callable[[], Answers]:
        return self._threads.submit(self._turns.run, ask_teacher, teacher, contexts).result

    def mine(self) -> AbstractContextManager[None]:
        return self._turns.mine()


@contextmanager
def overlapped(parts: int) -> Iterator[TeacherCalls]:
    """Calls for a wave in so many parts; for one part they are made at once, without a thread."""
    if parts == 1:
        yield _AtOnce()
        return
    turns = Turns()
    threads = ThreadPoolExecutor(parts, thread_name_prefix="sml-gym-teacher")
    try:
        yield _InThreads(threads, turns)
    finally:
        turns.break_off()
        threads.shutdown(cancel_futures=True)
