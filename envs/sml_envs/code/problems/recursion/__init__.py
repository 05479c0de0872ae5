"""Recursion: problems of our own."""

from __future__ import annotations

from sml_envs.code.problems.recursion import building, nested, trees, ways

RECURSION = (
    *nested.TOPIC.families,
    *trees.TOPIC.families,
    *ways.TOPIC.families,
    *building.TOPIC.families,
)
"""Every family of the topic."""
