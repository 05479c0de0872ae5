"""The game by which every algorithm's learning is checked: a number from 1 to 10, and too low or too high.

A student learns it from random weights (`sml_agents.scratch`): to say a well-formed number at all, not to
repeat itself, and to use what the teacher says. How much each is worth is known exactly. Shared by
`benchmarks/guess.py` and tests.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import gymnasium as gym
import numpy as np

from sml_agents.load import load_student, quiet
from sml_agents.scratch import GUESSES, save_scratch_student
from sml_agents.student import ModelStudent
from sml_envs.hidden.game import hidden_of
from sml_gym import Episode, Outcome, SMLEnv, UtteranceKind
from sml_gym.evaluation import Plan

ENV_ID = "SML-Guess-v0"
GAME: dict[str, Any] = {"families": ["number"], "levels": [1]}
TEACHER = "scripted:1"
MAX_TURNS = 4
GAMMA = 0.7
TOKENS = 1
"""Longest utterance: a sentence (tokens)."""


def save_random_student(folder: Path, seed: int = 0) -> str:
    """A student that knows nothing, in a folder."""
    with quiet():
        return save_scratch_student(folder, ENV_ID, {**GAME, "teacher": TEACHER}, GUESSES, seed=seed)


@dataclass(frozen=True)
class Score:
    """How a student plays held-out games, sampled as in training.

    Attributes:
        returns: gamma^(n - 1) of each game that was solved at turn n, else 0; in the games' order.
        solve_at: the share solved within k turns, for k from 1.
        valid: share of the utterances that are numbers from 1 to 10.
        distinct: share of the games in which no number was said twice.
        questions: share of the utterances that are questions.
    """

    returns: tuple[float, ...]
    solve_at: tuple[float, ...]
    valid: float
    distinct: float
    questions: float

    @property
    def mean_return(self) -> float:
        """Over the games."""
        return float(np.mean(self.returns))

    @property
    def error(self) -> float:
        """Standard error of the mean return."""
        return float(np.std(self.returns) / len(self.returns) ** 0.5)


def play(
    student: str,
    *,
    teacher: str = TEACHER,
    n_tasks: int = 400,
    max_turns: int = MAX_TURNS,
    tokens: int = TOKENS,
) -> Score:
    """Let a saved student play games of the validation split, the same for every student and teacher."""
    plan = Plan(
        ENV_ID,
        teachers=("real",),
        real=teacher,
        n_tasks=n_tasks,
        max_turns=max_turns,
        split="validation",
        env_options=GAME,
    )
    with quiet():
        model = ModelStudent(*load_student(student), max_tokens_per_turn=tokens)
    return score(plan.hold(model, "real"), max_turns)


def score(episodes: list[Episode], max_turns: int = MAX_TURNS) -> Score:
    """What finished games come to."""
    turns = [turn for episode in episodes for turn in episode.turns]
    solved = [episode.solved_at or 0 for episode in episodes]
    said = [[turn.answer for turn in episode.turns if turn.answer is not None] for episode in episodes]
    numbers = (Outcome.CORRECT, Outcome.INCORRECT)
    return Score(
        returns=tuple(GAMMA ** (n - 1) if n else 0.0 for n in solved),
        solve_at=tuple(sum(0 < n <= k for n in solved) / len(solved) for k in range(1, max_turns + 1)),
        valid=sum(turn.outcome in numbers for turn in turns) / len(turns),
        distinct=sum(len(set(own)) == len(own) for own in said) / len(said),
        questions=sum(turn.student.kind is UtteranceKind.QUESTION for turn in turns) / len(turns),
    )


def without_feedback(turns: int = MAX_TURNS, gamma: float = GAMMA) -> float:
    """The most that a student can return who does not heed the teacher: as many different guesses."""
    n = len(_messages())
    return sum(gamma**k / n for k in range(turns))


@cache
def optimal_return(turns: int = MAX_TURNS, gamma: float = GAMMA) -> float:
    """The most that any student can return in the mean over hidden numbers, by exact search."""
    messages = _messages()
    n = len(messages)

    @cache
    def best(left: frozenset[int], turns: int) -> float:
        """The most over the candidates that are left, summed over them."""
        if not turns or not left:
            return 0.0
        values = []
        for attempt in range(n):
            parts: dict[int, set[int]] = {}
            for hidden in left - {attempt}:
                parts.setdefault(messages[attempt][hidden], set()).add(hidden)
            later = sum(best(frozenset(part), turns - 1) for part in parts.values())
            values.append((attempt in left) + gamma * later)
        return max(values)

    return best(frozenset(range(n)), turns) / n


@cache
def _messages() -> tuple[tuple[int, ...], ...]:
    """What the teacher tells apart, by attempt and hidden number."""
    env = gym.make(ENV_ID, **GAME, teacher=TEACHER, disable_env_checker=True).unwrapped
    assert isinstance(env, SMLEnv)
    env.reset(seed=0)
    assert env.task is not None
    found = hidden_of(env.task)
    assert found is not None
    return found.game.messages(int(TEACHER[-1]))


def run_options(options_class: type[Any], student: str, out: Path, **more: Any) -> Any:
    """A run's options on this game; `more` as the algorithm needs."""
    common: Mapping[str, Any] = {
        "student": student,
        "out": str(out),
        "env_id": ENV_ID,
        "env_options": GAME,
        "max_tokens_per_turn": TOKENS,
        "device": "cpu",
    }
    teacher = {} if "teacher" in vars(options_class) else {"teacher": TEACHER}  # retry-rl has its own
    return options_class(**{**common, **teacher, **more})
