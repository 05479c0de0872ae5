"""What a problem has in common with its isomorphs: the steps, and the text but for numbers and names."""

from __future__ import annotations

import re

from sml_envs.math.families.word_problems import FRUIT, NAMES, STATIONERY, THINGS
from sml_gym import Task

_VARYING = (
    *NAMES,
    *FRUIT,
    *STATIONERY,
    *THINGS,
    *("hall", "cinema", "theatre", "church", "lecture room"),
    *("concert", "play", "match", "fair", "museum night"),
    *("bicycle", "coat", "phone", "table", "camera", "lamp", "guitar", "tent", "tablet", "skateboard"),
    *("club's membership", "town's population", "shop's daily sales", "library's stock"),
    *("herd", "forum", "city", "fund", "colony"),
    *("train", "cyclist", "ship", "bus", "lorry", "van", "coach", "car"),
)
"""Names and things that stand for one another in the texts of the families."""

_WORD = re.compile(rf"\b(?:{'|'.join(map(re.escape, _VARYING))})\b")
_UNIT = re.compile(r"\b(?:km|cm|m)(?=\b|\^)")
_SIGN = re.compile(r" [+-] (?=[0-9#a-z(])")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_LEADING = re.compile(r"(?<![\w)])-(?=[#a-z(])")
_POWER = re.compile(r"(?<=\^)[0-9](?![0-9])")
_POWERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ONE = re.compile(r"#(?=[a-z](?![a-z]))")
_SIGNED = re.compile(r"\(-?[0-9.]+\)|-?[0-9]+(?:\.[0-9]+)?")
_COEFFICIENT = re.compile(r"-?#(?=[a-z])|(?<![#a-z])-(?=[a-z])")


def text_shape(task: Task) -> str:
    """The text with one mark for all numbers, names, things, units and signs, coefficients of 1 left out.

    The powers of polynomials stay.
    """
    text = _UNIT.sub("unit", _WORD.sub("@", task.problem))
    text = _POWER.sub(lambda found: _POWERS[int(found.group())], text)
    text = _LEADING.sub("", _SIGN.sub(" ± ", _NUMBER.sub("#", text)))
    return _ONE.sub("", text)


def step_shape(task: Task) -> tuple[str, ...]:
    """What each step of the solution does, with a mark for each number, whatever its sign, and name."""
    return tuple([_step(step.action) for step in task.private.reveal().steps])


def _step(action: str) -> str:
    return _COEFFICIENT.sub("", _SIGNED.sub("#", _WORD.sub("@", action)))
