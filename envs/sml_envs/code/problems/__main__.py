"""Prints the table of families for the domain's card: `python -m sml_envs.code.problems`."""

from __future__ import annotations

import random

from sml_envs.code.problems import TOPICS
from sml_envs.code.problems.base import CodeFamily

_DRAWS = 1_000


def table(draws: int = _DRAWS) -> str:
    """A Markdown table: families, how many different rules so many draws hold at each level, what varies.

    Problems with the same rule ask for the same function; they differ in names and examples only.
    """
    lines = ["| topic | family | level: rules in 1,000 draws | what it asks |", "| --- | --- | --- | --- |"]
    for topic, families in TOPICS.items():
        for family in families:
            counts = ", ".join(f"{level}: {distinct(family, level, draws)}" for level in family.levels)
            lines.append(f"| {topic} | `{family.name}` | {counts} | {family.about} |")
    return "\n".join(lines)


def distinct(family: CodeFamily, level: int, draws: int) -> int:
    """How many different rules there are among so many problems."""
    return len({family.rule(*family.sketch(random.Random(seed), level)) for seed in range(draws)})


if __name__ == "__main__":
    print(table())
