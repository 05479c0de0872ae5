"""TRL's engine trains on the same dialogues as ours, token by token, and ends as ours does."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_models import save_tiny
from toy_env import FailingTeacher
from transformers import AutoModelForCausalLM
from trl_runs import IN_FOURS, furthest, run_of

from sml_agents.grpo import GRPOLearner, GRPOOptions, token_advantages, train
from sml_agents.learner import NotFinite, Sample
from sml_agents.logs import read_metrics
from sml_agents.trl_engine import dialogues as trl_dialogues
from sml_agents.trl_engine.dialogues import Dialogues
from sml_agents.trl_engine.options import trl_arguments
from sml_agents.trl_engine.run import make_trainer
from sml_gym import ConfigError, Feedback, RolloutError, TeacherError, TeachingContext, read_episodes
from sml_gym.cli.main import main
from sml_gym.errors import BudgetSpent


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


Row = tuple[tuple[int, ...], tuple[bool, ...], tuple[float, ...], tuple[float, ...]]


def our_rows(samples: Sequence[Sample]) -> list[Row]:
    """A dialogue's ids, mask, log-probabilities at sampling and advantages, as our learner has them."""
    return [
        (
            tuple(s.record.ids.tolist()),
            tuple(s.record.student.tolist()),
            tuple(s.record.logprobs.tolist()),
            tuple(s.advantages.tolist()),
        )
        for s in samples
    ]


def trls_rows(batch: dict[str, torch.Tensor]) -> list[Row]:
    """The same from the tensors of TRL's loss, without their padding."""
    rows = []
    advantages = batch["advantages"]
    for i in range(len(batch["prompt_ids"])):
        prompt = batch["prompt_ids"][i][batch["prompt_mask"][i].bool()].tolist()
        there = batch["completion_mask"][i].bool()
        mask = (batch["completion_mask"][i] * batch["tool_mask"][i])[there].bool()
        before = [0] * len(prompt)
        own = advantages[i][there] if advantages.dim() == 2 else advantages[i].expand(int(there.sum()))
        rows.append(
            (
                (*prompt, *batch["completion_ids"][i][there].tolist()),
                (*map(bool, before), *mask.tolist()),
                (*map(float, before), *batch["old_per_token_logps"][i][there].tolist()),
                (*map(float, before), *(own * mask).tolist()),
            )
        )
    return rows


