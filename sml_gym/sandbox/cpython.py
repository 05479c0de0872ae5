"""The second engine: CPython itself, in a child process that can reach nothing.

One zygote process, warm, forks a child for each job (`_zygote.py`); the child confines itself
(`_confine.py`) before it reads what it shall run. The host speaks with each child over a socket of its own,
one request at a time, and believes nothing: a reply carries the ticket of its request, is bounded, and is
decoded as plain data. The clock is the host's. Whatever happens, the job ends with the child killed and
gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Self

from sml_gym.errors import VerifierError
from sml_gym.framing import BadFrame
from sml_gym.sandbox import _plain
from sml_gym.sandbox.program import Call, CallResult, Failure, FailureKind, Limits
from sml_gym.sandbox.zygote import (
    PATIENCE_SECONDS,
    SETUP_SECONDS,
    START_SECONDS,
    Child,
    Unavailable,
    Zygote,
    ZygoteLost,
)
from sml_gym.workers import DeadlineExceeded, WorkerLost, WorkerRaised

_TICKET_BYTES = 16
_ERROR_CHARS = 2_000
_FUNCTION_MEMORY_BYTES = 2 * 2**30
_ARGUMENT_DEPTH = 210
_MAX_CODE_CHARS = 2**20
# Of requests sent ahead: less than a socket holds, where each costs the better part of 1 KiB besides its
# content, so that no write ever waits for a program that is at work.
_AHEAD_BYTES, _AHEAD = 2**15, 64
_ALL_USED = "the total time is up"
# What a child says of a program; the rest is the host's to say.
_REPORTED = ("syntax", "exception", "memory", "output", "no_function", "not_plain")


class CPythonEngine:
    """Zygotes of this process: one for programs, one for trusted functions, each started when needed."""

    def __init__(self, *, landlock: bool = True) -> None:
        self._landlock = landlock
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._zygotes: dict[str, Zygote] = {}
        self._unavailable: str | None = None
        self._closed = False
        self.preload: tuple[str, ...] = ()

    def zygote(self, kind: str) -> Zygote:
        """The zygote for `"programs"` or `"functions"`.

        Raises:
            Unavailable: it cannot confine its children on this machine.
            ZygoteLost: it does not start.
        """
        with self._lock:
            if self._closed:
                raise VerifierError("The sandbox is closed. Make a new one.")
            if sys.platform != "linux":
                raise Unavailable(f"the CPython worker needs Linux, and this is {sys.platform}")
            if self._unavailable is not None:
                raise Unavailable(self._unavailable)
            zygote = self._zygotes.get(kind)
            if zygote is None or zygote.lost:
                if zygote is not None:
                    zygote.close()
                try:
                    zygote = self._zygotes[kind] = Zygote(
                        None if kind == "programs" else _library(), landlock=self._landlock
                    )
                except Unavailable as exc:
                    self._unavailable = str(exc)
                    raise
            return zygote

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            self._closed = True
            zygotes, self._zygotes = list(self._zygotes.values()), {}
        for zygote in zygotes:
            zygote.close()

    def after_fork(self) -> None:
        """In a forked child: let go of the parent's zygotes."""
        for zygote in self._zygotes.values():
            zygote.let_go()
        closed, preload = self._closed, self.preload
        self._reset()
        self._closed, self.preload = closed, preload

    def invoke(self, function: str, args: tuple[Any, ...], deadline: float) -> Any:
        """Call a trusted function (`"package.module:name"`) in a confined child.

        Raises:
            DeadlineExceeded: it took longer. The clock starts when it has been imported.
            WorkerRaised: it raised, or cannot be imported.
            WorkerLost: its process ended by itself.
            ZygoteLost, Unavailable: as `zygote`.
        """
        zygote = self.zygote("functions")
        for module in (*self.preload, function.partition(":")[0]):
            zygote.load(module)
        package = function.partition(".")[0].partition(":")[0]
        ticket = secrets.token_bytes(_TICKET_BYTES)
        request = {"function": function, "args": json.dumps(list(args)), "ticket": ticket}
        with Child(zygote, None, _FUNCTION_MEMORY_BYTES, 2**16, int(deadline) + 5, package) as child:
            child.await_ready()
            try:
                child.frames.send(_plain.encode(request), time.monotonic() + SETUP_SECONDS)
                reply = child.frames.receive(time.monotonic() + START_SECONDS)
                if reply == ticket + b"s":  # it has the function, and begins
                    reply = child.frames.receive(time.monotonic() + deadline)
            except TimeoutError:
                raise DeadlineExceeded(f"{function} took longer than {deadline:g} s") from None
            except (OSError, EOFError):
                raise WorkerLost(f"the process of {function} ended by itself: {child.obituary()}") from None
        if reply[: _TICKET_BYTES + 1] != ticket + b"j":
            raise WorkerLost(f"the process of {function} answered something else than it was asked")
        try:
            message = json.loads(reply[_TICKET_BYTES + 1 :])
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict) or not message.keys() & {"result", "error"}:
            raise WorkerLost(f"the process of {function} did not answer in JSON")
        if "error" in message:
            raise WorkerRaised(str(message["error"])[:200], str(message.get("message", ""))[:_ERROR_CHARS])
        return message["result"]


