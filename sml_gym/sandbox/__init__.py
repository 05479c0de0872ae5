"""Where a student's code runs: isolated, limited, killed when time is up, and judged on the host.

`Sandbox.run` runs a `Program` and returns plain values; `same` compares them with what was wanted, so
that the code never sees it. See `sml_gym.sandbox.box` for the use, `screen` for which engine runs what,
and `sml-gym doctor` for what a machine gives.
"""

from sml_gym.sandbox.box import Sandbox, Session, shared_sandbox
from sml_gym.sandbox.compare import same
from sml_gym.sandbox.program import Call, CallResult, Engine, Failure, FailureKind, Limits, Program, Run

__all__ = [
    "Call",
    "CallResult",
    "Engine",
    "Failure",
    "FailureKind",
    "Limits",
    "Program",
    "Run",
    "Sandbox",
    "Session",
    "same",
    "shared_sandbox",
]
