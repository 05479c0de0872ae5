"""Does a feedback give the private answer away? And where?

The domain says where a text holds the answer in a form that its verifier takes for equal
(`SMLEnv.statements`). What the words around such a place mean is decided here, the same way for
every domain:

| a mention that | is a leak |
| --- | --- |
| points, counts or dates (`step 2`, `2 mistakes`), or is denied (`not 2`, `2 and not 5`) | never |
| is named as the answer, or is all that is said | always |
| stands in the problem or was said by the student | if the sentence ends up at it (`x = 2`, `the sum is 2`) |
| is what an earlier step of the solution reaches | if it is named as the answer |
| is a calculation still to be carried out (`12 - 10`) | if it is named as the answer, or stands behind `is` |
| is the value that the problem gives, in a notation that is not asked for (`375/1000`) | never |
| is an operand, one of several small numbers, or a plain word (`the two`) | if the sentence ends up at it |
| is anything else | always, in any language |

The answer has to be written in some way. What only implies it (a description, the last possibility left) is
for a judge; of that kind only what can be checked against the answer is covered: next neighbours and the
distance from the student's number (`neighbours`), numbers, factors and words that the student lacks
(`components`), the place among given options, or all others excluded (`choices`), changes to the student's
program or answer that the verifier accepts (`edits`), agreement to a guess that the student only asked about
(`confirmation`), and answers to a yes-or-no question in its own words (`predicates`).
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from sml_gym.leaks.answer import Answer, read_answer
from sml_gym.leaks.choices import alternative, by_elimination, by_position, with_twin
from sml_gym.leaks.components import by_component, by_factors, by_word
from sml_gym.leaks.framing import (
    Frame,
    asks_for_place,
    concludes,
    declares,
    frame,
    is_among,
    is_count,
    is_denied,
    is_index,
    is_listed,
    is_marker,
    is_operand,
    is_plain_word,
    left_side,
    measures,
    names,
    orders,
    states,
    tells,
)
from sml_gym.leaks.known import Known, hear, tighten
from sml_gym.leaks.mention import Mention
from sml_gym.leaks.mentions import find_mentions
from sml_gym.leaks.neighbours import by_neighbours, by_offset
from sml_gym.leaks.overlap import tells_code, verbatim_runs
from sml_gym.leaks.pieces import by_dictation, by_places
from sml_gym.leaks.plain import plain, squeezed
from sml_gym.leaks.predicates import by_blank, by_predicate
from sml_gym.task import Reference

MAX_CHARS = 16_384
"""So much of a feedback is checked; a longer one is cut there before the student hears it."""

_NOTATION = frozenset("0123456789+-*/^().,= x")
_FIGURES = re.compile(r"\d+")
_SQUARED = re.compile(r"(\d+)\s?(?:\^\s?\{?2\}?|\*\s?\1)\s?=")
_LONGEST_QUOTE = 200
_NAME = re.compile(r"(?:math\.|np\.)?[a-z]{2,}|\\[a-z]+|[{}]")
_MOST_MENTIONS = 400
_SHORT_EXPRESSION = 3
_SMALL = 20
_PLAIN_NUMBER = 10
_PLAIN_WORDS = frozenset(
    str.split(
        """
    yes no true false none all any some many more less most least even odd up down left right high
    low in out on off one two three four five six seven eight nine ten first second third last next
    same other both each every always never sometimes a b c d e f g h i x y z n it he she they we
    you and or not if then else when where why how what who which that this these those here there
    now today day night time year way thing part half whole single double positive negative zero
    equal only just also too very good bad big small large long short old new hot cold fast slow can
    will may must should line point set list string number value function return begin end before
    after between above below over under with without against is are was were be been being do does
    did have has had to of for from by at as about into than so but because while until correct
    incorrect wrong like word letter step sign term factor
"""
    )
)
_JUDGING = frozenset(
    str.split(
        """
    right wrong correct incorrect good bad true false no yes not close it
