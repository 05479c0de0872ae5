"""Whether an answer is right: by equal text where that decides, else by the dataset's scorer, in the sandbox.

Each answer that a scorer sees gets a confined process of its own, forked from one that has the library.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from sml_envs.reasoning.checks import refusal, stands
from sml_envs.reasoning.codec import encode
from sml_envs.reasoning.record import Dataset
from sml_gym import Outcome, Task, Verdict
from sml_gym.errors import VerifierError
from sml_gym.sandbox import Sandbox, shared_sandbox
from sml_gym.workers import DeadlineExceeded, WorkerError, WorkerLost

SCORE = "sml_envs.reasoning.scoring:score"
SCORE_FORMULA = "sml_envs.reasoning.formulas:score"
SCORING_SECONDS = 5.0
"""How long a dataset's scorer may take for one answer."""

_TIDY = frozenset(
    {
        "arc_1d",
        "arc_agi",
        "binary_matrix",
        "kakurasu",
        "manipulate_matrix",
        "mini_sudoku",
        "n_queens",
        "pool_matrix",
        "rearc",
        "rotate_matrix",
        "spiral_matrix",
        "sudoku",
        "survo",
    }
)
"""Datasets whose answers are rows of single words: how many blanks are between them means nothing."""

_UNREADABLE = "it does not have the form that the problem asks for"


@functools.cache
def _sandbox() -> Sandbox:
    """The shared sandbox, whose processes have imported the library: a confined one may not read it all."""
    box = shared_sandbox()
    box.preload(SCORE_FORMULA.partition(":")[0])
    return box


def verify(task: Task, dataset: Dataset, answer: str) -> Verdict:
    """The verdict on a committed answer.

    Raises:
        VerifierError: the scoring process could not be had.
    """
    reference = task.private.reveal()
    data = reference.data
    said = tidy(dataset.name, answer)
    if dataset.equal:
        right = said == reference.answer or said in accepted(dataset.name, data["item"])
        return Verdict(Outcome.CORRECT if right else Outcome.INCORRECT, answer)
    reason = refusal(dataset.name, data["item"], said)
    if reason:
        return Verdict(Outcome.MALFORMED, answer, reason)
    try:
        level = 0 if data["fields"] else task.level
        item = encode(data["item"])
        function = SCORE_FORMULA if dataset.executes else SCORE
        args = dataset.name, level, data["fields"], item, said
        score = _sandbox().invoke(function, *args, deadline=SCORING_SECONDS)
    except DeadlineExceeded:
        return Verdict(Outcome.MALFORMED, answer, "it takes too long to check")
    except WorkerLost:  # a process of this answer's own has crashed
        return Verdict(Outcome.MALFORMED, answer, "it cannot be checked")
    except WorkerError as exc:
        raise VerifierError(f"the scoring process failed: {exc}") from exc
    if score is None:
        return Verdict(Outcome.MALFORMED, answer, _UNREADABLE)
    right = score >= 1 and stands(dataset.name, data["item"], reference.answer, said)
    return Verdict(Outcome.CORRECT if right else Outcome.INCORRECT, answer)


def tidy(name: str, answer: str) -> str:
    """The answer as it is scored: for grids of words with single blanks and no empty lines."""
    if name not in _TIDY:
        return answer
    return "\n".join(" ".join(line.split()) for line in answer.splitlines() if line.strip())


def accepted(name: str, item: Mapping[str, Any]) -> list[str]:
    """Further texts that are right, of datasets whose answers are compared as text."""
    return list(item["metadata"]["valid_answers"]) if name == "n_queens" else []
