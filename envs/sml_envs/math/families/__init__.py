"""The generated problem families, one file a topic."""

from __future__ import annotations

from sml_envs.math.families.last_digits import LAST_DIGITS
from sml_gym import Family

FAMILIES: tuple[Family, ...] = (*LAST_DIGITS,)
