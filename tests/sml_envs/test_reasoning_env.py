"""`SML-Reasoning-v0`: options, ids, seeds, reading, verdicts, and what happens without the library."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sml_gym import ConfigError
from sml_gym.seeding import split_of
from sml_gym.testing import check_env

pytest.importorskip("reasoning_gym", reason="needs the extra 'reasoning'")

from sml_envs.reasoning import ReasoningEnv, library
from sml_envs.reasoning.codec import decode, encode
from sml_envs.reasoning.reading import read
from sml_envs.reasoning.record import datasets

SERVED = sorted(name for name, dataset in datasets().items() if not dataset.refused)
SAMPLE = (
    "basic_arithmetic",
    "sudoku",
    "knights_knaves",
    "tower_of_hanoi",
    "graph_color",
    "rotate_matrix",
    "acre",
)


# ---- conformance ----


@pytest.mark.parametrize("name", SAMPLE)
def test_a_sample_of_datasets_conforms(name):
    check_env(ReasoningEnv(task=name), n_tasks=2)


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVED)
def test_every_dataset_conforms(name):
    check_env(ReasoningEnv(task=name), n_tasks=2)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_thousand_random_dialogues():
    rng = random.Random(0)
    env = ReasoningEnv(teacher="scripted:3")
    for number in range(1_000):
        env.reset(seed=number)
        gold = env.task.private.reveal().answer
        for _ in range(env.max_turns):
            cut = rng.randrange(len(gold) + 1)
            said = rng.choice(
                (
                    f"Final answer: {gold[:cut]}",
                    f"Final answer:\n{gold[cut:]}{gold[:cut]}",
                    f"<answer>{gold[::-1]}</answer>",
                    "What is the next step?",
                    "Let me think. 3 + 4 = 7.",
                    "\\boxed{" + gold[cut:],
                    "Final answer: \ud800\x00 []{}",
                    f"Final answer:\n```\n{gold.upper()}\n```",
                )
            )
            *_, terminated, truncated, info = env.step(said)
            assert info["valid"], (env.task.id, said, env.error)
            if terminated or truncated:
                break


# ---- tasks ----


def test_an_id_finds_its_task_again_and_splits_share_no_text():
    env = ReasoningEnv(task=["logic", "basic_arithmetic"], difficulty=[0, 1], split="test")
    for seed in range(5):
        env.reset(seed=seed)
        again = env.source.get(env.task.id)
        assert (again.problem, again.private.reveal()) == (env.task.problem, env.task.private.reveal())
        assert split_of(env.task.problem) == "test"


def test_neighbouring_seeds_share_nothing():
    env = ReasoningEnv(task="chain_sum", difficulty=4)
    family = env.source.families[0]
    texts = [family.generate(random.Random(f"chain_sum:4:{seed}"), 4).problem for seed in range(200)]
    assert len(set(texts)) > 195  # small sums come twice by chance; shared items would leave a handful


def test_the_first_import_leaves_the_global_random_states_alone():
    code = (
        "import random, gymnasium as gym, numpy as np, sml_gym\n"
        "before = random.getstate(), np.random.get_state()[1].tolist()\n"
        "gym.make('SML-Reasoning-v0', task='ab').reset(seed=0)\n"
        "assert (random.getstate(), np.random.get_state()[1].tolist()) == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["pool_matrix", "list_functions", "sudoku"])
def test_global_random_states_are_left_alone(name):
    env = ReasoningEnv(task=name)
    random.seed(7)
    np.random.seed(7)  # noqa: NPY002
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    first = [env.reset(seed=seed)[0] for seed in range(3)]
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002
    random.seed(8)
    np.random.seed(8)  # noqa: NPY002
    assert [env.reset(seed=seed)[0] for seed in range(3)] == first


_PRINT_ITEMS = """
import hashlib, sys
from sml_envs.reasoning import ReasoningEnv
names = sys.argv[1].split(",")
for name in names[:: int(sys.argv[2])]:
    env = ReasoningEnv(task=name)
    for seed in range(2):
        text = env.reset(seed=seed)[0] + env.task.private.reveal().answer
        print(name, seed, hashlib.blake2b(text.encode()).hexdigest())
