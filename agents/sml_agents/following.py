"""A scripted student that follows feedback on digits some of the time.

It reads the same words as any student. The embedded student is pretrained on its
dialogues; at a follow rate of 1 it is a yardstick for what the feedback is worth.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sml_gym import Dialogue, Reply
from sml_gym.seeding import stable_hash

_WIDTH = 3
_PLACES = {"units": 0, "tens": 1, "hundreds": 2}
_NAMED = re.compile(
    r"\b(units|tens|hundreds) digit(?: (?:is (right|correct)|(?:is too|should be) (low|high)(er)?))?"
)
_ANSWER = re.compile(rf"(\d{{{_WIDTH}}})\D*$")
_DIGITS = frozenset(range(10))

_FORMATS = (
    "Final answer: {}",
    "\\boxed{{{}}}",
    "The answer is \\boxed{{{}}}.",
    "I try again. Final answer: {}",
)
_FORMAT_WEIGHTS = (90, 4, 3, 3)
_QUESTIONS = (
    "Can you give me a hint?",
    "What should I do next?",
    "Which digit is wrong?",
    "Is my last step right?",
)
_REMARKS = ("I am not sure yet.", "Let me think about the digits.", "I see. I will change that.")


@lru_cache(maxsize=4096)
def named_digits(feedback: str) -> dict[int, str]:
    """What feedback says of each digit it names: place (0 is units) -> "right", "low", "high" or "wrong"."""
    said = {}
    for place, right, word, should_be in _NAMED.findall(feedback):
        if should_be:  # "should be higher" says that it is too low
            word = "low" if word == "high" else "high"
        said[_PLACES[place]] = "right" if right else word or "wrong"
    return said


def allowed_digits(dialogue: Dialogue) -> list[frozenset[int]]:
    """For each place (units first), the digits that agree with all feedback so far.

    Feedback that names some digits says of the others that they are right. Where
    feedback contradicts itself nothing is ruled out.
    """
    allowed = [_DIGITS] * _WIDTH
    said = dialogue.utterances
    for attempt, reply in zip(said[1::2], said[2::2], strict=False):
        found = _ANSWER.search(attempt.text)
        named = named_digits(reply.text)
        if found is None or not named:
            continue
        for place in range(_WIDTH):
            digit = int(found[1][_WIDTH - 1 - place])
            match named.get(place):
                case None | "right":
                    left = allowed[place] & {digit}
                case "low":
                    left = frozenset(d for d in allowed[place] if d > digit)
                case "high":
                    left = frozenset(d for d in allowed[place] if d < digit)
                case _:
                    left = allowed[place] - {digit}
            allowed[place] = left or _DIGITS
    return allowed


@dataclass(frozen=True, slots=True)
class FollowingStudent:
    """Guesses three digits and follows the teacher's words on each of them some of the time.

    For each digit of an attempt, with probability `follow`, it takes the middle of the digits
    that agree with all feedback so far (any of them, while nothing is known), and otherwise
    draws from all ten. The same dialogue and seed give the same words.

    Args:
        follow: probability, for each digit, of keeping to the feedback.
        talk: share of turns in which it asks or remarks instead of answering.
        seed: of its choices.
    """

    follow: float = 1.0
    talk: float = 0.0
    seed: int = 0
    name: str = "following"

    def reply(self, dialogues: Sequence[Dialogue]) -> list[Reply]:
        """One utterance for each dialogue."""
        return [Reply(self._say(dialogue)) for dialogue in dialogues]

    def _say(self, dialogue: Dialogue) -> str:
        rng = random.Random(stable_hash(self.seed, *(said.text for said in dialogue)))
        if rng.random() < self.talk:
            return rng.choice(_QUESTIONS) if rng.random() < 0.75 else rng.choice(_REMARKS)
        digits = "".join(str(self._digit(left, rng)) for left in reversed(allowed_digits(dialogue)))
        return rng.choices(_FORMATS, _FORMAT_WEIGHTS)[0].format(digits)

    def _digit(self, left: frozenset[int], rng: random.Random) -> int:
        if left == _DIGITS or rng.random() >= self.follow:
            return rng.randrange(10)
        # An even number of digits has two in the middle.
        return sorted(left)[(len(left) - rng.randrange(2)) // 2]
