"""What the student knows already: the problem, and what was said. Repeating it gives nothing away."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sml_gym.leaks.numerals import numerals
from sml_gym.leaks.plain import plain

MAX_CHARS = 8_000
"""Of each utterance so much is read, from its end."""

_BLANKS = re.compile(r"(?<!\w) | (?!\w)")
_WORD = re.compile(r"[^\W_]+")
_ASKED = re.compile(r"\b(?:how many|how much|number of|in)((?: \w+){1,3})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heard:
    """One public text, read once.

    Attributes:
        text: it, without disguises.
        values: of its numbers.
        sizes: the same without their signs.
        words: its words in small letters.
        tight: it without blanks but between two words or numbers.
    """

    text: str
    values: frozenset[Fraction]
    sizes: frozenset[Fraction]
    words: frozenset[str]
    tight: str


def tighten(text: str) -> str:
    """A text without the blanks that make no difference in a formula."""
    return _BLANKS.sub("", " ".join(text.replace("√", "sqrt").replace("\\sqrt", "sqrt").split()))


@functools.lru_cache(maxsize=2048)
def hear(text: str) -> Heard:
    """A public text, read."""
    bare = plain(text[-MAX_CHARS:]).text
    # Hours and minutes are known as they are written, and not what they come to.
    written = [numeral for numeral in numerals(bare) if numeral.form != "time"]
    values = frozenset(value for numeral in written for value in numeral.values)
    return Heard(
        bare,
        values,
        frozenset(map(abs, values)),
        frozenset(word.casefold() for word in _WORD.findall(bare)),
        tighten(bare),
    )


@functools.lru_cache(maxsize=512)
def _question(problem: str) -> frozenset[str]:
    sentences = [s for s in re.split(r"(?<=[.?!])\s+", problem) if len(s) > 8]
    asking = [s for s in sentences if s.endswith("?")] or sentences
    words = _WORD.findall(asking[-1].casefold()) if asking else []
    return frozenset(word for word in words if len(word) > 3 and word not in _QUIET)


_QUIET = frozenset(
    str.split(
        """
    what which when where does have with from that this there many much give find write answer number
    value form will than then they them total equation step line
"""
    )
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the student knows.

    Attributes:
        problem: as it was posed.
        said: the student's own utterances, the newest last.
        taught: the teacher's earlier feedback, which the student has heard.
    """

    problem: str
    said: tuple[str, ...] = ()
    taught: tuple[str, ...] = ()

    def texts(self) -> Sequence[Heard]:
        """The problem and what the student has said."""
        return [hear(self.problem), *map(hear, self.said)]

    def has_size(self, value: Fraction) -> bool:
        """Whether a number of this size stands in the problem or was said by the student."""
        return any(abs(value) in heard.sizes for heard in self.texts())

    def has_text(self, tight: str) -> bool:
        """Whether a stretch that went through `tighten` stands there, capitals aside."""
        edge = r"(?<![\w^.])" if tight[:1].isalnum() else ""
        stands = re.compile(rf"{edge}{re.escape(tight)}(?![\w^(]|[.*/+-]\d|[*/+-]\w)", re.IGNORECASE)
        return any(stands.search(heard.tight) for heard in self.texts())

    def is_posed(self, value: Fraction) -> bool:
        """Whether the problem gives this number and no calculation: it asks for another notation."""
        posed = hear(self.problem)
        return value in posed.values and not re.search(r"[\d)] ?[-+*/:] ?[\d(]", posed.text)

    def has_figures(self, told: str) -> bool:
        """Whether these figures stand there, whatever they are calculated with."""
        stands = re.compile(rf"(?<!\d){re.escape(told)}(?!\d)")
        return any(stands.search(heard.text) for heard in self.texts())

    def has_measure(self, value: Fraction, noun: str) -> bool:
        """Whether this number stands there with this word behind it."""
        return any(
            value in numeral.values and heard.text[numeral.end :].lstrip(" -").casefold().startswith(noun)
            for heard in self.texts()
            for numeral in numerals(heard.text)
        )

    def has_words(self, words: Sequence[str]) -> bool:
        """Whether all of these words stand in one of the texts."""
        posed = hear(self.problem).words
        return any(all(word in heard.words for word in words) for heard in self.texts()) or all(
            f"{word}s" in posed for word in words
        )

    def has_value(self, value: Fraction) -> bool:
        """Whether this number stands there; of a negative one, with its sign."""
        if value >= 0:
            return self.has_size(value)
        written = re.compile(rf"-\s?{re.escape(str(-value))}(?!\d)")  # as in `x^2 - 19x`
        return any(value in heard.values or written.search(heard.text) for heard in self.texts())

    @property
    def about_percent(self) -> bool:
        """Whether the problem is one of percentages."""
        return "percent" in self.problem.casefold() or "%" in self.problem

    @property
    def asked(self) -> frozenset[str]:
        """The words behind `how many` and `number of` in the problem."""
        return frozenset(
            word.casefold() for m in _ASKED.finditer(hear(self.problem).text) for word in _WORD.findall(m[1])
        )

    @property
    def question(self) -> frozenset[str]:
        """The longer words of the problem's last question or order: what the answer is the value of."""
        return _question(self.problem)

    @property
    def nouns(self) -> frozenset[str]:
        """The problem's words."""
        return hear(self.problem).words
