"""Any data set as an environment: where rows come from, what they become, and what is refused at once."""

import json
import socket
import sys
from decimal import Decimal
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

from sml_gym import ConfigError, TaskError, env_factory, from_dataset
from sml_gym.cli.main import main
from sml_gym.datasets import KNOWN
from sml_gym.evaluation import refuse_shared_tasks
from sml_gym.testing import check_env
from sml_gym.wrappers import Underspecified

SMALL = Path(__file__).parent.parent / "data" / "dataset_rows"
ROWS = [{"q": f"What is {n}?", "a": f"number {n}"} for n in range(40)]


def make(rows, **options):
    return from_dataset(rows, **{"problem": "q", "answer": "a", **options})


def ids(env):
    return [task.id for task in env.source]


def answers(env):
    return [task.private.reveal().answer for task in env.source]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


# ---- where rows come from ----


def as_file(tmp_path):
    return str(write(tmp_path / "some.jsonl", ROWS))


def as_generator(tmp_path):
    return (row for row in ROWS)


def as_dataset(tmp_path):
    return pytest.importorskip("datasets").Dataset.from_list(ROWS)


def as_frame(tmp_path):
    return pytest.importorskip("pandas").DataFrame(ROWS)


@pytest.mark.parametrize("rows", [lambda _: ROWS, as_file, as_generator, as_dataset, as_frame])
def test_all_kinds_of_rows_become_the_same_tasks(tmp_path, rows):
    env = make(rows(tmp_path))
    assert answers(env) == [row["a"] for row in ROWS]
    assert ids(env)[3] in ("row:3", "some:3")
    check_env(env, n_tasks=2)


def test_splits_of_a_data_set_are_found_by_their_usual_names():
    datasets = pytest.importorskip("datasets")
    parts = datasets.DatasetDict(
        {
            "train": datasets.Dataset.from_list(ROWS[:30]),
            "dev": datasets.Dataset.from_list(ROWS[30:35]),
            "hard": datasets.Dataset.from_list(ROWS[35:]),
        }
    )
    assert len(make(parts).source) == 30
    assert answers(make(parts, split="validation"))[0] == "number 30"
    assert answers(make(parts, split="test", splits={"test": "hard"}))[0] == "number 35"
    with pytest.raises(
        ConfigError, match=r"no split 'test'; it has \['dev', 'hard', 'train'\].*hold_out=True"
    ):
        make(parts, split="test")
    held_out = [
        set(ids(make(parts, split=split, hold_out=True))) for split in ("train", "validation", "test")
    ]
    assert sum(map(len, held_out)) == 30 == len(set().union(*held_out))


def test_a_folder_has_a_file_for_each_split(tmp_path):
    write(tmp_path / "train.jsonl", ROWS[:5])
    write(tmp_path / "test.jsonl", ROWS[5:])
    (tmp_path / "LICENSE").write_text("free")
    assert ids(make(tmp_path, split="test"))[0] == "test:0"
    assert len(make(str(tmp_path)).source) == 5
    with pytest.raises(ConfigError, match="no split 'validation'"):
        make(tmp_path, split="validation")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="holds no file of rows"):
        make(tmp_path / "empty")


def test_rows_are_one_split_unless_held_out():
    assert len(make(ROWS, split="test").source) == 40
    parts = [set(ids(make(ROWS, split=split, hold_out=True))) for split in ("train", "validation", "test")]
    assert sum(map(len, parts)) == 40 == len(set().union(*parts))


def test_the_id_takes_the_same_options(tmp_path):
    path = as_file(tmp_path)
    options = {"rows": path, "problem": "q", "answer": "a"}
    check_env(gym.make("SML-Dataset-v0", **options), n_tasks=2)
    many = gym.make_vec("SML-Dataset-v0", num_envs=3, **options)
    assert len(many.reset(seed=0)[0]) == 3
    made = env_factory("SML-Dataset-v0", **{**options, "rows": iter(ROWS)})
    assert made().source is made().source  # read once, shared by all
    with pytest.raises(ConfigError, match=r"has no rows. Say which: rows=FILE"):
        gym.make("SML-Dataset-v0")
    env = from_dataset(**options)
    assert env.spec is not None and env.spec.id == "SML-Dataset-v0"
    assert gym.make(env.spec).reset(seed=1)[0] == env.reset(seed=1)[0]


# ---- columns, ids ----