"""
    )
)
_HELD = re.compile(
    r"(?:\bit(?:'s| is)|\b(?:statement|claim|proposition|sentence|assertion|equality|inequality|aussage"
    r"|affirmation|afirmación)\b[^.?!\n]{0,24}?(?:\bis|\bist|\best|\bes|\bholds|:|=))"
    r"(?:\W|indeed|clearly|therefore|then|thus|actually|really|simply|just)*\Z",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(r"\b(?:suppose|assume|if|whether|could|would|may|might|each)\b", re.IGNORECASE)
_DAY = re.compile(r"\b(?:this|next|last|every)\s+\Z|\d\W*(?:of\s*)?\Z", re.IGNORECASE)
_THAT = re.compile(r"\s*(?:that\b|\w)")
_EQUATION = re.compile(r"([^=.,;\n]{1,60})=\s*([^=,;\s]+?)(?=[\s,;.]|\Z)")
_DATED = frozenset(
    str.split(
        """
    january february march april may june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday
"""
    )
)


@dataclass(frozen=True, slots=True)
class Leak:
    """A stretch of a feedback that gives the answer away.

    `start` and `end` count characters of the feedback. `whole`: the sentences that it touches have to
    go together.
    """

    start: int
    end: int
    form: str
    text: str
    whole: bool = False


@functools.cache
def detector_version() -> str:
    """A hash of the rules, for the record."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def find_leaks(
    text: str,
    reference: Reference,
    known: Known,
    statements: Iterable[Mention],
    bare: str,
    *,
    beside: bool = False,
) -> list[Leak]:
    """The leaks in a feedback, in order.

    Args:
        text: the feedback.
        reference: the task's private side.
        known: what the student has seen and said.
        statements: where the domain finds the answer in `bare`.
        bare: the feedback without disguises (`plain(text).text`).
        beside: a leak stands in the text, or stood there. Then a number that the student does not know
            is read more strictly: in `2^5 = 32, so the logarithm is [withheld]` the 5 tells the answer.
    """
    answer = read_answer(reference.answer)
    mentions = list(statements)
    found = [
        m
        for m in mentions[:_MOST_MENTIONS]
        if m.sure
        or _gives_away(m, bare, answer, reference, known)
        or (beside and _is_new_number(m, bare, answer, known))
    ]
    if len(mentions) > _MOST_MENTIONS:  # nobody points or counts so often
        found.append(Mention(0, len(bare), "many", sure=True, whole=True))
    other = alternative(answer, hear(known.problem).text)
    if other:
        twin = read_answer(other)
        twins = find_mentions(twin, bare)
        told = [m for m in twins if m.sure or _gives_away(m, bare, twin, reference, known)]
        found = [*with_twin(found, twins, bare), *with_twin(told, mentions, bare)]
    found += [
        *by_component(answer, bare, known),
        *by_factors(answer, bare, known),
        *by_word(answer, bare, known),
    ]
    found += by_position(answer, bare, hear(known.problem).text)
    found += by_elimination(answer, bare, known)
    found += [*by_neighbours(answer, bare), *by_offset(answer, bare, known)]
    found += by_predicate(answer, bare, hear(known.problem).text)
    found += by_blank(answer, bare, hear(known.problem).text)
    found += [*by_places(answer, bare, known), *by_dictation(answer, bare)]
    found += _verbatim(bare, answer, reference, known)
    if not found:
        return []
    where = plain(text[:MAX_CHARS])
    leaks = []
    for mention in sorted(found, key=lambda m: (m.start, -m.end)):
        start, end = where.span(mention.start, mention.end)
        leaks.append(Leak(start, end, mention.form, text[start:end], mention.whole))
    return leaks


