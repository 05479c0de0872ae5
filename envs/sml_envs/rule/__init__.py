"""The rule domain: `SML-Rule-v0`."""

from sml_envs.rule.env import RuleEnv

__all__ = ["RuleEnv"]
