"""Rows in the formats of published sets: read, never evaluated, and their references pass."""

from __future__ import annotations

import base64
import json
import pickle
import zlib
from pathlib import Path
from typing import Any

import pytest

from sml_envs.code import CodeEnv
from sml_envs.code.packed import unpack
from sml_envs.code.rows import read_row
from sml_gym import ConfigError, Outcome, Private, Task

ROWS = Path(__file__).parents[1] / "data" / "code_rows"
FILES = sorted(ROWS.glob("*.jsonl"))


def fenced(code: str) -> str:
    return f"```python\n{code}\n```"


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (ROWS / f"{name}.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_references_pass_and_programs_that_do_nothing_fail(path: Path) -> None:
    env = CodeEnv(tasks=path)
    tasks = list(env.source)  # type: ignore[call-overload]
    assert tasks
    for task in tasks:
        reference = task.private.reveal()
        if reference.answer:
            examined = env.examine(task, fenced(reference.answer))
            assert examined.verdict.outcome is Outcome.CORRECT, (task.id, env.report(task, reference.answer))
        examined = env.examine(task, env.probes(task).incorrect)
        assert examined.verdict.outcome is Outcome.INCORRECT, (task.id, examined.verdict)
        assert examined.diagnosis.facts


def test_the_first_assert_of_mbpp_is_public_and_the_others_are_not() -> None:
    problem, reference = read_row(rows("mbpp")[0])
    assert "add_to_all([1, 2], 3) -> [4, 5]" in problem
    assert "[0]" not in problem
    assert [case.shown for case in reference.data["cases"]] == [True, False, False]
    assert reference.data["signature"] == "def add_to_all(xs, n)"


def test_asserts_that_are_no_equations_are_judged_by_themselves() -> None:
    env = CodeEnv(tasks=ROWS / "mbpp.jsonl")
    shared, area = (env.source.get(f"mbpp:{n}") for n in (1, 2))
    other_order = "def shared(a, b):\n    return [x for x in b if x in a]"
    assert env.verify(shared, other_order).correct  # the assert makes sets of both sides
    assert not env.verify(shared, "def shared(a, b):\n    return [x for x in b]").correct
    assert env.verify(area, "def circle_area(r):\n    return 3.1416 * r * r").correct  # within its tolerance
    assert not env.verify(area, "def circle_area(r):\n    return 3.2 * r * r").correct


def test_asserts_that_the_set_s_own_code_failed_are_left_out() -> None:
    _, reference = read_row(rows("open_code_instruct")[0])
    assert len(reference.data["cases"]) == 3
    assert reference.answer.startswith("def count_vowels")


def test_private_tests_of_livecodebench_are_unpacked_and_hidden() -> None:
    problem, reference = read_row(rows("live_code_bench")[0])
    assert [case.shown for case in reference.data["cases"]] == [True, False, False]
    assert "-6" not in problem
    _, functional = read_row(rows("live_code_bench")[1])
    assert functional.data["entry_point"] == "Solution.rotate"
    assert [case.args for case in functional.data["cases"]] == [([1, 2, 3], 1), ([5], 0), ([], 3)]


def test_a_method_may_also_be_written_as_a_function() -> None:
    env = CodeEnv(tasks=ROWS / "live_code_bench.jsonl")
    code = "def rotate(xs, k):\n    k = len(xs) - k % len(xs) if xs else 0\n    return xs[k:] + xs[:k]"
    assert env.verify(env.source.get("live_code_bench:1"), code).correct


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path("/tmp/code_rows_evil").touch, ())


@pytest.mark.parametrize("content", [Evil(), ["[]"], {"a": 1}, b"[]", 7, ("[]", "[]"), None])
def test_a_pickle_of_anything_but_a_text_is_refused_and_never_loaded(content: object) -> None:
    packed = base64.b64encode(zlib.compress(pickle.dumps(content))).decode()
    with pytest.raises(ValueError, match="never loaded; give the tests as JSON"):
        unpack(packed)
    assert not Path("/tmp/code_rows_evil").exists()


@pytest.mark.parametrize("protocol", range(6))
def test_a_packed_text_is_unpacked_whatever_the_protocol(protocol: int) -> None:
    text = json.dumps([{"input": "ä\n\u2028", "output": "1" * 70_000}], ensure_ascii=False)
    assert unpack(base64.b64encode(zlib.compress(pickle.dumps(text, protocol=protocol))).decode()) == text


