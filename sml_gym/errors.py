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
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any


class SMLError(Exception):
    """Base of every error that sml_gym raises on purpose."""


class ConfigError(SMLError, ValueError):
    """The caller can mend this; the message ends with how."""


class BudgetSpent(SMLError):
    """The budget for calls to a model is used up. What was held is saved; raise the budget and resume.

    Raised by `sml_gym.rollout` when the dialogues at hand have ended, so that nothing is lost. In
    a dialogue it is the `__cause__` of the `RolloutError` that ended it.

    Attributes:
        episodes: what was held before, in the order of the jobs; the dialogues that the budget cut
            short are the last of them and have failed.
    """

    def __init__(self, *args: object, episodes: Sequence[Any] = ()) -> None:
        super().__init__(*args)
        self.episodes = list(episodes)


class RolloutError(SMLError):
    """A dialogue could not go on. The episode is recorded without a reward.

    Attributes:
        usage: what the failed call has cost all the same, counted as that of a reply.
        judge_usage: the same for a judge model.
        notes: what the record of the turn should hold beside the message (JSON values).
    """

    def __init__(
        self,
        *args: object,
        usage: Mapping[str, float] | None = None,
        judge_usage: Mapping[str, float] | None = None,
        notes: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(*args)
        self.usage = dict(usage or {})
        self.judge_usage = dict(judge_usage or {})
        self.notes = dict(notes or {})

    @property
    def budget_spent(self) -> bool:
        """Whether it was the budget that ended the dialogue."""
        return isinstance(self.__cause__, BudgetSpent)


class TaskError(RolloutError):
    """A task source failed to produce a task, or a domain failed to read or diagnose one."""


class StudentError(RolloutError):
    """The student could not speak (a model crashed, a server did not answer)."""


class TeacherError(RolloutError):
    """The teacher could not answer after its retries."""


class LeakError(TeacherError):
    """The teacher gave the private answer away and the guard was told to end the dialogue."""


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
    named = error(f"{what} failed: {type(exc).__name__}: {exc}")
    named.__cause__ = exc
    return named


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
