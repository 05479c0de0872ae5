"""The control with exchanged outcomes: rewards of the same distribution that say nothing of what was said."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accelerate import Accelerator
from exchange_process import dialogues
from grpo_process import options
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from test_objectives import episode
from tiny_models import save_tiny, tiny_model, tiny_tokenizer
from torchrun import on_two
from toy_env import ENV_ID, LengthEnv, jobs_of

from sml_agents.advantages import dialogue_return, group_advantages, turn_advantages, turn_returns
from sml_agents.grpo import train
from sml_agents.logs import read_metrics
from sml_agents.offline import keep
from sml_agents.offline import train as train_offline
from sml_agents.offline_options import OfflineOptions, SingleTurnSFTOptions
from sml_agents.ppo import PPOLearner, PPOOptions
from sml_agents.shuffled_rewards import exchange_outcomes
from sml_agents.student import ModelStudent
from sml_agents.tokens import token_record
from sml_gym import ConfigError, Episode, Outcome, rollout
from sml_gym.distillation import targets
from sml_gym.episode import read_episodes

HELD = st.lists(st.builds(episode, st.integers(1, 4), solved=st.booleans(), valid=st.booleans()), max_size=12)


@given(HELD, st.integers(0, 10**6))
@settings(deadline=None)
def test_valid_dialogues_have_the_outcomes_of_valid_ones_and_nothing_else_changes(
    held: list[Episode], seed: int
) -> None:
    before = copy.deepcopy(held)
    exchanged = exchange_outcomes(held, seed)
    assert held == before
    valid = [i for i, one in enumerate(held) if one.valid]
    assert Counter(exchanged[i].solved_at for i in valid) == Counter(held[i].solved_at for i in valid)
    for i, (one, other) in enumerate(zip(held, exchanged, strict=True)):
        if i not in valid:
            assert other is one
            continue
        assert other.valid
        assert [t.student for t in other.turns] == [t.student for t in one.turns]
        assert [t.feedback for t in other.turns] == [t.feedback for t in one.turns]
        right = [n for n, t in enumerate(other.turns, start=1) if t.outcome is Outcome.CORRECT]
        assert right == [n for n in range(1, len(one.turns) + 1) if n == other.solved_at]
        assert sum(t.reward or 0.0 for t in other.turns) == len(right)
        assert other.reward == float(other.solved_at is not None)
    again = exchange_outcomes(held, seed)
    assert [one.solved_at for one in again] == [one.solved_at for one in exchanged]


def test_the_exchange_depends_on_its_seeds() -> None:
    held = dialogues()
    found = {tuple(one.solved_at for one in exchange_outcomes(held, 0, step)) for step in range(20)}
    assert len(found) == 20


def test_credit_says_nothing_of_a_dialogue() -> None:
    """Over many exchanges a dialogue that was solved at once has the advantages of one that failed."""
    held = [episode(n, solved=solved) for n, solved in ((1, True), (2, True), (4, False), (4, True))] * 2
    draws = [exchange_outcomes(held, seed) for seed in range(4_000)]
    by_dialogue = np.array([group_advantages(group, 0.7) for group in draws])
    assert np.abs(by_dialogue.mean(0)).max() < 0.06
    first, last = (np.array([turn_advantages(group, 0.7)[i] for group in draws]) for i in (0, 2))
    assert np.abs(first.mean(0)).max() < 0.06
    assert np.abs(last.mean(0)).max() < 0.06
    true = group_advantages(held, 0.7)
    assert true[0] > 0.5 and true[2] < -0.5


def test_outcomes_are_exchanged_among_the_dialogues_of_all_processes(tmp_path: Path) -> None:
    """Eleven dialogues in one process and nineteen in another, and the same exchange as in one process."""
    on_two("exchange_process.py", tmp_path / "held", timeout=100)
    first, second = (json.loads((tmp_path / f"held.{rank}").read_text()) for rank in (0, 1))
    assert all(json.loads((tmp_path / f"held.{rank}.left").read_text()) for rank in (0, 1))
    alone = [one.solved_at if one.valid else -1 for one in exchange_outcomes(dialogues(), 5, 7)]
    assert (len(first), len(second)) == (11, 19)
    assert first + second == alone
    assert alone != [one.solved_at if one.valid else -1 for one in dialogues()]


@pytest.fixture(scope="module")
def student() -> ModelStudent:
    tokenizer = tiny_tokenizer()
    return ModelStudent(tiny_model(vocab=len(tokenizer)), tokenizer, max_tokens_per_turn=6)


@pytest.fixture(scope="module")
def held(student: ModelStudent) -> list[Episode]:
    student.reseed(0)
    found = rollout(LengthEnv, student, jobs_of(24))
    assert {None, 1, 2, 3} <= {one.solved_at for one in found}
    return found


@pytest.mark.parametrize("step", ["token", "turn"])
def test_ppo_has_the_exchanged_return_whatever_the_length_of_a_dialogue(
    student: ModelStudent, held: list[Episode], step: Any
) -> None:
    """Also where a dialogue ended before the turn that it was given: else short ones would return more."""
    model: Any = student.model
    learner = PPOLearner(
        PPOOptions(whiten=False, gamma=0.5, lam=1.0, step=step), Accelerator(cpu=True), model
    )
    beyond = 0
    for seed in range(5):
        exchanged = exchange_outcomes(held, seed)
        for one, sample in zip(exchanged, learner.samples(exchanged).samples, strict=True):
            first = np.flatnonzero(sample.record.student)[0]
            assert sample.advantages[first] == pytest.approx(dialogue_return(one, 0.5), abs=1e-6)
            assert turn_returns(one, 0.5)[0] == dialogue_return(one, 0.5)
            beyond += (one.solved_at or 0) > len(one.turns)
    assert beyond > 5


def test_distillation_takes_the_utterances_that_were_given_the_solution(held: list[Episode]) -> None:
    true = [targets(one, "all") for one in held]
    assert sum(map(len, true)) > 5
    for one, could in zip(exchange_outcomes(held, 1), true, strict=True):
        assert set(targets(one)) == {one.solved_at} & set(could)


def differ(one: Path, other: Path) -> bool:
    first, second = (load_file(run / "model" / "model.safetensors") for run in (one, other))
    return any(bool((first[name] != second[name]).any()) for name in first)


def test_an_online_run_logs_the_truth_and_learns_from_the_exchange(tmp_path: Path) -> None:
    saved = save_tiny(tmp_path / "student")
    for name in ("true", "shuffled"):
        train(options(saved, tmp_path / name, 1, shuffle_rewards=name == "shuffled"), progress=False)
    true, shuffled = (read_metrics(tmp_path / name / "metrics.jsonl")[0] for name in ("true", "shuffled"))
    for name in ("reward", "return", "solve@1", "turns_to_solve", "attempts", "tokens_per_dialogue"):
        assert true[name] == shuffled[name]
    assert 0 < (true["reward"] or 0) < 1
    first, second = (
        load_file(tmp_path / name / "model" / "model.safetensors") for name in ("true", "shuffled")
    )
    assert any((first[name] != second[name]).any() for name in first)


def test_offline_keeps_as_many_dialogues_and_others(tmp_path: Path, held: list[Episode]) -> None:
    chosen = OfflineOptions(shuffle_rewards=True)
    exchanged = exchange_outcomes(held, 3)
    solved = [i for i, one in enumerate(exchanged) if one.solved_at]
    kept = keep(exchanged, chosen)
    assert len(kept) == len(keep(held, chosen)) == len(solved)
    assert [list(r.ids) for r in kept] == [list(token_record(held[i]).ids) for i in solved]
    assert {i for i, one in enumerate(held) if one.solved_at} != set(solved)

    saved = save_tiny(tmp_path / "student")
    common: dict[str, Any] = {
        "student": saved, "env_id": ENV_ID, "problems": 10, "group_size": 3, "max_turns": 3,
        "max_tokens_per_turn": 6, "device": "cpu",
    }  # fmt: skip
    for name in ("true", "shuffled"):
        run = OfflineOptions(out=str(tmp_path / name), lr=1e-3, shuffle_rewards=name == "shuffled", **common)
        train_offline(run, progress=False)
    true, shuffled = (read_metrics(tmp_path / name / "metrics.jsonl")[0] for name in ("true", "shuffled"))
    assert true["kept"] == shuffled["kept"] and true["reward"] == shuffled["reward"]
    files = [tmp_path / name / "rounds" / "1.jsonl" for name in ("true", "shuffled")]
    saved_rounds = [[one.solved_at for one in read_episodes(path)] for path in files]
    assert saved_rounds[0] == saved_rounds[1]
    first, second = (
        load_file(tmp_path / name / "model" / "model.safetensors") for name in ("true", "shuffled")
    )
    assert any((first[name] != second[name]).any() for name in first)


def test_where_the_control_would_be_none_it_is_refused() -> None:
    with pytest.raises(ConfigError, match="no control"):
        SingleTurnSFTOptions(shuffle_rewards=True).check()
