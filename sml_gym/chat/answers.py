"""Reading what a server sent: a completion, or what is wrong with it. Servers send anything."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

SHOWN = 300
"""So much of a server's own words goes into a message (characters)."""


class Unanswered(Exception):
    """One attempt that brought no completion.

    Attributes:
        again: another attempt may do better.
        wait: after how many seconds the server wants to be asked again, None if it does not say.
        billed: tokens read and written that the server says it has counted all the same, None if it
            does not say.
        maybe_billed: where it does not say, whether it may have counted some.
        setup: the key or the address is at fault, not this request.
        too_long: the chat is longer than the model can read.
    """

    def __init__(
        self,
        message: str,
        *,
        again: bool = True,
        wait: float | None = None,
        billed: tuple[int, int] | None = None,
        maybe_billed: bool = False,
        setup: bool = False,
        too_long: bool = False,
    ) -> None:
        super().__init__(message)
        self.again, self.wait = again, wait
        self.billed, self.maybe_billed = billed, maybe_billed
        self.setup, self.too_long = setup, too_long


@dataclass(frozen=True, slots=True)
class Answer:
    """A completion as it came: its text, whether it was cut, and (input, output) tokens if given."""

    text: str
    truncated: bool
    tokens: tuple[int, int] | None


def read_answer(data: bytes) -> Answer:
    """The first choice of a chat completion.

    Content in parts is joined, and a refusal counts as what was said. Half characters (lone
    surrogates) become U+FFFD, so that the text can be written anywhere.

    Raises:
        Unanswered: for anything else.
    """
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as exc:
        shown = repr(data[:60].decode("utf-8", "replace"))
        raise Unanswered(f"the answer is no JSON ({exc}): {shown}", maybe_billed=True) from None
    if not isinstance(body, dict):
        raise Unanswered(f"the answer is a JSON {type(body).__name__}, no object", maybe_billed=True)
    tokens = _tokens(body.get("usage"))
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        said = f": {whole_text(str(body['error']))[:SHOWN]}" if body.get("error") else ""
        raise Unanswered(f"the answer holds no choice{said}", billed=tokens, maybe_billed=not said)
    message = choices[0].get("message")
    text = _text(message) if isinstance(message, dict) else None
    if text is None:
        reason = choices[0].get("finish_reason")
        raise Unanswered(
            f"the answer holds no text (finish_reason {reason!r:.40})", billed=tokens, maybe_billed=True
        )
    return Answer(whole_text(text), choices[0].get("finish_reason") == "length", tokens)


def whole_text(text: str) -> str:
    """The same text in which every character is whole: pairs of surrogates joined, lone ones U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _text(message: dict[str, Any]) -> str | None:
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        words = [part for part in parts if isinstance(part, str)]
        return "".join(words) if words else None
    refusal = message.get("refusal")
    return refusal if content is None and isinstance(refusal, str) and refusal else None


def _tokens(usage: object) -> tuple[int, int] | None:
    """(input, output) where both are given as counts that a number of tokens can be."""
    if not isinstance(usage, dict):
        return None
    counts = usage.get("prompt_tokens"), usage.get("completion_tokens")
    for count in counts:
        if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count < 10**9:
            return None
    return counts  # type: ignore[return-value]
