"""`sml-gym filter`: keep the tasks that a student fails at first and solves with feedback."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from sml_gym.cli.options import Command
from sml_gym.errors import ConfigError
from sml_gym.filtering import FATES, FilterPlan, Thresholds, filter_table_rows, filter_tasks
from sml_gym.report.results import broken_off, text_table
from sml_gym.report.viewer import Table, dialogue_page
from sml_gym.runs import begin_run, taken_back_if_refused, write_json, write_text
from sml_gym.students import Sampling, make_student

KEPT = "kept.tasks"


@dataclass(frozen=True)
class FilterOptions(Sampling):
    """Which tasks to try, and with whom.

    Attributes:
        env_id: the environment's id.
        student: random, retry, listener, embedded, a model's path or name, or openai:MODEL@URL.
        teacher: who teaches, by its name (see sml-gym list).
        n_tasks: how many tasks to try (tasks).
        repeats: dialogues about each task (dialogues).
        max_turns: student utterances until a dialogue ends (turns).
        most_at_once: keep tasks solved at the first turn in at most this share of their dialogues (0 to 1).
        least_solved: and solved in the end in at least this share (0 to 1).
        split: where tasks come from: train, validation or test.
        seed: which tasks, and all other randomness; the same seed gives the same.
        env_options: further options of the environment, such as {families: [last_digits_product]}.
        batch_size: dialogues held at the same time (dialogues).
        out: the folder for kept.tasks, episodes, results and page.
        resume: go on with a filter that was stopped; what it holds is not held again. The two thresholds may
            then be others, so that a finished one sorts its tasks anew.
        limit: dialogues on the page (dialogues).
    """

    env_id: str = "SML-Math-v0"
    student: str = "embedded"
    teacher: str = "scripted"
    n_tasks: int = 1000
    repeats: int = 1
    max_turns: int = 4
    most_at_once: float = 0.25
    least_solved: float = 0.5
    split: str = "train"
    seed: int = 0
    env_options: dict[str, Any] = field(default_factory=dict)
    batch_size: int = 128
    out: str = "runs/filter"
    resume: bool = False
    limit: int = 500


def run(options: FilterOptions) -> None:
    """Hold the dialogues, write everything to the folder and print the table."""
    for name in ("batch_size", "limit"):  # before the dialogues, which may take hours
        if getattr(options, name) < 1:
            raise ConfigError(f"{name} is {getattr(options, name)}; it must be at least 1.")
    thresholds = Thresholds(options.most_at_once, options.least_solved)
    plan = FilterPlan(
        options.env_id,
        ("real",),
        options.teacher,
        options.n_tasks,
        options.max_turns,
        options.split,
        options.seed,
        options.env_options,
        options.repeats,
    )
    student = make_student(options.student, plan.env, plan.tasks, sampling=options, seed=options.seed)
    folder = begin_run(
        options.out,
        options,
        resume=options.resume,
        command="sml-gym filter",
        may_differ=("most_at_once", "least_solved"),
    )
    bar = tqdm(total=plan.total, desc="filtering", unit="dialogue", file=sys.stderr)
    with taken_back_if_refused(folder), bar:
        found = filter_tasks(
            plan,
            student,
            thresholds,
            folder=folder / "episodes",
            batch_size=options.batch_size,
            on_episode=lambda _: bar.update(),
        )
    summary = found.summary()
    found.write(folder / KEPT)
    write_json(folder / "results.json", summary)
    table = filter_table(summary)
    lead = f"{options.n_tasks} {options.split} tasks of {options.env_id}, {options.repeats} dialogues each."
    page = dialogue_page(
        {"real": found.episodes},
        title=f"What {student.name} learns from {summary['teacher']}",
        lead=lead,
        sections=[table],
        limit=options.limit,
    )
    write_text(folder / "report.html", page)
    print(text_table(table))
    print(table.note)
    kept = len(found.kept)
    print(
        broken_off(found.episodes)
        + f"{kept} tasks: {folder / KEPT}"
        + (f", for --env-options '{{tasks: {folder / KEPT}}}'" if kept else "")
    )


def filter_table(summary: Mapping[str, Any]) -> Table:
    """A row for each family, and one for all: how many tasks have which fate."""
    turns = summary["max_turns"]
    header = ["family", "tasks", "kept", "at once", f"not in {turns}", "no outcome"]
    rows = [
        [name or "-", *(str(counts[column]) for column in ("tasks", *FATES))]
        for name, counts in filter_table_rows(summary)
    ]
    counts = summary["counts"]
    note = (
        f"Kept: solved at the first turn in at most {summary['most_at_once']:.0%} of a task's dialogues and "
        f"within {turns} in at least {summary['least_solved']:.0%}, by {summary['student']} with "
        f"{summary['teacher']}. {counts['always_at_once']} tasks were solved at once every time, "
        f"{counts['never']} never."
    )
    return Table("Tasks that feedback solves", header, rows, note)


COMMAND = Command(
    summary="Keep the tasks that a student fails at first and solves with feedback.",
    options=FilterOptions,
    run=run,
    example="sml-gym filter --env SML-Math-v0 --student embedded --n-tasks 500 --out runs/filter",
)
