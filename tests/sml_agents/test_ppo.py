"""PPO: advantages and losses against the formulas, learning, and what a checkpoint must hold."""

from __future__ import annotations

import dataclasses
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from grpo_process import options as grpo_options
from tiny_models import save_tiny, tiny_model, tiny_tokenizer
from toy_env import LETTER_ID, LengthEnv, jobs_of

from sml_agents.logs import read_metrics
from sml_agents.ppo import PPOLearner, PPOOptions, train, value_losses
from sml_agents.student import ModelStudent
from sml_agents.tokens import token_record
from sml_agents.valued_samples import ValuedSample
from sml_gym import ConfigError, Episode, StopReason, rollout
from sml_gym.episode import Probe


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


@pytest.fixture(scope="module")
def student() -> ModelStudent:
    tokenizer = tiny_tokenizer()
    return ModelStudent(tiny_model(vocab=len(tokenizer)), tokenizer, max_tokens_per_turn=6)


@pytest.fixture(scope="module")
def episodes(student: ModelStudent) -> list[Episode]:
    student.reseed(0)
    held = rollout(LengthEnv, student, jobs_of(12))
    assert {None, 1, 2} <= {episode.solved_at for episode in held}
    return held


def learner_of(student: ModelStudent, **more: Any) -> PPOLearner:
    model: Any = student.model
    learner = PPOLearner(PPOOptions(whiten=False, warmup_steps=0, **more), Accelerator(cpu=True), model)
    torch.manual_seed(0)
    torch.nn.init.normal_(learner.head.weight, std=0.5)
    return learner


def states(learner: PPOLearner, sample: Any) -> Any:
    """V before each of the student's tokens, from a forward pass over the dialogue by itself."""
    record = sample.record
    ids = torch.from_numpy(record.ids).unsqueeze(0)
    with torch.no_grad():
        hidden = learner.model(input_ids=ids, output_hidden_states=True).hidden_states[-1][0]
        return learner.head(hidden).squeeze(-1).numpy()[np.flatnonzero(record.student) - 1]


def test_advantages_over_tokens_are_those_of_the_formula(
    student: ModelStudent, episodes: list[Episode]
) -> None:
    learner = learner_of(student, gamma=0.5, lam=0.8)
    samples: Any = learner.samples(episodes).samples
    assert len(samples) == len(episodes)
    for episode, sample in zip(episodes, samples, strict=True):
        record = sample.record
        values = states(learner, sample)
        turns = record.turn[record.student]
        assert sample.values[record.student] == pytest.approx(values, abs=1e-5)
        expected, later = np.zeros(len(values)), 0.0
        for i in reversed(range(len(values))):
            ends = i == len(values) - 1
            reward = 1.0 if ends and episode.solved_at else 0.0
            discount = 0.0 if ends else 0.5 if turns[i + 1] != turns[i] else 1.0
            following = 0.0 if ends else values[i + 1]
            later = reward + discount * following - values[i] + discount * 0.8 * later
            expected[i] = later
        assert sample.advantages[record.student] == pytest.approx(expected, abs=1e-5)
        assert sample.targets[record.student] == pytest.approx(expected + values, abs=1e-5)
        assert not sample.advantages[~record.student].any()


@pytest.mark.parametrize("how", [{"step": "turn"}, {"turn_credit": True}])
def test_advantages_over_turns_treat_an_utterance_as_one_action(
    how: dict[str, Any], student: ModelStudent, episodes: list[Episode]
) -> None:
    learner = learner_of(student, **how, gamma=0.5, lam=1.0)
    found = learner.samples(episodes)
    for episode, sample in zip(episodes, found.samples, strict=True):
        assert isinstance(sample, ValuedSample)
        record = sample.record
        for turn in range(1, len(episode.turns) + 1):
            own = record.student & (record.turn == turn)
            later = 0.5 ** (episode.solved_at - turn) if episode.solved_at else 0.0
            first = np.flatnonzero(own)[0]
            assert sample.targets[own] == pytest.approx(np.full(own.sum(), later), abs=1e-5)
            assert sample.advantages[own] == pytest.approx(
                np.full(own.sum(), later - sample.values[first]), abs=1e-5
            )
            assert sample.value_weights[own].tolist() == [own.sum(), *[0] * (own.sum() - 1)]
    assert found.weight == sum(token_record(e).student.sum() for e in episodes)


@pytest.mark.parametrize("step", ["token", "turn"])
def test_the_answer_to_a_second_problem_brings_the_reward(
    student: ModelStudent, episodes: list[Episode], step: str
) -> None:
    solved = next(episode for episode in episodes if (episode.solved_at or 0) >= 3)
    last = len(solved.turns)
    probed = dataclasses.replace(solved, probe=Probe(last, "again", "Once more?"))
    assert probed.solved_at == last - 1
    learner = learner_of(student, step=step, gamma=0.5, lam=1.0)
    sample: Any = learner.samples([probed]).samples[0]
    for turn in range(1, last + 1):
        own = sample.record.student & (sample.record.turn == turn)
        back = 0.5 ** max(last - 1 - turn, 0)
        assert sample.targets[own] == pytest.approx(np.full(own.sum(), back), abs=1e-5)


