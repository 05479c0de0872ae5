"""JSONL rows: GSM8K (socratic too), MATH, plain ones, and what is wrong with the others."""

import json
import re

import gymnasium as gym
import pytest

from sml_envs.math.answers import check_answer
from sml_envs.math.numbers import parse_number
from sml_envs.math.rows import read_row
from sml_gym import ConfigError

GSM8K = {
    "question": "Ann has 16 eggs, eats three, bakes with four. She sells the rest for $2. What is that?",
    "answer": "She sells 16 - 3 - 4 = <<16-3-4=9>>9 eggs.\nShe makes 9 * 2 = $<<9*2=18>>18.\n#### 18",
}
SOCRATIC = {
    "question": GSM8K["question"],
    "answer": "How many eggs does she sell? ** She sells 16 - 3 - 4 = <<16-3-4=9>>9 eggs.\n"
    "How much does she make with 9 eggs? ** She makes 9 * 2 = $<<9*2=18>>18.\n#### 18",
}


def test_a_gsm8k_row():
    problem, reference = read_row(GSM8K)
    assert problem == GSM8K["question"]
    assert reference.answer == "18"
    assert reference.solution == "She sells 16 - 3 - 4 = 9 eggs.\nShe makes 9 * 2 = $18."
    assert [(step.action, step.result) for step in reference.steps] == [
        ("Work out 16-3-4.", "9"),
        ("Work out 9*2.", "18"),
    ]
    assert reference.data == {"calculations": ((0, "16-3-4", "9"), (1, "9*2", "18"))}


def test_a_socratic_row_gives_the_teacher_its_questions():
    _, reference = read_row(SOCRATIC)
    assert [step.action for step in reference.steps] == [
        "How many eggs does she sell?",
        "How much does she make with 9 eggs?",
    ]
    assert [step.text for step in reference.steps] == [
        "She sells 16 - 3 - 4 = 9 eggs.",
        "She makes 9 * 2 = $18.",
    ]


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("How many are the 9 eggs? ** 16-7=<<16-7=9>>9", "Work out 16-7."),
        ("How many are nine eggs? ** 16-7=<<16-7=9>>9", "Work out 16-7."),
        ("Is 9 the number? ** 9*1=<<9*1=9>>9", ""),
        ("Does that lead to 18? ** 18/2=<<18/2=9>>9", ""),
        ("9*1=<<9*1=9>>9", ""),
        ("That makes 9", ""),
    ],
)
def test_an_action_states_neither_its_steps_result_nor_the_answer(line, action):
    _, reference = read_row({"question": "How many?", "answer": f"{line}\n#### 18"})
    assert reference.steps[0].action == action


def test_thousands_separators_are_taken_out_of_the_answer():
    assert read_row({"question": "How much?", "answer": "#### 1,234,500"})[1].answer == "1234500"


@pytest.mark.parametrize(
    ("question", "unit"),
    [
        ("What percentage of the eggs is left?", "%"),
        ("What percent is left?", "%"),
        ("By what percent did it grow?", "%"),
        ("After a discount of 20 percent, what does it cost?", None),
    ],
)
def test_a_question_for_a_percentage_names_its_unit(question, unit):
    assert read_row({"question": question, "answer": "#### 5"})[1].data.get("unit") == unit


def test_a_math_row():
    row = {
        "problem": "Solve.",
        "solution": r"We have \boxed{1}. No: $x = \boxed{\frac{1}{2}}$.",
        "level": "Level 1",
    }
    problem, reference = read_row(row)
    assert (problem, reference.answer, reference.solution) == ("Solve.", r"\frac{1}{2}", row["solution"])


def test_a_plain_row():
    row = {"problem": "How long?", "answer": 7, "unit": "cm", "form": "lowest", "solution": "Measure it."}
    problem, reference = read_row(row)
    assert (problem, reference.answer, reference.solution) == ("How long?", "7", "Measure it.")
    assert reference.data == {"unit": "cm", "form": "lowest"}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"answer": "7"}, "'problem' is missing"),
        ({"question": "How many?"}, "'answer' is missing"),
        ({"problem": "How many?"}, "'answer' is missing"),
        ({"problem": "", "answer": "7"}, "'problem' should be non-empty text"),
        ({"problem": "How many?", "answer": None}, "'answer' should be non-empty text"),
        ({"problem": "How many?", "solution": "It is 7."}, "no \\boxed{} answer"),
        ({"problem": "How many?", "solution": r"It is \boxed{7."}, "no \\boxed{} answer"),
        ({"question": "How many?", "answer": "It is 7.\n####"}, "nothing after its ####"),
        ({"problem": "How many?", "answer": "7", "unit": 3}, "'unit' should be text"),
        ({"problem": "How many?", "answer": "x" * 3_000}, "the answer has 3000 characters"),
        ({"problem": "How many?", "answer": "7", "form": "pretty"}, "'form' should be"),
    ],
)
def test_a_bad_row_names_file_line_and_what_is_wrong(tmp_path, row, says):
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps({"problem": "1 + 1?", "answer": "2"}) + "\n" + json.dumps(row) + "\n")
    with pytest.raises(ConfigError, match="line 2") as caught:
        gym.make("SML-Math-v0", tasks=str(path))
    assert str(path) in str(caught.value)
    assert says in str(caught.value)


