"""What a model teacher is told in private before it answers: the places of its prompt, filled.

Some of it quotes the student: the answer as the verifier read it, or a fact that names it. Such
text goes in on one line, shortened and without control tokens, so that it can pose neither as a
section of the prompt nor as a turn of the chat.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sml_gym.chat.messages import break_control_tokens
from sml_gym.errors import TeacherError
from sml_gym.task import Reference
from sml_gym.teachers.base import Length, TeachingContext
from sml_gym.teachers.wording import word
from sml_gym.text import shorten
from sml_gym.verdict import Direction, Fact, Outcome

_QUOTED = 400
"""Characters of a student's answer, a fact or a refused draft that a prompt quotes."""

_VERDICTS = {
    Outcome.CORRECT: "The verifier read the final answer {answer}. It is CORRECT.",
    Outcome.INCORRECT: "The verifier read the final answer {answer}. It is WRONG.",
    Outcome.MALFORMED: "The verifier read the final answer {answer}, which it cannot judge: {reason}.",
    Outcome.NO_ATTEMPT: "The message commits to no final answer. It is a {kind}.",
}

_LENGTHS: dict[Length, str] = {
    "terse": "Say one short sentence.",
    "normal": "Say one to three sentences.",
    "verbose": "Explain at length, in one or two paragraphs.",
}

_DIRECTIONS = {
    Direction.REWARD: "say how good the attempt was (right or wrong)",
    Direction.HINDSIGHT_POSITIVE: "say what was right about the attempt",
    Direction.HINDSIGHT_NEGATIVE: "say what was wrong about the attempt",
    Direction.FUTURE_POSITIVE: "say what to do next",
    Direction.FUTURE_NEGATIVE: "say what not to do next",
}


def brief(context: TeachingContext) -> dict[str, str]:
    """A text for every place that a prompt may have.

    The reference is opened here; whatever its task raises comes through.
    """
    reference = context.task.private.reveal()
    verdict = context.verdict
    return {
        "problem": context.task.problem,
        "answer": reference.answer,
        "solution": _solution(reference),
        "verdict": _VERDICTS[verdict.outcome].format(
            answer=_quote(verdict.answer or ""),
            reason=_flat(verdict.reason) or "it does not say one value",
            kind=context.utterance.kind or "discussion",
        ),
        "facts": _facts(context),
        "rejected": _rejected(context.rejected),
        "directions": _directions(context.directions),
        "length": _LENGTHS[context.length],
        "turn": str(context.turn),
        "max_turns": str(context.max_turns),
    }


def _solution(reference: Reference) -> str:
    if reference.steps:
        return "\n".join(f"Step {number}: {step.text}" for number, step in enumerate(reference.steps, 1))
    return f"Solution: {reference.solution}" if reference.solution else "No worked solution is known."


def _facts(context: TeachingContext) -> str:
    """One line a fact: whether it may be said, its type, its kind, and its words."""
    lines = []
    for position, fact in enumerate(context.diagnosis.facts):
        if fact.private:
            use = "PRIVATE, never say this"
        elif context.directions is not None and fact.direction not in context.directions:
            use = "true, but not what you are to speak of now"
        else:
            use = "you may say this"
        words = _words(fact, context, position)
        lines.append(f"- ({use}; {fact.direction.value}; {fact.kind}) {words}")
    return "Found out about it:\n" + "\n".join(lines) if lines else "Nothing else was found out about it."


def _words(fact: Fact, context: TeachingContext, position: int) -> str:
    """A phrasing from the phrase bank, or the fact's slots where there is none (as for private facts)."""
    try:
        return _flat(word([fact], context.domain.phrases, context.seed, context.turn + position))
    except TeacherError:
        return _flat(", ".join(f"{name} = {value}" for name, value in fact.slots.items()))


def _rejected(drafts: Iterable[str]) -> str:
    lines = [f"- {_quote(draft)}" for draft in drafts]
    if not lines:
        return "None."
    return "\n".join(
        ["These gave the answer away, in part or in whole. Say something else that does not:", *lines]
    )


def _directions(directions: tuple[Direction, ...] | None) -> str:
    if directions is None:
        return "Give whatever kind of feedback helps most."
    if not directions:
        return "Give no feedback at all: only tell the student to go on."
    return f"Do only this: {'; '.join(_DIRECTIONS[direction] for direction in directions)}. Do nothing else."


def _flat(text: str) -> str:
    return break_control_tokens(shorten(text, _QUOTED))


def _quote(text: str) -> str:
    return json.dumps(_flat(text), ensure_ascii=False)
