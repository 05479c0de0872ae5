"""A guess that the student has only asked about, and that the feedback says is right.

`Is it 7?` `Yes!` gives the answer away although no one has judged an attempt. So does `The second one`, or
what leaves only it, in reply to `6? Or 7?`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence

from sml_gym.leaks.code import PROGRAM_SECONDS
from sml_gym.leaks.mention import Mention
from sml_gym.leaks.numerals import numerals

_QUESTION = re.compile(r"[^.?!\n]*(?:\.\d[^.?!\n]*)*\?")
_ASKING = re.compile(
    r"(?:\W|\b(?:is|are|was|would|could|can|should|will|so|then|maybe|perhaps|possibly|it|its|it's|this|that|be|the|an?"
    r"|answer|result|value|solution|total|sum|number|final|my|is|just|i|think|guess|get|mean|do|you|in|the|name|called"
    r"|isn't|wasn't|ist|es|das|die|der|antwort|est|ce|c'est|la|el|le|los|é|se[rá]+|then|ok|okay|hmm|like|option)\b)*",
    re.IGNORECASE,
)
_OR = re.compile(r"\s*(?:,\s*or\b|\bor\b|\boder\b|\bou\b|\bo\b(?= )|,\s|;)\s*", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.?!\n]*(?:[.!](?=[\w.!])[^.?!\n]*)*[.?!]?")
_AGREES = re.compile(
    r"\W*(?:(?:oh|well|ah)\W+)?(?:yes|yep|yup|yeah|exactly|correct|indeed|right|bingo|absolutely"
    r"|you(?:'ve)? got it|spot on"
    r"|your (?:guess|idea|answer|hunch) is (?:right|correct|spot on)"
    r"|that(?:'s| is) (?:it|right|correct|exactly right)|it is\b(?! not)|ja\b|genau|stimmt"
    r"|richtig|oui|exact(?:o|ement)?\b|s[ií]\b|correcto|sim\b|isso|certo|да\b|верно|对|是的)(?P<rest>[^.!?\n]*)",
    re.IGNORECASE,
)
_HOLDS_BACK = re.compile(
    r"\b(?:but|almost|not|nearly|close|track|so far|idea|if|method|direction|approach|question|good to|aber"
    r"|mais|pero|mas)\b|n't\b",
    re.IGNORECASE,
)
_EITHER = re.compile(r"\b(?:or|oder|ou|o)\b(?! (?:what|not)\b)", re.IGNORECASE)
_TAG = re.compile(r"\b(?:then|right|maybe|perhaps|please|correct|or what|or not)\b", re.IGNORECASE)
_SO = re.compile(r"\b(?:so|maybe|perhaps|is it|would it be|could it be|answer)\W*\Z", re.IGNORECASE)
_PLACES = ("first", "second", "third", "fourth")
_PICKS = re.compile(
    r"(?<!not )\b(?:the|your|it's) (?:(?P<nth>first|second|third|fourth|last|former|latter)\b"
    r"|(?P<size>smaller|smallest|lower|larger|largest|bigger|biggest|greater|higher)\b)"
    r"(?: (?:one|guess|idea|option|number|value|candidate|suggestion|two|of (?:your|the|these|those|them))\b"
    r"|(?=\s*(?:[^\w\s]|\Z)))"
    r"(?![^.!?\n]*(?:\?|\bnot\b|n't\b|\bwrong\b))",
    re.IGNORECASE,
)
_LEFT = re.compile(
    r"\b(?:one|ones|name|number|word|only|which|that)(?: that| which)?(?: is|'s|'re| are)? (?:left|remains)\b"
    r"|\bleaves (?:you|only|just|one)\b",
    re.IGNORECASE,
)
_MOST_WORDS = 4
_MOST_GUESSES = 12


def by_confirmation(text: str, asked: str, statements: Callable[[str], Iterable[Mention]]) -> list[Mention]:
    """Where a feedback says that a guess in the student's question is right.

    Args:
        text: the feedback, without disguises.
        asked: what the student said, which is no attempt; blank lines between utterances.
        statements: where the domain finds the answer in a text.
    """
    agrees = _AGREES.match(text)
    if agrees is not None and not _HOLDS_BACK.search(agrees["rest"]):
        questions = _QUESTION.findall(asked.rpartition("\n\n")[2])
        single = (
            [piece for piece in _OR.split(questions[-1].rstrip("? ")) if piece.strip()] if questions else []
        )
        if questions and not _EITHER.search(questions[-1]) and _right(single[-1:], statements, alone=True):
            return [Mention(0, agrees.end(), "confirmed", sure=True, whole=True)]
    picks, left = list(_PICKS.finditer(text)), _LEFT.search(text)
    if not picks and not left:
        return []
    groups = _guesses(asked)
    found = []
    for guesses in [*groups, [guess for group in groups for guess in group]]:
        right = _right(guesses, statements) if len(guesses) > 1 else []
        if len(right) != 1:
            continue
        told = [m for m in picks if _place(m, guesses) == right[0]]
        if left and all((place in right) != _is_named(guess, text) for place, guess in enumerate(guesses)):
            told.append(left)
        found += [Mention(m.start(), m.end(), "confirmed", sure=True, whole=True) for m in told]
    return found


def _guesses(asked: str) -> list[list[str]]:
    """What the student wavers between, sentence by sentence: the items of a list, and questions."""
    found: list[list[str]] = []
    for sentence in _SENTENCE.findall(asked):
        first, *more = [piece for piece in _OR.split(sentence.strip(".?! ")) if piece.strip()] or [""]
        more = [piece for piece in more if len(piece.split()) <= _MOST_WORDS]
        if first and (more or sentence.endswith("?")):
            found.append([first, *more])
    return found


def _is_named(guess: str, text: str) -> bool:
    """Whether a text has the last word of a guess."""
    word = re.search(r"\w+\W*\Z", guess)
    return word is not None and re.search(rf"\b{word[0].rstrip()}\b", text, re.IGNORECASE) is not None


def _right(
    guesses: Sequence[str], statements: Callable[[str], Iterable[Mention]], alone: bool = False
) -> list[int]:
    """Which guesses are the answer. Only guesses that are programs which do not end take long."""
    right = []
    until = time.monotonic() + PROGRAM_SECONDS
    for place, guess in enumerate(guesses[:_MOST_GUESSES]):
        if time.monotonic() > until:
            break
        if _guessed(guess, statements(guess), alone):
            right.append(place)
    return right


def _guessed(guess: str, mentions: Iterable[Mention], alone: bool) -> bool:
    """Whether a guess ends with the answer; `alone`: and does not ask, say, if step 2 is meant."""
    return any(
        mention.form != "calculation"  # which the student has yet to carry out
        and not re.search(r"\w", _TAG.sub("", guess[mention.end :]))
        and (not alone or _ASKING.fullmatch(guess[: mention.start]) or _SO.search(guess[: mention.start]))
        for mention in mentions
    )


def _place(picked: re.Match[str], guesses: Sequence[str]) -> int:
    """Which guess is meant, from 0; -1 for none."""
    if picked["size"]:
        sizes = [
            max(numeral.values[0] for numeral in numerals(guess)) for guess in guesses if numerals(guess)
        ]
        if len(guesses) != 2 or len(sizes) != 2:
            return -1
        small = picked["size"].casefold().startswith(("small", "low"))
        return sizes.index(min(sizes) if small else max(sizes))
    word = picked["nth"].casefold()
    if word in ("last", "latter"):
        return len(guesses) - 1
    return 0 if word == "former" else _PLACES.index(word)
