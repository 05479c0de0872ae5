"""The verifiers of data sets: what they accept, what they refuse, and what the teacher can say."""

import time
from collections import Counter
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sml_gym
from sml_gym import ConfigError, Outcome, Verdict
from sml_gym.datasets import from_dataset
from sml_gym.datasets.matching import examples, matches
from sml_gym.datasets.verifiers import VERIFIERS
from sml_gym.datasets.verifiers.choice import LETTERS
from sml_gym.testing import check_env, random_utterance
from sml_gym.workers import DeadlineExceeded

COLOURS = ["red", "green", "blue", "pink"]


def env_of(answer, verifier, *, teacher="scripted:3", **more):
    """An environment of two rows, the first with this answer."""
    rows = [{"problem": "First?", "answer": answer, **more}, {"problem": "Second?", "answer": answer, **more}]
    options = {"choices": "choices"} if "choices" in more else {}
    return from_dataset(rows, verifier=verifier, teacher=teacher, id="@row", **options)


def verdict(env, answer):
    return env.examine(env.source.get("row:0"), f"Final answer: {answer}").verdict.outcome.value


def facts(env, text):
    examined = env.examine(env.source.get("row:0"), text)
    return {fact.kind: dict(fact.slots) for fact in examined.diagnosis.facts}


@pytest.mark.parametrize(
    ("verifier", "answer", "said", "outcome"),
    [
        ("exact", "Rio de Janeiro", "rio  de JANEIRO.", "correct"),
        ("exact", "Rio de Janeiro", "“Rio de Janeiro”", "correct"),
        ("exact", "Rio de Janeiro", "Rio", "incorrect"),
        ("exact", ["NYC", "New York"], "new york", "correct"),
        ("exact", 3, "3", "correct"),
        ("exact", "ﬁsh", "fish", "correct"),
        ("exact", "...", "...", "correct"),
        ("contains", "Eiffel Tower", "It is the eiffel tower!", "correct"),
        ("contains", "Eiffel Tower", "the Eiffel and the Tower", "incorrect"),
        ("contains", "art", "party", "incorrect"),
        ("contains", "the Danube", "Danube", "correct"),
        ("contains", "Paris", "not Paris", "incorrect"),
        ("contains", "Paris", "Paris or London", "malformed"),
        ("contains", "Paris", "Rome / Paris", "malformed"),
        ("contains", "red or blue", "it is red or blue", "correct"),
        ("contains", "Paris", " ".join(["Rome"] * 40) + " Paris", "malformed"),
        ("numeric", "1,234", "1234", "correct"),
        ("numeric", "3/4", "0.75", "correct"),
        ("numeric", 12, "13", "incorrect"),
        ("numeric", "12", "twelve or so", "malformed"),
        ("math", "x^2 + 1", "1 + x^2", "correct"),
        ("math", "x^2 + 1", "x^2", "incorrect"),
        ("math", "#### 18", "18", "correct"),
        ("regex", r"(cat|dog)s?", "dogs", "correct"),
        ("regex", r"(cat|dog)s?", "dogss", "incorrect"),
        ("regex", r"(?i)\d+ km", "12 KM", "correct"),
    ],
)
def test_what_is_right(verifier, answer, said, outcome):
    assert verdict(env_of(answer, verifier), said) == outcome


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("{letter}", "correct"),
        ("({letter})", "correct"),
        ("{letter}.", "correct"),
        ("option {letter}", "correct"),
        ("Blue", "correct"),
        ("{letter}) blue", "correct"),
        ("{letter}: blue", "correct"),
        ("{letter}) red", "malformed"),
        ("{wrong}", "incorrect"),
        ("red", "incorrect"),
        ("yellow", "malformed"),
        ("Z", "malformed"),
        ("red or blue", "malformed"),
    ],
)
def test_a_choice_is_named_by_letter_text_or_both(said, outcome):
    env = env_of("blue", "choice", choices=COLOURS)
    reference = env.source.get("row:0").private.reveal()
    wrong = next(letter for letter in "ABCD" if letter != reference.answer)
    assert reference.data["text"] == "blue"
    assert verdict(env, said.format(letter=reference.answer, wrong=wrong)) == outcome


