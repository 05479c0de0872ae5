"""Offline social meta-learning: hold dialogues, keep the solved ones, fine-tune on the student's turns.

As in Cook et al. (arXiv 2602.16488), and as an option again and again:

    for each round
        let the student hold G dialogues about each of P problems
        keep the solved ones
        fine-tune the student on what it said in them (`sml_agents.sft`)

With one turn a dialogue this is rejection sampling (RFT, Yuan et al., arXiv 2308.01825): `rejection`.
`single-turn-sft` fine-tunes on the worked solutions of the tasks instead. Both are baselines.

`out` gets `run.json`, `metrics.jsonl` and `timings.jsonl` (a line a round), `rounds/N.jsonl` (the dialogues),
`checkpoints/` and `model/`. A run that was killed goes on in the round that it was in; what was held is not
held again. SIGTERM ends a run as soon as a dialogue or an update is done, with all that was held on the disk;
a fine-tuning that it broke off is made anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import torch

from sml_agents.adapters import load_trained, merge_adapters
from sml_agents.advantages import dialogue_return
from sml_agents.checkpoint import save_checkpoint, save_model, step_of, write_folder
from sml_agents.demonstrations import Demonstrator
from sml_agents.endings import told_to_stop
from sml_agents.generation.choose import make_generator
from sml_agents.learner import NotFinite
from sml_agents.logs import RunLog, read_metrics
from sml_agents.offline_options import OfflineOptions, RejectionOptions, SingleTurnSFTOptions
from sml_agents.online import TrainingSummary
from sml_agents.processes import add_up, own_precision, start, wait
from sml_agents.rounds import Stopped, hold_round, round_file
from sml_agents.run_record import find_run, record_run
from sml_agents.sft import finetune
from sml_agents.shuffled_rewards import exchange_outcomes
from sml_agents.student import ModelStudent, student_of
from sml_agents.tokens import TokenRecord, token_record
from sml_agents.training_metrics import episode_sums, step_metrics
from sml_gym import ConfigError, Episode, SMLEnv, Student
from sml_gym.seeding import stable_hash

OnStep = Callable[[dict[str, float | None]], None]

_MAY_CHANGE = (
    "out",
    "rounds",
    "resume",
    "device",
    "keep_checkpoints",
    "rollout_batch",
    "microbatch_size",
    "process_timeout",
)
"""Options that a resumed run may change, since the weights do not depend on them."""


def train(
    options: OfflineOptions, *, progress: bool = True, on_step: OnStep | None = None
) -> TrainingSummary:
    """Train a student on its own solved dialogues and save it to `out/model`.

    Args:
        options: the run.
        progress: show a progress bar over the dialogues.
        on_step: called with each round's metrics and times.

    Raises:
        ConfigError: for an option or a model that cannot be used, an `out` that holds another run, a disk
            that is full, or a round in which no dialogue was solved.
        RolloutError: if not one dialogue of a round could be held.
        NotFinite: if update after update has no finite gradient.
        BudgetSpent: when a teacher's budget is used up; the dialogues so far are saved.
    """
    return train_as(options, lambda student, env, number: student, progress=progress, on_step=on_step)


def train_rejection(
    options: RejectionOptions, *, progress: bool = True, on_step: OnStep | None = None
) -> TrainingSummary:
    """Train a student on its own right answers; see `train`."""
    return train(options, progress=progress, on_step=on_step)


def train_on_solutions(
    options: SingleTurnSFTOptions, *, progress: bool = True, on_step: OnStep | None = None
) -> TrainingSummary:
    """Train a student on worked solutions; see `train`."""
    return train_as(
        options,
        lambda student, env, number: Demonstrator(env, student.format),
        progress=progress,
        on_step=on_step,
    )


Speaker = Callable[[ModelStudent, SMLEnv, int], Student]
"""Who holds the dialogues of a round, by its number, that the model is fine-tuned on: the model, or somebody
with its tokens."""


def train_as(
    options: OfflineOptions,
    speaker: Speaker,
    *,
    progress: bool = True,
    on_step: OnStep | None = None,
    measure: Callable[[Sequence[Episode]], dict[str, float | None]] = lambda episodes: {},
) -> TrainingSummary:
    """Train a student on the solved dialogues of a speaker; `measure` adds to what is logged of a round.

    Otherwise as `train`.
    """
    options.check()
    with own_precision():
        return _train_as(options, speaker, progress=progress, on_step=on_step, measure=measure)


def _train_as(
    options: OfflineOptions,
    speaker: Speaker,
    *,
    progress: bool,
    on_step: OnStep | None,
    measure: Callable[[Sequence[Episode]], dict[str, float | None]],
) -> TrainingSummary:
    device = "auto" if options.device == "auto" and torch.cuda.is_available() else "cpu"
    accelerator = start(precision="no", device=device, timeout=options.process_timeout)
    main = accelerator.is_main_process
    out = Path(options.out)
    checkpoint = find_run(options, out, resume=options.resume, steps=options.rounds, free=_MAY_CHANGE)
    done = step_of(checkpoint) if checkpoint else 0
    model, tokenizer = load_trained(options, checkpoint, accelerator.device)
    make_env = options.env_factory()
    generator = make_generator(
        options.generation,
        model,
        temperature=options.temperature,
        top_p=options.top_p,
        precision=options.precision,
    )
    wait(accelerator)  # no other process may still look for the record that is written now
    if main:
        record_run(options, out)
    started = time.perf_counter()
    metrics: dict[str, float | None] = {}

    def summary(rounds: int, *, stopped: bool = False) -> TrainingSummary:
        last = metrics or (read_metrics(out / "metrics.jsonl") or [{}])[-1]
        return TrainingSummary(out / "model", rounds, time.perf_counter() - started, last, stopped=stopped)

    with ExitStack() as stack:
        stack.callback(generator.close)
        stop = stack.enter_context(told_to_stop())
        log = stack.enter_context(RunLog(out, after=done)) if main else None

        def told() -> bool:
            return bool(add_up({"stop": float(stop.is_set())}, accelerator)["stop"])

        for number in range(done + 1, options.rounds + 1):
            clock = time.perf_counter()
            student = student_of(options, model, tokenizer, generator)
            student.weights_changed()
            env = make_env()
            who = speaker(student, env, number)
            try:
                episodes = hold_round(
                    options,
                    number,
                    student,
                    who,
                    make_env,
                    accelerator=accelerator,
                    progress=progress,
                    stop=stop,
                )
            except Stopped:
                return summary(number - 1, stopped=True)
            student.forget()
            held = time.perf_counter()
            judged = episodes
            if options.shuffle_rewards:
                judged = exchange_outcomes(episodes, options.seed, "round", number)
            kept = keep(judged, options)
            with _remedies(options, number):
                tuned = finetune(
                    model,
                    tokenizer,
                    kept,
                    folder=out / "trainer",
                    lr=options.lr,
                    epochs=options.sft_epochs,
                    batch_size=options.batch_size,
                    microbatch_size=options.microbatch_size,
                    warmup_share=options.warmup_share,
                    precision=options.precision,
                    device=accelerator.device.type,
                    seed=stable_hash("sft", options.seed, number),
                    checkpointing=options.activation_checkpointing,
                    processes=accelerator.num_processes,
                    stop=told,
                )
            if told():  # perhaps before the last update
                return summary(number - 1, stopped=True)
            metrics = {
                "step": number,
                **_measures(episodes, env.max_turns),
                **measure(episodes),
                "dialogues": float(len(episodes)),
                "kept": float(len(kept)),
                **tuned,
            }
            timings: dict[str, float | None] = {
                "seconds_rollout": held - clock,
                "seconds_update": time.perf_counter() - held,
            }
            if log:
                log.write(metrics, timings)
                save_checkpoint(
                    out / "checkpoints", number, model, tokenizer, {}, keep=options.keep_checkpoints
                )
            if on_step and main:
                on_step(metrics | timings)
    merge_adapters(model)
    if main:
        write_folder(out / "model", lambda folder: save_model(folder, model, tokenizer))
    wait(accelerator)
    return summary(options.rounds)


def keep(episodes: Sequence[Episode], options: OfflineOptions) -> list[TokenRecord]:
    """The token records of the solved dialogues, of each problem all or the first, none too long."""
    kept: list[TokenRecord] = []
    problems: set[str] = set()
    for episode in episodes:
        if not episode.solved_at or (options.keep == "first" and episode.task_id in problems):
            continue
        record = token_record(episode)
        if len(record) and (options.max_length is None or len(record) <= options.max_length):
            problems.add(episode.task_id)
            kept.append(record)
    return kept


@contextmanager
def _remedies(options: OfflineOptions, number: int) -> Iterator[None]:
    """Say what to do where fine-tuning does not succeed."""
    try:
        yield
    except NotFinite as exc:
        raise NotFinite(
            f"{exc} The dialogues of the round are in {round_file(options, number)}. Choose a lower lr, or "
            "compute in float32 (precision=no), in another `out`."
        ) from exc
    except torch.OutOfMemoryError as exc:
        raise ConfigError(
            f"Out of memory in fine-tuning ({str(exc).splitlines()[0]:.200}). Go on with resume=True "
            "(--resume) and a smaller microbatch_size, or choose activation_checkpointing, lora_rank or "
            "max_length in another `out`."
        ) from exc


def _measures(episodes: Sequence[Episode], max_turns: int) -> dict[str, float | None]:
    """What the dialogues of a round say, as in an online run."""
    sums = episode_sums(episodes, [dialogue_return(episode, 1.0) for episode in episodes], max_turns)
    nothing = dict.fromkeys(
        (
            "groups",
            "groups_used",
            "trained_tokens",
            "entropy",
            "clipped",
            "kl",
            "policy_kl",
            "updates_skipped",
        ),
        0.0,
    )
    found = step_metrics(sums | nothing, max_turns)
    return {name: value for name, value in found.items() if name not in ("return", *nothing, "clip_share")}
