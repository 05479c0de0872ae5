"""`SML-Rule-Isomorph-v0`: hidden rules, and then the same rule with another input, without a teacher."""

from __future__ import annotations

from sml_envs.rule.env import RuleEnv
from sml_gym.wrappers import Isomorph


class RuleIsomorphEnv(Isomorph):
    """Hidden rules that count only if the student can then apply the rule to another input, alone.

    Description:
        As `SML-Rule-v0`, until the answer is right. Then the teacher asks what the same rule makes of another
        input, and is silent: only who has found the rule, and not merely an answer, is rewarded.

    Task:
        Those of `SML-Rule-v0`. No rule gives the same answer to both questions; where an answer is the letter
        of a condition, letters stand for other conditions the second time.

    What the student may say:
        As in `SML-Rule-v0`. The next utterance after the second question is the answer to it; a question or
        discussion in its place counts as a wrong one.

    What the teacher knows and can say:
        As in `SML-Rule-v0`, until the first answer is right; then only whether the second is.

    Rewards:
        1.0 in the turn of the right answer to the second question, else 0.0.

    How it ends:
        Terminated after the answer to the second question, truncated after `max_turns` student utterances
        that did not answer the first. The answer to the second may be one utterance more.

    Options:
        Those of `SML-Rule-v0`.

    Ids:
        `SML-Rule-Isomorph-v0`. A task's id is that of the first question; with `:again` after it, the second.

    Source and licence:
        As `SML-Rule-v0`.

    Yardsticks:
        See the README beside this file.

    Raises:
        ConfigError: for an option that does not exist or has no sense.
    """

    wraps = RuleEnv
