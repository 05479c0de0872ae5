"""Lists of numbers: problems of our own."""

from __future__ import annotations

from sml_envs.code.problems.lists import choosing, combining, groups, neighbours, tables

LISTS = (
    *choosing.TOPIC.families,
    *neighbours.TOPIC.families,
    *combining.TOPIC.families,
    *tables.TOPIC.families,
    *groups.TOPIC.families,
)
"""Every family of the topic."""
