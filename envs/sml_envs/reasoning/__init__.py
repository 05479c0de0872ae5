"""Procedural reasoning: every accepted generator of reasoning-gym as a dialogue."""

from sml_envs.reasoning.env import ReasoningEnv

__all__ = ["ReasoningEnv"]
