"""A text without its disguises: one spelling for each character, and the way back to where it stood.

Width forms, mathematical and circled letters, digits of every script, accents, zero-width marks,
letters of other alphabets that look like Latin ones, and typographic dashes and quotes all become
plain ASCII where there is one. Every character of the plain text knows its place in the original, so
that what is found in one can be taken out of the other.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_LOOK_ALIKES = {
    **dict(zip("аАВеЕкКМНоОрРсСТуУхХіІјЈѕЅԁһ", "aABeEkKMHoOpPcCTyYxXiIjJsSdh", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοινκ", "ABEZHIKMNOPTYXoivk", strict=True)),
    **dict(zip("ıɑɡ", "iag", strict=True)),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    **dict.fromkeys("‘’‚‛′", "'"),
    **dict.fromkeys("“”„‟″", '"'),
    **dict.fromkeys("×∙⋅·", "*"),
    **dict.fromkeys("÷⁄∕", "/"),
    "…": "...",
    **dict(zip("ßœæøłđ", ["ss", "oe", "ae", "o", "l", "d"], strict=True)),
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)),
    **{chr(first + i): chr(65 + i) for first in (0x1F150, 0x1F170, 0x1F1E6) for i in range(26)},
}
_SUPERSCRIPTS = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ")

_SMALL_FRACTION = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,6}[⁄/][₀₁₂₃₄₅₆₇₈₉]{1,6}")
_SMALL_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉⁄", "01234567890123456789/")


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain text and where each of its characters stood.

    Attributes:
        text: the plain text, capitals kept.
        origin: for each character the position of its original; None where the two texts are the same.
        length: of the original.
    """

    text: str
    origin: tuple[int, ...] | None
    length: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original behind a stretch of the plain text."""
        if self.origin is None:
            return start, end
        if start >= end:
            return (0, 0) if not self.origin else (self.origin[min(start, len(self.origin) - 1)],) * 2
        after = self.origin[end] if end < len(self.origin) else self.length
        return self.origin[start], max(after, self.origin[end - 1] + 1)


def plain(text: str) -> Plain:
    """The text without its disguises."""
    if text.isascii():
        return Plain(text, None, len(text))
    made: list[str] = []
    origin: list[int] = []
    text = _SMALL_FRACTION.sub(lambda m: m[0].translate(_SMALL_DIGITS), text)
    for position, char in enumerate(text):
        shown = char if char.isascii() else _shown(char, made[-1] if made else "")
        made.append(shown)
        origin += [position] * len(shown)
    return Plain("".join(made), tuple(origin), len(text))


def _shown(char: str, before: str) -> str:
    """What a reader sees in a character, in ASCII where possible; "" for what is not seen."""
    if char in _LOOK_ALIKES:
        return _LOOK_ALIKES[char]
    if char in _SUPERSCRIPTS:
        if not before.strip():  # nothing stands there that could have an exponent
            return unicodedata.normalize("NFKC", char).replace("−", "-")
        return ("" if before.startswith("^") else "^") + unicodedata.normalize("NFKC", char).replace("−", "-")
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    category = unicodedata.category(char)
    if category in ("Cf", "Mn", "Me"):
        return ""
    if category in ("Zs", "Zl", "Zp"):
        return "\n" if category != "Zs" else " "
    if unicodedata.decomposition(char).startswith("<fraction>"):
        return (" " if before.isdigit() else "") + unicodedata.normalize("NFKC", char).replace("⁄", "/")
    parts = unicodedata.normalize("NFKD", char)
    return "".join(
        _LOOK_ALIKES.get(part, part) for part in parts if unicodedata.category(part) not in ("Mn", "Me")
    )


def squeezed(text: str) -> str:
    """Letters and digits only, in small letters."""
    return "".join([char for char in text.casefold() if char.isalnum()])
