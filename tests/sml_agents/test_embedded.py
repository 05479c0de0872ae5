"""The student that comes with the package: loads like any other, speaks any text, is small."""

from functools import cache
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer

from sml_agents.load import student_path
from sml_agents.student import ModelStudent
from sml_gym import Job, env_factory, rollout

FOLDER = Path(student_path("embedded"))
FAMILIES = ("last_digits_product", "last_digits_power", "last_digits_sum")


@cache
def load_tokenizer():
    return AutoTokenizer.from_pretrained(FOLDER)


@pytest.fixture
def tokenizer():
    return load_tokenizer()


@pytest.fixture(scope="module")
def model():
    return AutoModelForCausalLM.from_pretrained(FOLDER)


def test_folder_is_small_and_holds_no_code():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3_000_000
    assert {path.name for path in FOLDER.iterdir()} >= {
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "README.md",
    }
    assert not list(FOLDER.glob("*.py"))


def test_the_end_token_is_the_same_everywhere(model, tokenizer):
    end = tokenizer.convert_tokens_to_ids("<|end|>")
    assert tokenizer.eos_token_id == model.config.eos_token_id == model.generation_config.eos_token_id == end
    assert tokenizer.pad_token_id == model.generation_config.pad_token_id not in (end, None)
    assert model.dtype == torch.float32
    assert model.config.vocab_size == len(tokenizer)


@settings(deadline=None, max_examples=200)
@given(st.text())
def test_any_text_comes_back_unchanged(text):
    tokenizer = load_tokenizer()
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    assert tokenizer.decode(ids, skip_special_tokens=False) == text
    assert not set(ids) & set(tokenizer.all_special_ids)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "a\r\n\tb  c",
        "שלום ‏ ‮",
        "数学 123",
        "👩‍👩‍👧",
        "Final answer: 042",
        "<|end",
        "12.5%\n\n",
        "e\u0301",
    ],
)
def test_odd_text_comes_back_unchanged(tokenizer, text):
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"]) == text


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 999), st.sampled_from(["Final answer: {}", "\\boxed{{{}}}", "{}", "x{}y", " {} "]))
def test_digits_are_tokens_of_their_own(number, form):
    digits = f"{number:03d}"
    pieces = load_tokenizer().tokenize(form.format(digits))
    assert [piece for piece in pieces if any(char.isdigit() for char in piece)] == list(digits)


def test_a_sentence_about_a_digit_is_one_token(tokenizer):
    for place in ("hundreds", "tens", "units"):
        for rest in ("is too low", "is too high", "should be higher", "should be lower"):
            assert len(tokenizer.tokenize(f" The {place} digit {rest}.")) == 1


def test_chat_template(tokenizer):
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "1 + 1?"},
        {"role": "assistant", "content": "Final answer: 2"},
    ]
    text = tokenizer.apply_chat_template(messages, tokenize=False)
    assert text == ("<|system|>Be brief.<|end|><|user|>1 + 1?<|end|><|assistant|>Final answer: 2<|end|>")
    assert tokenizer.apply_chat_template(messages[:2], tokenize=False, add_generation_prompt=True).endswith(
        "<|end|><|assistant|>"
    )
    with pytest.raises(Exception, match="Use system, user or assistant"):
        tokenizer.apply_chat_template([{"role": "tool", "content": ""}], tokenize=False)


def test_generates_with_transformers_alone(model, tokenizer):
    inputs = tokenizer.apply_chat_template(
        [{"role": "user", "content": "What are the last three digits of 12 * 34?"}],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    )
    out = model.generate(**inputs, do_sample=False)
    assert out[0, -1] == tokenizer.eos_token_id
    assert tokenizer.decode(out[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


def test_speaks_in_every_family_and_follows_only_weakly(model, tokenizer):
    """Mostly attempts with three digits; solves some tasks within ten turns, and far from all."""
    make_env = env_factory("SML-Math-v0", families=FAMILIES, split="validation", max_turns=10)
    tasks = make_env().source.take(90)
    assert {task.family for task in tasks} == set(FAMILIES)
    student = ModelStudent(model, tokenizer, max_tokens_per_turn=32)
    episodes = rollout(make_env, student, [Job(task.id, seed=i) for i, task in enumerate(tasks)])
    turns = [turn for episode in episodes for turn in episode.turns]
    well_formed = sum(turn.answer is not None and len(turn.answer) == 3 for turn in turns)
    assert well_formed > 0.85 * len(turns)
    assert any(turn.student.kind == "question" for turn in turns)
    solved = sum(episode.reward for episode in episodes) / len(episodes)
    assert 0.1 < solved < 0.6
