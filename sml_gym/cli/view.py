"""`sml-gym view`: a page of dialogues."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sml_gym.cli.options import Command
from sml_gym.errors import ConfigError
from sml_gym.report.viewer import DEFAULT_LIMIT, dialogue_page, find_episodes, solved_share
from sml_gym.runs import write_text


@dataclass(frozen=True)
class ViewOptions:
    """What to show, and where to.

    Attributes:
        paths: files of episodes (*.jsonl), or folders to search for them.
        out: the page to write; it needs no other file and no network.
        limit: show at most so many dialogues, evenly from all files (dialogues).
        title: the page's heading.
    """

    paths: list[str] = field(default_factory=list)
    out: str = "dialogues.html"
    limit: int = DEFAULT_LIMIT
    title: str = "Dialogues"


def run(options: ViewOptions) -> None:
    """Write the page and print where it lies."""
    if not options.paths:
        raise ConfigError("Nothing to show. Name a file of episodes or a run's folder.")
    episodes = {}
    for path in options.paths:
        for name, held in find_episodes(path).items():
            key = name if len(options.paths) == 1 else f"{Path(path).name}/{name}"
            while key in episodes:
                key += "'"
            episodes[key] = held
    everything = [episode for held in episodes.values() for episode in held]
    page = dialogue_page(
        episodes, title=options.title, lead=f"{solved_share(everything)}.", limit=options.limit
    )
    write_text(Path(options.out), page)
    shown = min(options.limit, len(everything))
    print(f"{shown} of {len(everything)} dialogues: {options.out}")


COMMAND = Command(
    summary="Write one self-contained HTML page of dialogues.",
    options=ViewOptions,
    run=run,
    positional="paths",
    example="sml-gym view runs/demo --out dialogues.html",
)
