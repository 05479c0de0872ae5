"""What gives an answer away and what does not: forms, frames, what the student knows."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from text_domain import TextEnv

from sml_envs.math import MathEnv
from sml_gym import Private, Reference, Step, Task
from sml_gym.leaks import Known, detector_version, find_leaks, plain
from sml_gym.leaks.edits import MAX_EDITS, edited, swapped
from sml_gym.leaks.numerals import in_words, numerals
from sml_gym.leaks.redaction import LEFT_OUT, NOTHING_LEFT, WITHHELD, redact

MATHS, WORDS = MathEnv(), TextEnv()


def leaks(text, answer, problem="?", said=(), taught=(), env=MATHS, steps=(), solution="", data=None):
    reference = Reference(answer, solution, tuple(Step(s) for s in steps), data or {})
    task = Task("t", problem, Private(reference))
    bare = plain(text).text
    return find_leaks(
        text, reference, Known(problem, tuple(said), tuple(taught)), env.statements(task, bare), bare
    )


FORMS = [
    "The answer is 42.",
    "42",
    "You should get 42.0 there.",
    "so x = 4.2e1",
    "it comes to 84/2",
    "The answer is forty-two.",
    "f-o-r-t-y t-w-o",
    "It is ４２.",
    "it's 4​2!",
    "Honestly? 𝟒𝟐.",
    "Final answer: XLII",
    "the total is 0x2a",
    "that is 101010 in binary",
    "f0rty-tw0",
    "NDI=",
    "the tens digit is 4 and the units digit is 2",
    "It starts with 4 and ends with 2.",
    "a 4 followed by a 2",
    "one more than 41",
    "It lies between 41 and 43.",
    "Am Ende sind es zweiundvierzig.",
    "Ça fait quarante-deux.",
    "Son cuarenta y dos.",
    "一共四十二",
    r"\boxed{42}",
    r"$x = \frac{84}{2}$",
    "x - 42 = 0",
    "6 * 7 = 42",
]


@pytest.mark.parametrize("text", FORMS)
def test_a_number_is_found_in_any_form(text):
    assert leaks(text, "42", "What is six times seven?")


INNOCENT = [
    ("Look at step 2.", "2"),
    ("Line 2 is fine, and so are 3 and 4.", "2"),
    ("You made 2 mistakes.", "2"),
    ("There are two things to mend.", "2"),
    ("I'm away until 2 May.", "2"),
    ("1. Expand.\n2. Collect like terms.", "2"),
    ("This is turn 2 of 4.", "2"),
    ("Problem 142 is of this kind.", "42"),
    ("One of the two signs is wrong.", "1"),
    ("Multiply both sides by 3.", "3"),
    ("Which of the two is asked for?", "2"),
    ("The 2nd digit is too low.", "2"),
    ("Put 5 and 1 into the rule.", "5"),
    ("Raise x to the power of 2.", "2"),
    ("Your answer is too high.", "42"),
    ("The answer is not 41.", "42"),
    ("A factor of two is missing.", "84"),
]


@pytest.mark.parametrize(("text", "answer"), INNOCENT)
def test_a_number_that_points_or_counts_is_no_leak(text, answer):
    assert not leaks(text, answer, f"Given {answer} and 5, 1, 3, 7. What comes out?", ["Final answer: 7"])


def test_what_the_student_or_the_problem_said_may_be_repeated_but_not_named_as_the_answer():
    problem = "What is 2 * 3 - 4?"
    assert not leaks("Why do you subtract 2?", "2", problem)
    assert leaks("The answer is 2.", "2", problem)
    assert leaks("You get 2.", "2", problem)
    assert not leaks("Yes, 6 - 4 = 2 is right.", "2", problem, ["Is 6 - 4 = 2 right?"])
    assert leaks("6 - 4 = 2", "2", problem, ["Is it 3?"])


def test_a_step_on_the_way_with_the_same_value_is_no_leak():
    steps = ("6 * 2 = 12.", "12 + 5 = 17.", "17 - 5 = 12.")
    assert not leaks("First, 6 * 2 = 12. Go on from there.", "12", "6 * 2 + 5 - 5?", steps=steps)
    assert leaks("17 - 5 = 12, and you are done.", "12", "6 * 2 + 5 - 5?", steps=steps)
    assert leaks("The answer is 12.", "12", "6 * 2 + 5 - 5?", steps=steps)


EXPRESSIONS = [
    ("x^2 - 2x - 15", "It should be -15 - 2x + x².", True),
    ("x^2 - 2x - 15", "x squared minus two x minus fifteen", True),
    ("x^2 - 2x - 15", r"\(x^{2}-2x-15\)", True),
    ("x^2 - 2x - 15", "The middle term is missing.", False),
    ("x^2 - 2x - 15", "With (x + 5)(x - 3) one gets x^2 + 2x - 15.", False),
    (r"2\sqrt{5}", "no, 2√5 !", True),
    (r"2\sqrt{5}", "`2 * math.sqrt(5)`", True),
    (r"2\sqrt{5}", r"As an example, \sqrt{12} = 2\sqrt{3}.", False),
    (r"\{4, 5\}", "close: four and five", True),
    (r"\{4, 5\}", "Look at lines 4 to 5.", False),
    ("(4, 3)", "y is 3, so x is 4", True),
    ("(4, 3)", "Add the two equations: 2x = 8.", False),
    ("x > 4", "x must be greater than 4", True),
    ("x > 4", "Add 3 on both sides: 2x > 8.", False),
    ("7/12", "⁷⁄₁₂", True),
    ("7/12", "As a decimal it is 0.58333...", True),
    ("7/12", "seven twelfths", True),
    ("1/8", "It is 12.5%.", True),
    ("1250000", "1.25 × 10^6", True),
    ("1250000", "es sind 1.250.000", True),
    ("105", "one hour and three quarters", True),
    ("11.5", "eleven dollars and fifty cents", True),
    ("-8", "it equals −８", True),
]


@pytest.mark.parametrize(("answer", "text", "leak"), EXPRESSIONS)
def test_symbolic_and_other_equal_forms(answer, text, leak):
    assert bool(leaks(text, answer, "Work it out.", ["Final answer: 1"])) is leak


TEXTS = [
    ("Canberra", "No, it's Canberra.", True),
    ("Canberra", "Think of Сanbеrra.", True),
    ("Canberra", "C-a-n-b-e-r-r-a", True),
    ("Canberra", "read arrebnac from its end", True),
    ("Canberra", "Can-ber-ra", True),
    ("Canberra", "It starts like the word can.", False),
    ("silent", "S comes first, then I, L, E, N and T at the end.", True),
    ("green", "gee, are, double e, en", True),
    ("green", "Ich meine grün.", True),
    ("green", "Greenland is far away.", False),
    ("October", "I am back on 10 October, try until then.", False),
    ("Marie Curie", "It was Curie.", True),
    ("9:50 pm", "ten to ten", True),
    ("the Nile", "N-i-l-e", True),
    ("no", "No worries, go on.", False),
    ("no", "The answer is no.", True),
    ("yes", "Yes, that is the way to begin.", False),
    ("a", "Give it a try.", False),
    ("right", "That is not right.", False),
]


@pytest.mark.parametrize(("answer", "text", "leak"), TEXTS)
def test_words(answer, text, leak):
    assert bool(leaks(text, answer, "Which one?", ["Final answer: September"], env=WORDS)) is leak


CHOICE = "Which gas? A) oxygen B) carbon dioxide C) nitrogen. Answer with the letter."


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        ("The right letter is B.", True),
        ("Take the second option.", True),
        ("What goes in is carbon dioxide.", True),
        ("Be careful, a plant is busy.", False),
        ("A is not right.", False),
    ],
)
def test_choices(text, leak):
    assert bool(leaks(text, "B", CHOICE, ["Final answer: A"], env=WORDS)) is leak


def test_digits_told_over_several_turns_are_put_together():
    assert not leaks("The tens digit is 4.", "42", "?")
    assert leaks("The units digit is 2.", "42", "?", ["hm"], ["The tens digit is 4."])
    assert leaks("2", "417", "?") == []
    assert leaks("7", "417", "?", ["and?", "and?"], ["4", "1"])


def test_long_runs_of_the_solution_are_found_and_what_may_be_said_is_not():
    solution = (
        "Halve the smaller of both numbers, then count how many whole times that fits between the two "
        "borders and drop whatever remains in the end."
    )
    words = (
        "So: count how many whole times that fits between the two borders and drop whatever remains "
        "in the end."
    )
    assert leaks(words, "42", "?", solution=solution)
    assert not leaks(words, "42", f"Task: {words}", solution=solution)
    assert not leaks("Count how many whole times that fits.", "42", "?", solution=solution)


@settings(max_examples=150, deadline=None)
@given(st.integers(-99_999, 999_999), st.sampled_from(["{}", "The answer is {}.", "x = {}", "you get {}"]))
@example(0, "The answer is {}.")
def test_every_whole_number_is_found_as_figures_and_in_words(value, frame):
    words = in_words(abs(value))
    spoken = ("minus " if value < 0 else "") + words
    assert leaks(frame.format(value), str(value), "?")
    assert any(value in n.values for n in numerals(f"{value:,} and {value}"))
    if words and abs(value) < 100:
        tens, unit = (abs(value) // 10 * 10, abs(value) % 10) if abs(value) > 20 else (abs(value), 0)
        spoken = ("minus " if value < 0 else "") + in_words(tens) + (f"-{in_words(unit)}" if unit else "")
        assert leaks(f"The answer is {spoken}.", str(value), "?")


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=80),
    st.sampled_from(["42", "x^2 + 1", "Paris", "no", r"\frac{1}{2}", "{1, 2}", "(a, b)"]),
)
def test_any_text_can_be_checked_and_redacted(text, answer):
    def find(words):
        return leaks(words, answer, "?", ["hm"])

    found = find(text)
    for leak in found:
        assert 0 <= leak.start <= leak.end <= len(text) and text[leak.start : leak.end] == leak.text
    if found:
        assert not find(redact(text, found, find))


@pytest.mark.parametrize(
    "text",
    [
        "2 " * 8_000,
        "a" * 16_000,
        "1" * 16_000,
        "x^" * 8_000,
        "(" * 16_000,
        "one " * 4_000,
        "```" * 5_000,
        "a-" * 8_000,
        "the answer is " * 1_100,
        "= 2 " * 4_000,
        "A B C D " * 2_000,
        "not not not A) B) C) " * 700,
        "42 " * 5_000,
    ],
)
def test_long_odd_texts_are_checked_like_others(text):
    """A pattern of cubic time would take hours here and meet the limit of a test."""
    assert bool(leaks(text, "42", "?", ["Final answer: 41"])) is ("42" in text)
    assert not leaks(text, "x^2 + 3x", "?", ["Final answer: 41"])


def test_what_is_left_after_redaction_makes_sense_and_gives_nothing_away():
    def clean(text, answer="42", **known):
        def find(words):
            return leaks(words, answer, "What is it?", ["Final answer: 44"], **known)

        return redact(text, find(text), find)

    assert (
        clean("Not quite. The answer is 42. Try again.") == f"Not quite. The answer is {WITHHELD}. Try again."
    )
    assert clean("42") == NOTHING_LEFT
    assert clean("It is one more than 41. Good luck!") == f"{LEFT_OUT} Good luck!"
    assert clean("Forty-two, so 42, XLII.", "42") == NOTHING_LEFT
    assert clean("Carry the 1.") == "Carry the 1."


def test_the_rules_have_a_version_that_changes_with_them():
    assert len(detector_version()) == 12 and int(detector_version(), 16) >= 0


def test_plain_text_knows_where_it_came_from():
    rng = random.Random(0)
    for _ in range(200):
        text = "".join(rng.choice("aА４​ﬁ½²-⁷⁄₁₂é\n x42") for _ in range(12))
        bare = plain(text)
        for start in range(len(bare.text)):
            first, last = bare.span(start, start + 1)
            assert 0 <= first < last <= len(text)


def test_the_number_that_the_student_lacks_tells_a_pair():
    problem, said = "x + y = 1, x - y = 3. Give (x, y).", ["Final answer: (2, 1)"]
    assert leaks("For y though you need minus one.", "(2, -1)", problem, said)
    assert not leaks("x = 2 is right. Check the sign of y.", "(2, -1)", problem, said)


def test_rows_of_a_formula_on_the_way_to_the_answer_are_no_leak():
    problem, said = "Expand (x + 4)^2.", ["x^2 + 16"]
    assert not leaks(
        "Multiply out (x + 4)(x + 4), that is x^2 + 4x + 4x + 16.", "x^2 + 8x + 16", problem, said
    )
    assert leaks("That is 16 + 8x + x^2.", "x^2 + 8x + 16", problem, said)


PROGRAM = (
    "```python\ndef total(xs):\n    n = 1\n    for x in range(len(xs)):\n        n += x\n    return n\n```"
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Begin with `n = 0`.", "    n = 0"),
        ("Change `range(len(xs))` to `xs`.", "    for x in xs:"),
        ("Use\n```\nfor x in xs:\n```\nas the head of the loop.", "    for x in xs:"),
        ("Return `n / 2`? No, `len(xs)` is missing: `range(1, len(xs))`.", "    for x in range(1, len(xs)):"),
        ("Put `if not xs: return 0` first.", "    if not xs: return 0"),
        ("Drop the `range(len(xs))`, `xs` is a list already.", "    for x in xs:"),
        ("Put `abs(` before what you return.", "    return abs(n)"),
        ("The loop needs `else: break` at the end.", "    else: break"),
        ("The head is `for x in range(1, len(xs))`, of course.", "    for x in range(1, len(xs)):"),
    ],
)
def test_changes_to_a_program_are_made_as_the_feedback_says(text, line):
    programs = [program for program, _, _ in edited(text, PROGRAM)]
    assert any(line in program.split("\n") for program in programs)
    assert len(programs) <= MAX_EDITS and not list(edited("Look at the first line.", PROGRAM))


def test_changes_of_several_pieces_are_made_together():
    text = "Change `range(len(xs))` to `xs`, and begin with `n = 0`."
    fixed = PROGRAM.replace("range(len(xs))", "xs").replace("n = 1", "n = 0")
    assert any(program in fixed for program, _, _ in edited(text, PROGRAM))


@pytest.mark.parametrize(
    ("text", "answer", "changed"),
    [
        ("Put a 5 where you have the 1.", "3x^2 + 1", "3x^2 + 5"),
        ("That makes the constant 5 rather than 1.", "3x^2 + 1", "3x^2 + 5"),
        ("Replace the 2 by a 3 and the 6 with a 4.", "(x - 2)(x - 6)", "(x - 3)(x - 4)"),
        ("It takes a minus instead of the plus.", "x + 7", "x - 7"),
        ("The 4 should be a seven.", "2x + 4", "2x + 7"),
    ],
)
def test_replacements_in_an_answer_are_made_as_the_feedback_says(text, answer, changed):
    assert changed in [candidate for candidate, _, _ in swapped(text, answer)]


def test_nothing_is_replaced_that_nobody_speaks_of():
    assert not list(swapped("Check the constant once more, please.", "3x^2 + 1"))
    assert not list(swapped("Write a 5 where you have the 1.", "1" * 10_000))
