"""Thoughts that a reasoning model writes before it speaks, told apart from what it says.

A teacher's thoughts talk about the answer, so they must never reach the student. Models mark
them in a few ways, `<think>...</think>` above all, and do so carelessly: a thought that the token
limit cut has no end, and where the chat template opens the thought the text begins in the middle
of one. What may be a thought is taken for one.
"""

from __future__ import annotations

import re

_TAG = re.compile(
    r"<(?P<close>/?)\s{0,4}(?:seed:)?(?:think|thinking|thought|thoughts|reasoning|reflection|scratchpad)"
    r"(?:\s[^<>]{0,80})?>|\[(?P<bracket>/?)THINK\]",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"<\|channel\|>\s{0,4}(?P<name>[A-Za-z_]{1,40})[^<]{0,200}(?:<\|constrain\|>[^<]{0,80})?<\|message\|>"
)
_CHANNEL_END = re.compile(r"<\|(?:end|return|call|start)\|>")


def without_thinking(text: str) -> str:
    """What a model said, with its thoughts left out. Text that holds none comes back unchanged.

    Speech is what follows the last end of a thought, up to where another begins: a model thinks
    before it speaks, and what stands before an end may be a thought that the template opened. Of
    text in channels (OpenAI's Harmony format), only the channel `final` is speech.
    """
    if "<|channel|>" in text:
        text = _final_channel(text)
    start, end = 0, len(text)
    for tag in _TAG.finditer(text):
        if tag["close"] or tag["bracket"]:
            start, end = tag.end(), len(text)
        else:
            end = min(end, tag.start())
    return text if end - start == len(text) else text[start:end].strip()


def _final_channel(text: str) -> str:
    """The words of the channel `final`."""
    openings = list(_CHANNEL.finditer(text))
    borders = [opening.start() for opening in openings[1:]] + [len(text)]
    said = []
    for opening, border in zip(openings, borders, strict=False):
        if opening["name"].lower() == "final":
            said.append(_CHANNEL_END.split(text[opening.end() : border], maxsplit=1)[0])
    return "".join(said).strip()
