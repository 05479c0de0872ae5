"""What runs in the scoring process: a dataset's own scorer on one answer.

Nine of the library's scorers execute the answer as Python or have SymPy do so, and any of them may take for
ever on the right text. So they are called here only, never in a student's or a teacher's process.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from sml_envs.reasoning import library
from sml_envs.reasoning.codec import decode


def score(name: str, level: int, fields: Mapping[str, Any], item: Any, answer: str) -> float | None:
    """The dataset's score of an answer, None if its scorer broke on it.

    Args:
        name: the dataset.
        level: as for `library.configure`.
        fields: the same.
        item: the item, encoded by `codec.encode`.
        answer: what the student answers.
    """
    decoded = decode(item)
    library.instance(name, level, json.dumps(fields, sort_keys=True))  # what fails here is no answer's fault
    try:
        value = library.score(name, level, fields, decoded, answer)
    except Exception:  # whatever a scorer trips over, it was the answer
        return None
    return value if math.isfinite(value) else 0.0
