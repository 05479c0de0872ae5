"""What a teacher's words claim, read back out of them, and whether it is so.

Three kinds of claim are read, in this order; each reads only what the ones before have left:

1. phrases of the domain's phrase bank: a phrasing with its slots filled (`phrases`). Those that say
   what the true diagnosis says come first, so that no true sentence is taken for another one;
2. sentences that call the student's answer right or wrong in other words (`correctness`);
3. statements that the domain itself can judge, such as calculations (`SMLEnv.assertions`).

Everything else, advice and encouragement above all, claims nothing that can be checked.
"""

from __future__ import annotations

import re
import string
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sml_gym.env import SMLEnv
from sml_gym.errors import ConfigError, TaskError, boundary
from sml_gym.task import Task
from sml_gym.teachers.base import Examination
from sml_gym.teachers.wording import CORE_PHRASES
from sml_gym.verdict import Direction, Fact, Outcome

STATEMENT = "statement"
"""The kind of claim that the domain itself has judged, such as a calculation."""

_UNKNOWN = "answer.unknown"
_ADVICE = (Direction.FUTURE_POSITIVE, Direction.FUTURE_NEGATIVE)

MAX_WORDS = 8_000
"""Only so much of a feedback is read (characters)."""

_ANY_SLOT = r"[^\s.?!:](?:[^.?!\n]{0,78}[^\s.?!])?"
_LEAST_LETTERS = 6  # a phrasing with fewer letters of its own could be found in anything
_START, _END = r"(?:(?<=\s)|\A)", r"(?=\s|\Z)"


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that words say.

    Attributes:
        kind: a fact kind of the phrase bank, `verdict.correct` or `verdict.incorrect` for other words
            on correctness, or `STATEMENT`.
        slots: what stood in the phrasing's slots, sorted by name.
        text: the words themselves.
        true: whether it is so; None where no one can tell.
    """

    kind: str
    slots: tuple[tuple[str, str], ...]
    text: str = field(compare=False)
    true: bool | None = field(default=None, compare=False)


class ClaimReader:
    """Reads the claims in a teacher's words about the tasks of one environment.

    Args:
        env: whose phrase bank is spoken, and who judges facts and statements.
    """

    def __init__(self, env: SMLEnv) -> None:
        self._env = env
        self._bank = {**CORE_PHRASES, **env.phrases}
        self._patterns = list(_patterns(self._bank, env.slot_patterns))

    def judge(self, task: Task, examined: Examination, words: str, said: str = "") -> list[Claim]:
        """The claims in a reply, each with its truth.

        Args:
            task: what the dialogue is about.
            examined: the student's utterance that the words reply to.
            words: the teacher's.
            said: all that the student has said; a wrong calculation that stands there is a quotation.

        Raises:
            TaskError: the domain failed to judge a claim.
        """
        with boundary(TaskError, "judging a teacher's words"):
            return self._judge(task, examined, words[:MAX_WORDS], said)

    def _judge(self, task: Task, examined: Examination, words: str, said: str) -> list[Claim]:
        facts = examined.diagnosis.facts
        found, rest = self._true_phrases(words, facts)
        more, rest = self._phrases(rest)
        found += [self._judged(claim, task, examined) for claim in more]
        if examined.verdict.outcome is not Outcome.NO_ATTEMPT:
            found += [self._judged(claim, task, examined) for claim in correctness(rest)]
        found += [
            Claim(STATEMENT, (("text", text),), text, true)
            for text, true in self._env.assertions(task, rest, said)
        ]
        return found

    def phrases(self, words: str) -> list[Claim]:
        """The phrases of the bank in any words, whatever they are about; their truth is not known."""
        return self._phrases(words[:MAX_WORDS])[0]

    def without_verdicts(self, words: str) -> str:
        """The words without those that say only whether an attempt is right, or that no more can be said."""
        return self._phrases(words[:MAX_WORDS], frozenset(_OUTCOMES))[1]

    def holds(self, claim: Claim, task: Task, examined: Examination) -> bool | None:
        """Whether a claim about an utterance is so, None where no one can tell."""
        if claim.kind in _OUTCOMES:
            return _OUTCOMES[claim.kind].get(examined.verdict.outcome)
        fact = Fact(claim.kind, dict(claim.slots))
        for own in examined.diagnosis.facts:
            if fact.kind == own.kind and fact.slots == own.slots:
                return self._own(own)
        return self._env.holds(task, examined, fact)

    def _own(self, fact: Fact) -> bool | None:
        """A fact of the true diagnosis is true; advice that has no contrary is neither true nor false."""
        advice = fact.direction in _ADVICE and fact.kind not in self._env.opposites
        return None if advice or fact.kind == _UNKNOWN else True

    def _judged(self, claim: Claim, task: Task, examined: Examination) -> Claim:
        return Claim(claim.kind, claim.slots, claim.text, self.holds(claim, task, examined))

    def _true_phrases(self, words: str, facts: Iterable[Fact]) -> tuple[list[Claim], str]:
        """The facts of the true diagnosis that the words say, and the words without them."""
        found: list[tuple[int, Claim]] = []
        spoken = [
            (template.format_map(fact.slots), fact)
            for fact in facts
            for template in self._bank.get(fact.kind, ())
            if _fits(template, fact)
        ]
        for text, fact in sorted(spoken, key=lambda pair: -len(pair[0])):
            if text not in words:
                continue
            pattern = re.compile(_START + re.escape(text) + _END)
            for match in pattern.finditer(words):
                slots = tuple(sorted(fact.slots.items()))
                found.append((match.start(), Claim(fact.kind, slots, text, self._own(fact))))
            words = pattern.sub(_blank, words)
        return [claim for _, claim in sorted(found, key=lambda pair: pair[0])], words

    def _phrases(self, words: str, kinds: Container[str] | None = None) -> tuple[list[Claim], str]:
        """The phrases of these kinds in the words, the longest first where they overlap, and the rest."""
        lowered = words.casefold()
        found = [
            (match, kind)
            for literal, pattern, kind in self._patterns
            if literal in lowered and (kinds is None or kind in kinds)
            for match in pattern.finditer(words)
        ]
        found.sort(key=lambda pair: (pair[0].start() - pair[0].end(), pair[0].start(), pair[1]))
        taken: list[tuple[re.Match[str], str]] = []
        for match, kind in found:
            if all(match.end() <= other.start() or other.end() <= match.start() for other, _ in taken):
                taken.append((match, kind))
        taken.sort(key=lambda pair: pair[0].start())
        for match, _ in taken:
            words = words[: match.start()] + _blank(match) + words[match.end() :]
        claims = []
        for match, kind in taken:
            slots = tuple(
                sorted((name, " ".join(value.split())) for name, value in match.groupdict().items())
            )
            claims.append(Claim(kind, slots, match.group()))
        return claims, words


def correctness(words: str) -> Iterator[Claim]:
    """Sentences that call the student's answer right or wrong, in words of their own."""
    for sentence in _SENTENCE.findall(words):
        text = sentence.strip()
        if len(text) > 200:
            continue
        if _WRONG.match(text):
            yield Claim("verdict.incorrect", (), text)
        elif _RIGHT.match(text):
            yield Claim("verdict.correct", (), text)


