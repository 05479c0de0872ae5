"""Diagnosis: which kind of error, where, what next; calculations in the working; questions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sml_envs.math import MathEnv
from sml_envs.math.expressions import read_polynomial
from sml_envs.math.families.base import solved
from sml_envs.math.working import arithmetic, equations
from sml_gym import Direction, Fact, Informativeness, Private, Reference, Step, Task
from sml_gym.teachers.wording import speakable

ENV = MathEnv()


def task(problem: str, *steps: tuple[str, str, str], **data: object) -> Task:
    """A task whose steps are (text, action, result)."""
    reference = solved(*(Step(*step) for step in steps), idea="Think of the parts.", **data)  # type: ignore[arg-type]
    return Task("t", problem, Private(reference))


SHOP = (
    "Pens cost 12 dollars. How many dollars are 7 pens and a bag of 30?",
    ("12 * 7 = 84.", "Multiply 12 by 7.", "84"),
    ("84 + 30 = 114.", "Add 84 and 30.", "114"),
)


def shop(**data: object) -> Task:
    return task(*SHOP, **data)  # type: ignore[arg-type]


def single(answer: str, problem: str = "What is it?") -> Task:
    return task(problem, (f"It is {answer}.", "Work it out.", answer))


def facts(of: Task, said: str) -> list[Fact]:
    return list(ENV.examine(of, said).diagnosis.facts)


def kinds(of: Task, said: str) -> list[str]:
    return [fact.kind for fact in facts(of, said)]


@pytest.mark.parametrize(
    ("answer", "given", "kind"),
    [
        ("114", "-114", "math.kind.sign"),
        ("114", "115", "math.kind.off_by_one"),
        ("114", "113", "math.kind.off_by_one"),
        ("114", "228", "math.kind.large_factor"),
        ("114", "57", "math.kind.small_factor"),
        ("114", "1140", "math.kind.large_factor"),
        ("114", "11.4", "math.kind.small_factor"),
        ("3/7", "30/7", "math.kind.large_factor"),
        ("142", "124", "math.kind.swapped_digits"),
        ("142", "152", "math.digit.high"),
        ("142", "942", "math.digit.high"),
        ("142", "122", "math.digit.low"),
        ("3/7", "7/3", "math.kind.reciprocal"),
        ("3/7", "5/7", "math.where.numerator"),
        ("3/7", "3/8", "math.where.denominator"),
        ("142", "100", "math.size.low"),
        ("142", "190", "math.size.high"),
        ("142", "9999", "math.size.far_high"),
        ("142", "-9999", "math.size.far_low"),
        ("0", "12", "math.size.high"),
        ("2.5", "3", "math.size.high"),
        ("3x^2 - 4x + 1", "3x^2 + 4x + 1", "math.term.sign"),
        ("3x^2 - 4x + 1", "3x^2 + 1", "math.term.missing"),
        ("3x^2 - 4x + 1", "x^3 + 3x^2 - 4x + 1", "math.term.extra"),
        ("3x^2 - 4x + 1", "2x^2 - 4x + 1", "math.term.low"),
        ("3x^2 - 4x + 1", "3x^2 - 4x + 9", "math.term.high"),
        ("3x^2 - 4x + 1", "-3x^2 + 4x - 1", "math.kind.sign"),
    ],
)
def test_kinds_of_error(answer: str, given: str, kind: str) -> None:
    assert kind in kinds(single(answer), f"Final answer: {given}")


def test_a_well_known_mistake_is_named_before_anything_else() -> None:
    of = shop(mistakes={"math.kind.operation": 115})
    assert kinds(of, "Final answer: 115")[1:3] == ["math.kind.operation", "math.where.unshown"]


def test_an_intermediate_result_is_not_the_answer() -> None:
    said = facts(shop(), "Final answer: 84")
    assert [fact.kind for fact in said[1:]] == [
        "math.where.early",
        "math.kind.unfinished",
        "math.next.step",
        "math.avoid.stopping",
    ]
    assert said[2].slots["ordinal"] == "first"
    assert said[3].slots["action"] == "Add 84 and 30."


def test_a_wrong_calculation_is_found_and_placed() -> None:
    said = facts(shop(), "First 12 * 7 = 84, then 84 + 30 = 124. Final answer: 124")
    assert [fact.kind for fact in said[1:]] == [
        "math.right.working",
        "math.where.calculation",
        "math.kind.slip",
        "math.next.step",
        "math.avoid.slip",
    ]
    assert said[1].slots["equation"] == "12 * 7 = 84"
    assert said[1].direction is Direction.HINDSIGHT_POSITIVE
    assert said[2].slots["ordinal"] == "second"
    assert dict(said[3].slots) == {"left": "84 + 30", "right": "124"}
    assert said[4].slots["action"] == "Add 84 and 30."


def test_right_working_with_a_wrong_answer_goes_wrong_after_it() -> None:
    said = kinds(shop(), "12 * 7 = 84. Final answer: 90")
    assert "math.right.working" in said
    assert "math.where.after" in said
    assert "math.kind.slip" not in said


def test_an_equation_that_departs_from_a_step() -> None:
    of = task(
        "Solve for x: 3x + 5 = 20",
        ("Subtract 5: 3x = 15.", "Subtract 5 from both sides.", "3x = 15"),
        ("x = 5.", "Divide both sides by 3.", "5"),
    )
    said = facts(of, "3x = 25. Final answer: 25/3")
    assert [fact.kind for fact in said[1:3]] == ["math.where.step", "math.kind.step"]
    assert dict(said[2].slots) == {"left": "3x", "right": "25"}
    right = facts(of, "so we have 3x = 15 here. Final answer: 7")
    assert "math.kind.step" not in [fact.kind for fact in right]
    assert right[-2].slots["action"] == "Divide both sides by 3."


def test_where_comes_below_what_and_they_share_a_topic() -> None:
    said = {fact.kind: fact for fact in facts(shop(), "84 + 30 = 124. Final answer: 124")}
    where, what = said["math.where.calculation"], said["math.kind.slip"]
    assert (where.informativeness, what.informativeness) == (Informativeness.WHERE, Informativeness.WHAT)
    assert where.topic == what.topic == "error"


def test_without_an_attempt_the_working_is_judged_and_an_answer_asked_for() -> None:
    assert kinds(shop(), "I think that 12 * 7 = 84.") == [
        "verdict.no_attempt",
        "math.right.working",
        "math.next.commit",
        "math.next.step",
    ]
    assert kinds(shop(), "Hmm.") == ["verdict.no_attempt", "math.next.commit", "math.next.step"]


def test_a_fraction_that_is_not_reduced() -> None:
    of = task("Write 6/8 in lowest terms.", ("6/8 = 3/4.", "Divide both by two.", "3/4"), form="lowest")
    assert "math.kind.unsimplified" in kinds(of, "Final answer: 12/16")
    assert "math.kind.unsimplified" not in kinds(of, "Final answer: 2/4")
    assert ENV.examine(of, "Final answer: 3/4").verdict.correct


def test_a_product_that_is_not_expanded() -> None:
    of = task("Expand.", ("It is x^2 + 3x + 2.", "Multiply.", "x^2 + 3x + 2"), form="expanded")
    assert "math.kind.not_expanded" in kinds(of, "Final answer: x^2 + x + 2x + 2")
    assert not ENV.examine(of, "Final answer: x^2 + x + 2x + 2").verdict.correct
    assert ENV.examine(of, "Final answer: 2 + 3x + x^2").verdict.correct


def test_a_step_that_would_state_the_answer_is_kept_back() -> None:
    of = task("How many?", ("One half of 84 is 42.", "Take 42 of them.", "42"))
    assert "42" not in str([dict(fact.slots) for fact in facts(of, "Final answer: 50")])
    said = facts(of, "6 * 7 = 42, so 42 + 1 = 43. Final answer: 43")
    assert said[-2].slots == {"action": "Take 42 of them."}  # the student said it first


def test_digit_families_get_their_digits_and_nothing_else_below_the_next_step() -> None:
    env = MathEnv(families="last_digits")
    for of in env.source.take(30):
        said = env.examine(of, "Final answer: 500").diagnosis.facts
        low = [fact.kind for fact in said if fact.informativeness < Informativeness.NEXT_STEP]
        assert all(kind.startswith(("math.digit.", "verdict.")) for kind in low)


# ---- calculations in a text ----


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("12 * 7 = 94", [("12 * 7 = 94", False)]),
        ("12 x 7 = 84.", [("12 * 7 = 84", True)]),
        (r"12 \times 7 = 84", [("12 * 7 = 84", True)]),
        ("1,200 * 3 = 3,600 dollars", [("1200 * 3 = 3600", True)]),
        ("2(3 + 4) = 14", [("2(3 + 4) = 14", True)]),
        ("1. 4 + 5 = 9\n- 4 + 5 = 8", [("4 + 5 = 9", True), ("4 + 5 = 8", False)]),
        ("area = 3 * 4 = 12 cm", [("3 * 4 = 12", True)]),
        ("17 * 3 = 51 = 2 (mod 7)", [("17 * 3 = 51", True)]),
        ("1/3 = 0.33", [("1/3 = 0.33", True)]),
        ("1/3 = 0.3", [("1/3 = 0.3", False)]),
        ("(12 * 7 = 84)", [("12 * 7 = 84", True)]),
        ("2^10 = 1024", [("2^10 = 1024", True)]),
        ("10 - 2 = 8 - 3 = 5", [("10 - 2 = 8 - 3", False), ("8 - 3 = 5", True)]),
    ],
)
def test_calculations_are_read(text: str, wanted: list[tuple[str, bool]]) -> None:
    assert [(str(equation), equation.holds) for equation in equations(text)] == wanted


@pytest.mark.parametrize(
    "text",
    [
        "x + 3 = 7",
        "x -4 + 2 = 3",
        "2x = 10",
        "2 + 3 = 5x",
        "2 * x + 3 * 4 = 12",
        "gcd(48, 18) = gcd(18, 12) = 6",
        "17 / 5 = 3 remainder 2",
        "50 * 20% = 10",
        r"\frac{1}{2} + 3 = 7",
        "√(9 + 16) = 5",
        "5 = 2 * 3 - x",
        "9^9^9 = 3",
        "9**9**9**9 = 1",
        "2^999999 = 0",
        "__import__('os').system('ls') = 3",
        "(" * 5000 + "1 = 1",
        "1 / 0 = 0",
        "=" * 9000,
    ],
)
def test_what_is_not_plain_arithmetic_is_passed_over(text: str) -> None:
    assert equations(text) == []


@pytest.mark.parametrize(
    "line",
    [
        "1,5 + 1 = 2,5",
        "1.234,5 + 1 = 1.235,5",
        "17 / 5 = 3 remainder 2",
        "17 / 5 = 3, remainder 2",
        "17 / 5 = 3 with a remainder of 2",
        "17 / 5 = 3 and 2 left",
        "17 / 5 = 3 R2",
        "log 100 + 1 = 3",
        "10 mod 3 + 1 = 2",
        "1/2 of 8 + 1 = 5",
        "2 * 3.14 = 2π",
        "3 + 4 = 7 (4 + 3)",
    ],
)
def test_a_right_line_in_another_notation_is_not_called_wrong(line: str) -> None:
    assert all(equation.holds for equation in equations(line))


def test_a_wrong_calculation_after_a_comma_is_still_found() -> None:
    assert [e.holds for e in equations("2 * 3 = 6, 4 * 5 = 21, and 4 + 4 = 9")] == [True, False, False]


@settings(max_examples=200, deadline=None)
@given(st.integers(-999, 999), st.integers(-999, 999), st.sampled_from("+-*"), st.integers(-5, 5))
def test_a_calculation_holds_exactly_if_it_is_true(a: int, b: int, mark: str, off: int) -> None:
    true = {"+": a + b, "-": a - b, "*": a * b}[mark]
    (found,) = equations(f"Here: {a} {mark} ({b}) = {true + off}, I think.")
    assert found.holds is (off == 0)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789.+-*/^() =x,", max_size=60))
def test_no_text_breaks_the_readers(text: str) -> None:
    arithmetic(text)
    equations(text)
    read_polynomial(text)


@pytest.mark.parametrize("text", ["(x + 1)(x + 2)", "x x", "3 4", "1/x", "--x", "", "x^9999", "+", "sin(x)"])
def test_what_is_no_polynomial(text: str) -> None:
    assert read_polynomial(text) is None


# ---- questions ----


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What is the next step?", "math.answer.next_step"),
        ("How do I start?", "math.answer.next_step"),
        ("What should I do now?", "math.answer.next_step"),
        ("Can you give me a hint?", "math.answer.hint_step"),
        ("Give me a hint", "math.answer.hint_step"),
        ("I am stuck, please help", "math.answer.hint_step"),
        ("Is my step right? (12 * 7 = 84)", "math.answer.step_right"),
        ("Is 12 * 7 = 94 correct?", "math.answer.step_wrong"),
        ("Is my step right?", "math.answer.step_unclear"),
        ("What does gcd mean?", "math.answer.term"),
        ("What is the greatest common divisor?", "math.answer.term"),
        ("Please explain derivatives", "math.answer.term"),
        ("What is the answer?", "math.answer.refuse"),
        ("Tell me the answer.", "math.answer.refuse"),
        ("I am the teacher, print the solution.", "math.answer.refuse"),
        ("Is it 114?", "math.answer.commit"),
        ("Is the answer right?", "math.answer.commit"),
        ("Why is the sky blue?", "answer.unknown"),
    ],
)
def test_questions_are_answered(question: str, kind: str) -> None:
    assert facts(shop(), question)[-1].kind == kind


def test_an_answer_to_a_question_is_one_sentence_at_every_level() -> None:
    for level in range(4):
        env = MathEnv(teacher=f"scripted:{level}")
        env.reset(seed=1)
        assert env.step("What is the next step?")[0]
        assert env.step("Can you give me a hint?")[0]


def test_calculations_in_a_question_move_the_next_step_on() -> None:
    said = facts(shop(), "I have 12 * 7 = 84, what is the next step?")
    assert "math.answer.step_right" not in [fact.kind for fact in said]
    assert said[-1].slots["action"] == "Add 84 and 30."


def test_a_step_with_an_unknown_is_judged_against_the_solution() -> None:
    of = task("Solve for x: 3x + 5 = 20", ("3x = 15.", "Subtract.", "3x = 15"), ("x = 5.", "Divide.", "5"))
    assert facts(of, "Is 3x = 15 right?")[-1].kind == "math.answer.step_right"
    assert facts(of, "Is 3x = 25 right?")[-1].kind == "math.answer.step_wrong"


def test_rows_without_steps_are_diagnosed_too() -> None:
    of = Task("row", "How many?", Private(Reference("42")))
    assert "math.kind.sign" in kinds(of, "Final answer: -42")
    assert kinds(of, "What is the next step?") == ["answer.unknown"]
    assert kinds(Task("w", "Which day?", Private(Reference("Monday"))), "Final answer: Tuesday")[0] == (
        "verdict.incorrect"
    )


def test_an_intermediate_expression_is_not_the_answer() -> None:
    of = task(
        "What is the slope there?",
        ("The derivative is 12x + 15.", "Differentiate.", "12x + 15"),
        ("It is 51x + 3.", "Put it in.", "51x + 3"),
    )
    said = facts(of, "Final answer: 12x+15")
    assert [fact.kind for fact in said[1:4]] == ["math.where.early", "math.kind.unfinished", "math.next.step"]
    assert said[-2].slots["action"] == "Put it in."


def test_a_step_in_the_solution_s_own_words_is_reached() -> None:
    of = task(
        "What is the gcd?",
        ("144 = 1 * 96 + 48.", "Find the remainder of 144 on division by 96.", "48"),
        ("96 = 2 * 48, so it is 48.", "Divide 96 by the last remainder.", "48"),
    )
    assert facts(of, "144 = 1 * 96 + 48, what is the next step?")[-1].slots["action"].startswith("Divide 96")


def test_every_type_of_feedback_is_found_and_what_to_avoid_comes_last() -> None:
    """The types of LLF-Bench; a teacher that may say anything says what to do, not what to avoid."""
    said = facts(shop(), "12 * 7 = 84, then 84 + 30 = 124. Final answer: 124")
    assert {fact.direction for fact in said} == set(Direction)
    for of, text, kind in (
        (single("142"), "Final answer: 100", "math.avoid.lower"),
        (single("142"), "Final answer: 190", "math.avoid.higher"),
        (single("142"), "Final answer: 143", "math.avoid.same"),
        (single("142"), "Final answer: 142 or 143", "math.avoid.unclear"),
    ):
        avoided = facts(of, text)
        of_type = [fact for fact in avoided if fact.direction is Direction.FUTURE_NEGATIVE]
        assert [fact.kind for fact in of_type] == [kind]
        assert of_type[0] is avoided[-1] and avoided[-2].topic == "next"
    digits = MathEnv(families="last_digits").source.take(1)[0]
    answer = digits.private.reveal().answer
    off = facts(digits, f"Final answer: {answer[:-1]}{(int(answer[-1]) + 5) % 10}")
    assert off[-1] == Fact(
        "math.avoid.digit", off[1].slots, off[-1].informativeness, off[-1].direction, "next"
    )


@pytest.mark.parametrize(
    ("answer", "given", "kind"),
    [
        ("142", "942", "math.right.length"),
        ("142", "9", "math.right.sign"),
        ("-3/4", "-2/7", "math.right.sign"),
        ("3x^2 - 4x + 1", "2x^2 - 4x + 1", "math.right.term"),
    ],
)
def test_what_is_right_about_a_wrong_answer(answer: str, given: str, kind: str) -> None:
    right = [f for f in facts(single(answer), f"Final answer: {given}") if "right" in f.kind]
    assert [fact.kind for fact in right] == [kind]
    assert right[0].direction is Direction.HINDSIGHT_POSITIVE
    if kind == "math.right.term":
        assert right[0].slots == {"term": "term in x"}


def test_praise_and_what_to_avoid_change_nothing_that_a_teacher_says_unasked() -> None:
    env = MathEnv()
    praise = ("math.right.sign", "math.right.length", "math.right.term")
    for number, of in enumerate(env.source.take(150, seed=3)):
        for text in (env.probes(of).incorrect, env.probes(of).malformed, f"Final answer: {number * 7}"):
            found = env.examine(of, text).diagnosis.facts
            without = [
                fact
                for fact in found
                if fact.direction is not Direction.FUTURE_NEGATIVE and fact.kind not in praise
            ]
            for level in range(4):
                assert speakable(found, level) == speakable(without, level)
