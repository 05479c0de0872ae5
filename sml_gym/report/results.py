"""An evaluation's results as a table, a plot and a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sml_gym.episode import Episode
from sml_gym.errors import ConfigError
from sml_gym.report.plots import solve_plot
from sml_gym.report.viewer import Picture, Table, dialogue_page
from sml_gym.runs import write_text

_SHOWN_TURNS = (1, 4, 10)


def results_table(results: Mapping[str, Mapping[str, Any]], title: str = "Tasks solved") -> Table:
    """A row for each evaluation and teacher; solve@k with its 95% interval in columns.

    `results` holds, by the evaluation's name, what `evaluation.Plan.summary` gives.
    """
    longest = max((len(found["solve_at"]) for r in results.values() for _, found in _teachers(r)), default=1)
    turns = sorted({k for k in _SHOWN_TURNS if k <= longest} | {longest})
    failed = sum(sum(found["failures"].values()) for r in results.values() for _, found in _teachers(r))
    header = ["student", "teacher", *(f"solve@{k}" for k in turns), "turns to solve"]
    rows: list[list[str | tuple[str, str]]] = []
    for name, summary in results.items():
        for label, found in _teachers(summary):
            cells = [_estimate(found["solve_at"][k - 1], found["ci95"][k - 1]) for k in turns]
            to_solve = found["turns_to_solve"]["value"]
            rows.append([name, label, *cells, "-" if to_solve is None else f"{to_solve:.1f}"])
        gain = summary.get("feedback_gain")
        if gain is not None:
            blanks = [""] * (len(turns) - 1)
            rows.append([name, "feedback gain", *blanks, _estimate(gain["value"], gain["ci95"]), ""])
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
    if failed:
        note += f" {failed} dialogues broke off for technical reasons and count nowhere."
    return Table(title, header, rows, note)


def text_table(table: Table) -> str:
    """The table for a terminal."""
    lines = [list(table.header)]
    lines += [[cell if isinstance(cell, str) else " ".join(cell) for cell in row] for row in table.rows]
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


def _estimate(value: float | None, ci95: Sequence[float] | None) -> str | tuple[str, str]:
    if value is None or ci95 is None:
        return "-"
    return f"{value:.2f}", f"[{ci95[0]:.2f}, {ci95[1]:.2f}]"
