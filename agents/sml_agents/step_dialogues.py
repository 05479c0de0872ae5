"""The dialogues of one training step: which they are, how they are held, and who is told of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from accelerate import Accelerator

from sml_agents.online_options import OnlineOptions
from sml_agents.processes import gather
from sml_gym import Episode, Job, TaskSource, Turn
from sml_gym.seeding import stable_hash


def step_jobs(options: OnlineOptions, step: int, draw: int = 0) -> list[Job]:
    """The dialogues of a step, group after group: a pure function of seed and step.

    `draw` counts the problems that were drawn in place of others which told nothing.
    """
    again = (draw,) if draw else ()
    return [
        Job(
            seed=stable_hash("task", options.seed, step, group, *again),
            teacher_seed=stable_hash(
                "teacher", options.seed, step, group, 0 if options.common_random_numbers else member, *again
            ),
        )
        for group in range(options.problems_per_step)
        for member in range(options.group_size)
    ]


def hold_step(
    options: OnlineOptions,
    step: int,
    numbers: range,
    hold: Callable[..., list[Episode]],
    tells: Callable[[list[Episode]], bool],
) -> tuple[list[Episode], list[Episode]]:
    """All dialogues that this process held in a step, and those to learn from.

    With `resampling`, groups that tell nothing are replaced by others about new problems, in so many further
    rounds at most (DAPO's dynamic sampling, arXiv 2503.14476, section 3.2).

    Args:
        options: the run.
        step: which step.
        numbers: which of the step's dialogues this process holds.
        hold: holds jobs, given their numbers and what their sampling is seeded with beside the run's seed.
        tells: whether there is anything to learn from a group.
    """
    size = options.group_size
    learned = hold(step_jobs(options, step)[numbers.start : numbers.stop], list(numbers), step)
    held = list(learned)
    for draw in range(1, options.resampling + 1):
        silent = [i for i in range(0, len(learned), size) if not tells(learned[i : i + size])]
        if not silent:
            break
        places = [place for i in silent for place in range(i, i + size)]
        chosen = [numbers[place] for place in places]
        jobs = step_jobs(options, step, draw)
        others = hold([jobs[number] for number in chosen], chosen, step, draw)
        held += others
        for place, episode in zip(places, others, strict=True):
            learned[place] = episode
    return held, learned


def tell_tasks(source: TaskSource, held: list[Episode], accelerator: Accelerator) -> None:
    """Tell the task source how the step's dialogues went, those of all processes in each of them.

    So a curriculum is the same in all, and the same whatever their number.
    """
    valid = [replace(episode, turns=_without_tokens(episode.turns)) for episode in held if episode.valid]
    source.observe(gather(valid, accelerator))


def _without_tokens(turns: Sequence[Turn]) -> list[Turn]:
    """Turns without their tokens, which are the most of what would be sent."""
    return [replace(turn, tokens=None) for turn in turns]
