"""Losses from the teacher's words: against loops by hand, and what flows where."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from tiny_models import TEMPLATES, save_tiny, tiny_model, tiny_tokenizer
from toy_env import ENV_ID, LengthEnv, jobs_of

from sml_agents.added_losses import AddedLoss, Lesson
from sml_agents.chat import ChatFormat
from sml_agents.feedback_modelling import FeedbackModel
from sml_agents.grpo import GRPOLearner, GRPOOptions
from sml_agents.grpo import train as train_grpo
from sml_agents.logs import read_metrics
from sml_agents.online import added_losses
from sml_agents.ppo import PPOLearner, PPOOptions
from sml_agents.ppo import train as train_ppo
from sml_agents.self_distillation import SelfDistillation
from sml_agents.student import ModelStudent
from sml_agents.tokens import TokenRecord, token_record
from sml_gym import ConfigError, Dialogue, Episode, Speaker, StopReason, Utterance, rollout
from sml_gym.distillation import distillation_pairs, targets


@pytest.fixture(scope="module")
def student() -> ModelStudent:
    tokenizer = tiny_tokenizer()
    return ModelStudent(tiny_model(vocab=len(tokenizer)), tokenizer, max_tokens_per_turn=6)


@pytest.fixture(scope="module")
def episodes(student: ModelStudent) -> list[Episode]:
    student.reseed(0)
    held = rollout(LengthEnv, student, jobs_of(16))
    assert {None, 1, 2, 3} <= {episode.solved_at for episode in held}
    # Utterances of a random model are nearly all cut short, which the token limit alone did.
    for episode in held:
        for turn in episode.turns:
            turn.student = dataclasses.replace(turn.student, truncated=False)
    return held


def distill(student: ModelStudent, **options: Any) -> SelfDistillation:
    return SelfDistillation(1.0, student.format, **options)


def mean_gradient(added: AddedLoss, model: Any, episodes: list[Episode]) -> tuple[float, list[torch.Tensor]]:
    """The mean loss and its gradients through the learner's own update, the algorithm's loss left out."""
    options = GRPOOptions(warmup_steps=0, max_grad_norm=1e9, microbatch_tokens=700)
    learner = GRPOLearner(options, Accelerator(cpu=True), model)
    learner.optimizer = torch.optim.SGD(model.parameters(), lr=0.0)  # type: ignore[assignment]
    learner.rate = lambda step: 0.0  # type: ignore[method-assign]
    learner.added = [added]
    silent = [dataclasses.replace(e, stop_reason=StopReason.TURN_LIMIT) for e in episodes]
    found = added.lessons(episodes)
    added.lessons = lambda _: found  # type: ignore[method-assign]
    sums = learner.learn(silent, 1)  # all returns are 0, so no dialogue has an advantage
    assert sums["trained_tokens"] == 0
    loss = learner.added_metrics(sums)[f"{added.name}_loss"]
    assert loss is not None
    return loss, [p.grad.clone() for p in model.parameters()]


def by_hand(
    student: ModelStudent, pairs: list[Any], divergence: str, temperature: float = 1.0
) -> tuple[float, list[torch.Tensor]]:
    """The same over (context with feedback, context without, words), token by token."""
    model: Any = student.model
    frozen = copy.deepcopy(model)
    model.zero_grad()
    total, count = torch.zeros(()), 0
    for heard, unheard, said in pairs:
        for n, token in enumerate(said):
            q, p = (
                one(input_ids=torch.tensor([[*before, *said[:n]]])).logits[0, -1] / temperature
                for one, before in ((model, unheard), (frozen, heard))
            )
            q, p = q.log_softmax(-1), p.log_softmax(-1).detach()
            if divergence == "sampled":
                total = total - q[token]
            elif divergence == "kl":
                total = total + sum(p[v].exp() * (p[v] - q[v]) for v in range(len(p)))
            else:
                total = total + sum(q[v].exp() * (q[v] - p[v]) for v in range(len(p)))
            count += 1
    (total / count).backward()
    return total.item() / count, [p.grad.clone() for p in model.parameters()]


def same(got: Any, expected: Any) -> None:
    assert got[0] == pytest.approx(expected[0], abs=1e-4)
    for a, b in zip(got[1], expected[1], strict=True):
        assert torch.allclose(a, b, rtol=1e-3, atol=1e-5)
    assert any(g.abs().max() > 1e-4 for g in got[1])


@pytest.mark.parametrize("divergence", ["kl", "sampled"])
@pytest.mark.parametrize("without", ["problem", "silent"])
def test_a_revision_is_learned_without_the_feedback(
    student: ModelStudent, episodes: list[Episode], divergence: Any, without: Any
) -> None:
    chosen = [e for e in episodes if e.solved_at in (2, 3)][:2]
    assert chosen
    pairs = []
    for episode in chosen:
        spans: Any = [turn.tokens for turn in episode.turns]
        heard = [i for span in spans for i in (*span.context, *span.sampled)]
        said = list(spans[-1].sampled)
        unheard = list(spans[0].context)
        if without == "silent":
            for span in spans[:-1]:
                end = [] if span.sampled[-1] == student.format.end_id else [student.format.end_id]
                text = "\n<|im_start|>user\nGo on.<|im_end|>\n<|im_start|>assistant\n"
                go_on = student.format.tokenizer(text, add_special_tokens=False)["input_ids"]
                unheard += [*span.sampled, *end, *go_on]
        pairs.append((heard[: -len(said)], unheard, said))
    added = distill(student, divergence=divergence, without=without)
    expected = by_hand(student, pairs, divergence)
    same(mean_gradient(added, student.model, chosen), expected)


@pytest.mark.parametrize("divergence", ["kl", "sampled", "reverse"])
def test_both_sides_have_the_temperature_of_the_sampling(
    student: ModelStudent, episodes: list[Episode], divergence: Any
) -> None:
    chosen = next(e for e in episodes if e.solved_at == 2)
    first, second = (turn.tokens for turn in chosen.turns)
    assert first is not None and second is not None
    start, said = list(first.context), list(first.sampled)
    pairs = [([*start, *said, *second.context], start, list(second.sampled))]
    if divergence == "reverse":
        pairs = [([*start, *said, *second.context], start, said)]
        added = distill(student, target="attempt", temperature=0.5)
    else:
        added = distill(student, divergence=divergence, temperature=0.5)
    same(mean_gradient(added, student.model, [chosen]), by_hand(student, pairs, divergence, 0.5))


def test_a_broken_dialogue_teaches_nobody_to_foresee(student: ModelStudent, episodes: list[Episode]) -> None:
    whole = next(e for e in episodes if len(e.turns) > 2)
    broken = dataclasses.replace(whole, stop_reason=StopReason.TEACHER_FAILED, reward=None)
    added = FeedbackModel(1.0, student.format)
    assert len(added.lessons([whole, broken])) == len(added.lessons([whole])) == 1


def test_an_attempt_is_drawn_to_what_it_would_have_been_after_the_feedback(
    student: ModelStudent, episodes: list[Episode]
) -> None:
    (chosen,) = [e for e in episodes if e.solved_at == 3][:1]
    first, second, third = [turn.tokens for turn in chosen.turns]
    assert first is not None and second is not None and third is not None
    start = [*first.context, *first.sampled, *second.context]
    pairs = [([*start, *second.sampled, *third.context], start, list(second.sampled))]
    expected = by_hand(student, pairs, "reverse")
    same(mean_gradient(distill(student, target="attempt"), student.model, [chosen]), expected)
    everything = distill(student, target="attempt", which="all").lessons([chosen])
    assert [lesson.record.ids.tolist() for lesson in everything] == [
        [*first.context, *first.sampled],
        [*start, *second.sampled],
    ]


def test_which_utterances_are_lessons(student: ModelStudent, episodes: list[Episode]) -> None:
    for which in ("solved", "improved", "all"):
        pairs = list(distillation_pairs(episodes, which=which))  # type: ignore[arg-type]
        lessons = distill(student, which=which).lessons(episodes)
        assert len(lessons) == len(pairs) == sum(len(targets(e, which)) for e in episodes)  # type: ignore[arg-type]
        texts = student.format.decode([x.record.ids[x.record.student].tolist() for x in lessons])
        assert texts == [pair.completion for pair in pairs]
        for lesson in lessons:
            assert lesson.target is not None
            assert (
                lesson.target.ids[lesson.target.student] == lesson.record.ids[lesson.record.student]
            ).all()
            assert len(lesson) == len(lesson.target) > len(lesson.record)
    failed = [dataclasses.replace(e, stop_reason=StopReason.TEACHER_FAILED, reward=None) for e in episodes]
    assert not distill(student, which="all").lessons(failed)
    solved = next(e for e in episodes if e.solved_at == 2)
    another = dataclasses.replace(solved.turns[0], tokens=None)
    assert not distill(student).lessons([dataclasses.replace(solved, turns=[another, solved.turns[1]])])


def test_the_teachers_words_are_predicted_and_nothing_else(
    student: ModelStudent, episodes: list[Episode]
) -> None:
    chosen = [e for e in episodes if len(e.turns) > 2][:3]
    model: Any = student.model
    added = FeedbackModel(1.0, student.format)
    lessons = added.lessons(chosen)
    assert len(lessons) == 3
    for episode, lesson in zip(chosen, lessons, strict=True):
        record = lesson.record
        assert record.ids.tolist() == token_record(episode).ids.tolist()
        assert not (record.student & token_record(episode).student).any()
        spans = [turn.tokens for turn in episode.turns]
        for number in range(2, len(spans) + 1):
            words = record.ids[record.student & (record.turn == number)].tolist()
            assert student.format.decode([words])[0] == episode.turns[number - 2].feedback
        assert not record.student[record.turn == 1].any()
    got = mean_gradient(added, model, chosen)
    model.zero_grad()
    total, count = torch.zeros(()), 0
    for episode in chosen:
        ids: list[int] = []
        for number, turn in enumerate(episode.turns):
            assert turn.tokens is not None
            context = list(turn.tokens.context)
            if number:
                words = [ord(c) for c in episode.turns[number - 1].feedback or ""]
                words = student.format.tokenizer(bytes(words).decode())["input_ids"]
                start = next(i for i in range(len(context)) if context[i : i + len(words)] == words)
                logps = model(input_ids=torch.tensor([ids + context])).logits[0].log_softmax(-1)
                for place in range(start, start + len(words)):
                    total = total - logps[len(ids) + place - 1, context[place]]
                    count += 1
            ids += [*context, *turn.tokens.sampled]
    (total / count).backward()
    same(got, (total.item() / count, [p.grad.clone() for p in model.parameters()]))


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("text", ["One more.", "  two\n words ", "é <|im_end|> ü", ""])
def test_words_are_told_from_the_template(template: str, text: str) -> None:
    form = ChatFormat(tiny_tokenizer(template))
    for ended in (False, True):
        ids, words = form.feedback_words(text, ended=ended)
        assert ids == form.encode(Dialogue([Utterance(Speaker.TEACHER, text)]), 2, ended=ended)
        said = form.tokenizer.decode([i for i, own in zip(ids, words, strict=True) if own])
        expected = form.neutralise(text)
        assert said == (expected.strip() if template in ("gemma", "llama2", "thinking") else expected)


def test_a_tokenizer_that_knows_no_characters_is_refused(student: ModelStudent) -> None:
    form = copy.copy(student.format)
    form.tokenizer = type("Slow", (), {"is_fast": False})()
    with pytest.raises(ConfigError, match="fast tokenizer"):
        FeedbackModel(1.0, form)


@pytest.mark.parametrize("learner_class", [GRPOLearner, PPOLearner])
def test_losses_add_up_in_every_learner(
    student: ModelStudent, episodes: list[Episode], learner_class: Any
) -> None:
    """The gradient of all is that of the algorithm alone plus each added one times its weight."""
    model: Any = student.model

    def gradient(parts: int = 1, **weights: float) -> list[torch.Tensor]:
        common: dict[str, Any] = {"warmup_steps": 0, "epochs": 1, "max_grad_norm": 1e9, **weights}
        common |= {"updates_per_epoch": parts, "distill_turns": "all"}
        options = PPOOptions(**common) if learner_class is PPOLearner else GRPOOptions(**common)
        learner = learner_class(options, Accelerator(cpu=True), model)
        learner.added = added_losses(options, student.format)
        learner.optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
        learner.set_rate = lambda step: None
        learner.learn(episodes, 1)
        return [p.grad.clone() for p in model.parameters()]

    alone, both = gradient(), gradient(distill=0.5, feedback_model=2.0)
    first, second = distill(student, which="all"), FeedbackModel(1.0, student.format)
    expected = [
        a + 0.5 * d + 2.0 * f
        for a, d, f in zip(
            alone,
            mean_gradient(first, model, episodes)[1],
            mean_gradient(second, model, episodes)[1],
            strict=True,
        )
    ]
    for a, b in zip(both, expected, strict=True):
        assert torch.allclose(a, b, rtol=1e-3, atol=1e-5)
    assert not all(torch.allclose(a, b, atol=1e-4) for a, b in zip(both, alone, strict=True))
    assert all(torch.isfinite(g).all() for g in gradient(parts=3, distill=0.5))


def test_lessons_are_as_long_as_what_is_read() -> None:
    def record(length: int) -> TokenRecord:
        ones = np.ones(length, dtype=np.int64)
        return TokenRecord(ones, np.arange(length) >= length - 2, ones, np.zeros(length, dtype=np.float32))

    assert len(Lesson(record(5))) == 5
    assert len(Lesson(record(5), record(9))) == 9
    assert Lesson(record(5), record(9)).predicted == 2


@pytest.mark.parametrize(("train", "cls"), [(train_grpo, GRPOOptions), (train_ppo, PPOOptions)])
def test_a_run_logs_what_its_added_losses_were(train: Any, cls: Any, tmp_path: Path) -> None:
    saved = save_tiny(tmp_path / "student")
    options = cls(
        student=saved, out=str(tmp_path / "out"), env_id=ENV_ID, steps=2, problems_per_step=4, group_size=2,
        max_tokens_per_turn=3, device="cpu", distill=0.5, distill_turns="all", distill_target="attempt",
        feedback_model=0.1, save_every=0,
    )  # fmt: skip
    train(options, progress=False)
    for line in read_metrics(tmp_path / "out" / "metrics.jsonl"):
        assert line["feedback_model_loss"] > 0  # type: ignore[operator]
        assert line["feedback_model_tokens"] > 0  # type: ignore[operator]
        assert "distill_loss" in line


def test_options_without_sense_are_refused() -> None:
    with pytest.raises(ConfigError, match="sampled"):
        GRPOOptions(distill=1, distill_target="attempt", distill_loss="sampled").check()
    for name in ("distill", "feedback_model"):
        with pytest.raises(ConfigError, match="at least 0"):
            dataclasses.replace(GRPOOptions(), **{name: -1.0}).check()  # type: ignore[arg-type]