def test_columns_by_path_and_by_function():
    rows = [
        {"data": {"text": "What?"}, "answers": {"text": ["first", "second"]}, "a.b": "dotted", "n": 3},
        {"data": {"text": "Who?"}, "answers": {"text": ["third"]}, "a.b": "x", "n": 4},
    ]
    env = from_dataset(rows, problem="data.text", answer="answers.text.0")
    assert answers(env) == ["first", "third"]
    assert answers(from_dataset(rows, problem="data.text", answer="a.b")) == ["dotted", "x"]
    made = from_dataset(
        rows, problem=lambda row: f"Q: {row['data']['text']}", answer=lambda row: row["n"] + 1
    )
    assert [task.problem for task in made.source] == ["Q: What?", "Q: Who?"] and answers(made) == ["4", "5"]


def test_ids_are_a_column_or_a_hash_or_the_number():
    rows = [{**row, "id": f"x{n}", "key": n} for n, row in enumerate(ROWS[:3])]
    assert ids(make(rows)) == ["x0", "x1", "x2"]
    assert ids(make(rows, id="key")) == ["0", "1", "2"]
    assert ids(make(rows, id="@row")) == ["row:0", "row:1", "row:2"]
    assert set(ids(make(rows, id="@hash"))) == set(ids(make(rows[::-1], id="@hash")))
    assert ids(make(rows, id="@hash"))[0] != ids(make([{**rows[0], "a": "other"}], id="@hash"))[0]


def test_family_level_and_solution():
    rows = [{"q": "?", "a": "x", "topic": ["algebra", "sets"], "level": "Level 4", "why": "because"}]
    task = next(iter(make(rows, family="topic", level="level", solution="why").source))
    assert (task.family, task.level, task.private.reveal().solution) == ("algebra", 4, "because")


# ---- known names ----


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", KNOWN)
def test_a_known_set_is_read_with_its_own_columns_and_its_references_score_1(name):
    split = next(iter(KNOWN[name].splits))
    env = from_dataset(name, path=SMALL / f"{name}.jsonl", split=split, teacher="binary")
    assert len(env.source) >= 2
    for task in env.source:
        probes = env.probes(task)
        for text, reward in ((probes.incorrect, 0.0), (probes.correct, 1.0)):
            env.reset(options={"task_id": task.id})
            assert env.step(text)[1] == reward, task.id


def test_what_the_columns_of_known_sets_become():
    task = from_dataset("gsm8k", path=SMALL / "gsm8k.jsonl").source.get("gsm8k:0")
    assert [step.result for step in task.private.reveal().steps] == ["7", "15"]
    math = [*from_dataset("math", path=SMALL / "math.jsonl").source]
    assert [(task.id, task.family, task.level) for task in math] == [
        ("math:0", "Prealgebra", 1),
        ("test/algebra/1.json", "Algebra", 3),
        ("math:2", "Algebra", 2),
    ]
    aime = [*from_dataset("aime", path=SMALL / "aime.jsonl", split="test").source]
    assert [(task.id, task.private.reveal().answer) for task in aime] == [("60", "144"), ("2024-I-2", "13")]
    rows = [json.loads(line) for line in (SMALL / "gsm8k.jsonl").read_text().splitlines()]
    assert answers(from_dataset("gsm8k", path={"train": rows[:1], "test": rows[1:]})) == ["15"]
    own = from_dataset("humaneval", path=SMALL / "humaneval.jsonl", split="test")
    assert ids(own) == ["Own/0", "Own/1"]


@pytest.mark.data
@pytest.mark.parametrize(("split", "size"), [("train", 7473), ("test", 1319)])
def test_the_real_gsm8k(gsm8k, split, size):
    env = from_dataset("gsm8k", path=gsm8k, split=split, teacher="binary")
    assert len(env.source) == size
    for task in env.source.take(100, seed=0):
        answer = task.private.reveal().answer
        env.reset(options={"task_id": task.id})
        assert env.step(f"Final answer: {answer}1")[1] == 0.0
        assert env.step(f"#### {answer}")[1] == 1.0


# ---- what is refused ----


