"""A run under TRL: made or gone on with, ended well whatever ends it, and its model saved."""

from __future__ import annotations

import logging
import os
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from tqdm import tqdm
from transformers import PreTrainedModel, PrinterCallback
from trl import GRPOConfig

from sml_agents.adapters import adapter_config, adapter_weights, load_trained, merge_adapters
from sml_agents.checkpoint import save_model, write_folder
from sml_agents.endings import save_not_finite, told_to_stop
from sml_agents.grpo import GRPOOptions
from sml_agents.learner import NotFinite
from sml_agents.load import student_path
from sml_agents.logs import RunLog, read_metrics
from sml_agents.online import MAY_CHANGE, TrainingSummary
from sml_agents.processes import leave_at_exit, own_precision
from sml_agents.run_record import erase_run, find_run, record_run
from sml_agents.trl_engine.dialogues import Dialogues, prompts_of
from sml_agents.trl_engine.options import CHECKPOINTS, refuse_pieces, trl_arguments, updates_per_step
from sml_agents.trl_engine.steps import Steps
from sml_agents.trl_engine.trainer import DialogueTrainer, newest_checkpoint, plain, task_state_in, updates_in
from sml_gym import ConfigError
from sml_gym.errors import BudgetSpent

_PROCESSES = {"WORLD_SIZE": "1", "RANK": "0"}
"""Where `torchrun` says how many processes there are and which this is, and what holds without it."""


def train_with_trl(
    options: GRPOOptions,
    *,
    progress: bool = True,
    on_step: Callable[[dict[str, float | None]], None] | None = None,
) -> TrainingSummary:
    """Train a student by TRL's `GRPOTrainer` and save it to `out/model`.

    As `sml_agents.online.train_online` does: SIGTERM ends the run after the step under way with a checkpoint,
    `resume` goes on from the newest whole one, and the same is raised.
    """
    options.check()
    with own_precision():
        return _train(options, progress=progress, on_step=on_step)


def _train(
    options: GRPOOptions, *, progress: bool, on_step: Callable[[dict[str, float | None]], None] | None
) -> TrainingSummary:
    processes, rank = (int(os.environ.get(name, default)) for name, default in _PROCESSES.items())
    leave_at_exit()
    arguments = trl_arguments(options, processes=processes)
    out, updates = Path(options.out), updates_per_step(options)
    checkpoint = _checkpoint(options, out)
    done = updates_in(checkpoint) // updates if checkpoint else 0

    dialogues = Dialogues(options)
    if checkpoint:
        dialogues.source.restore(task_state_in(checkpoint))
    if done == options.steps:  # nothing to learn: only the model is missing, if anything
        model, tokenizer = _trained(options, checkpoint)
        if rank == 0:
            record_run(options, out)
            _save(out, model, tokenizer)
        return TrainingSummary(out / "model", done, 0.0, (read_metrics(out / "metrics.jsonl") or [{}])[-1])

    trainer = make_trainer(options, dialogues, arguments)
    main = trainer.accelerator.is_main_process
    trainer.accelerator.wait_for_everyone()  # no other process may still look for the record written now
    if main:
        record_run(options, out)
    started = time.perf_counter()
    with ExitStack() as stack:
        stack.enter_context(_failures_counted())
        stop = stack.enter_context(told_to_stop())
        log = stack.enter_context(RunLog(out, after=done)) if main else None
        bar = stack.enter_context(
            tqdm(total=options.steps, initial=done, desc="GRPO", unit="step", disable=not (progress and main))
        )
        steps = Steps(options.steps, updates, dialogues.record, stop=stop, log=log, bar=bar, on_step=on_step)
        steps.accelerator, steps.skipped, steps.saved = trainer.accelerator, trainer.count_skipped, done
        trainer.add_callback(steps)
        try:
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        except NotFinite as exc:
            if not main:
                raise
            step = trainer.state.global_step // updates + 1
            raise save_not_finite(options, exc, dialogues.learned, step) from exc
        except BudgetSpent as exc:
            made = trainer.state.global_step // updates
            if made > steps.saved:
                trainer.save_now()
            raise BudgetSpent(
                f"{exc}. {made} of {options.steps} steps are made and saved in {out}. Go on with resume=True "
                "(--resume), which starts the budget anew; it may be raised."
            ) from exc
        except ConfigError:  # a server refuses the key or the model: the folder is free for a mended run
            if log and dialogues.refused:
                log.erase()
                erase_run(out)
            raise
    seconds = time.perf_counter() - started
    if steps.stopped:
        made = trainer.state.global_step // updates
        return TrainingSummary(out / "model", made, seconds, steps.metrics, stopped=True)
    _save_trained(trainer, out)
    return TrainingSummary(out / "model", options.steps, seconds, steps.metrics)


