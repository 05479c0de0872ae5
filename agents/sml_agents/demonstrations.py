"""A student that says the worked solution, in the tokens of a model that is to learn it."""

from __future__ import annotations

from collections.abc import Sequence

from sml_agents.chat import ChatFormat
from sml_gym import ConfigError, Dialogue, Reply, SMLEnv, StudentError, TokenSpan


class Demonstrator:
    """Says the reference's solution and commits to its answer, in the tokens of a model."""

    name = "demonstration"

    def __init__(self, env: SMLEnv, chat_format: ChatFormat) -> None:
        self._env = env
        self._format = chat_format

    def reply(self, dialogues: Sequence[Dialogue]) -> list[Reply | StudentError]:
        """The solution of each dialogue's task; a `StudentError` where there is no such task."""
        return [self._reply(dialogue) for dialogue in dialogues]

    def _reply(self, dialogue: Dialogue) -> Reply | StudentError:
        try:
            task = self._env.source.get(dialogue.task_id)
        except ConfigError as exc:
            return StudentError(f"the demonstration has no task: {exc}")
        solution = task.private.reveal().solution.strip()
        answer = self._env.probes(task).correct
        text = answer if not solution or solution in answer else f"{solution}\n{answer}"
        said = self._format.encode_reply(text)
        return Reply(text, TokenSpan(tuple(self._format.encode(dialogue)), tuple(said), (0.0,) * len(said)))
