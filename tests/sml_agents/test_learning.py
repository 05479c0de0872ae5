"""Reinforcement learning on the embedded student really teaches it to use feedback (the demo, cut short)."""

from __future__ import annotations

import pytest

from sml_agents.grpo import GRPOOptions, train
from sml_agents.load import load_student
from sml_agents.student import ModelStudent
from sml_gym.evaluation import Plan, evaluate

FAMILIES = {"families": ["last_digits_product", "last_digits_sum"]}


def solved(model: str) -> dict[str, float]:
    """solve@4 on validation tasks under the real teacher and the placebo."""
    plan = Plan(
        "SML-Math-v0",
        teachers=("real", "placebo"),
        n_tasks=100,
        max_turns=4,
        split="validation",
        env_options=FAMILIES,
    )
    summary = plan.summary(evaluate(plan, ModelStudent(*load_student(model), max_tokens_per_turn=64)))
    return {teacher: summary[teacher]["solve_at"][3] for teacher in ("real", "placebo")}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_sixty_steps_teach_it_to_follow_feedback_and_nothing_else(tmp_path):
    before = solved("embedded")
    options = GRPOOptions(
        out=str(tmp_path / "run"), env_options=FAMILIES, steps=60, lr=5e-4, max_tokens_per_turn=64
    )
    after = solved(str(train(options, progress=False).model))
    assert before["real"] < 0.3
    assert after["real"] > before["real"] + 0.25
    assert max(before["placebo"], after["placebo"]) < 0.1


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_forty_steps_under_the_placebo_teach_nothing(tmp_path):
    options = GRPOOptions(
        out=str(tmp_path / "run"),
        teacher="placebo",
        env_options=FAMILIES,
        steps=40,
        lr=5e-4,
        max_tokens_per_turn=64,
    )
    summary = train(options, progress=False)
    assert summary.metrics["reward"] is not None
    assert solved(str(summary.model))["real"] < 0.35