@pytest.mark.parametrize(
    ("rows", "options", "says"),
    [
        ([{"q": "?", "b": "x"}], {}, r"row 0: the field 'a' is missing \(the row has \['b', 'q'\]\)"),
        ([{"q": "?", "a": {"b": ["x"]}}], {"answer": "a.b.1"}, "the field 'a.b.1' is missing"),
        (
            ROWS,
            {"problem": "question"},
            "row 0: the field 'question' is missing.*name the field that holds it",
        ),
        (ROWS, {"choices": "c"}, "row 0: the field 'c' is missing"),
        (ROWS, {"solution": "why"}, "the field 'why' is missing"),
        (ROWS, {"problem": lambda row: row["x"]}, "the function '<lambda>' failed on it: KeyError"),
        ([], {}, "The data set holds no task for split"),
        ([{"q": "", "a": "x"}], {}, "'problem' should be non-empty text"),
        ([{"q": "?", "a": "x"}, 3], {}, "row 1: expected an object, got int"),
        (
            [{**ROWS[0], "id": "x"}, ROWS[1], {**ROWS[2], "id": "x"}],
            {},
            "row 2: the id 'x' was used before, at row 0",
        ),
        ([ROWS[0], ROWS[0]], {"id": "@hash"}, "row 1: the id 'row:[0-9a-f]{16}' was used before"),
        ([{"q": "x" * 70_000, "a": "y"}], {}, "row 0: the problem has 70000 characters"),
        (ROWS, {"verifier": "exactly"}, "Did you mean 'exact'"),
        (ROWS, {"bad_rows": "mend"}, "bad_rows is 'mend'"),
        (ROWS, {"splits": {"tset": "x"}}, "Did you mean 'test'"),
        (ROWS, {"anwser": "x"}, "Did you mean 'answer'"),
        (ROWS, {"path": "x.jsonl"}, "path is for the file of a known data set"),
        (7, {}, "The rows are int; give a list"),
        ("gsm9k", {}, "Did you mean 'gsm8k'.*OWNER/NAME"),
        ("nowhere.csv", {}, "Cannot read nowhere.csv.*Check the path"),
        ("gsm8k", {"split": "validation"}, r"no split 'validation', only \['test', 'train'\]"),
        (None, {}, "has no rows"),
        ("x" * 5_000, {}, "is no file, no folder"),
        ("x" * 5_000 + ".csv", {}, "File name too long"),
        (ROWS, {"problem": 3}, "problem is 3; give a column's name"),
        (ROWS, {"level": ["x"]}, "level is .*; give a column's name"),
        (ROWS, {"choices": 3}, "choices is 3; give a column's name"),
        (ROWS, {"choices": ["q", 3]}, "choices is 3; give a column's name"),
        (ROWS, {"splits": ["test"]}, "splits is .*; give a mapping"),
        (ROWS, {"hold_out": "no"}, "hold_out is 'no'; give True or False"),
        (ROWS, {"shuffle_choices": "no"}, "shuffle_choices is 'no'"),
        (ROWS, {"streaming": "yes"}, "streaming is 'yes'"),
        (ROWS, {"streaming": True, "buffer_size": "9"}, "buffer_size is '9'"),
        (ROWS, {"verifier": ":"}, "Cannot find the verifier ':'"),
        (ROWS, {"verifier": ".checks:f"}, "Cannot find the verifier"),
        ([{**ROWS[0], "shards": {"goal": "g"}}], {}, "row 0: the field 'shards' should be"),
    ],
)
def test_what_has_no_sense_is_refused_before_any_dialogue(rows, options, says):
    with pytest.raises(ConfigError, match=says) as caught:
        make(rows, **options)
    assert str(caught.value).rstrip().endswith((".", "NAME", ")"))


SHARDED = {
    "problem": "Tom has 3 apples. Ann gives him 4. How many has he?",
    "answer": "7",
    "shards": ["How many apples?", "Tom had 3.", "Ann gave him 4."],
}


@pytest.mark.parametrize("verifier", ["numeric", "exact", "contains", lambda answer, row: answer == "7"])
def test_rows_bring_their_own_shards(verifier):
    env = Underspecified(from_dataset([SHARDED], verifier=verifier, teacher="silent"))
    assert env.reset(seed=0)[0] == "How many apples?"
    assert [env.step("Hm.")[0] for _ in range(2)] == ["Go on. Tom had 3.", "Go on. Ann gave him 4."]
    assert env.step("Final answer: 7")[1] == 1.0


def test_the_goal_of_a_choice_brings_the_choices():
    rows = [{**SHARDED, "choices": ["7", "8", "9"]}]
    env = Underspecified(from_dataset(rows, choices="choices"))
    goal, *choices = env.reset(seed=0)[0].splitlines()
    assert goal == "How many apples?" and sorted(line[3:] for line in choices if line) == ["7", "8", "9"]


def test_shards_of_rows_that_lose_a_number_are_refused_before_any_dialogue():
    rows = [{**SHARDED, "shards": SHARDED["shards"][:2]}]
    with pytest.raises(ConfigError, match="'row:0' lack 4 of its problem"):
        Underspecified(from_dataset(rows, verifier="numeric"))


def test_a_stream_whose_shards_lose_a_number_later_on_costs_no_reward():
    rows = [{**SHARDED, "id": n, "shards": SHARDED["shards"][: 2 if n == 9 else 3]} for n in range(10)]
    env = Underspecified(from_dataset(rows, verifier="numeric", streaming=True))
    assert env.reset(options={"task_id": "3"})[0] == "How many apples?"
    with pytest.raises(TaskError, match="'9' lack 4 of its problem"):
        env.reset(options={"task_id": "9"})


