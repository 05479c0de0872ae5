"""One event loop in a background thread, so that a synchronous call can send many requests at once.

It works inside Jupyter and asyncio programs too, whose own loop it does not touch. A forked
process gets a loop of its own: threads do not survive a fork.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
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
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


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
