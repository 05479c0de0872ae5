"""Our own problems: functions to write, generated without end, with hidden tests. One topic a file or two."""

from __future__ import annotations

from collections.abc import Mapping

from sml_envs.code.problems.algorithms import PROCEDURES
from sml_envs.code.problems.base import CodeFamily
from sml_envs.code.problems.choices import CHOICES
from sml_envs.code.problems.dictionaries import TABLES
from sml_envs.code.problems.formulas import FORMULAS
from sml_envs.code.problems.isomorphs import isomorph
from sml_envs.code.problems.languages import LANGUAGES
from sml_envs.code.problems.lists import LISTS
from sml_envs.code.problems.numbers import NUMBERS_BY_DIGIT
from sml_envs.code.problems.parsing import NOTATIONS
from sml_envs.code.problems.planning import PLANNING
from sml_envs.code.problems.records import RECORDS
from sml_envs.code.problems.recursion import NESTED
from sml_envs.code.problems.rows import ROWS
from sml_envs.code.problems.strings import LETTERS
from sml_envs.code.problems.texts import WHOLE_TEXTS
from sml_envs.code.problems.words import WORD_TEXTS

__all__ = ["FAMILIES", "TOPICS", "CodeFamily", "isomorph"]

TOPICS: Mapping[str, tuple[CodeFamily, ...]] = {
    "strings": (*LETTERS.families, *WORD_TEXTS.families, *WHOLE_TEXTS.families),
    "lists": (*LISTS.families, *ROWS.families),
    "dictionaries": (*TABLES.families, *RECORDS.families),
    "numbers": (*NUMBERS_BY_DIGIT.families, *FORMULAS.families),
    "recursion": (*NESTED.families, *CHOICES.families),
    "parsing": (*NOTATIONS.families, *LANGUAGES.families),
    "algorithms": (*PROCEDURES.families, *PLANNING.families),
}
"""Families by topic; a topic's name stands for all of its families."""

FAMILIES: tuple[CodeFamily, ...] = tuple(family for families in TOPICS.values() for family in families)
"""Every family of the domain."""
