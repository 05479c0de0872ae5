"""Self-distillation: the model that has heard the feedback teaches the same model that has not.

With p the model's distribution over the next token given the dialogue with the feedback (no gradient flows
into it), and q the one to be trained, which does not see that feedback, at each token of an utterance:

| target | the utterance | loss of a token | source |
| --- | --- | --- | --- |
| `revision` | said after the feedback | KL(p, q), or -log q(token) (`sampled`) | RLTF-SD, arXiv 2602.02482 |
| `attempt` | said before it, read again after it | KL(q, p) | SDPO, arXiv 2601.20802 |

`revision`: the student learns to say at once what it could say only after feedback. Its words were sampled
from p, so -log q(token) is a sample of KL(p, q) but for a constant, and KL(p, q), over the whole vocabulary,
the same without the noise of sampling: context distillation (Snell et al., arXiv 2209.15189). RLTF-SD weighs
an utterance by how much better its reward is than that of first attempts; here `distill_turns` chooses which
utterances count, and those that solve the task, the default, are those whose weight is positive there.

`attempt`: the model reads its own words again, knowing what the teacher then said of them, and is drawn to
what it would rather have said, token by token. Both sides are on the student's own words, hence the reverse
divergence. The paper poses the problem anew with the feedback in it; here the dialogue itself is the context,
up to where the student speaks again.

Token in, token out: both sides are put together from the token record. Only `distill_without="silent"`
tokenises anything, the words "Go on." in place of the feedback.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor
from transformers import PreTrainedModel

from sml_agents.added_losses import AddedLoss, Lesson
from sml_agents.chat import ChatFormat
from sml_agents.online_options import Divergence, Target
from sml_agents.tokens import TokenRecord, collate, student_logits, student_logprobs
from sml_gym import Dialogue, Episode, Speaker, Utterance
from sml_gym.distillation import Which, Without, targets
from sml_gym.teachers.wording import GO_ON


class SelfDistillation(AddedLoss):
    """Distils the model with feedback in its context into the same model without.

    Args:
        weight: of the loss.
        chat_format: the student's, which encodes what stands in the feedback's place.
        target: which utterance is learned (see the module's text).
        which: the utterances after feedback that count: those that solve the task ("solved"), that are
            better than all before them ("improved"), or "all".
        without: what the context of a revision holds instead of the feedback: the "problem" alone, or the
            dialogue with "Go on." in its place ("silent").
        divergence: "kl" over the whole vocabulary, or "sampled": -log q of the words that were said.
        temperature: of the sampling, by which logits are divided on both sides.
    """

    name: ClassVar[str] = "distill"

    def __init__(
        self,
        weight: float,
        chat_format: ChatFormat,
        *,
        target: Target = "revision",
        which: Which = "solved",
        without: Without = "problem",
        divergence: Divergence = "kl",
        temperature: float = 1.0,
    ) -> None:
        self.weight = weight
        self._format = chat_format
        self._target = target
        self._which = which
        self._without = without
        self._divergence = divergence
        self._temperature = temperature or 1.0

    def lessons(self, episodes: Sequence[Episode]) -> list[Lesson]:
        """One for each utterance that counts, of valid dialogues whose tokens are all known."""
        return [lesson for episode in episodes if episode.valid for lesson in self._lessons(episode)]

    def _lessons(self, episode: Episode) -> Iterator[Lesson]:
        spans = [turn.tokens for turn in episode.turns]
        for number in targets(episode, self._which):
            known = [span for span in spans[:number] if span is not None and span.sampled]
            if len(known) < number:
                continue
            read = [i for span in known for i in (*span.context, *span.sampled)]
            said = known[-1].sampled
            heard = read[: len(read) - len(said)]
            if self._target == "revision":
                unheard = self._unheard([(span.context, span.sampled) for span in known[:-1]])
                yield Lesson(_last(unheard, said), _last(heard, said))
            else:
                first = known[-2].sampled
                before = len(heard) - len(known[-1].context) - len(first)
                yield Lesson(_last(heard[:before], first), _last(heard, first))

    def _unheard(self, turns: Sequence[tuple[tuple[int, ...], tuple[int, ...]]]) -> list[int]:
        """What stands before a revision without the feedback on these turns (context, said)."""
        ids = list(turns[0][0])
        if self._without == "silent":
            go_on = Dialogue([Utterance(Speaker.TEACHER, GO_ON)])
            for _, said in turns:
                ids += (*said, *self._format.encode(go_on, 2, ended=said[-1] == self._format.end_id))
        return ids

    def losses(self, model: PreTrainedModel, lessons: Sequence[Lesson], accelerator: Accelerator) -> Tensor:
        batch = collate([lesson.record for lesson in lessons]).to(accelerator.device)
        with accelerator.autocast():
            logits = student_logits(model, batch)
        if self._divergence == "sampled":
            return -student_logprobs(logits, batch, self._temperature)
        own = torch.log_softmax(logits / self._temperature, dim=-1)
        del logits  # such tables are the largest that there are
        heard = [lesson.target for lesson in lessons if lesson.target is not None]
        with torch.no_grad(), accelerator.autocast():
            targets = student_logits(model, collate(heard).to(accelerator.device))
            taught = torch.log_softmax(targets / self._temperature, dim=-1)
            del targets
        if self._target == "revision":
            return (taught.exp() * (taught - own)).sum(-1)
        return (own.exp() * (own - taught)).sum(-1)


def _last(before: Sequence[int], said: Sequence[int]) -> TokenRecord:
    """Tokens of which the last, those that were said, are to be predicted."""
    length, new = len(before) + len(said), len(said)
    return TokenRecord(
        np.array([*before, *said], dtype=np.int64),
        np.arange(length) >= length - new,
        np.ones(length, dtype=np.int64),
        np.zeros(length, dtype=np.float32),
    )
