"""Which answers may reach a dataset's scorer, and what more than its word is asked.

Before: scorers that hand the answer to SymPy's parser, which evaluates Python, get nothing but plain
formulas. After: where a scorer gives 1 to wrong answers as well (the README says which), the answer must
stand a check of our own too.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from sml_envs.reasoning.expressions import read_arithmetic

_FUNCTIONS = "exp|log|ln|sin|cos|tan|sec|csc|cot|asin|acos|atan|sinh|cosh|tanh|sqrt|Abs|E|pi"
_FORMULA_WORDS = frozenset(_FUNCTIONS.split("|"))
_FORMULA = re.compile(r"\s*(?:(?P<name>[A-Za-z]{1,8})|\d{1,12}(?:\.\d{1,12})?|\*\*|[-+*/()])\s*")
# Powers of powers take for ever, and so do huge exponents.
_TOWER = re.compile(r"\*\*\s*[-+]?\s*(?:\w+\s*\*\*|\d{4})")
_MAX_FORMULA_CHARS = 8_000
_MAX_NESTING = 30
_COMPLEX = re.compile(r"[-+0-9.eij()\s]{1,80}", re.IGNORECASE)

_ROOTS = re.compile(r"\s*-?\d{1,20}(?:\.\d{0,20})?(?:\s*,\s*-?\d{1,20}(?:\.\d{0,20})?){0,20}\s*")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_COIN_TOLERANCE = Fraction(1, 10_000)

ARITHMETIC_REASON = "it should be one expression of whole numbers with + - * / and parentheses"
FORMULA_REASON = "it should be one formula of numbers, the variables, + - * / ** and common functions"


def refusal(name: str, item: Mapping[str, Any], answer: str) -> str:
    """Why an answer is not handed to the scorer, in words fit for the student; empty for one that is."""
    if name in ("countdown", "puzzle24"):
        return "" if read_arithmetic(answer) is not None else ARITHMETIC_REASON
    if name in ("simple_integration", "intermediate_integration"):
        return "" if is_formula(answer, {item["metadata"]["variable"], "C"}) else FORMULA_REASON
    if name == "polynomial_multiplication":
        names = {str(variable) for variable in item["metadata"]["variables"]}
        return "" if is_formula(answer, names) else FORMULA_REASON
    if name == "polynomial_equations":
        return "" if _ROOTS.fullmatch(answer) else "it should be decimal numbers with commas between them"
    if name == "gsm_symbolic":
        return "" if len(_NUMBER.findall(answer)) == 1 else "it should be one number"
    if name == "complex_arithmetic":
        return "" if _COMPLEX.fullmatch(answer) else "it should be one complex number, such as 3.0 - 2.0i"
    return ""


def is_formula(text: str, variables: set[str]) -> bool:
    """Whether a text is a formula and nothing else that Python could be made to do."""
    if len(text) > _MAX_FORMULA_CHARS or _TOWER.search(text):
        return False
    place = depth = 0
    while place < len(text):
        token = _FORMULA.match(text, place)
        if token is None:
            return False
        name = token["name"]
        if name is not None and name not in variables and name not in _FORMULA_WORDS:
            return False
        depth += token.group().count("(") - token.group().count(")")
        if not 0 <= depth <= _MAX_NESTING:
            return False
        place = token.end()
    return depth == 0 and bool(text.strip())


def stands(name: str, item: Mapping[str, Any], gold: str, answer: str) -> bool:
    """Whether an answer to which the scorer gave 1 stands our own check, where the scorer is too kind."""
    check = _CHECKS.get(name)
    return check is None or check(item, gold, answer)


def _sorted_numbers(item: Mapping[str, Any], gold: str, answer: str) -> bool:
    """The scorer takes numbers that are off by up to 1, and NaN."""
    given, wanted = numbers_of(answer), numbers_of(gold)
    return given is not None and given == wanted


def numbers_of(text: str) -> list[float] | None:
    """The finite numbers of a list in the notation of `number_sorting`, None for anything else."""
    try:
        values = [float(value) for value in json.loads(text.replace("'", '"'))]
    except (ValueError, TypeError, RecursionError):
        return None
    return values if all(math.isfinite(value) for value in values) else None


def _twenty_four(item: Mapping[str, Any], gold: str, answer: str) -> bool:
    """The scorer takes any four numbers of the range, and cuts the value's decimals off."""
    read = read_arithmetic(answer)
    return (
        read is not None and read.value == 24 and sorted(read.numbers) == sorted(item["metadata"]["numbers"])
    )


def _probability(item: Mapping[str, Any], gold: str, answer: str) -> bool:
    """The scorer of coin_flip gives 1 to any beginning of the right decimals, such as 0."""
    if len(answer) > 60 or re.search(r"[eE][-+]?\d{3}", answer):
        return False
    try:
        return abs(Fraction(answer.replace(",", "")) - Fraction(gold)) <= _COIN_TOLERANCE
    except (ValueError, ZeroDivisionError):
        return False


def _same_words(item: Mapping[str, Any], gold: str, answer: str) -> bool:
    """The scorers of letter_jumble and spell_backward do not mind what follows the right answer."""
    return answer.casefold().split() == gold.casefold().split()


def _same_letters(item: Mapping[str, Any], gold: str, answer: str) -> bool:
    """The scorer of figlet_font gives 1 for ten right letters, whatever the others are."""
    return "".join(answer.split()).casefold() == "".join(gold.split()).casefold()


def _same_word(item: Mapping[str, Any], gold: str, answer: str) -> bool:
    """The scorer of game_of_life_halting gives 1 to every answer."""
    return answer.strip().strip("'\".").casefold() == gold.casefold()


def _same_shape(item: Mapping[str, Any], gold: str, answer: str) -> bool:
    """The scorer of game_of_life does not look at cells beyond the board."""
    return bool(json.loads(answer) == json.loads(gold))


_CHECKS: Mapping[str, Callable[[Mapping[str, Any], str, str], bool]] = {
    "number_sorting": _sorted_numbers,
    "puzzle24": _twenty_four,
    "coin_flip": _probability,
    "letter_jumble": _same_words,
    "spell_backward": _same_words,
    "figlet_font": _same_letters,
    "game_of_life_halting": _same_word,
    "game_of_life": _same_shape,
}

TOO_KIND = frozenset(_CHECKS)
"""Datasets whose scorer's word alone is not enough."""
