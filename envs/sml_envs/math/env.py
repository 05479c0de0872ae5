"""`SML-Math-v0`: mathematics with a single verified answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from sml_envs.math.answers import check_answer, is_expression, parse_number
from sml_envs.math.claims import SLOTS, assertions, holds
from sml_envs.math.diagnose import diagnose
from sml_envs.math.families import FAMILIES, TOPICS
from sml_envs.math.families.base import show
from sml_envs.math.opposites import OPPOSITES
from sml_envs.math.phrases import PHRASES
from sml_envs.math.rows import read_row
from sml_envs.math.shape import step_shape, text_shape
from sml_envs.math.shards import split_task
from sml_envs.math.solution import solution_of
from sml_envs.math.statements import calculations, expressions
from sml_gym import (
    ConfigError,
    Diagnosis,
    Fact,
    Family,
    GeneratedTasks,
    Outcome,
    Probes,
    Reference,
    Shards,
    SMLEnv,
    Task,
    TaskSource,
    Teacher,
    Utterance,
    Verdict,
)
from sml_gym.errors import nearest
from sml_gym.isomorphs import draw_isomorph
from sml_gym.leaks import Mention
from sml_gym.selection import behind
from sml_gym.teachers.base import Examination

_INTEGER = re.compile(r"-?[0-9]{1,18}")


class MathEnv(SMLEnv):
    """Mathematics: one problem, one verified answer, and a teacher who knows the worked solution.

    Description:
        The teacher poses a problem. The student may calculate, ask and try; the teacher says
        what is wrong with an attempt, where, and, if it may, what the next step is.

    Task:
        Generated families in thirteen topics, from sums to integrals and word problems of
        several steps, each with one to four levels (the README beside this file lists them with
        their sizes), or the rows of a JSONL file. By default all families at all levels, each
        family equally often. Texts are split into train, validation and test by their hash.

    What the student may say:
        Anything. `\\boxed{...}`, `Final answer: ...` or `#### ...` commits to an answer, and the
        last one counts. Numbers may be written as usual (`1,234`, `3/4`, `1 1/2`, `$5`, `7 cm` where
        the problem names cm); polynomials as `3x^2 - 4x + 1`. Calculations (`12 * 7 = 84`) are read
        as working. Questions are answered: what the next step is, whether a step is right, what a
        term means, a hint.

    What the teacher knows and can say:
        It knows the answer and a solution step by step. At informativeness 0 it says whether an
        attempt is right, at 1 also where it goes wrong, at 2 what kind of error it is, at 3 what to do
        next. It never states the final answer, unless the problem or the student has.

    Rewards:
        1.0 in the turn of the right answer, else 0.0. Where a problem asks for lowest terms or an
        expanded form, an equal answer in another form is malformed.

    How it ends:
        Terminated when solved, truncated after `max_turns` student utterances.

    Options:
        families: names of families or topics (such as `"gcd"` or `"fractions"`); default all.
        levels: which levels to draw; default all. A family without any of them is left out.
        teacher, max_turns, split, tasks, hold_out, render_mode: as in `sml_gym.SMLEnv`.

    Ids:
        `SML-Math-v0`. A task's id is `family:level:seed`; in a JSONL file the row's `id`, or the
        file's stem and the row's number.

    Source and licence:
        Generated here, Apache-2.0. JSONL data is the user's own.

    Yardsticks:
        See the README for those of random guessing, of retrying without feedback, and of an oracle.

    Raises:
        ConfigError: for an unknown family, topic, level or option.
    """

    phrases = PHRASES
    opposites = OPPOSITES
    slot_patterns = SLOTS

    def __init__(
        self,
        *,
        families: Sequence[str] | str | None = None,
        levels: Sequence[int] | int | None = None,
        teacher: str | Teacher = "scripted",
        max_turns: int = 4,
        split: str = "train",
        tasks: TaskSource | str | Path | Mapping[str, str | Path] | None = None,
        hold_out: bool = False,
        render_mode: str | None = None,
    ) -> None:
        self._families = _chosen(families)
        self._levels = (levels,) if isinstance(levels, int) else levels
        if isinstance(levels, str) or not (levels is None or isinstance(self._levels, Iterable)):
            raise ConfigError(f"levels is {levels!r}; give whole numbers, such as levels=[1, 2].")
        super().__init__(
            teacher=teacher,
            max_turns=max_turns,
            split=split,
            tasks=tasks,
            hold_out=hold_out,
            render_mode=render_mode,
        )

    def tasks(self, split: str) -> TaskSource:
        """Generated tasks of the chosen families and levels."""
        return GeneratedTasks(self._families, split, self._levels)

    def read_row(self, row: Mapping[str, Any]) -> tuple[str, Reference]:
        """A row of GSM8K (socratic or not), of MATH, or a plain one: see `sml_envs.math.rows`."""
        return read_row(row)

    def verify(self, task: Task, answer: str) -> Verdict:
        """Exact equality for numbers; expressions are compared in a worker, under a deadline."""
        wanted = solution_of(task).answer
        if type(wanted) is int and _INTEGER.fullmatch(answer):
            return Verdict(Outcome.CORRECT if int(answer) == wanted else Outcome.INCORRECT, answer)
        reference = task.private.reveal()
        data = reference.data
        return check_answer(answer, reference.answer, unit=data.get("unit", ""), form=data.get("form", ""))

    def statements(self, task: Task, text: str) -> list[Mention]:
        """Numbers, calculations and expressions that equal the answer, in LaTeX, plain or in words."""
        found = super().statements(task, text)
        solution = solution_of(task)
        if solution.answer is not None:
            found += calculations(text, Fraction(solution.answer))
        elif is_expression(task.private.reveal().answer):
            found += expressions(
                text, task.private.reveal().answer, lambda said: self.verify(task, said).correct, task.problem
            )
        return found

    def diagnose(self, task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
        """Which error an utterance holds, where, what comes next; or the answer to a question."""
        return diagnose(task, utterance, verdict)

    def holds(self, task: Task, examined: Examination, fact: Fact) -> bool | None:
        """Each claim judged by itself, against the reference and the attempt."""
        found = holds(task, examined.utterance.text, examined.verdict, fact)
        return super().holds(task, examined, fact) if found is None else found

    def assertions(self, task: Task, words: str, said: str) -> Iterable[tuple[str, bool]]:
        """Calculations, with whether they hold."""
        return assertions(words, said)

    def shards(self, task: Task) -> Shards | None:
        """The row's own shards; else by the pattern of the problem's family, or by its sentences."""
        return super().shards(task) or split_task(task.problem, task.family)

    def isomorph(self, task: Task, rng: np.random.Generator) -> Task | None:
        """Another task of the same family, level and split with the same shape of text and the same steps."""
        source = behind(self.source)
        if not isinstance(source, GeneratedTasks):
            return None
        return draw_isomorph(source, task, rng, text_shape, step_shape)

    def probes(self, task: Task) -> Probes:
        """The reference answer, that answer changed, and a choice between two."""
        answer = task.private.reveal().answer
        return Probes(
            correct=f"Final answer: {answer}",
            incorrect=f"Final answer: {_changed(answer)}",
            malformed=f"Final answer: {answer} or {_changed(answer)}",
        )


def _changed(answer: str) -> str:
    """Another answer of the same kind."""
    value = parse_number(answer)
    if value is not None:
        return show(value + 1)
    for position, char in enumerate(answer):
        if char.isdecimal():
            return f"{answer[:position]}7{answer[position:]}"
    return "xyzzy" if answer.isalpha() and len(answer) > 1 else f"{answer} + 7"


def _chosen(names: Sequence[str] | str | None) -> list[Family]:
    """The families behind names of families and topics, each once, in the order asked for."""
    if names is None:
        return list(FAMILIES)
    known: dict[str, tuple[Family, ...]] = {family.name: (family,) for family in FAMILIES}
    known.update(TOPICS)
    chosen: dict[str, Family] = {}
    if not isinstance(names, Iterable):
        raise ConfigError(f"families is {names!r}; give names, such as families=['gcd', 'fractions'].")
    for name in (names,) if isinstance(names, str) else names:
        if name not in known:
            raise ConfigError(f"Unknown maths family or topic {name!r}. {nearest(str(name), known)}")
        for family in known[name]:
            chosen[family.name] = family
    if not chosen:
        raise ConfigError(
            f"No maths family was chosen. Name one or more of {sorted(known)}, or leave it out."
        )
    return list(chosen.values())
