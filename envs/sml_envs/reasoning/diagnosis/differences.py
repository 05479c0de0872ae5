"""Answers with one right text or value: how a wrong one differs, told by position and never by value."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from sml_envs.reasoning.diagnosis.facts import Facts, ahead, cell, nth, right, what, where
from sml_gym import Fact

_ITEM = re.compile(r"'[^'\n]{0,200}'|\"[^\"\n]{0,200}\"|-?\d{1,40}(?:\.\d{1,40})?")
_FRACTION = re.compile(
    r"\$?\\d?frac\{(-?\d{1,30})\}\{(-?\d{1,30})\}\$?|\$?(-?\d{1,30})\s{0,3}/\s{0,3}(-?\d{1,30})\$?"
)
_FAR = 2


def value_of(text: str) -> Fraction | None:
    """A number in plain notation (`-1,234.5`, `1.2e3`, `3/4`, a LaTeX fraction), None for anything else."""
    text = text.strip().rstrip("°").strip()
    found = _FRACTION.fullmatch(text)
    if found is not None:
        top, bottom = int(found[1] or found[3]), int(found[2] or found[4])
        return Fraction(top, bottom) if bottom else None
    if len(text) > 60:
        return None
    if re.fullmatch(r"-?0x[0-9a-f]{1,50}", text, re.IGNORECASE):
        return Fraction(int(text, 16))
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return Fraction(number) if number.is_finite() and abs(number.adjusted()) < 400 else None


def compare(gold: str, answer: str) -> Facts:
    """The first difference between an answer and the reference, in the units that the latter is made of."""
    wanted = value_of(gold)
    if wanted is not None:
        given = value_of(answer)
        return [] if given is None else compare_numbers(wanted, given)
    if "\n" in gold:
        return compare_rows(rows_of(gold), rows_of(answer))
    if gold.startswith("["):
        if gold.startswith("[["):
            return compare_rows(_items(gold), _items(answer))
        return compare_parts(_ITEM.findall(gold), _ITEM.findall(answer), "item")
    if "," in gold and len(gold.split(",")) > 2:
        return compare_parts(_trimmed(gold.split(",")), _trimmed(answer.split(",")), "item")
    if len(gold.split()) > 1:
        return compare_parts(gold.split(), answer.split(), "word")
    return compare_parts(list(gold), list(answer.strip()), "character")


def compare_numbers(wanted: Fraction, given: Fraction) -> Facts:
    """Sign, one too many or too few, and which way."""
    facts: Facts = []
    if given == wanted:
        return [what("number.form")]
    if wanted and given == -wanted:
        return [what("number.sign")]
    if wanted.denominator == 1 and abs(given - wanted) == 1 and abs(wanted) > _FAR:
        return [what("number.off_by_one")]
    if wanted < 0 and given < 0:
        facts.append(right("number.sign_right"))
    facts.append(what("number.low") if given < wanted else what("number.high"))
    return facts


def compare_rows(wanted: list[list[str]], given: list[list[str]]) -> Facts:
    """Rows and columns first, then the first wrong cell."""
    shape = compare_shapes(wanted, given)
    if shape:
        return shape
    wrong = [
        (row, column)
        for row, (one, other) in enumerate(zip(wanted, given, strict=True))
        for column, (value, said) in enumerate(zip(one, other, strict=True))
        if value != said
    ]
    if not wrong:
        return [what("text.form")]
    row, column = wrong[0]
    facts: Facts = [where("place.wrong", place=cell(row, column)), _many(len(wrong), "cell")]
    if row:
        facts.append(right("right.until", place=f"row {row}"))
    facts.append(ahead("next.place", place=cell(row, column)))
    return facts


def compare_shapes(wanted: list[list[str]], given: list[list[str]]) -> Facts:
    """What is wrong with the numbers of rows and columns; empty if nothing is."""
    if len(given) != len(wanted):
        return [where("grid.rows"), what("grid.rows_more" if len(given) < len(wanted) else "grid.rows_less")]
    for row, (one, other) in enumerate(zip(wanted, given, strict=True)):
        if len(one) != len(other):
            kind = "grid.row_short" if len(other) < len(one) else "grid.row_long"
            return [where("place.wrong", place=f"row {row + 1}"), what(kind, place=f"row {row + 1}")]
    return []


def compare_parts(wanted: list[str], given: list[str], thing: str) -> Facts:
    """The first wrong item, word or character, and whether there are too many or too few."""
    if wanted == given:
        return [what("text.form")]
    first = next(
        (n for n, (one, other) in enumerate(zip(wanted, given, strict=False)) if one != other),
        min(len(wanted), len(given)),
    )
    facts: Facts = [where("place.wrong", place=nth(first, thing))]
    if len(given) != len(wanted):
        facts.append(what("text.short" if len(given) < len(wanted) else "text.long", thing=f"{thing}s"))
    elif sorted(given) == sorted(wanted):
        facts.append(what("text.order", place=nth(first, thing), thing=f"{thing}s"))
    else:
        facts.append(_many(sum(one != other for one, other in zip(wanted, given, strict=True)), thing))
    if first:
        facts.append(right("right.until", place=nth(first - 1, thing)))
    facts.append(ahead("next.place", place=nth(first, thing)))
    return facts


def rows_of(text: str) -> list[list[str]]:
    """The words of each line that has some."""
    return [line.split() for line in text.splitlines() if line.strip()]


def _items(text: str) -> list[list[str]]:
    """The items of each inner list of a list of lists."""
    return [items for row in text.split("]") if (items := _ITEM.findall(row))]


def _many(count: int, thing: str) -> Fact:
    if count == 1:
        return what("wrong.one", thing=thing)
    return what("wrong.few" if count <= 3 else "wrong.many", thing=f"{thing}s")


def _trimmed(parts: list[str]) -> list[str]:
    return [part.strip() for part in parts]
