"""Reading polynomials in x with rational coefficients, term by term and without evaluating text."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

_MOST_CHARS = 300
_MOST_TERMS = 24
_MOST_DEGREE = 40
_NUMBER = r"[0-9]{1,18}(?:\.[0-9]{1,12})?"
_TERM = re.compile(
    rf"(?P<sign>[+-])?(?:(?P<top>{_NUMBER})(?:/(?P<bottom>[0-9]{{1,18}}))?"
    rf"|\((?P<inner>-?[0-9]{{1,18}})/(?P<under>[0-9]{{1,18}})\)"
    r"|\\frac\{(?P<above>-?[0-9]{1,18})\}\{(?P<below>[0-9]{1,18})\})?"
    r"(?P<times>\*?)(?P<x>x(?:(?:\^|\*\*)(?:\{(?P<braced>[0-9]{1,3})\}|(?P<power>[0-9]{1,3})))?)?"
    r"(?:/(?P<divisor>[0-9]{1,18}))?"
)
_NOISE = str.maketrans({" ": None, "\t": None, "$": None, "−": "-", "·": "*", "²": "^2", "³": "^3"})
_SPLIT = re.compile(r"[0-9x)][ \t]+[0-9]")
_LABEL = re.compile(r"(?:y|f\(x\)|f'\(x\)|y'|dy/dx|p\(x\))=")
_COMMANDS = re.compile(r"\\(?:left|right|,|;|!|cdot|times)(?![a-z])|[{]\}")


@dataclass(frozen=True, slots=True)
class Polynomial:
    """Coefficients by power, zeros left out. `collected` says whether each power was written once at most."""

    terms: Mapping[int, Fraction]
    collected: bool


@functools.lru_cache(maxsize=4096)  # verification and diagnosis read the same answer
def read_polynomial(text: str) -> Polynomial | None:
    """A sum of terms such as `3x^2 - 4x + 1`, None for anything else (parentheses included)."""
    if len(text) > _MOST_CHARS or _SPLIT.search(text):
        return None
    text = text.translate(_NOISE).rstrip(".")
    text = _COMMANDS.sub(lambda m: "*" if m[0] in (r"\cdot", r"\times") else "", text)
    label = _LABEL.match(text)
    position = label.end() if label else 0
    terms: dict[int, Fraction] = {}
    collected, count = True, 0
    while position < len(text):
        found = _TERM.match(text, position)
        if found is None or found.end() == position or count >= _MOST_TERMS:
            return None
        if count and not found["sign"]:
            return None
        term = _term(found)
        if term is None:
            return None
        power, value = term
        if power in terms:
            collected = False
        terms[power] = terms.get(power, Fraction(0)) + value
        position, count = found.end(), count + 1
    if not count:
        return None
    return Polynomial({power: value for power, value in terms.items() if value}, collected)


def _term(found: re.Match[str]) -> tuple[int, Fraction] | None:
    """Power and coefficient of one term, None if it is not well formed."""
    top = found["top"] or found["inner"] or found["above"]
    bottom = found["bottom"] or found["under"] or found["below"]
    if found["times"] and not (top and found["x"]):
        return None
    if not top and not found["x"]:
        return None
    value = Fraction(top or 1)
    for divisor in (bottom, found["divisor"]):
        if divisor is not None:
            if int(divisor) == 0:
                return None
            value /= int(divisor)
    power = int(found["braced"] or found["power"] or 1) if found["x"] else 0
    if power > _MOST_DEGREE:
        return None
    return power, -value if found["sign"] == "-" else value
