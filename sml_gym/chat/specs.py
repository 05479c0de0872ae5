"""Chat models by name: a server or a local model, with all that is to be known of it in one line.

    openai:MODEL                                     OpenAI's own server, key in OPENAI_API_KEY
    openai:MODEL@http://127.0.0.1:8000/v1            any other that speaks the same
    openai:MODEL@URL?concurrency=64&retries=3        with options
    hf:PATH?max_tokens=200                           another kind (entry points)

Options are written as in a URL (`%26` for `&`). For every kind: `temperature`, `top_p` and
`max_tokens` (`ChatSampling`). For `openai`: `concurrency`, `rpm`, `tpm` (`Limits`),
`budget_tokens`, `budget_cost` (`Budget`), `price_in`, `price_out` (`Prices`, for a million
tokens), `deadline`, `retries`, `backoff`, `max_wait` and `key_env` (`OpenAIChat`).

Within a process all models made from names with the same server, model and `key_env` press the
server together and spend together: the limits are shared where they are equal, and a budget
counts what any of them that has one has spent. Another process counts for itself.

A package brings further kinds through the entry-point group `sml_gym.chat_models`: the name is
the kind, the value a `ChatModelBuilder`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Protocol
from urllib.parse import parse_qsl

from sml_gym.chat.budget import Account, Budget, Prices
from sml_gym.chat.limits import Limits
from sml_gym.chat.model import ChatModel, ChatSampling
from sml_gym.chat.server import OpenAIChat
from sml_gym.chat.wire import OPENAI_URL
from sml_gym.errors import ConfigError, nearest
from sml_gym.text import shorten

GROUP = "sml_gym.chat_models"

SAMPLING = tuple(field.name for field in fields(ChatSampling))

LIMITS: Mapping[str, type[int] | type[float] | type[str]] = {
    "concurrency": int,
    "rpm": float,
    "tpm": float,
    "budget_tokens": float,
    "budget_cost": float,
    "price_in": float,
    "price_out": float,
    "deadline": float,
    "retries": int,
    "backoff": float,
    "max_wait": float,
    "key_env": str,
}
"""Options that say how a server is used and not what it says. A resumed run may change them."""

_BARE_HOST = re.compile(
    r"(?<=.)@((?:localhost|\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\](?::\d+)?|[^@/]+:\d{1,5}|[^@/]+\.[^@/]+(?=/))(?:/[^@]*)?)$",
    re.IGNORECASE,
)
"""What stands for a server behind an `@` and lacks the scheme; not a version, as in `model@2026.1`."""

_QUERY = re.compile(r"\?((?:[a-z_]+=[^?&()\s,]*&?)+)")


class ChatModelBuilder(Protocol):
    """What an entry point of the group `sml_gym.chat_models` provides."""

    def __call__(self, rest: str, options: Mapping[str, str]) -> ChatModel:
        """The model for what stands between the kind's colon and the `?`, and the kind's own options.

        Raises `ConfigError` if that makes no sense.
        """


def chat_kinds() -> list[str]:
    """The kinds of chat model that are bundled or installed, sorted."""
    return sorted(_builders())


def make_chat_model(spec: str | ChatModel) -> ChatModel:
    """A chat model from its name, without the sampling in it; a model object passes through.

    Raises `ConfigError` naming the nearest known kind or option.
    """
    return make_chat(spec)[0]


def make_chat(
    spec: str | ChatModel, sampling: ChatSampling | None = None, *, besides: Sequence[str] = ()
) -> tuple[ChatModel, ChatSampling]:
    """A chat model and how it is to speak; `sampling` is what the name does not say.

    `besides` names options that the caller has taken out of the name, for the message about an unknown one.

    Raises `ConfigError` as `make_chat_model` does.
    """
    sampling = sampling or ChatSampling()
    if not isinstance(spec, str):
        if not isinstance(spec, ChatModel):
            raise ConfigError(
                f"{spec!r:.80} is no chat model: it needs a `name`, `complete` and `describe`. "
                "See sml_gym.chat.ChatModel."
            )
        return spec, sampling
    kind, _, rest = spec.strip().partition(":")
    builders = _builders()
    if kind not in builders:
        raise ConfigError(f"Unknown kind of chat model {kind!r:.80}. {nearest(kind, builders)}")
    rest, _, query = rest.partition("?")
    options = _options(query)
    said = _sampling(options, sampling)
    own = {name: value for name, value in options.items() if name not in SAMPLING}
    for name in own:
        if kind == "openai" and name not in LIMITS:
            known = [*LIMITS, *SAMPLING, *besides]
            raise ConfigError(f"openai has no option {name!r:.80}. {nearest(name, known)}")
    return builders[kind](rest, own), said


def read_sampling(query: str, sampling: ChatSampling | None = None) -> ChatSampling:
    """The inverse of `sampling_query`; `sampling` is what the query does not say.

    Raises `ConfigError` for another option or a value without sense.
    """
    options = _options(query)
    for name in options:
        if name not in SAMPLING:
            raise ConfigError(f"Unknown option {name!r:.80}. {nearest(name, SAMPLING)}")
    return _sampling(options, sampling or ChatSampling())


def sampling_query(sampling: ChatSampling) -> str:
    """How a sampling is written in a name, what is as by default left out: `temperature=0.2`."""
    default = ChatSampling()
    changed = {name: getattr(sampling, name) for name in SAMPLING}
    return "&".join(f"{name}={v!r}" for name, v in changed.items() if v != getattr(default, name))


def without_limits(name: str) -> str:
    """A model's or teacher's name without the options that say how a server is used.

    Two runs whose names are equal in this form differ in nothing but limits, budget and patience.
    """
    if "?" not in name:
        return name

    def shorter(query: re.Match[str]) -> str:
        kept = [part for part in query[1].split("&") if part.partition("=")[0] not in LIMITS]
        return "?" + "&".join(kept) if kept else ""

    return _QUERY.sub(shorter, name)


# ---- private ----

_KINDS: Mapping[str, type[int] | type[float]] = {"temperature": float, "top_p": float, "max_tokens": int}
_accounts: dict[tuple[str, ...], Account] = {}
_limits: dict[tuple[object, ...], Limits] = {}


def _openai(rest: str, options: Mapping[str, str]) -> ChatModel:
    """`MODEL` or `MODEL@URL`."""
    given = {name: _number(name, value, LIMITS[name]) for name, value in options.items()}
    found = re.fullmatch(r"(.*?)\s*@\s*(\w+://.*)", rest.strip(), re.DOTALL)
    model, url = (rest.strip(), None) if found is None else found.groups()
    if url is None and (bare := _BARE_HOST.search(rest)):
        # Else the name would be OpenAI's, and what is private would go there.
        raise ConfigError(
            f"{bare[1]!r:.200} is no URL. Write it with http:// or https://, as in "
            f"openai:{shorten(rest[: bare.start()], 80)}@http://{shorten(bare[1], 200)}."
        )
    budget = _take(given, {"budget_tokens": "tokens", "budget_cost": "cost"})
    prices = _take(given, {"price_in": "input", "price_out": "output"})
    limits = _take(given, {"concurrency": "concurrency", "rpm": "rpm", "tpm": "tpm"})
    where = ((url or OPENAI_URL).rstrip("/"), model, str(given.get("key_env", "")))
    account = _accounts.setdefault(where, Account())
    pressed = (where, *sorted(limits.items()))
    fresh = _limits.get(pressed) or Limits(**limits)
    made = OpenAIChat(
        model,
        url,
        limits=fresh,
        budget=Budget(**budget, account=account) if budget else None,
        prices=Prices(**prices) if prices else None,
        **given,
    )
    _limits.setdefault(pressed, fresh)
    return made


def _take(given: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Take options out of `given`, under the names that their class has for them."""
    return {own: given.pop(name) for name, own in names.items() if name in given}


