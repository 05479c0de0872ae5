"""Tasks, splits and where they come from."""

from __future__ import annotations

import copy
import json
import pickle
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spelling_domain import Backwards

from sml_gym import ConfigError, GeneratedTasks, Private, Reference, RowTasks, TaskError
from sml_gym.seeding import SPLITS, split_of, stable_hash


def read_row(row):
    return str(row["problem"]), Reference(str(row["answer"]))


def write(path, *rows):
    path.write_text("".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows))
    return path


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**62))
def test_generated_tasks_are_found_again_by_id_and_stay_in_their_split(seed):
    for split in SPLITS:
        source = GeneratedTasks([Backwards()], split)
        task = source.sample(np.random.default_rng(seed))
        again = source.get(task.id)
        assert (again.problem, again.private.reveal()) == (task.problem, task.private.reveal())
        assert split_of(task.problem) == split


def test_splits_are_disjoint_and_have_their_shares():
    texts = {split: {t.problem for t in GeneratedTasks([Backwards()], split).take(300)} for split in SPLITS}
    assert not (texts["train"] & texts["test"] or texts["train"] & texts["validation"])
    shares = [split_of(f"problem {i}") for i in range(5_000)]
    assert abs(shares.count("train") / 5_000 - 0.8) < 0.03 and abs(shares.count("test") / 5_000 - 0.1) < 0.02


def test_neighbouring_seeds_share_nothing():
    def draws(seed):
        rng = np.random.default_rng(seed)
        return {GeneratedTasks([Backwards()], levels=[8]).sample(rng).problem for _ in range(100)}

    assert not draws(42) & draws(43)


def test_nothing_depends_on_pythonhashseed():
    program = (
        "from sml_gym.seeding import stable_hash, split_of; import sml_gym, gymnasium as gym;"
        "e = gym.make('SML-Math-v0'); print(stable_hash('a', 1), split_of('x'), e.reset(seed=3)[0])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1")
    }
    assert len(outputs) == 1


def test_stable_hash_tells_parts_and_types_apart():
    values = {
        stable_hash("a", "b"),
        stable_hash("ab"),
        stable_hash("b", "a"),
        stable_hash(1),
        stable_hash("1"),
    }
    assert len(values) == 5 and all(0 <= value < 2**63 for value in values)


def test_take_gives_distinct_tasks_the_same_for_the_same_seed():
    source = GeneratedTasks([Backwards()], "test")
    first, second = source.take(50, 1), source.take(50, 1)
    assert [t.id for t in first] == [t.id for t in second] != [t.id for t in source.take(50, 2)]
    assert len({t.problem for t in first}) == 50


class OneProblem:
    name, levels = "one", (1,)

    def generate(self, rng, level):
        return Backwards().generate(random.Random(0), 3)


def test_too_small_a_family_says_so():
    home = split_of(OneProblem().generate(None, 1).problem)
    with pytest.raises(ConfigError, match="Ask for fewer"):
        GeneratedTasks([OneProblem()], home).take(2)
    other = next(split for split in SPLITS if split != home)
    with pytest.raises(TaskError, match="too small"):
        GeneratedTasks([OneProblem()], other).sample(np.random.default_rng(0))


@pytest.mark.parametrize(
    ("task_id", "message"),
    [
        ("bakwards:3:1", "Did you mean 'backwards'"),
        ("backwards:4:1", r"levels are \[3, 5, 8\]"),
        ("backwards", "family:level:seed"),
        ("backwards:3:-1", "family:level:seed"),
        ("backwards:3:" + "9" * 5000, "family:level:seed"),
    ],
)
def test_bad_task_ids_name_the_remedy(task_id, message):
    with pytest.raises(ConfigError, match=message):
        GeneratedTasks([Backwards()]).get(task_id)


def test_levels_that_no_family_has_are_refused():
    with pytest.raises(ConfigError, match="Choose some of these"):
        GeneratedTasks([Backwards()], levels=[99])


def test_jsonl_rows_become_tasks_with_ids(tmp_path):
    path = write(
        tmp_path / "some.jsonl",
        {"problem": "1+1?", "answer": "2"},
        "\n",
        {"problem": "2+2?", "answer": "4", "id": "mine"},
        {"problem": "3+3?", "answer": "6"},
    )
    source = RowTasks(path, read_row)
    assert [task.id for task in source] == ["some:0", "mine", "some:2"]
    assert source.get("mine").private.reveal().answer == "4"
    with pytest.raises(ConfigError, match="has no task 'some:9'"):
        source.get("some:9")


def test_a_row_whose_id_is_null_is_a_row_without_an_id(tmp_path):
    rows = ({"problem": f"p{i}", "answer": "1", "id": None} for i in range(2))
    assert [task.id for task in RowTasks(write(tmp_path / "x.jsonl", *rows), read_row)] == ["x:0", "x:1"]


def test_a_file_is_one_split_unless_rows_are_held_out(tmp_path):
    path = write(tmp_path / "x.jsonl", *({"problem": f"p{i}", "answer": "1"} for i in range(200)))
    assert all(len(RowTasks(path, read_row, split)) == 200 for split in SPLITS)
    parts = [{t.id for t in RowTasks(path, read_row, split, hold_out=True)} for split in SPLITS]
    assert sum(map(len, parts)) == 200 and len(set().union(*parts)) == 200


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ('{"problem": "x"}\n', r"line 2: the field 'answer' is missing"),
        ("not json\n", "line 2: not valid JSON"),
        ('{"problem": "%s", "answer": "1"}\n' % ("x" * 70_000), "line 2: the problem has 70000 characters"),
        ("[1]\n", "line 2: expected an object, got list"),
        ('{"problem": "x", "answer": "1", "id": "first"}\n', "line 2: the id 'first' was used before"),
        ("[" * 100_000 + "\n", "line 2: not valid JSON"),
        ('{"problem": "x"', "line 2: not valid JSON"),
    ],
)
def test_a_bad_row_names_file_line_and_what_is_missing(tmp_path, bad, message):
    path = write(tmp_path / "rows.jsonl", {"problem": "1+1?", "answer": "2", "id": "first"}, bad)
    with pytest.raises(ConfigError, match=message) as caught:
        RowTasks(path, read_row)
    assert "rows.jsonl" in str(caught.value)


def test_empty_and_missing_files_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="holds no task"):
        RowTasks(write(tmp_path / "empty.jsonl"), read_row)
    with pytest.raises(ConfigError, match="Check the path"):
        RowTasks(tmp_path / "nowhere.jsonl", read_row)


def test_private_shows_nothing_and_goes_nowhere():
    private = Private(lambda: Reference("secret-answer"))
    assert private.reveal() is private.reveal()
    assert "secret" not in repr(private) and "secret" not in str(private) and not hasattr(private, "__dict__")
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="must not leave"):
            leave(private)
