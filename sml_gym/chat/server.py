"""Chat models behind OpenAI-compatible servers: OpenAI, vLLM, SGLang, llama.cpp, Ollama and others.

    model = OpenAIChat("my-model", "http://127.0.0.1:8000/v1", limits=Limits(concurrency=64))
    model.complete([[{"role": "user", "content": "Hello"}]], ChatSampling(temperature=0))

`complete` sends all its requests at once, as far as the limits allow, and returns when each has a
completion or has failed for good. What goes wrong with one request stays with it:

- 408, 409, 429 and 5xx, lost connections, missed deadlines and answers without a completion (no
  JSON, no choice, no text, more than `MAX_BYTES`) are tried again, `retries` times, after waits
  that grow (`sml_gym.chat.retries`) or that the server asks for;
- a chat that is longer than the model can read is sent again without its oldest turns, and if need be
  with its longest message cut (`sml_gym.chat.fitting`); the completion's notes say so;
- any other status, such as 400, is not;
- 401, 403, 404 and a redirection before anything was ever answered mean that the key or the address is wrong,
  which no dialogue would survive: `complete` raises `ConfigError`. Later they are a failure like 400.

The deadline holds for a whole attempt, so a server that sends a byte now and then does not hold
anyone up. Where a server does not say how many tokens it counted, they are estimated from the
bytes, and `estimated_requests` in the usage says for how many requests. The same holds for attempts
that broke after they were sent, since the server may have counted them; those that were refused
with a status cost nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from sml_gym.chat.answers import Answer, Unanswered, read_answer, whole_text
from sml_gym.chat.budget import Budget, Prices, Spending, estimate_tokens
from sml_gym.chat.fitting import MOST_STEPS, shortened
from sml_gym.chat.limits import Limits
from sml_gym.chat.loop import run_in_background
from sml_gym.chat.model import ChatError, ChatSampling, Completion, Message
from sml_gym.chat.retries import backoff
from sml_gym.chat.wire import OPENAI_URL, Wire
from sml_gym.errors import ConfigError


class OpenAIChat:
    """A model behind a server that speaks OpenAI's chat completions. Thread safe.

    Args:
        model: the model's name, as the server knows it.
        url: the server's base URL, such as `http://127.0.0.1:8000/v1`; None: OpenAI's.
        limits: how hard the server may be pressed; models may share them.
        budget: what may be spent; models may share it. None: no limit.
        prices: for the `cost` in the usage; None: no cost is given.
        deadline: for one attempt, from the sending to the last byte (seconds).
        retries: further attempts after a failed one (attempts).
        backoff: longest wait before the first repetition; it doubles from one to the next (seconds).
        max_wait: longest wait between two attempts, whatever the server asks for (seconds).
        key_env: environment variable that holds the key; None: `OPENAI_API_KEY`, and for a server
            on this machine none.

    Raises:
        ConfigError: for options that have no sense, a missing key, or without `sml-gym[chat]`.
    """

    remote = True

    def __init__(
        self,
        model: str,
        url: str | None = None,
        *,
        limits: Limits | None = None,
        budget: Budget | None = None,
        prices: Prices | None = None,
        deadline: float = 120.0,
        retries: int = 5,
        backoff: float = 0.5,
        max_wait: float = 60.0,
        key_env: str | None = None,
    ) -> None:
        if not model:
            raise ConfigError("The chat model has no name. Write openai:MODEL@URL.")
        for name, value in (("deadline", deadline), ("max_wait", max_wait), ("backoff", backoff)):
            if not 0 < value < float("inf"):
                raise ConfigError(f"{name} is {value}; it must be above 0 (seconds).")
        if retries < 0:
            raise ConfigError(f"retries is {retries}; it must be at least 0.")
        if budget is not None and budget.cost is not None and prices is None:
            raise ConfigError("A budget in currency needs prices. Give price_in and price_out.")
        self.model = model
        self.limits = limits or Limits()
        self.budget, self.prices = budget, prices
        self.deadline, self.retries, self.backoff, self.max_wait = deadline, retries, backoff, max_wait
        self._wire = Wire(url or OPENAI_URL, key_env, deadline, self.limits.concurrency)
        # OpenAI's newer models refuse the older name, other servers know it best.
        self._max_tokens = "max_completion_tokens" if self.url == OPENAI_URL else "max_tokens"
        self._answered = False
        self._refused: ConfigError | None = None

    @property
    def url(self) -> str:
        """The server's base URL."""
        return self._wire.url

    @property
    def name(self) -> str:
        """`openai:MODEL@URL`, with `key_env` if one is set. Limits and budget are no part of it."""
        key_env = self._wire.key_env
        at = "" if self.url == OPENAI_URL else f"@{self.url}"
        return f"openai:{self.model}{at}" + (f"?key_env={key_env}" if key_env else "")

    def describe(self) -> dict[str, Any]:
        """Model, server, and prices if there are any."""
        record: dict[str, Any] = {"model": self.model, "url": self.url}
        if self.prices is not None:
            record["price_in"], record["price_out"] = self.prices.input, self.prices.output
        return record

    def complete(
        self,
        chats: Sequence[Sequence[Message]],
        sampling: ChatSampling,
        *,
        seeds: Sequence[int] | None = None,
    ) -> list[Completion | ChatError]:
        """One completion per chat, in order, with a `ChatError` in place of any that failed.

        Seeds are cut to 31 bits, which every server takes. A request that the budget has no room
        for is a `ChatError` whose `__cause__` is `BudgetSpent`.

        Raises:
            ConfigError: if the server refuses the key or knows no such address or model, and has
                not answered any request yet.
        """
        if seeds is not None and len(seeds) != len(chats):
            raise ValueError(f"{len(seeds)} seeds for {len(chats)} chats; give one each, or none.")
        if not chats:
            return []
        wholes: Sequence[int | None] = [None] * len(chats) if seeds is None else seeds
        return run_in_background(self._complete(chats, sampling, wholes))

    # ---- on the background loop ----

    async def _complete(
        self, chats: Sequence[Sequence[Message]], sampling: ChatSampling, seeds: Sequence[int | None]
    ) -> list[Completion | ChatError]:
        self.limits.enter()
        self._wire.connect()
        answers = await asyncio.gather(
            *[self._one(chat, sampling, seed) for chat, seed in zip(chats, seeds, strict=True)]
        )
        refused, self._refused = self._refused, None  # mended, it may be tried again
        if refused is not None and not self._answered:
            raise refused
        return list(answers)

    async def _one(
        self, chat: Sequence[Message], sampling: ChatSampling, seed: int | None
    ) -> Completion | ChatError:
        usage: dict[str, float] = {"requests": 0, "input_tokens": 0, "output_tokens": 0}
        if self.prices is not None:
            usage["cost"] = 0.0
        lacks: dict[str, int] = {}
        try:
            async with self.limits.slots:
                answer = await self._fitted(chat, sampling, seed, usage, lacks)
        except Exception as exc:
            failed = ChatError(
                f"{self.name}: {self._wire.without_key(str(exc) or type(exc).__name__)}", usage=usage
            )
            failed.__cause__ = exc
            return failed
        return Completion(answer.text, usage, answer.truncated, notes=lacks)

    async def _fitted(
        self,
        chat: Sequence[Message],
        sampling: ChatSampling,
        seed: int | None,
        usage: dict[str, float],
        lacks: dict[str, int],
    ) -> Answer:
        """The answer to as much of the chat as the model can read; `lacks` is told what was left out."""
        for _ in range(MOST_STEPS):
            try:
                return await self._attempts(chat, sampling, seed, usage)
            except Unanswered as exc:
                shorter = shortened(chat) if exc.too_long else None
                if shorter is None:
                    raise
                chat = shorter[0]
                for name, number in shorter[1].items():
                    lacks[name] = lacks.get(name, 0) + number
        return await self._attempts(chat, sampling, seed, usage)

    async def _attempts(
        self, chat: Sequence[Message], sampling: ChatSampling, seed: int | None, usage: dict[str, float]
    ) -> Answer:
        """Up to `retries + 1` of them. Raises `Unanswered` or `BudgetSpent`."""
        body = self._body(chat, sampling, seed)
        read = estimate_tokens(chat)
        for attempt in range(self.retries + 1):
            if self._refused is not None:
                raise self._refused
            try:
                answer = await self._attempt(body, read, sampling.max_tokens, usage)
            except Unanswered as exc:
                if exc.setup and not self._answered:
                    self._refused = ConfigError(f"{self.name}: {self._wire.without_key(str(exc))}")
                if not exc.again or attempt == self.retries:
                    tries = f" ({attempt + 1} attempts)" if attempt else ""
                    raise Unanswered(f"{exc}{tries}", too_long=exc.too_long) from exc
                await asyncio.sleep(backoff(attempt + 1, self.backoff, self.max_wait, exc.wait))
            else:
                self._answered = True
                return answer
        raise AssertionError("the last attempt returns or raises")

    async def _attempt(self, body: bytes, read: int, written: int, usage: dict[str, float]) -> Answer:
        """One exchange within budget and rates. `read` and `written` are the estimated tokens."""
        reserved, used = self._spending(read, written), Spending()
        if self.budget is not None:
            await self.budget.reserve(reserved)
        try:
            if self.limits.requests is not None:
                await self.limits.requests.take()
            if self.limits.tokens is None:
                used, answer = await self._paid(body, read, written, usage)
            else:
                await self.limits.tokens.take(reserved.tokens)
                used, answer = await self._paid(body, read, written, usage)
                self.limits.tokens.give_back(reserved.tokens - used.tokens)
        except asyncio.CancelledError:
            used = reserved  # it may be on its way
            raise
        finally:
            if self.budget is not None:
                self.budget.settle(reserved, used)
        if isinstance(answer, Unanswered):
            raise answer
        return answer

    async def _paid(
        self, body: bytes, read: int, written: int, usage: dict[str, float]
    ) -> tuple[Spending, Answer | Unanswered]:
        """One exchange, and what it cost whatever came of it, which is added to `usage`."""
        answer: Answer | Unanswered
        try:
            data = await self._wire.exchange(body)
            written = min(written, len(data) // 3)
            answer = read_answer(data)
            counted, estimated = answer.tokens, answer.tokens is None
            if counted is None:
                counted = read, len(answer.text.encode()) // 3
        except Unanswered as exc:
            answer, estimated = exc, exc.billed is None and exc.maybe_billed
            counted = exc.billed or ((read, written) if estimated else (0, 0))
        used = self._spending(*counted)
        usage["requests"] += 1
        usage["input_tokens"] += counted[0]
        usage["output_tokens"] += counted[1]
        if self.prices is not None:
            usage["cost"] += used.cost
        if estimated:
            usage["estimated_requests"] = usage.get("estimated_requests", 0) + 1
        return used, answer

    # ---- private ----

    def _body(self, chat: Sequence[Message], sampling: ChatSampling, seed: int | None) -> bytes:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": m["role"], "content": whole_text(m["content"])} for m in chat],
            "temperature": sampling.temperature,
            self._max_tokens: sampling.max_tokens,
        }
        if sampling.top_p != 1:
            body["top_p"] = sampling.top_p
        if seed is not None:
            body["seed"] = int(seed) & 0x7FFFFFFF
        return json.dumps(body).encode()

    def _spending(self, read: float, written: float) -> Spending:
        cost = 0.0 if self.prices is None else self.prices.cost(read, written)
        return Spending(read + written, cost)

    def __deepcopy__(self, memo: dict[int, Any]) -> OpenAIChat:
        return self  # thread safe, and its limits and budget hold for all who use it
