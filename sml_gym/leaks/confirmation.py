"""A guess that the student has only asked about, and that the feedback says is right.

`Is it 7?` `Yes!` gives the answer away although no one has judged an attempt; so does `The second one` in
reply to `Is it 6 or 7?`. Only guesses that end a question are covered, and only a reply that begins by
agreeing, or that picks the guess by its place.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence

from sml_gym.leaks.code import PROGRAM_SECONDS
from sml_gym.leaks.mention import Mention

_QUESTION = re.compile(r"[^.?!\n]*(?:\.\d[^.?!\n]*)*\?")
_ASKING = re.compile(
    r"(?:\W|\b(?:is|are|was|would|could|can|should|will|so|then|maybe|perhaps|possibly|it|its|it's|this|that|be|the|an?"
    r"|answer|result|value|solution|total|sum|number|final|my|is|just|i|think|guess|get|mean|do|you|in|the|name|called"
    r"|isn't|wasn't|ist|es|das|die|der|antwort|est|ce|c'est|la|el|le|los|é|se[rá]+|then|ok|okay|hmm|like|option)\b)*",
    re.IGNORECASE,
)
_OR = re.compile(r"\s*(?:,\s*or\b|\bor\b|\boder\b|\bou\b|\bo\b(?= )|,|;)\s*", re.IGNORECASE)
_AGREES = re.compile(
    r"\W*(?:(?:oh|well|ah)\W+)?(?:yes|yep|yup|yeah|exactly|correct|indeed|right|bingo|absolutely"
    r"|you(?:'ve)? got it|that(?:'s| is) (?:it|right|correct|exactly right)|it is\b(?! not)|ja\b|genau|stimmt"
    r"|richtig|oui|exact(?:o|ement)?\b|s[ií]\b|correcto|sim\b|isso|certo|да\b|верно|对|是的)(?P<rest>[^.!?\n]*)",
    re.IGNORECASE,
)
_HOLDS_BACK = re.compile(
    r"\b(?:but|almost|not|nearly|close|track|so far|idea|if|method|direction|approach|question|good to|aber"
    r"|mais|pero|mas)\b|n't\b",
    re.IGNORECASE,
)
_PLACES = ("first", "second", "third", "fourth")
_PICKS = re.compile(
    r"(?<!not )\b(?:the|your|it's) (?:(?P<nth>first|second|third|fourth|last) (?:one\b|guess|idea|option"
    r"|number|value|candidate|of (?:your|the|these|those|them)\b)|(?P<pair>former|latter)\b)"
    r"(?! (?:is|isn't|was) (?:not|wrong))",
    re.IGNORECASE,
)


def by_confirmation(text: str, asked: str, statements: Callable[[str], Iterable[Mention]]) -> list[Mention]:
    """Where a feedback says that a guess in the student's question is right.

    Args:
        text: the feedback, without disguises.
        asked: what the student said, which is no attempt.
        statements: where the domain finds the answer in a text.
    """
    questions = _QUESTION.findall(asked)
    agrees, picks = _AGREES.match(text), list(_PICKS.finditer(text))
    if not questions or not (agrees or picks):
        return []
    guesses = [piece for piece in _OR.split(questions[-1].rstrip("? ")) if piece.strip()]
    right = _right(guesses, statements)
    if len(right) != 1:
        return []
    if len(guesses) == 1:
        if agrees is None or _HOLDS_BACK.search(agrees["rest"]):
            return []
        return [Mention(0, agrees.end(), "confirmed", sure=True, whole=True)]
    return [
        Mention(m.start(), m.end(), "confirmed", sure=True, whole=True)
        for m in picks
        if _place(m, len(guesses)) == right[0]
    ]


def _right(guesses: Sequence[str], statements: Callable[[str], Iterable[Mention]]) -> list[int]:
    """Which guesses are the answer. Only guesses that are programs which do not end take long."""
    right = []
    until = time.monotonic() + PROGRAM_SECONDS
    for place, guess in enumerate(guesses):
        if time.monotonic() > until:
            break
        if _guessed(guess, statements(guess)):
            right.append(place)
    return right


def _guessed(guess: str, mentions: Iterable[Mention]) -> bool:
    """Whether a question asks if the answer is it, and not, say, if step 2 is meant."""
    return any(
        mention.form != "calculation"  # which the student has yet to carry out
        and _ASKING.fullmatch(guess[: mention.start])
        and not re.search(r"\w", guess[mention.end :])
        for mention in mentions
    )


def _place(picked: re.Match[str], guesses: int) -> int:
    """Which guess is meant, from 0."""
    word = (picked["nth"] or picked["pair"]).casefold()
    if word in ("last", "latter"):
        return guesses - 1
    return 0 if word == "former" else _PLACES.index(word)
