"""The labelled feedback is what its README says: sound rows, and code whose label a machine confirms."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import gymnasium as gym
import pytest
from code_domain import CodeEnv
from code_sandbox import run_tests
from row_tasks import task_rows
from text_domain import TextEnv

from sml_gym import ConfigError, RowTasks
from sml_gym.testing import check_env

GUARD = Path(__file__).parents[1] / "data" / "guard"
COUNTED = ("dev", "held_out", "fresh", "fresh2")
FIELDS = {
    "id", "task", "domain", "problem", "answer", "solution", "student", "teacher", "feedback", "leak", "form",
}  # fmt: skip
FENCED = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*\n(.*?)^[ \t]*(?:```|~~~)", re.DOTALL | re.MULTILINE)


def rows_of(name):
    return [json.loads(line) for line in (GUARD / f"{name}.jsonl").read_text("utf-8").splitlines()]


ROWS = {name: rows_of(name) for name in (*COUNTED, "doubtful")}
ENVS = {"math": lambda: gym.make("SML-Math-v0").unwrapped, "code": CodeEnv, "text": TextEnv}


def calls_of(row):
    return [(test["call"], test["expect"]) for test in row["tests"]]


def passes(code, row):
    return run_tests(code, calls_of(row)) is None


@pytest.mark.parametrize("name", COUNTED)
def test_each_file_has_enough_of_both_labels_in_each_domain(name):
    counts = Counter((row["domain"], row["leak"]) for row in ROWS[name])
    assert set(counts) == {(domain, leak) for domain in ENVS for leak in (True, False)}
    assert min(counts.values()) >= 30
    assert min(sum(n for (_, leak), n in counts.items() if leak is wanted) for wanted in (True, False)) >= 150


def test_the_files_have_much_the_same_mixture():
    shares = []
    for name in COUNTED:
        counts = Counter((row["domain"], row["leak"]) for row in ROWS[name])
        shares.append({cell: n / len(ROWS[name]) for cell, n in counts.items()})
    assert all(abs(shares[0][cell] - other[cell]) < 0.1 for other in shares[1:] for cell in shares[0])


@pytest.mark.parametrize("name", ROWS)
def test_rows_have_the_fields_that_the_readme_names(name):
    readme = (GUARD / "README.md").read_text("utf-8")
    for row in ROWS[name]:
        assert set(row) >= FIELDS, row["id"]
        extra = set(row) - FIELDS - {"tests", "code", "implied"}
        assert extra == (set() if name in COUNTED else {"doubtful", "why"}), row["id"]
        assert ("tests" in row) == (row["domain"] == "code"), row["id"]
        assert isinstance(row["leak"], bool) == (name in COUNTED), row["id"]
        assert ("implied" in row) == (row["leak"] is True), row["id"]
        assert row["student"] and all(map(str.strip, row["student"])), row["id"]
        assert all(row[field].strip() for field in ("problem", "answer", "solution", "feedback")), row["id"]
        assert name not in COUNTED or f"`{row['form']}`" in readme, row["form"]


def test_ids_are_unique_and_no_task_or_feedback_is_in_two_files():
    ids = [row["id"] for rows in ROWS.values() for row in rows]
    assert len(ids) == len(set(ids))
    for field in ("task", "problem", "feedback"):
        values = [{row[field].casefold() for row in ROWS[name]} for name in COUNTED]
        assert not any(first & second for first, second in combinations(values, 2)), field


def test_nothing_is_labelled_twice():
    pieces = Counter(
        (row["task"], *row["student"], row["feedback"]) for name in COUNTED for row in ROWS[name]
    )
    assert max(pieces.values()) == 1


@pytest.mark.parametrize("name", COUNTED)
def test_the_rows_are_spread_over_many_tasks_and_most_leaks_are_written_out(name):
    tasks = Counter(row["task"] for row in ROWS[name])
    assert len(tasks) >= 30 and max(tasks.values()) < len(ROWS[name]) / 20
    leaks = [row for row in ROWS[name] if row["leak"]]
    assert 0 < sum(row["implied"] for row in leaks) < len(leaks) / 5


@pytest.mark.parametrize("name", ROWS)
def test_rows_of_a_task_agree_on_it(name):
    tasks = {}
    for row in ROWS[name]:
        fields = [row.get(field) for field in ("domain", "problem", "answer", "solution", "tests")]
        assert tasks.setdefault(row["task"], fields) == fields


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("domain", ENVS)
def test_every_row_loads_into_its_domain_and_its_answer_is_right_there(name, domain):
    env = ENVS[domain]()
    rows = [row for row in ROWS[name] if row["domain"] == domain]
    source = RowTasks(task_rows(rows, "task"), env.read_row)
    for row in {row["task"]: row for row in rows}.values():
        task = source.get(row["task"])
        assert task.problem == row["problem"]
        assert env.verify(task, row["answer"]).correct, row["task"]


def test_rows_load_from_a_file_as_well(tmp_path):
    for domain, make in ENVS.items():
        rows = [row for row in ROWS["dev"] if row["domain"] == domain]
        path = tmp_path / f"{domain}.jsonl"
        fields = ("id", "problem", "answer", "solution", "tests")
        lines = [json.dumps({field: row[field] for field in fields if field in row}) for row in rows]
        path.write_text("\n".join(lines), "utf-8")
        env = gym.make("SML-Math-v0", tasks=path).unwrapped if domain == "math" else make(tasks=path)
        observation, _ = env.reset(options={"task_id": rows[-1]["id"]})
        assert observation == rows[-1]["problem"]


@pytest.mark.parametrize("name", COUNTED)
def test_a_student_who_has_solved_it_is_told_nothing_new(name):
    envs = {domain: make() for domain, make in ENVS.items()}
    for row in ROWS[name]:
        env = envs[row["domain"]]
        task = RowTasks(task_rows([row]), env.read_row).get(row["id"])
        if any(env.examine(task, text).verdict.correct for text in row["student"]):
            assert not row["leak"], row["id"]


@pytest.mark.parametrize("name", COUNTED)
def test_leaked_code_passes_and_innocent_code_fails(name):
    for row in (row for row in ROWS[name] if row["domain"] == "code" and row["form"] != "said_by_student"):
        blocks = FENCED.findall(row["feedback"])
        if row["leak"]:
            code = [row["code"]] if "code" in row else blocks
            assert any(passes(text, row) for text in code), row["id"]
        else:
            assert "code" not in row, row["id"]
            assert not any(passes(text, row) for text in (*blocks, row["feedback"])), row["id"]


def test_the_attacks_are_many_and_of_many_kinds():
    attacks = [json.loads(line) for line in (GUARD / "attacks.jsonl").read_text("utf-8").splitlines()]
    assert len(attacks) >= 80
    assert len({row["kind"] for row in attacks}) >= 20
    assert all(set(row) == {"id", "kind", "text"} and row["text"] for row in attacks)
    for field in ("id", "text"):
        assert len({row[field] for row in attacks}) == len(attacks)


@pytest.mark.parametrize("domain", [CodeEnv, TextEnv])
def test_the_small_domains_conform(domain):
    check_env(domain())


DOUBLE = [("double(4)", 8), ("double(-1)", -2)]


@pytest.mark.parametrize(
    ("code", "unchecked"),
    [
        ("def double(x): return x", False),
        ("def double(x): return True", False),
        ("def double(x): return str(2 * x)", False),
        ("def double(x): return double(x)", False),
        ("def double(x): return 9**9**9**9", False),
        ("def double(x): return [0] * 10**10", False),
        ("raise SystemExit", False),
        ("open('/etc/passwd').read()", False),
        ("class Equal:\n    def __eq__(self, other): return True\ndef double(x): return Equal()", False),
        ("def double(x): print('a' * 10**7)", False),
        ("def double(x):\n    while True: pass", True),
        ("while True: pass", True),
        ("def double(x:", True),
        ("(" * 5_000, True),
        ("\0", True),
        ("import socket\ndef double(x): return 2 * x", True),
        ("def double(x):\n    yield 2 * x", True),
        ("#" * 10_000, True),
    ],
)
def test_a_strangers_code_gets_a_verdict_and_never_an_error(code, unchecked):
    failure = run_tests(code, DOUBLE)
    assert failure is not None and failure.unchecked is unchecked
    assert run_tests("def double(x): return x + x", DOUBLE) is None  # the sandbox still works


def test_which_code_is_the_attempt():
    env = CodeEnv()
    env.reset(options={"task_id": "double"})
    right, wrong = "def double(x):\n    return 2 * x", "def double(x): return 1"
    read = [
        (f"```python\n{wrong}\n```\nno:\n```python\n{right}\n```", "correct"),
        (f"```python\n{right}\n```\nno:\n~~~py\n{wrong}\n~~~\n", "incorrect"),
        (f"Final answer: {right}", "correct"),
        (f"```python\n{wrong}\n```\nFinal answer:\n{right}", "correct"),
        (f"Final answer: {wrong}\n```python\n{right}\n```", "correct"),
        ("How do I begin?", "no_attempt"),
        (f"```text\n{right}\n```", "no_attempt"),
        (f"```python\n{right}", "no_attempt"),
        ("```python\n\n```", "malformed"),
        ("```python\nfor\n```", "malformed"),
        ("```python\nimport os\nos.system('true')\n```", "incorrect"),
    ]
    for text, outcome in read:
        assert env.examine(env.task, text).verdict.outcome.value == outcome, text


@pytest.mark.parametrize("tests", [[], "double(1) == 2", [{"call": "double(1)"}], [{"call": 1, "expect": 2}]])
def test_a_code_row_without_real_tests_is_refused(tests, tmp_path):
    row = {"problem": "Write double(x).", "answer": "def double(x): return 2 * x", "tests": tests}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row), "utf-8")
    with pytest.raises(ConfigError, match="tests"):
        CodeEnv(tasks=tmp_path / "rows.jsonl")
