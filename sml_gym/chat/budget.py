"""What calls to models may use in all, in tokens and in currency.

    budget = Budget(tokens=2_000_000, cost=5.0)
    teacher = OpenAIChat("tiny", url, budget=budget, prices=Prices(0.15, 0.60))
    judge = OpenAIChat("small", url, budget=budget, prices=Prices(0.05, 0.10))

A request is let through only if its estimate still fits beside what is spent and what the requests
under way may yet use. So however many are under way, the budget is exceeded only by what requests
use beyond their estimates (`estimate_tokens` of the messages, and `max_tokens` for the answer),
never by their number. The first request that does not fit closes the budget for good.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sml_gym.errors import BudgetSpent, ConfigError

_lock = threading.Lock()  # one for all budgets, held for a few additions, so that a fork can wait for it


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in any currency for a million tokens that the model reads (input) and writes (output)."""

    input: float = 0.0
    output: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.input < float("inf") and 0 <= self.output < float("inf")):
            raise ConfigError(f"The prices are {self.input} and {self.output}; give numbers of at least 0.")

    def cost(self, input_tokens: float, output_tokens: float) -> float:
        """What these tokens cost."""
        return (input_tokens * self.input + output_tokens * self.output) / 1e6


@dataclass(frozen=True, slots=True)
class Spending:
    """Tokens, read and written together, and what they cost."""

    tokens: float = 0.0
    cost: float = 0.0

    def plus(self, other: Spending) -> Spending:
        """Both together."""
        return Spending(self.tokens + other.tokens, self.cost + other.cost)

    def minus(self, other: Spending) -> Spending:
        """What is left of it without the other."""
        return Spending(self.tokens - other.tokens, self.cost - other.cost)


class Account:
    """What was spent so far and what is reserved for requests under way; several budgets may look at it."""

    def __init__(self) -> None:
        self.spent = Spending()
        self.reserved = Spending()
        self.waiting: list[asyncio.Future[None]] = []

    def __reduce__(self) -> tuple[Any, ...]:
        return Account, ()  # another process counts for itself


class Budget:
    """A limit on what models may use together. Thread safe; a forked process counts for itself.

    Args:
        tokens: read and written together, in every attempt (tokens); None: no limit.
        cost: in the currency of the models' prices; None: no limit.
        account: where it is counted; by default the budget's own. Budgets with one account see
            what the others have spent, each with its own limit.
    """

    def __init__(
        self, tokens: float | None = None, cost: float | None = None, *, account: Account | None = None
    ) -> None:
        for name, limit in (("tokens", tokens), ("cost", cost)):
            if limit is not None and not 0 < limit < float("inf"):
                raise ConfigError(f"The budget in {name} is {limit}; give a number above 0, or leave it out.")
        self.tokens, self.cost = tokens, cost
        self._account = account or Account()
        self._closed = False

    def __deepcopy__(self, memo: dict[int, Any]) -> Budget:
        return self  # a copy would allow the same spending a second time

    @property
    def spent(self) -> Spending:
        """What is spent so far. What is reserved for requests under way is not in it."""
        return self._account.spent

    async def reserve(self, amount: Spending) -> None:
        """Wait until `amount` fits beside what is reserved.

        Raises:
            BudgetSpent: if it does not fit beside what is spent, or something did not before.
        """
        account = self._account
        while True:
            with _lock:
                self._closed = self._closed or not self._fits(account.spent.plus(amount))
                if self._closed:
                    raise BudgetSpent(self._message())
                if self._fits(account.spent.plus(account.reserved).plus(amount)):
                    account.reserved = account.reserved.plus(amount)
                    return
                settled = asyncio.get_running_loop().create_future()
                account.waiting.append(settled)
            await settled

    def settle(self, reserved: Spending, used: Spending) -> None:
        """Replace what was reserved by what was used."""
        account = self._account
        with _lock:
            account.reserved = account.reserved.minus(reserved)
            account.spent = account.spent.plus(used)
            waiting, account.waiting = account.waiting, []
        for future in waiting:
            future.get_loop().call_soon_threadsafe(_wake, future)

    def _fits(self, total: Spending) -> bool:
        return (self.tokens is None or total.tokens <= self.tokens) and (
            self.cost is None or total.cost <= self.cost
        )

    def _message(self) -> str:
        spent = self._account.spent
        parts = []
        if self.tokens is not None:
            parts.append(f"{spent.tokens:,.0f} of {self.tokens:,.0f} tokens")
        if self.cost is not None:
            parts.append(f"{spent.cost:.4f} of {self.cost:g} in currency")
        return (
            f"the budget for calls to models is used up: {' and '.join(parts)} are spent, and the next "
            "request does not fit"
        )


def estimate_tokens(messages: Iterable[Mapping[str, str]]) -> int:
    """How many tokens a chat has, roughly and rather too many: a third of its bytes, and 4 a message.

    English has about 4 bytes a token under the usual byte-pair encodings, Chinese about 3.
    """
    return sum(len(message["content"].encode("utf-8", "replace")) // 3 + 4 for message in messages) + 3


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _after_fork() -> None:
    _lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_after_fork)