def test_numbers_of_other_kinds_are_answers_too():
    kinds = [np.int64(7), np.float32(7), Decimal("7")]
    env = from_dataset([{"problem": f"{kind!r}?", "answer": kind} for kind in kinds], verifier="numeric")
    assert answers(env) == ["7", "7.0", "7"]


def test_bad_rows_may_be_left_out():
    rows = [ROWS[0], {"q": "no answer"}, ROWS[1], {"q": "?", "a": ""}]
    with pytest.warns(UserWarning, match=r"2 bad rows were left out. The first: row 1: the field 'a'"):
        env = make(rows, bad_rows="skip")
    assert ids(env) == ["row:0", "row:2"]


def test_a_hub_that_cannot_be_reached_is_an_error_at_once(monkeypatch):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    tried = []

    def refuse(address, timeout=None):
        tried.append((address, timeout))
        raise OSError("no network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(
        ConfigError, match=r"'openai/gsm8k': the hub at huggingface.co cannot be reached.*path=FILE"
    ):
        from_dataset("gsm8k")
    monkeypatch.setenv("https_proxy", "http://proxy.local:3128")
    with pytest.raises(ConfigError, match="cannot be reached"):
        from_dataset("some/set")
    assert [address for address, _ in tried] == [("huggingface.co", 443), ("proxy.local", 3128)]
    assert all(0 < timeout <= 5 for _, timeout in tried)


def test_offline_only_what_was_loaded_before_is_looked_for(monkeypatch):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    asked = []
    real = datasets.load_dataset
    with monkeypatch.context() as patched:
        rows = real("json", data_files=str(SMALL / "gsm8k.jsonl"), split="train")
        patched.setattr(
            datasets,
            "load_dataset",
            lambda name, config=None, *, split=None, streaming=False: (
                asked.append((name, config, split, streaming))
                or (rows.to_iterable_dataset() if streaming else rows)
            ),
        )
        assert ids(from_dataset("gsm8k", split="test")) == ["gsm8k:0", "gsm8k:1", "gsm8k:2"]
        assert from_dataset("gsm8k", streaming=True).reset(seed=0)[1]["task_id"].startswith("gsm8k:")
    assert asked == [("openai/gsm8k", "main", "test", False), ("openai/gsm8k", "main", "train", True)]
    with pytest.raises(ConfigError, match=r"'some/set' \(HF_HUB_OFFLINE is set.*path=FILE"):
        from_dataset("some/set")


def test_without_the_package_datasets_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(ConfigError, match=r"pip install 'sml-gym\[datasets\]'"):
        from_dataset("gsm8k")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "some.parquet").write_bytes(b"PAR1")
    with pytest.raises(ConfigError, match=r"needs pyarrow.*sml-gym\[datasets\]"):
        from_dataset(tmp_path / "some.parquet")


def test_tasks_that_were_selected_are_judged_as_the_rows_they_came_from(tmp_path):
    rows = [{"q": f"Which, {n}?", "a": n % 4, "c": ["red", "green", "blue", "pink"]} for n in range(12)]
    path = write(tmp_path / "quiz.jsonl", rows)
    options = json.dumps({"rows": str(path), "problem": "q", "answer": "a", "choices": "c"})
    out = tmp_path / "filter"
    arguments = ["--student", "listener", "--n-tasks", "12", "--max-turns", "4", "--out", str(out)]
    assert (
        main(["filter", "--env", "SML-Dataset-v0", "--env-options", options, "--split", "train", *arguments])
        == 0
    )
    kept = next(out.glob("*.tasks"))
    direct = gym.make("SML-Dataset-v0", tasks=str(kept)).unwrapped
    for env in (direct, env_factory("SML-Dataset-v0", tasks=str(kept))()):
        assert 0 < len(env.source) < 12 and env.verifier.name == "choice"
        for task in env.source:
            env.reset(options={"task_id": task.id})
            assert env.step(env.probes(task).correct)[1] == 1.0


def test_testing_on_the_rows_that_were_trained_on_is_refused(tmp_path):
    path = as_file(tmp_path)
    with pytest.raises(ConfigError, match="Set hold_out=True"):
        refuse_shared_tasks({"rows": path}, {"rows": path})
    refuse_shared_tasks({"rows": path, "hold_out": True}, {"rows": path, "hold_out": True})
    refuse_shared_tasks({"rows": "gsm8k"}, {"rows": "gsm8k"})
    refuse_shared_tasks({"rows": "gsm8k", "path": str(tmp_path)}, {"rows": "gsm8k", "path": str(tmp_path)})
