"""What every run depends on, online or offline: the student, its dialogues, how it is loaded and saved."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from sml_gym import ConfigError, SMLEnv, env_factory
from sml_gym.runs import run_folder
from sml_gym.student_prompts import read_student_prompt


@dataclass
class RunOptions:
    """The options that all algorithms share.

    Attributes:
        student: the model to train: "embedded", "smollm2", a model folder, or a name on the Hugging Face
            Hub.
        student_prompt: what the student is told before the problem: "commit" (how to commit to an answer),
            "ask" (the same, and to ask before it is sure), "example" (an example of a calculation), a text
            file's path, or "" for nothing. A model trained with it is evaluated with it as PATH?prompt=NAME.
        out: the run's folder, for logs, checkpoints and the trained model.
        env_id: the environment's id.
        env_options: further options of the environment, such as families.
        teacher: who answers the student, by its name (see sml-gym list).
        max_turns: student utterances after which a dialogue ends (turns).
        seed: of tasks, teachers, sampling and the order of training.
        group_size: dialogues about each problem (dialogues).
        lr: AdamW's learning rate.
        temperature: divides the logits at sampling.
        top_p: probability of the set of likeliest tokens that are sampled from; 1 is all.
        max_tokens_per_turn: longest utterance; a longer one is cut there and is an utterance all the same
            (tokens).
        max_tokens_per_dialogue: most that the student may sample in a dialogue; null is no limit but the
            model's context. A dialogue that reaches either ends there (token_limit), counts as unsolved and
            is learned from whole; none is cut afterwards (tokens).
        shuffle_rewards: a control: outcomes are exchanged at random among the dialogues of a step or round
            before anything is learned from them, so that rewards say nothing of what was said (see
            `sml_agents.shuffled_rewards`). What is logged stays the truth.
        rollout_batch: dialogues held at once in each process (dialogues).
        activation_checkpointing: compute activations again in the backward pass instead of keeping them.
        lora_rank: rank of the adapters that are trained in the place of the weights (LoRA); 0 trains all.
        lora_alpha: the adapters are scaled by lora_alpha / lora_rank.
        precision: "no" computes in float32, "bf16" in bfloat16 with float32 weights.
        device: "auto" takes an accelerator if there is one, "cpu" never does.
        generation: who samples the student's tokens: "own", the model itself; "vllm", an engine in each
            process with the same weights; or "vllm:URL", a server of vLLM (see `sml_agents.generation`).
        process_timeout: how long one of several processes waits for the others, for example while they hold
            longer dialogues, before the run ends with an error (seconds).
        keep_checkpoints: how many of the newest checkpoints stay on disk (checkpoints).
        resume: go on with the run in `out` from its newest checkpoint; begin it if there is none.
    """

    student: str = "embedded"
    student_prompt: str = ""
    out: str = "runs/train"
    env_id: str = "SML-Math-v0"
    env_options: dict[str, Any] = field(default_factory=dict)
    teacher: str = "scripted"
    max_turns: int = 4
    seed: int = 0
    group_size: int = 8
    lr: float = 2e-4
    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens_per_turn: int = 512
    max_tokens_per_dialogue: int | None = None
    shuffle_rewards: bool = False
    rollout_batch: int = 256
    activation_checkpointing: bool = False
    lora_rank: int = 0
    lora_alpha: float = 32.0
    precision: Literal["no", "bf16"] = "no"
    device: Literal["auto", "cpu"] = "auto"
    generation: str = "own"
    process_timeout: float = 3_600.0
    keep_checkpoints: int = 2
    resume: bool = False

    def env_factory(self) -> Callable[[], SMLEnv]:
        """What makes the run's environments; raises `ConfigError` for what they refuse."""
        return env_factory(
            self.env_id, **{"teacher": self.teacher, "max_turns": self.max_turns, **self.env_options}
        )

    def plan(self) -> str:
        """What the run would do, and how much memory it would take (`sml_agents.plan`)."""
        from sml_agents.plan import plan

        return str(plan(self))

    def check(self) -> None:
        """Raise `ConfigError` for a value that has no sense."""
        run_folder(self.out)
        at_least(self, max_turns=1, group_size=1, rollout_batch=1, lora_rank=0, keep_checkpoints=1)
        above_zero(self, "lr", "temperature", "lora_alpha", "process_timeout")
        if self.generation != "own":
            from sml_agents.generation.choose import check_generation

            check_generation(self.generation, self.temperature, self.top_p)
        name, found, prompt = self.student.partition("?prompt=")
        if found:  # as `sml-gym eval --student` is told
            raise ConfigError(
                f"A run's prompt is an option of its own. Pass student={name} and student_prompt={prompt}."
            )
        read_student_prompt(self.student_prompt)


def check_single_turn(options: RunOptions, *, instead: str) -> None:
    """Raise `ConfigError` for several turns in a baseline of one; `instead` is the algorithm for them."""
    if options.max_turns != 1:
        raise ConfigError(
            f"max_turns is {options.max_turns}, in a baseline of single turns. Leave it out, or choose "
            f"algo={instead}."
        )


def at_least(options: object, **bounds: float) -> None:
    """Raise `ConfigError` for an option below its bound, or that is no finite number."""
    for name, least in bounds.items():
        value = getattr(options, name)
        if not (value >= least and math.isfinite(value)):
            raise ConfigError(f"{name} is {value}; it must be at least {least}.")


def above_zero(options: object, *names: str) -> None:
    """Raise `ConfigError` for an option that is set and is no finite number above 0."""
    for name in names:
        value = getattr(options, name)
        if value is not None and not (value > 0 and math.isfinite(value)):
            raise ConfigError(f"{name} is {value}; it must be above 0.")
