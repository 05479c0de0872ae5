"""A run's metrics: one JSON object a step in `metrics.jsonl`, times in `timings.jsonl`, all for TensorBoard.

Two runs of the same options on one CPU leave the same `metrics.jsonl`, byte for byte, killed and resumed or
not. How long a step took differs from run to run, and stands in a file of its own.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from torch.utils.tensorboard import SummaryWriter

from sml_gym import ConfigError
from sml_gym.report.plots import read_metrics as read_rows

Metrics = Mapping[str, float | int | None]


METRICS = "metrics.jsonl"
TIMINGS = "timings.jsonl"


class RunLog:
    """Appends what a step measured to `out/metrics.jsonl`, `out/timings.jsonl` and `out/tensorboard`.

    Args:
        out: the run's folder.
        after: the step after which the run goes on. Later lines are dropped: the steps they
            tell of will be made again.
    """

    def __init__(self, out: Path, *, after: int = 0) -> None:
        self._out = out
        with self._writing():
            self._open(out, after)

    def _open(self, out: Path, after: int) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self._files = [_cut(out / name, after) for name in (METRICS, TIMINGS)]
        self._board = SummaryWriter(str(out / "tensorboard"), purge_step=after + 1)

    def write(self, metrics: Metrics, timings: Metrics) -> None:
        """Log one step. A value that is not finite is logged as null.

        Args:
            metrics: what the same run measures again, with the number of the `step`.
            timings: how long it took and how fast it was.

        Raises:
            ConfigError: if the disk cannot take it.
        """
        step = int(metrics["step"] or 0)
        with self._writing():
            for file, values in zip(self._files, (metrics, {"step": step, **timings}), strict=True):
                clean = {
                    name: None if value is None or not math.isfinite(value) else value
                    for name, value in values.items()
                }
                file.write(json.dumps(clean) + "\n")
                file.flush()
                for name, value in clean.items():
                    if value is not None and name != "step":
                        self._board.add_scalar(name, value, step)

    def erase(self) -> None:
        """Remove the log, of which no step was made. It cannot be written to any more."""
        for file in self._files:
            file.close()
        self._board.close()
        with suppress(OSError):
            for name in (METRICS, TIMINGS):
                (self._out / name).unlink()
            shutil.rmtree(self._out / "tensorboard")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise ConfigError(
                f"Cannot write the log in {self._out}: {exc.strerror}. Checkpoints are intact; free some "
                "space (or choose another `out`) and go on from the last one with resume=True (--resume)."
            ) from exc

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for close in (*(file.close for file in self._files), self._board.close):
            with self._writing() if error is None else suppress(OSError):  # a full disk refuses this too
                close()


def read_metrics(path: str | Path) -> list[dict[str, float | None]]:
    """The lines of a `metrics.jsonl`, if there is one. A last line that a kill cut short is left out.

    Raises `ConfigError` naming file and line for any other line that is no JSON.
    """
    return read_rows(path) if Path(path).exists() else []


def _cut(path: Path, after: int) -> TextIO:
    """A log without what was written after a step, open to be gone on with."""
    kept = [line for line in read_metrics(path) if isinstance(n := line.get("step"), int) and n <= after]
    partial = path.with_suffix(".partial")
    partial.write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="ascii")
    os.replace(partial, path)
    return path.open("a", encoding="ascii")
