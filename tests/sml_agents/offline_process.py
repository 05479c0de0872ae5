"""An offline run by the command line in a process of its own: `python offline_process.py STUDENT OUT WHERE`.

The process sends itself SIGTERM at an exact place, as a cluster's scheduler would from outside.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import torch
from grpo_process import on_call
from toy_env import LETTER_ID

from sml_agents import rounds
from sml_agents.offline_options import OfflineOptions
from sml_gym.cli.main import main

CHOSEN: dict[str, Any] = {
    "env_id": LETTER_ID,
    "problems": 12,
    "group_size": 4,
    "max_turns": 2,
    "max_tokens_per_turn": 3,
    "rollout_batch": 8,
    "rounds": 2,
    "lr": 5e-3,
    "sft_epochs": 3,
    "batch_size": 4,
    "device": "cpu",
}


def options(student: str, out: str | Path, **more: Any) -> OfflineOptions:
    """A run of seconds."""
    return OfflineOptions(student=student, out=str(out), **{**CHOSEN, **more})


def be_told(where: str) -> None:
    """Arrange for a SIGTERM in the second round."""

    def and_tell(original: Any) -> Any:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            os.kill(os.getpid(), signal.SIGTERM)
            return original(*args, **kwargs)

        return wrapped

    if where == "holding":
        original = rounds.write_episodes
        rounds.write_episodes = on_call(49 + 1 + 20, and_tell(original), original)
    elif where == "fine-tuning":
        step = torch.optim.AdamW.step
        calls: list[int] = []

        def counted(*args: Any, **kwargs: Any) -> Any:
            calls.append(1)
            (Path(sys.argv[2]) / "updates.txt").write_text(str(len(calls)))
            held = Path(sys.argv[2]) / "rounds" / "2.jsonl"
            if held.exists():
                os.kill(os.getpid(), signal.SIGTERM)
            return step(*args, **kwargs)

        torch.optim.AdamW.step = counted  # type: ignore[method-assign]
    else:
        raise ValueError(where)


if __name__ == "__main__":
    be_told(sys.argv[3])
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in CHOSEN.items()]
    sys.exit(main(["train", "--algo=offline", f"--student={sys.argv[1]}", f"--out={sys.argv[2]}", *flags]))
