"""Rows of files: every kind is read alike, and what is wrong is named with its line."""

import gzip
import json

import gymnasium as gym
import pytest

from sml_gym import ConfigError
from sml_gym.row_files import read_rows, stem_of
from sml_gym.row_tasks import RowTasks, text_field

ROWS = [{"problem": "1 + 1?", "answer": "2"}, {"problem": "Größe, in\n'cm'?", "answer": "3"}]


def read_row(row):
    from sml_gym import Reference

    return text_field(row, "problem"), Reference(text_field(row, "answer"))


def write(folder, kind):
    path = folder / f"rows.{kind}"
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    if kind == "jsonl":
        path.write_text(lines)
    elif kind == "jsonl.gz":
        path.write_bytes(gzip.compress(lines.encode()))
    elif kind == "json":
        path.write_text(json.dumps(ROWS))
    elif kind == "csv":
        path.write_text("\ufeffproblem,answer\n1 + 1?,2\n\n\"Größe, in\n'cm'?\",3\n", "utf-8")
    elif kind == "tsv":
        path.write_text("problem\tanswer\n1 + 1?\t2\n\"Größe, in\n'cm'?\"\t3\n", "utf-8")
    else:
        pa = pytest.importorskip("pyarrow")
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist(ROWS), path)
    return path


@pytest.mark.parametrize("kind", ["jsonl", "jsonl.gz", "json", "csv", "tsv", "parquet"])
def test_every_kind_of_file_gives_the_same_tasks(tmp_path, kind):
    path = write(tmp_path, kind)
    tasks = list(RowTasks(path, read_row))
    assert [(task.id, task.problem) for task in tasks] == [
        ("rows:0", ROWS[0]["problem"]),
        ("rows:1", ROWS[1]["problem"]),
    ]
    assert stem_of(path) == "rows"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_domain_serves_such_a_file_too(tmp_path, kind):
    env = gym.make("SML-Math-v0", tasks=str(write(tmp_path, kind)))
    env.reset(options={"task_id": "rows:0"})
    assert env.step("Final answer: 2")[1] == 1.0


def test_mappings_become_tasks_as_well():
    assert [task.id for task in RowTasks([*ROWS, {**ROWS[0], "id": "x"}], read_row)] == [
        "row:0",
        "row:1",
        "x",
    ]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.jsonl", '{"problem": "1?", "answer": "2"}\n{"problem": "2?", "ans', "line 2.*ends in the middle"),
        ("x.csv", "problem,answer\n1?,2\n2?,3,4\n", "line 3: it has 3 columns, and the header has 2"),
        ("x.csv", "problem,answer\n1?\n", "line 2: it has 1 columns, and the header has 2"),
        ("x.csv", 'problem,answer\n"1?,2\n', "line 2: not valid CSV.*Mend the quotes"),
        ("x.csv", "problem,problem\n1?,2\n", "two columns of one name"),
        ("x.json", '[{"problem": "1?"', "x.json is not valid JSON"),
        ("x.json", '[{"problem": "1?", "answer": "1"}, 3]', "row 1: expected an object, got int"),
        ("x.jsonl.gz", "plain", "cannot be unpacked.*Get the file again"),
        ("x.parquet", "PAR1 and then nothing", "no whole Parquet file"),
        ("x.parquet", "", "no whole Parquet file"),
        ("x.csv", "", "holds no task"),
        ("x.csv", "problem,answer\n", "holds no task"),
    ],
)
def test_a_broken_file_is_refused_with_the_place_and_the_remedy(tmp_path, name, content, says):
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(ConfigError, match=says) as caught:
        RowTasks(path, read_row)
    assert name in str(caught.value) and str(caught.value).endswith(".")


def test_a_damaged_page_of_a_parquet_file_is_a_broken_file(tmp_path):
    path = write(tmp_path, "parquet")
    content = bytearray(path.read_bytes())
    content[8] ^= 255
    content[20] ^= 255
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"rows.parquet is no whole Parquet file .* Get the file again"):
        list(read_rows(path))


def test_a_cell_too_large_for_csv_names_another_format(tmp_path):
    path = tmp_path / "large.csv"
    path.write_text(f"problem,answer\nwhat?,{'x' * 200_000}\n")
    [row] = read_rows(path)
    assert "line 2" in row.where and row.flaw.endswith("write JSON lines.")


def test_text_that_is_not_utf8_is_named_with_its_line(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"problem,answer\nGr\xf6\xdfe?,2\n")
    with pytest.raises(ConfigError, match=r"line 2: not UTF-8.*Save it as UTF-8"):
        list(read_rows(path))


def test_a_file_is_read_as_it_is_asked_for(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"a": 1}\nbroken\n')
    rows = read_rows(path)
    assert next(rows).values == {"a": 1}
    assert "not valid JSON" in next(rows).flaw
