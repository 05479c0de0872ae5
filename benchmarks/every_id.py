"""Steps per second of every registered environment, where the time of a turn goes, and what broke.

    python benchmarks/every_id.py

Each id gets dialogues of random utterances in one thread, resets included, with the scripted teacher: wrong
answers of other tasks, what is no answer, questions, discussion, odd text, and now and then the right
answer. A figure is the median over passes with a bootstrap interval. Besides, the share of the time that a
turn's lines take (reset; read, verify and diagnose; teach; settle), and the function of the library or of the
domain in which most of it is spent, from one profiled pass. The script records the slowest first.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

import sml_gym
from benchmarks.results_file import report
from benchmarks.throughput import interval
from sml_gym.env import SMLEnv
from sml_gym.errors import ConfigError
from sml_gym.teachers.asking import ask_teacher
from sml_gym.testing import example_options, random_utterance

STAGES = ("reset", "read, verify, diagnose", "teach", "settle")


def run_pass(env: SMLEnv, dialogues: int, seed: int) -> tuple[int, dict[str, float], int]:
    """Dialogues of random utterances: (steps, seconds by stage, dialogues that were not valid)."""
    rng = np.random.default_rng(seed)
    seconds = dict.fromkeys(STAGES, 0.0)
    steps = failed = 0
    for number in range(dialogues):
        start = time.perf_counter()
        env.reset(seed=seed * 100_003 + number)
        seconds["reset"] += time.perf_counter() - start
        ended = False
        while not ended:
            text = random_utterance(env, rng)  # not counted: it is the student's time
            a = time.perf_counter()
            context = env.hear(text)
            b = time.perf_counter()
            feedback = ask_teacher(env.teacher, [context])[0]
            c = time.perf_counter()
            _, _, terminated, truncated, info = env.settle(context, feedback)
            d = time.perf_counter()
            for stage, took in zip(STAGES[1:], (b - a, c - b, d - c), strict=True):
                seconds[stage] += took
            steps += 1
            ended = terminated or truncated
        failed += not info["valid"]
    return steps, seconds, failed


def hottest(env: SMLEnv, dialogues: int) -> str:
    """Where one profiled pass spends most of its own time: `module.function`."""
    profile = cProfile.Profile()
    profile.enable()
    run_pass(env, dialogues, 7)
    profile.disable()
    stats: Any = pstats.Stats(profile)
    own = {
        place: figures[2]
        for place, figures in stats.stats.items()
        if not place[0].endswith(("testing.py", "every_id.py"))
    }
    file, _, function = max(own, key=own.__getitem__)
    return f"{Path(file).stem}.{function}" if file != "~" else function


def measure(env_id: str, options: dict[str, Any], seconds: float, passes: int) -> dict[str, Any]:
    """One id's figures, in about so many seconds."""
    env = sml_gym.env_class(env_id)(**options)
    run_pass(env, 2, 1)  # warm-up: workers started, modules imported
    start = time.perf_counter()
    run_pass(env, 5, 2)
    dialogues = max(5, int(5 * seconds / passes / (time.perf_counter() - start)))
    rates, spent, failed = [], dict.fromkeys(STAGES, 0.0), 0
    for number in range(passes):
        steps, by_stage, broken = run_pass(env, dialogues, 10 + number)
        rates.append(steps / sum(by_stage.values()))
        failed += broken
        for stage, took in by_stage.items():
            spent[stage] += took
    total = sum(spent.values())
    return {
        "steps_per_second": interval(rates),
        "share": {stage: round(took / total, 3) for stage, took in spent.items()},
        "hottest": hottest(env, max(5, dialogues // 4)),
        "dialogues": dialogues * passes,
        "not_valid": failed,
    }


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ids", nargs="*", help="which ids (default: all)")
    parser.add_argument("--seconds", type=float, default=10.0, help="time for each id (default: 10 s)")
    parser.add_argument("--passes", type=int, default=5, help="passes of each id (default: 5)")
    parser.add_argument("--no-write", action="store_true", help="print only")
    args = parser.parse_args()

    found: dict[str, dict[str, Any]] = {}
    skipped: dict[str, str] = {}
    for env_id in args.ids or sml_gym.env_ids():
        try:
            found[env_id] = measure(env_id, dict(example_options(env_id)), args.seconds, args.passes)
        except ConfigError as exc:  # an extra that is not installed, options that have no default
            skipped[env_id] = str(exc)
            continue
        print(f"{env_id}: {found[env_id]}", flush=True)
    order = sorted(found, key=lambda env_id: found[env_id]["steps_per_second"]["median"])
    report(
        "every_id",
        {"ids": {env_id: found[env_id] for env_id in order}, "skipped": skipped},
        write=not args.no_write,
    )


if __name__ == "__main__":
    main()
