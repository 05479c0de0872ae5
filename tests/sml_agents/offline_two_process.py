"""Offline runs that processes share: `torchrun offline_two_process.py STUDENT FOLDER WHAT...`.

WHAT is the name of a run; with `:sigkill` the last process is killed in the middle of the second round.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import toy_env
from distributed_process import signal_self

from sml_agents import offline, q_priming
from sml_agents.offline_options import OfflineOptions
from sml_agents.q_priming import QPrimingOptions

COMMON: dict[str, Any] = {
    "env_id": toy_env.LETTER_ID,
    "problems": 9,
    "group_size": 4,
    "max_turns": 3,
    "max_tokens_per_turn": 4,
    "rounds": 2,
    "lr": 1e-3,
    "sft_epochs": 2,
    "batch_size": 8,
    "microbatch_size": 3,
    "device": "cpu",
}


def run(name: str, student: str, out: Path | str, **more: Any) -> None:
    """A run of two rounds, alone or as one of several processes; adapters, if its name says so."""
    chosen = COMMON | ({"lora_rank": 4} if "adapters" in name else {}) | more
    if name.startswith("q-priming"):
        q_priming.train(
            QPrimingOptions(student=student, out=str(out), writer="phrases", **chosen), progress=False
        )
    else:
        offline.train(OfflineOptions(student=student, out=str(out), **chosen), progress=False)


if __name__ == "__main__":
    for what in sys.argv[3:]:
        name, _, how = what.partition(":")
        if how == "sigkill" and os.environ["RANK"] == "1":
            signal_self(signal.SIGKILL, 3 + 2)
        run(name, sys.argv[1], Path(sys.argv[2]) / name, rollout_batch=256)
