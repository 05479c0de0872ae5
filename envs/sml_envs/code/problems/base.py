"""What a problem is made of, and how a family turns a seed into one.

A family is a function with the `Topic.family` decorator. It draws constants and ways from a `Pick` and
returns a `Spec`: the goal, one sentence for each requirement, the reference's code, and generators of
inputs. All of these are templates. In code, `$limit` is the drawn value as a Python literal, and `$xs` the
name that the parameter has this time (`$f` that of the function); in prose both stand in backticks where
they are not plain numbers. `$!op` is the drawn text as it stands, in code and in prose, and may have holes
of its own and several lines, which are indented like its first; `$!{op}` says where the name ends.

Expected values come from the reference's text alone: `compiled` runs it, so there are no two truths.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sml_envs.code.cases import Case, code_reference, render_problem, show_case
from sml_envs.code.problems.draws import Draws, Pick
from sml_envs.code.problems.templates import compiled, fill, filled, lines, rules
from sml_gym import Draft, Reference, Step, Task
from sml_gym.task import Shard, Shards

Args = tuple[Any, ...]
Inputs = Mapping[str, Callable[[Draws], Args]]

_SHOWN = 3
_USUAL = 8
"""Hidden cases drawn from a problem's usual inputs, besides the edge cases and the large inputs."""
_LEAST_HIDDEN, _MOST_HIDDEN = 10, 20
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Spec:
    """One problem, before its function and parameters have names.

    Attributes:
        goal: what the function is for, as an order ("Count ..."), without the details.
        parts: one requirement each (a block of `rules`). Goal and parts hold all that the tests check.
        code: the body of the reference.
        inputs: generators of usual arguments by label; the shown examples are drawn from them.
        edges: arguments at the borders of the rules by label.
        steps: what to do, in order, one a line, without quoting code.
        large: generators of large arguments by label, drawn once each.
        rel_tol: how far floats may differ, as a part of the larger one.
    """

    goal: str
    parts: str | tuple[Shard, ...]
    code: str
    inputs: Inputs
    edges: Mapping[str, Args]
    steps: str
    large: Inputs = field(default_factory=dict)
    rel_tol: float = 0.0

    @property
    def shards(self) -> tuple[Shard, ...]:
        """The requirements."""
        return rules(self.parts) if isinstance(self.parts, str) else self.parts


TEXTS: Mapping[str, Args] = {
    "an empty text": ("",),
    "a single letter": ("m",),
    "letters beyond a to z": ("éàü ñß",),
}
"""Edge cases of any text."""

INTEGERS: Mapping[str, Args] = {
    "zero": (0,),
    "one": (1,),
    "a number of one digit": (7,),
    "a negative number": (-52,),
    "a number of equal digits": (4444,),
    "a number with zeros": (10050,),
}
"""Edge cases of any whole number."""

BLANKS = rules(
    """
            given, separated, blanks: Words are separated by single blanks; there are none at the ends.
            """
)
"""A promise about texts that are read word by word."""

NUMBERS: Mapping[str, Args] = {
    "an empty list": ([],),
    "a single number": ([4],),
    "equal numbers": ([3, 3, 3],),
    "negative numbers": ([-5, -1, -8, -2],),
    "zeros": ([0, 0, 1],),
}
"""Edge cases of any list of whole numbers."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: the names it may have, the first of which stands for it in templates, and its type."""

    names: tuple[str, ...]
    type: str


@dataclass(frozen=True, slots=True)
class CodeFamily:
    """A kind of function to write.

    Attributes:
        name: fit for a task id.
        about: what varies, in a sentence or two.
        levels: which levels there are, easiest first.
        calls: the names that the function may have.
        parameters: its parameters, in order.
        gives: the type of what it returns.
        maker: draws one problem.
    """

    name: str
    about: str
    levels: Sequence[int]
    calls: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    gives: str
    maker: Callable[[Pick], Spec]

    def generate(self, rng: random.Random, level: int) -> Draft:
        """A problem of this level."""
        pick, spec = self.sketch(rng, level)
        names = {"f": pick.one(self.calls)}
        for parameter in self.parameters:
            names[parameter.names[0]] = pick.one(parameter.names)
        return Problem(self, pick, spec, names, rng.getrandbits(62)).draft()

    def sketch(
        self, rng: random.Random, level: int, wanted: Sequence[Any] | None = None
    ) -> tuple[Pick, Spec]:
        """The draws and templates of a problem of this level: fast, as nothing is filled in or run.

        Raises:
            OtherShape: its structure is not the wanted one.
        """
        pick = Pick(rng, level, wanted)
        return pick, self.maker(pick)

    def isomorph(self, task: Task, rng: np.random.Generator) -> Task | None:
        """The same problem with other constants and names: see `sml_envs.code.problems.isomorphs`."""
        from sml_envs.code.problems.isomorphs import isomorph

        return isomorph(task, self, rng)

    def rule(self, pick: Pick, spec: Spec) -> str:
        """What a problem asks, whatever its function and parameters are called.

        Problems with the same rule differ in names and examples only.
        """
        names = {"f": self.calls[0], **{p.names[0]: p.names[0] for p in self.parameters}}
        texts = [fill(text, names, pick.values, True) for text in (spec.goal, *[p.text for p in spec.shards])]
        return "\n".join((*texts, filled(spec.code, names, pick.values)))


