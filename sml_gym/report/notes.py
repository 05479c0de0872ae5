"""What records hold beside the words, as text for people: notes, teachers' records, usage.

Notes are JSON of anyone's making, so nothing here counts on their shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sml_gym.episode import Episode, Turn
from sml_gym.metrics import SPENDERS

_DEEPEST = 5
_LONGEST = 4_000


def marks(turn: Turn) -> list[str]:
    """What was done to a reply, in a few words without anything private, such as `guard: leak, redact`."""
    found = []
    for name, note in turn.notes.items():
        if name == "cut_from":
            found.append("cut at its limit")
        elif name == "shard" and isinstance(note, int):
            found.append(f"piece {note + 1}")
        elif name == "premature" and note:
            found.append("premature attempt")
        elif isinstance(note, Mapping) and "leak" in note:
            if note["leak"]:
                policy = note.get("policy")
                found.append(f"{name}: leak" + (f", {policy}" if isinstance(policy, str) else ""))
        elif isinstance(note, Mapping) and "replaced" in note:
            if note["replaced"]:
                found.append(name)
        elif note:
            found.append(name)
    return [mark[:80] for mark in found[:8]]


def note_rows(turn: Turn) -> dict[str, str]:
    """A turn's notes by the name of who made them. A guard that found nothing is left out."""
    rows = {}
    for name, note in turn.notes.items():
        if isinstance(note, Mapping) and note.get("leak") is False:
            continue
        if name in ("shard", "premature"):  # their marks say it all
            continue
        text = f"the reply had {note} characters" if name == "cut_from" else plain_lines(note)
        rows["cut" if name == "cut_from" else name] = text
    return rows


def plain_lines(value: object, depth: int = 0) -> str:
    """JSON values as lines of `name: value`, nested ones indented, cut where it gets long or deep."""
    text = _plain(value, depth)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def usage_text(episode: Episode) -> str:
    """What student, teacher and judge have used, a line each."""
    lines = []
    for who in SPENDERS:
        spent = [
            f"{name.removeprefix(f'{who}_').replace('_', ' ')} {_number(number)}"
            for name, number in episode.usage.items()
            if name.startswith(f"{who}_")
        ]
        if spent:
            lines.append(f"{who}: {', '.join(spent)}")
    rest = [
        f"{name}: {_number(number)}"
        for name, number in episode.usage.items()
        if name.partition("_")[0] not in SPENDERS
    ]
    return "\n".join([*lines, *rest])


def _plain(value: object, depth: int) -> str:
    if isinstance(value, Mapping):
        if set(value) == {"kind", "slots"} and isinstance(value["slots"], Mapping):  # a fact
            slots = ", ".join(f"{name}={_short(slot)}" for name, slot in value["slots"].items())
            return f"{_short(value['kind'])}({slots})"
        if depth >= _DEEPEST:
            return "…"
        return "\n".join(
            _indented(str(name), _plain(item, depth + 1)) for name, item in value.items() if item != {}
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        if depth >= _DEEPEST:
            return "…"
        items = [_plain(item, depth + 1) for item in value]
        apart = "\n" if any("\n" in item or len(item) > 40 for item in items) else ", "
        return apart.join(items)
    return _short(value)


def _indented(name: str, text: str) -> str:
    if "\n" not in text:
        return f"{name}: {text}"
    return f"{name}:\n  " + text.replace("\n", "\n  ")


def _short(value: object) -> str:
    if isinstance(value, float):
        return _number(value)
    if value is None or isinstance(value, bool):
        return {True: "yes", False: "no", None: "none"}[value]
    return str(value)


def _number(number: float) -> str:
    return f"{number:.6g}" if isinstance(number, float) else str(number)
