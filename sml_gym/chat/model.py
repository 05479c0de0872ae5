"""What a chat model is here: lists of messages in, completions with their usage out.

Servers and local models stand behind the same protocol, and whoever asks (a teacher, a
student, a judge) turns what failed into an error of its own kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from sml_gym.errors import SMLError

Message = Mapping[str, str]
"""`{"role": "system" | "user" | "assistant", "content": ...}`."""


class ChatError(SMLError):
    """One request that could not be answered after its retries.

    Attributes:
        usage: what it has cost all the same, such as `{"requests": 5}`.
    """

    def __init__(self, *args: object, usage: Mapping[str, float] | None = None) -> None:
        super().__init__(*args)
        self.usage = dict(usage or {})


@dataclass(frozen=True, slots=True)
class ChatSampling:
    """How a chat model speaks.

    Attributes:
        temperature: sampling temperature; 0 takes the likeliest token.
        top_p: sample from the likeliest tokens that together have this probability (share, 0 to 1).
        max_tokens: a completion is cut after so many tokens (tokens).
    """

    temperature: float = 0.7
    top_p: float = 1.0
    max_tokens: int = 400


@dataclass(frozen=True, slots=True)
class Completion:
    """What a chat model said.

    Attributes:
        text: the words.
        usage: what they cost: `requests`, `input_tokens`, `output_tokens`, and `cost` in the
            currency of the prices that were given.
        truncated: `max_tokens` or a size limit cut it short.
        notes: what a record should say of this very answer (JSON values).
    """

    text: str
    usage: Mapping[str, float] = field(default_factory=dict)
    truncated: bool = False
    notes: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class ChatModel(Protocol):
    """A language model that continues chats, many at once.

    One behind a server that waits with `sml_gym.chat.loop.run_in_background` may have `remote` set to True.
    """

    @property
    def name(self) -> str:
        """Label for records, which `make_chat_model` can read again. Holds no key."""

    def complete(
        self,
        chats: Sequence[Sequence[Message]],
        sampling: ChatSampling,
        *,
        seeds: Sequence[int] | None = None,
    ) -> list[Completion | ChatError]:
        """One completion per chat, in order, with a `ChatError` in place of any that failed.

        `seeds`, one per chat, fix the sampling where the model can do so. A spent budget is a
        `ChatError` whose `__cause__` is `BudgetSpent`.
        """

    def describe(self) -> dict[str, Any]:
        """What a record should hold beyond the name (JSON values)."""
