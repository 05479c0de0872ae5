"""`MyDomain-v0`: what there is to solve, and what a teacher can say of an attempt."""

from __future__ import annotations

from sml_gym import (
    Diagnosis,
    Direction,
    Fact,
    GeneratedTasks,
    Informativeness,
    Outcome,
    Probes,
    SMLEnv,
    Task,
    TaskSource,
    Utterance,
    UtteranceKind,
    Verdict,
)

from .families import FAMILIES
from .phrases import OPPOSITES, PHRASES, SLOTS


class MyDomainEnv(SMLEnv):
    """Replace this: sums of two numbers.

    Description:
        The teacher asks for a sum; the student calculates and tries.

    Task:
        One family, `sum`, at levels 1 to 3: numbers of two, three and four digits.

    What the student may say:
        Anything; `Final answer: ...` or `\\boxed{...}` commits to an answer, a whole number in digits.

    What the teacher knows and can say:
        It knows the sum. At informativeness 1 it says whether an attempt is far off, at 2 also whether it is
        too small or too large, at 3 also what to do next.

    Rewards:
        1.0 in the turn of the right answer, else 0.0.

    How it ends:
        Terminated when solved, truncated after `max_turns` student utterances.

    Options:
        teacher, max_turns, split, tasks, hold_out, render_mode: as in `sml_gym.SMLEnv`.

    Ids:
        `MyDomain-v0`. A task's id is `sum:level:seed`.

    Source and licence:
        Generated here.

    Yardsticks:
        See the README beside this file.
    """

    phrases = PHRASES
    opposites = OPPOSITES
    slot_patterns = SLOTS

    def tasks(self, split: str) -> TaskSource:
        """Generated tasks, split by the hash of their text."""
        return GeneratedTasks(FAMILIES, split)

    def verify(self, task: Task, answer: str) -> Verdict:
        """Replace this: equal whole numbers. An answer that is no number is malformed, and that is no
        error.
        """
        given = _number(answer)
        if given is None:
            return Verdict(Outcome.MALFORMED, answer, "it is not a whole number in digits")
        right = given == int(task.private.reveal().answer)
        return Verdict(Outcome.CORRECT if right else Outcome.INCORRECT, answer)

    def diagnose(self, task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
        """Replace this: facts about the newest utterance, each with how much it gives away. Never prose."""
        reference = task.private.reveal()
        ahead = Fact(
            "my_domain.next",
            {"action": reference.steps[0].action},
            Informativeness.NEXT_STEP,
            Direction.FUTURE_POSITIVE,
            topic="next",
        )
        if utterance.kind is UtteranceKind.QUESTION:
            return Diagnosis((ahead,))
        given = _number(verdict.answer or "")
        if verdict.outcome is not Outcome.INCORRECT or given is None:
            return Diagnosis()
        miss = given - int(reference.answer)
        facts = [
            Fact(
                "my_domain.low" if miss < 0 else "my_domain.high",
                {},
                Informativeness.WHAT,
                Direction.HINDSIGHT_NEGATIVE,
                topic="size",
            )
        ]
        if abs(miss) > int(reference.answer) // 2:
            facts.insert(
                0, Fact("my_domain.far", {}, Informativeness.WHERE, Direction.HINDSIGHT_NEGATIVE, topic="far")
            )
        return Diagnosis((*facts, ahead))

    def probes(self, task: Task) -> Probes:
        """Utterances whose verdict is known: right, wrong and malformed. The checks of sml_gym use them."""
        answer = task.private.reveal().answer
        return Probes(
            f"Final answer: {answer}", f"Final answer: {int(answer) + 1}", "Final answer: about a hundred"
        )


def _number(text: str) -> int | None:
    """A whole number of at most 18 digits; None for anything else. A student's text is never evaluated."""
    digits = text.strip().replace(",", "").removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
        return None
    return -int(digits) if text.strip().startswith("-") else int(digits)
