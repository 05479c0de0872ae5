"""Offline social meta-learning: what is kept, what is trained on, and going on after a kill."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_models import save_tiny, tiny_model, tiny_tokenizer
from toy_env import LETTER_ID, LengthEnv, jobs_of

from sml_agents.logs import read_metrics
from sml_agents.offline import keep, train
from sml_agents.offline_options import OfflineOptions, RejectionOptions, SingleTurnSFTOptions
from sml_agents.sft import LikeLengths, finetune
from sml_agents.student import ModelStudent
from sml_agents.tokens import TokenRecord, token_record
from sml_gym import ConfigError, Outcome, StopReason, read_episodes, rollout
from sml_gym.cli.train import load_algorithm

pytestmark = pytest.mark.filterwarnings("ignore:.gradient_checkpointing. is deprecated:FutureWarning")


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


def short(student: str, out: Path, cls: type = OfflineOptions, **more: Any) -> Any:
    chosen: dict[str, Any] = {
        "env_id": LETTER_ID,
        "problems": 30,
        "group_size": 4,
        "max_turns": 1 if cls is not OfflineOptions else 3,
        "max_tokens_per_turn": 3,
        "lr": 5e-3,
        "sft_epochs": 3,
        "device": "cpu",
        **more,
    }
    return cls(student=student, out=str(out), **chosen)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "cls"), [("offline", OfflineOptions), ("rejection", RejectionOptions)])
def test_it_learns_what_its_own_solved_dialogues_say(
    name: str, cls: type, student: str, tmp_path: Path
) -> None:
    run, options_class = load_algorithm(name)
    assert options_class is cls
    summary = run(short(student, tmp_path, cls, rounds=3, lr=2e-2, sft_epochs=6), progress=False)
    lines = read_metrics(tmp_path / "metrics.jsonl")
    solved = [line["solve@1"] for line in lines]
    assert solved[0] < 0.4  # type: ignore[operator]
    assert solved[2] > solved[0] + 0.25  # type: ignore[operator]
    for number, line in enumerate(lines, start=1):
        held = read_episodes(tmp_path / "rounds" / f"{number}.jsonl")
        assert line["dialogues"] == len(held) == 120
        assert line["kept"] == sum(e.solved_at is not None for e in held)
    assert summary.metrics == lines[-1]


def test_only_the_students_tokens_of_solved_dialogues_are_trained_on(tmp_path: Path) -> None:
    """A model fine-tuned on one utterance says it; what the teacher said in between leaves no trace."""
    tokenizer = tiny_tokenizer()
    model: Any = tiny_model(vocab=len(tokenizer))
    speaking = ModelStudent(model, tokenizer, max_tokens_per_turn=4)
    episodes = rollout(LengthEnv, speaking, jobs_of(30))
    two = next(e for e in episodes if e.solved_at == 2)
    record = token_record(two)
    tuned = finetune(
        model, tokenizer, [record] * 8, folder=tmp_path, lr=2e-2, epochs=12, batch_size=4, microbatch_size=2,
        warmup_share=0.0, precision="no", device="cpu", seed=0,
    )  # fmt: skip
    assert tuned["sft_updates"] == 24
    assert tuned["sft_tokens"] == 8 * record.student.sum()
    import torch

    with torch.no_grad():
        said = model(input_ids=torch.from_numpy(record.ids).unsqueeze(0)).logits[0].log_softmax(-1)
    chosen = said[np.arange(len(record) - 1), record.ids[1:]].exp().numpy()
    own = record.student[1:]
    assert chosen[own].min() > 0.8
    assert np.median(chosen[~own]) < 0.5


def test_what_is_kept() -> None:
    tokenizer = tiny_tokenizer()
    speaking = ModelStudent(tiny_model(vocab=len(tokenizer)), tokenizer, max_tokens_per_turn=4)
    episodes = rollout(LengthEnv, speaking, jobs_of(20))
    solved = [e for e in episodes if e.solved_at]
    lost = [e for e in episodes if not e.solved_at]
    assert solved
    assert lost
    options = OfflineOptions()
    assert len(keep(episodes, options)) == len(solved)
    assert len(keep([solved[0]] * 3, dataclasses.replace(options, keep="first"))) == 1
    longest = max(len(token_record(e)) for e in solved)
    kept = keep(episodes, dataclasses.replace(options, max_length=longest - 1))
    assert 0 < len(kept) < len(solved)
    failed = dataclasses.replace(lost[0], stop_reason=StopReason.TEACHER_FAILED, reward=None)
    assert keep([failed, lost[0]], options) == []


def test_worked_solutions_are_said_verified_and_learned(student: str, tmp_path: Path) -> None:
    run, options_class = load_algorithm("single-turn-sft")
    assert options_class is SingleTurnSFTOptions
    more = {"env_id": "SML-Math-v0", "env_options": {"families": ["percent_of"]}, "problems": 12}
    run(short(student, tmp_path, SingleTurnSFTOptions, group_size=1, **more), progress=False)
    held = read_episodes(tmp_path / "rounds" / "1.jsonl")
    assert {e.turns[0].outcome for e in held} == {Outcome.CORRECT}
    for episode in held:
        text = episode.turns[0].student.text
        assert episode.private["solution"] in text
        assert text.endswith(f"Final answer: {episode.private['answer']}")
        assert episode.turns[0].tokens is not None
    (line,) = read_metrics(tmp_path / "metrics.jsonl")
    assert line["kept"] == 12


def test_a_killed_run_goes_on_where_it_was_to_the_same_weights(student: str, tmp_path: Path) -> None:
    whole = train(short(student, tmp_path / "whole", rounds=2), progress=False)
    out = tmp_path / "part"
    train(short(student, out, rounds=1), progress=False)
    shutil.copytree(tmp_path / "whole" / "rounds", out / "rounds", dirs_exist_ok=True)
    second = out / "rounds" / "2.jsonl"
    lines = second.read_text().splitlines(keepends=True)
    second.write_text("".join(lines[:70]) + lines[70][:50])  # killed while a dialogue was being written
    part = train(short(student, out, rounds=2, resume=True), progress=False)
    a, b = ((made.model / "model.safetensors").read_bytes() for made in (whole, part))
    assert a == b
    assert len(read_episodes(second)) == 120


def test_a_round_without_a_solved_dialogue_says_what_to_do(student: str, tmp_path: Path) -> None:
    never = short(student, tmp_path, env_id="SML-Math-v0", problems=2, group_size=1)
    with pytest.raises(ConfigError, match="easier tasks"):
        train(never, progress=False)
    with pytest.raises(ConfigError, match="must"):
        OfflineOptions(rounds=-1).check()


def test_fine_tuning_on_dialogues_of_lengths_that_differ_eightfold_pads_little(tmp_path: Path) -> None:
    tokenizer = tiny_tokenizer()
    model = tiny_model(vocab=len(tokenizer))
    rng = np.random.default_rng(0)
    records = [
        TokenRecord(
            rng.integers(3, 90, length),
            np.arange(length) % 2 == 1,
            np.ones(length, np.int64),
            np.zeros(length, np.float32),
        )
        for length in np.exp(rng.uniform(np.log(10), np.log(80), 250)).astype(int)
    ]
    slots: list[int] = []
    model.get_input_embeddings().register_forward_pre_hook(lambda _, inputs: slots.append(inputs[0].numel()))
    finetune(
        model, tokenizer, records, folder=tmp_path, lr=1e-4, epochs=2, batch_size=16, microbatch_size=8,
        warmup_share=0.0, precision="no", device="cpu", seed=0,
    )  # fmt: skip
    assert len(slots) == 2 * -(-250 // 8)
    assert sum(slots) < 1.1 * 2 * sum(map(len, records))
    first, second = (list(LikeLengths([len(r) for r in records], 16, seed)) for seed in (0, 1))
    assert first != second
    assert sorted(first) == sorted(second) == list(range(250))
