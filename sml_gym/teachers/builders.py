"""What the bundled names of teachers are made of: a builder for each kind, from its options and the rest.

`sml_gym.teachers.specs` says which name means what.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sml_gym.errors import ConfigError
from sml_gym.teachers.base import Teacher
from sml_gym.teachers.cache import CachedTeacher
from sml_gym.teachers.controls import BinaryTeacher, RetryTeacher, SilentTeacher, WithholdingTeacher
from sml_gym.teachers.earlier import DelayedTeacher, ShuffledTeacher
from sml_gym.teachers.guard import DEFAULT_ATTEMPTS, Guard, Policy
from sml_gym.teachers.human import HumanTeacher
from sml_gym.teachers.noise import NoisyTeacher
from sml_gym.teachers.placebo import PlaceboTeacher
from sml_gym.teachers.scripted import ScriptedTeacher
from sml_gym.teachers.specs import TeacherBuilder, build_teacher
from sml_gym.teachers.telling import TerseTeacher, TypesTeacher, VerboseTeacher
from sml_gym.text import shorten

DEFAULT_INNER = "scripted"


def _plain(kind: str, make: Callable[[], Teacher]) -> TeacherBuilder:
    """For a teacher that nothing can be said of but its kind."""

    def build(options: str, rest: str) -> Teacher:
        if options or rest:
            given = shorten(options or rest, 80)
            raise ConfigError(f"The {kind} teacher takes no argument, got {given!r}. Leave it out.")
        return make()

    return build


def _around(kind: str, wrap: Callable[[Teacher], Teacher]) -> TeacherBuilder:
    """For a teacher around a teacher that has no options."""

    def build(options: str, rest: str) -> Teacher:
        no_options(kind, options)
        return wrap(build_teacher(rest or DEFAULT_INNER))

    return build


def _at_rate(kind: str, wrap: Callable[[Teacher, float], Teacher]) -> TeacherBuilder:
    """For a teacher around a teacher whose option is a probability."""

    def build(options: str, rest: str) -> Teacher:
        return wrap(build_teacher(rest or DEFAULT_INNER), probability(kind, options))

    return build


build_binary = _plain("binary", BinaryTeacher)
build_retry = _plain("retry", RetryTeacher)
build_silent = _plain("silent", SilentTeacher)
build_placebo = _around("placebo", PlaceboTeacher)
build_shuffled = _around("shuffled", ShuffledTeacher)
build_terse = _around("terse", TerseTeacher)
build_verbose = _around("verbose", VerboseTeacher)
build_noisy = _at_rate("noisy", NoisyTeacher)
build_withholding = _at_rate("withholding", WithholdingTeacher)


def build_scripted(options: str, rest: str) -> Teacher:
    """The diagnosis in words; the informativeness is the option or the rest."""
    level = rest or options
    if not level:
        return ScriptedTeacher()
    if not re.fullmatch(r"[0-9]{1,3}", level) or (options and rest):
        raise ConfigError(f"Bad informativeness {shorten(level, 80)!r}. Write 'scripted:0' to 'scripted:3'.")
    return ScriptedTeacher(int(level))


def build_human(options: str, rest: str) -> Teacher:
    """A person, who is offered the rest's words."""
    no_options("human", options)
    return HumanTeacher(build_teacher(rest or DEFAULT_INNER))


def build_types(options: str, rest: str) -> Teacher:
    """Some types of feedback, joined by `+`."""
    return TypesTeacher(build_teacher(rest or "scripted:3"), options.split("+"))


def build_guard(options: str, rest: str) -> Teacher:
    """A policy, `attempts=N`, and last `judge=MODEL`."""
    before, judged, judge_name = options.partition("judge=")
    policy, attempts, judge = Policy.REDACT.value, DEFAULT_ATTEMPTS, None
    for option in filter(None, (part.strip() for part in before.split(","))):
        name, equals, value = option.partition("=")
        if not equals:
            policy = name
        elif name.strip() == "attempts" and re.fullmatch(r"[1-9][0-9]{0,2}", value.strip()):
            attempts = int(value)
        else:
            raise ConfigError(
                f"guard has no option {shorten(option, 80)!r}. Write 'guard(POLICY):TEACHER', "
                "'guard(regenerate,attempts=3):TEACHER' or 'guard(redact,judge=MODEL):TEACHER'."
            )
    inner = build_teacher(rest or DEFAULT_INNER)
    if judged:
        from sml_gym.chat.model import ChatSampling
        from sml_gym.chat.specs import make_chat
        from sml_gym.teachers.judge import Judge

        model, sampling = make_chat(judge_name.strip())
        if sampling != ChatSampling():
            raise ConfigError(
                f"The judge in {shorten(options, 80)!r} speaks at temperature 0, in one word. Leave "
                "temperature, top_p and max_tokens out; Judge(model, max_tokens=...) in Python has a limit."
            )
        judge = Judge(model)
    return Guard(inner, policy, attempts=attempts, judge=judge)


def build_cached(options: str, rest: str) -> Teacher:
    """A file, with `,only` if no one is to be asked."""
    path = options.removesuffix(",only")
    if not path.strip():
        raise ConfigError(
            "cached needs a file in brackets. Write it as in 'cached(runs/answers.sqlite):scripted'."
        )
    return CachedTeacher(build_teacher(rest or DEFAULT_INNER), path.strip(), only=path != options)


def build_delayed(options: str, rest: str) -> Teacher:
    """A number of turns."""
    return DelayedTeacher(build_teacher(rest or DEFAULT_INNER), whole_number("delayed", options))


# ---- options ----


def no_options(kind: str, options: str) -> None:
    """Raise `ConfigError` for options of a kind that takes none."""
    if options:
        raise ConfigError(
            f"{kind} takes no options in brackets, got {shorten(options, 80)!r}. Leave them out."
        )


def probability(kind: str, options: str) -> float:
    """Options that are one probability. Raises `ConfigError` for anything else."""
    try:
        value = float(options) if re.fullmatch(r"[0-9.]{1,40}(?:[eE]-?[0-9]{1,3})?", options) else -1.0
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        given = f"got {shorten(options, 80)!r}" if options else "got none"
        raise ConfigError(
            f"{kind} needs a probability from 0 to 1 in brackets, {given}. "
            f"Write it as in '{kind}(0.2):scripted'."
        )
    return value


def whole_number(kind: str, options: str) -> int:
    """Options that are one whole number of at least 0. Raises `ConfigError` for anything else."""
    if not re.fullmatch(r"[0-9]{1,6}", options):
        given = f"got {shorten(options, 80)!r}" if options else "got none"
        raise ConfigError(
            f"{kind} needs a whole number of turns in brackets, {given}. Write it as in '{kind}(1):scripted'."
        )
    return int(options)
