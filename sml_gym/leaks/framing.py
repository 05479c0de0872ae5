"""What the words around a number or a word say it is: the answer, or a step, a count, a date.

A number equal to the answer gives nothing away in "look at step 2". The same number does in "the
answer is 2", even where the problem has a 2 too. So a mention is judged by what stands before and
after it in its sentence.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from fractions import Fraction

from sml_gym.leaks.known import Known, tighten

_REACH = 90
_BARE_CHARS = 80

_NAMES = (
    r"answer|solution|result|outcome|total|final (?:value|number|figure|line|step)"
    r"|(?:right|correct|best|closest) (?:one|value|number|option|letter|word|choice)"
    r"|area|perimeter|volume|value of x"
    r"|probability|chance|remainder|derivative|integral|slope|product|sum|difference|quotient|average|mean"
    r"|lösung|antwort|ergebnis|réponse|résultat|respuesta|resultado|solución|solucion|losung|reponse"
    r"|resultat|risposta"
)
_FILLER = (
    r"(?:\s|just|simply|exactly|actually|really|only|about|approximately|roughly|precisely|probably|indeed"
    r"|in fact|of course"
    r"|clearly|the number|number|the word|the letter|letter|la lettre|la letra|der Buchstabe|lettre|letra"
    r"|die|der|das|la|le|el|option|choice|called|named|equal to|at|as|to|the value|a total of"
    r"|a|an|el|therefore|then|thus|still|now|always|obviously|surely|the|in the end"
    r"|\\boxed\{|\\\(|\\\[|\\text\{"
    r"|[$*`\"'(>:~,_]|-(?=\s)|=>|->)*"
)
_IS = (
    r"(?:is|are|was|were|be|being|'s|equals?|=|:|comes? (?:out )?(?:to|as|at)|works? out (?:to|at|as)|makes?"
    r"|becomes?|turns? out to be"
    r"|amounts? to|gives?|yields?|leaves?|ist|est|es|vaut|vale|sind|son|beträgt|betragt|lautet)"
)
_SHOULD = (
    r"(?:\s+(?:should|will|would|must|ought to|can|could|need to|have to|has to|shall|do|to|might|may"
    r"|then|finally|then))*"
)
_STATES = re.compile(
    rf"(?:\b(?:{_NAMES})\b[^.?!\n]{{0,40}}?{_IS}{_FILLER}"
    rf"|(?:\\boxed|\\fbox)\s*\{{\s*|####\s*|\b(?:final )?(?:answer|ans|answ|lösung|antwort)\b\W{{1,8}}"
    rf"|\b(?:answer|solution|result)\b\s+(?:with|as|must be|should be|would be|will be){_FILLER})\Z",
    re.IGNORECASE,
)
_NOT_STATED = re.compile(
    r"\b(?:not|n't|never|isn't|wasn't|aren't|your|you gave|wrong)\b[^.?!\n]{0,30}\Z", re.IGNORECASE
)
_PRONOUN = re.compile(
    rf"(?:\b(?:it|that|this|he|she|they|which|there|what (?:is|they) (?:asked|wanted?)(?: for)?|one|x|y|z|n"
    rf"|c'|tout|all)"
    rf"{_SHOULD}\s*(?:{_IS}|all)\b{_FILLER}|\b(?:it|that|he|she|there)'s{_FILLER}|\bc'est{_FILLER}"
    rf"|\bes sind{_FILLER})\Z",
    re.IGNORECASE,
)
_GETS = re.compile(
    rf"\b(?:you|we|i|one|they|he|she|let's|should|just|to|and|now|so|then|please|can"
    rf"|,)?{_SHOULD}[\s,]*\b(?:get|gets|getting|obtain"
    rf"|find|have|reach|arrive at|end up (?:with|at|on)|ending up (?:with|at|on)|land (?:on|at)"
    rf"|write(?: down)?|put(?: down)?|enter"
    rf"|submit|answer|say|take|choose|pick|try|go (?:for|with)|went with|need|needs|want|wanted"
    rf"|looking for|left with"
    rf"|type(?: in)?|bet on|box|name"
    rf"|gesucht ist|obtienes|obtiens|calculate|compute|means?|spelled|spelt|read){_FILLER}\Z",
    re.IGNORECASE,
)
_EQUALS = re.compile(
    r"(?P<left>[^=\n.;:!?]{0,60}?[^=<>!\s])\s*(?:=|≈|\\approx|\\Rightarrow|=>|->|→|⇒)\s*[$({*`]*\s*\Z"
)
_GIVES = re.compile(
    rf"\b(?:gives|yields|leaves(?: \w{{2,6}}(?: with)?)?|makes|equals|results? in"
    rf"|comes (?:out )?(?:to|as|at)|works out (?:to|as|at)"
    rf"|prints|returns|outputs"
    rf"|leads to|amounts to|left (?:with|are)|remains?|total of|reduced by|brings (?:you|us) to){_FILLER}\Z",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\W{0,4}(?:,? (?:which|and that|and this) )?(?:(?:is|was|'s|would be|should be|must be|will be|ist)\s+)"
    r"(?:(?:the|your|their|its|a|our|just|exactly|indeed|also|then|certainly)\s+)*"
    r"(?:final |correct |right |true |only )?(?:answer|right|correct|it\b|result|solution|needed"
    r"|what(?:'s| is| was| (?:you|we|they) (?:need|want|should|are|were|seek))"
    r"|the one|left|wanted|asked|richtig)"
    r"|\W{0,4}(?:fits|works|comes out|would do|does it|will do|satisfies|solves"
    r"|it is\b|is it\b|remain(?:s|ing)?\b"
    r"|übrig"
    r"|in total|altogether)",
    re.IGNORECASE,
)
_NOT_AFTER = re.compile(
    r"\W{0,4}(?:is|was|'s)\s+(?:not|never|n't|wrong|incorrect|false)|\W{0,3}isn't", re.IGNORECASE
)

_PLACES = (
    r"steps?|lines?|parts?|equations?|eq|problems?|questions?|exercises?|examples?|cases?|rows?|columns?"
    r"|figures?|fig|pages?"
    r"|chapters?|sections?|rules?|hints?|turns?|attempts?|tries|try|digits?|places?|positions?|items?|no|nr"
    r"|numbers? of|lemma|theorem"
    r"|tests?|inputs?|levels?|notes?|versions?|tables?|sheets?|lessons?|units?|class|grade|week|day|lecture"
    r"|slide|point|bullet"
    r"|paragraphs?|terms?|letters?|index|indices|mod|modulo|base|log_|room|volume|appendix|method|rounds?"
    r"|stage|phase|variant|option"
)
_INDEX = re.compile(
    rf"(?:\b(?:{_PLACES})\.?(?:\s+(?:number|no\.?|nr\.?))?[\s#(]*(?:\d+\s*(?:,|-|and|or|to|&)\s*){{0,3}}|#"
    rf"|§\s*|\d (?:of|out of) "
    r"|\b(?:to the power(?: of)?|power of|factor(?:s)? of|multiples? of|divisible by"
    r"|divide[ds]? by|divid(?:e|ing) [^.?!\n]{0,20}by"
    r"|multipl(?:y|ied|ying) [^.?!\n]{0,20}by|times|add|subtract|take away|off by"
    r"|misses by|minus|plus|over|halves of|and carry"
    r"|carry|carried)\s+)\Z",
    re.IGNORECASE,
)
_AMONG = re.compile(
    r"\b(?:of|do|does|for|with|from|between) (?:the|these|those|your)\s+\Z|\bbetween\s+\Z",
    re.IGNORECASE,
)
_COLON = re.compile(r"(?:[:=→⇒]|->|=>|--| - )\s*[$*`\"'(]*\Z")
_PUT_IN = re.compile(rf"\b(?:put|write|take){_FILLER}\Z", re.IGNORECASE)
_INTO = re.compile(r"[^.!?\n]{0,40}\b(?:into|in place of|in for|for [a-z]\b|from)\b", re.IGNORECASE)
_RATE = re.compile(r"\s\w+ (?:in |for |on |at |of )?(?:each|per|every|apiece)\b", re.IGNORECASE)
_NUMBERED = re.compile(r"\bnumber\s+\Z", re.IGNORECASE)
_NUMBERED_ANSWER = re.compile(
    r"\b(?:is|was|be|only|just|to|get|got|write|want|need|'s)\s+(?:only |just )?(?:the )?number\s+\Z",
    re.IGNORECASE,
)
_INLINE_ITEMS = re.compile(r"(?:(?<=\()|(?<=[.:;!?]\s)|(?<=^))(\d{1,2})[.)]\s(?=[a-zA-Z])")
_ITEM = re.compile(r"[.):]\s+\S")
_ITEMS = re.compile(r"^[ \t]*[(\[]?(\d{1,2})[.):]\s+\S", re.MULTILINE)
_MARKER = re.compile(r"(?:^|\n)\s*[(\[]?\Z")
_LISTED_BEFORE = re.compile(r"(?:\d{1,6}(?:, (?:and |or )?| and | or )){1,20}\Z")
_LISTED_AFTER = re.compile(r"(?:(?:, (?:and |or )?| and | or )\d{1,6}(?![\w*/+^=]| ?[*/+=])){1,20}")
_COORDINATE = re.compile(r"\s?,\s?-?\d[\d.]*\s?\)")
_MONTHS = (
    r"january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)
_DATE = re.compile(
    rf"(?:\b(?:{_MONTHS})\.?,?\s+(?:the\s+)?|\b(?:since|until|till|in the year|year)\s+(?:the\s+)?"
    rf"|\d:)\Z",
    re.IGNORECASE,
)
_DATE_AFTER = re.compile(
    rf"(?:st|nd|rd|th)?\s*(?:of\s+)?(?:{_MONTHS})\b|:\d\d|\s*(?:o'clock|a\.?m\.?\b|p\.?m\.?\b|bc\b|ad\b"
    rf"|years? ago)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"[\s-]+(?:(?:more|other|different|small|little|new|separate|possible|easy|big|whole|equal|simple|short"
    r"|real|further|last|first"
    r"|distinct|similar|same|good|right|wrong|missing|decimal|likely)\s+)*(?:mistakes?|errors?|slips?|steps?"
    r"|hints?|things?|ways?|times"
    r"|digits?|terms?|factors?|parts?|numbers?|turns?|attempts?|tries|seconds?|minutes?|points?|lines?"
    r"|cases?|sides?|unknowns?"
    r"|equations?|variables?|fractions?|letters?|words?|sentences?|operations?|conditions?|questions?"
    r"|problems?|brackets?|products?"
    r"|parenthes[ie]s|signs?|quantities|zeros?|zeroes|places?|rows?|columns?|entries|roots?|solutions?"
    r"|answers?|rules?|examples?"
    r"|people|pieces?|halves|groups?|branches|values?|facts?|ideas?|methods?|integers?|options?|clues?"
    r"|reasons?|options?|calculations?"
    r"|unknown|vowels?|consonants?|syllables?|more|of (?:them|these|those|the|your|you)|or (?:three|more|two"
    r"|four)|independent"
    r"|consecutive|identical)\b",
    re.IGNORECASE,
)
_THERE_ARE = re.compile(r"\bthere (?:are|were|is) (?:\w+ )?\Z", re.IGNORECASE)
_GIVEN = re.compile(r"\b(?:with|for|at|when|if|where|case|using|needs?|has) ([a-z])\s*=\s*\Z", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"\b(?:of|with) (length|size|degree|order|period|radius|width|height)\s+\Z", re.IGNORECASE
)
_OPERATOR_AFTER = re.compile(
    r"\s*\)?\s*(?:[*/^+]|-\s?\d|\\times|\\cdot|x\s?\d|times\b|mal\b|fois\b|plus\b"
    r"|minus\b|by -?\d|divided\b|over\b|<)\s*"
)
_OPERATOR_BEFORE = re.compile(
    r"(?:\d\s*[*/+^-]|[*/+^_-]|\\times|\\cdot|\\div|\btimes|\bmal|\bfois|\bplus|\bminus|\bdivided by"
    r"|[a-z]\(|_\{?|\^\{?)\s*[({]?\Z"
)
_COEFFICIENT = re.compile(
    r"\s?(?:\\(?:pi|sqrt|log|ln|sin|cos|tan|theta)\b|π)|(?:\s?\*\s?)?(?:[b-hj-zA-HJ-Z](?![\w'./])|\()|\s[bcknpqruvwxyzBC](?![\w'./])|\s?\*\s?[aiI]\b|[aiI]\b"
)
_FUNCTION_WORDS = frozenset(
    str.split(
        """
    is are was be as and or but so if then because since for from to in on at by with of the a an it
    that this which who what when where not no yes you i we they he she there here would should must
    can could will may might do does did has have had too also again now just only very please
    thanks sorry right correct exactly after before when while instead than per each back left
    together centimetres centimeters metres meters kilometres kilometers litres liters kilograms
    grams bucks usd eur gbp dollars dollar euros euro cents percent cm mm km kg metres meters hours
    minutes seconds degrees square cubic squared units apiece overall
