"""Loading a student: any causal language model of `transformers`, by name or path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from sml_gym import ConfigError

EMBEDDED = "embedded"
"""The name of the small student that comes with this package."""


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
    """Where a student lies: the embedded one's folder, or the name or path itself."""
    return str(Path(__file__).parent / "embedded") if name == EMBEDDED else name


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
    """The model and the tokenizer of a student, ready to speak and to be trained.

    Args:
        name: `"embedded"`, a folder that `save_pretrained` wrote, or a name on the Hub.
        device: where the model goes.
        dtype: of the weights.

    Raises:
        ConfigError: if there is no such model, the folder is none, or the tokenizer is missing.
    """
    path = student_path(name)
    if Path(path).exists():
        if not Path(path).is_dir() or not (Path(path) / "config.json").is_file():
            raise ConfigError(
                f"{path} is not a model folder: it has no config.json. "
                "Pass a folder that `save_pretrained` wrote."
            )
    elif _is_path(path) or name == EMBEDDED:
        raise ConfigError(f"There is no model at {path}. Check the path.")
    try:
        with quiet():
            tokenizer = AutoTokenizer.from_pretrained(path)
            model: Any = AutoModelForCausalLM.from_pretrained(path, dtype=dtype)
    except Exception as exc:  # whatever the libraries raise about a folder that they cannot read
        reason = (str(exc).strip() or type(exc).__name__).split("\n")[0].rstrip(".") + "."
        raise ConfigError(
            f"Cannot load a causal language model with its tokenizer from {path!r}: {reason} "
            "Pass a folder with config.json, model.safetensors and tokenizer.json, or the name of a model "
            "on the Hugging Face Hub that this machine can reach."
        ) from exc
    for tensor in (*model.parameters(), *model.buffers()):
        # Weights read from a file are views into it with the file's alignment, on which the last bit
        # of a matrix product may depend. Own memory makes a resumed run equal the unbroken one.
        tensor.data = tensor.data.clone()
    model.to(device)
    # Dropout would make sampling and training disagree about log-probabilities.
    model.eval()
    return model, tokenizer
