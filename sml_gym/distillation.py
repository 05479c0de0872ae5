"""What a student said after feedback, as a target for the same student without it.

    pairs = distillation_pairs(read_episodes("runs/eval/episodes/self.jsonl"))
    write_pairs("pairs.jsonl", pairs)

In context distillation (Snell, Klein, Zhong, arXiv 2209.15189) a model is trained to say without
its context what it says with it. Here the context is the teacher's feedback, from `SelfTeacher` or
from any other teacher: `with_feedback` is the chat in which the student said `completion`, and
`without_feedback` one that ends at the same place and holds no word of the feedback. Everything in
a pair is public: nothing that only the teacher saw is in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from sml_gym.dialogue import Dialogue, Speaker, Utterance
from sml_gym.episode import Episode, Turn
from sml_gym.errors import ConfigError, nearest
from sml_gym.teachers.wording import GO_ON
from sml_gym.verdict import Outcome

Which = Literal["solved", "improved", "all"]
"""Which utterances are targets: those that solve the task, those with a better verdict than every
utterance before them, or every one that came after feedback."""

Without = Literal["problem", "silent"]
"""What stands in place of the feedback: nothing but the problem, or the whole dialogue with "Go on."
in place of each feedback."""

_RANK = {Outcome.NO_ATTEMPT: 0, Outcome.MALFORMED: 0, Outcome.INCORRECT: 1, Outcome.CORRECT: 2}


@dataclass(frozen=True, slots=True)
class DistillationPair:
    """One utterance with two contexts.

    Attributes:
        with_feedback: the chat in which it was said: the problem, and all utterances and feedback.
        without_feedback: the chat without the feedback, for the model to be trained.
        completion: what the student said.
        outcome: the verifier's word on it.
        before: the best of its words on the utterances before.
        feedback: the newest feedback that the student had heard.
        turn: which student utterance it is, from 2.
        task_id: the task.
        env_id: the environment.
        seed: of the episode.
        teacher: who gave the feedback.
        student: who said it.
    """

    with_feedback: list[dict[str, str]]
    without_feedback: list[dict[str, str]]
    completion: str
    outcome: str
    before: str
    feedback: str
    turn: int
    task_id: str
    env_id: str
    seed: int
    teacher: str
    student: str


def distillation_pairs(
    episodes: Iterable[Episode], *, which: Which = "solved", without: Without = "problem"
) -> Iterator[DistillationPair]:
    """The pairs of each valid episode, in order.

    An utterance that was cut short or is empty is no target, and one that follows empty feedback
    did not follow any.

    Raises:
        ConfigError: for an unknown `which` or `without`.
    """
    for given, known in ((which, get_args(Which)), (without, get_args(Without))):
        if given not in known:
            raise ConfigError(f"There are no distillation pairs of kind {given!r}. {nearest(given, known)}")
    return _pairs(episodes, which, without)


def _pairs(episodes: Iterable[Episode], which: Which, without: Without) -> Iterator[DistillationPair]:
    for episode in episodes:
        if not episode.valid:
            continue
        wanted = targets(episode, which)
        heard = Dialogue([Utterance(Speaker.TEACHER, episode.opening)])
        unheard = Dialogue([Utterance(Speaker.TEACHER, episode.opening)])
        feedback = ""
        for number, turn in enumerate(episode.turns, start=1):
            if number in wanted:
                yield DistillationPair(
                    with_feedback=heard.messages(),
                    without_feedback=unheard.messages(),
                    completion=turn.student.text,
                    outcome=turn.outcome.value,
                    before=wanted[number].value,
                    feedback=feedback,
                    turn=number,
                    task_id=episode.task_id,
                    env_id=episode.env_id,
                    seed=episode.seed,
                    teacher=episode.teacher,
                    student=episode.student,
                )
            feedback = turn.feedback or ""
            for dialogue, reply in ((heard, feedback), (unheard, GO_ON)):
                if dialogue is heard or without == "silent":
                    dialogue.say(turn.student)
                    dialogue.say(Utterance(Speaker.TEACHER, reply))


def targets(episode: Episode, which: Which = "solved") -> dict[int, Outcome]:
    """The student's utterances that are targets, by their turn (from 2), with the best verdict before each.

    An utterance that was cut short or is empty is none, nor is one that follows empty feedback.
    """
    found: dict[int, Outcome] = {}
    best, feedback = Outcome.NO_ATTEMPT, ""
    for number, turn in enumerate(episode.turns, start=1):
        if feedback.strip() and _wanted(turn, best, which):
            found[number] = best
        feedback = turn.feedback or ""
        best = max(best, turn.outcome, key=_RANK.__getitem__)
    return found


def _wanted(turn: Turn, best: Outcome, which: Which) -> bool:
    if turn.student.truncated or not turn.student.text.strip():
        return False
    if which == "solved":
        return turn.outcome is Outcome.CORRECT
    return which == "all" or _RANK[turn.outcome] > _RANK[best]


def write_pairs(path: str | Path, pairs: Iterable[DistillationPair]) -> int:
    """Write pairs as JSON Lines; returns how many there were."""
    number = 0
    with open(path, "w", encoding="ascii") as file:
        for number, pair in enumerate(pairs, start=1):  # noqa: B007
            file.write(json.dumps(asdict(pair)) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return number


def read_pairs(path: str | Path) -> list[DistillationPair]:
    """Read what `write_pairs` wrote. Raises `ConfigError` with file and line for anything else."""
    pairs = []
    try:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):  # noqa: B007
                row: Any = json.loads(line)
                pairs.append(DistillationPair(**row))
    except OSError as exc:
        raise ConfigError(f"Cannot read {path}: {exc.strerror}. Check the path.") from exc
    except (ValueError, TypeError) as exc:
        raise ConfigError(
            f"{path}, line {number}: no distillation pair ({exc}). Is this a file that write_pairs wrote?"
        ) from exc
    return pairs
