"""Does the demo's student learn to use feedback? Three seeds of `sml-gym demo`, recorded.

    python benchmarks/learning.py

Each seed is a whole demo: the embedded student is evaluated on held-out tasks under four teachers,
trained with GRPO, and evaluated again on the same tasks. The targets: after training, solve@10 with
the real teacher is at least 0.90 and solve@4 at least 0.75, both up by at least 0.40, solve@10 with
the placebo at most 0.10, and the intervals of real and placebo do not touch. Besides, transfer: the same
students on tasks of `last_digits_power`, a family that the reinforcement learning never saw.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.results_file import RESULTS, write_result


def figures_of(summary: dict[str, Any]) -> dict[str, Any]:
    """The figures of one seed that the targets speak of."""
    before, after = summary["before"], summary["after"]
    real, placebo = after["real"], after["placebo"]
    at = {
        f"{when}_{teacher}_solve_at_{k}": round(side[teacher]["solve_at"][k - 1], 3)
        for when, side in (("before", before), ("after", after))
        for teacher in ("real", "binary", "silent", "placebo")
        for k in (1, 4, 10)
    }
    met = {
        "solve@10 >= 0.90": real["solve_at"][9] >= 0.90,
        "solve@4 >= 0.75": real["solve_at"][3] >= 0.75,
        "solve@10 up by 0.40": real["solve_at"][9] - before["real"]["solve_at"][9] >= 0.40,
        "solve@4 up by 0.40": real["solve_at"][3] - before["real"]["solve_at"][3] >= 0.40,
        "placebo <= 0.10": placebo["solve_at"][9] <= 0.10,
        "intervals apart": real["ci95"][9][0] > placebo["ci95"][9][1],
    }
    return {
        "seed": summary["seed"],
        "n_tasks": summary["n_tasks"],
        "wall_seconds": summary["wall_seconds"],
        **at,
        "after_real_ci95_at_10": real["ci95"][9],
        "after_placebo_ci95_at_10": placebo["ci95"][9],
        "feedback_gain_before": before["feedback_gain"],
        "feedback_gain_after": after["feedback_gain"],
        "targets_met": met,
    }


def transfer(student: str, seed: int, n_tasks: int = 200) -> dict[str, Any]:
    """A student on held-out tasks of the family that the demo does not train on."""
    from sml_agents.load import load_student
    from sml_agents.student import ModelStudent
    from sml_gym.evaluation import Plan, evaluate

    plan = Plan(
        "SML-Math-v0",
        teachers=("real", "placebo"),
        n_tasks=n_tasks,
        seed=seed,
        env_options={"families": ["last_digits_power"]},
    )
    model = ModelStudent(*load_student(student), max_tokens_per_turn=64, name=student)
    summary = plan.summary(evaluate(plan, model))
    at = {
        f"{teacher}_solve_at_{k}": round(summary[teacher]["solve_at"][k - 1], 3)
        for teacher in ("real", "placebo")
        for k in (4, 10)
    }
    return {**at, "feedback_gain": summary["feedback_gain"]}


def main() -> None:
    """Run the demos, print and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="seeds (default: 0 1 2)")
    parser.add_argument("--out", type=Path, default=Path("runs/learning"), help="where the runs go")
    parser.add_argument("--reuse", action="store_true", help="take finished demos in --out as they are")
    parser.add_argument("--no-write", action="store_true", help="print only")
    args = parser.parse_args()

    seeds = []
    for seed in args.seeds:
        out = args.out / f"seed-{seed}"
        if not (args.reuse and (out / "summary.json").exists()):
            shutil.rmtree(out, ignore_errors=True)
            command = [
                sys.executable,
                "-m",
                "sml_gym.cli.main",
                "demo",
                "--out",
                str(out),
                "--seed",
                str(seed),
            ]
            subprocess.run(command, check=True)
        seeds.append(figures_of(json.loads((out / "summary.json").read_text())))
        seeds[-1]["transfer_before"] = transfer("embedded", seed)
        seeds[-1]["transfer_after"] = transfer(str(out / "model"), seed)
        print(json.dumps(seeds[-1], indent=2))
        if not args.no_write:
            shutil.copy(out / "solve_at_k.png", RESULTS / f"learning_seed_{seed}.png")
    missed = [(row["seed"], name) for row in seeds for name, met in row["targets_met"].items() if not met]
    print(f"targets missed: {missed or 'none'}")
    if not args.no_write:
        print("written to", write_result("learning", {"seeds": seeds, "targets_missed": missed}))


if __name__ == "__main__":
    main()
