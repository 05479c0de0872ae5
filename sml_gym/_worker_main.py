"""What a deadline worker runs (see `sml_gym.workers`, which starts it by its file name).

Messages are JSON behind a length of 4 bytes, most significant first. Requests come in on
what was standard input, answers leave by what was standard output; both are moved to other
descriptors first, so that a print in the called code cannot get between them.

For a call the worker imports the function, says `{"started": id}`, and only then runs it: the
caller's clock starts there. `{"import": "module"}` imports ahead of the first call.

This file imports nothing of sml_gym, so that a worker starts as fast as the called code allows.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import signal
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

_PR_SET_PDEATHSIG = 1
_MAX_ERROR_CHARS = 2_000
_GRACE_SECONDS = 5.0


def main() -> None:
    """Serve until the parent closes its end or dies.

    Command line: the parent's process id, the limit of memory in bytes, the parent's `sys.path` as JSON.
    """
    _die_with(int(sys.argv[1]))
    _limit(int(sys.argv[2]))
    sys.path[:] = json.loads(sys.argv[3])
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    _send(answers, {"ready": os.getpid()})
    functions: dict[str, Callable[..., Any]] = {}
    while (request := _receive(requests)) is not None:
        if "import" in request:
            with contextlib.suppress(Exception):  # the call itself will say what is wrong
                importlib.import_module(request["import"])
        else:
            _serve(request, functions, answers)


def _serve(request: dict[str, Any], functions: dict[str, Callable[..., Any]], answers: BinaryIO) -> None:
    name, call_id = request["function"], request["id"]
    try:
        if name not in functions:
            functions[name] = _find(name)
        # Should the parent die during the call, nobody kills us, and a call that holds the interpreter
        # lock never looks at its pipe. The kernel ends this process then, without Python's help.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, request["deadline"] + _GRACE_SECONDS)
        _send(answers, {"started": call_id})
        reply = json.dumps({"id": call_id, "result": functions[name](*request["args"])})
    except Exception as exc:
        reply = json.dumps({"id": call_id, "error": type(exc).__name__, "message": _describe(exc)})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    _write(answers, reply.encode("ascii"))


def _describe(exc: Exception) -> str:
    try:
        return str(exc)[:_MAX_ERROR_CHARS]
    except Exception:
        return ""


def _find(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return found


def _die_with(parent: int) -> None:
    """Ask the kernel to kill this process when its parent dies, where the kernel can (Linux)."""
    with contextlib.suppress(Exception):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def _limit(memory_bytes: int) -> None:
    """Bound memory, and leave no core files."""
    with contextlib.suppress(Exception):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _receive(stream: BinaryIO) -> dict[str, Any] | None:
    header = stream.read(4)
    if len(header) < 4:
        return None
    (length,) = struct.unpack(">I", header)
    message: dict[str, Any] = json.loads(stream.read(length))
    return message


def _send(stream: BinaryIO, message: dict[str, Any]) -> None:
    _write(stream, json.dumps(message).encode("ascii"))


def _write(stream: BinaryIO, body: bytes) -> None:
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


if __name__ == "__main__":
    main()
