"""What a run would do and how much memory it would take, without its weights: `sml-gym train --dry-run`.

The model is made from its configuration alone, of tensors that have shapes and types and no memory. It then
computes as in training, and what it keeps for the backward pass and in its cache is added up, so that the
figures hold for any architecture. They suppose the most: every utterance as long as it may be, every token of
a micro-batch the student's, as many tokens read as said. What the libraries need beside (the CUDA context,
fragmentation, room in buffers) is not in them. AdamW keeps two float32 numbers for each weight
that is trained; of adapters' own activations, which are small, nothing is counted.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.initialization import no_init_weights

from sml_agents.activations import can_recompute, layers_of, recomputed
from sml_agents.adapters import add_adapters
from sml_agents.chat import ChatFormat
from sml_agents.decoding import KeptBatch, keeps_exactly
from sml_agents.load import read_config, student_path
from sml_agents.sharding import gathered_sizes
from sml_agents.trl_engine.options import trl_arguments
from sml_gym import ConfigError

_GIB = 2**30
_LOGIT_COPIES = 4
"""Float32 tables of a micro-batch's logits at once where `sml_agents.vocabulary` does not compute: logits,
log-softmax, and two for the entropy or the gradient."""
_BETWEEN = 5
"""The same for the divergence of two: both log-softmaxes, two terms of it, their product or a gradient."""


@dataclass(frozen=True)
class Plan:
    """What a run would do.

    Attributes:
        student: the model's name.
        parameters: how many weights the model has.
        trained: how many weights are trained: the model's or its adapters', and a separate trunk's.
        dialogues: held in each step (a round of offline training), over all processes.
        tokens: that the student may say in them at most.
        turns: of a dialogue, at most.
        microbatch: tokens whose gradient is computed at once.
        processes: among which the dialogues are shared, and with `sharding` the weights: as many as
            `torchrun` has started, or as WORLD_SIZE says.
        fixed: memory of each process that is taken throughout, by part (bytes).
        holding: what is taken beside while dialogues are held.
        learning: what is taken beside during an update.
        engine: who makes the updates.
    """

    student: str
    parameters: int
    trained: int
    dialogues: int
    tokens: int
    turns: int
    microbatch: int
    processes: int
    fixed: dict[str, int]
    holding: dict[str, int]
    learning: dict[str, int]
    engine: str = "own"

    @property
    def peak(self) -> int:
        """The most memory that a process takes at once (bytes)."""
        beside = max(sum(self.holding.values()), sum(self.learning.values()))
        return sum(self.fixed.values()) + beside

    def __str__(self) -> str:
        parts = [
            *self.fixed.items(),
            *((f"{name} (holding dialogues)", size) for name, size in self.holding.items()),
            *((f"{name} (learning)", size) for name, size in self.learning.items()),
            ("at once, at most", self.peak),
        ]
        shared = f", shared among {self.processes} processes" if self.processes > 1 else ""
        return "\n".join(
            [
                f"student: {self.student}",
                *([f"engine: {self.engine}"] if self.engine != "own" else []),
                f"parameters: {self.parameters:,}; trained: {self.trained:,}",
                f"dialogues a step: {self.dialogues:,} of up to {self.turns} turns{shared}",
                f"tokens a step: at most {self.tokens:,} said by the student",
                f"micro-batch: {self.microbatch:,} tokens",
                "memory of each process (GiB):",
                *(f"  {name}: {size / _GIB:.3f}" for name, size in parts),
            ]
        )


def _check_template(student: str) -> None:
    """Refuse a model folder whose tokenizer, if it holds one, would be refused when the run starts."""
    folder = Path(student_path(student))
    if not (folder / "tokenizer_config.json").is_file():
        return
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except Exception as exc:  # whatever the library raises about files that it cannot read
        reason = (str(exc).strip() or type(exc).__name__).split("\n")[0].rstrip(".")
        raise ConfigError(f"Cannot read the tokenizer in {folder}: {reason}. Save it anew there.") from exc
    ChatFormat(tokenizer)


def plan(options: Any) -> Plan:
    """What a run with these options, of any algorithm here, would do.

    Raises:
        ConfigError: for options without sense, a model whose configuration cannot be read, or a model
            folder with a tokenizer that has no usable chat template.
    """
    options.check()
    offline = hasattr(options, "rounds")
    config = read_config(options.student)
    _check_template(options.student)
    text = config.get_text_config(decoder=True)
    context = getattr(text, "max_position_embeddings", None) or math.inf
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    on_gpu = options.device == "auto" and torch.cuda.is_available()

    dialogues = (options.problems if offline else options.problems_per_step) * options.group_size
    said = int(
        min(
            options.max_turns * options.max_tokens_per_turn,
            options.max_tokens_per_dialogue or math.inf,
            context,
        )
    )
    longest = int(min(2 * said, context))
    if offline:
        row = min(longest, options.max_length or longest)
        microbatch = min(options.microbatch_size, options.batch_size) * row
    else:
        row = longest
        microbatch = options.microbatch_tokens or (16_384 if on_gpu else 2_048)
        if getattr(options, "engine", "own") == "trl":
            microbatch = trl_arguments(options, processes=processes)["per_device_train_batch_size"] * row
    held = min(options.rollout_batch, -(-dialogues // processes))

    frozen_low = options.lora_rank > 0 and options.precision == "bf16"
    dtype = torch.bfloat16 if frozen_low else torch.float32
    sizes = _of_the_model(
        config,
        dtype,
        autocast=options.precision == "bf16",
        longest=longest,
        rows=max(1, microbatch // row),
        length=min(row, microbatch),
        again=options.activation_checkpointing,
    )
    parameters, weights = sizes["parameters"], sizes["weights"]
    own = trained = parameters
    if options.lora_rank:
        own = trained = _adapters(config, options)
        weights += 4 * own
    activations = sizes["activations"]
    separate = getattr(options, "value_trunk", "shared") == "separate"
    if separate:  # frozen weights are shared with it
        activations *= 2
        trained += own
        weights += 4 * own
    fixed = {"weights": weights, "optimizer": 8 * trained}
    if (getattr(options, "beta", 0) or getattr(options, "kl", 0)) and not options.lora_rank:
        fixed["reference model"] = 4 * parameters
    gradients = 4 * trained
    holding, gathered = {"KV cache": held * sizes["cache"]}, {}
    if getattr(options, "sharding", "none") == "fsdp" and processes > 1:
        if separate and options.lora_rank:  # frozen weights are not shared with the trunk then
            fixed["weights"] += sizes["weights"]
        fixed = {f"{name}, a share": -(-size // processes) for name, size in fixed.items()}
        gradients = -(-gradients // processes)
        holding["weights, gathered"] = sizes["copy"] + (4 * own if options.lora_rank else 0)
        gathered["weights and gradients, gathered"] = 2 * sizes["whole"]
    return Plan(
        options.student,
        parameters,
        trained,
        dialogues,
        dialogues * said,
        options.max_turns,
        microbatch,
        processes,
        fixed,
        holding,
        gathered
        | {
            "gradients": gradients,
            "activations" + (", computed again" if options.activation_checkpointing else ""): activations,
            "logits": int(_tables(options) * 4 * microbatch * text.vocab_size),
        },
        getattr(options, "engine", "own"),
    )


def _tables(options: Any) -> float:
    """How many float32 tables of a micro-batch's logits there are at once."""
    if hasattr(options, "rounds") or getattr(options, "engine", "own") == "trl":
        return _LOGIT_COPIES
    if options.distill and options.distill_loss == "kl":
        return _BETWEEN
    return 1.5 if options.precision == "bf16" else 1  # the half: what the head itself puts out or takes


