"""How many turns perfect use of the feedback takes, by exact search.

A state is the set of candidates that all that was said leaves possible. An attempt splits it by what would
be said to it, and the candidate attempted is done. Two numbers are searched for apart, each over all ways
to play: the least number of turns that suffices whatever is hidden (minimax), and the least mean number of
turns over all candidates. An attempt need not be possible itself; one that is not can split better.

Sets are bit masks. The search is exhaustive but for bounds: with at most m different replies to a wrong
attempt, d turns tell at most 1 + m + ... + m^(d-1) candidates apart, and no set does better than one that
is split so at every turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

Matrix = tuple[tuple[int, ...], ...]
"""Row g, column h: what is said to attempt g while h is hidden, 0 for "right"."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """What perfect play takes.

    Attributes:
        worst: the least number of turns that suffices whatever is hidden (turns).
        mean: the least mean number of turns, all candidates being as likely (turns).
    """

    worst: int
    mean: Fraction


@lru_cache(maxsize=4_096)
def best_play(matrix: Matrix) -> Optimum:
    """The optimum for a game in which attempt g is answered by `matrix[g][h]` while h is hidden."""
    n = len(matrix)
    search = search_of(matrix)
    everything = (1 << n) - 1
    worst = 1
    while not search.within(everything, worst):
        worst += 1
    return Optimum(worst, Fraction(search.total(everything), n))


@lru_cache(maxsize=256)
def search_of(matrix: Matrix) -> Search:
    """The search over one game, which remembers what it has found."""
    return Search(matrix)


class Search:
    """Exact search over one game. See the module's text."""

    def __init__(self, matrix: Matrix) -> None:
        self.n = len(matrix)
        masks: list[list[int]] = []
        for row in matrix:
            classes: dict[int, int] = {}
            for hidden, said in enumerate(row):
                if said:
                    classes[said] = classes.get(said, 0) | 1 << hidden
            masks.append(sorted(classes.values()))
        self._masks = masks
        self._replies = max((len(found) for found in masks), default=1) or 1
        self._least: dict[int, int] = {}  # turns that are known not to suffice
        self._enough: dict[int, int] = {}  # turns that are known to suffice
        self._attempt: dict[tuple[int, int], int] = {}
        self._totals: dict[int, int] = {0: 0}
        self._bounds = [_least_total(size, self._replies) for size in range(self.n + 1)]
        self._reach = [0]
        while self._reach[-1] < self.n:
            self._reach.append(self._reach[-1] * self._replies + 1)

    def within(self, state: int, turns: int) -> bool:
        """Whether so many turns suffice for the candidates in a state."""
        size = state.bit_count()
        if size <= 1 or turns >= size:
            return turns >= size
        if turns < len(self._reach) and size > self._reach[turns]:
            return False
        if turns >= self._enough.get(state, size):
            return True
        if turns <= self._least.get(state, 0):
            return False
        for attempt, parts in self._splits(state):
            if all(self.within(part, turns - 1) for part in parts):
                self._enough[state] = turns
                self._attempt[state, turns] = attempt
                return True
        self._least[state] = turns
        return False

    def total(self, state: int) -> int:
        """The least sum of turns over the candidates in a state."""
        found = self._totals.get(state)
        if found is not None:
            return found
        size = state.bit_count()
        best = size * (size + 1) // 2  # one after the other
        bound = self._bounds[size]
        if best > bound:
            scored = []
            for _, parts in self._splits(state):
                scored.append((size + sum(self._bounds[part.bit_count()] for part in parts), parts))
            scored.sort(key=lambda pair: pair[0])
            for least, parts in scored:
                if least >= best:
                    break
                best = min(best, self._sum(parts, least, best))
                if best == bound:
                    break
        self._totals[state] = best
        return best

    def _sum(self, parts: Sequence[int], least: int, best: int) -> int:
        """The sum for a split, given up as soon as it reaches `best`."""
        for part in sorted(parts, key=int.bit_count):
            least += self.total(part) - self._bounds[part.bit_count()]
            if least >= best:
                break
        return least

    def attempt(self, state: int) -> int:
        """What to try so that the fewest turns suffice for the candidates in a state."""
        if not state:
            raise ValueError("No candidate is left.")
        size = state.bit_count()
        if size <= 2:
            return (state & -state).bit_length() - 1
        turns = 1
        while not self.within(state, turns):
            turns += 1
        if turns == size:
            return (state & -state).bit_length() - 1
        if (state, turns) not in self._attempt:
            fits = (a for a, parts in self._splits(state) if all(self.within(p, turns - 1) for p in parts))
            self._attempt[state, turns] = next(fits)
        return self._attempt[state, turns]

    def _splits(self, state: int) -> list[tuple[int, tuple[int, ...]]]:
        """The attempts that tell anything, each with what it leaves, the most even first; each split once."""
        found: dict[tuple[int, ...], int] = {}
        for attempt, masks in enumerate(self._masks):
            own = state & 1 << attempt
            parts = tuple([part for mask in masks if (part := state & mask)])
            if own or len(parts) > 1:
                found.setdefault(parts, attempt)
        pairs = [(attempt, parts) for parts, attempt in found.items()]
        pairs.sort(key=lambda pair: (max(map(int.bit_count, pair[1]), default=0), -len(pair[1])))
        return pairs


def _least_total(size: int, replies: int) -> int:
    """The sum of the depths of `size` nodes in a tree as flat as `replies` branches a node make it."""
    total, depth, room, left = 0, 1, 1, size
    while left > 0:
        taken = min(room, left)
        total += taken * depth
        left -= taken
        room *= replies
        depth += 1
    return total
