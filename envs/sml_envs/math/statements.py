"""Where a text states a mathematical answer, beyond plain numbers and words.

For a numeric answer: calculations with that value (`6 * 7`, `84/2`, `sqrt(1764)`) and equations that
only wait to be read off (`x - 2 = 0`). For an expression: every run of mathematical notation, LaTeX or
plain or read aloud (`x squared minus two x`), that `verify` takes for the answer. Fast paths come
first; a worker is asked only about runs with the same letters as the reference.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from fractions import Fraction

from sml_envs.math.numbers import parse_number
from sml_envs.math.working import arithmetic
from sml_gym.leaks import Mention
from sml_gym.leaks.numerals import numerals

MAX_CHARS = 4_000
"""So much of a text is searched for expressions."""

MAX_CANDIDATES = 24
"""So many runs are compared with the reference."""

_CALCULATION = re.compile(r"(?<![\w.])[(\-]?\d[\d.+\-*/^() ]*[\d)]")
_ROOT = re.compile(r"(?:\\?sqrt ?[({]|√ ?\(?|square root of )(\d{1,12})\)?\}?", re.IGNORECASE)
_TIMES = re.compile(r"\\(?:cdot|times)(?![A-Za-z])|(?<=\d) ?x ?(?=\d)|\\div(?![A-Za-z])")
_READ_OFF = re.compile(
    r"(?<![\d.)^*/+-] )(?<![\w.)^*/+-])[a-z] ?([+-]) ?(\d+(?:\.\d+)?(?:/\d+)?) ?= ?0(?!\d|\.\d)"
)
_MODULE = r"\b(?:math|np|numpy|sympy|sp|cmath)\."
_FUNCTIONS = (
    r"arcsin|arccos|arctan|sinh|cosh|tanh|sin|cos|tan|sec|csc|cot|ln|log|exp|sqrt|cbrt|pi|theta"
    r"|alpha|beta|oo|infinity"
)
_TOKEN = re.compile(
    rf"{_MODULE}|\\(?:text|mathrm|textrm|mbox|operatorname) ?\{{[^{{}}]*\}}|\\[A-Za-z]+|\\[,;:! ]|\\[{{}}]"
    rf"|(?<![A-Za-z])(?:{_FUNCTIONS})(?![A-Za-z])|(?<![A-Za-z'])[A-Za-z](?![A-Za-z])|\d+(?:\.\d+)?"
    rf"|[-+*/^=(){{}}\[\]|<>_,;'&!√πθ∞±∪≤≥]| "
)
_LETTER = re.compile(r"(?<![\\A-Za-z])[A-Za-z](?![A-Za-z])")
_COMMANDS = re.compile(rf"\\[A-Za-z]+|(?<![A-Za-z])(?:{_FUNCTIONS})(?![A-Za-z])")
_SPLIT = re.compile(r"=|≈|\\approx(?![A-Za-z])|\\Rightarrow|;|->|=>")
_EDGES = " ,;'&!$"
_SPOKEN = re.compile(
    r"\b(?:squared|cubed|minus|plus|times|root|twice|over|divided by|power|half|quarter|to the)\b",
    re.IGNORECASE,
)
_READ_ALOUD = (
    (
        re.compile(
            r"\b(?:(?:a|an|any|some|the) )?(?:arbitrary )?constant(?: of integration)?\b", re.IGNORECASE
        ),
        " C ",
    ),
    (re.compile(r"\b(?:the )?square root of (\S+)", re.IGNORECASE), r" sqrt(\1) "),
    (re.compile(r"\b(sin|cos)(?:e|ine) (?:of )?(\d+ ?[a-z]\b|[a-z]\b|\d+)", re.IGNORECASE), r" \1(\2) "),
    (re.compile(r"\btangent (?:of )?(\d+ ?[a-z]\b|[a-z]\b|\d+)", re.IGNORECASE), r" tan(\1) "),
    (re.compile(r"\broot (?:of )?(\d+)", re.IGNORECASE), r" sqrt(\1) "),
    (re.compile(r"(\d+/\d+) of (?:the )?", re.IGNORECASE), r"\1 * "),
    (re.compile(r"\b(?:a |one )?half of (?:the )?", re.IGNORECASE), " (1/2) * "),
    (re.compile(r"\b(?:a |one )?quarter of (?:the )?", re.IGNORECASE), " (1/4) * "),
    (re.compile(r"\bto the (?:power (?:of )?)?(\d+ ?[a-z]\b|[a-z]\b)", re.IGNORECASE), r"^(\1)"),
    (re.compile(r"\btwice (?:the )?", re.IGNORECASE), " 2 * "),
    (re.compile(r"\b(?:equals|is equal to)\b", re.IGNORECASE), " = "),
    (re.compile(r"\b(?:times|multiplied by)\b", re.IGNORECASE), " * "),
    (re.compile(r"\b(?:over|divided by)\b", re.IGNORECASE), " / "),
    (re.compile(r"\b(?:minus|less)\b", re.IGNORECASE), " - "),
    (re.compile(r"\b(?:plus)\b", re.IGNORECASE), " + "),
    *(
        (re.compile(rf"\s*\bto the {name}(?: power)?\b", re.IGNORECASE), f"^{power}")
        for power, name in enumerate(
            ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"), start=2
        )
    ),
    (re.compile(r"\s*\bsquared\b", re.IGNORECASE), "^2"),
    (re.compile(r"\s*\bcubed\b", re.IGNORECASE), "^3"),
    (re.compile(r"\s*\bto the (?:power (?:of )?)?(\d+)(?:th)?(?: power)?\b", re.IGNORECASE), r"^\1"),
)


def calculations(text: str, value: Fraction) -> Iterator[Mention]:
    """Calculations in a plain text that come to `value`, and equations that give it at once."""
    if (
        not any(sign in text for sign in "*/^+-=")
        and "qrt" not in text
        and "root" not in text
        and "√" not in text
    ):
        return
    tidy = _TIMES.sub(
        lambda m: m[0].replace(m[0], "*".ljust(len(m[0])) if "div" not in m[0] else "/".ljust(len(m[0]))),
        text.replace("°", " "),
    )
    for m in _CALCULATION.finditer(tidy):
        if not any(sign in m[0][1:] for sign in "+-*/^"):
            continue
        if arithmetic(" ".join(m[0].split())) == value and parse_number(m[0]) is None:
            yield Mention(m.start(), m.end(), "calculation")
    for m in _ROOT.finditer(text):
        if value > 0 and value * value == int(m[1]):
            yield Mention(m.start(), m.end(), "calculation")
    for m in _READ_OFF.finditer(text):
        number = parse_number(m[2])
        if number is not None and (number if m[1] == "-" else -number) == value:
            yield Mention(m.start(), m.end(), "equation")


def expressions(
    text: str, reference: str, accepts: Callable[[str], bool], problem: str = ""
) -> Iterator[Mention]:
    """Runs of notation in a plain text that `accepts` takes for the reference.

    Where the problem itself holds such a run, it is to be rewritten (`expand`, `factor`), and what is
    not in the reference's shape is a step on the way.
    """
    text = text[:MAX_CHARS]
    letters, commands = _signature(reference)
    several = _several(reference)
    named = re.match(r"\s*([A-Za-z])\s*(?:\([a-z]\)\s*)?=(?!=)", reference)
    label = frozenset({named[1]} if named else ())
    relation = reference if re.search(r"[<>≤≥]|\\[lg]eq?", reference) else ""
    yield from _ranges(text, reference)
    yield from approximations(text, reference)
    constant = "C" in letters
    asked: set[str] = set()
    taken = False
    for start, end, candidate in _candidates(text, several):
        if (
            candidate in asked
            or len(asked) >= MAX_CANDIDATES
            or not _alike(candidate, letters, commands, label, relation)
        ):
            continue
        asked.add(candidate)
        if accepts(candidate) or (constant and accepts(f"{candidate} + C")):
            taken = True
            if _on_the_way(candidate, reference) and _rewrites(problem, accepts):
                continue
            yield Mention(start, end, "expression")
    if taken:
        return
    for sentence in re.finditer(r"[^.!?\n]+", text):
        if not _SPOKEN.search(sentence[0]) and not any(n.form == "words" for n in numerals(sentence[0])):
            continue
        for _, _, candidate in _candidates(_as_notation(sentence[0]), several):
            if (
                candidate in asked
                or len(asked) >= 2 * MAX_CANDIDATES
                or not _alike(candidate, letters, commands, label, relation)
            ):
                continue
            asked.add(candidate)
            if accepts(candidate) or (constant and accepts(f"{candidate} + C")):
                yield Mention(sentence.start(), sentence.end(), "expression", whole=True)
                break


def _on_the_way(candidate: str, reference: str) -> bool:
    """Whether a formula has more sums or brackets than the reference, or lacks the brackets that it has."""
    (sums, brackets), (wanted, factors) = _shape(candidate), _shape(reference)
    return sums > wanted or brackets > factors + 1 or brackets < factors


def _shape(text: str) -> tuple[int, int]:
    """How many sums and brackets a formula has."""
    bare = re.sub(r"\\(?:left|right|[dt]?frac)|\^\{?[-+]?\w\}?", "", text).strip(" -+$")
    return len(re.findall(r"[-+]", bare)), bare.count("(")


def _rewrites(problem: str, accepts: Callable[[str], bool]) -> bool:
    """Whether a formula in the problem equals the answer."""
    runs = [c for _, _, c in _candidates(problem[:400], False) if len(c) > 2 and re.search(r"[-+*/^]", c)]
    return any(accepts(run) for run in runs[:6])


_RELATION = re.compile(
    r"\s*[a-z]\s*(?P<sign><=|>=|<|>|≤|≥|\\leq?(?![a-z])|\\geq?(?![a-z]))\s*(?P<bound>-?\d+(?:[./]\d+)?)\s*"
)
_END = r"[-+]?(?:\d+(?:[./]\d+)?|\\infty|∞|infinity|oo|inf)"
_INTERVAL = re.compile(rf"(?P<open>[(\[\]])\s*(?P<low>{_END})\s*[,;]\s*(?P<high>{_END})\s*(?P<close>[)\]\[])")
_SPACING = re.compile(r"\\(?:left|right)(?![a-zA-Z])|\\[,;:! ]")
_MORE = r"(?:greater|larger|more|bigger|higher) than|above|beyond|over|exceeds?"
_LESS = r"(?:less|smaller|fewer|lower) than|below|under"


def _ranges(text: str, reference: str) -> Iterator[Mention]:
    """`x > 4` and `(4, \\infty)` in words and in each other's notation."""
    relation, interval = _RELATION.fullmatch(reference), _interval(reference)
    if relation:
        sign = {"\\le": "<=", "\\leq": "<=", "≤": "<=", "\\ge": ">=", "\\geq": ">=", "≥": ">="}.get(
            relation["sign"], relation["sign"]
        )
        value = parse_number(relation["bound"])
        closed, ray = sign.endswith("="), (value, None) if ">" in sign else (None, value)
        wanted: _Interval = (closed and ">" in sign, *ray, closed and "<" in sign)
    elif interval and None in interval:
        wanted = interval
        value = interval[2] if interval[1] is None else interval[1]
        sign = ("<" if interval[1] is None else ">") + ("=" if interval[0] or interval[3] else "")
    else:
        return
    bare = _SPACING.sub(lambda m: " " * len(m[0]), text)
    for m in _INTERVAL.finditer(bare):
        if _interval(m[0]) == wanted:
            yield Mention(m.start(), m.end(), "range")
    words = {
        ">": _MORE,
        "<": _LESS,
        ">=": r"at least|not (?:less|smaller) than|no (?:less|smaller) than|from",
        "<=": r"at most|not (?:more|greater) than|no (?:more|greater) than|up to(?: and including)?",
    }[sign]
    ahead = re.compile(rf"(?:\b(?:{words})|[<>]=?|≤|≥|\\[lg]eq?)\s*\Z", re.IGNORECASE)
    for numeral in numerals(text):
        if value not in numeral.values:
            continue
        found = ahead.search(text[max(0, numeral.start - 30) : numeral.start])
        if found is None or _coefficient_before(text, numeral.start - len(found[0])):
            continue
        written = found[0].strip()
        for name, plain in (
            ("≥", ">="),
            ("≤", "<="),
            ("\\geq", ">="),
            ("\\leq", "<="),
            ("\\ge", ">="),
            ("\\le", "<="),
        ):
            written = written.replace(name, plain)
        if written == sign or not re.match(r"[<>]", written):
            yield Mention(numeral.start - len(found[0]), numeral.end, "range")


