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

import math
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor
from tqdm import tqdm
from transformers import PreTrainedModel

from sml_agents.checkpoint import load_optimizer, save_checkpoint, save_model, step_of, write_folder
from sml_agents.load import load_student
from sml_agents.logs import RunLog, read_metrics
from sml_agents.processes import add_up, add_up_gradients
from sml_agents.run_record import find_run, record_run
from sml_agents.student import ModelStudent
from sml_agents.tokens import (
    TokenRecord,
    collate,
    logprobs_and_entropy,
    split_by_length,
    student_logits,
    student_logprobs,
    token_record,
)
from sml_agents.training_metrics import episode_sums, step_metrics
from sml_gym import ConfigError, Episode, Job, RolloutError, env_factory, rollout
from sml_gym.errors import BudgetSpent
from sml_gym.seeding import stable_hash

STD_EPS = 1e-4
"""Added to a group's standard deviation, as in TRL."""

_HOPELESS = 3
"""After so many steps in a row in which no dialogue could be held, a run stops."""

_MAY_CHANGE = ("out", "steps", "save_every", "keep_checkpoints", "resume", "device")
"""Options that a resumed run may change, since the weights do not depend on them."""


@dataclass
class GRPOOptions:
    """Everything that a GRPO run depends on.

    Attributes:
        student: the model to train: "embedded", "smollm2", a model folder, or a name on the Hugging Face
            Hub.
        out: folder for checkpoints, logs and the trained model.
        env_id: the environment's id.
        env_options: further options of the environment, such as families.
        teacher: who answers the student, by its name (see sml-gym list).
        max_turns: student utterances after which a dialogue ends (turns).
        seed: of tasks, teachers and sampling.
        steps: updates of rollout and training (steps).
        problems_per_step: problems a step, over all processes (groups).
        group_size: dialogues about each problem (dialogues).
        common_random_numbers: whether the dialogues of a group meet the same teacher seed, so that
            they differ by what the student says alone.
        gamma: discount a turn; a dialogue solved at turn n returns gamma^(n - 1).
        lr: AdamW's learning rate after warm-up.
        warmup_steps: steps over which the learning rate rises linearly from 0 (steps).
        weight_decay: AdamW's weight decay.
        max_grad_norm: to which the norm of the whole gradient is clipped.
        clip: how far the probability ratio may leave 1 before its gradient is cut.
        beta: weight of the KL divergence from the student before training; 0 keeps no copy of it.
        epochs: passes over each step's dialogues (passes).
        updates_per_epoch: AdamW steps a pass; more than one splits the dialogues at random (updates).
        microbatch_tokens: largest padded batch whose gradient is computed at once; 0 chooses 2048 on a
            CPU, whose caches it fits, and 16384 elsewhere (tokens).
        loss_mean: over what the loss is averaged: all of the student's tokens alike ("tokens"), or the
            tokens of each dialogue and then the dialogues ("dialogues", as in DeepSeekMath).
        temperature: divides the logits at sampling.
        top_p: probability of the set of likeliest tokens that are sampled from; 1 is all.
        max_tokens_per_turn: longest utterance (tokens).
        max_tokens_per_dialogue: most that the student may sample in a dialogue; null is no limit (tokens).
        rollout_batch: dialogues held at once in each process (dialogues).
        precision: "no" computes in float32, "bf16" in bfloat16 with float32 weights.
        device: "auto" takes an accelerator if there is one, "cpu" never does.
        save_every: steps between checkpoints; 0 saves none (steps).
        keep_checkpoints: how many of the newest checkpoints stay on disk (checkpoints).
        resume: go on from the newest checkpoint in `out`.
    """

    student: str = "embedded"
    out: str = "runs/grpo"
    env_id: str = "SML-Math-v0"
    env_options: dict[str, Any] = field(default_factory=dict)
    teacher: str = "scripted"
    max_turns: int = 4
    seed: int = 0
    steps: int = 250
    problems_per_step: int = 16
    group_size: int = 8
    common_random_numbers: bool = True
    gamma: float = 0.7
    lr: float = 2e-4
    warmup_steps: int = 10
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    clip: float = 0.2
    beta: float = 0.0
    epochs: int = 1
    updates_per_epoch: int = 1
    microbatch_tokens: int = 0
    loss_mean: Literal["tokens", "dialogues"] = "tokens"
    temperature: float = 1.0
    top_p: float = 1.0
    max_tokens_per_turn: int = 512
    max_tokens_per_dialogue: int | None = None
    rollout_batch: int = 256
    precision: Literal["no", "bf16"] = "no"
    device: Literal["auto", "cpu"] = "auto"
    save_every: int = 50
    keep_checkpoints: int = 2
    resume: bool = False

    def check(self) -> None:
        """Raise `ConfigError` for a value that has no sense."""
        for name, least in (
            ("steps", 0), ("problems_per_step", 1), ("group_size", 2), ("max_turns", 1), ("epochs", 1),
            ("updates_per_epoch", 1), ("microbatch_tokens", 0), ("rollout_batch", 1), ("save_every", 0),
            ("keep_checkpoints", 1), ("warmup_steps", 0),
        ):  # fmt: skip
            if getattr(self, name) < least:
                raise ConfigError(f"{name} is {getattr(self, name)}; it must be at least {least}.")
        for name in ("lr", "clip", "max_grad_norm", "temperature"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} is {getattr(self, name)}; it must be above 0.")
        if not 0 <= self.gamma <= 1:
            raise ConfigError(f"gamma is {self.gamma}; it must lie between 0 and 1.")
        for name in ("beta", "weight_decay"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} is {getattr(self, name)}; it must be 0 or more.")


