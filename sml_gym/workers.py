"""Deadlines that end: a small pool of processes that are really killed.

Neither `signal.alarm` nor a thread's timeout stops `9**9**9**9`: both wait for the
interpreter, which is busy. A process can be killed. So a call whose cost depends on
what a student wrote runs in a worker process, and at its deadline the worker and all that it
started are killed and a new one takes its place.

- The clock starts when the work starts: after the process is up and the function imported.
- Arguments and results are JSON. Nothing that a worker says is unpickled or evaluated.
- A pool is shared by threads; in a forked child it starts again with workers of its own.
- Workers end with the process that started them, also if that is killed.

Needs POSIX (processes in a session of their own, `poll` on pipes).
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from pathlib import Path
from typing import Any, Self

from sml_gym.errors import SMLError
from sml_gym.framing import BadFrame, Frames

_MAX_MESSAGE_BYTES = 16 * 2**20
_WORKER_MAIN = Path(__file__).with_name("_worker_main.py")


class WorkerError(SMLError):
    """Base of what a call to a worker can raise."""


class DeadlineExceeded(WorkerError):
    """The work took longer than its deadline. Its worker is dead."""


class WorkerLost(WorkerError):
    """The worker died by itself, did not start in time, or spoke nonsense."""


class WorkerRaised(WorkerError):
    """The called function raised. The worker is well.

    `kind` is the exception's class name, `message` its text.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


