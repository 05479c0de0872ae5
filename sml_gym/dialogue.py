"""What was said: utterances and the dialogue they make.

The dialogue is public. It holds nothing that the student may not see, so every
student, whether a person, a server or a local model, is handed the same object.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Speaker(StrEnum):
    """Who says an utterance."""

    TEACHER = "teacher"
    STUDENT = "student"

    @property
    def other(self) -> Speaker:
        """The one who listens."""
        return Speaker.STUDENT if self is Speaker.TEACHER else Speaker.TEACHER


class UtteranceKind(StrEnum):
    """What a student's utterance does."""

    ATTEMPT = "attempt"
    """It commits to a final answer (well-formed or not)."""
    QUESTION = "question"
    """It asks the teacher something and commits to no answer."""
    DISCUSSION = "discussion"
    """Anything else: thinking aloud, a partial step, silence."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing said.

    `kind` is set for students only. `truncated` says that the text was cut at a
    stated limit (of characters by the environment, of tokens by a model).
    """

    speaker: Speaker
    text: str
    kind: UtteranceKind | None = None
    truncated: bool = False


@dataclass(slots=True, eq=False)
class Dialogue:
    """All that was said so far, the teacher first.

    Two dialogues are equal only if they are the same object: students key their
    caches on it. `task_id` says which task it is about, "" where that is not known; the words alone may not
    tell, for several tasks can be posed in the same ones.
    """

    utterances: list[Utterance] = field(default_factory=list)
    task_id: str = ""

    def say(self, utterance: Utterance) -> None:
        """Append an utterance."""
        self.utterances.append(utterance)

    def messages(self, side: Speaker = Speaker.STUDENT) -> list[dict[str, str]]:
        """Chat messages as `side` sees them: its own words are the assistant's, the other's the user's."""
        return [
            {"role": "assistant" if said.speaker is side else "user", "content": said.text}
            for said in self.utterances
        ]

    @property
    def turn(self) -> int:
        """How many times the student has spoken."""
        return sum(said.speaker is Speaker.STUDENT for said in self.utterances)

    def __iter__(self) -> Iterator[Utterance]:
        return iter(self.utterances)

    def __len__(self) -> int:
        return len(self.utterances)

    def __str__(self) -> str:
        """One turn a line; further lines of an utterance are indented, so that none can pose as a turn."""
        return "\n".join(
            f"{said.speaker.value.capitalize()}: " + "\n  ".join(said.text.splitlines())
            for said in self.utterances
        )
