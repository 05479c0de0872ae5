"""Does a real small instruct model learn? SmolLM2-135M-Instruct under GRPO on the easiest sums, recorded.

    nice -n 15 env OMP_NUM_THREADS=1 python benchmarks/smollm2.py --steps 60

The settings are those of the recipe `smollm2-cpu`: all weights, bfloat16 products, additions and subtractions
of two-digit numbers, two turns, a scripted teacher. The model is evaluated before and after on the same
held-out tasks, under the real teacher and under the placebo, with the temperature that it is trained at.
Figures: solve@k with 95% intervals before and after, what feedback is worth, and the curve of every step;
`benchmarks/results/smollm2.png` draws it, raw and smoothed.

About half a minute to a minute a step on one core. A run that was stopped goes on where it was, from the
folder `--out`; more `--steps` lengthen a finished one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import torch
import yaml

from benchmarks.results_file import RESULTS, report
from sml_agents.load import load_student
from sml_agents.student import ModelStudent
from sml_gym.cli.train import recipes
from sml_gym.evaluation import Plan, evaluate
from sml_gym.report.plots import learning_plot, read_metrics
from sml_gym.runs import read_config
from sml_gym.student_prompts import read_student_prompt

RECIPE = "smollm2-cpu"
SERIES = ("reward", "solve@1", "solve@2", "attempts", "groups_used", "entropy", "policy_kl", "grad_norm")


def train(folder: Path, steps: int) -> Path:
    """Run `sml-gym train` with the recipe, or go on with it; the trained model's folder."""
    run = folder / "run"
    command = [sys.executable, "-m", "sml_gym.cli.main", "train", "--config", RECIPE]
    command += ["--out", str(run), "--steps", str(steps)]
    if (run / "run.json").is_file():
        command.append("--resume")
    subprocess.run(command, check=True)
    return run / "model"


def evaluated(model: str, settings: Mapping[str, Any], n_tasks: int, folder: Path) -> dict[str, Any]:
    """The summary of an evaluation on held-out tasks, as the model was trained."""
    plan = Plan(
        settings["env_id"],
        teachers=("real", "placebo"),
        real=settings["teacher"],
        n_tasks=n_tasks,
        max_turns=settings["max_turns"],
        env_options=settings["env_options"],
    )
    student = ModelStudent(
        *load_student(model),
        temperature=settings["temperature"],
        max_tokens_per_turn=settings["max_tokens_per_turn"],
        instructions=read_student_prompt(settings["student_prompt"]),
        name=model,
    )
    bf16 = settings["precision"] == "bf16"
    with torch.autocast("cpu", dtype=torch.bfloat16) if bf16 else nullcontext():
        return plan.summary(evaluate(plan, student, folder=folder))


def figures_of(
    rows: Sequence[Mapping[str, Any]], before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    """What is recorded of a run."""
    tenth = max(1, len(rows) // 10)

    def mean(part: Sequence[Mapping[str, Any]], name: str) -> float | None:
        values = [row[name] for row in part if row.get(name) is not None]
        return round(sum(values) / len(values), 4) if values else None

    found: dict[str, Any] = {"steps": len(rows)}
    for when, summary in (("before", before), ("after", after)):
        for teacher in ("real", "placebo"):
            side = summary[teacher]
            found[f"{when}_{teacher}_solve_at"] = [round(share, 4) for share in side["solve_at"]]
            found[f"{when}_{teacher}_ci95"] = side["ci95"]
        found[f"{when}_feedback_gain"] = summary["feedback_gain"]
    for name in ("reward", "attempts", "groups_used", "entropy"):
        found[f"{name}_first_tenth"] = mean(rows[:tenth], name)
        found[f"{name}_last_tenth"] = mean(rows[-tenth:], name)
    apart = after["real"]["ci95"][-1][0] > before["real"]["ci95"][-1][1]
    found["risen_with_intervals_apart"] = apart
    found["curve"] = {
        name: [None if row.get(name) is None else round(row[name], 4) for row in rows] for name in SERIES
    }
    return found


def main() -> None:
    """Train, evaluate, print and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=60, help="GRPO steps (default: 60)")
    parser.add_argument("--n-tasks", type=int, default=200, help="held-out tasks (default: 200)")
    parser.add_argument("--out", type=Path, default=Path("runs/smollm2"), help="where the run lies")
    parser.add_argument("--no-write", action="store_true", help="print only")
    args = parser.parse_args()

    settings = yaml.safe_load(recipes()[RECIPE].read_text(encoding="utf-8"))
    model = train(args.out, args.steps)
    used = read_config(args.out / "run" / "config.yaml")
    differing = [name for name in settings if name not in ("out", "steps") and used[name] != settings[name]]
    if differing:
        sys.exit(f"{args.out} holds a run with another {', '.join(differing)}. Choose another --out.")
    before = evaluated("smollm2", settings, args.n_tasks, args.out / f"before-{args.n_tasks}")
    after = evaluated(str(model), settings, args.n_tasks, args.out / f"after-{args.n_tasks}-{args.steps}")
    rows = read_metrics(args.out / "run" / "metrics.jsonl")
    timings = args.out / "run" / "timings.jsonl"
    seconds = [json.loads(line) for line in timings.read_text().splitlines()]
    figures = {
        "settings": {name: value for name, value in settings.items() if name not in ("out", "steps")},
        "n_tasks": args.n_tasks,
        "median_seconds_rollout": round(sorted(s["seconds_rollout"] for s in seconds)[len(seconds) // 2], 2),
        "median_seconds_update": round(sorted(s["seconds_update"] for s in seconds)[len(seconds) // 2], 2),
        **figures_of(rows, before, after),
    }
    report("smollm2", figures, write=not args.no_write)
    if not args.no_write:
        RESULTS.mkdir(parents=True, exist_ok=True)
        plot = learning_plot(rows, "SmolLM2-135M-Instruct, GRPO on two-digit sums")
        (RESULTS / "smollm2.png").write_bytes(plot)


if __name__ == "__main__":
    main()
