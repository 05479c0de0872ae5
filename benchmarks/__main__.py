"""Run every benchmark, one after the other: `python -m benchmarks`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPTS = (
    "gsm8k_references",
    "shards",
    "humaneval",
    "code_yardsticks",
    "throughput",
    "every_id",
    "audit",
    "chat_throughput",
    "chat_failures",
    "overlap",
    "guard",
    "guard_scripted",
    "sandbox",
    "reasoning_table",
    "reasoning_yardsticks",
    "grpo_step",
    "memory",
    "packing",
    "learning",
    "smollm2",
    "guess",
    "curriculum",
)

if __name__ == "__main__":
    failed = []
    for name in SCRIPTS:
        print(f"== {name}", flush=True)
        if subprocess.run([sys.executable, str(Path(__file__).with_name(f"{name}.py"))]).returncode:
            failed.append(name)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)
