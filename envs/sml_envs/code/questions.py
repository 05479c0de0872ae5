"""Answers to what a student asks, from the public examples, the kinds of tests, the steps and a glossary.

A question's facts share one topic: at informativeness 0 the teacher says only that it has nothing to add,
and each level above may say more. Whoever asks for the code itself does not get it, whatever reasons come
with the question. What a hidden test expects is never told.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from sml_envs.code.cases import AnyCase, Case, show_call, show_value
from sml_envs.code.checks import literal
from sml_envs.code.diagnose import COUNTS, LONGEST_VALUE, words_of
from sml_envs.code.glossary import TERM, meaning
from sml_envs.code.source import return_type
from sml_gym import Direction, Fact, Informativeness, Reference

_WHERE, _WHAT, _NEXT = Informativeness.WHERE, Informativeness.WHAT, Informativeness.NEXT_STEP
_AHEAD, _REWARD = Direction.FUTURE_POSITIVE, Direction.REWARD
_TOPIC = "question"
_MOST_CHARS = 1_000
_MOST_KINDS = 3

_ASKS = re.compile(
    r"\?|\b(?:hint|clue|help|explain|stuck|tell me|show me|give me|print|reveal|next step)\b", re.IGNORECASE
)
_HINT = re.compile(r"\b(?:hint|clue|tip)\b", re.IGNORECASE)
_STUCK = re.compile(
    r"\b(?:help|stuck|lost|no idea|not sure|don'?t (?:know|understand)|confused|explain|teach|approach)\b",
    re.IGNORECASE,
)
_NEXT_STEP = re.compile(
    r"\bnext\b|\bwhat now\b|\b(?:how|where|what)\b.{0,20}\b(?:start|begin|proceed|continue|go on)\b"
    r"|\bhow (?:do|can|should|would) (?:i|you|we|one)\b|\bwhat (?:do|should|must|can) (?:i|we) do\b",
    re.IGNORECASE,
)
_BEGS = re.compile(
    r"\b(?:answer|solution|reference|private|the (?:whole |full |right |correct )?code|hidden tests?"
    r"|test cases?|solve (?:it|this)|write (?:it|this|the function|the code)|expected (?:values?|outputs?))\b"
    r"|\bi(?:'m| am) (?:the|your) (?:teacher|developer|admin)|\bignore\b.{0,40}\binstructions?\b",
    re.IGNORECASE,
)
_WHICH_FAILS = re.compile(
    r"\b(?:which|what|why|where)\b.{0,40}\b(?:fail\w*|wrong|break\w*|mistake|error|bug|incorrect)\b"
    r"|\b(?:right|correct|wrong|true|ok|okay|check|valid|so far)\b",
    re.IGNORECASE,
)
_MEANING = re.compile(
    r"\b(?:mean|means|meaning|define|definition|explain|what(?:'s| is| are)(?: an?| the)?|what does)\b",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"\b(?:signature|parameters?|arguments?|called|name of the function|function'?s name|inputs? does)\b",
    re.IGNORECASE,
)
_TYPE = re.compile(
    r"\b(?:type|return type)\b|\bwhat\b.{0,30}\breturn(?:ed|s)?\b|\breturn(?:s|ed)? (?:a|an)\b", re.IGNORECASE
)
_LIBRARY = re.compile(
    r"\b(?:import|librar(?:y|ies)|modules?|packages?|numpy|pandas|built-?ins?)\b", re.IGNORECASE
)
_TESTS = re.compile(
    r"\bhow many (?:tests?|cases?)\b|\bhow (?:is|will) (?:it|this|my) .{0,20}\btested\b", re.IGNORECASE
)
_EXAMPLE = re.compile(r"\bexamples?\b|\bfor instance\b", re.IGNORECASE)

_UNKNOWN = Fact("answer.unknown", {}, Informativeness.CORRECTNESS, _REWARD, _TOPIC)
_REFUSE = Fact("code.answer.refuse", {}, Informativeness.CORRECTNESS, _REWARD, _TOPIC)
_SHOW = Fact("code.answer.show", {}, Informativeness.CORRECTNESS, _AHEAD, _TOPIC)
_LIBRARY_FACT = Fact("code.answer.library", {}, Informativeness.CORRECTNESS, _AHEAD, _TOPIC)


def asks(text: str) -> bool:
    """Whether words that commit to no code want something from the teacher."""
    return _ASKS.search(text, 0, _MOST_CHARS) is not None


def answer_question(reference: Reference, text: str) -> tuple[Fact, ...]:
    """The facts that answer a question. Their one topic makes a teacher speak exactly one of them."""
    text = text[-_MOST_CHARS:]
    data = reference.data
    tested: Sequence[AnyCase] = data["cases"]
    cases = [*data.get("examples", ()), *tested]
    entry_point = str(data["entry_point"]).rpartition(".")[2]
    asked = _asked_call(text, entry_point)
    if asked is not None:
        return _about_call(reference, cases, entry_point, asked)
    if _HINT.search(text):
        return _hint(reference, text)
    label = _label_in(text, cases)
    if _BEGS.search(text) and label is None:
        return (_REFUSE,)
    if _LIBRARY.search(text):
        return (_LIBRARY_FACT,)
    if _TESTS.search(text):
        slots = {"total": str(len(tested))}
        return (_UNKNOWN, Fact("code.answer.tests", slots, _WHERE, _AHEAD, _TOPIC))
    if label is not None:
        return _about_label(reference, cases, entry_point, label)
    term = TERM.search(text)
    if term is not None and _MEANING.search(text):
        return (_UNKNOWN, Fact("code.answer.term", {"meaning": meaning(term)}, _WHERE, _AHEAD, _TOPIC))
    if _EXAMPLE.search(text):
        example = _example(cases, entry_point)
        if example is not None:
            return (_UNKNOWN, example)
    if _SIGNATURE.search(text) and _short(data["signature"]):
        slots = {"signature": str(data["signature"])}
        return (_UNKNOWN, Fact("code.answer.signature", slots, _WHERE, _AHEAD, _TOPIC))
    returned = return_type(str(data["signature"]))
    if _TYPE.search(text) and _short(returned):
        return (_UNKNOWN, Fact("code.answer.type", {"type": returned}, _WHERE, _AHEAD, _TOPIC))
    if _WHICH_FAILS.search(text):
        return _which_fails(tested)
    if _NEXT_STEP.search(text):
        return _next_step(reference, text)
    if _STUCK.search(text):
        return _hint(reference, text)
    about = _step_about(reference, text)
    return (_UNKNOWN, about) if about is not None else (_UNKNOWN,)


def _asked_call(text: str, entry_point: str) -> tuple[object, ...] | None:
    """The arguments of the call of the function that a question writes out with literals."""
    start = text.rfind(f"{entry_point}(") if entry_point else -1
    if start < 0:
        return None
    for end in range(start + len(entry_point) + 1, min(len(text), start + 2 * LONGEST_VALUE) + 1):
        if text[end - 1] != ")":
            continue
        try:
            node = ast.parse(text[start:end], mode="eval").body
            if isinstance(node, ast.Call) and not node.keywords:
                return tuple([literal(arg) for arg in node.args])
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _which_fails(cases: Sequence[AnyCase]) -> tuple[Fact, ...]:
    """The code is needed to tell; until then, some kinds of input that the hidden tests have."""
    shown = {case.label for case in cases if case.shown}
    kinds = list(dict.fromkeys(case.label for case in cases if case.label and case.label not in shown))
    if not kinds:
        return (_SHOW,)
    first, rest = ", ".join(kinds[: _MOST_KINDS - 1]), kinds[_MOST_KINDS - 1 : _MOST_KINDS]
    slots = {"kinds": " or ".join([first, *rest])}
    return (_SHOW, Fact("code.answer.kinds", slots, _WHERE, _AHEAD, _TOPIC))


def _about_call(
    reference: Reference, cases: Sequence[AnyCase], entry_point: str, args: tuple[object, ...]
) -> tuple[Fact, ...]:
    """What a call has to give, where the problem says it; else what kind of input it is."""
    wanted = repr(args)
    for case in cases:
        if isinstance(case, Case) and repr(case.args) == wanted:
            if case.shown:
                example = _stated(case, entry_point)
                return (_UNKNOWN, example) if example is not None else (_UNKNOWN,)
            return _about_label(reference, cases, entry_point, case.label) if case.label else (_UNKNOWN,)
    return _hint(reference, "")


def _about_label(
    reference: Reference, cases: Sequence[AnyCase], entry_point: str, label: str
) -> tuple[Fact, ...]:
    """What is to happen with a kind of input: a public example of it, or that it is tested; then the step."""
    facts = [_UNKNOWN]
    shown = next((case for case in cases if case.shown and case.label == label), None)
    example = _stated(shown, entry_point) if isinstance(shown, Case) else None
    facts.append(example or Fact("code.answer.tested", {"label": label}, _WHERE, _AHEAD, _TOPIC))
    step = _step_about(reference, label)
    return (*facts, step) if step is not None else tuple(facts)


def _stated(case: Case, entry_point: str) -> Fact | None:
    call, expected = show_call(entry_point, case.args), show_value(case.expected)
    if not (_short(call) and _short(expected)):
        return None
    return Fact("code.answer.example", {"call": call, "expected": expected}, _WHERE, _AHEAD, _TOPIC)


def _example(cases: Sequence[AnyCase], entry_point: str) -> Fact | None:
    for case in cases:
        if case.shown and isinstance(case, Case):
            stated = _stated(case, entry_point)
            if stated is not None:
                return stated
    return None


def _label_in(text: str, cases: Sequence[AnyCase]) -> str | None:
    """The kind of input that a question speaks of: all words of its label stand in it."""
    words = words_of(text)
    found = [
        case.label for case in cases if case.label and words_of(case.label) and words_of(case.label) <= words
    ]
    return max(found, key=lambda label: len(words_of(label)), default=None)


def _step_about(reference: Reference, text: str) -> Fact | None:
    """The step that shares most words with a text, if it shares a telling one."""
    words = words_of(text)
    best, shared = "", 0
    for step in reference.steps:
        common = len(words & words_of(step.action))
        if common > shared:
            best, shared = step.action, common
    return Fact("code.answer.step", {"action": best}, _NEXT, _AHEAD, _TOPIC) if best else None


def _next_step(reference: Reference, text: str) -> tuple[Fact, ...]:
    """How many steps there are (1), the first that the question does not speak of (3)."""
    actions = [step.action for step in reference.steps if step.action]
    if not actions:
        return _hint(reference, text)
    count = COUNTS[len(actions)] if len(actions) < len(COUNTS) else str(len(actions))
    facts = [_UNKNOWN]
    if len(actions) > 1:
        facts.append(Fact("code.answer.count", {"count": count}, _WHERE, _AHEAD, _TOPIC))
    said = words_of(text)
    reached = [place for place, action in enumerate(actions) if len(words_of(action) & said) > 2]
    action = actions[min(reached[-1] + 1, len(actions) - 1)] if reached else actions[0]
    facts.append(Fact("code.answer.next_step", {"action": action}, _NEXT, _AHEAD, _TOPIC))
    return tuple(facts)


def _hint(reference: Reference, text: str) -> tuple[Fact, ...]:
    """The approach (2), or the step that the question is about, else the first (3)."""
    facts = [_UNKNOWN]
    idea = reference.data.get("idea", "")
    if isinstance(idea, str) and idea:
        facts.append(Fact("code.answer.hint", {"idea": idea}, _WHAT, _AHEAD, _TOPIC))
    step = _step_about(reference, text)
    if step is None and reference.steps and reference.steps[0].action:
        step = Fact("code.answer.step", {"action": reference.steps[0].action}, _NEXT, _AHEAD, _TOPIC)
    if step is not None:
        facts.append(step)
    return tuple(facts)


def _short(text: object) -> bool:
    return 0 < len(str(text)) <= LONGEST_VALUE and str(text).isprintable()
