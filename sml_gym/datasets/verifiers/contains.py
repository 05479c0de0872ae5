"""The verifier `contains`: the reference's words, in a row, within the answer."""

from __future__ import annotations

import re

from sml_gym.datasets.normal import normal
from sml_gym.datasets.normal import words_of as all_words
from sml_gym.datasets.sizes import length_facts
from sml_gym.datasets.verifiers.base import Fields, TextVerifier
from sml_gym.datasets.verifiers.exact import changed
from sml_gym.dialogue import Utterance, UtteranceKind
from sml_gym.domain import Probes
from sml_gym.task import Reference, Task
from sml_gym.verdict import Diagnosis, Direction, Fact, Informativeness, Outcome, Verdict

MOST_OTHER_WORDS = 12
"""An answer may have so many words besides the reference's; who lists everything commits to nothing."""

_BETWEEN_ANSWERS = re.compile(r"\b(?:or|either|maybe|perhaps|possibly)\b|[/;|]")
_ARTICLES = ("a", "an", "the")
_DENIALS = frozenset(("not", "no", "never", "isn't", "neither", "nor", "except", "without"))


class Contains(TextVerifier):
    """The committed answer holds the reference's words in a row: `It is the Eiffel Tower` for `Eiffel Tower`.

    Capitals, blanks, punctuation and an article before the words do not count, and a list of answers means
    that any of them will do. An answer with more than `MOST_OTHER_WORDS` other words, or that leaves a
    choice (`or`, `/`, `perhaps`), is malformed; one that denies the words (`not Paris`) is wrong. The
    teacher knows which of the student's words belong to the answer, and how many words it has.
    """

    name = "contains"

    def compose(self, fields: Fields) -> tuple[str, Reference]:
        problem, reference = super().compose(fields)
        for one in reference.data["accepted"]:
            if not words_of(one):
                raise ValueError(f"the answer {one!r:.60} has no words; take verifier='exact'")
        return problem, reference

    def verify(self, task: Task, answer: str) -> Verdict:
        accepted = task.private.reveal().data["accepted"]
        if any(normal(answer) == normal(one) for one in accepted):
            return Verdict(Outcome.CORRECT, answer)
        given = all_words(answer)
        for one in accepted:
            wanted = words_of(one)
            place = _place(wanted, given)
            if place is None:
                continue
            if len(given) - len(wanted) > MOST_OTHER_WORDS:
                return Verdict(Outcome.MALFORMED, answer, "it is too long for one answer")
            besides = " ".join(answer.casefold().split()).replace(normal(one), " ")
            if _BETWEEN_ANSWERS.search(besides):
                return Verdict(Outcome.MALFORMED, answer, "it leaves a choice between several answers")
            if _DENIALS & set(given[max(0, place - 3) : place]):
                continue
            return Verdict(Outcome.CORRECT, answer)
        return Verdict(Outcome.INCORRECT, answer)

    def diagnose(self, task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
        wanted = task.private.reveal().answer
        if utterance.kind is UtteranceKind.QUESTION:
            return Diagnosis(tuple(length_facts(" ".join(words_of(wanted)))))
        if verdict.outcome is not Outcome.INCORRECT or verdict.answer is None:
            return Diagnosis()
        right = set(words_of(wanted))
        shared = [word for word in dict.fromkeys(all_words(verdict.answer)) if word in right]
        facts = length_facts(" ".join(words_of(wanted)), Informativeness.NEXT_STEP)
        if not shared:
            none = Fact(
                "dataset.words.none", {}, Informativeness.WHERE, Direction.HINDSIGHT_NEGATIVE, "words"
            )
            return Diagnosis((none, *facts))
        if len(shared) == len(right):  # all are there, and yet not in a row, or denied
            kind, slots = "dataset.words.order", {}
        else:
            kind, slots = "dataset.words.some", {"words": ", ".join(f"'{word}'" for word in shared)}
        some = Fact(kind, slots, Informativeness.WHERE, Direction.HINDSIGHT_POSITIVE, "words")
        return Diagnosis((some, *facts))

    def probes(self, task: Task) -> Probes:
        """The reference, and the reference with a letter changed."""
        answer = task.private.reveal().answer
        return Probes(
            f"Final answer: {answer}", f"Final answer: {changed(task, self.verify)}", "Final answer:"
        )


def words_of(reference: str) -> list[str]:
    """The words of a reference, without an article before them."""
    words = all_words(reference)
    return words[1:] if len(words) > 1 and words[0] in _ARTICLES else words


def _place(wanted: list[str], given: list[str]) -> int | None:
    """Where a run of words begins in others; None if it is not there."""
    size = len(wanted)
    return next((i for i in range(len(given) - size + 1) if given[i : i + size] == wanted), None)