def _options(query: str) -> dict[str, str]:
    if not query:
        return {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError as exc:
        raise ConfigError(
            f"Cannot read the options {query!r:.200}: {exc}. Write NAME=VALUE&NAME=VALUE."
        ) from exc
    options = dict(pairs)
    if len(options) < len(pairs):
        raise ConfigError(f"An option is given twice in {query!r:.200}. Give each once.")
    return options


def _number(name: str, text: str, kind: type[int] | type[float] | type[str]) -> Any:
    if kind is str:
        return text
    try:
        value = kind(text)
    except ValueError:
        value = float("nan")
    if value != value:
        raise ConfigError(f"{name} is {text!r:.80}; give a {'whole ' if kind is int else ''}number.")
    return value


def _sampling(options: Mapping[str, str], sampling: ChatSampling) -> ChatSampling:
    said = {name: _number(name, options[name], _KINDS[name]) for name in SAMPLING if name in options}
    sampling = replace(sampling, **said)
    if not 0 <= sampling.temperature < float("inf"):
        raise ConfigError(f"temperature is {sampling.temperature}; it must be at least 0.")
    if not 0 < sampling.top_p <= 1:
        raise ConfigError(f"top_p is {sampling.top_p}; it must be above 0 and at most 1.")
    if sampling.max_tokens < 1:
        raise ConfigError(f"max_tokens is {sampling.max_tokens}; it must be at least 1.")
    return sampling


def _builders() -> Mapping[str, ChatModelBuilder]:
    installed = {entry.name: _lazy(entry) for entry in entry_points(group=GROUP)}
    return installed | {"openai": _openai}


def _lazy(entry: EntryPoint) -> ChatModelBuilder:
    def build(rest: str, options: Mapping[str, str]) -> ChatModel:
        try:
            builder: ChatModelBuilder = entry.load()
            return builder(rest, options)
        except ImportError as exc:
            raise ConfigError(
                f"Cannot load the chat model {entry.name!r}: {exc}. Run: pip install 'sml-gym[train]'"
            ) from exc

    return build
