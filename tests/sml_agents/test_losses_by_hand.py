"""Losses and advantages of the algorithms by their names, against numbers worked out by hand.

Two dialogues of one group: the first solved in its second turn after three tokens, the second never, with two
tokens. The log-probabilities at sampling are set so that each token's ratio is a chosen number, so that the
loss of every algorithm is a sum that can be written down.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from tiny_models import tiny_model, tiny_tokenizer
from toy_env import LengthEnv, jobs_of

from sml_agents.advantages import generalized_advantages
from sml_agents.grpo import GRPOLearner, GRPOOptions, loss_weight, token_advantages
from sml_agents.grpo_variants import CISPOOptions, DAPOOptions, DrGRPOOptions, GSPOOptions, RLOOOptions
from sml_agents.learner import Sample
from sml_agents.ppo import PPOLearner, PPOOptions
from sml_agents.sft import finetune
from sml_agents.student import ModelStudent
from sml_agents.tokens import token_record
from sml_gym import Episode, Outcome, Speaker, StopReason, TokenSpan, Turn, Utterance, UtteranceKind, rollout

SOLVED = [[1.5], [1.1, 0.5]]
LOST = [[1.6], [0.4]]
"""Ratios of the tokens that were sampled, turn by turn."""
IDS = [[[5, 6], [7]], [[8], [9, 10]]], [[[5, 6], [11]], [[12, 8], [13]]]
"""What each dialogue consists of: in each turn what was read and what was said."""


def model_of() -> Any:
    return tiny_model(vocab=len(tiny_tokenizer()))


def held(model: Any) -> list[Episode]:
    """The two dialogues, sampled by a policy that makes the ratios what they are."""
    episodes = []
    for spans, ratios, solved in zip(IDS, (SOLVED, LOST), (True, False), strict=True):
        read: list[int] = []
        turns = []
        for number, ((context, said), chosen) in enumerate(zip(spans, ratios, strict=True), start=1):
            whole = [*read, *context, *said]
            with torch.no_grad():
                logps = model(input_ids=torch.tensor([whole])).logits[0].log_softmax(-1)
            start = len(whole) - len(said)
            now = [float(logps[start + i - 1, token]) for i, token in enumerate(said)]
            old = tuple(p - math.log(r) for p, r in zip(now, chosen, strict=True))
            right = solved and number == len(spans)
            turns.append(
                Turn(
                    Utterance(Speaker.STUDENT, "x", UtteranceKind.ATTEMPT),
                    Outcome.CORRECT if right else Outcome.INCORRECT,
                    "x",
                    "yes" if right else "no",
                    (),
                    float(right),
                    tokens=TokenSpan(tuple(context), tuple(said), old),
                )
            )
            read = whole
        stop = StopReason.SOLVED if solved else StopReason.TURN_LIMIT
        episodes.append(
            Episode("e", "t", "train", "p", turns, stop, float(solved), 0, "teacher", "student", 2)
        )
    return episodes


def loss_of(options: GRPOOptions) -> float:
    options = dataclasses.replace(
        options, group_size=2, gamma=0.5, max_turns=2, max_tokens_per_turn=5, device="cpu"
    )
    model = model_of()
    episodes = held(model)
    records = [token_record(episode) for episode in episodes]
    advantages, _ = token_advantages(episodes, records, options)
    samples = [Sample(record, own) for record, own in zip(records, advantages, strict=True)]
    learner = GRPOLearner(options, Accelerator(cpu=True), model)
    with torch.no_grad():
        return float(learner.loss(samples)[0]) / loss_weight(episodes, options)


# The returns are 0.5 and 0, so by their mean the advantages are 0.25 and -0.25, over the deviation:
A = 0.25 / (0.25 + 1e-4)


def test_grpo() -> None:
    # Solved: 1.5 is cut to 1.2, 1.1 and 0.5 count as they are. Lost: 1.6 counts, 0.4 is cut to 0.8.
    solved, lost = -(1.2 + 1.1 + 0.5) * A, (1.6 + 0.8) * A
    assert loss_of(GRPOOptions()) == pytest.approx((solved + lost) / 5, abs=1e-5)
    assert loss_of(GRPOOptions(loss_mean="dialogues")) == pytest.approx((solved / 3 + lost / 2) / 2, abs=1e-5)


def test_advantages_of_turns() -> None:
    # Returns from each turn on: 0.5, 1 and 0, 0. So each turn's advantages are 1 and -1 over the deviation.
    first, second = 0.25 / (0.25 + 1e-4), 0.5 / (0.5 + 1e-4)
    expected = (-1.2 * first - (1.1 + 0.5) * second + 1.6 * first + 0.8 * second) / 5
    assert loss_of(GRPOOptions(turn_credit=True)) == pytest.approx(expected, abs=1e-5)
    unscaled = (-1.2 * 0.25 - (1.1 + 0.5) * 0.5 + 1.6 * 0.25 + 0.8 * 0.5) / 5
    assert loss_of(GRPOOptions(turn_credit=True, scale="none")) == pytest.approx(unscaled, abs=1e-5)


def test_rloo() -> None:
    # Against the other's return the advantages are 0.5 and -0.5; tokens are added up, dialogues averaged.
    expected = (-(1.2 + 1.1 + 0.5) * 0.5 + (1.6 + 0.8) * 0.5) / 2
    assert loss_of(RLOOOptions()) == pytest.approx(expected, abs=1e-5)


def test_dr_grpo() -> None:
    # No deviation, and the divisor is the most that could be said: two dialogues of two turns of five tokens.
    expected = (-(1.2 + 1.1 + 0.5) * 0.25 + (1.6 + 0.8) * 0.25) / 20
    assert loss_of(DrGRPOOptions()) == pytest.approx(expected, abs=1e-5)


def test_gspo() -> None:
    # A dialogue's ratio is the geometric mean of its tokens', the bounds are 3e-4 and 4e-4 from 1.
    solved, lost = (1.5 * 1.1 * 0.5) ** (1 / 3), (1.6 * 0.4) ** (1 / 2)
    assert (solved, lost) == (pytest.approx(0.9378889), pytest.approx(0.8))
    expected = (-solved * A + (1 - 3e-4) * A) / 2
    assert loss_of(GSPOOptions()) == pytest.approx(expected, abs=1e-5)


def test_dapo() -> None:
    # The upper bound is 1.28, the lower as ever; the mean is over tokens.
    expected = (-(1.28 + 1.1 + 0.5) * A + (1.6 + 0.8) * A) / 5
    assert loss_of(DAPOOptions()) == pytest.approx(expected, abs=1e-5)


def test_cispo() -> None:
    # -min(r, 1.3) A log pi: each token's own log-probability, weighted and never cut.
    model = model_of()
    records = [token_record(episode) for episode in held(model)]
    ratios = [[r for turn in turns for r in turn] for turns in (SOLVED, LOST)]
    total = 0.0
    for record, own, sign in zip(records, ratios, (A, -A), strict=True):
        logps = record.logprobs[record.student] + np.log(own)
        total -= sum(min(r, 1.3) * sign * p for r, p in zip(own, logps, strict=True))
    assert loss_of(CISPOOptions(clip_high=0.3)) == pytest.approx(total / 5, abs=1e-4)


def test_a_divergence_is_added_to_each_token() -> None:
    # exp(-d) - 1 + d with d = log pi - log pi_ref, against a reference that is another model.
    plain = loss_of(GRPOOptions())
    model = model_of()
    episodes = held(model)
    records = [token_record(episode) for episode in episodes]
    options = GRPOOptions(group_size=2, gamma=0.5, device="cpu")
    advantages, _ = token_advantages(episodes, records, options)
    learner = GRPOLearner(options, Accelerator(cpu=True), model)
    frozen = tiny_model(vocab=len(tiny_tokenizer()), seed=1)
    learner.options = dataclasses.replace(options, beta=0.3)
    learner.reference = lambda: nullcontext(frozen)  # type: ignore[assignment,return-value]
    samples = [Sample(record, own) for record, own in zip(records, advantages, strict=True)]
    with torch.no_grad():
        got = float(learner.loss(samples)[0]) / 5
        penalty = 0.0
        for record in records:
            ids = torch.from_numpy(record.ids).unsqueeze(0)
            mine, theirs = (m(input_ids=ids).logits[0].log_softmax(-1) for m in (model, frozen))
            for t in np.flatnonzero(record.student):
                d = float(mine[t - 1, record.ids[t]] - theirs[t - 1, record.ids[t]])
                penalty += math.exp(-d) - 1 + d
    assert got == pytest.approx(plain + 0.3 * penalty / 5, rel=1e-4)
    assert penalty > 1


@pytest.mark.parametrize("algorithm", ["grpo", "ppo"])
def test_the_divergence_from_the_policy_that_spoke_has_its_samples_for_weights(algorithm: str) -> None:
    """KL(pi_old, pi) from samples of pi_old: r - 1 - log r, whose mean is the divergence for any ratios r."""
    model = model_of()
    episodes = held(model)
    learner: Any
    if algorithm == "grpo":
        learner = GRPOLearner(GRPOOptions(group_size=2, device="cpu"), Accelerator(cpu=True), model)
    else:
        learner = PPOLearner(PPOOptions(device="cpu"), Accelerator(cpu=True), model)
    samples = learner.samples(episodes).samples
    assert len(samples) == 2
    with torch.no_grad():
        counted = dict(zip(learner.measures, learner.loss(samples)[1].tolist(), strict=True))
    ratios = [r for turns in (SOLVED, LOST) for turn in turns for r in turn]
    assert counted["trained_tokens"] == len(ratios)
    assert counted["policy_kl"] == pytest.approx(sum(r - 1 - math.log(r) for r in ratios), abs=1e-4)


# ---- GAE against the exact solution of a small Markov chain ----

MOVES = {0: {1: 0.5, 2: 0.3, None: 0.2}, 1: {2: 0.6, None: 0.4}, 2: {3: 0.9, None: 0.1}, 3: {None: 1.0}}
"""From each state the probability of the next; None ends the dialogue."""
REWARDS = {0: 0.0, 1: 0.2, 2: -0.1, 3: 1.0}
GAMMA = 0.8


def chain() -> tuple[Any, Any]:
    """Transition matrix over the states that go on, and the rewards."""
    table = np.zeros((len(MOVES), len(MOVES)))
    for state, following in MOVES.items():
        for after, probability in following.items():
            if after is not None:
                table[state, after] = probability
    return table, np.array([REWARDS[state] for state in MOVES])


def paths(start: int) -> list[tuple[float, list[int]]]:
    """Every way from a state to an end, with its probability."""
    found = []
    for after, probability in MOVES[start].items():
        if after is None:
            found.append((probability, [start]))
        else:
            found += [(probability * p, [start, *rest]) for p, rest in paths(after)]
    return found


@pytest.mark.parametrize("lam", [0.0, 0.5, 0.95, 1.0])
@pytest.mark.parametrize("guess", [None, [0.3, -0.2, 0.9, 0.4]])
def test_gae_has_the_tabular_solution_as_its_mean(lam: float, guess: list[float] | None) -> None:
    """E[A | s] = (I - gamma lambda P)^-1 (r + gamma P V - V), from every state, exactly.

    With V the solution of V = r + gamma P V it is 0 for every lambda; with any other V it is the one-step
    error for lambda 0, and for lambda 1 what V lacks of the true value.
    """
    table, rewards = chain()
    true = np.linalg.solve(np.eye(4) - GAMMA * table, rewards)
    values = true if guess is None else np.array(guess)
    error = rewards + GAMMA * table @ values - values
    expected = np.linalg.solve(np.eye(4) - GAMMA * lam * table, error)
    for state in MOVES:
        mean = target = 0.0
        for probability, path in paths(state):
            advantages, targets = generalized_advantages(
                rewards[path], values[path], np.full(len(path), GAMMA), lam
            )
            mean += probability * advantages[0]
            target += probability * targets[0]
        assert mean == pytest.approx(expected[state], abs=1e-12)
        assert target == pytest.approx(expected[state] + values[state], abs=1e-12)
    if guess is None:
        assert expected == pytest.approx(0, abs=1e-12)
    elif lam == 0:
        assert expected == pytest.approx(error)
    elif lam == 1:
        assert expected == pytest.approx(true - values)


def test_every_way_through_the_chain_is_counted() -> None:
    for state in MOVES:
        assert sum(p for p, _ in paths(state)) == pytest.approx(1)
    assert len(list(itertools.chain(*(path for _, path in paths(0))))) > 10


# ---- fine-tuning ----


def test_the_loss_of_fine_tuning_is_the_cross_entropy_of_what_the_student_said(tmp_path: Path) -> None:
    """In nats a token, over the student's tokens of all dialogues alike; nothing else is in it."""
    tokenizer = tiny_tokenizer()
    model: Any = tiny_model(vocab=len(tokenizer))
    episodes = rollout(LengthEnv, ModelStudent(model, tokenizer, max_tokens_per_turn=9), jobs_of(6))
    records = [token_record(episode) for episode in episodes]
    assert len({int(record.student.sum()) for record in records}) > 2
    total = count = 0.0
    with torch.no_grad():
        for record in records:
            logps = model(input_ids=torch.from_numpy(record.ids).unsqueeze(0)).logits[0].log_softmax(-1)
            for t in np.flatnonzero(record.student):
                total -= float(logps[t - 1, record.ids[t]])
                count += 1
    before = [p.detach().clone() for p in model.parameters()]
    tuned = finetune(
        model, tokenizer, records, folder=tmp_path, lr=1e-12, epochs=1, batch_size=6, microbatch_size=2,
        warmup_share=0.0, precision="no", device="cpu", seed=0,
    )  # fmt: skip
    assert (tuned["sft_updates"], tuned["sft_tokens"]) == (1, count)
    assert tuned["sft_loss"] == pytest.approx(total / count, rel=1e-5)
    changed = [float((a - b.detach()).abs().max()) for a, b in zip(before, model.parameters(), strict=True)]
    assert max(changed) < 1e-6
