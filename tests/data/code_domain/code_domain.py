"""A third party's domain: write a short Python function, which hidden tests are run against."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from code_sandbox import MAX_CODE_CHARS, run_tests

from sml_gym import Outcome, Probes, Reference, RowTasks, SMLEnv, Task, TaskSource, UtteranceKind, Verdict
from sml_gym.reading import Reading, read_utterance
from sml_gym.row_tasks import text_field

_FENCE = re.compile(r"[ \t]{0,8}(```|~~~)[ \t]{0,8}([A-Za-z0-9]{0,20})[ \t]{0,8}")
_FINAL = re.compile(r"\bfinal answer\s{0,8}:[ \t]{0,8}\n?", re.IGNORECASE)
_ROWS = (
    {
        "id": "double",
        "problem": "Write a function double(x) that returns twice the number x.",
        "answer": "def double(x):\n    return 2 * x",
        "tests": [{"call": "double(4)", "expect": 8}, {"call": "double(-1)", "expect": -2}],
    },
    {
        "id": "last",
        "problem": "Write a function last(items) that returns the last item of a list, or None if empty.",
        "answer": "def last(items):\n    return items[-1] if items else None",
        "tests": [{"call": "last([1, 2])", "expect": 2}, {"call": "last([])", "expect": None}],
    },
    {
        "id": "shout",
        "problem": "Write a function shout(s) that returns s in capitals with an exclamation mark.",
        "answer": 'def shout(s):\n    return s.upper() + "!"',
        "tests": [{"call": "shout('hey')", "expect": "HEY!"}, {"call": "shout('')", "expect": "!"}],
    },
)


class CodeEnv(SMLEnv):
    """Short Python functions with hidden tests.

    The last block marked as Python, or what follows the last `Final answer:`, is the attempt. It
    runs in a sandbox (`code_sandbox`), never in this process, and each test's value is compared out here.
    Code that cannot be read, or that does not end, is malformed; that is a verdict and no error.
    """

    def tasks(self, split: str) -> TaskSource:
        return RowTasks(_ROWS, self.read_row, split)

    def read_row(self, row: Mapping[str, Any]) -> tuple[str, Reference]:
        """`problem`, `answer` (the reference's code), `tests` (`call` and `expect`), if there `solution`."""
        tests = row["tests"]
        if not isinstance(tests, list) or not all(
            isinstance(test, Mapping) and isinstance(test.get("call"), str) and "expect" in test
            for test in tests
        ):
            raise ValueError("the field 'tests' should be a list of objects with 'call' and 'expect'")
        if not tests:
            raise ValueError("the field 'tests' is empty, so that any code would be right")
        pairs = tuple((test["call"], test["expect"]) for test in tests)
        code = text_field(row, "answer")
        return text_field(row, "problem"), Reference(
            code, str(row.get("solution", "")), data={"tests": pairs}
        )

    def read(self, task: Task, text: str) -> Reading:
        """The last Python block, or all that follows the last `Final answer:`, whichever comes later."""
        block, final = _last_block(text), next(reversed(list(_FINAL.finditer(text))), None)
        if block is not None and (final is None or final.start() < block[1]):
            code = block[0]
        elif final is not None:
            code = text[final.end() :]
        else:
            kind = read_utterance(text).kind
            return Reading(UtteranceKind.DISCUSSION if kind is UtteranceKind.ATTEMPT else kind)
        if not code.strip():
            return Reading(UtteranceKind.ATTEMPT, "", "there is no code in it")
        if len(code) > MAX_CODE_CHARS:
            return Reading(UtteranceKind.ATTEMPT, code[:80], "the code is too long")
        return Reading(UtteranceKind.ATTEMPT, code.strip("\n"))

    def verify(self, task: Task, answer: str) -> Verdict:
        """Run the hidden tests."""
        failure = run_tests(answer, task.private.reveal().data["tests"])
        if failure is None:
            return Verdict(Outcome.CORRECT, answer)
        if failure.unchecked:
            return Verdict(Outcome.MALFORMED, answer, failure.reason)
        return Verdict(Outcome.INCORRECT, answer)

    def probes(self, task: Task) -> Probes:
        return Probes(
            correct=f"```python\n{task.private.reveal().answer}\n```",
            incorrect="```python\nanswer = None\n```",
            malformed="```python\ndef f(:\n```",
        )


def _last_block(text: str) -> tuple[str, int] | None:
    """The last closed block that is marked as Python, and where it ends."""
    found, opened, start, position = None, "", 0, 0
    for line in text.split("\n"):
        end = position + len(line)
        if opened:
            if line.strip() == opened[:3]:
                found = (text[start:position], end) if opened[3:] in ("python", "python3", "py") else found
                opened = ""
        elif fence := _FENCE.fullmatch(line):
            opened, start = fence[1] + fence[2].lower(), end + 1
        position = end + 1
    return found
