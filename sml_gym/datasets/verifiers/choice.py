"""The verifier `choice`: one of several lettered choices."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sml_gym.datasets.normal import normal
from sml_gym.datasets.verifiers.base import Fields, TextVerifier
from sml_gym.dialogue import Utterance, UtteranceKind
from sml_gym.domain import Probes
from sml_gym.row_tasks import text_value
from sml_gym.seeding import stable_hash
from sml_gym.task import Reference, Task
from sml_gym.teachers.base import Examination
from sml_gym.verdict import Diagnosis, Direction, Fact, Informativeness, Outcome, Verdict

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTER = re.compile(r"(?:(?:option|choice|answer)\s+)?[(\[]?([A-Za-z])[)\].:]?", re.IGNORECASE)
_WITH_TEXT = re.compile(r"[(\[]?([A-Za-z])(?:[)\].:]|\s[-–])\s*(.+)", re.DOTALL)
_KEEPS_ORDER = re.compile(
    r"(?i:\b(?:all|none|both|neither|some|any) of (?:the )?(?:above|below|these|others?)\b)"
    r"|\b(?:both|neither|either|only)?\s*\(?[A-H]\)? (?:and|nor|or) \(?[A-H]\)?(?![\w'])"
)
_ASKED = re.compile(r"(?<![\w'])([A-Z])(?![\w'])")


class Choice(TextVerifier):
    """The student chooses one of a row's choices, by its letter, its text, or both.

    The choices get the letters A, B, ... in an order that is drawn anew for each row from `seed`, so that the
    right one stands in every place equally often. Choices whose words speak of the others (`none of the
    above`, `both A and B`) keep the order they came in. An answer that names no choice, or a letter and
    another choice's text, is malformed. The teacher says which choices are ruled out: the one that was tried,
    at level 2 another one, asked a question also one; never so many that one is left.

    Columns: the choices are a list, a mapping from label to text, or lists `label` and `text` in a mapping.
    The answer is a choice's text or label, its letter in the order of the row, or its number from 0.
    """

    name = "choice"
    wants_choices = True

    def __init__(self, *, shuffle: bool = True, seed: int = 0) -> None:
        self._shuffle = shuffle
        self._seed = seed

    def compose(self, fields: Fields) -> tuple[str, Reference]:
        labels, texts = _read_choices(fields.choices)
        right = _place_of(fields.answer, labels, texts)
        order = list(range(len(texts)))
        if self._shuffle and not any(_KEEPS_ORDER.search(text) for text in texts):
            order.sort(key=lambda place: stable_hash("choices", self._seed, fields.key, place))
        shown = {LETTERS[new]: texts[old] for new, old in enumerate(order)}
        letter = LETTERS[order.index(right)]
        listed = "\n".join(f"{name}) {text}" for name, text in shown.items())
        return f"{fields.problem.rstrip()}\n\n{listed}", Reference(
            letter, fields.solution, data={"choices": shown, "text": texts[right]}
        )

    def verify(self, task: Task, answer: str) -> Verdict:
        reference = task.private.reveal()
        letter, reason = chosen(answer, reference.data["choices"])
        if not letter:
            return Verdict(Outcome.MALFORMED, answer, reason)
        return Verdict(Outcome.CORRECT if letter == reference.answer else Outcome.INCORRECT, answer)

    def diagnose(self, task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
        reference = task.private.reveal()
        choices: Mapping[str, str] = reference.data["choices"]
        if utterance.kind is UtteranceKind.QUESTION:
            asked = {letter for letter in _ASKED.findall(utterance.text) if letter in choices}
            # The same answer whether the choice that was asked about is right or wrong.
            other = self._ruled_out(task, asked)
            return Diagnosis(() if other is None else (_out(other, "dataset.choice.not"),))
        if verdict.outcome is not Outcome.INCORRECT or verdict.answer is None:
            return Diagnosis()
        letter, _ = chosen(verdict.answer, choices)
        facts = [
            Fact(
                "dataset.choice.out",
                {"letter": letter},
                Informativeness.WHERE,
                Direction.HINDSIGHT_NEGATIVE,
                "tried",
            )
        ]
        other = self._ruled_out(task, {letter})
        return Diagnosis((*facts, *([] if other is None else [_out(other, "dataset.choice.not_either")])))

    def holds(self, task: Task, examined: Examination, fact: Fact) -> bool | None:
        """Any choice but the right one may be ruled out, whatever was tried."""
        if fact.kind.startswith("dataset.choice."):
            return fact.slots.get("letter") != task.private.reveal().answer
        return super().holds(task, examined, fact)

    def _ruled_out(self, task: Task, besides: set[str]) -> str | None:
        """A wrong choice other than these, where at least two would be left; the same one for the same
        task.
        """
        reference = task.private.reveal()
        choices: Mapping[str, str] = reference.data["choices"]
        wrong = [letter for letter in choices if letter != reference.answer]
        if len(wrong) < 3:
            return None
        wrong.sort(key=lambda letter: stable_hash("ruled out", task.id, letter))
        # The last is for the student to rule out, so that many questions do not leave the right one alone.
        return next((letter for letter in wrong[:-1] if letter not in besides), None)

    def probes(self, task: Task) -> Probes:
        """The right letter, another one, and none."""
        reference = task.private.reveal()
        wrong = next(letter for letter in reference.data["choices"] if letter != reference.answer)
        return Probes(f"Final answer: {reference.answer}", f"Final answer: {wrong}", "Final answer: ?")


def chosen(answer: str, choices: Mapping[str, str]) -> tuple[str, str]:
    """The letter that an answer chooses, or "" and why it chooses none, in words for the student."""
    said = normal(answer)
    by_text = [letter for letter, text in choices.items() if normal(text) == said]
    alone = _LETTER.fullmatch(answer.strip().strip("*`\"'$").strip())
    if alone and alone[1].upper() in choices:
        return alone[1].upper(), ""
    if by_text:
        return by_text[0], ""
    both = _WITH_TEXT.fullmatch(answer.strip())
    if both and (letter := both[1].upper()) in choices:
        if normal(both[2]) == normal(choices[letter]):
            return letter, ""
        if any(normal(both[2]) == normal(text) for text in choices.values()):
            return "", "its letter and its text are those of different choices"
    return "", "it names none of the choices; give the letter of one"


def _out(letter: str, kind: str) -> Fact:
    return Fact(kind, {"letter": letter}, Informativeness.WHAT, Direction.FUTURE_NEGATIVE, "other")


def _read_choices(value: Any) -> tuple[list[str], list[str]]:
    """Labels and texts. Raises `KeyError` or `ValueError`."""
    if value is None:
        raise KeyError("choices")
    labels: list[str] = []
    if isinstance(value, Mapping) and {"label", "text"} <= set(value):
        labels, value = [str(label) for label in value["label"]], value["text"]
    elif isinstance(value, Mapping):
        labels, value = [str(label) for label in value], list(value.values())
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError(f"the choices should be a list or a mapping, got {value!r:.60}")
    texts = [" ".join(text_value(one, "choices").split()) for one in value]
    if not 2 <= len(texts) <= len(LETTERS):
        raise ValueError(f"there are {len(texts)} choices; there should be 2 to {len(LETTERS)}")
    if len({normal(text) for text in texts}) < len(texts):
        raise ValueError("two of the choices are the same")
    if labels and (len(labels) != len(texts) or len(set(labels)) < len(labels)):
        raise ValueError(f"there are {len(texts)} choices with the labels {labels}")
    return labels, texts


def _place_of(answer: Any, labels: list[str], texts: list[str]) -> int:
    """Which of the choices an answer's column means, from 0."""
    if answer is None:
        raise KeyError("answer")
    if isinstance(answer, int) and not isinstance(answer, bool) and str(answer) not in labels:
        if 0 <= answer < len(texts):
            return answer
        raise ValueError(f"the answer is choice number {answer} (from 0), and there are {len(texts)}")
    said = text_value(answer, "answer").strip()
    for place, text in enumerate(texts):
        if normal(text) == normal(said):
            return place
    if said in labels:
        return labels.index(said)
    letter = said.strip("().").upper()
    if not labels and len(letter) == 1 and letter in LETTERS[: len(texts)]:
        return LETTERS.index(letter)
    if said.isdecimal() and int(said) < len(texts):
        return int(said)
    raise ValueError(f"the answer {said!r:.60} is none of the choices {texts!r:.200}")
