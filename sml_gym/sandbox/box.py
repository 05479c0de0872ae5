"""The sandbox itself: which engine runs a program, and that one does or none.

from sml_gym.sandbox import Call, Program, shared_sandbox

run = shared_sandbox().run(Program("def double(x): return 2 * x", (Call("double", (21,)),)))
run.calls[0].value  # 42
"""

from __future__ import annotations

import atexit
import functools
import os
import threading
import weakref
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from sml_gym.errors import ConfigError, VerifierError
from sml_gym.sandbox.monty import MontyEngine, MontySession, Unfit
from sml_gym.sandbox.program import DEFAULT_LIMITS, ENGINES, Call, CallResult, Engine, Limits, Program, Run
from sml_gym.sandbox.screen import fit_for_monty

_DOCTOR = "Run `sml-gym doctor`: it says what this machine lacks."


class Sandbox:
    """Runs code that nobody has read, in processes that can reach nothing and are killed when time is up.

    Thread-safe; in a forked child it starts again with processes of its own. Nothing is started before
    it is needed, and all ends with this process, also if that is killed.

    Args:
        engines: which may be used, of `"monty"` and `"cpython"`.
        concurrency: how many programs run at once; further callers wait (default: one a core).

    Raises:
        ConfigError: from every method, where none of the engines works on this machine. Nothing is ever run bare.
        VerifierError: from every method, where the machinery itself fails.
    """

    def __init__(self, *, engines: Sequence[Engine] = ENGINES, concurrency: int | None = None) -> None:
        unknown = [name for name in engines if name not in ENGINES]
        if unknown:
            raise ConfigError(f"Unknown engine {unknown[0]!r}. Choose from: {', '.join(ENGINES)}.")
        self._engines = tuple(engines)
        self._concurrency = concurrency or len(os.sched_getaffinity(0))
        self._monty = MontyEngine()
        self._troubles: dict[str, str] = {}
        self._reset()
        _BOXES.add(self)

    def _reset(self) -> None:
        self._running = threading.BoundedSemaphore(self._concurrency)

    def run(self, program: Program, limits: Limits = DEFAULT_LIMITS, *, engine: Engine | None = None) -> Run:
        """Run a program and its calls. What the program does wrong is in the result, never raised.

        Monty runs what it is known to run as CPython does; whatever fails there is run again by CPython, whose
        word counts. So failures, their lines and timeouts are CPython's.

        Args:
            program: the code and the calls.
            limits: what it may use.
            engine: only this engine, to be sure of it.
        """
        with self.session(program.code, limits, stdin=program.stdin, engine=engine) as session:
            results: list[CallResult] = []
            if session.failure is None:
                results = [session.call(call) for call in program.calls]
            return Run(tuple(results), session.stdout, session.failure, session.engine)

    def session(
        self,
        code: str,
        limits: Limits = DEFAULT_LIMITS,
        *,
        stdin: str | None = None,
        engine: Engine | None = None,
    ) -> Session:
        """A program that stays in the sandbox and is called one call at a time; a context manager."""
        return Session(self, code, limits, stdin, (engine,) if engine else self._engines)

    def close(self) -> None:
        """End all processes. The sandbox takes no programs after that."""
        self._monty.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _after_fork(self) -> None:
        self._reset()
        self._monty.after_fork()


class Session:
    """A program in the sandbox. Made by `Sandbox.session`.

    Attributes:
        failure: why running the module failed, if it did. Calls then fail in the same way.
        stdout: what running the module printed.
        engine: which engine runs it. It can change from monty to CPython at a call, which then repeats
            the calls made before.
    """

    def __init__(
        self, box: Sandbox, code: str, limits: Limits, stdin: str | None, engines: tuple[Engine, ...]
    ) -> None:
        self._box = box
        self._code, self._limits, self._stdin = code, limits, stdin
        self._engines = engines
        self._open: MontySession | None = None
        self.engine: Engine = "monty"
        self.failure = None
        self.stdout = ""

    def __enter__(self) -> Self:
        if "monty" in self._engines and self._stdin is None and fit_for_monty(self._code):
            session = self._box._monty.session(self._code, self._limits)
            try:
                self._open = session.__enter__()
                with self._box._running:
                    self.stdout = session.start()
                return self
            except Unfit as exc:
                session.__exit__(None, None, None)
                raise VerifierError(f"The program cannot be run here: {exc}. {_DOCTOR}") from None
        raise ConfigError(f"No engine can run this program here. {_DOCTOR}")

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._open is not None:
            self._open.__exit__(kind, exc, traceback)
            self._open = None

    def call(self, call: Call) -> CallResult:
        """Make a call; its value or failure, and what it printed."""
        if self._open is None:
            raise ValueError("A session is called inside its `with` block.")
        try:
            with self._box._running:
                return self._open.call(call)
        except Unfit as exc:
            raise VerifierError(f"The program cannot be run here: {exc}. {_DOCTOR}") from None


_BOXES: weakref.WeakSet[Sandbox] = weakref.WeakSet()


@functools.cache
def shared_sandbox() -> Sandbox:
    """The sandbox that this process's environments share."""
    return Sandbox()


def _close_all() -> None:
    for box in list(_BOXES):
        box.close()


def _forget_all() -> None:
    for box in list(_BOXES):
        box._after_fork()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_forget_all)
