"""What a teacher may say about an utterance: which error it holds, where, and what comes next.

Facts only; `phrases.py` puts them into words. An attempt's facts fall into topics, and a
teacher speaks one fact of each, the most informative that it may:

- `working`: which part of the working shown is right (where);
- `error`: where it goes wrong (where), which kind of error it is (what kind);
- `next`: what the first step is that the student has not reached, or, for a teacher that is to say
  what not to do, what would lead on in the wrong direction (next step).

Kinds of error, in the order in which they are looked for: a wrong calculation in the working,
a value that a well-known mistake leads to, the result of an earlier step, the sign, an
upside-down fraction, off by one, a factor, swapped digits, one wrong digit, one wrong part of a
fraction, and else too low or too high. Polynomials are compared term by term.
"""

from __future__ import annotations

from fractions import Fraction

from sml_envs.math.digits import compare_digits
from sml_envs.math.expressions import Polynomial, read_polynomial
from sml_envs.math.families.base import ORDINALS
from sml_envs.math.questions import answer_question, asks, last_step_reached
from sml_envs.math.solution import Number, Solution, number, solution_of, squeezed
from sml_envs.math.working import Equation, equations, right_side
from sml_gym import (
    Diagnosis,
    Direction,
    Fact,
    Informativeness,
    Outcome,
    Task,
    Utterance,
    UtteranceKind,
    Verdict,
)

_WHERE, _WHAT, _NEXT = Informativeness.WHERE, Informativeness.WHAT, Informativeness.NEXT_STEP
_MISS, _HIT, _AHEAD = Direction.HINDSIGHT_NEGATIVE, Direction.HINDSIGHT_POSITIVE, Direction.FUTURE_POSITIVE
_AWAY = Direction.FUTURE_NEGATIVE
_NOTHING = Diagnosis()


def _what(kind: str) -> Fact:
    return Fact(kind, {}, _WHAT, _MISS, "error")


_UNSHOWN = Fact("math.where.unshown", {}, _WHERE, _MISS, "error")
_FORM = Fact("math.where.form", {}, _WHERE, _MISS, "error")
_SIZE_RIGHT = Fact("math.right.size", {}, _WHERE, _HIT, "error")
_NUMERATOR = Fact("math.where.numerator", {}, _WHERE, _MISS, "error")
_DENOMINATOR = Fact("math.where.denominator", {}, _WHERE, _MISS, "error")
_COMMIT = Fact("math.next.commit", {}, _WHAT, _AHEAD, "next")
_SIGN = _what("math.kind.sign")
_RECIPROCAL = _what("math.kind.reciprocal")
_OFF_BY_ONE = _what("math.kind.off_by_one")
_SWAPPED = _what("math.kind.swapped_digits")
_UNSIMPLIFIED = _what("math.kind.unsimplified")
_NOT_EXPANDED = _what("math.kind.not_expanded")
_LOW, _HIGH = _what("math.size.low"), _what("math.size.high")
_FAR_LOW, _FAR_HIGH = _what("math.size.far_low"), _what("math.size.far_high")
_RIGHT_SIGN = Fact("math.right.sign", {}, _WHAT, _HIT, "error")
_RIGHT_LENGTH = Fact("math.right.length", {}, _WHAT, _HIT, "error")
_AGAIN = Fact("math.avoid.same", {}, _NEXT, _AWAY, "next")
_UNCLEAR = Fact("math.avoid.unclear", {}, _NEXT, _AWAY, "next")
_AVOIDED = {
    kind: Fact(avoid, {}, _NEXT, _AWAY, "next")
    for kind, avoid in {
        "math.kind.slip": "math.avoid.slip",
        "math.kind.unfinished": "math.avoid.stopping",
        "math.digit.right": "math.avoid.digit",
        "math.size.low": "math.avoid.lower",
        "math.size.far_low": "math.avoid.lower",
        "math.size.high": "math.avoid.higher",
        "math.size.far_high": "math.avoid.higher",
        "math.where.form": "math.avoid.form",
    }.items()
}
"""What not to do next where a fact of this kind was found, with the same slots."""
FACTORS = {
    2: "two",
    3: "three",
    4: "four",
    5: "five",
    6: "six",
    8: "eight",
    10: "ten",
    12: "twelve",
    60: "sixty",
    100: "a hundred",
    1000: "a thousand",
}
_TOO_LARGE = {
    n: Fact("math.kind.large_factor", {"factor": word}, _WHAT, _MISS, "error") for n, word in FACTORS.items()
}
_TOO_SMALL = {
    n: Fact("math.kind.small_factor", {"factor": word}, _WHAT, _MISS, "error") for n, word in FACTORS.items()
}
TERMS = {
    0: "constant term",
    1: "term in x",
    2: "term in x squared",
    3: "term in x cubed",
    4: "term in the fourth power of x",
    5: "term in the fifth power of x",
}
_MOST_WRONG_TERMS = 2