_Interval = tuple[bool, Fraction | None, Fraction | None, bool]


def _interval(text: str) -> _Interval | None:
    """Whether the low end belongs to it, the ends (None if infinite), whether the high end does."""
    m = _INTERVAL.fullmatch(_SPACING.sub("", text).strip())
    if m is None:
        return None
    low, high = (None if re.search(r"inf|oo|∞", end) else parse_number(end) for end in (m["low"], m["high"]))
    return m["open"] == "[" and low is not None, low, high, m["close"] == "]" and high is not None


def _coefficient_before(text: str, end: int) -> bool:
    """Whether what is compared is a multiple, as `2x > 8` is on the way to `x > 4`."""
    return re.search(r"\d\s*\*?\s*[a-z]\s*\Z", text[max(0, end - 8) : end]) is not None


_CONSTANTS = re.compile(r"\\?pi(?![a-zA-Z])|π|\\?sqrt ?[({](\d{1,6})[)}]|√(\d{1,6})|√\((\d{1,6})\)")
_LEAST_DIGITS = 4


def approximations(text: str, reference: str) -> Iterator[Mention]:
    """Decimals of an exact answer to at least four significant digits: `28.274` for `9\\pi`."""
    if not _CONSTANTS.search(reference) or len(reference) > 80 or "." not in text:
        return
    size = _value(reference)
    if size is None:
        return
    for numeral in numerals(text):
        whole, _, places = text[numeral.start : numeral.end].partition(".")
        digits = (whole + places).lstrip("-+0 ")
        if numeral.form != "figures" or not places.isdecimal() or len(digits) < _LEAST_DIGITS:
            continue
        if abs(numeral.values[0] - size) < Fraction(1, 10 ** len(places)):
            yield Mention(numeral.start, numeral.end, "expression")


