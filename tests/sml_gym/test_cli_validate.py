"""`sml-gym validate` finds what is wrong with a data set, and says where."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sml_gym.cli.main import main
from sml_gym.datasets.similarity import near_pairs, plain_text

LONG = "Anna has {n} apples in a basket and gives {m} of them to each of her four friends. How many are left?"


def write(path, rows):
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return str(path)


def rows_of(first, last):
    return [{"problem": LONG.format(n=40 + n, m=n), "answer": str(40 - 3 * n)} for n in range(first, last)]


def findings(path):
    return [(found["kind"], found["part"].rsplit("/", 1)[-1], found["row"], found["other_row"]) for found in
            json.loads(path.read_text())["findings"]]  # fmt: skip


def test_a_sound_data_set(tmp_path, capsys):
    train, test = write(tmp_path / "a.jsonl", rows_of(1, 6)), write(tmp_path / "b.jsonl", rows_of(6, 9))
    assert main(["validate", train, test, "--verifier", "numeric"]) == 0
    out, err = capsys.readouterr()
    assert "a.jsonl: 5 rows" in out and "b.jsonl: 3 rows" in out and "Nothing wrong" in out
    assert "validating" in err  # the progress bar


def test_everything_that_is_wrong_is_found_with_its_row(tmp_path, capsys):
    good = rows_of(1, 5)
    train = [
        *good,
        {"problem": "What colour is it?", "answer": "blue"},
        {"problem": "No answer?"},
        '{"problem": "cut',
        {**good[0], "id": "again"},
        {**good[1], "answer": "7", "id": "again"},
        {"problem": "So " + good[2]["problem"], "answer": good[2]["answer"]},
    ]
    test = [{**good[3], "problem": good[3]["problem"].upper()}, {"problem": "What is 2 + 2?", "answer": "4"}]
    paths = [write(tmp_path / "train.jsonl", train), write(tmp_path / "test.jsonl", test)]
    out = tmp_path / "found.json"
    assert main(["validate", *paths, "--verifier", "numeric", "--json", str(out)]) == 1
    assert findings(out) == [
        ("unreadable", "train.jsonl", 4, None),
        ("unreadable", "train.jsonl", 5, None),
        ("unreadable", "train.jsonl", 6, None),
        ("repeated_id", "train.jsonl", 8, None),
        ("duplicate", "train.jsonl", 7, 0),
        ("contradiction", "train.jsonl", 8, 1),
        ("overlap", "test.jsonl", 0, 3),
        ("near_duplicate", "train.jsonl", 9, 2),
    ]
    held = json.loads(out.read_text())
    assert held["rows"] == {paths[0]: 10, paths[1]: 2} and held["counts"]["unreadable"] == 3
    text = capsys.readouterr().out
    assert "train.jsonl, line 5: the answer 'blue' is no number" in text
    assert "train.jsonl, line 7: not valid JSON" in text
    assert "test.jsonl, line 1: the same problem as" in text


def test_references_that_fail_changed_answers_that_pass_and_verifiers_that_break(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / "own_verifier.py").write_text(
        "def judge(answer, row):\n"
        "    if row['kind'] == 'break':\n"
        "        raise LookupError('no dictionary')\n"
        "    return {'no': False, 'any': True}.get(row['kind'], answer == row['answer'])\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    kinds = ["good", "no", "any", "break"]
    path = write(tmp_path / "x.jsonl", [{"problem": f"Q {k}?", "answer": "x", "kind": k} for k in kinds])
    out = tmp_path / "found.json"
    assert main(["validate", path, "--verifier", "own_verifier:judge", "--json", str(out)]) == 1
    assert [(kind, row) for kind, _, row, _ in findings(out)] == [
        ("reference", 1),
        ("perturbed", 2),
        ("broken", 3),
    ]
    assert "LookupError: no dictionary" in capsys.readouterr().out


def test_a_pattern_that_matches_everything_is_found(tmp_path):
    path = write(tmp_path / "x.jsonl", [{"problem": "Say something.", "answer": ".+"}])
    out = tmp_path / "found.json"
    assert main(["validate", path, "--verifier", "regex", "--json", str(out)]) == 1
    assert [kind for kind, *_ in findings(out)] == ["perturbed"]


def test_near_duplicates_need_the_same_numbers_and_can_be_left_out(tmp_path):
    rows = [
        {"problem": LONG.format(n=41, m=3), "answer": "1"},
        {"problem": LONG.format(n=41, m=4), "answer": "2"},
    ]
    assert main(["validate", write(tmp_path / "x.jsonl", rows)]) == 0
    rows[1] = {"problem": "Now " + rows[0]["problem"], "answer": "1"}
    path = write(tmp_path / "y.jsonl", rows)
    assert main(["validate", path]) == 1
    assert main(["validate", path, "--near", "0"]) == 0


def test_splits_of_a_folder_and_the_tasks_of_an_environment(tmp_path, capsys):
    write(tmp_path / "train.jsonl", rows_of(1, 4))
    write(tmp_path / "test.jsonl", rows_of(3, 6))
    assert main(["validate", str(tmp_path)]) == 1
    assert "Problems that another part holds too (1)" in capsys.readouterr().out
    assert main(["validate", str(tmp_path), "--splits", "train"]) == 0
    assert main(["validate", "--env", "SML-Math-v0", "--n", "60"]) == 0
    assert "train: 60 rows\ntest: 60 rows" in capsys.readouterr().out
    assert main(["validate", "--env", "SML-Dataset-v0"]) == 0
    assert main(["validate", "--env", "SML-Math-Underspecified-v0", "--n", "100"]) == 0  # its goals are alike


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Nothing to check"),
        (["nowhere.jsonl"], "Cannot read nowhere.jsonl"),
        (["--env", "SML-Math-v0", "x.jsonl"], "not both"),
        (["x.jsonl", "--format", "gsm9k"], "Did you mean 'gsm8k'"),
        (["x.jsonl", "--near", "2"], "give a share from 0 to 1"),
        (["x.jsonl", "--verifier", "exakt"], "Did you mean 'exact'"),
        (["x.jsonl", "x.jsonl"], "named twice"),
        (["empty.jsonl"], "holds no row"),
        (["--env", "SML-Maths-v0"], "Did you mean"),
        (["--env", "SML-Math-v0", "--splits", "tset"], "Did you mean 'test'"),
    ],
)
def test_what_cannot_be_checked_is_refused_in_one_line(arguments, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "x.jsonl", rows_of(1, 3))
    (tmp_path / "empty.jsonl").write_text("")
    assert main(["validate", *arguments]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.data
def test_the_real_gsm8k_has_no_overlap_and_one_problem_twice(gsm8k, tmp_path):
    out = tmp_path / "found.json"
    assert main(["validate", str(gsm8k), "--format", "gsm8k", "--json", str(out)]) == 1
    held = json.loads(out.read_text())
    assert list(held["rows"].values()) == [7473, 1319]
    assert [(kind, row, other) for kind, _, row, other in findings(out)] == [("near_duplicate", 6691, 2483)]


word = st.sampled_from(["one", "two", "three", "four", "five", "six", "seven", "8", "9"])
words = st.lists(word, max_size=9).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(words, max_size=8), st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_near_pairs_are_those_that_comparing_all_with_all_finds(texts, threshold):
    def runs(text):
        parts = text.split()
        return {text} if len(parts) <= 3 else {" ".join(parts[i : i + 3]) for i in range(len(parts) - 2)}

    def numbers(text):
        return sorted(part for part in text.split() if part.isdecimal())

    expected = set()
    for later, text in enumerate(texts):
        for earlier in range(later):
            one, other = runs(text), runs(texts[earlier])
            differ = texts[earlier] != text and numbers(text) == numbers(texts[earlier])
            if differ and len(one & other) / len(one | other) >= threshold:
                expected.add((later, earlier))
    assert {(later, earlier) for later, earlier, _ in near_pairs(texts, threshold)} == expected


def test_signs_count_and_marks_of_sentences_do_not():
    assert plain_text("What is  A + b?") == plain_text("what is a + b")
    assert plain_text("a + b") != plain_text("a * b")
    assert plain_text("Is it 1.5, Tom's?") == "is it 1.5 tom's"


def test_pieces_that_lose_a_number(tmp_path, capsys):
    problem = "Tom has 3 red and 4 green pens. How many pens has he?"
    goal = "How many pens has Tom?"
    rows = [
        {"problem": problem, "answer": "7", "shards": [goal, "He has 3 red pens.", "He has 4 green pens."]},
        {"problem": problem + " ", "answer": "7", "shards": [goal, "He has 3 red pens.", "Some are green."]},
    ]
    path, out = write(tmp_path / "pens.jsonl", rows), tmp_path / "found.json"
    assert main(["validate", path, "--verifier", "numeric", "--json", str(out)]) == 1
    assert ("shards", "pens.jsonl", 1, None) in findings(out)
    assert ("shards", "pens.jsonl", 0, None) not in findings(out)
    assert "line 2: its pieces lack 4 of the problem" in capsys.readouterr().out


@pytest.mark.parametrize("flag", ["--n", "--limit"])
def test_a_number_of_tasks_without_sense(flag, capsys):
    assert main(["validate", "--env", "SML-Guess-v0", flag, "-1"]) == 2
    assert f"{flag} is -1; give" in capsys.readouterr().err
