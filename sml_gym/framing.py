"""Messages between processes: a length of 4 bytes, most significant first, and the content.

Both ends of a pipe or socket are non-blocking here, so that neither a silent nor a flooding process can hold
the caller beyond its deadline.
"""

from __future__ import annotations

import contextlib
import os
import select
import struct
import time


class BadFrame(OSError):
    """The other process announced more than a message may hold."""


class Frames:
    """One process's end of a connection.

    Args:
        read_from: descriptor to read; made non-blocking. It stays the caller's to close.
        write_to: descriptor to write; may be the same.
        max_bytes: the longest message that is received.
    """

    def __init__(self, read_from: int, write_to: int, *, max_bytes: int) -> None:
        self._from, self._to = read_from, write_to
        self._max_bytes = max_bytes
        self._buffer = bytearray()
        for descriptor in (read_from, write_to):
            os.set_blocking(descriptor, False)

    def send(self, body: bytes, until: float) -> None:
        """Send a message.

        Args:
            body: the message.
            until: deadline, in the time of `time.monotonic`.

        Raises:
            TimeoutError: the other process does not read it in time.
            OSError: it is gone.
        """
        data = memoryview(struct.pack(">I", len(body)) + body)
        while data:
            with contextlib.suppress(BlockingIOError):
                data = data[os.write(self._to, data) :]
                continue
            _wait(self._to, select.POLLOUT, until)

    def receive(self, until: float) -> bytes:
        """The next message.

        Raises:
            TimeoutError: none came in time.
            BadFrame: it is longer than it may be.
            EOFError: the other process closed its end.
            OSError: it is gone.
        """
        while (body := self._complete()) is None:
            with contextlib.suppress(BlockingIOError):
                chunk = os.read(self._from, 2**16)
                if not chunk:
                    raise EOFError
                self._buffer += chunk
                continue
            _wait(self._from, select.POLLIN, until)
        return body

    def _complete(self) -> bytes | None:
        if len(self._buffer) < 4:
            return None
        (length,) = struct.unpack_from(">I", self._buffer)
        if length > self._max_bytes:
            raise BadFrame(f"a message of {length} bytes, more than {self._max_bytes}")
        if len(self._buffer) < 4 + length:
            return None
        body = bytes(self._buffer[4 : 4 + length])
        del self._buffer[: 4 + length]
        return body


def _wait(descriptor: int, event: int, until: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
        raise TimeoutError
