"""What a domain says for itself: its tasks, how utterances are read, verified and diagnosed, and its words.

An environment (`sml_gym.env.SMLEnv`) is these hooks and the dialogue around them. All but `tasks` have
a default; they are pure, and none knows of a dialogue's state.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sml_gym.dialogue import Speaker, Utterance, UtteranceKind
from sml_gym.errors import ConfigError, RolloutError, TaskError, VerifierError, typed
from sml_gym.leaks import Mention, find_mentions, programs, read_answer
from sml_gym.leaks.code import PROGRAM_SECONDS
from sml_gym.reading import Reading, read_utterance
from sml_gym.row_tasks import text_field
from sml_gym.task import Reference, Shards, Task, TaskSource
from sml_gym.teachers.base import Examination
from sml_gym.verdict import Diagnosis, Fact, Outcome, PhraseBank, Verdict

_ASKS_PERCENT = re.compile(
    r"\b(?:what|which|how many|in|as a|by what) (?:the )?(?:percent|per cent|percentage|%)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Probes:
    """Utterances with a known verdict, for conformance checks (`sml_gym.testing`)."""

    correct: str
    incorrect: str
    malformed: str


class DomainHooks:
    """The part of an `SMLEnv` that a domain overrides.

    Attributes:
        source: where the tasks come from.
    """

    source: TaskSource
    phrases: PhraseBank = {}
    """Phrasings by fact kind, merged over those that every domain has."""
    opposites: Mapping[str, str] = {}
    """For kinds of fact, the kind that is surely false with the same slots: what noise may say instead.

    "" for a kind that claims nothing of the task.
    """
    slot_patterns: Mapping[str, str] = {}
    """What may stand in the slots of `phrases`, as regular expressions by slot; "" for free text.

    Only the audit of a teacher needs them, to read facts back out of its words.
    """

    def tasks(self, split: str) -> TaskSource:
        """The domain's own tasks for a split."""
        raise ConfigError(
            f"{type(self).__name__} has no tasks of its own. Pass tasks=PATH, or override `tasks(split)`."
        )

    def read_row(self, row: Mapping[str, Any]) -> tuple[str, Reference]:
        """A JSONL row as (problem, reference). Default: `problem`, `answer` and, if there, `solution`."""
        return text_field(row, "problem"), Reference(text_field(row, "answer"), str(row.get("solution", "")))

    def read(self, task: Task, text: str) -> Reading:
        """What an utterance is and which answer it commits to. Pure and fast."""
        return read_utterance(text)

    def verify(self, task: Task, answer: str) -> Verdict:
        """Whether a committed answer is right. Default: equal text, case and blanks aside."""
        equal = answer.split() == task.private.reveal().answer.split() or (
            " ".join(answer.split()).casefold() == " ".join(task.private.reveal().answer.split()).casefold()
        )
        return Verdict(Outcome.CORRECT if equal else Outcome.INCORRECT, answer)

    def diagnose(self, task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
        """Facts beyond correctness that a teacher may speak. Default: none."""
        return Diagnosis()

    def holds(self, task: Task, examined: Examination, fact: Fact) -> bool | None:
        """Whether a fact that is not in the diagnosis is true all the same; None where no one can tell.

        Only the audit of a teacher asks. Default: a fact is false if the diagnosis holds its contrary
        (`opposites`), or one of the same kind with other slots.
        """
        for own in examined.diagnosis.facts:
            contrary = fact.kind == self.opposites.get(own.kind) or own.kind == self.opposites.get(fact.kind)
            if contrary if own.slots == fact.slots else own.kind == fact.kind:
                return False
        return None

    def assertions(self, task: Task, words: str, said: str) -> Iterable[tuple[str, bool]]:
        """What a teacher's words assert that is true or false by itself, with its truth. Default: nothing.

        Only the audit of a teacher asks. `said` is all that the student has said, which words may quote.
        """
        return ()

    def statements(self, task: Task, text: str) -> list[Mention]:
        """Where a teacher's words hold the private answer, in any form that `verify` takes for it.

        A guard asks this and judges from the words around each place whether it gives the answer away.
        Default: numbers equal to the answer in any notation, the same words in any disguise, and
        program text that `verify` accepts. A domain whose answers are told in further ways adds them.

        Args:
            task: whose answer.
            text: the words, without disguises (`sml_gym.leaks.plain`).

        Raises:
            VerifierError: program text could not be checked.
        """
        reference = task.private.reveal()
        percent = _ASKS_PERCENT.search(task.problem) is not None
        found = find_mentions(read_answer(reference.answer), text, percent)
        marked = "`" in text or "def " in text or "import " in text or "lambda" in text
        if marked or (read_answer(reference.answer).code and any(sign in text for sign in "([:")):
            until = time.monotonic() + PROGRAM_SECONDS
            for program, start, end in programs(text, reference.answer, reference.solution, task.problem):
                if self.verify(task, program).correct:
                    found.append(Mention(start, end, "code", sure=True))
                if time.monotonic() > until:  # programs that do not end cost the verifier's deadline each
                    break
        return found

    def shards(self, task: Task) -> Shards | None:
        """The problem in pieces, for its underspecified form; None where it has no parts.

        Default: what the reference holds.
        """
        return task.private.reveal().shards

    def isomorph(self, task: Task, rng: np.random.Generator) -> Task | None:
        """The same problem with other numbers or names; None where there is no such thing.

        Default: none. It asks the student for the same steps, so that who understood the first solves it.
        """
        return None

    def retold(self, task: Task, other: Task, text: str) -> str:
        """A student's words about one task as they would be in the dialogue about another. Default: the same.

        For a control that speaks of another task: where attempts name what only their own task has, such as
        the function to write, it would else find nothing but the wrong name.
        """
        return text

    def probes(self, task: Task) -> Probes:
        """Utterances whose verdict is known. Override where a boxed answer does not fit the domain."""
        answer = task.private.reveal().answer
        wrong = "plugh" if answer.strip().casefold() == "xyzzy" else "xyzzy"
        return Probes(f"Final answer: {answer}", f"Final answer: {wrong}", "Final answer:")

    # ---- lines 1 to 3 of a turn, from the hooks above ----

    def examine(self, task: Task, text: str, *, truncated: bool = False) -> Examination:
        """Read, verify and diagnose an utterance about any task of this domain."""
        # One `try` with a note of where we are: three `boundary` blocks would cost a tenth of the turn.
        error: type[RolloutError] = TaskError
        doing = "reading the utterance"
        try:
            reading = self.read(task, text)
            utterance = Utterance(Speaker.STUDENT, text, reading.kind, truncated)
            if reading.kind is not UtteranceKind.ATTEMPT or reading.answer is None:
                verdict = Verdict(Outcome.NO_ATTEMPT)
            elif reading.malformed:
                verdict = Verdict(Outcome.MALFORMED, reading.answer, reading.malformed)
            else:
                error, doing = VerifierError, "verifying the answer"
                verdict = self.verify(task, reading.answer)
                if not isinstance(verdict, Verdict):
                    raise TypeError(f"verify returned {type(verdict).__name__}, not a Verdict")
                error = TaskError
            doing = "diagnosing the utterance"
            facts = self.diagnose(task, utterance, verdict).facts
            diagnosis = Diagnosis((*_correctness(utterance, verdict, facts), *facts))
        except Exception as exc:
            raise typed(exc, error, doing) from exc
        return Examination(utterance, verdict, diagnosis)


def _correctness(utterance: Utterance, verdict: Verdict, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The fact that any teacher may speak: whether the attempt is right."""
    if utterance.kind is UtteranceKind.QUESTION:
        return () if facts else (_UNKNOWN,)
    if verdict.outcome is Outcome.MALFORMED:
        return (Fact("verdict.malformed", {"reason": verdict.reason}),)
    return (_CORRECTNESS[verdict.outcome],)


_UNKNOWN = Fact("answer.unknown")
_CORRECTNESS = {
    outcome: Fact(f"verdict.{outcome.value}")
    for outcome in (Outcome.CORRECT, Outcome.INCORRECT, Outcome.NO_ATTEMPT)
}
