"""Leaks that never name the answer, each kind in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.bounds import by_bounds, by_filters
from sml_gym.leaks.choices import by_elimination, by_position
from sml_gym.leaks.known import Known
from sml_gym.leaks.mention import Mention
from sml_gym.leaks.offsets import by_neighbour, by_offset, by_sign
from sml_gym.leaks.pieces import by_dictation, by_places
from sml_gym.leaks.predicates import by_predicate


def find_hints(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """Stretches of a plain text that lead to the answer without naming it."""
    yield from by_elimination(answer, text, known)
    yield from by_position(answer, text, known)
    yield from by_offset(answer, text, known)
    yield from by_sign(answer, text, known)
    yield from by_neighbour(answer, text, known)
    yield from by_places(answer, text, known)
    yield from by_dictation(answer, text)
    yield from by_predicate(answer, text, known)
    yield from by_bounds(answer, text)
    yield from by_filters(answer, text)
