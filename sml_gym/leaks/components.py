"""An answer that is several numbers, told one by one: `half of that is 5 ... half of this is 2`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.framing import (
    concludes,
    frame,
    is_count,
    is_denied,
    is_index,
    is_marker,
    is_operand,
    states,
)
from sml_gym.leaks.known import Known, hear, tighten
from sml_gym.leaks.mention import Mention
from sml_gym.leaks.numerals import Numeral, numerals

_LISTED = re.compile(r"[,;&]|\\pm|±|\b(?:and|or|r|remainder)\b", re.IGNORECASE)
_FACTOR = re.compile(r"\([^()]{1,40}\)")
_READ = ("figures", "fraction", "words")


def by_component(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """The numbers that a text reaches, where with those of the student's last utterance they are all.

    So `for y you need -1` tells a student who has said `(2, 1)` for `(2, -1)`. What the student has
    already is no news, and a component that two of them share is told once for both.
    """
    if len(answer.parts) < 2 or not _LISTED.search(answer.text):
        return
    wanted = frozenset(answer.parts)
    said = hear(known.said[-1]).text if known.said else ""
    last = [n for n in _numbers(said) if not is_operand(frame(said, n.start, n.end))][-len(answer.parts) :]
    own = _values(_reached(said)) | _values(last)
    told = [numeral for numeral in _reached(text, known) if not wanted.isdisjoint(numeral.values)]
    reached = wanted & _values(told)
    if reached and wanted <= reached | own and not reached <= own:
        yield Mention(told[0].start, told[-1].end, "components", sure=True, whole=True)


def by_word(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """Of an answer in several words those that the student's last utterance lacks: `it's der, not die`."""
    said = hear(known.said[-1]).words if known.said else frozenset()
    lacking = [word for word in answer.words if word not in said]
    if not 0 < len(lacking) < len(answer.words):
        return
    told = []
    for word in lacking:
        for m in re.finditer(rf"\b{re.escape(word)}\b", text, re.IGNORECASE):
            around = frame(text, m.start(), m.end())
            instead = re.match(
                r"\W{0,3}(?:,| and| instead of| rather than) not\b|\W{0,3} (?:instead|rather)\b", around.after
            )
            if (states(around) or concludes(around) or instead) and not is_denied(around):
                told.append(m)
                break
    if len(told) == len(lacking):
        yield Mention(told[0].start(), told[-1].end(), "components", sure=True, whole=True)


def by_factors(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """All factors of a product of brackets: `one is (x - 3), the other x minus four`."""
    factors = _FACTOR.findall(answer.text)
    if len(factors) < 2 or tighten("".join(factors)) != tighten(answer.text):
        return
    if all(known.has_text(tighten(factor)) for factor in factors):
        return
    told = tighten(_in_signs(text))
    terms = [re.escape(tighten(factor[1:-1])) for factor in factors]
    if all(re.search(rf"(?<![\w^+*/-]){term}(?![\w^*/=])", told) for term in terms):
        yield Mention(0, len(text), "components", sure=True, whole=True)


def _in_signs(text: str) -> str:
    """A text with numbers and signs in words as they are written in formulas."""
    for numeral in sorted(numerals(text), key=lambda numeral: -numeral.start):
        if numeral.form == "words" and numeral.values[0].denominator == 1 and numeral.values[0] >= 0:
            text = f"{text[: numeral.start]}{numeral.values[0]}{text[numeral.end :]}"
    return re.sub(r"\b(?:plus|(minus|less))\b", lambda m: "-" if m[1] else "+", text, flags=re.IGNORECASE)


def _numbers(text: str) -> list[Numeral]:
    found = [numeral for numeral in numerals(text) if numeral.form in _READ]
    return sorted(found, key=lambda numeral: numeral.start)


def _reached(text: str, known: Known | None = None) -> list[Numeral]:
    """The numbers at which a sentence of a plain text ends up; with `known` also those that are new."""
    found = []
    for numeral in _numbers(text):
        span = numeral.start, numeral.end
        around = frame(text, *span)
        if is_denied(around) or is_index(around) or is_operand(around) or is_marker(text, *span):
            continue
        if known is not None and is_count(around, True, known):
            continue
        new = known is not None and not known.has_value(numeral.values[0])
        if new or states(around) or concludes(around):
            found.append(numeral)
    return found


def _values(found: Sequence[Numeral]) -> frozenset[Fraction]:
    return frozenset(value for numeral in found for value in numeral.values)
