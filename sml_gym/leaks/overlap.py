"""Long verbatim runs of the reference solution in a feedback.

Words, numbers and signs are compared one by one, so that layout does not count. What stands in the
problem, was said by the student, or is a fact that the teacher may speak is no part of the solution's secret.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sml_gym.leaks.plain import plain

LONGEST_RUN = 10
"""A run of so many tokens of the solution's prose is verbatim."""

LEAST_PROSE = 3
"""So many of them are words: a formula alone is no prose."""

CODE_SHARE = 0.75
"""So much of what is secret in a program, told in runs of `_PIECE` tokens, tells the program."""

LEAST_CODE = 12
"""Of so many tokens at least."""

_PIECE = 4
_MAX_CHARS = 20_000
_TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_")
_QUIET = frozenset(".,;:!?\"'`()*$\\")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int


@functools.lru_cache(maxsize=1024)
def _tokens(text: str, code: bool) -> tuple[_Token, ...]:
    return tuple(
        _Token(m[0].casefold(), m.start(), m.end())
        for m in _TOKEN.finditer(text[:_MAX_CHARS])
        if (code and m[0] not in "`") or m[0] not in _QUIET
    )


@functools.lru_cache(maxsize=1024)
def _grams(text: str, size: int, code: bool) -> frozenset[tuple[str, ...]]:
    words = [token.text for token in _tokens(text, code)]
    return frozenset(tuple(words[i : i + size]) for i in range(len(words) - size + 1))


def verbatim_runs(text: str, solution: str, known: Iterable[str]) -> list[tuple[int, int]]:
    """Stretches of a plain text that repeat at least `LONGEST_RUN` tokens of the solution."""
    if len(solution) < 3 * LONGEST_RUN or len(text) < 3 * LONGEST_RUN:
        return []
    tokens = _tokens(text, False)
    if len(tokens) < LONGEST_RUN:
        return []
    secret = _grams(plain(solution).text, LONGEST_RUN, False)
    words = [token.text for token in tokens]
    hits = [i for i in range(len(words) - LONGEST_RUN + 1) if tuple(words[i : i + LONGEST_RUN]) in secret]
    if not hits:
        return []
    public = [_grams(plain(other).text, _PIECE, False) for other in known]
    runs: list[tuple[int, int]] = []
    for i in hits:
        pieces = [tuple(words[j : j + _PIECE]) for j in range(i, i + LONGEST_RUN - _PIECE + 1)]
        new = sum(not any(piece in grams for grams in public) for piece in pieces)
        prose = sum(len(word) > 1 and word.isalpha() for word in words[i : i + LONGEST_RUN])
        if 2 * new <= len(pieces) or prose < LEAST_PROSE:
            continue
        start, end = tokens[i].start, tokens[i + LONGEST_RUN - 1].end
        if runs and start <= runs[-1][1]:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def tells_code(text: str, program: str, known: Sequence[str]) -> bool:
    """Whether a plain text holds most of what is secret in a program, piece by piece."""
    wanted = [token.text for token in _tokens(plain(program).text, True)]
    pieces = [tuple(wanted[i : i + _PIECE]) for i in range(len(wanted) - _PIECE + 1)]
    public = [_grams(plain(other).text, _PIECE, True) for other in known]
    told = _grams(text, _PIECE, True)
    secret = [not any(piece in grams for grams in public) for piece in pieces]
    covered = [piece in told for piece in pieces]
    total = sum(secret)
    if total < LEAST_CODE - _PIECE:
        return False
    hit = sum(s and c for s, c in zip(secret, covered, strict=True))
    return hit >= CODE_SHARE * total