@pytest.mark.parametrize(
    "packed", ["", "!!!", "aGVsbG8=", base64.b64encode(zlib.compress(b"\x80\x05.")).decode()]
)
def test_what_is_not_packed_at_all_is_refused(packed: str) -> None:
    with pytest.raises(ValueError, match=r"download the set again|never loaded"):
        unpack(packed)


BROKEN = [
    ("mbpp", {"test_list": []}, "nothing to test"),
    ("mbpp", {"test_list": "assert True"}, "list of texts"),
    ("mbpp", {"test_list": ["assert other(1) == 2"]}, "nothing to test"),
    ("mbpp", {"test_list": ["assert add_to_all([1], 1) =="]}, "not Python"),
    ("mbpp", {"code": "def f(:"}, "not Python"),
    ("open_code_instruct", {"unit_tests": "[]"}, "unit_tests"),
    ("open_code_instruct", {"unit_tests": "not json"}, "not valid JSON"),
    ("live_code_bench", {"public_test_cases": "[]", "private_test_cases": "[]"}, "hold no tests"),
    ("live_code_bench", {"public_test_cases": '[{"input": "1", "output": "1"}]'}, "testtype"),
    ("live_code_bench", {"private_test_cases": "xyz"}, "unpacked"),
    ("apps", {"input_output": ""}, "not valid JSON"),
    ("apps", {"input_output": '{"inputs": [], "outputs": []}'}, "at least one"),
    ("apps", {"input_output": '{"inputs": ["1"], "outputs": []}'}, "as many outputs"),
    ("plain", {"tests": []}, "at least one"),
    ("plain", {"tests": [{"call": "double(x)", "expect": 1}]}, "no call with literals"),
    ("plain", {"tests": [{"call": "double(1)"}]}, "expect"),
    ("humaneval", {"test": "assert halve(2) == 1"}, "check"),
    ("humaneval", {"canonical_solution": "    return n\n"}, "does not pass"),
    ("humaneval", {"prompt": "def other(n):\n    pass\n"}, "does not define"),
]


@pytest.mark.parametrize(("name", "change", "message"), BROKEN)
def test_a_row_that_cannot_be_tested_says_why(name: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_row({**rows(name)[0], **change})


def test_a_bad_row_in_a_file_is_met_before_any_dialogue(tmp_path: Path) -> None:
    good, bad = rows("plain")[0], {**rows("plain")[1], "tests": []}
    path = tmp_path / "tasks.jsonl"
    path.write_text(f"{json.dumps(good)}\n{json.dumps(bad)}\n")
    with pytest.raises(ConfigError, match=r"line 2: .*at least one.*Mend this row"):
        CodeEnv(tasks=path)
    path.write_text(f"{json.dumps(good)}\n{json.dumps({'problem': 'x'})}\n")
    with pytest.raises(ConfigError, match=r"line 2: the field 'tests' is missing"):
        CodeEnv(tasks=path)


def test_what_is_equal_to_plain_data_is_taken_for_it_as_in_the_asserts() -> None:
    row = {
        "text": "Write a function to count the items of a list.",
        "code": "from collections import Counter\ndef counts(xs):\n    return Counter(xs)",
        "test_list": ["assert counts([1, 1, 2]) == {1: 2, 2: 1}", "assert counts([]) == {}"],
    }
    env, reference = CodeEnv(tasks=ROWS / "mbpp.jsonl"), read_row(row)[1]
    task = Task("t", "?", Private(reference))
    assert env.verify(task, reference.answer).correct
    assert not env.verify(task, "def counts(xs):\n    return iter(xs)").correct
    lazy = {
        "text": "Write a function to double the items of a list.",
        "code": "def doubled(xs):\n    return map(lambda x: 2 * x, xs)",
        "test_list": ["assert list(doubled([1, 2])) == [2, 4]"],
    }
    task = Task("t", "?", Private(read_row(lazy)[1]))
    assert env.verify(task, lazy["code"]).correct  # type: ignore[arg-type]
    assert env.verify(task, "def doubled(xs):\n    return [2 * x for x in xs]").correct
    assert not env.verify(task, "def doubled(xs):\n    return (x for x in xs)").correct
