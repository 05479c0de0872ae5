"""A run's metrics: one JSON object a step in `metrics.jsonl`, and the same for TensorBoard."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from torch.utils.tensorboard import SummaryWriter

from sml_gym import ConfigError

Metrics = Mapping[str, float | int | None]


class RunLog:
    """Appends a step's metrics to `out/metrics.jsonl` and `out/tensorboard`.

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
        path = out / "metrics.jsonl"
        kept = [line for line in read_metrics(path) if int(line["step"] or 0) <= after]
        partial = path.with_suffix(".partial")
        partial.write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="ascii")
        os.replace(partial, path)
        self._file = path.open("a", encoding="ascii")
        self._board = SummaryWriter(str(out / "tensorboard"), purge_step=after + 1)

    def write(self, metrics: Metrics) -> None:
        """Log one step. A value that is not finite is logged as null.

        Raises `ConfigError` if the disk cannot take it.
        """
        clean = {
            name: None if value is None or not math.isfinite(value) else value
            for name, value in metrics.items()
        }
        with self._writing():
            self._file.write(json.dumps(clean) + "\n")
            self._file.flush()
            for name, value in clean.items():
                if value is not None and name != "step":
                    self._board.add_scalar(name, value, int(clean["step"] or 0))

    def erase(self) -> None:
        """Remove the log, of which no step was made. It cannot be written to any more."""
        self._file.close()
        self._board.close()
        with suppress(OSError):
            (self._out / "metrics.jsonl").unlink()
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
        with self._writing() if error is None else suppress(OSError):  # a full disk refuses this too
            self._file.close()
        with self._writing() if error is None else suppress(OSError):
            self._board.close()


def read_metrics(path: str | Path) -> list[dict[str, float | None]]:
    """The lines of a `metrics.jsonl`. A last line that a kill cut short is left out."""
    lines = []
    if Path(path).exists():
        for line in Path(path).read_text(encoding="ascii").splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                break
    return lines
