"""`sml-gym demo`: the whole road on an ordinary CPU, in minutes.

The embedded student is evaluated on held-out tasks under four teachers, trained with
multi-turn GRPO against the scripted teacher, and evaluated again on the same tasks. If
solve@k rises under the real teacher and not under the placebo, it has learned to learn
from feedback, and not the tasks.

A run that was killed goes on with `--resume`: dialogues already held are read back and
training continues from its last checkpoint.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from sml_agents.plugins import quiet_libraries
from sml_gym.cli.options import Command
from sml_gym.episode import Episode
from sml_gym.errors import ConfigError
from sml_gym.evaluation import Plan, evaluate, refuse_shared_tasks
from sml_gym.report.plots import learning_plot, read_metrics
from sml_gym.report.results import results_table, text_table, write_report
from sml_gym.report.viewer import Picture
from sml_gym.runs import begin_run, write_json
from sml_gym.students import missing_extra
from sml_gym.version import versions

if TYPE_CHECKING:
    from sml_agents.grpo import GRPOOptions

_CLOCK = "clock.json"


@dataclass(frozen=True)
class DemoOptions:
    """The demo's budget.

    Attributes:
        out: the folder for everything; an earlier demo there is renamed, not overwritten.
        seed: of the tasks, the teachers and all sampling; the same seed gives the same.
        resume: go on with a run that was stopped.
        student: the model to train: embedded, or a model's path or public name.
        env_id: the environment's id.
        env_options: further options of the environment, in training and evaluation.
        teacher: who answers in training, and the real teacher of the evaluations.
        n_tasks: held-out tasks of an evaluation, under each of four teachers (tasks).
        eval_turns: student utterances a dialogue may take in evaluation (turns).
        train_turns: student utterances a dialogue may take in training (turns).
        steps: GRPO updates (steps).
        problems_per_step: problems in a GRPO step (problems).
        group_size: dialogues about each problem of a GRPO step (dialogues).
        lr: learning rate of GRPO.
        max_tokens_per_turn: an utterance is cut after so many tokens (tokens).
        save_every: a checkpoint every so many steps (steps).
        threads: threads of a computation; 0 leaves it to the machine. One is fastest for a small
            model, and two on a machine that has other work can be ten times slower (threads).
        limit: dialogues on the page (dialogues).
    """

    out: str = "runs/demo"
    seed: int = 0
    resume: bool = False
    student: str = "embedded"
    env_id: str = "SML-Math-v0"
    env_options: dict[str, Any] = field(
        default_factory=lambda: {"families": ["last_digits_product", "last_digits_sum"]}
    )
    teacher: str = "scripted"
    n_tasks: int = 200
    eval_turns: int = 10
    train_turns: int = 4
    steps: int = 250
    problems_per_step: int = 16
    group_size: int = 8
    lr: float = 5e-4
    max_tokens_per_turn: int = 64
    save_every: int = 50
    threads: int = 1
    limit: int = 200


def run_demo(options: DemoOptions) -> dict[str, Any]:
    """Walk the whole road; the summary, which is also written to `out/summary.json`.

    Raises `ConfigError` for options that cannot be used and where an extra is missing.
    """
    begun = time.monotonic()
    try:
        import torch

        quiet_libraries()
    except ImportError as exc:
        raise missing_extra("the demo", exc) from exc
    if options.threads > 0:
        torch.set_num_threads(options.threads)
    refuse_shared_tasks(options.env_options, options.env_options)
    if options.limit < 1:
        raise ConfigError(f"limit is {options.limit}; show at least 1 dialogue.")
    _training(options, Path(options.out)).check()
    plan = Plan(
        options.env_id,
        real=options.teacher,
        n_tasks=options.n_tasks,
        max_turns=options.eval_turns,
        seed=options.seed,
        env_options=options.env_options,
    )
    plan.tasks  # noqa: B018  # tasks that do not exist are refused before anything is written
    from sml_agents.load import load_student

    untrained = load_student(options.student)  # and so is a model that does not exist
    folder = begin_run(options.out, options, resume=options.resume, command="sml-gym demo", put_aside=True)
    earlier = _seconds_so_far(folder)

    def mark() -> float:
        seconds = round(earlier + time.monotonic() - begun, 2)
        write_json(folder / _CLOCK, {"wall_seconds": seconds})
        return seconds

    episodes: dict[str, list[Episode]] = {}
    before = _evaluation(options, plan, untrained, "before", folder, episodes)
    mark()
    model = _train(options, folder)
    mark()
    after = _evaluation(options, plan, load_student(str(model)), "after", folder, episodes)
    summary = {
        "env_id": options.env_id,
        "seed": options.seed,
        "n_tasks": options.n_tasks,
        "max_turns": options.eval_turns,
        "before": before,
        "after": after,
        "feedback_gain": after["feedback_gain"],
        "versions": versions(),
    }
    _report(options, folder, {"before": before, "after": after}, episodes)
    summary["wall_seconds"] = mark()
    write_json(folder / "summary.json", summary)
    return summary


def _evaluation(
    options: DemoOptions,
    plan: Plan,
    model: tuple[Any, Any],
    when: str,
    folder: Path,
    episodes: dict[str, list[Episode]],
) -> dict[str, Any]:
    """Hold one evaluation's dialogues and sum them up."""
    from sml_agents.student import ModelStudent

    begun = time.monotonic()
    student = ModelStudent(
        *model,
        max_tokens_per_turn=options.max_tokens_per_turn,
        name=f"{options.student} {when}",
    )
    with tqdm(total=plan.total, desc=f"evaluating {when}", unit="dialogue", file=sys.stderr) as bar:
        held = evaluate(plan, student, folder=folder / when, on_episode=lambda _: bar.update())
    episodes.update({f"{when}/{label}": found for label, found in held.items()})
    return {**plan.summary(held), "wall_seconds": round(time.monotonic() - begun, 2)}


