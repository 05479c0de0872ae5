"""The scripted teacher and the controls, over a small domain."""

from __future__ import annotations

import gymnasium as gym
import pytest

from sml_gym import ConfigError, Direction, Fact, Informativeness, TeacherError, make_teacher
from sml_gym.teachers.wording import speakable, word


def say(env_id, teacher, *texts, seed=0, **options):
    env = gym.make(env_id, teacher=teacher, max_turns=10, **options)
    env.reset(seed=seed)
    return [env.step(text)[0] for text in texts]


def test_informativeness_decides_what_is_said(spelling_id):
    zero, one = (say(spelling_id, f"scripted:{level}", "Final answer: ???")[0] for level in (0, 1))
    assert "etter" not in zero and "etter 1" in one


def test_phrasings_vary_and_are_fixed_by_the_seed(spelling_id):
    wrong = ["Final answer: ???"] * 8
    assert len(set(say(spelling_id, "scripted:0", *wrong))) > 1
    assert say(spelling_id, "scripted:1", *wrong, seed=4) == say(spelling_id, "scripted:1", *wrong, seed=4)


def test_silent_says_the_same_whatever_happens(spelling_id):
    said = say(spelling_id, "silent", "Final answer: ???", "what?", "hm")
    assert said == ["Go on."] * 3


def test_binary_says_right_or_wrong_and_nothing_else(spelling_id):
    said = say(spelling_id, "binary", *["Final answer: ???"] * 6)
    assert set(said) <= {"That is not correct.", "Not quite.", "No, that is not right."}


def test_placebo_has_the_form_of_feedback_but_speaks_of_another_task(spelling_id):
    real, placebo = [], []
    for seed in range(30):
        env = gym.make(spelling_id, teacher="placebo", max_turns=10).unwrapped
        env.reset(seed=seed)
        half_right = env.task.private.reveal().answer[:-1] + "?"
        placebo += say(spelling_id, "placebo", f"Final answer: {half_right}", seed=seed)
        real += say(spelling_id, "scripted", f"Final answer: {half_right}", seed=seed)
    digits = [[c for c in text if c.isdigit()] for text in placebo]
    assert all("etter" in text for text in placebo)
    assert sum(d == ["1"] for d in digits) > 20  # the first letter is wrong for almost any other task
    assert sum("etter 1" in text for text in real) == 0


def test_placebo_is_consistent_over_turns_and_never_confirms(spelling_id):
    class Oracle:
        """Says the answer of the task it is asked about, so that the test can walk into the decoy."""

        name = "oracle"

        def reply(self, contexts):
            from sml_gym import Feedback

            return [Feedback(c.task.private.reveal().answer + "|" + c.verdict.outcome) for c in contexts]

    from sml_gym import PlaceboTeacher

    env = gym.make(spelling_id, teacher=PlaceboTeacher(Oracle()), max_turns=10).unwrapped
    env.reset(seed=0)
    first = env.step("hm")[0]
    assert env.step("hm")[0] == first
    decoy = first.split("|")[0]
    assert decoy != env.task.private.reveal().answer
    after = env.step(f"Final answer: {decoy}")[0]
    assert after.split("|")[0] != decoy and not after.endswith("|correct")


def test_placebo_can_imitate_any_teacher(spelling_id):
    assert make_teacher("placebo:binary").name == "placebo:binary"
    assert make_teacher("placebo").name == "placebo:scripted:2"
    assert say(spelling_id, "placebo:silent", "hm") == ["Go on."]


@pytest.mark.parametrize("spec", ["scripted:high", "silent:2", "placebo:nobody", "", "binary:1"])
def test_bad_specs_name_the_remedy(spec):
    with pytest.raises(ConfigError):
        make_teacher(spec)


def test_a_topic_is_spoken_once_at_the_best_level_allowed_and_private_facts_never():
    facts = [
        Fact("a.where", informativeness=Informativeness.WHERE, topic="a"),
        Fact("a.what", informativeness=Informativeness.WHAT, topic="a"),
        Fact("b", informativeness=Informativeness.NEXT_STEP),
        Fact("secret", private=True),
    ]
    assert [f.kind for f in speakable(facts, 0)] == []
    assert [f.kind for f in speakable(facts, 1)] == ["a.where"]
    assert [f.kind for f in speakable(facts, 3)] == ["a.what", "b"]


@pytest.mark.parametrize("directions", [None, tuple(Direction)])
@pytest.mark.parametrize("length", ["terse", "normal", "verbose"])
def test_who_says_something_does_not_say_that_there_is_nothing_to_say(directions, length):
    nothing = Fact("answer.unknown", topic="answer")
    hint = Fact("hint", {}, Informativeness.NEXT_STEP, Direction.FUTURE_POSITIVE, "answer")
    assert speakable([nothing, hint], 3, directions, length) == [hint]
    assert speakable([nothing, hint], 2, directions, length) == [nothing]


def test_a_fact_without_words_is_a_teachers_error():
    with pytest.raises(TeacherError, match="No phrasing"):
        word([Fact("unheard.of")], {}, 0, 1)
    with pytest.raises(TeacherError, match="missing slot 'place'"):
        word([Fact("x")], {"x": ("{place}",)}, 0, 1)


def test_placebo_without_another_task_says_so_instead_of_speaking_of_this_one(spelling_id, tmp_path):
    path = tmp_path / "one.jsonl"
    path.write_text('{"problem": "Write a word.", "answer": "word"}\n')
    with pytest.raises(ConfigError, match="more tasks"):
        say(spelling_id, "placebo", "Final answer: ???", tasks=path)
