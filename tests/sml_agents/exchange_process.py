"""Exchanged outcomes on several processes: `torchrun ... exchange_process.py OUT`; each writes OUT.RANK."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from accelerate import Accelerator
from test_objectives import episode

from sml_agents.shuffled_rewards import exchange_outcomes
from sml_gym import Episode


def dialogues() -> list[Episode]:
    """Thirty, of all lengths, some of them broken."""
    return [episode(1 + i % 4, solved=i % 3 == 0, valid=i % 7 != 5) for i in range(30)]


def share(number: int, rank: int) -> list[Episode]:
    """Those of a process: eleven and nineteen on two of them."""
    return dialogues() if number == 1 else dialogues()[slice(None, 11) if rank == 0 else slice(11, None)]


if __name__ == "__main__":
    accelerator = Accelerator(cpu=True)
    rank = accelerator.process_index
    held = exchange_outcomes(share(accelerator.num_processes, rank), 5, 7, accelerator=accelerator)
    Path(f"{sys.argv[1]}.{rank}").write_text(json.dumps([e.solved_at if e.valid else -1 for e in held]))
