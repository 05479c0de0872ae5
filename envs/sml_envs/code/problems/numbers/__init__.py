"""Numbers: problems of our own."""

from __future__ import annotations

from sml_envs.code.problems.numbers import cases, digits, divisors, measures, systems

NUMBERS = (
    *digits.TOPIC.families,
    *divisors.TOPIC.families,
    *systems.TOPIC.families,
    *measures.TOPIC.families,
    *cases.TOPIC.families,
)
"""Every family of the topic."""
