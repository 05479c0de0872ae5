"""`SML-Math-Underspecified-v0`: mathematics whose information arrives over the turns."""

from __future__ import annotations

from sml_envs.math.env import MathEnv
from sml_gym.wrappers import Underspecified


class MathUnderspecifiedEnv(Underspecified):
    """Mathematics told in pieces: first only what is asked, then one piece of information a turn.

    Description:
        The teacher says what is asked. Numbers and conditions come one at a time: the piece that a
        question names, else the next. Whoever answers before all are out has guessed.

    Task:
        The tasks of `SML-Math-v0` that have parts: word problems, figures, sequences, rates and whatever
        else is given by more than one number or condition. GSM8K rows are split by their sentences; a row's
        own field `shards` comes first.

    What the student may say:
        As in `SML-Math-v0`.

    What the teacher knows and can say:
        Until all needed pieces are out: whether an attempt is right, and that it came too early. Then all
        that it says in `SML-Math-v0`.

    Rewards:
        1.0 in the turn of the right answer, else 0.0.

    How it ends:
        Terminated when solved, truncated after `max_turns` (default 10) student utterances.

    Options:
        Those of `SML-Math-v0`.

    Ids:
        `SML-Math-Underspecified-v0`. A task's id is that of the whole problem.

    Source and licence:
        As `SML-Math-v0`.

    Yardsticks:
        See the README beside this file.

    Raises:
        ConfigError: for an option that does not exist or has no sense, and where no task has parts.
    """

    wraps = MathEnv
