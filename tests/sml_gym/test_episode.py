"""Episodes as records."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sml_gym import (
    ConfigError,
    Episode,
    Outcome,
    Speaker,
    StopReason,
    TokenSpan,
    Turn,
    Utterance,
    UtteranceKind,
    read_episodes,
    write_episodes,
)

texts = st.text(st.characters(codec=None), max_size=30)
counts = st.integers(0, 1000)
spans = st.builds(
    TokenSpan,
    st.lists(counts, max_size=4).map(tuple),
    st.lists(counts, max_size=4).map(tuple),
    st.lists(st.floats(-20, 0), max_size=4).map(tuple),
)
turns = st.builds(
    Turn,
    st.builds(Utterance, st.just(Speaker.STUDENT), texts, st.sampled_from(UtteranceKind), st.booleans()),
    st.sampled_from(Outcome),
    st.none() | texts,
    st.none() | texts,
    st.lists(texts, max_size=3).map(tuple),
    st.none() | st.sampled_from([0.0, 1.0]),
    st.none() | spans,
)
episodes = st.builds(
    Episode,
    env_id=st.just("X-v0"),
    task_id=texts,
    split=st.just("test"),
    opening=texts,
    turns=st.lists(turns, max_size=3),
    stop_reason=st.sampled_from(StopReason),
    reward=st.none() | st.sampled_from([0.0, 1.0]),
    seed=st.integers(0, 2**62),
    teacher=texts,
    student=texts,
    max_turns=st.integers(1, 10),
    private=st.dictionaries(texts, texts, max_size=2),
    usage=st.dictionaries(texts, counts, max_size=2),
    error=texts,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(episodes, max_size=3))
def test_jsonl_gives_back_what_was_written(tmp_path_factory, some):
    path = tmp_path_factory.mktemp("episodes") / "e.jsonl"
    write_episodes(path, some[:1])
    write_episodes(path, some[1:], append=True)
    assert read_episodes(path) == some


def one(**changes):
    fields = {
        "env_id": "X-v0",
        "task_id": "t",
        "split": "test",
        "opening": "?",
        "turns": [],
        "stop_reason": StopReason.TURN_LIMIT,
        "reward": 0.0,
        "seed": 0,
        "teacher": "scripted:2",
        "student": "s",
        "max_turns": 4,
    }
    return Episode(**{**fields, **changes})


def test_a_line_that_a_kill_cut_short_is_left_out_and_any_other_bad_line_named(tmp_path):
    path = tmp_path / "e.jsonl"
    write_episodes(path, [one(), one()])
    whole = path.read_text()
    path.write_text(whole[:-40])
    assert len(read_episodes(path)) == 1
    path.write_text("{broken\n" + whole)
    with pytest.raises(ConfigError, match="line 1: not valid JSON"):
        read_episodes(path)
    path.write_text(whole + json.dumps({"schema": 99}) + "\n")
    with pytest.raises(ConfigError, match="line 3: This episode has schema 99"):
        read_episodes(path)
    path.write_text(json.dumps({"schema": 1, "turns": []}) + "\n")
    with pytest.raises(ConfigError, match="Not an episode"):
        read_episodes(path)
    for odd in ({"max_turns": 0}, {"usage": {"teacher_cost": None}}, {"reward": float("nan")}):
        path.write_text(json.dumps(one().to_json() | odd) + "\n")
        with pytest.raises(ConfigError, match=f"line 1: Not an episode: its .*{next(iter(odd))}"):
            read_episodes(path)
    path.write_text("5\n")
    with pytest.raises(ConfigError, match=r"line 1: Not an episode"):
        read_episodes(path)
    path.write_bytes(b"\x89PNG\r\n")
    with pytest.raises(ConfigError, match="Name a file of episodes"):
        read_episodes(path)
    with pytest.raises(ConfigError, match="Check the path"):
        read_episodes(tmp_path / "none.jsonl")


def test_valid_says_whether_a_reward_is_due():
    valid = {reason.value for reason in StopReason if reason.valid}
    assert valid == {"solved", "turn_limit", "not_transferred", "token_limit"}
    assert not one(stop_reason=StopReason.TEACHER_FAILED, reward=None).valid
    assert one().solved_at is None


def test_every_stop_reason_is_documented():
    import inspect

    import sml_gym.episode

    source = inspect.getsource(sml_gym.episode.StopReason)
    for reason in StopReason:
        after = source.split(f'{reason.name} = "{reason.value}"')[1].lstrip()
        assert after.startswith('"""'), reason


def test_utterances_alternate_and_start_with_the_teacher():
    said = Utterance(Speaker.STUDENT, "7", UtteranceKind.ATTEMPT)
    episode = one(turns=[Turn(said, Outcome.INCORRECT, "7", "no"), Turn(said, Outcome.INCORRECT, "7", None)])
    assert [u.text for u in episode.utterances()] == ["?", "7", "no", "7"]
