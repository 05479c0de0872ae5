"""Multi-turn GRPO: group-relative policy optimisation over whole dialogues.

The algorithm of DeepSeekMath (Shao et al., arXiv 2402.03300, section 4) with dialogues in
the place of single answers, as in social meta-learning (Cook et al., arXiv 2602.16488):

    for each step
        take P problems; let the student hold G dialogues about each, up to N turns
        return of a dialogue solved at turn n:   R = gamma^(n - 1)       (else 0)
        advantage in its group:                  A = (R - mean(R)) / (std(R) + eps)
        for each token that the student sampled, with ratio r = pi(token) / pi_old(token)
            loss = -min(r A, clip(r, 1 - c, 1 + c) A) + beta * KL(pi || pi_ref)
        one AdamW step on the mean of it

Only tokens that the student sampled are trained on. A dialogue that the infrastructure
broke (`Episode.valid` is False) is in no mean and no loss. A group with fewer than two valid
dialogues or with equal returns has no advantages, so only its KL term adds to the gradient.

    from sml_agents.grpo import GRPOOptions, train

    summary = train(GRPOOptions(student="path/to/model", out="runs/mine", steps=100))
    print(summary.model)      # a folder for AutoModelForCausalLM.from_pretrained

On several processes each holds its share of the groups:
`torchrun --nproc_per_node 2 -m sml_gym.cli.main train ...`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from tqdm import tqdm

from sml_agents.checkpoint import load_optimizer, save_checkpoint, save_model, step_of, write_folder
from sml_agents.grpo_options import GRPOOptions
from sml_agents.grpo_update import Update, dialogue_return, group_advantages, loss_weight
from sml_agents.load import load_student
from sml_agents.logs import RunLog, read_metrics
from sml_agents.processes import add_up
from sml_agents.run_record import erase_run, find_run, record_run
from sml_agents.student import ModelStudent
from sml_agents.tokens import token_record
from sml_agents.training_metrics import episode_sums, step_metrics
from sml_gym import ConfigError, Job, RolloutError, env_factory, rollout
from sml_gym.errors import BudgetSpent
from sml_gym.seeding import stable_hash

__all__ = ["GRPOOptions", "TrainingSummary", "step_jobs", "train"]

_HOPELESS = 3
"""After so many steps in a row in which no dialogue could be held, a run stops."""

_MAY_CHANGE = ("out", "steps", "save_every", "keep_checkpoints", "resume", "device")
"""Options that a resumed run may change, since the weights do not depend on them."""


@dataclass(frozen=True)
class TrainingSummary:
    """What a run ended with: the trained model's folder, steps made, seconds, the last step's metrics."""

    model: Path
    steps: int
    seconds: float
    metrics: dict[str, float | None]


def step_jobs(options: GRPOOptions, step: int) -> list[Job]:
    """The dialogues of a step, group after group: a pure function of seed and step."""
    return [
        Job(
            seed=stable_hash("task", options.seed, step, group),
            teacher_seed=stable_hash(
                "teacher", options.seed, step, group, 0 if options.common_random_numbers else member
            ),
        )
        for group in range(options.problems_per_step)
        for member in range(options.group_size)
    ]


def train(
    options: GRPOOptions,
    *,
    progress: bool = True,
    on_step: Callable[[dict[str, float | None]], None] | None = None,
) -> TrainingSummary:
    """Train a student and save it to `out/model`.

    `out` gets `run.json` (options and versions), `metrics.jsonl`, `tensorboard/`,
    `checkpoints/` and `model/`. On the CPU a resumed run ends with the same weights as the
    unbroken one, bit for bit: a step depends on nothing but weights, optimizer, seed and number.

    Args:
        options: the run.
        progress: show a progress bar.
        on_step: called in the main process with each step's metrics, after they are logged and
            any checkpoint is saved.

    Raises:
        ConfigError: for an option or a model that cannot be used, an `out` that holds another
            run, or a disk that is full.
        RolloutError: if not one dialogue could be held in three steps in a row.
        BudgetSpent: when a teacher's budget is used up. The last whole step is saved as a checkpoint.
    """
    options.check()
    # A second run in this process may want another precision, which accelerate refuses otherwise.
    AcceleratorState._reset_state(reset_partial_state=not torch.distributed.is_initialized())
    accelerator = Accelerator(mixed_precision=options.precision, cpu=options.device == "cpu")
    main, device = accelerator.is_main_process, accelerator.device
    out = Path(options.out)
    checkpoint = find_run(options, out, resume=options.resume, steps=options.steps, free=_MAY_CHANGE)
    done = step_of(checkpoint) if checkpoint else 0

    model, tokenizer = load_student(str(checkpoint or options.student), device=device)
    reference = load_student(options.student, device=device)[0] if options.beta else None
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=options.lr, weight_decay=options.weight_decay, fused=True
    )
    if checkpoint:
        load_optimizer(checkpoint, optimizer)
    student = ModelStudent(
        model,
        tokenizer,
        temperature=options.temperature,
        top_p=options.top_p,
        max_tokens_per_turn=options.max_tokens_per_turn,
        max_tokens_per_dialogue=options.max_tokens_per_dialogue,
        name=options.student,
    )
    make_env = env_factory(
        options.env_id, **{"teacher": options.teacher, "max_turns": options.max_turns, **options.env_options}
    )
    max_turns = make_env().max_turns

    # Each process holds the dialogues of some of the groups.
    ranks, rank, per_group = accelerator.num_processes, accelerator.process_index, options.group_size
    first = options.problems_per_step * rank // ranks * per_group
    last = options.problems_per_step * (rank + 1) // ranks * per_group

    started, failed_steps = time.perf_counter(), 0
    metrics: dict[str, float | None] = {}
    accelerator.wait_for_everyone()  # no other process may still look for the record that is written now
    if main:
        record_run(options, out)
    with ExitStack() as stack:
        log = stack.enter_context(RunLog(out, after=done)) if main else None
        bar = stack.enter_context(
            tqdm(total=options.steps, initial=done, desc="GRPO", unit="step", disable=not (progress and main))
        )
        for step in range(done + 1, options.steps + 1):
            clock = time.perf_counter()
            student.reseed(options.seed, step, first=first)
            jobs = step_jobs(options, step)[first:last]
            spent: BudgetSpent | None = None
            try:
                with accelerator.autocast():
                    episodes = rollout(make_env, student, jobs, batch_size=options.rollout_batch)
            except BudgetSpent as exc:
                spent = exc
            except ConfigError:  # a server refuses the key or the model: the folder is free for a mended run
                if log and step == 1:
                    log.erase()
                    erase_run(out)
                raise
            student.forget()
            if add_up({"spent": float(spent is not None)}, accelerator)["spent"]:
                if (
                    main
                    and step - 1 > done
                    and not (options.save_every and (step - 1) % options.save_every == 0)
                ):
                    keep = options.keep_checkpoints
                    save_checkpoint(out / "checkpoints", step - 1, model, tokenizer, optimizer, keep=keep)
                accelerator.wait_for_everyone()
                reason = spent or "the budget of another process is used up"
                raise BudgetSpent(
                    f"{reason}. {step - 1} of {options.steps} steps are made and saved in {out}. Go on with "
                    "resume=True (--resume), which starts the budget anew; it may be raised."
                ) from spent
            rolled = time.perf_counter()

            groups = [episodes[i : i + per_group] for i in range(0, len(episodes), per_group)]
            advantages = [group_advantages(group, options.gamma) for group in groups]
            # Without a KL term a dialogue of no advantage adds nothing, so its gradient is not computed.
            records = [
                (token_record(e), a)
                for e, a in zip(episodes, chain(*advantages), strict=True)
                if a or (options.beta and e.valid)
            ]
            samples = [(record, advantage) for record, advantage in records if len(record)]
            lr = options.lr * min(1.0, step / max(1, options.warmup_steps))
            update = Update(options, accelerator, model, reference, optimizer, lr)
            update.run(samples, loss_weight(episodes, options.loss_mean), step)
            trained = time.perf_counter()

            returns = [dialogue_return(episode, options.gamma) for episode in episodes]
            used = {"groups": float(len(groups)), "groups_used": float(sum(map(any, advantages)))}
            totals = add_up(episode_sums(episodes, returns, max_turns) | update.sums | used, accelerator)
            metrics = {
                "step": step,
                **step_metrics(totals, max_turns),
                "grad_norm": update.grad_norm,
                "lr": lr,
                "seconds_rollout": rolled - clock,
                "seconds_update": trained - rolled,
                "tokens_per_second": totals["tokens"] / (rolled - clock),
                "rollouts_per_second": totals["dialogues"] / (rolled - clock),
            }
            if log:
                log.write(metrics)
            if options.save_every and step % options.save_every == 0:
                if main:
                    keep = options.keep_checkpoints
                    save_checkpoint(out / "checkpoints", step, model, tokenizer, optimizer, keep=keep)
                accelerator.wait_for_everyone()
            bar.update()
            bar.set_postfix(_headline(metrics), refresh=False)
            if on_step and main:
                on_step(metrics)
            failed_steps = 0 if totals["dialogues"] else failed_steps + 1
            if failed_steps == _HOPELESS:
                reason = next((episode.error for episode in episodes if episode.error), "unknown")
                raise RolloutError(
                    f"No dialogue of the last {_HOPELESS} steps could be held; the last failure: {reason}. "
                    "Mend it and go on with resume=True (--resume)."
                )
    if main:
        write_folder(out / "model", lambda folder: save_model(folder, model, tokenizer))
    accelerator.wait_for_everyone()
    if not metrics:
        metrics = (read_metrics(out / "metrics.jsonl") or [{}])[-1]
    return TrainingSummary(out / "model", options.steps, time.perf_counter() - started, metrics)


def _headline(metrics: dict[str, float | None]) -> dict[str, str]:
    """What the progress bar shows."""
    shown = {"solved": metrics["reward"], "return": metrics["return"]}
    if metrics["failures"]:
        shown["failures"] = metrics["failures"]
    return {name: "-" if value is None else f"{value:.2f}" for name, value in shown.items()}
