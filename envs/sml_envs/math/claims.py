"""Whether what someone says of an attempt is so: for reading a teacher's claims back out of its words.

Diagnosis names the one error that says most, and so is silent on much that is true. Here a single
claim is judged by itself, against the reference and the attempt. Advice is neither true nor false.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sml_envs.math.diagnose import FACTORS, TERMS, wrong_digits, wrong_part
from sml_envs.math.digits import PLACES, compare_digits
from sml_envs.math.expressions import Polynomial, read_polynomial
from sml_envs.math.families.base import ORDINALS
from sml_envs.math.numbers import COUNTING_WORDS
from sml_envs.math.solution import Number, Solution, number, solution_of, squeezed
from sml_envs.math.working import Equation, arithmetic, equations, right_side
from sml_gym import Fact, Outcome, Task, Verdict


def _one_of(words: object) -> str:
    return "|".join(sorted(map(re.escape, map(str, words)), key=len, reverse=True))  # type: ignore[call-overload]


_CALCULATION = r"(?=\S)(?:[0-9.,+\-*/^()=×·÷−$ ]|(?<![A-Za-z])[A-Za-z](?![A-Za-z])){1,90}?"
SLOTS: Mapping[str, str] = {
    "left": _CALCULATION,
    "right": _CALCULATION,
    "equation": _CALCULATION,
    "place": _one_of(PLACES),
    "ordinal": _one_of(ORDINALS),
    "count": _one_of((*COUNTING_WORDS[1:12], "no", "many")),
    "term": _one_of((*TERMS.values(), "term of the highest power")),
    "factor": _one_of(FACTORS.values()),
    **dict.fromkeys(("action", "idea", "meaning", "reason"), ""),
}
"""What may stand in the slots of the phrase bank; "" for free text."""

_SENTENCE = re.compile(r"(?:[^.!?\n]|[.](?=\S))+[.!?]*")
_DENIED = re.compile(
    r"\b(?:not|never|wrong|incorrect|mistake|error|false|instead|cannot|if|suppose"
    r"|you (?:wrote|said|claim\w*)|(?:does|is|was|are|do|can)n['’]t|check|look again)\b|[?≠]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What a claim about an attempt is held against."""

    solution: Solution
    verdict: Verdict
    text: str
    shown: list[Equation]
    given: Number | None
    polynomial: Polynomial | None

    @property
    def wanted(self) -> Number | None:
        return self.solution.answer


def holds(task: Task, text: str, verdict: Verdict, fact: Fact) -> bool | None:
    """Whether a fact is true of an utterance, None where no one can tell."""
    judge = _JUDGES.get(fact.kind)
    solution = solution_of(task)
    if judge is None:
        return _mistake(solution, verdict, fact)
    if verdict.outcome is Outcome.CORRECT:
        return False if fact.kind.startswith(_ERRORS) else None
    answer = verdict.answer or ""
    attempt = _Attempt(
        solution,
        verdict,
        text,
        equations(text),
        number(answer, solution.unit) if answer else None,
        read_polynomial(answer) if solution.polynomial is not None else None,
    )
    return judge(attempt, fact.slots)


def assertions(words: str, said: str) -> Iterator[tuple[str, bool]]:
    """The calculations that words assert, with whether they hold.

    What is denied, doubted or supposed is passed over, and so is a wrong calculation that the student
    wrote: it is quoted.
    """
    quoted = squeezed(said)
    for sentence in _SENTENCE.findall(words):
        if "=" not in sentence or _DENIED.search(sentence):
            continue
        for equation in equations(sentence):
            if equation.holds or squeezed(str(equation)) not in quoted:
                yield str(equation), equation.holds


_ERRORS = (
    "math.digit.wrong",
    "math.digit.low",
    "math.digit.high",
    "math.where.",
    "math.kind.",
    "math.size.",
    "math.term.",
)


def _mistake(solution: Solution, verdict: Verdict, fact: Fact) -> bool | None:
    """A kind of mistake that has a name: true where the answer is the value that it leads to."""
    if not fact.kind.startswith("math.kind.") or verdict.outcome is not Outcome.INCORRECT:
        return None
    value = solution.mistakes.get(fact.kind)
    return value is not None and number(verdict.answer or "", solution.unit) == value


