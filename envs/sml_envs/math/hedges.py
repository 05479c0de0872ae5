"""Why an answer is not one number, in words fit for the student.

The rules, for tasks whose reference is a single number. In this order; each is malformed:

1. A list, a set or alternatives (`2 or 3`, `{2, 3}`, `2, 3`, `2 and 3`, `x=2 or x=3`, `±2`): several values.
2. A range or a bound (`between 2 and 3`, `2 to 3`, `2..3`, `x > 2`, `at least 2`): no value.
   `2-3` is a range or a subtraction that is not carried out, and no single value either way.
3. A denial (`not 7`, `x != 7`): says what the answer is not.
4. A doubt (`7?`, `maybe 7`): asks rather than commits. `≈ 7` and `about 7` do commit to 7.
5. Two different numbers set equal (`7 = 8`). `3 * 4 = 12` commits to 12, what stands last.
6. A unit other than the one that the task names.
7. A calculation that is not carried out (`3*4`, `2^5`, `12/4`, `\\sqrt{16}`): naming the problem is not
   solving it.

Where the reference itself is a set, a pair, an interval or an expression, an answer of that form is no
hedge; then `shapes` says what belongs together.
"""

from __future__ import annotations

import re

from sml_envs.math.numbers import MAX_CHARS, REORDERING

SEVERAL = "it gives more than one value"
RANGE = "it gives a range, not one value"
DENIAL = "it says what the answer is not"
DOUBT = "it is not certain; commit to one value"
TWO = "it sets two different numbers equal"
UNFINISHED = "it is a calculation that is not carried out"
NO_NUMBER = "it is not a single number"

_RANGE_WORDS = re.compile(
    r"\b(?:between|from|at (?:least|most)|up to|or (?:more|less)"
    r"|(?:more|less|greater|fewer|larger|smaller) than)\b"
    r"|[0-9] ?(?:to|\.\.\.?|\\ldots|\\dots|\\sim|~) ?[0-9]|[<>≤≥≶]|\\(?:leq?|geq?|lt|gt)(?![A-Za-z])",
    re.IGNORECASE,
)
_SEVERAL_WORDS = re.compile(
    r"\b(?:or|and|either|both)\b|[,;]|\\pm(?![A-Za-z])|±|\+/-|\\cup(?![A-Za-z])|∪|^\\?\{.*\}\Z",
    re.IGNORECASE,
)
_DENIAL_WORDS = re.compile(
    r"\b(?:not|isn't|never|no|neither|except)\b|≠|!=|\\neq?(?![A-Za-z])|\\not", re.IGNORECASE
)
_DOUBT_WORDS = re.compile(
    r"\?|\b(?:maybe|perhaps|probably|possibly|might|could|guess|unsure|think|likely)\b", re.IGNORECASE
)
_TWO_NUMBERS = re.compile(
    r"[0-9.)}]\s*[-+*/^]|\\(?:cdot|times|div|sqrt|frac|pi)(?![A-Za-z])|[0-9]\s*!|\\d?frac"
)


def why_no_number(text: str, unit: str = "") -> str:
    """The reason why a text that `parse_number` could not read is malformed."""
    if not text.strip():
        return "it is empty"
    if len(text) > MAX_CHARS:
        return "it is too long"
    if REORDERING.search(text):
        return "it has characters that change the order of reading"
    if not re.sub(r"\s", "", text).isprintable():
        return "it has characters that cannot be read"
    reason = hedge(text)
    if reason:
        return reason
    if re.search(r"[0-9]{500}|(?:[eE]|\^)[-+{ ]*[0-9]{4}", text):
        return "the number is too large or too small to check"
    if unit and re.search(r"[$€£¥%]", text):
        return f"it should be in {unit}"
    named = re.fullmatch(
        r"[^A-Za-z°]*[0-9}] ?(?:\\(?:text|mathrm|,) ?\{? ?)*(?P<unit>[A-Za-z°][A-Za-z°^/ 0-9]*)\}?", text
    )
    if named and unit and unit != "%":
        return f"it should be in {unit}"
    if named:
        return "it should be a number without further words"
    if _TWO_NUMBERS.search(text):
        return UNFINISHED
    return NO_NUMBER


def hedge(text: str) -> str:
    """Which of rules 1 to 4 a text breaks, "" if none."""
    if _RANGE_WORDS.search(text):
        return RANGE
    if _DENIAL_WORDS.search(text):
        return DENIAL
    if _DOUBT_WORDS.search(text):
        return DOUBT
    if _SEVERAL_WORDS.search(text):
        return SEVERAL
    return ""
