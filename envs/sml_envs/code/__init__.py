"""Functions to write, tested by hidden cases: `SML-Code-v0`."""

from sml_envs.code.cases import Case, StdioCase, code_reference, render_problem

__all__ = ["Case", "StdioCase", "code_reference", "render_problem"]
