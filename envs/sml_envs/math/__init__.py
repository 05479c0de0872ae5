"""The maths domain: `SML-Math-v0`."""

from sml_envs.math.env import MathEnv

__all__ = ["MathEnv"]
