"""Q-priming: what is taken back, how often, what is asked in its place, and what the model learns of it."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from tiny_models import save_tiny, tiny_model, tiny_tokenizer
from toy_env import LengthEnv, jobs_of

from sml_agents.logs import read_metrics
from sml_agents.q_priming import NOTE, QPrimingOptions, QuestioningStudent, train
from sml_agents.questions import Phrases, WrittenByModel, refusal
from sml_agents.student import ModelStudent
from sml_agents.tokens import token_record
from sml_gym import (
    ConfigError,
    Dialogue,
    Outcome,
    Reading,
    Speaker,
    Task,
    Utterance,
    UtteranceKind,
    read_episodes,
    rollout,
)
from sml_gym.chat.model import ChatError, ChatSampling, Completion
from sml_gym.cli.train import load_algorithm
from sml_gym.teachers.base import TeachingContext

pytestmark = pytest.mark.filterwarnings("ignore:.gradient_checkpointing. is deprecated:FutureWarning")


class AskEnv(LengthEnv):
    """A question begins as questions do; all else is an attempt."""

    def read(self, task: Task, text: str) -> Reading:
        if re.match(r"(?:wh|ho|ca)", text, re.IGNORECASE):
            return Reading(UtteranceKind.QUESTION)
        return super().read(task, text)


ASK_ID = "SML-TestAsk-v0"
if ASK_ID not in gym.registry:
    gym.register(id=ASK_ID, entry_point=AskEnv)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


def model_student(template: str = "chatml", kind: str = "llama", **options: Any) -> ModelStudent:
    tokenizer = tiny_tokenizer(template)
    chosen = {"max_tokens_per_turn": 5, **options}
    return ModelStudent(tiny_model(kind, vocab=len(tokenizer)), tokenizer, **chosen)


def test_wrong_utterances_are_replaced_with_the_stated_probability() -> None:
    """The share at each turn lies within four standard deviations of 0.75^t."""
    env = AskEnv()
    speaking = QuestioningStudent(model_student(), env, Phrases(), seed=3)
    held = rollout(lambda: AskEnv(max_turns=4), speaking, jobs_of(600), batch_size=300)
    replaced, wrong = np.zeros(4), np.zeros(4)
    for episode in held:
        for t, turn in enumerate(episode.turns):
            if NOTE in turn.notes:
                replaced[t] += 1
                wrong[t] += 1
                assert turn.student.kind is UtteranceKind.QUESTION
                assert turn.notes[NOTE]["instead_of"] != turn.student.text
            elif turn.student.kind is UtteranceKind.ATTEMPT and turn.outcome is Outcome.INCORRECT:
                wrong[t] += 1
    for t in range(4):
        p = 0.75 ** (t + 1)
        assert wrong[t] > 60
        assert abs(replaced[t] / wrong[t] - p) < 4 * math.sqrt(p * (1 - p) / wrong[t])


@pytest.mark.parametrize(("probability", "share"), [(0.0, 0), (1.0, 1)])
def test_none_or_all_are_replaced(probability: float, share: int) -> None:
    speaking = QuestioningStudent(model_student(), AskEnv(), Phrases(), probability=probability)
    for episode in rollout(lambda: AskEnv(max_turns=3), speaking, jobs_of(20)):
        for turn in episode.turns:
            if turn.outcome is not Outcome.CORRECT:
                assert (turn.student.kind is UtteranceKind.QUESTION) == bool(share)


@pytest.mark.parametrize("template", ["chatml", "qwen2", "gemma", "plain", "thinking"])
def test_what_is_said_instead_is_tokenised_as_the_template_would(template: str) -> None:
    student = model_student(template)
    dialogue = Dialogue([Utterance(Speaker.TEACHER, "What is 2 * 3?")])
    (draft,) = student.reply([dialogue])
    said = student.say_instead(dialogue, draft, "How do I start?")
    assert said is not None and said.tokens is not None and draft.tokens is not None
    assert set(said.tokens.logprobs) == {0.0}
    dialogue.say(Utterance(Speaker.STUDENT, said.text))
    dialogue.say(Utterance(Speaker.TEACHER, "With the two."))
    (following,) = student.reply([dialogue])
    assert following.tokens is not None
    ids = [*said.tokens.context, *said.tokens.sampled, *following.tokens.context]
    tokenizer = student.format.tokenizer
    if template == "thinking":  # the template drops the thought, which the student's record must keep
        closed = tokenizer("\n</think>\n\nHow do I start?", add_special_tokens=False)["input_ids"]
        assert list(said.tokens.sampled) == [*closed, student.format.end_id]
        assert student.format.decode([said.tokens.sampled])[0].endswith("</think>\n\nHow do I start?")
    else:
        assert ids == student.format.encode(dialogue)


@pytest.mark.parametrize("kind", ["llama", "mistral"])
def test_the_cache_goes_on_from_the_words_and_not_from_what_was_taken_back(kind: str) -> None:
    """Log-probabilities of what is sampled after a splice are those of a forward pass over the record."""
    student = model_student(kind=kind, max_tokens_per_turn=9)
    assert student.keep_cache is (kind == "llama")
    speaking = QuestioningStudent(student, AskEnv(), Phrases(), seed=1)
    held = rollout(lambda: AskEnv(max_turns=4), speaking, jobs_of(24))
    after = 0
    for episode in held:
        record = token_record(episode)
        with torch.no_grad():
            logits = student.model(input_ids=torch.from_numpy(record.ids).unsqueeze(0)).logits[0]
        scored = logits.log_softmax(-1)[np.arange(len(record) - 1), record.ids[1:]].numpy()
        replaced = [n for n, turn in enumerate(episode.turns, 1) if NOTE in turn.notes]
        own = record.student[1:] & ~np.isin(record.turn[1:], replaced)
        assert scored[own] == pytest.approx(record.logprobs[1:][own], abs=1e-4)
        after += bool(replaced) and bool((own & (record.turn[1:] > min(replaced, default=9))).any())
        for turn in episode.turns:
            if NOTE in turn.notes:
                assert turn.tokens is not None
                assert turn.tokens.sampled == tuple(student.format.encode_reply(turn.student.text))
    assert after > 5


def test_only_what_was_just_sampled_can_be_taken_back() -> None:
    student = model_student()
    dialogue = Dialogue([Utterance(Speaker.TEACHER, "What?")])
    (draft,) = student.reply([dialogue])
    with pytest.raises(ValueError, match="words"):
        student.say_instead(dialogue, draft, "")
    dialogue.say(Utterance(Speaker.STUDENT, draft.text))
    with pytest.raises(ValueError, match="just sampled"):
        student.say_instead(dialogue, draft, "Why?")
    short = ModelStudent(tiny_model(vocab=267, context=60), tiny_tokenizer(), max_tokens_per_turn=5)
    dialogue = Dialogue([Utterance(Speaker.TEACHER, "What?")])
    (draft,) = short.reply([dialogue])
    assert short.say_instead(dialogue, draft, "W" * 60) is None
    assert short.say_instead(dialogue, draft, "Why?") is not None


class Writer:
    """A chat model that answers with the given texts, one after the other, whatever it is told."""

    name = "writer"

    def __init__(self, *texts: str | ChatError) -> None:
        self.texts, self.told = list(texts), [""][:0]

    def describe(self) -> dict[str, Any]:
        return {}

    def complete(
        self, chats: Sequence[Any], sampling: ChatSampling, *, seeds: Sequence[int] | None = None
    ) -> list[Any]:
        answers: list[Any] = []
        for chat in chats:
            self.told.append(chat[0]["content"])
            text = self.texts.pop(0)
            answers.append(Completion(text, {"tokens": 7}) if isinstance(text, str) else text)
        return answers


def math_context(said: str = "") -> TeachingContext:
    env: Any = gym.make("sml_gym:SML-Math-v0", families=["percent_of"]).unwrapped
    task = env.source.take(1, seed=4)[0]
    dialogue = Dialogue([Utterance(Speaker.TEACHER, task.problem)], task.id)
    if said:
        dialogue.say(Utterance(Speaker.STUDENT, said, UtteranceKind.ATTEMPT))
        dialogue.say(Utterance(Speaker.TEACHER, "That is wrong."))
    examined = env.examine(task, "Final answer: 123456")
    return TeachingContext(
        env, task, dialogue, examined.utterance, examined.verdict, examined.diagnosis, 1, 4, 0
    )


def test_no_question_holds_what_is_private() -> None:
    context = math_context()
    reference = context.task.private.reveal()
    leaking = [
        f"Is it {reference.answer}?",
        f"Should I get {reference.answer} in the end?",
        f"Final answer: {reference.answer}",
        "Is 777 a number that matters here?",
        "I do not know.",
        "",
        "What now?" * 60,
        "The next step is hard.\nWhat is it?",
        context.task.problem,
        f"Please tell me: {context.task.problem}",
    ]
    reasons = [refusal(context, text) for text in leaking]
    assert reasons[:3] == ["leak", "leak", "no question"]
    assert reasons[3:] == ["number", "no question", "empty", "long", "no question", "echo", "echo"]
    for text in leaking:
        model = Writer(text, text)
        (question,) = WrittenByModel(model).write([context])
        assert question is not None and question.writer == "phrases"  # type: ignore[union-attr]
        assert not refusal(context, question.text)  # type: ignore[union-attr]
        assert len(question.refused) == 2  # type: ignore[union-attr]
        assert question.usage == {"tokens": 14}  # type: ignore[union-attr]
        assert reference.answer in model.told[0] and "123456" in model.told[0]
    broken = ChatError("the server is down")
    (question,) = WrittenByModel(Writer(f"Is it {reference.answer}?", broken)).write([context])
    assert question is not None and question.writer == "phrases"  # type: ignore[union-attr]


def test_a_model_is_asked_again_with_what_was_refused_in_sight() -> None:
    context = math_context("Final answer: 5")
    answer = context.task.private.reveal().answer
    model = Writer(f"Is it {answer}?", '<think>She forgot it.</think>Student: "How do I take a percentage?"')
    (question,) = WrittenByModel(model).write([context])
    assert question is not None
    assert question.text == "How do I take a percentage?"  # type: ignore[union-attr]
    assert question.writer == "model"  # type: ignore[union-attr]
    assert f"Is it {answer}?" not in model.told[0]
    assert f"Is it {answer}?" in model.told[1]
    assert "Student: Final answer: 5\nTeacher: That is wrong." in model.told[0]


def test_phrases_fit_the_stage_of_the_dialogue_and_every_domain() -> None:
    (first,), (later,) = Phrases().write([math_context()]), Phrases().write([math_context("Final answer: 5")])
    assert first is not None and later is not None
    assert first.text != later.text  # type: ignore[union-attr]
    for env_id in ("SML-Math-v0", "SML-Guess-v0", "SML-Code-v0", "SML-Rule-v0", "SML-Math-Underspecified-v0"):
        env: Any = gym.make(f"sml_gym:{env_id}").unwrapped
        dialogue = env.dialogue
        for seed in range(3):
            env.reset(seed=seed)
            dialogue, task = env.dialogue, env.task
            examined = env.examine(task, env.probes(task).incorrect)
            context = TeachingContext(
                env, task, dialogue, examined.utterance, examined.verdict, examined.diagnosis, 1, 4, seed
            )
            (question,) = Phrases().write([context])
            assert question is not None, env_id


def short(student: str, out: Path, **more: Any) -> QPrimingOptions:
    chosen: dict[str, Any] = {
        "env_id": ASK_ID,
        "writer": "phrases",
        "problems": 12,
        "group_size": 3,
        "max_tokens_per_turn": 3,
        "lr": 1e-2,
        "sft_epochs": 2,
        "device": "cpu",
        **more,
    }
    return QPrimingOptions(student=student, out=str(out), **chosen)


def test_the_record_says_what_was_replaced(saved: str, tmp_path: Path) -> None:
    run, options_class = load_algorithm("q-priming")
    assert options_class is QPrimingOptions
    run(short(saved, tmp_path, sft_epochs=1), progress=False)
    held = read_episodes(tmp_path / "rounds" / "1.jsonl")
    turns = [turn for episode in held for turn in episode.turns]
    replaced = [turn for turn in turns if NOTE in turn.notes]
    (line,) = read_metrics(tmp_path / "metrics.jsonl")
    assert line["replaced"] == len(replaced) / len(turns)
    assert line["questions"] == line["replaced"]  # a random model asks nothing
    assert line["written_by_model"] == 0
    assert 0.4 < line["replaced_of_wrong"] < 0.75  # type: ignore[operator]
    # They are trained on like all that was said in a solved dialogue.
    kept = [token_record(episode) for episode in held if episode.solved_at]
    assert line["sft_tokens"] == sum(int(record.student.sum()) for record in kept)


@pytest.mark.slow
def test_a_primed_model_asks_of_itself(saved: str, tmp_path: Path) -> None:
    train(short(saved, tmp_path, rounds=2, problems=40, sft_epochs=30, lr=2e-2), progress=False)
    first, second = read_metrics(tmp_path / "metrics.jsonl")
    assert first["questions"] == first["replaced"]
    assert second["questions"] > second["replaced"] + 0.1  # type: ignore[operator]


def test_a_killed_run_asks_the_same_questions_again(saved: str, tmp_path: Path) -> None:
    whole = train(short(saved, tmp_path / "whole"), progress=False)
    rounds = tmp_path / "part" / "rounds"
    rounds.mkdir(parents=True)
    shutil.copy(tmp_path / "whole" / "run.json", tmp_path / "part" / "run.json")
    lines = (tmp_path / "whole" / "rounds" / "1.jsonl").read_text().splitlines(keepends=True)
    (rounds / "1.jsonl").write_text("".join(lines[:19]) + lines[19][:40])
    part = train(short(saved, tmp_path / "part", resume=True), progress=False)
    a, b = ((made.model / "model.safetensors").read_bytes() for made in (whole, part))
    assert a == b

    def said(path: Path) -> list[Any]:
        turns = [turn for episode in read_episodes(path) for turn in episode.turns]
        return sorted((turn.student.text, json.dumps(turn.notes)) for turn in turns)

    assert said(rounds / "1.jsonl") == said(tmp_path / "whole" / "rounds" / "1.jsonl")


def test_the_students_own_weights_write_and_a_teacher_may_borrow_them(saved: str, tmp_path: Path) -> None:
    options = short(
        saved,
        tmp_path,
        writer="model",
        problems=2,
        max_turns=2,
        question_tokens=4,
        teacher="self(max_tokens=4)",
    )
    train(options, progress=False)
    held = read_episodes(tmp_path / "rounds" / "1.jsonl")
    notes = [turn.notes[NOTE] for episode in held for turn in episode.turns if NOTE in turn.notes]
    assert notes
    assert all(len(note["refused"]) == 2 for note in notes if note["writer"] == "phrases")
    assert any(episode.usage.get("student_question_requests") for episode in held)


def test_options_without_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="between 0 and 1"):
        QPrimingOptions(probability=1.5).check()
    path = tmp_path / "prompt.txt"
    path.write_text("Ask something about {{problem}}.")
    with pytest.raises(ConfigError, match="no place"):
        WrittenByModel(Writer(), prompt=path)
