"""What the teacher can say about mathematics: phrasings by fact kind."""

from __future__ import annotations

from sml_gym import PhraseBank

PHRASES: PhraseBank = {
    "math.digit.wrong": ("The {place} digit is wrong.", "Check the {place} digit."),
    "math.digit.low": ("The {place} digit is too low.", "The {place} digit should be higher."),
    "math.digit.high": ("The {place} digit is too high.", "The {place} digit should be lower."),
}
