"""How fast does each online algorithm learn `SML-Guess-v0` from random weights?

    python benchmarks/guess.py                              # all algorithms, three seeds, and the controls
    python benchmarks/guess.py --algorithms grpo ppo        # those of the target

The game is a number from 1 to 10 with "too low" or "too high" and four turns. A run ends after a fixed
number of steps, or at its limit of ten minutes. The target: GRPO and PPO reach 90% of the optimal policy's
mean return (gamma 0.7 a turn, exact by search) within that limit on two cores. A run computes in one thread,
and two runs may share two cores (`--jobs 2`). "Reached" is by the mean return of the training dialogues over
ten steps; what the trained student returns on held-out games is beside it. Yardsticks: the most that a
student can return who does not heed the teacher, and the same algorithm on exchanged outcomes
(`shuffle_rewards`).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from benchmarks.guess_game import (
    ENV_ID,
    GAME,
    GAMMA,
    MAX_TURNS,
    TEACHER,
    optimal_return,
    play,
    run_options,
    save_random_student,
    without_feedback,
)
from benchmarks.results_file import RESULTS, report

LIMIT = 600.0
"""Longest run (seconds of wall time)."""

SMOOTHED = 10
"""Over so many steps the training return is averaged."""

SHARE = 0.9
"""Of the optimal policy's return, to be reached."""

GROUPS: dict[str, Any] = {
    "steps": 200,
    "problems_per_step": 96,
    "group_size": 16,
    "updates_per_epoch": 3,
    "lr": 7e-4,
    "scale": "none",
    "clip_high": 0.28,
    "beta": 0.012,
    "kl_estimator": "k2",
}
"""Large groups, since all dialogues of one hide the same number; the divergence from the random student keeps
the entropy up. What was tried before is in the notes on the figures (`benchmarks/README.md`)."""

PPO: dict[str, Any] = {"steps": 250, "problems_per_step": 256, "lr": 1e-3, "kl": 0.03}
SETTINGS: dict[str, dict[str, Any]] = {
    "grpo": GROUPS,
    "ppo": PPO,
    "grpo turn_credit": {**GROUPS, "turn_credit": True},
    "rloo": GROUPS,
    "dr-grpo": GROUPS,
    "gspo": {**GROUPS, "clip": 0.2, "clip_high": 0.27},  # the paper's bounds suit updates that move little
    "dapo": GROUPS,
    "cispo": GROUPS,
    "grpo feedback_model": {**GROUPS, "feedback_model": 0.1},
    "grpo distill": {**GROUPS, "distill": 0.05, "max_tokens_per_turn": 2},
    "ppo step=turn": {**PPO, "step": "turn", "max_tokens_per_turn": 2},
}
CONTROLS = ("grpo", "ppo")
"""Which are also run on exchanged outcomes."""