def _train(options: DemoOptions, folder: Path) -> Path:
    """Train, or go on training; the trained model's folder."""
    from sml_agents.grpo import train

    return train(_training(options, folder)).model


def _training(options: DemoOptions, folder: Path) -> GRPOOptions:
    """What the demo asks of GRPO."""
    from sml_agents.grpo import GRPOOptions

    return GRPOOptions(
        student=options.student,
        out=str(folder),
        env_id=options.env_id,
        env_options=dict(options.env_options),
        teacher=options.teacher,
        max_turns=options.train_turns,
        seed=options.seed,
        steps=options.steps,
        problems_per_step=options.problems_per_step,
        group_size=options.group_size,
        lr=options.lr,
        max_tokens_per_turn=options.max_tokens_per_turn,
        save_every=options.save_every,
        device="cpu",
        resume=options.resume,
    )


def _report(
    options: DemoOptions,
    folder: Path,
    results: Mapping[str, Mapping[str, Any]],
    episodes: Mapping[str, list[Episode]],
) -> None:
    """Plots, page and the small table."""
    pictures = []
    try:
        png = learning_plot(read_metrics(folder / "metrics.jsonl"))
        (folder / "learning_curve.png").write_bytes(png)
        caption = (
            f"Multi-turn GRPO, {options.steps} steps of {options.problems_per_step} problems x "
            f"{options.group_size} dialogues of up to {options.train_turns} turns. Thin: each step. "
            "Thick: a moving mean."
        )
        pictures.append(Picture("How training went", png, caption))
    except ConfigError as exc:  # no matplotlib, or no step was made
        print(f"No learning curve: {exc}")
    table = results_table(results)
    where = write_report(
        folder,
        title="Has it learned to learn from feedback?",
        lead=(
            f"The {options.student} student on {options.n_tasks} held-out tasks of {options.env_id}, before "
            f"and after {options.steps} steps of multi-turn GRPO, under four teachers. Dialogues of up to "
            f"{options.eval_turns} turns; training saw up to {options.train_turns}. Seed {options.seed}."
        ),
        table=table,
        results=results,
        episodes=episodes,
        pictures=pictures,
        limit=options.limit,
    )
    print(text_table(table))
    print(where)


def _seconds_so_far(folder: Path) -> float:
    """What the finished parts of a resumed run took."""
    try:
        return float(json.loads((folder / _CLOCK).read_text())["wall_seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0


def _run(options: DemoOptions) -> None:
    run_demo(options)


COMMAND = Command(
    summary="Train the embedded student and show what it learned, in minutes on a CPU.",
    options=DemoOptions,
    run=_run,
    example="sml-gym demo --out runs/demo --seed 0",
)