class _Flooded(Exception):
    """A program printed more than it may."""


class CPythonSession:
    """One program in a child. If a call ends the child, the next starts another and runs the module again."""

    def __init__(self, engine: CPythonEngine, code: str, limits: Limits, stdin: str | None) -> None:
        self._engine = engine
        self._code, self._limits, self._stdin = code, limits, stdin
        self._left = limits.total_seconds
        self._child: Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._end()

    def start(self) -> tuple[Failure | None, str]:
        """Run the module: its failure, if any, and what it printed."""
        failure, stdout, _ = self.run(())
        return failure, stdout

    def run(self, calls: Sequence[Call]) -> tuple[Failure | None, str, list[CallResult]]:
        """Run the module and, if it does not fail, make the calls."""
        module, *results = self._ask(calls, with_module=True)
        if module.failure is not None:
            return module.failure, module.stdout, []
        return None, module.stdout, results + self.call(calls[len(results) :])

    def call(self, calls: Sequence[Call]) -> list[CallResult]:
        """Make calls. Where one ends the child, another runs the module again for those that are left."""
        results: list[CallResult] = []
        while len(results) < len(calls):
            if self._left <= 0:
                self._end()
                results.append(CallResult(None, Failure(FailureKind.TIMEOUT, message=_ALL_USED)))
            elif self._child is not None:
                results += self._ask(calls[len(results) :], with_module=False)
            else:
                module, *more = self._ask(calls[len(results) :], with_module=True)
                results += more if module.failure is None else [CallResult(None, module.failure)]
        return results

    def _ask(self, calls: Sequence[Call], *, with_module: bool) -> list[CallResult]:
        """Make requests of one child; the results of those it answered, and of the one that it died of.

        Small requests are sent ahead of the replies, so that the two processes need not wait for each other
        at every call; they fit into the socket, so that nobody waits for the other to read.
        """
        if with_module:
            if not _sendable(self._code):
                return [
                    CallResult(None, Failure(FailureKind.SYNTAX, "UnicodeEncodeError", "the code is no text"))
                ]
            self._open()
        child = self._child
        assert child is not None
        requests = [self._module()] if with_module else []
        requests += [
            {"call": call.function, "args": call.args, "kwargs": dict(call.kwargs)} for call in calls
        ]
        todo = deque(requests)
        waiting: deque[tuple[bytes, int]] = deque()  # tickets, and the bytes sent for them
        results: list[CallResult] = []
        following: tuple[bytes, bytes] | None = None  # ticket and body of the next request
        try:
            while len(results) < len(requests):
                while following or todo:
                    following = following or _written(todo.popleft())
                    ticket, body = following
                    ahead = sum(size for _, size in waiting) + len(body)
                    if waiting and (len(waiting) >= _AHEAD or ahead > _AHEAD_BYTES):
                        break
                    self._send(child, body)
                    waiting.append((ticket, len(body)))
                    following = None
                if with_module and not results:
                    child.await_ready()
                result, ended = self._await(child, waiting.popleft()[0])
                results.append(result)
                if ended:
                    break
                if with_module and len(results) == 1 and result.failure is not None:
                    self._end()
                    break
        except BaseException:
            self._child = None
            with contextlib.suppress(ZygoteLost):
                child.__exit__()
            raise
        return results

    def _send(self, child: Child, body: bytes) -> None:
        """Send a request. If the child is gone or does not read, no reply comes, and that will tell."""
        started = time.monotonic()
        with contextlib.suppress(OSError):
            child.frames.send(body, started + self._seconds())
        self._left -= time.monotonic() - started

    def _await(self, child: Child, ticket: bytes) -> tuple[CallResult, bool]:
        """The reply to the oldest request, and whether the child has ended over it."""
        value: Any = None
        failure: Failure | None = None
        stdout, ended = "", True
        seconds = self._seconds()
        started = time.monotonic()
        try:
            reply = self._receive(child, started, seconds)
            value, failure, stdout = _read(reply, ticket, self._limits)
            ended = False
        except _Flooded:  # what it still holds back would be said in the next call's name
            failure = _flood(self._limits)
            stdout = _shown(reply[_TICKET_BYTES + 5 :], self._limits)
        except TimeoutError:
            late = f"it took longer than {seconds:g} s" if seconds == self._limits.seconds else _ALL_USED
            failure = Failure(FailureKind.TIMEOUT, message=late)
        except (BadFrame, _plain.BadData) as exc:
            failure = Failure(FailureKind.CRASHED, message=f"its process broke the protocol: {exc}")
        except (OSError, EOFError):
            pass  # it ended by itself
        finally:
            self._left -= time.monotonic() - started
        if ended:
            stdout = stdout or child.left_over()
            if child.flooded():
                failure = _flood(self._limits)
            status = self._end(0.0 if failure else PATIENCE_SECONDS)
            failure = failure or _obituary(status)
        return CallResult(value if failure is None else None, failure, stdout), ended

    def _receive(self, child: Child, started: float, seconds: float) -> bytes:
        """The reply within so many seconds, or, on a machine that is busy, so many of processor time."""
        until = started + seconds
        child.begin()
        while True:
            try:
                return child.frames.receive(until)
            except TimeoutError:
                last = started + self._left
                if until >= last or not child.kept_waiting(seconds):
                    raise
                until = min(time.monotonic() + 0.05, last)

    def _seconds(self) -> float:
        return max(0.0, min(self._limits.seconds, self._left))

    def _module(self) -> dict[str, Any]:
        return {"code": self._code, "script": self._stdin is not None, "depth": self._limits.depth}

    def _open(self) -> None:
        self._end()
        limits = self._limits
        self._child = Child(
            self._engine.zygote("programs"),
            self._stdin,
            limits.memory_bytes,
            limits.output_bytes,
            int(limits.total_seconds) + 5,
        )

    def _end(self, patience: float | None = None) -> int | None:
        """End the child. How it ended is asked only of one that is given the patience to end by itself."""
        child, self._child = self._child, None
        if child is None:
            return None
        if patience:
            return child.close(patience)
        child.__exit__()
        return None


