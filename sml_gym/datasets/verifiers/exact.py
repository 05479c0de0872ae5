"""The verifier `exact`: the same text."""

from __future__ import annotations

from sml_gym.datasets.normal import normal
from sml_gym.datasets.sizes import length_facts, place_facts, size_facts
from sml_gym.datasets.verifiers.base import TextVerifier
from sml_gym.dialogue import Utterance, UtteranceKind
from sml_gym.domain import Probes
from sml_gym.task import Task
from sml_gym.verdict import Diagnosis, Outcome, Verdict


class Exact(TextVerifier):
    """The answer is the reference's text; capitals, blanks, outer quotes and a last full stop do not count.

    A list of answers means that any of them is right. The teacher knows the word (in an answer of one word
    the character) at which an attempt first differs, whether it is too long or too short, and how long the
    right one is.
    """

    name = "exact"

    def verify(self, task: Task, answer: str) -> Verdict:
        given = normal(answer)
        right = any(given == normal(one) for one in task.private.reveal().data["accepted"])
        return Verdict(Outcome.CORRECT if right else Outcome.INCORRECT, answer)

    def diagnose(self, task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
        wanted = task.private.reveal().answer
        if utterance.kind is UtteranceKind.QUESTION:
            return Diagnosis(tuple(length_facts(wanted)))
        if verdict.outcome is not Outcome.INCORRECT or verdict.answer is None:
            return Diagnosis()
        return Diagnosis((*place_facts(verdict.answer, wanted), *size_facts(verdict.answer, wanted)))

    def probes(self, task: Task) -> Probes:
        """The reference, and the reference with a letter changed."""
        answer = task.private.reveal().answer
        return Probes(
            f"Final answer: {answer}", f"Final answer: {changed(task, self.verify)}", "Final answer:"
        )


def changed(task: Task, verify: object) -> str:
    """The task's answer with one character changed, so that it is wrong."""
    assert callable(verify)
    answer = task.private.reveal().answer
    for position, char in enumerate(answer):
        if char.isalnum():
            other = "x" if char.casefold() != "x" else "y"
            candidate = f"{answer[:position]}{other}{answer[position + 1 :]}"
            if not verify(task, candidate).correct:
                return candidate
    return f"{answer} xyzzy"
