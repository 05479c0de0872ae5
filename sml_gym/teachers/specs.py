"""Teachers by name: a small language in which any control goes around any teacher.

A name is `kind`, `kind(options)`, or either of them followed by `:` and the rest. For a teacher
around a teacher the rest is the name of the inner one; for the others it is an argument of their
own (`scripted:2`). Options may hold brackets if they close again, and anything else. The `name`
of every bundled teacher can be read again.

Teachers:

    scripted, scripted:0 ... scripted:3    the diagnosis in words, at an informativeness
    openai:MODEL@URL?...                   a language model behind a server
    hf:PATH?...                            a local language model
    self                                   the student's own model, with the private knowledge in context
    human, human:TEACHER                   a person at the terminal, offered another's words
    binary                                 whether an attempt is right, and nothing else
    retry                                  "Try again.", whatever happens
    silent                                 "Go on.", whatever happens

Teachers around a teacher (`:TEACHER` may be left out; it is `scripted` then, for `types` `scripted:3`):

    placebo:TEACHER                        speaks of another task
    shuffled:TEACHER                       speaks of another turn, drawn at random
    delayed(k):TEACHER                     speaks of the attempt k turns ago
    noisy(p):TEACHER                       each fact is wrong with probability p
    withholding(p):TEACHER                 says nothing with probability p unless asked
    terse:TEACHER, verbose:TEACHER         says as little, or as much, as it may
    types(T+T):TEACHER                     gives only these types of feedback
    guard(POLICY):TEACHER                  keeps the answer out of what another says
    cached(FILE):TEACHER                   keeps its answers, and gives them again
    cached(FILE,only):TEACHER              gives what is kept and asks no one

The policies of a guard are `redact` (if none is named), `regenerate`, `flag`, `end` and `off`. Further
options are `attempts=N`, as in `guard(regenerate,attempts=3):openai:...`, and last `judge=MODEL`, a chat
model by its name. A teacher made from a name whose words are a model's or a person's own gets a
`guard(redact)` unless its name has a guard.

`teacher_kinds()` lists these and all others that are installed. The leftmost is told first, and
what it changes reaches the next: `noisy(0.2):delayed(1):scripted:3` speaks of the attempt before,
with one fact in five wrong.

A package brings own kinds through the entry-point group `sml_gym.teachers`: the name is the
kind, the value a `TeacherBuilder`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol, cast

from sml_gym.errors import ConfigError, nearest
from sml_gym.teachers.base import Teacher, free_spoken
from sml_gym.teachers.guard import Guard
from sml_gym.text import shorten

GROUP = "sml_gym.teachers"

MAX_SPEC_CHARS = 4_096
MAX_SPEC_DEPTH = 16
"""Longest name of a teacher, and how many teachers it may put around one another."""

_KIND = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class TeacherBuilder(Protocol):
    """What an entry point of the group `sml_gym.teachers` provides."""

    def __call__(self, options: str, rest: str) -> Teacher:
        """The teacher for what stands in brackets and what stands after the colon ("" if nothing does).

        A teacher around a teacher makes the inner one with `build_teacher(rest)`. Raises
        `ConfigError` if options or rest make no sense.
        """


@dataclass(frozen=True, slots=True)
class TeacherKind:
    """One kind of teacher that a name may begin with.

    Attributes:
        name: the kind.
        form: how it is written, such as `"noisy(p):TEACHER"`.
        summary: what it does, in a line.
        builder: where its `TeacherBuilder` lies (`"module:attribute"`, or a package's entry point),
            loaded on first use.
    """

    name: str
    form: str
    summary: str
    builder: str | EntryPoint

    def build(self, options: str, rest: str) -> Teacher:
        """The teacher. Raises `ConfigError` for options without sense or a package that is missing."""
        try:
            return self._loaded()(options, rest)
        except ImportError as exc:
            raise ConfigError(
                f"Cannot load the teacher {self.name!r}: {exc}. Run: pip install 'sml-gym[train]'"
            ) from exc

    def _loaded(self) -> TeacherBuilder:
        if isinstance(self.builder, EntryPoint):
            return cast(TeacherBuilder, self.builder.load())
        module, _, attribute = self.builder.partition(":")
        return cast(TeacherBuilder, getattr(import_module(module), attribute))


def make_teacher(spec: str | Teacher) -> Teacher:
    """A teacher from its name; a teacher object passes through.

    A named teacher that is free-spoken (a model, a person) gets a guard that redacts, unless its
    name has one (`guard(off):NAME` for none). An object stays as it is.

    Raises `ConfigError` naming the nearest known kind, or what is wrong with an option.
    """
    if isinstance(spec, str):
        teacher = build_teacher(spec)
        return Guard(teacher) if free_spoken(teacher) else teacher
    if not isinstance(spec, Teacher):
        raise ConfigError(
            f"{spec!r} is no teacher: it needs a `name` and a method `reply(contexts)`. "
            "See sml_gym.teachers.base.Teacher."
        )
    return spec


def build_teacher(spec: str) -> Teacher:
    """The teacher that a name, or the rest of one, stands for. Raises as `make_teacher` does."""
    _check_size(spec)
    name, options, rest = split_spec(spec)
    # Looking for installed packages takes a hundred times as long as all the rest.
    kind = next((kind for kind in _BUNDLED if kind.name == name), None) or _kinds().get(name)
    if kind is None:
        raise ConfigError(f"Unknown teacher {shorten(spec, 80)!r}. {nearest(name, _kinds())}")
    return kind.build(options, rest)


def teacher_kinds() -> list[TeacherKind]:
    """All kinds of teacher that are bundled or installed, in the order of this module's docstring."""
    return list(_kinds().values())


def split_spec(spec: str) -> tuple[str, str, str]:
    """A name cut into kind, options and rest, each "" if absent. Raises `ConfigError` if it is no name."""
    spec = spec.strip()
    found = _KIND.match(spec)
    end = 0 if found is None else found.end()
    kind, options = spec[:end], ""
    shown = shorten(spec, 80)
    if spec[end : end + 1] == "(":
        close = _closing(spec, end)
        if close < 0:
            raise ConfigError(
                f"The brackets of the teacher {shown!r} do not close. Write kind(options):rest."
            )
        options, end = spec[end + 1 : close].strip(), close + 1
    if found is None or spec[end : end + 1] not in ("", ":"):
        hint = nearest(kind or spec[:40], _kinds())
        raise ConfigError(
            f"{shown!r} is no name of a teacher. {hint} Write kind, kind(options), kind:rest or "
            "kind(options):rest."
        )
    if spec[end:] == ":":
        raise ConfigError(
            f"Nothing follows the last colon of the teacher {shown!r}. Leave the colon out, or name what "
            "comes after it, as in 'placebo:scripted:2'."
        )
    return kind, options, spec[end + 1 :]


def _closing(spec: str, start: int) -> int:
    """Where the bracket that opens at `start` closes, -1 if it does not."""
    depth = 0
    for position in range(start, len(spec)):
        depth += {"(": 1, ")": -1}.get(spec[position], 0)
        if depth == 0:
            return position
    return -1


def _check_size(spec: str) -> None:
    """Refuse names that are too long or nest too deep, before anything is built around anything."""
    if len(spec) > MAX_SPEC_CHARS:
        raise ConfigError(
            f"The name of the teacher has {len(spec)} characters, more than {MAX_SPEC_CHARS}. Shorten it, "
            "or make the teacher in Python and pass the object."
        )
    for _ in range(MAX_SPEC_DEPTH + 1):
        found = _KIND.match(spec.lstrip())
        if found is None or spec.lstrip()[found.end() : found.end() + 1] not in ("(", ":"):
            return  # the last one, or no teacher but an argument such as a path
        try:
            spec = split_spec(spec)[2]
        except ConfigError:  # whoever takes it says so
            return
    raise ConfigError(
        f"The name of the teacher nests more than {MAX_SPEC_DEPTH} teachers. Put fewer around one another."
    )


def _kinds() -> Mapping[str, TeacherKind]:
    """Every known kind by name. A bundled one cannot be replaced by a package's."""
    kinds = {kind.name: kind for kind in _BUNDLED}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        package = entry.dist.name if entry.dist is not None else entry.value
        kinds.setdefault(entry.name, TeacherKind(entry.name, entry.name, f"(from {package})", entry))
    return kinds


_BUILDERS = "sml_gym.teachers.builders"
_CHAT = "sml_gym.teachers.chat_specs"


def _bundled(name: str, form: str, summary: str, module: str = _BUILDERS) -> TeacherKind:
    return TeacherKind(name, form, summary, f"{module}:build_{name}")


_BUNDLED = (
    _bundled(
        "scripted", "scripted:0 ... scripted:3", "the diagnosis in words, at an informativeness (default 2)"
    ),
    _bundled("human", "human, human:TEACHER", "a person at the terminal, offered what another would say"),
    _bundled("binary", "binary", "whether an attempt is right, and nothing else"),
    _bundled(
        "openai",
        "openai:MODEL@URL?temperature=0.7&prompt=FILE",
        "a language model behind a server (sml_gym.chat.specs lists the options)",
        _CHAT,
    ),
    _bundled(
        "hf",
        "hf:PATH?temperature=0.7&prompt=FILE",
        "a local model of transformers; hf:smollm2 is one that a package brings",
        _CHAT,
    ),
    _bundled(
        "self",
        "self, self(temperature=0.7,prompt=FILE)",
        "the student's own weights, with the private knowledge in context",
        _CHAT,
    ),
    _bundled("retry", "retry", '"Try again.", whatever happens'),
    _bundled("silent", "silent", '"Go on.", whatever happens'),
    _bundled("placebo", "placebo:TEACHER", "speaks of another task"),
    _bundled("shuffled", "shuffled:TEACHER", "speaks of another turn, drawn at random"),
    _bundled("delayed", "delayed(k):TEACHER", "speaks of the attempt k turns ago"),
    _bundled("noisy", "noisy(p):TEACHER", "each fact is wrong with probability p"),
    _bundled("withholding", "withholding(p):TEACHER", "says nothing with probability p unless it was asked"),
    _bundled("terse", "terse:TEACHER", "says as little as it may"),
    _bundled("verbose", "verbose:TEACHER", "says as much as it may"),
    _bundled(
        "types",
        "types(T+T):TEACHER",
        "gives only some types of feedback: reward, hindsight_positive, hindsight_negative, "
        "future_positive, future_negative",
    ),
    _bundled(
        "guard",
        "guard(POLICY):TEACHER",
        "keeps the answer out of what another says: redact, regenerate, flag, end or off",
    ),
    _bundled(
        "cached",
        "cached(FILE):TEACHER, cached(FILE,only):TEACHER",
        "keeps the answers and gives them again; with `only` it asks no one",
    ),
)
