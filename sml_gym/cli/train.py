"""`sml-gym train`: train a student with one of the installed algorithms.

An algorithm is a function `train(options, *, progress=True)` whose first parameter is a
dataclass; if what it returns has a true `stopped`, the run was told to end early. A package
offers it through the entry-point group `sml_gym.algorithms`; its options then are the
command's, without another line of code. If the dataclass has a method `plan() -> str`, that is
what `--dry-run` prints in the place of training.

A package offers recipes, files for `--config` that are known by their names, through the group
`sml_gym.recipes`: a package that holds them as `NAME.yaml`.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, make_dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from sml_gym.cli.options import Command
from sml_gym.errors import ConfigError, nearest
from sml_gym.evaluation import refuse_shared_tasks
from sml_gym.report.plots import learning_plot, read_metrics
from sml_gym.runs import CONFIG, erase_record, read_config, run_folder, write_record
from sml_gym.students import missing_extra

GROUP = "sml_gym.algorithms"
RECIPES = "sml_gym.recipes"


@dataclass(frozen=True)
class AlgorithmChoice:
    """The option that all algorithms share.

    Attributes:
        algo: the algorithm; `sml-gym train --algo NAME --help` shows its options.
        dry_run: print what would be done, and how much memory it would take, instead of doing it; a recipe's
            name may follow, as in `--dry-run embedded`.
    """

    algo: str = "grpo"
    dry_run: bool = False


def load_algorithm(name: str) -> tuple[Callable[..., Any], type]:
    """An algorithm's function and the dataclass of its options.

    Raises `ConfigError` naming the nearest algorithm, or the extra to install.
    """
    known = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in known:
        raise ConfigError(f"Unknown algorithm {name!r}. {nearest(name, known)}")
    try:
        train = known[name].load()
    except ImportError as exc:
        raise missing_extra(f"the algorithm {name!r}", exc) from exc
    first = next(iter(inspect.signature(train).parameters))
    options = typing.get_type_hints(train)[first]
    if not is_dataclass(options):
        raise ConfigError(f"The algorithm {name!r} takes no dataclass of options. Update its package.")
    return train, typing.cast(type, options)


def recipes() -> dict[str, Path]:
    """The installed recipes: their names, with the files."""
    found: dict[str, Path] = {}
    for entry in entry_points(group=RECIPES):
        spec = find_spec(entry.value)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            found |= {path.stem: path for path in Path(folder).glob("*.yaml")}
    return found


def name_files(arguments: list[str]) -> list[str]:
    """The arguments with the names of recipes, after `--config` and `--dry-run`, as the files that they are.

    A file of that name comes first. Raises `ConfigError` for a bare name that is neither.
    """
    done: list[str] = []
    for argument in arguments:
        before = done[-1] if done else ""
        if before.replace("_", "-") == "--dry-run" and not argument.startswith("-"):
            if argument not in ("yes", "no", "true", "false"):
                done += ["--config", _recipe(argument)]
                continue
        elif before == "--config":
            argument = _recipe(argument)
        elif argument.startswith("--config="):
            argument = "--config=" + _recipe(argument.removeprefix("--config="))
        done.append(argument)
    return done


def _recipe(name: str) -> str:
    if Path(name).exists() or Path(name).name != name or Path(name).suffix in (".yaml", ".yml", ".json"):
        return name
    known = recipes()
    if name not in known:
        raise ConfigError(f"There is no file and no recipe {name!r:.80}. {nearest(name, known)}")
    return str(known[name])


def options_class(arguments: list[str]) -> type:
    """The chosen algorithm's options with `algo` beside them, as one dataclass."""
    _, options = load_algorithm(_chosen(arguments))
    return make_dataclass("TrainOptions", [], bases=(AlgorithmChoice, options), frozen=True)


def algorithms_with(flag: str, arguments: list[str]) -> str:
    """What to say of an option that the chosen algorithm does not have and others do; "" if none has it."""
    chosen, having = _chosen(arguments), []
    for name in sorted(entry.name for entry in entry_points(group=GROUP)):
        with contextlib.suppress(ConfigError):  # one that cannot be loaded here
            if flag.replace("-", "_") in {field.name for field in fields(load_algorithm(name)[1])}:
                having.append(name)
    if not having:
        return ""
    return (
        f"The algorithm {chosen!r} has no option {flag!r}. Leave it out, or choose an --algo that has it: "
        f"{', '.join(having)}."
    )


def run(options: Any) -> None:
    """Train, and print where the run lies."""
    train, cls = load_algorithm(options.algo)
    asked = cls(**{field.name: getattr(options, field.name) for field in fields(cls)})
    if options.dry_run:
        if not hasattr(asked, "plan"):
            raise ConfigError(f"The algorithm {options.algo!r} cannot say what it would do. Omit --dry-run.")
        print(asked.plan())
        return
    env_options = getattr(options, "env_options", None) or {}
    if isinstance(env_options.get("tasks"), dict):  # one file for each split: they must differ
        for split in ("validation", "test"):
            refuse_shared_tasks(env_options, env_options, split)
    folder = run_folder(options.out)
    config = folder / CONFIG
    fresh = not config.exists()
    if not fresh and "algo" not in read_config(config):
        raise ConfigError(f"{folder} holds a run of another command. Choose another --out.")
    first = os.environ.get("RANK", "0") == "0"  # of the processes that torchrun started, one keeps the record
    if fresh and first:
        write_record(folder, options, "sml-gym train")
    written = _names(folder)
    try:
        made = train(asked)
    except (ConfigError, KeyboardInterrupt):
        if fresh and first and _names(folder) == written:  # nothing began that this could be the record of
            erase_record(folder)
        raise
    if first:
        # The algorithm has accepted the options, so what a resumed run was told anew holds now.
        write_record(folder, options, "sml-gym train")
        _plot(folder)
        if getattr(made, "stopped", False):
            print("Told to stop: what was whole is saved; go on with --resume.")
        print(f"Run: {options.out}")


def _plot(folder: Path) -> None:
    """Draw `learning_curve.png` from the metrics that an algorithm logged."""
    log = folder / "metrics.jsonl"
    if log.is_file() and log.stat().st_size:  # a run of no steps has none
        try:
            (folder / "learning_curve.png").write_bytes(learning_plot(read_metrics(log)))
        except ConfigError as exc:  # no matplotlib, or nothing to plot: the run stands all the same
            print(f"No learning curve: {exc}")


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def _chosen(arguments: Sequence[str]) -> str:
    """The algorithm that the arguments, or else their `--config` file, name."""
    found = _value(arguments, "--algo")
    if found is not None:
        return found
    config = _value(arguments, "--config")
    if config is not None and Path(config).is_file():
        try:
            held = yaml.safe_load(Path(config).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError):  # the parser says it better, later
            held = None
        if isinstance(held, dict) and isinstance(held.get("algo"), str):
            return str(held["algo"])
    return AlgorithmChoice.algo


def _value(arguments: Sequence[str], flag: str) -> str | None:
    """The last value given to a flag, written `--flag value` or `--flag=value`."""
    found = None
    for position, argument in enumerate(arguments):
        if argument.startswith(f"{flag}="):
            found = argument.partition("=")[2]
        elif argument == flag and position + 1 < len(arguments):
            found = arguments[position + 1]
    return found


COMMAND = Command(
    summary="Train a student on its dialogues with a teacher.",
    options=options_class,
    run=run,
    prepare=name_files,
    elsewhere=algorithms_with,
    example="sml-gym train --config embedded --steps 50 --out runs/train",
)
