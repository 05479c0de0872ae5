"""The same problem with other constants and names: what tells understanding from copying."""

from __future__ import annotations

import random

import numpy as np

from sml_envs.code.problems.base import CodeFamily
from sml_envs.code.problems.draws import OtherShape
from sml_gym import GeneratedTasks, Task
from sml_gym.seeding import split_of

_TRIES = 20_000
_MAX_SEED = 2**40


def isomorph(task: Task, family: CodeFamily, rng: np.random.Generator) -> Task | None:
    """A problem of the same family, level, structure and split, with another text.

    Its ways (what is counted, in which direction, how ties are broken) are those of `task`; its constants
    differ where the structure has any, else only names and examples do.

    Args:
        task: a generated task of `family`, with an id `family:level:seed`.
        family: its family.
        rng: chooses among the isomorphs.

    Returns:
        The other task, which its id finds again; None if no isomorph was found, as for a task whose id is
        not of this form.
    """
    seed_text = task.id.rpartition(":")[2]
    if not seed_text.isdecimal() or task.level not in family.levels:
        return None
    pick, spec = family.sketch(_seeded(family, task.level, int(seed_text)), task.level)
    rule = family.rule(pick, spec)
    split = split_of(task.problem)
    source = GeneratedTasks((family,), split)
    names_only: Task | None = None
    for _ in range(_TRIES):
        seed = int(rng.integers(_MAX_SEED))
        try:
            other, other_spec = family.sketch(_seeded(family, task.level, seed), task.level, pick.shape)
        except OtherShape:
            continue
        same_rule = family.rule(other, other_spec) == rule
        if same_rule and names_only is not None:
            continue
        draft = family.generate(_seeded(family, task.level, seed), task.level)
        if draft.problem == task.problem or split_of(draft.problem) != split:
            continue
        found = source.get(f"{family.name}:{task.level}:{seed}")
        if not same_rule:
            return found
        names_only = found
    return names_only


def _seeded(family: CodeFamily, level: int, seed: int) -> random.Random:
    """The generator from which `GeneratedTasks` makes the task of this id."""
    return random.Random(f"{family.name}:{level}:{seed}")
