"""One event loop in a background thread, so that a synchronous call can send many requests at once.

It works inside Jupyter and asyncio programs too, whose own loop it does not touch. A forked
process gets a loop of its own: threads do not survive a fork.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_abandoned: list[object] = []  # a forked process keeps what it inherited: closing it would disturb the parent


def background_loop() -> asyncio.AbstractEventLoop:
    """The loop of this process, started on first use."""
    global _loop
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="sml-gym-chat", daemon=True).start()
            atexit.register(_stop, _loop, os.getpid())
        return _loop


def run_in_background(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the background loop and wait for it; an interrupt cancels it.

    Raises `RuntimeError` if called on the background loop itself, which would wait for ever.
    """
    loop = background_loop()
    if asyncio._get_running_loop() is loop:
        work.close()
        raise RuntimeError("A chat model was called from its own event loop, which would wait for ever.")
    future = asyncio.run_coroutine_threadsafe(work, loop)
    turns = _turns.get()
    try:
        return future.result() if turns is None else turns.wait(future)
    except BaseException:
        future.cancel()
        raise


class Turns:
    """Threads that work in turn, one at a time, except while they wait for the network.

    So what they share needs no locks of its own: whoever has the turn may use all of it, and gives it up only
    inside of `run_in_background`.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._waiting: set[Future[Any]] = set()
        self._broken = False

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Have the turn, once whoever has it gives it up."""
        with self._turn:
            yield

    def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """Work in turn, giving it up while waiting for the network. For a thread of its own."""
        with self._turn:
            before = _turns.set(self)
            try:
                return work(*arguments)
            finally:
                _turns.reset(before)

    def wait(self, future: Future[T]) -> T:
        """The result, with the turn given up until it is there.

        Raises `concurrent.futures.CancelledError` after `break_off`.
        """
        with self._lock:
            self._waiting.add(future)
            if self._broken:
                future.cancel()
        self._turn.release()
        try:
            return future.result()
        finally:
            with self._lock:
                self._waiting.discard(future)
            self._turn.acquire()

    def break_off(self) -> None:
        """Wait for the network no longer, neither now nor later."""
        with self._lock:
            self._broken = True
            waiting = list(self._waiting)
        for future in waiting:
            future.cancel()


_turns: ContextVar[Turns | None] = ContextVar("sml_gym_turns", default=None)
"""Whose turn it is that a call in this context gives up while it waits."""


def _stop(loop: asyncio.AbstractEventLoop, pid: int) -> None:
    """At the end of the process, so that no task is torn apart in the middle of a line."""
    if os.getpid() == pid and not loop.is_closed():
        loop.call_soon_threadsafe(loop.stop)


def _after_fork() -> None:
    global _loop, _lock
    _lock = threading.Lock()
    _abandoned.append(_loop)
    _loop = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
