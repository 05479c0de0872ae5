"""Runs a script of this folder on two processes, and shows what they said where it fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TORCHRUN = ("torch.distributed.run", "--standalone", "--nproc_per_node", "2")


def on_two(
    script: str, *arguments: str | Path, launcher: tuple[str, ...] = TORCHRUN, timeout: float = 280
) -> None:
    """Run it to its end (at most `timeout` seconds).

    Raises:
        AssertionError: when a process fails, with the last lines of what all said.
    """
    done = subprocess.run(
        [sys.executable, "-m", *launcher, str(Path(__file__).with_name(script)), *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stderr[-6000:]
