"""Hidden operations on numbers, of which one example leaves several possible."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from sml_envs.hidden.game import MISS, WHERE
from sml_envs.rule.game import Draw, Rule, RuleGame, listed, two_queries
from sml_gym import Fact

_NUMBER = re.compile(r"([+-]?)0*([0-9]{1,9})\.?")
_LOW, _HIGH = (Fact(f"rule.{side}", {}, WHERE, MISS, "error") for side in ("low", "high"))
_MOST_ADDED = 20
_TRIES = 500

Input = tuple[int, ...]

_SUM, _DIFFERENCE, _PRODUCT, _ALONE = (
    "adds multiples of both numbers",
    "takes a multiple of one number away from the other",
    "multiplies the two numbers",
    "looks at one of the two numbers alone",
)
_MULTIPLE, _SQUARE, _AWAY = "multiplies by a number", "squares the number", "takes the number away"


@dataclass(frozen=True, slots=True)
class Form:
    """An operation without the constant that is added at the end."""

    name: str
    kind: str
    of: Callable[..., int]


TWO: tuple[Form, ...] = (
    Form("a + b", _SUM, lambda a, b: a + b),
    Form("2 * a + b", _SUM, lambda a, b: 2 * a + b),
    Form("a + 2 * b", _SUM, lambda a, b: a + 2 * b),
    Form("3 * a + b", _SUM, lambda a, b: 3 * a + b),
    Form("a + 3 * b", _SUM, lambda a, b: a + 3 * b),
    Form("a - b", _DIFFERENCE, lambda a, b: a - b),
    Form("b - a", _DIFFERENCE, lambda a, b: b - a),
    Form("2 * a - b", _DIFFERENCE, lambda a, b: 2 * a - b),
    Form("2 * b - a", _DIFFERENCE, lambda a, b: 2 * b - a),
    Form("a * b", _PRODUCT, lambda a, b: a * b),
    Form("2 * a * b", _PRODUCT, lambda a, b: 2 * a * b),
    Form("a", _ALONE, lambda a, b: a),
    Form("b", _ALONE, lambda a, b: b),
    Form("2 * a", _ALONE, lambda a, b: 2 * a),
    Form("2 * b", _ALONE, lambda a, b: 2 * b),
    Form("a * a", _ALONE, lambda a, b: a * a),
    Form("b * b", _ALONE, lambda a, b: b * b),
)
ONE: tuple[Form, ...] = (
    *(Form(f"{n} * x" if n > 1 else "x", _MULTIPLE, lambda x, n=n: n * x) for n in range(1, 10)),
    *(Form(f"-{n} * x" if n > 1 else "-x", _AWAY, lambda x, n=n: -n * x) for n in range(1, 5)),
    Form("x * x", _SQUARE, lambda x: x * x),
    Form("2 * x * x", _SQUARE, lambda x: 2 * x * x),
    Form("x * x + x", _SQUARE, lambda x: x * x + x),
    Form("x * x - x", _SQUARE, lambda x: x * x - x),
)


class NumberRule(RuleGame):
    """Whole numbers from one number, or from two that the text writes `a ? b`."""

    asked_for = "a whole number"

    def show_input(self, given: Input) -> str:
        return _show(given)

    def plain(self, answer: str) -> str | None:
        found = _NUMBER.fullmatch(answer.strip().replace("\u2212", "-"))
        if found is None:
            return None
        return found[2] if found[1] != "-" or found[2] == "0" else f"-{found[2]}"

    def apart(self, hidden: str, said: str) -> Fact:
        return _LOW if int(said) < int(hidden) else _HIGH


def operation(rng: random.Random, size: int) -> RuleGame:
    """Two numbers: `a ? b` is one of `size` operations."""
    rules, shown, result, queries = _agreeing(rng, size, TWO, _two_numbers)
    texts = (
        f"The sign ? stands for one of these operations, a ? b = {listed(rules)}. It gives "
        f"{_show(shown)} = {result}, as all of them do. What is {_show(queries[0])}?",
        f"The sign ? stands for the same operation as before. What is {_show(queries[1])}?",
    )
    return NumberRule(rules, queries, texts, _two_numbers, rng.getrandbits(32))


def machine(rng: random.Random, size: int) -> RuleGame:
    """One number: a machine does one of `size` operations."""
    rules, shown, result, queries = _agreeing(rng, size, ONE, _one_number)
    texts = (
        f"A machine turns a number x into one of these: {listed(rules)}. It turns {_show(shown)} "
        f"into {result}, as all of them would. What does it turn {_show(queries[0])} into?",
        f"The machine does the same as before. What does it turn {_show(queries[1])} into?",
    )
    return NumberRule(rules, queries, texts, _one_number, rng.getrandbits(32))


def _two_numbers(rng: random.Random) -> Input:
    return 1 + int(rng.random() * 12), 1 + int(rng.random() * 12)


def _one_number(rng: random.Random) -> Input:
    return (1 + int(rng.random() * 15),)


def _show(given: Input) -> str:
    return " ? ".join(map(str, given))


def _agreeing(
    rng: random.Random, size: int, forms: tuple[Form, ...], draw: Draw
) -> tuple[list[Rule], Input, int, tuple[Input, Input]]:
    """Forms with constants that make them agree on one input, what they give there, and two queries."""
    for _ in range(_TRIES):
        shown = draw(rng)
        result = forms[int(rng.random() * len(forms))].of(*shown) + int(rng.random() * 19) - 9
        plus = [result - form.of(*shown) for form in forms]
        fitting = [place for place, added in enumerate(plus) if -_MOST_ADDED <= added <= _MOST_ADDED]
        if len(fitting) < size:
            continue
        rules = [_rule(forms[place], plus[place]) for place in rng.sample(fitting, size)]
        queries = two_queries(rules, draw, rng)
        if queries is not None and shown not in queries:
            return rules, shown, result, queries
    raise AssertionError(f"no {size} operations agree on any input")


def _rule(form: Form, plus: int) -> Rule:
    of = form.of
    name = form.name if not plus else f"{form.name} {'-' if plus < 0 else '+'} {abs(plus)}"
    return Rule(name, form.kind, lambda given: of(*given) + plus)
