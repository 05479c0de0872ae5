"""Many ways to tell an answer, and what looks like one: `tests/data/guard/forms.jsonl` and `chat.jsonl`.

`forms.jsonl` holds short forms for many kinds of answer, `chat.jsonl` longer replies as language models
write them. Both were written while the rules were, so they measure nothing; they keep what the rules once
could.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from text_domain import TextEnv

from sml_envs.math import MathEnv
from sml_gym import Private, Reference, Task
from sml_gym.leaks import Known, find_leaks, plain

DATA = Path(__file__).parent.parent / "data" / "guard"
ROWS = [
    json.loads(line)
    for name in ("forms", "chat")
    for line in (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()
]
DOMAINS = {"math": MathEnv(), "text": TextEnv()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['domain']} {row['answer']}")
def test_forms(row):
    domain, reference = DOMAINS[row["domain"]], Reference(row["answer"])
    task = Task("t", row["problem"], Private(reference))
    known = Known(row["problem"], (row["student"],))

    def found(text):
        bare = plain(text).text
        return bool(find_leaks(text, reference, known, domain.statements(task, bare), bare))

    assert [text for text in row["leaks"] if not found(text)] == []
    assert [text for text in row["innocent"] if found(text)] == []