@dataclass(frozen=True)
class TrainingSummary:
    """What a run ended with: the trained model's folder, steps made, seconds, the last step's metrics."""

    model: Path
    steps: int
    seconds: float
    metrics: dict[str, float | None]


def dialogue_return(episode: Episode, gamma: float) -> float:
    """gamma^(n - 1) for a dialogue solved at turn n, else 0."""
    return gamma ** (episode.solved_at - 1) if episode.solved_at else 0.0


def group_advantages(episodes: Sequence[Episode], gamma: float) -> list[float]:
    """(R - mean) / (std + eps) over a group's valid dialogues; 0 for the others.

    All are 0 if fewer than two are valid or if all returns are equal.
    """
    returns = [dialogue_return(episode, gamma) for episode in episodes if episode.valid]
    if len(returns) < 2 or min(returns) == max(returns):
        return [0.0] * len(episodes)
    mean = sum(returns) / len(returns)
    std = math.sqrt(sum((r - mean) ** 2 for r in returns) / len(returns))
    return [
        (dialogue_return(episode, gamma) - mean) / (std + STD_EPS) if episode.valid else 0.0
        for episode in episodes
    ]


def loss_weight(episodes: Sequence[Episode], loss_mean: str) -> float:
    """What the loss is a mean over: the valid dialogues that have tokens, or all of their student tokens.

    Dialogues of groups without spread count here though they add nothing to the sum, so that a
    step in which few groups tell anything makes a small gradient, not a loud one.
    """
    spoken = [
        sum(len(turn.tokens.sampled) for turn in episode.turns if turn.tokens)
        for episode in episodes
        if episode.valid
    ]
    return float(sum(n > 0 for n in spoken) if loss_mean == "dialogues" else sum(spoken))


def token_losses(logprobs: Tensor, old: Tensor, advantages: Tensor, clip: float) -> tuple[Tensor, Tensor]:
    """PPO's clipped objective for each token, negated, and whether the clip cut its gradient.

    All arguments have shape (tokens,). Equation 3 of arXiv 2402.03300, without its KL term.
    """
    ratio = torch.exp(logprobs - old)
    free, clipped = ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages
    return -torch.minimum(free, clipped), clipped < free


def kl_estimate(logprobs: Tensor, reference: Tensor) -> Tensor:
    """KL(pi || pi_ref) at each sampled token, by the unbiased and never negative estimator k3.

    pi_ref / pi - log(pi_ref / pi) - 1: equation 4 of arXiv 2402.03300.
    """
    log_ratio = reference - logprobs
    return torch.exp(log_ratio) - log_ratio - 1


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
            update = _Update(options, accelerator, model, reference, optimizer, lr)
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


