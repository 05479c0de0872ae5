"""The guessing domain: `SML-Guess-v0`."""

from sml_envs.guess.env import GuessEnv

__all__ = ["GuessEnv"]
