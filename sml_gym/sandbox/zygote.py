"""The host's side of the CPython worker's processes: the zygote, and the children that it forks.

A child is confined before it reads anything. What it says is not to be believed; whatever happens, it is
killed in the end, with all that belongs to it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from sml_gym.framing import Frames
from sml_gym.sandbox import _plain
from sml_gym.workers import WorkerRaised

_LOOKS, _BETWEEN_LOOKS = 4, 0.002
PATIENCE_SECONDS = 0.2  # for a child that has hung up to end
SETUP_SECONDS = 10.0  # for a child to take what it is sent
START_SECONDS = 60.0  # for the zygote to start, or to import a module

_FOLDER = Path(__file__).parent
_MAX_REPLY_BYTES = _plain.MAX_BYTES + 2**16


class Unavailable(Exception):
    """A process cannot be confined on this machine. The text says what is missing."""


class ZygoteLost(Exception):
    """The zygote died or does not answer. A new one may work."""


class Zygote:
    """The process that forks children, and the control socket to it. Thread-safe."""

    def __init__(self, library: list[str] | None, *, landlock: bool) -> None:
        options = json.dumps({"library": library, "landlock": landlock})
        mine, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = mine
        self._lock = threading.Lock()
        self._jobs = 0
        self._loaded: set[str] = set()
        self.lost = False
        with its:
            self._process = subprocess.Popen(
                # By file name, without `site` and the environment: nothing of the host's is imported.
                [
                    *(sys.executable, "-P", "-s", "-S", "-X", "utf8", str(_FOLDER / "_zygote.py")),
                    *(str(its.fileno()), str(os.getpid()), str(_FOLDER), options),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # One order of sets on every run; one thread, for a process with more cannot be forked safely.
                env={"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                cwd="/",
                pass_fds=[its.fileno()],
                start_new_session=True,
            )
        try:
            hello = self._receive(START_SECONDS)
            if "unconfined" in hello:
                raise Unavailable(str(hello["unconfined"]))
        except BaseException:
            self.close()
            raise
        self.files = bool(hello.get("files"))
        self.pid = self._process.pid

    def spawn(self, descriptors: list[int], options: Mapping[str, Any]) -> int:
        """Fork a child with these descriptors; the number of its job. The child says when it is there."""
        with self._lock:
            self._jobs += 1
            self._tell({"op": "spawn", "job": self._jobs, **options}, descriptors)
            return self._jobs

    def forget(self, job: int) -> None:
        """Kill a child and what belongs to it, however it ended, without waiting for it."""
        with self._lock:
            self._tell({"op": "reap", "job": job, "patience": 0.0, "answer": False})

    def reap(self, job: int, patience: float = 0.0) -> int | None:
        """Kill a child and what belongs to it; how it ended.

        The exit status, negative for the signal that ended it, and None if it had not ended by itself after
        `patience` seconds.
        """
        with self._lock:
            reply = self._ask({"op": "reap", "job": job, "patience": patience, "answer": True})
        status = int(reply["status"])
        return None if reply["killed"] and status == -signal.SIGKILL else status

    def load(self, module: str) -> None:
        """Import a module in the zygote, once. Raises `WorkerRaised` if that fails."""
        with self._lock:
            if module in self._loaded:
                return
            reply = self._ask({"op": "import", "module": module})
            if "error" in reply:
                raise WorkerRaised(str(reply["error"]), str(reply.get("message", "")))
            self._loaded.add(module)

    def close(self) -> None:
        """Kill the zygote; its children die with it."""
        self.lost = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._control.close()

    def let_go(self) -> None:
        """Close this process's copy of a control socket that belongs to another process."""
        self._control.close()
        self._process.returncode = 0

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            self._tell(request)
            return self._receive(START_SECONDS)
        except (
            BaseException
        ):  # also a KeyboardInterrupt: the reply would be taken for that to the next request
            self.lost = True
            raise

    def _tell(self, request: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
        if self.lost:
            raise ZygoteLost("the zygote is gone")
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], list(descriptors))
        except OSError as exc:
            self.lost = True
            raise ZygoteLost(f"the zygote is gone: {exc}") from None

    def _receive(self, seconds: float) -> dict[str, Any]:
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        try:
            data = self._control.recv(2**16) if poll.poll(seconds * 1000) else b""
            reply = json.loads(data)
        except (OSError, ValueError):
            self.lost = True
            raise ZygoteLost("the zygote died or does not answer") from None
        assert isinstance(reply, dict)
        return reply