@pytest.mark.parametrize(
    ("answer", "choices", "text"),
    [
        (2, COLOURS, "blue"),
        ("C", COLOURS, "blue"),
        ("c.", COLOURS, "blue"),
        ("2", COLOURS, "blue"),
        ("blue", COLOURS, "blue"),
        ("2", ["1", "2", "3"], "2"),
        (2, ["1", "2", "3"], "3"),
        ("Y", {"X": "red", "Y": "green"}, "green"),
        ("b", {"label": ["a", "b"], "text": ["red", "green"]}, "green"),
        (1, {"label": ["1", "2"], "text": ["red", "green"]}, "red"),
    ],
)
def test_the_ways_in_which_rows_say_the_right_choice(answer, choices, text):
    env = env_of(answer, "choice", choices=choices)
    assert env.source.get("row:0").private.reveal().data["text"] == text


def test_the_right_choice_stands_in_every_place_and_the_same_one_for_the_same_seed():
    rows = [{"q": f"Which colour, {n}?", "a": 0, "c": COLOURS} for n in range(400)]

    def letters(seed):
        env = from_dataset(rows, problem="q", answer="a", choices="c", choice_seed=seed)
        return [task.private.reveal().answer for task in env.source]

    counts = Counter(letters(0))
    assert set(counts) == set("ABCD") and max(counts.values()) < 140
    assert letters(0) == letters(0) != letters(1)
    fixed = from_dataset(rows, problem="q", answer="a", choices="c", shuffle_choices=False)
    assert {task.private.reveal().answer for task in fixed.source} == {"A"}


@pytest.mark.parametrize("last", ["None of the above", "Both A and B", "all of these", "neither A nor C"])
def test_choices_that_speak_of_others_keep_their_order(last):
    choices = ["red", "green", "blue", last]
    rows = [{"problem": f"Which, {n}?", "answer": "red", "choices": choices} for n in range(20)]
    env = from_dataset(rows, verifier="choice")
    assert all(task.problem.endswith(f"A) red\nB) green\nC) blue\nD) {last}") for task in env.source)


def test_columns_of_choices():
    rows = [{"q": "Which?", "A": "red", "B": "green", "a": "B"}]
    env = from_dataset(rows, problem="q", answer="a", choices=["A", "B"])
    assert next(iter(env.source)).private.reveal().data["text"] == "green"


def test_what_the_teacher_says_of_choices_never_leaves_one():
    env = env_of("blue", "choice", choices=COLOURS)
    task = env.source.get("row:0")
    right = task.private.reveal().answer
    for letter in set("ABCD") - {right}:
        found = facts(env, f"Final answer: {letter}")
        assert found["dataset.choice.out"] == {"letter": letter}
        other = found["dataset.choice.not_either"]["letter"]
        assert other not in (letter, right)
        for asked in "ABCD":  # asked about the right one or a wrong one, it answers in the same manner
            said = facts(env, f"Is it {asked}?")["dataset.choice.not"]["letter"]
            assert said not in (asked, right)
    few = env_of("blue", "choice", choices=["red", "green", "blue"])
    wrong = next(letter for letter in "ABC" if letter != few.source.get("row:0").private.reveal().answer)
    assert set(facts(few, f"Final answer: {wrong}")) == {"verdict.incorrect", "dataset.choice.out"}
    assert set(facts(few, "Is it A?")) == {"answer.unknown"}


@pytest.mark.parametrize(
    ("answer", "text", "expected"),
    [
        ("Rio de Janeiro", "Rio of Janeiro", {"dataset.place.first": {"place": "second", "unit": "word"}}),
        ("Rio de Janeiro", "Rio de", {"dataset.place.unfinished": {}, "dataset.size.few_words": {}}),
        (
            "Rio de Janeiro",
            "Rio de Janeiro city",
            {"dataset.place.goes_on": {}, "dataset.size.many_words": {}},
        ),
        ("mercury", "mercary", {"dataset.place.first": {"place": "fifth", "unit": "character"}}),
        ("mercury", "iron", {"dataset.size.short": {}, "dataset.size.characters": {"count": "seven"}}),
    ],
)
def test_an_exact_verifier_knows_where_and_how_far_off(answer, text, expected):
    assert expected.items() <= facts(env_of(answer, "exact"), f"Final answer: {text}").items()


@pytest.mark.parametrize("n", [3, 4, 6])
def test_no_number_of_questions_about_choices_gives_the_answer_away(n):
    letters = LETTERS[:n]
    rows = [{"problem": f"{number}?", "choices": list(letters.lower()), "answer": "b"} for number in range(9)]
    env = from_dataset(rows, choices="choices", teacher="scripted:3", max_turns=100)
    for task in env.source:
        env.reset(options={"task_id": task.id})
        ruled_out = set()
        for asked in chain.from_iterable(combinations(letters, size) for size in range(n + 1)):
            told = env.hear(f"What of {' or '.join(asked)}?").diagnosis.facts
            ruled_out |= {fact.slots["letter"] for fact in told if "letter" in fact.slots}
        assert task.private.reveal().answer not in ruled_out
        assert len(ruled_out) <= n - 2


