"""Leaks that never name the answer.

By elimination, by how far the student is off, digit by digit or letter by letter, by position
among the choices, between two bounds, or by saying whether it is so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.known import Known, hear
from sml_gym.leaks.mentions import Mention
from sml_gym.leaks.numerals import numerals, value_in

_OPTION = re.compile(
    r"(?:^|[\s(])\(?([A-H])[).:]\s+(.{1,80}?)(?=[;,.]?\s+\(?[A-H][).:]\s|[.;?\n]|\Z)", re.MULTILINE
)
_NEGATION = re.compile(
    r"\b(?:not|n't|neither|nor|never|rule out|ruled out|cross out|strike out|can(?:'t| not|not) be|wrong"
    r"|exclude|eliminate|drop|forget|isn't|aren't"
    r"|out of the question|impossible|false)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[^.!?;\n]+[.!?;\n]?")
_NUMBER = (
    r"\d+(?:\.\d+)?|(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-)?(?:one|two|three|four"
    r"|five|six|seven|eight|nine)"
    r"|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy"
    r"|eighty|ninety|a hundred"
)
_COUNT = rf"(?P<count>{_NUMBER})"
_OFFSET = re.compile(
    rf"\b{_COUNT}\s+(?:(?!too\b)(?P<unit>[a-z]+)\s+)?(?:(?P<too>too)\s+)?(?P<way>high|low|much|many|big"
    rf"|large|small|few|little|more|less|fewer|higher"
    r"|lower|larger|smaller|bigger|greater|above|below|later|earlier|after|before|longer|shorter|older|younger|taller|heavier"
    rf"|lighter)\b",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    rf"\b(?P<verb>add|subtract|take away|take off|remove|plus)\s+(?:just |only |another "
    rf"|exactly )?{_COUNT}\s*(?:more\s*)?"
    r"(?:to|from|off)?\s*(?:your (?:answer|result|number|value)|that|it|what you (?:have|got|said))",
    re.IGNORECASE,
)
_TIMES_TOO = re.compile(
    rf"\b(?P<count>{_NUMBER}) times (?:too|as) (?P<way>much|many|large|big|high|small|little|low)\b(?! as)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\bbetween (?P<low>-?\d{1,12}) and (?P<high>-?\d{1,12})\b|\b(?:more|greater|larger|bigger"
    r"|higher) than (?P<low2>-?\d{1,12})\b[^.!?\n]{0,30}"
    r"\b(?:less|smaller|fewer|lower) than (?P<high2>-?\d{1,12})\b|\b(?:less|smaller|fewer"
    r"|lower) than (?P<high3>-?\d{1,12})\b[^.!?\n]{0,30}"
    r"\b(?:more|greater|larger|bigger|higher) than (?P<low3>-?\d{1,12})\b"
    r"|(?P<low4>-?\d{1,12}) < (?:\w{1,8} < )(?P<high4>-?\d{1,12})",
    re.IGNORECASE,
)
_WHICH = re.compile(
    r"\b(?:the )?(?P<which>first|second|third|fourth|last) (?:option|choice|possibility|answer|of (?:these"
    r"|those|them|the (?:two|three|four|options)))\b",
    re.IGNORECASE,
)
_FORMER = re.compile(
    r"\b(?:the )?(?P<which>former|latter|first of (?:these|those|them|the two)|second of (?:these|those|them"
    r"|the two))\b",
    re.IGNORECASE,
)
_EITHER = re.compile(r"([^\s,;:?]{1,40})\s*,?\s+or\s+(?:is it |an? |the )?([^\s,;:?.!]{1,40})", re.IGNORECASE)
_MONTH_NUMBER = re.compile(
    r"\bmonth (?:number |no\.? ?)?(?P<n>\d{1,2})\b|\b(?P<m>\d{1,2})(?:st|nd|rd|th) month\b", re.IGNORECASE
)
_SPOKEN_DIGITS = re.compile(
    r"\ban? (?:\d|zero|one|two|three|four|five|six|seven|eight|nine)(?:,? (?:and )?(?:then )?an? (?:\d|zero|one|two|three|four|five|six"
    r"|seven|eight|nine)\b){1,20}",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\b(?:\d|zero|one|two|three|four|five|six|seven|eight|nine)\b", re.IGNORECASE)
_SHORT = re.compile(
    rf"\b{_COUNT}\s+(?:(?P<unit>[a-z]+)\s+)?(?:(?P<up>short|missing|(?:is|are) (?:still )?missing)|over)\b(?! (?:of|the|a)\b)",
    re.IGNORECASE,
)
_OWN = re.compile(
    rf"\b(?:(?P<verb>double|halve|triple|quadruple) (?:your (?:answer|result|number|value)|yours)"
    rf"|(?P<times>{_NUMBER}) times (?:what you (?:have|got|wrote|said)|your (?:answer|result|number|value))"
    rf"|(?P<verb2>multiply|divide) (?:your (?:answer|result|number|value)|yours) by (?P<by>{_NUMBER}))\b",
    re.IGNORECASE,
)
_NEXT_TO = re.compile(
    r"\b(?:one (?P<more>more|less|greater|smaller|higher|lower) than (?P<than>\d{1,12})"
    r"|(?:day|month|letter|number|one|year|integer) (?:that comes |which comes |right |just |directly |immediately |coming )?"
    r"(?P<way>after|before|following|preceding) (?P<what>\d{1,12}|[A-Za-z]{3,9}))\b",
    re.IGNORECASE,
)
_DICTATED = re.compile(
    r"(?<![\w.,])(?:an? )?(?P<first>\d|zero|one|two|three|four|five|six|seven|eight|nine)\b"
    r"(?P<rest>(?:,? (?:and )?(?:then|followed by|after that|after it)(?: comes)?(?: an?| the)? (?:\d|zero|one|two|three|four|five|six"
    r"|seven|eight|nine)\b){1,20})",
    re.IGNORECASE,
)
_SWAPPED = re.compile(
    r"\b(?:swap|swapped|switch|exchange|the other way (?:a)?round|reverse|turn (?:them|it) round|changed places)\b",
    re.IGNORECASE,
)
_UP = frozenset(["longer", "older", "taller", "heavier"]) | frozenset(
    [
        "low",
        "few",
        "little",
        "small",
        "more",
        "higher",
        "larger",
        "bigger",
        "greater",
        "above",
        "later",
        "after",
    ]
)
_ANCHOR = re.compile(r"(?:than\s+)?(?:your|yours|you|that|this|it|what you)\b(?! (?:is|has) )", re.IGNORECASE)
_FACTOR = re.compile(r"\bfactor of\s*\Z", re.IGNORECASE)
_PLACE = re.compile(
    r"\b(?P<place>units?|ones|tens|hundreds|thousands|first|second|third|fourth|fifth|sixth|last|leading"
    r"|final|next)(?:'s)?\s+"
    r"(?:(?:digit|letter|figure|character|place|one)\b(?:\s+(?:of\s+\w+\s*\w*\s*)?)?\s*(?:is|=|:|must be"
    r"|should be|would be|,)?"
    r"\s*(?:an?\s+|the\s+(?:letter|digit)\s+)?|is\s+)"
    r"[\"'`*(]*(?P<what>\d|[A-Za-z]|zero|one|two|three|four|five|six|seven|eight|nine)(?![\w])",
    re.IGNORECASE,
)
_EDGE = re.compile(
    r"\b(?P<edge>starts?|begins?|ends?)\s+(?:with|in|on)\s+(?:an?\s+|the\s+(?:letter"
    r"|digit)\s+)?[\"'`*]*"
    r"(?P<what>zero|one|two|three|four|five|six|seven|eight|nine|\d+|[A-Za-z]{1,3})(?![\w])",
    re.IGNORECASE,
)
_PLACES = {
    name: place
    for place, names in enumerate(("units unit ones", "tens", "hundreds", "thousands"))
    for name in names.split()
}
_NTH = {"first": 0, "leading": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "sixth": 5}
_LONE = re.compile(
    r"\W*(?:it's|its|it is|the next (?:one|digit|letter) is|next|then|and|is|digit|letter|:)*\W*(?P<what>\d"
    r"|[A-Za-z])\W*\Z",
    re.IGNORECASE,
)
_MONTHS = "january february march april may june july august september october november december"
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_ORDERED = (tuple(_MONTHS.split()), tuple(_DAYS.split()))
_ASKED = re.compile(
    r"\b(?:is|are|was|were|does|do|did|can|could|has|have|will)\s+(?P<rest>[^?]{3,160})\?", re.IGNORECASE
)
_WORD = re.compile(r"[A-Za-z]{3,}|\d+")
_STOP = frozenset(
    str.split(
        """
    the and this that there any all its for with are was has have does can number numbers answer yes
    true false following
