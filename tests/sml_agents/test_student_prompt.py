"""What a local model student is told before the problem, and where it stands in tokens and records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tiny_models import TEMPLATES, save_tiny, tiny_model, tiny_tokenizer
from toy_env import ENV_ID, LengthEnv, jobs_of

from sml_agents.chat import ChatFormat
from sml_agents.demonstrations import Demonstrator
from sml_agents.grpo import GRPOOptions, train
from sml_agents.offline_options import OfflineOptions
from sml_agents.student import ModelStudent
from sml_gym import ConfigError, Dialogue, Speaker, Utterance, UtteranceKind, rollout
from sml_gym.chat.model import ChatSampling
from sml_gym.chat_student import build_chat_student
from sml_gym.reading import read_utterance
from sml_gym.student_prompts import ASK, COMMIT, STUDENT_PROMPTS, read_student_prompt
from sml_gym.students import Sampling, make_student


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> str:
    return save_tiny(tmp_path_factory.mktemp("student"))


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_instructions_stand_before_the_problem_and_nowhere_else(template: str) -> None:
    tokenizer = tiny_tokenizer(template)
    told, plain = ChatFormat(tokenizer, "Be brief."), ChatFormat(tokenizer)
    opening = Utterance(Speaker.TEACHER, "What is 2 * 3?")
    folded = Utterance(Speaker.TEACHER, "Be brief.\n\nWhat is 2 * 3?")
    rest = [Utterance(Speaker.STUDENT, "5"), Utterance(Speaker.TEACHER, "No.")]
    assert told.encode(Dialogue([opening])) == plain.encode(Dialogue([folded]))
    assert told.encode(Dialogue([opening, *rest])) == plain.encode(Dialogue([folded, *rest]))
    assert told.encode(Dialogue([opening, *rest]), 2) == plain.encode(Dialogue([opening, *rest]), 2)
    assert told.encode_chat([{"role": "user", "content": "x"}]) == plain.encode_chat(
        [{"role": "user", "content": "x"}]
    )


def test_the_token_record_holds_them_and_the_dialogue_does_not() -> None:
    tokenizer = tiny_tokenizer()
    speaking = ModelStudent(
        tiny_model(vocab=len(tokenizer)), tokenizer, max_tokens_per_turn=4, instructions=ASK
    )
    for episode in rollout(LengthEnv, speaking, jobs_of(4)):
        spans: list[Any] = [turn.tokens for turn in episode.turns]
        assert f"{ASK}\n\n{episode.opening}" in tokenizer.decode(spans[0].context)
        assert not any(ASK in tokenizer.decode(span.context) for span in spans[1:])
        assert ASK not in episode.opening
    held = rollout(LengthEnv, Demonstrator(LengthEnv(), speaking.format), jobs_of(1))[0]
    assert held.turns[0].tokens is not None
    assert ASK in tokenizer.decode(held.turns[0].tokens.context)


def test_a_student_is_told_by_its_name(saved: str, tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("Answer in rhyme.\n")
    names = {"": "", "?prompt=ask": ASK, "?prompt=commit": COMMIT, f"?prompt={own}": "Answer in rhyme."}
    for query, expected in names.items():
        student: Any = make_student(f"hf:{saved}{query}", LengthEnv(), [], sampling=Sampling())
        assert student.format.instructions == expected
        assert student.name == f"hf:{saved}{query}"
        assert student.chat_model().name == f"hf:{saved}"
        assert student.chat_model().format.instructions == ""
    with pytest.raises(ConfigError, match="ask"):
        make_student(f"{saved}?prompt=aks", LengthEnv(), [])
    url = "openai:m@http://127.0.0.1:9/v1"
    assert build_chat_student(f"{url}?prompt=ask", sampling=ChatSampling()).instructions == ASK
    assert build_chat_student(url, sampling=ChatSampling()).instructions == COMMIT


def test_bundled_prompts_tell_how_answers_are_read() -> None:
    for text in STUDENT_PROMPTS.values():
        assert "'Final answer: ...'" in text
    assert read_utterance("It is six.\nFinal answer: 6").kind is UtteranceKind.ATTEMPT
    assert read_student_prompt("") == ""


def test_a_run_records_the_words_and_refuses_others(saved: str, tmp_path: Path) -> None:
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("Answer in rhyme.")
    out = tmp_path / "out"

    def options(**more: Any) -> GRPOOptions:
        chosen: dict[str, Any] = {"student_prompt": str(prompt), "steps": 1, **more}
        return GRPOOptions(
            student=saved, out=str(out), env_id=ENV_ID, problems_per_step=2, group_size=2,
            max_tokens_per_turn=3, device="cpu", save_every=1, **chosen,
        )  # fmt: skip

    train(options(), progress=False)
    recorded = json.loads((out / "run.json").read_text())["options"]
    assert recorded["instructions"] == "Answer in rhyme."
    with pytest.raises(ConfigError, match="student_prompt"):
        train(options(steps=2, resume=True, student_prompt=""), progress=False)
    prompt.write_text("Answer in prose.")
    with pytest.raises(ConfigError, match="instructions was 'Answer in rhyme"):
        train(options(steps=2, resume=True), progress=False)
    for cls in (GRPOOptions, OfflineOptions):
        with pytest.raises(ConfigError, match="Cannot read the prompt"):
            cls(student_prompt="nowhere.txt").check()  # type: ignore[operator]
