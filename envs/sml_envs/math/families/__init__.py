"""The generated problem families, one file a topic."""

from __future__ import annotations

from collections.abc import Mapping

from sml_envs.math.families.arithmetic import ARITHMETIC
from sml_envs.math.families.calculus import CALCULUS
from sml_envs.math.families.fractions import FRACTIONS
from sml_envs.math.families.geometry import GEOMETRY
from sml_envs.math.families.last_digits import LAST_DIGITS
from sml_envs.math.families.linear import LINEAR
from sml_envs.math.families.number_theory import NUMBER_THEORY
from sml_envs.math.families.percent import PERCENT
from sml_envs.math.families.polynomials import POLYNOMIALS
from sml_envs.math.families.quadratics import QUADRATICS
from sml_envs.math.families.sequences import SEQUENCES
from sml_envs.math.families.systems import SYSTEMS
from sml_envs.math.families.word_problems import WORD_PROBLEMS
from sml_gym import Family

TOPICS: Mapping[str, tuple[Family, ...]] = {
    "last_digits": LAST_DIGITS,
    "arithmetic": ARITHMETIC,
    "fractions": FRACTIONS,
    "linear_equations": LINEAR,
    "systems": SYSTEMS,
    "quadratics": QUADRATICS,
    "number_theory": NUMBER_THEORY,
    "percentages_and_rates": PERCENT,
    "sequences": SEQUENCES,
    "polynomials": POLYNOMIALS,
    "calculus": CALCULUS,
    "geometry": GEOMETRY,
    "word_problems": WORD_PROBLEMS,
}
"""Families by topic; a topic's name stands for all of its families."""

FAMILIES: tuple[Family, ...] = tuple(family for families in TOPICS.values() for family in families)
"""Every family of the domain."""
