"""What a chat template puts between the utterances, spliced at turn borders.

A dialogue is one growing sequence of tokens. What the student sampled stays in it as it
was sampled; only what comes between two utterances is tokenised: the end of the student's
turn, the teacher's words and the start of the student's next turn. To find it, the
template is rendered once around sentinels.

Two consequences. A template that rewrites earlier assistant turns (one that drops their
thinking, say) has no say over them: the student goes on from what it really said. And
what the template puts between assistant and user is assumed not to depend on the words
or the turn, apart from stripping blanks.

**Forging.** Text from outside must not become control tokens. Where the problem, the
teacher's words or an earlier utterance holds the text of a control token or of a marker
that the template writes around turns (`<|im_end|>`, `[INST]`, `### User:`), a blank goes in
after its first character, so `<|im_end|>` reads `< |im_end|>`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from transformers import PreTrainedTokenizerBase

from sml_gym import ConfigError, Dialogue
from sml_gym.chat.messages import fold_system
from sml_gym.chat.thinking import without_thinking
from sml_gym.student_prompts import with_instructions

_SENTINELS = ("qzxfirstqzx", "qzxsecondqzx", "qzxthirdqzx")
_REMEDY = (
    "Set tokenizer.chat_template to a template that prints user and assistant turns in order, and save the "
    "tokenizer beside the model."
)


class ChatFormat:
    """A tokenizer's chat template, cut into what comes before, between and after utterances.

    Args:
        tokenizer: the tokenizer, with its template.
        instructions: what a dialogue begins with, before the teacher's opening and in the same message.

    Attributes:
        end_id: the token with which the template ends the student's turn (None if it uses
            plain text there).
        stop_ids: tokens at which an utterance ends when the student samples one: every
            special token, so that no sampled control token can open a turn.

    Raises:
        ConfigError: if the tokenizer has no chat template, or one that cannot be spliced.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, instructions: str = "") -> None:
        self.tokenizer: Any = tokenizer
        self.instructions = instructions
        if not getattr(tokenizer, "chat_template", None):
            raise ConfigError(
                f"The tokenizer of {tokenizer.name_or_path or 'this model'!r} has no chat template, so the "
                f"turns of a dialogue cannot be told apart. {_REMEDY}"
            )
        self._render_parts()
        added = self.tokenizer.added_tokens_decoder
        special = {i for i, token in added.items() if token.special} | set(self.tokenizer.all_special_ids)
        # Some tokenizers forget to mark the tokens around a turn as special.
        named = {i for i, token in added.items() if _looks_like_control(token.content)}
        after = self._encode_one(self._after_student)
        border = {*after, *self._encode_one(self._after_teacher)} & named
        self.stop_ids = frozenset((special | border) - {self.tokenizer.unk_token_id})
        self.end_id = next((i for i in after if i in self.stop_ids), None)
        self._control = self._control_pattern(
            set(self.tokenizer.all_special_tokens) | {added[i].content for i in named | special if i in added}
        )
        self._cache: dict[str, list[int]] = {}

    def encode(self, dialogue: Dialogue, heard: int = 0, *, ended: bool = False) -> list[int]:
        """Ids that bring a student up to where it speaks next.

        `heard` is 0 for the whole dialogue, else the number of utterances that the student has in
        its tokens already: all but the teacher's newest. `ended` says that the end token of its own
        last one has been sampled and is not to be repeated.
        """
        if heard == 0 and len(dialogue) > 1:
            # Words that another student said, or this one in a time of which no tokens are left.
            chat = dialogue.messages()
            chat[0]["content"] = with_instructions(self.instructions, chat[0]["content"])
            return self._encode_one(self._render([(m["role"], self.neutralise(m["content"])) for m in chat]))
        text = dialogue.utterances[-1].text
        text = self._fit_in(text if heard else with_instructions(self.instructions, text))
        before = self._after_student if heard else self._before_opening
        after = self._after_teacher if heard else self._after_opening
        ids = self._encode_cached(before + text + after)
        return ids[self._past_end(ids) if heard and ended else 0 :]

    def feedback_words(self, text: str, *, ended: bool) -> tuple[list[int], list[bool]]:
        """The ids of `encode` for a teacher's feedback, and which lie wholly within its words.

        Raises:
            ConfigError: the tokenizer cannot say which characters a token stands for.
        """
        if not self.tokenizer.is_fast:
            raise ConfigError(
                f"The tokenizer {type(self.tokenizer).__name__} cannot tell a teacher's words from the "
                "template's. Leave out feedback_model, or save the model with a fast tokenizer."
            )
        text, start = self._fit_in(text), len(self._after_student)
        encoded = self.tokenizer(
            self._after_student + text + self._after_teacher,
            add_special_tokens=False,
            return_offsets_mapping=True,
        )
        ids: list[int] = encoded["input_ids"]
        words = [start <= a < b <= start + len(text) for a, b in encoded["offset_mapping"]]
        first = self._past_end(ids) if ended else 0
        return ids[first:], words[first:]

    def _fit_in(self, text: str) -> str:
        """Somebody's words as they stand between the template's parts."""
        text = self.neutralise(text)
        return text.strip() if self._strips else text

    def _past_end(self, ids: list[int]) -> int:
        """Where the ids go on after the end of the student's turn, if a token marks it."""
        return ids.index(self.end_id) + 1 if self.end_id is not None and self.end_id in ids else 0

    def encode_chat(self, chat: Sequence[Mapping[str, str]]) -> list[int]:
        """Ids that bring a model up to where it answers a chat, which may begin with a system message.

        Where the template has no system role, that message goes before the first user's words.
        """
        if not self.takes_system:
            chat = fold_system(chat)
        return self._encode_one(self._render([(m["role"], self.neutralise(m["content"])) for m in chat]))

    @cached_property
    def takes_system(self) -> bool:
        """Whether the template prints a system message, and not as if the student had said it."""
        first, second, _ = _SENTINELS
        try:
            shown = self._render([("system", first), ("user", second)])
        except ConfigError:
            return False
        try:
            return first in shown and shown != self._render([("assistant", first), ("user", second)])
        except ConfigError:  # an assistant may not begin
            return first in shown

    @cached_property
    def opens_thought(self) -> bool:
        """Whether the template opens a thought for the model, so that what it says begins within one."""
        return _SENTINELS[0] not in without_thinking(self._after_opening + _SENTINELS[0])

    def encode_reply(self, text: str) -> list[int]:
        """Ids of an utterance that was not sampled, with the end token where the template has one.

        A thought that the template opens is closed before it.
        """
        end = "[/THINK]" if "[THINK]" in self._after_opening else "</think>"
        closed = f"\n{end}\n\n" if self.opens_thought else ""
        ids = self._encode_one(closed + self.neutralise(text))
        return ids if self.end_id is None else [*ids, self.end_id]

    def decode(self, sampled: Sequence[Sequence[int]]) -> list[str]:
        """The words of utterances, without special tokens."""
        words = [list(ids[:-1] if ids and ids[-1] in self.stop_ids else ids) for ids in sampled]
        texts: list[str] = self.tokenizer.batch_decode(
            words, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return texts

    def neutralise(self, text: str) -> str:
        """The text with every control token's name broken and lone surrogates replaced."""
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        while self._control is not None and self._control.search(text):
            text = self._control.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)
        return text

    def _render_parts(self) -> None:
        first, second, third = _SENTINELS
        padded = f"\t\n {first} \n\t"
        opening = self._render([("user", padded)])
        longer = self._render([("user", padded), ("assistant", second), ("user", third)])
        if opening.count(first) != 1 or longer.count(second) != 1 or longer.count(third) != 1:
            raise ConfigError(f"The chat template does not print every utterance exactly once. {_REMEDY}")
        self._strips = padded not in opening
        self._before_opening, self._after_opening = opening.split(first if self._strips else padded)
        self._after_student, self._after_teacher = longer.split(second)[1].split(third)

    def _render(self, messages: list[tuple[str, str]]) -> str:
        try:
            rendered: str = self.tokenizer.apply_chat_template(
                [{"role": role, "content": content} for role, content in messages],
                tokenize=False,
                add_generation_prompt=True,
            )
        except Exception as exc:  # a template is a program and may raise anything
            raise ConfigError(f"The chat template cannot be rendered: {exc}. {_REMEDY}") from exc
        return rendered

    def _encode_one(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _encode_cached(self, text: str) -> list[int]:
        """Teachers repeat themselves, and all of a group's dialogues share a problem."""
        if text not in self._cache:
            if len(self._cache) >= 10_000:
                self._cache.clear()
            self._cache[text] = self._encode_one(text)
        return self._cache[text]

    def _control_pattern(self, names: set[str]) -> re.Pattern[str] | None:
        """What must not stand in text from outside: these tokens, and the template's own markers."""
        pieces = (self._after_opening, self._after_student, self._after_teacher)
        between_tokens = _any_of(names).split("\n".join(pieces)) if names else pieces
        lines = {line for piece in between_tokens for line in piece.split("\n")}
        names = {name.strip() for name in names | set(filter(_looks_like_control, lines))}
        names = {name for name in names if len(name) > 1}
        return _any_of(names) if names else None


def _any_of(names: set[str]) -> re.Pattern[str]:
    """Matches any of the names, the longest that fits."""
    return re.compile("|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name)))))


def _looks_like_control(text: str) -> bool:
    """Whether a token or a line of the template is a marker, rather than a word or blanks."""
    return re.search(r"\w", text) is not None and not text.strip().isalnum()
