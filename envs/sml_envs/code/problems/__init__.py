"""Our own problems: functions to write, generated without end, with hidden tests. One topic a folder."""

from __future__ import annotations

from collections.abc import Mapping

from sml_envs.code.problems.algorithms import ALGORITHMS
from sml_envs.code.problems.base import CodeFamily
from sml_envs.code.problems.dictionaries import DICTIONARIES
from sml_envs.code.problems.isomorphs import isomorph
from sml_envs.code.problems.lists import LISTS
from sml_envs.code.problems.numbers import NUMBERS
from sml_envs.code.problems.parsing import PARSING
from sml_envs.code.problems.recursion import RECURSION
from sml_envs.code.problems.strings import STRINGS

__all__ = ["FAMILIES", "TOPICS", "CodeFamily", "isomorph"]

TOPICS: Mapping[str, tuple[CodeFamily, ...]] = {
    "strings": STRINGS,
    "lists": LISTS,
    "dictionaries": DICTIONARIES,
    "numbers": NUMBERS,
    "recursion": RECURSION,
    "parsing": PARSING,
    "algorithms": ALGORITHMS,
}
"""Families by topic; a topic's name stands for all of its families."""

FAMILIES: tuple[CodeFamily, ...] = tuple(family for families in TOPICS.values() for family in families)
"""Every family of the domain."""
