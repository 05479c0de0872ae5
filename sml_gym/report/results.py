"""An evaluation's results as a table, a plot and a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sml_gym.episode import Episode, StopReason
from sml_gym.errors import ConfigError
from sml_gym.report.plots import solve_plot
from sml_gym.report.viewer import Picture, Table, dialogue_page
from sml_gym.runs import write_text
from sml_gym.text import shorten, visible

_SHOWN_TURNS = (1, 4, 10)
_WIDEST = 100  # characters of a cell in the terminal

_LONGEST_REASON = 300  # characters of a failure's words in the terminal

Cell = str | tuple[str, str]


@dataclass(frozen=True)
class _Column:
    """A column that is shown only where some teacher has a value for it."""

    title: str
    value: Callable[[Mapping[str, Any]], Cell]
    note: str


def _share(measure: str) -> Callable[[Mapping[str, Any]], Cell]:
    def cell(found: Mapping[str, Any]) -> Cell:
        share = found.get(measure) or {}
        return "" if share.get("value") is None else estimate_cell(share["value"], share["ci95"])

    return cell


def _cost(found: Mapping[str, Any]) -> Cell:
    spent = found.get("usage_per_dialogue") or {}
    cost = sum(costs.get("cost", 0.0) for costs in spent.values())
    return f"{cost:.5f}" if cost else ""


def _tokens(found: Mapping[str, Any]) -> Cell:
    spent = (found.get("usage_per_dialogue") or {}).get("teacher", {})
    tokens = spent.get("input_tokens", 0) + spent.get("output_tokens", 0)
    return f"{tokens:.0f}" if tokens else ""


_EXTRA = (
    _Column(
        "leaks",
        _share("leak_rate"),
        "Leaks: the share of the checked feedbacks in which a guard found the answer.",
    ),
    _Column(
        "premature",
        _share("premature_share"),
        "Premature: the share of the attempts that came before all that was needed had been told.",
    ),
    _Column(
        "with teacher",
        _share("solved_with_teacher"),
        "With teacher: the share of dialogues whose task was solved with the teacher; solve@k counts only "
        "those in which the isomorph was then solved too, without a teacher.",
    ),
    _Column(
        "transfer",
        _share("transfer_rate"),
        "Transfer: of the dialogues solved with the teacher, the share whose isomorph was solved too.",
    ),
    _Column("teacher tokens", _tokens, "Teacher tokens: read and written, per dialogue."),
    _Column("cost", _cost, "Cost: of student, teacher and judge together, per dialogue."),
)


def results_table(results: Mapping[str, Mapping[str, Any]], title: str = "Tasks solved") -> Table:
    """A row for each evaluation and teacher; solve@k with its 95% interval in columns.

    `results` holds, by the evaluation's name, what `evaluation.Plan.summary` gives.
    """
    longest = max((len(found["solve_at"]) for r in results.values() for _, found in _teachers(r)), default=1)
    turns = sorted({k for k in _SHOWN_TURNS if k <= longest} | {longest})
    failures: Counter[str] = Counter()
    for summary in results.values():
        for _, found in _teachers(summary):
            failures.update(found["failures"])
    extra = [
        column for column in _EXTRA if any(column.value(f) for r in results.values() for _, f in _teachers(r))
    ]
    header = ["student", "teacher", *(f"solve@{k}" for k in turns), "turns to solve"]
    header += [column.title for column in extra]
    rows: list[list[Cell]] = []
    for name, summary in results.items():
        for label, found in _teachers(summary):
            cells = [estimate_cell(found["solve_at"][k - 1], found["ci95"][k - 1]) for k in turns]
            to_solve = found["turns_to_solve"]["value"]
            last = [column.value(found) or "-" for column in extra]
            rows.append([name, label, *cells, "-" if to_solve is None else f"{to_solve:.1f}", *last])
        gain = summary.get("feedback_gain")
        if gain is not None:
            blanks = [""] * (len(turns) - 1)
            rows.append(
                [
                    name,
                    "feedback gain",
                    *blanks,
                    estimate_cell(gain["value"], gain["ci95"]),
                    "",
                    *("" for _ in extra),
                ]
            )
    note = "Shares of tasks solved within k turns, with 95% bootstrap intervals over tasks."
    if any(summary.get("feedback_gain") for summary in results.values()):
        note += (
            f" Feedback gain: solve@{longest} under the real teacher minus under the placebo, paired by task."
        )
    flat = [
        found["n_tasks"]
        for r in results.values()
        for _, found in _teachers(r)
        for value in found["solve_at"]
        if value in (0.0, 1.0)
    ]
    if flat:
        note += " Where every task went the same way the bootstrap sees no variation; the true share may " + (
            f"then still be up to about {3 / min(flat):.1%} away (rule of three)."
        )
    note += "".join(f" {column.note}" for column in extra) + failure_note(failures)
    return Table(title, header, rows, note)


def failure_note(failures: Mapping[str, int]) -> str:
    """A sentence on the dialogues that count in no share, "" if there is none."""
    undecided = failures.get(StopReason.UNDECIDED, 0)
    broken = {reason: count for reason, count in failures.items() if reason != StopReason.UNDECIDED}
    note = ""
    if broken:
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(broken.items()))
        note += f" {sum(broken.values())} dialogues broke off ({reasons}) and count in no share."
    if undecided:
        note += f" {undecided} dialogues are undecided and count in no share."
    return note


def broken_off(episodes: Iterable[Episode]) -> str:
    """For the terminal: how many dialogues broke off, why the first did, and what to do; "" if none did."""
    broken = [episode for episode in episodes if not episode.valid]
    if not broken:
        return ""
    reasons = Counter(episode.stop_reason.value for episode in broken)
    counts = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
    first = shorten(visible(broken[0].error), _LONGEST_REASON).rstrip(".")
    return (
        f"{len(broken)} dialogues broke off ({counts}) and count in no share; with --resume they are held "
        f"again. The first: {first}.\n"
    )


def text_table(table: Table) -> str:
    """The table for a terminal; control characters are shown, not sent."""
    lines = [list(table.header)]
    lines += [
        [shorten(visible(cell if isinstance(cell, str) else " ".join(cell)), _WIDEST) for cell in row]
        for row in table.rows
    ]
    widths = [max(len(line[i]) for line in lines) for i in range(len(table.header))]
    rendered = [
        "  ".join(
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([rendered[0], "-" * max(map(len, rendered)), *rendered[1:]])


def write_report(
    folder: Path,
    *,
    title: str,
    lead: str,
    table: Table,
    results: Mapping[str, Mapping[str, Any]],
    episodes: Mapping[str, Sequence[Episode]],
    pictures: Sequence[Picture] = (),
    limit: int = 500,
) -> str:
    """Write `solve_at_k.png` and `report.html` to `folder`; returns a sentence that says where.

    Without matplotlib the page has no plot, and the sentence says how to get one.
    """
    sections: list[Table | Picture] = [table]
    lack = ""
    try:
        png = solve_plot(results)
        (folder / "solve_at_k.png").write_bytes(png)
        caption = "Share of tasks solved within k turns under each teacher. Bands: 95% bootstrap intervals."
        sections.append(Picture("What the feedback is worth", png, caption))
    except ConfigError as exc:
        lack = f"\nNo plot: {exc}"
    page = dialogue_page(episodes, title=title, lead=lead, sections=[*sections, *pictures], limit=limit)
    write_text(folder / "report.html", page)
    return f"Report: {folder / 'report.html'}{lack}"


def _teachers(summary: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(label, v) for label, v in summary.items() if isinstance(v, Mapping) and "solve_at" in v]


def estimate_cell(value: float | None, ci95: Sequence[float] | None) -> Cell:
    """A value with its interval as a table's cell, "-" where there is none."""
    if value is None or ci95 is None:
        return "-"
    return f"{value:.2f}", f"[{ci95[0]:.2f}, {ci95[1]:.2f}]"
