"""Whole numbers from 0 to 99 as German, French and Spanish say them.

A teacher who answers in another language gives the answer away in it. Words that mean something else
in English (`once`, `six`, `seize`) are left out where they stand alone.
"""

from __future__ import annotations

import functools
import re

_ENGLISH_TOO = {"once", "six", "seize", "dos a", "cent", "elf", "un", "une", "uno", "ein", "eins", "null"}

_DE = str.split(
    """
    null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn
    sechzehn siebzehn achtzehn neunzehn
"""
)
_DE_TENS = ["zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"]
_FR = str.split(
    """
    zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize
    dix-sept dix-huit dix-neuf
"""
)
_FR_TENS = [
    "vingt",
    "trente",
    "quarante",
    "cinquante",
    "soixante",
    "soixante",
    "quatre-vingt",
    "quatre-vingt",
]
_ES = str.split(
    """
    cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince
    dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro
    veinticinco veintiséis veintisiete veintiocho veintinueve
"""
)
_ES_TENS = ["treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"]


def _german(n: int) -> str:
    if n < 20:
        return _DE[n]
    unit = "ein" if n % 10 == 1 else _DE[n % 10]
    return (f"{unit}und" if n % 10 else "") + _DE_TENS[n // 10 - 2]


def _french(n: int) -> str:
    if n < 20:
        return _FR[n]
    tens, unit = n // 10, n % 10
    if tens in (7, 9):
        unit += 10
    name = _FR_TENS[tens - 2]
    if not unit:
        return name + ("s" if n == 80 else "")
    return f"{name} et {_FR[unit]}" if unit in (1, 11) and n < 80 else f"{name}-{_FR[unit]}"


def _spanish(n: int) -> str:
    if n < 30:
        return _ES[n]
    name = _ES_TENS[n // 10 - 3]
    return f"{name} y {_ES[n % 10]}" if n % 10 else name


def _unaccented(word: str) -> str:
    for accented, bare in zip("üöéèáíóú", "uoeeaiou", strict=True):
        word = word.replace(accented, bare)
    return word.replace("ß", "ss")


@functools.cache
def foreign_words() -> dict[str, int]:
    """Number words, without accents, and their values."""
    words: dict[str, int] = {}
    for n in range(100):
        for word in (_german(n), _french(n), _spanish(n)):
            bare = _unaccented(word)
            if bare not in _ENGLISH_TOO:
                words.setdefault(bare, n)
                words.setdefault(bare.replace("-", " "), n)
    return words


@functools.cache
def foreign_pattern() -> re.Pattern[str]:
    """Finds one of these words, the longest first."""
    known = sorted(foreign_words(), key=len, reverse=True)
    return re.compile(
        rf"(?<![\w-])(?P<minus>menos |moins |minus )?(?P<word>{'|'.join(known)})(?![\w-])", re.IGNORECASE
    )
