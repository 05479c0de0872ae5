"""Weights, gradients and AdamW's state shared among the processes: FSDP2, for models that no GPU holds alone.

`torch.distributed.fsdp.fully_shard` (Zhao et al., arXiv 2304.11277; Rajbhandari et al., arXiv 1910.02054,
stage 3) leaves each process a part of every weight. In an update the weights of a layer are gathered when it
computes and dropped afterwards, and its gradient is summed over the processes into the parts.

Each such message needs all processes, so all make the same number of passes in an update: whoever has fewer
micro-batches makes the rest on a dialogue of no weight (`Learner`). Holding dialogues is another matter:
each process samples another number of tokens, so no token may wait for another process. Before that the
weights are gathered once into a plain copy of the model (`empty_copy`, `filled`), which is dropped again
before the update. Nothing is hooked into it, so it decodes as any model does.

It computes the same numbers as the unsharded model: in bfloat16 a linear layer's weight would be rounded at
each use, and in the copy it is rounded once. Messages are in the weights' own type for the same reason.

Nothing outside an update sees parts. States are gathered for a checkpoint and cut again when it is read, so
a run may go on with another number of processes, or without sharding.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor
from transformers import PreTrainedModel

from sml_agents.activations import layers_of
from sml_agents.processes import heard, launched_for


class _Options(Protocol):
    sharding: Any


def shards(options: _Options, accelerator: Accelerator) -> bool:
    """Whether a run shares its weights: by its own option, or as `accelerate launch` was configured."""
    asked = options.sharding == "fsdp" or launched_for("FSDP")
    return asked and accelerator.num_processes > 1


def sharder(options: _Options, accelerator: Accelerator) -> Callable[[PreTrainedModel], object] | None:
    """What shards a model of this run, None where nothing is to be sharded."""
    return (lambda model: shard(model, accelerator)) if shards(options, accelerator) else None


def shard(model: PreTrainedModel, accelerator: Accelerator) -> None:
    """Leave this process its part of each weight, in place, on its device; all processes must call it.

    Every layer is gathered by itself, and what lies outside of them (embedding, head) as one. Gradients
    come out as sums over the processes.
    """
    mesh = init_device_mesh(accelerator.device.type, (accelerator.num_processes,))
    for layer in layers_of(model):
        fully_shard(layer, mesh=mesh)
    # What is outside the layers stays gathered from its first use in a pass to the end of the backward pass,
    # and thus for a loss that takes hidden states past the model's output.
    fully_shard(model, mesh=mesh, reshard_after_forward=False)
    for module in _parts(model):
        module.set_force_sum_reduction_for_comms(True)  # since gloo knows sums alone
        module.set_gradient_divide_factor(1.0)


def is_sharded(model: nn.Module) -> bool:
    """Whether `shard` has changed this model."""
    return isinstance(model, FSDPModule)


def release(*models: nn.Module) -> None:
    """Drop gathered weights, which the next optimizer step would leave behind."""
    for model in models:
        for module in _parts(model):
            module.reshard()


def _parts(model: nn.Module) -> list[FSDPModule]:
    return [module for module in model.modules() if isinstance(module, FSDPModule)]


# ---- a plain copy of a sharded model ----


def empty_copy(
    model: PreTrainedModel, device: torch.device | str, *, autocast: bool = False
) -> PreTrainedModel:
    """A model that is not sharded yet, without its weights; `filled` lends it those of the sharded one.

    With `autocast` (bfloat16) the weights of linear layers are rounded to bfloat16 in the copy, as they would
    be at each use, but for those that another module uses too.
    """
    replaced = {id(p): _nothing(p, device) for p in model.parameters()}
    made: PreTrainedModel = copy.deepcopy(model, dict(replaced))
    for buffer in made.buffers():
        buffer.data = buffer.data.to(device)
    if autocast:
        for parameter in _rounded(made):
            parameter.data = parameter.data.to(torch.bfloat16)
    return made.eval()


def _rounded(model: nn.Module) -> list[nn.Parameter]:
    """The weights that linear layers alone use, which autocast rounds to bfloat16 at each use."""
    users: dict[int, list[nn.Module]] = {}
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            users.setdefault(id(parameter), []).append(module)
    return [p for p in model.parameters() if all(type(user) is nn.Linear for user in users[id(p)])]


def gathered_sizes(model: nn.Module, *, autocast: bool) -> tuple[int, int]:
    """Bytes of the copy that holds dialogues, and of the weights that are whole at once in an update.

    The latter are those outside the layers, of the layer that computes, and of the next, already asked for.
    """
    own = sum(p.nbytes for p in model.parameters())
    copied = own - sum(p.nbytes - 2 * p.numel() for p in _rounded(model)) if autocast else own
    layers = [sum(p.nbytes for p in layer.parameters()) for layer in layers_of(model)]
    return copied, own - sum(layers) + 2 * max(layers, default=0)


def _nothing(parameter: nn.Parameter, device: torch.device | str) -> nn.Parameter:
    """A parameter of the same type and no memory.

    It still counts as trained if the other does, since autocast remembers its casts of such weights alone.
    """
    nothing = torch.empty(0, dtype=parameter.dtype, device=device)
    return nn.Parameter(nothing, requires_grad=parameter.requires_grad)


@contextmanager
def filled(plain: PreTrainedModel, model: PreTrainedModel) -> Iterator[None]:
    """While the context lasts, the copy has the sharded model's weights; all processes must enter it."""
    own = dict(plain.named_parameters())
    with torch.no_grad():
        for name, weight in full_weights(model):
            own[name].data = weight.detach().to(own[name].dtype)
    try:
        yield
    finally:
        for parameter in own.values():
            parameter.data = torch.empty(0, dtype=parameter.dtype, device=parameter.device)