@contextmanager
def _failures_counted() -> Iterator[None]:
    """Without TRL's advice on a reward of None, which here is a dialogue that `failures` already counts."""

    def other(record: logging.LogRecord) -> bool:
        return "All reward functions returned None" not in str(record.msg)

    logger = logging.getLogger("trl.trainer.grpo_trainer")
    logger.addFilter(other)
    try:
        yield
    finally:
        logger.removeFilter(other)


def make_trainer(options: GRPOOptions, dialogues: Dialogues, arguments: dict[str, Any]) -> DialogueTrainer:
    """TRL's trainer of a run, at its beginning.

    Raises:
        ConfigError: for what TRL refuses, such as vLLM where it is not installed.
    """
    model, tokenizer = load_trained(options, None, "cpu")
    # By these names TRL loads the reference model, and vLLM's.
    model.config._name_or_path = model.name_or_path = student_path(options.student)
    drawn: dict[str, torch.Tensor] = {}
    config = None
    if options.lora_rank:
        # `peft` in TRL would draw other numbers than our engine. Fresh adapters change nothing when merged.
        drawn = {name: tensor.clone() for name, tensor in adapter_weights(model).items()}
        merge_adapters(model)
        base = student_path(options.student)
        config = adapter_config(options.lora_rank, options.lora_alpha, base=base)
    prompts = Dataset.from_dict({"prompt": prompts_of(options)})
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "You are using 'rollout_func'")
        warnings.filterwarnings("ignore", ".*gradient_checkpointing", FutureWarning)  # older versions' word
        try:
            trainer = DialogueTrainer(
                options,
                dialogues,
                dialogues.source.state,
                model=model,
                args=GRPOConfig(**arguments),
                train_dataset=prompts,
                processing_class=tokenizer,
                peft_config=config,
            )
        except (ImportError, TypeError, ValueError) as exc:
            raise ConfigError(
                f"TRL refuses these options: {exc}. Mend engine_options, or choose engine=own."
            ) from exc
    if trainer.is_fsdp_enabled and not trainer.use_vllm:  # as a launcher may have asked for
        refuse_pieces()
    trainer.remove_callback(PrinterCallback)
    with torch.no_grad():
        for name, tensor in adapter_weights(plain(trainer.model)).items() if drawn else ():
            tensor.copy_(drawn[name])
    return trainer


def _checkpoint(options: GRPOOptions, out: Path) -> Path | None:
    """The checkpoint to go on from, if the run has one. Raises `ConfigError` as `find_run` does."""
    find_run(options, out, resume=options.resume, steps=options.steps, free=MAY_CHANGE)
    checkpoint = newest_checkpoint(out / CHECKPOINTS) if options.resume else None
    if checkpoint and updates_in(checkpoint) > options.steps * updates_per_step(options):
        made = updates_in(checkpoint) // updates_per_step(options)
        raise ConfigError(f"{out} has made {made} steps already, more than {options.steps}. Ask for more.")
    return checkpoint


def _trained(options: GRPOOptions, checkpoint: Path | None) -> tuple[PreTrainedModel, Any]:
    """The student as a checkpoint left it, its adapters merged."""
    model, tokenizer = load_trained(options, checkpoint, "cpu")
    merge_adapters(model)
    return model, tokenizer


def _save(out: Path, model: PreTrainedModel, tokenizer: Any) -> None:
    write_folder(out / "model", lambda folder: save_model(folder, model, tokenizer))


def _save_trained(trainer: DialogueTrainer, out: Path) -> None:
    """Write the trained model: plain and merged, or as TRL gathers it from where its pieces are."""
    if trainer.is_deepspeed_enabled or trainer.is_fsdp_enabled:
        trainer.save_model(str(out / "model"))
    else:
        model = plain(trainer.model)
        merge_adapters(model)
        if trainer.accelerator.is_main_process:
            _save(out, model, trainer.processing_class)
    trainer.accelerator.wait_for_everyone()
