"""CPU seconds of a GRPO step, beside TRL's GRPOTrainer doing the same dialogues on the same model, and PPO's.

    OMP_NUM_THREADS=1 python benchmarks/grpo_step.py          # some 15 minutes

All sides train the same student, of 5 and of 29 million parameters, which a short pretraining has taught to
speak, on the maths domain with the scripted teacher: 16 problems x 8 dialogues a step, four turns, one epoch,
no KL, one optimizer step, float32, one thread. TRL gets its dialogues from a `rollout_func` that talks to the
same environments and calls `model.generate` in every turn, as its examples do, and marks the student's tokens
with `env_mask`; of its batch sizes the fastest counts. PPO here has the settings of GRPO and a value head on
the student (shared trunk): it holds GRPO's dialogues, and beside GRPO's work it computes the values of
all of them before the update, and trains on groups without spread too. The learning rate is nearly zero, so
that all go on holding dialogues of the same lengths.

Each side is a process of its own, of which the CPU time is counted; they take turns step by step, in an order
that goes round. Ratios are taken round by round, with a bootstrap interval over rounds:
`step` of the whole step, `generation` of sampling alone, `update` of all but holding the dialogues.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from benchmarks.benchmark_students import SIZES, benchmark_student
from benchmarks.results_file import report
from benchmarks.step_sides import run_side
from sml_agents.load import load_student

PARTS = ("step", "generation", "update")


class Side:
    """A trainer in its process."""

    def __init__(self, name: str, student: Path, rounds: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.name = name
        self.connection: Connection
        self.connection, other = context.Pipe()
        self.process = context.Process(target=run_side, args=(other, name, student, rounds + 2), daemon=True)
        self.process.start()
        other.close()
        self._next()  # the first step warms up

    def step(self) -> dict[str, float]:
        """One more step: its CPU seconds by part, its tokens, the share of groups it trained on."""
        self.connection.send(None)
        return self._next()

    def _next(self) -> dict[str, float]:
        try:
            found: dict[str, float] = self.connection.recv()
        except EOFError:
            raise SystemExit(f"{self.name}: the process ended; its error stands above.") from None
        return found

    def close(self) -> None:
        """End the process."""
        self.connection.close()
        self.process.join()


def measured(student: Path, names: list[str], rounds: int) -> dict[str, Any]:
    """The figures of one student."""
    sides = [Side(name, student, rounds) for name in names]
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for round_ in range(rounds):
        for side in sides[round_ % len(sides) :] + sides[: round_ % len(sides)]:
            found[side.name].append(side.step())
        seconds = ", ".join(f"{name} {steps[-1]['step']:.2f} s" for name, steps in found.items())
        print(f"{student.name}: round {round_ + 1}: {seconds}", flush=True)
    for side in sides:
        side.close()

    def of(name: str, part: str) -> np.ndarray[Any, Any]:
        return np.array([step[part] for step in found[name]])

    trl = min((n for n in names if n.startswith("trl")), key=lambda name: float(np.median(of(name, "step"))))
    return {
        "parameters": sum(p.numel() for p in load_student(str(student))[0].parameters()),
        "cpu_seconds": {n: {p: round(float(np.median(of(n, p))), 3) for p in PARTS} for n in names},
        "student_tokens_per_step": {name: round(float(of(name, "tokens").mean())) for name in names},
        "groups_trained_on": {n: round(float(of(n, "groups").mean()), 3) for n in ("grpo", "ppo")},
        "compared_with": trl,
        "grpo_over_trl": {part: ratio(of("grpo", part), of(trl, part)) for part in PARTS},
        "ppo_over_grpo": {part: ratio(of("ppo", part), of("grpo", part)) for part in PARTS},
        "rounds": rounds,
    }


def ratio(ours: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any]) -> dict[str, Any]:
    """The mean ratio over rounds, with its interval."""
    ratios = ours / theirs
    draws = np.random.default_rng(0).choice(ratios, (2_000, len(ratios))).mean(axis=1)
    return {
        "mean": round(float(ratios.mean()), 3),
        "ci95": [round(float(q), 3) for q in np.percentile(draws, [2.5, 97.5])],
    }


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES), help="default: both")
    parser.add_argument(
        "--rounds", type=int, nargs="+", default=[12, 7], help="rounds for each size (default: 12 7)"
    )
    parser.add_argument(
        "--minibatches", type=int, nargs="+", default=[32, 64], help="TRL's batch sizes to try"
    )
    parser.add_argument("--students", type=Path, default=Path("runs"), help="where the students are kept")
    parser.add_argument("--no-write", action="store_true", help="print only")
    args = parser.parse_args()

    names = ["grpo", "ppo", *(f"trl, batches of {size}" for size in args.minibatches)]
    figures = {
        size: measured(benchmark_student(size, args.students), names, rounds)
        for size, rounds in zip(args.sizes, args.rounds, strict=False)
    }
    report("grpo_step", figures, write=not args.no_write)


if __name__ == "__main__":
    main()
