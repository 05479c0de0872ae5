"""Reading one number exactly, in the ways people write one.

What counts as a number (anything else reads as None):

- integers and decimals, with a sign, with thousands set apart by `,`, `{,}`, `\\,` or a blank;
- fractions of integers, `3/4`, `\\frac{3}{4}`, `\\frac34`, and mixed numbers, `1 1/2`, `1\\frac{1}{2}`, `1½`;
- powers of ten, `1e3`, `1.5 \\times 10^{3}`, and repeating decimals, `0.1\\overline{6}`;
- the same inside `$...$`, `\\(...\\)`, `\\text{...}`, bold marks or brackets, with a full stop at the end;
- after a currency sign or before `dollars`, before a percent sign, or before the unit that the task names.

Digits of every script count (`７`, `٣`); superscripts do not. Zero-width marks are ignored;
characters that change the order of reading make the text unreadable, since what a
person sees is then not what is written. No calculation is carried out beyond these forms, and
numbers beyond `MAX_DIGITS` digits or `MAX_EXPONENT` are not read, so no text is costly.

A percent sign divides by 100, unless the task asks for a percentage (`unit="%"`): then
`50%` and `50` both are 50.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from fractions import Fraction

from sml_envs.math.units import is_unit

MAX_DIGITS = 1_000
"""Most digits that a number may have."""

MAX_EXPONENT = 1_000
"""Largest power of ten, up or down, in `1e3` or `10^{3}`."""

COUNTING_WORDS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
"""Words for the first numbers; the place of a word is its value."""

MAX_CHARS = 2_000
"""Longer texts are no number."""

_PLAIN = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_SIGNED = r"[+-]?"
_DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,3}(?: [0-9]{3})+|[0-9]+)"
_INTEGER = re.compile(rf"({_SIGNED}) ?({_DIGITS})")
_DECIMAL = re.compile(
    rf"({_SIGNED}) ?({_DIGITS}|(?=\.[0-9]|\.\\overline))(?:\.([0-9]*)(?:\\overline ?\{{ ?([0-9]+) ?\}})?)?"
    r"(?:[eE]([+-]?[0-9]{1,5})| ?(?:\*|\\times|\\cdot|x|X) ?10 ?(?:\^|\*\*) ?\{? ?([+-]?[0-9]{1,5}) ?\}?)?"
)
_POWER_OF_TEN = re.compile(
    rf"({_SIGNED}) ?10 ?(?:\^|\*\*) ?(?:\{{ ?([+-]?[0-9]{{1,5}}) ?\}}|([+-]?[0-9]{{1,5}}))"
)
_RATIO = re.compile(rf"({_SIGNED}) ?(?:({_DIGITS}) )?({_DIGITS}) ?/ ?({_SIGNED}) ?({_DIGITS})")
_LATEX_RATIO = re.compile(
    rf"({_SIGNED}) ?({_DIGITS})? ?\\frac ?"
    rf"(?:\{{ ?({_SIGNED}) ?({_DIGITS}) ?\}}|([0-9])) ?(?:\{{ ?({_SIGNED}) ?({_DIGITS}) ?\}}|([0-9]))"
)

# Marks that are seen as nothing and change nothing.
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), 0x061C, 0x2060, 0xFEFF, 0x00AD])
# Embeddings, overrides and isolates change the order in which a text is seen.
REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_TRANSLATED: dict[int, str | None] = {
    **_INVISIBLE,
    0x2212: "-",
    0x2010: "-",
    0x2011: "-",
    0x2012: "-",
    0x2013: "-",
    0x2014: "-",
    0xFE63: "-",
    0xFF0D: "-",
    0xFF0B: "+",
    0x2044: "/",
    0x2215: "/",
    0x00F7: "/",
    0x00D7: r"\times ",
    0x00B7: r"\cdot ",
    0x22C5: r"\cdot ",
    0xFF05: "%",
    0xFF04: "$",
    0xFF1D: "=",
    0xFF0C: ",",
    0xFF0E: ".",
    0xFF08: "(",
    0xFF09: ")",
}
_LATEX_SPACE = re.compile(
    r"(?<!\\)\\[,;:!> ]|~|\\q?quad\b|\\thinspace\b|[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+"
)
_LATEX_NAMES = re.compile(r"\\[dtc]frac(?![A-Za-z])|\\(?:left|right|displaystyle)(?![A-Za-z])|\{,\}")
_WRAPPERS = (
    ("$$", "$$"),
    ("$", "$"),
    (r"\(", r"\)"),
    (r"\[", r"\]"),
    ("**", "**"),
    ("*", "*"),
    ("__", "__"),
    ("`", "`"),
    ("(", ")"),
    ("{", "}"),
)
_COMMANDS = re.compile(r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathit|mbox|boxed|fbox) ?\{([^{}]*)\}")
_CURRENCY = re.compile(
    r"(?P<sign>[+-]?) ?(?:\\\$|[$€£¥₹]|\\(?:euro|pounds|textdollar)(?![A-Za-z])) ?(?P<rest>.*)", re.DOTALL
)
_CURRENCY_AFTER = re.compile(r" ?(?:\\\$|[$€£¥₹]|(?<=[0-9.} ])(?:dollars?|USD)(?![A-Za-z]))\Z", re.IGNORECASE)
_BRACKETED = re.compile(
    r"(?P<sign>[+-]?) ?(?:(?:\( ?(?P<top>[+-]?[0-9]+) ?\)|(?P<bare>[0-9]+)) ?/ ?"
    r"(?:\( ?(?P<below>[+-]?[0-9]+) ?\)|(?P<plain>[0-9]+))|\( ?(?P<ratio>[0-9]+ ?/ ?[0-9]+) ?\))"
)
_BARE = re.compile(r"[0-9+\-.,/ ]*")
_BORDER = re.compile(r"(?<=[0-9}.)]) ?(?=[A-Za-z°¢\\^])")
_MOST_BORDERS = 12
_PERCENT = re.compile(r" ?(?:\\?%|percent|per cent)\Z", re.IGNORECASE)
_NAME = re.compile(r"\\?[A-Za-z][A-Za-z]{0,15}(?: ?_ ?(?:\{[A-Za-z0-9 ]{1,15}\}|[A-Za-z0-9]))? ?= ?")
_ABOUT = re.compile(r"(?:≈|\\approx(?![A-Za-z])|approximately|about|roughly) ?", re.IGNORECASE)


def parse_number(text: str, unit: str = "") -> Fraction | None:
    """The exact value of a single number, or None if the text is not one.

    Args:
        text: what was written, such as `"1,234"`, `"\\\\frac{3}{4}"`, `"$5"`, `"7 cm"`.
        unit: the unit that the task names; the text may carry it. `"%"` where the task
            asks for a percentage.
    """
    if _PLAIN.fullmatch(text):
        return Fraction(int(text))
    return _parse(text, unit)


@functools.lru_cache(maxsize=4096)
def _parse(text: str, unit: str) -> Fraction | None:
    if len(text) > MAX_CHARS or REORDERING.search(text):
        return None
    body, percent = strip_unit(tidy(text), unit)
    if body is None:
        return None
    value = _value(body)
    return value / 100 if value is not None and percent and unit != "%" else value


def written_fraction(text: str, unit: str = "") -> tuple[int, int] | None:
    """Numerator and denominator as written in a fraction or in a mixed number's fraction, else None."""
    if "/" not in text and "frac" not in text and text.isascii():
        return None
    body, _ = strip_unit(tidy(text), unit)
    found = _RATIO.fullmatch(_without_brackets(body or ""))
    if found:
        top, below = _integer(found[3]), _integer(found[5])
    else:
        found = _LATEX_RATIO.fullmatch(body or "")
        if not found:
            return None
        top, below = _integer(found[4] or found[5]), _integer(found[7] or found[8])
    return (top, below) if top is not None and below else None


