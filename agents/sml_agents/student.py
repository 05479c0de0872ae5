"""A language model as the student: a chat format, a memory of each dialogue's tokens, and a generator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from sml_agents.chat import ChatFormat
from sml_agents.generation import Generator, OwnGenerator, TokenSampling
from sml_agents.local_chat import LocalChat
from sml_agents.run_options import RunOptions
from sml_gym import ConfigError, Dialogue, Reply, StudentError, TokenSpan
from sml_gym.seeding import dialogue_numbers, stable_hash
from sml_gym.student_prompts import read_student_prompt

_REMEMBERED = 10_000
"""Dialogues whose tokens are remembered. Older ones are encoded anew from their words."""

_BLOCK, _MAX_TABLES = 128, 64
"""Random numbers are drawn for this many dialogues at once, and so many draws are held."""


@dataclass(slots=True)
class _Past:
    """What the student remembers of a dialogue."""

    dialogue: Dialogue
    ids: list[int] = field(default_factory=list)
    heard: int = 0
    """Utterances that `ids` covers."""
    ended: bool = False
    """Whether the last utterance ended with the template's end token."""
    spoken: int = 0
    """Tokens sampled in this dialogue."""
    number: int = 0
    """Which dialogue since the last `reseed` this is."""
    key: int = 0
    """By which the generator knows it again. Never given twice."""


