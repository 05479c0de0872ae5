"""Equality of answers: exact numbers, hedges, shapes, and expressions in a worker."""

import time
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sml_envs.math import answers
from sml_envs.math.answers import check_answer, parse_number
from sml_gym import Outcome, VerifierError, read_utterance
from sml_gym.workers import DeadlineExceeded, WorkerLost, WorkerPool, WorkerRaised

CORRECT, INCORRECT, MALFORMED = Outcome.CORRECT, Outcome.INCORRECT, Outcome.MALFORMED


def outcome(answer, expected, **options):
    verdict = check_answer(answer, expected, **options)
    assert verdict.answer == answer
    assert bool(verdict.reason) == (verdict.outcome is MALFORMED)
    return verdict.outcome


# ---- numbers ----

NUMBERS = {
    "7": [
        "7",
        "007",
        "+7",
        "7.",
        "7.0",
        " 7 ",
        "$7$",
        r"\(7\)",
        "**7**",
        "`7`",
        "(7)",
        r"\text{7}",
        r"\boxed{7}",
    ],
    "-7": ["-7", "- 7", "−7", "–7", r"$-7$", "(-7)"],
    "1234": [
        "1,234",
        "1{,}234",
        r"1\,234",
        "1 234",
        "1\u202f234",
        "1234.00",
        "１２３４",
        "١٢٣٤",
        "12\u200b34",
    ],
    "1234567": ["1,234,567", "1 234 567"],
    "5": ["$5", r"\$5", "5$", "€5", "$5.00", "x = 5", "$x=5$", r"x_1 = 5", "≈ 5", "about 5"],
    "-5": ["-$5", "$-5", r"-\$5"],
    "1000": ["1e3", "1E3", "1.0e+3", r"10^3", r"10^{3}", r"1 \times 10^{3}", "1*10^3", "1 × 10^3"],
    "0.001": ["1e-3", r"10^{-3}", "1/1000"],
    "3/4": [
        "3/4",
        "0.75",
        ".75",
        r"\frac{3}{4}",
        r"\dfrac34",
        r"\tfrac{3}{4}",
        r"\frac 3 4",
        "75%",
        "¾",
        "3⁄4",
        "6/8",
    ],
    "-3/4": ["-3/4", r"-\frac{3}{4}", r"\frac{-3}{4}", "3/-4", "-0.75"],
    "3/2": ["1 1/2", r"1\frac12", r"1\frac{1}{2}", "1½", "1.5", "3/2"],
    "1/6": [r"0.1\overline{6}", "1/6"],
}


@pytest.mark.parametrize(("expected", "answer"), [(e, a) for e, written in NUMBERS.items() for a in written])
def test_printed_forms_of_a_number(expected, answer):
    assert outcome(answer, expected) is CORRECT
    assert outcome(answer, "999") is INCORRECT


NO_NUMBERS = [
    "",
    "-",
    "$",
    "x",
    "7 kg",
    "1,23",
    "12,34,567",
    "5.5.5",
    "1/0",
    "5²",
    "3:30",
    "--7",
    "9**9",
    "0x10",
]
NO_NUMBERS += [
    "1e99999",
    "1e999999999",
    "7" * 5000,
    "1_000",
    "nan",
    "inf",
    "True",
    "\u202e12",
    "1\x002",
    "seven",
]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number(text):
    assert parse_number(text) is None


def test_units_that_the_task_names():
    for answer in (
        "7",
        "7 cm",
        "7cm",
        r"7\text{ cm}",
        r"7\,\mathrm{cm}",
        "7 centimeters",
        "7 centimetre",
        "7 cm.",
    ):
        assert outcome(answer, "7", unit="cm") is CORRECT
    for answer in ("7 kg", "7 cm^2", "0.07 m", "$7", "7%"):
        verdict = check_answer(answer, "7", unit="cm")
        assert (verdict.outcome, verdict.reason) == (MALFORMED, "it should be in cm")
    assert outcome("8 cm", "7", unit="cm") is INCORRECT
    for answer in ("12 cm^2", "12 cm²", "12 square centimeters", r"12\text{ cm}^2"):
        assert outcome(answer, "12", unit="cm^2") is CORRECT
    for answer in ("$5", "5 dollars", "5 USD", "5"):
        assert outcome(answer, "5", unit="dollars") is CORRECT
    assert outcome("60 kilometers per hour", "60", unit="km/h") is CORRECT
    assert outcome("3 pages", "3", unit="pages") is CORRECT
    assert outcome("30°", "30", unit="degrees") is CORRECT
    assert outcome(r"30^\circ", "30", unit="degrees") is CORRECT
    assert outcome("7 apples", "7") is MALFORMED  # no unit was asked for


