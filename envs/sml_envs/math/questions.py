"""Answers to what a student asks, from the worked solution and a glossary.

A question's facts share one topic: at informativeness 0 the teacher says only that it has
nothing to add, and each level above may say more. Whoever asks for the answer itself does not
get it, whatever reasons come with the question.
"""

from __future__ import annotations

import re

from sml_envs.math.families.base import ORDINALS
from sml_envs.math.glossary import TERM, meaning
from sml_envs.math.numbers import COUNTING_WORDS
from sml_envs.math.solution import Solution, squeezed
from sml_envs.math.working import Equation, equations, right_side
from sml_gym import Direction, Fact, Informativeness

_WHERE, _WHAT, _NEXT = Informativeness.WHERE, Informativeness.WHAT, Informativeness.NEXT_STEP
_AHEAD, _HIT, _MISS = Direction.FUTURE_POSITIVE, Direction.HINDSIGHT_POSITIVE, Direction.HINDSIGHT_NEGATIVE
_TOPIC = "question"

_MOST_CHARS = 1_000
_LEAST_WORKING = 20  # no shorter text holds a step and an attempt or a question
_ASKS = re.compile(
    r"\?|\b(?:hint|clue|help|explain|stuck|tell me|show me|give me|print|reveal|next step)\b", re.IGNORECASE
)
_NEXT_STEP = re.compile(
    r"\bnext\b|\bwhat now\b|\b(?:how|where|what)\b.{0,20}\b(?:start|begin|proceed|continue|go on)\b"
    r"|\bhow (?:do|can|should|would) (?:i|you|we|one)\b|\bwhat (?:do|should|must|can) (?:i|we) do\b",
    re.IGNORECASE,
)
_HINT = re.compile(r"\b(?:hint|clue)\b", re.IGNORECASE)
_STUCK = re.compile(
    r"\b(?:help|stuck|lost|no idea|not sure|don'?t (?:know|understand)|confused|explain|teach)\b",
    re.IGNORECASE,
)
_MEANING = re.compile(
    r"\b(?:mean|means|meaning|define|definition|explain|what(?:'s| is| are)(?: an?| the)?|what does)\b",
    re.IGNORECASE,
)
_RIGHT = re.compile(r"\b(?:right|correct|wrong|true|ok|okay|check|valid|mistake|so far)\b", re.IGNORECASE)
_BEGS = re.compile(
    r"\b(?:answer|solution|result|solve (?:it|this)|reference|private|key)\b"
    r"|\bi(?:'m| am) (?:the|your) (?:teacher|developer|admin)|\bignore\b.{0,40}\binstructions?\b",
    re.IGNORECASE,
)
_BARE = re.compile(r"\b(?:is|it'?s|be)\b[^=]{0,20}-?[0-9]", re.IGNORECASE)

_UNKNOWN = Fact("answer.unknown", {}, Informativeness.CORRECTNESS, Direction.REWARD, _TOPIC)
_REFUSE = Fact("math.answer.refuse", {}, Informativeness.CORRECTNESS, Direction.REWARD, _TOPIC)
_COMMIT = Fact("math.answer.commit", {}, Informativeness.CORRECTNESS, _AHEAD, _TOPIC)
_UNCLEAR = Fact("math.answer.step_unclear", {}, _WHERE, _AHEAD, _TOPIC)


def asks(text: str) -> bool:
    """Whether words that commit to no answer want something from the teacher."""
    return _ASKS.search(text, 0, _MOST_CHARS) is not None


def answer_question(solution: Solution, text: str) -> tuple[Fact, ...]:
    """The facts that answer a question. Their one topic makes a teacher speak exactly one of them."""
    text = text[-_MOST_CHARS:]
    if "=" in text and (_RIGHT.search(text) or not _MEANING.search(text)):
        judged = _judge(solution, text)
        if judged:
            return judged
    if _HINT.search(text):
        return _hint(solution, text)
    if _BEGS.search(text) and not _RIGHT.search(text):
        return (_REFUSE,)
    term = TERM.search(text)
    if term is not None and _MEANING.search(text):
        return (_UNKNOWN, Fact("math.answer.term", {"meaning": meaning(term)}, _WHERE, _AHEAD, _TOPIC))
    if _NEXT_STEP.search(text):
        return _next_step(solution, text)
    if _RIGHT.search(text):
        if "step" in text.casefold():
            return (_UNKNOWN, _UNCLEAR)
        return (_COMMIT,) if _BARE.search(text) or _BEGS.search(text) else (_UNKNOWN, _UNCLEAR)
    if _STUCK.search(text):
        return _hint(solution, text)
    if _BARE.search(text):
        return (_COMMIT,)
    return (_UNKNOWN,)


def _judge(solution: Solution, text: str) -> tuple[Fact, ...]:
    """Whether the last calculation or equation in the question is right; empty if it holds none."""
    shown = equations(text)
    if shown:
        wrong = next((equation for equation in shown if not equation.holds), None)
        return (_UNKNOWN, _judged(str(wrong or shown[-1]), wrong is None))
    for step in solution.reference.steps[:-1]:
        left, equals, right = squeezed(step.result).partition("=")
        said = right_side(text, left) if equals and left else None
        if said is not None:
            return (_UNKNOWN, _judged(f"{left} = {said}", said == right))
    return ()


def _judged(equation: str, right: bool) -> Fact:
    kind = "math.answer.step_right" if right else "math.answer.step_wrong"
    return Fact(kind, {"equation": equation}, _WHERE, _HIT if right else _MISS, _TOPIC)


def last_step_reached(solution: Solution, shown: list[Equation], text: str) -> int:
    """The last step that the student's words hold, its result or the step itself; -1 if none."""
    reached = -1
    for equation in shown:
        if equation.holds:
            reached = max(reached, solution.results.get(equation.value, -1))
    if len(text) >= _LEAST_WORKING:
        tight = squeezed(text)
        for position, expression in solution.expressions:
            if expression in tight:
                reached = max(reached, position)
        for position, words in enumerate(solution.step_words):
            if position > reached and words in tight:
                reached = position
    return reached


def _next_step(solution: Solution, text: str) -> tuple[Fact, ...]:
    """Where the student is (1), what to do next (3)."""
    position = last_step_reached(solution, equations(text), text) + 1
    count = len(solution.reference.steps)
    facts = [_UNKNOWN]
    if count > 1 and position < min(count, len(ORDINALS)):
        slots = {"ordinal": ORDINALS[position], "count": _COUNTS[min(count, len(_COUNTS) - 1)]}
        facts.append(Fact("math.answer.where_next", slots, _WHERE, _AHEAD, _TOPIC))
    action = solution.action(position, text)
    if action:
        facts.append(Fact("math.answer.next_step", {"action": action}, _NEXT, _AHEAD, _TOPIC))
    elif solution.idea:
        facts.append(Fact("math.answer.hint", {"idea": solution.idea}, _NEXT, _AHEAD, _TOPIC))
    return tuple(facts)


def _hint(solution: Solution, text: str) -> tuple[Fact, ...]:
    """The method (2), or the next step in its own words (3)."""
    facts = [_UNKNOWN]
    if solution.idea and not solution.states_answer(solution.idea, text):
        facts.append(Fact("math.answer.hint", {"idea": solution.idea}, _WHAT, _AHEAD, _TOPIC))
    action = solution.action(last_step_reached(solution, equations(text), text) + 1, text)
    if action:
        facts.append(Fact("math.answer.hint_step", {"action": action}, _NEXT, _AHEAD, _TOPIC))
    return tuple(facts)


_COUNTS = ("no", *COUNTING_WORDS[1:12], "many")
