"""Feedback modelling: to predict what the teacher will say of what one has said.

RLTF-FM (arXiv 2602.02482): beside the algorithm's own loss, the cross-entropy of the teacher's words given
the dialogue up to them. Whoever can foresee the feedback knows what is wrong before being told. Where the
rewards of a group say nothing, since all or none of its dialogues were solved, the words still do.

The tokens are those of the record: of the context between two utterances, those that lie wholly within the
teacher's words, and none of the template's. The last feedback of a dialogue, which the student never read,
is in no record and not learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from accelerate import Accelerator
from torch import Tensor
from transformers import PreTrainedModel

from sml_agents.added_losses import AddedLoss, Lesson
from sml_agents.chat import ChatFormat
from sml_agents.tokens import TokenRecord, collate, student_logits, student_logprobs
from sml_gym import Episode


class FeedbackModel(AddedLoss):
    """The cross-entropy (nats a token) of the teacher's words that the student has read.

    Args:
        weight: of the loss.
        chat_format: the student's, which tells the words from the template around them.

    Raises:
        ConfigError: the tokenizer cannot say which characters a token stands for.
    """

    name: ClassVar[str] = "feedback_model"

    def __init__(self, weight: float, chat_format: ChatFormat) -> None:
        self.weight = weight
        self._format = chat_format
        chat_format.feedback_words("", ended=False)  # refused here rather than after the first dialogues

    def lessons(self, episodes: Sequence[Episode]) -> list[Lesson]:
        """One for each valid dialogue in which the student spoke after feedback."""
        found = [Lesson(self._marked(episode)) for episode in episodes if episode.valid]
        return [lesson for lesson in found if lesson.predicted]

    def _marked(self, episode: Episode) -> TokenRecord:
        """The dialogue's tokens, with those of the teacher's words marked in the place of the student's."""
        ids: list[int] = []
        marks: list[bool] = []
        turns: list[int] = []
        feedback: str | None = None
        ended = False
        for number, turn in enumerate(episode.turns, start=1):
            span = turn.tokens
            if span is not None and span.sampled:
                ids += (*span.context, *span.sampled)
                turns += [number] * (len(span.context) + len(span.sampled))
                context, words = self._format.feedback_words(feedback or "", ended=ended)
                if feedback and context == list(span.context):
                    marks += words
                else:  # the problem, or a dialogue that was tokenised as a whole
                    marks += [False] * len(span.context)
                marks += [False] * len(span.sampled)
                ended = span.sampled[-1] == self._format.end_id
            feedback = turn.feedback
        return TokenRecord(
            np.array(ids, dtype=np.int64),
            np.array(marks, dtype=np.bool_),
            np.array(turns, dtype=np.int64),
            np.zeros(len(ids), dtype=np.float32),
        )

    def losses(self, model: PreTrainedModel, lessons: Sequence[Lesson], accelerator: Accelerator) -> Tensor:
        batch = collate([lesson.record for lesson in lessons]).to(accelerator.device)
        with accelerator.autocast():
            logits = student_logits(model, batch)
        return -student_logprobs(logits, batch, 1.0)
