"""Texts: problems of our own."""

from __future__ import annotations

from sml_envs.code.problems.strings import letters, lines, orders, runs, searching, words

STRINGS = (
    *letters.TOPIC.families,
    *runs.TOPIC.families,
    *words.TOPIC.families,
    *lines.TOPIC.families,
    *searching.TOPIC.families,
    *orders.TOPIC.families,
)
"""Every family of the topic."""
