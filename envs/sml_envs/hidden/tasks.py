"""Tasks whose text does not determine their answer.

A task is a game with a label, as in "Game KXQBD", and one of its candidates, hidden. Two keyed hashes of one
number make the label and the choice of the candidate, so the text tells nothing of the answer: other
numbers lead to the same text with another answer. The label is there so that tasks have texts of their own:
they are split by the hash of the text, and a yardstick finds its task by it.

A task's id is `family:level:seed`. `family:level:seed:number` is the same game with another label and
another choice, from that number, and a `:again` after it asks for another thing under the same hidden
rule, where a game has such a thing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sml_envs.hidden.game import GAME, Game, Hidden, hidden_of
from sml_gym import ConfigError, Draft, GeneratedTasks, Private, Reference, Task
from sml_gym.seeding import split_of, stable_hash

Maker = Callable[[random.Random], Game]

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_LABEL_CHARS = 5
_NUMBERS = 2**40
_TRIES = 10_000
_MOST_DIGITS = 20
_AGAIN = "again"


@dataclass(frozen=True)
class HiddenFamily:
    """A kind of game: a name fit for a task id, and one maker per level, easiest first."""

    name: str
    makers: tuple[Maker, ...]

    @property
    def levels(self) -> Sequence[int]:
        """1 to the number of makers."""
        return range(1, len(self.makers) + 1)

    def generate(self, rng: random.Random, level: int) -> Draft:
        """A game of this level with something hidden in it."""
        game = self.makers[level - 1](rng)
        return self.hide(game, level, rng.getrandbits(40))

    def game(self, level: int, seed: int) -> tuple[Game, int]:
        """The game of the task with this seed, and its number."""
        return _game(self, level, seed)

    def hide(self, game: Game, level: int, number: int) -> Draft:
        """Label a game and hide one of its candidates, by two keyed hashes of a number."""

        def reference() -> Reference:
            position = self.position(game, level, number)
            return Reference(
                game.answers[position], game.solution(position), (), {GAME: Hidden(game, position)}
            )

        return Draft(f"Game {self.label(level, number)}. {game.statement}", reference)

    def label(self, level: int, number: int) -> str:
        """Five letters that stand for a game."""
        left, letters = stable_hash("label of a game", self.name, level, number), ""
        for _ in range(_LABEL_CHARS):
            left, letter = divmod(left, len(_LETTERS))
            letters += _LETTERS[letter]
        return letters

    def position(self, game: Game, level: int, number: int) -> int:
        """Which candidate is hidden."""
        return stable_hash("hidden in a game", self.name, level, number) % len(game.answers)


class HiddenTasks(GeneratedTasks):
    """Generated games. A task like another one is the same game with something else hidden in it.

    So whoever guesses guesses among the candidates of the task at hand, and feedback on another task, such
    as a placebo's, has the form of feedback on this one.
    """

    def get(self, task_id: str) -> Task:
        parts = task_id.split(":")
        if len(parts) <= 3:
            return super().get(task_id)
        family, numbers = self._families.get(parts[0]), _numbers(parts)
        if not isinstance(family, HiddenFamily) or numbers is None or numbers[0] not in family.levels:
            return super().get(":".join(parts[:3]) + (":" if numbers is None else ""))  # says what is wrong
        task = _numbered(family, *numbers)
        home = split_of(task.problem)
        if home != self.split:
            raise ConfigError(
                f"Task {task_id!r} belongs to the {home} split, and this source serves {self.split!r}. "
                f"Make the environment with split={home!r}."
            )
        found = self.again(task) if parts[4:] else task
        if found is None:
            raise ConfigError(f"Task {task.id!r} asks for one thing only. Leave {_AGAIN!r} out.")
        return found

    def sample(self, rng: np.random.Generator, *, like: Task | None = None) -> Task:
        place = None if like is None else self._place(like)
        if place is None:
            bits = int(rng.integers(2**62))
            bits, chosen = divmod(bits, len(self._names))
            cells = self._by_family[self._names[chosen]]
            bits, chosen = divmod(bits, len(cells))
            family, level = cells[chosen]
            assert isinstance(family, HiddenFamily)
            place = family, level, bits % _NUMBERS
        family, level, seed = place
        game, _ = family.game(level, seed)
        for _ in range(_TRIES):  # only the label is drawn again, which is cheap
            number = int(rng.integers(_NUMBERS))
            draft = family.hide(game, level, number)
            if split_of(draft.problem) == self.split:
                return _task(f"{family.name}:{level}:{seed}:{number}", draft, family.name, level)
        raise AssertionError("of ten labels one belongs to each split")

    def again(self, task: Task) -> Task | None:
        """The same hidden rule with another question, None where a game has no such thing."""
        found, place = hidden_of(task), self._place(task)
        game = None if found is None else found.game.again()
        if place is None or found is None or game is None:
            return None
        family, level, seed = place
        parts = task.id.split(":")
        number = int(parts[3]) if len(parts) > 3 else family.game(level, seed)[1]
        draft = family.hide(game, level, number)
        return _task(f"{family.name}:{level}:{seed}:{number}:{_AGAIN}", draft, family.name, level)

    def _place(self, task: Task) -> tuple[HiddenFamily, int, int] | None:
        """Family, level and seed of one of these tasks, None for another."""
        parts = task.id.split(":")
        family, numbers = self._families.get(parts[0]), _numbers(parts)
        if not isinstance(family, HiddenFamily) or numbers is None or numbers[0] not in family.levels:
            return None
        return family, numbers[0], numbers[1]


@lru_cache(maxsize=256)  # the games at hand: groups of dialogues and decoys are about the same one
def _game(family: HiddenFamily, level: int, seed: int) -> tuple[Game, int]:
    rng = random.Random(f"{family.name}:{level}:{seed}")  # as GeneratedTasks seeds `generate`
    game = family.makers[level - 1](rng)
    return game, rng.getrandbits(40)


def _numbers(parts: Sequence[str]) -> tuple[int, int, int] | None:
    """Level, seed and number (0 where none is named) from the parts of an id, None for another kind of id."""
    digits = parts[1:4]
    if len(digits) < 2 or parts[4:] not in ([], [_AGAIN]):
        return None
    if not all(part.isdecimal() and len(part) <= _MOST_DIGITS for part in digits):
        return None
    return int(digits[0]), int(digits[1]), int(digits[2]) if len(digits) > 2 else 0


def _numbered(family: HiddenFamily, level: int, seed: int, number: int) -> Task:
    draft = family.hide(family.game(level, seed)[0], level, number)
    return _task(f"{family.name}:{level}:{seed}:{number}", draft, family.name, level)


def _task(task_id: str, draft: Draft, family: str, level: int) -> Task:
    return Task(task_id, draft.problem, Private(draft.reference), family, level)
