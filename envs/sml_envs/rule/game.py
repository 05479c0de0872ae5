"""A hidden rule that turns inputs into outputs, one of a few that the text names.

The text names the possible rules and shows an example on which all of them agree, and asks what the hidden
rule makes of another input, on which no two of them agree. So the text leaves every rule as likely, and
an answer stands for one rule. A wrong answer is met with what tells its rule from the hidden one.
"""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sml_envs.hidden.game import AHEAD, AWAY, HIT, MISS, NEXT, OUTSIDE, WHAT, WHERE, Game, fact
from sml_gym import Fact

OUTSIDE_FACT = Fact("rule.outside", {}, WHERE, MISS, "error")
FITS = Fact("rule.fits", {}, WHERE, HIT, "error")

_EXAMPLES = 8
_DRAWS = 60

Draw = Callable[[random.Random], Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One possible rule.

    Attributes:
        name: what it does, as the text lists it.
        kind: what rules like it have in common, as informativeness 3 tells it.
        of: what it makes of an input.
    """

    name: str
    kind: str
    of: Callable[[Any], Any]


class RuleGame(Game):
    """Rules, the input in question, and further inputs that a teacher may speak of.

    Args:
        rules: the candidates.
        queries: the input in question, and the one that is asked for once the first is solved.
        texts: the problem with the first query, and the one with the second.
        draw: a random input, for the teacher's examples.
        seed: of these examples.
    """

    advice = "Choose the rule whose answer would tell most of the others apart, and give its answer."
    outside = (OUTSIDE_FACT,)
    kind_fact = "rule.kind"

    def __init__(
        self, rules: Sequence[Rule], queries: Sequence[Any], texts: Sequence[str], draw: Draw, seed: int
    ) -> None:
        super().__init__()
        self.rules = tuple(rules)
        self.statement = texts[0]
        self.answers = tuple([self.show(rule.of(queries[0])) for rule in self.rules])
        self._positions = {answer: number for number, answer in enumerate(self.answers)}
        self._queries, self._texts, self._draw, self._seed = tuple(queries), tuple(texts), draw, seed
        self._examples: list[Any] | None = None

    def again(self) -> RuleGame | None:
        """The same rules with the second query; None if this is that already."""
        if len(self._queries) < 2:
            return None
        return type(self)(self.rules, self._queries[1:], self._texts[1:], self._draw, self._seed)

    def show(self, value: Any) -> str:
        """An output as text. Default: as Python writes it."""
        return str(value)

    def show_input(self, given: Any) -> str:
        """An input as text. Default: as an output."""
        return self.show(given)

    @abstractmethod
    def plain(self, answer: str) -> str | None:
        """An answer as this game writes its own, None for what is no answer."""

    @abstractmethod
    def apart(self, hidden: str, said: str) -> Fact:
        """How a wrong output differs from the right one (informativeness 1)."""

    def solution(self, hidden: int) -> str:
        return f"The hidden rule is: {self.rules[hidden].name}. So the answer is {self.answers[hidden]}."

    def read(self, answer: str) -> int | None:
        plain = self.plain(answer)
        return None if plain is None else self._positions.get(plain, OUTSIDE)

    def compare(self, hidden: int, said: int) -> Iterator[Fact]:
        yield self.apart(self.answers[hidden], self.answers[said])
        found = self._telling(hidden, said)
        if found is not None:
            yield found
        yield FITS
        yield fact(self.kind_fact, NEXT, AHEAD, "next", "sort_of_rule", self.rules[hidden].kind)
        yield fact("rule.avoid", NEXT, AWAY, "next", "named_rule", self.rules[said].name)

    def holds(self, hidden: int, said: int, fact: Fact) -> bool | None:
        """Other examples than the one that is chosen are true as well if the hidden rule gives that."""
        if fact.kind == "rule.avoid":
            return fact.slots["named_rule"] != self.rules[hidden].name
        if fact.kind == "rule.example":
            for given in self.examples:
                if self.show_input(given) == fact.slots["shown_input"]:
                    return self.show(self.rules[hidden].of(given)) == fact.slots["shown_output"]
            return None
        return super().holds(hidden, said, fact)

    @property
    def examples(self) -> list[Any]:
        """Further inputs, in the order in which a teacher takes them; none is in question."""
        if self._examples is None:
            rng = random.Random(self._seed)
            drawn = [self._draw(rng) for _ in range(_EXAMPLES)]
            self._examples = [given for given in drawn if given not in self._queries]
        return self._examples

    def _telling(self, hidden: int, said: int) -> Fact | None:
        """The first further input on which two rules differ and that does not give the answer away."""
        right, wrong, answer = self.rules[hidden].of, self.rules[said].of, self.answers[hidden]
        for given in self.examples:
            result = right(given)
            if result != wrong(given):
                shown, output = self.show_input(given), self.show(result)
                if not stands_in(answer, f"{shown} {output}"):
                    return Fact(
                        "rule.example", {"shown_input": shown, "shown_output": output}, WHAT, MISS, "error"
                    )
        return None


def stands_in(answer: str, text: str) -> bool:
    """Whether an answer stands in a text, by itself."""
    start = text.find(answer)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(answer) : start + len(answer) + 1]
        if not (before.isalnum() or before == "-" or after.isalnum()):
            return True
        start = text.find(answer, start + 1)
    return False


def listed(rules: Sequence[Rule]) -> str:
    """The rules as a text names them."""
    return "; ".join([rule.name for rule in rules])


def two_queries(rules: Sequence[Rule], draw: Draw, rng: random.Random) -> tuple[Any, Any] | None:
    """Two inputs on each of which no two rules agree, and no rule makes the same of both, or None."""
    first: Any = None
    before: list[Any] = []
    for _ in range(_DRAWS):
        given = draw(rng)
        outputs = [rule.of(given) for rule in rules]
        if len(set(outputs)) < len(rules):
            continue
        if first is None:
            first, before = given, outputs
        elif all(a != b for a, b in zip(before, outputs, strict=True)):
            return first, given
    return None
