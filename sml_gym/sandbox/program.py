"""What is run in the sandbox, within which limits, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

Engine = Literal["monty", "cpython"]
ENGINES: tuple[Engine, ...] = ("monty", "cpython")

_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use.

    Attributes:
        seconds: wall-clock time of each call, and of running the module. The clock starts when the work
            starts. On a machine so busy that the program is kept waiting, it gets them as processor time.
        total_seconds: wall-clock time of the module and all calls together, whatever the machine does.
        memory_bytes: memory beyond that of the bare interpreter.
        output_bytes: what the module, or one call, may print.
        depth: how deep a returned value may be nested.
    """

    seconds: float = 2.0
    total_seconds: float = 10.0
    memory_bytes: int = 256 * 2**20
    output_bytes: int = 64 * 2**10
    depth: int = 100

    def __post_init__(self) -> None:
        if not (0 < self.seconds < 3600 and 0 < self.total_seconds < 3600):
            raise ValueError(
                f"Limits of time lie between 0 and 3600 s, not {self.seconds}, {self.total_seconds}."
            )
        if self.memory_bytes < 2**20 or self.output_bytes < 1 or not 0 < self.depth <= 200:
            raise ValueError("Limits need 1 MiB of memory, 1 byte of output and a depth from 1 to 200.")


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function of the program, with plain data as arguments.

    Attributes:
        function: its name; `Class.method` is called on an instance made without arguments.
        args: positional arguments. Plain data are None, bool, int, float, complex, str, bytes, list, tuple,
            dict, set and frozenset; their exact types are kept across the border, nan and inf too.
        kwargs: arguments by name.
    """

    function: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.function):
            raise ValueError(f"{self.function!r} is not the name of a function.")


@dataclass(frozen=True, slots=True)
class Program:
    """Code to run, and the calls to make of it.

    Attributes:
        code: Python source text.
        calls: made in this order in the same interpreter.
        stdin: text for standard input; the code is then run as a script (`__name__ == "__main__"`).
    """

    code: str
    calls: tuple[Call, ...] = ()
    stdin: str | None = None


class FailureKind(StrEnum):
    """How running a program, or a call of it, can fail. All are statements about the program."""

    SYNTAX = "syntax"  # the code does not parse
    EXCEPTION = "exception"  # it raised
    TIMEOUT = "timeout"  # it took longer than it may
    MEMORY = "memory"  # it asked for more memory than it may
    OUTPUT = "output"  # it printed or returned more than it may
    CRASHED = "crashed"  # its process ended, or broke the protocol
    NO_FUNCTION = "no_function"  # the program defines no function of that name
    NOT_PLAIN = "not_plain"  # the value is no plain data, or nested too deep


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no value.

    Attributes:
        kind: what happened.
        exception: the class name of the exception (`"ZeroDivisionError"`), empty where there was none.
        message: its text, at most 2,000 characters.
        line: the line of the program's code at which it happened, counted from 1.
    """

    kind: FailureKind
    exception: str = ""
    message: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class CallResult:
    """What a call returned and printed. `value` is meaningless if there is a failure."""

    value: Any = None
    failure: Failure | None = None
    stdout: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a program.

    Attributes:
        calls: one for each call that was made, in order. A failed call does not prevent the next; when the
            total time is up, the calls not made are results with the failure `TIMEOUT`.
        stdout: what running the module itself printed.
        failure: why running the module failed, if it did; no call was made then.
        engine: which engine ran it.
    """

    calls: tuple[CallResult, ...] = ()
    stdout: str = ""
    failure: Failure | None = None
    engine: Engine = "monty"
