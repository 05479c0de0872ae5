"""`sml-gym COMMAND ...`: finds the command, runs it, and turns errors into one line.

A package adds commands through the entry-point group `sml_gym.commands`: the name is the
command, the value a `sml_gym.cli.options.Command`. Nothing of a command is imported
before it is asked for, so listing environments costs no torch.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import entry_points

from sml_gym.cli.options import Command, parse
from sml_gym.errors import BudgetSpent, ConfigError, SMLError, nearest
from sml_gym.text import visible
from sml_gym.version import __version__

GROUP = "sml_gym.commands"

_BUILT_IN = {
    name: f"sml_gym.cli.{name}"
    for name in ("list", "play", "train", "eval", "audit", "view", "filter", "validate", "new", "doctor")
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status.

    0: done. 1: something broke on the way. 2: the command cannot be run as asked; one line
    on standard error says how to mend it. 3: a budget for calls to models is used up; all that was
    held is saved, and the command goes on with --resume. 130: interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without Unicode must not stop a run
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(words)
    except ConfigError as exc:
        return _complain(str(exc), 2)
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as exc:
        return _complain(f"{type(exc).__name__}: {exc}", 1)
    except BudgetSpent as exc:
        return _complain(str(exc), 3)
    except SMLError as exc:
        return _complain(f"{type(exc).__name__}: {exc}", 1)
    except KeyboardInterrupt:
        return _complain("Stopped.", 130)


def commands() -> dict[str, str]:
    """The names of all commands, with where they are found; built-in ones first."""
    found = {name: f"{module}:COMMAND" for name, module in _BUILT_IN.items()}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        found.setdefault(entry.name, entry.value)
    return found


def load_command(name: str) -> Command:
    """Import a command. Raises `ConfigError` naming the nearest, or what its package lacks."""
    known = commands()
    if name not in known:
        raise ConfigError(f"Unknown command {name!r}. {nearest(name, known)}")
    module, _, attribute = known[name].partition(":")
    try:
        command = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as exc:
        raise ConfigError(
            f"Cannot load the command {name!r}: {exc}. Run: pip install 'sml-gym[train]'"
        ) from exc
    assert isinstance(command, Command)
    return command


def _run(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return 0 if words else 2
    if words[0] == "--version":
        print(f"sml-gym {__version__}")
        return 0
    command = load_command(words[0])
    try:
        options = parse(command, words[0], words[1:])
    except SystemExit as exc:  # --help and --print_config
        return int(exc.code or 0)
    resumable = hasattr(options, "resume") and getattr(options, "out", None) is not None
    try:
        status = command.run(options)
    except KeyboardInterrupt:
        return _complain(
            "Stopped. What was whole is kept; go on with --resume." if resumable else "Stopped.", 130
        )
    except OSError as exc:
        if exc.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        where = f" ({exc.filename})" if exc.filename else ""
        remedy = "What is whole is kept; free some space and go on with --resume."
        return _complain(
            f"No space left{where}: {exc.strerror}. {remedy if resumable else 'Free some space.'}", 1
        )
    sys.stdout.flush()
    return status or 0


def _overview() -> str:
    lines = ["usage: sml-gym COMMAND [options]", "", "Social meta-learning as Gymnasium environments.", ""]
    for name in commands():
        try:
            lines.append(f"  {name:<10}{load_command(name).summary}")
        except ConfigError as exc:
            lines.append(f"  {name:<10}(not available: {exc})")
    return "\n".join([*lines, "", "`sml-gym COMMAND --help` shows a command's options."])


def _complain(message: str, status: int) -> int:
    """One line on standard error, whatever the message holds."""
    print(f"sml-gym: {visible(' '.join(message.split()))}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