"""
    )
)
_ORDERS = re.compile(
    r"\b(?:what(?:'s| is| are)|how much is|take|takes|taking"
    r"|find|calculate|compute|work out|evaluate|determine|have|try|simplify|reduce"
    r"|look at|consider"
    rf"|write|want|need)\b{_FILLER}\Z",
    re.IGNORECASE,
)
_DECLARES = re.compile(rf"\b(?:is|are|was|were|it's|that's|ist|est|es){_FILLER}\Z", re.IGNORECASE)
_DENIED = re.compile(
    r"(?:\bnot|n't|\bnever|\bnicht|\bno es|\bpas|\binstead of|\brather than)\s+"
    r"(?:(?:be|get|equal|equal to|simply|just|the|a|exactly)\s+)*[$*`\"(]*\Z",
    re.IGNORECASE,
)
_WOULD_BE = re.compile(r"\s*would (?:be|mean|give)\b", re.IGNORECASE)
_WOULD = re.compile(r"\bwould\b[^.?!\n]{0,30}\Z", re.IGNORECASE)
_ELSE = re.compile(r"[$*`)\s]*,? (?:instead of|rather than|and not)\b", re.IGNORECASE)
_SHOULD_BE = re.compile(
    r"[$*`)\s]*,? (?:and|but|which|while) ?(?:that|it|this|you)? ?"
    r"(?:should|needs? to|ought to|must|has to|want|need)\b",
    re.IGNORECASE,
)
_DETERMINER = re.compile(
    r"\b(?:the|these|those|all|any|both|first|last|other|others|your|my|our|their|its|by|into|in|every|each|between"
    r"|least|most|than|or|times|no|some|next|previous|following|of|another|only|with|which|that|this|see|two|one"
    r"|for|as|on|at|and|have|has|has got|got|need|needs|made|make|makes)\s+\Z",
    re.IGNORECASE,
)
_SAYS = re.compile(rf"(?:\s|\b){_IS}{_FILLER}\Z", re.IGNORECASE)
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_NEXT_WORD = re.compile(r"[\s-]+([A-Za-z]+)")
_SENTENCE_END = re.compile(r"[!?\n]|\.(?=\s|\Z|[\"')*$])|;")


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a mention in its sentence.

    Attributes:
        before: up to the mention.
        after: from its end.
        alone: the sentence holds nothing else.
        whole: the utterance holds nothing else.
    """

    before: str
    after: str
    alone: bool
    whole: bool


