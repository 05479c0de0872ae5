"""Dictionaries and records: problems of our own."""

from __future__ import annotations

from sml_envs.code.problems.dictionaries import accounts, counting, events, records, shopping, values

DICTIONARIES = (
    *counting.TOPIC.families,
    *values.TOPIC.families,
    *shopping.TOPIC.families,
    *records.TOPIC.families,
    *accounts.TOPIC.families,
    *events.TOPIC.families,
)
"""Every family of the topic."""
