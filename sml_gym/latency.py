"""How long a teacher takes, measured on its whole calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sml_gym.errors import RolloutError
from sml_gym.metrics import RESAMPLES
from sml_gym.seeding import stable_hash
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext
from sml_gym.teachers.wrapped import WrappedTeacher


class TimedTeacher(WrappedTeacher):
    """The same teacher under the same name, with a clock on its calls.

    Args:
        inner: who answers.
        on_call: called after each call with the number of replies, failures left out, and the seconds that
            it took.
    """

    def __init__(self, inner: Teacher, on_call: Callable[[int, float], object]) -> None:
        super().__init__(inner, "timed")
        self.name = inner.name
        self._on_call = on_call

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback | RolloutError]:
        """The teacher's replies."""
        begun = time.perf_counter()
        replies = list(self.inner.reply(contexts))
        self._on_call(sum(isinstance(reply, Feedback) for reply in replies), time.perf_counter() - begun)
        return replies


def latency(calls: Sequence[tuple[int, float]], *, seed: int = 0) -> dict[str, Any]:
    """Median and 95th percentile of the seconds until a reply was there, resampled by call.

    `calls` holds for each call the number of its replies and its duration: all of them came then.
    """
    found: dict[str, Any] = {"n_calls": len(calls), "n_replies": sum(n for n, _ in calls)}
    if not calls:
        return found | {"p50": {"value": None, "ci95": None}, "p95": {"value": None, "ci95": None}}
    counts, seconds = np.array([n for n, _ in calls]), np.array([s for _, s in calls])
    order = np.argsort(seconds, kind="stable")
    counts, seconds = counts[order], seconds[order]
    rng = np.random.default_rng(stable_hash("latency", seed))
    times = rng.multinomial(len(calls), np.full(len(calls), 1 / len(calls)), size=RESAMPLES)
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        drawn = np.cumsum(times * counts, axis=1)
        places = (drawn < share * drawn[:, -1:]).sum(axis=1)
        low, high = np.quantile(seconds[places], [0.025, 0.975])
        whole = np.cumsum(counts)
        value = seconds[int((whole < share * whole[-1]).sum())]
        found[name] = {"value": float(value), "ci95": [float(low), float(high)]}
    return found