def _value(reference: str) -> Fraction | None:
    """The value of a formula of numbers, pi and roots to twelve places; None for another."""

    def written(m: re.Match[str]) -> str:
        root = m[1] or m[2] or m[3]
        value = math.pi if root is None else math.sqrt(int(root))
        return f"*({value:.12f})"

    plain = re.sub(
        r"\\[dt]?frac ?\{((?:[^{}]|\{[^{}]*\})*)\} ?\{((?:[^{}]|\{[^{}]*\})*)\}", r"((\1)/(\2))", reference
    )
    plain = _CONSTANTS.sub(written, re.sub(r"\\(?:cdot|times|left|right|,)(?![a-z])", " ", plain))
    plain = re.sub(r"\s+", "", re.sub(r"(?<![\d.)])\s*\*(?=\()", "", plain))
    plain = re.sub(r"(?<=\))(?=[\d(])|(?<=\d)(?=\()", "*", plain)
    if re.search(r"[^\d.+\-*/^()]", plain):
        return None
    try:
        return arithmetic(plain)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def _as_notation(text: str) -> str:
    """Mathematics read aloud, as it would be written: `six x squared minus four` as `6 x^2 - 4`."""
    text = re.sub(r"\bover\b", "/", text, flags=re.IGNORECASE)
    row = sorted((n for n in numerals(text) if n.form == "words"), key=lambda n: (n.start, -n.end))
    made, position = "", 0
    for numeral in row:
        if numeral.start < position:
            continue
        value = numeral.values[0]
        sign = " - " if value < 0 else ""
        made += text[position : numeral.start] + sign + str(abs(value))
        position = numeral.end
    made += text[position:]
    for pattern, written in _READ_ALOUD:
        made = pattern.sub(written, made)
    return made


