"""A student that makes perfect use of feedback: the yardstick of `SML-Guess-v0` and `SML-Rule-v0`.

It knows what the text says and how a scripted teacher speaks, and nothing that is private: after each
reply it keeps the candidates under which the teacher would have said just that, and tries what keeps the
number of turns lowest whatever is hidden (`sml_envs.hidden.search`). It asks nothing, since answers to
questions do not depend on what is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sml_envs.hidden.game import Game, Message, hidden_of, said_as
from sml_envs.hidden.search import search_of
from sml_gym import ConfigError, Dialogue, Reply, SMLEnv, StudentError, Task
from sml_gym.claims import ClaimReader
from sml_gym.students import KnownTasks

_LEVELS = (2, 1, 3, 0)


class OptimalStudent:
    """Plays in as few turns as suffice whatever is hidden.

    Args:
        env: whose tasks they are.
        tasks: all that the dialogues may be about.
        informativeness: of the teacher that it plans for until it has heard another.
    """

    def __init__(self, env: SMLEnv, tasks: Sequence[Task], informativeness: int = 2) -> None:
        if informativeness not in _LEVELS:
            raise ConfigError(f"optimal:{informativeness} does not exist. Choose a level from 0 to 3.")
        self.name = f"optimal:{informativeness}"
        self._env = env
        self._tasks = KnownTasks(tasks)
        self._level = informativeness
        self._reader = ClaimReader(env)

    def reply(self, dialogues: Sequence[Dialogue]) -> list[Reply | StudentError]:
        """What it tries next; a `StudentError` for a dialogue about a task that it was not given."""
        return [self._reply(dialogue) for dialogue in dialogues]

    def _reply(self, dialogue: Dialogue) -> Reply | StudentError:
        try:
            task = self._tasks.of(dialogue)
        except StudentError as exc:
            return exc
        found = hidden_of(task)
        if found is None:
            return StudentError("the optimal student knows no other tasks than games")
        game, posed = found.game, self._env.posed_in(task, dialogue)
        if posed is not task:  # the same rule with another question: what was right before says which rule
            again, last = hidden_of(posed), self._said(task, game, dialogue.utterances[-2].text)
            if again is None or last is None:
                return StudentError("the optimal student knows no game in which it was asked for once more")
            return Reply(f"Final answer: {again.game.answers[last]}")
        heard = [
            (said, self._claims(reply.text))
            for own, reply in zip(dialogue.utterances[1::2], dialogue.utterances[2::2], strict=False)
            if (said := self._said(task, game, own.text)) is not None and said >= 0
        ]
        possible, level = self._possible(game, heard)
        attempt = search_of(game.messages(level)).attempt(possible)
        if attempt in {said for said, _ in heard}:  # planned for another teacher; once more, it tells nothing
            attempt = (possible & -possible).bit_length() - 1
        return Reply(f"Final answer: {game.answers[attempt]}")

    def _said(self, task: Task, game: Game, text: str) -> int | None:
        answer = self._env.read(task, text).answer
        return None if answer is None else game.find(answer)

    def _claims(self, words: str) -> Message:
        claims = self._reader.phrases(words)
        return tuple(sorted((c.kind, c.slots) for c in claims if not c.kind.startswith("verdict.")))

    def _possible(self, game: Game, heard: Sequence[tuple[int, Message]]) -> tuple[int, int]:
        """The candidates that all replies leave, as a bit mask, and for which teacher to plan.

        A scripted teacher of some level says just what it says. Of one that says less or more, what it
        says is true all the same; and if even that leaves nothing, only what was tried is ruled out.
        """
        everything = range(len(game.answers))

        def left(consistent: Callable[[int, int, Message], bool]) -> int:
            return sum(
                1 << hidden
                for hidden in everything
                if all(hidden != said and consistent(hidden, said, words) for said, words in heard)
            )

        for level in (self._level, *_LEVELS):
            exactly = left(lambda hidden, said, words, at=level: game.message(hidden, said, at) == words)  # type: ignore[misc]
            if exactly:
                return exactly, level
        true = left(lambda hidden, said, words: set(words) <= set(said_as(game.facts(hidden, said))))
        untried = left(lambda hidden, said, words: True)
        return true or untried or (1 << len(game.answers)) - 1, self._level


def build_student(spec: str, *, env: SMLEnv, tasks: Sequence[Task], seed: int = 0) -> OptimalStudent:
    """`optimal`, or `optimal:0` to `optimal:3` for the informativeness of the teacher it plans for.

    Raises:
        ConfigError: for another level, or an environment whose tasks are no such games.
    """
    _, _, level = spec.partition(":")
    if level not in ("", "0", "1", "2", "3"):
        raise ConfigError(f"{spec!r} does not exist. Write optimal, or optimal:0 to optimal:3.")
    if any(hidden_of(task) is None for task in tasks[:1]):
        raise ConfigError(
            "The student 'optimal' plays SML-Guess-v0 and SML-Rule-v0 alone. Choose another one."
        )
    return OptimalStudent(env, tasks, int(level or 2))


build_student.knows_tasks = True  # type: ignore[attr-defined]