_EMPHASIZED = re.compile(r"\*\*([A-Za-z][^*\n]{0,80})\*\*")
_EMPHASIS = re.compile(r"(?:\*{1,3}|_{1,3}|`)\Z")
_BARE = re.compile(
    r"(?:so|ok|okay|former|latter|option|letter|choice|number|word|hm+|well|fine|alright|psst|here|there|you|go|it|is"
    r"|yes|no|nope|sure|the|answer|not quite"
    r"|almost|close|sorry|please"
    r"|then|and|now|dollars?|euros?|bucks|cents?|usd|units?|percent|degrees|minutes?|hours?|cm|km|kg|square"
    r"|\W)*\Z",
    re.IGNORECASE,
)


def frame(text: str, start: int, end: int) -> Frame:
    """The frame of `text[start:end]`."""
    first = 0
    for found in _SENTENCE_END.finditer(text, max(0, start - _REACH), start):
        first = found.end()
    first = max(first, start - _REACH)
    found_end = _SENTENCE_END.search(text, end, end + _REACH)
    last = found_end.start() if found_end else len(text)
    before, after = text[first:start], text[end : min(last, end + _REACH)]
    emphasis = _EMPHASIS.search(before)
    if emphasis and after.startswith(emphasis[0]):  # `**3**` is no product
        before, after = before[: emphasis.start()], after[len(emphasis[0]) :]
    before = _EMPHASIZED.sub(lambda m: f"  {m[1]}  ", before)
    alone = _BARE.fullmatch(before) is not None and not any(map(str.isalnum, after))
    whole = False
    if len(text) - (end - start) < _BARE_CHARS:
        whole = _BARE.fullmatch(f"{text[:start]} {text[end:]}") is not None
    return Frame(before, after, alone, whole)


