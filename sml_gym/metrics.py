"""What a set of episodes says about a student, with intervals.

Everything here reads finished episodes and nothing else, so that a number can be worked
out again from the records. Episodes whose infrastructure failed have no outcome: they
count in no statistic and are counted apart. Where nothing valid is left, the answer is
None, never 0.

Sources: solve@k is the share of tasks solved within k turns, the multi-turn success rate
of the social meta-learning paper (arXiv 2602.16488). Intervals are bootstrap intervals over tasks
(`sml_gym.estimates`). Comparisons of two teachers resample the tasks jointly (the paired bootstrap,
Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993, chapter 8).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sml_gym.dialogue import UtteranceKind
from sml_gym.episode import Episode, Turn
from sml_gym.errors import ConfigError
from sml_gym.estimates import RESAMPLES, Estimate, Floats, Interval, column_means, ratio

__all__ = [
    "RESAMPLES",
    "SPENDERS",
    "Estimate",
    "Floats",
    "SolveCurve",
    "dialogue_turns",
    "failures",
    "feedback_gain",
    "leak_rate",
    "premature_share",
    "question_share",
    "questions",
    "ratio",
    "repeat_share",
    "solve_at",
    "solved_with_teacher",
    "student_chars",
    "summarize",
    "task_key",
    "teacher_chars",
    "transfer_rate",
    "turns_to_solve",
    "usage",
    "valid_episodes",
]

SPENDERS = ("student", "teacher", "judge")
"""Whose costs are counted apart."""


@dataclass(frozen=True, slots=True)
class SolveCurve:
    """solve@k for k = 1 .. len(values), with 95% intervals; None where no episode is valid."""

    values: tuple[float | None, ...]
    ci95: tuple[Interval | None, ...]
    n_tasks: int

    def at(self, k: int) -> Estimate:
        """solve@k, k from 1."""
        return Estimate(self.values[k - 1], self.ci95[k - 1], self.n_tasks)


def valid_episodes(episodes: Sequence[Episode]) -> list[Episode]:
    """Those for whose outcome the student is answerable."""
    return [episode for episode in episodes if episode.valid]


def solve_at(
    episodes: Sequence[Episode], k_max: int | None = None, *, seed: int = 0, resamples: int = RESAMPLES
) -> SolveCurve:
    """The share of tasks solved within k turns, k = 1 .. `k_max`.

    A task with several valid episodes counts once, with their mean.

    Args:
        episodes: of one student under one teacher.
        k_max: the last k; default: the turn limit the episodes were held with.
        seed: of the bootstrap.
        resamples: of the bootstrap.

    Raises:
        ConfigError: if an episode had a lower turn limit than `k_max`, so that no one knows
            what it would have come to.
    """
    k_max = _known_turns(episodes, k_max)
    solved = _by_task(valid_episodes(episodes), k_max)
    if not solved:
        return SolveCurve((None,) * k_max, (None,) * k_max, 0)
    matrix = np.stack(list(solved.values()))
    return SolveCurve(*column_means(matrix, seed=seed, resamples=resamples), len(matrix))


def feedback_gain(
    real: Sequence[Episode],
    placebo: Sequence[Episode],
    k: int | None = None,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Estimate:
    """solve@k under the real teacher minus solve@k under the placebo teacher, paired by task.

    What a student owes to the content of the feedback: the placebo has its form, length
    and vocabulary and speaks of another task. Only tasks with a valid episode under both
    teachers count. Default k: the turn limit.

    Raises `ConfigError` as `solve_at` does.
    """
    k = _known_turns([*real, *placebo], k)
    first, second = _by_task(valid_episodes(real), k), _by_task(valid_episodes(placebo), k)
    differences = [values[-1] - second[task][-1] for task, values in first.items() if task in second]
    return ratio(differences, [1.0] * len(differences), seed=seed, resamples=resamples)


def turns_to_solve(episodes: Sequence[Episode], *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """Mean number of turns of the solved episodes. Unsolved ones have no such number."""
    return _episode_ratio(
        episodes,
        lambda episode: float(episode.solved_at or 0),
        lambda episode: float(episode.solved_at is not None),
        seed,
        resamples,
    )


def question_share(episodes: Sequence[Episode], *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """Share of the student's utterances that are questions."""
    return _episode_ratio(
        episodes,
        lambda episode: float(sum(turn.student.kind is UtteranceKind.QUESTION for turn in episode.turns)),
        lambda episode: float(len(episode.turns)),
        seed,
        resamples,
    )


