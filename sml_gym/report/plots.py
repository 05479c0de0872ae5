"""Plots as PNG: solve@k under each teacher, and how training went.

Matplotlib is imported on use only; it comes with the extra `sml-gym[plot]`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sml_gym.errors import ConfigError

_COLOURS = {"real": "#0f7b4f", "binary": "#2563a8", "silent": "#7a7f87", "placebo": "#c2571a"}
_MORE_COLOURS = ("#7b4fa3", "#a8892a", "#3a9ca8", "#a83a6b")  # for teachers beyond the standard ones
_NAMES = {
    "real": "real feedback",
    "binary": "binary (right or wrong)",
    "silent": "silent",
    "placebo": "placebo (another task's)",
}
_METRIC_NAMES = {"return": "mean return (discounted)", "turns_to_solve": "turns to solve, of the solved"}
_INK, _SOFT, _GRID = "#1d2026", "#646b76", "#e6e4df"


def solve_plot(results: Mapping[str, Mapping[str, Any]], title: str = "") -> bytes:
    """solve@k with its 95% intervals under each teacher, one panel per evaluation.

    Args:
        results: by the panel's title (such as `before` and `after`) what
            `evaluation.Plan.summary` gives: for each teacher `solve_at` and `ci95`.
        title: the figure's title.

    Returns:
        A PNG file's bytes.

    Raises:
        ConfigError: if matplotlib is not installed.
    """
    figure = _figure(1.0 + 4.3 * len(results), 4.1)
    panels = figure.subplots(1, len(results), sharey=True, squeeze=False)[0]
    for panel, (name, summary) in zip(panels, results.items(), strict=True):
        for number, (label, found) in enumerate(_teachers(summary)):
            _solve_line(panel, label, number, found)
        _style(panel)
        panel.set_ylim(-0.02, 1.02)
        panel.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        panel.set_title(name, loc="left", fontsize=11, fontweight="bold", color=_INK)
        panel.set_xlabel("turns the student may take (k)", color=_SOFT)
    panels[0].set_ylabel("tasks solved within k turns", color=_SOFT)
    handles, labels = panels[0].get_legend_handles_labels()
    columns = 4 if len(results) > 1 else 2
    figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False, fontsize=9.5)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12.5, fontweight="bold", color=_INK)
    return _png(figure)


def learning_plot(metrics: Sequence[Mapping[str, Any]], title: str = "") -> bytes:
    """Mean return and share solved over training steps, and the turns that solving took.

    Args:
        metrics: rows of a trainer's `metrics.jsonl` (see `read_metrics`).
        title: the figure's title.

    Returns:
        A PNG file's bytes.

    Raises:
        ConfigError: if matplotlib is not installed or no row has anything to plot.
    """
    solve = sorted({name for row in metrics for name in row if name.startswith("solve@")}, key=_last_number)
    shares = _series(metrics, ["return", *dict.fromkeys([*solve[:1], *solve[-1:]])] if solve else ["reward"])
    turns = _series(metrics, ["turns_to_solve"])
    if not shares:
        raise ConfigError("These metrics hold no reward to plot. Is this a trainer's metrics.jsonl?")
    figure = _figure(9.6, 3.7)
    panels = figure.subplots(1, 2 if turns else 1, squeeze=False)[0]
    names = ("share", "turns")
    for panel, lines, what in zip(panels, (shares, turns), names, strict=False):
        for number, (name, (steps, values)) in enumerate(lines.items()):
            colour = ("#0f7b4f", "#2563a8", "#c2571a", "#7b4fa3")[number % 4]
            panel.plot(steps, values, color=colour, alpha=0.25, linewidth=0.9)
            label = _METRIC_NAMES.get(name, name)
            alone = "o" if len(steps) == 1 else None  # a line of one point would not be seen
            panel.plot(steps, _smooth(values), color=colour, linewidth=2, marker=alone, label=label)
        _style(panel)
        panel.xaxis.get_major_locator().set_params(integer=True)
        panel.set_xlabel("training step", color=_SOFT)
        if what == "share":
            panel.set_ylim(-0.02, 1.02)
            panel.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        panel.legend(frameon=False, fontsize=9.5, loc="best")
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12.5, fontweight="bold", color=_INK)
    return _png(figure)


def read_metrics(path: str | Path) -> list[dict[str, Any]]:
    """The rows of a `metrics.jsonl`. A last line that a kill cut short is left out.

    Raises `ConfigError` naming file and line for any other bad line.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").split("\n")
    except OSError as exc:
        raise ConfigError(f"Cannot read {path}: {exc.strerror}. Check the path.") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path} is no text in UTF-8 ({exc}). Name a file of metrics.") from exc
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as exc:
            if number == len(lines):
                break
            raise ConfigError(f"{path}, line {number}: not valid JSON ({exc}). Remove the line.") from exc
        if isinstance(row, dict):
            rows.append(row)
    return rows


def _figure(width: float, height: float) -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError as exc:
        raise ConfigError(f"Plots need matplotlib ({exc}). Run: pip install 'sml-gym[plot]'") from exc
    return Figure(figsize=(width, height), dpi=150, layout="constrained", facecolor="white")


def _png(figure: Any) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _style(panel: Any) -> None:
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        panel.spines[side].set_color(_GRID)
    panel.grid(axis="y", color=_GRID, linewidth=0.8)
    panel.set_axisbelow(True)
    panel.tick_params(colors=_SOFT, labelsize=9, length=0)


def _teachers(summary: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(label, v) for label, v in summary.items() if isinstance(v, Mapping) and "solve_at" in v]


def _solve_line(panel: Any, label: str, number: int, found: Mapping[str, Any]) -> None:
    known = [
        (k, v, ci) for k, (v, ci) in enumerate(zip(found["solve_at"], found["ci95"], strict=True), 1) if ci
    ]
    if not known:
        return
    turns, values, intervals = zip(*known, strict=True)
    colour = _COLOURS.get(label, _MORE_COLOURS[number % len(_MORE_COLOURS)])
    low, high = zip(*intervals, strict=True)
    panel.fill_between(turns, low, high, color=colour, alpha=0.15, linewidth=0)
    panel.plot(
        turns, values, color=colour, marker="o", markersize=4, linewidth=2, label=_NAMES.get(label, label)
    )
    panel.set_xticks(turns)


def _series(
    metrics: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> dict[str, tuple[list[float], list[float]]]:
    """These columns over `step`, where they hold numbers."""
    found: dict[str, tuple[list[float], list[float]]] = {}
    for number, row in enumerate(metrics, start=1):
        for name in names:
            value = row.get(name)
            if isinstance(value, (int, float)) and value == value:
                steps, values = found.setdefault(name, ([], []))
                steps.append(float(row.get("step", number)))
                values.append(float(value))
    return found


def _smooth(values: Sequence[float]) -> list[float]:
    """A centred moving mean over about a twentieth of the run."""
    half = max(1, len(values) // 40)
    return [
        sum(values[max(0, i - half) : i + half + 1]) / len(values[max(0, i - half) : i + half + 1])
        for i in range(len(values))
    ]


def _last_number(name: str) -> int:
    """10 for `solve@10`."""
    digits = name.rpartition("@")[2]
    return int(digits) if digits.isdecimal() else 0
