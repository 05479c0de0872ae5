"""Teachers: who answers the student, and in which words."""

from __future__ import annotations

from collections.abc import Callable

from sml_gym.errors import ConfigError, nearest
from sml_gym.teachers.base import Domain, Feedback, Teacher, TeachingContext
from sml_gym.teachers.controls import BinaryTeacher, PlaceboTeacher, SilentTeacher
from sml_gym.teachers.scripted import ScriptedTeacher

__all__ = [
    "BinaryTeacher",
    "Domain",
    "Feedback",
    "PlaceboTeacher",
    "ScriptedTeacher",
    "SilentTeacher",
    "Teacher",
    "TeachingContext",
    "make_teacher",
]


def _scripted(argument: str) -> Teacher:
    if not argument:
        return ScriptedTeacher()
    if not argument.isdecimal():
        raise ConfigError(f"Bad informativeness {argument!r}. Write 'scripted:0' to 'scripted:3'.")
    return ScriptedTeacher(int(argument))


def _placebo(argument: str) -> Teacher:
    return PlaceboTeacher(make_teacher(argument or "scripted"))


def _plain(teacher: Callable[[], Teacher]) -> Callable[[str], Teacher]:
    def build(argument: str) -> Teacher:
        if argument:
            raise ConfigError(f"The {teacher().name} teacher takes no argument, got {argument!r}.")
        return teacher()

    return build


_BUILDERS: dict[str, Callable[[str], Teacher]] = {
    "scripted": _scripted,
    "silent": _plain(SilentTeacher),
    "binary": _plain(BinaryTeacher),
    "placebo": _placebo,
}


def make_teacher(spec: str | Teacher) -> Teacher:
    """A teacher from its name, written `kind` or `kind:argument`; a teacher object passes through.

    `scripted:2` sets the informativeness, `placebo:scripted:2` what the placebo imitates.
    Raises `ConfigError` naming the nearest known kind.
    """
    if not isinstance(spec, str):
        if not isinstance(spec, Teacher):
            raise ConfigError(
                f"{spec!r} is no teacher: it needs a `name` and a method `reply(contexts)`. "
                "See sml_gym.teachers.base.Teacher."
            )
        return spec
    kind, _, argument = spec.partition(":")
    if kind not in _BUILDERS:
        raise ConfigError(f"Unknown teacher {spec!r}. {nearest(kind, _BUILDERS)}")
    return _BUILDERS[kind](argument)