def _of_the_model(
    config: Any, dtype: torch.dtype, *, autocast: bool, longest: int, rows: int, length: int, again: bool
) -> dict[str, int]:
    """How many weights a model has; bytes of them, of a dialogue's cache and of what a forward pass keeps."""
    with FakeTensorMode(allow_non_fake_inputs=True):
        model = _shape_of(config, dtype)
        found = {
            "parameters": sum(p.numel() for p in model.parameters()),
            "weights": sum(p.numel() * p.element_size() for p in model.parameters()),
        }
        found["copy"], found["whole"] = gathered_sizes(model, autocast=autocast)
        found["cache"] = cache_of(model, longest, autocast=autocast)
        found["activations"] = activations_of(model, rows, length, autocast=autocast, again=again)
    return found


def _shape_of(config: Any, dtype: torch.dtype) -> Any:
    """The model of a configuration, with weights that nothing is drawn for."""
    with no_init_weights():
        model = AutoModelForCausalLM.from_config(config, dtype=dtype)
    model.tie_weights()  # which goes with the drawing
    return model.eval()


def activations_of(model: Any, rows: int, length: int, *, autocast: bool, again: bool) -> int:
    """Bytes that a forward pass over (rows, length) tokens keeps for the backward pass, but for the logits.

    With `again` it keeps what enters each layer, and of one layer at a time everything.
    """
    whole = _kept(model, rows, length, autocast)
    if not again:
        return whole
    can_recompute(model)
    inputs: list[int] = []

    def enter(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        hidden = args[0] if args else kwargs["hidden_states"]
        inputs.append(hidden.numel() * hidden.element_size())

    hooks = [layer.register_forward_pre_hook(enter, with_kwargs=True) for layer in layers_of(model)]
    try:
        with recomputed(model):
            between = _kept(model, rows, length, autocast)
    finally:
        for hook in hooks:
            hook.remove()
    return between + sum(inputs) + (whole - between) // max(1, len(inputs))


def cache_of(model: Any, tokens: int, *, autocast: bool) -> int:
    """Bytes of the keys and values of a dialogue of so many tokens, as decoding keeps them."""
    few = 4
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        batch = KeptBatch(model, roomy=keeps_exactly(model))
        batch.extend([[0] * few])
    size = 0
    for layer in batch.layers():
        window = getattr(layer, "sliding_window", None) or tokens
        for states in map(vars(layer).get, ("keys", "values")):  # a recurrent layer has none
            if states is not None:
                size += states.numel() * states.element_size() // few * min(tokens, window)
    return size


def _kept(model: Any, rows: int, length: int, autocast: bool) -> int:
    """Bytes that a forward pass keeps for the backward pass, but for the logits."""
    weights = {p.untyped_storage()._cdata for p in model.parameters()}
    found: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        found.setdefault(tensor.untyped_storage()._cdata, tensor)  # held, so that no other takes its place
        return tensor

    head = model.get_output_embeddings()
    hook = head and head.register_forward_pre_hook(lambda _, inputs: (inputs[0][:, :1], *inputs[1:]))
    ids = torch.zeros((rows, length), dtype=torch.long)
    try:
        with (
            torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor),
            torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast),
        ):
            model(input_ids=ids, use_cache=False)
    finally:
        if hook:
            hook.remove()
    return sum(tensor.untyped_storage().nbytes() for place, tensor in found.items() if place not in weights)


def _adapters(config: Any, options: Any) -> int:
    """How many weights the adapters have."""
    with torch.device("meta"):
        model = _shape_of(config, torch.float32)
        add_adapters(model, options.lora_rank, options.lora_alpha, seed=0, base="")
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