def states(around: Frame) -> bool:
    """Whether the words name the mention as the answer."""
    if around.whole:
        return True
    return names(around)


def _disowned(before: str) -> bool:
    return re.search(r"\byour\s*\Z|\bnot (?:the )?\Z", before, re.IGNORECASE) is not None


def names(around: Frame, after: bool = True) -> bool:
    """Whether the words say of the mention that it is the answer; being all that is said is not enough.

    `after`: words behind it count too, as in `2 is right`, which may be said of a step.
    """
    named = _STATES.search(around.before)
    if (
        named
        and not _NOT_STATED.search(around.before[named.start() :])
        and not _disowned(around.before[: named.start()])
    ):
        return True
    return after and _AFTER.match(around.after) is not None and not _NOT_AFTER.match(around.after)


def concludes(around: Frame, unfinished: bool = False) -> bool:
    """Whether a sentence ends up at the mention: `x = 2`, `you get 2`, `it's 2`, or the mention alone.

    An unfinished calculation is what one gets on the way: it has to stand behind `is` or `=`.
    """
    if around.alone:
        return True
    before = around.before
    if re.search(r"\b(?:not|isn't|n't|never)\s*(?:[a-z]+\s*)?\Z", before, re.IGNORECASE):
        return False
    if (_PUT_IN.search(before) and _INTO.match(around.after)) or _RATE.match(around.after):
        return False
    if _COLON.search(before) and not any(map(str.isalnum, around.after)):
        return True
    if _PRONOUN.search(before) or _equation(before):
        return True
    return not unfinished and bool(_GETS.search(before) or _GIVES.search(before))


