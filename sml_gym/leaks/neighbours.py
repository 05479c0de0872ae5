"""A whole number told by its neighbours: `one more than 41`, `between 41 and 43`, `41 < x < 43`.

How far the student's own number is from the answer (`two too high`) is not covered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.mention import Mention

_NEXT = re.compile(
    r"\b(?:one (?P<more>more|less|greater|smaller|higher|lower) than"
    r"|number (?:right |just |directly )?(?P<way>after|before)) (?P<than>-?\d{1,15})\b",
    re.IGNORECASE,
)
_ABOVE, _BELOW = r"(?:more|greater|larger|bigger|higher) than", r"(?:less|smaller|fewer|lower) than"
_BETWEEN = re.compile(
    rf"(?<!difference )(?<!distance )(?<!ratio )\b(?:between (?P<a>-?\d{{1,15}}) and"
    rf"|{_ABOVE} (?P<b>-?\d{{1,15}})\b[^.!?\n]{{0,30}}\b{_BELOW})"
    rf" (?P<high>-?\d{{1,15}})\b"
    rf"|\b{_BELOW} (?P<high2>-?\d{{1,15}})\b[^.!?\n]{{0,30}}\b{_ABOVE} (?P<low2>-?\d{{1,15}})\b"
    r"|(?P<low3>-?\d{1,15}) < \w{1,8} < (?P<high3>-?\d{1,15})",
    re.IGNORECASE,
)


def by_neighbours(answer: Answer, text: str) -> Iterator[Mention]:
    """Stretches of a plain text that leave only one whole number, the answer."""
    if answer.value is None or answer.value.denominator != 1:
        return
    for m in _NEXT.finditer(text):
        up = (m["more"] or m["way"]).casefold() in ("more", "greater", "higher", "after")
        if answer.value == int(m["than"]) + (1 if up else -1):
            yield Mention(m.start(), m.end(), "neighbour", sure=True, whole=True)
    for m in _BETWEEN.finditer(text):
        low, high = sorted(int(end) for end in m.groups() if end is not None)
        if high - low == 2 and low + 1 == answer.value:
            yield Mention(m.start(), m.end(), "bounds", sure=True, whole=True)
