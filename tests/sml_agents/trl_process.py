"""A run of TRL's engine in its own process: `python trl_process.py STUDENT OUT WHERE-IT-ENDS OPTIONS`."""

from __future__ import annotations

import json
import os
import signal
import sys

import torch
from grpo_process import die, half_a_file, on_call, options

from sml_agents.grpo import train
from sml_agents.student import ModelStudent

if __name__ == "__main__":
    student, out, where, more = sys.argv[1:]
    chosen = {"epochs": 2, "updates_per_epoch": 1, "warmup_steps": 2, "keep_checkpoints": 1, "engine": "trl"}
    if where == "rollout":
        ModelStudent.reply = on_call(3 * 4 + 2, die, ModelStudent.reply)  # type: ignore[method-assign]
    elif where == "half a file":  # of the second checkpoint; four were written for the first
        torch.save = on_call(6, half_a_file, torch.save)
    elif where == "asked to stop":

        def ask(*arguments: object) -> object:
            os.kill(os.getpid(), signal.SIGTERM)
            return reply(*arguments)  # type: ignore[arg-type]

        reply = ModelStudent.reply
        ModelStudent.reply = on_call(3 * 2 + 2, ask, reply)  # type: ignore[method-assign]
    train(options(student, out, 6, **{**chosen, **json.loads(more)}), progress=False)
