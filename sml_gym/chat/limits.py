"""How fast requests may go out: so many requests, and so many tokens, a minute.

A token bucket (Turner, "New directions in communications", IEEE Communications Magazine 24(10),
1986) that holds one second's worth. So requests go out evenly and not a minute's worth at once,
which servers that count by the second would refuse.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from sml_gym.errors import ConfigError

WINDOW = 60.0
"""What a rate is counted over (seconds)."""

SLACK = 1.0
"""By so much, a server may count a request earlier or later than it was sent (seconds)."""

_LOOK_AGAIN = 0.2  # seconds; what was given back meanwhile shortens the wait


class Bucket:
    """At most `per_minute` units in any 60 seconds, units being requests or tokens.

    A demand for more than a second's worth is let through when the bucket is full, and what follows
    waits until it is paid off; by that one demand a window may hold more.
    """

    def __init__(self, per_minute: float, now: float = 0.0) -> None:
        self._capacity = max(1.0, per_minute / WINDOW)
        # A window may begin with a full bucket, so the refill is that much slower. The 1 is exact for
        # whole units: a window of 60 seconds, its end left out, holds less than per_minute + 1, even
        # where the way to the server takes one request longer than another.
        self._rate = (per_minute + 1 - self._capacity) / (WINDOW + SLACK)
        self._level = self._capacity
        self._at = now

    def take(self, units: float, now: float) -> float:
        """Take `units` and return 0, or leave them and return after how many seconds to ask again."""
        self._refill(now)
        missing = min(units, self._capacity) - self._level
        if missing > 1e-9:
            return missing / self._rate
        self._level -= units
        return 0.0

    def give_back(self, units: float, now: float) -> None:
        """What was taken and not used after all."""
        self._refill(now)
        self._level = min(self._capacity, self._level + units)

    def _refill(self, now: float) -> None:
        self._level = min(self._capacity, self._level + (now - self._at) * self._rate)
        self._at = now


class RateLimit:
    """A bucket with a line before it: first come, first served. Belongs to one event loop."""

    def __init__(self, per_minute: float) -> None:
        self._bucket = Bucket(per_minute, time.monotonic())
        self._line = asyncio.Lock()

    async def take(self, units: float = 1.0) -> None:
        """Wait until `units` more may go out."""
        async with self._line:
            while wait := self._bucket.take(units, time.monotonic()):
                await asyncio.sleep(min(wait, _LOOK_AGAIN))

    def give_back(self, units: float) -> None:
        """What was taken and not used after all."""
        self._bucket.give_back(units, time.monotonic())


class Limits:
    """How hard a server may be pressed. Models that share one are pressed together.

    Args:
        concurrency: requests under way at the same time, those that wait to be tried again included.
        rpm: requests in any minute, every attempt counted; None: no limit.
        tpm: tokens in any minute, read and written together; None: no limit. A request counts with
            its estimate until its answer says what it really took.
    """

    def __init__(self, concurrency: int = 32, rpm: float | None = None, tpm: float | None = None) -> None:
        for name, value in (("concurrency", concurrency), ("rpm", rpm), ("tpm", tpm)):
            if value is not None and not 1 <= value < float("inf"):
                raise ConfigError(f"{name} is {value}; it must be at least 1.")
        self.concurrency, self.rpm, self.tpm = int(concurrency), rpm, tpm
        self._loop: asyncio.AbstractEventLoop | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Limits:
        return self  # a copy would press the server a second time

    def __reduce__(self) -> tuple[Any, ...]:
        return Limits, (self.concurrency, self.rpm, self.tpm)  # another process has a loop of its own

    def enter(self) -> Limits:
        """Make what belongs to the running loop, if another one was used before."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            self.slots = asyncio.Semaphore(self.concurrency)
            self.requests = None if self.rpm is None else RateLimit(self.rpm)
            self.tokens = None if self.tpm is None else RateLimit(self.tpm)
        return self
