"""What `overlap` saves with a teacher behind a server: dialogues held whole, and in two parts.

    python benchmarks/overlap.py

A stub server in a process of its own answers every request after 50 ms with the same sentence. The embedded
student holds dialogues of four turns on `SML-Math-v0` with it as the teacher, with `overlap` 1 and 2, in turn
within one run, in an order that rotates; the first repeat is a warm-up and not counted. Both hold the same
dialogues, which is checked.

The figure is the wall time with overlap 2 divided by that with overlap 1 in the same repeat: the median, with
a bootstrap over repeats. Only waiting can be saved, 50 ms a turn here (`share_waited` of the time with
overlap 1), and two calls of the student for half of the dialogues take longer than one for all.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
from chat_server import ServerProcess

from benchmarks.results_file import report
from sml_agents.load import load_student
from sml_agents.student import ModelStudent
from sml_gym import Dialogue, Episode, Job, Reply, StudentError, env_factory, rollout

FAMILIES = ["last_digits_product", "last_digits_sum"]


class Timed(ModelStudent):
    """Counts the seconds in which it speaks."""

    spoke = 0.0

    def reply(self, dialogues: Sequence[Dialogue]) -> list[Reply | StudentError]:
        """As any model student."""
        begun = time.perf_counter()
        try:
            return super().reply(dialogues)
        finally:
            self.spoke += time.perf_counter() - begun


def hold(student: Timed, teacher: str, dialogues: int, overlap: int) -> tuple[list[Episode], float, float]:
    """The episodes, the seconds that they took, and those in which the student spoke."""
    make = env_factory("SML-Math-v0", teacher=teacher, families=FAMILIES)
    student.reseed(0)
    student.spoke = 0.0
    begun = time.perf_counter()
    episodes = rollout(make, student, [Job(seed=seed) for seed in range(dialogues)], overlap=overlap)
    return episodes, time.perf_counter() - begun, student.spoke


def interval(values: Sequence[float]) -> list[float]:
    """A bootstrap 95% interval of the median."""
    draws = np.random.default_rng(0).choice(np.asarray(values), (2_000, len(values)))
    return [round(float(end), 3) for end in np.percentile(np.median(draws, axis=1), [2.5, 97.5])]


def main() -> None:
    """Hold them in turn, print and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dialogues", type=int, default=32, help="in a wave (default: 32)")
    parser.add_argument("--repeats", type=int, default=10, help="counted repeats (default: 10)")
    parser.add_argument("--delay", type=float, default=0.05, help="of the server (seconds; default: 0.05)")
    parser.add_argument("--no-write", action="store_true", help="print only")
    args = parser.parse_args()

    student = Timed(*load_student("embedded"), max_tokens_per_turn=64)
    seconds: dict[int, list[float]] = {1: [], 2: []}
    spoken: list[float] = []
    with ServerProcess("--delay", str(args.delay)) as server:
        teacher = server.spec(concurrency=args.dialogues)
        for repeat in range(args.repeats + 1):
            said = {}
            for overlap in (1, 2) if repeat % 2 else (2, 1):
                episodes, took, spoke = hold(student, teacher, args.dialogues, overlap)
                assert all(episode.valid for episode in episodes)
                said[overlap] = [[turn.student.text for turn in episode.turns] for episode in episodes]
                if repeat:
                    seconds[overlap].append(took)
                    if overlap == 1:
                        spoken.append(spoke / took)
            assert said[1] == said[2], "the dialogues differ"
    ratios = [two / one for one, two in zip(seconds[1], seconds[2], strict=True)]
    report(
        "overlap",
        {
            "dialogues": args.dialogues,
            "delay_seconds": args.delay,
            "repeats": args.repeats,
            "seconds_overlap_1": round(float(np.median(seconds[1])), 4),
            "seconds_overlap_2": round(float(np.median(seconds[2])), 4),
            "share_waited": round(4 * args.delay / float(np.median(seconds[1])), 3),
            "share_spoken": round(float(np.median(spoken)), 3),
            "time_ratio": round(float(np.median(ratios)), 3),
            "time_ratio_ci95": interval(ratios),
        },
        write=not args.no_write,
    )


if __name__ == "__main__":
    main()
