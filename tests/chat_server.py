"""A real HTTP server that speaks OpenAI's chat completions, well or badly, for tests and benchmarks.

In a thread of the test, with a script that says how each request is answered:

    with ChatServer([status(429, retry_after="0"), say("Look at the sum.")]) as server:
        model = make_chat_model(server.spec("tiny"))      # openai:tiny@http://127.0.0.1:PORT/v1
        ...
        assert len(server.requests) == 2

A script is a list of answers, the last of which is given for ever, or a function from the request
to its answer. In a process of its own, which a test can kill and a benchmark does not slow down:

    with ServerProcess("--delay", "0.005", "--fail-share", "0.05", "--log", path) as server: ...
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}


@dataclass(frozen=True)
class Request:
    """One request as it came in: its number (from 0), path, headers in lower case, and parsed body."""

    number: int
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    time: float

    @property
    def messages(self) -> list[dict[str, str]]:
        """The chat."""
        return list(self.body["messages"])


@dataclass(frozen=True)
class Answer:
    """What goes over the wire.

    `how`: "whole" sends all of it; "half" promises all, sends half and closes; "close" closes without a
    word; "trickle" sends the body in pieces of one byte, one each `interval` seconds, and then blanks for
    ever; "hang" never answers.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    delay: float = 0.0
    how: Literal["whole", "half", "close", "trickle", "hang"] = "whole"
    interval: float = 0.02
    kind: str = ""

    def after(self, seconds: float) -> Answer:
        """The same, so much later."""
        return replace(self, delay=seconds)


Script = Callable[[Request], Answer]


def say(
    text: object,
    *,
    usage: object = "count",
    finish_reason: str | None = "stop",
    ensure_ascii: bool = True,
    **more: Any,
) -> Answer:
    """A proper completion. `usage` "count" gives 10 and 5 tokens, None leaves it out, else it is sent."""
    if usage == "count":
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    body: dict[str, Any] = {
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "created": 0,
        "model": "tiny",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish_reason}
        ],
    }
    if usage is not None:
        body["usage"] = usage
    return raw(json.dumps(body, ensure_ascii=ensure_ascii).encode("utf-8", "surrogatepass"), **more)


def raw(body: bytes, **more: Any) -> Answer:
    """Any bytes with any fields of `Answer`."""
    return Answer(body, **more)


def status(code: int, *, retry_after: str | None = None, message: str = "no", **more: Any) -> Answer:
    """An error answer in OpenAI's form."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    body = json.dumps({"error": {"message": message, "type": "stub", "code": None}}).encode()
    return Answer(body, code, headers, kind=more.pop("kind", str(code)), **more)


def half_closed() -> Answer:
    """Half of a completion, then the end of the connection."""
    return replace(say("This sentence is never finished."), how="half", kind="half_closed")


def closed() -> Answer:
    """The connection ends without a word."""
    return Answer(how="close", kind="closed")


def trickle(interval: float = 0.02) -> Answer:
    """A byte at a time, and never the end."""
    return replace(say("Slowly."), how="trickle", interval=interval, kind="trickle")


def hang() -> Answer:
    """No answer at all."""
    return Answer(how="hang", kind="hang")


def not_json() -> Answer:
    """A body that is no JSON."""
    return raw(b'{"choices": [{"message": {"content": "Look', kind="not_json")


def no_choices() -> Answer:
    """An empty list of choices."""
    return raw(b'{"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 0}}', kind="no_choices")


def null_content() -> Answer:
    """A message without words."""
    return replace(say(None), kind="null_content")


def web_page() -> Answer:
    """A proxy's page instead of an answer, with status 200."""
    return raw(b"<html>Please log in</html>", content_type="text/html", kind="web_page")


FAILURES: tuple[Callable[[], Answer], ...] = (
    lambda: status(429),
    lambda: status(429, retry_after="0.01"),
    lambda: status(500),
    lambda: status(503),
    half_closed,
    closed,
    trickle,
    not_json,
    no_choices,
    null_content,
    web_page,
)
"""One of each kind of failure that another attempt may mend."""


def random_failures(share: float, seed: int, healthy: Script, *, without: str = "") -> Script:
    """Each request fails with this probability, in a way drawn from `FAILURES` but for one kind."""
    rng = random.Random(seed)
    ways = [fail for fail in FAILURES if fail().kind != without]

    def script(request: Request) -> Answer:
        if rng.random() < share:
            return rng.choice(ways)()
        return healthy(request)

    return script


def in_turn(answers: Sequence[Answer]) -> Script:
    """One answer after the other, the last one for ever."""
    return lambda request: answers[min(request.number, len(answers) - 1)]


