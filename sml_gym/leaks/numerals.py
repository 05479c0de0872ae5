"""Numbers in running text, each with its value: in figures, in words, in Roman and other numerals.

| read | such as |
| --- | --- |
| figures | `42`, `1,234`, `1 234`, `42.0`, `3,5` (decimal comma), `-7`, `4.2e1`, `4.2 * 10^1` |
| fractions | `84/2`, `1 1/2`, `\\frac{3}{4}`, `42%` (42 and 0.42) |
| words | `forty-two`, `minus three`, `a hundred and five`, `three quarters`, `four point two`, `a dozen` |
| digit by digit | `four two`, `4-2`, `4 2`, `4, 2` |
| other numerals | `XLII`, `0x2a`, `0b101010`, `101010 in binary` |

English words only. Nothing is calculated but the value of the numeral itself, and sizes are bounded.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from sml_gym.leaks.tongues import foreign_numbers

_LONGEST = 14  # words of one number

MAX_CHARS = 60
"""Longest run of figures that is read."""

_INT = r"(?:\d{1,3}(?:(?:,|\{,\}|_|\\,|')\d{3})+(?![\d])|\d{1,3}(?: \d{3})+(?!\d)|\d+)"
_SIGN = r"(?P<sign>[-+] ?)?"
FIGURE = re.compile(
    rf"{_SIGN}(?<![\w.])"
    rf"(?:\\[dtc]?frac\s*(?:\{{\s*(?P<ltop>-?\d{{1,20}})\s*\}}|(?P<dtop>\d))\s*"
    rf"(?:\{{\s*(?P<lbot>\d{{1,20}})\s*\}}|(?P<dbot>\d))"
    rf"|(?:(?P<whole>{_INT})\s)?(?P<top>{_INT})\s?/\s?(?P<bottom>{_INT})(?![\d/])"
    rf"|(?P<figure>{_INT})(?:\.(?P<part>\d+))?"
    r"(?:[eE](?P<e>[-+]?\d{1,3})(?!\w)|\s?(?:\*|x|\\times|\\cdot)\s?10\s?(?:\^"
    r"|\*\*)\s?\{?(?P<p>[-+]?\d{1,3})\}?)?"
    r"|\.(?P<bare>\d+))"
    r"(?P<scale> ?(?:thousand|million|billion)(?:en|s|es)?\b| (?:mio|mrd)\b|[kM](?![\w.]))?"
    r"(?P<percent>\s?(?:\\?%|percent\b|per cent\b))?",
    re.ASCII,
)
_DOTTED = re.compile(r"(?<![\w.,])\d{1,3}(?:\.\d{3})+(?:,\d+)?(?![\w]|\.\d)", re.ASCII)
_OVER = re.compile(
    r"(?<![\w.,])(\d{1,9}|one|a|two|three|four|five|six|seven|eight|nine|ten)"
    r" (?:over|in|(?:[a-z]{3,12} )?out of|divided by) (\d{1,9}|[a-z]{3,9}(?:-[a-z]{3,5})?)\b"
    r"|(?<![\w.,:])(\d{1,6}) ?: ?(\d{1,6})(?![\w:]|[.,]\d)",
    re.IGNORECASE,
)
_POWER = re.compile(r"(?<![\w.*])10 ?(?:\^|\*\*) ?\{?([+-]?\d{1,2})\}?(?![\w.])")
_HALF_DOZEN = re.compile(r"\bhalf a dozen\b", re.IGNORECASE)
_SIGN_WORD = re.compile(r"\b(?:minus|negative|moins|menos|meno) \Z", re.IGNORECASE)
_BELOW = re.compile(r" (?:degrees? )?below zero\b", re.IGNORECASE)
_MONEY = re.compile(
    r"\b(?P<dollars>[a-z\- ]{3,30}|\d{1,9}) (?:dollars?|euros?|pounds?) and (?P<cents>[a-z\-]{3,12}"
    r"|\d{1,2}) (?:cents?|pence)\b",
    re.IGNORECASE,
)
_DIGIT_BEFORE = re.compile(r"(?:[\d)]|\b[a-z]) \Z")
_TIME = re.compile(
    r"(?<![\w.,])(?P<hours>\d{1,3}|an?|[a-z]{3,9}) ?(?:h|hrs?|hours?)(?:,? and|,)? ?(?P<minutes>\d{1,2}"
    r"|[a-z\-]{3,12})(?: ?(?:m|mins?|minutes?)\b|(?<=h\d\d)(?!\w))",
    re.IGNORECASE,
)
_HOURS = re.compile(
    r"\b(?P<hours>one|two|three|four|five|six|an?|\d{1,2}) hours? and (?:an? )?(?P<part>half|quarter"
    r"|three quarters)\b",
    re.IGNORECASE,
)
_COMMA = re.compile(
    r"(?<![\w.,])(-?\d{1,6}),(\d{1,2}|\d{4,6})(?![\w,]|\.\d)(?P<scale> ?(?:thousand|million|billion)"
    r"(?:en|s|es)?\b| (?:mio|mrd)\b)?",
    re.ASCII,
)
_SPACED = re.compile(r"(?<![\w.,/])\d(?:([ \-_|]|, ?| - |\.\.\.)\d)(?:\1\d){0,30}(?![\w/]|[.,]\d)", re.ASCII)
_ROMAN = re.compile(
    r"(?<![\w'])(?=[MDCLXVI]{2,})M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?!\w)"
)
_BASED = re.compile(
    r"\b0x(?P<hex>[0-9a-f]{1,16})\b|\b0b(?P<bin>[01]{1,64})\b|\b0o(?P<oct>[0-7]{1,22})\b"
    r"|\b(?P<bits>[01]{2,64})\b(?=[^.\n]{0,12}\b(?:in binary|base (?:2|two)))"
    r"|\bbinary\b[^.\n01]{0,24}\b(?P<bits2>[01]{2,64})\b"
    r"|\b(?P<digits>[0-9a-f]{1,16})\b(?=[^.\n]{0,6}\b(?:in hex|base (?:16|sixteen)))"
    r"|\bhex(?:adecimal)?\b[^.\n0-9]{0,16}\b(?P<digits2>[0-9][0-9a-f]{0,15})\b",
    re.IGNORECASE,
)

UNITS = str.split(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen
"""
)
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SMALL = {word: value for value, word in enumerate(UNITS)} | {"nought": 0, "fourty": 40, "ninty": 90}
_SMALL |= {word: 10 * (place + 2) for place, word in enumerate(_TENS)}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9, "dozen": 12}
_PARTS = {"half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6}
_PARTS |= {
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "eleventh": 11,
    "twelfth": 12,
    "hundredth": 100,
}
_PARTS |= {f"{name}s": value for name, value in _PARTS.items() if name not in ("half", "halves")}
_ANY = "|".join(sorted({*_SMALL, *_SCALES}, key=len, reverse=True))
_WORDS = re.compile(
    rf"(?<![\w])(?:(?:minus|negative)\s+)?(?:(?:a|an)\s+(?=hundred|thousand|million|dozen|half|third"
    rf"|quarter))?"
    rf"(?:{_ANY}|half|third|quarter|point(?= (?:zero|one|two|three|four|five|six|seven|eight|nine)))(?:"
    rf"(?:\s*-\s*|\s+and\s+(?:a\s+)?|,?\s+|\s+over\s+)"
    rf"(?:{_ANY}|point|over|{'|'.join(sorted(_PARTS, key=len, reverse=True))}))*(?![\w])"
    rf"(?P<percent>\s+(?:percent|per cent|%))?",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[a-z]+", re.IGNORECASE)
_NUMBER_WORD = re.compile(
    r"zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|teen|twenty|thirty|fort?y|fourty"
    r"|fifty"
    r"|sixty|eighty|ninety|hundred|thousand|million|dozen|nought|half|third|quarter|binary|hex|[MDCLXVI]{2}",
)


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number in a text.

    `form` is `"figures"`, `"fraction"`, `"words"`, `"time"`, `"digits"` (one by one), `"roman"` or `"based"`.
    """

    start: int
    end: int
    values: tuple[Fraction, ...]
    form: str


@functools.lru_cache(maxsize=64)
def numerals(text: str) -> tuple[Numeral, ...]:
    """The numbers in a plain text, in no particular order. One stretch may be read in several ways."""
    found: list[Numeral] = []
    figures = _has_digit(text)
    if figures:
        found += _figures(text)
    if _NUMBER_WORD.search(text) or _NUMBER_WORD.search(text.lower()):
        found += _words(text)
        found += [
            Numeral(m.start(), m.end(), (Fraction(_roman(m[0])),), "roman") for m in _ROMAN.finditer(text)
        ]
        figures = True
    for start, end, number in foreign_numbers(text):
        found.append(Numeral(start, end, (Fraction(number),), "foreign"))
    for m in _OVER.finditer(text) if figures else ():
        top, bottom = value_in(m[1] or m[3]), value_in(m[2] or m[4])
        if top is not None and bottom:
            found.append(Numeral(m.start(), m.end(), (top / bottom,), "ratio" if m[3] else "words"))
    if "cent" in text or "pence" in text:
        found += _amounts(text)
    if "h" in text and figures:
        found += _times(text)
    if figures:
        found += [
            Numeral(m.start(), m.end(), (Fraction(10) ** int(m[1]),), "figures")
            for m in _POWER.finditer(text)
        ]
    found += [Numeral(m.start(), m.end(), (Fraction(6),), "words") for m in _HALF_DOZEN.finditer(text)]
    if figures:
        for m in _BASED.finditer(text):
            for base, name in (
                (16, "hex"),
                (2, "bin"),
                (8, "oct"),
                (2, "bits"),
                (2, "bits2"),
                (16, "digits"),
                (16, "digits2"),
            ):
                if m[name] is not None:
                    start, end = (m.start(), m.end()) if name in ("hex", "bin", "oct") else m.span(name)
                    found.append(Numeral(start, end, (Fraction(int(m[name], base)),), "based"))
    return tuple(found)


def value_of(text: str) -> Fraction | None:
    """The value of a text that is one number, in any of these ways; None for anything else."""
    text = text.strip().strip(".$").strip()
    for numeral in numerals(text):
        if (
            numeral.start == 0
            and numeral.end == len(text)
            and numeral.form in ("figures", "fraction", "words", "time")
        ):
            return numeral.values[0]
    return None


def in_words(value: int) -> str:
    """A whole number in words, without blanks: `fortytwo`; "" beyond a million."""
    if value < 0:
        return "minus" + in_words(-value)
    if value < 20:
        return UNITS[value]
    if value < 100:
        return _TENS[value // 10 - 2] + (UNITS[value % 10] if value % 10 else "")
    for size, name in ((10**6, ""), (1_000, "thousand"), (100, "hundred")):
        if value >= size:
            if not name:
                return ""
            return in_words(value // size) + name + (in_words(value % size) if value % size else "")
    return ""


def _has_digit(text: str) -> bool:
    return any(digit in text for digit in "0123456789")


def _figures(text: str) -> Iterator[Numeral]:
    for m in FIGURE.finditer(text):
        if m.end() - m.start() > MAX_CHARS:
            continue
        value = _figure(m)
        if value is None:
            continue
        if m["scale"]:
            value *= _scale(m["scale"])
        start = m.start()
        if m["sign"]:
            if _is_operator(text, m):
                start = m.end("sign")
            elif m["sign"][0] == "-":
                value = -value
        values: tuple[Fraction, ...] = (value, value / 100) if m["percent"] else (value,)
        form = "fraction" if m["bottom"] or m["ltop"] or m["dtop"] else "figures"
        word = _SIGN_WORD.search(text, max(0, start - 12), start)
        if word is not None and not _DIGIT_BEFORE.search(text, max(0, word.start() - 12), word.start()):
            start, values = word.start(), tuple(-value for value in values)
        elif _BELOW.match(text, m.end()):
            values = tuple(-value for value in values)
        if text[m.end() : m.end() + 6].lower().startswith((" cent", "cent", "¢")):
            values += (value / 100,)
        yield Numeral(start, m.end(), values, form)
        if m["bottom"] and not m["whole"]:  # the parts of what looks like a fraction
            for name in ("top", "bottom"):
                part = Fraction(int(re.sub(r"\D", "", m[name])))
                yield Numeral(*m.span(name), (part,), "part")
    for m in _COMMA.finditer(text):
        scale = _scale(m["scale"]) if m["scale"] else 1
        yield Numeral(m.start(), m.end(), (Fraction(f"{m[1]}.{m[2]}") * scale,), "figures")
    for m in _DOTTED.finditer(text):
        units, _, rest = m[0].replace(".", "").partition(",")
        yield Numeral(m.start(), m.end(), (Fraction(f"{units}.{rest or 0}"),), "figures")
    for m in _SPACED.finditer(text):
        digits = re.sub(r"\D", "", m[0])
        yield Numeral(m.start(), m.end(), (Fraction(int(digits)),), "digits")


def _scale(word: str) -> int:
    """The size of `million`, `Millionen`, `M`, `k`."""
    word = word.strip()
    if word in ("k", "M"):
        return 10**3 if word == "k" else 10**6
    short = {"mio": "million", "mrd": "billion"}.get(word, word)
    return next(size for name, size in _SCALES.items() if short.startswith(name))


def _is_operator(text: str, m: re.Match[str]) -> bool:
    """Whether the sign before a figure joins it to what stands before, as in `5 - 3` and `x -3`."""
    before = text[: m.start()].rstrip(" ")
    if m["sign"].endswith(" ") and before and before[-1] not in "=(,:[{<>$\n|":
        return True  # a dash, as in `and - 3 again`
    if not before or not (before[-1].isalnum() or before[-1] in ")]}"):
        return False
    if before[-1] == "]" and not before[-2:-1].strip():  # an open interval, `]-3; 3[`
        return False
    blank = len(before) < m.start()
    word = re.search(r"[A-Za-z']{2,}\Z", before)
    return not (blank and word and m["sign"] in "-+")


def _figure(m: re.Match[str]) -> Fraction | None:
    if m["bare"]:
        return Fraction(f"0.{m['bare']}")
    if m["figure"]:
        digits = re.sub(r"\D", "", m["figure"])
        value = Fraction(f"{digits}.{m['part']}") if m["part"] else Fraction(int(digits))
        power = int(m["e"] or m["p"] or 0)
        return value * Fraction(10) ** power
    top = m["ltop"] or m["dtop"] or re.sub(r"\D", "", m["top"])
    bottom = int(m["lbot"] or m["dbot"] or re.sub(r"\D", "", m["bottom"]))
    if not bottom:
        return None
    whole = int(re.sub(r"\D", "", m["whole"])) if m["whole"] else 0
    return whole + Fraction(int(top), bottom)


def _words(text: str) -> Iterator[Numeral]:
    for m in _WORDS.finditer(text):
        tokens = list(_TOKEN.finditer(m[0], 0, len(m[0]) - len(m["percent"] or "")))
        place = 0
        while place < len(tokens):
            for end in range(min(len(tokens), place + _LONGEST), place, -1):
                words = [token[0].casefold() for token in tokens[place:end]]
                negative = words[0] in ("minus", "negative")
                value = _spoken(words[1:] if negative else words)
                if value is None or words[-1] in ("a", "an", "and", "over"):
                    continue
                value = -value if negative else value
                values = (value, value / 100) if m["percent"] and end == len(tokens) else (value,)
                start = m.start() + tokens[place].start()
                yield Numeral(start, m.start() + tokens[end - 1].end(), values, "words")
                break
            else:
                end = place + 1
            place = end
        words = [token[0].casefold() for token in tokens]
        digits = _digit_words(words)
        if digits is not None:
            values = (Fraction(digits), Fraction(digits, 100))  # `thirteen twenty` is a price too
            yield Numeral(m.start(), m.start() + tokens[-1].end(), values[: len(words)], "digits")


def _amounts(text: str) -> Iterator[Numeral]:
    """Dollars and cents, in dollars."""
    for m in _MONEY.finditer(text):
        words = m["dollars"].split()
        for first in range(len(words)):
            dollars, cents = value_in(" ".join(words[first:])), value_in(m["cents"])
            if dollars is not None and cents is not None:
                start = m.end("dollars") - len(" ".join(words[first:]))
                yield Numeral(start, m.end(), (dollars + cents / 100,), "words")
                break


def _times(text: str) -> Iterator[Numeral]:
    """Hours and minutes, in minutes and in hours."""
    for m in _TIME.finditer(text):
        hours = Fraction(1) if m["hours"].casefold() in ("a", "an") else value_in(m["hours"])
        minutes = value_in(m["minutes"])
        if hours is not None and minutes is not None:
            yield Numeral(m.start(), m.end(), (60 * hours + minutes, hours + minutes / 60), "time")
    for m in _HOURS.finditer(text):
        hours = Fraction(1) if m["hours"].casefold() in ("a", "an") else value_in(m["hours"])
        part = {"half": 30, "quarter": 15}.get(m["part"].casefold(), 45)
        if hours is not None:
            yield Numeral(m.start(), m.end(), (60 * hours + part, hours + Fraction(part, 60)), "time")


def value_in(words: str) -> Fraction | None:
    """The value of plain figures or of English number words, None for anything else."""
    if words.isdecimal():
        return Fraction(int(words))
    tokens = [token.casefold() for token in _TOKEN.findall(words)]
    return _spoken(tokens) if tokens != ["a"] else Fraction(1)


def _digit_words(tokens: list[str]) -> int | None:
    values = [_SMALL.get(token, 100) for token in tokens if token != "and"]
    if 2 <= len(values) <= 4 and max(values) < 100 and values[-1 if len(values) == 2 else -2] >= 10:
        # `one forty-four`, `twenty twenty-four`
        pairs = [values[:1], values[1:]] if len(values) < 4 and values[1] >= 10 else [values[:2], values[2:]]
        if all(
            len(pair) == 1 or (pair[0] >= 20 and pair[0] % 10 == 0 and 0 < pair[1] < 10) for pair in pairs
        ):
            first, second = sum(pairs[0]), sum(pairs[1])
            if second >= 10 and first:
                return 100 * first + second
    if len(values) < 2 or len(values) > 30 or any(value > 9 for value in values):
        return None
    return int("".join(map(str, values)))


def _spoken(tokens: list[str]) -> Fraction | None:
    """The value of number words, None for words that are no one number."""
    tokens = [token for token in tokens if token not in ("a", "an")]
    if not tokens:
        return None
    if "over" in tokens:
        place = tokens.index("over")
        top, bottom = _spoken(tokens[:place]), _spoken(tokens[place + 1 :])
        return top / bottom if top is not None and bottom else None
    if "point" in tokens:
        place = tokens.index("point")
        whole = _spoken(tokens[:place]) if place else Fraction(0)
        digits = [_SMALL.get(token, 10) for token in tokens[place + 1 :]]
        if whole is None or not digits or any(digit > 9 for digit in digits):
            return None
        return whole + Fraction(int("".join(map(str, digits))), 10 ** len(digits))
    if tokens[-1] in ("million", "thousand", "billion") and len(tokens) > 1 and tokens[-2] in _PARTS:
        value = _spoken(tokens[:-1])  # one and a quarter million
        return None if value is None else value * _SCALES[tokens[-1]]
    if tokens[-1] in _PARTS:
        part = _PARTS[tokens[-1]]
        if "and" in tokens:
            place = tokens.index("and")
            whole = _spoken(tokens[:place])
            count = _whole(tokens[place + 1 : -1]) if tokens[place + 1 : -1] else 1
            if whole is not None and count is not None:
                return whole + Fraction(count, part)
        count = _whole(tokens[:-1]) if tokens[:-1] else 1
        return None if count is None else Fraction(count, part)
    whole_number = _whole(tokens)
    return None if whole_number is None else Fraction(whole_number)


def _whole(tokens: list[str]) -> int | None:
    total, group, last = 0, 0, 10**12
    for token in tokens:
        if token == "and":
            if not (total or group):
                return None
            continue
        if token in _SMALL:
            value = _SMALL[token]
            if last < 20 or (last < 100 and value >= 10):  # `two three`, `twenty thirty`
                return None
            group += value
            last = value if value else 1
        elif token in ("hundred", "dozen"):
            group = (group or 1) * _SCALES[token]
            last = 100
        elif token in _SCALES:
            total += (group or 1) * _SCALES[token]
            group, last = 0, 1_000
        else:
            return None
    return total + group


def _roman(text: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}[char] for char in text]
    return sum(
        -value if later > value else value for value, later in zip(values, [*values[1:], 0], strict=True)
    )
