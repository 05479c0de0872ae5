"""A local model of `transformers` as a chat model, for teachers and judges: no server, no wire.

It may be the very model that a student trains: it holds no copy of the weights, and neither the
student's cache nor its random numbers are touched.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Sequence
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from sml_agents.chat import ChatFormat
from sml_agents.generation import OwnGenerator, TokenSampling
from sml_gym import ConfigError
from sml_gym.chat.model import ChatError, ChatSampling, Completion, Message

_LEAST_ROOM = 64
"""Tokens for the answer, if it may have so many, for which messages are cut."""

_SAMPLED = 16
"""Numbers of each parameter that the hash of the weights is made of."""


class LocalChat:
    """Any causal language model with a chat template, answering many chats at once.

    A chat that does not fit into the model's context with room for `max_tokens` loses its oldest
    messages, two at a time, but never its first and its last. One that leaves next to no room even so
    loses the ends of its longest messages, but never any of its first: whoever talks at length must
    not make the other fail. The completion's notes say how much (`dropped_messages`,
    `cut_characters`). Where the first message alone is too long the answer is a `ChatError`.

    A row's text depends on its chat, its seed and the sampling, and on the other rows only by the
    rounding of a batched matrix product.

    Args:
        model: the model, which is put in evaluation mode.
        tokenizer: its tokenizer, with a chat template.
        name: label for records; default: `hf:` and the folder or name that it was loaded from.
        batch_size: chats decoded at once (chats); less takes less memory.

    Raises:
        ConfigError: for a tokenizer without a usable chat template, or a batch size below 1.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        *,
        name: str | None = None,
        batch_size: int = 32,
    ) -> None:
        if batch_size < 1:
            raise ConfigError(f"batch_size is {batch_size}; pass at least 1.")
        self._generator = OwnGenerator(model)
        self.model = model.eval()
        self.format = ChatFormat(tokenizer)
        self.name = name or f"hf:{getattr(model, 'name_or_path', '') or type(model).__name__}"
        self.batch_size = batch_size
        config: Any = model.config.get_text_config(decoder=True)
        self._context_length: int | None = getattr(config, "max_position_embeddings", None)

    def describe(self) -> dict[str, Any]:
        """Architecture, size, type and place of the weights, and a hash by which they can be told apart."""
        return {
            "architecture": type(self.model).__name__,
            "weights": self._fingerprint(),
            "parameters": self.model.num_parameters(),
            "dtype": str(self.model.dtype).removeprefix("torch."),
            "device": self.model.device.type,
        }

    @torch.no_grad()
    def _fingerprint(self) -> str:
        """A hash of some numbers out of every parameter.

        Never kept: a tensor's version counter does not see what a fused optimizer writes into it.
        """
        some = [
            p.reshape(-1)[:: max(1, p.numel() // _SAMPLED)][:_SAMPLED].float()
            for p in self.model.parameters()
        ]
        return hashlib.blake2b(torch.cat(some).cpu().numpy().tobytes(), digest_size=6).hexdigest()

    def complete(
        self,
        chats: Sequence[Sequence[Message]],
        sampling: ChatSampling,
        *,
        seeds: Sequence[int] | None = None,
    ) -> list[Completion | ChatError]:
        """One completion per chat, in order. Without seeds, each chat gets one from the system."""
        seeds = [secrets.randbits(62) for _ in chats] if seeds is None else seeds
        fitted = [self._fit(chat, sampling.max_tokens) for chat in chats]
        answers: list[Completion | ChatError | None] = [
            None if isinstance(fit, tuple) else fit for fit in fitted
        ]
        # Chats of like length share a batch, so that little of it is padding.
        able = sorted((len(fit[0]), i) for i, fit in enumerate(fitted) if isinstance(fit, tuple))
        for start in range(0, len(able), self.batch_size):
            rows = [i for _, i in able[start : start + self.batch_size]]
            prompts = [fit[0] for i in rows if isinstance(fit := fitted[i], tuple)]
            notes = [fit[1] for i in rows if isinstance(fit := fitted[i], tuple)]
            said = self._say(prompts, sampling, [seeds[i] for i in rows])
            for i, prompt, note, (text, tokens, whole) in zip(rows, prompts, notes, said, strict=True):
                answers[i] = Completion(
                    text,
                    {"requests": 1, "input_tokens": len(prompt), "output_tokens": tokens},
                    truncated=not whole,
                    notes=note,
                )
        return [answer for answer in answers if answer is not None]

    def _say(
        self, prompts: list[list[int]], sampling: ChatSampling, seeds: Sequence[int]
    ) -> list[tuple[str, int, bool]]:
        """For each prompt the words, how many tokens they were, and whether they came to their end."""
        noise = torch.stack(
            [torch.rand(sampling.max_tokens, generator=torch.Generator().manual_seed(s)) for s in seeds]
        )
        try:
            ids = self._generator.generate(
                prompts,
                TokenSampling(
                    limits=[self._room(prompt, sampling.max_tokens) for prompt in prompts],
                    noise=noise,
                    stops=self.format.stop_ids,
                    temperature=sampling.temperature,
                    top_p=sampling.top_p,
                ),
            ).ids
        finally:
            self._generator.forget()  # a chat is answered once, by whatever weights there are at that moment
        opened = "<think>" if self.format.opens_thought else ""
        whole = [row[-1] in self.format.stop_ids for row in ids]
        texts = [opened + text for text in self.format.decode(ids)]
        return list(zip(texts, map(len, ids), whole, strict=True))

    def _fit(self, chat: Sequence[Message], max_tokens: int) -> tuple[list[int], dict[str, Any]] | ChatError:
        """The chat's ids, and what had to be left out of it for them to fit."""
        kept, cut = list(chat), 0
        ids = self.format.encode_chat(kept)
        while self._room(ids, max_tokens) < max_tokens and len(kept) > 3:
            # The first message is the rules or the problem; the roles go on alternating after it.
            del kept[1:3]
            ids = self.format.encode_chat(kept)
        notes = {"dropped_messages": len(chat) - len(kept)} if len(kept) < len(chat) else {}
        least = min(max_tokens, _LEAST_ROOM)
        while (lacking := least - self._room(ids, max_tokens)) > 0:
            place = max(range(1, len(kept)), key=lambda i: len(kept[i]["content"]), default=0)
            words = kept[place]["content"] if place else ""
            if not words:
                break
            # A token is a character or more, but for scripts that the tokenizer spells in bytes.
            density = min(1.0, sum(len(message["content"]) for message in kept) / len(ids))
            left = words[: max(0, len(words) - math.ceil(lacking * density))]
            cut += len(words) - len(left)
            kept[place] = {**kept[place], "content": left}
            ids = self.format.encode_chat(kept)
        if self._room(ids, max_tokens) < 1:
            return ChatError(
                f"the chat takes {len(ids)} tokens and {self.name} can attend to {self._context_length}. "
                "Use a shorter prompt, shorter problems or a model with a longer context."
            )
        return ids, {**notes, "cut_characters": cut} if cut else notes

    def _room(self, ids: Sequence[int], max_tokens: int) -> int:
        """How many tokens the answer may have."""
        return (
            max_tokens if self._context_length is None else min(max_tokens, self._context_length - len(ids))
        )