"""
    )
)


def find_hints(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """Stretches of a plain text that lead to the answer without naming it."""
    yield from _by_elimination(answer, text, known)
    yield from _by_offset(answer, text, known)
    yield from _by_places(answer, text, known)
    yield from _by_predicate(answer, text, known)
    yield from _by_bounds(answer, text)
    yield from _by_filters(answer, text)
    yield from _by_position(answer, text, known)
    yield from _by_neighbour(answer, text, known)


def options(problem: str) -> dict[str, str]:
    """The lettered options of a multiple-choice problem, `{"A": "oxygen", ...}`."""
    found = {m[1]: m[2].strip(" ,;.") for m in _OPTION.finditer(problem)}
    return found if len(found) >= 2 and "A" in found else {}


def _by_elimination(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    if not answer.words or len(answer.words) > 6:
        return
    listed = options(hear(known.problem).text)
    if not listed:
        return
    right = answer.text.strip("() ").upper()
    if right not in listed:
        right = next((k for k, v in listed.items() if v.casefold() == answer.text.casefold()), "")
    if not right:
        return
    others = [letter for letter in listed if letter != right]
    denied: set[str] = set()
    start, end = len(text), 0
    for clause in _CLAUSE.finditer(text):
        if not _NEGATION.search(clause[0]):
            continue
        for letter in others:
            named = re.search(rf"(?<![\w']){letter}(?![\w'])", clause[0]) or (
                len(listed[letter]) > 2
                and re.search(rf"\b{re.escape(listed[letter])}\b", clause[0], re.IGNORECASE)
            )
            if named:
                denied.add(letter)
                start, end = min(start, clause.start()), max(end, clause.end())
    tried = {
        letter
        for letter in others
        for said in known.said
        if re.search(rf"(?<![\w']){letter}(?![\w'])", said) or listed[letter].casefold() in said.casefold()
    }
    if denied - tried and not set(others) - denied - tried:
        yield Mention(start, end, "elimination", sure=True, whole=True)


def _by_offset(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """How far the student's last number is from the answer: `two too high`, `add 3 to that`."""
    if answer.value is None and not answer.words:
        return
    if answer.value is None:
        yield from _by_order(answer, text, known)
        return
    if not known.said:
        return
    given = _last_number(known.said[-1])
    if given is None or given == answer.value:
        return
    for m in (*_OFFSET.finditer(text), *_CHANGE.finditer(text)):
        count = value_in(m["count"].casefold())
        if _FACTOR.search(text, max(0, m.start() - 12), m.start()):
            continue
        if count is None or not count or "step" in text[max(0, m.start() - 20) : m.end() + 6]:
            continue
        groups = m.groupdict()
        if groups.get("verb"):
            up = groups["verb"].casefold() in ("add", "plus")
        else:
            way = m["way"].casefold()
            if (
                way in ("much", "many", "high", "low", "big", "large", "small", "few", "little")
                and not m["too"]
            ):
                continue
            up = way in _UP
            if not m["too"] and not _ANCHOR.match(text[m.end() :].lstrip()):
                continue
        if given + (count if up else -count) == answer.value:
            yield Mention(m.start(), m.end(), "offset", sure=True, whole=True)
    for m in _SHORT.finditer(text):
        count = value_in(m["count"].casefold())
        if (
            count
            and given + (count if m["up"] else -count) == answer.value
            and "factor" not in text[: m.start()][-12:]
        ):
            yield Mention(m.start(), m.end(), "offset", sure=True, whole=True)
    for m in _OWN.finditer(text):
        if m["times"]:
            factor = value_in(m["times"].casefold()) or Fraction(1)
        elif m["verb"]:
            times = {
                "double": Fraction(2),
                "halve": Fraction(1, 2),
                "triple": Fraction(3),
                "quadruple": Fraction(4),
            }
            factor = times[m["verb"].casefold()]
        else:
            by = value_in(m["by"].casefold()) or Fraction(1)
            factor = by if m["verb2"].casefold() == "multiply" else 1 / by
        if given * factor == answer.value:
            yield Mention(m.start(), m.end(), "offset", sure=True, whole=True)
    for m in _TIMES_TOO.finditer(text):
        count = value_in(m["count"].casefold())
        if count:
            small = m["way"].casefold() in ("small", "little", "low")
            if (given * count if small else given / count) == answer.value:
                yield Mention(m.start(), m.end(), "offset", sure=True, whole=True)


