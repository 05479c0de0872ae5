"""The generated families: problems recomputed by SymPy from their text, steps that hold, splits apart."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from fractions import Fraction

import pytest
import sympy

from sml_envs.math.answers import parse_number
from sml_envs.math.expressions import read_polynomial
from sml_envs.math.families import FAMILIES, TOPICS
from sml_envs.math.families.base import MathFamily
from sml_envs.math.working import equations
from sml_gym import Family, GeneratedTasks
from sml_gym.seeding import split_of

X = sympy.Symbol("x")
CELLS = [pytest.param(f, level, id=f"{f.name}:{level}") for f in FAMILIES for level in f.levels]
PER_CELL = 40


def polynomial(text: str) -> sympy.Expr:
    """Our own problem text (never a student's) as a SymPy expression."""
    text = re.sub(r"(\d|\))\s*(?=[x(y])", r"\1*", text.replace("^", "**"))
    return sympy.sympify(text, locals={"x": X, "y": sympy.Symbol("y")})


def value(answer: str) -> sympy.Rational:
    number = parse_number(answer)
    assert number is not None, answer
    return sympy.Rational(number.numerator, number.denominator)


def ints(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"-?\d+", text)]


def _lowest(problem: str) -> sympy.Expr:
    top, bottom = ints(problem)
    assert sympy.gcd(top, bottom) > 1
    return sympy.Rational(top, bottom)


def _fractions(problem: str) -> sympy.Expr:
    found = re.search(r"(\d+)/(\d+) (\+|-|\*|divided by) (\d+)/(\d+)", problem)
    assert found is not None
    a, b = sympy.Rational(int(found[1]), int(found[2])), sympy.Rational(int(found[4]), int(found[5]))
    return {"+": a + b, "-": a - b, "*": a * b, "divided by": a / b}[found[3]]


def _part(problem: str) -> sympy.Expr:
    a, b, whole = ints(problem)
    return sympy.Rational(a, b) * whole


def _linear(problem: str) -> sympy.Expr:
    left, right = problem.removeprefix("Solve for x: ").split("=")
    (root,) = sympy.solve(polynomial(left) - polynomial(right), X)
    return root


def _system(problem: str) -> sympy.Expr:
    text, asked = re.fullmatch(r"(.*)\. What is ([xy])\?", problem).groups()  # type: ignore[union-attr]
    sides = [side.split("=") for side in text.split(" and ")]
    y = sympy.Symbol("y")
    (found,) = sympy.solve([polynomial(a) - polynomial(b) for a, b in sides], [X, y], dict=True)
    return found[X if asked == "x" else y]


def _root(problem: str) -> sympy.Expr:
    roots = sympy.solve(polynomial(re.match(r"Solve (.*) = 0", problem)[1]), X)  # type: ignore[index]
    assert len(roots) == 2
    return max(roots) if "larger" in problem else min(roots)


def _minimum(problem: str) -> sympy.Expr:
    quadratic = polynomial(re.search(r"value of (.*) for real", problem)[1])  # type: ignore[index]
    (axis,) = sympy.solve(sympy.diff(quadratic, X), X)
    assert sympy.diff(quadratic, X, 2) > 0
    return quadratic.subs(X, axis)


def _roots(problem: str) -> sympy.Expr:
    r, s = sympy.solve(polynomial(re.search(r"equation (.*) = 0", problem)[1]), X)  # type: ignore[index]
    return sympy.radsimp(sympy.expand(r**2 + s**2)) if "r^2" in problem else sympy.radsimp(1 / r + 1 / s)


def _remainder(problem: str) -> sympy.Expr:
    found = ints(problem)
    if "^" in problem:
        return sympy.Integer(pow(*found))
    a, b, c, n = found
    return sympy.Integer((a * b + c) % n)


def _percent_change(problem: str) -> sympy.Expr:
    found = ints(problem)
    if "price" in problem:
        price, percent = found
        return price * (1 + sympy.Rational(percent if "rises" in problem else -percent, 100))
    if "By what" in problem:
        old, new = found
        return abs(sympy.Rational(new - old, old)) * 100
    p, q, end = abs(found[0]), abs(found[1]), found[2]
    (start,) = sympy.solve(X * (100 + p) * (100 - q) / 10_000 - end, X)
    return start


