"""The loop of every online algorithm: hold dialogues, learn from them, log, save, go on where it stopped.

What an algorithm does with the dialogues of a step is its `Learner` (`sml_agents.learner`). Everything else
is the same for all: jobs that are a pure function of seed and step, the one rollout path, dialogues that the
infrastructure broke left out, several processes, checkpoints that resume bit for bit, budgets and signals
that end a run with everything saved.

On several processes each holds its share of the groups:
`torchrun --nproc_per_node 2 -m sml_gym.cli.main train ...`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate import Accelerator
from tqdm import tqdm
from transformers import PreTrainedModel

from sml_agents.adapters import load_trained, merge_adapters
from sml_agents.added_losses import AddedLoss
from sml_agents.advantages import dialogue_return
from sml_agents.chat import ChatFormat
from sml_agents.checkpoint import load_state, save_checkpoint, save_model, step_of, write_folder
from sml_agents.endings import Patience, save_not_finite, told_to_stop
from sml_agents.feedback_modelling import FeedbackModel
from sml_agents.generation.choose import make_generator
from sml_agents.learner import Learner, NotFinite
from sml_agents.logs import RunLog, read_metrics
from sml_agents.online_options import OnlineOptions
from sml_agents.processes import add_up, gather, own_precision, start, wait
from sml_agents.run_record import erase_run, find_run, record_run
from sml_agents.self_distillation import SelfDistillation
from sml_agents.sharding import empty_copy, filled, full_model, gathered, shards
from sml_agents.shuffled_rewards import exchange_outcomes
from sml_agents.step_dialogues import hold_step, tell_tasks
from sml_agents.student import student_of
from sml_agents.training_metrics import episode_sums, step_metrics
from sml_gym import (
    ConfigError,
    Episode,
    Job,
    rollout,
)
from sml_gym.errors import BudgetSpent

MAY_CHANGE = (
    "out",
    "steps",
    "save_every",
    "keep_checkpoints",
    "resume",
    "device",
    "sharding",
    "process_timeout",
    "microbatch_tokens",
)
"""Options that a resumed run may change, since the weights do not depend on them, but for rounding."""

_TASKS = "tasks"
"""Under this name a checkpoint's state holds what the task source has learnt of the student."""

LearnerMaker = Callable[[Accelerator, PreTrainedModel], Learner]


@dataclass(frozen=True)
class TrainingSummary:
    """What a run ended with: the trained model's folder, steps made, seconds, the last step's metrics.

    `stopped` says that a signal ended it early; then there is a checkpoint to go on from, and no model.
    """

    model: Path
    steps: int
    seconds: float
    metrics: dict[str, float | None]
    stopped: bool = False


def train_online(
    options: OnlineOptions,
    make_learner: LearnerMaker,
    name: str,
    *,
    progress: bool = True,
    on_step: Callable[[dict[str, float | None]], None] | None = None,
) -> TrainingSummary:
    """Train a student and save it to `out/model`.

    `out` gets `run.json` (options and versions), `metrics.jsonl`, `timings.jsonl`, `tensorboard/`,
    `checkpoints/` and `model/`. On the CPU a resumed run ends with the same weights and metrics as the
    unbroken one, bit for bit: a step depends on nothing but weights, the learner's state, seed and number.
    SIGTERM ends the run after the step under way, with a checkpoint.

    Args:
        options: the run.
        make_learner: makes the algorithm's learner around the model.
        name: the algorithm's, for the progress bar.
        progress: show a progress bar.
        on_step: called in the main process with each step's metrics and times, after they are logged and
            any checkpoint is saved.

    Raises:
        ConfigError: for an option or a model that cannot be used, an `out` that holds another
            run, a disk that is full, or problems for which the model has no room.
        RolloutError: if not one dialogue could be held in three steps in a row.
        NotFinite: if update after update has no finite gradient; the dialogues of the last step are then in
            `out/not_finite.jsonl`.
        BudgetSpent: when a teacher's budget is used up. The last whole step is saved as a checkpoint.
    """
    options.check()
    with own_precision():
        return _train(options, make_learner, name, progress=progress, on_step=on_step)


