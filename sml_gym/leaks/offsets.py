"""Leaks by how far the student is from the answer, or the answer from something named: `two too high`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from sml_gym.leaks.answer import Answer
from sml_gym.leaks.choices import ORDERED, options
from sml_gym.leaks.known import Known, hear
from sml_gym.leaks.mention import Mention
from sml_gym.leaks.numerals import numerals, value_in

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
    r"|lower|larger|smaller|bigger|greater|above|below|later|earlier|after|before|longer|shorter|older"
    r"|younger|taller|heavier"
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
_SHORT = re.compile(
    rf"\b{_COUNT}\s+(?:(?P<unit>[a-z]+)\s+)?(?:(?P<up>short|missing|(?:is|are) (?:still )?missing)"
    rf"|over)\b(?! (?:of|the|a)\b)",
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
    r"|(?:day|month|letter|number|one|year|integer) (?:that comes |which comes |right |just |directly "
    r"|immediately |coming )?"
    r"(?P<way>after|before|following|preceding) (?P<what>\d{1,12}|[A-Za-z]{3,9}))\b",
    re.IGNORECASE,
)
_SWAPPED = re.compile(
    r"\b(?:swap|swapped|switch|exchange|the other way (?:a)?round|reverse|turn (?:them|it) round"
    r"|changed places)\b",
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
_FACTOR = re.compile(r"\b(?:of|by)\s*\Z", re.IGNORECASE)


def by_offset(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
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
            later = way in ("later", "earlier") and not re.match(r"\s*(?:than )?\w", text[m.end() :])
            if not m["too"] and not later and not _ANCHOR.match(text[m.end() :].lstrip()):
                continue
        if given + (count if up else -count) == answer.value:
            yield Mention(m.start(), m.end(), "offset", sure=True, whole=True)
    for m in _SHORT.finditer(text):
        count = value_in(m["count"].casefold())
        if (
            count
            and given + (count if m["up"] else -count) == answer.value
            and not _FACTOR.search(text, max(0, m.start() - 12), m.start())
        ):
            yield Mention(m.start(), m.end(), "offset", sure=True, whole=True)
    for m in _TOO_BY.finditer(text):
        count = value_in(m["count"].casefold())
        up = (m["way"] or "").casefold() in ("low", "small", "little", "few")
        if m["more"]:
            up = m["more"].casefold() in ("higher", "larger", "bigger", "more")
        if count and given + (count if up else -count) == answer.value:
            yield Mention(m.start(), m.end(), "offset", sure=True, whole=True)
    for m in _SHARE.finditer(text):
        if given * _SHARES[m["part"].casefold()] == answer.value:
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


_SIGN_LOST = re.compile(
    r"\b(?:flip|lost|lose|forgot|forgotten|dropped|missed|reverse|negate)\b[^.!?\n]{0,30}\b(?:sign|signs"
    r"|minus|it)\b"
    r"|\bboth (?:the )?signs\b|\bopposite sign|\bminus (?:sign )?in front\b|\bthe negative of (?:that"
    r"|yours|your)\b",
    re.IGNORECASE,
)
_TOO_BY = re.compile(
    rf"\b(?:too (?P<way>high|low|large|big|small|much|many|little|few)|(?P<more>higher|lower|larger"
    rf"|smaller|bigger|more|less))\b by (?:exactly |just )?{_COUNT}\b",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"\b(?P<part>half|twice|double|three times|a third of|a quarter of|a tenth of)(?: of)? (?:what you "
    r"(?:have|got|said|wrote)|yours"
    r"|your (?:answer|number|result|value))",
    re.IGNORECASE,
)
_SHARES = {"half": Fraction(1, 2), "twice": Fraction(2), "double": Fraction(2), "three times": Fraction(3)}
_SHARES |= {"a third of": Fraction(1, 3), "a quarter of": Fraction(1, 4), "a tenth of": Fraction(1, 10)}


def by_sign(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """Only signs are wrong, and the text says so: `you lost the minus`, `flip both signs`."""
    lost = _SIGN_LOST.search(text)
    if lost is None or not known.said:
        return
    said = [n for n in numerals(hear(known.said[-1]).text) if n.form in ("figures", "fraction")]
    said.sort(key=lambda n: (n.end, -n.start))
    wanted = answer.parts or (() if answer.value is None else (answer.value,))
    given = tuple(numeral.values[0] for numeral in said)[-len(wanted) :] if wanted else ()
    if given and sorted(-value for value in given) == sorted(wanted):
        yield Mention(lost.start(), lost.end(), "offset", sure=True, whole=True)


def by_neighbour(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """`one more than 71`, `the day after Saturday`, and two numbers that are to be swapped."""
    for m in _NEXT_TO.finditer(text):
        if m["than"]:
            up = m["more"].casefold() in ("more", "greater", "higher")
            hit = answer.value == int(m["than"]) + (1 if up else -1)
        else:
            up = m["way"].casefold() in ("after", "following")
            what = m["what"].casefold()
            row = next((row for row in ORDERED if what in row), None)
            if what.isdecimal():
                hit = answer.value == int(what) + (1 if up else -1)
            else:
                hit = (
                    row is not None
                    and row[(row.index(what) + (1 if up else -1)) % len(row)] == answer.text.casefold()
                )
        if hit:
            yield Mention(m.start(), m.end(), "neighbour", sure=True, whole=True)
    if len(answer.parts) == 2 and answer.ordered and known.said and _SWAPPED.search(text):
        said = [n for n in numerals(hear(known.said[-1]).text) if n.form in ("figures", "fraction")]
        said.sort(key=lambda n: n.start)
        if len(said) >= 2 and (said[-1].values[0], said[-2].values[0]) == answer.parts:
            yield Mention(0, len(text), "offset", sure=True, whole=True)


def _last_number(said: str) -> Fraction | None:
    found = [n for n in numerals(hear(said).text) if n.form in ("figures", "fraction", "words")]
    return max(found, key=lambda n: (n.end, -n.start)).values[0] if found else None


def _by_order(answer: Answer, text: str, known: Known) -> Iterator[Mention]:
    """`One month later than what you said`, `the option right after the one you chose`."""
    row = next((row for row in ORDERED if answer.text.casefold() in row), None)
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
