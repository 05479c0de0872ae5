"""Rows of files: JSON Lines, JSON, CSV and Parquet, each row with the place that messages name.

The ending of a file's name says how it is read: `.jsonl` (and anything unknown), `.json` (a list of
objects, or lines), `.csv` and `.tsv` (with a header, in UTF-8), `.parquet`. Text may be packed: `.jsonl.gz`.

A row that cannot be read is handed on with its flaw, so that whoever reads may refuse it with its number
(`sml_gym.row_tasks`), leave it out, or list all such rows (`sml-gym validate`).
"""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sml_gym.errors import ConfigError

SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
"""Endings by which a file of rows is known, alone or before `.gz`."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        number: its number, from 0.
        where: file and line, or what else finds it.
        values: what it holds, by column.
        flaw: why it cannot be read, with the remedy; "" for a sound row.
    """

    number: int
    where: str
    values: Mapping[str, Any] = field(default_factory=dict)
    flaw: str = ""

    def __post_init__(self) -> None:
        if not self.flaw and not isinstance(self.values, Mapping):
            kind = type(self.values).__name__
            object.__setattr__(self, "flaw", f"expected an object, got {kind}. Mend this line.")


def is_row_file(path: str | Path) -> bool:
    """Whether a name ends as that of a file of rows."""
    return str(path).lower().removesuffix(".gz").endswith(SUFFIXES)


def stem_of(path: Path) -> str:
    """A file's name without the endings that say its kind."""
    return Path(path.name.removesuffix(".gz")).stem


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a file, one after the other; nothing is read before it is asked for.

    Raises:
        ConfigError: the file cannot be read, or is not of the kind that its name says.
    """
    kind = Path(path.name.lower().removesuffix(".gz")).suffix
    try:
        if kind == ".parquet":
            yield from _parquet(path)
            return
        with _opened(path) as file:
            if kind == ".json":
                yield from _json(path, file)
            elif kind in (".csv", ".tsv"):
                yield from _csv(path, file, "\t" if kind == ".tsv" else ",")
            else:
                yield from _jsonl(path, file)
    except (gzip.BadGzipFile, zlib.error, EOFError) as exc:
        raise ConfigError(f"{path} cannot be unpacked ({exc}). Get the file again.") from exc
    except OSError as exc:
        raise ConfigError(f"Cannot read {path}: {exc.strerror or exc}. Check the path.") from exc


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.name.lower().endswith(".gz") else open(path, "rb")  # type: ignore[return-value]


def _jsonl(path: Path, lines: IO[bytes]) -> Iterator[Row]:
    number = 0
    for line_number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{path}, line {line_number}"
        try:
            yield Row(number, where, json.loads(line))
        except (ValueError, RecursionError) as exc:
            cut = "" if line.endswith(b"\n") else "; the file ends in the middle of it"
            yield Row(number, where, flaw=f"not valid JSON ({exc}{cut}). Mend or remove this line.")
        number += 1


def _json(path: Path, file: IO[bytes]) -> Iterator[Row]:
    start = file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
    file.seek(0)
    if not start.startswith(b"["):
        yield from _jsonl(path, file)
        return
    try:
        rows = json.load(file)
    except (ValueError, RecursionError) as exc:
        raise ConfigError(f"{path} is not valid JSON ({exc}). Mend it, or write one object a line.") from exc
    for number, values in enumerate(rows):
        yield Row(number, f"{path}, row {number}", values)


def _csv(path: Path, file: IO[bytes], delimiter: str) -> Iterator[Row]:
    def lines() -> Iterator[str]:
        for number, line in enumerate(file, start=1):
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as exc:
                raise ConfigError(f"{path}, line {number}: not UTF-8 ({exc}). Save it as UTF-8.") from exc

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    number = 0
    while True:
        first = reader.line_num + 1
        where = f"{path}, line {first}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as exc:
            limit = csv.field_size_limit()
            large = f"; for cells above {limit} characters write JSON lines" if "limit" in str(exc) else ""
            yield Row(number, where, flaw=f"not valid CSV ({exc}). Mend the quotes from here on{large}.")
            return
        if not cells:
            continue
        if header is None:
            header = cells
            if len(set(header)) < len(header):
                raise ConfigError(f"{path} has two columns of one name in {header}. Rename one.")
        elif len(cells) != len(header):
            flaw = f"it has {len(cells)} columns, and the header has {len(header)}. Mend this line."
            yield Row(number, where, flaw=flaw)
            number += 1
        else:
            yield Row(number, where, dict(zip(header, cells, strict=True)))
            number += 1


def _parquet(path: Path) -> Iterator[Row]:
    try:
        import pyarrow
        import pyarrow.parquet as parquet
    except ImportError as exc:
        raise ConfigError(
            f"Reading {path} needs pyarrow ({exc}). Run: pip install 'sml-gym[datasets]'"
        ) from exc
    path.stat()  # pyarrow's own error for a missing file says less
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1024):
                for values in batch.to_pylist():
                    yield Row(number, f"{path}, row {number}", values)
                    number += 1
    except (pyarrow.ArrowException, OSError) as exc:  # the latter for pages that cannot be read
        reason = " ".join(str(exc).split())[:200]
        raise ConfigError(
            f"{path} is no whole Parquet file ({reason}). Get the file again, or rename it."
        ) from exc