def _rate(problem: str) -> sympy.Expr:
    found = ints(problem)
    if "together" in problem:
        a, b = found
        return 1 / (sympy.Rational(1, a) + sympy.Rational(1, b))
    if "average speed" in problem and len(found) == 4:
        s, v, t, w = found
        return sympy.Rational(s * v + t * w, s + t)
    a, b = found
    return sympy.Integer(a * b) if "in an hour" in problem else sympy.Rational(a, b)


def _sequence(problem: str) -> sympy.Expr:
    head, tail = problem.split(". ", 1)
    terms, (n,) = ints(head), ints(tail)
    if "arithmetic" in head:
        step = terms[1] - terms[0]
        assert terms == [terms[0] + i * step for i in range(4)]
        all_terms = [terms[0] + i * step for i in range(n)]
    else:
        ratio = sympy.Rational(terms[1], terms[0])
        assert terms[2] == terms[1] * ratio
        all_terms = [terms[0] * ratio**i for i in range(n)]
    return sum(all_terms) if "sum" in tail else all_terms[-1]


def _recursive(problem: str) -> sympy.Expr:
    values = {int(i): int(v) for i, v in re.findall(r"a\((\d)\) = (-?\d+)", problem)}
    n = int(re.search(r"What is a\((\d+)\)", problem)[1])  # type: ignore[index]
    rule = re.search(r"a\(n \+ (\d)\) = (.*)\. What", problem)
    assert rule is not None
    older = re.search(r"(-?\d+) \* a\(n \+ 1\) ([+-]) (\d+) \* a\(n\)", rule[2])
    newer = re.search(r"(-?\d+) \* a\(n\) ([+-]) (\d+)", rule[2])
    for k in range(len(values) + 1, n + 1):
        if older:
            p, q = int(older[1]), int(older[2] + older[3])
            values[k] = p * values[k - 1] + q * values[k - 2]
        else:
            assert newer is not None
            values[k] = int(newer[1]) * values[k - 1] + int(newer[2] + newer[3])
    return sympy.Integer(values[n])


def _polynomial_value(problem: str) -> sympy.Expr:
    found = re.search(r"value of (.*) at x = (-?\d+)", problem)
    if found:
        return polynomial(found[1]).subs(X, int(found[2]))
    found = re.search(r"when (.*) is divided by (.*)\?", problem)
    assert found is not None
    return sympy.rem(polynomial(found[1]), polynomial(found[2]), X)


def _derivative(problem: str) -> sympy.Expr:
    return sympy.expand(sympy.diff(polynomial(re.search(r"derivative of (.*) with", problem)[1]), X))  # type: ignore[index]


def _slope(problem: str) -> sympy.Expr:
    found = re.search(r"y = (.*) at x = (-?\d+)", problem)
    assert found is not None
    return sympy.diff(polynomial(found[1]), X).subs(X, int(found[2]))


def _integral(problem: str) -> sympy.Expr:
    found = re.search(r"integral of (.*) from x = (-?\d+) to x = (-?\d+)", problem)
    assert found is not None
    return sympy.integrate(polynomial(found[1]), (X, int(found[2]), int(found[3])))


def _limit(problem: str) -> sympy.Expr:
    found = re.search(r"limit of (.*) as x approaches (-?\d+)", problem)
    assert found is not None
    return sympy.limit(polynomial(found[1].replace(")/(", ") / (")), X, int(found[2]))


def _area(problem: str) -> sympy.Expr:
    n = [abs(i) for i in ints(re.sub(r"m\^\d", "m", problem))]
    if "perimeter" in problem:
        return sympy.Integer(2 * (n[0] + n[1]))
    if "path" in problem:
        a, b, w = n
        return sympy.Integer((a + 2 * w) * (b + 2 * w) - a * b)
    if "cut away" in problem:
        return sympy.Integer(n[0] * n[1] - n[2] * n[3])
    if "trapezium" in problem:
        return sympy.Rational((n[0] + n[1]) * n[2], 2)
    return sympy.Rational(n[0] * n[1], 2 if "triangle" in problem else 1)


def _right_triangle(problem: str) -> sympy.Expr:
    a, b = ints(problem)
    return sympy.sqrt(a * a + b * b if "legs" in problem else a * a - b * b)


