"""Model teachers by name: `openai:MODEL@URL?prompt=FILE`, `hf:PATH?temperature=0`, `self(prompt=brief)`.

What stands behind the colon is a chat model's name (`sml_gym.chat.specs`), with two options more:
`prompt`, a bundled prompt's name or a file (`%26` for `&`, `%3F` for `?`), and `opens_thought=1` for
a reasoning model whose chat template opens the thought and whose server leaves it in the text.
"""

from __future__ import annotations

from urllib.parse import unquote

from sml_gym.chat.specs import make_chat, read_sampling
from sml_gym.errors import ConfigError
from sml_gym.teachers.base import Teacher
from sml_gym.teachers.builders import no_options
from sml_gym.teachers.chat import ChatTeacher
from sml_gym.teachers.self_teacher import SelfTeacher


def build_openai(options: str, rest: str) -> Teacher:
    """A teacher behind an OpenAI-compatible server."""
    return _build("openai", options, rest)


def build_hf(options: str, rest: str) -> Teacher:
    """A teacher that is a local model."""
    return _build("hf", options, rest)


def build_self(options: str, rest: str) -> Teacher:
    """The student as its own teacher."""
    if rest:
        raise ConfigError(f"The teacher 'self' takes nothing after a colon, got {rest!r:.80}. Leave it out.")
    query, prompt = take_option("?" + options.replace(",", "&"), "prompt")
    return SelfTeacher(prompt=prompt, sampling=read_sampling(query[1:]))


def take_option(spec: str, name: str) -> tuple[str, str | None]:
    """A chat model's name without the option `name`, and that option's value (None if it is not there).

    Raises `ConfigError` if it is given twice or without a value.
    """
    model, _, query = spec.partition("?")
    own, others = [], []
    for part in query.split("&"):
        key, _, value = part.partition("=")
        if key.strip() == name:
            own.append(value)
        else:
            others.append(part)
    if len(own) > 1 or own == [""]:
        raise ConfigError(f"Write {name}=VALUE once in {spec!r:.200}.")
    rest = "&".join(others)
    return f"{model}?{rest}" if rest else model, unquote(own[0]) if own else None


def _build(kind: str, options: str, rest: str) -> Teacher:
    no_options(kind, options)
    spec, prompt = take_option(f"{kind}:{rest}", "prompt")
    spec, opens = take_option(spec, "opens_thought")
    if opens not in (None, "0", "1"):
        raise ConfigError(f"opens_thought is {opens!r:.80}; write 0 or 1.")
    model, sampling = make_chat(spec, besides=("prompt", "opens_thought"))
    return ChatTeacher(model, prompt=prompt, sampling=sampling, opens_thought=opens == "1")
