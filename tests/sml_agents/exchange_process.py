"""Exchanged outcomes on several processes: `torchrun ... exchange_process.py OUT`; each writes OUT.RANK."""

from __future__ import annotations

import atexit
import json
import os
import sys
from pathlib import Path

from test_objectives import episode
from torch import distributed

from sml_agents.processes import start
from sml_agents.shuffled_rewards import exchange_outcomes
from sml_gym import Episode


def dialogues() -> list[Episode]:
    """Thirty, of all lengths, some of them broken."""
    return [episode(1 + i % 4, solved=i % 3 == 0, valid=i % 7 != 5) for i in range(30)]


def share(number: int, rank: int) -> list[Episode]:
    """Those of a process: eleven and nineteen on two of them."""
    return dialogues() if number == 1 else dialogues()[slice(None, 11) if rank == 0 else slice(11, None)]


def say_whether_left(path: Path) -> None:
    """Whether this process has left the others, told at its very end."""
    path.write_text(json.dumps(not distributed.is_initialized()))


if __name__ == "__main__":
    atexit.register(say_whether_left, Path(f"{sys.argv[1]}.{os.environ['RANK']}.left"))
    accelerator = start(precision="no", device="cpu", timeout=100)
    rank = accelerator.process_index
    held = exchange_outcomes(share(accelerator.num_processes, rank), 5, 7, accelerator=accelerator)
    Path(f"{sys.argv[1]}.{rank}").write_text(json.dumps([e.solved_at if e.valid else -1 for e in held]))
