"""A dataclass as command-line options and as a YAML file: the same configuration three ways.

A command's options are one dataclass. Each field is a flag (`n_tasks` is `--n-tasks`), a
key of the file given by `--config`, and its docstring entry is the flag's help, with the
unit in brackets. jsonargparse does the parsing; a flag beats the file, whichever comes
first.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import docstring_parser
from jsonargparse import ActionYesNo, ArgumentParser

from sml_gym.errors import ConfigError, nearest

_ALIASES = {"env": "env-id"}  # flags that are also known by a shorter name


@dataclass(frozen=True)
class Command:
    """One command of `sml-gym`.

    Attributes:
        summary: one line for the list of commands.
        options: the dataclass of its options, or a function from the arguments to it, where
            the options depend on what was chosen.
        run: does the work; its result is the exit status (None: 0).
        positional: the name of the field that takes arguments without a flag, if any.
        example: a line for the end of the help.
        prepare: changes the arguments before anything reads them, such as names that stand for files.
        elsewhere: says, of a flag that the options do not have and of the arguments, with what else they
            would; "" where with nothing.
    """

    summary: str
    options: type | Callable[[list[str]], type]
    run: Callable[[Any], int | None]
    positional: str = ""
    example: str = ""
    prepare: Callable[[list[str]], list[str]] = list
    elsewhere: Callable[[str, list[str]], str] = lambda flag, arguments: ""


def parse(command: Command, name: str, arguments: Sequence[str]) -> Any:
    """The options that the arguments (and their `--config` file) ask for.

    Raises:
        ConfigError: for an argument that does not exist or does not fit, in one line.
        SystemExit: after `--help` or `--print_config`.
    """
    arguments = command.prepare(list(arguments))
    options = command.options
    cls = options if isinstance(options, type) else options(list(arguments))
    parser, fields = build_parser(command, name, cls)
    try:
        parsed = parser.parse_args(_normalise(arguments, _list_flags(cls)))
    except (argparse.ArgumentError, TypeError, ValueError) as exc:
        raise ConfigError(
            _explain(exc, fields, name, lambda flag: command.elsewhere(flag, arguments))
        ) from exc
    values = {key: parsed[_flag(key).replace("-", "_")] for key in fields}
    for key, value in values.items():
        odd = [name for name in value if not isinstance(name, str)] if isinstance(value, dict) else []
        if odd:  # YAML reads a bare 1 or yes as no text
            raise ConfigError(f"--{_flag(key)} has {odd[0]!r} for a name. Write it in quotes.")
    return cls(**values)


def build_parser(
    command: Command, name: str, cls: type
) -> tuple[ArgumentParser, dict[str, dataclasses.Field[Any]]]:
    """The parser for a command's options, and the dataclass's fields by name."""
    parser = ArgumentParser(
        prog=f"sml-gym {name}",
        description=command.summary,
        epilog=f"Example: {command.example}" if command.example else None,
        exit_on_error=False,
        allow_abbrev=False,
    )
    parser.add_argument("--config", action="config", help="a YAML file of these options; flags beat it")
    kinds, helps = typing.get_type_hints(cls), field_help(cls)
    fields = {field.name: field for field in _own_first(cls)}
    for field in fields.values():
        text, default = helps.get(field.name, ""), _default(field)
        flag, kind = _flag(field.name), kinds[field.name]
        if field.name == command.positional:
            parser.add_argument(flag.replace("-", "_"), nargs="*", type=str, default=default, help=text)
        elif kind is bool:
            parser.add_argument(
                f"--{flag}", action=ActionYesNo(no_prefix="no-"), nargs="?", default=default, help=text
            )
        else:
            names = [f"--{flag}", *(f"--{alias}" for alias, of in _ALIASES.items() if of == flag)]
            parser.add_argument(*names, type=_parsed_as(kind), default=default, help=text)
    return parser, fields


def field_help(cls: type) -> dict[str, str]:
    """The docstring entry of each field, those of base classes included."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__doc__ and dataclasses.is_dataclass(base):
            for entry in docstring_parser.parse(base.__doc__).params:
                text = " ".join((entry.description or "").split())
                found[entry.arg_name] = text.removesuffix(".")
    return found


