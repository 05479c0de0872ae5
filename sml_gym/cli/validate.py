"""`sml-gym validate`: whether a data set, or a domain's tasks, do what they should."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from sml_gym.cli.options import Command
from sml_gym.datasets.env import make_reader
from sml_gym.datasets.known import KNOWN
from sml_gym.datasets.reader import Columns, TaskReader
from sml_gym.datasets.sources import RowSource, open_source
from sml_gym.datasets.validation import KINDS, Entry, Part, Validation, validate
from sml_gym.domain import DomainHooks
from sml_gym.errors import ConfigError, nearest
from sml_gym.fixed_tasks import FixedTasks
from sml_gym.registration import env_class
from sml_gym.runs import write_json
from sml_gym.seeding import Split, check_split
from sml_gym.task import Task
from sml_gym.testing import example_options
from sml_gym.text import visible
from sml_gym.wrappers.delegating import DelegatingEnv


@dataclass(frozen=True)
class ValidateOptions:
    """What to check, and how its rows are read.

    Attributes:
        datasets: files, folders, known names or names on the hub; of two or more the overlap is found too.
        format: a known name whose columns the files have, such as gsm8k (see sml_gym.datasets.known).
        problem: the column of the problem, by name or path.
        answer: the column of the answer.
        solution: the column of the worked solution.
        choices: the column of the choices, or one column for each.
        id: the column of the ids; @hash: a hash of the content; @row: the row's number.
        verifier: exact, choice, numeric, math, code, regex, contains, or package.module:function; null: as in
            sml_gym.from_dataset.
        splits: which splits of a folder, of a data set on the hub or of an environment; null: train and test,
            as far as they are there.
        env_id: check the tasks of this environment instead.
        env_options: its options.
        n: how many of its tasks of each split (tasks).
        seed: which of its tasks.
        near: from which similarity on two problems count as nearly the same (share of three-word runs, 0 to
            1); 0: do not look. Generated tasks are only searched for equal ones.
        limit: how many findings of each kind are printed (findings).
        json: a file for all findings.
    """

    datasets: list[str] = field(default_factory=list)
    format: str | None = None
    problem: str | None = None
    answer: str | None = None
    solution: str | None = None
    choices: list[str] | None = None
    id: str | None = None
    verifier: str | None = None
    splits: list[str] | None = None
    env_id: str | None = None
    env_options: dict[str, Any] = field(default_factory=dict)
    n: int = 1000
    seed: int = 0
    near: float = 0.8
    limit: int = 10
    json: str | None = None


def run(options: ValidateOptions) -> int:
    """Check all rows, print what was found; the exit status is 1 if anything was."""
    if not 0 <= options.near <= 1:
        raise ConfigError(f"--near is {options.near}; give a share from 0 to 1.")
    for name, least in (("n", 1), ("limit", 0)):
        if getattr(options, name) < least:
            raise ConfigError(f"--{name} is {getattr(options, name)}; give {least} or more.")
    if options.env_id is not None:
        if options.datasets:
            raise ConfigError("Give data sets or --env, not both.")
        parts = list(_env_parts(options))
    else:
        if not options.datasets:
            raise ConfigError("Nothing to check. Name a data set, or an environment with --env.")
        parts = [part for name in options.datasets for part in _dataset_parts(name, options)]
    names = [part.name for part in parts]
    if len(set(names)) < len(names):
        raise ConfigError(f"The same data set is named twice in {names}. Name each once.")
    known_sizes = [part.size for part in parts if part.size is not None]
    total = sum(known_sizes) if len(known_sizes) == len(parts) else None
    with tqdm(total=total, desc="validating", unit="row", file=sys.stderr) as bar:
        found = validate(parts, near=options.near, on_row=bar.update)
    if options.json is not None:
        path = Path(options.json)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, found.to_json())
        except OSError as exc:
            raise ConfigError(f"Cannot write to {path}: {exc.strerror}. Choose another --json.") from exc
    print(report(found, options.limit))
    return 1 if found.findings else 0


def report(found: Validation, limit: int) -> str:
    """The findings as text, by kind, with their rows."""
    lines = [f"{name}: {number} rows" for name, number in found.rows.items()]
    for kind, count in found.counts.items():
        lines += ["", f"{KINDS[kind].capitalize()} ({count}):"]
        shown = [finding for finding in found.findings if finding.kind == kind][:limit]
        lines += [visible(f"  {finding.where}: {finding.message}") for finding in shown]
        if count > len(shown):
            lines.append(f"  and {count - len(shown)} more (--limit, --json)")
    if not found.findings:
        lines += [
            "",
            "Nothing wrong: every reference scores 1, every changed answer 0, no problem is there twice, and "
            "what comes in pieces loses no number.",
        ]
    return "\n".join(lines)


# ---- rows ----


def _dataset_parts(name: str, options: ValidateOptions) -> Iterator[Part]:
    """The splits of a data set, or the whole of a file."""
    if options.format is not None and options.format not in KNOWN:
        raise ConfigError(f"Unknown format {options.format!r}. {nearest(options.format, KNOWN)}")
    if options.format is None and name not in KNOWN and Path(name).expanduser().is_file():
        yield _rows_part(name, name, "train", options)
        return
    if options.format is not None and Path(name).expanduser().is_file():
        yield _rows_part(name, name, "train", options)
        return
    wanted = [check_split(split) for split in options.splits or ("train", "test")]
    found, missing = [], None
    for split in wanted:
        try:
            found.append(_rows_part(f"{name} ({split})", name, split, options))
        except ConfigError as exc:
            if options.splits is not None or "has no split" not in str(exc):
                raise
            missing = exc
    if not found and missing is not None:
        raise missing
    yield from found


def _rows_part(label: str, name: str, split: Split, options: ValidateOptions) -> Part:
    if options.format is not None:
        source, known = open_source(options.format, split, path=name)
    else:
        source, known = open_source(name, split)
    columns = Columns(
        options.problem, options.answer, options.solution, _choices(options.choices), options.id
    )
    reader = make_reader(columns, options.verifier, known, source.stem)
    reader.verifier.checked = False  # a row whose answer is not accepted is a finding, and no end
    return Part(label, functools.partial(_entries, source, reader), reader.verifier.hooks)


def _choices(columns: list[str] | None) -> str | tuple[str, ...] | None:
    if not columns:
        return None
    return columns[0] if len(columns) == 1 else tuple(columns)


def _entries(source: RowSource, reader: TaskReader) -> Iterator[Entry]:
    for row in source.read():
        try:
            yield Entry(row.number, row.where, reader.task(row))
        except ConfigError as exc:
            yield Entry(row.number, row.where, None, str(exc).removeprefix(f"{row.where}: "))


# ---- tasks of an environment ----


def _env_parts(options: ValidateOptions) -> Iterator[Part]:
    assert options.env_id is not None
    cls = env_class(options.env_id)
    for split in options.splits or ["train", "test"]:
        chosen = {**example_options(options.env_id), **options.env_options}
        env = cls(**{**chosen, "split": check_split(split)})
        source = env.source
        fixed = isinstance(source, FixedTasks)
        whole = isinstance(source, FixedTasks) and not source.hold_out
        if whole and options.splits is None and split != "train":
            return  # one set, whatever the split's name
        tasks = list(source) if isinstance(source, FixedTasks) else source.take(options.n, options.seed)
        entries = [
            Entry(row, f"{split}, task {task.id}", task, text=_whole(env, task))
            for row, task in enumerate(tasks[: options.n])
        ]
        yield Part(split, functools.partial(iter, entries), env, len(entries), near=fixed)


def _whole(env: DomainHooks, task: Task) -> str:
    """The problem as its own domain knows it, where an environment around that one shows less of it."""
    while isinstance(env, DelegatingEnv):
        whole = env.inner(task)
        env, task = env.domain_of(task), whole
    return task.problem


COMMAND = Command(
    summary="Check a data set: each answer scores 1, a changed one 0, no problem is there twice.",
    options=ValidateOptions,
    run=run,
    positional="datasets",
    example="sml-gym validate train.jsonl test.jsonl --format gsm8k --json findings.json",
)
