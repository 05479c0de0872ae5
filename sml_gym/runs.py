"""A run's folder: what it was asked to do, with which versions, and how it is resumed.

Every command that writes a folder writes `config.yaml` (every option with its value, fit
for `--config`) and `versions.json` into it before anything else.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import os
from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import yaml

from sml_gym.chat.specs import without_limits
from sml_gym.errors import ConfigError
from sml_gym.version import versions

CONFIG = "config.yaml"
VERSIONS = "versions.json"

_MAY_DIFFER = ("out", "resume", "config")


def run_folder(out: str | Path) -> Path:
    """A run's folder by its name. Raises `ConfigError` for none, which would be the current folder."""
    if not str(out).strip():
        raise ConfigError("The run's folder has no name. Pass one with --out.")
    return Path(out)


def begin_run(
    out: str | Path,
    options: Any,
    *,
    resume: bool,
    command: str = "",
    put_aside: bool = False,
    may_differ: Collection[str] = (),
) -> Path:
    """Make a run's folder, or find it again.

    Args:
        out: the folder.
        options: a dataclass or mapping of all the run's options.
        resume: go on with the run in this folder if there is one.
        command: recorded first in the file as a comment, such as `sml-gym eval`.
        put_aside: without `resume`, rename a folder that holds a run (to `<folder>.1` and so on)
            and begin a new one.
        may_differ: options that a resumed run may change, since what it holds does not depend on them.

    Raises:
        ConfigError: if the folder has no name, if it holds a run and `resume` is off, if the run there
            was asked to do something else, or if the folder cannot be written.
    """
    folder, wanted = run_folder(out), plain(options)
    config = folder / CONFIG
    if config.exists() and put_aside and not resume:
        number = next(n for n in itertools.count(1) if not Path(f"{folder}.{n}").exists())
        folder.rename(f"{folder}.{number}")
    if config.exists():
        if not resume:
            raise ConfigError(
                f"{folder} already holds a run. Pass --resume to go on with it, or choose another --out."
            )
        held = read_config(config)
        differing = [
            name
            for name in sorted({*held, *wanted})
            if name not in (*_MAY_DIFFER, *may_differ)
            and comparable(held.get(name)) != comparable(wanted.get(name))
        ]
        if differing:
            shown = ", ".join(f"{n} was {held.get(n)!r}, now {wanted.get(n)!r}" for n in differing[:5])
            raise ConfigError(
                f"Cannot resume: {folder} holds a run with other options ({shown}). "
                f"Use --config {config}, or choose another --out."
            )
    write_record(folder, wanted, command)
    return folder


def write_record(folder: Path, options: Any, command: str = "") -> None:
    """Write `config.yaml` and `versions.json`. Raises `ConfigError` if the folder cannot be written."""
    heading = f"# {command}\n" if command else ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(plain(options), sort_keys=False, allow_unicode=True)
        write_text(folder / CONFIG, heading + text)
        write_json(folder / VERSIONS, versions())
    except OSError as exc:
        raise ConfigError(f"Cannot write to {folder}: {exc.strerror}. Choose another --out.") from exc


def erase_record(folder: Path) -> None:
    """Take back what `write_record` wrote, and the folder if that was all."""
    for name in (CONFIG, VERSIONS):
        (folder / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


@contextlib.contextmanager
def taken_back_if_refused(folder: Path) -> Iterator[None]:
    """Take the record in a run's folder back if the run is refused, or stopped, before it held anything.

    A server says only when it is asked that a key or a model's name is wrong. Who mends that should not
    have to name another folder.
    """
    try:
        yield
    except (ConfigError, KeyboardInterrupt):
        with contextlib.suppress(OSError):
            (folder / "episodes").rmdir()
        if {path.name for path in folder.iterdir()} <= {CONFIG, VERSIONS}:
            erase_record(folder)
        raise


def read_config(path: Path) -> dict[str, Any]:
    """What a `config.yaml` holds. Raises `ConfigError` if it is no mapping."""
    try:
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise ConfigError(f"Cannot read {path}: {exc}. Mend it, or choose another folder.") from exc
    if not isinstance(held, dict):
        raise ConfigError(f"{path} holds no options. Mend it, or choose another folder.")
    return held


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all: a kill leaves the old one or the new one."""
    fresh = path.with_name(path.name + ".new")
    with open(fresh, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)


def write_json(path: Path, value: Any) -> None:
    """Write JSON, indented, whole or not at all. NaN is refused, since JSON has none."""
    write_text(path, json.dumps(value, indent=2, allow_nan=False) + "\n")


def comparable(value: Any) -> Any:
    """A plain value without what a resumed run may change: how hard and how dearly servers may be used."""
    if isinstance(value, str):
        return without_limits(value)
    if isinstance(value, Mapping):
        return {key: comparable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return value


def plain(value: Any) -> Any:
    """Dataclasses, tuples, enums and paths as what YAML and JSON hold."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name.rstrip("_"): plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, Path):
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)
