"""Writing what a benchmark measured, with what is needed to measure it again.

Every script here prints its figures and hands them to `write_result`, which leaves
`benchmarks/results/<name>.json`. Besides the figures, the file holds the command, the
versions, the date and the machine's processor.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sml_gym.version import versions

RESULTS = Path(__file__).parent / "results"


def cpu_model() -> str:
    """The processor's name, as the operating system gives it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def cpu_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def report(name: str, figures: Mapping[str, Any], *, write: bool = True) -> None:
    """Print the figures, a line each, and write them unless told not to."""
    for key, value in figures.items():
        print(f"{key}: {value}")
    if write:
        print(f"written to {write_result(name, figures)}")


def write_result(
    name: str, figures: Mapping[str, Any], *, argv: Sequence[str] | None = None, folder: Path = RESULTS
) -> Path:
    """Write `<folder>/<name>.json` and return its path.

    `figures` must be JSON values; NaN is refused. `argv` is the command line (default: this process's).
    """
    script, *rest = sys.argv if argv is None else argv
    root = Path(__file__).parent.parent
    path = Path(script).resolve()
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else script
    record = {
        "name": name,
        "command": shlex.join(["python", shown, *rest]),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "cpu": cpu_model(),
        "cores": cpu_cores(),
        "versions": versions(),
        "figures": dict(figures),
    }
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.json"
    scratch = target.with_name(target.name + ".part")
    scratch.write_text(json.dumps(record, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    os.replace(scratch, target)  # a reader sees the old file or the new one, never half of one
    return target