def test_rows_become_dialogues(tmp_path):
    path = tmp_path / "eggs.jsonl"
    path.write_text(json.dumps(GSM8K) + "\n" + json.dumps(SOCRATIC | {"id": "mine"}) + "\n")
    env = gym.make("SML-Math-v0", tasks=str(path))
    for task_id in ("eggs:0", "mine"):
        problem, _ = env.reset(options={"task_id": task_id})
        assert problem == GSM8K["question"]
        assert env.step("Final answer: 17")[1] == 0.0
        assert env.step("Final answer: $18.")[1:3] == (1.0, True)


@pytest.mark.data
@pytest.mark.parametrize("name", ["test", "test_socratic"])
def test_real_rows(name, gsm8k):
    rows = [json.loads(line) for line in (gsm8k / f"{name}.jsonl").read_text().splitlines()]
    assert len(rows) == 1319
    with_action = 0
    for row in rows:
        _, reference = read_row(row)
        assert parse_number(reference.answer) is not None
        assert "<<" not in reference.solution
        for step in reference.steps:
            with_action += bool(step.action)
            for secret in (step.result, reference.answer):
                assert not secret or not re.search(
                    rf"(?<![\d.,]){re.escape(secret)}(?![\d]|[.,]\d)", step.action
                )
    assert with_action > (4700 if name == "test_socratic" else 3800)


@pytest.mark.data
def test_every_reference_of_the_test_split_scores_1_and_a_wrong_number_0(gsm8k):
    env = gym.make("SML-Math-v0", tasks=str(gsm8k / "test.jsonl"), teacher="binary")
    for task in env.unwrapped.source:
        answer = task.private.reveal().answer
        env.reset(options={"task_id": task.id})
        assert env.step(f"Final answer: {answer}0.5")[1] == 0.0
        assert env.step(f"Working it out.\n#### {answer}")[1:3] == (1.0, True)


@pytest.mark.parametrize(
    ("answer", "number", "unit"),
    [
        (r"10\text{ cm}", "10", "cm"),
        (r"\frac{3}{4}\text{ ft}^2", r"\frac{3}{4}", "ft^2"),
        (r"12 \text{ square units}", "12", "square units"),
        (r"90^\circ", "90", "degrees"),
        (r"2x", "2x", None),
        (r"\text{even}", r"\text{even}", None),
        (r"4\pi\text{ cm}", r"4\pi\text{ cm}", None),
    ],
)
def test_a_unit_in_the_answer_is_what_the_task_names(answer, number, unit):
    _, reference = read_row({"problem": "How much?", "solution": f"It is \\boxed{{{answer}}}."})
    assert (reference.answer, reference.data.get("unit")) == (number, unit)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("boxed", "said"),
    [
        (r"90^\circ", "90°"),
        (r"\$18.90", "$18.9"),
        (r"2516_8", "2516_{8}"),
        (r"(3, \frac{\pi}{2})", "(3, pi/2)"),
        (r"\left( \frac{3}{2}, -13 \right)", "(1.5, -13)"),
        (r"x \in [-2,7]", "[-2, 7]"),
        (r"\frac{\sqrt{3}}{3}", r"1/\sqrt{3}"),
        (r"\log_2 3", r"\frac{\ln 3}{\ln 2}"),
        (r"10!", "3628800"),
        (r"f(x)=x^2", "x^2"),
        (r"A,B,D", "A, B, D"),
        (r"\text{August 10}", "august 10"),
        (r"\emptyset", "∅"),
    ],
)
def test_references_in_the_manner_of_math_score_1(tmp_path, boxed, said):
    path = tmp_path / "math.jsonl"
    path.write_text(
        json.dumps({"problem": "What is it?", "solution": f"So it is $\\boxed{{{boxed}}}$."}) + "\n"
    )
    env = gym.make("SML-Math-v0", tasks=str(path), teacher="binary")
    env.reset()
    assert env.step("Final answer: 123456")[1] == 0.0
    assert env.step(f"\\boxed{{{said}}}")[1] == 1.0
    env.reset()
    assert env.step(f"Final answer: ${boxed}$.")[1] == 1.0


@pytest.mark.parametrize(
    ("question", "unit"),
    [
        ("Ann has eggs. How many eggs are left?", "eggs"),
        ("How many boys are there if there are 5 girls? How many more girls come?", "girls"),
        ("How many square feet is it?", "square feet"),
        ("How many people came?", "people"),
        ("How many of them are left?", None),
        ("How many does she have?", None),
        ("How many red balls are there?", None),
        ("How long is it?", None),
    ],
)
def test_what_a_question_counts_may_stand_with_the_answer(question, unit):
    reference = read_row({"question": question, "answer": "#### 5"})[1]
    assert reference.data.get("unit") == unit
    assert check_answer(f"5 {unit or ''}".strip(), "5", unit=unit or "").correct


def test_what_a_question_counts_is_no_unit_of_an_answer_in_another_one():
    reference = read_row({"problem": "How many coins are that?", "answer": r"\$5"})[1]
    assert "unit" not in reference.data
