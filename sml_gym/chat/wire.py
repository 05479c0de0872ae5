"""The wire to an OpenAI-compatible server: one exchange, and what went wrong with it."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
import weakref
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sml_gym.chat.answers import SHOWN, Unanswered, whole_text
from sml_gym.chat.fitting import is_too_long
from sml_gym.chat.retries import retried, retry_after
from sml_gym.errors import ConfigError

if TYPE_CHECKING:
    import httpx2
    from openai import APIStatusError, AsyncOpenAI

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"

MAX_BYTES = 8 * 2**20
"""So much of an answer is read (bytes)."""

_POOL = 32  # connections a client: its pool is searched from end to end for each request
_kept: list[object] = []  # what a forked process inherited: closing it would disturb the parent


class Wire:
    """Sends requests to one server and reads what comes back.

    Args:
        url: the server's base URL.
        key_env: environment variable that holds the key; None: `OPENAI_API_KEY`, and for a server
            on this machine none.
        deadline: for an exchange, from the sending to the last byte (seconds).
        concurrency: how many exchanges there will be at the same time.

    Raises:
        ConfigError: for a URL that is none or holds a password, a missing key, or without
            `sml-gym[chat]`.
    """

    def __init__(self, url: str, key_env: str | None, deadline: float, concurrency: int) -> None:
        self.url, self._local = _checked_url(url)
        self.key_env = key_env
        self._key_name = key_env or (None if self._local else OPENAI_KEY)
        self._deadline, self._concurrency = deadline, concurrency
        self._loop: asyncio.AbstractEventLoop | None = None
        self._busy: dict[AsyncOpenAI, int] = {}
        self._key()
        _need_openai()

    def __reduce__(self) -> tuple[Any, ...]:
        return Wire, (self.url, self.key_env, self._deadline, self._concurrency)

    def connect(self) -> None:
        """Make clients for the running loop, several, because a pool of many connections is slow."""
        loop = asyncio.get_running_loop()
        if self._loop is loop:
            return
        import httpx2
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient

        verify = httpx2.create_ssl_context() if self.url.startswith("https") else False
        pool = httpx2.Limits(max_connections=None, max_keepalive_connections=_POOL)
        _kept.append(self._busy)
        self._busy = {}
        for _ in range(-(-self._concurrency // _POOL)):
            http = DefaultAsyncHttpxClient(
                limits=pool,
                timeout=None,  # the deadline is around the whole exchange
                verify=verify,
                follow_redirects=False,  # the key and the private text go nowhere else
                trust_env=not self._local,
                headers={"Accept-Encoding": "identity"},
                event_hooks={"response": [_bound]},
            )
            client = AsyncOpenAI(
                api_key=self._key(), base_url=self.url, max_retries=0, timeout=None, http_client=http
            )
            self._busy[client] = 0
        self._loop = loop
        weakref.finalize(self, _close, loop, [*self._busy], os.getpid()).atexit = False

    async def exchange(self, body: bytes) -> bytes:
        """Send a chat and read the answer. Raises `Unanswered`."""
        import httpx2
        import openai

        client = min(self._busy, key=self._busy.__getitem__)
        self._busy[client] += 1
        try:
            async with asyncio.timeout(self._deadline):
                response = await client.post("/chat/completions", cast_to=httpx2.Response, content=body)
                return response.content
        except TimeoutError:
            raise Unanswered(f"no answer within {self._deadline:g} seconds", maybe_billed=True) from None
        except openai.APIStatusError as exc:
            raise self._bad_status(exc) from None
        except (openai.APIConnectionError, httpx2.HTTPError, httpx2.StreamError) as exc:
            cause = exc.__cause__ or exc
            sent = not isinstance(cause, (httpx2.ConnectError, httpx2.ConnectTimeout))
            what = f"{type(cause).__name__}: {cause}".rstrip(": ")
            raise Unanswered(f"the connection failed ({what})", maybe_billed=sent) from None
        finally:
            self._busy[client] -= 1

    def without_key(self, text: str) -> str:
        """The text with the key, should a server repeat it, crossed out."""
        key = os.environ.get(self._key_name, "").strip() if self._key_name else ""
        return text.replace(key, "***") if len(key) > 3 else text

    def _bad_status(self, error: APIStatusError) -> Unanswered:
        status, headers = error.status_code, error.response.headers
        said, out_of_credit = _said(error), error.code == "insufficient_quota"
        said = whole_text(" ".join(said.split()))[:SHOWN]
        message = f"the server answered with status {status}: {said}"
        if status in (401, 403):
            name = self._key_name
            mend = (
                f"Set {name} to a key that it takes." if name else "Name the key's variable: ?key_env=NAME."
            )
            return Unanswered(f"{message}. {mend}", again=False, setup=True)
        if status == 404:
            mend = "Check the model's name and the URL, which usually ends with /v1."
            return Unanswered(f"{message}. {mend}", again=False, setup=True)
        if 300 <= status < 400:
            where = whole_text(headers.get("location", ""))
            mend = f"It points to {where!r:.200}, and nothing is sent there. Check the URL: http or https?"
            return Unanswered(f"{message.rstrip(': ')}. {mend}", again=False, setup=True)
        again = retried(status) and not out_of_credit
        too_long = error.code == "context_length_exceeded" or is_too_long(status, said)
        return Unanswered(message, again=again, wait=retry_after(headers), too_long=too_long)

    def _key(self) -> str:
        if self._key_name is None:
            return "none"  # the client insists on one
        key = os.environ.get(self._key_name, "").strip()
        if not key:
            raise ConfigError(
                f"The server at {self.url} needs a key and {self._key_name} is not set. Set it, or name "
                "another variable: ?key_env=NAME."
            )
        if not (key.isascii() and key.isprintable()):
            raise ConfigError(
                f"The key in {self._key_name} holds a character that no key has. Copy it again, on one line."
            )
        return key


def _close(loop: asyncio.AbstractEventLoop, clients: list[AsyncOpenAI], pid: int) -> None:
    """Close the connections of a wire that is no longer used, unless they are another process's."""

    async def close() -> None:
        for client in clients:
            await client.close()

    if os.getpid() == pid and loop.is_running():
        asyncio.run_coroutine_threadsafe(close(), loop)


