"""`run.json`: which run a folder holds, so that it is neither overwritten nor resumed as another."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from sml_agents.checkpoint import list_checkpoints, step_of
from sml_gym import ConfigError
from sml_gym.runs import comparable
from sml_gym.student_prompts import read_student_prompt
from sml_gym.version import versions

_RECORD = "run.json"


def as_recorded(options: object) -> dict[str, Any]:
    """The fields of a dataclass as the record holds them; an object that has no JSON by its name.

    Raises `ConfigError` for a student's prompt that cannot be read.
    """
    text = json.dumps(vars(options), default=lambda o: getattr(o, "name", type(o).__name__))
    recorded: dict[str, Any] = json.loads(text)
    if recorded.get("student_prompt"):  # its text, for a file may change
        recorded["instructions"] = read_student_prompt(recorded["student_prompt"])
    return recorded


def record_run(options: object, out: Path) -> None:
    """Write options and package versions, unless the run is being resumed."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not (out / _RECORD).exists():
            record = {"options": as_recorded(options), "versions": versions()}
            partial = out / f"{_RECORD}.partial"
            partial.write_text(json.dumps(record, indent=2) + "\n", encoding="ascii")
            partial.rename(out / _RECORD)
    except OSError as exc:
        raise ConfigError(f"Cannot write to {out}: {exc.strerror}. Choose another `out`.") from exc


def erase_run(out: Path) -> None:
    """Take back what `record_run` wrote."""
    (out / _RECORD).unlink(missing_ok=True)


def find_run(options: object, out: Path, *, resume: bool, steps: int, free: Collection[str]) -> Path | None:
    """The checkpoint in `out` to go on from, None to start from the beginning.

    Raises:
        ConfigError: if `out` holds a run that is not to be resumed, that had other options
            (those named in `free` may differ, and how a model's server may be used), or that is
            longer than `steps`.
    """
    record = out / _RECORD
    if not record.exists():
        if list_checkpoints(out / "checkpoints"):
            raise ConfigError(
                f"{out} has checkpoints, and no {_RECORD} that says of which run. Begin from one of them "
                "with student=FOLDER (--student), in another `out`."
            )
        return None
    if not resume:
        raise ConfigError(
            f"{out} holds a run already. Go on with it with resume=True (--resume), or choose another `out`."
        )
    try:
        before = dict(json.loads(record.read_text(encoding="utf-8"))["options"])
    except (OSError, ValueError, KeyError, TypeError) as exc:  # half a file, or somebody else's
        raise ConfigError(f"{record} is no record of a run ({exc}). Choose another `out`.") from exc
    now = as_recorded(options)
    changed = [
        name for name in now if name not in free and comparable(now[name]) != comparable(before.get(name))
    ]
    if changed:
        raise ConfigError(
            f"{out} was run with other options: "
            + ", ".join(f"{name} was {before.get(name)!r}, not {now[name]!r}" for name in changed)
            + ". Resume it with the same, or choose another `out`."
        )
    found = list_checkpoints(out / "checkpoints")
    if found and step_of(found[-1]) > steps:
        raise ConfigError(
            f"{out} has made {step_of(found[-1])} steps already, more than {steps}. Ask for more."
        )
    return found[-1] if found else None
