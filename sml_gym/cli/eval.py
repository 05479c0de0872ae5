"""`sml-gym eval`: what a student solves under each teacher, and what feedback is worth to it."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

from tqdm import tqdm

from sml_gym.cli.options import Command
from sml_gym.cli.replay import Policy, run_replay
from sml_gym.errors import ConfigError
from sml_gym.evaluation import TEACHERS, Plan, evaluate, refuse_shared_tasks
from sml_gym.report.results import broken_off, results_table, text_table, write_report
from sml_gym.runs import CONFIG, begin_run, read_config, taken_back_if_refused, write_json
from sml_gym.students import Sampling, make_student
from sml_gym.version import versions


@dataclass(frozen=True)
class EvalOptions(Sampling):
    """What to evaluate, and on what.

    Attributes:
        env_id: the environment's id; null: SML-Math-v0, or with --replay the one that the record names.
        student: random, retry, oracle, listener, embedded, a model's path or name, or openai:MODEL@URL;
            ?prompt=ask after a model tells it to ask, ?prompt=commit how to commit to an answer.
        teachers: under which teachers: real, binary, silent, placebo, or any by its name (see sml-gym list).
        real_teacher: the teacher behind real, which placebo imitates, by its name (see sml-gym list).
        n_tasks: how many tasks, the same under every teacher (tasks).
        max_turns: student utterances until a dialogue ends (turns); solve@k goes up to it.
        split: where tasks come from: train, validation or test.
        seed: which tasks, and all other randomness; the same seed gives the same.
        env_options: further options of the environment, such as {families: [last_digits_product]}.
        batch_size: dialogues held at the same time (dialogues).
        overlap: with a teacher behind a server, into how many parts these are split, so that a model speaks
            in one part while the teacher's words in another are under way (parts).
        out: the folder for episodes, results, plot and page.
        resume: go on with a run that was stopped; what it holds is not held again.
        limit: dialogues on the page (dialogues).
        replay: a file of episodes or a run's folder; its dialogues are judged again by --env with
            --env-options (default: as recorded), without any model, and no new ones are held.
        guard: with --replay, what a guard around the recorded words does with a leak: redact, regenerate
            (which gets the same words again, so it redacts), flag or end; null: no guard.
    """

    env_id: str | None = None
    student: str = "embedded"
    teachers: list[str] = field(default_factory=lambda: list(TEACHERS))
    real_teacher: str = "scripted"
    n_tasks: int = 200
    max_turns: int = 10
    split: str = "test"
    seed: int = 0
    env_options: dict[str, Any] = field(default_factory=dict)
    batch_size: int = 128
    overlap: int = 1
    out: str = "runs/eval"
    resume: bool = False
    limit: int = 500
    replay: str | None = None
    guard: Policy | None = None


def run(options: EvalOptions) -> None:
    """Hold the dialogues, write everything to the folder and print the table."""
    begun = time.monotonic()
    for name in ("batch_size", "overlap", "limit"):  # before the dialogues, which may take hours
        if getattr(options, name) < 1:
            raise ConfigError(f"{name} is {getattr(options, name)}; it must be at least 1.")
    if options.replay is not None:
        run_replay(options)
        return
    if options.guard is not None:
        raise ConfigError(
            "--guard is for --replay. To guard a teacher in new dialogues, name it so: "
            f"--real-teacher 'guard({options.guard}):{options.real_teacher}'."
        )
    env_id = options.env_id or "SML-Math-v0"
    options = replace(options, env_id=env_id)
    plan = Plan(
        env_id,
        options.teachers,
        options.real_teacher,
        options.n_tasks,
        options.max_turns,
        options.split,
        options.seed,
        options.env_options,
    )
    trained_on = _training_options(options.student)
    if trained_on is not None:
        refuse_shared_tasks(trained_on, options.env_options, options.split)
    student = make_student(options.student, plan.env, plan.tasks, sampling=options, seed=options.seed)
    folder = begin_run(options.out, options, resume=options.resume, command="sml-gym eval")
    bar = tqdm(total=plan.total, desc="evaluating", unit="dialogue", file=sys.stderr)
    with taken_back_if_refused(folder), bar:
        held = evaluate(
            plan,
            student,
            folder=folder / "episodes",
            batch_size=options.batch_size,
            overlap=options.overlap,
            on_episode=lambda _: bar.update(),
        )
    results = {
        "env_id": env_id,
        "student": student.name,
        "split": options.split,
        "seed": options.seed,
        "n_tasks": options.n_tasks,
        "max_turns": options.max_turns,
        **plan.summary(held),
        "wall_seconds": round(time.monotonic() - begun, 2),
        "versions": versions(),
    }
    write_json(folder / "results.json", results)
    table = results_table({student.name: results})
    note = write_report(
        folder,
        title=f"{student.name} on {env_id}",
        lead=f"{options.n_tasks} {options.split} tasks under each teacher, up to {options.max_turns} turns.",
        table=table,
        results={student.name: results},
        episodes=held,
        limit=options.limit,
    )
    print(text_table(table))
    print(broken_off(chain.from_iterable(held.values())) + note)


def _training_options(student: str) -> dict[str, Any] | None:
    """The environment options that a student was trained with, where its run's folder tells."""
    name = student.removeprefix("hf:")
    path = Path(name if Path(name).is_dir() else name.partition("?")[0])  # ?prompt=ask is no part of a path
    if not path.is_dir():
        return None
    for folder in (path, *path.resolve().parents[:2]):  # a model lies in the run's folder or in checkpoints/
        for name in (CONFIG, "run.json"):  # JSON is YAML too
            if (folder / name).is_file():
                try:
                    found = read_config(folder / name)
                except ConfigError:  # a file of the same name that is not ours
                    continue
                found = found.get("options", found)
                if isinstance(found, dict) and isinstance(found.get("env_options"), dict):
                    return dict(found["env_options"])
    return None


COMMAND = Command(
    summary="Evaluate a student: solve@k under each teacher, with intervals, and the feedback gain.",
    options=EvalOptions,
    run=run,
    example="sml-gym eval --student embedded --teachers real,placebo --n-tasks 100 --out runs/eval",
)
