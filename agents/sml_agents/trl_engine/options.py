"""What a GRPO run is in the words of TRL's `GRPOConfig`, and what of it TRL cannot say.

The names on both sides, where they differ:

    option here                        field of GRPOConfig
    loss_mean=tokens                   loss_type=dapo (cispo with objective=cispo)
    loss_mean=dialogues, sums, limit   loss_type=grpo, luspo, dr_grpo
    ratio_over=token, dialogue         importance_sampling_level=token, sequence
    clip, clip_high                    epsilon, epsilon_high (for cispo the bound itself, 1 + clip_high)
    epochs                             num_iterations
    problems_per_step * group_size     generation_batch_size, by steps_per_generation

TRL multiplies the KL term by the ratio unless `use_bias_correction_kl` is off, as it is here. Its `luspo` is
the mean over dialogues of the tokens' summed losses, at whichever level the ratio is taken.
"""

from __future__ import annotations

import dataclasses
import math
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import torch

from sml_agents.load import PREFIX, SMOLLM2
from sml_gym import ConfigError
from sml_gym.errors import nearest

if TYPE_CHECKING:
    from sml_agents.grpo import GRPOOptions

PINNED = ((1, 16), (1, 17))
"""The versions of TRL from the first to before the last."""

CHECKPOINTS = "checkpoints"

_LOSS_TYPES = {"tokens": "dapo", "dialogues": "grpo", "sums": "luspo", "limit": "dr_grpo"}

_MAY_BE_SET = {
    "per_device_train_batch_size",
    "optim",
    "lr_scheduler_type",
    "report_to",
    "disable_dropout",
    "use_bias_correction_kl",
}
"""Of the fields that `trl_arguments` fills in, those that `engine_options` may fill in otherwise."""


def check_engine(options: GRPOOptions) -> None:
    """Raise `ConfigError` for an option that TRL has no word for, each with what to choose instead."""
    if options.engine == "own":
        if options.engine_options:
            raise ConfigError("engine_options are TRL's. Leave them out, or choose engine=trl.")
        return
    if options.ratio_over == "turn":
        _refuse("ratios over turns", "ratio_over=token or dialogue")
    if options.turn_credit and options.ratio_over == "dialogue":
        _refuse("ratio over a dialogue whose turns have advantages of their own", "ratio_over=token")
    if options.objective == "cispo" and options.loss_mean != "tokens":
        _refuse(f"a CISPO loss with loss_mean={options.loss_mean}", "loss_mean=tokens")
    if options.beta and options.kl_estimator != "k3":
        _refuse(f"the KL estimator {options.kl_estimator}", "kl_estimator=k3")
    for name in ("distill", "feedback_model"):
        if getattr(options, name):
            _refuse(f"added loss {name}", f"{name}=0")
    if options.compile:
        _refuse("option compile", "compile=false with engine_options.torch_compile, which is TRL's own way")
    if options.generation != "own":
        _refuse("generation back end of this package", "generation=own with engine_options.use_vllm")
    if options.sharding != "none":
        _refuse(
            f"option sharding={options.sharding}",
            "sharding=none with engine_options.deepspeed, which is TRL's own way",
        )
    vllm = bool(options.engine_options.get("use_vllm"))
    if options.student.removeprefix(PREFIX) == SMOLLM2:
        if options.beta and not options.lora_rank:
            _refuse(
                f"way to load {SMOLLM2} by its name, as a reference model",
                "beta=0, or train adapters (lora_rank)",
            )
        if vllm:
            _refuse(f"way to load {SMOLLM2} by its name, for vLLM", "another student, or leave out use_vllm")
    if not vllm and options.engine_options.get("fsdp"):
        refuse_pieces()
    if not vllm and not options.engine_options.get("ds3_gather_for_generation", True):
        refuse_pieces()
    if vllm and options.top_p < 1:
        _refuse("log-probabilities from vLLM before a top-p cut", "top_p=1, or leave out use_vllm")
    _check_version()
    _check_names(options)


def _refuse(what: str, instead: str) -> NoReturn:
    raise ConfigError(f"TRL has no {what.removeprefix('a ')}. Choose {instead}, or engine=own.")


def refuse_pieces() -> NoReturn:
    """Raise `ConfigError`: the model cannot speak while its weights are in pieces.

    Each process holds dialogues of its own length, while each layer's pieces would have to be gathered by all
    processes at once.
    """
    _refuse(
        "way for a model in pieces to hold dialogues of unequal lengths",
        "engine_options.use_vllm, or engine_options.deepspeed, which gathers the weights before",
    )


def _check_version() -> None:
    found = version("trl")
    low, high = (".".join(map(str, bound)) for bound in PINNED)
    if not PINNED[0] <= tuple(int(part) for part in found.split(".")[:2]) < PINNED[1]:
        raise ConfigError(
            f"engine=trl is written for TRL from {low} to before {high}, and {found} is installed. Run: pip "
            f'install "trl>={low},<{high}", or choose engine=own.'
        )