def _train(
    options: OnlineOptions,
    make_learner: LearnerMaker,
    name: str,
    *,
    progress: bool,
    on_step: Callable[[dict[str, float | None]], None] | None,
) -> TrainingSummary:
    accelerator = start(precision=options.precision, device=options.device, timeout=options.process_timeout)
    main = accelerator.is_main_process
    out = Path(options.out)
    checkpoint = find_run(options, out, resume=options.resume, steps=options.steps, free=MAY_CHANGE)
    done = step_of(checkpoint) if checkpoint else 0

    sharded = shards(options, accelerator)
    model, tokenizer = load_trained(options, checkpoint, "cpu" if sharded else accelerator.device)
    speaking = model  # who holds the dialogues
    if sharded:
        speaking = empty_copy(model, accelerator.device, autocast=options.precision == "bf16")
    learner = make_learner(accelerator, model)
    generator = make_generator(
        options.generation,
        speaking,
        temperature=options.temperature,
        top_p=options.top_p,
        precision=options.precision,
    )
    student = student_of(options, speaking, tokenizer, generator)
    learner.added = added_losses(options, student.format)
    make_env = options.env_factory()
    env = make_env()
    max_turns, source = env.max_turns, env.source

    def restore(state: dict[str, Any]) -> None:
        source.restore(state.pop(_TASKS, {}))
        learner.restore(state)

    if checkpoint:
        load_state(checkpoint, restore)

    # Each process holds the dialogues of some of the groups.
    ranks, rank, per_group = accelerator.num_processes, accelerator.process_index, options.group_size
    first = options.problems_per_step * rank // ranks * per_group
    last = options.problems_per_step * (rank + 1) // ranks * per_group

    def hold(jobs: list[Job], numbers: list[int], *seeds: int) -> list[Episode]:
        student.reseed(options.seed, *seeds, first=numbers)
        with accelerator.autocast():
            return rollout(
                make_env,
                student,
                jobs,
                batch_size=options.rollout_batch,
                overlap=options.overlap,
                observe=False,
            )

    def save(step: int) -> None:
        heard = source.state()
        state = {**learner.state(), **({_TASKS: heard} if heard else {})}
        if sharded:
            state = gathered(state, keep=main)
        whole = full_model(speaking, model, keep=main)
        if main and whole is not None:
            save_checkpoint(out / "checkpoints", step, whole, tokenizer, state, keep=options.keep_checkpoints)
        wait(accelerator)

    started, patience, saved = time.perf_counter(), Patience(), done
    metrics: dict[str, float | None] = {}
    wait(accelerator)  # no other process may still look for the record that is written now
    if main:
        record_run(options, out)
    with ExitStack() as stack:
        stack.callback(student.generator.close)
        stop = stack.enter_context(told_to_stop())
        log = stack.enter_context(RunLog(out, after=done)) if main else None
        bar = stack.enter_context(
            tqdm(total=options.steps, initial=done, desc=name, unit="step", disable=not (progress and main))
        )
        for step in range(done + 1, options.steps + 1):
            clock = time.perf_counter()
            spent: BudgetSpent | None = None
            try:
                with filled(speaking, model) if sharded else nullcontext():
                    student.weights_changed()
                    held, episodes = hold_step(options, step, range(first, last), hold, learner.tells)
            except BudgetSpent as exc:
                spent = exc
            except ConfigError:  # a server refuses the key or the model: the folder is free for a mended run
                if log and step == 1:
                    log.erase()
                    erase_run(out)
                raise
            student.forget()
            if add_up({"spent": float(spent is not None)}, accelerator)["spent"]:
                if step - 1 > saved:
                    save(step - 1)
                reason = spent or "the budget of another process is used up"
                raise BudgetSpent(
                    f"{reason}. {step - 1} of {options.steps} steps are made and saved in {out}. Go on with "
                    "resume=True (--resume), which starts the budget anew; it may be raised."
                ) from spent
            tell_tasks(source, held, accelerator)
            judged = episodes
            if options.shuffle_rewards:
                judged = exchange_outcomes(episodes, options.seed, step, accelerator=accelerator)
            rolled = time.perf_counter()
            try:
                sums = learner.learn(judged, step)
            except NotFinite as exc:
                batch = gather(episodes, accelerator)
                raise (save_not_finite(options, exc, batch, step) if main else exc) from exc
            learner.optimizer.zero_grad(set_to_none=True)  # room for the next dialogues
            trained = time.perf_counter()

            returns = [dialogue_return(episode, options.gamma) for episode in held]
            totals = add_up(episode_sums(held, returns, max_turns) | sums, accelerator)
            metrics = {
                "step": step,
                **step_metrics(totals, max_turns),
                **learner.metrics(totals),
                **learner.added_metrics(totals),
                "grad_norm": learner.grad_norm,
                "lr": learner.rate(step),
            }
            timings: dict[str, float | None] = {
                "seconds_rollout": rolled - clock,
                "seconds_update": trained - rolled,
                "tokens_per_second": totals["tokens"] / (rolled - clock),
                "rollouts_per_second": totals["dialogues"] / (rolled - clock),
            }
            if log:
                log.write(metrics, timings)
            if options.save_every and step % options.save_every == 0:
                save(step)
                saved = step
            bar.update()
            bar.set_postfix(headline(metrics), refresh=False)
            if on_step and main:
                on_step(metrics | timings)
            failure = next((episode.error for episode in held if episode.error), "")
            patience.after_step(totals["dialogues"], totals["tokens"], failure)
            if step < options.steps and add_up({"stop": float(stop.is_set())}, accelerator)["stop"]:
                if step > saved:
                    save(step)
                seconds = time.perf_counter() - started
                return TrainingSummary(out / "model", step, seconds, metrics, stopped=True)
    whole = full_model(speaking, model, keep=main)
    if main and whole is not None:
        merge_adapters(whole)
        write_folder(out / "model", lambda folder: save_model(folder, whole, tokenizer))
    wait(accelerator)
    if not metrics:
        metrics = (read_metrics(out / "metrics.jsonl") or [{}])[-1]
    return TrainingSummary(out / "model", options.steps, time.perf_counter() - started, metrics)


def added_losses(options: OnlineOptions, chat_format: ChatFormat) -> list[AddedLoss]:
    """The losses that a run adds to its algorithm's own."""
    added: list[AddedLoss] = []
    if options.distill:
        added.append(
            SelfDistillation(
                options.distill,
                chat_format,
                target=options.distill_target,
                which=options.distill_turns,
                without=options.distill_without,
                divergence=options.distill_loss,
                temperature=options.temperature,
            )
        )
    if options.feedback_model:
        added.append(FeedbackModel(options.feedback_model, chat_format))
    return added


def headline(metrics: dict[str, float | None]) -> dict[str, str]:
    """What the progress bar shows."""
    shown = {"solved": metrics["reward"], "return": metrics["return"]}
    if metrics["failures"]:
        shown["failures"] = metrics["failures"]
    return {name: "-" if value is None else f"{value:.2f}" for name, value in shown.items()}
