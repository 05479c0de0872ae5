"""The token record under the templates that models have today, those that drop earlier thinking too.

| style | after | earlier thinking | else |
| --- | --- | --- | --- |
| qwen3 | Qwen3 | dropped before the last question | the model opens its thought itself |
| r1 | DeepSeek-R1 and its distillates | dropped always | the prompt opens the thought |
| llama3 | Llama 3.1 | kept | a system message where none is given, stripped words |
| gemma3 | Gemma 3 | kept | a system message is part of the user's first; role "model" |
| mistral | Mistral 7B Instruct | kept | markers that are tokens; roles must alternate |

The templates are written here, to do what those do.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from tiny_models import tiny_model, tiny_tokenizer
from toy_env import LengthEnv, jobs_of

from sml_agents.generation import Generated, TokenSampling
from sml_agents.student import ModelStudent
from sml_agents.tokens import collate, student_logits, student_logprobs, token_record
from sml_gym import Episode, rollout


@dataclass(frozen=True)
class Style:
    """A template, its tokens, and by hand what it puts around the utterances.

    Attributes:
        tokens: control tokens.
        end: the one that ends the student's turn.
        template: in Jinja.
        opening: what stands around the first words of the teacher.
        feedback: what stands around later ones, after the end token.
        drops: whether the template leaves out thoughts of earlier turns.
    """

    tokens: tuple[str, ...]
    end: str
    template: str
    opening: tuple[str, str]
    feedback: tuple[str, str]
    drops: bool = False


STYLES = {
    "qwen3": Style(
        (),
        "<|im_end|>",
        "{%- set place = namespace(asked=-1) -%}"
        "{%- for m in messages -%}{%- if m.role == 'user' -%}{%- set place.asked = loop.index0 -%}"
        "{%- endif -%}{%- endfor -%}"
        "{%- for m in messages -%}{{- '<|im_start|>' + m.role + '\n' -}}"
        "{%- if m.role == 'assistant' and '</think>' in m.content -%}"
        "{%- if loop.index0 > place.asked -%}"
        "{%- set thought = m.content.split('</think>')[0].split('<think>')[-1].strip('\n') -%}"
        "{{- '<think>\n' + thought + '\n</think>\n\n' -}}"
        "{%- endif -%}{{- m.content.split('</think>')[-1].lstrip('\n') -}}"
        "{%- else -%}{{- m.content -}}{%- endif -%}{{- '<|im_end|>\n' -}}{%- endfor -%}"
        "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}",
        ("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"),
        ("\n<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"),
        drops=True,
    ),
    "r1": Style(
        ("<|begin|>", "<|User|>", "<|Assistant|>", "<|end|>"),
        "<|end|>",
        "{{- '<|begin|>' -}}{%- for m in messages -%}"
        "{%- if m.role == 'user' -%}{{- '<|User|>' + m.content -}}"
        "{%- elif m.role == 'assistant' -%}"
        "{{- '<|Assistant|>' + m.content.split('</think>')[-1] + '<|end|>' -}}"
        "{%- else -%}{{- m.content -}}{%- endif -%}{%- endfor -%}"
        "{%- if add_generation_prompt -%}{{- '<|Assistant|><think>\n' -}}{%- endif -%}",
        ("<|begin|><|User|>", "<|Assistant|><think>\n"),
        ("<|User|>", "<|Assistant|><think>\n"),
        drops=True,
    ),
    "llama3": Style(
        ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
        "<|eot_id|>",
        "{%- macro head(role) -%}{{- '<|start_header_id|>' + role + '<|end_header_id|>\n\n' -}}"
        "{%- endmacro -%}{{- '<|begin_of_text|>' + head('system') + 'Today: 26 Jul 2024' -}}"
        "{%- if messages[0].role == 'system' -%}{{- '\n\n' + messages[0].content | trim -}}{%- endif -%}"
        "{{- '<|eot_id|>' -}}"
        "{%- for m in messages if m.role != 'system' -%}"
        "{{- head(m.role) + m.content | trim + '<|eot_id|>' -}}{%- endfor -%}"
        "{%- if add_generation_prompt -%}{{- head('assistant') -}}{%- endif -%}",
        (
            "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nToday: 26 Jul 2024<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\n",
            "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
        ),
        (
            "<|start_header_id|>user<|end_header_id|>\n\n",
            "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
        ),
    ),
    "gemma3": Style(
        (),
        "<end_of_turn>",
        "{{- '<bos>' -}}{%- set told = messages[0].role == 'system' -%}"
        "{%- set before = messages[0].content + '\n\n' if told else '' -%}"
        "{%- for m in (messages[1:] if told else messages) -%}"
        "{%- if (m.role == 'user') != (loop.index0 % 2 == 0) -%}{{- raise_exception('roles') -}}{%- endif -%}"
        "{{- '<start_of_turn>' + ('model' if m.role == 'assistant' else m.role) + '\n' -}}"
        "{{- (before if loop.first else '') + m.content | trim + '<end_of_turn>\n' -}}{%- endfor -%}"
        "{%- if add_generation_prompt -%}{{- '<start_of_turn>model\n' -}}{%- endif -%}",
        ("<bos><start_of_turn>user\n", "<end_of_turn>\n<start_of_turn>model\n"),
        ("\n<start_of_turn>user\n", "<end_of_turn>\n<start_of_turn>model\n"),
    ),
    "mistral": Style(
        ("[INST]", "[/INST]"),
        "</s>",
        "{{- '<s>' -}}{%- for m in messages -%}"
        "{%- if m.role == 'user' -%}{{- '[INST] ' + m.content + '[/INST]' -}}"
        "{%- elif m.role == 'assistant' -%}{{- m.content + '</s>' -}}"
        "{%- else -%}{{- raise_exception('only user and assistant roles') -}}{%- endif -%}{%- endfor -%}",
        ("<s>[INST] ", "[/INST]"),
        ("[INST] ", "[/INST]"),
    ),
}

SAID = ("<think>\nfive, or six?\n</think>\n\nIs it 5?", "<think>\nnot five, so", "</think>six")
"""A thought and an answer; a thought that the token limit cuts; an answer."""


def tokenizer_of(style: Style) -> Any:
    tokenizer = tiny_tokenizer(None)
    tokenizer.add_tokens(list(style.tokens), special_tokens=True)
    tokenizer.chat_template = style.template
    return tokenizer


class Scripted:
    """A generator that says what stands above, turn after turn, and ends all but the second with a token."""

    context_length: int | None = None

    def __init__(self, tokenizer: Any, end: str) -> None:
        said = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in SAID]
        last = tokenizer.convert_tokens_to_ids(end)
        self.said = [[*said[0], last], said[1], [*said[2], last]]
        self.prompts: list[list[list[int]]] = []

    def generate(
        self,
        prompts: Sequence[Sequence[int]],
        sampling: TokenSampling,
        *,
        keys: Sequence[Hashable] | None = None,
    ) -> Generated:
        ids = self.said[len(self.prompts)]
        self.prompts.append([list(prompt) for prompt in prompts])
        return Generated([list(ids) for _ in prompts], [[-0.5] * len(ids) for _ in prompts])

    def weights_changed(self) -> None: ...

    def forget(self) -> None: ...

    def close(self) -> None: ...


def unsolved(style: Style) -> tuple[Any, Scripted, Episode]:
    """A dialogue of three turns in which the student thinks."""
    tokenizer = tokenizer_of(style)
    generator = Scripted(tokenizer, style.end)
    speaking = ModelStudent(
        tiny_model(vocab=len(tokenizer)), tokenizer, max_tokens_per_turn=60, generator=generator
    )
    for seed in range(20):
        generator.prompts.clear()
        (episode,) = rollout(lambda: LengthEnv(max_turns=3), speaking, jobs_of(1, seed))
        if len(episode.turns) == 3:
            return tokenizer, generator, episode
    raise AssertionError("every dialogue was solved")


@pytest.mark.parametrize("name", STYLES)
def test_the_record_is_what_was_read_and_said_with_every_thought(name: str) -> None:
    style = STYLES[name]
    tokenizer, generator, episode = unsolved(style)
    record = token_record(episode)
    heard = [turn.feedback or "" for turn in episode.turns[:2]]
    before, after = style.feedback
    assert tokenizer.decode(record.ids) == "".join(
        [
            style.opening[0] + episode.opening + style.opening[1],
            SAID[0] + style.end + before + heard[0] + after,
            SAID[1] + style.end + before + heard[1] + after,  # this end was not sampled
            SAID[2] + style.end,
        ]
    )
    for turn, ids in enumerate(generator.said, start=1):
        assert record.ids[record.student & (record.turn == turn)].tolist() == ids
    assert (record.logprobs != 0).tolist() == record.student.tolist()
    # Each turn was said after the words of all turns before it, thoughts and all.
    for turn, (prompt,) in enumerate(generator.prompts, start=1):
        begins = int((record.student & (record.turn == turn)).argmax())
        assert prompt == record.ids[:begins].tolist()


@pytest.mark.parametrize("name", STYLES)
def test_the_template_itself_would_drop_thoughts_or_keep_them(name: str) -> None:
    """So that the test before holds something."""
    style = STYLES[name]
    tokenizer = tokenizer_of(style)
    chat = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": SAID[0]},
        {"role": "user", "content": "No."},
    ]
    rendered = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    assert ("five, or six?" in rendered) is not style.drops
    assert "Is it 5?" in rendered


@pytest.mark.parametrize("name", STYLES)
def test_training_computes_what_was_sampled(name: str) -> None:
    tokenizer = tokenizer_of(STYLES[name])
    model = tiny_model(vocab=len(tokenizer), seed=4)
    speaking = ModelStudent(model, tokenizer, max_tokens_per_turn=9, seed=1)
    episodes = rollout(lambda: LengthEnv(max_turns=4), speaking, jobs_of(12))
    assert any(len(episode.turns) > 2 for episode in episodes)
    batch = collate([token_record(episode) for episode in episodes])
    with torch.no_grad():
        found = student_logprobs(student_logits(model, batch), batch, 1.0)
    assert torch.allclose(found, batch.logprobs[batch.student], atol=1e-4)


@pytest.mark.parametrize("name", STYLES)
def test_instructions_stand_in_the_teachers_first_message(name: str) -> None:
    """So no style needs a system role for them."""
    tokenizer = tokenizer_of(STYLES[name])
    speaking = ModelStudent(
        tiny_model(vocab=len(tokenizer)), tokenizer, max_tokens_per_turn=4, instructions="Ask first."
    )
    (episode,) = rollout(lambda: LengthEnv(max_turns=1), speaking, jobs_of(1))
    read = tokenizer.decode(episode.turns[0].tokens.context)  # type: ignore[union-attr]
    before, after = STYLES[name].opening
    assert read.startswith(before + "Ask first.")
    assert read.endswith(episode.opening + after)
