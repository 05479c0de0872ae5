"""The first engine: pydantic-monty, a Python interpreter in Rust that has no way out to the system.

A session is one interpreter in a worker process of monty's own pool, with its memory and time limited in
the interpreter and, should that fail, by killing the worker. Only a program that ran *without any failure*
counts as run (`Unfit` is raised otherwise): every failure a student is told of comes from CPython.
"""

from __future__ import annotations

import ctypes
import os
import re
import secrets
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from sml_gym.sandbox._plain import MAX_BYTES, BadData
from sml_gym.sandbox.literal import read_literal
from sml_gym.sandbox.program import Call, CallResult, Limits

# Monty is for what is quick. What takes longer is run by CPython, whose clock is the one that counts.
_SECONDS = 0.5
_GRACE_SECONDS = 0.25
# In a dict that is written with the keys 1 and True, CPython keeps the first and monty the last.
_UNLIKE_KEYS = re.compile(r"(?:\{|, )(?:True|False|-?[\d.e+-]*\.[\d.e+-]*): ", re.ASCII)


class Unfit(Exception):
    """Monty did not run the program to a plain result. The text says why; CPython decides."""


class MontyEngine:
    """A pool of monty's workers, started with the first session. Not to be had in a fork of a process that
    has one.

    Raises:
        ImportError, OSError: from `session`, where monty or its program is missing or does not start.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: Any = None
        self._owner = 0

    def session(self, code: str, limits: Limits) -> MontySession:
        """A session that has not run the code yet; use it as a context manager."""
        return MontySession(self._checkout, code, limits)

    def close(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None and self._owner == os.getpid():
            pool.__exit__(None, None, None)

    def after_fork(self) -> None:
        """In a forked child: let go of the parent's workers without ending them."""
        self._lock = threading.Lock()
        if self._pool is not None:
            # Never destroyed in this process: its destructor would end workers that are not ours.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._pool))
            self._pool = None

    def _checkout(self, limits: Limits) -> Any:
        with self._lock:
            if self._pool is None:
                from pydantic_monty import Monty

                _check_process()
                # Sessions may be held open side by side, so the pool grows; callers bound what runs at once.
                pool = Monty(
                    max_processes=64,
                    request_timeout=_SECONDS + 4 * _GRACE_SECONDS,
                    feed_duration_limit_grace=_GRACE_SECONDS,
                    max_checkouts_per_worker=10_000,
                )
                self._pool, self._owner = pool.__enter__(), os.getpid()
            pool = self._pool
        return pool.checkout(
            script_name="program.py",
            limits={
                "max_feed_duration_secs": min(_SECONDS, limits.seconds),
                "max_memory": limits.memory_bytes,
                "max_total_sleep_secs": min(_SECONDS, limits.seconds),
                "max_suspensions": 100,
            },
            assert_message_annotations=False,
            os_policy={"random_start": {"seed": 0}, "process_time": "elapsed"},
        )


_process: int | None = None  # where monty's own threads live, once it was started


def _check_process() -> None:
    """Monty's threads do not survive a fork, and waiting for them would never end."""
    global _process
    if _process is None:
        _process = os.getpid()
    elif _process != os.getpid():
        raise OSError("this process was forked from one that uses monty already")


class MontySession:
    """One program in one interpreter. `start` and `call` raise `Unfit` where CPython must decide."""

    def __init__(self, checkout: Callable[[Limits], Any], code: str, limits: Limits) -> None:
        self._checkout = checkout
        self._code, self._limits = code, limits
        self._session: Any = None
        self._left = min(2 * _SECONDS, limits.total_seconds)
        # Nothing in a program can name what it cannot guess.
        self._args, self._kwargs = f"_a{secrets.token_hex(8)}", f"_k{secrets.token_hex(8)}"

    def __enter__(self) -> Self:
        try:
            session = self._checkout(self._limits)
            self._session = session.__enter__()
        except (ImportError, OSError):
            raise
        except Exception as exc:  # its worker was killed while it waited
            raise Unfit(f"{type(exc).__name__}: {exc}"[:500]) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.__exit__(None, None, None)

    def start(self) -> str:
        """Run the module; what it printed."""
        # The empty line is for code that ends in a backslash.
        _, stdout = self._feed(self._code + "\n\nNone", {})
        return stdout

    def call(self, call: Call) -> CallResult:
        """One call, with a plain result."""
        if not all(map(_crosses, (call.args, dict(call.kwargs)))):
            raise Unfit("the arguments do not cross to monty unchanged")
        head, dot, rest = call.function.partition(".")
        function = (
            f"{head}().{rest}"
            if dot and re.search(rf"^class\s+{head}\b", self._code, re.MULTILINE)
            else call.function
        )
        value, stdout = self._feed(
            f"repr({function}(*{self._args}, **{self._kwargs}))",
            {self._args: call.args, self._kwargs: dict(call.kwargs)},
        )
        if type(value) is not str or len(value) > MAX_BYTES or "\ufffd" in value:
            raise Unfit("the value is not plain")
        if _UNLIKE_KEYS.search(value):
            raise Unfit("a dict has keys that equal those of another type")
        try:
            return CallResult(read_literal(value, self._limits.depth), None, stdout)
        except BadData as exc:
            raise Unfit(f"the value is not plain: {exc}") from None

    def _feed(self, code: str, inputs: dict[str, Any]) -> tuple[Any, str]:
        from pydantic_monty import CollectStreams

        if self._left <= 0:
            raise Unfit("it takes long")
        printed = CollectStreams(max_bytes=self._limits.output_bytes + 1024)
        started = time.monotonic()
        try:
            value = self._session.feed_run(code, inputs=inputs, print_callback=printed)
        except Exception as exc:  # whatever it is, CPython decides
            raise Unfit(f"{type(exc).__name__}: {exc}"[:500]) from None
        finally:
            self._left -= time.monotonic() - started
        stdout = "".join(text for stream, text in printed.output if stream == "stdout")
        if len(stdout.encode("utf-8", "replace")) > self._limits.output_bytes:
            raise Unfit("it prints much")
        return value, stdout


def _crosses(value: Any) -> bool:
    """Whether an argument reaches monty as it is."""
    pending = [value]
    while pending:
        item = pending.pop()
        kind = type(item)
        if kind is str:
            if not item.isascii() and any("\ud800" <= letter <= "\udfff" for letter in item):
                return False
        elif kind is int:
            if abs(item) >> 14_000:  # more digits than Python reads back
                return False
        elif kind is dict:
            pending += [part for pair in item.items() for part in pair]
        elif kind in (set, frozenset):
            return False  # its order would be another one
        elif kind in (list, tuple):
            pending += item
        elif kind not in (float, bool, type(None), bytes, complex):
            return False
    return True