@pytest.mark.parametrize("turn_credit", [False, True])
def test_both_engines_have_the_same_batch_token_by_token(
    student: str, tmp_path: Path, turn_credit: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a KL term every dialogue is trained on, so each of both batches is compared."""
    more: dict[str, Any] = {"beta": 0.1, "turn_credit": turn_credit, "steps": 1}
    learned: list[Sample] = []
    learn = GRPOLearner.loss

    def noted(self: GRPOLearner, samples: Sequence[Sample]) -> Any:
        learned.extend(samples)
        return learn(self, samples)

    monkeypatch.setattr(GRPOLearner, "loss", noted)
    train(run_of(student, tmp_path / "own", **more), progress=False)

    chosen = run_of(student, tmp_path / "trl", engine="trl", engine_options=IN_FOURS, **more)
    dialogues = Dialogues(chosen)
    trainer = make_trainer(chosen, dialogues, trl_arguments(chosen))
    batches: list[dict[str, torch.Tensor]] = []
    compute = trainer._compute_loss

    def seen(model: Any, inputs: dict[str, torch.Tensor]) -> Any:
        batches.append(inputs)
        return compute(model, inputs)

    monkeypatch.setattr(trainer, "_compute_loss", seen)
    trainer.train()
    assert len(batches) == 3
    ours, theirs = sorted(our_rows(learned)), sorted(row for batch in batches for row in trls_rows(batch))
    assert len(ours) == len(theirs) == 12
    assert ours == theirs
    assert any(len(set(row[1])) == 2 and row[1][-1] for row in theirs)
    assert len({len(row[0]) for row in theirs}) > 3  # dialogues of one, two and three turns


def test_a_step_that_tells_nothing_changes_nothing(
    student: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither by the momentum of earlier steps: this teacher fails all that is not solved at once."""
    out = tmp_path / "run"
    broken = {"env_options": {"teacher": FailingTeacher()}}
    summary = train(run_of(student, out, engine="trl", weight_decay=0.1, **broken), progress=False)
    assert summary.metrics["failures"] > 0  # type: ignore[operator]
    assert summary.metrics["groups_used"] == 0
    assert furthest(Path(student), out / "model") == 0
    assert "reward functions" not in caplog.text  # a failure is counted, and no fault of the reward's


def test_updates_without_a_finite_gradient_are_skipped_and_in_the_end_given_up(
    student: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(episodes: Any, records: Any, options: Any) -> Any:
        found, tell = token_advantages(episodes, records, options)
        return [np.where(own != 0, np.float32(np.inf), own) for own in found], tell

    monkeypatch.setattr(trl_dialogues, "token_advantages", endless)
    few, many = tmp_path / "few", tmp_path / "many"
    train(run_of(student, few, engine="trl", weight_decay=0.1), progress=False)
    assert [line["updates_skipped"] for line in read_metrics(few / "metrics.jsonl")] == [1, 1]
    assert furthest(Path(student), few / "model") == 0
    with pytest.raises(NotFinite, match=r"5 updates in a row.*step 5.*Lower lr"):
        train(run_of(student, many, 6, engine="trl"), progress=False)
    assert len(read_episodes(many / "not_finite.jsonl")) == 12
    assert len(read_metrics(many / "metrics.jsonl")) == 4


class Down:
    """A teacher that never answers."""

    name = "down"

    def reply(self, contexts: Any) -> Any:
        raise ConnectionError("no server")


def test_a_run_without_a_teacher_ends(student: str, tmp_path: Path) -> None:
    with pytest.raises(RolloutError, match=r"last 3 steps.*no server"):
        train(
            run_of(student, tmp_path, 9, engine="trl", env_id="SML-Math-v0", env_options={"teacher": Down()}),
            progress=False,
        )
    assert [line["failures"] for line in read_metrics(tmp_path / "metrics.jsonl")] == [12, 12, 12]


class Rich:
    """A teacher whose budget is used up in its third call."""

    name = "rich"

    def __init__(self) -> None:
        self.calls = 0

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback]:
        self.calls += 1
        if self.calls > 3:
            raise TeacherError("spent") from BudgetSpent("The budget of 3 requests is used up")
        return [Feedback("Go on.") for _ in contexts]


def test_a_spent_budget_leaves_the_last_whole_step(student: str, tmp_path: Path) -> None:
    chosen = run_of(
        student, tmp_path, 4, engine="trl", save_every=0, env_options={"teacher": Rich()}, max_turns=3
    )
    with pytest.raises(BudgetSpent, match="1 of 4 steps are made"):
        train(chosen, progress=False)
    again = dataclasses.replace(chosen, resume=True, env_options={"teacher": Rich()}, steps=2)
    assert train(again, progress=False).steps == 2
    assert [line["step"] for line in read_metrics(tmp_path / "metrics.jsonl")] == [1, 2]


def test_from_the_command_line(student: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    words = (
        f"train --student {student} --out {out} --steps 2 --problems-per-step 2 --group-size 2 --max-turns 2 "
        "--max-tokens-per-turn 6 --device cpu --engine trl --save-every 1 --env SML-Math-v0 --algo dapo"
    ).split()
    batches = ["--engine-options", '{"per_device_train_batch_size": 2}']
    assert main([*words, *batches, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "engine: trl" in said
    assert "micro-batch: 48 tokens" in said  # two dialogues of two turns, as many tokens read as said
    assert not out.exists()
    assert main([*words, *batches]) == 0
    assert f"Run: {out}" in capsys.readouterr().out
    assert len(read_metrics(out / "metrics.jsonl")) == 2
    assert (out / "learning_curve.png").is_file()
    recorded = json.loads((out / "run.json").read_text())["options"]
    assert (recorded["engine"], recorded["clip_high"]) == ("trl", 0.28)
    assert {p.name for p in (out / "checkpoints").glob("checkpoint-*")} == {"checkpoint-1", "checkpoint-2"}
    assert isinstance(AutoModelForCausalLM.from_pretrained(out / "model"), torch.nn.Module)
    assert main([*words, "--engine-options", '{"use_vlm": true}', "--out", str(tmp_path / "no")]) == 2
    assert "Did you mean 'use_vllm'?" in capsys.readouterr().err


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "ratio": ({"ratio_over": "turn"}, "ratios over turns.*ratio_over=token"),
    "turns": ({"turn_credit": True, "ratio_over": "dialogue"}, "ratio_over=token"),
    "cispo": ({"objective": "cispo", "loss_mean": "sums"}, "loss_mean=tokens"),
    "kl": ({"beta": 0.1, "kl_estimator": "k1"}, "kl_estimator=k3"),
    "distill": ({"distill": 0.1}, "distill=0"),
    "words": ({"feedback_model": 0.1}, "feedback_model=0"),
    "pieces": ({"engine_options": {"fsdp": "full_shard"}}, "use_vllm, or engine_options.deepspeed"),
    "ungathered": ({"engine_options": {"ds3_gather_for_generation": False}}, "engine_options.use_vllm"),
    "generation": ({"generation": "vllm"}, "engine_options.use_vllm"),
    "top-p": ({"engine_options": {"use_vllm": True}, "top_p": 0.9}, "top_p=1"),
    "sharding": ({"sharding": "fsdp"}, "engine_options.deepspeed"),
    "reference": ({"beta": 0.1, "student": "smollm2"}, "lora_rank"),
    "unknown": ({"engine_options": {"use_vlm": True}}, "Did you mean 'use_vllm'"),
    "ours": ({"engine_options": {"learning_rate": 1.0}}, "follows from the run's own options"),
    "not TRL's": ({"engine": "own", "engine_options": {"use_vllm": True}}, "choose engine=trl"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_trl_cannot_say_is_refused(case: str) -> None:
    more, remedy = REFUSED[case]
    with pytest.raises(ConfigError, match=remedy):
        GRPOOptions(**{"engine": "trl", **more}).check()


def test_what_trl_refuses_is_the_users_to_mend(student: str, tmp_path: Path) -> None:
    bounds = {"vllm_importance_sampling_clip_min": 5.0}  # above the upper one, which is 3
    with pytest.raises(ConfigError, match=r"TRL refuses.*must be less than.*Mend engine_options"):
        train(run_of(student, tmp_path, engine="trl", engine_options=bounds), progress=False)
    assert not list(tmp_path.iterdir())


def test_dialogues_that_cannot_be_shared_evenly_are_refused() -> None:
    with pytest.raises(ConfigError, match="multiple for problems_per_step"):
        trl_arguments(GRPOOptions(engine="trl", problems_per_step=3), processes=2)
    with pytest.raises(ConfigError, match="another updates_per_epoch"):
        trl_arguments(GRPOOptions(engine="trl", problems_per_step=2, updates_per_epoch=3))
    rows = {"per_device_train_batch_size": 5}
    with pytest.raises(ConfigError, match="Choose a divisor"):
        trl_arguments(GRPOOptions(engine="trl", problems_per_step=2, engine_options=rows))
