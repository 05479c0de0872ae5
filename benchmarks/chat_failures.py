"""10,000 dialogues with a teacher behind a server that fails, in a run that is killed half-way and resumed.

    python benchmarks/chat_failures.py

A server in a process of its own fails 5% of all requests, drawn at random, each in one of the ways of
`tests/chat_server.py` (429, 5xx, half-closed and closed connections, a trickle without end, no JSON, no
choices, no text, a web page), and writes to its log which it failed. An evaluation of three-turn dialogues on
`SML-Math-v0` makes one further attempt where a request fails, so that a dialogue fails when the same request
fails twice. Once half of the dialogues are on disk the evaluation is killed with SIGKILL, started again, and,
when that has ended, once more, for the dialogues that failed. Then the files are held against the log:

- `lost`, `held_twice`: dialogues of the plan that are not in the file, or more than once;
- `changed`: sound dialogues on disk at the kill that are not the same at the end;
- `scored_for_a_failure`: dialogues with a failed request and a reward, or with a reward and a turn without an
  answer;
- `failures` beside `failures_by_the_log`: dialogues recorded as `teacher_failed`, and requests of which the
  log says that they failed twice in the same run; two pairs, for the resumed run and the one after it.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
sys.path.insert(0, str(Path(__file__).parent.parent))

from chat_server import ServerProcess

from benchmarks.results_file import report
from sml_gym import Episode, read_episodes

TURNS = 3

PROGRAM = """
import sys
from pathlib import Path
from sml_gym.evaluation import Plan, evaluate
from sml_gym.students import ScriptedStudent

teacher, dialogues, turns, wave, folder = sys.argv[1:]
plan = Plan("SML-Math-v0", ["real"], teacher, n_tasks=int(dialogues), max_turns=int(turns))
student = ScriptedStudent(["Final answer: 123", "Is that right?", "Final answer: 456"])
evaluate(plan, student, folder=Path(folder), batch_size=int(wave))
"""
"""The evaluation, in a process that can be killed."""


@dataclass(frozen=True)
class Phase:
    """What was on disk when a run had ended, and what the server did during it."""

    episodes: list[Episode]
    log: list[dict[str, Any]]

    @property
    def failed_twice(self) -> int:
        """Requests, told apart by their seeds, of which both attempts failed: each ends a dialogue."""
        tries: dict[int, list[str]] = {}
        for entry in self.log:
            tries.setdefault(entry["seed"], []).append(entry["failed"])
        return sum(len(kinds) == 2 and all(kinds) for kinds in tries.values())

    @property
    def failures(self) -> list[Episode]:
        """Dialogues that the teacher's server failed."""
        return [episode for episode in self.episodes if episode.stop_reason == "teacher_failed"]


def hold(
    folder: Path, dialogues: int, *, wave: int = 1_000, share: float = 0.05, seed: int = 0, without: str = ""
) -> tuple[Phase, Phase, Phase]:
    """Hold an evaluation: killed, resumed, and resumed again for the dialogues that failed.

    The deadline of a request is long enough for a busy machine, so that nothing else fails.
    """
    log, file = folder / "server.jsonl", folder / "episodes" / "real.jsonl"
    phases: list[Phase] = []
    options = ("--fail-share", str(share), "--seed", str(seed), "--without", without, "--log", str(log))
    with ServerProcess(*options) as server:
        teacher = server.spec(retries=1, deadline=5, backoff=0.001, concurrency=64)
        words = [teacher, str(dialogues), str(TURNS), str(wave), str(file.parent)]
        for killed in (True, False, False):
            process = subprocess.Popen([sys.executable, "-c", PROGRAM, *words])
            if killed:
                while not file.exists() or file.read_bytes().count(b"\n") < dialogues // 2:
                    if process.poll() is not None:
                        raise RuntimeError("The run ended before it could be killed. Hold more dialogues.")
                    time.sleep(0.02)
                os.kill(process.pid, signal.SIGKILL)
            if process.wait() != (-signal.SIGKILL if killed else 0):
                raise RuntimeError(f"The run ended with status {process.returncode}.")
            entries = [json.loads(line) for line in log.read_text().splitlines()]
            phases.append(Phase(read_episodes(file), entries[sum(len(phase.log) for phase in phases) :]))
    first, second, third = phases
    return first, second, third


def count(killed: Phase, resumed: Phase, again: Phase, dialogues: int) -> dict[str, Any]:
    """The figures that the docstring above names."""
    tasks = [episode.task_id for episode in resumed.episodes]
    before = {episode.task_id: episode.to_json() for episode in killed.episodes if episode.valid}
    after = {episode.task_id: episode.to_json() for episode in again.episodes}
    everything = [*killed.episodes, *resumed.episodes, *again.episodes]
    heard = [
        episode.valid and all(turn.feedback is not None for turn in episode.turns) for episode in everything
    ]
    log = [*killed.log, *resumed.log, *again.log]
    return {
        "dialogues": dialogues,
        "turns": TURNS,
        "requests": len(log),
        "failed_requests": sum(bool(entry["failed"]) for entry in log),
        "on_disk_when_killed": len(killed.episodes),
        "lost": dialogues - len(set(tasks)),
        "held_twice": len(tasks) - len(set(tasks)),
        "changed": sum(after.get(task) != row for task, row in before.items()),
        "scored_for_a_failure": sum(
            episode.reward is not None and not (whole and (episode.solved_at or len(episode.turns) == TURNS))
            for episode, whole in zip(everything, heard, strict=True)
        ),
        "failures": [len(resumed.failures), len(again.failures)],
        "failures_by_the_log": [resumed.failed_twice, again.failed_twice],
        "other_failures": sum(
            not episode.valid and episode.stop_reason != "teacher_failed" for episode in everything
        ),
        "held_again": len({entry["seed"] for entry in again.log}) if resumed.failures else 0,
    }


def main() -> None:
    """Hold, count, print and record."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dialogues", type=int, default=10_000, help="default: 10000")
    parser.add_argument("--share", type=float, default=0.05, help="of requests that fail (default: 0.05)")
    parser.add_argument("--seed", type=int, default=0, help="of the failures")
    parser.add_argument("--no-write", action="store_true", help="print only")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        phases = hold(Path(folder), args.dialogues, share=args.share, seed=args.seed)
    figures = {"fail_share": args.share, **count(*phases, args.dialogues)}
    report("chat_failures", figures, write=not args.no_write)


if __name__ == "__main__":
    main()