def full_weights(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """The weights by their names, whole, one after another: each is gathered when it is asked for.

    Of a sharded model all processes must take them, all of them and in step.
    """
    release(model)
    for name, parameter in model.named_parameters():
        yield name, _full(parameter.detach())


def full_model(plain: PreTrainedModel, model: PreTrainedModel, *, keep: bool) -> PreTrainedModel | None:
    """The sharded model's weights in a new plain one in the CPU's memory, for whoever has `keep`.

    All processes must call it. A model that is not sharded is returned as it is.
    """
    if not is_sharded(model):
        return model
    weights: dict[int, nn.Parameter] = {}
    own = dict(plain.named_parameters())
    for name, weight in full_weights(model):
        if keep:
            weights[id(own[name])] = nn.Parameter(weight.cpu(), requires_grad=own[name].requires_grad)
    return copy.deepcopy(plain, dict(weights)).to("cpu") if keep else None


# ---- states ----


def gathered(state: Any, *, keep: bool) -> Any:
    """A state with every sharded tensor whole and in the CPU's memory, for whoever has `keep`; else None.

    All processes must call it, with the same keys in the same order.
    """
    if isinstance(state, DTensor):
        whole = _full(state)
        return whole.cpu() if keep else None
    if isinstance(state, Mapping):
        return {key: gathered(value, keep=keep) for key, value in state.items()}
    if isinstance(state, (list, tuple)):
        return type(state)(gathered(value, keep=keep) for value in state)
    return state


def cut_like(state: Mapping[str, Tensor], like: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Whole tensors, each cut as the one of its name in `like` is."""
    return {name: _cut(tensor, like.get(name)) for name, tensor in state.items()}


def cut_optimizer_state(state: dict[str, Any], optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """An optimizer's whole state, cut as its parameters are."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    cut = {
        number: {
            name: _cut(value, parameters[number]) if isinstance(value, Tensor) and value.ndim else value
            for name, value in own.items()
        }
        for number, own in state["state"].items()
    }
    return {**state, "state": cut}


def _cut(tensor: Tensor, like: Tensor | None) -> Tensor:
    if not isinstance(like, DTensor):
        return tensor
    mesh: DeviceMesh = like.device_mesh
    # Each process has read the whole tensor, so none needs to be told anything.
    return distribute_tensor(tensor.to(like.device), mesh, like.placements, src_data_rank=None)


def _full(tensor: Tensor) -> Tensor:
    if not isinstance(tensor, DTensor):
        return tensor
    with heard():
        return tensor.full_tensor()


# ---- gradients ----


def clear_gradients(parameters: list[nn.Parameter]) -> None:
    """Set gradients to 0, whether all, some or none of the parameters are sharded."""
    gradients = [p.grad for p in parameters if p.grad is not None]
    parts = [g.to_local() if isinstance(g, DTensor) else g for g in gradients]
    if parts:
        torch._foreach_zero_(parts)


def clip_gradients(parameters: list[nn.Parameter], max_norm: float) -> float:
    """Scale the gradients so that the norm of all is at most `max_norm`; the norm before, over all processes.

    As `torch.nn.utils.clip_grad_norm_`, for parameters of which some are sharded.
    """
    gradients = [p.grad for p in parameters if p.grad is not None]
    parts = [g.to_local() for g in gradients if isinstance(g, DTensor)]
    whole = [g for g in gradients if not isinstance(g, DTensor)]
    square = torch.zeros((), dtype=torch.float64, device=parameters[0].device)
    if parts:
        square += torch.nn.utils.get_total_norm(parts).double() ** 2
    if any(isinstance(p, DTensor) for p in parameters):
        with heard():
            torch.distributed.all_reduce(square)
    if whole:
        square += torch.nn.utils.get_total_norm(whole).double() ** 2
    norm = float(square.sqrt())
    factor = min(1.0, max_norm / (norm + 1e-6))
    torch._foreach_mul_([*parts, *whole], factor)
    return norm
