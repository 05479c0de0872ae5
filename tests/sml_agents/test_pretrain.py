"""Pretraining: the whole path on a tiny budget, the same each time, on training tasks alone."""

import itertools

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from sml_agents.following import FollowingStudent, allowed_digits, named_digits
from sml_agents.pretrain import PretrainOptions, pretrain, reading
from sml_agents.pretrain_data import FAMILIES, Encoder, dialogues
from sml_gym import ConfigError, Dialogue, Job, Speaker, Utterance, env_factory, rollout
from sml_gym.seeding import split_of

TINY = {
    "steps": 3,
    "drill_steps": 2,
    "batch_turns": 20,
    "layers": 1,
    "width": 16,
    "inner": 16,
    "heads": 2,
    "measure_tasks": 2,
}


def dialogue(*texts: str) -> Dialogue:
    speakers = itertools.cycle((Speaker.TEACHER, Speaker.STUDENT))
    return Dialogue([Utterance(speaker, text) for speaker, text in zip(speakers, texts, strict=False)])


def test_pretrains_the_same_each_time(tmp_path):
    summaries = [
        pretrain(PretrainOptions(out=tmp_path / name, threads=1, **TINY), progress=False)
        for name in ("a", "b")
    ]
    first, second = (AutoModelForCausalLM.from_pretrained(s.model).state_dict() for s in summaries)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    for name in ("tokenizer.json", "tokenizer_config.json", "config.json", "chat_template.jinja"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert summaries[0].held_out_loss == summaries[1].held_out_loss
    assert {label: len(shares) for label, shares in summaries[0].solve_at.items()} == {
        "real": 10,
        "placebo": 10,
    }
    card = (tmp_path / "a" / "README.md").read_text()
    assert f"{summaries[0].parameters:,} parameters" in card
    other = pretrain(PretrainOptions(out=tmp_path / "c", seed=1, threads=1, **TINY), progress=False)
    assert other.held_out_loss != summaries[0].held_out_loss


def test_reads_training_tasks_alone(tmp_path):
    stream = reading(PretrainOptions(out=tmp_path, drill_steps=5))
    episodes = list(itertools.chain.from_iterable(itertools.islice(stream, 11)))
    assert {episode.family for episode in episodes} == set(FAMILIES)
    assert {split_of(episode.opening) for episode in episodes} == {"train"}
    assert {episode.max_turns for episode in episodes} == {4, 10}


def test_streams_are_independent_and_repeat():
    def openings(**options: object) -> list[str]:
        return [e.opening for e in next(dialogues(follow=0.5, talk=0.1, batch_turns=40, **options))]

    assert openings(seed=0) == openings(seed=0)
    assert not set(openings(seed=0)) & set(openings(seed=0, stream="other"))
    assert not set(openings(seed=0)) & set(openings(seed=1))


def test_weights_follow_the_speaker(tmp_path):
    pretrain(PretrainOptions(out=tmp_path, **{**TINY, "measure_tasks": 0}), progress=False)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    episodes = next(dialogues(follow=0.5, talk=0.0, batch_turns=12, seed=3))
    ids, weights = Encoder(tokenizer, 0.25).batch(episodes)
    for row, episode in enumerate(episodes):
        parts = [[], [], []]
        for token, weight in zip(ids[row].tolist(), weights[row].tolist(), strict=True):
            parts[{0.0: 0, 0.25: 1, 1.0: 2}[weight]].append(token)
        end = tokenizer.eos_token
        assert tokenizer.decode(parts[2]) == "".join(turn.student.text + end for turn in episode.turns)
        assert tokenizer.decode(parts[1]) == "".join(f"{turn.feedback}{end}" for turn in episode.turns)
        assert episode.opening in tokenizer.decode(parts[0])
        messages = [
            {"role": "assistant" if said.speaker is Speaker.STUDENT else "user", "content": said.text}
            for said in episode.utterances()
        ]
        rendered = tokenizer.apply_chat_template(messages, return_dict=False)
        assert [i for i in ids[row].tolist() if i != tokenizer.pad_token_id] == rendered


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"steps": 0}, "steps is 0; it must be at least 1"),
        ({"follow": 1.5}, "between 0 and 1"),
        ({"width": 18}, "multiple of 2 x heads"),
        ({"vocab_size": 100}, "at least 261"),
    ],
)
def test_options_without_sense_are_refused(tmp_path, changed, message):
    with pytest.raises(ConfigError, match=message):
        pretrain(PretrainOptions(out=tmp_path / "m", **{**TINY, **changed}), progress=False)


def test_an_out_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="Choose another folder"):
        pretrain(PretrainOptions(out=tmp_path / "file", **TINY), progress=False)


def test_named_digits_reads_every_phrasing():
    assert named_digits("Not quite. The tens digit is too low. The units digit should be lower.") == {
        1: "low",
        0: "high",
    }
    assert named_digits(
        "The hundreds digit should be higher. Check the tens digit. The units digit is wrong."
    ) == {
        2: "low",
        1: "wrong",
        0: "wrong",
    }
    assert named_digits("The hundreds digit is right. The tens digit is correct.") == {2: "right", 1: "right"}
    assert named_digits("That is not correct.") == {}


def test_allowed_digits_gathers_all_feedback():
    said = dialogue(
        "Problem",
        "Final answer: 482",
        "Not quite. The hundreds digit is too low. The tens digit is too high.",
        "Can you give me a hint?",
        "Multiply.",
        "Final answer: 752",
        "No. The hundreds digit is too high. The tens digit is too low.",
    )
    assert allowed_digits(said) == [frozenset({2}), frozenset({6, 7}), frozenset({5, 6})]


def test_a_student_that_always_follows_solves_every_task():
    make_env = env_factory("SML-Math-v0", families=FAMILIES, max_turns=10)
    episodes = rollout(make_env, FollowingStudent(), [Job(seed=i) for i in range(60)])
    assert all(episode.reward == 1.0 for episode in episodes)


def test_a_student_that_never_follows_solves_next_to_nothing():
    make_env = env_factory("SML-Math-v0", families=FAMILIES, max_turns=10)
    episodes = rollout(make_env, FollowingStudent(follow=0.0), [Job(seed=i) for i in range(60)])
    assert sum(episode.reward for episode in episodes) <= 3


def test_the_student_says_the_same_again_and_talks_as_often_as_told():
    said = [dialogue(f"Problem {i}") for i in range(200)]
    student = FollowingStudent(talk=0.25, seed=1)
    words = [reply.text for reply in student.reply(said)]
    assert words == [reply.text for reply in student.reply(said)]
    assert words != [reply.text for reply in FollowingStudent(talk=0.25, seed=2).reply(said)]
    assert 25 < sum(not any(char.isdigit() for char in text) for text in words) < 75
