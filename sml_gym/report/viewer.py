"""One self-contained HTML page of dialogues, with what was private behind a fold.

Episodes hold text from models, so the page trusts none of it: every text is escaped, hidden
characters are made visible, and a content security policy lets the browser run only
this module's own script and style and load nothing from anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from string import Template

from sml_gym.dialogue import UtteranceKind
from sml_gym.episode import Episode, StopReason, Turn, read_episodes
from sml_gym.errors import ConfigError
from sml_gym.metrics import valid_episodes
from sml_gym.report.notes import marks, note_rows, plain_lines, usage_text
from sml_gym.text import shorten, visible
from sml_gym.version import __version__

DEFAULT_LIMIT = 500


@dataclass(frozen=True)
class Table:
    """A table: `rows` of cells; a cell with a second line is written `(text, small text)`."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str | tuple[str, str]]]
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A PNG image with a caption."""

    title: str
    png: bytes
    caption: str = ""


def find_episodes(path: str | Path) -> dict[str, list[Episode]]:
    """Episodes by their file: of one file, or of every JSON Lines file of episodes below a folder.

    Raises `ConfigError` if there is none, or naming file and line if one is broken.
    """
    root = Path(path)
    if not root.is_dir():
        return {root.stem: read_episodes(root)}
    found = {}
    for file in sorted(root.rglob("*.jsonl")):
        if _holds_episodes(file):
            name = file.relative_to(root).with_suffix("").as_posix()
            found[name] = read_episodes(file)
    if not found:
        raise ConfigError(f"{root} holds no file of episodes (*.jsonl). Name a run's folder or a file.")
    return found


def dialogue_page(
    episodes: Mapping[str, Sequence[Episode]],
    *,
    title: str = "Dialogues",
    lead: str = "",
    sections: Sequence[Table | Picture] = (),
    limit: int = DEFAULT_LIMIT,
) -> str:
    """The page, as text that can be encoded as UTF-8.

    Args:
        episodes: by the name of the set they belong to, such as `before/real`.
        title: the page's heading.
        lead: what stands under it.
        sections: tables and pictures above the dialogues.
        limit: at most so many dialogues are shown, taken evenly from all sets (dialogues).

    Raises:
        ConfigError: for a limit below 1.
    """
    if limit < 1:
        raise ConfigError(f"limit is {limit}; show at least 1 dialogue.")
    total = sum(len(held) for held in episodes.values())
    shown = _evenly(episodes, limit)
    note = f"{len(shown)} of {total} dialogues, each with the verdicts and, behind a fold, what was private."
    if len(shown) < total:
        note = f"The first {len(shown)} of {total} dialogues, evenly from all sets; --limit shows more. " + (
            "Each has its verdicts and, behind a fold, what was private."
        )
    script, style = _asset("page.js"), _asset("page.css")
    return Template(_asset("page.html")).substitute(
        title=_text(title),
        lead=_text(lead),
        note=_text(note),
        heading="<h2>Dialogues</h2>" if sections else "",
        sections="\n".join(_section(section) for section in sections),
        filters=_filters(shown),
        cards="\n".join(_card(name, episode) for name, episode in shown),
        footer=_text(f"Made by sml_gym {__version__}. This page loads nothing from the network."),
        script=script,
        style=style,
        script_hash=_digest(script),
        style_hash=_digest(style),
    )


def _holds_episodes(file: Path) -> bool:
    """Whether the first line looks like an episode: a run's folder holds other records too."""
    try:
        with open(file, encoding="utf-8", errors="replace") as lines:
            first = lines.readline(4_000)
    except OSError as exc:
        raise ConfigError(f"Cannot read {file}: {exc.strerror}. Check its permissions.") from exc
    return first.startswith("{") and '"env_id"' in first and '"opening"' in first


def _evenly(episodes: Mapping[str, Sequence[Episode]], limit: int) -> list[tuple[str, Episode]]:
    """At most `limit`, in the sets' order, from each as many as fit."""
    rounds = zip_longest(*([(name, e) for e in held] for name, held in episodes.items()))
    taken = [item for one_round in rounds for item in one_round if item is not None][:limit]
    order = {name: position for position, name in enumerate(episodes)}
    return sorted(taken, key=lambda item: order[item[0]])


