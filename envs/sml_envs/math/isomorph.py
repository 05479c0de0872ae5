"""`SML-Math-Isomorph-v0`: mathematics, and then the same once more without a teacher."""

from __future__ import annotations

from sml_envs.math.env import MathEnv
from sml_gym.wrappers import Isomorph


class MathIsomorphEnv(Isomorph):
    """Mathematics that counts only if the same problem with other numbers is solved after it, alone.

    Description:
        As `SML-Math-v0`, until the problem is solved. Then the teacher poses another one that takes the same
        steps, and is silent: only who understood how the first was solved is rewarded.

    Task:
        The generated families of `SML-Math-v0`. The second problem has the same family and level, the same
        text but for numbers, names and units, the same kinds of steps, and comes from the same split. Each
        task has always the same second problem.

    What the student may say:
        As in `SML-Math-v0`. The next utterance after the second problem is the answer to it; a question or
        discussion in its place counts as a wrong one.

    What the teacher knows and can say:
        As in `SML-Math-v0`, until the first problem is solved; then only whether the answer is right.

    Rewards:
        1.0 in the turn of the right answer to the second problem, else 0.0.

    How it ends:
        Terminated after the answer to the second problem, truncated after `max_turns` student utterances that
        did not solve the first. The answer to the second may be one utterance more.

    Options:
        Those of `SML-Math-v0`.

    Ids:
        `SML-Math-Isomorph-v0`. A task's id is that of the first problem.

    Source and licence:
        As `SML-Math-v0`.

    Yardsticks:
        See the README beside this file.

    Raises:
        ConfigError: for an option that does not exist or has no sense, and for rows, which have no isomorph.
    """

    wraps = MathEnv
