"""How a teacher says what it knows about a wrong guess."""

from __future__ import annotations

from collections.abc import Mapping

from sml_envs.guess.places import COUNTS, ORDINALS
from sml_envs.hidden import phrases
from sml_gym import PhraseBank

_NUMBERS: PhraseBank = {
    "guess.low": ("Your number is too low.", "The hidden number is larger.", "You are too low."),
    "guess.high": ("Your number is too high.", "The hidden number is smaller.", "You are too high."),
    "guess.near_low": (
        "Your number is too low, but near.",
        "You are too low, though near the hidden number.",
        "Near, but too low.",
    ),
    "guess.far_low": (
        "Your number is too low, and not near.",
        "You are too low, and far from near.",
        "Much too low: that is not near.",
    ),
    "guess.near_high": (
        "Your number is too high, but near.",
        "You are too high, though near the hidden number.",
        "Near, but too high.",
    ),
    "guess.far_high": (
        "Your number is too high, and not near.",
        "You are too high, and far from near.",
        "Much too high: that is not near.",
    ),
    "guess.parity_right": (
        "Odd or even, that much is right about your number.",
        "You have it right whether the number is odd or even.",
    ),
    "guess.parity_wrong": (
        "Odd or even, not even that is right about your number.",
        "You have it wrong whether the number is odd or even.",
    ),
    "guess.between": (
        "Next, look above {bound_below} and below {bound_above}.",
        "Go on above {bound_below} and below {bound_above}.",
        "Try something above {bound_below} and below {bound_above}.",
    ),
    "guess.avoid_lower": ("Do not go lower than that.", "Nothing lower will do."),
    "guess.avoid_higher": ("Do not go higher than that.", "Nothing higher will do."),
    "guess.near": ("Your number is near or very near.", "You are at least near."),
    "guess.far": ("Your number is far or very far away.", "You are at least far away."),
    "guess.distance": (
        "Your number and the hidden one are {distance} apart.",
        "Your number is {distance} from the hidden one, as I call it.",
    ),
    "guess.half": (
        "Next, look in the {half} half of the numbers.",
        "Go on in the {half} half of the numbers.",
    ),
    "guess.avoid_half": (
        "Do not look in the {half} half of the numbers.",
        "Stay out of the {half} half of the numbers.",
    ),
}
_PLACES: PhraseBank = {
    "guess.count": (
        "How many are right where they stand: {in_place}.",
        "Right, each in its place: {in_place}.",
    ),
    "guess.counts": (
        "Right where they stand: {in_place}. Right, but elsewhere: {elsewhere}.",
        "In the right place: {in_place}. In a wrong place: {elsewhere}.",
    ),
    "guess.right_places": (
        "What is right: {right_places}.",
        "Of your answer this is right, and nothing else: {right_places}.",
    ),
    "guess.place_right": ("You have the {spot} right.", "The {spot} is right."),
    "guess.place_wrong": ("You have the {spot} wrong.", "The {spot} is wrong."),
    "guess.take": (
        "Next, make the {spot} {symbol}.",
        "Try something whose {spot} is {symbol}.",
    ),
    "guess.change": ("Next, change the {spot}.", "Go on with something else in the {spot}."),
    "guess.avoid": (
        "Do not make the {spot} {symbol} again.",
        "Leave {symbol} alone as the {spot}.",
    ),
}
PHRASES: PhraseBank = {**_NUMBERS, **_PLACES, **phrases.PHRASES}

_PAIRS = (
    ("low", "high"),
    ("near_low", "far_high"),
    ("near_high", "far_low"),
    ("parity_right", "parity_wrong"),
    ("avoid_lower", "avoid_higher"),
    ("near", "far"),
    ("half", "avoid_half"),
    ("place_right", "place_wrong"),
    ("take", "avoid"),
)
OPPOSITES: Mapping[str, str] = {
    **phrases.OPPOSITES,
    **{f"guess.{one}": f"guess.{other}" for one, other in _PAIRS},
    **{f"guess.{other}": f"guess.{one}" for one, other in _PAIRS},
}
"""What noise says instead: surely false where the other is true."""

_SPOTS = (
    *(f"{ordinal} {part}" for ordinal in ORDINALS for part in ("place", "letter")),
    "colour",
    "shape",
    "size",
)
_SPOT, _COUNT = f"(?:{'|'.join(_SPOTS)})", f"(?:{'|'.join(COUNTS)})"
SLOTS: Mapping[str, str] = {
    **phrases.SLOTS,
    "bound_below": "[0-9]{1,3}",
    "bound_above": "[0-9]{1,3}",
    "distance": "(?:very )?(?:near|far)",
    "half": "(?:lower|upper)",
    "in_place": _COUNT,
    "elsewhere": _COUNT,
    "right_places": f"(?:none|{_SPOT}(?:, {_SPOT})*(?: and {_SPOT})?)",
    "spot": _SPOT,
    "symbol": "[A-Za-z]{1,10}",
}