def _by_bounds(answer: Answer, text: str) -> Iterator[Mention]:
    """Bounds with one whole number between them."""
    if answer.value is None or answer.value.denominator != 1:
        return
    for m in _BETWEEN.finditer(text):
        bounds = [int(bound) for bound in m.groups() if bound is not None]
        if max(bounds) - min(bounds) == 2 and sum(bounds) == 2 * answer.value:
            yield Mention(m.start(), m.end(), "bounds", sure=True, whole=True)


def _by_neighbour(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """`one more than 71`, `the day after Saturday`, digits one after the other, two numbers to be swapped."""
    for m in _NEXT_TO.finditer(text):
        if m["than"]:
            up = m["more"].casefold() in ("more", "greater", "higher")
            hit = answer.value == int(m["than"]) + (1 if up else -1)
        else:
            up = m["way"].casefold() in ("after", "following")
            what = m["what"].casefold()
            row = next((row for row in _ORDERED if what in row), None)
            if what.isdecimal():
                hit = answer.value == int(what) + (1 if up else -1)
            else:
                hit = (
                    row is not None
                    and row[(row.index(what) + (1 if up else -1)) % len(row)] == answer.text.casefold()
                )
        if hit:
            yield Mention(m.start(), m.end(), "neighbour", sure=True, whole=True)
    if answer.value is not None and answer.value.denominator == 1 and abs(answer.value) > 9:
        target = str(abs(int(answer.value)))
        for m in _SPOKEN_DIGITS.finditer(text):
            if "".join(str(value_in(digit.casefold())) for digit in _DIGIT.findall(m[0])) == target:
                yield Mention(m.start(), m.end(), "digit by digit", sure=True, whole=True)
        for m in _DICTATED.finditer(text):
            digits = [
                m["first"],
                *re.findall(
                    r"\b(?:\d|zero|one|two|three|four|five|six|seven|eight|nine)\b", m["rest"], re.IGNORECASE
                ),
            ]
            values = [value_in(digit.casefold()) for digit in digits]
            if "".join(str(value) for value in values) == target:
                yield Mention(m.start(), m.end(), "digit by digit", sure=True, whole=True)
    if len(answer.parts) == 2 and answer.ordered and known.said and _SWAPPED.search(text):
        said = [n for n in numerals(hear(known.said[-1]).text) if n.form in ("figures", "fraction")]
        said.sort(key=lambda n: n.start)
        if len(said) >= 2 and (said[-1].values[0], said[-2].values[0]) == answer.parts:
            yield Mention(0, len(text), "offset", sure=True, whole=True)


def _by_position(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """`the second option`, `the former`, `month number 10`."""
    if not answer.words:
        return
    listed = options(hear(known.problem).text)
    right = answer.text.strip("()").upper()
    if right not in listed:
        right = next((k for k, v in listed.items() if v.casefold() == answer.text.casefold()), "")
    if right:
        letters = list(listed)
        for m in _WHICH.finditer(text):
            which = m["which"].casefold()
            place = (
                len(letters) - 1 if which == "last" else ("first", "second", "third", "fourth").index(which)
            )
            if place < len(letters) and letters[place] == right and not _NEGATION.search(text):
                yield Mention(m.start(), m.end(), "position", sure=True, whole=True)
    if known.said:
        for pair in _EITHER.finditer(hear(known.said[-1]).text):
            for m in _FORMER.finditer(text):
                former = m["which"].casefold().startswith(("former", "first"))
                said = pair[1 if former else 2].strip("\"'*`.").casefold()
                if (said,) == answer.words and not _NEGATION.search(text):
                    yield Mention(m.start(), m.end(), "position", sure=True, whole=True)
    if answer.words[0] in _ORDERED[0]:
        for m in _MONTH_NUMBER.finditer(text):
            if int(m["n"] or m["m"]) == _ORDERED[0].index(answer.words[0]) + 1:
                yield Mention(m.start(), m.end(), "position", sure=True, whole=True)


def _by_filters(answer: Answer, text: str) -> Iterator[Mention]:
    """Bounds and properties that one whole number has: `between 40 and 44, and divisible by 6`."""
    if answer.value is None or answer.value.denominator != 1:
        return
    for m in _BETWEEN.finditer(text):
        bounds = [int(bound) for bound in m.groups() if bound is not None]
        low, high = min(bounds), max(bounds)
        if not low <= answer.value <= high or high - low > _WIDEST:
            continue
        around = text[max(0, m.start() - 120) : m.end() + 120]
        left = [n for n in range(low, high + 1) if m["low"] or low < n < high]
        kinds = 0
        for found in _DIVISIBLE.finditer(around):
            left, kinds = [n for n in left if n % int(found["by"]) == 0], kinds + 1
        for pattern, holds in _KINDS:
            if pattern.search(around):
                left, kinds = [n for n in left if holds(n)], kinds + 1
        if kinds and left == [answer.value]:
            yield Mention(m.start(), m.end(), "bounds", sure=True, whole=True)


def _prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, int(abs(n) ** 0.5) + 1))


