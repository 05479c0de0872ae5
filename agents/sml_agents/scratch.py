"""A tiny random student for a game: a check in a minute of whether an algorithm learns.

It knows nothing: its weights are drawn at random. What makes it quick to train is its tokenizer, in which
each sentence is a token: those that a teacher says in this environment, the problem's, and those that the
student may come upon. Among these the utterances that make sense are few, so it still has to learn what to
say at all, and then what to say after which words of the teacher.

    from sml_agents.scratch import GUESSES, save_scratch_student

    game = {"families": ["number"], "levels": [1], "teacher": "scripted:1"}
    save_scratch_student("runs/random", "SML-Guess-v0", game, GUESSES)

and `sml-gym train --student runs/random --max-tokens-per-turn 1 ...` trains it.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

from sml_agents.embedded_tokenizer import ASSISTANT, END, PAD, SYSTEM, USER, wrap_tokenizer
from sml_agents.questions import QUESTIONS
from sml_gym import env_factory

UNKNOWN = "<|unknown|>"
"""Stands for every sentence that the tokenizer does not know, such as the label of a game."""

TALK = (
    "I am not sure yet.",
    "Let me think.",
    "I see.",
    "Thank you.",
    "I give up.",
    "It may be odd.",
    "Is it large?",
    *QUESTIONS,
)
"""What a student may say that is no answer."""

GUESSES = (*(f"Final answer: {number}" for number in range(1, 31)), *TALK)
"""What a student of `SML-Guess-v0`, family `number`, may say: answers, of which most are none, and talk."""

_SENTENCE = r"[^.?!\n]*[.?!]+\)?|[^.?!\n]+"
_DIALOGUES = 300


def save_scratch_student(
    folder: str | Path,
    env_id: str,
    env_options: Mapping[str, Any],
    utterances: Sequence[str],
    *,
    seed: int = 0,
    width: int = 64,
    layers: int = 2,
    context: int = 128,
    spread: float = 0.1,
) -> str:
    """Save a random Llama of about 90,000 parameters with such a tokenizer; returns the folder.

    Args:
        folder: where it goes.
        env_id: the environment whose words it is to know.
        env_options: its options, the teacher among them.
        utterances: what the student may say, a sentence or a line each.
        seed: of the weights.
        width: of the hidden states.
        layers: how many.
        context: longest dialogue (tokens).
        spread: standard deviation of the weights. With the usual 0.02 so small a model hardly tells one
            dialogue from another at first, and learns more slowly.
    """
    tokenizer = sentence_tokenizer([*utterances, *_heard(env_id, env_options, utterances)], context)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        max_position_embeddings=context,
        initializer_range=spread,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model: Any = LlamaForCausalLM(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def sentence_tokenizer(sentences: Sequence[str], context: int) -> Any:
    """A tokenizer with a token for each sentence; those that it does not know are all the same to it.

    Sentences are decoded a line each, whatever blanks stood between them.
    """
    special = [PAD, END, SYSTEM, USER, ASSISTANT, UNKNOWN]
    vocabulary = {text: i for i, text in enumerate(dict.fromkeys([*special, *sentences]))}
    tokenizer = Tokenizer(models.WordLevel(vocab=vocabulary, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_SENTENCE), behavior="isolated"),
            pre_tokenizers.Split(Regex(r"^\s+|\s+$"), behavior="removed"),
        ]
    )
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace(Regex("$"), "\n"), decoders.Fuse(), decoders.Replace(Regex(r"\n\z"), "")]
    )
    return wrap_tokenizer(tokenizer, context, unk_token=UNKNOWN)


def _heard(env_id: str, env_options: Mapping[str, Any], utterances: Sequence[str]) -> list[str]:
    """The sentences that come again in dialogues of random utterances and in worked solutions, sorted."""
    env = env_factory(env_id, **env_options)()
    rng = random.Random(0)
    counts: Counter[str] = Counter()
    for seed in range(_DIALOGUES):
        said, _ = env.reset(seed=seed)
        assert env.task is not None
        heard, over = [said, env.task.private.reveal().solution], False
        while not over:
            said, _, terminated, truncated, _ = env.step(rng.choice(utterances))
            heard.append(said)
            over = terminated or truncated
        counts.update(piece.strip() for text in heard for piece in re.findall(_SENTENCE, text))
    return sorted(piece for piece, count in counts.items() if count > 1 and piece)