def test_percent():
    for expected, unit in (("50", "%"), (r"50\%", ""), ("50%", "")):
        for answer in ("50", "50%", r"50\%", "50 percent"):
            assert outcome(answer, expected, unit=unit) is CORRECT
        assert outcome("0.5", expected, unit=unit) is INCORRECT
    assert outcome("50%", "1/2") is CORRECT
    assert outcome("50%", "50") is CORRECT
    assert outcome("5%", "50") is INCORRECT


HEDGES = {
    "more than one value": [
        "2 or 7",
        "{7, 8}",
        r"\{7, 8\}",
        "7, 8",
        "x=7 or x=8",
        "±7",
        r"\pm 7",
        "7 and 8",
        "(7, 8)",
        "7; 8",
        "x_1=7, x_2=8",
    ],
    "range": [
        "between 6 and 8",
        "7 to 8",
        "7..8",
        "x > 7",
        r"x \geq 7",
        "at least 7",
        "from 6 to 8",
        "less than 7",
    ],
    "what the answer is not": ["not 7", "x != 7", r"x \neq 7", "x ≠ 7"],
    "not certain": ["7?", "maybe 7", "I think 7", "probably 7"],
    "two different numbers": ["7 = 8", "3/4 = 0.7"],
    "calculation that is not carried out": [
        "3+4",
        "7*1",
        r"\sqrt{49}",
        "6-8",
        "7!",
        "9**9**9**9",
        "2^3",
        r"7 \cdot 1",
    ],
    "division that is not carried out": ["14/2", r"\frac{14}{2}", "7/1"],
    "too large or too small": ["1e999999999", "10^{99999}", "7" * 1500],
    "too long": ["7" * 3000],
    "empty": ["", "  "],
    "order of reading": ["\u202e7"],
    "cannot be read": ["7\x00", "\x00", "7\ud800"],
    "further words": ["7 apples", "7 kg"],
    "not a single number": ["seven", "nan", "inf", "None", "x"],
}


@pytest.mark.parametrize(("reason", "answer"), [(r, a) for r, written in HEDGES.items() for a in written])
def test_what_is_malformed_where_one_number_is_asked_for(reason, answer):
    verdict = check_answer(answer, "7")
    assert verdict.outcome is MALFORMED
    assert reason in verdict.reason


def test_a_calculation_with_its_result_commits_to_the_result():
    assert outcome("3 + 4 = 7", "7") is CORRECT
    assert outcome("7 = 7.0", "7") is CORRECT
    assert outcome("3 + 4 = 8", "7") is INCORRECT


def test_lowest_terms_where_the_task_asks_for_them():
    assert outcome("6/8", "3/4", form="lowest") is MALFORMED
    assert outcome(r"\frac{6}{8}", "3/4", form="lowest") is MALFORMED
    assert outcome("1 2/4", "3/2", form="lowest") is MALFORMED
    # The reason speaks of the form only, whether or not the value is right.
    assert check_answer("2/8", "3/4", form="lowest") == check_answer("2/8", "1/4", form="lowest")
    for answer in ("3/4", r"\frac34", "0.75"):
        assert outcome(answer, "3/4", form="lowest") is CORRECT


def with_commas(value):
    return f"{value:,}"


def forms(value):
    """Ways to write a fraction."""
    sign, size = ("-" if value < 0 else ""), abs(value)
    top, below = size.numerator, size.denominator
    if below == 1:
        yield from (
            f"{sign}{top}",
            f"{sign}{with_commas(top)}",
            f"{sign}{top}.0",
            f"${sign}{top}$",
            f"{sign}${top}",
        )
        yield f"{sign}{with_commas(top)}".replace(",", "{,}")
        yield f"{sign}{top}00e-2"
        return
    yield from (
        f"{sign}{top}/{below}",
        f"{sign}\\frac{{{top}}}{{{below}}}",
        f"$\\dfrac{{{sign}{top}}}{{{below}}}$",
    )
    yield f"x = {sign}{with_commas(top)}/{with_commas(below)}"
    if top > below:
        whole, rest = divmod(top, below)
        yield from (f"{sign}{whole} {rest}/{below}", f"{sign}{whole}\\frac{{{rest}}}{{{below}}}")
    digits = next((n for n in range(12) if 10**n % below == 0), None)
    if digits is not None:
        shown = f"{top * 10**digits // below:0{digits + 1}d}"
        yield from (f"{sign}{shown[:-digits]}.{shown[-digits:]}", f"{sign}{shown}e-{digits}")