"""


def _items(names: list[str], hash_seed: str, step: int) -> list[str]:
    shown = subprocess.run(
        [sys.executable, "-c", _PRINT_ITEMS, ",".join(names), str(step)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(shown.stdout.splitlines())


def test_items_do_not_depend_on_the_hash_seed_or_the_order():
    names = ["syllogism", "word_sorting", "acre", "family_relationships", "zebra_puzzles", "group_anagrams"]
    found = _items(names, "1", 1)
    assert len(found) == 2 * len(names)
    assert found == _items(names, "2", -1)


@pytest.mark.slow
def test_no_item_depends_on_the_hash_seed_or_the_order():
    assert _items(SERVED, "1", 1) == _items(SERVED, "2", -1)


# ---- options ----


def test_difficulty_chooses_levels():
    assert ReasoningEnv(task="gcd", difficulty=2).source.families[0].levels == (2,)
    assert ReasoningEnv(task="gcd", difficulty=["easy", "hard"]).source.families[0].levels == (1, 4)
    many = {family.name for family in ReasoningEnv(task="arithmetic", difficulty=9).source.families}
    assert {"chain_sum", "products"} <= many
    assert "gcd" not in many


def test_a_mapping_sets_the_fields_and_the_id_is_its_own():
    env = ReasoningEnv(task="knights_knaves", difficulty={"n_people": 4})
    env.reset(seed=0)
    assert len(env.task.private.reveal().data["item"]["metadata"]["names"]) == 4
    assert env.source.get(env.task.id).problem == env.task.problem
    other = ReasoningEnv(task="knights_knaves", difficulty={"n_people": 3})
    with pytest.raises(ConfigError):
        other.source.get(env.task.id)
    *_, info = env.step(f"Final answer: {env.task.private.reveal().answer}")
    assert info["verdict"] == "correct"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"task": "knight_knaves"}, "Did you mean 'knights_knaves'"),
        ({"task": "codeio"}, "not served"),
        ({"task": "composite"}, "not served"),
        ({"task": []}, "task is empty"),
        ({"task": 3}, "give names"),
        ({"task": "gcd", "difficulty": 99}, "Levels"),
        ({"task": "gcd", "difficulty": "brutal"}, "Unknown difficulty"),
        ({"task": "gcd", "difficulty": True}, "give levels"),
        ({"task": "gcd", "difficulty": 2.5}, "give levels"),
        ({"task": "caesar_cipher", "difficulty": 3}, "not served"),
        ({"difficulty": {"n_people": 4}}, "Choose one"),
        ({"task": "knights_knaves", "difficulty": {"people": 4}}, "Did you mean 'n_people'"),
        ({"task": "knights_knaves", "difficulty": {"n_people": -4}}, "refuses"),
        ({"task": "knights_knaves", "difficulty": {"seed": 4}}, "no setting"),
        ({"tsk": "gcd"}, "Did you mean 'task'"),
    ],
)
def test_what_the_caller_can_mend_is_said_at_once(options, message):
    with pytest.raises(ConfigError, match=message):
        ReasoningEnv(**options)


def test_without_the_library_making_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "reasoning_gym", None)
    monkeypatch.setitem(sys.modules, "reasoning_gym.factory", None)
    library._import.cache_clear()
    try:
        with pytest.raises(ConfigError, match=r"sml-gym\[reasoning\]"):
            ReasoningEnv(task="gcd")
    finally:
        library._import.cache_clear()


def test_importing_the_domain_does_not_import_the_library():
    code = "import sys, sml_envs.reasoning; sys.exit('reasoning_gym' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


# ---- what the student may say ----


@pytest.mark.parametrize(
    ("text", "lines", "answer"),
    [
        ("Final answer: 12", False, "12"),
        ("So.\n**Final answer:** 12", False, "12"),
        ("Final answer: 12\nI am sure.", False, "12"),
        ("Final answer:\n1 2\n3 4", True, "1 2\n3 4"),
        ("**Final answer:**\n1 2\n3 4\n", True, "1 2\n3 4"),
        ("Final answer:\n```\n1 2\n3 4\n```\nIs that right?", True, "1 2\n3 4"),
        ("Final answer:\n```json\n[1,\n 2]\n```", False, "[1,\n 2]"),
        ("<answer>1 2\n3 4</answer> I think.", False, "1 2\n3 4"),
        ("Final answer: 3\nNo: <answer>4</answer>", False, "4"),
        ("<answer>3</answer> No. Final answer: 4", False, "4"),
        ("\\boxed{a\nb}", True, "a\nb"),
        ("Final answer: no\n\\boxed{yes}", True, "yes"),
    ],
)
def test_committed_answers_are_read(text, lines, answer):
    reading = read(text, lines=lines)
    assert (reading.answer, reading.malformed) == (answer, "")


@pytest.mark.parametrize(
    "text", ["Final answer:", "<answer> </answer>", "\\boxed{a", "Final answer:\n```\n```"]
)
def test_an_empty_commitment_is_malformed(text):
    assert read(text, lines=True).malformed


@given(st.text(max_size=400), st.booleans())
@settings(deadline=None, max_examples=200)
def test_reading_takes_any_text(text, lines):
    reading = read(f"Final answer: {text}", lines=lines)
    assert reading.answer is not None


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.fractions(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
        | st.sets(st.integers(), max_size=3)
    ),
    max_leaves=12,
)


@given(_VALUES)
@settings(deadline=None, max_examples=200)
def test_items_cross_to_the_scoring_process_unchanged(value):
    back = decode(json.loads(json.dumps(encode(value))))
    assert back == value
    assert encode(back) == encode(value)  # tuples are told from lists


# ---- verdicts ----


def test_blanks_in_a_grid_mean_nothing():
    env = ReasoningEnv(task="sudoku")
    env.reset(seed=1)
    rows = env.task.private.reveal().answer.splitlines()
    *_, info = env.step("Final answer:\n" + "\n\n".join("  ".join(row.split()) + " " for row in rows))
    assert info["verdict"] == "correct"


@pytest.mark.parametrize(
    ("name", "answer", "verdict"),
    [
        ("number_sorting", "[NaN]", "incorrect"),
        ("puzzle24", "9*9/9 + 15", "incorrect"),
        ("coin_flip", "0", "incorrect"),
        ("game_of_life_halting", "perhaps", "incorrect"),
        ("complex_arithmetic", "nan", "malformed"),
        ("gsm_symbolic", "1 or 2 or 3", "malformed"),
    ],
)
def test_scorers_that_are_too_kind_are_not_taken_at_their_word(name, answer, verdict):
    env = ReasoningEnv(task=name)
    for seed in range(3):
        env.reset(seed=seed)
        *_, info = env.step(f"Final answer: {answer}")
        assert info["verdict"] == verdict


@pytest.mark.parametrize("name", ["spell_backward", "letter_jumble"])
def test_words_after_the_right_ones_count(name):
    env = ReasoningEnv(task=name)
    env.reset(seed=0)
    *_, info = env.step(f"Final answer: {env.task.private.reveal().answer} x")
    assert info["verdict"] == "incorrect"
