"""What this package adds to the command line and to names: local models as students and as chat models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from sml_gym.chat.specs import SAMPLING
from sml_gym.errors import ConfigError, nearest
from sml_gym.rollout import Student
from sml_gym.student_prompts import read_student_prompt
from sml_gym.students import Sampling
from sml_gym.teachers.chat_specs import take_option

if TYPE_CHECKING:
    import torch

    from sml_agents.local_chat import LocalChat

# Heavy modules are imported in the functions, so that naming the yardsticks costs no torch.


def build_student(spec: str, *, sampling: Sampling, seed: int) -> Student:
    """The student called `"embedded"` or `"smollm2"`, or the model at a path or of a public name.

    `NAME?prompt=ask`, or `prompt=FILE`, tells it how to speak (`sml_gym.student_prompts`).

    Raises `ConfigError` if there is no such model or prompt.
    """
    from sml_agents.load import load_student
    from sml_agents.student import ModelStudent

    quiet_libraries()
    name, prompt = take_option(spec, "prompt")
    instructions = read_student_prompt(prompt or "")
    model, tokenizer = load_student(name)
    return ModelStudent(
        model,
        tokenizer,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        max_tokens_per_turn=sampling.max_tokens_per_turn,
        max_tokens_per_dialogue=sampling.max_tokens_per_dialogue,
        seed=seed,
        name=spec,
        instructions=instructions,
    )


def build_chat_model(rest: str, options: Mapping[str, str]) -> LocalChat:
    """The chat model `hf:NAME?device=cuda&dtype=bfloat16&batch_size=64`.

    `NAME` is what `build_student` takes. Without options the model goes to a GPU in bfloat16 where
    there is one, else to the CPU in float32. Made twice from the same files while the first is in
    use, or was the last one made, it is the same object, so that one set of weights serves all
    teachers of a run.

    Raises `ConfigError` if there is no such model, or for an option without sense.
    """
    from sml_agents.load import check_model, load_student
    from sml_agents.local_chat import LocalChat

    for name in options:
        if name not in _OPTIONS:
            raise ConfigError(
                f"hf has no option {name!r:.80}. {nearest(name, [*_OPTIONS, *SAMPLING, 'prompt'])}"
            )
    if not rest:
        raise ConfigError("No model is named. Write hf:PATH, or hf:smollm2.")
    path = check_model(rest)
    device, dtype = _place(options)
    batch_size = _whole_number("batch_size", options.get("batch_size", "32"))
    key = (path, _newest(Path(path)), str(device), str(dtype), batch_size)
    chat = _in_use.get(key)
    if chat is None:
        _last.clear()  # before the next one needs the memory
        quiet_libraries()
        model, tokenizer = load_student(rest, device=device, dtype=dtype)
        query = "&".join(f"{name}={value}" for name, value in options.items())
        name = f"hf:{rest}?{query}" if query else f"hf:{rest}"
        chat = LocalChat(model, tokenizer, name=name, batch_size=batch_size)
    _in_use[key] = chat
    _last[:] = [chat]
    return chat


def quiet_libraries() -> None:
    """No progress bars for reading and writing weights: a command shows its own."""
    from transformers.utils import logging

    logging.disable_progress_bar()


_OPTIONS = ("device", "dtype", "batch_size")
_DTYPES = ("auto", "float32", "bfloat16", "float16")
_in_use: WeakValueDictionary[tuple[Any, ...], LocalChat] = WeakValueDictionary()
_last: list[LocalChat] = []


def _place(options: Mapping[str, str]) -> tuple[torch.device, torch.dtype]:
    import torch

    wanted = options.get("device", "auto")
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(wanted)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as exc:
        raise ConfigError(f"There is no device {wanted!r:.80} here. Write device=cpu, or cuda.") from exc
    dtype = options.get("dtype", "auto")
    if dtype not in _DTYPES:
        raise ConfigError(f"Unknown dtype {dtype!r:.80}. {nearest(dtype, _DTYPES)}")
    if dtype == "auto":
        dtype = "float32" if device.type == "cpu" else "bfloat16"
    kind: torch.dtype = getattr(torch, dtype)
    return device, kind


def _whole_number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:9]) > 0 and len(text) < 10):
        raise ConfigError(f"{name} is {text!r:.80}; give a whole number of at least 1.")
    return int(text)


def _newest(folder: Path) -> int:
    """When a file in the folder was last written, 0 for a model on the Hub."""
    if not folder.is_dir():
        return 0
    return max((path.stat().st_mtime_ns for path in folder.iterdir()), default=0)