def tidy(text: str) -> str:
    """The text with one spelling for each sign, single blanks, and wrappers, label and full stop removed."""
    if not text.isascii():
        text = "".join(map(_plain_char, text)).translate(_TRANSLATED)
    text = _LATEX_NAMES.sub(lambda m: r"\frac" if "frac" in m[0] else "," if m[0] == "{,}" else "", text)
    text = _LATEX_SPACE.sub(" ", text).strip()
    before = None
    while text != before:
        before = text
        text = _unwrap(text)
    return text


def _unwrap(text: str) -> str:
    text = text.strip()
    if text.endswith((".", ",", ";")):
        text = text[:-1].rstrip()
    if text.startswith("\\"):
        text = _COMMANDS.sub(r" \1 ", text).strip()
    for opening, closing in _WRAPPERS:
        inner = text[len(opening) : -len(closing)]
        if (
            len(text) > len(opening) + len(closing)
            and text.startswith(opening)
            and text.endswith(closing)
            and opening not in inner.replace("\\$", "")
            and closing not in inner.replace("\\$", "")
            and not inner.endswith("\\")
            and not (opening in "({" and "," in inner)  # a pair or a set
        ):
            return inner
    label = _NAME.match(text) or _ABOUT.match(text)
    return text[label.end() :] if label else text