class _Update:
    """The updates of one step, from its dialogues.

    Gradients are summed over micro-batches and processes and divided once by what the loss is
    averaged over, so that the result depends on neither.
    """

    def __init__(
        self,
        options: GRPOOptions,
        accelerator: Accelerator,
        model: PreTrainedModel,
        reference: PreTrainedModel | None,
        optimizer: torch.optim.Optimizer,
        lr: float,
    ) -> None:
        self.options, self.accelerator = options, accelerator
        self.model, self.reference, self.optimizer = model, reference, optimizer
        for group in optimizer.param_groups:
            group["lr"] = lr
        self.grad_norm: float | None = None
        self.sums = dict.fromkeys(("trained_tokens", "entropy", "clipped", "kl", "policy_kl"), 0.0)

    def run(self, samples: list[tuple[TokenRecord, float]], weight: float, step: int) -> None:
        """`epochs` passes over the dialogues, each in `updates_per_epoch` AdamW steps.

        `weight` is what this process's share of the loss is divided by (`loss_weight`).
        """
        parts = self.options.updates_per_epoch
        total = add_up({"weight": weight}, self.accelerator)["weight"] / parts
        for epoch in range(self.options.epochs):
            order = list(range(len(samples)))
            if parts > 1:
                generator = torch.Generator().manual_seed(
                    stable_hash("order", self.options.seed, step, epoch)
                )
                order = torch.randperm(len(samples), generator=generator).tolist()
            for part in range(parts):
                chosen = order[len(order) * part // parts : len(order) * (part + 1) // parts]
                self._one_update([samples[i] for i in chosen], total)

    def _one_update(self, samples: list[tuple[TokenRecord, float]], total: float) -> None:
        if add_up({"dialogues": float(len(samples))}, self.accelerator)["dialogues"] == 0:
            return
        self.optimizer.zero_grad(set_to_none=False)
        sums: Tensor | int = 0
        most = self.options.microbatch_tokens or (2_048 if self.accelerator.device.type == "cpu" else 16_384)
        for indices in split_by_length([len(r) for r, _ in samples], most):
            loss, counted = self._loss([samples[i] for i in indices])
            self.accelerator.backward(loss / total)
            sums = sums + counted
        parameters = [p for p in self.model.parameters() if p.requires_grad]
        add_up_gradients(parameters, self.accelerator)
        self.grad_norm = float(torch.nn.utils.clip_grad_norm_(parameters, self.options.max_grad_norm))
        if math.isfinite(self.grad_norm):  # else one overflow would make every weight NaN, for ever
            self.optimizer.step()
        if isinstance(sums, Tensor):
            for name, value in zip(self.sums, sums.tolist(), strict=True):
                self.sums[name] += value

    def _loss(self, samples: list[tuple[TokenRecord, float]]) -> tuple[Tensor, Tensor]:
        """The summed loss of a micro-batch, and what it adds to `sums`."""
        temperature = self.options.temperature
        batch = collate([record for record, _ in samples]).to(self.accelerator.device)
        per_row = torch.tensor([a for _, a in samples], device=batch.ids.device)
        advantages = per_row.unsqueeze(1).expand(batch.student.shape)[batch.student]
        old = batch.logprobs[batch.student]
        with self.accelerator.autocast():
            logits = student_logits(self.model, batch)
        logprobs, entropy = logprobs_and_entropy(logits, batch, temperature)
        losses, clipped = token_losses(logprobs, old, advantages, self.options.clip)
        kl = torch.zeros_like(losses)
        if self.reference is not None:
            with torch.no_grad(), self.accelerator.autocast():
                frozen = student_logprobs(student_logits(self.reference, batch), batch, temperature)
            kl = kl_estimate(logprobs, frozen)
            losses = losses + self.options.beta * kl
        if self.options.loss_mean == "dialogues":
            lengths = batch.student.sum(1, keepdim=True).expand(batch.student.shape)[batch.student]
            losses = losses / lengths
        with torch.no_grad():
            count = torch.tensor(float(len(old)), device=old.device)
            policy_kl = kl_estimate(logprobs, old)
            counted = torch.stack([count, entropy.sum(), clipped.sum().float(), kl.sum(), policy_kl.sum()])
        return losses.sum(), counted


def _headline(metrics: dict[str, float | None]) -> dict[str, str]:
    """What the progress bar shows."""
    shown = {"solved": metrics["reward"], "return": metrics["return"]}
    if metrics["failures"]:
        shown["failures"] = metrics["failures"]
    return {name: "-" if value is None else f"{value:.2f}" for name, value in shown.items()}