@cache
def _asset(name: str) -> str:
    return files("sml_gym.report").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """What a content security policy calls a script's or style's hash."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _text(text: str) -> str:
    return html.escape(visible(text), quote=True)


def _section(section: Table | Picture) -> str:
    if isinstance(section, Picture):
        data = base64.b64encode(section.png).decode()
        return (
            f'<section><h2>{_text(section.title)}</h2><figure><img alt="{_text(section.title)}" '
            f'src="data:image/png;base64,{data}"><figcaption>{_text(section.caption)}</figcaption>'
            "</figure></section>"
        )
    head = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in section.header)
    body = ""
    above: object = None
    for row in section.rows:  # rows with the same first cell belong together, and say it once
        first, cells = row[0] != above, list(row)
        above = row[0]
        cells[0] = row[0] if first else ""
        body += f"<tr{' class=first' if first else ''}>{''.join(_cell(cell) for cell in cells)}</tr>"
    note = f'<p class="note">{_text(section.note)}</p>' if section.note else ""
    return (
        f'<section><h2>{_text(section.title)}</h2>{note}<div class="scroll"><table><thead><tr>{head}</tr>'
        f"</thead><tbody>{body}</tbody></table></div></section>"
    )


def _cell(cell: str | tuple[str, str]) -> str:
    if isinstance(cell, str):
        return f"<td>{_text(cell)}</td>"
    return f"<td>{_text(cell[0])} <small>{_text(cell[1])}</small></td>"


def _outcome(episode: Episode) -> str:
    if not episode.valid:
        return "failed"
    return "unsolved" if episode.solved_at is None else "solved"


def _filters(shown: Sequence[tuple[str, Episode]]) -> str:
    """A choice for each property in which the dialogues differ."""
    values = {
        "outcome": [_outcome(episode) for _, episode in shown],
        "set": [name for name, _ in shown],
        "family": [episode.family for _, episode in shown],
        "teacher": [episode.teacher for _, episode in shown],
    }
    choices = []
    for name, found in values.items():
        distinct = sorted(set(found) - {""})
        if len(distinct) < 2 and not (name == "outcome" and distinct):
            continue
        options = "".join(f'<option value="{_text(v)}">{_text(v)}</option>' for v in distinct)
        first = f'<option value="">any {name}</option>'
        choices.append(f'<select name="{name}" aria-label="{name}">{first}{options}</select>')
    return "\n".join(choices)


def _card(name: str, episode: Episode) -> str:
    outcome = _outcome(episode)
    badge = f"solved in {episode.solved_at}" if episode.solved_at is not None else outcome
    if episode.stop_reason is StopReason.NOT_TRANSFERRED:
        badge = f"solved in {episode.solved_with_teacher}, not transferred"
    level = f"level {episode.level}" if episode.level else ""
    meta = " · ".join(part for part in (episode.family or episode.task_id, level, episode.teacher) if part)
    said = [f'<li class="teacher"><span class="who">Teacher</span>{_said(episode.opening)}</li>']
    for turn in episode.turns:
        said.append(_student(turn))
        if turn.feedback is not None:
            said.append(_teacher(turn))
    error = f'<p class="error">{_text(episode.error)}</p>' if episode.error else ""
    return (
        f'<details class="card {outcome}" data-outcome="{outcome}" data-set="{_text(name)}" '
        f'data-family="{_text(episode.family)}" data-teacher="{_text(episode.teacher)}">'
        f'<summary><span class="badge">{badge}</span>'
        f'<span class="opening">{_text(shorten(episode.opening, 160))}</span>'
        f'<span class="meta">{_text(meta)}</span></summary>'
        f'<ol class="talk">{"".join(said)}</ol>{error}{_private(name, episode)}</details>'
    )


def _said(text: str) -> str:
    return f'<p class="said" dir="auto">{_text(text)}</p>'


def _student(turn: Turn) -> str:
    outcome = turn.outcome.value
    kind = "" if turn.student.kind in (None, UtteranceKind.ATTEMPT) else f"{turn.student.kind}, "
    read = f", read as {shorten(visible(turn.answer), 80)}" if turn.answer is not None else ""
    cut = ", cut at its limit" if turn.student.truncated else ""
    label = f"{kind}{outcome.replace('_', ' ')}{read}{cut}"
    return (
        f'<li class="student {outcome}"><span class="who">Student</span>{_said(turn.student.text)}'
        f'<span class="verdict">{_text(label)}</span></li>'
    )


def _teacher(turn: Turn) -> str:
    """The reply, and what was done to it on the way; the words before that are private."""
    label = ", ".join(marks(turn))
    shown = f'<span class="verdict">{_text(label)}</span>' if label else ""
    return f'<li class="teacher"><span class="who">Teacher</span>{_said(turn.feedback or "")}{shown}</li>'


def _private(name: str, episode: Episode) -> str:
    rows: dict[str, object] = dict(episode.private)
    for number, turn in enumerate(episode.turns, start=1):
        if turn.facts:
            rows[f"facts spoken, turn {number}"] = ", ".join(turn.facts)
        rows |= {f"{what}, turn {number}": note for what, note in note_rows(turn).items()}
    seeds = f"seed {episode.seed}, teacher's seed {episode.teacher_seed}"
    rows |= {
        "task": f"{episode.env_id}, {episode.task_id} ({episode.split})",
        "probe": "" if episode.probe is None else episode.probe.task_id or "not posed",
        "student": episode.student,
        "teacher": episode.teacher,
        "set": name,
        "ended": f"{episode.stop_reason.value}, turn limit {episode.max_turns}, {seeds}",
        "teacher's record": plain_lines(episode.teacher_record),
        "usage": usage_text(episode),
    }
    listed = "".join(
        f'<dt>{_text(what)}</dt><dd dir="auto">{_text(str(value))}</dd>'
        for what, value in rows.items()
        if str(value)
    )
    return (
        f'<details class="private"><summary>Private, and for the record</summary><dl>{listed}</dl></details>'
    )


def solved_share(episodes: Sequence[Episode]) -> str:
    """Such as `12 of 40 solved, 1 failed`."""
    valid = valid_episodes(episodes)
    solved = sum(episode.solved_at is not None for episode in valid)
    failed = len(episodes) - len(valid)
    return f"{solved} of {len(valid)} solved" + (f", {failed} failed" if failed else "")