def _check_names(options: GRPOOptions) -> None:
    from trl import GRPOConfig

    known = {field.name for field in dataclasses.fields(GRPOConfig)}
    bare = dataclasses.replace(options, engine_options={})
    own = trl_arguments(bare, check_division=False).keys() - _MAY_BE_SET
    for name in options.engine_options:
        if name in own or name == "gradient_accumulation_steps":
            raise ConfigError(
                f"engine_options sets {name}, which follows from the run's own options (see "
                "sml_agents.trl_engine.options). Leave it out and set those."
            )
        if name not in known:
            raise ConfigError(f"TRL's GRPOConfig has no {name!r}. {nearest(name, known)}")


def updates_per_step(options: GRPOOptions) -> int:
    """TRL counts AdamW's steps; so many make a step here."""
    return options.epochs * options.updates_per_epoch


def trl_arguments(options: GRPOOptions, *, processes: int = 1, check_division: bool = True) -> dict[str, Any]:
    """The arguments of TRL's `GRPOConfig` for a run on so many processes, `engine_options` included.

    Args:
        options: the run.
        processes: among which the dialogues of a step are shared.
        check_division: whether the dialogues must be divisible among processes and updates.

    Raises:
        ConfigError: if they are not.
    """
    updates = updates_per_step(options)
    dialogues = options.problems_per_step * options.group_size
    if check_division and options.problems_per_step % processes:
        raise ConfigError(
            f"TRL shares whole groups evenly: {options.problems_per_step} problems a step cannot be shared "
            f"among {processes} processes. Choose a multiple for problems_per_step."
        )
    share = dialogues // processes
    if check_division and share % options.updates_per_epoch:
        raise ConfigError(
            f"TRL makes updates of equally many dialogues: {share} in each process cannot be divided into "
            f"{options.updates_per_epoch} updates. Choose another updates_per_epoch or problems_per_step."
        )
    in_update = max(1, share // options.updates_per_epoch)
    rows = int(options.engine_options.get("per_device_train_batch_size") or rows_at_once(options, in_update))
    if check_division and in_update % rows:
        raise ConfigError(
            f"per_device_train_batch_size is {rows}, which does not divide the {in_update} dialogues of an "
            "update in each process. Choose a divisor."
        )
    cispo = options.objective == "cispo"
    high = options.clip if options.clip_high is None else options.clip_high
    by_turns = options.max_turns * options.max_tokens_per_turn
    return {
        "output_dir": str(Path(options.out) / CHECKPOINTS),
        "max_steps": options.steps * updates,
        "per_device_train_batch_size": rows,
        "gradient_accumulation_steps": max(1, in_update // rows),
        "steps_per_generation": max(1, share // rows),
        "num_iterations": options.epochs,
        "num_generations": options.group_size,
        "shuffle_dataset": False,
        "learning_rate": options.lr,
        "lr_scheduler_type": "constant",  # the warm-up is the trainer's; see `sml_agents.trl_engine.trainer`
        "weight_decay": options.weight_decay,
        "max_grad_norm": options.max_grad_norm,
        "optim": "adamw_torch_fused",
        "loss_type": "cispo" if cispo else _LOSS_TYPES[options.loss_mean],
        "importance_sampling_level": "token" if options.ratio_over == "token" else "sequence",
        "epsilon": options.clip,
        "epsilon_high": 1 + high if cispo else high,
        "beta": options.beta,
        "use_bias_correction_kl": False,
        "scale_rewards": "group" if options.scale == "std" else "none",
        "max_completion_length": min(by_turns, options.max_tokens_per_dialogue or by_turns),
        "temperature": options.temperature,
        "top_p": options.top_p,
        "disable_dropout": True,  # or sampling and training would disagree
        "bf16": options.precision == "bf16",
        "gradient_checkpointing": options.activation_checkpointing,
        "use_cpu": options.device == "cpu" or not torch.accelerator.is_available(),  # or it refuses bf16
        "ddp_timeout": math.ceil(options.process_timeout),
        "seed": options.seed % 2**32,
        "save_strategy": "steps" if options.save_every else "no",
        "save_steps": options.save_every * updates or 1,
        "save_total_limit": options.keep_checkpoints,
        "logging_strategy": "steps",
        "logging_steps": updates,
        "logging_nan_inf_filter": False,
        "report_to": [],
        "disable_tqdm": True,
        **options.engine_options,
    }


def rows_at_once(options: GRPOOptions, dialogues: int) -> int:
    """How many dialogues TRL computes the gradient of at once: as many as `microbatch_tokens` hold.

    All are padded to the longest of the step, so the most that a dialogue can have is supposed: as many
    tokens read as said.
    """
    by_turns = options.max_turns * options.max_tokens_per_turn
    longest = 2 * min(by_turns, options.max_tokens_per_dialogue or by_turns)
    on_gpu = options.device == "auto" and torch.cuda.is_available()
    most = max(1, (options.microbatch_tokens or (16_384 if on_gpu else 2_048)) // longest)
    return next(n for n in range(min(most, dialogues), 0, -1) if math.gcd(n, dialogues) == n)
