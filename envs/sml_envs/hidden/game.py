"""What is public about a task with something hidden, and what a teacher may say of each wrong answer.

A game has finitely many candidates, each as likely to be the hidden one, and each with an answer of its
own. What a teacher may say of a wrong answer is a function of the hidden candidate and the one whose answer
was given, of nothing else. So what perfect use of the feedback is worth can be worked out exactly
(`sml_envs.hidden.search`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sml_gym import Direction, Fact, Informativeness, Task
from sml_gym.teachers.wording import speakable

GAME = "game"
"""Under this name a task's private data hold its `Hidden`."""

OUTSIDE = -1
"""The position of an answer that can be read and is that of no candidate."""

WHERE, WHAT, NEXT = Informativeness.WHERE, Informativeness.WHAT, Informativeness.NEXT_STEP
HIT, MISS = Direction.HINDSIGHT_POSITIVE, Direction.HINDSIGHT_NEGATIVE
AHEAD, AWAY = Direction.FUTURE_POSITIVE, Direction.FUTURE_NEGATIVE

Message = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""What a teacher says, by kinds and slots of its facts."""


class Game(ABC):
    """The public side of a task.

    Attributes:
        answers: the answer of each candidate, all different.
        statement: the problem, which names all candidates, without the label that tells games apart.
        asked_for: what an answer has to be, such as `"a whole number from 1 to 16"`.
        advice: how to choose what to try next, whatever was said.
        outside: what a teacher may say of an answer that no candidate has.
    """

    answers: tuple[str, ...]
    statement: str
    asked_for: str
    advice: str
    outside: tuple[Fact, ...] = ()

    def __init__(self) -> None:
        self._facts: dict[tuple[int, int], tuple[Fact, ...]] = {}
        self._messages: dict[int, tuple[tuple[int, ...], ...]] = {}
        self._exact: dict[str, int] = {}

    @abstractmethod
    def compare(self, hidden: int, said: int) -> Iterable[Fact]:
        """What a teacher may say of the answer of candidate `said` if `hidden`, another one, is hidden."""

    @abstractmethod
    def read(self, answer: str) -> int | None:
        """Which candidate has this answer, `OUTSIDE` if none has, None if it is no answer at all."""

    def holds(self, hidden: int, said: int, fact: Fact) -> bool | None:
        """Whether a fact of this game's is true of an answer. Default: if it is among what may be said."""
        return any(own.kind == fact.kind and own.slots == fact.slots for own in self.facts(hidden, said))

    def again(self) -> Game | None:
        """The same candidates with another question; None where that makes no sense."""
        return None

    def find(self, answer: str) -> int | None:
        """`read`, quicker for answers that are written as the game writes them."""
        if not self._exact:
            self._exact.update((own, position) for position, own in enumerate(self.answers))
        position = self._exact.get(answer)
        return self.read(answer) if position is None else position

    def solution(self, hidden: int) -> str:
        """The reference in words."""
        return f"The answer is {self.answers[hidden]}."

    def facts(self, hidden: int, said: int) -> tuple[Fact, ...]:
        """`compare`, worked out once; what may be said of an answer outside; nothing of the right one."""
        if said == hidden:
            return ()
        if said == OUTSIDE:
            return self.outside
        found = self._facts.get((hidden, said))
        if found is None:
            found = self._facts[hidden, said] = tuple(self.compare(hidden, said))
        return found

    def messages(self, informativeness: int) -> tuple[tuple[int, ...], ...]:
        """What a scripted teacher of this informativeness tells apart.

        Row g holds, for each hidden candidate, the number of what is said to the answer of candidate g;
        0 stands for "right".
        """
        if informativeness in self._messages:
            return self._messages[informativeness]
        n = len(self.answers)
        rows = []
        for said in range(n):
            numbers: dict[Message, int] = {}
            row = []
            for hidden in range(n):
                words = self.message(hidden, said, informativeness)
                row.append(0 if hidden == said else numbers.setdefault(words, len(numbers) + 1))
            rows.append(tuple(row))
        matrix = self._messages[informativeness] = tuple(rows)
        return matrix

    def message(self, hidden: int, said: int, informativeness: int) -> Message:
        """What a scripted teacher of this informativeness says beyond right or wrong."""
        return said_as(speakable(self.facts(hidden, said), informativeness))


@lru_cache(maxsize=50_000)
def fact(kind: str, informativeness: Informativeness, direction: Direction, topic: str, *slots: str) -> Fact:
    """A fact with its slots as names and values in turn; made once for the same arguments."""
    return Fact(kind, dict(zip(slots[::2], slots[1::2], strict=True)), informativeness, direction, topic)


def said_as(facts: Sequence[Fact]) -> Message:
    """Facts by kind and slots, in an order of their own."""
    return tuple(sorted((fact.kind, tuple(sorted(fact.slots.items()))) for fact in facts))


@dataclass(frozen=True, slots=True)
class Hidden:
    """The private side of a task: a game and which of its candidates is the hidden one."""

    game: Game
    position: int


def hidden_of(task: Task) -> Hidden | None:
    """A task's game and secret; None for a task that was made from a row or a record."""
    found = task.private.reveal().data.get(GAME)
    return found if isinstance(found, Hidden) else None
