"""Where strangers' Python runs: in `pydantic_monty`, an interpreter without files, network or host.

A worker is a process of its own. Time, memory and depth are limited inside it, and a worker
that does not end in time all the same is killed from outside. What the code prints is dropped.
"""

from __future__ import annotations

import atexit
import math
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pydantic_monty as monty

SECONDS = 1.0
"""How long one piece of code, or one call of a test, may run."""

MEMORY_BYTES = 64 * 2**20
DEPTH = 200
MAX_CODE_CHARS = 8_000
MAX_PRINTED_BYTES = 64 * 2**10

_lock = threading.Lock()
_pool: tuple[int, monty.Monty] | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why code did not do what was wanted.

    `unchecked` says that nothing can be told of its answers: it is not Python, or not what the
    interpreter knows, or it does not end.
    """

    reason: str
    unchecked: bool = False


def run_tests(code: str, tests: Sequence[tuple[str, Any]]) -> Failure | None:
    """Run code, then each test's call, and compare what it gives here, outside the sandbox.

    Args:
        code: a stranger's Python.
        tests: pairs of a call and what it must give (JSON values).

    Returns:
        None if all are as wanted, else what failed first.
    """
    if len(code) > MAX_CODE_CHARS:
        return Failure(f"the code is longer than {MAX_CODE_CHARS} characters", unchecked=True)
    limits = monty.ResourceLimits(
        max_feed_duration_secs=SECONDS, max_memory=MEMORY_BYTES, max_recursion_depth=DEPTH, max_suspensions=10
    )
    try:
        with _workers().checkout(limits=limits) as session:
            try:
                session.feed_run(code, print_callback=monty.CollectString(MAX_PRINTED_BYTES))
            except monty.MontySyntaxError as exc:
                return Failure(f"the code cannot be read: {exc}"[:200], unchecked=True)
            except monty.MontyRuntimeError as exc:
                unknown = isinstance(exc.exception(), (ImportError, NotImplementedError, TimeoutError))
                return Failure(f"the code does not run: {exc}"[:200], unchecked=unknown)
            for call, wanted in tests:
                try:
                    got = session.feed_run(call, print_callback=monty.CollectString(MAX_PRINTED_BYTES))
                except (monty.MontyRuntimeError, monty.MontySyntaxError, monty.MontyConversionError) as exc:
                    endless = isinstance(exc.exception(), TimeoutError)
                    return Failure(f"a test failed with {exc}"[:200], unchecked=endless)
                if not same(got, wanted):
                    return Failure("a test got another value")
    except monty.MontyCrashedError:
        # The code did it: it did not end in time, or took its worker down. The pool has another.
        return Failure("the code takes too long or breaks its interpreter", unchecked=True)
    return None


def same(got: Any, wanted: Any) -> bool:
    """Whether a value is what JSON says: numbers by value, a tuple as a list, but a bool is no number."""
    if isinstance(wanted, bool) or isinstance(got, bool) or wanted is None:
        return got is wanted
    if isinstance(wanted, (int, float)):
        close = isinstance(got, float) and math.isclose(got, wanted, rel_tol=1e-9)
        return isinstance(got, (int, float)) and (got == wanted or close)
    if isinstance(wanted, str):
        return type(got) is str and got == wanted
    if isinstance(wanted, list):
        return type(got) in (list, tuple) and len(got) == len(wanted) and all(map(same, got, wanted))
    if isinstance(wanted, dict):
        return (
            type(got) is dict and got.keys() == wanted.keys() and all(same(got[k], wanted[k]) for k in wanted)
        )
    return False


def _workers() -> monty.Monty:
    """This process's pool, started on first use. A forked child makes its own."""
    global _pool
    with _lock:
        if _pool is None or _pool[0] != os.getpid():
            pool = monty.Monty(min_processes=1, max_processes=2, request_timeout=10 * SECONDS)
            pool.__enter__()
            _pool = (os.getpid(), pool)
            atexit.register(pool.__exit__, None, None, None)
        return _pool[1]
