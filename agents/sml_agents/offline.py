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
held again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import torch
from tqdm import tqdm

from sml_agents.adapters import load_trained, merge_adapters
from sml_agents.advantages import dialogue_return
from sml_agents.checkpoint import save_checkpoint, save_model, step_of, write_folder
from sml_agents.demonstrations import Demonstrator
from sml_agents.logs import RunLog, read_metrics
from sml_agents.offline_options import OfflineOptions, RejectionOptions, SingleTurnSFTOptions
from sml_agents.online import TrainingSummary
from sml_agents.run_record import find_run, record_run
from sml_agents.sft import finetune
from sml_agents.shuffled_rewards import exchange_outcomes
from sml_agents.student import ModelStudent
from sml_agents.tokens import TokenRecord, token_record
from sml_agents.training_metrics import episode_sums, step_metrics
from sml_gym import Episode, Job, SMLEnv, Student, env_factory, rollout
from sml_gym.episode import read_episodes, write_episodes
from sml_gym.seeding import stable_hash
from sml_gym.student_prompts import read_student_prompt

OnStep = Callable[[dict[str, float | None]], None]

_MAY_CHANGE = ("out", "rounds", "resume", "device", "keep_checkpoints", "rollout_batch", "microbatch_size")
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
    out = Path(options.out)
    checkpoint = find_run(options, out, resume=options.resume, steps=options.rounds, free=_MAY_CHANGE)
    done = step_of(checkpoint) if checkpoint else 0
    device = "cuda" if options.device == "auto" and torch.cuda.is_available() else "cpu"
    model, tokenizer = load_trained(options, checkpoint, device)
    make_env = env_factory(
        options.env_id, **{"teacher": options.teacher, "max_turns": options.max_turns, **options.env_options}
    )
    record_run(options, out)
    started = time.perf_counter()
    metrics: dict[str, float | None] = {}
    with ExitStack() as stack:
        log = stack.enter_context(RunLog(out, after=done))
        for number in range(done + 1, options.rounds + 1):
            clock = time.perf_counter()
            student = ModelStudent(
                model,
                tokenizer,
                temperature=options.temperature,
                top_p=options.top_p,
                max_tokens_per_turn=options.max_tokens_per_turn,
                max_tokens_per_dialogue=options.max_tokens_per_dialogue,
                name=options.student,
                instructions=read_student_prompt(options.student_prompt),
            )
            who = speaker(student, make_env(), number)
            episodes = _hold(options, number, student, who, make_env, progress)
            held = time.perf_counter()
            judged = episodes
            if options.shuffle_rewards:
                judged = exchange_outcomes(episodes, options.seed, "round", number)
            kept = keep(judged, options)
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
                device=device,
                seed=stable_hash("sft", options.seed, number),
                checkpointing=options.activation_checkpointing,
            )
            metrics = {
                "step": number,
                **_measures(episodes, options.max_turns),
                **measure(episodes),
                "dialogues": float(len(episodes)),
                "kept": float(len(kept)),
                **tuned,
            }
            timings: dict[str, float | None] = {
                "seconds_rollout": held - clock,
                "seconds_update": time.perf_counter() - held,
            }
            log.write(metrics, timings)
            save_checkpoint(out / "checkpoints", number, model, tokenizer, {}, keep=options.keep_checkpoints)
            if on_step:
                on_step(metrics | timings)
    merge_adapters(model)
    write_folder(out / "model", lambda folder: save_model(folder, model, tokenizer))
    if not metrics:
        metrics = (read_metrics(out / "metrics.jsonl") or [{}])[-1]
    return TrainingSummary(out / "model", options.rounds, time.perf_counter() - started, metrics)


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


def _hold(
    options: OfflineOptions,
    number: int,
    student: ModelStudent,
    speaker: Student,
    make_env: Callable[[], SMLEnv],
    progress: bool,
) -> list[Episode]:
    """A round's dialogues, those that an earlier process has held read from the disk; in the jobs' order."""
    jobs = [
        Job(
            seed=stable_hash("task", options.seed, "round", number, problem),
            teacher_seed=stable_hash("teacher", options.seed, "round", number, problem, member),
        )
        for problem in range(options.problems)
        for member in range(options.group_size)
    ]
    path = Path(options.out) / "rounds" / f"{number}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    before = read_episodes(path) if path.exists() else []
    found = {episode.teacher_seed: episode for episode in before if episode.valid}
    if before:  # without those that failed, which are held again, and a line that a kill cut short
        fresh = path.with_name(f"{path.name}.new")
        write_episodes(fresh, found.values())
        os.replace(fresh, path)
    left = [place for place, job in enumerate(jobs) if job.teacher_seed not in found]
    student.reseed(options.seed, "round", number, first=left)
    title = f"round {number} of {options.rounds}"
    with tqdm(total=len(jobs), initial=len(found), desc=title, unit="dialogue", disable=not progress) as bar:

        def on_episode(episode: Episode) -> None:
            write_episodes(path, [episode], append=True)
            bar.update()

        new = rollout(
            make_env,
            speaker,
            [jobs[i] for i in left],
            batch_size=options.rollout_batch,
            on_episode=on_episode,
        )
    found |= {episode.teacher_seed: episode for episode in new}
    return [found[job.teacher_seed] for job in jobs if job.teacher_seed is not None]


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
