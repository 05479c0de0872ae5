"""Units of measurement that a task may name: which spellings mean the same one.

Nothing is converted: an answer is in the unit that the task names, or it is not.
"""

from __future__ import annotations

import functools
import re

_SPELLINGS = (
    "mm millimeter millimetre",
    "cm centimeter centimetre",
    "m meter metre",
    "km kilometer kilometre",
    "in inch",
    "ft foot feet",
    "yd yard",
    "mi mile",
    "mg milligram",
    "g gram gramme",
    "kg kilogram kilogramme kilo",
    "lb pound",
    "oz ounce",
    "ml milliliter millilitre",
    "l liter litre",
    "s sec second",
    "min minute",
    "h hr hour",
    "d day",
    "wk week",
    "month",
    "yr year",
    "° deg degree \\circ ^\\circ ^{\\circ}",
    "$ dollar usd \\$ buck",
    "cent ¢",
    "% percent \\%",
)
_CANONICAL = {spelling: line.split()[0] for line in _SPELLINGS for spelling in line.split()}
_TEXT = re.compile(r"\\(?:text|mathrm|textrm|mbox|operatorname)\s*\{([^{}]*)\}")
_POWER = re.compile(r"\^\s*\{?\s*([0-9])\s*\}?|([²³])")
_POWER_WORDS = {"square": "2", "sq": "2", "sq.": "2", "squared": "2", "cubic": "3", "cu": "3", "cubed": "3"}


def is_unit(text: str, unit: str) -> bool:
    """Whether `text` is a spelling of `unit`."""
    return canonical(text) == canonical(unit)


@functools.lru_cache(maxsize=1024)
def canonical(text: str) -> str:
    """One spelling for each unit: `"square centimetres"`, `"cm^2"` and `"cm²"` give `"cm^2"`."""
    text = _TEXT.sub(r" \1 ", text[:80]).replace(" per ", " / ").replace("/", " / ")
    text = _POWER.sub(lambda m: f" ^{m[1] or ('2' if m[2] == '²' else '3')} ", text)
    words: list[str] = []
    pending = ""
    for word in text.split():
        lower = word if word in _CANONICAL else word.casefold().rstrip(".")
        if lower in _POWER_WORDS:
            if words and lower.endswith("ed"):
                words[-1] += f"^{_POWER_WORDS[lower]}"
            else:
                pending = f"^{_POWER_WORDS[lower]}"
        elif re.fullmatch(r"\^[0-9]", lower) and words:
            words[-1] += lower
        else:
            words.append(_singular(lower) + pending)
            pending = ""
    return " ".join(words)


def _singular(word: str) -> str:
    for ending in ("", "s", "es"):
        stem = word.removesuffix(ending) if ending else word
        if stem in _CANONICAL:
            return _CANONICAL[stem]
    # Any other noun that a task counts (`eggs`): a plural in -s is the same unit.
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
