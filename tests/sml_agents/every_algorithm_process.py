"""A short run of every algorithm: `python every_algorithm_process.py STUDENT OUT [broken]`.

With `broken` each run is interrupted after its second step, of which there is no checkpoint where steps have
some now and then, and goes on from what it saved.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import toy_env

from sml_agents.plugins import quiet_libraries
from sml_gym.cli.train import load_algorithm

ONLINE = ("cispo", "dapo", "dr-grpo", "grpo", "gspo", "ppo", "retry-rl", "rloo", "single-turn-rl")
OFFLINE = ("offline", "q-priming", "rejection", "single-turn-sft")
ADDED = {"distill": 0.3, "distill_turns": "all", "feedback_model": 0.1}


def run(name: str, student: str, out: Path, *, broken: bool) -> None:
    """Train for three steps or rounds, in one go or in two."""
    train, cls = load_algorithm(name)
    chosen: dict[str, Any] = {
        "student": student,
        "out": str(out / name),
        "env_id": "SML-Math-v0" if name == "single-turn-sft" else toy_env.ENV_ID,
        "max_tokens_per_turn": 4,
        "group_size": 4,
        "lr": 1e-3,
        "device": "cpu",
    }
    if name in ONLINE:
        chosen |= {"steps": 3, "problems_per_step": 2, "save_every": 1 if name == "dapo" else 2}
        chosen |= ADDED if name == "grpo" else {}
        chosen |= {"kl": 0.05, "kl_target": 0.1} if name == "ppo" else {}
    else:
        chosen |= {"rounds": 3, "problems": 6}
        chosen |= {"question_tokens": 4} if name == "q-priming" else {}

    def interrupt(metrics: dict[str, float | None]) -> None:
        if broken and metrics["step"] == 2:
            raise KeyboardInterrupt

    try:
        train(cls(**chosen), progress=False, on_step=interrupt)
    except KeyboardInterrupt:
        train(cls(**chosen, resume=True), progress=False)


if __name__ == "__main__":
    quiet_libraries()
    for algorithm in ONLINE + OFFLINE:
        run(algorithm, sys.argv[1], Path(sys.argv[2]), broken="broken" in sys.argv[3:])
