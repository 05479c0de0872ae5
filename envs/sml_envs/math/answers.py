"""Whether a committed answer equals the reference.

What the reference is decides how the answer is read:

- a number: the answer must be one number, written out (`numbers`, `hedges`); compared exactly and fast;
- words, a choice, a time or a ratio (`Monday`, `3:30`): the same text, capitals and blanks aside;
- an expression, or several (`x^2 + 1`, `(1, 2)`, `{2, 3}`): taken apart into its `shapes`; numbers in it
  are compared exactly, expressions by `symbolic` in a worker process, which is killed after
  `CHECK_SECONDS`. An answer that takes longer is malformed, for a model's odd output is no error.

Percent: where the task asks for a percentage (`unit="%"`, or the reference has the sign), `50%` and `50` are
the same and 0.5 is not. Elsewhere `50%` equals 1/2, and 50 too: a reference of 50 to "what percentage"
often comes without its sign.
"""

from __future__ import annotations

import functools
import math
import re
import time
from dataclasses import dataclass
from fractions import Fraction

from sml_envs.math import hedges
from sml_envs.math.expressions import read_polynomial
from sml_envs.math.latex import objection, to_latex
from sml_envs.math.numbers import MAX_CHARS, REORDERING, parse_number, tidy, written_fraction
from sml_envs.math.shapes import Shape, shape_of
from sml_gym import Outcome, Verdict, VerifierError
from sml_gym.workers import DeadlineExceeded, WorkerLost, WorkerRaised, shared_pool

__all__ = ["CHECK_SECONDS", "check_answer", "is_expression", "is_number", "parse_number", "warm"]

CHECK_SECONDS = 2.0
"""Seconds that a worker may take to compare two expressions."""

TOO_COSTLY = "it is too costly to check"
UNCOLLECTED = "it is not expanded into a sum of different terms"
UNREADABLE = "it cannot be read as a mathematical expression"

_WORKER_MODULE = "sml_envs.math.symbolic"
_DIGITS = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NO_BRACES = str.maketrans("", "", "{}")
_CONSTANT = re.compile(r"\+ ?[Cc]\Z")
_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")
_TEXT_COMMAND = re.compile(r"\\(?:text|textbf|textrm|textit|mathrm|mbox) ?\{([^{}]*)\}")
_SHORT_WORD = re.compile(
    r"yes|no|odd|even|none|true|false|dne|am|pm|one|two|six|ten|all|any|mon|tue|wed|thu|fri|sat|sun"
)
_MATHS_WORD = re.compile(
    r"(?:arc|a)?(?:sin|cos|tan|sec|csc|cot)h?|ln|log|exp|sqrt|cbrt|abs|pi|theta|alpha|beta|lambda"
    r"|infinity|inf|oo|or|and|frac|left|right"
)


@dataclass(frozen=True, slots=True)
class _Expected:
    """A reference, read once."""

    kind: str  # "number", "text" or "expression"
    number: Fraction | None
    percent: bool
    text: str
    shape: Shape | None


def check_answer(answer: str, expected: str, *, unit: str = "", form: str = "") -> Verdict:
    """The verdict on a committed answer.

    Args:
        answer: what the student committed to.
        expected: the reference's answer.
        unit: the unit that the task names (`"cm"`, `"dollars"`, `"%"`); the answer may carry it, or none.
        form: `"lowest"` where the task asks for lowest terms: a fraction that can be reduced is
            malformed. `"expanded"` where it asks for an expanded expression: a product of sums,
            or like terms side by side, are malformed.

    Raises:
        VerifierError: the worker's machinery failed; says nothing of the answer.
    """
    if answer == expected:
        return Verdict(Outcome.CORRECT, answer)
    reference = _read_reference(expected, unit)
    if reference.number is not None:
        return _check_number(answer, reference, unit, form == "lowest")
    if REORDERING.search(answer):
        return Verdict(Outcome.MALFORMED, answer, "it has characters that change the order of reading")
    if reference.kind == "text":
        return _check_text(answer, reference)
    return _check_expression(answer, reference, form == "expanded")


def is_number(expected: str, unit: str = "") -> bool:
    """Whether answers to this reference are compared as numbers, and so without a worker."""
    return _read_reference(expected, unit).number is not None


