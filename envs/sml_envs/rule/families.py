"""The rule games, three levels each: four, eight or twelve possible rules."""

from __future__ import annotations

import random
from collections.abc import Callable

from sml_envs.hidden.game import Game
from sml_envs.hidden.tasks import HiddenFamily
from sml_envs.rule.arithmetic import machine, operation
from sml_envs.rule.game import RuleGame
from sml_envs.rule.predicates import condition
from sml_envs.rule.sequences import rearranged, shifted

SIZES = (4, 8, 12)
"""How many rules are possible, by level."""


def _levels(make: Callable[[random.Random, int], RuleGame]) -> tuple[Callable[[random.Random], Game], ...]:
    return tuple(lambda rng, size=size: make(rng, size) for size in SIZES)


FAMILIES: tuple[HiddenFamily, ...] = (
    HiddenFamily("operation", _levels(operation)),
    HiddenFamily("machine", _levels(machine)),
    HiddenFamily("rearranged_list", _levels(rearranged)),
    HiddenFamily("shifted_word", _levels(shifted)),
    HiddenFamily("condition", _levels(condition)),
)
"""Every family of the domain."""
