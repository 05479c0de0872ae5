"""Simple algorithms: problems of our own."""

from __future__ import annotations

from sml_envs.code.problems.algorithms import best, counting, graphs, planning, searching, simulating

ALGORITHMS = (
    *searching.TOPIC.families,
    *simulating.TOPIC.families,
    *planning.TOPIC.families,
    *graphs.TOPIC.families,
    *best.TOPIC.families,
    *counting.TOPIC.families,
)
"""Every family of the topic."""