def test_whitened_advantages_have_mean_0_and_deviation_1(
    student: ModelStudent, episodes: list[Episode]
) -> None:
    learner = learner_of(student)
    learner.options = dataclasses.replace(learner.options, whiten=True)
    flat = np.concatenate([s.advantages[s.record.student] for s in learner.samples(episodes).samples])
    assert (flat.mean(), flat.std()) == (pytest.approx(0, abs=1e-5), pytest.approx(1, abs=1e-4))


def test_value_losses_by_hand() -> None:
    values = torch.tensor([1.0, 0.1, 0.5])
    losses, bounded = value_losses(values, torch.zeros(3), torch.tensor([1.0, 1.0, 0.0]), clip=0.2)
    assert losses.tolist() == pytest.approx([0.8**2 / 2, 0.9**2 / 2, 0.5**2 / 2])
    assert bounded.tolist() == [1, 0, 0]
    free, none = value_losses(values, torch.zeros(3), torch.tensor([1.0, 1.0, 0.0]), clip=0.0)
    assert free.tolist() == pytest.approx([0, 0.9**2 / 2, 0.5**2 / 2])
    assert not none.any()


@pytest.mark.parametrize(("trunk", "step"), [("shared", "token"), ("separate", "token"), ("shared", "turn")])
def test_the_gradient_is_that_of_the_formula(
    student: ModelStudent, episodes: list[Episode], trunk: Any, step: Any
) -> None:
    learner = learner_of(
        student, value_trunk=trunk, step=step, value_weight=0.3, epochs=1, updates_per_epoch=1
    )
    learner.optimizer = torch.optim.SGD(
        [{"params": list(learner.parameters())}, {"params": list(learner.head.parameters())}], lr=0.0
    )  # type: ignore[assignment]
    learner.set_rate = lambda step: None  # type: ignore[method-assign]
    learner.options = dataclasses.replace(learner.options, max_grad_norm=1e9)
    found = learner.samples(episodes)
    learner.learn(episodes, 1)
    model: Any = learner.model
    body: Any = learner.trunk or model
    parameters = [p for group in learner.optimizer.param_groups for p in group["params"]]
    got = [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in parameters]
    for p in parameters:
        p.grad = None
    total = torch.zeros(())
    for sample in found.samples:
        assert isinstance(sample, ValuedSample)
        record = sample.record
        ids = torch.from_numpy(record.ids).unsqueeze(0)
        logps = torch.log_softmax(model(input_ids=ids).logits[0], -1)
        hidden = body(input_ids=ids, output_hidden_states=True).hidden_states[-1][0]
        said = np.flatnonzero(record.student)
        for t in said:
            weight = 1
            if step == "turn":  # the state before an utterance counts for all of its tokens
                same = [i for i in said if record.turn[i] == record.turn[t]]
                weight = len(same) if t == same[0] else 0
            ratio = torch.exp(logps[t - 1, ids[0, t]] - float(record.logprobs[t]))
            a, old, target = (float(x[t]) for x in (sample.advantages, sample.values, sample.targets))
            value = learner.head(hidden[t - 1]).squeeze()
            near = old + (value - old).clamp(-0.2, 0.2)
            total = total - torch.min(ratio * a, ratio.clamp(0.8, 1.2) * a)
            total = total + 0.3 / 2 * weight * torch.max((value - target) ** 2, (near - target) ** 2)
    (total / found.weight).backward()
    for gradient, parameter in zip(got, parameters, strict=True):
        expected = torch.zeros_like(gradient) if parameter.grad is None else parameter.grad
        assert torch.allclose(gradient, expected, rtol=1e-3, atol=1e-5)


def test_what_the_values_are_worth(student: ModelStudent, episodes: list[Episode]) -> None:
    """The share of the targets' variance that is not in the values' errors."""
    learner = learner_of(student, lam=1.0)
    found = learner.samples(episodes)
    samples: Any = found.samples
    values, targets = (
        np.concatenate([getattr(s, name)[s.record.student] for s in samples])
        for name in ("values", "targets")
    )
    metrics = learner.metrics({**dict.fromkeys(learner.measures, 0.0), **found.sums})
    expected = 1 - ((targets - values) ** 2).sum() / ((targets - targets.mean()) ** 2).sum()
    assert metrics["explained_variance"] == pytest.approx(expected, rel=1e-4)
    assert metrics["value_mean"] == pytest.approx(values.mean(), rel=1e-4)


def test_the_value_head_has_its_own_learning_rate(student: ModelStudent) -> None:
    learner = learner_of(student, lr=1e-5, value_lr=1e-2, value_trunk="separate")
    learner.set_rate(1)
    rates = {id(p): group["lr"] for group in learner.optimizer.param_groups for p in group["params"]}
    head = {id(p) for p in learner.head.parameters()}
    assert {rate for own, rate in rates.items() if own in head} == {1e-2}
    assert {rate for own, rate in rates.items() if own not in head} == {1e-5}
    assert len(rates) == sum(len(list(m.parameters())) for m in (*learner.models(), learner.head))


