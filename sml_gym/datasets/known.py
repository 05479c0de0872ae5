"""Data sets that are known by name: where they are and which column is what.

| name | hub | columns that are read |
| --- | --- | --- |
| `gsm8k` | openai/gsm8k | `question`, `answer` with its working (also the socratic form) |
| `math` | nlile/hendrycks-MATH-benchmark | `problem`, `solution`, if there `answer`, `level`, `subject` |
| `omni-math` | KbsdJames/Omni-MATH | `problem`, `answer`, `solution`, `difficulty`, `domain` |
| `aime` | HuggingFaceH4/aime_2024 | `problem`, `answer`, `solution`, capitals aside |
| `humaneval` | openai/openai_humaneval | `task_id`, `prompt`, `canonical_solution`, `test`, `entry_point` |
| `mbpp` | google-research-datasets/mbpp | `task_id`, `text` or `prompt`, `code`, `test_list` |
| `opencodeinstruct` | nvidia/OpenCodeInstruct | `id`, `input`, `output`, `unit_tests` |
| `livecodebench` | livecodebench/code_generation_lite | `question_content`, `starter_code` and tests |

Any of them may be given as a file instead (`path=`), with the same columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sml_gym.datasets.columns import Column
from sml_gym.seeding import Split


@dataclass(frozen=True)
class KnownSet:
    """A published data set.

    Attributes:
        hub: its name on the hub.
        verifier: by which its answers are judged.
        config: its configuration on the hub, None for the only one.
        splits: its name of each split that it has.
        whole: its rows are handed to the domain's `read_row` as they are.
        columns: which column is what (`problem`, `answer`, `solution`, `id`, `family`, `level`).
        data_files: a file in the hub's repository, where the hub has no ready form of it.
    """

    hub: str
    verifier: str
    splits: Mapping[Split, str]
    config: str | None = None
    whole: bool = False
    columns: Mapping[str, Column] = field(default_factory=dict)
    data_files: str | None = None


def first_of(*names: str) -> Column:
    """The first of some columns that a row has, capitals aside; `KeyError` names the first without any."""

    def find(row: Mapping[str, Any]) -> Any:
        lower = {str(name).lower(): value for name, value in row.items()}
        return next((lower[name] for name in names if lower.get(name) is not None), None)

    find.__name__ = names[0]
    return find


KNOWN: dict[str, KnownSet] = {
    "gsm8k": KnownSet("openai/gsm8k", "math", {"train": "train", "test": "test"}, config="main", whole=True),
    "math": KnownSet(
        "nlile/hendrycks-MATH-benchmark",
        "math",
        {"train": "train", "test": "test"},
        columns={
            "problem": "problem",
            "answer": first_of("answer"),
            "solution": "solution",
            "id": first_of("unique_id", "id"),
            "family": first_of("subject", "type"),
            "level": first_of("level"),
        },
    ),
    "omni-math": KnownSet(
        "KbsdJames/Omni-MATH",
        "math",
        {"test": "test"},
        columns={
            "problem": "problem",
            "answer": "answer",
            "solution": first_of("solution"),
            "family": first_of("domain"),
            "level": first_of("difficulty"),
        },
    ),
    "aime": KnownSet(
        "HuggingFaceH4/aime_2024",
        "math",
        {"test": "train"},
        columns={
            "problem": first_of("problem", "question"),
            "answer": first_of("answer"),
            "solution": first_of("solution"),
            "id": first_of("id"),
        },
    ),
    "humaneval": KnownSet(
        "openai/openai_humaneval", "code", {"test": "test"}, whole=True, columns={"id": "task_id"}
    ),
    "mbpp": KnownSet(
        "google-research-datasets/mbpp",
        "code",
        {"train": "train", "validation": "validation", "test": "test"},
        config="full",
        whole=True,
        columns={"id": "task_id"},
    ),
    "opencodeinstruct": KnownSet(
        "nvidia/OpenCodeInstruct",
        "code",
        {"train": "train"},
        whole=True,
        columns={"id": first_of("id"), "family": first_of("domain")},
    ),
    "livecodebench": KnownSet(
        "livecodebench/code_generation_lite",
        "code",
        {"test": "train"},  # a bare file is one split, which `datasets` calls train
        whole=True,
        columns={"id": "question_id", "family": first_of("platform")},
        data_files="test.jsonl",
    ),
}
"""The known data sets by name."""
