"""Pairs for self-distillation: the same words with the feedback in context and without it."""

from __future__ import annotations

import json

import pytest

from sml_gym import ConfigError, Job, env_factory, rollout
from sml_gym.distillation import distillation_pairs, read_pairs, write_pairs
from sml_gym.rollout import Reply


class Learner:
    """Says nothing of use, then something wrong, then what is right."""

    name = "learner"

    def __init__(self, *said, cut=False):
        self.said, self.cut = said, cut

    def reply(self, dialogues):
        return [self._one(dialogue) for dialogue in dialogues]

    def _one(self, dialogue):
        word = dialogue.utterances[0].text.split("'")[1]
        text = self.said[min(dialogue.turn, len(self.said) - 1)]
        return Reply(text.replace("RIGHT", word[::-1]), truncated=self.cut and dialogue.turn > 0)


@pytest.fixture
def episodes(spelling_id):
    def hold(*said, teacher="scripted", **more):
        student = Learner(*said, **more)
        return rollout(
            env_factory(spelling_id, teacher=teacher, max_turns=4), student, [Job(seed=1), Job(seed=2)]
        )

    return hold


SAID = ("Hm?", "Final answer: x", "Final answer: y", "Final answer: RIGHT")


def test_the_solving_utterance_with_and_without_the_feedback(episodes):
    held = episodes(*SAID)
    pairs = list(distillation_pairs(held))
    assert len(pairs) == 2
    pair, episode = pairs[0], held[0]
    assert pair.completion == episode.turns[3].student.text and pair.turn == 4
    assert (pair.outcome, pair.before) == ("correct", "incorrect")
    assert [message["role"] for message in pair.with_feedback] == ["user", "assistant"] * 3 + ["user"]
    assert [m["content"] for m in pair.with_feedback] == [
        said.text for said in list(episode.utterances())[:7]
    ]
    assert pair.without_feedback == [{"role": "user", "content": episode.opening}]
    assert pair.feedback == episode.turns[2].feedback == pair.with_feedback[-1]["content"]
    assert (pair.task_id, pair.seed, pair.teacher, pair.student) == (
        episode.task_id,
        1,
        "scripted:2",
        "learner",
    )


def test_improved_means_better_than_everything_before(episodes):
    held = episodes(*SAID)
    assert [p.turn for p in distillation_pairs(held, which="improved")] == [2, 4] * 2
    assert [p.turn for p in distillation_pairs(held, which="all")] == [2, 3, 4] * 2
    worse = episodes("Final answer: x", "Hm?", "Final answer: y", "Hm?")
    assert list(distillation_pairs(worse, which="improved")) == []
    assert list(distillation_pairs(worse)) == []


def test_silence_in_place_of_the_feedback(episodes):
    for pair in distillation_pairs(episodes(*SAID), without="silent"):
        spoken = [m["content"] for m in pair.with_feedback if m["role"] == "assistant"]
        assert [m["content"] for m in pair.without_feedback if m["role"] == "assistant"] == spoken
        assert [m["content"] for m in pair.without_feedback if m["role"] == "user"][1:] == ["Go on."] * 3


def test_what_is_cut_or_empty_or_followed_no_feedback_is_no_target(episodes):
    assert list(distillation_pairs(episodes("Hm?", "Final answer: RIGHT", cut=True))) == []
    assert list(distillation_pairs(episodes("Final answer: RIGHT"), which="all")) == []
    assert list(distillation_pairs(episodes("Hm?", " "), which="all")) == []

    class Mute:
        name = "mute"

        def reply(self, contexts):
            from sml_gym import Feedback

            return [Feedback("") for _ in contexts]

    assert list(distillation_pairs(episodes("Hm?", "Final answer: RIGHT", teacher=Mute()))) == []


def test_a_failed_dialogue_gives_none(episodes):
    class Failing:
        name = "failing"

        def reply(self, contexts):
            if contexts[0].turn == 3:
                raise RuntimeError("gone")
            from sml_gym import Feedback

            return [Feedback("Try.") for _ in contexts]

    held = episodes(*SAID, teacher=Failing())
    assert not any(episode.valid for episode in held)
    assert list(distillation_pairs(held, which="all")) == []


def test_nothing_private_is_in_a_pair(episodes):
    for pair in distillation_pairs(episodes("Hm?", "Hm.", "Final answer: y"), which="all"):
        row = json.dumps([pair.with_feedback, pair.without_feedback, pair.completion])
        word = pair.without_feedback[0]["content"].split("'")[1]
        assert word in row and word[::-1] not in row


def test_pairs_are_lines_of_json(episodes, tmp_path):
    pairs = list(distillation_pairs(episodes(*SAID), which="all"))
    path = tmp_path / "pairs.jsonl"
    assert write_pairs(path, pairs) == 6 and read_pairs(path) == pairs
    assert write_pairs(tmp_path / "none.jsonl", []) == 0 and read_pairs(tmp_path / "none.jsonl") == []
    for line in ('{"turn": 1}', "[]", "no"):
        path.write_text(path.read_text() + line)
        with pytest.raises(ConfigError, match="line 7"):
            read_pairs(path)
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:6]))
    with pytest.raises(ConfigError, match="Cannot read"):
        read_pairs(tmp_path / "absent")


@pytest.mark.parametrize("options", [{"which": "solve"}, {"without": "problems"}])
def test_an_unknown_choice_is_refused_at_once(options):
    with pytest.raises(ConfigError, match="Did you mean"):
        distillation_pairs([], **options)