class WorkerPool:
    """Worker processes that run named functions under deadlines.

    Nothing is started before the first call or `warm()`, and no more processes than there are
    calls at once. A thread of the pool's own starts them, so that a killed worker is
    replaced while its caller goes on.

    Args:
        size: how many processes at most, and so how many calls at once; further callers wait.
        memory_bytes: limit of a worker's address space.
        start_deadline: seconds that a worker may take to start, and a function to be imported.
    """

    def __init__(
        self,
        size: int = 1,
        *,
        memory_bytes: int = 2 * 2**30,
        start_deadline: float = 30.0,
    ) -> None:
        if size < 1:
            raise ValueError(f"A pool needs at least 1 worker, not {size}.")
        self.size = size
        self._preload: tuple[str, ...] = ()
        self._memory_bytes = memory_bytes
        self._start_deadline = start_deadline
        self._reset()
        _POOLS.add(self)

    def _reset(self) -> None:
        self._changed = threading.Condition()
        self._idle: deque[_Worker] = deque()
        self._alive: set[_Worker] = set()
        self._waiting = 0  # callers without a worker
        self._wanted = 0  # processes that the starter has still to start
        self._failure: str | None = None
        self._starter: threading.Thread | None = None
        self._closed = False

    def call(self, function: str, *args: Any, deadline: float) -> Any:
        """Run `function` (`"package.module:name"`) with JSON arguments; its JSON result.

        A worker that dies by itself is replaced and the call made once more.

        Args:
            function: where the function is; the worker imports it.
            args: JSON values.
            deadline: seconds that the function may run.

        Raises:
            DeadlineExceeded: it ran longer.
            WorkerLost: workers could not be started, or two died during this call.
            WorkerRaised: the function raised.
        """
        try:
            return self._call_once(function, args, deadline)
        except WorkerLost:
            return self._call_once(function, args, deadline)

    def warm(self, *modules: str) -> None:
        """Start a worker in the background, so that the first call finds it ready.

        It imports `modules`, as every later worker of this pool will. Costs little if called again.
        """
        with self._changed:
            new = [module for module in modules if module not in self._preload]
            self._preload += tuple(new)
            if not self._alive:
                self._want(1)
            for worker in self._idle:
                for module in new:
                    with contextlib.suppress(WorkerLost):  # its next call will notice
                        worker.preload(module)

    def close(self) -> None:
        """Kill all workers. The pool takes no calls after that."""
        with self._changed:
            self._closed = True
            doomed = list(self._alive)
            self._alive.clear()
            self._idle.clear()
            self._changed.notify_all()
            starter = self._starter
        for worker in doomed:
            worker.kill()
        if starter is not None and starter is not threading.current_thread():
            starter.join(timeout=5.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that are alive now."""
        with self._changed:
            return sorted(worker.pid for worker in self._alive)

    # ---- private ----

    def _call_once(self, function: str, args: tuple[Any, ...], deadline: float) -> Any:
        worker = self._acquire()
        try:
            result = worker.run(function, args, deadline, self._start_deadline)
        except WorkerRaised:
            self._release(worker)
            raise
        except BaseException:  # also a KeyboardInterrupt: a worker in the middle of a call is of no use
            self._discard(worker)
            raise
        self._release(worker)
        return result

    def _acquire(self) -> _Worker:
        until = time.monotonic() + self._start_deadline
        with self._changed:
            self._failure = None
            self._waiting += 1
            try:
                while True:
                    if self._closed:
                        raise WorkerLost("the pool of workers is closed")
                    if self._idle:
                        return self._idle.pop()
                    if self._failure is not None:
                        raise WorkerLost(f"a worker could not be started: {self._failure}")
                    self._want(self._waiting)
                    left = until - time.monotonic()
                    # While others' calls are running we wait for them; only starting is bounded.
                    if left <= 0 and self._wanted:
                        raise WorkerLost(f"no worker was ready after {self._start_deadline:g} s")
                    self._changed.wait(max(left, 1.0))
            finally:
                self._waiting -= 1

    def _release(self, worker: _Worker) -> None:
        with self._changed:
            if not self._closed:
                self._idle.append(worker)
                self._changed.notify()
                return
        worker.kill()

    def _discard(self, worker: _Worker) -> None:
        worker.kill()
        with self._changed:
            self._alive.discard(worker)
            self._want(self._wanted + 1)

    def _want(self, number: int) -> None:
        """Ask for so many processes, if there is room for them. The lock is held."""
        self._wanted = min(max(self._wanted, number), self.size - len(self._alive))
        if self._closed or not self._wanted:
            return
        if self._starter is None:
            # It lives as long as the pool, for Linux ends a process that asked to die with its
            # parent when the *thread* that started it ends.
            self._starter = threading.Thread(target=self._start_workers, name="sml-gym-workers", daemon=True)
            self._starter.start()
        self._changed.notify_all()

    def _start_workers(self) -> None:
        while True:
            with self._changed:
                while not self._wanted and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                preload = self._preload
            worker = None
            try:
                worker = _Worker(self._memory_bytes)
                worker.await_ready(self._start_deadline)
                for module in preload:
                    worker.preload(module)
                failure = None
            except (OSError, WorkerError) as exc:
                failure = str(exc) or type(exc).__name__
            with self._changed:
                closed = self._closed
                if failure is not None:
                    self._failure = failure
                    self._wanted = 0  # the next call tries again
                elif worker is not None and not closed:
                    self._alive.add(worker)
                    self._idle.append(worker)
                    self._wanted = min(self._wanted - 1, self.size - len(self._alive))
                self._changed.notify_all()
            if worker is not None and (failure is not None or closed):
                worker.kill()

    def _after_fork(self) -> None:
        """In a forked child: let go of the parent's workers, which are not ours to use or to kill."""
        for worker in self._alive:
            worker.let_go()
        closed = self._closed
        self._reset()
        self._closed = closed


class _Worker:
    """One process and the two pipes to it."""

    def __init__(self, memory_bytes: int) -> None:
        self._process = subprocess.Popen(
            # By file name and with -P: neither the caller's main module nor sml_gym is imported.
            [
                sys.executable,
                "-P",
                str(_WORKER_MAIN),
                str(os.getpid()),
                str(memory_bytes),
                json.dumps(sys.path),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            start_new_session=True,  # its own process group, which can be killed as a whole
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.pid = self._process.pid
        self._frames = Frames(
            self._process.stdout.fileno(), self._process.stdin.fileno(), max_bytes=_MAX_MESSAGE_BYTES
        )
        self._calls = 0

    def await_ready(self, seconds: float) -> None:
        self._receive(time.monotonic() + seconds, "start")

    def preload(self, module: str) -> None:
        self._send({"import": module}, time.monotonic() + 5.0)

    def run(self, function: str, args: tuple[Any, ...], deadline: float, start_deadline: float) -> Any:
        self._calls += 1
        request = {"id": self._calls, "function": function, "args": args, "deadline": deadline}
        until = time.monotonic() + start_deadline
        self._send(request, until)
        reply = self._receive(until, f"import {function}")
        if reply.get("started") == self._calls:
            try:
                reply = self._receive(time.monotonic() + deadline, "")
            except TimeoutError:
                raise DeadlineExceeded(f"{function} took longer than {deadline:g} s") from None
        if reply.get("id") != self._calls:
            raise WorkerLost("a worker answered something else than it was asked")
        if "error" in reply:
            raise WorkerRaised(str(reply["error"]), str(reply.get("message", "")))
        return reply.get("result")

    def kill(self) -> None:
        """Kill the process and all that it started, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._close_pipes()

    def let_go(self) -> None:
        """Close this process's copies of the pipes to a worker that belongs to another process."""
        self._close_pipes()
        self._process.returncode = 0  # it is no child of ours: nothing to wait for

    def _close_pipes(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def _send(self, message: dict[str, Any], until: float) -> None:
        try:
            self._frames.send(json.dumps(message).encode("ascii"), until)
        except TimeoutError:
            raise WorkerLost("a worker does not listen") from None
        except OSError as exc:
            raise WorkerLost(self._obituary()) from exc

    def _receive(self, until: float, doing: str) -> dict[str, Any]:
        """The next message. Raises `TimeoutError` if `doing` is empty, else `WorkerLost`, when time is up."""
        try:
            body = self._frames.receive(until)
        except TimeoutError:
            if not doing:
                raise
            raise WorkerLost(f"a worker took too long to {doing}") from None
        except BadFrame as exc:
            raise WorkerLost(f"a worker sent {exc}") from None
        except (OSError, EOFError) as exc:
            raise WorkerLost(self._obituary()) from exc
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as exc:
            raise WorkerLost("a worker's answer is not JSON") from exc
        if not isinstance(message, dict):
            raise WorkerLost("a worker's answer is not an object")
        return message

    def _obituary(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(timeout=0.5)
            return f"a worker died by itself ({f'signal {-code}' if code < 0 else f'exit status {code}'})"
        return "a worker closed its pipes"


_POOLS: weakref.WeakSet[WorkerPool] = weakref.WeakSet()


@functools.cache
def shared_pool() -> WorkerPool:
    """The pool that this process's environments share: two workers at most, started when needed."""
    return WorkerPool(2)


def _close_all() -> None:
    for pool in list(_POOLS):
        pool.close()


def _forget_all() -> None:
    for pool in list(_POOLS):
        pool._after_fork()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