fractions = st.one_of(
    st.integers(-(10**12), 10**12).map(Fraction),
    st.builds(Fraction, st.integers(-(10**6), 10**6), st.integers(1, 10**4)),
    st.builds(Fraction, st.integers(-(10**6), 10**6), st.sampled_from([2, 4, 5, 8, 10, 25, 100, 1000])),
)


@settings(deadline=None, max_examples=300)
@given(fractions, fractions, st.data())
def test_every_form_of_a_fraction_equals_it_and_no_other_value(value, other, data):
    assume(value != other)
    written = data.draw(st.sampled_from(list(forms(value))))
    reference, wrong = next(forms(value)), next(forms(other))
    assert parse_number(written) == value
    assert outcome(written, reference) is CORRECT
    assert outcome(written, wrong) is INCORRECT
    reading = read_utterance(f"Let me see.\nFinal answer: {written}")
    assert outcome(reading.answer, reference) is CORRECT
    assert outcome(read_utterance(f"\\boxed{{{written}}}").answer, reference) is CORRECT


@settings(deadline=None, max_examples=300)
@given(st.text(st.one_of(st.characters(), st.sampled_from("0123456789.,/-+*^=${}\\%e ")), max_size=60))
def test_any_text_has_a_verdict_where_a_number_is_asked_for(text):
    for unit in ("", "cm", "%"):
        assert outcome(text, "7", unit=unit) in (CORRECT, INCORRECT, MALFORMED)


# ---- words, times, ratios, choices ----


@pytest.mark.parametrize(
    ("answer", "expected", "verdict"),
    [
        ("3:30", "3:30", CORRECT),
        ("3 : 30.", "3:30", CORRECT),
        ("3:45", "3:30", INCORRECT),
        ("2:3", "4:6", INCORRECT),
        ("monday", "Monday", CORRECT),
        (r"\text{Monday}", "Monday", CORRECT),
        ("Monday.", r"\text{Monday}", CORRECT),
        ("Tuesday", "Monday", INCORRECT),
        ("Monday or Tuesday", "Monday", MALFORMED),
        ("not Monday", "Monday", MALFORMED),
        ("Monday?", "Monday", MALFORMED),
        ("no", "yes", INCORRECT),
        ("Yes", "yes", CORRECT),
        ("B", r"\text{(B)}", CORRECT),
        ("(B)", "B", CORRECT),
        ("A", "B", INCORRECT),
    ],
)
def test_text_answers(answer, expected, verdict):
    assert outcome(answer, expected) is verdict


