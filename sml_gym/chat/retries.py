"""When another attempt is made, and after how long.

The wait doubles from attempt to attempt and is drawn evenly from nothing to that, so that requests
that failed together do not come back together ("full jitter": Brooker, "Exponential backoff and
jitter", AWS Architecture Blog, 2015).
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

RETRIED = frozenset({408, 409, 429})
"""Statuses below 500 for which another attempt is made."""

_own = random.Random()  # seeded by the system: jitter must differ between processes that started alike


def retried(status: int) -> bool:
    """Whether another attempt may mend this status."""
    return status in RETRIED or status >= 500


def backoff(attempt: int, base: float, most: float, asked: float | None = None) -> float:
    """Seconds to wait before attempt number `attempt` (the first repetition is 1).

    `asked` is what the server asked for: so long is waited at least, up to `most`, and then a
    little longer, for the same reason as above.
    """
    jitter = _own.uniform(0, min(most, base * 2 ** min(attempt - 1, 30)))
    return jitter if asked is None else min(most, max(0.0, asked)) + min(jitter, base)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that `Retry-After` (RFC 9110, section 10.2.3) or `retry-after-ms` asks for, if one does."""
    for name, scale in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            seconds = float(value) * scale
        except ValueError:
            try:
                seconds = parsedate_to_datetime(value).timestamp() - time.time()
            except (ValueError, TypeError, OverflowError):
                continue
        if seconds == seconds:  # no NaN
            return max(0.0, seconds)
    return None
