"""Decoding many dialogues at once with keys and values that are kept from turn to turn.

`KeptBatch` holds the rows of a batch: for each row the keys and values of its tokens, and
which slots of the cache are real. Rows have unequal lengths, so the cache has holes; a
2-D attention mask hides them and explicit position ids count real tokens only. Slots stay
in the order in which their tokens were said, so a causal mask over slots is right.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import DynamicLayer

from sml_gym import ConfigError

_ROOM = 64
"""Slots by which a full buffer grows at least; a long one grows by a quarter. A copy now and then costs
little beside attention, which reads the whole buffer for every token, and unused room is memory lost."""

_WORTH_SQUEEZING = 0.1
"""Share of slots that must be holes in every row before a copy without them pays."""


class _RoomyLayer(DynamicLayer):  # type: ignore[misc]
    """A cache layer with room to grow: a decoding step writes one slot and copies nothing else.

    `DynamicLayer` concatenates at each step and so copies the whole cache for every token.
    """

    def __init__(self) -> None:
        super().__init__()
        self.room: tuple[Tensor, Tensor] | None = None
        self.used = 0

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Append the new slots; return all used ones. Shapes (rows, heads, slots, width)."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        new = key_states.shape[2]
        self.reserve(self.used + new, like=(key_states, value_states))
        assert self.room is not None
        for buffer, states in zip(self.room, (key_states, value_states), strict=True):
            buffer[:, :, self.used : self.used + new] = states
        self.used += new
        self._expose()
        return self.keys, self.values

    def reserve(self, slots: int, like: tuple[Tensor, Tensor] | None = None) -> None:
        """Make room for `slots` slots in all. New room is uninitialised: whoever exposes it fills it."""
        if self.room is not None and self.room[0].shape[2] >= slots:
            return
        old = self.room or like
        assert old is not None
        capacity = slots + max(_ROOM, self.used // 4)
        grown = []
        for tensor in old:
            rows, heads, _, width = tensor.shape
            buffer = tensor.new_empty((rows, heads, capacity, width))
            if self.room is not None:
                buffer[:, :, : self.used] = tensor[:, :, : self.used]
            grown.append(buffer)
        self.room = (grown[0], grown[1])

    def pick(self, rows: Tensor, order: Tensor | None = None, room: int = _ROOM) -> _RoomyLayer:
        """A layer with these rows, and of row i the slots `order[i]` (default: all), with room to grow."""
        slots = self.used if order is None else order.shape[1]
        picked = _RoomyLayer()
        picked.lazy_initialization(self.keys, self.values)
        buffers = []
        for states in (self.keys, self.values):
            _, heads, _, width = states.shape
            buffer = states.new_empty((len(rows), heads, slots + room, width))
            if order is None:
                torch.index_select(states, 0, rows, out=buffer[:, :, :slots])
            else:
                index = order[:, None, :, None].expand(-1, heads, -1, width)
                torch.gather(states[rows], 2, index, out=buffer[:, :, :slots])
            buffers.append(buffer)
        picked.room, picked.used = (buffers[0], buffers[1]), slots
        picked._expose()
        return picked

    def _expose(self) -> None:
        assert self.room is not None
        self.keys = self.room[0][:, :, : self.used]
        self.values = self.room[1][:, :, : self.used]


def keeps_exactly(model: PreTrainedModel) -> bool:
    """Whether this model's cache may have holes, so that it can be kept across turns.

    It may if every layer attends to all slots and positions are given explicitly. Sliding
    windows count slots, and recurrent states cannot skip one; such models decode each turn
    from scratch, with all padding to the left.
    """
    layers = DynamicCache(config=model.config).layers
    return "position_ids" in inspect.signature(model.forward).parameters and all(
        type(layer) is DynamicLayer for layer in layers
    )


def cache_argument(model: PreTrainedModel) -> str:
    """The argument of `forward` that takes the cache.

    Raises `ConfigError` for an architecture without one: it would read each token as if it were the first.
    """
    names = inspect.signature(model.forward).parameters
    for name in ("past_key_values", "cache_params"):  # the second in purely recurrent models
        if name in names:
            return name
    raise ConfigError(
        f"{type(model).__name__} takes neither `past_key_values` nor `cache_params`, so it cannot be decoded "
        "token by token here. Choose a model of another architecture."
    )


class KeptBatch:
    """The rows of a batch that is being decoded, with their keys and values.

    `extend` feeds each row a chunk of tokens and `step` one token; both return the logits
    that follow, float32 of shape (rows, vocabulary).

    Args:
        model: any causal language model of `transformers`.
        roomy: keep keys and values in buffers with room to grow, which `select`,
            `narrow` and `widen` need. False uses the model's own cache, for one turn only.
    """

    def __init__(self, model: PreTrainedModel, *, roomy: bool = True) -> None:
        self._model = model
        self._roomy = roomy
        self.device = model.device
        names = inspect.signature(model.forward).parameters
        self._cache_name = cache_argument(model)
        self._takes_positions = "position_ids" in names
        self._last_only: dict[str, Any] = {"logits_to_keep": 1} if "logits_to_keep" in names else {}
        # Of a 2-D mask `transformers` asks at every token whether it hides anything, for which the host would
        # have to wait for an accelerator. It takes a whole mask as it is.
        attention = getattr(model.config, "_attn_implementation", None)
        whole = roomy and self._takes_positions and attention == "sdpa" and keeps_exactly(model)
        self.whole_mask = whole and self.device.type != "cpu"
        self._cache = self._new_cache()
        self._real = torch.zeros((0, 0), dtype=torch.bool, device=self.device)
        self._slots = 0
        self._lengths = torch.zeros(0, dtype=torch.long, device=self.device)
        self._wider: list[tuple[Tensor, Any, Tensor, int, Tensor]] = []

    @property
    def rows(self) -> int:
        """How many rows are being fed."""
        return self._lengths.shape[0]

    def extend(self, chunks: Sequence[Sequence[int]]) -> Tensor:
        """Feed row i the tokens `chunks[i]` (at least one) and return the logits after its last."""
        width = max(map(len, chunks))
        ids = torch.zeros((len(chunks), width), dtype=torch.long)
        real = torch.zeros((len(chunks), width), dtype=torch.bool)
        for row, chunk in enumerate(chunks):
            ids[row, width - len(chunk) :] = torch.tensor(chunk, dtype=torch.long)
            real[row, width - len(chunk) :] = True
        if self._slots == 0:
            self._real = torch.zeros((len(chunks), 0), dtype=torch.bool, device=self.device)
            self._lengths = torch.zeros(len(chunks), dtype=torch.long, device=self.device)
        return self._feed(ids.to(self.device, non_blocking=True), real.to(self.device, non_blocking=True))

    def step(self, tokens: Tensor, under_way: Tensor) -> Tensor:
        """Feed one token per row. Rows not `under_way` get a hidden slot and meaningless logits."""
        return self._feed(tokens.unsqueeze(1), under_way.unsqueeze(1))

    def _feed(self, ids: Tensor, real: Tensor) -> Tensor:
        new = ids.shape[1]
        end = self._slots + new
        if end > self._real.shape[1]:
            grown = self._real.new_zeros((self.rows, end + max(_ROOM, self._slots)))
            grown[:, : self._slots] = self._real[:, : self._slots]
            self._real = grown
        self._real[:, self._slots : end] = real
        arguments: dict[str, Any] = {"attention_mask": self._real[:, :end], **self._last_only}
        if self.whole_mask:
            arguments["attention_mask"] = _whole_mask(self._real[:, :end], new)
        if not self._takes_positions:
            # Such models (ALiBi, recurrent) find positions in the mask, which must be one of integers.
            arguments["attention_mask"] = arguments["attention_mask"].long()
        elif new == 1:
            arguments["position_ids"] = self._lengths.unsqueeze(1)
        else:
            arguments["position_ids"] = (self._lengths.unsqueeze(1) + real.cumsum(1) - 1).clamp_(min=0)
        if self._cache_name == "cache_params" and end > new:
            del arguments["attention_mask"]  # a state has no slots to hide, and padding came before it
        arguments[self._cache_name] = self._cache
        output = self._model(input_ids=ids, use_cache=True, **arguments)
        self._slots = end
        self._lengths = self._lengths + real.sum(1)
        return output.logits[:, -1].float()  # type: ignore[no-any-return]

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these rows only, in this order; a row may be named more than once."""
        index = torch.tensor(rows, dtype=torch.long, device=self.device)
        real = self._real[index, : self._slots]
        lengths = self._lengths[index]
        longest = int(lengths.max())
        order = None
        if longest < (1 - _WORTH_SQUEEZING) * self._slots:
            # A stable sort moves the holes to the left and leaves the real slots in their order.
            order = torch.sort(real, dim=1, stable=True).indices[:, self._slots - longest :]
            real, self._slots = real.gather(1, order), longest
        elif list(rows) == list(range(self.rows)):
            return
        layers = self._layers()
        for number, layer in enumerate(layers):  # so that one layer at a time is there twice, not all of them
            layers[number] = layer.pick(index, order)
        self._real, self._lengths = real, lengths

    def rewind(self, row: int, tokens: int) -> None:
        """Take back the last `tokens` tokens that this row was fed: their slots are hidden from now on."""
        if tokens:
            fed = self._real[row, : self._slots].nonzero().squeeze(1)
            self._real[row, fed[-tokens:]] = False
            self._lengths[row] -= tokens

    def narrow(self, rows: Tensor) -> None:
        """Feed only these rows (an index tensor) until `widen`; the others wait with what they have."""
        self._wider.append((rows, self._cache, self._real, self._slots, self._lengths))
        narrowed = self._new_cache()
        narrowed.layers = [layer.pick(rows) for layer in self._layers()]
        self._cache = narrowed
        self._real, self._lengths = self._real[rows], self._lengths[rows]

    def widen(self) -> None:
        """Undo every `narrow`: the waiting rows come back, with hidden slots for what they missed."""
        while self._wider:
            rows, cache, real, before, lengths = self._wider.pop()
            now = self._slots
            for layer, narrow in zip(cache.layers, self._layers(), strict=True):
                layer.reserve(now)
                for buffer, states in zip(layer.room, (narrow.keys, narrow.values), strict=True):
                    buffer[:, :, before:now] = 0
                    buffer[rows, :, before:now] = states[:, :, before:now]
                layer.used = now
                layer._expose()
            grown = real.new_zeros((real.shape[0], now))
            grown[:, :before] = real[:, :before]
            grown[rows, before:] = self._real[:, before:now]
            self._cache, self._real = cache, grown
            self._lengths = lengths.index_copy(0, rows, self._lengths)

    def layers(self) -> list[Any]:
        """The layers of the cache, as `transformers` keeps them; none in a model with a state of its own."""
        return list(getattr(self._cache, "layers", ()))

    def _new_cache(self) -> Any:
        cache = DynamicCache(**({} if self._roomy else {"config": self._model.config}))
        if self._roomy:
            cache.layer_class_to_replicate = _RoomyLayer
        return cache

    def _layers(self) -> list[_RoomyLayer]:
        layers: list[_RoomyLayer] = self._cache.layers
        return layers


def _whole_mask(real: Tensor, new: int) -> Tensor:
    """Which slots each of the last `new` slots sees, (rows, 1, new, slots): the real ones up to itself.

    A hole sees itself too, though nobody sees it: without anything to see its states would be no numbers.
    """
    slots = torch.arange(real.shape[1], device=real.device)
    own = slots[-new:, None]
    return ((real[:, None, :] & (slots <= own)) | (slots == own))[:, None]
