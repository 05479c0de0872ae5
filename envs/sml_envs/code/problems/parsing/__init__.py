"""Reading notations: problems of our own."""

from __future__ import annotations

from sml_envs.code.problems.parsing import formats, grammars, machines, packed, pairs

PARSING = (
    *pairs.TOPIC.families,
    *packed.TOPIC.families,
    *formats.TOPIC.families,
    *machines.TOPIC.families,
    *grammars.TOPIC.families,
)
"""Every family of the topic."""