# ---- expressions and several values ----


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("expected", "right", "wrong"),
    [
        ("x", ["$x$", "x+0", r"\text{x}"], ["X", "y", "2x"]),
        (
            "x^2+3x+2",
            ["x**2 + 3*x + 2", "2+3x+x^2", "x²+3x+2", "(x+1)(x+2)", "y = x^2+3x+2"],
            ["x^2+3x+3", "x^{2}", "7"],
        ),
        (
            r"\frac{\sqrt{3}}{2}",
            ["sqrt(3)/2", "√3/2", r"\frac{\sqrt3}{2}"],
            ["0.8660254", r"\frac{\sqrt{3}}{3}"],
        ),
        (r"2\sqrt{2}", [r"\sqrt{8}", "2*sqrt(2)"], ["2.8284271247"]),
        (r"\pi", ["pi", "π"], ["3.14159", "22/7", "p"]),
        ("e^x", ["exp(x)", "e**x", r"e^{x}"], ["x^e", "ex"]),
        (r"\cos x", ["cos(x)", "cos x", r"\operatorname{cos}(x)", "f(x) = \\cos x"], ["sin(x)", "-cos(x)"]),
        ("3x^2 + C", ["3x^2+C", "3x^2+c"], ["3x^2", "x^2 + C"]),
        ("3+4i", ["4i+3"], ["3-4i", "3+4j"]),
        ("|x|", ["abs(x)"], ["x", "-x"]),
        ("x > 3", ["x>3", "3<x", "2x > 6"], ["x<3", "x >= 3", "3"]),
        ("1 < x \\leq 3", ["1<x<=3", "3 \\geq x > 1"], ["1<x<3", "1<y\\leq 3"]),
        ("x^2+y^2=1", ["y^2+x^2=1", "2x^2+2y^2=2"], ["1=2", "x^2+y^2=2", "x=1"]),
        ("y = 2x+3", ["2x+3", "y=3+2x"], ["y=2x", "2x-3"]),
        (
            r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
            [r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}"],
            [r"\begin{pmatrix}1&2\\3&5\end{pmatrix}"],
        ),
    ],
)
def test_expressions(expected, right, wrong):
    assert outcome(expected, expected) is CORRECT
    assert [answer for answer in right if outcome(answer, expected) is not CORRECT] == []
    assert [answer for answer in wrong if outcome(answer, expected) is CORRECT] == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("expected", "right", "wrong"),
    [
        (
            "(1,2)",
            ["(1, 2)", r"\left(1,2\right)", "(1.0, 4/2)"],
            ["(2,1)", "[1,2]", "1,2", "(1,2", "(1,2,3)", "1"],
        ),
        (
            r"\{2,3\}",
            [r"\{3,2\}", "{2,3}", "2,3", "2 or 3", "x=2 or x=3", "x = 2, 3"],
            ["2", "(2,3)", "2, 3, 4", "2, 2"],
        ),
        ("2, 3", ["3, 2", "{2,3}", "x=3, x=2", "3 and 2"], ["2", "2, 4"]),
        (r"\pm 2", ["±2", "2, -2", "2 or -2"], ["2", "2, 2"]),
        (r"1 \pm \sqrt{3}", [r"1+\sqrt{3}, 1-\sqrt{3}", r"1 \pm \sqrt3"], [r"1+\sqrt{3}"]),
        ("[1,2)", ["[1, 2)"], ["[1,2]", "(1,2)", "(1,2]"]),
        (
            r"(-\infty,2)\cup(3,\infty)",
            [r"(3,\infty) \cup (-\infty, 2)", "(-∞,2) U (3,∞)"],
            [r"(-\infty,2)", r"(-\infty,2]\cup(3,\infty)"],
        ),
    ],
)
def test_several_values(expected, right, wrong):
    assert [answer for answer in right if outcome(answer, expected) is not CORRECT] == []
    assert [answer for answer in wrong if outcome(answer, expected) is CORRECT] == []


def test_an_expanded_expression_where_the_task_asks_for_one():
    assert outcome("x^2 + 3x + 2", "x^2+3x+2", form="expanded") is CORRECT
    for answer in ("(x+1)(x+2)", "x^2+2x+x+2", "x(x+3)+2"):
        assert outcome(answer, "x^2+3x+2", form="expanded") is MALFORMED
    assert outcome("x^2 + 3x + 1", "x^2+3x+2", form="expanded") is INCORRECT
    assert outcome("2xy + x + xy", "3xy + x", form="expanded") is MALFORMED


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (r"\frac{d}{dx} 3x^2", "leaves a calculation"),
        (r"\int 6 dx", "leaves a calculation"),
        (r"\sum_{n=1}^{9} n", "leaves a calculation"),
        ("3!x", "leaves a calculation"),
        ("9^{9^{9^9}}", "too costly"),
        ("9**9**9**9", "too costly"),
        ("x^{99999999}", "too costly"),
        ("(" * 50 + "x" + ")" * 50, "nested too deeply"),
        ("x+" * 900 + "x", "too long"),
        ("6x or 7x", "more than one value"),
        ("6x?", "not certain"),
        ("x +* y", "cannot be read"),
        ("x\x00", "cannot be read"),
        ("\u202ex6", "order of reading"),
    ],
)
def test_expressions_that_are_malformed(answer, reason):
    verdict = check_answer(answer, "6x")
    assert verdict.outcome is MALFORMED
    assert reason in verdict.reason