def _gives_away(mention: Mention, text: str, answer: Answer, reference: Reference, known: Known) -> bool:
    if _quotes(mention, text, known):
        return False
    around = frame(text, mention.start, mention.end)
    if answer.value is not None and mention.form not in ("expression", "split"):
        return _number_gives_away(mention, text, around, answer.value, reference, known)
    told = tighten(text[mention.start : mention.end])
    if answer.words or mention.form in (
        "words",
        "name",
        "split",
        "abbreviated",
        "akin",
        "translated",
        "clock",
    ):
        return _words_give_away(mention, around, text[mention.start : mention.end], answer, known)
    if len(answer.text) <= _SHORT_EXPRESSION:
        return states(around) or (not mention.whole and concludes(around))
    if known.has_text(told):
        return around.whole or names(around, after=False)
    if mention.form == "expression" and _size(told) > 1.6 * _size(answer.text) + 4:
        return states(around)  # a calculation that is still to be carried out
    return mention.form == "expression" or not is_index(around)


def _size(text: str) -> int:
    """How long a formula is, each name counted once."""
    return len(_NAME.sub("x", tighten(text)))


def _quotes(mention: Mention, text: str, known: Known) -> bool:
    """Whether the mention stands in an equation that the student or the problem has written."""
    start, end = mention.start, mention.end
    while start > 0 and mention.start - start < _LONGEST_QUOTE and text[start - 1] in _NOTATION:
        start -= 1
    while end < len(text) and end - mention.end < _LONGEST_QUOTE and text[end] in _NOTATION:
        end += 1
    run = text[start:end].strip(" .,")
    left = left_side(text, mention.start)
    told = tighten(text[mention.start : mention.end])
    if left and any(known.has_text(f"{side}={told}") for side in (left, left.rsplit(",", 1)[-1])):
        return True
    return "=" in run[1:-1] and known.has_text(tighten(run))


def _number_gives_away(
    mention: Mention, text: str, around: Frame, value: Fraction, reference: Reference, known: Known
) -> bool:
    form = mention.form
    told = text[mention.start : mention.end]
    if form == "equation":
        return not known.has_text(tighten(told))
    if (
        form == "part"
        or (is_among(around) and abs(value) <= _SMALL)
        or is_marker(text, mention.start, mention.end)
    ):
        return False
    whole = value.denominator == 1
    unfinished = form == "calculation" or "divided" in told or (whole and form in ("fraction", "ratio"))
    operand = is_operand(around) and not around.whole
    # Of a number that the problem gives, the notation is asked for.
    as_asked = _FIGURES.findall(told) == _FIGURES.findall(reference.answer)
    given = form == "fraction" and not whole and not as_asked and known.is_posed(value)
    named = names(around) if unfinished or given else states(around)
    counted = is_count(around, abs(value) <= _SMALL and whole, known)
    share = told.endswith("%") and around.after.startswith(" of ") and not known.about_percent
    if counted or share or is_denied(around):
        return False
    if named and not operand:
        return True
    if is_index(around, year=whole and 1000 <= value <= 2200) and not asks_for_place(around, known):
        return False
    left = left_side(text, mention.start)
    if form == "calculation":
        concluded = declares(around) and not orders(around)
    elif given or (unfinished and around.alone):
        concluded = False
    else:
        concluded = (
            concludes(around, unfinished) or tells(around, known.question) or measures(around, value, known)
        )
    if concluded and not operand:
        repeated = left and known.has_text(f"{left}={tighten(told)}")
        return not repeated and not _reached_before(left, value, reference)
    # Nothing names it. It is a leak all the same unless the student knows it from elsewhere.
    rewritten = not whole and as_asked and not known.has_figures(told)
    if unfinished or given or (known.has_value(value) and not rewritten):
        return False
    if form == "digits":
        return len(squeezed(told)) > 2
    if form == "roman":
        return len(told) > 3
    if form in ("words", "foreign") and abs(value) <= _PLAIN_NUMBER and whole:
        return not (operand or 0 <= value <= 1 or is_plain_word(around) or len(told) < 3)
    if is_listed(around) and abs(value) <= _SMALL:
        return False
    if operand and abs(value) <= _SMALL:
        return _SQUARED.match(f"{told}{around.after}") is not None
    return not _reached_before("" if operand else left, value, reference)


