"""A chat that is longer than its model can read is sent again, shorter.

How long a chat may be is known to the server alone, which says that one is too long and not by how
much. So it is shortened step by step. A student that talks on and on would otherwise make its
teacher fail, and an episode that failed has no reward: the student could talk its way out of a 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sml_gym.chat.model import Message

MOST_STEPS = 12
"""How often a chat is shortened before its request has failed."""

_TOO_LONG = re.compile(
    r"context[ _-]?(?:length|size|window|limit)|max_model_len|maximum (?:context|model|sequence|input)"
    r"|(?:prompt|input|request|message)s?\b[^.]{0,40}\b(?:too long|too large|longer than|exceeds?)"
    r"|exceeds?[^.]{0,60}\b(?:context|tokens)\b|too many (?:input )?tokens",
    re.IGNORECASE,
)
_REFUSALS = (400, 413, 422)
_SHORT = 200  # characters; a message of so few is not what is too long


def is_too_long(status: int, message: str) -> bool:
    """Whether a server has refused a request because the chat is longer than the model can read."""
    return status in _REFUSALS and (status == 413 or _TOO_LONG.search(message) is not None)


def shortened(chat: Sequence[Message]) -> tuple[list[Message], dict[str, int]] | None:
    """A shorter chat and what it lacks (`dropped_messages`, `cut_characters`); None if nothing can go.

    The older half of the turns after the first message, which is the rules or the problem, goes
    first; when one turn is left, the end of its longest message.
    """
    pairs = (len(chat) - 2) // 2
    if pairs > 0:
        gone = 2 * ((pairs + 1) // 2)
        return [chat[0], *chat[1 + gone :]], {"dropped_messages": gone}
    place = max(range(1, len(chat)), key=lambda i: len(chat[i]["content"]), default=0)
    words = chat[place]["content"] if place else ""
    if len(words) <= _SHORT:
        return None
    left = words[: len(words) // 2]
    kept = [*chat[:place], {**chat[place], "content": left}, *chat[place + 1 :]]
    return kept, {"cut_characters": len(words) - len(left)}