def test_the_length_is_told_to_who_asks_but_not_where_it_is_the_answer():
    assert facts(env_of("Rio de Janeiro", "exact"), "How long is it?") == {
        "dataset.size.words": {"count": "three"}
    }
    assert "dataset.size.characters" not in facts(env_of("four", "exact"), "How long is it?")


def test_contains_knows_which_words_are_right():
    env = env_of("New York", "contains")
    assert facts(env, "Final answer: York in England")["dataset.words.some"] == {"words": "'york'"}
    assert "dataset.words.none" in facts(env, "Final answer: Boston")
    assert "dataset.words.order" in facts(env, "Final answer: York, New")


def test_numbers_too_high_or_low_come_from_the_maths_domain():
    assert "math.size.low" in facts(env_of("120", "numeric"), "Final answer: 77")


def test_a_pattern_that_explodes_costs_its_deadline_and_harms_no_one():
    env = env_of(r"(a+)+b", "regex")
    start = time.monotonic()
    assert verdict(env, "a" * 40 + "!") == "malformed"
    assert time.monotonic() - start < 20
    assert verdict(env, "aab") == "correct"
    with pytest.raises(DeadlineExceeded):
        matches(r"(x+x+)+y", 0, "x" * 40)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        [
            r"\d{4}-\d\d-\d\d",
            r"[A-Z][a-z]+ (?:River|Lake)",
            r"(?P<a>x|y)-(?P=a)",
            r"[^abc]{2,5}",
            r"(?i)yes|no",
            r"\w+\s\w+",
            r"a{3,}b?",
            r"-?\d+(?:\.\d+)?",
        ]
    )
)
def test_examples_of_patterns_match_them(pattern):
    assert any(matches(pattern, 0, text) for text in examples(pattern, 0)[:5])


@pytest.mark.parametrize(
    ("verifier", "row", "says"),
    [
        ("numeric", {"answer": "blue"}, "is no number; take verifier='math'"),
        ("regex", {"answer": "(a"}, "cannot be read"),
        ("regex", {"answer": "(?!a)a"}, "give one in a column 'example'"),
        ("regex", {"answer": "((((){1000}){1000}){1000}){1000}"}, "give one in a column 'example'"),
        ("regex", {"answer": "((x{1000}){1000}){1000}"}, "give one in a column 'example'"),
        ("regex", {"answer": "(" * 5000 + ")" * 5000}, "cannot be read"),
        ("regex", {"answer": "(a?){30}a{30}"}, "takes too long to match"),
        ("regex", {"answer": r"\d+", "example": "x"}, "does not match 'x', its example"),
        ("exact", {"answer": True}, "give a function that says it"),
        ("exact", {"answer": []}, "list of right answers is empty"),
        ("exact", {"answer": ""}, "non-empty text"),
        ("exact", {"answer": "x" * 3000}, "does not accept the row's own answer"),
        ("contains", {"answer": "!?"}, "has no words; take verifier='exact'"),
        ("choice", {"answer": "grey", "choices": COLOURS}, "none of the choices"),
        ("choice", {"answer": 4, "choices": COLOURS}, "choice number 4"),
        ("choice", {"answer": "red", "choices": ["red", "Red "]}, "two of the choices are the same"),
        ("choice", {"answer": "red", "choices": ["red"]}, "there are 1 choices"),
        ("choice", {"answer": "red"}, "'choices' is missing"),
        ("math", {}, "'answer' is missing"),
        (lambda answer, row: False, {"answer": "x"}, "does not accept the row's own answer"),
        (lambda answer, row: 1 / 0, {"answer": "x"}, "ZeroDivisionError"),
        (lambda answer, row: None, {"answer": "x"}, "returned None"),
    ],
)
def test_an_answer_that_no_one_could_give_is_refused_with_its_row(verifier, row, says):
    rows = [{"problem": "Right?", "answer": "1", "choices": ["1", "2"]}, {"problem": "Wrong?", **row}]
    if callable(verifier):
        rows = rows[1:]
    with pytest.raises(ConfigError, match=rf"row {len(rows) - 1}: .*") as caught:
        from_dataset(rows, verifier=verifier)
    assert says in str(caught.value) and str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("returns", "outcome"),
    [
        (True, "correct"),
        (False, "incorrect"),
        (1.0, "correct"),
        (0.99, "incorrect"),
        (np.float32(1), "correct"),
        (np.bool_(False), "incorrect"),
        (Verdict(Outcome.MALFORMED, "x", "it is odd"), "malformed"),
    ],
)
def test_a_function_judges_by_the_row(returns, outcome):
    env = from_dataset(
        [{"problem": "?", "answer": "gold", "other": returns}],
        verifier=lambda answer, row: answer == "gold" or row["other"],
    )
    assert verdict(env, "something") == outcome