async def _bound(response: httpx2.Response) -> None:
    """Let no one make us read for ever, nor unpack a small answer into a huge one."""
    import httpx2

    if response.headers.get("content-encoding", "identity") != "identity":
        raise Unanswered("the answer is compressed though none was asked for", maybe_billed=True)

    class Bounded(httpx2.AsyncByteStream):
        def __init__(self, inner: httpx2.AsyncByteStream) -> None:
            self.inner = inner

        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = MAX_BYTES
            async for chunk in self.inner:
                left -= len(chunk)
                if left < 0:
                    raise Unanswered(f"the answer is larger than {MAX_BYTES:,} bytes", maybe_billed=True)
                yield chunk

        async def aclose(self) -> None:
            await self.inner.aclose()

    assert isinstance(response.stream, httpx2.AsyncByteStream)
    response.stream = Bounded(response.stream)


def _said(error: APIStatusError) -> str:
    """The server's own words."""
    body = error.body
    said = body.get("message") if isinstance(body, dict) else None
    return said if isinstance(said, str) else str(body or "")


def _checked_url(url: str) -> tuple[str, bool]:
    """The URL without a slash at its end, and whether it leads to this machine."""
    try:
        parts = urlsplit(url)
        host, user, _ = parts.hostname or "", parts.username or parts.password, parts.port
    except ValueError:
        host, user = "", None
        parts = urlsplit("")
    if user is not None:
        raise ConfigError(
            "The server's URL holds a user or password, which would end up in every record. Leave it out and "
            "name an environment variable with the key: ?key_env=NAME."
        )
    if parts.scheme not in ("http", "https") or not host or re.search(r"\s", url):
        raise ConfigError(f"{url!r:.200} is no URL of a server. Write one such as http://127.0.0.1:8000/v1.")
    if parts.query or parts.fragment:
        raise ConfigError(f"The server's URL {url!r:.200} has a query. Leave out what stands after the path.")
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost" or host.endswith(".localhost")
    return url.rstrip("/"), local


def _need_openai() -> None:
    """Raise `ConfigError` if the client is not installed. Importing it takes a second, so only here."""
    try:
        import openai  # noqa: F401
    except ImportError as exc:
        raise ConfigError(
            f"Cannot load the client for OpenAI-compatible servers: {exc}. Run: pip install 'sml-gym[chat]'"
        ) from exc
