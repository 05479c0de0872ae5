"""How a teacher says what it knows about a wrong rule."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sml_envs.hidden import phrases
from sml_envs.rule import arithmetic, predicates, sequences
from sml_gym import PhraseBank

PHRASES: PhraseBank = {
    "rule.low": ("Your number is too low.", "The right number is larger.", "You are too low."),
    "rule.high": ("Your number is too high.", "The right number is smaller.", "You are too high."),
    "rule.place": (
        "The first place where you are wrong is the {nth}.",
        "Up to the {nth} place all is well; there it goes wrong.",
        "Look at the {nth} place: it is the first wrong one.",
    ),
    "rule.wide": (
        "Your condition is met by lists that do not meet mine.",
        "Your condition lets in lists that mine does not.",
    ),
    "rule.narrow": (
        "Your condition is met only by lists that meet mine, but leaves others out.",
        "Your condition lets in nothing wrong, but leaves out lists that meet mine.",
    ),
    "rule.outside": (
        "None of the possible rules gives that.",
        "No rule of those in question leads to that.",
    ),
    "rule.fits": (
        "Your answer is that of a rule which fits the example.",
        "One of the possible rules gives that, so you have read the example well.",
    ),
    "rule.misfits": (
        "Your answer is that of a rule which does not fit the example.",
        "The rule that gives that goes against the example.",
    ),
    "rule.example": (
        "With the hidden rule {shown_input} gives {shown_output}.",
        "By the same rule {shown_input} becomes {shown_output}.",
        "Here is another example: {shown_input} gives {shown_output}.",
    ),
    "rule.meets": (
        "{shown_input} meets my condition, but not yours.",
        "Mine is met by {shown_input}, yours is not.",
    ),
    "rule.fails": (
        "{shown_input} meets your condition, but not mine.",
        "Yours is met by {shown_input}, mine is not.",
    ),
    "rule.kind": (
        "Next, try a rule that {sort_of_rule}.",
        "Look for a rule that {sort_of_rule}.",
    ),
    "rule.about": (
        "Next, try a condition on {sort_of_rule}.",
        "Look for a condition on {sort_of_rule}.",
    ),
    "rule.avoid": (
        "Leave this one alone: {named_rule}.",
        "It is not this one: {named_rule}.",
    ),
    **phrases.PHRASES,
}
_PAIRS = (
    ("low", "high"),
    ("wide", "narrow"),
    ("fits", "misfits"),
    ("meets", "fails"),
)
OPPOSITES: Mapping[str, str] = {
    **phrases.OPPOSITES,
    **{f"rule.{one}": f"rule.{other}" for one, other in _PAIRS},
    **{f"rule.{other}": f"rule.{one}" for one, other in _PAIRS},
    "rule.outside": "rule.fits",
}
"""What noise says instead: surely false where the other is true."""

_KINDS = sorted(
    {
        *(form.kind for form in (*arithmetic.TWO, *arithmetic.ONE)),
        *(rule.kind for rule in (*sequences.REARRANGEMENTS, *predicates.CONDITIONS)),
        *(shift.kind for shift in sequences.SHIFTS),
    }
)
SLOTS: Mapping[str, str] = {
    **phrases.SLOTS,
    "nth": f"(?:{'|'.join(sequences.ORDINALS)})",
    "shown_input": r"(?:\[[0-9, ]{1,40}\]|[0-9]{1,4}(?: \? [0-9]{1,4})?|[a-z]{1,12})",
    "shown_output": r"(?:\[[0-9, ]{1,40}\]|-?[0-9]{1,6}|[a-z]{1,12})",
    "sort_of_rule": f"(?:{'|'.join(map(re.escape, _KINDS))})",
    "named_rule": r"[^.;:!?\n]{1,160}",
}
