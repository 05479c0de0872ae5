"""Training low-rank adapters in the place of a model's weights: LoRA, by `peft`.

Hu et al., arXiv 2106.09685: every linear layer W but the head computes W x + (alpha / r) B A x, and only A
(r rows, random) and B (zero at first) are trained. The layers are put into the model itself, so sampling and
training compute the same and everything else here sees the model that it knows.

With the adapters switched off the model is the one before training. It is the reference of a KL term, and no
second copy is kept (`adapters_off`). A checkpoint holds the adapters alone, as `peft` writes them; the
trained model that a run leaves is merged and plain (`merge_adapters`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from sml_agents.load import check_alike, load_student, student_path
from sml_gym import ConfigError
from sml_gym.seeding import stable_hash

if TYPE_CHECKING:
    from peft import LoraConfig
    from peft.tuners.tuners_utils import BaseTunerLayer

_WEIGHTS = "adapter_model.safetensors"
_NAME = "default"


class Adapted(Protocol):
    """The options of a run that say what is trained; those of every run here do."""

    student: str
    lora_rank: int
    lora_alpha: float
    precision: Any
    seed: int


def load_trained(
    options: Adapted, checkpoint: Path | None, device: torch.device | str
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """The student of a run as its checkpoint left it, with adapters if the run trains such.

    With adapters the frozen weights are held in bfloat16 where `precision` is "bf16": nothing is added to
    them step by step, so they need no float32 copy.

    Raises:
        ConfigError: if there is no such model, or the checkpoint is damaged or that of another.
    """
    if not options.lora_rank:
        if checkpoint is None:
            return load_student(options.student, device=device)
        try:
            model, tokenizer = load_student(str(checkpoint), device=device)
        except ConfigError as exc:
            reason = (str(exc.__cause__ or "") or str(exc)).split("\n")[0].rstrip(".")
            raise ConfigError(
                f"Cannot go on from {checkpoint}: {reason}. Remove this checkpoint and resume from the one "
                "before."
            ) from exc
        check_alike(model, options.student, checkpoint)
        return model, tokenizer
    dtype = torch.bfloat16 if options.precision == "bf16" else torch.float32
    model, tokenizer = load_student(options.student, dtype=dtype)
    base = student_path(options.student)
    add_adapters(model, options.lora_rank, options.lora_alpha, seed=options.seed, base=base)
    if checkpoint:
        load_adapters(model, checkpoint)
    moved: Any = model  # only now, so that random numbers are the CPU's whatever the device
    return moved.to(device), tokenizer


def add_adapters(model: PreTrainedModel, rank: int, alpha: float, *, seed: int, base: str) -> None:
    """Put float32 adapters into all linear layers but the head, in place, and freeze all other weights.

    What the model computes does not change.

    Args:
        model: changed in place.
        rank: r, the adapters' inner width.
        alpha: they are scaled by alpha / rank.
        seed: of A.
        base: path or public name of this model, for whoever reads the adapters from a checkpoint.

    Raises:
        ConfigError: for a model without linear layers that `peft` knows, or adapters larger than they are.
    """
    from peft import inject_adapter_in_model

    width = model.config.get_text_config(decoder=True).hidden_size
    if rank > width:
        raise ConfigError(
            f"lora_rank is {rank}, above the model's width of {width}: its adapters would be larger than its "
            "weights. Choose a smaller one, such as 8, or train all weights (lora_rank=0)."
        )

    config = adapter_config(rank, alpha, base=base)
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "fan_in_fan_out")  # which `peft` finds out and then says
        torch.manual_seed(stable_hash("adapters", seed))
        try:
            inject_adapter_in_model(config, model, _NAME)
        except ValueError as exc:
            raise ConfigError(
                f"No adapters fit {type(model).__name__}: {exc} Train all weights (lora_rank=0)."
            ) from exc
    for layer in _layers(model):
        for parameter in layer.parameters():
            if parameter.requires_grad:
                parameter.data = parameter.data.float()
    model.eval()


def adapter_config(rank: int, alpha: float, *, base: str) -> LoraConfig:
    """What `add_adapters` adds, in the words of `peft`."""
    from peft import LoraConfig

    return LoraConfig(
        r=rank,
        lora_alpha=alpha,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
        base_model_name_or_path=base,
    )


def has_adapters(model: PreTrainedModel) -> bool:
    """Whether `add_adapters` has changed this model."""
    return bool(getattr(model, "peft_config", None))


@contextmanager
def adapters_off(model: PreTrainedModel) -> Iterator[PreTrainedModel]:
    """The model without its adapters, for as long as the context lasts; nothing is trained through it."""
    layers = _layers(model)
    trained = [p for p in model.parameters() if p.requires_grad]
    for layer in layers:
        layer.enable_adapters(False)
    for parameter in trained:  # `peft` freezes them meanwhile, by which a sharded model's first pass would go
        parameter.requires_grad_(True)
    try:
        yield model
    finally:
        for layer in layers:
            layer.enable_adapters(True)


def reference_of(
    model: PreTrainedModel,
    student: str,
    prepare: Callable[[PreTrainedModel], object] | None = None,
) -> Callable[[], AbstractContextManager[PreTrainedModel]]:
    """The model as it was before training, as a context in which it computes without gradients.

    A model with adapters is its own reference, so within the context it must not be used as itself; of
    another, a copy is loaded by the name `student`; `prepare`, if given, puts it from
    the CPU where it is to be.
    """
    copy = None
    if not has_adapters(model):
        copy = load_student(student, device="cpu" if prepare else model.device)[0]
        if prepare:
            prepare(copy)

    @contextmanager
    def reference() -> Iterator[PreTrainedModel]:
        with torch.no_grad(), adapters_off(model) if copy is None else nullcontext(copy) as frozen:
            yield frozen

    return reference


def merge_adapters(model: PreTrainedModel) -> None:
    """Add the adapters to the weights, in place: afterwards the model is a plain one, and saved as such."""
    for name, module in list(model.named_modules()):
        if _is_adapted(module):
            module.merge(safe_merge=True)
            parent, _, own = name.rpartition(".")
            setattr(model.get_submodule(parent), own, module.get_base_layer())
    if has_adapters(model):
        del model.peft_config


def save_adapters(folder: Path, model: PreTrainedModel) -> None:
    """Write the adapters into an existing folder, as `peft.PeftModel.from_pretrained` reads them."""
    model.peft_config[_NAME].save_pretrained(folder)
    save_file(adapter_weights(model), folder / _WEIGHTS)


def load_adapters(model: PreTrainedModel, folder: Path) -> None:
    """Take up the adapters that `save_adapters` wrote.

    Raises `ConfigError` where there are none, or those of another model.
    """
    try:
        found = load_file(folder / _WEIGHTS)
    except (OSError, SafetensorError) as exc:
        raise ConfigError(
            f"Cannot read the adapters in {folder}: {exc}. Remove this checkpoint and resume from the one "
            "before."
        ) from exc
    own = adapter_weights(model)
    if {name: t.shape for name, t in found.items()} != {name: t.shape for name, t in own.items()}:
        raise ConfigError(
            f"The adapters in {folder} do not fit {type(model).__name__}: they were trained with another "
            "model or rank. Resume with the options of that run, or choose another `out`."
        )
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(found[name])


def adapter_weights(model: PreTrainedModel) -> dict[str, torch.Tensor]:
    """The adapters' own tensors, by the names that `peft` gives them in a file."""
    return {
        "base_model.model." + name.replace(f".{_NAME}.", "."): parameter.data
        for name, parameter in model.named_parameters()
        if ".lora_" in name
    }


def _layers(model: PreTrainedModel) -> list[BaseTunerLayer]:
    return [module for module in model.modules() if _is_adapted(module)]


def _is_adapted(module: torch.nn.Module) -> bool:
    from peft.tuners.tuners_utils import BaseTunerLayer

    return isinstance(module, BaseTunerLayer)