@dataclass(frozen=True, slots=True)
class Problem:
    """A spec with names filled in: text, reference and tests."""

    family: CodeFamily
    pick: Pick
    spec: Spec
    names: Mapping[str, str]
    seed: int

    def draft(self) -> Draft:
        """The text, and the reference to be worked out when asked for. Only the examples are run here."""
        shown = self._usual(Draws(random.Random(self.seed)), _SHOWN, [])
        statement = "\n".join((self._prose(self.spec.goal), *[f"- {p.text}" for p in self.parts]))
        text = render_problem(statement, self.signature, shown)
        return Draft(text, lambda: self._reference(shown))

    @property
    def signature(self) -> str:
        """The function's first line, without the colon."""
        of = self.family
        taken = ", ".join([f"{self.names[p.names[0]]}: {p.type}" for p in of.parameters])
        return f"def {self.names['f']}({taken}) -> {of.gives}"

    @property
    def code(self) -> str:
        """The reference."""
        return f"{self.signature}:\n{filled(self.spec.code, self.names, self.pick.values)}\n"

    @property
    def parts(self) -> list[Shard]:
        """The requirements in words."""
        return [Shard(self._prose(p.text), p.names, p.needed) for p in self.spec.shards]

    def _prose(self, template: str) -> str:
        return fill(template, self.names, self.pick.values, True)

    def _case(self, label: str, args: Args) -> Case:
        expected = compiled(self.code, self.names["f"])(*args)
        return Case(args, expected, False, label, self.spec.rel_tol)

    def _usual(self, draws: Draws, count: int, known: Sequence[Case]) -> list[Case]:
        """Cases drawn from each generator in turn, other results than those known first."""
        run = compiled(self.code, self.names["f"])
        inputs = list(self.spec.inputs.items())
        seen = {repr(case.args) for case in known}
        results = {repr(case.expected) for case in known}
        cases: list[Case] = []
        for place in range(count):
            label, draw = inputs[place % len(inputs)]
            spare: tuple[Args, Any] | None = None
            for _ in range(_TRIES):
                args = draw(draws)
                if repr(args) in seen:
                    continue
                spare = args, run(*args)
                if repr(spare[1]) not in results:
                    break
            if spare is not None:
                seen.add(repr(spare[0]))
                results.add(repr(spare[1]))
                cases.append(Case(*spare, not known, label, self.spec.rel_tol))
        return cases

    def _reference(self, shown: Sequence[Case]) -> Reference:
        draws = Draws(random.Random(self.seed + 1))
        cases = [*shown]
        seen = {repr(case.args) for case in shown}
        large = {label: draw(draws) for label, draw in self.spec.large.items()}
        for label, args in (*self.spec.edges.items(), *large.items()):
            if repr(args) not in seen:
                seen.add(repr(args))
                cases.append(self._case(label, args))
        hidden = len(cases) - len(shown)
        wanted = min(max(_USUAL, _LEAST_HIDDEN - hidden), _MOST_HIDDEN - hidden)
        cases += self._usual(draws, wanted, cases)
        steps = [self._prose(step) for step in lines(self.spec.steps)]
        examples = " ".join([f"`{show_case(self.signature, case)}`." for case in shown])
        goal = f"Write this Python function: `{self.signature}`. {self._prose(self.spec.goal)}"
        told = Shard(f"For example: {examples}", ("example", "examples", "for instance"), needed=False)
        return code_reference(
            self.code,
            entry_point=self.names["f"],
            signature=self.signature,
            cases=cases,
            solution=" ".join(steps),
            steps=[Step(step, step) for step in steps],
            idea=steps[0],
            shards=Shards(goal, (*self.parts, told)),
        )


class Topic:
    """Collects the families of one file, in their order."""

    def __init__(self) -> None:
        self.families: list[CodeFamily] = []

    def family(
        self, takes: str, gives: str, calls: str, levels: Sequence[int] = (1,)
    ) -> Callable[[Callable[[Pick], Spec]], CodeFamily]:
        """Make a family of a maker; the function's name and docstring are the family's.

        Args:
            takes: the parameters, `"xs|values: list[int]; k|limit: int"`.
            gives: the type of what is returned.
            calls: the names that the function may have, separated by blanks.
            levels: which levels there are.
        """
        parameters = []
        for taken in takes.split("; "):
            names, _, kind = taken.partition(": ")
            parameters.append(Parameter(tuple(names.split("|")), kind))

        def collect(maker: Callable[[Pick], Spec]) -> CodeFamily:
            about = " ".join((maker.__doc__ or "").split())
            made = CodeFamily(
                maker.__name__, about, tuple(levels), tuple(calls.split()), tuple(parameters), gives, maker
            )
            self.families.append(made)
            return made

        return collect
