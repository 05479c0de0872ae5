"""The verifier `regex`: the answer matches a pattern."""

from __future__ import annotations

from collections.abc import Iterable

from sml_gym.datasets.matching import examples, matches, widths
from sml_gym.datasets.verifiers.base import Fields, TextVerifier
from sml_gym.dialogue import Utterance
from sml_gym.domain import Probes
from sml_gym.reading import MAX_ANSWER_CHARS
from sml_gym.row_tasks import text_value
from sml_gym.task import Reference, Task
from sml_gym.verdict import Diagnosis, Direction, Fact, Informativeness, Outcome, Verdict
from sml_gym.workers import DeadlineExceeded

TOO_COSTLY = "it is too costly to check"
_OTHERS = ("plugh xyzzy", "0", "-", "xyzzy " * 8)


class Pattern(TextVerifier):
    """The answer's column holds a Python regular expression, which the whole committed answer must match.

    Capitals count unless the pattern begins with `(?i)`. Matching runs in a worker that is killed after a
    second; an answer that takes longer is malformed. A pattern that cannot be read is refused, and so is one
    for which no example can be found (give one in the column `example`): the example is what the reference
    says. The teacher knows whether an attempt is shorter or longer than any right one.
    """

    name = "regex"

    def compose(self, fields: Fields) -> tuple[str, Reference]:
        if fields.answer is None:
            raise KeyError("answer")
        pattern = text_value(fields.answer, "answer")
        low, high = widths(pattern, 0)
        given = fields.row.get("example")
        found = [text_value(given, "example")] if given is not None else examples(pattern, 0)
        example = _first_match(pattern, found)
        if example is None:
            raise ValueError(
                f"the pattern {pattern!r:.80} does not match {given!r:.60}, its example"
                if given is not None
                else f"no text was found that the pattern {pattern!r:.80} matches; give one in a column "
                "'example'"
            )
        data = {"pattern": pattern, "shortest": low, "longest": high}
        return fields.problem, Reference(example, fields.solution, data=data)

    def verify(self, task: Task, answer: str) -> Verdict:
        try:
            right = matches(task.private.reveal().data["pattern"], 0, answer)
        except DeadlineExceeded:
            return Verdict(Outcome.MALFORMED, answer, TOO_COSTLY)
        return Verdict(Outcome.CORRECT if right else Outcome.INCORRECT, answer)

    def diagnose(self, task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
        if verdict.outcome is not Outcome.INCORRECT or verdict.answer is None:
            return Diagnosis()
        data, size = task.private.reveal().data, len(verdict.answer)
        kind = "short" if size < data["shortest"] else "long" if size > data["longest"] else "form"
        return Diagnosis(
            (
                Fact(
                    f"dataset.pattern.{kind}",
                    {},
                    Informativeness.WHAT,
                    Direction.HINDSIGHT_NEGATIVE,
                    "size",
                ),
            )
        )

    def probes(self, task: Task) -> Probes:
        """The example, and a text that does not match."""
        answer = task.private.reveal().answer
        wrong = next((text for text in _OTHERS if not self.verify(task, text).correct), _OTHERS[0])
        return Probes(f"Final answer: {answer}", f"Final answer: {wrong}", "Final answer:")


def _first_match(pattern: str, texts: Iterable[str]) -> str | None:
    """The first of some texts that the pattern matches and that can be said as an answer."""
    for text in texts:
        said = text == text.strip() and text and "\n" not in text and len(text) <= MAX_ANSWER_CHARS
        try:
            if said and matches(pattern, 0, text):
                return text
        except DeadlineExceeded as exc:
            raise ValueError(f"the pattern {pattern!r:.80} takes too long to match") from exc
    return None