def _angles(problem: str) -> sympy.Expr:
    corners = {"triangle": 3, "pentagon": 5, "hexagon": 6, "heptagon": 7}
    name = next(name for name in corners if name in problem)
    return sympy.Integer((corners[name] - 2) * 180 - sum(ints(problem)))


def _volume(problem: str) -> sympy.Expr:
    n = ints(re.sub(r"m\^\d", "m", problem))
    if "prism" in problem:
        return sympy.Rational(n[0] * n[1] * n[2], 2)
    if "pool" in problem:
        return sympy.Rational(n[0] * n[1] * n[2] * n[4], n[3])
    a, b, c = n
    return sympy.Integer(2 * (a * b + b * c + a * c) if "surface" in problem else a * b * c)


def _midpoint(problem: str) -> sympy.Expr:
    a, b, c, d = ints(problem.split(". ")[0])
    return sympy.Rational(a + c if "x-coordinate" in problem else b + d, 2)


def _word(problem: str) -> sympy.Expr:
    n = [Fraction(text) for text in re.findall(r"\d+(?:\.\d+)?", problem)]
    q = X
    if "pays with" in problem:
        result = n[2] - n[0] * n[1]
    elif "to a sister" in problem:
        result = (n[0] - n[1]) / n[2]
    elif "do they have together" in problem:
        result = 2 * n[0] + (n[1] if "more than" in problem else -n[1])
    elif "rows of" in problem:
        result = n[0] * n[1] + (n[2] if "balcony" in problem else -n[2])
    elif "kg of" in problem:
        result = n[0] * n[1] + n[2] * n[3]
    elif "times as old" in problem:
        k, years, total = n
        (young,) = sympy.solve(int(k) * q + q + 2 * int(years) - int(total), q)
        return k.numerator * young
    elif "save enough" in problem:
        result = (n[0] - n[1]) / (n[2] - n[3])
    elif "must be bought" in problem:
        result = n[1] / n[0] * n[2] - n[3]
    elif "on Tuesday" in problem:
        result = (1 - n[0] / n[1]) * n[2] * n[3] / n[4]
    elif "tickets were sold" in problem:
        total, takings, adult, child = (int(i) for i in n)
        (adults,) = sympy.solve(adult * q + child * (total - q) - takings, q)
        return adults
    elif "crates of" in problem:
        result = (n[0] * n[1] - n[3]) * n[4] - n[0] * n[2]
    elif "goes to tax" in problem:
        rate, base, hours, percent = n
        result = (base * rate + (hours - base) * rate * Fraction(3, 2)) * (1 - percent / 100)
    else:
        distance, v, w, start = n
        result = (distance - v * start) / (v + w) * w
    return sympy.Rational(result.numerator, result.denominator)


def _expression(problem: str) -> sympy.Expr:
    return polynomial(re.sub(r"What is |\?", "", problem))


