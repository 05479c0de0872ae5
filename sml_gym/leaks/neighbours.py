"""A number told by its distance from others: `between 41 and 43`, and from the student's: `two too high`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.known import Known, hear
from sml_gym.leaks.mention import Mention
from sml_gym.leaks.numerals import numerals

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


_MUCH = r"(?:big|high|large|much|many|long|great)"
_LITTLE = r"(?:small|low|little|few|short)"
_HIGHER, _LOWER = r"(?:more|higher|larger|bigger|greater|longer)", r"(?:less|lower|smaller|fewer|shorter)"
_YOURS = r"than (?:you\b|your|what you|that\b)"
_TOO = re.compile(
    rf"\b(?:too (?:(?P<down>{_MUCH})|{_LITTLE}) by|missing) (?:exactly |just |only )?\Z", re.IGNORECASE
)
_OFF = re.compile(
    rf"(?: (?!times\b)[a-z]+)?,? (?:(?P<down>too {_MUCH}|{_LOWER} {_YOURS})|too {_LITTLE}"
    rf"|{_HIGHER} {_YOURS}|short\b)",
    re.IGNORECASE,
)
_SHIFTS = (10, 100, 1000)  # where the point has to go: how a slip is named
_AS_MUCH = re.compile(
    r" times (?P<down>too) (?!many|often)[a-z]+\b"
    r"| of (?:what you|your (?:answer|result|number)|that\b)",
    re.IGNORECASE,
)
_TIMES = re.compile(  # `double that` alone is what to do
    r"(?<!\w)(?:(?P<is>(?:is|be|just|exactly|it's|that's) ))?(?:double|twice|(?P<half>half(?: of)?))"
    r" (?:what you|(?(is)(?:your|that)\b|what you))",
    re.IGNORECASE,
)


def by_offset(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """How far the last number that the student has said is from the answer, and on which side."""
    own = numerals(hear(known.said[-1]).text) if known.said and answer.value is not None else ()
    if not own:
        return
    last = max(own, key=lambda numeral: numeral.end).values[0]
    for numeral in numerals(text):
        before = text[max(0, numeral.start - 40) : numeral.start]
        if before.endswith("factor of "):  # which is no difference
            continue
        how = _TOO.search(before) or _OFF.match(text, numeral.end)
        factor = _AS_MUCH.match(text, numeral.end)
        if factor and numeral.values[0] > 0 and numeral.values[0] not in _SHIFTS:
            times = 1 / numeral.values[0] if factor["down"] else numeral.values[0]
            if last * times == answer.value:
                yield Mention(numeral.start, numeral.end, "offset", sure=True, whole=True)
        elif how and last + (-1 if how["down"] else 1) * numeral.values[0] == answer.value:
            yield Mention(numeral.start, numeral.end, "offset", sure=True, whole=True)
    for m in _TIMES.finditer(text):
        if answer.value == (last / 2 if m["half"] else 2 * last):
            yield Mention(m.start(), m.end(), "offset", sure=True, whole=True)
