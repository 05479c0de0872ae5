"""Runs that processes share: `torchrun distributed_process.py STUDENT FOLDER SCENARIO...` makes each in turn.

A scenario is a name of `SCENARIOS`, with `:STEPS` and further words after it:

- `fsdp`: the processes share the weights;
- `resume`: it goes on with the run in its folder;
- `sigterm`: the last process is told to stop in the second step;
- `sigkill`, `sigstop`: the last process is killed, or held for ever, in the middle of the third step;
- `oom`: the last process has no memory for a micro-batch of more than 150 tokens; it is to find that out.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from grpo_process import COMMON, SPLIT

from sml_agents import grpo, learner, ppo
from sml_agents.student import ModelStudent

SCENARIOS: dict[str, dict[str, Any]] = {
    "grpo": {"distill": 0.3, "distill_turns": "all", "feedback_model": 0.1},
    # Fewer tokens in a micro-batch, so that processes have different numbers of them.
    "kl": {"beta": 0.05, "weight_decay": 0.1, "microbatch_tokens": 300, **SPLIT},
    "adapters": {"beta": 0.05, "lora_rank": 4, "activation_checkpointing": True},
    "resampled": {"resampling": 2, "problems_per_step": 2},
    # One problem: the first process has no dialogue at all.
    "nothing": {"problems_per_step": 1, "group_size": 8, "distill": 0.3, "distill_turns": "all"},
    "bf16": {"precision": "bf16"},
    "ppo": {"kl": 0.05, "kl_target": 0.01, **SPLIT},
    "ppo-trunk": {"value_trunk": "separate", "weight_decay": 0.1, "step": "turn", **SPLIT},
    "ppo-adapters": {"value_trunk": "separate", "lora_rank": 4, "kl": 0.05, "resampling": 1, **SPLIT},
}


def run(scenario: str, student: str, out: Path | str, steps: int, **more: Any) -> None:
    """Make a run of a scenario, alone or as one of several processes."""
    chosen = COMMON | SCENARIOS[scenario] | more
    if scenario.startswith("ppo"):
        ppo.train(ppo.PPOOptions(student=student, out=str(out), steps=steps, **chosen), progress=False)
    else:
        grpo.train(grpo.GRPOOptions(student=student, out=str(out), steps=steps, **chosen), progress=False)


def signal_self(number: signal.Signals, call: int) -> None:
    """Let this process send itself a signal in its student's reply of this number, from 1."""
    reply, count = ModelStudent.reply, 0

    def counted(self: ModelStudent, dialogues: Any) -> Any:
        nonlocal count
        count += 1
        if count == call:
            os.kill(os.getpid(), number)
        return reply(self, dialogues)

    ModelStudent.reply = counted  # type: ignore[method-assign]


SHARDED: list[Any] = []


def watch_sharding() -> None:
    """Remember the models that are sharded."""
    shard = learner.shard

    def watched(model: Any, accelerator: Any) -> None:
        SHARDED.append(model)
        shard(model, accelerator)

    learner.shard = watched


@contextmanager
def little_memory(most: int) -> Iterator[None]:
    """Within it dialogues of more tokens do not fit into the memory together; once it is tried."""
    loss, refused = grpo.GRPOLearner.loss, 0

    def greedy(self: grpo.GRPOLearner, samples: Any) -> Any:
        nonlocal refused
        if len(samples) > 1 and sum(len(sample.record) for sample in samples) > most:
            refused += 1
            raise torch.OutOfMemoryError("no more")
        return loss(self, samples)

    grpo.GRPOLearner.loss = greedy  # type: ignore[method-assign]
    try:
        yield
    finally:
        grpo.GRPOLearner.loss = loss  # type: ignore[method-assign]
    assert refused == 1


def main(student: str, folder: Path, scenarios: list[str]) -> None:
    watch_sharding()
    last = int(os.environ.get("RANK", "0")) + 1 == int(os.environ.get("WORLD_SIZE", "1"))
    for scenario in scenarios:
        name, steps, *words = scenario.split(":")
        turns, more = COMMON["max_turns"], {}
        for word in words:
            if word == "fsdp":
                more["sharding"] = "fsdp"
            elif word == "resume":
                more["resume"] = True
            elif word == "sigstop":
                more["process_timeout"] = 5.0
            if word.startswith("sig") and last:
                signal_self(getattr(signal, word.upper()), (2 if word == "sigterm" else 3) * turns - 1)
        out = folder / "-".join([name, *(w for w in words if w != "resume")])
        with little_memory(150) if "oom" in words and last else nullcontext():
            run(name, student, out, int(steps), **more)
        if os.environ.get("RANK", "0") == "0":
            told = {"processes": torch.distributed.get_world_size(), "shared": bool(SHARDED)}
            out.with_suffix(".json").write_text(json.dumps(told))
        SHARDED.clear()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