def _signature(text: str) -> tuple[frozenset[str], bool]:
    """The letters that stand for quantities, and whether functions are there."""
    commands = [m.lstrip("\\") for m in _COMMANDS.findall(text)]
    named = {
        c for c in commands if c not in ("frac", "dfrac", "tfrac", "cdot", "times", "left", "right", "quad")
    }
    rest = re.sub(r"\\?\bexp(?![A-Za-z])", " e ", text)
    rest = _COMMANDS.sub(" ", rest)
    return frozenset(_LETTER.findall(rest)), bool(named) or any(sign in text for sign in "√πθ∞")


def _several(reference: str) -> bool:
    return (
        "," in reference
        or r"\cup" in reference
        or " or " in reference
        or " and " in reference
        or "&" in reference
    )


def _alike(
    candidate: str, letters: frozenset[str], commands: bool, label: frozenset[str], relation: str
) -> bool:
    found, functions = _signature(candidate)
    if found not in (letters, letters - label, letters - {"C"}) and not (
        "C" in letters and {letter.upper() if letter == "c" else letter for letter in found} == letters
    ):
        return False
    if (
        relation
        and re.search(r"\d\s*\*?\s*[a-z]", candidate)
        and not re.search(r"\d\s*\*?\s*[a-z]", relation)
    ):
        return False  # `2x > 8` on the way to `x > 4`
    return (bool(letters) or functions or not commands) and len(candidate) > 1


