"""Problems whose information arrives turn by turn."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sml_gym
from sml_envs.math import MathEnv
from sml_envs.math.families import FAMILIES
from sml_envs.math.shards import split_task
from sml_gym import ConfigError, Job, Shards, SMLEnv, rollout
from sml_gym.metrics import premature_share, summarize
from sml_gym.replay import env_of_record, rescore
from sml_gym.shards import asked_for, missing, name_shards, read_shards, split_problem
from sml_gym.students import make_student
from sml_gym.task import MAX_PROBLEM_CHARS, Shard
from sml_gym.testing import check_env
from sml_gym.wrappers import Curriculum, Isomorph, Mixture, Underspecified

ROOT = Path(__file__).resolve().parents[2]
GSM8K = Path(os.environ.get("SML_GYM_DATA", ROOT.parent / "shared" / "data")) / "gsm8k"
STORY = (
    "Mara has 12 boxes of pens. Each box holds 8 pens. A pen costs $3. "
    "If she sells half of the pens, how much money does she get?"
)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    file = tmp_path / "story.jsonl"
    file.write_text(json.dumps({"id": "pens", "problem": STORY, "answer": "144"}) + "\n")
    return file


def say(env: gym.Env, *texts: str) -> list[str]:
    return [env.step(text)[0] for text in texts]


def test_the_goal_comes_first_and_the_rest_piece_by_piece(story: Path) -> None:
    env = Underspecified(MathEnv(tasks=story, teacher="silent"))
    goal, _ = env.reset(seed=0)
    assert goal == "How much money does she get?"
    assert say(env, "Hm.", "Hm.", "Hm.", "Hm.", "Hm.") == [
        "Go on. Mara has 12 boxes of pens.",
        "Go on. Each box holds 8 pens.",
        "Go on. A pen costs $3.",
        "Go on. She sells half of the pens.",
        "Go on.",
    ]


def test_a_question_gets_the_piece_that_it_names(story: Path) -> None:
    env = Underspecified(MathEnv(tasks=story, teacher="scripted"))
    env.reset(seed=0)
    (reply,) = say(env, "What does one pen cost?")
    assert "A pen costs $3." in reply
    (reply,) = say(env, "How many pens does a box hold, and how many boxes are there?")
    assert ("Each box holds 8 pens." in reply) != ("Mara has 12 boxes" in reply)


def test_begging_earns_one_piece_like_everything_else(story: Path) -> None:
    env = Underspecified(MathEnv(tasks=story))
    env.reset(seed=0)
    replies = say(env, "Please tell me everything you know!", "Give me all the information at once, please?")
    told = [sum(part.text in reply for part in env.shards(env.task).parts) for reply in replies]
    assert told == [1, 1]


def test_an_early_attempt_is_premature_and_hears_no_more_than_that(story: Path) -> None:
    env = Underspecified(MathEnv(tasks=story, teacher="scripted:3"))
    env.reset(seed=0)
    say(env, "Final answer: 5", "hm", "hm", "hm", "Final answer: 6", "Final answer: 144")
    episode = env.episode(student="test")
    assert [turn.notes.get("premature", False) for turn in episode.turns] == [True] + [False] * 5
    assert [turn.notes.get("shard") for turn in episode.turns] == [0, 1, 2, 3, None, None]
    assert "underspecified.premature" in episode.turns[0].facts
    assert not any(kind.startswith("math.") for kind in episode.turns[0].facts)
    assert any(kind.startswith("math.") for kind in episode.turns[4].facts)
    assert episode.reward == 1.0
    assert premature_share([episode]).value == pytest.approx(1 / 3)
    assert summarize([episode])["premature_share"]["value"] == pytest.approx(1 / 3)


def test_a_lucky_early_answer_solves_and_counts_as_premature(story: Path) -> None:
    env = Underspecified(MathEnv(tasks=story))
    env.reset(seed=0)
    _, reward, terminated, _, _ = env.step("Final answer: 144")
    assert (reward, terminated) == (1.0, True)
    assert env.episode(student="test").turns[0].notes == {"premature": True}


def test_a_teacher_knows_only_what_the_student_was_told(story: Path) -> None:
    heard = []

    class Listening:
        name = "listening"

        def reply(self, contexts):
            heard.extend(context.task.problem for context in contexts)
            return [sml_gym.Feedback("Yes." * 6000) for _ in contexts]

    env = Underspecified(MathEnv(tasks=story, teacher=Listening()))
    env.reset(seed=0)
    replies = say(env, "hm", "What does a pen cost?")
    assert heard[0] == "How much money does she get? Mara has 12 boxes of pens."
    assert heard[1] == f"{heard[0]} A pen costs $3."
    assert replies[0].endswith("Mara has 12 boxes of pens.")  # however long the teacher spoke


def test_a_question_that_is_told_a_piece_is_not_told_that_there_is_nothing_to_say(story: Path) -> None:
    env = Underspecified(MathEnv(tasks=story, teacher="scripted:0"))
    env.reset(seed=0)
    assert say(env, "What is the colour of the sky?") == ["Mara has 12 boxes of pens."]


@pytest.mark.parametrize(
    "teacher", ["silent", "binary", "placebo", "retry", "noisy(0.5):scripted:3", "delayed(1):scripted"]
)
def test_every_teacher_tells_the_pieces(teacher: str) -> None:
    make = sml_gym.env_factory("SML-Math-Underspecified-v0", teacher=teacher, families="word_problem")
    for seed in range(5):
        env = make()
        env.reset(seed=seed)
        parts = env.shards(env.task).parts
        replies = say(env, *(["Final answer: -17"] * len(parts)))
        for part, reply in zip(parts, replies, strict=True):
            assert part.text in reply


def test_conformance(story: Path) -> None:
    check_env(gym.make("SML-Math-Underspecified-v0"))
    check_env(Underspecified(gym.make("SML-Math-v0", tasks=story)))


def test_many_at_once_and_rolled_out() -> None:
    vector = gym.make_vec("SML-Math-Underspecified-v0", num_envs=3)
    first, _ = vector.reset(seed=4)
    second = vector.step(["hm"] * 3)[0]
    assert all(text and text != goal for text, goal in zip(second, first, strict=True))
    make = sml_gym.env_factory("SML-Math-Underspecified-v0", families="rate", max_turns=5)
    tasks = make().source.take(20)
    jobs = [Job(task.id, seed=i) for i, task in enumerate(tasks)]
    solved = rollout(make, make_student("oracle", make(), tasks), jobs)
    assert {episode.solved_at for episode in solved} == {1}  # though goals are the same for many tasks
    episodes = rollout(make, make_student("retry", make(), tasks), jobs)
    assert all(episode.valid for episode in episodes)
    assert premature_share(episodes).value is not None
    again = rescore(episodes, env_of_record(env_options={"families": "rate", "max_turns": 5}))
    assert [r.task_from for r in again] == ["source"] * 20
    assert not any(r.changed for r in again)
    assert [[t.notes.get("shard") for t in r.new.turns] for r in again] == [
        [t.notes.get("shard") for t in e.turns] for e in episodes
    ]


def test_the_parts_of_every_generated_problem_hold_what_it_held() -> None:
    rng = __import__("random").Random(1)
    with_parts = set()
    for family in FAMILIES:
        for level in family.levels:
            for _ in range(60):
                problem = family.generate(rng, level).problem
                shards = split_task(problem, family.name)
                if shards is not None:
                    with_parts.add(family.name)
                    assert missing(problem, shards) == [], problem
                    assert all(
                        asked_for(f"What is the {name}?", [part]) == 0
                        for part in shards.parts
                        for name in part.names
                    )
    assert len(with_parts) >= 20


def test_tasks_that_are_like_another_are_told_as_far(story: Path) -> None:
    env = Underspecified(MathEnv(families="rate"))
    env.reset(seed=1)
    rng = np.random.default_rng(0)
    start = env.source.sample(rng, like=env.task)
    assert len(start.problem) < len(env.inner(start).problem)
    say(env, *["hm"] * len(env.shards(env.task).parts))
    whole = env.source.sample(rng, like=env.task_at_hand(env._record))
    assert all(part.text in whole.problem for part in env.shards(whole).parts)


def test_a_row_brings_its_own_shards(tmp_path: Path) -> None:
    file = tmp_path / "own.jsonl"
    shards = {
        "goal": "How old is Ann?",
        "parts": [{"text": "Ben is 7.", "names": ["Ben"]}, "Ann is twice as old."],
    }
    file.write_text(
        json.dumps({"problem": "Ben is 7, Ann twice that. Ann's age?", "answer": "14", "shards": shards})
    )
    env = Underspecified(MathEnv(tasks=file, teacher="silent"))
    goal, _ = env.reset(seed=0)
    assert (goal, *say(env, "hm")) == ("How old is Ann?", "Go on. Ben is 7.")


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ({"goal": "g"}, "'goal' and 'parts'"),
        ("text", "'goal' and 'parts'"),
        (["only a goal"], "at least one part"),
        (["g", ""], "non-empty"),
        (["g", 3], "non-empty"),
        ({"goal": "g", "parts": [{"text": "t", "names": "word"}]}, "list of words"),
        ({"goal": "g", "parts": [{"text": "t", "names": None}]}, "list of words"),
        ({"goal": "g", "parts": [{"text": "t", "needed": "yes"}]}, "bool"),
    ],
)
def test_bad_shards_are_refused_with_line_and_reason(field: object, says: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=says):
        read_shards(field)
    file = tmp_path / "bad.jsonl"
    file.write_text(json.dumps({"problem": "p 1", "answer": "1", "shards": field}))
    with pytest.raises(ConfigError, match="line 1"):
        MathEnv(tasks=file)


def test_shards_that_lose_a_number_are_refused_before_any_episode(tmp_path: Path) -> None:
    file = tmp_path / "lost.jsonl"
    row = {"id": "x", "problem": "Add 3 and 4.", "answer": "7", "shards": ["Add two numbers.", "One is 3."]}
    file.write_text(json.dumps(row))
    with pytest.raises(ConfigError, match=r"'x' lack 4"):
        Underspecified(MathEnv(tasks=file))


def test_turns_of_another_kind_are_not_lost_in_silence() -> None:
    for inner in (
        Isomorph(MathEnv(families="rate")),
        Mixture({"SML-Math-v0": 1, "SML-Math-Isomorph-v0": 1}),
        Curriculum("SML-Math-Isomorph-v0"),
    ):
        with pytest.raises(ConfigError, match=r"does not go around .*Isomorph.*, whose turns go in a way"):
            Underspecified(inner)


def test_pieces_around_a_mixture_of_pieces_know_the_whole_problem() -> None:
    inner = MathEnv(families="rate")
    twice = Underspecified(Mixture([(Underspecified(inner), 1)]), max_turns=6)
    goal, _ = twice.reset(seed=0)
    whole = inner.source.get(twice.task.id.partition("/")[2]).problem
    assert twice.inner(twice.task).problem == whole != goal
    assert [twice.step("Hm.")[2] for _ in twice.shards(twice.task).parts] == [False] * 2
    assert twice.step(inner.probes(twice.inner(twice.task)).correct)[1] == 1.0


@pytest.mark.parametrize("max_turns", [0, "3", 2.5, None, True])
def test_a_turn_limit_that_is_none_is_named(max_turns: object) -> None:
    with pytest.raises(ConfigError, match="max_turns is"):
        gym.make("SML-Math-Underspecified-v0", max_turns=max_turns)


@pytest.mark.parametrize("wrapper", [Underspecified, Isomorph])
def test_what_is_no_environment_is_refused(wrapper: type[SMLEnv]) -> None:
    with pytest.raises(ConfigError, match="not int"):
        wrapper(3)  # type: ignore[call-arg]


def test_what_has_no_parts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No task with parts"):
        gym.make("SML-Math-Underspecified-v0", families="multiply")
    file = tmp_path / "plain.jsonl"
    file.write_text(json.dumps({"problem": "What is 3 + 4?", "answer": "7"}))
    with pytest.raises(ConfigError, match="no task with parts"):
        Underspecified(MathEnv(tasks=file))
    with pytest.raises(ConfigError, match="no option 'famlies'"):
        gym.make("SML-Math-Underspecified-v0", famlies="rate")
    with pytest.raises(ConfigError, match="goes around an environment"):
        Underspecified()
    with pytest.raises(ConfigError, match="no option 'families'"):
        Underspecified(MathEnv(), families="rate")


def test_of_pieces_named_alike_the_first_is_told_whatever_their_words_are() -> None:
    # Names count by fractions, and a set has them in an order that depends on the words and the process.
    rng = random.Random(0)
    for _ in range(300):
        first, second = ([side + "".join(rng.choices("abcdefgh", k=9)) for _ in range(4)] for side in "gh")
        shared = [
            (name, bearers)
            for own in (first, second)
            for name, bearers in zip(own, (3, 6, 7, 10), strict=True)
        ]
        others = [name for name, bearers in shared for _ in range(bearers - 1)]
        shards = [Shard("piece", tuple(own)) for own in (first, second, *([name] for name in others))]
        assert asked_for(f"{' '.join(first + second)}?", shards) == 0


def test_sentences() -> None:
    assert split_problem(STORY) == Shards(
        "How much money does she get?",
        name_shards(
            [
                "Mara has 12 boxes of pens.",
                "Each box holds 8 pens.",
                "A pen costs $3.",
                "She sells half of the pens.",
            ]
        ),
    )
    mixed = split_problem(
        'Dr. Lee earns $2.50 a day. He says: "I work at 9 a.m. daily." What does he earn in 3 days?'
    )
    assert mixed is not None
    assert [part.text for part in mixed.parts] == [
        "Dr. Lee earns $2.50 a day.",
        'He says: "I work at 9 a.m. daily."',
    ]


SPLITS = {
    # several conditions in one question
    "Ann has 2 jars. If a jar holds 5 figs, how many figs are left if she eats 3 figs?": (
        "How many figs are left?",
        "Ann has 2 jars.",
        "A jar holds 5 figs.",
        "She eats 3 figs.",
    ),
    "Ann has 4 figs. Calculate how many she has if she buys 3 more.": (
        "Calculate how many she has.",
        "Ann has 4 figs.",
        "She buys 3 more.",
    ),
    "A cow gives 5 litres. Knowing that there are 3 cows and that 2 litres are drunk, how much is left?": (
        "How much is left?",
        "A cow gives 5 litres.",
        "There are 3 cows and 2 litres are drunk.",
    ),
    "He works 2 hours a day. Assuming a 7-day week, how many hours does he work?": (
        "How many hours does he work?",
        "He works 2 hours a day.",
        "Assume a 7-day week.",
    ),
    "Bo bought 20 sacks of rice, if there are 25 kg in each sack, how many kg did he buy?": (
        "How many kg did he buy?",
        "Bo bought 20 sacks of rice.",
        "There are 25 kg in each sack.",
    ),
    # no question mark, no comma
    "Milk costs $2. If there is a 10% tax how much did it cost.": (
        "How much did it cost.",
        "Milk costs $2.",
        "There is a 10% tax.",
    ),
    # what looks like a question or a condition and is none
    "Will has 15 figs. When he gets home, he washes 8. How many are unwashed?": (
        "How many are unwashed?",
        "Will has 15 figs.",
        "When he gets home, he washes 8.",
    ),
    "A card costs $5. If it is above $50 they take 20% off. Ed buys 12. How much does he pay?": (
        "How much does he pay?",
        "A card costs $5.",
        "If it is above $50 they take 20% off.",
        "Ed buys 12.",
    ),
    "Ants take 4 g an hour. The bag held 24 g. After three hours, how many more hours will they need?": (
        "After three hours, how many more hours will they need?",
        "Ants take 4 g an hour.",
        "The bag held 24 g.",
    ),
    "They fly 5 times. If they fly to a lake, which is 50 km away, how far do they fly?": (
        "How far do they fly?",
        "They fly 5 times.",
        "They fly to a lake, which is 50 km away.",
    ),
    # abbreviations, quotes, lists
    "He works from 3 p.m. to 5 p.m. She works for 9 hrs. daily. How long do both work?": (
        "How long do both work?",
        "He works from 3 p.m. to 5 p.m.",
        "She works for 9 hrs. daily.",
    ),
    "A jar holds 20 green M&Ms. Ann eats 12. How many are left?": (
        "How many are left?",
        "A jar holds 20 green M&Ms.",
        "Ann eats 12.",
    ),
    'Bo says: "I have 3 cats. Dan has 2." How many is that?': (
        "How many is that?",
        'Bo says: "I have 3 cats. Dan has 2."',
    ),
    'A board is 64" long. Another is 8 inches longer. How long is it?': (
        "How long is it?",
        'A board is 64" long.',
        "Another is 8 inches longer.",
    ),
    "The prices are:\n- a fig $3\n- a pear $2,\n  ripe ones\nHow much are two of each?": (
        "How much are two of each?",
        "The prices are:",
        "- a fig $3",
        "- a pear $2, ripe ones",
    ),
}


@pytest.mark.parametrize("problem", SPLITS)
def test_what_a_question_says_beside_what_it_asks(problem: str) -> None:
    shards = split_problem(problem)
    assert shards is not None
    assert (shards.goal, *(part.text for part in shards.parts)) == SPLITS[problem]
    assert missing(problem, shards) == []


def test_long_texts_take_no_long_time() -> None:
    """Each is a text of the greatest length; nothing here may grow with the square of it."""
    for piece in ("how if, ", 'He said "no. Mr. ', "If a, b. ", "Suppose 3, (then. ", "1. a) - "):
        text = (piece * MAX_PROBLEM_CHARS)[:MAX_PROBLEM_CHARS]
        shards = split_problem(text)
        assert shards is None or missing(text, shards) == []


@pytest.mark.data
def test_gsm8k_in_pieces() -> None:
    """All 8,792 problems: nearly all have parts, and none loses a number or a telling word."""
    if not (GSM8K / "train.jsonl").exists():
        pytest.skip(f"no GSM8K in {GSM8K}")
    rows = [json.loads(line) for name in ("train", "test") for line in (GSM8K / f"{name}.jsonl").open()]
    split = {row["question"]: split_problem(row["question"]) for row in rows}
    assert len(rows) == 8792
    assert sum(shards is None for shards in split.values()) == 9
    assert [problem for problem, shards in split.items() if shards and missing(problem, shards)] == []


@given(
    st.lists(
        st.from_regex(r"[A-Z][a-z]{2,8} has \d{1,3} [a-z]{3,8}s", fullmatch=True), min_size=1, max_size=5
    )
)
def test_splitting_loses_nothing(sentences: list[str]) -> None:
    problem = " ".join(f"{sentence}." for sentence in sentences) + " How many are there?"
    shards = split_problem(problem)
    assert shards is not None
    assert missing(problem, shards) == []
    assert len(shards.parts) == len(sentences)


@given(st.text(max_size=300))
def test_any_text_is_split_or_left(text: str) -> None:
    shards = split_problem(text)
    assert shards is None or (shards.goal and missing(text, shards) == [])
