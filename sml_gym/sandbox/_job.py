"""What a confined child of the zygote does: one program, or one call of a trusted function.

It runs a program's code in its own interpreter, so everything here can be found and changed by that code.
Nothing depends on it: the worst that comes of it is a reply that the host does not take.

This file imports nothing of sml_gym: the zygote loads it by itself.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import struct
import sys
import types
from typing import Any, NoReturn

FILENAME = "<program>"
SOCKET = 3  # where a child finds its socket; 0, 1 and 2 are its standard streams
_MAX_ERROR_CHARS = 2_000


def serve(plain: types.ModuleType) -> NoReturn:
    """Do what the host asks for, until it closes the socket. Never returns into the zygote's code."""
    read, write, leave = (
        os.read,
        os.write,
        os._exit,
    )  # what a program puts in their place stays its own affair

    def receive() -> bytes:
        data = b""
        wanted = 4
        while len(data) < wanted:
            part = read(SOCKET, min(wanted - len(data), 2**20))
            if not part:
                leave(0)
            data += part
            if len(data) == wanted == 4:
                (length,) = struct.unpack(">I", data)
                data, wanted = b"", length
        return data

    def send(body: bytes) -> None:
        left = memoryview(struct.pack(">I", len(body)) + body)
        while left:
            left = left[write(SOCKET, left) :]

    try:
        send(b"confined %d" % os.getpid())
        first = plain.decode(receive(), 220)
        if "function" in first:
            _call_function(first, send)
        else:
            _Host(plain, receive, send).run(first)
    finally:
        leave(0)


def _call_function(request: dict[str, Any], send: Any) -> None:
    name, ticket = request["function"], request["ticket"]
    module, _, attribute = name.partition(":")
    try:
        function = getattr(importlib.import_module(module), attribute)
        send(ticket + b"s")  # the clock starts here
        reply = json.dumps({"result": function(*json.loads(request["args"]))})
    except MemoryError:
        reply = json.dumps({"error": "MemoryError", "message": ""})
    except Exception as exc:
        reply = json.dumps({"error": type(exc).__name__, "message": _text(exc)})
    send(ticket + b"j" + reply.encode("ascii"))


class _Host:
    """One program and the host's requests for it."""

    def __init__(self, plain: types.ModuleType, receive: Any, send: Any) -> None:
        self.plain, self.receive, self.send = plain, receive, send
        self.encode, self.decode = plain.encode, plain.decode
        self.seek, self.read, self.truncate = os.lseek, os.pread, os.ftruncate
        self.streams: tuple[Any, ...] = ()

    def run(self, request: dict[str, Any]) -> None:
        script, depth = request["script"], request["depth"]
        self.streams = _open_streams()
        name = "__main__" if script else "solution"
        module = types.ModuleType(name)
        sys.modules[name] = module
        space = module.__dict__
        failure = self.execute(request["code"], space, script)
        while True:
            printed = self.printed()
            if isinstance(failure, tuple):
                kind, content = b"e", self.encode(failure)
            else:
                kind, content = b"v", failure
            length = len(printed).to_bytes(4, "little")
            self.send(request["ticket"] + kind + length + printed + content)
            request = self.decode(self.receive(), 220)
            failure = self.call(request, space, depth)

    def printed(self) -> bytes:
        """What came on standard output since the last time."""
        for stream in (sys.stdout, *self.streams):
            with contextlib.suppress(BaseException):
                stream.flush()
        try:
            size = self.seek(1, 0, os.SEEK_END)
            data = self.read(1, size, 0) if size else b""
            if size:
                self.truncate(1, 0)
        except BaseException:
            return b""
        return data

    def execute(self, code: str, space: dict[str, Any], script: bool) -> Any:
        """Run the module: the encoded None, or a failure."""
        try:
            program = compile(code, FILENAME, "exec", dont_inherit=True)
        except BaseException as exc:  # also ValueError and MemoryError, for code that no parser takes
            line = getattr(exc, "lineno", None)
            text = getattr(exc, "msg", None) if isinstance(exc, SyntaxError) else None
            return ("syntax", type(exc).__name__, str(text or exc)[:_MAX_ERROR_CHARS], _line(line))
        try:
            exec(program, space)  # noqa: S102 - this process is confined, and there is nothing in it
        except SystemExit as exc:
            if not (script and (exc.code is None or exc.code == 0)):
                return _failure(exc)
        except BaseException as exc:
            return _failure(exc)
        return self.encode(None)

    def call(self, request: dict[str, Any], space: dict[str, Any], depth: int) -> Any:
        """Call a function: its encoded value, or a failure."""
        try:
            function = _find(request["call"], space)
            if function is None:
                return ("no_function", "", f"there is no function {request['call']}", None)
            value = function(*request["args"], **request["kwargs"])
        except BaseException as exc:
            return _failure(exc)
        try:
            return self.encode(value, depth)
        except self.plain.TooLarge as exc:
            return ("output", "", str(exc), None)
        except self.plain.NotPlain as exc:
            return ("not_plain", "", str(exc), None)
        except BaseException as exc:
            return _failure(exc)


def _find(name: str, space: dict[str, Any]) -> Any:
    """The function of that name; a method belongs to an instance made without arguments."""
    head, *rest = name.split(".")
    found = space.get(head)
    for part in rest:
        if isinstance(found, type):
            found = found()
        found = getattr(found, part, None)
    return found if callable(found) else None


def _open_streams() -> tuple[Any, ...]:
    """Standard streams of the child's own, on the descriptors it was given."""
    opened = []
    for number, name, mode, errors in (
        (0, "stdin", "r", "surrogateescape"),
        (1, "stdout", "w", "surrogateescape"),
        (2, "stderr", "w", "backslashreplace"),
    ):
        stream = open(number, mode, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115 - stays open
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
        opened.append(stream)
    return tuple(opened[1:])


def _failure(exc: BaseException) -> tuple[str, str, str, int | None]:
    kind = "memory" if isinstance(exc, MemoryError) else "exception"
    line = None
    trace = vars(BaseException)["__traceback__"].__get__(exc)  # not what a subclass makes of it
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILENAME:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(exc, SyntaxError) and line is None:
        line = exc.lineno
    name = type.__getattribute__(type(exc), "__name__")
    return kind, name[:200], _text(exc), _line(line)


def _line(line: Any) -> int | None:
    return line if type(line) is int and 0 < line < 2**31 else None


def _text(exc: BaseException) -> str:
    try:
        text = str(exc)
        return str.__str__(text)[:_MAX_ERROR_CHARS]
    except BaseException:
        return ""
