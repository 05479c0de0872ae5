"""The sandbox itself: which engine runs a program, and that one does or none.

from sml_gym.sandbox import Call, Program, shared_sandbox

run = shared_sandbox().run(Program("def double(x): return 2 * x", (Call("double", (21,)),)))
run.calls[0].value  # 42
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import threading
import weakref
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from sml_gym.errors import ConfigError, VerifierError
from sml_gym.sandbox.cpython import CPythonEngine, CPythonSession
from sml_gym.sandbox.monty import MontyEngine, MontySession, Unfit
from sml_gym.sandbox.program import (
    DEFAULT_LIMITS,
    ENGINES,
    Call,
    CallResult,
    Engine,
    Failure,
    Limits,
    Program,
    Run,
)
from sml_gym.sandbox.screen import fit_for_monty
from sml_gym.sandbox.zygote import Unavailable, ZygoteLost

_T = TypeVar("_T")
_DOCTOR = "Run `sml-gym doctor`: it says what this machine lacks."


class Sandbox:
    """Runs code that nobody has read, in processes that can reach nothing and are killed when time is up.

    Thread-safe; in a forked child it starts again with processes of its own. Nothing is started before
    it is needed, and all ends with this process, also if that is killed.

    Args:
        engines: which may be used, of `"monty"` and `"cpython"`.
        concurrency: how many programs run at once; further callers wait (default: one a core).
        landlock: use Landlock where the kernel has it. Without it the CPython worker can open no file at
            all, and a program can import only what was imported before.

    Raises:
        ConfigError: from every method, where no engine works on this machine. Nothing is ever run bare.
        VerifierError: from every method, where the machinery itself fails.
    """

    def __init__(
        self, *, engines: Sequence[Engine] = ENGINES, concurrency: int | None = None, landlock: bool = True
    ) -> None:
        unknown = [name for name in engines if name not in ENGINES]
        if unknown:
            raise ConfigError(f"Unknown engine {unknown[0]!r}. Choose from: {', '.join(ENGINES)}.")
        self._engines = tuple(engines)
        self._concurrency = concurrency or usable_processors()
        self._monty = MontyEngine()
        self._cpython = CPythonEngine(landlock=landlock)
        self._closed = False
        self._reset()
        _BOXES.add(self)

    def _reset(self) -> None:
        self._running = threading.BoundedSemaphore(self._concurrency)

    def run(self, program: Program, limits: Limits = DEFAULT_LIMITS, *, engine: Engine | None = None) -> Run:
        """Run a program and its calls. What the program does wrong is in the result, never raised.

        Monty runs what it is known to run as CPython does; whatever fails there is run again by CPython,
        whose word counts. So failures, their lines and timeouts are CPython's.

        Args:
            program: the code and the calls.
            limits: what it may use.
            engine: only this engine, to be sure of it.
        """
        session = self.session(program.code, limits, stdin=program.stdin, engine=engine)
        try:
            return session._run(program.calls)
        finally:
            session._close()

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

    def invoke(self, function: str, *args: Any, deadline: float) -> Any:
        """Call a function that is trusted on data that are not, in a confined process of its own.

        It may read the interpreter's library folders and its own package, and nothing else.

        Args:
            function: `"package.module:name"`. It is imported once, before anything is confined.
            args: JSON values.
            deadline: seconds that it may run, counted from when it has been imported.

        Returns:
            Its JSON result.

        Raises:
            DeadlineExceeded, WorkerRaised, WorkerLost: of `sml_gym.workers`: it took longer, it raised or
                cannot be imported, or its process ended by itself (it crashed).
        """
        self._check_worker()
        for attempt in range(2):
            try:
                with self._running:
                    return self._cpython.invoke(function, args, deadline)
            except ZygoteLost as exc:
                if attempt:
                    raise VerifierError(f"The sandbox failed twice: {exc}. {_DOCTOR}") from None
            except Unavailable as exc:
                raise ConfigError(f"{function} cannot be isolated here: {exc}. {_DOCTOR}") from None
        raise AssertionError

    def preload(self, *modules: str) -> None:
        """Import modules for `invoke` now and once, so that no call waits for it."""
        self._check_worker()
        self._cpython.preload += tuple(name for name in modules if name not in self._cpython.preload)
        try:
            zygote = self._cpython.zygote("functions")
            for module in modules:
                zygote.load(module)
        except ZygoteLost as exc:
            raise VerifierError(f"The sandbox does not start: {exc}. {_DOCTOR}") from None
        except Unavailable as exc:
            raise ConfigError(f"Nothing can be isolated here: {exc}. {_DOCTOR}") from None

    def close(self) -> None:
        """End all processes. The sandbox takes no programs after that."""
        self._closed = True
        self._monty.close()
        self._cpython.close()

    def _check_worker(self) -> None:
        self._check_open()
        if "cpython" not in self._engines:
            raise ConfigError(f"Functions need the CPython worker, which is switched off. {_DOCTOR}")

    def _check_open(self) -> None:
        if self._closed:
            raise VerifierError("The sandbox is closed. Make a new one.")
        if not self._engines:
            raise ConfigError(f"The sandbox has no engine, and nothing is ever run without one. {_DOCTOR}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _after_fork(self) -> None:
        self._reset()
        self._monty.after_fork()
        self._cpython.after_fork()


class Session:
    """A program in the sandbox. Made by `Sandbox.session`.

    Attributes:
        failure: why running the module failed, if it did. Calls then fail in the same way.
        stdout: what running the module printed.
        engine: which engine runs it. It can change from monty to CPython at a call, which then makes the
            calls made before once more.
    """

    def __init__(
        self, box: Sandbox, code: str, limits: Limits, stdin: str | None, engines: tuple[Engine, ...]
    ) -> None:
        self._box = box
        self._code, self._limits, self._stdin = code, limits, stdin
        self._engines = engines
        self._made: list[Call] = []
        self._monty: MontySession | None = None
        self._cpython: CPythonSession | None = None
        self.engine: Engine = "cpython"
        self.failure: Failure | None = None
        self.stdout = ""

    def __enter__(self) -> Self:
        self._box._check_open()
        try:
            why = self._start_monty()
            if why:
                self._start_cpython(why)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def call(self, call: Call) -> CallResult:
        """Make a call; its value or failure, and what it printed."""
        if self._monty is None and self._cpython is None:
            raise ValueError("A session is called inside its `with` block.")
        if self.failure is not None:
            return CallResult(None, self.failure)
        if self._monty is not None:
            try:
                with self._box._running:
                    result = self._monty.call(call)
                self._made.append(call)
                return result
            except Unfit as exc:
                self._start_cpython(str(exc))
                if self.failure is not None:
                    return CallResult(None, self.failure)
                self._call_cpython(self._made)
        return self._call_cpython([call])[0]

    def _run(self, calls: Sequence[Call]) -> Run:
        """Everything at once: all by one engine, the calls sent together."""
        self._box._check_open()
        why = self._start_monty()
        if not why:
            assert self._monty is not None
            try:
                with self._box._running:
                    results = [self._monty.call(call) for call in calls]
                return Run(tuple(results), self.stdout, None, "monty")
            except Unfit as exc:
                why = str(exc)
        results = self._start_cpython(why, calls)
        return Run(tuple(results), self.stdout, self.failure, "cpython")

    def _start_monty(self) -> str:
        """Run the module with monty; if that cannot be, why not."""
        if "monty" not in self._engines:
            return "monty is not among the engines"
        if self._stdin is not None:
            return "monty has no standard input"
        if not fit_for_monty(self._code):
            return "monty would do something else than CPython"
        session = self._box._monty.session(self._code, self._limits)
        try:
            session.__enter__()
        except (ImportError, OSError, Unfit) as exc:
            return f"monty does not work here: {exc}"
        self._monty = session
        try:
            with self._box._running:
                self.stdout = session.start()
        except Unfit as exc:
            return str(exc)
        self.engine = "monty"
        return ""

    def _start_cpython(self, why: str, calls: Sequence[Call] = ()) -> list[CallResult]:
        """Run the module with CPython, in the place of monty, and make calls of it."""
        if self._monty is not None:
            self._monty.__exit__(None, None, None)
            self._monty = None
        if "cpython" not in self._engines:
            raise ConfigError(
                f"This program needs the CPython worker ({why}), which is switched off. {_DOCTOR}"
            )
        self.engine = "cpython"
        self.failure, self.stdout, results = self._twice(lambda: self._open_cpython(calls))
        return results

    def _open_cpython(self, calls: Sequence[Call]) -> tuple[Failure | None, str, list[CallResult]]:
        if self._cpython is not None:
            self._cpython.__exit__(None, None, None)
        self._cpython = CPythonSession(self._box._cpython, self._code, self._limits, self._stdin)
        with self._box._running:
            return self._cpython.run(calls)

    def _call_cpython(self, calls: Sequence[Call]) -> list[CallResult]:
        def ask() -> list[CallResult]:
            assert self._cpython is not None
            with self._box._running:
                return self._cpython.call(calls)

        return self._twice(ask)

    def _twice(self, do: Callable[[], _T]) -> _T:
        """Do it; once more if the machinery failed, which is no statement about the program."""
        try:
            try:
                return do()
            except ZygoteLost:
                return do()
        except ZygoteLost as exc:
            raise VerifierError(f"The sandbox failed twice: {exc}. {_DOCTOR}") from None
        except Unavailable as exc:
            raise ConfigError(f"No engine can run this program: {exc}. {_DOCTOR}") from None

    def _close(self) -> None:
        monty, self._monty = self._monty, None
        cpython, self._cpython = self._cpython, None
        try:
            if monty is not None:
                monty.__exit__(None, None, None)
        finally:
            if cpython is not None:
                with contextlib.suppress(ZygoteLost):  # it is gone, and its children with it
                    cpython.__exit__(None, None, None)


def usable_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
