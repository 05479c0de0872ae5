"""Our own problems: functions to write, generated without end, with hidden tests. One topic a file or two."""

from __future__ import annotations

from collections.abc import Mapping

from sml_envs.code.problems.base import CodeFamily
from sml_envs.code.problems.dictionaries import TABLES
from sml_envs.code.problems.isomorphs import isomorph
from sml_envs.code.problems.lists import LISTS
from sml_envs.code.problems.numbers import NUMBERS_BY_DIGIT
from sml_envs.code.problems.recursion import NESTED
from sml_envs.code.problems.strings import LETTERS
from sml_envs.code.problems.words import WORD_TEXTS

__all__ = ["FAMILIES", "TOPICS", "CodeFamily", "isomorph"]

TOPICS: Mapping[str, tuple[CodeFamily, ...]] = {
    "strings": (*LETTERS.families, *WORD_TEXTS.families),
    "lists": (*LISTS.families,),
    "dictionaries": (*TABLES.families,),
    "numbers": (*NUMBERS_BY_DIGIT.families,),
    "recursion": (*NESTED.families,),
}
"""Families by topic; a topic's name stands for all of its families."""

FAMILIES: tuple[CodeFamily, ...] = tuple(family for families in TOPICS.values() for family in families)
"""Every family of the domain."""
