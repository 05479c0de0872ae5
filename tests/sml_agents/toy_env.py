"""An environment that a random model solves now and then, with problems and feedback of unequal lengths."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import gymnasium as gym

from sml_gym import (
    Diagnosis,
    Draft,
    Fact,
    Feedback,
    GeneratedTasks,
    Informativeness,
    Outcome,
    Reading,
    Reference,
    SMLEnv,
    Task,
    TaskSource,
    TeachingContext,
    Utterance,
    UtteranceKind,
    Verdict,
)


class _LengthFamily:
    name = "length"
    levels: Sequence[int] = (1,)

    def generate(self, rng: random.Random, level: int) -> Draft:
        wanted = rng.randrange(3)
        words = " ".join(
            rng.choice(("now", "please", "my friend", "if you can")) for _ in range(rng.randrange(6))
        )
        problem = f"Say something {words} ({rng.randrange(10**6)}, remainder {wanted})."
        return Draft(problem, lambda: Reference(str(wanted)))


class LengthEnv(SMLEnv):
    """Right is an utterance whose length leaves the wanted remainder when divided by three."""

    phrases = {"length.hint": ("One more.", "Say a little more than {count} letters.", "Longer, or shorter?")}

    def tasks(self, split: str) -> TaskSource:
        return GeneratedTasks([_LengthFamily()], split)

    def read(self, task: Task, text: str) -> Reading:
        return Reading(UtteranceKind.ATTEMPT, text)

    def verify(self, task: Task, answer: str) -> Verdict:
        right = len(answer) % 3 == int(task.private.reveal().answer)
        return Verdict(Outcome.CORRECT if right else Outcome.INCORRECT, answer)

    def diagnose(self, task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
        if verdict.correct:
            return Diagnosis()
        return Diagnosis(
            (Fact("length.hint", {"count": str(len(utterance.text))}, Informativeness.NEXT_STEP),)
        )


class FailingTeacher:
    """Breaks as soon as a dialogue is in its second turn."""

    name = "failing"

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback]:
        if any(context.turn == 2 for context in contexts):
            raise ConnectionError("the server is down")
        return [Feedback("Go on." * context.turn) for context in contexts]


ENV_ID = "SML-TestLength-v0"
if ENV_ID not in gym.registry:
    gym.register(id=ENV_ID, entry_point=LengthEnv)


def jobs_of(n: int, seed: int = 0) -> list[Any]:
    from sml_gym import Job

    return [Job(seed=1000 * seed + i) for i in range(n)]


class LetterEnv(LengthEnv):
    """Right is an utterance that begins with a small letter: easy to learn by reinforcement alone."""

    def verify(self, task: Task, answer: str) -> Verdict:
        right = "a" <= answer[:1] <= "z"
        return Verdict(Outcome.CORRECT if right else Outcome.INCORRECT, answer)


LETTER_ID = "SML-TestLetter-v0"
if LETTER_ID not in gym.registry:
    gym.register(id=LETTER_ID, entry_point=LetterEnv)