class _Connection(asyncio.Protocol):
    """One connection: reads requests one after the other and writes what the script says."""

    def __init__(self, server: _Serving) -> None:
        self.server = server
        self.buffer = bytearray()
        self.transport: asyncio.Transport
        self.tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.connections.discard(self)
        for task in self.tasks:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            first, *lines = bytes(self.buffer[:end]).decode("latin-1").split("\r\n")
            pairs = (line.partition(":") for line in lines)
            headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
            length = int(headers.get("content-length", 0))
            if len(self.buffer) < end + 4 + length:
                return
            body = bytes(self.buffer[end + 4 : end + 4 + length])
            del self.buffer[: end + 4 + length]
            answer = self.server.answer(first.split(" ")[1], headers, body)
            if answer.how == "whole":
                asyncio.get_running_loop().call_later(answer.delay, self.write, _head(answer) + answer.body)
            elif answer.how == "half":
                self.write(_head(answer) + answer.body[: len(answer.body) // 2])
                self.transport.close()
            elif answer.how == "close":
                self.transport.close()
            elif answer.how == "trickle":
                task = asyncio.get_running_loop().create_task(self.trickle(answer))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)

    def write(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    async def trickle(self, answer: Answer) -> None:
        self.write(_head(answer, length=1_000_000))
        for number in range(1_000_000):
            self.write(answer.body[number : number + 1] or b" ")
            await asyncio.sleep(answer.interval)


def _head(answer: Answer, length: int | None = None) -> bytes:
    fields = {
        "Content-Type": answer.content_type,
        "Content-Length": str(len(answer.body) if length is None else length),
        **answer.headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Status')}\r\n{lines}\r\n".encode("latin-1")


class _Serving:
    """What thread and process have in common: the script, and a log of what came in and went out."""

    def __init__(self, script: Script, on_answer: Callable[[Request, Answer], object]) -> None:
        self.script, self.on_answer = script, on_answer
        self.number = 0
        self.connections: set[_Connection] = set()

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if not path.endswith("/chat/completions"):
            return status(404, message=f"there is nothing at {path}")
        request = Request(self.number, path, headers, json.loads(body), time.monotonic())
        self.number += 1
        answer = self.script(request)
        self.on_answer(request, answer)
        return answer

    async def listen(self, port: int) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: _Connection(self), "127.0.0.1", port, backlog=1024)


def spec(port: int, model: str, options: Mapping[str, object]) -> str:
    """The name by which `make_chat_model` finds a server."""
    query = "&".join(f"{name}={value}" for name, value in options.items())
    return f"openai:{model}@http://127.0.0.1:{port}/v1" + (f"?{query}" if query else "")


class ChatServer:
    """A server in a thread of this process, for as long as the `with` block lasts.

    Attributes:
        requests: every chat that came in, in order.
        answers: what each was answered, in the same order.
        url: such as `http://127.0.0.1:PORT/v1`.
    """

    def __init__(self, script: Script | Sequence[Answer]) -> None:
        self.requests: list[Request] = []
        self.answers: list[Answer] = []
        self._serving = _Serving(script if callable(script) else in_turn(script), self._note)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def spec(self, model: str = "tiny", **options: object) -> str:
        """Such as `openai:tiny@http://127.0.0.1:PORT/v1?retries=1`."""
        return spec(self.port, model, options)

    @property
    def most_at_once(self) -> int:
        """How many requests at most were under way at the same time, if all answers were delayed alike."""
        times = [(request.time, 1) for request in self.requests]
        times += [(r.time + a.delay, -1) for r, a in zip(self.requests, self.answers, strict=True)]
        most = now = 0
        for _, change in sorted(times):
            now += change
            most = max(most, now)
        return most

    def close_connections(self) -> None:
        """Drop every connection, as a server that is restarted does."""
        self._loop.call_soon_threadsafe(
            lambda: [c.transport.abort() for c in list(self._serving.connections)]
        )

    def _note(self, request: Request, answer: Answer) -> None:
        self.requests.append(request)
        self.answers.append(answer)

    def __enter__(self) -> Self:
        self._thread.start()
        listening = asyncio.run_coroutine_threadsafe(self._serving.listen(0), self._loop)
        self._server = listening.result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        async def stop() -> None:
            self._server.close()
            for connection in list(self._serving.connections):
                connection.transport.abort()
            await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


class ServerProcess:
    """The server as a process of its own, started by `with` and killed at the end of it.

    `options` are those of the command line below. `kill` ends it at once, as a crash does.
    """

    def __init__(self, *options: str) -> None:
        self._options = options
        self.port = 0

    def __enter__(self) -> Self:
        command = [sys.executable, str(Path(__file__).resolve()), *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def spec(self, model: str = "tiny", **options: object) -> str:
        """Such as `openai:tiny@http://127.0.0.1:PORT/v1?retries=1`."""
        return spec(self.port, model, options)

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)


def main() -> None:
    """Serve until killed. The port is the first line on standard output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--delay", type=float, default=0.0, help="before each healthy answer (seconds)")
    parser.add_argument("--text", default="Look at your last step again.", help="what every answer says")
    parser.add_argument("--fail-share", type=float, default=0.0, help="of all requests")
    parser.add_argument("--without", default="", help="a kind of failure to leave out, such as trickle")
    parser.add_argument("--die-after", type=int, default=0, help="die at this request; 0: never")
    parser.add_argument("--seed", type=int, default=0, help="of the failures")
    parser.add_argument("--log", type=Path, help="a line of JSON for each request: seed and kind of failure")
    args = parser.parse_args()

    healthy = say(args.text).after(args.delay)
    log = None if args.log is None else open(args.log, "a", buffering=1, encoding="ascii")  # noqa: SIM115

    def answer(request: Request) -> Answer:
        if args.die_after and request.number + 1 >= args.die_after:
            signal.raise_signal(signal.SIGKILL)
        return healthy

    def note(request: Request, sent: Answer) -> None:
        if log is not None:
            log.write(json.dumps({"seed": request.body.get("seed"), "failed": sent.kind}) + "\n")

    script = random_failures(args.fail_share, args.seed, answer, without=args.without)
    serving = _Serving(script, note)

    async def serve() -> None:
        server = await serving.listen(args.port)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
