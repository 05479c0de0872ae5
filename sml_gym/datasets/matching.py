"""Regular expressions: matched in a worker, under a deadline, and examples of what they match.

Matching can take time that grows exponentially with the text, and `re` cannot be stopped. So no pattern of a
data set runs in this process.
"""

from __future__ import annotations

import contextlib
import functools
import random
import re
from collections.abc import Iterator
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from sml_gym.errors import VerifierError
from sml_gym.workers import DeadlineExceeded, WorkerLost, WorkerRaised, shared_pool

MATCH_SECONDS = 1.0
"""How long matching one text may take."""

_TRIES = 50
_MOST = 3  # repetitions that an example has beyond the fewest
_MOST_STEPS = 5_000
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def full_match(pattern: str, flags: int, text: str) -> bool:
    """Whether a pattern matches the whole text. What a worker runs."""
    return re.fullmatch(pattern, text, flags) is not None


@functools.lru_cache(maxsize=4096)
def matches(pattern: str, flags: int, text: str) -> bool:
    """`full_match` in a worker.

    Raises:
        DeadlineExceeded: it took longer than `MATCH_SECONDS`.
        VerifierError: the worker's machinery failed.
    """
    try:
        return bool(
            shared_pool().call(f"{__name__}:full_match", pattern, flags, text, deadline=MATCH_SECONDS)
        )
    except WorkerRaised as exc:
        if exc.kind in ("MemoryError", "RecursionError"):
            raise DeadlineExceeded(f"matching was too costly ({exc.kind})") from exc
        raise VerifierError(f"matching failed: {exc}") from exc
    except WorkerLost as exc:
        raise VerifierError(f"the verifier's worker was lost: {exc}") from exc


def widths(pattern: str, flags: int) -> tuple[int, int]:
    """The lengths of the shortest and the longest text that a pattern can match.

    Raises `ValueError` for what is no pattern.
    """
    try:
        low, high = parser.parse(pattern, flags).getwidth()
    except (re.error, RecursionError, OverflowError) as exc:
        raise ValueError(f"the pattern {pattern!r:.80} cannot be read ({exc})") from exc
    return int(low), int(high)


def examples(pattern: str, flags: int) -> list[str]:
    """Texts that a pattern should match, short ones first; looks around and back are not heeded.

    Whether they match has to be tried. Raises `ValueError` for what is no pattern.
    """
    widths(pattern, flags)
    tree = parser.parse(pattern, flags)
    rng = random.Random(pattern)
    made = []
    for source in (None, *[rng] * _TRIES):
        with contextlib.suppress(_TooCostly, RecursionError):
            made.append(_Sampler(source).sample(tree))
    return sorted(dict.fromkeys(made), key=len)


class _TooCostly(Exception):
    """Nested repetitions make an example too long, or its making."""


class _Sampler:
    """Makes one text for a parsed pattern; without `rng` the plainest."""

    def __init__(self, rng: random.Random | None) -> None:
        self._rng = rng
        self._groups: dict[int, str] = {}
        self._steps = 0

    def sample(self, tree: Any) -> str:
        rng = self._rng
        parts: list[str] = []
        for code, value in tree:
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise _TooCostly
            if code is codes.LITERAL:
                parts.append(chr(value))
            elif code is codes.NOT_LITERAL:
                parts.append("a" if value != ord("a") else "b")
            elif code is codes.ANY:
                parts.append(rng.choice(_LETTERS) if rng else "a")
            elif code is codes.IN:
                parts.append(_one_of(value, rng))
            elif code is codes.BRANCH:
                parts.append(self.sample(rng.choice(value[1]) if rng else value[1][0]))
            elif code is codes.SUBPATTERN:
                text = self.sample(value[3])
                if value[0] is not None:
                    self._groups[value[0]] = text
                parts.append(text)
            elif code is codes.ATOMIC_GROUP:
                parts.append(self.sample(value))
            elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
                parts += self._repeated(*value)
            elif code is codes.GROUPREF:
                parts.append(self._groups.get(value, ""))
            elif code is codes.GROUPREF_EXISTS:
                chosen = value[1] if value[0] in self._groups else value[2]
                parts.append(self.sample(chosen) if chosen is not None else "")
        return "".join(parts)

    def _repeated(self, fewest: int, most: int, inner: Any) -> Iterator[str]:
        often = self._rng.randint(fewest, min(int(most), fewest + _MOST)) if self._rng else fewest
        for _ in range(often):
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise _TooCostly
            yield self.sample(inner)


def _one_of(options: Any, rng: random.Random | None) -> str:
    """A character of a set."""
    chosen = options[0][0] is codes.NEGATE
    if chosen:
        wanted = [c for c in f"a b1-_.,{_LETTERS}0123456789" if not _holds(options[1:], c)]
        return (rng.choice(wanted) if rng else wanted[0]) if wanted else "\u00e9"
    code, value = rng.choice(options) if rng else options[0]
    if code is codes.LITERAL:
        return chr(value)
    if code is codes.RANGE:
        low, high = value
        return chr(rng.randint(low, high) if rng else low)
    return {
        codes.CATEGORY_DIGIT: str(rng.randint(0, 9)) if rng else "1",
        codes.CATEGORY_SPACE: " ",
        codes.CATEGORY_NOT_DIGIT: "a",
        codes.CATEGORY_NOT_SPACE: "a",
        codes.CATEGORY_NOT_WORD: "-",
    }.get(value, rng.choice(_LETTERS) if rng else "a")


def _holds(options: Any, char: str) -> bool:
    for code, value in options:
        if code is codes.LITERAL and chr(value) == char:
            return True
        if code is codes.RANGE and value[0] <= ord(char) <= value[1]:
            return True
        if code is codes.CATEGORY:
            inside = {
                codes.CATEGORY_DIGIT: char.isdigit(),
                codes.CATEGORY_SPACE: char.isspace(),
                codes.CATEGORY_WORD: char.isalnum() or char == "_",
                codes.CATEGORY_NOT_DIGIT: not char.isdigit(),
                codes.CATEGORY_NOT_SPACE: not char.isspace(),
                codes.CATEGORY_NOT_WORD: not (char.isalnum() or char == "_"),
            }.get(value, False)
            if inside:
                return True
    return False
