"""How many problems can be told in pieces, and do the pieces hold all that the problem held?

All 8,792 word problems of GSM8K, split by their sentences, and 2,000 generated problems each of mathematics
and code. What is lost is counted by `sml_gym.shards.missing`: numbers, and words that are not everybody's.

    python benchmarks/shards.py --data ../shared/data/gsm8k
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from results_file import report

import sml_gym
from sml_gym.shards import missing, split_problem
from sml_gym.task import Shards

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("SML_GYM_DATA", ROOT.parent / "shared" / "data")) / "gsm8k"
GENERATED = ("SML-Math-v0", "SML-Code-v0")


def counted(problems: Iterable[tuple[str, Shards | None]]) -> dict[str, Any]:
    """How many of the problems have parts, how many parts, and how many lose something."""
    lengths: Counter[int] = Counter()
    lossy = 0
    for problem, shards in problems:
        lengths[len(shards.parts) if shards is not None else 0] += 1
        lossy += shards is not None and missing(problem, shards) != []
    total = sum(lengths.values())
    return {
        "problems": total,
        "with_parts": total - lengths[0],
        "losing_something": lossy,
        "problems_by_number_of_parts": {str(n): lengths[n] for n in sorted(lengths)},
    }


def generated(env_id: str, n: int) -> dict[str, Any]:
    """The same for so many problems of a domain's own families."""
    env = sml_gym.env_class(env_id)()
    rng = np.random.default_rng(0)
    tasks = [env.source.sample(rng) for _ in range(n)]
    return counted((task.problem, env.shards(task)) for task in tasks)


def main() -> None:
    """Split, count, print and write."""
    parser = argparse.ArgumentParser(description="Split problems into pieces and look for what is lost.")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of GSM8K (default: %(default)s)")
    parser.add_argument("--generated", type=int, default=2_000, help="generated problems of each domain")
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    if (options.data / "train.jsonl").exists():
        texts = [
            json.loads(line)["question"]
            for split in ("train", "test")
            for line in (options.data / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
        ]
        figures["gsm8k"] = counted((text, split_problem(text)) for text in texts)
    else:
        print(f"no train.jsonl in {options.data}: GSM8K is left out; say where it is with --data")
    for env_id in GENERATED:
        figures[env_id] = generated(env_id, options.generated)
    report("shards", figures)


if __name__ == "__main__":
    main()