def train_one(name: str, seed: int, control: bool, out: Path, limit: float) -> dict[str, Any]:
    """One run in this process: the curve (seconds, return), when the share was reached, the final score."""
    import torch

    from sml_agents.checkpoint import list_checkpoints
    from sml_gym.cli.train import load_algorithm

    torch.set_num_threads(1)
    shutil.rmtree(out, ignore_errors=True)
    start = save_random_student(out / "start", seed)
    run, options_class = load_algorithm(name.split()[0])
    options = run_options(
        options_class, start, out / "run", seed=seed, shuffle_rewards=control, save_every=0, **SETTINGS[name]
    )
    began = time.perf_counter()
    curve: list[tuple[float, float]] = []

    def on_step(metrics: dict[str, float | None]) -> None:
        curve.append((time.perf_counter() - began, metrics["return"] or 0.0))
        if curve[-1][0] > limit:
            os.kill(os.getpid(), signal.SIGTERM)  # the run then ends with a checkpoint

    summary = run(options, progress=False, on_step=on_step)
    seconds = time.perf_counter() - began
    model = list_checkpoints(out / "run" / "checkpoints")[-1] if summary.stopped else summary.model
    held_out = play(str(model), n_tasks=1000, tokens=options.max_tokens_per_turn)
    smooth = smoothed(curve)
    target = SHARE * optimal_return()
    return {
        "algorithm": name,
        "seed": seed,
        "control": control,
        "steps": summary.steps,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(time.process_time(), 1),
        "seconds_to_90_percent": next((round(s, 1) for s, r in smooth if r >= target), None),
        "training_return_share": round(smooth[-1][1] / optimal_return(), 3),
        "held_out_return": round(held_out.mean_return, 4),
        "held_out_error": round(held_out.error, 4),
        "held_out_return_share": round(held_out.mean_return / optimal_return(), 3),
        "held_out_solve_at": [round(share, 3) for share in held_out.solve_at],
        "curve": [(round(s, 1), round(r, 4)) for s, r in smooth[:: max(1, len(smooth) // 80)]],
    }


def smoothed(curve: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """At each step the mean return of the last ten, from the tenth on."""
    means = np.convolve([r for _, r in curve], np.ones(SMOOTHED) / SMOOTHED, mode="valid")
    return [(s, float(r)) for (s, _), r in zip(curve[SMOOTHED - 1 :], means, strict=True)]


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Return over wall time, a colour for each algorithm, dashed for controls."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.add_subplot()
    names = list(dict.fromkeys(row["algorithm"] for row in rows))
    labelled = set()
    for row in rows:
        label = row["algorithm"] + (" (control)" if row["control"] else "")
        axes.plot(
            *zip(*row["curve"], strict=True),
            color=f"C{names.index(row['algorithm']) % 10}",
            linestyle="--" if row["control"] else "-",
            linewidth=1,
            label=None if label in labelled else label,
        )
        labelled.add(label)
    for height, label in (
        (optimal_return(), "optimal"),
        (SHARE * optimal_return(), "90% of it"),
        (without_feedback(), "most without feedback"),
    ):
        axes.axhline(height, color="grey", linewidth=0.8, linestyle=":")
        axes.annotate(
            label, (1, height), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=8
        )
    axes.set_xlabel("wall time (s)")
    axes.set_ylabel(f"mean return, gamma {GAMMA} a turn")
    axes.legend(fontsize=7, loc="center right", bbox_to_anchor=(1, 0.3))
    figure.savefig(path, dpi=150)


def main() -> None:
    """Run all, each run in a process of its own; print, plot and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--algorithms", nargs="+", choices=SETTINGS, default=list(SETTINGS), metavar="NAME")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument(
        "--controls",
        nargs="*",
        choices=CONTROLS,
        default=list(CONTROLS),
        help="run on exchanged outcomes too",
    )
    parser.add_argument("--out", type=Path, default=Path("runs/guess"), help="where the runs go")
    parser.add_argument("--limit", type=float, default=LIMIT, help="longest run (seconds)")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--reuse", action="store_true", help="take finished runs in --out as they are")
    parser.add_argument("--no-write", action="store_true", help="print only")
    parser.add_argument("--one", nargs=3, metavar=("NAME", "SEED", "CONTROL"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        name, seed, control = args.one
        found = train_one(name, int(seed), control == "1", args.out, args.limit)
        (args.out / "row.json").write_text(json.dumps(found))
        return

    def hold(name: str, seed: int, control: bool) -> dict[str, Any]:
        out = args.out / f"{name.replace(' ', '-').replace('=', '-')}-{seed}{'-control' * control}"
        if not (args.reuse and (out / "row.json").exists()):
            own = ["--one", name, str(seed), str(int(control)), "--out", str(out), "--limit", str(args.limit)]
            env = {**os.environ, "OMP_NUM_THREADS": "1"}
            subprocess.run([sys.executable, __file__, *own], check=True, env=env)
        row: dict[str, Any] = json.loads((out / "row.json").read_text())
        print({key: value for key, value in row.items() if key != "curve"}, flush=True)
        return row

    controls = [(name, True) for name in args.controls if name in args.algorithms]
    runs = [
        (name, seed, control)
        for name, control in [*((name, False) for name in args.algorithms), *controls]
        for seed in args.seeds
    ]
    with ThreadPoolExecutor(args.jobs) as pool:
        rows = list(pool.map(lambda job: hold(*job), runs))
    figures = {
        "env": ENV_ID,
        "env_options": GAME,
        "teacher": TEACHER,
        "max_turns": MAX_TURNS,
        "gamma": GAMMA,
        "optimal_return": round(optimal_return(), 4),
        "most_without_feedback": round(without_feedback(), 4),
        "limit_seconds": args.limit,
        "runs_at_a_time": args.jobs,
        "load_average_at_end": [round(load, 1) for load in os.getloadavg()],
        "settings": {name: SETTINGS[name] for name in args.algorithms},
        "runs": rows,
        "targets_missed": [
            (row["algorithm"], row["seed"])
            for row in rows
            if row["algorithm"] in CONTROLS
            and not row["control"]
            and (row["seconds_to_90_percent"] is None or row["held_out_return_share"] < SHARE)
        ],
    }
    report("guess", figures, write=not args.no_write)
    if not args.no_write:
        plot(rows, RESULTS / "guess.png")


if __name__ == "__main__":
    main()