def tells(around: Frame, question: frozenset[str]) -> bool:
    """Whether a sentence says what the value of something is that the problem asks for: `the median is 8`."""
    found = _SAYS.search(around.before)
    if found is None or _NOT_STATED.search(around.before):
        return False
    return any(word.casefold() in question for word in _LONG_WORD.findall(around.before[: found.start()]))


def measures(around: Frame, value: Fraction, known: Known) -> bool:
    """Whether a number stands before what the problem counts (`2 hours`), for the first time."""
    word = _NEXT_WORD.match(around.after)
    if word is None or len(word[1]) < 4 or word[1].casefold() not in known.asked:
        return False
    return not known.has_measure(value, word[1].casefold())


def orders(around: Frame) -> bool:
    """Whether the mention, a calculation, is one that the student is told to carry out."""
    return _ORDERS.search(around.before) is not None or re.search(r":\s*\Z", around.before) is not None


def _equation(before: str) -> bool:
    found = _EQUALS.search(before)
    if found is None:
        return False
    left = found["left"].strip().strip("$`*({").rsplit(",")[-1].strip()
    # `3x = 6` and `f(2) = 6` are steps on the way; `x = 6`, `6 * 1 = 6`, `Area = 6` reach something.
    return not re.search(r"\d\s?\*?\s?[a-zA-Z](?![a-zA-Z])[^+*/-]*\Z", left)


def declares(around: Frame) -> bool:
    """Whether a sentence that is no question ends with `... is` and the mention."""
    before = around.before
    return bool(_DECLARES.search(before)) and not _NOT_STATED.search(before)


def left_side(text: str, start: int) -> str:
    """The left side of the equation whose right side begins at `start`, without blanks; "" without one."""
    found = _EQUALS.search(text[max(0, start - _REACH) : start])
    return "" if found is None else tighten(found["left"])


