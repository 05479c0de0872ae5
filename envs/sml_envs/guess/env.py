"""`SML-Guess-v0`: something hidden, and a teacher who says how far a guess is off."""

from __future__ import annotations

from sml_envs.guess.families import FAMILIES
from sml_envs.guess.phrases import OPPOSITES, PHRASES, SLOTS
from sml_envs.hidden.env import HiddenEnv


class GuessEnv(HiddenEnv):
    """Guessing games that the problem text alone cannot solve, with a known optimal number of turns.

    Description:
        The teacher has something in mind, and the text says among what it is. The student guesses; the
        teacher says how a guess is off. A fast and exact check of whether a student uses feedback.

    Task:
        Five families of three levels each: a number with higher and lower, a number with distances only,
        a code, a card, a word of a list (the README beside this file lists sizes and optima). The text
        carries a label, as in "Game KXQBD", and does not determine the answer. Texts are split into
        train, validation and test by their hash.

    What the student may say:
        Anything. `\\boxed{...}`, `Final answer: ...` or `#### ...` commits to a guess, and the last one
        counts. What is not among the possible answers is malformed and tells nothing.

    What the teacher knows and can say:
        It knows what is hidden. At informativeness 0 it says whether a guess is right, at 1 which side or how
        many places, at 2 how far or which places, at 3 where to look next. A question is answered with
        what an answer may be and how to choose one, never with anything about what is hidden.

    Rewards:
        1.0 in the turn of the right guess, else 0.0.

    How it ends:
        Terminated when solved, truncated after `max_turns` student utterances.

    Options:
        families: names of families, such as `"number"`; default all.
        levels: which levels to draw; default all.
        teacher, max_turns, split, tasks, hold_out, render_mode: as in `sml_gym.SMLEnv`.

    Ids:
        `SML-Guess-v0`. A task's id is `family:level:seed:number`.

    Source and licence:
        Generated here, Apache-2.0.

    Yardsticks:
        `optimal_turns(task, informativeness)` is what perfect use of feedback takes, worked out by exact
        search; `--student optimal` plays so. Without feedback k guesses solve k of `chances(task)` tasks.

    Raises:
        ConfigError: for an unknown family, level or option.
    """

    all_families = FAMILIES
    phrases = PHRASES
    opposites = OPPOSITES
    slot_patterns = SLOTS
