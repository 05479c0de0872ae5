"""The embedded student's tokenizer: byte-level, with whole sentences of feedback as single tokens.

Every text becomes tokens and comes back unchanged, since the 256 bytes are in the
vocabulary. Digits are always split one by one. Merges may cross words but not sentences, so
"The tens digit is too low." is one token once training has seen it often: a model of half a
million parameters then needs no layer to put a sentence together, and a turn is short.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

PAD, END, SYSTEM, USER, ASSISTANT = "<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"
"""Padding, end of an utterance, and the borders that open a system, teacher's or student's utterance."""

CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message['role'] not in ['system', 'user', 'assistant'] -%}"
    "{{- raise_exception('Unknown role ' + message['role'] + '. Use system, user or assistant.') -}}"
    "{%- endif -%}"
    "{{- '<|' + message['role'] + '|>' + message['content'] + '<|end|>' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}"
)

_PIECES = r"\p{N}|[^\p{N}.?!:\n]*[.?!:]+(?: (?=\p{N}))?|[^\p{N}.?!:\n]+|\n"
"""A digit; a sentence up to its mark, with the blank before a digit that follows; a rest; a line's end."""


def train_tokenizer(texts: Iterable[str], vocab_size: int, max_length: int) -> Any:
    """Train byte-pair merges on `texts` and wrap the result for `transformers`.

    The same texts in the same order give the same tokenizer. `max_length` is the model's
    context in tokens.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[PAD, END, SYSTEM, USER, ASSISTANT],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return wrap_tokenizer(tokenizer, max_length)


def wrap_tokenizer(tokenizer: Tokenizer, context: int, **more: str) -> Any:
    """A tokenizer that knows PAD, END and the three roles, for `transformers`, with the chat template.

    `context` is the model's, in tokens; `more` names further special tokens.
    """
    made = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=[SYSTEM, USER, ASSISTANT],
        model_max_length=context,
        clean_up_tokenization_spaces=False,
        padding_side="left",
        **more,
    )
    made.chat_template = CHAT_TEMPLATE
    return made
