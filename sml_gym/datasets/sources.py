"""Where rows come from: a file or folder, a list, a generator, a data set in memory or on the hub."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sml_gym.datasets.hub import load_hub
from sml_gym.datasets.known import KNOWN, KnownSet
from sml_gym.errors import ConfigError, nearest
from sml_gym.row_files import SUFFIXES, Row, is_row_file, read_rows, stem_of
from sml_gym.row_tasks import numbered
from sml_gym.seeding import Split

_OTHER_NAMES: dict[Split, tuple[str, ...]] = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval"),
}


@dataclass(frozen=True)
class RowSource:
    """Rows that can be read.

    Attributes:
        name: what messages call them.
        stem: the first part of the ids of rows without one.
        read: gives the rows from the first on.
        streaming: whether they are read as they are needed, and never all held.
        repeatable: whether they can be read again from the first on.
    """

    name: str
    stem: str
    read: Callable[[], Iterator[Row]]
    streaming: bool = False
    repeatable: bool = True


def open_source(
    rows: Any,
    split: Split,
    *,
    path: Any = None,
    hold_out: bool = False,
    streaming: bool | None = None,
    config: str | None = None,
    splits: Mapping[str, str] | None = None,
) -> tuple[RowSource, KnownSet | None]:
    """The rows that a user names, and the known data set if it is one.

    Args:
        rows: a known name, a path, a hub's name, a mapping from split to any of these, or the rows.
        split: the split that is wanted.
        path: where the rows of a known data set are, or the rows.
        hold_out: the split will be cut by hash, so any split of the rows will do.
        streaming: see `sml_gym.from_dataset`.
        config: configuration on the hub.
        splits: the rows' own names of our splits.

    Raises:
        ConfigError: there are no such rows, or they have no such split.
    """
    known = KNOWN.get(rows) if isinstance(rows, str) else None
    if not (splits is None or isinstance(splits, Mapping)):
        raise ConfigError(
            f"splits is {splits!r:.80}; give a mapping from our split to the name it has there."
        )
    own: dict[str, str] = {**(known.splits if known is not None else {}), **(splits or {})}  # type: ignore[dict-item]
    for name in own:
        if name not in _OTHER_NAMES:
            raise ConfigError(f"splits has the unknown split {name!r}. {nearest(str(name), _OTHER_NAMES)}")
    if path is not None:  # or the rows of a known set themselves
        if known is None and rows is not None:
            raise ConfigError(
                f"path is for the file of a known data set, and {rows!r:.60} is none. "
                f"{nearest(str(rows), KNOWN)}"
            )
        rows = Path(path) if isinstance(path, str) else path
    if isinstance(rows, str) and known is None and _is_path(rows):
        rows = Path(rows)
    if isinstance(rows, Path):
        return _file(_of_split(rows, split, own, hold_out), bool(streaming)), known
    if isinstance(rows, str):
        return _of_hub(rows, known, split, config, own, hold_out, bool(streaming)), known
    if isinstance(rows, Mapping):
        chosen = rows[_named(split, rows, own, "The data set", hold_out)]
        return open_source(chosen, split, hold_out=hold_out, streaming=streaming, config=config)[0], known
    return _in_memory(rows, streaming), known


def _is_path(name: str) -> bool:
    return is_row_file(name) or name.startswith((".", "/", "~")) or os.path.exists(name)


def _file(path: Path, streaming: bool) -> RowSource:
    path = path.expanduser()
    try:
        path.stat()
    except (OSError, ValueError) as exc:
        raise ConfigError(
            f"Cannot read {path}: {getattr(exc, 'strerror', '') or exc}. Check the path."
        ) from exc
    return RowSource(str(path), stem_of(path), lambda: read_rows(path), streaming)


def _of_split(path: Path, split: Split, own: Mapping[str, str], hold_out: bool) -> Path:
    """The file of a split in a folder; a file as it is."""
    path = path.expanduser()
    if not os.path.isdir(path):  # which is false, and no error, for a name that no file can have
        return path
    files: dict[str, Path] = {}
    for file in sorted(path.iterdir()):
        if is_row_file(file) and file.is_file():
            files.setdefault(stem_of(file), file)
    if not files:
        raise ConfigError(f"{path} holds no file of rows ({', '.join(SUFFIXES)}). Name the file itself.")
    return files[_named(split, files, own, str(path), hold_out)]


def _named(split: Split, there: Mapping[Any, Any], own: Mapping[str, str], what: str, hold_out: bool) -> Any:
    """The name under which a split is there. Raises `ConfigError` naming those that are."""
    if hold_out:  # one part is cut by hash into all splits
        split = "train"
    for name in (own[split],) if split in own else _OTHER_NAMES[split]:
        if name in there:
            return name
    if hold_out and len(there) == 1:
        return next(iter(there))
    raise ConfigError(
        f"{what} has no split {split!r}; it has {sorted(map(str, there))}. Choose one of these with "
        f"split=, name it with splits={{{split!r}: NAME}}, or pass hold_out=True to split by hash."
    )


def _of_hub(
    name: str,
    known: KnownSet | None,
    split: Split,
    config: str | None,
    own: Mapping[str, str],
    hold_out: bool,
    streaming: bool,
) -> RowSource:
    hub = name if known is None else known.hub
    if known is None and not _may_be_hub(name):
        raise ConfigError(
            f"{name!r} is no file, no folder and no known data set. {nearest(name, KNOWN)} "
            "A data set of the hub is written OWNER/NAME."
        )
    if known is not None and not hold_out and split not in own:
        raise ConfigError(
            f"The data set {name!r} has no split {split!r}, only {sorted(own)}. Choose one of these "
            "with split=, or pass hold_out=True to split by hash."
        )
    if hold_out:
        split = "train"
    wanted = own.get(split) or (next(iter(own.values())) if own else None)
    loaded = load_hub(
        hub,
        config=config or (known.config if known is not None else None),
        split=wanted,
        streaming=streaming,
        data_files=known.data_files if known is not None else None,
    )
    if isinstance(loaded, Mapping):
        loaded = loaded[_named(split, loaded, own, f"The data set {name!r}", hold_out)]
    source = _in_memory(loaded, streaming)
    return RowSource(name, name.rpartition("/")[2], source.read, source.streaming)


def _may_be_hub(name: str) -> bool:
    owner, slash, rest = name.partition("/")
    return bool(owner and slash and rest) and "/" not in rest and not set(name) & set(' \\:*?"<>|\n')


def _in_memory(rows: Any, streaming: bool | None) -> RowSource:
    if hasattr(rows, "to_dict") and hasattr(rows, "columns"):  # a data frame of pandas
        rows = rows.to_dict("records")
    if isinstance(rows, (str, bytes)) or not isinstance(rows, Iterable):
        raise ConfigError(
            f"The rows are {type(rows).__name__}; give a list or another iterable of mappings, a path, "
            "a data set, "
            "or the name of one."
        )
    if streaming is None:
        streaming = _is_stream(rows)
    once = isinstance(rows, Iterator)
    return RowSource("The data set", "row", lambda: numbered(rows), streaming, repeatable=not once)


def _is_stream(rows: Any) -> bool:
    """Whether rows are an `IterableDataset` of the package `datasets`, which need not be imported here."""
    return any(
        kind.__name__ == "IterableDataset" and kind.__module__.split(".")[0] == "datasets"
        for kind in type(rows).__mro__
    )