class Child:
    """One confined process and the host's end of its socket. Leaving the block kills it."""

    def __init__(
        self,
        zygote: Zygote,
        stdin: str | None,
        memory_bytes: int,
        output_bytes: int,
        cpu_seconds: int,
        package: str = "",
    ) -> None:
        self._zygote = zygote
        self._closed = False
        self._status: int | None = None
        self._pid = 0
        self._used = 0.0
        self._output_bytes = output_bytes
        mine, its = socket.socketpair()
        self._socket = mine
        # Both are memory, so that programs can seek and no full pipe can hold them or us.
        self._stdout = os.memfd_create("stdout")
        read = os.memfd_create("stdin")
        try:
            fcntl.fcntl(self._stdout, fcntl.F_SETFL, os.O_APPEND | os.O_RDWR)
            if stdin:
                data = memoryview(stdin.encode("utf-8", "surrogateescape"))
                while data:
                    data = data[os.write(read, data) :]
                os.lseek(read, 0, os.SEEK_SET)
            options = {
                "memory_bytes": memory_bytes,
                "output_bytes": output_bytes + 1,
                "cpu_seconds": cpu_seconds,
                "package": package,
            }
            self._job = zygote.spawn([its.fileno(), read, self._stdout], options)
        except BaseException:
            mine.close()
            os.close(self._stdout)
            raise
        finally:
            its.close()
            os.close(read)
        self.frames = Frames(mine.fileno(), mine.fileno(), max_bytes=_MAX_REPLY_BYTES)

    def await_ready(self) -> None:
        """Wait until it has confined itself, which comes before it reads anything. Raises `ZygoteLost`."""
        try:
            word, _, pid = self.frames.receive(time.monotonic() + SETUP_SECONDS).partition(b" ")
            if word != b"confined":
                raise EOFError
            self._pid = int(pid)
        except (OSError, EOFError):
            raise ZygoteLost(f"a process could not be confined: {self.obituary()}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if not self._closed:
            self._hang_up()
            self._zygote.forget(self._job)

    def begin(self) -> None:
        """Note how much processor time it has had when a request's time begins."""
        self._used = self._state()[1]

    def kept_waiting(self, seconds: float) -> bool:
        """Whether it wants to run, but has had less than so much processor time since the request's began.

        Then it is not the program that is slow but the machine that is busy. One that works also sleeps for
        moments, so it is looked at more than once.
        """
        for _ in range(_LOOKS):
            state, used = self._state()
            if used - self._used >= seconds:
                return False
            if state == "R":
                return True
            time.sleep(_BETWEEN_LOOKS)
        return False

    def _state(self) -> tuple[str, float]:
        """What the kernel says that it does, "" if it is gone, and its processor time in seconds."""
        try:
            fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return "", self._used
        return fields[0], (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def left_over(self) -> str:
        """What it has printed since its last reply."""
        return os.pread(self._stdout, self._output_bytes, 0).decode("utf-8", "replace")

    def flooded(self) -> bool:
        """Whether it has printed more than it may since its last reply."""
        return os.fstat(self._stdout).st_size > self._output_bytes

    def obituary(self) -> str:
        """How it ended, for a message. Kills it if it has not."""
        status = self.close(patience=PATIENCE_SECONDS)
        if status is None:
            return "it closed its connection"
        return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"

    def close(self, patience: float = 0.0) -> int | None:
        """Kill it and wait until it is gone; its exit status as in `Zygote.reap`."""
        if not self._closed:
            self._hang_up()
            self._status = self._zygote.reap(self._job, patience)
        return self._status

    def _hang_up(self) -> None:
        self._closed = True
        self._socket.close()
        os.close(self._stdout)