def _written(request: dict[str, Any]) -> tuple[bytes, bytes]:
    """A new ticket for a request, and the request's bytes."""
    ticket = secrets.token_bytes(_TICKET_BYTES)
    try:
        return ticket, _plain.encode({**request, "ticket": ticket}, _ARGUMENT_DEPTH)
    except _plain.NotPlain as exc:
        raise ValueError(f"An argument of a call is not plain: {exc}.") from None


def _read(reply: bytes, ticket: bytes, limits: Limits) -> tuple[Any, Failure | None, str]:
    """The value or the failure in a reply, and what was printed.

    Raises `BadData` for anything but the reply to the request, `_Flooded` if too much was printed.
    """
    if reply[:_TICKET_BYTES] != ticket:
        raise _plain.BadData("a reply to another request")
    kind, length = reply[_TICKET_BYTES : _TICKET_BYTES + 1], reply[_TICKET_BYTES + 1 : _TICKET_BYTES + 5]
    start = _TICKET_BYTES + 5
    end = start + int.from_bytes(length, "little")
    if end > len(reply):
        raise _plain.BadData("a reply that is cut short")
    printed, content = reply[start:end], reply[end:]
    if len(printed) > limits.output_bytes:
        raise _Flooded
    stdout = _shown(printed, limits)
    if kind == b"v":
        return _plain.decode(content, limits.depth), None, stdout
    found = _plain.decode(content, 1) if kind == b"e" else None
    if type(found) is not tuple or [type(part) for part in found[:3]] != [str, str, str] or len(found) != 4:
        raise _plain.BadData("no reply")
    what, exception, message, line = found
    if what not in _REPORTED or not (line is None or (type(line) is int and 0 < line < 2**31)):
        raise _plain.BadData("no failure")
    return None, Failure(FailureKind(what), exception[:200], message[:_ERROR_CHARS], line), stdout


def _shown(printed: bytes, limits: Limits) -> str:
    return printed[: limits.output_bytes].decode("utf-8", "replace")


def _flood(limits: Limits) -> Failure:
    return Failure(FailureKind.OUTPUT, message=f"it printed more than {limits.output_bytes} bytes")


def _obituary(status: int | None) -> Failure:
    """What it means that a child ended by itself."""
    if status is None:
        return Failure(FailureKind.CRASHED, message="its process closed its connection")
    if status == -signal.SIGKILL:
        # No program can do that: it was the machine, for instance for want of memory.
        raise ZygoteLost("a program's process was killed from outside")
    if status == -signal.SIGXCPU:
        return Failure(FailureKind.TIMEOUT, message="it used more processor time than it may")
    how = f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
    return Failure(FailureKind.CRASHED, message=f"its process ended: {how}")


def _sendable(code: str) -> bool:
    try:
        code.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return len(code) <= _MAX_CODE_CHARS


def _library() -> list[str]:
    """Where this interpreter finds modules, without the current folder.

    Packages that are installed in place are found by a hook and not by `sys.path`: their folders come last.
    """
    found = dict.fromkeys(path for path in sys.path if path)
    for name, module in list(sys.modules.items()):
        inside = os.path.join("", *name.split("."))
        folders = getattr(module, "__path__", ())
        if not isinstance(folders, Iterable):  # torch.classes answers to any name
            continue
        for folder in list(folders):
            if isinstance(folder, str) and folder.endswith(os.sep + inside):
                found[folder.removesuffix(os.sep + inside)] = None
    return list(found)