RECOMPUTED: dict[str, Callable[[str], sympy.Expr]] = {
    "last_digits_product": lambda p: sympy.Integer(ints(p)[0] * ints(p)[1] % 1000),
    "last_digits_power": lambda p: sympy.Integer(pow(*ints(p), 1000)),
    "last_digits_sum": lambda p: sympy.Integer((ints(p)[0] * ints(p)[1] + ints(p)[2] * ints(p)[3]) % 1000),
    "add_subtract": _expression,
    "multiply": _expression,
    "divide": lambda p: sympy.Integer(ints(p)[0] % ints(p)[1]) if "remainder" in p else _expression(p),
    "order_of_operations": _expression,
    "fraction_lowest_terms": _lowest,
    "fraction_sum": _fractions,
    "fraction_product": _fractions,
    "fraction_of_amount": _part,
    "linear_equation": _linear,
    "two_equations": _system,
    "quadratic_root": _root,
    "quadratic_minimum": _minimum,
    "quadratic_roots_sum": _roots,
    "gcd": lambda p: sympy.gcd(*ints(p)),
    "lcm": lambda p: sympy.lcm(*ints(p)),
    "modular": _remainder,
    "divisor_count": lambda p: sympy.divisor_count(ints(p)[0]),
    "percent_of": lambda p: sympy.Rational(ints(p)[0] * ints(p)[1], 100),
    "percent_change": _percent_change,
    "rate": _rate,
    "arithmetic_sequence": _sequence,
    "geometric_sequence": _sequence,
    "recursive_sequence": _recursive,
    "polynomial_expand": lambda p: sympy.expand(polynomial(p[len("Expand ") : p.index(" and collect")])),
    "polynomial_collect": lambda p: sympy.expand(polynomial(p[len("Simplify ") : p.index(" and collect")])),
    "polynomial_value": _polynomial_value,
    "derivative": _derivative,
    "slope": _slope,
    "definite_integral": _integral,
    "limit": _limit,
    "area": _area,
    "right_triangle": _right_triangle,
    "angles": _angles,
    "volume": _volume,
    "midpoint": _midpoint,
    "word_problem": _word,
}


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_the_answer_is_what_the_problem_says(family: Family, level: int) -> None:
    rng = random.Random(f"{family.name}{level}")
    for _ in range(PER_CELL if level < 3 else PER_CELL // 2):
        draft = family.generate(rng, level)
        reference = draft.reference()
        wanted = RECOMPUTED[family.name](draft.problem)
        read = read_polynomial(reference.answer)
        if parse_number(reference.answer) is None:
            assert read is not None
            given = sum(sympy.Rational(c.numerator, c.denominator) * X**p for p, c in read.terms.items())
            assert sympy.expand(wanted - given) == 0, draft.problem
        else:
            assert sympy.simplify(wanted - value(reference.answer)) == 0, draft.problem


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_steps_hold_and_lead_to_the_answer(family: Family, level: int) -> None:
    rng = random.Random(f"steps{family.name}{level}")
    for _ in range(60):
        draft = family.generate(rng, level)
        reference = draft.reference()
        assert reference.steps
        assert reference.steps[-1].result == reference.answer
        assert reference.solution == " ".join(step.text for step in reference.steps)
        for step in reference.steps:
            assert step.text
            assert step.action.endswith((".", ")"))
            assert all(equation.holds for equation in equations(step.text)), step.text
            assert all(part in step.text for part in step.result.split(" and ")), step
        assert reference.data["idea"]
        assert not re.search(r"\d", str(reference.data["idea"]))


@pytest.mark.parametrize(("family", "level"), CELLS)
def test_problems_differ_and_do_not_hold_their_answer(family: Family, level: int) -> None:
    """At least 400 texts in 2,000 draws; the answer never is the whole of what the problem shows."""
    rng = random.Random(f"texts{family.name}{level}")
    drafts = [family.generate(rng, level) for _ in range(2000)]
    assert len({draft.problem for draft in drafts}) >= 400
    splits = {split_of(draft.problem) for draft in drafts}
    assert splits == {"train", "validation", "test"}
    if family.name in ("multiply", "divide", "fraction_lowest_terms", "lcm", "derivative", "add_subtract"):
        trivial = sum(f" {d.reference().answer} " in d.problem.replace("?", " ") for d in drafts[:300])
        assert trivial <= 3


def test_the_same_seed_gives_the_same_problem() -> None:
    for family in FAMILIES:
        for level in family.levels:
            one, two = (family.generate(random.Random("s"), level) for _ in range(2))
            assert one.problem == two.problem
            assert one.reference().steps == two.reference().steps


def test_splits_share_no_text() -> None:
    texts = {
        split: {task.problem for task in GeneratedTasks(FAMILIES, split).take(400, seed=1)}
        for split in ("train", "validation", "test")
    }
    assert not texts["train"] & texts["test"]
    assert not texts["train"] & texts["validation"]
    assert not texts["validation"] & texts["test"]


def test_names_are_unique_and_every_topic_of_the_card_is_there() -> None:
    names = [family.name for family in FAMILIES]
    assert len(names) == len(set(names))
    assert not set(names) & set(TOPICS) - {"last_digits"}
    assert len(TOPICS) == 13
    assert set(RECOMPUTED) == set(names)


def test_each_level_says_what_it_means() -> None:
    for family in FAMILIES:
        if isinstance(family, MathFamily):
            for make in family.makers:
                assert make.__doc__, make
                assert len(make.__doc__) > 10
