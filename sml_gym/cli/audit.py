"""`sml-gym audit`: is a teacher truthful, helpful, discreet, and what does it cost?"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from sml_gym.audit import AUDITED, BASELINE, Audit
from sml_gym.cli.options import Command
from sml_gym.errors import BudgetSpent, ConfigError
from sml_gym.evaluation import GO_ON, Plan
from sml_gym.report.audit import audit_table, worst_dialogues
from sml_gym.report.results import broken_off, text_table
from sml_gym.report.viewer import dialogue_page
from sml_gym.runs import begin_run, taken_back_if_refused, write_json, write_text
from sml_gym.students import Sampling, make_student
from sml_gym.teachers.base import describe
from sml_gym.version import versions


@dataclass(frozen=True)
class AuditOptions(Sampling):
    """Which teacher to audit, and on what.

    Attributes:
        teacher: the teacher to audit, by its name (see sml-gym list).
        env_id: the environment's id.
        student: the fixed student, the same for the teacher and for binary. listener, a scripted one, knows
            that the answer is one of 32 and puts behind what a reply contradicts, so that it solves more
            the more it is told; it asks a question every fifth time. Or random, retry, embedded, or a
            model's path or public name.
        n_tasks: how many tasks (tasks).
        max_turns: student utterances until a dialogue ends (turns).
        repeats: how many replies are asked for again under another seed, for the agreement (replies).
        split: where tasks come from: train, validation or test.
        seed: which tasks, and all other randomness; the same seed gives the same.
        env_options: further options of the environment, such as {families: [last_digits_product]}.
        batch_size: dialogues held at the same time; latency is that of a call for so many (dialogues).
        out: the folder for dialogues, results and page.
        resume: go on with an audit that was stopped; what it holds is not asked for again.
        limit: dialogues on the page, the worst of each measure before the others (dialogues).
    """

    teacher: str = "scripted"
    env_id: str = "SML-Math-v0"
    student: str = "listener"
    n_tasks: int = 200
    max_turns: int = 6
    repeats: int = 200
    split: str = "test"
    seed: int = 0
    env_options: dict[str, Any] = field(default_factory=dict)
    batch_size: int = 64
    out: str = "runs/audit"
    resume: bool = False
    limit: int = 200


def run(options: AuditOptions) -> None:
    """Hold the dialogues, judge them, write everything to the folder and print the table."""
    for name, least in (("batch_size", 1), ("limit", 1), ("repeats", 0)):
        if getattr(options, name) < least:
            raise ConfigError(f"{name} is {getattr(options, name)}; it must be at least {least}.")
    plan = Plan(
        options.env_id,
        ("real", BASELINE),
        options.teacher,
        options.n_tasks,
        options.max_turns,
        options.split,
        options.seed,
        options.env_options,
    )
    student = make_student(options.student, plan.env, plan.tasks, sampling=options, seed=options.seed)
    folder = begin_run(options.out, options, resume=options.resume, command="sml-gym audit")
    audit = Audit(plan, student, options.repeats, folder / "episodes", options.batch_size)
    bar = tqdm(total=plan.total, desc="auditing", unit="dialogue", file=sys.stderr)
    with taken_back_if_refused(folder), bar:
        try:
            dialogues, results = audit.run(lambda _: bar.update())
        except BudgetSpent as exc:
            raise BudgetSpent(
                f"{exc}. What is held is saved in {folder}. {GO_ON}", episodes=exc.episodes
            ) from exc
    results = {
        "teacher": audit.teacher.name,
        "teacher_record": describe(audit.teacher),
        "env_id": options.env_id,
        "student": student.name,
        "split": options.split,
        "seed": options.seed,
        "n_tasks": options.n_tasks,
        "max_turns": options.max_turns,
        **results,
        "versions": versions(),
    }
    write_json(folder / "results.json", results)
    table = audit_table(results)
    baseline = audit.baseline
    page = dialogue_page(
        {
            **worst_dialogues(dialogues, baseline),
            AUDITED: [dialogue.episode for dialogue in dialogues],
            BASELINE: baseline,
        },
        title=f"Audit of {audit.teacher.name}",
        lead=f"{options.n_tasks} {options.split} tasks of {options.env_id}; the student is {student.name}.",
        sections=[table],
        limit=options.limit,
    )
    write_text(folder / "report.html", page)
    print(text_table(table))
    print(table.note)
    print(broken_off(d.episode for d in dialogues) + f"Report: {folder / 'report.html'}")


COMMAND = Command(
    summary="Audit a teacher: truthfulness, helpfulness, leaks, answers, cost, latency, agreement.",
    options=AuditOptions,
    run=run,
    example="sml-gym audit --teacher 'noisy(0.2):scripted:2' --env SML-Math-v0 --out runs/audit",
)
