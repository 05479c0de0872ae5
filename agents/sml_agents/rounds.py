"""The dialogues of a round of offline training, on the disk as soon as they are held.

What a process that was killed has held is read again, and only the rest is held. Dialogues that the
infrastructure broke are held anew.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from sml_agents.offline_options import OfflineOptions
from sml_agents.student import ModelStudent
from sml_gym import ConfigError, Episode, Job, RolloutError, SMLEnv, Student, rollout
from sml_gym.episode import read_episodes, write_episodes
from sml_gym.seeding import stable_hash


class Stopped(Exception):
    """The run was told to stop; what was held is on the disk."""


def round_file(options: OfflineOptions, number: int) -> Path:
    """Where the dialogues of a round are."""
    return Path(options.out) / "rounds" / f"{number}.jsonl"


def hold_round(
    options: OfflineOptions,
    number: int,
    student: ModelStudent,
    speaker: Student,
    make_env: Callable[[], SMLEnv],
    *,
    progress: bool,
    stop: threading.Event,
) -> list[Episode]:
    """All dialogues of a round, problem after problem.

    Args:
        options: the run.
        number: of the round, from 1.
        student: whose sampling is seeded for the round.
        speaker: who holds the dialogues: the student, or somebody with its tokens.
        make_env: makes an environment.
        progress: show a progress bar.
        stop: once it is set, no more are held.

    Raises:
        ConfigError: if the disk cannot take them.
        RolloutError: if not one could be held.
        Stopped: with what was held on the disk.
    """
    jobs = [
        Job(
            seed=stable_hash("task", options.seed, "round", number, problem),
            teacher_seed=stable_hash("teacher", options.seed, "round", number, problem, member),
        )
        for problem in range(options.problems)
        for member in range(options.group_size)
    ]
    path = round_file(options, number)
    before = read_episodes(path) if path.exists() else []
    held = {episode.teacher_seed: episode for episode in before if episode.valid}
    found = {place: held[job.teacher_seed] for place, job in enumerate(jobs) if job.teacher_seed in held}
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")  # without a line that a kill cut short
        write_episodes(fresh, held.values())
        os.replace(fresh, path)
    left = [place for place in range(len(jobs)) if place not in found]
    student.reseed(options.seed, "round", number, first=left)
    title = f"round {number} of {options.rounds}"
    with tqdm(total=len(jobs), initial=len(found), desc=title, unit="dialogue", disable=not progress) as bar:

        def on_episode(episode: Episode) -> None:
            with _writing(path):
                write_episodes(path, [episode], append=True)
            bar.update()
            if stop.is_set():
                raise Stopped

        new = rollout(
            make_env,
            speaker,
            [jobs[place] for place in left],
            batch_size=options.rollout_batch,
            on_episode=on_episode,
        )
    found |= dict(zip(left, new, strict=True))
    if not any(episode.valid for episode in found.values()):
        why = next((episode.error for episode in new if episode.error), "unknown")
        raise RolloutError(
            f"No dialogue of round {number} could be held; the last failure: {why}. Mend it and go on with "
            "resume=True (--resume)."
        )
    return [found[place] for place in range(len(jobs))]


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise ConfigError(
            f"Cannot write {path}: {exc.strerror}. What was held before is kept; free some space (or choose "
            "another `out`) and go on with resume=True (--resume)."
        ) from exc