def failing(answer, row):
    """Fails on all but the row's answer."""
    if answer == row["answer"]:
        return True
    return float(answer)


@pytest.mark.parametrize("said", ["plugh", "nan"])
def test_a_function_that_fails_never_scores(said):
    env = from_dataset([{"problem": "?", "answer": "gold"}], verifier=failing)
    env.reset(seed=0)
    _, reward, terminated, truncated, info = env.step(f"Final answer: {said}")
    assert reward != reward and truncated and not terminated
    assert info["stop_reason"] == "verifier_failed" and not info["valid"]


def test_a_function_may_be_named_by_where_it_is(tmp_path, monkeypatch):
    (tmp_path / "own_judges.py").write_text(
        "def same(answer, row):\n    return answer.lower() == row['answer']\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    env = from_dataset([{"problem": "?", "answer": "gold"}], verifier="own_judges:same")
    assert verdict(env, "GOLD") == "correct" and verdict(env, "silver") == "incorrect"
    with pytest.raises(ConfigError, match=r"package\.module:function"):
        from_dataset([{"problem": "?", "answer": "gold"}], verifier="nowhere:judge")
    with pytest.raises(ConfigError, match=r"Did you mean 'exact'\?.*give a function"):
        from_dataset([{"problem": "?", "answer": "gold"}], verifier="exakt")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", [*VERIFIERS, "function"])
def test_every_verifier_makes_a_sound_environment(name):
    answers = {
        "numeric": ["12", "3/4", "1,250"],
        "math": ["x^2+1", "(1,2)", "12"],
        "regex": [r"\d{4}", "(cat|dog)s?", "[A-Z]{3}"],
        "choice": [0, "blue", "D"],
        "code": ["def f(x):\n    return x + 1", "def f(x):\n    return x * 2", "def f(x):\n    return -x"],
    }.get(name, ["Paris", "New York", "Rio de Janeiro"])
    tests = [[{"args": [n], "expect": value} for n, value in zip((1, 3), pair, strict=True)] for pair in
             ((2, 4), (2, 6), (-1, -3))]  # fmt: skip
    rows = [
        {
            "problem": f"Question {n}?",
            "answer": answer,
            "choices": COLOURS,
            "tests": tests[n],
            "entry_point": "f",
        }
        for n, answer in enumerate(answers)
    ]
    verifier = (lambda answer, row: answer == row["answer"]) if name == "function" else name
    check_env(from_dataset(rows, verifier=verifier), n_tasks=3)


def test_the_verifiers_are_public():
    assert sml_gym.from_dataset is from_dataset


@pytest.mark.parametrize("name", ["exact", "contains", "choice", "regex"])
def test_the_guard_finds_no_leak_in_what_the_scripted_teacher_says(name):
    answers = {
        "choice": [0, 1, 2, 3],
        "regex": [r"\d{3}", "(cat|dog)s?", "[A-Z]{2}x", "no|yes"],
    }.get(name, ["the Danube", "New York", "Gulf of Mexico", "four"])
    rows = [{"problem": f"Q{n}?", "answer": answer, "choices": COLOURS} for n, answer in enumerate(answers)]
    env = from_dataset(rows, verifier=name, teacher="guard(flag):scripted:3", max_turns=6)
    rng = np.random.default_rng(0)
    for seed in range(100):
        env.reset(seed=seed)
        ended = False
        while not ended:
            _, _, terminated, truncated, info = env.step(random_utterance(env, rng))
            ended = terminated or truncated
        assert info["valid"]
        for turn in env.episode(student="test").turns:
            assert not turn.notes.get("guard", {}).get("leak"), turn


def test_a_function_that_changes_its_row_changes_it_for_no_other_answer():
    def judge(answer, row):
        row["answer"].append(answer)
        return row["answer"].count(answer) > 1

    env = from_dataset([{"problem": "Which?", "answer": ["a", "b"]}], verifier=judge)
    (task,) = env.source
    assert [env.verify(task, said).correct for said in ("c", "c", "a")] == [False, False, True]