def diagnose(task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
    """The facts about one utterance in this task's dialogue, in speaking order."""
    outcome = verdict.outcome
    if outcome is Outcome.CORRECT:
        return _NOTHING
    solution = solution_of(task)
    text = utterance.text
    if utterance.kind is UtteranceKind.QUESTION or (outcome is Outcome.NO_ATTEMPT and asks(text)):
        return Diagnosis(answer_question(solution, text))
    given: Number | None = None
    facts: list[Fact] = []
    if outcome is Outcome.INCORRECT and verdict.answer is not None:
        given = number(verdict.answer, solution.unit)
    shown = equations(text) if "=" in text else []
    reached = last_step_reached(solution, shown, text)
    if shown:
        facts += _working(solution, shown)
    if outcome is Outcome.INCORRECT:
        if solution.digits:
            facts += _fixed_width(solution, verdict.answer or "")
        elif not facts or facts[-1].topic != "error":
            facts += _error(solution, verdict.answer or "", given, shown, text)
        if given is not None:
            facts += _right_about(given, solution.answer, facts)
    elif not solution.digits:
        if outcome is Outcome.MALFORMED and solution.form:
            facts += _wrong_form(solution, verdict.answer or "")
        facts.append(_COMMIT)
    if given is not None and given in solution.results:
        reached = max(reached, solution.results[given])
    ahead = _next(solution, reached + 1, text)
    if ahead is not None:  # of two facts at one level a teacher that may say both says the first
        avoid = _avoid(outcome, facts)
        facts.append(ahead)
        if avoid is not None:
            facts.append(avoid)
    return Diagnosis(tuple(facts))


# ---- what comes next ----


def _next(solution: Solution, position: int, said: str) -> Fact | None:
    """The first step not reached, or the method where naming that step would state the answer."""
    kept = solution.next_facts.get(position)
    if kept is not None:
        return kept
    action = solution.action(position, said)
    if action:
        fact = Fact("math.next.step", {"action": action}, _NEXT, _AHEAD, "next")
        if solution.action(position, ""):  # safe whatever the student says
            solution.next_facts[position] = fact
        return fact
    if solution.idea and position < len(solution.reference.steps):
        return Fact("math.next.idea", {"idea": solution.idea}, _NEXT, _AHEAD, "next")
    return None


def _avoid(outcome: Outcome, found: list[Fact]) -> Fact | None:
    """What not to do next, given what was found about an attempt."""
    for fact in found:
        avoid = _AVOIDED.get(fact.kind)
        if avoid is not None:
            return Fact(avoid.kind, fact.slots, _NEXT, _AWAY, "next") if fact.slots else avoid
    if outcome is Outcome.INCORRECT:
        return _AGAIN
    return _UNCLEAR if outcome is Outcome.MALFORMED else None


# ---- the working ----


def _working(solution: Solution, shown: list[Equation]) -> list[Fact]:
    """The first wrong calculation, and the last right one before it that is a step of the solution."""
    facts = []
    wrong = next((position for position, equation in enumerate(shown) if not equation.holds), len(shown))
    right = [e for e in shown[:wrong] if e.value in solution.results]
    if right:
        facts.append(Fact("math.right.working", {"equation": str(right[-1])}, _WHERE, _HIT, "working"))
    if wrong < len(shown):
        slip = shown[wrong]
        if wrong < len(ORDINALS):
            slots = {"ordinal": ORDINALS[wrong]}
            facts.append(Fact("math.where.calculation", slots, _WHERE, _MISS, "error"))
        slots = {"left": slip.left, "right": slip.right}
        facts.append(Fact("math.kind.slip", slots, _WHAT, _MISS, "error"))
    return facts


def _departure(solution: Solution, text: str) -> list[Fact]:
    """A line with the left side of a step of the solution and another right side: `3x = 18` for `3x = 15`."""
    for position, step in enumerate(solution.reference.steps[:-1]):
        left, equals, right = squeezed(step.result).partition("=")
        said = right_side(text, left) if equals and left else None
        if said is None or said == right:
            continue
        facts = []
        if position < len(ORDINALS):
            slots = {"ordinal": ORDINALS[position], "left": left}
            facts.append(Fact("math.where.step", slots, _WHERE, _MISS, "error"))
        facts.append(Fact("math.kind.step", {"left": left, "right": said}, _WHAT, _MISS, "error"))
        return facts
    return []


# ---- the answer ----


def _fixed_width(solution: Solution, answer: str) -> tuple[Fact, ...]:
    """Digit by digit, where the answer has a fixed number of digits."""
    if not (answer.isascii() and answer.isdecimal() and len(answer) <= solution.digits):
        return ()
    return compare_digits(int(answer), int(solution.reference.answer), solution.digits)


def _error(
    solution: Solution, answer: str, given: Number | None, shown: list[Equation], text: str
) -> list[Fact]:
    """Where and what kind, for an incorrect answer whose working holds no wrong calculation."""
    for position, expression in solution.expressions:
        if squeezed(answer) == expression and position < len(ORDINALS):
            return _unfinished(position)
    if "=" in text and not solution.polynomial:
        departure = _departure(solution, text)
        if departure:
            return departure
    if given is not None and solution.answer is not None:
        facts = _wrong_number(solution, given, solution.answer)
    elif solution.polynomial is not None:
        facts = _wrong_polynomial(solution.polynomial, answer)
    else:
        facts = []
    if facts and facts[0].informativeness == _WHERE:
        return facts
    right = [equation for equation in shown if equation.value in solution.results]
    if right:
        slots = {"equation": str(right[-1])}
        facts.append(Fact("math.where.after", slots, _WHERE, _MISS, "error"))
    elif not shown:
        facts.append(_UNSHOWN)
    return facts


def _unfinished(position: int) -> list[Fact]:
    """The answer is what an earlier step reaches."""
    slots = {"ordinal": ORDINALS[position]}
    return [
        Fact("math.where.early", slots, _WHERE, _HIT, "error"),
        Fact("math.kind.unfinished", slots, _WHAT, _MISS, "error"),
    ]


def _wrong_form(solution: Solution, answer: str) -> list[Fact]:
    """Whether a malformed answer is malformed only in its form."""
    if solution.polynomial is None:
        equal = number(answer, solution.unit) == solution.answer
        return [_FORM, _UNSIMPLIFIED] if equal else []
    given = read_polynomial(answer)
    return [_FORM, _NOT_EXPANDED] if given is not None and given.terms == solution.polynomial.terms else []


def _wrong_number(solution: Solution, given: Number, wanted: Number) -> list[Fact]:
    """The kind of error in a number, by the tests that the module's docstring lists."""
    for kind, value in solution.mistakes.items():
        if given == value:
            return [_what(kind)]
    position = solution.results.get(given)
    if position is not None and position < len(ORDINALS):
        return _unfinished(position)
    if given == -wanted:
        return [_SIZE_RIGHT, _SIGN]
    if given * wanted == 1:
        return [_RECIPROCAL]
    difference = given - wanted
    if difference in (1, -1):
        return [_OFF_BY_ONE]
    factor = _factor(given, wanted)
    if factor is not None:
        return [factor]
    if isinstance(given, int) and isinstance(wanted, int):
        digits = wrong_digits(given, wanted)
        if digits:
            return digits
        size = _size(difference)
        far = size > 2 * _size(wanted) and size > 20
    else:
        parts = wrong_part(Fraction(given), Fraction(wanted))
        if parts is not None:
            return [parts, _LOW if difference < 0 else _HIGH]
        far = _size(difference) > 2 * _size(wanted) and _size(difference) > 5
    if difference < 0:
        return [_FAR_LOW if far else _LOW]
    return [_FAR_HIGH if far else _HIGH]


def _right_about(given: Number, wanted: Number | None, found: list[Fact]) -> tuple[Fact, ...]:
    """What is right about a wrong number: its length, or at least its sign, if nothing else is praised.

    It stands after a fact on the error at the same level, so only a teacher told to praise says it.
    """
    explained = False
    for fact in found:
        if fact.direction is _HIT:
            return ()
        explained = explained or (fact.informativeness is _WHAT and fact.topic == "error")
    if wanted is None or not explained:
        return ()
    if isinstance(given, int) and isinstance(wanted, int):
        length = len(str(abs(wanted)))
        if length > 1 and len(str(abs(given))) == length:
            return (_RIGHT_LENGTH,)
    return (_RIGHT_SIGN,) if given * wanted > 0 else ()


def _size(value: Number) -> Number:
    return -value if value < 0 else value


def _factor(given: Number, wanted: Number) -> Fact | None:
    """Whether the two differ by a factor that has a name."""
    if not given or not wanted:
        return None
    if isinstance(given, int) and isinstance(wanted, int):
        # Remainders are much cheaper than fractions, and most answers are whole.
        if given % wanted == 0:
            return _TOO_LARGE.get(given // wanted)
        return _TOO_SMALL.get(wanted // given) if wanted % given == 0 else None
    ratio = Fraction(given) / wanted
    if ratio.denominator == 1:
        return _TOO_LARGE.get(int(ratio))
    return _TOO_SMALL.get(ratio.denominator) if ratio.numerator == 1 else None


def wrong_digits(given: int, wanted: int) -> list[Fact]:
    """One wrong digit, or two that have changed places; empty for anything else."""
    if (given < 0) != (wanted < 0):
        return []
    got, want = str(abs(given)), str(abs(wanted))
    if len(got) != len(want) or not 2 <= len(want) <= 6:
        return []
    places = [place for place in range(len(got)) if got[place] != want[place]]
    if len(places) == 1:
        return [
            Fact(fact.kind, fact.slots, fact.informativeness, fact.direction, "error")
            for fact in compare_digits(abs(given), abs(wanted), len(want))
            if fact.direction is Direction.HINDSIGHT_NEGATIVE
        ]
    if len(places) == 2:
        first, second = places
        if got[first] == want[second] and got[second] == want[first]:
            return [_SWAPPED]
    return []


def wrong_part(given: Fraction, wanted: Fraction) -> Fact | None:
    """Which part of a fraction is wrong if the other is right."""
    if given.denominator == 1 or wanted.denominator == 1:
        return None
    if given.denominator == wanted.denominator:
        return _NUMERATOR
    return _DENOMINATOR if given.numerator == wanted.numerator else None


def _wrong_polynomial(wanted: Polynomial, answer: str) -> list[Fact]:
    """The first wrong terms, highest power first."""
    given = read_polynomial(answer)
    if given is None:
        return []
    if given.terms == {power: -value for power, value in wanted.terms.items()}:
        return [_SIZE_RIGHT, _SIGN]
    facts: list[Fact] = []
    found = 0
    for power in sorted({*given.terms, *wanted.terms}, reverse=True):
        got, want = given.terms.get(power), wanted.terms.get(power)
        if got == want:
            continue
        slots, topic = {"term": TERMS.get(power, "term of the highest power")}, f"term {power}"
        if got is None:
            kind = "math.term.missing"
        elif want is None:
            kind = "math.term.extra"
        elif got == -want:
            kind = "math.term.sign"
        else:
            kind = "math.term.low" if got < want else "math.term.high"
        facts.append(Fact("math.term.wrong", slots, _WHERE, _MISS, topic))
        facts.append(Fact(kind, slots, _WHAT, _MISS, topic))
        found += 1
        if found == _MOST_WRONG_TERMS:
            break
    if facts:
        right = [power for power, want in wanted.terms.items() if given.terms.get(power) == want]
        if right:  # as in `diagnose`: for a teacher told to praise
            slots = {"term": TERMS.get(max(right), "term of the highest power")}
            facts.append(Fact("math.right.term", slots, _WHAT, _HIT, facts[-1].topic))
    return facts