def _numbers(check: Callable[[Number, Number], bool]) -> Callable[[_Attempt, Mapping[str, str]], bool | None]:
    """For claims that compare the number given with the one wanted."""

    def judge(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
        if attempt.given is None or attempt.wanted is None:
            return None
        return check(attempt.given, attempt.wanted)

    return judge


def _factor(too_large: bool) -> Callable[[_Attempt, Mapping[str, str]], bool | None]:
    values = {word: value for value, word in FACTORS.items()}

    def judge(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
        value = values.get(slots.get("factor", ""))
        if value is None or attempt.given is None or not attempt.wanted:
            return None
        if too_large:
            return bool(attempt.given == attempt.wanted * value)
        return bool(attempt.given * value == attempt.wanted)

    return judge


def _far(low: bool) -> Callable[[_Attempt, Mapping[str, str]], bool | None]:
    """The direction can be wrong; what is far and what is not, no one can tell."""

    def judge(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
        if attempt.given is None or attempt.wanted is None:
            return None
        return None if (attempt.given < attempt.wanted) is low else False

    return judge


def _digit(kind: str) -> Callable[[_Attempt, Mapping[str, str]], bool | None]:
    def judge(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
        given, wanted = attempt.given, attempt.wanted
        if not (isinstance(given, int) and isinstance(wanted, int)) or (given < 0) != (wanted < 0):
            return None
        width = attempt.solution.digits or len(str(abs(wanted)))
        if not attempt.solution.digits and len(str(abs(given))) != width:
            return None
        facts = compare_digits(abs(given), abs(wanted), width)
        of_place = {fact.kind for fact in facts if fact.slots == dict(slots)}
        return kind in of_place if facts else None

    return judge


def _sign(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
    if attempt.given is not None and attempt.wanted is not None:
        return attempt.given * attempt.wanted < 0
    return _opposite(attempt, slots)


def _opposite(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
    """Right but for the sign."""
    if attempt.given is not None and attempt.wanted is not None:
        return bool(attempt.given == -attempt.wanted)
    if attempt.polynomial is None or attempt.solution.polynomial is None:
        return None
    negated = {power: -value for power, value in attempt.solution.polynomial.terms.items()}
    return dict(attempt.polynomial.terms) == negated


def _form(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
    """The value is right and only its form is not."""
    if attempt.verdict.outcome is Outcome.INCORRECT:
        return False
    if attempt.given is not None and attempt.wanted is not None:
        return bool(attempt.given == attempt.wanted)
    if attempt.polynomial is not None and attempt.solution.polynomial is not None:
        return attempt.polynomial.terms == attempt.solution.polynomial.terms
    return None


def _part(kind: str) -> Callable[[_Attempt, Mapping[str, str]], bool | None]:
    def judge(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
        if attempt.given is None or attempt.wanted is None:
            return None
        given, wanted = Fraction(attempt.given), Fraction(attempt.wanted)
        found = wrong_part(given, wanted)
        if found is not None:
            return found.kind == kind
        # Of a whole number there is no such part to speak of; where both differ, both are wrong.
        return None if 1 in (given.denominator, wanted.denominator) else True

    return judge


def _swapped(given: Number, wanted: Number) -> bool:
    if not (isinstance(given, int) and isinstance(wanted, int)):
        return False
    return any(fact.kind == "math.kind.swapped_digits" for fact in wrong_digits(given, wanted))


def _stopped(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
    """The answer is what this step reaches."""
    ordinal = slots.get("ordinal", "")
    steps = attempt.solution.reference.steps
    if ordinal not in ORDINALS or not steps:
        return None
    position = ORDINALS.index(ordinal)
    if position >= len(steps):
        return False
    result, answer = steps[position].result, attempt.verdict.answer or ""
    value = number(result, attempt.solution.unit)
    return squeezed(result) == squeezed(answer) or (value is not None and value == attempt.given)


def _calculation(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
    """It goes wrong in this calculation of the student's."""
    ordinal = slots.get("ordinal", "")
    if ordinal not in ORDINALS:
        return None
    position = ORDINALS.index(ordinal)
    return position < len(attempt.shown) and not attempt.shown[position].holds


def _up_to(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
    """The student wrote this calculation, and all up to it is right."""
    wanted = squeezed(slots.get("equation", ""))
    for equation in attempt.shown:
        if not equation.holds:
            return False
        if squeezed(str(equation)) == wanted:
            return True
    return False


def _unequal(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
    left, right = arithmetic(slots.get("left", "")), arithmetic(slots.get("right", ""))
    return None if left is None or right is None else left != right


def _departs(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
    """The student wrote this line, and it is not the solution's."""
    left = squeezed(slots.get("left", ""))
    said = right_side(attempt.text, left) if left else None
    if said is None:
        return False
    for step in attempt.solution.reference.steps:
        own, equals, right = squeezed(step.result).partition("=")
        if equals and own == left:
            return said != right
    return None


def _equation(right: bool) -> Callable[[_Attempt, Mapping[str, str]], bool | None]:
    """A calculation, or a line of the solution, is right or wrong."""

    def judge(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
        text = slots.get("equation", "")
        found = equations(text)
        if found:
            return all(equation.holds for equation in found) is right
        left, equals, said = squeezed(text).partition("=")
        for step in attempt.solution.reference.steps if equals else ():
            own, _, wanted = squeezed(step.result).partition("=")
            if own == left:
                return (said == wanted) is right
        return None

    return judge


def _term(check: Callable[[Fraction | None, Fraction | None], bool]) -> Callable[..., bool | None]:
    powers = {word: power for power, word in TERMS.items()}

    def judge(attempt: _Attempt, slots: Mapping[str, str]) -> bool | None:
        power = powers.get(slots.get("term", ""))
        if power is None or attempt.polynomial is None or attempt.solution.polynomial is None:
            return None
        return check(attempt.polynomial.terms.get(power), attempt.solution.polynomial.terms.get(power))

    return judge


_JUDGES: Mapping[str, Callable[[_Attempt, Mapping[str, str]], bool | None]] = {
    **{kind: _digit(kind) for kind in (f"math.digit.{name}" for name in ("right", "wrong", "low", "high"))},
    "math.right.working": _up_to,
    "math.right.size": _opposite,
    "math.where.calculation": _calculation,
    "math.where.step": _departs,
    "math.where.after": _up_to,
    "math.where.early": _stopped,
    "math.where.numerator": _part("math.where.numerator"),
    "math.where.denominator": _part("math.where.denominator"),
    "math.where.form": _form,
    "math.where.unshown": lambda attempt, _: not attempt.shown,
    "math.kind.slip": _unequal,
    "math.kind.step": _departs,
    "math.kind.unfinished": _stopped,
    "math.kind.sign": _sign,
    "math.kind.off_by_one": _numbers(lambda given, wanted: given - wanted in (1, -1)),
    "math.kind.large_factor": _factor(True),
    "math.kind.small_factor": _factor(False),
    "math.kind.reciprocal": _numbers(lambda given, wanted: given * wanted == 1),
    "math.kind.swapped_digits": _numbers(_swapped),
    "math.kind.unsimplified": _form,
    "math.kind.not_expanded": _form,
    "math.size.low": _numbers(lambda given, wanted: given < wanted),
    "math.size.high": _numbers(lambda given, wanted: given > wanted),
    "math.size.far_low": _far(True),
    "math.size.far_high": _far(False),
    "math.term.wrong": _term(lambda got, want: got != want),
    "math.term.low": _term(lambda got, want: (got or 0) < (want or 0)),
    "math.term.high": _term(lambda got, want: (got or 0) > (want or 0)),
    "math.term.sign": _term(lambda got, want: (got or 0) * (want or 0) < 0),
    "math.term.missing": _term(lambda got, want: got is None and want is not None),
    "math.term.extra": _term(lambda got, want: got is not None and want is None),
    "math.answer.step_right": _equation(True),
    "math.answer.step_wrong": _equation(False),
}