def is_expression(expected: str) -> bool:
    """Whether answers to this reference are compared as expressions (neither as numbers nor as words)."""
    return _read_reference(expected, "").kind == "expression"


def warm() -> None:
    """Start a worker in the background, for tasks whose answers are expressions."""
    shared_pool().warm(_WORKER_MODULE)


@functools.lru_cache(maxsize=4096)
def _read_reference(expected: str, unit: str) -> _Expected:
    percent = "%" in expected
    number = parse_number(expected, "%" if percent else unit)
    if number is None:
        number = parse_number(expected, unit)
    if number is not None:
        return _Expected("number", number, percent, expected, None)
    tidied = tidy(expected)
    if _is_text(tidied):
        return _Expected("text", None, False, _plain_text(expected), None)
    return _Expected("expression", None, False, tidied, shape_of(tidied))


def _check_number(answer: str, reference: _Expected, unit: str, lowest: bool) -> Verdict:
    if _DIGITS.fullmatch(answer):
        right = reference.number == int(answer)
        return Verdict(Outcome.CORRECT if right else Outcome.INCORRECT, answer)
    percent = reference.percent or unit == "%"
    given = parse_number(answer, "%" if percent else unit)
    if given is None and "=" in answer:
        given, reason = _after_equals(answer, unit)
        if given is None:
            return Verdict(Outcome.MALFORMED, answer, reason)
    if given is None:
        return Verdict(Outcome.MALFORMED, answer, hedges.why_no_number(answer, unit))
    fraction = written_fraction(answer, unit)
    if fraction is not None:
        top, below = fraction
        if top % below == 0:
            return Verdict(Outcome.MALFORMED, answer, "it is a division that is not carried out")
        if lowest and math.gcd(top, below) > 1:
            return Verdict(Outcome.MALFORMED, answer, "the fraction is not in lowest terms")
    right = given == reference.number
    if not right and not percent and not unit and "%" in answer:
        right = parse_number(answer, "%") == reference.number
    return Verdict(Outcome.CORRECT if right else Outcome.INCORRECT, answer)


def _after_equals(answer: str, unit: str) -> tuple[Fraction | None, str]:
    """The number after the last `=`, if what stands before is no hedge and no other number."""
    reason = hedges.hedge(answer)
    before, _, after = tidy(answer).rpartition("=")
    value = parse_number(after, unit)
    if reason or value is None:
        return None, reason or hedges.why_no_number(answer, unit)
    for part in before.split("="):
        other = parse_number(part, unit)
        if other is not None and other != value:
            return None, hedges.TWO
    return value, ""


def _is_text(text: str) -> bool:
    if r"\begin" in text:
        return False
    if re.search(r"[0-9A-Za-z] ?: ?[0-9A-Za-z]|[^\x00-\x7f]{2,}|[0-9] ?_", text):  # `3:30`, `2516_8`
        return True
    bare = _TEXT_COMMAND.sub(lambda m: f" {m[1]} ", text)
    words = [word.casefold() for word in _WORD.findall(bare)]
    return any(
        (len(word) > 3 or _SHORT_WORD.fullmatch(word)) and not _MATHS_WORD.fullmatch(word) for word in words
    )


@functools.lru_cache(maxsize=1024)
def _plain_text(text: str) -> str:
    """Words without capitals, double blanks, LaTeX text commands and outer punctuation."""
    text = _TEXT_COMMAND.sub(lambda m: f" {m[1]} ", tidy(_TEXT_COMMAND.sub(lambda m: f" {m[1]} ", text)))
    text = re.sub(r"\s*:\s*", ":", " ".join(text.split()))
    return text.translate(_NO_BRACES).strip(" .,;!\"'`*$").casefold()


def _check_text(answer: str, reference: _Expected) -> Verdict:
    given = _plain_text(answer) if len(answer) <= MAX_CHARS else ""
    if given == reference.text and given:
        return Verdict(Outcome.CORRECT, answer)
    if re.search(r"\b(?:or|either)\b", given) or given.endswith("?"):
        return Verdict(Outcome.MALFORMED, answer, hedges.SEVERAL if "?" not in given else hedges.DOUBT)
    if given.startswith("not ") and not reference.text.startswith("not "):
        return Verdict(Outcome.MALFORMED, answer, hedges.DENIAL)
    return Verdict(Outcome.INCORRECT, answer)