def repeat_share(episodes: Sequence[Episode], *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """Share of the attempts after a dialogue's first that commit to an answer given before."""

    def answers(episode: Episode) -> list[str]:
        return [
            " ".join((turn.answer or "").split())
            for turn in episode.turns
            if turn.student.kind is UtteranceKind.ATTEMPT
        ]

    return _episode_ratio(
        episodes,
        lambda episode: float(len(answers(episode)) - len(set(answers(episode)))),
        lambda episode: float(max(0, len(answers(episode)) - 1)),
        seed,
        resamples,
    )


def student_chars(episodes: Sequence[Episode], *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """Mean length of a student's utterance in characters."""
    return _episode_ratio(
        episodes,
        lambda episode: float(sum(len(turn.student.text) for turn in episode.turns)),
        lambda episode: float(len(episode.turns)),
        seed,
        resamples,
    )


def teacher_chars(episodes: Sequence[Episode], *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """Mean length of a teacher's reply in characters (the problem itself not counted)."""
    return _episode_ratio(
        episodes,
        lambda episode: float(sum(len(turn.feedback or "") for turn in episode.turns)),
        lambda episode: float(sum(turn.feedback is not None for turn in episode.turns)),
        seed,
        resamples,
    )


def dialogue_turns(episodes: Sequence[Episode], *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """Mean length of a dialogue in turns."""
    return _episode_ratio(episodes, lambda episode: float(len(episode.turns)), lambda _: 1.0, seed, resamples)


def failures(episodes: Sequence[Episode]) -> dict[str, int]:
    """How many episodes are not valid, by stop reason: failed, ended by a guard, or undecided."""
    return dict(Counter(episode.stop_reason.value for episode in episodes if not episode.valid))


def questions(episodes: Sequence[Episode], *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """Mean number of questions that the student asks in a dialogue."""
    return _episode_ratio(
        episodes,
        lambda episode: float(sum(turn.student.kind is UtteranceKind.QUESTION for turn in episode.turns)),
        lambda _: 1.0,
        seed,
        resamples,
    )


def leak_rate(
    episodes: Sequence[Episode],
    *,
    of_dialogues: bool = False,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Share of the feedbacks that a guard checked in which it found a leak.

    A leak counts whatever the guard then did, so a redacted one does, and so does the one that
    ended a dialogue: unlike the outcomes, leaks are known of episodes that are not valid, and all
    count. None where no guard checked anything.

    Args:
        episodes: of one teacher.
        of_dialogues: the share of the checked dialogues with a leak, instead of the feedbacks.
        seed: of the bootstrap.
        resamples: of the bootstrap.
    """

    def checked(episode: Episode) -> float:
        count = sum(_guard_note(turn) is not None for turn in episode.turns)
        return float(bool(count) if of_dialogues else count)

    def leaked(episode: Episode) -> float:
        count = sum(bool((_guard_note(turn) or {}).get("leak")) for turn in episode.turns)
        return float(bool(count) if of_dialogues else count)

    return _episode_ratio(episodes, leaked, checked, seed, resamples, valid_only=False)


def premature_share(episodes: Sequence[Episode], *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """Share of the attempts that came before all that the answer depends on had been told.

    Counted in dialogues whose problem was told in pieces (`Underspecified`); None where there are none. After
    the answer attempts of Lost in Conversation (arXiv 2505.06120, section 6).
    """

    def attempts(episode: Episode) -> float:
        told = any("shard" in turn.notes or "premature" in turn.notes for turn in episode.turns)
        return float(told and sum(turn.student.kind is UtteranceKind.ATTEMPT for turn in episode.turns))

    def premature(episode: Episode) -> float:
        return float(sum(bool(turn.notes.get("premature")) for turn in episode.turns))

    return _episode_ratio(episodes, premature, attempts, seed, resamples)


def solved_with_teacher(
    episodes: Sequence[Episode], *, seed: int = 0, resamples: int = RESAMPLES
) -> Estimate:
    """Share of the dialogues whose task was solved with the teacher, whatever became of the probe after it.

    Counted in dialogues that a probe belongs to (`Isomorph`); None where there are none.
    """
    return _episode_ratio(
        episodes,
        lambda episode: float(episode.probe is not None and episode.solved_with_teacher is not None),
        lambda episode: float(episode.probe is not None),
        seed,
        resamples,
    )


def transfer_rate(episodes: Sequence[Episode], *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """Of the dialogues solved with the teacher, the share whose probe was solved too, without a teacher."""
    return _episode_ratio(
        episodes,
        lambda episode: float(episode.probe is not None and episode.solved_at is not None),
        lambda episode: float(episode.probe is not None and episode.solved_with_teacher is not None),
        seed,
        resamples,
    )


def usage(episodes: Sequence[Episode]) -> dict[str, dict[str, float]]:
    """What student, teacher and judge have cost in all, apart, such as `{"teacher": {"cost": 0.2}}`.

    Failed episodes count too: they have cost what they have cost.
    """
    found: dict[str, dict[str, float]] = {}
    for episode in episodes:
        for name, number in episode.usage.items():
            who, _, what = name.partition("_")
            if who in SPENDERS and what:
                spent = found.setdefault(who, {})
                spent[what] = spent.get(what, 0) + number
    return {who: dict(sorted(found[who].items())) for who in SPENDERS if who in found}


def summarize(
    episodes: Sequence[Episode], k_max: int | None = None, *, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Any]:
    """Everything above, ready for JSON.

    `solve_at` and its `ci95` are lists for k = 1 .. `k_max`; `families` holds the same for
    each task family if there is more than one. `usage` and `usage_per_dialogue` hold what student,
    teacher and judge have cost. A value that does not exist is None.
    """
    curve = solve_at(episodes, k_max, seed=seed, resamples=resamples)
    summary = _curve_json(curve)
    valid = valid_episodes(episodes)
    summary |= {
        "n_episodes": len(episodes),
        "n_valid": len(valid),
        "failures": failures(episodes),
    }
    for measure in (
        turns_to_solve,
        question_share,
        repeat_share,
        questions,
        dialogue_turns,
        student_chars,
        teacher_chars,
        leak_rate,
        premature_share,
        solved_with_teacher,
        transfer_rate,
    ):
        summary[measure.__name__] = measure(episodes, seed=seed, resamples=resamples).to_json()
    leaking = leak_rate(episodes, of_dialogues=True, seed=seed, resamples=resamples)
    summary["leak_rate_of_dialogues"] = leaking.to_json()
    summary["usage"] = spent = usage(episodes)
    summary["usage_per_dialogue"] = {
        who: {what: number / len(episodes) for what, number in costs.items()} for who, costs in spent.items()
    }
    families = sorted({episode.family for episode in valid})
    if len(families) > 1:
        summary["families"] = {
            family: _curve_json(
                solve_at(
                    [episode for episode in valid if episode.family == family],
                    len(curve.values),
                    seed=seed,
                    resamples=resamples,
                )
            )
            for family in families
        }
    return summary


def task_key(episode: Episode) -> Hashable:
    """What tells one task from another: dialogues about the same one are not independent."""
    return episode.env_id, episode.split, episode.task_id


def _guard_note(turn: Turn) -> Mapping[str, Any] | None:
    """What a guard noted of a feedback, None if none checked it."""
    note = turn.notes.get("guard")
    return note if isinstance(note, Mapping) else None


def _known_turns(episodes: Sequence[Episode], k: int | None) -> int:
    """`k`, checked against the turn limits, or the least limit."""
    least = min((episode.max_turns for episode in valid_episodes(episodes)), default=None)
    if k is None:
        return 1 if least is None else least
    if k < 1 or (least is not None and k > least):
        raise ConfigError(
            f"solve@{k} is not known from episodes with a turn limit of {least}. "
            f"Choose k from 1 to {least}, or hold the dialogues with max_turns={max(k, 1)}."
        )
    return k


def _by_task(episodes: Sequence[Episode], k_max: int) -> dict[Hashable, Floats]:
    """For each task the share of its episodes solved within k turns, k = 1 .. k_max."""
    turns = np.arange(1, k_max + 1)
    found: dict[Hashable, list[Floats]] = {}
    for episode in episodes:
        solved = turns >= (episode.solved_at or np.inf)
        found.setdefault(task_key(episode), []).append(solved.astype(np.float64))
    return {task: np.mean(rows, axis=0) for task, rows in found.items()}


def _curve_json(curve: SolveCurve) -> dict[str, Any]:
    return {
        "solve_at": list(curve.values),
        "ci95": [None if interval is None else list(interval) for interval in curve.ci95],
        "n_tasks": curve.n_tasks,
    }


def _episode_ratio(
    episodes: Sequence[Episode],
    above: Callable[[Episode], float],
    below: Callable[[Episode], float],
    seed: int,
    resamples: int,
    *,
    valid_only: bool = True,
) -> Estimate:
    """A ratio of sums over (valid) episodes, resampled by task."""
    tops: dict[Hashable, float] = {}
    bottoms: dict[Hashable, float] = {}
    for episode in valid_episodes(episodes) if valid_only else episodes:
        task = task_key(episode)
        tops[task] = tops.get(task, 0.0) + above(episode)
        bottoms[task] = bottoms.get(task, 0.0) + below(episode)
    return ratio(list(tops.values()), list(bottoms.values()), seed=seed, resamples=resamples)
