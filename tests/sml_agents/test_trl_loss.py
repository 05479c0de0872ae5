"""The loss of every GRPO variant against that of TRL's own `GRPOTrainer`, on the same tensors.

Where the two define a thing differently, TRL's option is the one that means the same: no ratio on the KL term
(`use_bias_correction_kl=False`), for CISPO the bound itself and not its distance from 1, `luspo` with token
ratios for the mean over dialogues of summed losses, and one batch, for `bnpo` counts the tokens of each.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from datasets import Dataset
from tiny_models import tiny_model, tiny_tokenizer
from toy_env import LengthEnv, jobs_of
from trl import GRPOConfig, GRPOTrainer

from sml_agents.grpo import GRPOLearner, GRPOOptions, loss_weight, token_advantages
from sml_agents.grpo_variants import CISPOOptions, DAPOOptions, DrGRPOOptions, GSPOOptions, RLOOOptions
from sml_agents.learner import Sample
from sml_agents.student import ModelStudent
from sml_agents.tokens import TokenRecord, token_record
from sml_gym import Episode, rollout

GROUP, TURNS, TOKENS = 8, 4, 12
SIZES = {"group_size": GROUP, "max_turns": TURNS, "max_tokens_per_turn": TOKENS}
MOVED = 0.25
"""How far the log-probabilities at sampling are moved, so that ratios leave their bounds on both sides."""


@pytest.fixture(scope="module")
def dialogues() -> list[Episode]:
    tokenizer = tiny_tokenizer()
    student = ModelStudent(tiny_model(vocab=len(tokenizer)), tokenizer, max_tokens_per_turn=TOKENS)
    held = rollout(LengthEnv, student, jobs_of(2 * GROUP))
    assert len({len(episode.turns) for episode in held}) == TURNS
    return held


def moved_records(episodes: Sequence[Episode]) -> list[TokenRecord]:
    """Token records as if another policy had sampled them."""
    rng = np.random.default_rng(0)
    moved = []
    for record in map(token_record, episodes):
        noise = np.where(record.student, rng.normal(0, MOVED, len(record)), 0).astype(np.float32)
        moved.append(dataclasses.replace(record, logprobs=record.logprobs + noise))
    return moved


def padded(rows: Sequence[Sequence[float]], value: float, *, left: bool = False) -> torch.Tensor:
    width = max(map(len, rows))
    filled = [
        [value] * (width - len(row)) + [*row] if left else [*row] + [value] * (width - len(row))
        for row in rows
    ]
    return torch.tensor(filled)


def in_trls_shape(records: Sequence[TokenRecord], advantages: Sequence[Any]) -> dict[str, torch.Tensor]:
    """What TRL's loss reads: prompts up to the first sampled token, then completions with a mask."""
    starts = [int(np.flatnonzero(record.student)[0]) for record in records]
    pairs = list(zip(records, starts, strict=True))
    tool_mask = padded([r.student[s:].astype(int).tolist() for r, s in pairs], 1)
    completion_mask = padded([[1] * (len(r) - s) for r, s in pairs], 0)
    return {
        "prompt_ids": padded([r.ids[:s].tolist() for r, s in pairs], 0, left=True),
        "prompt_mask": padded([[1] * s for _, s in pairs], 0, left=True),
        "completion_ids": padded([r.ids[s:].tolist() for r, s in pairs], 0),
        "completion_mask": completion_mask,
        "tool_mask": tool_mask,
        "old_per_token_logps": padded([r.logprobs[s:].tolist() for r, s in pairs], 0.0),
        "advantages": padded([a[s:].tolist() for a, s in zip(advantages, starts, strict=True)], 0.0),
        "num_items_in_batch": (completion_mask * tool_mask).sum(),
    }


def trls(
    model: Any, inputs: dict[str, torch.Tensor], folder: Path, reference: Any, arguments: dict[str, Any]
) -> tuple[float, list[torch.Tensor]]:
    """TRL's loss and its gradients."""
    trainer = GRPOTrainer(
        model=model,
        reward_funcs=lambda completions, **_: [0.0] * len(completions),
        args=GRPOConfig(
            output_dir=str(folder),
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            per_device_train_batch_size=2 * GROUP,
            num_generations=GROUP,
            use_bias_correction_kl=False,
            report_to=[],
            **{**arguments, "beta": 0.0},
        ),
        train_dataset=Dataset.from_dict({"prompt": ["x"]}),
        processing_class=tiny_tokenizer(),
    )
    if arguments.get("beta"):
        trainer.beta = arguments["beta"]  # TRL would load the reference model by a name
        whole = torch.cat([inputs["prompt_ids"], inputs["completion_ids"]], 1)
        attention = torch.cat([inputs["prompt_mask"], inputs["completion_mask"]], 1)
        with torch.no_grad():
            scores = reference(input_ids=whole, attention_mask=attention).logits[:, :-1].log_softmax(-1)
        frozen = scores.gather(-1, whole[:, 1:].unsqueeze(-1)).squeeze(-1)
        inputs["ref_per_token_logps"] = frozen[:, -inputs["completion_ids"].size(1) :]
    trainer.model.train()
    trainer.current_gradient_accumulation_steps = 1
    model.zero_grad()
    loss = trainer.compute_loss(model, inputs)
    loss.backward()
    return loss.item(), [p.grad.clone() for p in model.parameters()]


