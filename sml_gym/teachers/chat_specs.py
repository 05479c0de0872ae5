"""Model teachers by name: `openai:MODEL@URL?prompt=FILE`, `hf:PATH?temperature=0`, `self(prompt=brief)`.

What stands behind the colon is a chat model's name (`sml_gym.chat.specs`), with one option more:
`prompt`, a bundled prompt's name or a file (`%26` for `&`, `%3F` for `?`).
"""

from __future__ import annotations

from urllib.parse import unquote

from sml_gym.chat.specs import make_chat, read_sampling
from sml_gym.errors import ConfigError
from sml_gym.teachers.base import Teacher
from sml_gym.teachers.chat import ChatTeacher
from sml_gym.teachers.self_teacher import SelfTeacher
from sml_gym.teachers.specs import no_options

PROMPT = "prompt"


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
    query, prompt = take_prompt("?" + options.replace(",", "&"))
    return SelfTeacher(prompt=prompt, sampling=read_sampling(query[1:]))


def take_prompt(spec: str) -> tuple[str, str | None]:
    """A chat model's name without the option `prompt`, and that option (None if it is not there).

    Raises `ConfigError` if it is given twice or empty.
    """
    name, _, query = spec.partition("?")
    parts = query.split("&")
    given = [part.partition("=")[2] for part in parts if part.partition("=")[0].strip() == PROMPT]
    if len(given) > 1 or given == [""]:
        raise ConfigError(f"Write {PROMPT}=FILE once in {spec!r:.200}, with a file or a bundled prompt.")
    rest = "&".join(part for part in parts if part.partition("=")[0].strip() != PROMPT)
    return f"{name}?{rest}" if rest else name, unquote(given[0]) if given else None


def _build(kind: str, options: str, rest: str) -> Teacher:
    no_options(kind, options)
    spec, prompt = take_prompt(f"{kind}:{rest}")
    model, sampling = make_chat(spec)
    return ChatTeacher(model, prompt=prompt, sampling=sampling)