class ModelStudent:
    """Any causal language model of `transformers` as a student.

    Sampled ids are kept as sampled and never tokenised again. Who samples them is the generator
    (`sml_agents.generation`); the default is the model itself, with its keys and values kept across
    turns while `reply` is called with dialogues of the batch before (a subset in any order).

    Args:
        model: the policy. It is put in evaluation mode, since dropout would make sampling and
            training disagree.
        tokenizer: its tokenizer, with a chat template.
        temperature: divides the logits; 0 takes the likeliest token.
        top_p: sample from the smallest set of tokens with this probability; 1 is no cut.
        max_tokens_per_turn: tokens of one utterance, its end token included.
        max_tokens_per_dialogue: tokens that the student may sample in a dialogue (None: no limit
            but the model's context length).
        seed: of all sampling. See `reseed`.
        keep_cache: of the default generator: False decodes every turn from scratch. None keeps the
            cache where the model's attention lets it be exact (`sml_agents.decoding.keeps_exactly`).
        name: label for records.
        instructions: what it is told before the problem, as part of the same message (see
            `sml_gym.student_prompts`); "" for nothing.
        generator: who samples; its weights are to be those of `model`. None: the model itself.

    Raises:
        ConfigError: for a tokenizer without a usable chat template, or a limit that has no sense.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        *,
        temperature: float = 1.0,
        top_p: float = 1.0,
        max_tokens_per_turn: int = 512,
        max_tokens_per_dialogue: int | None = None,
        seed: int = 0,
        keep_cache: bool | None = None,
        name: str | None = None,
        instructions: str = "",
        generator: Generator | None = None,
    ) -> None:
        if temperature < 0:
            raise ConfigError(f"temperature is {temperature}; pass 0 (greedy) or more.")
        if not 0 < top_p <= 1:
            raise ConfigError(f"top_p is {top_p}; pass a number above 0 and up to 1.")
        if max_tokens_per_turn < 1 or (max_tokens_per_dialogue is not None and max_tokens_per_dialogue < 1):
            raise ConfigError("An utterance and a dialogue need at least 1 token. Raise the limit.")
        self.generator = generator or OwnGenerator(model, keep=keep_cache)
        self.model = model.eval()
        self.format = ChatFormat(tokenizer, instructions)
        self.temperature = temperature
        self.top_p = top_p
        self.max_tokens_per_turn = max_tokens_per_turn
        self.max_tokens_per_dialogue = max_tokens_per_dialogue
        self.name = name or str(getattr(model, "name_or_path", "") or type(model).__name__)
        config: Any = model.config.get_text_config(decoder=True)
        lengths = (getattr(config, "max_position_embeddings", None), self.generator.context_length)
        self._context_length = min((length for length in lengths if length), default=None)
        self._past: dict[int, _Past] = {}
        self._keys = count()
        self.reseed(seed)

    @property
    def keep_cache(self) -> bool:
        """Whether keys and values are kept in this process from turn to turn."""
        return isinstance(self.generator, OwnGenerator) and self.generator.keep

    def reseed(self, *parts: str | int, first: int | Sequence[int] = 0) -> None:
        """Restart the sampling from a seed, and forget all dialogues.

        What a student draws in a dialogue depends on the seed, the turn and the dialogue's
        number, which counts up from `first` in order of first sight, or is taken from `first` if
        that holds several. So it depends neither on the other dialogues of a batch nor on how
        dialogues are shared among processes.
        """
        self._seed = stable_hash("student", *parts)
        self._numbers = dialogue_numbers(first)
        self._tables: dict[tuple[int, int], Tensor] = {}
        self._past.clear()

    def chat_model(self) -> LocalChat:
        """The same weights, as they are at any moment, for a teacher to speak with (`SelfTeacher`).

        It shares neither the cache nor the random numbers.
        """
        name = self.name.removeprefix("hf:").partition("?prompt=")[0]
        return LocalChat(self.model, self.format.tokenizer, name=f"hf:{name}")

    def forget(self) -> None:
        """Drop every dialogue's tokens and cache."""
        self._past.clear()
        self.generator.forget()

    def expect_parts(self, parts: int) -> None:
        """Keep the rows of so many calls, since the parts of a wave come in turn (`overlap` of a rollout)."""
        if isinstance(self.generator, OwnGenerator):
            self.generator.batches = parts

    def weights_changed(self) -> None:
        """Have the generator take over the model's weights; all processes of a run call it together.

        To be called before the first dialogues and after every update of the weights.
        """
        self._past.clear()
        self.generator.weights_changed()

    def reply(self, dialogues: Sequence[Dialogue]) -> list[Reply | StudentError]:
        """Sample the next utterance in each dialogue; the error instead where the generator failed."""
        pasts = [self._recall(dialogue) for dialogue in dialogues]
        contexts = [self.format.encode(p.dialogue, p.heard, ended=p.ended) for p in pasts]
        allowed = [self._allowed(past, len(context)) for past, context in zip(pasts, contexts, strict=True)]
        able = [i for i, n in enumerate(allowed) if n > 0]
        nothing = Reply("", TokenSpan((), (), ()), truncated=True, exhausted=True)
        replies: list[Reply | StudentError] = [nothing] * len(pasts)
        if not able:
            return replies
        said = self.generator.generate(
            [pasts[i].ids + contexts[i] for i in able],
            TokenSampling(
                limits=[allowed[i] for i in able],
                noise=self._noise([pasts[i] for i in able]),
                stops=self.format.stop_ids,
                temperature=self.temperature,
                top_p=self.top_p,
            ),
            keys=[pasts[i].key for i in able],
        )
        texts = self.format.decode(said.ids)
        for row, i in enumerate(able):
            replies[i] = said.failed.get(row) or self._said(
                pasts[i], contexts[i], said.ids[row], said.logprobs[row], texts[row]
            )
        return replies

    def _said(
        self, past: _Past, context: list[int], ids: list[int], logprobs: list[float], text: str
    ) -> Reply:
        """Remember what was sampled and make the reply of it."""
        past.ids += context
        past.ids += ids
        past.heard = len(past.dialogue) + 1
        past.spoken += len(ids)
        past.ended = ids[-1] == self.format.end_id
        return Reply(
            text,
            TokenSpan(tuple(context), tuple(ids), tuple(logprobs)),
            truncated=ids[-1] not in self.format.stop_ids,
            exhausted=self._allowed(past, 0) <= 0,
            usage={"tokens": len(ids)},
        )

    def say_instead(self, dialogue: Dialogue, reply: Reply, text: str) -> Reply | None:
        """Take back the reply that was just sampled in a dialogue, and say other words in its place.

        The words are tokenised as the template would have them, and have log-probability 0, since nobody
        drew them. Only the model's context bounds their length: None, with nothing changed, if they do not
        fit into it.

        Raises:
            ValueError: this is not the newest that was sampled in the dialogue, or there are no words.
        """
        past, span = self._past.get(id(dialogue)), reply.tokens
        ids = self.format.encode_reply(text)
        if past is None or not span or not span.sampled or past.heard != len(dialogue) + 1 or not text:
            raise ValueError(
                "Only what was just sampled in a dialogue can be taken back, and only for words."
            )
        start = len(past.ids) - len(span.sampled)
        if self._context_length is not None and start + len(ids) > self._context_length:
            return None
        past.ids[start:] = ids
        past.spoken += len(ids) - len(span.sampled)
        past.ended = ids[-1] == self.format.end_id
        return Reply(
            text,
            TokenSpan(span.context, tuple(ids), (0.0,) * len(ids)),
            exhausted=self._allowed(past, 0) <= 0,
        )

    def number(self, dialogue: Dialogue) -> int:
        """Which dialogue since the last `reseed` this is. See there."""
        return self._past[id(dialogue)].number

    def _recall(self, dialogue: Dialogue) -> _Past:
        """What is known of a dialogue; nothing if its words went on otherwise than by one turn."""
        past = self._past.pop(id(dialogue), None)
        if past is None:
            past = _Past(dialogue, number=next(self._numbers), key=next(self._keys))
        elif len(dialogue) != past.heard + 1:
            past = _Past(dialogue, number=past.number, key=next(self._keys))
        self._past[id(dialogue)] = past
        while len(self._past) > _REMEMBERED:
            self._past.pop(next(iter(self._past)))
        return past

    def _noise(self, pasts: Sequence[_Past]) -> Tensor:
        """Uniform numbers in [0, 1), shape (rows, max_tokens_per_turn): a row for each dialogue's turn."""
        rows = []
        for past in pasts:
            block, row = divmod(past.number, _BLOCK)
            key = (past.dialogue.turn, block)
            if key not in self._tables:
                while len(self._tables) >= _MAX_TABLES:
                    self._tables.pop(next(iter(self._tables)))
                generator = torch.Generator().manual_seed(stable_hash(self._seed, *key))
                self._tables[key] = torch.rand(_BLOCK, self.max_tokens_per_turn, generator=generator)
            rows.append(self._tables[key][row])
        return torch.stack(rows)

    def _allowed(self, past: _Past, context: int) -> int:
        """How many tokens the next utterance may have after `context` more tokens."""
        allowed = self.max_tokens_per_turn
        if self.max_tokens_per_dialogue is not None:
            allowed = min(allowed, self.max_tokens_per_dialogue - past.spoken)
        if self._context_length is not None:
            allowed = min(allowed, self._context_length - len(past.ids) - context)
        return allowed


def student_of(
    options: RunOptions,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    generator: Generator | None = None,
) -> ModelStudent:
    """The student of a run, as its options say; see `ModelStudent` for the rest and for what is raised."""
    return ModelStudent(
        model,
        tokenizer,
        temperature=options.temperature,
        top_p=options.top_p,
        max_tokens_per_turn=options.max_tokens_per_turn,
        max_tokens_per_dialogue=options.max_tokens_per_dialogue,
        name=options.student,
        instructions=read_student_prompt(options.student_prompt),
        generator=generator,
    )
