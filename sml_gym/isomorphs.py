"""Isomorphs of generated tasks: drawn until one has the same shape.

A domain says what a task's shape is; everything in the shape is kept, everything else is other numbers
and names.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np

from sml_gym.task import Task, TaskSource

DRAWS = 20_000
"""How many tasks are drawn at most."""

_SAME_ANSWER = 20
_ENOUGH, _REPEATS = 500, 10


def draw_isomorph(
    source: TaskSource,
    task: Task,
    rng: np.random.Generator,
    *shapes: Callable[[Task], Hashable],
    draws: int = DRAWS,
) -> Task | None:
    """A task of the same source, family and level that has the same shape and another text.

    Its answer is another one too, unless of the first tasks of this shape none has another. If no task has
    the shape, as can be in the small split of a small family, one that differs in the last of `shapes` alone
    will do.

    Args:
        source: where tasks are drawn; it keeps to its split.
        task: the task.
        rng: of the draws.
        shapes: all have to be equal; the one that is cheapest to work out should be the first.
        draws: how many tasks are drawn at most.

    Returns:
        None if there was none among the draws, nor any that differs in the last of the shapes alone.
    """
    wanted: list[Hashable | None] = [None] * len(shapes)
    answer = task.private.reveal().answer
    spare: list[Task] = []
    loose: Task | None = None
    seen = {task.problem}
    for drawn in range(draws):
        if drawn > _ENOUGH + _REPEATS * len(
            seen
        ):  # hardly any text that was not seen yet: that is all there is
            break
        other = source.sample(rng, like=task)
        if other.problem in seen or (other.family, other.level) != (task.family, task.level):
            continue
        seen.add(other.problem)
        for number, shape in enumerate(shapes):
            if wanted[number] is None:
                wanted[number] = shape(task)
            if shape(other) != wanted[number]:
                if loose is None and number and number == len(shapes) - 1:
                    loose = other
                break
        else:
            if other.private.reveal().answer != answer:
                return other
            spare.append(other)
            if len(spare) >= _SAME_ANSWER:
                break
    return spare[0] if spare else loose
