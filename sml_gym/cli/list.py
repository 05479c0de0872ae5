"""`sml-gym list`: the installed environments."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from sml_gym.cli.options import Command
from sml_gym.env import SMLEnv
from sml_gym.errors import ConfigError
from sml_gym.registration import env_class, env_ids
from sml_gym.task import GeneratedTasks


@dataclass(frozen=True)
class ListOptions:
    """What to show.

    Attributes:
        families: also show each environment's task families with their levels.
    """

    families: bool = True


def run(options: ListOptions) -> None:
    """Print one block per environment. One that cannot be loaded is shown with the reason."""
    for env_id in env_ids():
        try:
            cls = env_class(env_id)
        except ConfigError as exc:
            print(f"{env_id}\n  not available: {exc}")
            continue
        description = (inspect.getdoc(cls) or "").split("\n")[0]
        print(f"{env_id}\n  {cls.__module__}.{cls.__qualname__}: {description}")
        if options.families:
            for line in _families(cls):
                print(f"  {line}")


def _families(cls: type[SMLEnv]) -> list[str]:
    try:
        source = cls().source
    except Exception as exc:  # no tasks of its own, or broken: the other domains are shown all the same
        return [str(exc)]
    if not isinstance(source, GeneratedTasks):
        return []
    width = max(len(family.name) for family in source.families)
    return [
        f"{family.name:<{width}}  levels {', '.join(map(str, family.levels))}" for family in source.families
    ]


COMMAND = Command(
    summary="Show the installed environments, with their task families and levels.",
    options=ListOptions,
    run=run,
    example="sml-gym list --no-families",
)