def _check_expression(answer: str, reference: _Expected, expanded: bool) -> Verdict:
    assert reference.shape is not None
    reason = objection(answer, reference.text)
    if reason:
        return Verdict(Outcome.MALFORMED, answer, reason)
    text = tidy(answer)
    if not text:
        return Verdict(Outcome.MALFORMED, answer, "it is empty")
    if text == reference.text:
        return Verdict(Outcome.CORRECT, answer)
    reason = objection(text, reference.text)
    if not reason and text.endswith("?"):
        reason = hedges.DOUBT
    if reason:
        return Verdict(Outcome.MALFORMED, answer, reason)
    if _CONSTANT.search(reference.text):
        text = _CONSTANT.sub("+ C", text)
    wanted, given = reference.shape, shape_of(text)
    if wanted.kind == "one" and given.kind == "unordered":
        return Verdict(Outcome.MALFORMED, answer, hedges.SEVERAL)
    if wanted.kind == "ordered" and given.kind == "unordered":
        return Verdict(Outcome.MALFORMED, answer, "it should be in brackets, for its order counts")
    if (
        len(wanted.parts) != len(given.parts)
        or wanted.brackets != given.brackets
        or wanted.kind != given.kind
    ):
        return Verdict(Outcome.INCORRECT, answer)
    result = _compare(wanted.parts, given.parts, wanted.kind == "ordered", expanded)
    if result == "equal":
        return Verdict(Outcome.CORRECT, answer)
    if result == "different":
        return Verdict(Outcome.INCORRECT, answer)
    return Verdict(Outcome.MALFORMED, answer, result)


def _compare(wanted: tuple[str, ...], given: tuple[str, ...], ordered: bool, expanded: bool) -> str:
    """`"equal"`, `"different"`, or why the answer is malformed."""
    left, right = [*map(parse_number, wanted)], [*map(parse_number, given)]
    if None not in left and None not in right:
        values, others = [v for v in left if v is not None], [v for v in right if v is not None]
        same = values == others if ordered else sorted(values) == sorted(others)
        return "equal" if same else "different"
    one, other = read_polynomial(wanted[0]), read_polynomial(given[0])
    if len(wanted) == 1 and one is not None and other is not None:
        if expanded and not other.collected:
            return UNCOLLECTED
        return "equal" if one.terms == other.terms else "different"
    if _COSTLY.get(given, 0.0) > time.monotonic():
        return TOO_COSTLY
    try:
        result = _compare_in_worker(
            tuple(map(to_latex, wanted)), tuple(map(to_latex, given)), ordered, expanded
        )
    except DeadlineExceeded:
        _remember_costly(given)
        return TOO_COSTLY
    except WorkerRaised as exc:
        if exc.kind in ("MemoryError", "RecursionError", "OverflowError"):
            _remember_costly(given)
            return TOO_COSTLY
        raise VerifierError(f"comparing two expressions failed: {exc}") from exc
    except WorkerLost as exc:
        raise VerifierError(f"the verifier's worker was lost: {exc}") from exc
    return {
        "equal": "equal",
        "unreadable": UNREADABLE,
        "unexpanded": UNCOLLECTED,
    }.get(result, "different")


# A placebo holds all attempts of a dialogue against other tasks too, and each would cost a deadline again.
# Not for ever: whether a deadline is kept depends on the machine's load.
_COSTLY: dict[tuple[str, ...], float] = {}
_COSTLY_SECONDS = 300.0
_MOST_COSTLY = 256


def _remember_costly(given: tuple[str, ...]) -> None:
    while len(_COSTLY) >= _MOST_COSTLY:
        _COSTLY.pop(next(iter(_COSTLY)), None)
    _COSTLY[given] = time.monotonic() + _COSTLY_SECONDS


@functools.lru_cache(maxsize=4096)  # what is raised is not kept: a deadline depends on the machine's load
def _compare_in_worker(wanted: tuple[str, ...], given: tuple[str, ...], ordered: bool, expanded: bool) -> str:
    warm()
    return str(
        shared_pool().call(
            f"{_WORKER_MODULE}:equal", wanted, given, ordered, expanded, deadline=CHECK_SECONDS
        )
    )
