"""`SML-Rule-v0`: a hidden rule, and a teacher who tells what speaks against another."""

from __future__ import annotations

from sml_envs.hidden.env import HiddenEnv
from sml_envs.rule.families import FAMILIES
from sml_envs.rule.phrases import OPPOSITES, PHRASES, SLOTS


class RuleEnv(HiddenEnv):
    """Hidden rules that the problem text leaves open, with a known optimal number of turns.

    Description:
        The text names a few possible rules and an example on which they agree, and asks what the hidden one
        makes of another input. The student answers as one of the rules would; the teacher tells what
        speaks against it. A fast and exact check of whether a student uses feedback.

    Task:
        Five families of three levels each, with 4, 8 and 12 possible rules: an operation on two numbers, one
        on one number, a rearrangement of a list, a shift of a word's letters, a condition on lists (the
        README beside this file lists them with their optima). The text carries a label, as in "Game
        KXQBD", and does not determine the answer. Texts are split by their hash.

    What the student may say:
        Anything. `\\boxed{...}`, `Final answer: ...` or `#### ...` commits to an answer, and the last one
        counts: a whole number, a list, a word or the letter of a condition. Anything else is malformed.

    What the teacher knows and can say:
        It knows the hidden rule. At informativeness 0 it says whether an answer is right, at 1 on which side
        or in which place it goes wrong, at 2 an example on which the hidden rule and the one that gives the
        student's answer differ, at 3 what the hidden rule is like. A question is answered with what an
        answer may be and how to choose one, never with anything about the hidden rule.

    Rewards:
        1.0 in the turn of the right answer, else 0.0.

    How it ends:
        Terminated when solved, truncated after `max_turns` student utterances.

    Options:
        families: names of families, such as `"operation"`; default all.
        levels: which levels to draw; default all.
        teacher, max_turns, split, tasks, hold_out, render_mode: as in `sml_gym.SMLEnv`.

    Ids:
        `SML-Rule-v0`. A task's id is `family:level:seed:number`; with `:again` after it the same hidden rule
        is asked for another input, which `SML-Rule-Isomorph-v0` does.

    Source and licence:
        Generated here, Apache-2.0.

    Yardsticks:
        `optimal_turns(task, informativeness)` is what perfect use of feedback takes, worked out by exact
        search; `--student optimal` plays so. Without feedback k answers solve k of `chances(task)` tasks.

    Raises:
        ConfigError: for an unknown family, level or option.
    """

    all_families = FAMILIES
    phrases = PHRASES
    opposites = OPPOSITES
    slot_patterns = SLOTS
