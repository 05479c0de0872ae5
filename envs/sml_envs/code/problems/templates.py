"""Templates of code and prose, and the one place where a reference is run."""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from sml_gym.task import Shard

_BLANK_LINES = re.compile(r"\n *(?=\n|$)")
_HOLE = re.compile(r"\$(!?)(?:([a-z_][a-z_0-9]*)|\{([a-z_0-9]+)\})")


@functools.lru_cache(maxsize=4096)
def rules(block: str) -> tuple[Shard, ...]:
    """The requirements in a block of lines, `words by which a question asks for it: the requirement.`

    A line that is indented deeper goes on with the one before it. The word `empty` stands for what holds
    where there is nothing to work on, `given` for a promise about the input, without which the problem
    can be solved all the same.
    """
    made = []
    for line in lines(block):
        head, _, text = line.partition(": ")
        names = tuple(name.strip() for name in head.split(","))
        more = _MORE_NAMES.get(names[0], ())
        made.append(Shard(text, (*more, *names[bool(more) :]), "given" not in names))
    return tuple(made)


_MORE_NAMES = {
    "empty": ("empty", "nothing", "no items", "edge case"),
    "given": ("input", "inputs", "assume"),
}


def lines(block: str) -> list[str]:
    """The lines of a block; one that is indented deeper goes on with the one before it."""
    return [line for line in re.sub(r"\n +", " ", textwrap.dedent(block)).splitlines() if line]


@functools.lru_cache(maxsize=4096)
def compiled(code: str, name: str) -> Callable[..., Any]:
    """The function `name` of a reference's code.

    This runs code in our process. It is ours: a template from this folder, filled with our own constants.
    No text of a model or of a user's file ever comes here.
    """
    space: dict[str, Any] = {}
    exec(compile(code, f"<reference of {name}>", "exec"), space)  # noqa: S102 - see above
    function: Callable[..., Any] = space[name]
    return function


@functools.lru_cache(maxsize=4096)
def _body(code: str) -> str:
    return textwrap.indent(textwrap.dedent(code).strip(), "    ")


def _say(value: Any) -> str:
    """A drawn value as it stands in prose."""
    return str(value) if type(value) is int else f"`{value!r}`"


def fill(template: str, names: Mapping[str, str], values: Mapping[str, Any], prose: bool) -> str:
    """A template with its holes filled.

    Args:
        template: text with holes, see `sml_envs.code.problems.base`.
        names: the names of the function and its parameters.
        values: what was drawn.
        prose: whether it is prose (values in backticks) or code (values as literals, no empty lines).

    Raises:
        KeyError: for a hole that nothing fills.
    """

    def value(match: re.Match[str]) -> str:
        plain, bare, braced = match.groups()
        key = bare or braced
        if key in names:
            return f"`{names[key]}`" if prose else names[key]
        if plain:
            text = _HOLE.sub(value, str(values[key]))
            if prose or "\n" not in text:
                return text
            line = match.string[match.string.rfind("\n", 0, match.start()) + 1 : match.start()]
            return text.replace("\n", "\n" + line[: len(line) - len(line.lstrip())])
        return _say(values[key]) if prose else repr(values[key])

    filled = _HOLE.sub(value, template) if "$" in template else template
    return filled if prose else _BLANK_LINES.sub("", filled)


def filled(code: str, names: Mapping[str, str], values: Mapping[str, Any]) -> str:
    """A reference's body, indented, with its holes filled."""
    return fill(_body(code), names, values, False)