def _candidates(text: str, several: bool) -> Iterator[tuple[int, int, str]]:
    """Runs of notation, whole and side by side of their equals signs, with where they stand."""
    for start, end in _runs(text):
        pieces = [(start, end)]
        position = start
        for border in _SPLIT.finditer(text, start, end):
            pieces.append((position, border.start()))
            position = border.end()
        if position != start:
            pieces.append((position, end))
        if not several:
            for first, last in list(pieces):
                inner = text[first:last]
                if "," in inner:
                    place = first
                    for part in inner.split(","):
                        pieces.append((place, place + len(part)))
                        place += len(part) + 1
        for first, last in pieces:
            while first < last and text[first] in _EDGES:
                first += 1
            while first < last and text[last - 1] in _EDGES + "+":
                last -= 1
            body = re.sub(_MODULE, "", text[first:last])
            if not body or not re.search(r"[\dA-Za-z]", body):
                continue
            yield first, last, body
            for shorter in (re.sub(r"\A(?:[aAI]|is) ", "", body), re.sub(r" [aAI]\Z", "", body)):
                if shorter != body:
                    yield first, last, shorter
            for opening, closing in (("(", ")"), ("[", "]"), ("{", "}")):
                if body.startswith(opening) and body.count(opening) > body.count(closing):
                    yield first, last, body[1:]
                if body.endswith(closing) and body.count(closing) > body.count(opening):
                    yield first, last, body[:-1]


def _runs(text: str) -> Iterator[tuple[int, int]]:
    start, position = -1, 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None or (token[0] == "\\text" or token[0].startswith("\\begin")):
            if start >= 0:
                yield start, position
            start = -1
            position += 1 if token is None else len(token[0])
            continue
        if start < 0:
            start = position
        position = token.end()
    if start >= 0:
        yield start, position
