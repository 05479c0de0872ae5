"""Texts that are the same, or nearly, among many: exact, and without comparing each with each.

Two texts are near each other if the sets of their runs of three words have a Jaccard similarity of at least a
threshold t, and they hold the same numbers: with other numbers a problem is another problem. All such pairs
    are found by prefix filtering (Bayardo, Ma and Srikant, Scaling up all pairs similarity search, WWW 2007,
    section 3): in an order of runs from the rarest to the commonest, two sets of similarity t share one of
    the first |s| - ceil(t |s|) + 1 runs of each.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from sml_gym.datasets.normal import normal

_RUN = 3
_NUMBER = re.compile(r"\d+")
# Words and signs: `a + b` is no `a * b`. Marks of sentences and quotes do not count.
_TOKEN = re.compile(r"[^\W_]+(?:['’.,][^\W_]+)*|[^\w\s.,;:!?\"'“”‘’`]")


def plain_text(text: str) -> str:
    """The words and signs of a text: what counts for two being the same."""
    return " ".join(_TOKEN.findall(normal(text)))


def near_pairs(texts: Sequence[str], threshold: float) -> Iterator[tuple[int, int, float]]:
    """Pairs of plain texts that are near each other but not equal.

    Args:
        texts: as `plain_text` gives them.
        threshold: the least similarity, above 0 and at most 1.

    Yields:
        The later place, the earlier one, and the similarity, in the order of the later one.
    """
    sets = [_runs(text) for text in texts]
    numbers = [sorted(_NUMBER.findall(text)) for text in texts]
    counts = Counter(run for runs in sets for run in runs)
    ordered = [sorted(runs, key=lambda run: (counts[run], run)) for runs in sets]
    index: dict[str, list[int]] = defaultdict(list)
    for place, runs in enumerate(ordered):
        size = len(runs)
        prefix = runs[: size - math.ceil(threshold * size) + 1]
        candidates = {other for run in prefix for other in index[run]}
        for other in sorted(candidates):
            if texts[other] == texts[place] or numbers[other] != numbers[place]:
                continue
            shared = len(sets[other] & sets[place])
            similarity = shared / (size + len(sets[other]) - shared)
            if similarity >= threshold:
                yield place, other, similarity
        for run in prefix:
            if counts[run] > 1:
                index[run].append(place)


def _runs(text: str) -> frozenset[str]:
    words = text.split()
    if len(words) <= _RUN:
        return frozenset((text,))
    return frozenset(" ".join(words[place : place + _RUN]) for place in range(len(words) - _RUN + 1))
