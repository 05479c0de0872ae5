"""What can go wrong, and whose fault it is.

A model's odd output is never an error. It is a verdict (`malformed`) or a mark in
the record (`truncated`). What remains falls into two kinds:

- `ConfigError`: something the caller can mend (an unknown teacher, a missing extra,
  a bad row in a file). Raised at once, before any dialogue, and its message ends
  with the remedy.
- `RolloutError`: something broke while a dialogue was under way. There is one type
  per boundary, so that an episode's record can say which part failed. Rollouts
  record it on the episode it hit, give that episode no reward, and go on with its
  siblings: an infrastructure failure is never a reward of 0.

Domains and teachers raise plain Python errors; `boundary` gives them their type.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from types import TracebackType


class SMLError(Exception):
    """Base of every error that sml_gym raises on purpose."""


class ConfigError(SMLError, ValueError):
    """The caller can mend this; the message ends with how."""


class RolloutError(SMLError):
    """A dialogue could not go on. The episode is recorded without a reward."""


class TaskError(RolloutError):
    """A task source failed to produce a task, or a domain failed to read or diagnose one."""


class StudentError(RolloutError):
    """The student could not speak (a model crashed, a server did not answer)."""


class TeacherError(RolloutError):
    """The teacher could not answer after its retries."""


class VerifierError(RolloutError):
    """The verifier's machinery failed: a worker was lost. Never a statement about the answer."""


class JudgeError(RolloutError):
    """A judge model could not be reached or its answer could not be read."""


def typed(exc: Exception, error: type[RolloutError], what: str) -> Exception:
    """The exception with the type of its boundary.

    A `RolloutError` has its type already, and a `ConfigError` is the caller's to mend: both
    stay as they are.
    """
    if isinstance(exc, (RolloutError, ConfigError)):
        return exc
    return error(f"{what} failed: {type(exc).__name__}: {exc}")


class boundary:
    """`typed` for any exception that leaves the block.

    A class, because every turn enters one, and a generator would cost three times as much.
    """

    __slots__ = ("_error", "_what")

    def __init__(self, error: type[RolloutError], what: str) -> None:
        self._error = error
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(exc, Exception) and (named := typed(exc, self._error, self._what)) is not exc:
            raise named from exc


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that names the known value most like `name`, for a message's end."""
    options = sorted(known)
    match = difflib.get_close_matches(name, options, n=1, cutoff=0.4)
    hint = f"Did you mean {match[0]!r}? " if match else ""
    shown = ", ".join(repr(option) for option in options[:20])
    more = f" and {len(options) - 20} more" if len(options) > 20 else ""
    return f"{hint}Known: {shown}{more}."
