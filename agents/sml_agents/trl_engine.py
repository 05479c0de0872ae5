"""The other engine: TRL's `GRPOTrainer` makes the updates, our rollout holds the dialogues (`engine="trl"`).

TRL brings vLLM and DeepSpeed, and with vLLM also FSDP. It is given the dialogues that our own engine would
have held: the same jobs, a pure function of seed and step, the same student and sampling, the same tokens and
masks, by way of TRL's `rollout_func`. So from the same weights both engines have the same batch, and after an
update with all of it the same weights but for rounding; an epoch in several updates is divided at random, by
each in its way.

    sml-gym train --engine trl --env SML-Math-v0 --student embedded --out runs/trl
    torchrun --nproc_per_node 8 -m sml_gym.cli.main train --engine trl --engine-options.use_vllm true ...

A run's folder holds what it does with our engine: `run.json`, `metrics.jsonl`, `timings.jsonl`,
`tensorboard/`, `model/`, and in `checkpoints/` TRL's own, from which only this engine goes on. Measures that
TRL does not take (`policy_kl`) are null; `entropy`, `kl` and `clip_share` are TRL's, over all tokens of its
batches.

Not as with our engine: losses cannot be added, all dialogues are computed whether they tell anything or not,
micro-batches are so many dialogues (`sml_agents.trl_options.rows_at_once`) and are not halved where memory
runs out, and updates without a finite gradient are left to DeepSpeed where that keeps the gradients.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from datasets import Dataset
from tqdm import tqdm
from transformers import PreTrainedModel, PrinterCallback
from trl import GRPOConfig

from sml_agents.adapters import adapter_config, adapter_weights, load_trained, merge_adapters
from sml_agents.advantages import dialogue_return
from sml_agents.checkpoint import save_model, write_folder
from sml_agents.endings import save_not_finite, told_to_stop
from sml_agents.grpo import GRPOOptions, token_advantages
from sml_agents.learner import NotFinite
from sml_agents.load import student_path
from sml_agents.logs import RunLog, read_metrics
from sml_agents.online import (
    MAY_CHANGE,
    TrainingSummary,
)
from sml_agents.processes import add_up, leave_at_exit, own_precision
from sml_agents.run_record import erase_run, find_run, record_run
from sml_agents.shuffled_rewards import exchange_outcomes
from sml_agents.step_dialogues import hold_step, tell_tasks
from sml_agents.student import student_of
from sml_agents.tokens import token_record
from sml_agents.training_metrics import episode_sums
from sml_agents.trl_options import CHECKPOINTS, refuse_pieces, trl_arguments, updates_per_step
from sml_agents.trl_steps import StepRecord, Steps
from sml_agents.trl_trainer import (
    Batch,
    DialogueTrainer,
    newest_checkpoint,
    plain,
    task_state_in,
    updates_in,
)
from sml_agents.trl_vllm import TRLGenerator
from sml_gym import ConfigError, Episode, Job, rollout
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


class Dialogues:
    """Holds the dialogues of TRL's batches, as our own engine would.

    Attributes:
        source: where the tasks come from.
        record: what the newest step's dialogues said.
        learned: the newest step's dialogues to learn from.
        refused: whether the run's first requests to a server were refused.
    """

    def __init__(self, options: GRPOOptions) -> None:
        self.options = options
        self._make_env = options.env_factory()
        env = self._make_env()
        self.source = env.source
        self.record = StepRecord(max_turns=env.max_turns)
        self.learned: list[Episode] = []
        self.refused = False

    def __call__(self, prompts: list[str], trainer: DialogueTrainer) -> Batch:
        """The dialogues that the prompts name, one for each.

        Raises:
            BudgetSpent: in all processes, when a teacher's budget is used up in one of them.
            ConfigError: when a server refuses the first requests.
        """
        options, accelerator = self.options, trainer.accelerator
        step, numbers = named(prompts, options.group_size)
        spent: BudgetSpent | None = None
        held: list[Episode] = []
        self.record.began = time.perf_counter()
        generator = TRLGenerator(trainer, options.max_tokens_per_turn) if trainer.use_vllm else None
        with trainer.speaking() as model:
            student = student_of(options, model, trainer.processing_class, generator)

            def hold(jobs: list[Job], places: list[int], *seeds: int) -> list[Episode]:
                student.reseed(options.seed, *seeds, first=places)
                return rollout(
                    self._make_env,
                    student,
                    jobs,
                    batch_size=options.rollout_batch,
                    overlap=options.overlap,
                    observe=False,
                )

            try:
                held, self.learned = hold_step(options, step, numbers, hold, self._tells)
            except BudgetSpent as exc:
                spent = exc
            except ConfigError:
                self.refused = step == 1
                raise
        if generator:
            generator.finish()
        if add_up({"spent": float(spent is not None)}, accelerator)["spent"]:
            raise spent or BudgetSpent("the budget of another process is used up")
        tell_tasks(self.source, held, accelerator)
        judged = self.learned
        if options.shuffle_rewards:
            judged = exchange_outcomes(judged, options.seed, step, accelerator=accelerator)
        batch, used = make_batch(options, judged, accelerator)
        returns = [dialogue_return(episode, options.gamma) for episode in held]
        sums = episode_sums(held, returns, self.record.max_turns)
        groups = {"groups": float(len(self.learned) // options.group_size), "groups_used": float(used)}
        self.record.totals = add_up(sums | groups, accelerator)
        self.record.failure = next((episode.error for episode in held if episode.error), "unknown")
        self.record.held = time.perf_counter()
        return batch

    def _tells(self, group: list[Episode]) -> bool:
        records = [token_record(episode) for episode in group]
        return any(token_advantages(group, records, self.options)[1])


def prompts_of(options: GRPOOptions) -> list[str]:
    """The column of TRL's data set: the step and the number of each of its problems, from 0."""
    return [
        f"{step} {group}"
        for step in range(1, options.steps + 1)
        for group in range(options.problems_per_step)
    ]


def named(prompts: list[str], group_size: int) -> tuple[int, range]:
    """The step, and the numbers of its dialogues, that a batch of prompts names.

    Raises `RuntimeError` where they are not whole groups of one step in their order: then TRL draws its
    batches in another way than this engine knows.
    """
    places = [tuple(map(int, prompt.split())) for prompt in prompts]
    step, first = places[0]
    expected = [(step, first + i // group_size) for i in range(len(prompts))]
    if places != expected or len(prompts) % group_size:
        raise RuntimeError(f"TRL's batch is not of whole groups in their order: {prompts[:20]} ...")
    return step, range(first * group_size, first * group_size + len(prompts))


def make_batch(options: GRPOOptions, episodes: list[Episode], accelerator: Accelerator) -> tuple[Batch, int]:
    """The batch of this process's dialogues, group after group, and how many groups tell anything."""
    records = [token_record(episode) for episode in episodes]
    advantages, tell = token_advantages(episodes, records, options)
    valid = [episode.valid for episode in episodes]
    counts = [ok and len(record) > 0 for ok, record in zip(valid, records, strict=True)]
    learn = [ok and (options.beta > 0 or own.any()) for ok, own in zip(counts, advantages, strict=True)]
    sums = add_up(
        {"dialogues": float(sum(counts)), "rows": float(len(episodes)), "learn": float(any(learn))},
        accelerator,
    )
    batch = Batch(
        records,
        valid,
        [dialogue_return(episode, options.gamma) if episode.valid else None for episode in episodes],
        advantages,
        sums["dialogues"],
        sums["rows"],
        sums["learn"] > 0,
    )
    return batch, sum(tell)


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