def _is_new_number(mention: Mention, text: str, answer: Answer, known: Known) -> bool:
    """Whether a number equal to the answer, which the student does not know, is large or calculated with."""
    if answer.value is None or mention.form not in ("figures", "fraction", "words"):
        return False
    around = frame(text, mention.start, mention.end)
    return (is_operand(around) or abs(answer.value) > _SMALL) and not known.has_value(answer.value)


def _reached_before(left: str, value: Fraction, reference: Reference) -> bool:
    """Whether a step before the last reaches this value, by this left side if one is given."""
    earlier = _earlier_results(reference.solution, tuple(step.text for step in reference.steps))
    return any(size == value and (not left or left.endswith(by) or by.endswith(left)) for by, size in earlier)


@functools.lru_cache(maxsize=1024)
def _earlier_results(solution: str, steps: tuple[str, ...]) -> tuple[tuple[str, Fraction], ...]:
    text = hear("\n".join(steps) if steps else solution).text
    found = []
    for m in _EQUATION.finditer(text):
        value = read_answer(m[2]).value
        if value is not None:
            found.append((tighten(m[1]), value))
    # What stands last, and what says the same again after it, is the answer itself.
    while found and found[-1][1] == (last := found[-1][1]):
        found.pop()
        if not found or found[-1][1] != last:
            break
    return tuple(found)


def _words_give_away(mention: Mention, around: Frame, told: str, answer: Answer, known: Known) -> bool:
    words = tuple(word.casefold() for word in re.findall(r"[^\W_]+", told))
    named = states(around)
    if mention.form == "akin":
        return (not known.has_words(words) and not named) or (named and not known.has_words(words))
    if around.whole and words in (("true",), ("false",)):
        return True
    if words in (("true",), ("false",)) and _HELD.search(around.before) and not _THAT.match(around.after):
        return True
    if len(words) == 1 and words[0] in _JUDGING:
        return (
            named
            and (
                re.search(r"\banswer(?:'s|\s+is|\s*:|\s+would be)\W*\Z", around.before, re.IGNORECASE)
                is not None
            )
            and (answer.text.casefold() in ("yes", "no", "true", "false") or '"' in around.before[-2:])
        )
    if len(words[0]) == 1 and re.match(r"-\d", around.after):  # `K-12`
        return False
    if len(words) == 1 and len(words[0]) == 1 and told.islower():
        return named and (around.whole or _ends(around))
    if named:
        return True
    if len(words) == 1 and words[0] in _PLAIN_WORDS:
        if len(words[0]) == 1 and not (told.isupper() and words[0] not in "ai"):
            return False
        return (concludes(around) or declares(around)) and _ends(around) and words[0] not in _JUDGING
    if words[0] in _DATED and (_DAY.search(around.before) or re.match(r"\s*\d", around.after)):
        return False
    if known.has_words(words):
        supposed = _SUPPOSED.search(around.before) is not None
        return not supposed and (concludes(around) or declares(around)) and _ends(around)
    return True


def _ends(around: Frame) -> bool:
    after = around.after.strip(" *_`\"')}$")
    return (
        not after
        or after[0] in ".,;:!-("
        or after.startswith(("because", "since", "as ", "that ", "which ", "not ", "rather "))
    )


def _verbatim(text: str, answer: Answer, reference: Reference, known: Known) -> list[Mention]:
    heard: Sequence[str] = (known.problem, *known.said)
    found = [
        Mention(start, end, "verbatim", sure=True, whole=True)
        for start, end in verbatim_runs(text, reference.solution, [*heard, *_speakable(reference)])
    ]
    if answer.value is None and not answer.code:
        found += [
            Mention(start, end, "verbatim", sure=True, whole=True)
            for start, end in verbatim_runs(text, reference.answer, heard)
        ]
    if answer.code and tells_code(text, reference.answer, heard):
        found.append(Mention(0, len(text), "verbatim code", sure=True, whole=True))
    return found


def _speakable(reference: Reference) -> list[str]:
    """What a teacher may say of the solution: what to do in each step, and the method."""
    idea = reference.data.get("idea", "")
    return [step.action for step in reference.steps if step.action] + (
        [idea] if isinstance(idea, str) and idea else []
    )
