"""The one number that the student still lacks, of an answer that is several numbers."""

from __future__ import annotations

from collections.abc import Iterator

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.framing import concludes, frame, is_denied, is_index, is_operand, states
from sml_gym.leaks.known import Known, hear
from sml_gym.leaks.mention import Mention
from sml_gym.leaks.numerals import numerals

_READ = ("figures", "fraction", "words")


def by_component(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """`For y you need -1`, told to a student who has said `(2, 1)` for `(2, -1)`."""
    if len(answer.parts) < 2 or not known.said:
        return
    count = len(answer.parts)
    said = sorted(
        (n for n in numerals(hear(known.said[-1]).text) if n.form in _READ), key=lambda n: (n.start, -n.end)
    )
    given = [n.values[0] for n in said][-count:]
    if len(given) < count:
        return
    if answer.ordered:
        lacking = [part for part, own in zip(answer.parts, given, strict=True) if part != own]
    else:
        lacking = [part for part in answer.parts if part not in given]
    if len(lacking) != 1:
        return
    for numeral in numerals(text):
        if numeral.form not in _READ or lacking[0] not in numeral.values:
            continue
        around = frame(text, numeral.start, numeral.end)
        named = states(around) or concludes(around)
        if named and not (is_denied(around) or is_index(around) or is_operand(around)):
            yield Mention(numeral.start, numeral.end, "component", sure=True)
