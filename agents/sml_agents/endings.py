"""How a run ends before its time: by a signal, by gradients that are not finite, or because nothing works."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from sml_agents.checkpoint import list_checkpoints
from sml_agents.learner import NotFinite
from sml_agents.online_options import OnlineOptions
from sml_gym import ConfigError, Episode, RolloutError, write_episodes

HOPELESS = 3
"""After so many steps in a row in which no dialogue could be held, a run stops."""

_BATCH = "not_finite.jsonl"


@contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """An event that SIGTERM sets, instead of ending the process in the middle of a step."""
    told = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield told  # only the main thread may say what a signal does
        return

    def tell(number: int, frame: FrameType | None) -> None:
        told.set()

    before = signal.signal(signal.SIGTERM, tell)
    try:
        yield told
    finally:
        signal.signal(signal.SIGTERM, before)


class Patience:
    """Ends a run after some steps in a row in which there was nothing to learn from."""

    def __init__(self) -> None:
        self._failed = self._silent = 0

    def after_step(self, dialogues: float, tokens: float, failure: str) -> None:
        """Count a step.

        Args:
            dialogues: how many could be held, over all processes.
            tokens: how many the student said in them.
            failure: why the others, or one of them, could not; "" if that is not known.

        Raises:
            RolloutError: no dialogue of the last steps could be held.
            ConfigError: they could, and in none of them did the student have room for a word.
        """
        self._failed = 0 if dialogues else self._failed + 1
        self._silent = 0 if tokens or not dialogues else self._silent + 1
        if self._failed == HOPELESS:
            raise RolloutError(
                f"No dialogue of the last {HOPELESS} steps could be held; the last failure: "
                f"{failure or 'unknown'}. Mend it and go on with resume=True (--resume)."
            )
        if self._silent == HOPELESS:
            raise ConfigError(
                f"In no dialogue of the last {HOPELESS} steps had the student room for a word: the problems "
                "are longer than its context. Choose shorter ones (env_options), or a student with more "
                "context, in another `out`."
            )


def save_not_finite(
    options: OnlineOptions, error: NotFinite, episodes: Sequence[Episode], step: int
) -> NotFinite:
    """Save the dialogues from which a step could not learn, and say where they are and what to do."""
    path = Path(options.out) / _BATCH
    try:
        write_episodes(path, episodes)
        where = f"are in {path}"
    except OSError as exc:
        where = f"could not be saved in {path} ({exc.strerror})"
    checkpoints = list_checkpoints(Path(options.out) / "checkpoints")
    begin = ""
    if checkpoints and not options.lora_rank:
        begin = f"; with student={checkpoints[-1]} it begins where this one was last saved"
    return NotFinite(
        f"{error} The dialogues of step {step} {where}. Lower lr or max_grad_norm, or compute in float32 "
        f"(precision=no), in another `out`{begin}."
    )
