"""Teachers by name: a small language in which any control goes around any teacher.

    scripted            scripted:2          binary
    placebo:scripted:2  noisy(0.2):scripted guard(flag):openai:MODEL@http://127.0.0.1:8000/v1

A name is `kind`, `kind(options)` or either followed by `:` and the rest, which is the kind's
own argument (`scripted:2`) or, for a teacher around a teacher, the name of the inner one. The
`name` of every bundled teacher can be read again.

A package brings own kinds through the entry-point group `sml_gym.teachers`: the name is the
kind, the value a `TeacherBuilder`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Protocol

from sml_gym.errors import ConfigError, nearest
from sml_gym.teachers.base import Teacher
from sml_gym.teachers.controls import BinaryTeacher, PlaceboTeacher, SilentTeacher
from sml_gym.teachers.scripted import ScriptedTeacher

GROUP = "sml_gym.teachers"

_SPEC = re.compile(
    r"(?P<kind>[A-Za-z_][A-Za-z0-9_-]*)(?:\((?P<options>[^()]*)\))?(?::(?P<rest>.*))?", re.DOTALL
)


class TeacherBuilder(Protocol):
    """What an entry point of the group `sml_gym.teachers` provides."""

    def __call__(self, options: str, rest: str) -> Teacher:
        """The teacher for what stands in brackets and what stands after the colon ("" if nothing does).

        Raises `ConfigError` if that makes no sense.
        """


def make_teacher(spec: str | Teacher) -> Teacher:
    """A teacher from its name; a teacher object passes through.

    Raises `ConfigError` naming the nearest known kind.
    """
    if isinstance(spec, str):
        return _build(spec)
    if not isinstance(spec, Teacher):
        raise ConfigError(
            f"{spec!r} is no teacher: it needs a `name` and a method `reply(contexts)`. "
            "See sml_gym.teachers.base.Teacher."
        )
    return spec


def _build(spec: str) -> Teacher:
    found = _SPEC.fullmatch(spec.strip())
    builders = _builders()
    kind = spec.partition(":")[0] if found is None else found["kind"]
    if found is None or kind not in builders:
        raise ConfigError(f"Unknown teacher {spec!r}. {nearest(kind, builders)}")
    return builders[kind](found["options"] or "", found["rest"] or "")


def _builders() -> Mapping[str, TeacherBuilder]:
    installed: dict[str, TeacherBuilder] = {}
    for entry in entry_points(group=GROUP):
        installed[entry.name] = _lazy(entry.load, entry.name)
    return installed | _BUNDLED


def _lazy(load: Callable[[], TeacherBuilder], kind: str) -> TeacherBuilder:
    def build(options: str, rest: str) -> Teacher:
        try:
            return load()(options, rest)
        except ImportError as exc:
            raise ConfigError(
                f"Cannot load the teacher {kind!r}: {exc}. Run: pip install 'sml-gym[train]'"
            ) from exc

    return build


def _scripted(options: str, rest: str) -> Teacher:
    level = rest or options
    if not level:
        return ScriptedTeacher()
    if not (level.isascii() and level.isdecimal()):
        raise ConfigError(f"Bad informativeness {level!r}. Write 'scripted:0' to 'scripted:3'.")
    return ScriptedTeacher(int(level))


def _plain(kind: str, teacher: Callable[[], Teacher]) -> TeacherBuilder:
    def build(options: str, rest: str) -> Teacher:
        if options or rest:
            raise ConfigError(f"The {kind} teacher takes no argument, got {options or rest!r}. Leave it out.")
        return teacher()

    return build


def _around(kind: str, wrap: Callable[[Teacher], Teacher]) -> TeacherBuilder:
    """For a teacher around a teacher that has no options; the default inner one is `scripted`."""

    def build(options: str, rest: str) -> Teacher:
        if options:
            raise ConfigError(f"{kind} takes no options in brackets, got {options!r}. Leave them out.")
        return wrap(_build(rest or "scripted"))

    return build


_BUNDLED: dict[str, TeacherBuilder] = {
    "scripted": _scripted,
    "silent": _plain("silent", SilentTeacher),
    "binary": _plain("binary", BinaryTeacher),
    "placebo": _around("placebo", PlaceboTeacher),
}
