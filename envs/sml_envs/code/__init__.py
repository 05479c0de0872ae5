"""Functions to write, tested by hidden cases: `SML-Code-v0`."""

from sml_envs.code.cases import Case, StdioCase, code_reference, render_problem
from sml_envs.code.env import CodeEnv

__all__ = ["Case", "CodeEnv", "StdioCase", "code_reference", "render_problem"]
