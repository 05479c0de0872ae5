"""Streams: rows are read as they are needed, drawn in a shuffled order, and found again by id."""

import itertools
import json

import numpy as np
import pytest

from sml_gym import ConfigError, Job, TaskError, env_factory, from_dataset, rollout
from sml_gym.datasets import StreamedTasks
from sml_gym.students import ScriptedStudent
from sml_gym.testing import check_env

COLUMNS = {"problem": "q", "answer": "a", "streaming": True}


class Counted:
    """Rows without end that note how many were read."""

    def __init__(self, size=None):
        self.read = 0
        self.size = size

    def __iter__(self):
        for n in itertools.count() if self.size is None else range(self.size):
            self.read += 1
            yield {"q": f"What is {n}?", "a": f"number {n}"}


def drawn(env, seeds):
    return [env.reset(seed=seed)[1]["task_id"] for seed in seeds]


def test_rows_are_read_as_they_are_needed():
    rows = Counted()
    env = from_dataset(rows, buffer_size=50, **COLUMNS)
    assert rows.read == 1
    seen = drawn(env, range(200))
    assert rows.read == 50 + 200
    assert len(set(seen)) == 200 and seen != sorted(seen, key=lambda name: int(name[4:]))


def test_the_same_seed_gives_the_same_task_and_a_fresh_stream_the_same_order():
    env = from_dataset(Counted(), buffer_size=20, **COLUMNS)
    first = drawn(env, range(60))
    assert drawn(env, range(60)) == first
    assert drawn(from_dataset(Counted(), buffer_size=20, **COLUMNS), range(60)) == first
    check_env(from_dataset(Counted(), buffer_size=20, **COLUMNS))


def test_a_stream_that_ends_begins_anew_and_a_generator_goes_on_with_what_it_has():
    again = from_dataset(Counted(30), buffer_size=10, **COLUMNS)
    seen = drawn(again, range(120))
    assert len(set(seen)) == 30 and len(set(seen[:30])) > 20
    small = from_dataset(Counted(5), buffer_size=10, **COLUMNS)
    assert set(drawn(small, range(60))) == {f"row:{n}" for n in range(5)}
    once = from_dataset(iter(Counted(30)), buffer_size=10, **COLUMNS)
    seen = drawn(once, range(100))
    assert len(set(seen[:20])) == 20 and len(set(seen)) == 30


def test_tasks_are_found_again_by_id_also_after_a_restart():
    rows = Counted(5000)
    env = from_dataset(rows, buffer_size=10, **COLUMNS)
    name = drawn(env, range(30))[-1]
    assert env.source.get(name).id == name
    read = rows.read
    assert env.source.get("row:3000").private.reveal().answer == "number 3000"
    assert rows.read == read + 3001
    with pytest.raises(ConfigError, match=r"no task 'row:6000'.*larger buffer_size"):
        env.source.get("row:6000")
    env.reset(options={"task_id": "row:4"})
    assert env.step("Final answer: number 4")[1] == 1.0
    once = from_dataset(iter(Counted(50)), buffer_size=10, **COLUMNS)
    with pytest.raises(ConfigError, match="a generator cannot be read again"):
        once.source.get("row:40")


def test_ids_of_a_column_are_searched_for(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(
        "".join(json.dumps({"q": f"{n}?", "a": "x", "id": f"key-{n}"}) + "\n" for n in range(100))
    )
    env = from_dataset(path, buffer_size=5, **COLUMNS)
    assert env.source.get("key-77").problem == "77?"


def test_take_knows_the_first_rows_only():
    env = from_dataset(Counted(), buffer_size=20, **COLUMNS)
    taken = env.source.take(15, seed=1)
    assert len({task.problem for task in taken}) == 15
    assert [task.id for task in env.source.take(15, seed=1)] == [task.id for task in taken]
    drawn(env, range(50))
    assert [task.id for task in env.source.take(15, seed=1)] == [task.id for task in taken]
    with pytest.raises(ConfigError, match="pass buffer_size=21 or more, or streaming=False"):
        env.source.take(21)


def test_splits_of_a_stream_by_hash_share_no_task():
    parts = [
        set(
            drawn(
                from_dataset(Counted(300), buffer_size=400, split=split, hold_out=True, **COLUMNS), range(900)
            )
        )
        for split in ("train", "validation", "test")
    ]
    assert len(set().union(*parts)) == sum(map(len, parts)) > 280


def test_like_draws_of_the_same_family():
    rows = [{"q": f"{n}?", "a": "x", "kind": "odd" if n % 2 else "even"} for n in range(60)]
    env = from_dataset(rows, family="kind", buffer_size=20, **COLUMNS)
    odd = next(task for task in env.source.take(20) if task.family == "odd")
    rng = np.random.default_rng(0)
    assert {env.source.sample(rng, like=odd).family for _ in range(15)} == {"odd"}


def test_a_first_row_that_is_bad_is_refused_and_a_later_one_costs_no_reward():
    with pytest.raises(ConfigError, match="row 0: the field 'a' is missing"):
        from_dataset([{"q": "?"}], **COLUMNS)
    with pytest.raises(ConfigError, match="holds no row"):
        from_dataset([], **COLUMNS)
    rows = [{"q": f"{n}?", "a": "x"} for n in range(5)] + [{"q": "5?"}]
    env = from_dataset(rows, buffer_size=6, **COLUMNS)
    failures = []
    for seed in range(60):
        try:
            env.reset(seed=seed)
        except TaskError as exc:
            failures.append(str(exc))
    assert len(failures) == 1 and "row 5: the field 'a' is missing" in failures[0]
    skipping = from_dataset(rows, buffer_size=6, bad_rows="skip", **COLUMNS)
    assert len(set(drawn(skipping, range(60)))) == 5


def test_rollouts_over_a_stream_of_the_package_datasets():
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_list([{"q": f"{n}?", "a": "x"} for n in range(50)]).to_iterable_dataset()
    make_env = env_factory("SML-Dataset-v0", rows=rows, problem="q", answer="a", buffer_size=10)
    env = make_env()
    assert isinstance(env.source, StreamedTasks)
    jobs = [Job(env.source.sample(np.random.default_rng(seed)).id, seed) for seed in range(30)]
    assert len({job.task_id for job in jobs}) == 30
    episodes = rollout(make_env, ScriptedStudent(["Hm.", "Final answer: x"]), jobs)
    assert all(episode.reward == 1.0 and episode.env_id == "SML-Dataset-v0" for episode in episodes)


def test_a_buffer_needs_room():
    with pytest.raises(ConfigError, match="buffer_size is 0"):
        from_dataset(Counted(3), buffer_size=0, **COLUMNS)