def ours(
    model: Any,
    records: Sequence[TokenRecord],
    advantages: Sequence[Any],
    weight: float,
    reference: Any,
    options: GRPOOptions,
) -> tuple[float, list[torch.Tensor]]:
    learner = GRPOLearner(dataclasses.replace(options, beta=0.0), Accelerator(cpu=True), model)
    learner.options = options
    if options.beta:
        learner.reference = partial(nullcontext, reference.requires_grad_(False))
    model.zero_grad()
    samples = [Sample(record, own) for record, own in zip(records, advantages, strict=True)]
    loss = learner.loss(samples)[0] / weight
    loss.backward()
    return loss.item(), [p.grad.clone() for p in model.parameters()]


SEQUENCE = {"importance_sampling_level": "sequence"}
LIMIT = {"max_completion_length": TURNS * TOKENS}
VARIANTS: dict[str, tuple[GRPOOptions, dict[str, Any]]] = {
    "grpo": (GRPOOptions(loss_mean="dialogues"), {"loss_type": "grpo"}),
    "bnpo": (GRPOOptions(), {"loss_type": "bnpo"}),
    "dapo": (DAPOOptions(), {"loss_type": "dapo", "epsilon_high": 0.28}),
    "dr_grpo": (DrGRPOOptions(), {"loss_type": "dr_grpo", **LIMIT}),
    "rloo": (RLOOOptions(), {"loss_type": "luspo"}),
    "cispo": (CISPOOptions(clip_high=0.3), {"loss_type": "cispo", "epsilon_high": 1.3}),
    "gspo": (GSPOOptions(), {"loss_type": "grpo", "epsilon": 3e-4, "epsilon_high": 4e-4, **SEQUENCE}),
    "gspo, wide": (
        GSPOOptions(clip=0.02, clip_high=0.03),
        {"loss_type": "grpo", "epsilon": 0.02, "epsilon_high": 0.03, **SEQUENCE},
    ),
    "gspo, summed": (
        GSPOOptions(clip=0.02, clip_high=0.03, loss_mean="sums"),
        {"loss_type": "luspo", "epsilon": 0.02, "epsilon_high": 0.03, **SEQUENCE},
    ),
    "cispo, sequence": (
        CISPOOptions(clip_high=0.02, ratio_over="dialogue"),
        {"loss_type": "cispo", "epsilon_high": 1.02, **SEQUENCE},
    ),
    "clip higher": (GRPOOptions(clip=0.1, clip_high=0.4), {"epsilon": 0.1, "epsilon_high": 0.4}),
    "kl": (GRPOOptions(beta=0.3), {"beta": 0.3}),
    "kl of dialogues": (GRPOOptions(beta=0.3, loss_mean="dialogues"), {"beta": 0.3, "loss_type": "grpo"}),
    "kl, cispo": (
        CISPOOptions(clip_high=0.3, beta=0.1),
        {"beta": 0.1, "loss_type": "cispo", "epsilon_high": 1.3},
    ),
    "advantages of turns": (GRPOOptions(turn_credit=True), {}),
    "temperature": (GRPOOptions(temperature=0.7), {"temperature": 0.7}),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_loss_is_that_of_trl(dialogues: list[Episode], variant: str, tmp_path: Path) -> None:
    """To 1e-5, with the gradients of all weights, over dialogues of one to four turns."""
    options, arguments = VARIANTS[variant]
    options = dataclasses.replace(options, **SIZES)  # type: ignore[arg-type]
    records = moved_records(dialogues)
    advantages, _ = token_advantages(dialogues, records, options)
    tokenizer = tiny_tokenizer()
    model: Any = tiny_model(vocab=len(tokenizer))
    reference = tiny_model(vocab=len(tokenizer), seed=1)
    weight = loss_weight(dialogues, options)
    loss, gradients = ours(model, records, advantages, weight, reference, options)
    theirs, expected = trls(
        model, in_trls_shape(records, advantages), tmp_path, reference, {"loss_type": "dapo", **arguments}
    )
    assert loss == pytest.approx(theirs, abs=1e-5)
    assert abs(loss) > 1e-4
    for gradient, other in zip(gradients, expected, strict=True):
        assert torch.allclose(gradient, other, rtol=1e-4, atol=1e-5)
    assert max(float(gradient.abs().max()) for gradient in gradients) > 1e-2


def test_the_tensors_put_every_bound_to_work(dialogues: list[Episode]) -> None:
    """Else the agreement above would say little: ratios leave the bounds on both sides, with either sign."""
    records = moved_records(dialogues)
    advantages, tell = token_advantages(dialogues, records, GRPOOptions(**SIZES))  # type: ignore[arg-type]
    assert all(tell)
    for low, high in ((0.2, 0.2), (0.2, 0.3), (0.1, 0.4)):
        over = under = 0
        for episode, record, own in zip(dialogues, records, advantages, strict=True):
            ratio = np.exp(token_record(episode).logprobs - record.logprobs)
            over += int(((ratio > 1 + high) & (own > 0)).sum())
            under += int(((ratio < 1 - low) & (own < 0)).sum())
        assert over > 5
        assert under > 5