def test_broken_dialogues_are_in_no_loss(student: ModelStudent, episodes: list[Episode]) -> None:
    broken = [dataclasses.replace(e, stop_reason=StopReason.TEACHER_FAILED, reward=None) for e in episodes]
    learner = learner_of(student)
    both, whole = learner.samples([*episodes, *broken]), learner.samples(episodes)
    assert (len(both.samples), both.weight) == (len(whole.samples), whole.weight)
    assert not learner.tells(broken) and learner.tells([*broken, episodes[0]])


def letters(student: str, out: Path, **more: Any) -> PPOOptions:
    base = grpo_options(student, out, env_id=LETTER_ID, problems_per_step=48, max_tokens_per_turn=3)
    common = {f.name: getattr(base, f.name) for f in dataclasses.fields(PPOOptions) if hasattr(base, f.name)}
    common |= {
        "clip": 0.2,
        "group_size": 1,
        "lr": 1e-2,
        "warmup_steps": 0,
        "epochs": 1,
        "updates_per_epoch": 2,
    }
    return PPOOptions(**{**common, "save_every": 0, **more})


@pytest.mark.parametrize("step", ["token", "turn"])
def test_it_learns_what_is_rewarded_and_says_what_its_values_are_worth(
    step: Any, saved: str, tmp_path: Path
) -> None:
    train(letters(saved, tmp_path, steps=20, step=step), progress=False)
    lines = read_metrics(tmp_path / "metrics.jsonl")
    solved = [line["solve@1"] or 0.0 for line in lines]
    assert sum(solved[:2]) / 2 < 0.5
    assert sum(solved[-3:]) / 3 > 0.75
    assert all(line["value_loss"] is not None for line in lines)
    assert abs(lines[-1]["value_mean"] - lines[-1]["return"]) < 0.5  # type: ignore[operator]


@pytest.mark.parametrize("step", ["token", "turn"])
def test_the_divergence_is_paid_for_token_by_token(
    step: str, student: ModelStudent, episodes: list[Episode]
) -> None:
    """The return from a step on is the reward less k (log pi_old - log pi_ref), both discounted by turns."""
    learner = learner_of(student, step=step, gamma=0.5, lam=1.0)
    frozen: Any = tiny_model(vocab=len(tiny_tokenizer()), seed=1)
    learner.reference, learner.kl = (lambda: nullcontext(frozen)), 0.3
    for episode, sample in zip(episodes, learner.samples(episodes).samples, strict=True):
        assert isinstance(sample, ValuedSample)
        record = sample.record
        with torch.no_grad():
            logps = frozen(input_ids=torch.from_numpy(record.ids)[None]).logits[0].log_softmax(-1)
        said = np.flatnonzero(record.student).tolist()
        later = 1.0 if episode.solved_at else 0.0
        after: dict[int, float] = {}
        for t, following in zip(reversed(said), [said[-1], *reversed(said[1:])], strict=True):
            if record.turn[following] != record.turn[t]:
                later *= 0.5
            later -= 0.3 * (float(record.logprobs[t]) - float(logps[t - 1, record.ids[t]]))
            after[t] = later
        for t in said:
            first = next(i for i in said if record.turn[i] == record.turn[t])
            assert sample.targets[t] == pytest.approx(after[first if step == "turn" else t], abs=1e-4)
        assert abs(after[said[0]] - 0.5 ** ((episode.solved_at or 1) - 1) * bool(episode.solved_at)) > 1e-2


def test_the_weight_of_the_divergence_adapts(saved: str, tmp_path: Path) -> None:
    train(letters(saved, tmp_path, steps=4, kl=0.1, kl_target=1e-4, kl_horizon=1.0), progress=False)
    lines = read_metrics(tmp_path / "metrics.jsonl")
    assert lines[0]["kl"] == pytest.approx(0, abs=1e-4)
    weights = [line["kl_weight"] for line in lines]
    assert weights[0] == 0.1
    assert weights[1] == pytest.approx(0.08)  # no divergence yet: lowered by the most
    assert weights[3] > weights[2]  # type: ignore[operator]


@pytest.mark.parametrize("trunk", ["shared", "separate"])
def test_a_resumed_run_ends_with_the_same_weights(trunk: Any, saved: str, tmp_path: Path) -> None:
    more: dict[str, Any] = {"value_trunk": trunk, "save_every": 2, "kl": 0.05, "kl_target": 0.01}
    whole = train(letters(saved, tmp_path / "whole", steps=4, **more), progress=False)
    train(letters(saved, tmp_path / "part", steps=2, **more), progress=False)
    part = train(letters(saved, tmp_path / "part", steps=4, resume=True, **more), progress=False)
    a, b = ((made.model / "model.safetensors").read_bytes() for made in (whole, part))
    assert a == b


def test_options_without_sense_are_refused() -> None:
    for wrong in ({"lam": 2.0}, {"clip": 0.0}, {"kl": -1.0}, {"kl_target": 0.1}, {"value_lr": 0.0}):
        with pytest.raises(ConfigError):
            PPOOptions(**wrong).check()  # type: ignore[arg-type]
