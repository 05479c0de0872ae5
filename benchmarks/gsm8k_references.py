"""Does every reference answer of GSM8K score 1, and a wrong number 0?

Plays each of the 8,792 problems (7,473 train, 1,319 test) through `SML-Math-v0`: one dialogue in which the
student commits to the reference, one in which it commits to another number.

    python benchmarks/gsm8k_references.py --data ../shared/data/gsm8k
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import gymnasium as gym
from results_file import write_result
from tqdm import tqdm

import sml_gym  # noqa: F401  registers the environment

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("SML_GYM_DATA", ROOT.parent / "shared" / "data")) / "gsm8k"


def another(answer: str) -> str:
    """A number that is not the answer, and looks like one that a student could give."""
    return str(float(answer) + 1) if "." in answer else str(int(answer) + 1)


def score(path: Path, split: str) -> dict[str, int]:
    """How many of a file's references score 1 and how many wrong numbers score 0."""
    env = gym.make("SML-Math-v0", tasks=str(path), split=split, teacher="binary", max_turns=1)
    source = env.unwrapped.source  # type: ignore[attr-defined]
    counts = {"problems": 0, "references_that_score_1": 0, "wrong_numbers_that_score_0": 0}
    for task in tqdm(source, desc=path.name, total=len(source)):
        answer = task.private.reveal().answer
        counts["problems"] += 1
        env.reset(options={"task_id": task.id})
        _, reward, terminated, _, _ = env.step(f"Working.\n#### {answer}")
        counts["references_that_score_1"] += reward == 1.0 and terminated
        env.reset(options={"task_id": task.id})
        _, reward, _, _, info = env.step(f"Final answer: {another(answer)}")
        counts["wrong_numbers_that_score_0"] += reward == 0.0 and info["verdict"] == "incorrect"
    env.close()
    return counts


def main() -> None:
    """Score both splits, print the figures and write them."""
    parser = argparse.ArgumentParser(description="Score every reference answer of GSM8K, and a wrong one.")
    parser.add_argument(
        "--data",
        type=Path,
        default=DATA,
        help="folder with train.jsonl and test.jsonl (default: %(default)s)",
    )
    options = parser.parse_args()
    if not (options.data / "train.jsonl").exists():
        parser.error(f"no train.jsonl in {options.data}; say where GSM8K is with --data")
    start = time.perf_counter()
    figures: dict[str, object] = {
        split: score(options.data / f"{split}.jsonl", split) for split in ("train", "test")
    }
    total = {
        name: sum(counts[name] for counts in figures.values())  # type: ignore[index]
        for name in ("problems", "references_that_score_1", "wrong_numbers_that_score_0")
    }
    figures |= {"total": total, "seconds": round(time.perf_counter() - start, 2)}
    for split, counts in figures.items():
        print(f"{split}: {counts}")
    print(f"written to {write_result('gsm8k_references', figures)}")
    if set(total.values()) != {total["problems"]}:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
