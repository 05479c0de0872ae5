"""Taking a leak out of a feedback, so that the rest still makes sense and does not give the answer away.

- A number, a word or an expression is replaced by `WITHHELD`, one mark for every length; the calculation
  that it is the result of goes with it.
- A sentence that tells the answer as a whole (by elimination, letter by letter, as the solution's own
  words) is left out, and `LEFT_OUT` stands for it. So is one in which what is left still gives it away.
- Program text that passes the tests is replaced by `CODE_WITHHELD`.
- Where nothing else is left to say, `NOTHING_LEFT` is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sml_gym.leaks.detect import Leak

WITHHELD = "[withheld]"
LEFT_OUT = "[A sentence that gives the answer away was left out.]"
CODE_WITHHELD = "[Code that solves the task was left out.]"
NOTHING_LEFT = "I cannot tell you the answer. Work it out step by step, and show me what you get."

_ROUNDS = 3
_LONGEST_CALCULATION = 120
_CALCULATION = re.compile(r"(?<![\w.])[\d(][\d\s+\-−–*/^().,×·⋅∙÷]*=\s*\Z")
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?](?=\d)[^.!?\n]*)*[.!?\n]*\s*")
_NO_WORDS = re.compile(r"\[[^\]\n]*\]|[\W_]")


def redact(text: str, leaks: Sequence[Leak], find: Callable[[str], Sequence[Leak]]) -> str:
    """The feedback without its leaks.

    Args:
        text: the feedback.
        leaks: what `find` found in it.
        find: finds leaks; asked again about what is left.
    """
    made = _without(text, leaks)
    for round_ in range(_ROUNDS):
        left = find(made)
        if not left:
            return made if _says_something(made) else NOTHING_LEFT
        whole = [Leak(leak.start, leak.end, leak.form, leak.text, True) for leak in left]
        if round_ + 1 < _ROUNDS:
            made = _without(made, whole)
    return NOTHING_LEFT


def _without(text: str, leaks: Sequence[Leak]) -> str:
    cuts: list[tuple[int, int, str]] = []
    for leak in leaks:
        if leak.form == "code":
            cuts.append((leak.start, leak.end, CODE_WITHHELD))
        elif leak.whole:
            cuts.append((*_sentences(text, leak.start, leak.end), LEFT_OUT))
        else:
            cuts.append((_with_calculation(text, leak.start), leak.end, WITHHELD))
    merged: list[tuple[int, int, str]] = []
    for start, end, mark in sorted(cuts, key=lambda cut: (cut[0], -cut[1])):
        if merged and start < merged[-1][1]:
            first, last, outer = merged[-1]
            mark = outer if last >= end or outer != WITHHELD else mark
            merged[-1] = (first, max(last, end), mark)
        else:
            merged.append((start, end, mark))
    made, position = "", 0
    for start, end, mark in merged:
        tail = text[start:end][len(text[start:end].rstrip()) :]
        made += text[position:start] + mark + (tail if mark != WITHHELD else "")
        position = end
    made += text[position:]
    doubled = re.compile(rf"(?:{re.escape(LEFT_OUT)}\s*){{2,}}")
    return doubled.sub(LEFT_OUT + " ", made).strip() if LEFT_OUT in made else made


def _with_calculation(text: str, start: int) -> int:
    """Where the calculation begins whose result stands at `start`; `start` itself if none does."""
    before = max(0, start - _LONGEST_CALCULATION)
    found = _CALCULATION.search(text, before, start)
    return start if found is None else found.start()


def _sentences(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentences that a stretch touches."""
    first, last = start, end
    for m in _SENTENCE.finditer(text):
        if m.start() <= start < m.end():
            first = m.start()
        if m.start() < end <= m.end():
            last = m.end()
            break
    return first, max(last, end)


def _says_something(text: str) -> bool:
    return len(_NO_WORDS.sub("", text)) >= 3
