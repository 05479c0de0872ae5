"""`SML-Code-Underspecified-v0`: functions to write whose requirements arrive over the turns."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

from sml_envs.code.env import CodeEnv
from sml_gym import Teacher
from sml_gym.wrappers import Underspecified


class CodeUnderspecifiedEnv(Underspecified):
    """Functions to write, told in pieces: first the signature and what it is for, then a requirement a turn.

    Description:
        The teacher names the function and its purpose. Requirements, edge cases and examples come one at a
        time: the one that a question names ("What if the list is empty?"), else the next. Whoever hands in
        code before all that are needed are out has guessed.

    Task:
        The generated families of `SML-Code-v0`, each with four to eleven pieces, the examples last. A row's
        own field `shards` makes it such a task; rows without it and HumanEval have no parts.

    What the student may say:
        As in `SML-Code-v0`.

    What the teacher knows and can say:
        Until all needed pieces are out: whether an attempt is right, and that it came too early. Then all
        that it says in `SML-Code-v0`.

    Rewards:
        1.0 in the turn of the right answer, else 0.0.

    How it ends:
        Terminated when solved, truncated after `max_turns` (default 12, enough for all pieces) student
        utterances. With fewer turns, problems with more pieces than can be told are left out.

    Options:
        Those of `SML-Code-v0`.

    Ids:
        `SML-Code-Underspecified-v0`. A task's id is that of the whole problem.

    Source and licence:
        As `SML-Code-v0`.

    Yardsticks:
        See the README beside this file.

    Raises:
        ConfigError: for an option that does not exist or has no sense, and where no task has parts.
    """

    wraps = CodeEnv

    def __init__(
        self,
        env: gym.Env[Any, Any] | None = None,
        *,
        teacher: str | Teacher | None = None,
        max_turns: int = 12,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(env, teacher=teacher, max_turns=max_turns, render_mode=render_mode, **options)