def is_marker(text: str, start: int, end: int) -> bool:
    """Whether a number numbers an item of a list that has others, on lines or `(1) ... (2)`."""
    inline = _INLINE_ITEMS.match(text, start)
    if inline and not _inline_items(text).isdisjoint({int(inline[1]) - 1, int(inline[1]) + 1}):
        return True
    if not _MARKER.search(text[max(0, start - 8) : start]) or not _ITEM.match(text, end):
        return False
    return any(found.start(1) != start for found in _ITEMS.finditer(text))


@functools.lru_cache(maxsize=8)
def _inline_items(text: str) -> frozenset[int]:
    return frozenset(int(m[1]) for m in _INLINE_ITEMS.finditer(text))


def is_among(around: Frame) -> bool:
    """Whether a number says how many there are to choose from: `which of the two`."""
    return _AMONG.search(around.before) is not None


def is_listed(around: Frame) -> bool:
    """Whether a number is one of three or more that are listed: `2, 3, 5 and 7`."""
    before, after = _LISTED_BEFORE.search(around.before), _LISTED_AFTER.match(around.after)
    listed = (before[0] if before else "") + (after[0] if after else "")
    return len(re.findall(r"\d+", listed)) >= 2


def is_index(around: Frame, year: bool = False) -> bool:
    """Whether the mention is a place, a date, an exponent or another number that only points."""
    before, after = around.before, around.after
    if before.endswith("(") and _COORDINATE.match(after):
        return True
    if (_DATE.search(before) and not year) or _DATE_AFTER.match(after):
        return True
    if _NUMBERED.search(before) and not _NUMBERED_ANSWER.search(before):
        return True
    return (
        _INDEX.search(before) is not None
        or re.match(r"(?:st|nd|rd|th)\b|\s+(?:of|out of)\s+(?:the\s+)?\d", after) is not None
    )


def asks_for_place(around: Frame, known: Known) -> bool:
    """Whether the problem asks for what a number points to: `which day`, and `day 5`."""
    word = re.search(r"(\w+)\W*\Z", around.before)
    return (
        word is not None
        and re.search(rf"\b(?:which|what) {word[1]}\b", known.problem, re.IGNORECASE) is not None
    )


def is_count(around: Frame, small: bool, known: Known) -> bool:
    """Whether the mention counts something that is not what the problem asks for."""
    counted = _COUNTED.match(around.after)
    if counted is not None:
        noun = counted[0].split()[-1].casefold()
        if counted[0].lstrip().startswith("of ") and (not small or _THERE_ARE.search(around.before)):
            return False
        return not _same(noun, known.asked if small else known.nouns)
    given = _GIVEN.search(around.before)
    if given is not None and given[1].casefold() not in known.nouns:
        return True
    whose = _ATTRIBUTE.search(around.before)
    if whose is not None:
        return not _same(whose[1].casefold(), known.nouns)
    word = _NEXT_WORD.match(around.after)
    if not small or word is None or len(word[1]) < 3 or word[1].casefold() in _FUNCTION_WORDS:
        return False
    return word[1].endswith("s") and not _same(word[1].casefold(), known.asked or known.nouns)


def _same(noun: str, nouns: frozenset[str]) -> bool:
    """Whether a noun is among others, in the singular or the plural."""
    return not nouns.isdisjoint({noun, f"{noun}s", noun.removesuffix("s"), noun.removesuffix("es")})


def is_denied(around: Frame) -> bool:
    """Whether the words say that this is not it (`it's not 7`), or what it would be (`3, not 11`)."""
    if _DENIED.search(around.before) or _SHOULD_BE.match(around.after):
        return True
    if _WOULD_BE.match(around.after) and not _AFTER.match(around.after):
        return True
    return _WOULD.search(around.before) is not None and _ELSE.match(around.after) is not None


def is_plain_word(around: Frame) -> bool:
    """Whether a small number in words is used as other words are: `the two`, `one of them`, `in two`."""
    return (
        _DETERMINER.search(around.before) is not None
        or re.match(r"[ -](?:of|out of|other|others|another|same|by|at a)\b|-[a-z]", around.after) is not None
    )


def is_operand(around: Frame) -> bool:
    """Whether the mention is a part of a calculation or a term and not its result."""
    return bool(
        _OPERATOR_AFTER.match(around.after)
        or _OPERATOR_BEFORE.search(around.before)
        or _COEFFICIENT.match(around.after)
    )
