"""Losses that learn from a teacher's words themselves, added to that of any online algorithm.

Rewards say whether a dialogue was solved; the words say much more. An `AddedLoss` takes lessons from a step's
dialogues, tokens to read and tokens to predict, and the learner (`sml_agents.learner`) adds its mean over
these tokens, times a weight, to what the algorithm minimises in each update:

- `distill`: what the student says after feedback, learned without it (`sml_agents.self_distillation`);
- `feedback_model`: the teacher's words, predicted (`sml_agents.feedback_modelling`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from accelerate import Accelerator
from torch import Tensor
from transformers import PreTrainedModel

from sml_agents.tokens import TokenRecord
from sml_gym import Episode


@dataclass(frozen=True, slots=True)
class Lesson:
    """Tokens to learn from.

    Attributes:
        record: what the model reads; `student` marks the tokens that it learns to predict.
        target: other tokens before the same words, by which the target is computed; None where the words
            themselves are the target. As many tokens are marked.
    """

    record: TokenRecord
    target: TokenRecord | None = None

    def __len__(self) -> int:
        """The longer of its sequences (tokens)."""
        return max(len(self.record), 0 if self.target is None else len(self.target))

    @property
    def predicted(self) -> int:
        """How many tokens are learned."""
        return int(self.record.student.sum())


class AddedLoss(ABC):
    """One loss beside the algorithm's own.

    Attributes:
        name: under which it is logged.
        weight: by which its mean over the predicted tokens is multiplied.
    """

    name: ClassVar[str]
    weight: float

    @abstractmethod
    def lessons(self, episodes: Sequence[Episode]) -> list[Lesson]:
        """What there is to learn from these dialogues."""

    @abstractmethod
    def losses(self, model: PreTrainedModel, lessons: Sequence[Lesson], accelerator: Accelerator) -> Tensor:
        """The loss of each predicted token of a micro-batch, shape (tokens,)."""
