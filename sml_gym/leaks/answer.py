"""The private answer, read once: the values, words and letters by which it may be told."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from fractions import Fraction

from sml_gym.leaks.numerals import in_words, numerals, value_of
from sml_gym.leaks.plain import plain, squeezed

MAX_CHARS = 400
"""Of a longer answer only long runs of its words are looked for (see `overlap`)."""

_TEXT_COMMAND = re.compile(r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mbox|boxed) ?\{([^{}]*)\}")
_ARTICLE = re.compile(r"(?:the|an?)\s+(?=\S)", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Za-z]")
_LABEL = re.compile(r"\\?[A-Za-z](?:_\{?\w{1,2}\}?)?(?:\([a-z]\))?\s*=\s*(?=[^=])")
_UNITS = re.compile(
    r"(?P<number>.*?[\d})])\s*(?:\\[,; ])?\s*(?P<unit>(?:mm|cm|dm|km|m|in|ft|mi|mg|kg|g|t|ml|l|s|min|h"
    r"|hrs?|d|°|deg|\^?\{?\\circ\}?"
    r"|[a-z]{3,12})(?:\s?\^\{?[23]\}?)?(?:\s?/\s?[a-z]{1,8}(?:\^[23])?| per [a-z]{1,8})?(?: [a-z]{2,12})?)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"(?:<|>|≤|≥|\\[lg]eq?)\s*[a-z]\s*(?:<|>|≤|≥|\\[lg]eq?)")
_NAMES = re.compile(
    r"\\(?:begin|end)\{[a-z*]+\}|\b[a-z](?:_\w)?\s*=\s*|\b[Rr](?:emainder)?\b|\b(?:and|or)\b|\\[a-z]+|\bin\b",
    re.IGNORECASE,
)
_BASED = re.compile(r"(\d{1,40})_\{?\(?\d{1,2}\)?\}?")
_CODE = re.compile(
    r"^\s*(?:def|class)\s+\w[^\n]*:|^\s*(?:import|from)\s+\w|^\s*return\b|\blambda\b[^\n]*:|[;{]\s*\n",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the answer is, in each way in which it may be told.

    Attributes:
        text: it, plain and without wrappers.
        value: of a number, else None.
        parts: the numbers of an answer that is several of them and nothing else, in order.
        ordered: whether their order counts.
        words: of an answer in words, else empty.
        squeezed: letters and digits only, with the number's name if it is one.
        code: whether it is program text.
    """

    text: str
    value: Fraction | None
    parts: tuple[Fraction, ...]
    ordered: bool
    words: tuple[str, ...]
    squeezed: tuple[str, ...]
    code: bool


@functools.lru_cache(maxsize=4096)
def read_answer(answer: str) -> Answer:
    """The answer, read."""
    text = plain(answer[: 4 * MAX_CHARS]).text
    text = _TEXT_COMMAND.sub(lambda m: m[1], text).strip().strip("$`*\"'").strip().rstrip(".;,")
    code = _CODE.search(answer) is not None and len(answer) > 8
    if code or len(answer) > MAX_CHARS:
        return Answer(text, None, (), False, (), (), code)
    based = _BASED.fullmatch(text)  # `1101_2` is told as its digits
    value = Fraction(int(based[1])) if based else value_of(_LABEL.sub("", text, count=1))
    measured = _UNITS.fullmatch(_LABEL.sub("", text, count=1)) if value is None else None
    if measured is not None:
        value = value_of(measured["number"])
    parts: tuple[Fraction, ...] = ()
    ordered = not text.startswith(("{", r"\{")) and not re.search(r"\b(?:and|or)\b", text)
    rest = _NAMES.sub("", text)
    if _BETWEEN.search(text):
        rest = re.sub(r"(?<![a-z\\])[a-z](?![a-z])", "", rest)
    both = re.fullmatch(r"(?:[a-z]\s*=\s*)?(?:\\pm|±|\+/-)\s*(.+)", text)
    twin = None if both is None else value_of(both[1])
    if twin is not None:
        parts, ordered = (-twin, twin), False
    elif value is None and not _LETTERS.search(rest):
        found = [n for n in numerals(text) if n.form in ("figures", "fraction")]
        kept = [
            n for n in found if not any(o is not n and o.start <= n.start and n.end <= o.end for o in found)
        ]
        kept.sort(key=lambda n: n.start)
        parts = tuple(n.values[0] for n in kept) if len(kept) > 1 else ()
    bare = _ARTICLE.sub("", text, count=1) if _ARTICLE.match(text) else text
    names = {squeezed(bare)} if not re.search(r"[^\w\s,.\-/']", text) else set()
    if value is not None and value.denominator == 1 and measured is None:
        names |= {squeezed(text), in_words(int(value))}
    words: tuple[str, ...] = ()
    if value is None and not parts and re.fullmatch(r"[\w\s,.\-:/'&()]+", bare):
        words = tuple(re.findall(r"[^\W_]+", bare.casefold()))
    return Answer(bare, value, parts, ordered, words, tuple(sorted(filter(None, names))), code)
