"""`SML-Code-Isomorph-v0`: functions to write, and then another of the kind without a teacher."""

from __future__ import annotations

from sml_envs.code.env import CodeEnv
from sml_gym.wrappers import Isomorph


class CodeIsomorphEnv(Isomorph):
    """Functions to write that count only if another of the kind is written after it, alone.

    Description:
        As `SML-Code-v0`, until the problem is solved. Then the teacher poses another one that takes the same
        steps, and is silent: only who understood how the first was solved is rewarded.

    Task:
        The generated families of `SML-Code-v0`. The second problem has the same family, level and
        structure with other names and constants, and comes from the same split. Each task has always the same
        second problem.

    What the student may say:
        As in `SML-Code-v0`. The next utterance after the second problem is the answer to it; a question or
        discussion in its place counts as a wrong one.

    What the teacher knows and can say:
        As in `SML-Code-v0`, until the first problem is solved; then only whether the answer is right.

    Rewards:
        1.0 in the turn of the right answer to the second problem, else 0.0.

    How it ends:
        Terminated after the answer to the second problem, truncated after `max_turns` student utterances that
        did not solve the first. The answer to the second may be one utterance more.

    Options:
        Those of `SML-Code-v0`.

    Ids:
        `SML-Code-Isomorph-v0`. A task's id is that of the first problem.

    Source and licence:
        As `SML-Code-v0`.

    Yardsticks:
        See the README beside this file.

    Raises:
        ConfigError: for an option that does not exist or has no sense, and for rows and HumanEval, which have
            no isomorph.
    """

    wraps = CodeEnv
