"""Steps per second of `SML-Math-v0` in one thread, beside GEM's maths environment, and memory of 10,000.

    python benchmarks/throughput.py

Both libraries check the same answers to the same problems in the same process, in turn, pass by pass. Every
task gets three wrong numbers and then the right one. `SML-Math-v0` hears them as one dialogue of four turns,
with the scripted teacher's feedback after each; GEM's environment has one turn, so it is reset to the task
before each answer. Resets count for both. The ratio is taken pass by pass; its interval is a bootstrap over
passes. GEM (PyPI gem-llm) is not a dependency of this project:

    pip install --no-deps gem-llm==0.1.0 pylatexenc nltk msgspec "reasoning-gym==0.1.23"

and what reasoning-gym imports. Without it, only this library's own figures are written.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import gymnasium as gym
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

import sml_gym
from benchmarks.results_file import report
from sml_envs.math.answers import parse_number

Dialogue = tuple[str, str, str, list[str]]
"""(task id, problem, right answer, what the student says)."""


def numeric_dialogues(n: int, seed: int) -> list[Dialogue]:
    """Tasks of the default families with a numeric answer, and the same four answers for all comers."""
    env = sml_gym.env_class("SML-Math-v0")()
    rng = np.random.default_rng(seed)
    dialogues: list[Dialogue] = []
    for task in env.source.take(3 * n, seed):
        right = task.private.reveal().answer
        value = parse_number(right)
        if value is None or value.denominator != 1 or len(dialogues) == n:
            continue
        wrong = [value + int(offset) for offset in rng.choice([-11, -10, -2, -1, 1, 2, 9, 10, 40], 3)]
        said = [f"Let me think. The final answer is \\boxed{{{number}}}." for number in (*wrong, value)]
        dialogues.append((task.id, task.problem, right, said))
    return dialogues


def sml_pass(env: gym.Env[str, str], dialogues: list[Dialogue]) -> int:
    """One dialogue of four turns per task. Returns the number of steps."""
    steps = 0
    for task_id, _, _, said in dialogues:
        env.reset(options={"task_id": task_id})
        for text in said:
            _, reward, terminated, truncated, _ = env.step(text)
            steps += 1
        assert reward == 1.0 and terminated and not truncated
    return steps


def random_tasks_pass(env: gym.Env[str, str], dialogues: list[Dialogue]) -> int:
    """Four-turn dialogues over freshly sampled tasks, as in training; the answers are wrong numbers."""
    steps = 0
    for _, _, _, said in dialogues:
        env.reset()
        for text in said:
            _, _, terminated, truncated, _ = env.step(text)
            steps += 1
            if terminated or truncated:
                break
    return steps


def gem_pass(env: gym.Env[str, str], dialogues: list[Dialogue]) -> int:
    """The same answers, each in an episode of its own. Returns the number of steps."""
    steps = 0
    env.idx = 0  # type: ignore[attr-defined]  # its rows repeat each task four times, in order
    for _, _, _, said in dialogues:
        for turn, text in enumerate(said):
            env.reset()
            reward = env.step(text)[1]
            steps += 1
            assert reward == (1.0 if turn == 3 else 0)
    return steps


def rate(run: Callable[[], int]) -> float:
    """Steps per second of one pass."""
    start = time.perf_counter()
    steps = run()
    return steps / (time.perf_counter() - start)


def interval(values: list[float], seed: int = 0) -> dict[str, float | list[float]]:
    """Median with a bootstrap 95% interval."""
    sample = np.asarray(values)
    draws = np.random.default_rng(seed).choice(sample, (2_000, len(sample)))
    low, high = np.percentile(np.median(draws, axis=1), [2.5, 97.5])
    return {
        "median": round(float(np.median(sample)), 1),
        "ci95": [round(float(low), 1), round(float(high), 1)],
    }


def memory_of_open_environments(n: int) -> float:
    """Growth of a fresh process's resident memory, in MB, with `n` environments open and reset."""
    program = (
        "import gymnasium as gym, sml_gym, os\n"
        "page = os.sysconf('SC_PAGE_SIZE') / 1e6\n"
        "def rss(): return int(open('/proc/self/statm').read().split()[1]) * page\n"
        "gym.make('SML-Math-v0').reset(seed=0)\n"
        "before = rss()\n"
        f"envs = [gym.make('SML-Math-v0') for _ in range({n})]\n"
        "for i, env in enumerate(envs): env.reset(seed=i); env.step('Final answer: 1')\n"
        "print(rss() - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=200, help="tasks per pass (default: 200)")
    parser.add_argument("--passes", type=int, default=15, help="passes of each side (default: 15)")
    parser.add_argument("--envs", type=int, default=10_000, help="open environments (default: 10000)")
    parser.add_argument("--no-write", action="store_true", help="print only")
    args = parser.parse_args()

    dialogues = numeric_dialogues(args.tasks, seed=0)
    ours = gym.make("SML-Math-v0", max_turns=4)
    fresh = gym.make("SML-Math-v0", max_turns=4)
    fresh.reset(seed=0)
    gem_sides: dict[str, gym.Env[str, str]] = {}
    try:
        from datasets import Dataset
        from gem.envs.math_env import MathEnv as GemEnv

        rows = Dataset.from_list([{"problem": p, "answer": a} for _, p, a, _ in dialogues for _ in range(4)])
        for name, in_process in (("gem (worker process, its default)", True), ("gem (same process)", False)):
            gem_sides[name] = GemEnv(dataset=rows, use_mp=in_process, eval=True)
    except ImportError as exc:
        print(f"GEM is not installed ({exc}); measuring this library alone. See --help.")

    rates: dict[str, list[float]] = {"sml_gym (same answers)": [], "sml_gym (fresh tasks)": []}
    rates |= {name: [] for name in gem_sides}
    for number in range(args.passes + 1):
        measured = {
            "sml_gym (same answers)": rate(lambda: sml_pass(ours, dialogues)),
            "sml_gym (fresh tasks)": rate(lambda: random_tasks_pass(fresh, dialogues)),
            **{name: rate(lambda env=env: gem_pass(env, dialogues)) for name, env in gem_sides.items()},  # type: ignore[misc]
        }
        if number == 0:
            continue  # warm-up
        for name, value in measured.items():
            rates[name].append(value)
    figures: dict[str, object] = {
        "steps_per_second": {name: interval(values) for name, values in rates.items()},
        "ratio": {
            name: interval([a / b for a, b in zip(rates["sml_gym (same answers)"], rates[name], strict=True)])
            for name in gem_sides
        },
        "memory_mb_of_open_environments": {str(args.envs): round(memory_of_open_environments(args.envs), 1)},
        "tasks_per_pass": len(dialogues),
        "passes": args.passes,
    }
    report("throughput", figures, write=not args.no_write)


if __name__ == "__main__":
    main()
