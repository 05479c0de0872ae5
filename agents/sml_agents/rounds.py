"""The dialogues of a round of offline training, on the disk as soon as they are held.

What a process that was killed has held is read again, and only the rest is held. Dialogues that the
infrastructure broke are held anew.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from accelerate import Accelerator
from tqdm import tqdm

from sml_agents.offline_options import OfflineOptions
from sml_agents.processes import add_up, gather, wait
from sml_agents.student import ModelStudent
from sml_gym import ConfigError, Episode, Job, RolloutError, SMLEnv, Student, rollout
from sml_gym.episode import read_episodes, write_episodes
from sml_gym.errors import BudgetSpent
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
    accelerator: Accelerator,
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
        accelerator: of the processes that share what is left to hold; all get all dialogues.
        progress: show a progress bar.
        stop: once it is set, no more are held.

    Raises:
        ConfigError: if the disk cannot take them.
        RolloutError: if not one could be held.
        Stopped: with what was held on the disk.
        BudgetSpent: the teacher's budget is used up, here or in another process.
    """
    jobs = [
        Job(
            seed=stable_hash("task", options.seed, "round", number, problem),
            teacher_seed=stable_hash("teacher", options.seed, "round", number, problem, member),
        )
        for problem in range(options.problems)
        for member in range(options.group_size)
    ]
    ranks, rank, main = accelerator.num_processes, accelerator.process_index, accelerator.is_main_process
    path = round_file(options, number)
    before = gather(_held_before(path) if main else [], accelerator)
    held = {episode.teacher_seed: episode for episode in before if episode.valid}
    found = {place: held[job.teacher_seed] for place, job in enumerate(jobs) if job.teacher_seed in held}
    if main:
        _write_together(path, held.values())  # without a line that a kill cut short
    left = [place for place in range(len(jobs)) if place not in found]
    left = left[len(left) * rank // ranks : len(left) * (rank + 1) // ranks]
    own = path if ranks == 1 else path.with_name(f"{number}.{rank}.jsonl")
    wait(accelerator)  # no file of this name is there any more
    student.reseed(options.seed, "round", number, first=left)
    title = f"round {number} of {options.rounds}"
    total = len(jobs) if ranks == 1 else len(found) + len(left)
    hidden = not (progress and main)
    new: list[Episode] = []
    spent: BudgetSpent | None = None
    stopped = False
    with tqdm(total=total, initial=len(found), desc=title, unit="dialogue", disable=hidden) as bar:

        def on_episode(episode: Episode) -> None:
            with _writing(own):
                write_episodes(own, [episode], append=True)
            bar.update()
            if stop.is_set():
                raise Stopped

        try:
            new = rollout(
                make_env,
                speaker,
                [jobs[place] for place in left],
                batch_size=options.rollout_batch,
                on_episode=on_episode,
            )
        except Stopped:
            stopped = True
        except BudgetSpent as exc:
            spent = exc
    ends = add_up({"stopped": float(stopped), "spent": float(spent is not None)}, accelerator)
    if ends["spent"]:
        raise spent or BudgetSpent("The budget of another process is used up; raise it and resume.")
    if ends["stopped"]:
        raise Stopped
    found |= dict(gather(list(zip(left, new, strict=True)), accelerator))
    if main and ranks > 1:
        _write_together(path, [found[place] for place in range(len(jobs))])
    if not any(episode.valid for episode in found.values()):
        why = next((episode.error for episode in new if episode.error), "unknown")
        raise RolloutError(
            f"No dialogue of round {number} could be held; the last failure: {why}. Mend it and go on with "
            "resume=True (--resume)."
        )
    return [found[place] for place in range(len(jobs))]


def _parts(path: Path) -> list[Path]:
    """The files in which several processes have held a round."""
    return sorted(path.parent.glob(f"{path.stem}.*.jsonl"))


def _held_before(path: Path) -> list[Episode]:
    """What earlier processes, however many, have held of a round."""
    files = [path, *_parts(path)]
    return [episode for file in files if file.exists() for episode in read_episodes(file)]


def _write_together(path: Path, episodes: Iterable[Episode]) -> None:
    """Write dialogues into a round's file, and remove those of single processes."""
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        write_episodes(fresh, episodes)
        os.replace(fresh, path)
        for part in _parts(path):
            part.unlink()


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise ConfigError(
            f"Cannot write {path}: {exc.strerror}. What was held before is kept; free some space (or choose "
            "another `out`) and go on with resume=True (--resume)."
        ) from exc
