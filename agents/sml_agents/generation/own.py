"""The model itself as its own generation back end: plain decoding, with keys and values kept across calls.

A dialogue's next prompt begins with the prompt before and with what was sampled after it. The rows of the
last call are therefore kept, and where every prompt goes on from one of them only the new tokens are fed:

- a row may be left out, or come at another place;
- a row whose last utterance was taken back is rewound to where that began, and one that went on otherwise
  still to the last token that agrees;
- where one prompt goes on from none of them, all are read afresh. A group's equal prompts are read once.

Slots of tokens that were taken back stay in the cache and are hidden (`sml_agents.decoding`), so all of it is
exact: what is sampled is what decoding from scratch would sample.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from sml_agents.decoding import KeptBatch, cache_argument, keeps_exactly
from sml_agents.generation.protocol import Generated, TokenSampling
from sml_agents.sampling import sample, stop_table


@dataclass(slots=True, eq=False)
class _KeptRows:
    """A batch after a call.

    Attributes:
        batch: the keys and values.
        fed: the ids that each row was fed. The last token of an utterance has been sampled and not been fed.
        begins: where in `fed` the newest utterance of each row begins.
        keys: the caller's names of the rows, None where it has none.
    """

    batch: KeptBatch
    fed: list[list[int]]
    begins: list[int]
    keys: Sequence[Hashable] | None

    def find(
        self, prompts: Sequence[Sequence[int]], keys: Sequence[Hashable] | None
    ) -> list[tuple[int, int]] | None:
        """For each prompt a row and how many of its tokens the prompt begins with; None if one has none."""
        rows: list[int | None]
        if keys is not None and self.keys is not None:
            place = {key: row for row, key in enumerate(self.keys)}
            rows = [place.get(key) for key in keys]
        else:
            rows = self._rows_that_begin(prompts)
        found = []
        for prompt, row in zip(prompts, rows, strict=True):
            agreed = 0 if row is None else self._agreed(prompt, row)
            if row is None or not agreed:
                return None
            found.append((row, agreed))
        return found

    def _rows_that_begin(self, prompts: Sequence[Sequence[int]]) -> list[int | None]:
        """For each prompt the row of which it repeats all that was fed, the longest of such."""
        place = {tuple(ids): row for row, ids in enumerate(self.fed)}
        lengths = sorted({len(ids) for ids in self.fed}, reverse=True)
        return [
            next((place[head] for n in lengths if (head := tuple(prompt[:n])) in place), None)
            for prompt in prompts
        ]

    def _agreed(self, prompt: Sequence[int], row: int) -> int:
        """How many of the row's tokens to keep; at least one of the prompt's is left to feed."""
        fed, begin = self.fed[row], self.begins[row]
        for length in (len(fed), begin):
            if len(prompt) > length and list(prompt[:length]) == fed[:length]:
                return length
        most = min(len(prompt) - 1, len(fed))
        return next((i for i in range(most) if prompt[i] != fed[i]), most)


class OwnGenerator:
    """Decodes a causal language model of `transformers` in this process; see the module.

    Args:
        model: the model. It is put in evaluation mode, since dropout would make sampling and training
            disagree.
        keep: whether to keep rows from call to call. None keeps them where the model's attention lets it be
            exact (`sml_agents.decoding.keeps_exactly`); False decodes every call from scratch.
        batches: how many calls' rows are kept at once, each with its own memory. More than one pays where the
            calls of several waves of dialogues alternate (batches).

    Raises:
        ConfigError: for an architecture that cannot be decoded token by token.
    """

    def __init__(self, model: PreTrainedModel, *, keep: bool | None = None, batches: int = 1) -> None:
        cache_argument(model)  # refused here rather than in the first call
        self.model = model.eval()
        self.keep = keeps_exactly(model) if keep is None else keep
        self.batches = batches
        self.context_length: int | None = None
        config: Any = model.config.get_text_config(decoder=True)
        self._vocabulary: int = config.vocab_size
        self._stops: tuple[frozenset[int], Tensor] | None = None
        self._kept: list[_KeptRows] = []

    def generate(
        self,
        prompts: Sequence[Sequence[int]],
        sampling: TokenSampling,
        *,
        keys: Sequence[Hashable] | None = None,
    ) -> Generated:
        """See `Generator.generate`."""
        if not prompts:
            return Generated([], [])
        # Autocast keeps its copies of the weights from one forward pass to the next only outside of inference
        # mode; casting them anew for each token takes as long as the products.
        autocast = torch.is_autocast_enabled(self.model.device.type)
        with torch.no_grad() if autocast else torch.inference_mode():
            return self._generate(prompts, sampling, keys)

    def _generate(
        self, prompts: Sequence[Sequence[int]], sampling: TokenSampling, keys: Sequence[Hashable] | None
    ) -> Generated:
        batch, logits = self._feed(prompts, keys)
        ids, logprobs = sample(
            batch,
            logits,
            sampling.noise,
            torch.tensor(sampling.limits),
            self._stop_table(sampling.stops),
            sampling.temperature,
            sampling.top_p,
            narrow=self.keep,
        )
        if self.keep:  # only now that the utterances are whole, whatever fails on the way
            fed = [[*prompt, *said[:-1]] for prompt, said in zip(prompts, ids, strict=True)]
            self._kept.append(_KeptRows(batch, fed, list(map(len, prompts)), keys))
        return Generated(ids, logprobs)

    def weights_changed(self) -> None:
        """See `Generator.weights_changed`. The weights are the model's own."""
        self.forget()

    def forget(self) -> None:
        """See `Generator.forget`."""
        self._kept.clear()

    def close(self) -> None:
        """See `Generator.close`."""
        self.forget()

    def _feed(
        self, prompts: Sequence[Sequence[int]], keys: Sequence[Hashable] | None
    ) -> tuple[KeptBatch, Tensor]:
        """A batch of these rows, fed with the whole prompts, and the logits that follow."""
        for kept in reversed(self._kept):
            found = kept.find(prompts, keys)
            if found is not None:
                self._kept.remove(kept)
                return kept.batch, _go_on(kept, prompts, found)
        while len(self._kept) >= self.batches:  # so that their memory is free before a new batch needs some
            del self._kept[0]
        batch = KeptBatch(self.model, roomy=self.keep)
        if not self.keep:
            return batch, batch.extend(prompts)
        distinct = {tuple(prompt): None for prompt in prompts}
        place = {prompt: row for row, prompt in enumerate(distinct)}
        logits = batch.extend(list(distinct))
        if len(distinct) < len(prompts):
            index = [place[tuple(prompt)] for prompt in prompts]
            batch.select(index)
            logits = logits[torch.tensor(index, device=batch.device)]
        return batch, logits

    def _stop_table(self, stops: frozenset[int]) -> Tensor:
        """Of the newest stops, since they are mostly the same."""
        if self._stops is None or self._stops[0] != stops:
            self._stops = stops, stop_table(stops, self._vocabulary)
        return self._stops[1]


def _go_on(kept: _KeptRows, prompts: Sequence[Sequence[int]], found: Sequence[tuple[int, int]]) -> Tensor:
    """Feed the rows that were found with what is new in their prompts."""
    rows = [row for row, _ in found]
    taken_back = [len(kept.fed[row]) - agreed for row, agreed in found]
    if len(set(rows)) < len(rows):  # several prompts go on from one row, each from its own place
        kept.batch.select(rows)
        rows = list(range(len(rows)))
        for row, tokens in enumerate(taken_back):
            kept.batch.rewind(row, tokens)
    else:
        for row, tokens in zip(rows, taken_back, strict=True):
            kept.batch.rewind(row, tokens)
        kept.batch.select(rows)
    return kept.batch.extend([prompt[agreed:] for prompt, (_, agreed) in zip(prompts, found, strict=True)])
