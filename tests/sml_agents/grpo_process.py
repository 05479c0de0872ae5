"""A training run in a process of its own: `python grpo_process.py STUDENT OUT STEPS WHERE-TO-BE-KILLED`.

The process kills itself with SIGKILL at an exact place, which no handler can catch and nothing can
clean up after: the same as being killed from outside at that instant.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import toy_env

import sml_agents.checkpoint as checkpoint
from sml_agents.grpo import GRPOOptions, train
from sml_agents.student import ModelStudent

COMMON: dict[str, Any] = {
    "env_id": toy_env.ENV_ID,
    "problems_per_step": 3,
    "group_size": 4,
    "max_turns": 3,
    "lr": 1e-3,
    "warmup_steps": 4,
    "max_tokens_per_turn": 8,
    "save_every": 2,
    "device": "cpu",
}
"""A run of seconds, with a checkpoint every second step."""

SPLIT: dict[str, Any] = {"epochs": 2, "updates_per_epoch": 2}
"""Several updates a step."""


def options(student: str, out: str | Path, steps: int = 6, **more: Any) -> GRPOOptions:
    """Such a run of GRPO."""
    return GRPOOptions(student=student, out=str(out), steps=steps, **(COMMON | SPLIT | more))


def die(*_: Any, **__: Any) -> None:
    """Be killed, now."""
    os.kill(os.getpid(), signal.SIGKILL)


def on_call(number: int, then: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """`original`, but `then` on its call with this number (from 1)."""
    count = 0

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        return (then if count == number else original)(*args, **kwargs)

    return wrapped


def half_a_file(_: Any, path: Path) -> None:
    """Be killed while the optimizer is being written."""
    Path(path).write_bytes(b"half of a file")
    die()


def be_killed(where: str) -> None:
    """Arrange for the death of this process. The second checkpoint, after step 4, is hit."""
    if where == "rollout":
        ModelStudent.reply = on_call(3 * 5 - 1, die, ModelStudent.reply)  # type: ignore[method-assign]
    elif where == "update":
        torch.optim.AdamW.step = on_call(4 * 4 + 2, die, torch.optim.AdamW.step)  # type: ignore[method-assign]
    elif where == "half a file":
        torch.save = on_call(2, half_a_file, torch.save)
    elif where == "before the rename":
        os.rename = on_call(2, die, os.rename)
    elif where == "after the rename":
        checkpoint.list_checkpoints = on_call(2, die, checkpoint.list_checkpoints)
    elif where == "while an old one is removed":
        shutil.rmtree = on_call(2, die, shutil.rmtree)
    else:
        raise ValueError(where)


if __name__ == "__main__":
    chosen: dict[str, Any] = {"keep_checkpoints": 1}
    be_killed(sys.argv[4])
    train(options(sys.argv[1], sys.argv[2], int(sys.argv[3]), **chosen), progress=False)
