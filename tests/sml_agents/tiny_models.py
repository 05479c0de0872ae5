"""Tiny random models with real tokenizers and chat templates, made on the spot: no hub is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MambaConfig,
    MambaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
)

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# As in Qwen2: a system prompt where none is given.
QWEN2 = (
    "{% if messages[0].role != 'system' %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
    "{% endif %}" + CHATML
)
# As in Qwen3: earlier thinking is dropped, and the generation prompt opens a new thought.
THINKING = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{{ m.content.split('</think>')[-1].strip() }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}"
)
# As in Gemma: no system role, "model" for the assistant, content stripped.
GEMMA = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}<bos>"
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate') }}{% endif %}"
    "<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content | trim }}<end_of_turn>\n"
    "{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
# As in Llama 2: plain-text markers, a blank before the end token, BOS in every turn.
LLAMA2 = (
    "{% for m in messages %}{% if m.role == 'user' %}<s>[INST] {{ m.content | trim }} [/INST]"
    "{% else %} {{ m.content | trim }} </s>{% endif %}{% endfor %}"
)
# As in Alpaca: nothing but text.
PLAIN = (
    "{% for m in messages %}### {{ m.role }}:\n{{ m.content }}\n\n{% endfor %}"
    "{% if add_generation_prompt %}### assistant:\n{% endif %}"
)
TEMPLATES = {
    "chatml": CHATML,
    "qwen2": QWEN2,
    "thinking": THINKING,
    "gemma": GEMMA,
    "llama2": LLAMA2,
    "plain": PLAIN,
}
SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<bos>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<s>",
    "</s>",
)


def tiny_tokenizer(template: str | None = "chatml") -> Any:
    """Bytes, a few whole words, and the special tokens of all templates."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={char: i for i, char in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|endoftext|>",
        additional_special_tokens=list(SPECIAL[1:]),
        clean_up_tokenization_spaces=False,
    )
    wrapped.add_tokens(["<think>", "</think>", "  "])
    wrapped.chat_template = None if template is None else TEMPLATES[template]
    return wrapped


def tiny_model(
    kind: str = "llama", *, vocab: int = 267, seed: int = 0, context: int = 4096, width: int = 32
) -> Any:
    """A random model of one of the usual architectures; `sharpen` is left to the caller."""
    torch.manual_seed(seed)
    common: dict[str, Any] = {
        "vocab_size": vocab,
        "hidden_size": width,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": context,
    }
    inner = {"intermediate_size": 2 * width}
    model: Any
    if kind == "llama":
        model = LlamaForCausalLM(LlamaConfig(**common, **inner, num_key_value_heads=2))
    elif kind == "qwen2":
        model = Qwen2ForCausalLM(
            Qwen2Config(**common, **inner, num_key_value_heads=2, tie_word_embeddings=True)
        )
    elif kind == "mistral":
        model = MistralForCausalLM(MistralConfig(**common, **inner, num_key_value_heads=2, sliding_window=24))
    elif kind == "mamba":
        model = MambaForCausalLM(MambaConfig(vocab_size=vocab, hidden_size=width, num_hidden_layers=2))
    elif kind == "gpt_neox":
        model = GPTNeoXForCausalLM(GPTNeoXConfig(**common, **inner, rotary_pct=0.5))
    else:
        model = GPT2LMHeadModel(
            GPT2Config(vocab_size=vocab, n_embd=width, n_layer=2, n_head=4, n_positions=context)
        )
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.mul_(5)  # random initialisation is too flat to tell one token from another
    return model.eval()


def save_tiny(folder: Path, kind: str = "llama", template: str | None = "chatml", **options: Any) -> str:
    """A model folder with model and tokenizer."""
    tokenizer = tiny_tokenizer(template)
    tiny_model(kind, vocab=len(tokenizer), **options).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)
