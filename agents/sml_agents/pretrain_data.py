"""What the embedded student reads before any reinforcement learning: dialogues, and their tokens."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from sml_agents.embedded_tokenizer import ASSISTANT, END, USER
from sml_agents.following import FollowingStudent
from sml_gym import (
    Episode,
    Feedback,
    Job,
    RolloutError,
    Speaker,
    Teacher,
    TeachingContext,
    env_factory,
    make_teacher,
    rollout,
)
from sml_gym.seeding import stable_hash

FAMILIES = ("last_digits_product", "last_digits_power", "last_digits_sum")
"""What the student speaks about."""

TEACHERS = {"scripted:2": 0.8, "scripted:1": 0.06, "scripted:3": 0.06, "binary": 0.05, "silent": 0.03}
"""The teachers it hears, with their shares of the dialogues."""

TURN_LIMITS = (4, 4, 10)
"""Turn limits of successive batches: the length of training, and that of evaluation."""


class MixedTeacher:
    """Several teachers, one for each dialogue, chosen by the dialogue's teacher seed.

    Args:
        shares: teacher names, each with its share of the dialogues.
    """

    name = "mixed"

    def __init__(self, shares: Mapping[str, float]) -> None:
        self._teachers: list[Teacher] = [make_teacher(name) for name in shares]
        self._shares = list(shares.values())

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback | RolloutError]:
        """One feedback per context."""
        return [self._choose(context).reply([context])[0] for context in contexts]

    def _choose(self, context: TeachingContext) -> Teacher:
        return random.Random(stable_hash("mixed", context.seed)).choices(self._teachers, self._shares)[0]


def dialogues(
    *, follow: float, talk: float, batch_turns: int, seed: int, stream: str = "train", split: str = "train"
) -> Iterator[list[Episode]]:
    """Batches of dialogues between the scripted student and the teachers, without end.

    All dialogues of a batch have the same turn limit, so that little padding is needed.

    Args:
        follow: how often the student keeps to the feedback on a digit.
        talk: share of its turns that ask or remark instead of answering.
        batch_turns: turn limit times dialogues in a batch (turns).
        seed: of everything random.
        stream: names independent draws of one seed.
        split: where the tasks come from.
    """
    teacher = MixedTeacher(TEACHERS)
    student = FollowingStudent(follow=follow, talk=talk, seed=stable_hash("student", stream, seed))
    factories = {
        limit: env_factory("SML-Math-v0", families=FAMILIES, split=split, teacher=teacher, max_turns=limit)
        for limit in TURN_LIMITS
    }
    number = 0
    while True:
        limit = TURN_LIMITS[number % len(TURN_LIMITS)]
        jobs = [
            Job(seed=stable_hash("dialogue", stream, seed, number, i))
            for i in range(max(1, batch_turns // limit))
        ]
        yield rollout(factories[limit], student, jobs)
        number += 1


class Encoder:
    """Dialogues as tokens, each with a weight: how much the model learns to say it.

    The student's words and the end of its utterance weigh 1, the teacher's feedback
    `teacher_weight`, problems and turn borders 0.
    """

    def __init__(self, tokenizer: Any, teacher_weight: float) -> None:
        self._tokenizer = tokenizer
        self._teacher_weight = teacher_weight
        self._user, self._assistant, self._end = tokenizer.convert_tokens_to_ids([USER, ASSISTANT, END])

    def batch(self, episodes: Sequence[Episode]) -> tuple[Tensor, Tensor]:
        """Token ids and weights, both of shape (dialogues, longest), padded on the right."""
        said = [utterance for episode in episodes for utterance in episode.utterances()]
        encoded = iter(self._tokenizer([u.text for u in said], add_special_tokens=False)["input_ids"])
        rows, weights = [], []
        for episode in episodes:
            ids: list[int] = []
            weight: list[float] = []
            for utterance in episode.utterances():
                student = utterance.speaker is Speaker.STUDENT
                words = next(encoded)
                own = 1.0 if student else self._teacher_weight if ids else 0.0
                ids += [self._assistant if student else self._user, *words, self._end]
                weight += [0.0, *[own] * (len(words) + 1)]
            rows.append(torch.tensor(ids))
            weights.append(torch.tensor(weight))
        pad = self._tokenizer.pad_token_id
        return (
            torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=pad),
            torch.nn.utils.rnn.pad_sequence(weights, batch_first=True),
        )