def _own_first(cls: type) -> list[dataclasses.Field[Any]]:
    """The fields in the order of reading: a class's own before those it inherits."""
    inherited = {
        field.name
        for base in cls.__mro__[1:]
        if dataclasses.is_dataclass(base)
        for field in dataclasses.fields(base)
    }
    return sorted(dataclasses.fields(cls), key=lambda field: field.name in inherited)


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        value = field.default
    elif field.default_factory is not dataclasses.MISSING:
        value = field.default_factory()
    else:
        raise TypeError(f"The option {field.name} has no default; every option of a command needs one.")
    return list(value) if isinstance(value, tuple) else value


def _parsed_as(kind: Any) -> Any:
    """Tuples and sequences are lists on the command line and in YAML."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return list[arguments[0]]  # type: ignore[valid-type]
    return kind


def _flag(name: str) -> str:
    """`n_tasks` is written `n-tasks`; a trailing underscore only dodges a Python keyword."""
    return name.rstrip("_").replace("_", "-")


def _list_flags(cls: type) -> set[str]:
    """The flags that take a list, or a list or nothing."""
    found = set()
    for name, kind in typing.get_type_hints(cls).items():
        choices = (
            typing.get_args(kind) if typing.get_origin(kind) in (typing.Union, types.UnionType) else [kind]
        )
        if any(typing.get_origin(choice) in (list, tuple) for choice in choices):
            found.add(_flag(name))
    return found


def _normalise(arguments: Sequence[str], lists: set[str]) -> list[str]:
    """Accept `--n_tasks` for `--n-tasks`, and `a,b` where a list is wanted; files before flags."""
    done: list[str] = []
    pending = False
    for argument in arguments:
        if pending and not argument.startswith("--"):
            done.append(_as_list(argument))
            pending = False
            continue
        pending = False
        found = re.match(r"--([A-Za-z_][\w-]*)(.*)\Z", argument, re.DOTALL)
        if found is None or found[1] == "print_config":
            done.append(argument)
            continue
        flag, rest = found[1].replace("_", "-"), found[2]
        if flag in lists and rest.startswith("="):
            rest = "=" + _as_list(rest[1:])
        pending = flag in lists and not rest
        done.append(f"--{flag}{rest}")
    files: list[str] = []
    while "--config" in done[:-1]:
        position = done.index("--config")
        files += done[position : position + 2]
        del done[position : position + 2]
    joined = [argument for argument in done if argument.startswith("--config=")]
    return [*files, *joined, *(argument for argument in done if argument not in joined)]


def _as_list(value: str) -> str:
    """`a,b` as `["a", "b"]`; what is a list already stays, and numbers stay numbers."""
    if value.lstrip().startswith("[") or value == "null":
        return value
    # A comma in brackets belongs to the item, as in `cached(FILE,only):scripted`.
    items = [item.strip() for item in re.split(r",(?![^()]*\))", value) if item.strip()]
    return "[" + ", ".join(i if re.fullmatch(r"-?\d+(\.\d+)?", i) else json.dumps(i) for i in items) + "]"


def _explain(
    error: Exception,
    fields: dict[str, dataclasses.Field[Any]],
    command: str,
    elsewhere: Callable[[str], str],
) -> str:
    """The parser's message in one line, with what to do."""
    text = " ".join(str(error).split())
    unknown = re.search(r"unrecognized arguments: --([\w-]+)", text) or re.search(
        r"Option '([\w.]+)' is not", text
    )
    if unknown:
        flag, known = unknown[1].replace("_", "-"), [_flag(name) for name in fields]
        return elsewhere(flag) or f"{command} has no option {unknown[1]!r}. {nearest(flag, known)}"
    text = re.sub(r'Parser key "(\w+)": ', lambda key: f"--{_flag(key[1])}: ", text)
    text = re.sub(r"<class '(\w+)'>|typing\.(?=Literal)", lambda name: name[1] or "", text)
    return f"{text.rstrip('.')}. See: sml-gym {command} --help"
