"""From episodes to training batches: token records, told apart by speaker.

A model student attaches to each utterance the tokens it sampled and the context that was
spliced in before. Strung together they are the dialogue exactly as the model read it, so
nothing is tokenised again and only sampled tokens are ever trained on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedModel

from sml_agents.vocabulary import spend_logits
from sml_gym import Episode


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """One dialogue as tokens; four arrays of the same length.

    Attributes:
        ids: token ids, int64.
        student: True where the student sampled the token.
        turn: in which turn (from 1) the token was sampled, or read before an utterance was sampled.
        logprobs: log-probability at sampling, float32; 0 where not sampled.
    """

    ids: NDArray[np.int64]
    student: NDArray[np.bool_]
    turn: NDArray[np.int64]
    logprobs: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.ids)


def token_record(episode: Episode) -> TokenRecord:
    """The tokens of an episode's dialogue up to the student's last token.

    Turns without tokens (another student's, or an utterance for which there was no room) add nothing.
    """
    ids: list[int] = []
    student: list[bool] = []
    turns: list[int] = []
    logprobs: list[float] = []
    for number, turn in enumerate(episode.turns, start=1):
        span = turn.tokens
        if span is None or not span.sampled:
            continue
        ids += (*span.context, *span.sampled)
        student += [False] * len(span.context) + [True] * len(span.sampled)
        turns += [number] * (len(span.context) + len(span.sampled))
        logprobs += (*[0.0] * len(span.context), *span.logprobs)
    return TokenRecord(
        np.array(ids, dtype=np.int64),
        np.array(student, dtype=np.bool_),
        np.array(turns, dtype=np.int64),
        np.array(logprobs, dtype=np.float32),
    )


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Token records padded on the right to one length.

    All tensors have shape (dialogues, length): `ids` (int64, 0 where padded), `attention` (True where
    there is a token), `student`, `turn` and `logprobs` as in `TokenRecord`.
    """

    ids: Tensor
    attention: Tensor
    student: Tensor
    turn: Tensor
    logprobs: Tensor

    def to(self, device: torch.device | str) -> TokenBatch:
        """The same batch on another device."""
        return TokenBatch(
            *(
                tensor.to(device, non_blocking=True)
                for tensor in (self.ids, self.attention, self.student, self.turn, self.logprobs)
            )
        )


def collate(records: Sequence[TokenRecord]) -> TokenBatch:
    """Pad records to the longest of them."""
    length = max(map(len, records))

    def pad(arrays: Iterable[NDArray[Any]], dtype: torch.dtype) -> Tensor:
        table = torch.zeros((len(records), length), dtype=dtype)
        for row, array in zip(table, arrays, strict=True):
            row[: len(array)] = torch.from_numpy(array)
        return table

    return TokenBatch(
        ids=pad((r.ids for r in records), torch.long),
        attention=pad((np.ones(len(r), dtype=np.bool_) for r in records), torch.bool),
        student=pad((r.student for r in records), torch.bool),
        turn=pad((r.turn for r in records), torch.long),
        logprobs=pad((r.logprobs for r in records), torch.float32),
    )


MAX_PADDING = 0.1
"""Most padding of a micro-batch, as a share of its dialogues' own tokens."""


def split_by_length(
    lengths: Sequence[int], max_tokens: int, max_padding: float = MAX_PADDING
) -> list[list[int]]:
    """Indices in groups of like length, longest first, each padded to at most `max_tokens` tokens.

    A dialogue longer than that is a group of its own. No group has more padding than `max_padding` times
    its dialogues' tokens, so neither have all together, however unequal they are. Packing several dialogues
    into one row would need no padding, but a block-diagonal mask that only some attention kernels compute
    without the whole square; groups of like length are exact for every architecture.
    """
    groups: list[list[int]] = []
    longest = tokens = 0
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        tokens += lengths[index]
        slots = (len(groups[-1]) + 1) * longest if groups else 0
        if groups and slots <= max_tokens and slots - tokens <= max_padding * tokens:
            groups[-1].append(index)
        else:
            groups.append([index])
            longest = tokens = lengths[index]
    return groups


def student_logits(model: PreTrainedModel, batch: TokenBatch) -> Tensor:
    """Logits for the student's tokens only: float32, (student tokens, vocabulary). See `student_outputs`."""
    return student_outputs(model, batch)[0]


def student_hidden(model: PreTrainedModel, batch: TokenBatch) -> Tensor:
    """The hidden states of `student_outputs` alone; the head computes nothing."""
    return student_outputs(model, batch, logits=False)[1]


def student_outputs(
    model: PreTrainedModel, batch: TokenBatch, *, logits: bool = True
) -> tuple[Tensor, Tensor]:
    """Logits for the student's tokens, and the hidden states from which each is predicted.

    float32, (student tokens, vocabulary), and (student tokens, hidden) in the model's own type.
    Row i belongs to the i-th True of `batch.student` in row-major order. The head of the
    model, whose output is by far the largest tensor, is given only the hidden states from
    which a student token is predicted, whatever the architecture does after it (soft caps,
    scales). Without `logits` it is given none of them.

    No attention mask is needed: padding is on the right and attention is causal, so no
    token sees any of it.
    """
    wanted = torch.nn.functional.pad(batch.student[:, 1:], (0, 1)).flatten().nonzero().squeeze(1)
    head = model.get_output_embeddings()

    if head is None:
        output = model(input_ids=batch.ids, use_cache=False, output_hidden_states=True)
        table, hidden = output.logits, output.hidden_states[-1]
        flat = table.reshape(-1, table.shape[-1])[wanted].float()
        return flat, hidden.reshape(-1, hidden.shape[-1])[wanted]
    states: list[Tensor] = []

    def pick(_: Any, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        hidden = inputs[0]
        chosen = hidden.reshape(1, -1, hidden.shape[-1])[:, wanted]
        states.append(chosen[0])
        return (chosen if logits else chosen[:, :0], *inputs[1:])

    hook = head.register_forward_pre_hook(pick)
    try:
        table = model(input_ids=batch.ids, use_cache=False).logits
    finally:
        hook.remove()
    return table[0].float(), states[0]


def logprobs_and_entropy(logits: Tensor, batch: TokenBatch, temperature: float) -> tuple[Tensor, Tensor]:
    """Log-probability of each student token and the entropy (nats, no gradient) it was drawn with.

    Both of shape (student tokens,), from `student_logits`, under softmax(logits / temperature) as
    at sampling (temperature 0 counts as 1). The logits are used up (`sml_agents.vocabulary`).
    """
    return spend_logits(logits, batch.ids[batch.student], temperature or 1.0)


def student_logprobs(logits: Tensor, batch: TokenBatch, temperature: float) -> Tensor:
    """The log-probabilities of `logprobs_and_entropy` alone, which use up the logits as well."""
    return logprobs_and_entropy(logits, batch, temperature)[0]
