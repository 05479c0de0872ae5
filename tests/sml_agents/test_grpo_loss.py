"""What GRPO trains on: returns, advantages, masks, and that failures contribute nothing."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_models import tiny_model, tiny_tokenizer
from torch import Tensor
from toy_env import FailingTeacher, LengthEnv, jobs_of

from sml_agents.advantages import dialogue_return, group_advantages, turn_advantages
from sml_agents.grpo import GRPOLearner, GRPOOptions, loss_weight, step_jobs
from sml_agents.learner import NotFinite, Sample, Samples, spread, spread_turns
from sml_agents.student import ModelStudent
from sml_agents.tokens import collate, split_by_length, student_logits, student_logprobs, token_record
from sml_gym import ConfigError, Episode, StopReason, rollout

OPTIONS = GRPOOptions(lr=0.0001, warmup_steps=0)


@pytest.fixture(scope="module")
def student() -> ModelStudent:
    tokenizer = tiny_tokenizer()
    return ModelStudent(tiny_model(vocab=len(tokenizer)), tokenizer, max_tokens_per_turn=12)


@pytest.fixture(scope="module")
def episodes(student: ModelStudent) -> list[Episode]:
    student.reseed(0)
    held = rollout(LengthEnv, student, jobs_of(16))
    assert len({episode.solved_at for episode in held}) >= 4
    return held


def weight_of(episodes: list[Episode], mean: str) -> float:
    return loss_weight(episodes, dataclasses.replace(OPTIONS, loss_mean=mean))  # type: ignore[arg-type]


def learner_of(model: Any, samples: list[Sample], weight: float, **options: Any) -> GRPOLearner:
    """A learner that has found these samples, and whose updates leave the weights alone."""
    chosen = dataclasses.replace(OPTIONS, max_grad_norm=1e9, **options)
    learner = GRPOLearner(dataclasses.replace(chosen, beta=0.0), Accelerator(cpu=True), model)
    learner.options = chosen
    if chosen.beta:
        learner.reference = partial(nullcontext, tiny_model(vocab=267, seed=1).requires_grad_(False))
    learner.optimizer = torch.optim.SGD(model.parameters(), lr=0.0)  # type: ignore[assignment]
    learner.rate = lambda step: 0.0  # type: ignore[method-assign]
    learner.samples = lambda _: Samples(samples, weight, 1, 1)  # type: ignore[method-assign]
    return learner


def gradients(
    student: ModelStudent, samples: list[Sample], episodes: list[Episode] | None = None, **options: Any
) -> list[torch.Tensor]:
    """The gradients of one update (not clipped), averaged over the samples or over all episodes."""
    model: Any = student.model
    mean = options.get("loss_mean", OPTIONS.loss_mean)
    if episodes is None:
        tokens = sum(int(sample.record.student.sum()) for sample in samples)
        weight = float(len(samples) if mean == "dialogues" else tokens)
    else:
        weight = weight_of(episodes, mean)
    learner_of(model, samples, weight, **options).learn([], step=1)
    return [p.grad.clone() for p in model.parameters()]


def samples_of(episodes: list[Episode], group: int = 8) -> list[Sample]:
    advantages = [
        a for i in range(0, len(episodes), group) for a in group_advantages(episodes[i : i + group], 0.7)
    ]
    pairs = [(token_record(e), a) for e, a in zip(episodes, advantages, strict=True) if a]
    return [Sample(record, spread(record, a)) for record, a in pairs]


def test_returns_and_advantages_follow_the_formula(episodes: list[Episode]) -> None:
    group = episodes[:8]
    returns = [0.7 ** (len(e.turns) - 1) if e.stop_reason is StopReason.SOLVED else 0.0 for e in group]
    assert [dialogue_return(e, 0.7) for e in group] == pytest.approx(returns)
    expected = (np.array(returns) - np.mean(returns)) / (np.std(returns) + 1e-4)
    assert group_advantages(group, 0.7) == pytest.approx(expected.tolist())


def test_groups_without_spread_or_with_one_valid_dialogue_contribute_nothing(episodes: list[Episode]) -> None:
    solved = next(e for e in episodes if e.solved_at == 1)
    failed = dataclasses.replace(solved, stop_reason=StopReason.TEACHER_FAILED, reward=None)
    lost = next(e for e in episodes if e.solved_at is None)
    assert group_advantages([solved, solved, solved], 0.7) == [0, 0, 0]
    assert group_advantages([lost, lost], 0.7) == [0, 0]
    assert group_advantages([solved, failed, failed], 0.7) == [0, 0, 0]
    with_failure, without = (
        group_advantages([solved, failed, lost], 0.7),
        group_advantages([solved, lost], 0.7),
    )
    assert with_failure == [without[0], 0, without[1]]


def test_an_episode_whose_teacher_failed_adds_nothing_to_the_gradient(
    student: ModelStudent, episodes: list[Episode]
) -> None:
    student.reseed(1)
    failed = rollout(lambda: LengthEnv(teacher=FailingTeacher()), student, jobs_of(8, seed=1))
    broken = [e for e in failed if e.stop_reason is StopReason.TEACHER_FAILED]
    assert broken
    assert all(len(token_record(episode)) for episode in broken)  # there would be tokens to train on
    mixed = [*episodes[:4], *broken, *episodes[4:8]]
    for mean in ("tokens", "dialogues"):
        alone = gradients(student, samples_of(episodes[:8]), episodes[:8], loss_mean=mean)
        together = gradients(student, samples_of(mixed, group=len(mixed)), mixed, loss_mean=mean)
        assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))
        assert any(g.abs().max() > 0 for g in alone)


def test_a_gradient_that_overflows_leaves_the_weights_alone(episodes: list[Episode]) -> None:
    model = tiny_model(vocab=267)
    before = [p.detach().clone() for p in model.parameters()]
    for advantage, moves in ((math.inf, False), (1.0, True)):
        record = token_record(episodes[0])
        learner = GRPOLearner(dataclasses.replace(OPTIONS, lr=1e-3), Accelerator(cpu=True), model)
        found = Samples([Sample(record, spread(record, advantage))], 1.0, 1, 1)
        learner.samples = lambda _, found=found: found  # type: ignore[method-assign,misc]
        sums = learner.learn([], step=1)
        assert learner.grad_norm is not None
        assert math.isfinite(learner.grad_norm) is moves
        assert (sums["updates"], sums["updates_skipped"]) == (1, not moves)
        same = [torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True)]
        assert not any(same) if moves else all(same)


def test_a_loss_that_overflows_leaves_the_weights_alone_though_its_gradient_is_finite(
    episodes: list[Episode], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tiny_model(vocab=267)
    before = [p.detach().clone() for p in model.parameters()]
    record = token_record(episodes[0])
    learner = GRPOLearner(dataclasses.replace(OPTIONS, lr=1e-3), Accelerator(cpu=True), model)
    found = Samples([Sample(record, spread(record, 1.0))], 1.0, 1, 1)
    monkeypatch.setattr(learner, "samples", lambda _: found)
    plain = learner.loss

    def beyond(samples: Sequence[Sample]) -> tuple[Tensor, Tensor]:
        loss, counted = plain(samples)
        return loss + math.inf, counted

    monkeypatch.setattr(learner, "loss", beyond)
    sums = learner.learn([], step=1)
    assert math.isfinite(learner.grad_norm or math.nan) and sums["updates_skipped"] == 1
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_a_run_of_gradients_that_overflow_is_ended(episodes: list[Episode]) -> None:
    record = token_record(episodes[0])
    learner = learner_of(tiny_model(vocab=267), [Sample(record, spread(record, math.inf))], 1.0, epochs=9)
    with pytest.raises(NotFinite, match="5 updates in a row"):
        learner.learn([], step=1)


def test_samples_hold_the_advantages_of_dialogues_or_of_turns(
    student: ModelStudent, episodes: list[Episode]
) -> None:
    model: Any = student.model
    for turn_credit in (False, True):
        options = dataclasses.replace(OPTIONS, turn_credit=turn_credit)
        found = GRPOLearner(options, Accelerator(cpu=True), model).samples(episodes)
        assert found.groups == len(episodes) // 8
        assert found.weight == sum(int(token_record(e).student.sum()) for e in episodes)
        expected = []
        for start in range(0, len(episodes), 8):
            group = episodes[start : start + 8]
            if turn_credit:
                rows = zip(group, turn_advantages(group, 0.7), strict=True)
                expected += [spread_turns(token_record(e), own) for e, own in rows]
            else:
                pairs = zip(group, group_advantages(group, 0.7), strict=True)
                expected += [spread(token_record(e), own) for e, own in pairs]
        expected = [own for own in expected if own.any()]
        assert len(found.samples) == len(expected)
        for sample, own in zip(found.samples, expected, strict=True):
            assert (sample.advantages == own).all()
            assert not sample.advantages[~sample.record.student].any()


@pytest.mark.parametrize("over", ["turn", "dialogue"])
def test_a_ratio_over_a_stretch_is_that_of_the_formula(
    student: ModelStudent, episodes: list[Episode], over: Any
) -> None:
    """GSPO's loss, dialogue by dialogue: the mean of its stretches' losses, weighted by their tokens."""
    samples = samples_of(episodes)
    shifted = [
        dataclasses.replace(s, record=dataclasses.replace(s.record, logprobs=s.record.logprobs - 0.1))
        for s in samples
    ]
    got = gradients(student, shifted, loss_mean="dialogues", ratio_over=over, clip=0.5)
    model: Any = student.model
    model.zero_grad()
    total = torch.zeros(())
    for sample in shifted:
        record = sample.record
        ids = torch.from_numpy(record.ids).unsqueeze(0)
        logps = torch.log_softmax(model(input_ids=ids).logits[0], -1)
        turns = sorted(set(record.turn[record.student].tolist()))
        for chosen in [turns] if over == "dialogue" else [[turn] for turn in turns]:
            spoken = np.flatnonzero(record.student & np.isin(record.turn, chosen))
            news = torch.stack([logps[t - 1, ids[0, t]] for t in spoken])
            ratio = torch.exp((news - torch.from_numpy(record.logprobs[spoken])).mean())
            advantage = float(sample.advantages[spoken[0]])
            loss = -torch.min(ratio * advantage, ratio.clamp(0.5, 1.5) * advantage)
            total = total + loss * len(spoken) / int(record.student.sum()) / len(shifted)
    total.backward()
    for gradient, parameter in zip(got, model.parameters(), strict=True):
        assert torch.allclose(gradient, parameter.grad, rtol=1e-3, atol=1e-5)


def test_a_constant_divisor_is_the_most_that_could_be_said(episodes: list[Episode]) -> None:
    options = dataclasses.replace(OPTIONS, loss_mean="limit", max_turns=3, max_tokens_per_turn=7)
    assert loss_weight(episodes, options) == len(episodes) * 21
    assert loss_weight(episodes, dataclasses.replace(options, loss_mean="sums")) == len(episodes)
    assert (
        loss_weight(episodes, dataclasses.replace(options, max_tokens_per_dialogue=15)) == len(episodes) * 15
    )


def test_groups_that_tell_nothing_make_the_gradient_smaller(
    student: ModelStudent, episodes: list[Episode]
) -> None:
    solved = next(e for e in episodes if e.solved_at == 1)
    silent = [solved] * 8
    for mean in ("tokens", "dialogues"):
        alone = gradients(student, samples_of(episodes[:8]), episodes[:8], loss_mean=mean)
        both = [*episodes[:8], *silent]
        diluted = gradients(student, samples_of(both), both, loss_mean=mean)
        share = weight_of(episodes[:8], mean) / weight_of(both, mean)
        for a, b in zip(alone, diluted, strict=True):
            assert torch.allclose(a * share, b, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(("beta", "expected"), [(0.0, 0), (0.1, 6)])
def test_a_divergence_is_of_all_whole_dialogues_and_no_broken_one(
    beta: float, expected: int, student: ModelStudent, episodes: list[Episode]
) -> None:
    """Also of those whose group tells nothing."""
    solved = next(e for e in episodes if e.solved_at == 1)
    broken = dataclasses.replace(solved, stop_reason=StopReason.TEACHER_FAILED, reward=None)
    learner = GRPOLearner(dataclasses.replace(OPTIONS, beta=0.0), Accelerator(cpu=True), student.model)
    learner.options = dataclasses.replace(OPTIONS, group_size=8, beta=beta)
    found = learner.samples([*[solved] * 6, *[broken] * 2])
    assert (len(found.samples), found.groups, found.groups_used) == (expected, 1, 0)
    assert not any(sample.advantages.any() for sample in found.samples)


def test_only_the_students_tokens_are_trained_on(student: ModelStudent, episodes: list[Episode]) -> None:
    """Another teacher token moves what the model reads, never what the loss covers."""
    for episode in episodes:
        record = token_record(episode)
        spans = [turn.tokens for turn in episode.turns if turn.tokens]
        assert record.ids[record.student].tolist() == [i for span in spans for i in span.sampled]
        assert record.logprobs[record.student].tolist() == pytest.approx(
            [p for span in spans for p in span.logprobs]
        )
        assert record.ids.tolist() == [i for span in spans for i in (*span.context, *span.sampled)]
        assert sorted(set(record.turn.tolist())) == list(range(1, len(episode.turns) + 1))
        changed = dataclasses.replace(record, ids=np.where(record.student, record.ids, 5))
        before, after = collate([record]), collate([changed])
        assert torch.equal(before.student, after.student)
        logits = student_logits(student.model, after)
        assert len(logits) == int(record.student.sum())
        scored = student_logprobs(logits, after, 1.0)
        assert scored.shape == (int(record.student.sum()),)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_changing_any_teacher_token_never_changes_the_mask(data: st.DataObject) -> None:
    from sml_gym import Outcome, Speaker, TokenSpan, Turn, Utterance

    ids = st.integers(0, 500)
    spans = data.draw(
        st.lists(st.tuples(st.lists(ids, min_size=1), st.lists(ids, min_size=1)), min_size=1, max_size=5)
    )
    other = [[data.draw(ids) for _ in context] for context, _ in spans]

    def record(contexts: list[list[int]]) -> Any:
        turns = [
            Turn(
                Utterance(Speaker.STUDENT, ""),
                Outcome.INCORRECT,
                None,
                "",
                tokens=TokenSpan(tuple(context), tuple(sampled), (-1.0,) * len(sampled)),
            )
            for context, (_, sampled) in zip(contexts, spans, strict=True)
        ]
        return token_record(
            Episode("e", "t", "train", "", turns, StopReason.TURN_LIMIT, 0.0, 0, "t", "s", len(turns))
        )

    first, second = record([context for context, _ in spans]), record(other)
    assert first.student.tolist() == second.student.tolist()
    assert first.ids[first.student].tolist() == second.ids[second.student].tolist()


def test_gradients_do_not_depend_on_microbatches(student: ModelStudent, episodes: list[Episode]) -> None:
    samples = samples_of(episodes)
    for mean in ("tokens", "dialogues"):
        whole = gradients(student, samples, microbatch_tokens=100_000, loss_mean=mean)
        small = gradients(student, samples, microbatch_tokens=100, loss_mean=mean)
        for a, b in zip(whole, small, strict=True):
            assert torch.allclose(a, b, rtol=1e-3, atol=1e-6)


def test_the_learning_rate_rises_and_then_stays(student: ModelStudent) -> None:
    model: Any = student.model
    options = dataclasses.replace(OPTIONS, lr=0.8, warmup_steps=4)
    learner = GRPOLearner(options, Accelerator(cpu=True), model)
    rates = []
    for step in (1, 2, 4, 5, 100):
        learner.set_rate(step)
        rates += [group["lr"] for group in learner.optimizer.param_groups]
    assert rates == pytest.approx([0.2, 0.4, 0.8, 0.8, 0.8])


def test_updates_of_a_pass_have_the_whole_gradient_as_their_mean(
    student: ModelStudent, episodes: list[Episode]
) -> None:
    """So an update on a part of the dialogues is as large as one on all of them, and not a part as large."""
    samples = samples_of(episodes)
    whole = gradients(student, samples)
    model: Any = student.model
    weight = float(sum(int(sample.record.student.sum()) for sample in samples))
    learner = learner_of(model, samples, weight, updates_per_epoch=3)
    found: list[list[torch.Tensor]] = []
    learner.optimizer.register_step_pre_hook(
        lambda *_: found.append([p.grad.clone() for p in model.parameters()])
    )
    learner.learn([], step=1)
    assert len(found) == 3
    for expected, *parts in zip(whole, *found, strict=True):
        assert torch.allclose(torch.stack(parts).mean(0), expected, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("mean", ["tokens", "dialogues"])
@pytest.mark.parametrize("beta", [0.0, 0.3])
def test_the_gradient_is_that_of_the_formula(
    student: ModelStudent, episodes: list[Episode], mean: Any, beta: float
) -> None:
    """Against a loop over single dialogues and tokens, written down from the paper."""
    samples = samples_of(episodes)
    got = gradients(student, samples, loss_mean=mean, beta=beta)
    model: Any = student.model
    model.zero_grad()
    reference = tiny_model(vocab=267, seed=1)
    total = 0.0
    tokens = sum(int(sample.record.student.sum()) for sample in samples)
    for sample in samples:
        record, advantage = sample.record, float(sample.advantages[sample.record.student][0])
        ids = torch.from_numpy(record.ids).unsqueeze(0)
        logps = torch.log_softmax(model(input_ids=ids).logits[0], -1)
        with torch.no_grad():
            references = torch.log_softmax(reference(input_ids=ids).logits[0], -1)
        for t in np.flatnonzero(record.student):
            new, frozen = logps[t - 1, ids[0, t]], references[t - 1, ids[0, t]]
            ratio = torch.exp(new - float(record.logprobs[t]))
            loss = -torch.min(ratio * advantage, ratio.clamp(0.8, 1.2) * advantage)
            loss = loss + beta * (torch.exp(frozen - new) - (frozen - new) - 1)
            weight = 1 / tokens if mean == "tokens" else 1 / len(samples) / int(record.student.sum())
            total = total + weight * loss
    torch.as_tensor(total).backward()
    for gradient, parameter in zip(got, model.parameters(), strict=True):
        assert torch.allclose(gradient, parameter.grad, rtol=1e-3, atol=1e-5)


def test_a_step_is_a_pure_function_of_seed_and_number() -> None:
    options = GRPOOptions(problems_per_step=3, group_size=4)
    jobs = step_jobs(options, 7)
    assert jobs == step_jobs(options, 7)
    assert len(jobs) == 12
    for group in range(3):
        assert len({(job.seed, job.teacher_seed) for job in jobs[4 * group : 4 * group + 4]}) == 1
    assert len({job.seed for job in jobs}) == 3
    assert not {job.seed for job in jobs} & {job.seed for job in step_jobs(options, 8)}
    apart = step_jobs(dataclasses.replace(options, common_random_numbers=False), 7)
    assert len({job.teacher_seed for job in apart}) == 12
    assert len({job.seed for job in apart}) == 3


@given(st.lists(st.integers(1, 500), max_size=60), st.integers(1, 2000))
def test_microbatches_hold_each_dialogue_once_and_fit(lengths: list[int], most: int) -> None:
    groups = split_by_length(lengths, most)
    assert sorted(i for group in groups for i in group) == list(range(len(lengths)))
    for group in groups:
        slots = len(group) * max(lengths[i] for i in group)
        assert len(group) == 1 or slots <= most
        assert slots <= 1.1 * sum(lengths[i] for i in group)


def test_dialogues_of_lengths_that_differ_eightfold_need_little_padding_and_few_microbatches() -> None:
    lengths = [100 * 2 ** (n % 4) + n for n in range(128)]  # 100 to 927
    groups = split_by_length(lengths, 16_384)
    slots = sum(len(group) * max(lengths[i] for i in group) for group in groups)
    assert slots < 1.1 * sum(lengths)
    # A group's longest is at most about 1.2 times its shortest, and 1.2 ** 12 > 8.
    assert len(groups) <= 12 + sum(lengths) // 16_384


def test_options_without_sense_are_refused() -> None:
    for wrong in (
        {"group_size": 1},
        {"gamma": 1.5},
        {"lr": 0.0},
        {"steps": -1},
        {"beta": -1.0},
        {"weight_decay": -0.1},
        {"temperature": 0},
        {"clip_high": 0.0},
    ):
        with pytest.raises(ConfigError, match="must"):
            dataclasses.replace(OPTIONS, **wrong).check()  # type: ignore[arg-type]
    assert math.isclose(OPTIONS.gamma, 0.7)