_WIDEST = 60
_DIVISIBLE = re.compile(
    r"\b(?:divisible|divided|divides?|multiple of|multiple|table of)\b[^.!?\d]{0,16}(?P<by>[1-9]\d{0,2})\b",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[re.Pattern[str], Callable[[int], bool]], ...] = (
    (re.compile(r"\beven\b", re.IGNORECASE), lambda n: n % 2 == 0),
    (re.compile(r"\bodd\b", re.IGNORECASE), lambda n: n % 2 == 1),
    (re.compile(r"\bprime\b", re.IGNORECASE), _prime),
    (re.compile(r"\b(?:perfect )?square\b", re.IGNORECASE), lambda n: n >= 0 and int(n**0.5 + 0.5) ** 2 == n),
    (re.compile(r"\b(?:perfect )?cube\b", re.IGNORECASE), lambda n: round(abs(n) ** (1 / 3)) ** 3 == abs(n)),
)


def _last_number(said: str) -> Fraction | None:
    found = [n for n in numerals(hear(said).text) if n.form in ("figures", "fraction", "words")]
    return max(found, key=lambda n: (n.end, -n.start)).values[0] if found else None


def _by_order(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """`One month later than what you said`, `the option right after the one you chose`."""
    row = next((row for row in _ORDERED if answer.text.casefold() in row), None)
    if row is None:
        listed = options(hear(known.problem).text)
        row = (
            tuple(letter.casefold() for letter in listed)
            if answer.text.strip("()").upper() in listed
            else None
        )
    if row is None or not known.said:
        return
    wanted = row.index(answer.text.strip("()").casefold())
    given = [row.index(w) for w in re.findall(r"[a-z]+", known.said[-1].casefold()) if w in row]
    if not given:
        return
    m = re.search(
        r"\b(?:(?P<count>one|two|three|four|five|\d+)\s+\w+\s+)?(?:\w+\s+)?(?P<way>later|earlier|after"
        r"|before|next|previous|following|further|back)\b"
        r"[^.!?\n]{0,24}?\b(?:you|yours?|that)\b",
        text,
        re.IGNORECASE,
    )
    if m:
        count = int(value_in(m["count"].casefold()) or 1) if m["count"] else 1
        sign = 1 if m["way"].casefold() in ("later", "after", "next", "following", "further") else -1
        if (given[-1] + sign * count) % len(row) == wanted:
            yield Mention(m.start(), m.end(), "offset", sure=True, whole=True)


def _by_places(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """Digit by digit or letter by letter, over all that the teacher has said in this dialogue."""
    target = ""
    if answer.value is not None and answer.value.denominator == 1:
        target = str(abs(int(answer.value)))
    elif len(answer.words) == 1:
        target = answer.words[0]
    if len(target) < 2:
        return
    told, latest = _places(target, text)
    if latest is None:
        return
    for earlier in known.taught:
        told |= _places(target, hear(earlier).text)[0]
    heard = "".join(
        m["what"].casefold() for m in map(_lone, [*(hear(t).text for t in known.taught), text]) if m
    )
    enough = len(target) - (1 if len(target) >= 5 and not target.isdecimal() else 0)
    if len(told) >= enough or (len(heard) >= len(target) and target in heard):
        yield Mention(
            latest[0], latest[1], "digit by digit" if target.isdecimal() else "letter by letter", True, True
        )


def _lone(text: str) -> re.Match[str] | None:
    """A reply that is one digit or letter and little else."""
    return _LONE.match(text) if len(text) < 40 else None


def _places(target: str, text: str) -> tuple[set[int], tuple[int, int] | None]:
    """Which places of the target a text tells, and where it does."""
    told: set[int] = set()
    where: tuple[int, int] | None = None
    for m in _PLACE.finditer(text):
        value = value_in(m["what"].casefold()) if len(m["what"]) > 1 else None
        what = str(int(value)) if value is not None else m["what"].casefold()
        name = m["place"].casefold()
        if name in _PLACES:
            place = len(target) - 1 - _PLACES[name]
        elif name in _NTH:
            place = _NTH[name]
        else:
            place = len(target) - 1
        if 0 <= place < len(target) and target[place] == what:
            told.add(place)
            where = (m.start() if where is None else where[0], m.end())
    for m in _EDGE.finditer(text):
        what = m["what"].casefold()
        number = value_in(what) if len(what) > 2 and target.isdecimal() else None
        what = what if number is None else str(number)
        ends = m["edge"].casefold().startswith("end")
        if (target.endswith(what) if ends else target.startswith(what)) and len(what) <= len(target):
            told |= set(range(len(target) - len(what), len(target))) if ends else set(range(len(what)))
            where = (m.start() if where is None else where[0], m.end())
    lone = _lone(text)
    if lone and lone["what"].casefold() in target:
        where = where or lone.span()
    return told, where


_OPPOSITES: dict[str, str] = {}
for _one, _other in (
    str.split(pair)
    for pair in [
        "prime composite",
        "even odd",
        "rational irrational",
        "finite infinite",
        "convergent divergent",
        "converge diverge",
        "possible impossible",
        "positive negative",
        "increasing decreasing",
        "true false",
        "vertebrate invertebrate",
        "parallel perpendicular",
        "equal unequal",
        "larger smaller",
        "greater less",
        "solid liquid",
        "acid base",
        "continuous discontinuous",
        "linear nonlinear",
        "symmetric asymmetric",
    ]
):
    _OPPOSITES[_one], _OPPOSITES[_other] = _other, _one


def _by_predicate(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """For a yes-or-no problem: a sentence that says that it is so, or that it is not."""
    if answer.text.casefold() not in ("yes", "no", "true", "false"):
        return
    said = re.search(
        rf"\b(?:answer|say|write|reply|put|type|choose|pick)\s+(?:with\s+|is\s+|it\s+with\s+|a\s+)?[\"'*`]*{re.escape(answer.text)}\b",
        text,
        re.IGNORECASE,
    )
    if said and not re.search(
        r"\b(?:or|either|whether)\b", text[said.start() : said.end() + 12], re.IGNORECASE
    ):
        yield Mention(said.start(), said.end(), "predicate", sure=True, whole=True)
    judged = re.search(
        r"\b(?:statement|claim|proposition|sentence|assertion)\s+is\s+(?:indeed |clearly )?(true|false)\b",
        text,
        re.IGNORECASE,
    )
    if judged and judged[1].casefold() == answer.text.casefold():
        yield Mention(judged.start(), judged.end(), "predicate", sure=True, whole=True)
    questions = list(_ASKED.finditer(hear(known.problem).text))
    if not questions:
        return
    asked = questions[-1]
    words = [w for w in _WORD.findall(asked["rest"].casefold()) if w not in _STOP]
    if len(words) < 2:
        return
    subject, predicate = words[0], words[-1] if not words[-1].isdecimal() else words[1]
    if predicate == subject:
        return
    positive = answer.text.casefold() in ("yes", "true")
    bare = re.search(
        rf"(?:\A|[,.!?] )(?:no,? |yes,? )?(?:it|{re.escape(subject)}) (?P<verb>is not|isn't|is|does not"
        rf"|doesn't|does)[.! ]*\Z",
        text,
        re.IGNORECASE,
    )
    if bare and ("n" in bare["verb"].casefold().replace("is not", "n't")) != positive:
        yield Mention(bare.start(), bare.end(), "predicate", sure=True, whole=True)
    for clause in _CLAUSE.finditer(text):
        low = clause[0].casefold()
        if (
            low.rstrip().endswith("?")
            or not any(stem in low for stem in (predicate[:4], _OPPOSITES.get(predicate, predicate)))
            or re.search(r"\b(?:if|whether|would|could|suppose|unless)\b", low)
        ):
            continue
        denied = re.search(
            rf"(?:\bnot|n't|\bno|\bnever|keine?|nicht|pas)\b[^.?!]{{0,24}}\b\w*{re.escape(predicate)}"
            rf"|\b(?:keine?|nicht|n'est pas|no es|non e)\b[^.?!]{{0,24}}\b{re.escape(predicate[:4])}",
            low,
        )
        states = re.search(
            rf"\b(?:{re.escape(subject)}|it|this)\s+(?:really |indeed |certainly )?(?:is|are|does|do|can|has"
            rf"|was)\b(?!\s*(?:not|n't))[^.?!]{{0,24}}\b{re.escape(predicate)}",
            low,
        )
        opposite = _OPPOSITES.get(predicate, "")
        if opposite and re.search(rf"\b(?:is|are|'s)\s+(?:[a-z]+ )?{opposite}\b", low) and not positive:
            yield Mention(clause.start(), clause.end(), "predicate", sure=True, whole=True)
            continue
        if not re.search(rf"(?:\b|\(){re.escape(subject)}\b|\bit\b|\bthis\b", low):
            continue
        if re.search(r"(?:isn't|not) (?:true|correct|the case|so) that\b", low) and not positive:
            yield Mention(clause.start(), clause.end(), "predicate", sure=True, whole=True)
            continue
        called = re.search(
            rf"{re.escape(predicate)}\w*\([^)]*\)\W*(?:is|returns|gives|prints|says)?\W*(true|false)", low
        )
        if called and (called[1] == "true") == positive:
            yield Mention(clause.start(), clause.end(), "predicate", sure=True, whole=True)
            continue
        if (denied and not positive) or (states and not denied and positive):
            yield Mention(clause.start(), clause.end(), "predicate", sure=True, whole=True)


def alternative(answer: Answer, problem: str) -> str:
    """The other name of a multiple-choice answer: its text for a letter, its letter for a text; "" without one."""
    listed = options(problem)
    right = answer.text.strip("() ").upper()
    if right in listed:
        return listed[right]
    return next(
        (letter for letter, words in listed.items() if words.casefold() == answer.text.casefold()), ""
    )
