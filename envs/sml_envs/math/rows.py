"""JSONL rows of mathematics: GSM8K, its socratic form, MATH, and plain problems.

| row | fields |
| --- | --- |
| GSM8K | `question`, `answer`: lines of working with `<<16-3-4=9>>` notes, then `#### 18` |
| GSM8K, socratic | the same, each line `Question ** working` |
| MATH | `problem`, `solution` with the answer in its last `\\boxed{}` |
| plain | `problem` (or `question`), `answer`, and if there `solution`, `unit`, `form` |

What a row becomes (`Reference`):

- `answer`: numbers without thousands separators, otherwise as written.
- `solution`: the working, without the `<<...>>` notes.
- `steps` (GSM8K): a line each. `Step.result` is the value of its last note, or the line's last number.
  `Step.action` is the socratic question, else the calculation of its note without its result; it is empty
  where either would state the step's result or the final answer.
- `data["unit"]`: the field `unit`; else `"%"` where the question asks for a percentage, or what the answer
  itself names (`10\\text{ cm}`, `90^\\circ`; the answer is then the bare number), or what the question
  counts (`eggs` in "How many eggs are left?"), so that `7 eggs` is read as 7.
- `data["form"]`: the field `form` (see `answers.check_answer`).
- `data["calculations"]` (GSM8K): `(step, expression, result)` for every note, steps counted from 0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sml_envs.math.answers import is_number, warm
from sml_envs.math.numbers import COUNTING_WORDS, parse_number
from sml_gym import Reference, Step
from sml_gym.reading import MAX_ANSWER_CHARS, boxed_answer
from sml_gym.row_tasks import text_field

_NOTE = re.compile(r"<<([^<>=]*)=([^<>]*)>>")
_NUMBER = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+")
_WITH_UNIT = re.compile(
    r"(?P<number>[^A-Za-z]*(?:\\[dt]?frac[^A-Za-z]*)??)\s*(?:\\ |\\,|~)*"
    r"(?:\\(?:text|mathrm|textrm|mbox)\s*\{\s*(?P<unit>[A-Za-z][A-Za-z ./]{0,40})\}"
    r"\s*(?P<power>\^\s*\{?[23]\}?)?"
    r"|\^\s*\{?\s*\\circ\s*\}?|°)\.?"
)
_SOCRATIC = " ** "
_WORDS = {word: Fraction(value) for value, word in enumerate(COUNTING_WORDS)}
_WORD = re.compile(r"[A-Za-z]+")
_ASKS_PERCENT = re.compile(
    r"\b(?:what|which|how many)(?:\s+[a-z]+){0,2}\s+percent|\bas a percent|\bwhat\s*%|\bby what percent",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\bhow many (?:(?:more|fewer|other|additional|extra|total|full|whole|different) ){0,2}"
    r"((?:square |cubic )?[a-z]{3,20})\b",
    re.IGNORECASE,
)
_NO_NOUNS = frozenset(("does", "was", "has", "this", "its", "times", "less", "various"))
_OTHER_PLURALS = frozenset(("people", "children", "men", "women", "fish", "feet", "sheep"))


def read_row(row: Mapping[str, Any]) -> tuple[str, Reference]:
    """A row as (problem, reference).

    Raises:
        KeyError: a field is missing.
        ValueError: a field is not what it should be; the message says how.
    """
    problem = text_field(row, "question" if "question" in row and "problem" not in row else "problem")
    if "answer" not in row and "solution" in row:
        solution = text_field(row, "solution")
        answer = boxed_answer(solution)
        if not answer:
            raise ValueError("the row has no 'answer', and its 'solution' no \\boxed{} answer")
        return problem, _reference(answer, solution, (), problem, row)
    answer = text_field(row, "answer")
    if "####" in answer:
        return problem, _gsm8k(problem, answer, row)
    return problem, _reference(answer.strip(), str(row.get("solution", "")), (), problem, row)


def _gsm8k(problem: str, text: str, row: Mapping[str, Any]) -> Reference:
    working, _, answer = text.rpartition("####")
    answer = answer.strip()
    if not answer:
        raise ValueError("the field 'answer' has nothing after its ####")
    steps: list[Step] = []
    calculations: list[tuple[int, str, str]] = []
    for line in filter(None, map(str.strip, working.split("\n"))):
        question, mark, work = line.partition(_SOCRATIC)
        if not mark:
            question, work = "", line
        notes = _NOTE.findall(work)
        calculations += [(len(steps), expression.strip(), result.strip()) for expression, result in notes]
        shown = _NOTE.sub("", work).strip()
        numbers = _NUMBER.findall(shown)
        result = notes[-1][1].strip() if notes else numbers[-1] if numbers else ""
        asked = (question.strip(), f"Work out {notes[-1][0].strip()}." if notes else "")
        action = next((words for words in asked if words and not _states(words, (result, answer))), "")
        steps.append(Step(shown, action, result))
    solution = "\n".join(step.text for step in steps)
    return _reference(answer, solution, tuple(steps), problem, row, calculations=tuple(calculations))


def _states(words: str, secrets: tuple[str, ...]) -> bool:
    """Whether a sentence has one of these numbers in it, in digits or in words."""
    stated = {parse_number(number.rstrip(",")) for number in _NUMBER.findall(words)}
    stated |= {_WORDS[word.lower()] for word in _WORD.findall(words) if word.lower() in _WORDS}
    return any(parse_number(secret) in stated or ("/" in secret and secret in words) for secret in secrets)


def _reference(
    answer: str, solution: str, steps: tuple[Step, ...], problem: str, row: Mapping[str, Any], **data: Any
) -> Reference:
    unit, form = row.get("unit", ""), row.get("form", "")
    if not isinstance(unit, str):
        raise ValueError(f"the field 'unit' should be text, got {unit!r:.60}")
    if len(answer) > MAX_ANSWER_CHARS:
        raise ValueError(
            f"the answer has {len(answer)} characters, more than the {MAX_ANSWER_CHARS} that are read"
        )
    if form not in ("", "lowest", "expanded"):
        raise ValueError(f"the field 'form' should be 'lowest' or 'expanded', got {form!r:.60}")
    if not unit and _ASKS_PERCENT.search(problem):
        unit = "%"
    if not unit:
        answer, unit = _split_unit(answer)
    if not unit and is_number(answer) and is_number(answer, counted := _counted(problem)):
        unit = counted
    if unit:
        data["unit"] = unit
    if form:
        data["form"] = form
    if is_number(answer, unit):
        answer = _canonical(answer)
    else:
        warm()  # its attempts will be compared in a worker
    return Reference(answer, solution, steps, data)


def _counted(problem: str) -> str:
    """What a problem's last question counts, `eggs` in "How many eggs are left?"; "" if that is unclear."""
    asked = _COUNTED.findall(problem)
    if not asked:
        return ""
    noun = str(asked[-1]).casefold()
    plural = noun.endswith("s") and not noun.endswith("ss") and noun not in _NO_NOUNS
    return noun if plural or noun.split()[-1] in _OTHER_PLURALS else ""


def _split_unit(answer: str) -> tuple[str, str]:
    """A number with its unit in `\\text{}` or as a degree sign, taken apart; else the answer and ""."""
    found = _WITH_UNIT.fullmatch(answer)
    if not found or not is_number(found["number"]):
        return answer, ""
    return found["number"].strip(), f"{found['unit'].strip()}{found['power'] or ''}" if found[
        "unit"
    ] else "degrees"


def _canonical(answer: str) -> str:
    """An integer or decimal without thousands separators; anything else as written."""
    plain = answer.replace(",", "")
    return plain if re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?", plain) else answer