def strip_unit(text: str, unit: str) -> tuple[str | None, bool]:
    """Take the currency sign, the percent sign or the task's unit off a tidied text.

    Returns what is left and whether a percent sign was there; (None, False) where the sign does
    not fit the unit that the task names.
    """
    if _BARE.fullmatch(text):
        return text, False
    money = not unit or is_unit("$", unit)
    text = _LATEX_SPACE.sub(" ", _COMMANDS.sub(r" \1 ", text)).strip()
    found = _CURRENCY.fullmatch(text)
    if found:
        return (f"{found['sign']}{found['rest']}", False) if money else (None, False)
    if _CURRENCY_AFTER.search(text):
        return (_CURRENCY_AFTER.sub("", text), False) if money else (None, False)
    if _PERCENT.search(text):
        return (_PERCENT.sub("", text), True) if unit in ("", "%") else (None, False)
    if unit:
        # Units may hold digits (`cm^2`) and numbers letters (`\frac`), so each border is tried.
        for _, border in zip(range(_MOST_BORDERS), _BORDER.finditer(text), strict=False):
            if is_unit(text[border.end() :], unit):
                return text[: border.end()].rstrip(), False
    return text, False


def _plain_char(char: str) -> str:
    """A digit of another script as 0 to 9, a fraction sign as ` 1/2`, anything else unchanged."""
    if char.isascii():
        return char
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if unicodedata.decomposition(char).startswith("<fraction>"):
        return " " + unicodedata.normalize("NFKC", char)
    return char


def _without_brackets(text: str) -> str:
    """A fraction such as `(59)/(7)` or `-(10/9)` without its brackets; anything else unchanged."""
    found = _BRACKETED.fullmatch(text) if "(" in text else None
    if found is None:
        return text
    ratio = found["ratio"] or f"{found['top'] or found['bare']}/{found['below'] or found['plain']}"
    return f"{found['sign']}{ratio}"


def _value(text: str) -> Fraction | None:
    """The value of a tidied text without sign of currency, percent or unit."""
    if len(text) > 2 * MAX_DIGITS:
        return None
    text = _without_brackets(text)
    found = _DECIMAL.fullmatch(text)
    if found:
        return _decimal(*found.groups())
    found = _POWER_OF_TEN.fullmatch(text)
    if found:
        return _decimal(found[1], "1", None, None, None, found[2] or found[3])
    found = _RATIO.fullmatch(text)
    if found:
        sign, whole, top, below_sign, below = found.groups()
        return _mixed(sign, whole, "", top, below_sign, below)
    found = _LATEX_RATIO.fullmatch(text)
    if found:
        sign, whole, top_sign, top, top_digit, below_sign, below, below_digit = found.groups()
        return _mixed(sign, whole, top_sign or "", top or top_digit, below_sign or "", below or below_digit)
    return None


def _integer(digits: str) -> int | None:
    digits = digits.replace(",", "").replace(" ", "")
    return int(digits) if len(digits) <= MAX_DIGITS else None


def _decimal(
    sign: str,
    whole: str,
    part: str | None,
    repeating: str | None,
    exponent: str | None,
    power: str | None,
) -> Fraction | None:
    part = part or ""
    whole_value, part_value = _integer(whole or "0"), _integer(part or "0")
    shift = int(exponent or power or "0")
    if whole_value is None or part_value is None or abs(shift) > MAX_EXPONENT:
        return None
    value = Fraction(whole_value * 10 ** len(part) + part_value, 10 ** len(part))
    if repeating:
        cycle = _integer(repeating)
        if cycle is None:
            return None
        value += Fraction(cycle, (10 ** len(repeating) - 1) * 10 ** len(part))
    if shift:
        value *= Fraction(10) ** shift
    return -value if sign == "-" else value


def _mixed(
    sign: str, whole: str | None, top_sign: str, top: str, below_sign: str, below: str
) -> Fraction | None:
    whole_value = _integer(whole) if whole else 0
    top_value, below_value = _integer(top), _integer(below)
    if whole_value is None or top_value is None or not below_value:
        return None
    if whole and (top_sign or below_sign or top_value >= below_value):
        return None  # `1 3/2` and `1 -1/2` are no mixed numbers
    value = whole_value + Fraction(top_value, below_value)
    negative = (sign == "-") ^ (top_sign == "-") ^ (below_sign == "-")
    return -value if negative else value
