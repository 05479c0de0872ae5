"""Chats made fit to be sent: words that cannot forge a turn, and no system message where none can be.

Most chat templates of most servers turn the text of a control token into the token itself,
whoever wrote it. A student could so end its own turn and open one of the system's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sml_gym.chat.model import Message

_CONTROL = re.compile(
    r"<\|[^<>|\s]{1,40}\|>"  # ChatML, Llama 3, Phi, Harmony
    r"|<\uff5c[^<>\s]{1,40}\uff5c>"  # DeepSeek
    r"|<(?:start|end)_of_(?:turn|image|utterance)>"  # Gemma
    r"|<\|?(?:turn|channel)\|?>"
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|THINK)\]"  # Mistral
    r"|<</?SYS>>"  # Llama 2
    r"|</?(?:s|bos|eos|pad|unk)>"
    r"|\[(?:gMASK|sop|eop|BOS|EOS)\]",
    re.IGNORECASE,
)

SILENCE = "..."
"""Stands for an utterance without words: servers refuse a message without content."""


def has_control_tokens(text: str) -> bool:
    """Whether the text holds the name of a chat template's control token."""
    return _CONTROL.search(text) is not None


def break_control_tokens(text: str) -> str:
    """The text with a blank after the first character of every control token's name.

    `<|im_end|>` becomes `< |im_end|>`: as readable, and no token any more.
    """
    while _CONTROL.search(text):
        text = _CONTROL.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)
    return text


def spoken(text: str) -> str:
    """An utterance as the content of a message: without control tokens, and never empty."""
    return break_control_tokens(text) if text.strip() else SILENCE


def fold_system(chat: Sequence[Message]) -> list[Message]:
    """The chat with its system message put before the first user's words, for models without that role."""
    if not chat or chat[0]["role"] != "system":
        return list(chat)
    rules, *rest = chat
    if not rest or rest[0]["role"] != "user":
        return [{"role": "user", "content": rules["content"]}, *rest]
    return [{"role": "user", "content": f"{rules['content']}\n\n{rest[0]['content']}"}, *rest[1:]]
