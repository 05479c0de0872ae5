"""What this package adds to the command line: local models as students."""

from __future__ import annotations

from sml_gym.rollout import Student
from sml_gym.students import Sampling


def build_student(spec: str, *, sampling: Sampling, seed: int) -> Student:
    """The student called `"embedded"`, or the model at a path or of a public name.

    Raises `ConfigError` if there is no such model.
    """
    # Imported here so that naming the yardsticks costs no torch.
    from sml_agents.load import load_student
    from sml_agents.student import ModelStudent

    quiet_libraries()
    model, tokenizer = load_student(spec)
    return ModelStudent(
        model,
        tokenizer,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        max_tokens_per_turn=sampling.max_tokens_per_turn,
        max_tokens_per_dialogue=sampling.max_tokens_per_dialogue,
        seed=seed,
        name=spec,
    )


def quiet_libraries() -> None:
    """No progress bars for reading and writing weights: a command shows its own."""
    from transformers.utils import logging

    logging.disable_progress_bar()
