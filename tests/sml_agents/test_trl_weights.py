"""From the same weights TRL's engine reaches the same weights as ours, whatever the algorithm."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tiny_models import save_tiny
from trl_runs import IN_FOURS, furthest, run_of

from sml_agents.grpo import GRPOOptions, train
from sml_agents.grpo_variants import CISPOOptions, DrGRPOOptions, GSPOOptions, RLOOOptions
from sml_agents.logs import read_metrics
from sml_gym import Feedback, RolloutError, TeacherError, TeachingContext


class MovingTeacher:
    """Is out of reach for some utterances, so that groups have both broken and healthy dialogues."""

    name = "moving"

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback | RolloutError]:
        return [
            TeacherError("out of reach") if sum(map(ord, c.utterance.text)) % 4 == 0 else Feedback("Go on.")
            for c in contexts
        ]


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


VARIANTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "grpo": (GRPOOptions, {}),
    "turns": (GRPOOptions, {"turn_credit": True, "warmup_steps": 0, "activation_checkpointing": True}),
    "dialogues, two epochs": (GRPOOptions, {"loss_mean": "dialogues", "epochs": 2, "weight_decay": 0.1}),
    "rloo": (RLOOOptions, {}),
    "dr-grpo": (DrGRPOOptions, {}),
    "gspo": (GSPOOptions, {"epochs": 2}),
    "cispo": (CISPOOptions, {"epochs": 2, "clip_high": 0.1}),
    "kl, adapters": (
        GRPOOptions,
        {"beta": 0.2, "lora_rank": 2, "epochs": 2, "activation_checkpointing": True},
    ),
    "kl": (GRPOOptions, {"beta": 0.2, "epochs": 2}),
    "new problems": (GRPOOptions, {"resampling": 2, "group_size": 2, "problems_per_step": 6}),
    "shuffled": (GRPOOptions, {"shuffle_rewards": True}),
    "broken dialogues": (
        GRPOOptions,
        {"loss_mean": "dialogues", "env_options": {"teacher": MovingTeacher()}},
    ),
    "broken dialogues, sums": (RLOOOptions, {"env_options": {"teacher": MovingTeacher()}}),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_both_engines_reach_the_same_weights(student: str, tmp_path: Path, variant: str) -> None:
    cls, more = VARIANTS[variant]
    folders = tmp_path / "own", tmp_path / "trl"
    for folder, engine in zip(folders, ("own", "trl"), strict=True):
        extra = {"engine_options": IN_FOURS} if engine == "trl" else {}
        train(run_of(student, folder, cls=cls, engine=engine, **more, **extra), progress=False)
    own, other = (folder / "model" for folder in folders)
    assert furthest(Path(student), other) > 1e-4
    assert furthest(own, other) < 1e-5
    pairs = list(zip(*(read_metrics(folder / "metrics.jsonl") for folder in folders), strict=True))
    assert len(pairs) == 2
    for ours, theirs in pairs:
        assert ours.keys() == theirs.keys()
        for name in ours.keys() - {"policy_kl", "entropy", "kl", "clip_share"}:
            assert theirs[name] == pytest.approx(ours[name], rel=1e-4), name
        assert theirs["kl"] == pytest.approx(ours["kl"], abs=1e-3)
    if "broken" in variant:
        assert all(line["failures"] and line["groups_used"] for line, _ in pairs)
