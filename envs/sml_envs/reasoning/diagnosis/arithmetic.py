"""Numbers with a meaning: expressions that reach a value, factors, divisors, bases, roots, coefficients."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sml_envs.reasoning.diagnosis.differences import compare, compare_numbers, value_of
from sml_envs.reasoning.diagnosis.facts import Facts, at, nth, right, what, where
from sml_envs.reasoning.expressions import read_arithmetic

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_TERM = re.compile(
    r"([+-]?)((?:\d{1,40}|[A-Za-z](?:\*\*\d{1,3})?)(?:\*(?:\d{1,40}|[A-Za-z](?:\*\*\d{1,3})?)){0,12})"
)


def check_countdown(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """Numbers used twice, foreign or left out, else the value reached and how far off it is."""
    return _check_target(metadata["numbers"], metadata["target"], answer)


def check_twenty_four(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """The same for the number 24."""
    return _check_target(metadata["numbers"], 24, answer)


def _check_target(numbers: list[int], target: int, answer: str) -> Facts:
    read = read_arithmetic(answer)
    if read is None:
        return []
    facts: Facts = []
    allowed, used = Counter(numbers), Counter(read.numbers)
    foreign = next((number for number in read.numbers if number not in allowed), None)
    often = next((number for number, count in used.items() if count > allowed[number]), None)
    missing = next((number for number in numbers if used[number] < allowed[number]), None)
    if foreign is not None:
        facts = [where("use.wrong"), what("use.foreign", number=str(foreign))]
    elif often is not None:
        facts = [where("use.wrong"), what("use.often", number=str(often))]
    elif missing is not None:
        facts = [where("use.wrong"), what("use.missing", number=str(missing))]
    if read.value is None:
        return facts or at("a division", what("target.zero"))
    if read.value == target:
        return [*facts, right("target.reached")]
    if facts:
        return facts
    off = read.value - target
    slots = {"value": _shown(read.value), "off": _shown(abs(off))}
    return [
        where("target.missed"),
        what("target.high" if off > 0 else "target.low", **slots),
        right("use.right"),
    ]


def check_factors(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """A factor that is no prime, else a product that is too small or too large."""
    words = [word.strip() for word in answer.split("×") if word.strip()]
    if not words or not all(re.fullmatch(r"\d{1,12}", word) for word in words):
        return [where("factors.form")]
    factors = [int(word) for word in words]
    for position, factor in enumerate(factors):
        if factor < 2 or any(factor % small == 0 for small in range(2, min(math.isqrt(factor), 10**6) + 1)):
            return at(nth(position, "factor"), what("factors.not_prime", number=str(factor)))
    product, number = math.prod(factors), metadata["number"]
    for factor in factors:
        if number % factor:
            return [where("factors.product"), what("factors.no_divisor", number=str(factor))]
    return [
        where("factors.product"),
        what("factors.low" if product < number else "factors.high", value=_shown(Fraction(product))),
        right("factors.primes"),
    ]


def check_gcd(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """A number that the answer does not divide, or that there is a larger divisor."""
    value = value_of(answer)
    if value is None or value.denominator != 1 or value < 1:
        return [where("number.whole")]
    for number in metadata["numbers"]:
        if number % int(value):
            return [where("divisor.not"), what("divisor.not_of", number=str(number))]
    return [right("divisor.common"), what("divisor.larger")]


def check_lcm(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """A number of which the answer is no multiple, or that there is a smaller one."""
    value = value_of(answer)
    if value is None or value.denominator != 1 or value < 1:
        return [where("number.whole")]
    for number in metadata["numbers"]:
        if int(value) % number:
            return [where("multiple.not"), what("multiple.not_of", number=str(number))]
    return [right("multiple.common"), what("multiple.smaller")]


def check_fraction(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """An equal fraction that is not in lowest terms, else another value."""
    value = value_of(answer)
    wanted = Fraction(metadata["simplified_numerator"], metadata["simplified_denominator"])
    if value is None:
        return []
    if value == wanted:
        return [right("fraction.equal"), what("fraction.reducible")]
    return [where("fraction.value"), *compare_numbers(wanted, value)]


def check_base(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """A digit that the base does not have, else too low or too high and the first wrong digit."""
    base, digits = metadata["target_base"], answer.strip().lower()
    for position, digit in enumerate(digits):
        if digit not in _DIGITS[:base]:
            return at(nth(position, "digit"), what("base.digit", digit=digit, base=str(base)))
    if not digits or len(digits) > 60:
        return []
    facts = compare_numbers(Fraction(metadata["decimal_value"]), Fraction(int(digits, base)))
    if len(digits) == len(gold):
        first = next(
            (n for n, (one, other) in enumerate(zip(gold, digits, strict=True)) if one != other), None
        )
        if first is not None:
            facts.insert(0, where("place.wrong", place=nth(first, "digit")))
    return facts


def check_number(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """Too low or too high, the sign, off by one."""
    return compare(gold, answer)


def check_roots(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """How many solutions there are, and which of those given is none."""
    wanted = [value_of(word) for word in gold.split(",")]
    given = [value_of(word) for word in answer.split(",") if word.strip()]
    if None in given:
        return [where("roots.form")]
    near = Fraction(1, 1000)
    for position, value in enumerate(given):
        if all(value is None or root is None or abs(value - root) > near for root in wanted):
            return at(nth(position, "solution"), what("roots.none", place=nth(position, "solution")))
    if len(given) != len(wanted):
        return [where("roots.count"), what("roots.few" if len(given) < len(wanted) else "roots.many")]
    return [where("roots.rounded")]


def check_polynomial(metadata: Mapping[str, Any], gold: str, answer: str) -> Facts:
    """The first term whose coefficient is too low or too high, missing, or not wanted."""
    wanted, given = polynomial(gold), polynomial(answer)
    if wanted is None or given is None:
        return [where("polynomial.form")]
    for powers in sorted({*wanted, *given}, reverse=True):
        one, other = wanted.get(powers, 0), given.get(powers, 0)
        if one == other:
            continue
        term = "*".join(name if power == 1 else f"{name}**{power}" for name, power in powers)
        place = f"the term in {term}" if term else "the constant term"
        if not other:
            return at(place, what("polynomial.missing", place=place))
        if not one:
            return at(place, what("polynomial.extra", place=place))
        return at(place, what("polynomial.low" if other < one else "polynomial.high", place=place))
    return [what("text.form")]


Powers = tuple[tuple[str, int], ...]


def polynomial(text: str) -> dict[Powers, int] | None:
    """An expanded polynomial with whole coefficients, by the powers of its variables; else None."""
    if re.search(r"\w\s+\w", text):
        return None
    text = "".join(text.split())
    found: dict[Powers, int] = {}
    place = 0
    while place < len(text):
        term = _TERM.match(text, place)
        if term is None or (place and not term[1]):
            return None
        coefficient = -1 if term[1] == "-" else 1
        powers: Counter[str] = Counter()
        for factor in term[2].replace("**", "^").split("*"):
            if factor.isdecimal():
                coefficient *= int(factor)
            else:
                name, _, power = factor.partition("^")
                powers[name] += int(power or 1)
        key = tuple(sorted(powers.items()))
        found[key] = found.get(key, 0) + coefficient
        place = term.end()
    return {key: value for key, value in found.items() if value} if found else None


def _shown(value: Fraction) -> str:
    if value.denominator == 1 and abs(value) < 10**15:
        return str(int(value))
    return f"{float(value):.6g}"
