"""A student that makes perfect use of feedback: the yardstick of `SML-Guess-v0` and `SML-Rule-v0`.

It knows what the text says and how a scripted teacher speaks, and nothing that is private: after each
reply it keeps the candidates under which the teacher would have said just that, and tries what keeps the
number of turns lowest whatever is hidden (`sml_envs.hidden.search`). It asks nothing, since answers to
questions do not depend on what is hidden.
"""

from __future__ import annotations

from collections.abc import Sequence

from sml_envs.hidden.game import Game, Message, hidden_of
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
        informativeness: of the teacher that it plans for. It understands the others as well, but what it
            tries first may not be the best for them.
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
        possible = (1 << len(game.answers)) - 1
        for own, heard in zip(dialogue.utterances[1::2], dialogue.utterances[2::2], strict=False):
            said = self._said(task, game, own.text)
            if said is not None and said >= 0:
                left = possible & self._consistent(game, said, heard.text)
                possible = left or possible & ~(1 << said) or possible
        attempt = search_of(game.messages(self._level)).attempt(possible)
        return Reply(f"Final answer: {game.answers[attempt]}")

    def _said(self, task: Task, game: Game, text: str) -> int | None:
        answer = self._env.read(task, text).answer
        return None if answer is None else game.find(answer)

    def _consistent(self, game: Game, said: int, words: str) -> int:
        """The candidates under which a scripted teacher, of some level, would say just these words."""
        claims = self._reader.phrases(words)
        heard: Message = tuple(sorted((c.kind, c.slots) for c in claims if not c.kind.startswith("verdict.")))
        for level in (self._level, *_LEVELS):
            kept = sum(
                1 << hidden
                for hidden in range(len(game.answers))
                if hidden != said and game.message(hidden, said, level) == heard
            )
            if kept:
                return kept
        return 0


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
