"""Means over tasks with bootstrap intervals, from which every measure of `sml_gym.metrics` is made.

Intervals are percentile bootstrap intervals (Efron and Tibshirani, *An Introduction to the Bootstrap*,
1993, chapter 13) over tasks, because the dialogues about one task are not independent.

A percentile interval has no width where every task has the same outcome, for example
when none is solved. That says that the bootstrap sees no variation, not that the rate is
exactly 0; with n tasks and none solved, rates up to about 3/n remain plausible (Hanley and
Lippman-Hand, JAMA 249, 1983).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sml_gym.seeding import stable_hash

RESAMPLES = 2_000
"""Bootstrap resamples. The ends of a 95% interval then vary by about 0.002 for 200 tasks."""

_CHUNK = 4_000_000  # resample counts held in memory at once (32 MB)

Floats = NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over tasks with its 95% interval; both None where no task has a value.

    `n_tasks` is how many tasks it rests on.
    """

    value: float | None
    ci95: Interval | None
    n_tasks: int

    def to_json(self) -> dict[str, Any]:
        """`value`, `ci95` (a list of two) and `n_tasks`."""
        return {"value": self.value, "ci95": None if self.ci95 is None else list(self.ci95)} | {
            "n_tasks": self.n_tasks
        }


def ratio(
    numerators: Sequence[float],
    denominators: Sequence[float],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Estimate:
    """sum(numerators) / sum(denominators) with its bootstrap interval.

    One entry a task; entries are resampled together. Tasks with denominator 0 say nothing
    and are left out.
    """
    above, below = np.asarray(numerators, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
    says = below > 0
    above, below = above[says], below[says]
    n = len(below)
    if n == 0:
        return Estimate(None, None, 0)
    means = _resampled_sums(np.stack([above, below], axis=1), seed, resamples)
    low, high = np.quantile(means[:, 0] / means[:, 1], [0.025, 0.975])
    return Estimate(float(above.sum() / below.sum()), (float(low), float(high)), n)


def column_means(
    matrix: Floats, *, seed: int = 0, resamples: int = RESAMPLES
) -> tuple[tuple[float, ...], tuple[Interval, ...]]:
    """The mean of each column with its bootstrap interval, rows (one a task) resampled together."""
    n = len(matrix)
    low, high = np.quantile(_resampled_sums(matrix, seed, resamples) / n, [0.025, 0.975], axis=0)
    return (
        tuple(float(value) for value in matrix.mean(axis=0)),
        tuple((float(a), float(b)) for a, b in zip(low, high, strict=True)),
    )


def _resampled_sums(rows: Floats, seed: int, resamples: int) -> Floats:
    """Column sums of `resamples` samples of `len(rows)` rows with replacement: (resamples, columns).

    A sample is drawn as how often each row occurs in it, so a matrix product does the rest.
    """
    n = len(rows)
    rng = np.random.default_rng(stable_hash("bootstrap", seed))
    sums = np.empty((resamples, rows.shape[1]))
    chunk = max(1, _CHUNK // n)
    for start in range(0, resamples, chunk):
        size = min(chunk, resamples - start)
        counts = rng.multinomial(n, np.full(n, 1 / n), size=size)
        sums[start : start + size] = counts @ rows
    return sums
