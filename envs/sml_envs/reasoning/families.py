"""Datasets as task families: one item a draw, with what the teacher needs behind it."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sml_envs.reasoning import library
from sml_envs.reasoning.checks import refusal
from sml_envs.reasoning.golds import WORKED_OUT, gold_answer
from sml_envs.reasoning.record import Dataset
from sml_gym import Draft, Reference
from sml_gym.errors import ConfigError, TaskError
from sml_gym.seeding import stable_hash

MAX_GOLD_CHARS = 15_000
"""A longer reference answer would not fit into an utterance."""

MAX_QUESTION_CHARS = 60_000

_REDRAWS = 50
_ONE_LINE = 'Write your answer on one line as "Final answer: ...".'
_LINES = 'Write "Final answer:" and then your answer, on as many lines as it needs and with nothing after it.'
_OWN_LEVELS = 1_000


@dataclass(frozen=True)
class ReasoningFamily:
    """A dataset at some of its levels.

    Attributes:
        dataset: which.
        levels: which levels are drawn.
        fields: settings of the dataset's own, in place of a level.
    """

    dataset: Dataset
    levels: Sequence[int]
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.dataset.name

    def generate(self, rng: random.Random, level: int) -> Draft:
        """A problem of this level. Raises `TaskError` if the dataset gives none that can be served."""
        asked = 0 if self.fields else level
        failure: Exception | None = None
        for _ in range(_REDRAWS):
            seed = rng.getrandbits(library.SEED_BITS)
            try:
                item = library.generate(self.name, asked, self.fields, seed, self.dataset.quirks)
            except ConfigError:
                raise
            except (RuntimeError, ValueError) as exc:  # some generators give up on some seeds
                failure = exc
                continue
            if servable(self.name, item):
                how = _LINES if self.dataset.lines else _ONE_LINE
                return Draft(f"{item['question'].strip()}\n\n{how}", functools.partial(self._reference, item))
        raise TaskError(
            f"{self.name} at level {level} gave no problem with an answer in {_REDRAWS} draws."
        ) from failure

    def _reference(self, item: Mapping[str, Any]) -> Reference:
        gold = gold_answer(self.name, item)
        if gold is None:
            raise TaskError(f"No reference answer was found for this problem of {self.name}.")
        return Reference(gold, data={"item": item, "fields": dict(self.fields)})


def servable(name: str, item: Mapping[str, Any]) -> bool:
    """Whether an item has an answer, and question and answer fit into utterances."""
    if len(item["question"]) > MAX_QUESTION_CHARS:
        return False
    if name == "rubiks_cube":
        return not _solved_already(item)
    if item["answer"] is None:
        return name in WORKED_OUT
    gold = str(item["answer"]).strip()
    # Some reference answers are none: integrals left as they are, a list that says there is no solution.
    return 0 < len(gold) <= MAX_GOLD_CHARS and not refusal(name, item, gold) and "No solution" not in gold


def _solved_already(item: Mapping[str, Any]) -> bool:
    """Whether the scramble of a cube undoes itself, so that any answer would do."""
    return library.score("rubiks_cube", 0, {}, item, "") >= 1


def with_fields(dataset: Dataset, fields: Mapping[str, Any]) -> ReasoningFamily:
    """A dataset with settings of its own.

    Its level is a number of 1,000 or more that the settings determine, so that an id names the same task
    wherever it is opened with the same settings, and none where it is not.

    Raises:
        ConfigError: settings that the dataset does not have or does not take.
    """
    try:
        text = json.dumps(dict(fields), sort_keys=True)
    except TypeError as exc:
        raise ConfigError(f"difficulty holds what is no JSON: {exc}. Give numbers, words and lists.") from exc
    library.configure(dataset.name, 0, json.loads(text))
    level = _OWN_LEVELS + stable_hash("difficulty", dataset.name, text) % 1_000_000
    return ReasoningFamily(dataset, (level,), json.loads(text))