@pytest.mark.timeout(30)
def test_what_takes_too_long_is_malformed_and_the_next_answer_is_checked(monkeypatch):
    monkeypatch.setattr(answers, "objection", lambda text, expected: "")  # let the costly one through
    verdict = check_answer("9^{9^{9^{9}}}", "x")
    assert (verdict.outcome, verdict.reason) == (MALFORMED, "it is too costly to check")
    assert outcome("y - y + x", "x") is CORRECT


def test_a_lost_worker_is_the_verifiers_failure(monkeypatch):
    class Lost:
        def warm(self, *modules):
            pass

        def call(self, *args, **options):
            raise WorkerLost("a worker died by itself (signal 9)")

    monkeypatch.setattr(answers, "shared_pool", Lost)
    with pytest.raises(VerifierError, match="signal 9"):
        check_answer("\\sin q", "\\cos q")


@settings(deadline=None, max_examples=60)
@given(st.text(st.one_of(st.characters(), st.sampled_from("0123456789xyxyz.,/-+*^=${}\\%e ()")), max_size=20))
def test_any_text_has_a_verdict_where_an_expression_is_asked_for(text):
    assert outcome(text, "x^2 + y") in (INCORRECT, MALFORMED)


@pytest.mark.timeout(60)
def test_a_worker_that_compares_expressions_has_lost_the_means_to_execute_text(tmp_path):
    mark = tmp_path / "X"
    with WorkerPool(1) as pool:
        assert pool.call("sml_envs.math.symbolic:equal", ["2x"], ["x+x"], True, deadline=10) == "equal"
        for text in ("1 + 1", f"__import__('os').system('touch {mark}')", f"open('{mark}', 'w')"):
            with pytest.raises(WorkerRaised, match="numerals only"):
                pool.call("sympy:sympify", text, deadline=10)
            given = [f"x + {text}"]
            assert pool.call("sml_envs.math.symbolic:equal", ["2x"], given, True, deadline=10) != "equal"
        with pytest.raises(WorkerRaised, match="executes no text"):
            pool.call("sympy:lambdify", "x", "x + 1", deadline=10)
    assert not mark.exists()


def test_a_costly_answer_costs_its_deadline_once(monkeypatch):
    """A placebo asks about all attempts of a dialogue again; each would take two seconds more."""
    calls = []

    def slow(*request):
        calls.append(request)
        raise DeadlineExceeded("it took longer")

    monkeypatch.setattr(answers, "_compare_in_worker", slow)
    monkeypatch.setattr(answers, "_COSTLY", {})
    for reference in (r"\sin(x)", r"\cos(x)", r"\tan(x)"):
        assert check_answer("x + e^{x}", reference).reason == "it is too costly to check"
    assert len(calls) == 1
    later = time.monotonic() + 1_000
    monkeypatch.setattr(answers.time, "monotonic", lambda: later)
    check_answer("x + e^{x}", r"\sin(x)")
    assert len(calls) == 2


@pytest.mark.parametrize("answer", ["(59)/(7)", "59/(7)", "(59)/7", "(59/7)", "-(-59/7)", "(-59)/(-7)"])
def test_brackets_around_the_parts_of_a_fraction(answer):
    verdict = check_answer(answer, "59/7")
    assert verdict.outcome is (MALFORMED if answer.startswith("-") else CORRECT)
    assert not check_answer(answer, "-59/7").correct


@pytest.mark.parametrize(
    ("answer", "expected"), [("-(10/9)", "-10/9"), ("(-10)/9", "-10/9"), ("-(10)/(9)", "-10/9")]
)
def test_brackets_around_a_negative_fraction(answer, expected):
    assert check_answer(answer, expected).correct
    assert not check_answer(answer, expected[1:]).correct


def test_brackets_are_no_multiplication_and_hide_no_factor():
    assert check_answer("5(3)/(2)", "53/2").outcome is MALFORMED
    assert check_answer("2(1/2)", "5/2").outcome is MALFORMED
    assert check_answer("(2)/(4)", "1/2", form="lowest").outcome is MALFORMED
    assert check_answer("(4)/(2)", "2").outcome is MALFORMED


@pytest.mark.parametrize(
    "answer", ["7 dollars", "7.00 dollars", r"7 \text{ dollars}", "7 USD", "1,007 dollars"]
)
def test_dollars_in_words_are_read_where_the_sign_is(answer):
    expected = "1007" if "," in answer else "7"
    assert check_answer(answer, expected).correct
    assert check_answer(answer, expected, unit="cm").outcome is MALFORMED
