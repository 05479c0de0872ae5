"""Whether a data set does what it should: every answer right, a changed one wrong, no problem twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from sml_gym.datasets.similarity import near_pairs, plain_text
from sml_gym.domain import DomainHooks
from sml_gym.errors import ConfigError
from sml_gym.shards import lost_numbers
from sml_gym.task import Task

KINDS = {
    "unreadable": "rows that cannot be read",
    "repeated_id": "ids used before",
    "reference": "reference answers that do not score 1",
    "perturbed": "changed answers that score 1",
    "broken": "rows at which the verifier breaks",
    "shards": "rows whose pieces lack a number of the problem",
    "duplicate": "problems that stand there twice",
    "contradiction": "problems that stand there twice with different answers",
    "near_duplicate": "problems that are nearly the same",
    "overlap": "problems that another part holds too",
    "near_overlap": "problems that are nearly the same as one of another part",
}
"""What can be found."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row, or one generated task.

    Attributes:
        row: its number in its part, from 0.
        where: how a reader finds it.
        task: what it became, None for a row that cannot be read.
        flaw: why it cannot be read.
        text: what is compared with other rows; "" for the problem as it is.
    """

    row: int
    where: str
    task: Task | None
    flaw: str = ""
    text: str = ""


@dataclass(frozen=True)
class Part:
    """A file or a split.

    Attributes:
        name: what it is called.
        entries: gives its rows.
        hooks: of the domain that judges its answers.
        size: how many rows it has, None if that is not known before.
        near: whether nearly equal problems are looked for.
    """

    name: str
    entries: Callable[[], Iterable[Entry]]
    hooks: DomainHooks
    size: int | None = None
    near: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, with the row it is about and, for two rows, the other one."""

    kind: str
    part: str
    row: int
    where: str
    message: str
    other_part: str = ""
    other_row: int | None = None


@dataclass
class Validation:
    """What was found.

    Attributes:
        rows: how many rows each part has.
        findings: in the order of the rows.
    """

    rows: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each kind that was found."""
        found = Counter(finding.kind for finding in self.findings)
        return {kind: found[kind] for kind in KINDS if found[kind]}

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return {
            "rows": self.rows,
            "counts": self.counts,
            "findings": [asdict(finding) for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class _Seen:
    part: str
    row: int
    where: str
    text: str
    answer: str
    near: bool


def validate(
    parts: Iterable[Part], *, near: float = 0.8, on_row: Callable[[], object] | None = None
) -> Validation:
    """Check every row of every part, and the rows against each other.

    Args:
        parts: files or splits that should not share problems.
        near: from which similarity on problems count as nearly the same (0 to 1; see `similarity`);
            0: do not look.
        on_row: called after each row.
    """
    found = Validation()
    seen: list[_Seen] = []
    for part in parts:
        ids: dict[str, str] = {}
        for entry in part.entries():
            found.rows[part.name] = found.rows.get(part.name, 0) + 1
            found.findings += _row_findings(part, entry, ids)
            if entry.task is not None:
                answer = entry.task.private.reveal().answer
                text = plain_text(entry.text or entry.task.problem)
                seen.append(_Seen(part.name, entry.row, entry.where, text, answer, part.near))
            if on_row is not None:
                on_row()
        found.rows.setdefault(part.name, 0)
        if not found.rows[part.name]:
            raise ConfigError(f"{part.name} holds no row. Add rows to it, or name another file.")
    found.findings += _equal(seen)
    if near > 0:
        found.findings += _near([one for one in seen if one.near], near)
    return found


def _row_findings(part: Part, entry: Entry, ids: dict[str, str]) -> Iterator[Finding]:
    def finding(kind: str, message: str) -> Finding:
        return Finding(kind, part.name, entry.row, entry.where, message)

    task = entry.task
    if task is None:
        yield finding("unreadable", entry.flaw)
        return
    if task.id in ids:
        yield finding("repeated_id", f"the id {task.id!r} was used before, at {ids[task.id]}")
    ids.setdefault(task.id, entry.where)
    try:
        probes = part.hooks.probes(task)
        right = part.hooks.examine(task, probes.correct).verdict
        wrong = part.hooks.examine(task, probes.incorrect).verdict
    except Exception as exc:  # a verifier is foreign code, and one row must not hide the others
        yield finding("broken", f"the verifier broke: {type(exc).__name__}: {exc}")
        return
    if not right.correct:
        why = f" ({right.reason})" if right.reason else ""
        yield finding("reference", f"its reference {_short(probes.correct)} is {right.outcome.value}{why}")
    if wrong.correct:
        yield finding("perturbed", f"the changed answer {_short(probes.incorrect)} scores 1")
    try:
        shards = part.hooks.shards(task)
    except Exception as exc:  # this too is a domain's own code
        yield finding("shards", f"it cannot be told in pieces: {type(exc).__name__}: {exc}")
        return
    if shards is not None and (lost := lost_numbers(entry.text or task.problem, shards)):
        yield finding("shards", f"its pieces lack {', '.join(lost)} of the problem")


def _equal(seen: Iterable[_Seen]) -> Iterator[Finding]:
    first: dict[str, _Seen] = {}
    for one in seen:
        other = first.setdefault(one.text, one)
        if other is one:
            continue
        kind = "overlap" if other.part != one.part else "duplicate"
        also = ""
        if other.answer != one.answer:
            also = ", with another answer"
            kind = kind if kind == "overlap" else "contradiction"
        yield _pair(kind, one, other, f"the same problem as {other.where}{also}")


def _near(seen: list[_Seen], threshold: float) -> Iterator[Finding]:
    for place, before, similarity in near_pairs([one.text for one in seen], threshold):
        one, other = seen[place], seen[before]
        kind = "near_overlap" if other.part != one.part else "near_duplicate"
        also = "" if other.answer == one.answer else ", with another answer"
        yield _pair(kind, one, other, f"nearly the same problem as {other.where} ({similarity:.0%}){also}")


def _pair(kind: str, one: _Seen, other: _Seen, message: str) -> Finding:
    return Finding(kind, one.part, one.row, one.where, message, other.part, other.row)


def _short(text: str) -> str:
    shown = " ".join(text.split())
    return repr(shown if len(shown) <= 80 else f"{shown[:79]}…")
