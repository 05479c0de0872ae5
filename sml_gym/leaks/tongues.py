"""Other languages: whole numbers below a thousand, and a few words that answers often are.

Numbers in German, French, Spanish, Italian, Portuguese (below a hundred), Dutch and Chinese; words in
the first three (`words.txt`: English, then German, French, Spanish).

A teacher who answers in another language gives the answer away in it. Words that mean something else
in English (`once`, `six`, `due`) are left out where they stand alone. Other words of other languages
are found only where they are akin to the English ones (`mentions`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from importlib.resources import files

_ENGLISH_TOO = {
    "due",
    "sei",
    "tre",
    "um",
    "sete",
    "nove",
    "een",
    "tien",
    "zero",
    "once",
    "six",
    "seize",
    "cent",
    "elf",
    "un",
    "une",
    "uno",
    "ein",
    "eins",
    "null",
    "acht",
}

_DE = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn"
)
_DE_TENS = "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"
_FR = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf"
)
_FR_TENS = "vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt"
_ES = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco "
    "veintiséis veintisiete veintiocho veintinueve"
)
_ES_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa"
_ES_HUNDREDS = (
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
)

_NO_WORDS_OF_OTHERS = frozenset(
    str.split(
        "rot still or os sol sur est este rosa rose pair par mars mai mayo air fer lent grand alt chat sud"
    )
)


def _german(n: int) -> str:
    units, tens = _DE.split(), _DE_TENS.split()
    if n >= 100:
        head = ("" if n < 200 else units[n // 100]) + "hundert"
        return head + (_german(n % 100) if n % 100 else "")
    if n < 20:
        return units[n]
    unit = "ein" if n % 10 == 1 else units[n % 10]
    return (f"{unit}und" if n % 10 else "") + tens[n // 10 - 2]


def _french(n: int) -> str:
    units, names = _FR.split(), _FR_TENS.split()
    if n >= 100:
        head = "cent" if n < 200 else f"{units[n // 100]} cent" + ("s" if n % 100 == 0 else "")
        return head + (f" {_french(n % 100)}" if n % 100 else "")
    if n < 20:
        return units[n]
    tens, unit = n // 10, n % 10
    if tens in (7, 9):
        unit += 10
    name = names[tens - 2]
    if not unit:
        return name + ("s" if n == 80 else "")
    return f"{name} et {units[unit]}" if unit in (1, 11) and n < 80 else f"{name}-{units[unit]}"


def _spanish(n: int) -> str:
    if n == 100:
        return "cien"
    if n > 100:
        return _ES_HUNDREDS.split()[n // 100 - 1] + (f" {_spanish(n % 100)}" if n % 100 else "")
    units = _ES.split()
    if n < 30:
        return units[n]
    name = _ES_TENS.split()[n // 10 - 3]
    return f"{name} y {units[n % 10]}" if n % 10 else name


_IT = (
    "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici "
    "quindici sedici "
    "diciassette diciotto diciannove"
)
_IT_TENS = "venti trenta quaranta cinquanta sessanta settanta ottanta novanta"
_PT = (
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis "
    "dezessete "
    "dezoito dezenove"
)
_PT_TENS = "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa"
_NL = (
    "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien "
    "achttien negentien"
)
_NL_TENS = "twintig dertig veertig vijftig zestig zeventig tachtig negentig"


def _italian(n: int) -> str:
    if n >= 100:
        return ("" if n < 200 else _IT.split()[n // 100]) + "cento" + (_italian(n % 100) if n % 100 else "")
    if n < 20:
        return _IT.split()[n]
    name, unit = _IT_TENS.split()[n // 10 - 2], n % 10
    return name if not unit else (name[:-1] if unit in (1, 8) else name) + _IT.split()[unit]


def _portuguese(n: int) -> str:
    if n < 20:
        return _PT.split()[n]
    name = _PT_TENS.split()[n // 10 - 2]
    return f"{name} e {_PT.split()[n % 10]}" if n % 10 else name


def _dutch(n: int) -> str:
    if n >= 100:
        return ("" if n < 200 else _NL.split()[n // 100]) + "honderd" + (_dutch(n % 100) if n % 100 else "")
    if n < 20:
        return _NL.split()[n]
    unit, name = _NL.split()[n % 10], _NL_TENS.split()[n // 10 - 2]
    return f"{unit}en{name}" if n % 10 else name


def bare(word: str) -> str:
    """A word without accents, as `plain` would leave it."""
    for accented, letter in zip("üöäéèêëáíóúñâîôçà", "uoaeeeeaiounaioca", strict=True):
        word = word.replace(accented, letter)
    return word.replace("ß", "ss").replace("û", "u").replace("œ", "oe")


@functools.cache
def _numbers() -> dict[tuple[str, ...], int]:
    """Number words, without accents, word by word, and their values."""
    words: dict[tuple[str, ...], int] = {}
    for n in range(1_000):
        said_of_n = [_german(n), _french(n), _spanish(n), _italian(n), _dutch(n)]
        if n < 100:
            said_of_n.append(_portuguese(n))
        elif n < 200:
            said_of_n.append(f"ein{_german(n)}")
        for said in said_of_n:
            plain = bare(said)
            if plain and plain not in _ENGLISH_TOO:
                words.setdefault(tuple(plain.split()), n)
                words.setdefault(tuple(plain.replace("-", " ").split()), n)
    words[("duas",)] = 2
    return words


@functools.cache
def _first_words() -> frozenset[str]:
    return frozenset(words[0] for words in _numbers())


_TOKEN = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
_LONGEST = 6
_MINUS = frozenset({"menos", "moins", "minus", "meno", "min"})
_ONE = frozenset({"uno", "un", "eins", "um", "een"})  # English or articles, but behind a minus
_CHINESE = re.compile("[零一二三四五六七八九十百千两]{1,9}")
_CHINESE_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}


def foreign_numbers(text: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and value of the number words in a plain text."""
    tokens = list(_TOKEN.finditer(text))
    place = 0
    while place < len(tokens):
        if place and tokens[place - 1][0].casefold() in _MINUS and tokens[place][0].casefold() in _ONE:
            yield tokens[place - 1].start(), tokens[place].end(), -1
        if tokens[place][0].casefold() not in _first_words():
            place += 1
            continue
        for end in range(min(place + _LONGEST, len(tokens)), place, -1):
            value = _numbers().get(tuple(token[0].casefold() for token in tokens[place:end]))
            if value is None:
                continue
            start = tokens[place].start()
            before = tokens[place - 1][0].casefold() if place else ""
            if before in _MINUS:
                start, value = tokens[place - 1].start(), -value
            yield start, tokens[end - 1].end(), value
            place = end - 1
            break
        place += 1
    if not text.isascii():
        for m in _CHINESE.finditer(text):
            number = _chinese(m[0])
            if number is not None:
                yield m.start(), m.end(), number


def _chinese(text: str) -> int | None:
    if all(char in _CHINESE_DIGITS for char in text):
        return int("".join(str(_CHINESE_DIGITS[char]) for char in text))
    total, digit = 0, 0
    for char in text:
        if char in _CHINESE_DIGITS:
            digit = _CHINESE_DIGITS[char]
        else:
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[char]
            digit = 0
    return total + digit


@functools.cache
def translations(word: str) -> frozenset[str]:
    """An English word in German, French and Spanish, without accents; empty where it is not known."""
    for line in (files("sml_gym.leaks") / "words.txt").read_text("utf-8").splitlines():
        english, _, others = line.partition(" ")
        if english == word.casefold():
            found = {bare(other) for other in others.split()}
            return frozenset(found - _NO_WORDS_OF_OTHERS - {english})
    return frozenset()