_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_OPENING = (
    r"(?:\W{0,3}(?:yes|no|sorry|unfortunately|hmm|almost|close|good try|nice try|well|great|exactly|indeed|so"
    r"|but)\b\W{1,4}){0,4}\W{0,3}"
)
_ANSWER = (
    r"(?:(?:your|the|this|that)(?: (?:final|new|last|latest|current))? (?:answer|attempt|result)"
    r"|that|this|it|you)"
)
_IS = r"(?:'s|’s|'re|’re| is| are| was)"
_ALL_OF_IT = r"(?! (?:about|in|with|to|that|for|if|when)\b)"
_WRONG = re.compile(
    rf"{_OPENING}(?:{_ANSWER}(?:{_IS}(?: still| also)? (?:incorrect|wrong)\b{_ALL_OF_IT}"
    rf"|(?:{_IS}(?: still)? not|(?: is| are| was)n['’]t)(?: quite| yet| entirely| fully)? (?:correct|right)\b"
    rf"{_ALL_OF_IT})"
    r"|(?:no|incorrect|wrong|not correct|not (?:quite )?right|not quite)\W*\Z)",
    re.IGNORECASE,
)
_RIGHT = re.compile(
    rf"{_OPENING}(?:{_ANSWER}{_IS}(?: now| absolutely| exactly| perfectly| indeed| completely)?"
    r" (?:correct|right)\s*(?:[!.,;]|\Z)"
    r"|(?:correct|that'?s it|you (?:have )?(?:got it|solved it))\W*\Z)",
    re.IGNORECASE,
)

_OUTCOMES: Mapping[str, Mapping[Outcome, bool]] = {
    "verdict.correct": {Outcome.CORRECT: True, Outcome.INCORRECT: False, Outcome.MALFORMED: False},
    "verdict.incorrect": {Outcome.CORRECT: False, Outcome.INCORRECT: True},
    "verdict.malformed": {Outcome.CORRECT: False, Outcome.INCORRECT: False, Outcome.MALFORMED: True},
    "verdict.no_attempt": {Outcome.CORRECT: False, Outcome.INCORRECT: False, Outcome.NO_ATTEMPT: True},
    _UNKNOWN: {},
}
"""Which verdicts make a claim on correctness true or false; those left out make it neither."""


def _fits(template: str, fact: Fact) -> bool:
    """Whether a phrasing can be filled from the fact, and says anything of its own or of the fact's."""
    names = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
    return all(name in fact.slots for name in names) and bool(template.format_map(fact.slots).strip())


def _patterns(
    bank: Mapping[str, tuple[str, ...]], slots: Mapping[str, str]
) -> Iterator[tuple[str, re.Pattern[str], str]]:
    """For each phrasing: a piece of it to look for first, the pattern, and the kind.

    Phrasings with a slot of free text (an empty pattern) and those that hardly have words of their
    own are left out: they could be found in anything.
    """
    for kind, templates in bank.items():
        for template in templates:
            pattern, literals, names = "", [""], set()
            for literal, name, _, _ in string.Formatter().parse(template):
                pattern += r"\s+".join(map(re.escape, re.split(r"\s+", literal)))
                literals.append(literal.casefold())
                if name is None:
                    continue
                of_slot = slots.get(name, _ANY_SLOT) if kind not in CORE_PHRASES else r"[^\n]{1,200}?"
                if not of_slot:
                    pattern = ""
                    break
                pattern += f"(?P={name})" if name in names else f"(?P<{name}>{of_slot})"
                names.add(name)
            own = max(literals, key=len)
            known = all(name in slots for name in names)
            if not pattern or (not known and sum(map(len, re.findall(r"\w+", own))) < _LEAST_LETTERS):
                continue
            try:
                compiled = re.compile(_START + pattern + _END, re.IGNORECASE)
            except re.error as exc:
                raise ConfigError(
                    f"The slots of {kind!r} make no regular expression ({exc}). "
                    "Mend the domain's `slot_patterns`."
                ) from exc
            yield own.strip(), compiled, kind


def _blank(match: re.Match[str]) -> str:
    """As long as what it stands for, and the end of a sentence."""
    return "\n".ljust(len(match.group()))
