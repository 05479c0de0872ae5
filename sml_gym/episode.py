"""Finished dialogues as records: what was said, by whom, with what outcome, and why it ended.

An episode can be written to a line of JSON and read back without loss, and holds
what is needed to score it again without any model.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Any

from sml_gym.dialogue import Speaker, Utterance, UtteranceKind
from sml_gym.errors import ConfigError
from sml_gym.verdict import Outcome

SCHEMA = 1


class StopReason(StrEnum):
    """Why a dialogue ended."""

    SOLVED = "solved"
    """The student's answer was verified as correct. `terminated`."""
    TURN_LIMIT = "turn_limit"
    """The student has spoken `max_turns` times without solving the task. `truncated`, reward 0."""
    NOT_TRANSFERRED = "not_transferred"
    """Solved with the teacher, but not the isomorph that was posed after it. `terminated`, reward 0."""
    TOKEN_LIMIT = "token_limit"
    """A model student has used up its tokens for the dialogue. `truncated`, reward 0."""
    TEACHER_FAILED = "teacher_failed"
    """The teacher could not answer. No reward: the episode is not valid."""
    LEAKED = "leaked"
    """The guard, told to, ended the dialogue because the teacher gave the answer away. Not valid."""
    JUDGE_FAILED = "judge_failed"
    """A judge model could not be reached or read. No reward: the episode is not valid."""
    STUDENT_FAILED = "student_failed"
    """The student could not speak. No reward: the episode is not valid."""
    VERIFIER_FAILED = "verifier_failed"
    """The verifier's machinery broke. No reward: the episode is not valid."""
    TASK_FAILED = "task_failed"
    """The task could not be made, read or diagnosed. No reward: the episode is not valid."""
    UNDECIDED = "undecided"
    """Rescored: under the new verdicts it would have gone on; no one knows its outcome. Not valid."""

    @property
    def valid(self) -> bool:
        """Whether the student is answerable for the outcome, so that a reward is due."""
        return self in (
            StopReason.SOLVED,
            StopReason.TURN_LIMIT,
            StopReason.NOT_TRANSFERRED,
            StopReason.TOKEN_LIMIT,
        )


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """The tokens of one student utterance, as a local model sampled them.

    Attributes:
        context: ids spliced in before the utterance: template, teacher's words, and the
            end token of an earlier utterance that was cut. Never trained on.
        sampled: ids the student sampled, its end token included if it was sampled.
        logprobs: log-probability of each sampled id under the distribution
            softmax(logits / temperature), before any top-p cut; same length as `sampled`.
    """

    context: tuple[int, ...]
    sampled: tuple[int, ...]
    logprobs: tuple[float, ...]


@dataclass(slots=True)
class Turn:
    """One student utterance with the teacher's reply.

    Attributes:
        student: the utterance.
        outcome: the verifier's word on it.
        answer: the answer it commits to, None if none.
        feedback: the teacher's reply, None if the teacher failed.
        facts: the kinds of fact that the teacher put into words.
        reward: of this turn; None where the episode is not valid.
        tokens: how a local model sampled the utterance.
        notes: what teachers and guards did to the reply, and a student to what it said, by the name of who
            did it, such as `{"guard": {...}, "noise": {...}}`; `cut_from` is the length of a reply that was
            cut at `MAX_UTTERANCE_CHARS`. For the researcher: it may hold what is private.
    """

    student: Utterance
    outcome: Outcome
    answer: str | None
    feedback: str | None
    facts: tuple[str, ...] = ()
    reward: float | None = 0.0
    tokens: TokenSpan | None = None
    notes: dict[str, Any] = field(default_factory=dict)


POSING = "Now solve this one by yourself. I shall only tell you whether your answer is right."
"""What stands before a second problem."""


def posing(problem: str) -> str:
    """The words by which a second problem is posed, after those of the teacher."""
    return f"\n\n{POSING}\n\n{problem}"


@dataclass(frozen=True, slots=True)
class Probe:
    """The second problem of a dialogue that goes on without a teacher once it is solved.

    Attributes:
        turn: which student utterance, from 1, answers it; None where it was never posed.
        task_id: the second task's id.
        problem: its text.
    """

    turn: int | None = None
    task_id: str = ""
    problem: str = ""


@dataclass(slots=True)
class Episode:
    """A finished dialogue.

    `reward` is 1.0 or 0.0, or None where `stop_reason` is an infrastructure failure.
    `private` is the task's answer and solution, for rescoring and for the viewer; an
    episode belongs to the researcher and is never shown to a student. `usage` counts
    apart for student, teacher and judge, such as `{"student_tokens": 12, "teacher_cost": 0.002}`.
    `teacher_record` says what the teacher's name does not: its model, its sampling, the hash
    of its prompt. `teacher_seed` is what the teacher's randomness derives from. `probe` is the second
    problem of dialogues that have one (`sml_gym.wrappers.Isomorph`), None in others; what is private of it
    is under `probe_answer` and `probe_solution`.
    """

    env_id: str
    task_id: str
    split: str
    opening: str
    turns: list[Turn]
    stop_reason: StopReason
    reward: float | None
    seed: int
    teacher: str
    student: str
    max_turns: int
    family: str = ""
    level: int = 0
    private: dict[str, str] = field(default_factory=dict)
    usage: dict[str, float] = field(default_factory=dict)
    error: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    teacher_record: dict[str, Any] = field(default_factory=dict)
    teacher_seed: int = 0
    probe: Probe | None = None
    schema: int = SCHEMA

    @property
    def valid(self) -> bool:
        """False if the infrastructure failed, so that the episode counts in no statistic."""
        return self.stop_reason.valid

    @property
    def solved_at(self) -> int | None:
        """The turn (from 1) at which the task was solved, None if it was not.

        Where a probe belongs to the dialogue, both must be solved; the turn is that of the first, since the
        probe is no turn with the teacher.
        """
        if self.stop_reason is not StopReason.SOLVED:
            return None
        return len(self.turns) if self.probe is None else self.solved_with_teacher

    @property
    def solved_with_teacher(self) -> int | None:
        """The turn at which the task itself was solved, whatever became of a probe after it."""
        if self.probe is None:
            return self.solved_at
        return None if self.probe.turn is None else self.probe.turn - 1

    def utterances(self) -> Iterator[Utterance]:
        """All that was said, the teacher's opening first."""
        yield Utterance(Speaker.TEACHER, self.opening)
        for turn in self.turns:
            yield turn.student
            if turn.feedback is not None:
                yield Utterance(Speaker.TEACHER, turn.feedback)

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready dict; `from_json` gives the same episode back."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Episode:
        """Read what `to_json` wrote. Raises `ConfigError` for another schema or missing fields."""
        if not isinstance(row, dict):
            raise ConfigError("Not an episode: no JSON object. Is this a file that sml_gym wrote?")
        if row.get("schema") != SCHEMA:
            raise ConfigError(
                f"This episode has schema {row.get('schema')!r}; this version reads {SCHEMA}. "
                "Read it with the version that wrote it (see its `versions`)."
            )
        try:
            fields = dict(row, stop_reason=StopReason(row["stop_reason"]))
            fields["turns"] = [_turn_from_json(turn) for turn in row["turns"]]
            if row.get("probe") is not None:
                fields["probe"] = Probe(**row["probe"])
            return _checked(cls(**fields))
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            raise ConfigError(f"Not an episode: {exc}. Is this a file that sml_gym wrote?") from exc


_TEXTS = ("env_id", "task_id", "split", "opening", "teacher", "student", "family", "error")
_COUNTS = ("seed", "max_turns", "level", "teacher_seed")
_DICTS = ("private", "usage", "versions", "teacher_record")


def _checked(episode: Episode) -> Episode:
    """The episode, if its fields hold what all readers of records count on. Raises `ValueError`."""
    for kind, names in ((str, _TEXTS), (int, _COUNTS), (dict, _DICTS)):
        for name in names:
            if not isinstance(getattr(episode, name), kind):
                raise ValueError(f"its {name} is {getattr(episode, name)!r:.60}, not {kind.__name__}")
    probe = episode.probe
    if probe is not None and not (
        isinstance(probe.task_id, str)
        and isinstance(probe.problem, str)
        and (probe.turn is None or (type(probe.turn) is int and 2 <= probe.turn <= len(episode.turns) + 1))
    ):
        raise ValueError("its probe has no turn of the dialogue, or its id or problem is no text")
    if episode.max_turns < 1:
        raise ValueError(f"its max_turns is {episode.max_turns}, less than 1")
    for number in (0 if episode.reward is None else episode.reward, *episode.usage.values()):
        if not (isinstance(number, (int, float)) and isfinite(number)):
            raise ValueError(f"its reward or usage is {number!r:.60}, no finite number")
    for turn in episode.turns:
        texts = (turn.student.text, turn.answer or "", turn.feedback or "", *turn.facts)
        if not (all(isinstance(text, str) for text in texts) and isinstance(turn.notes, dict)):
            raise ValueError("a turn's words, answer or facts are no text, or its notes are no object")
    return episode


def _turn_from_json(row: dict[str, Any]) -> Turn:
    student = dict(row["student"])
    student["speaker"] = Speaker(student["speaker"])
    student["kind"] = UtteranceKind(student["kind"]) if student["kind"] else None
    tokens = row["tokens"]
    return Turn(
        **{
            **row,
            "student": Utterance(**student),
            "outcome": Outcome(row["outcome"]),
            "facts": tuple(row["facts"]),
            "tokens": None if tokens is None else TokenSpan(**{k: tuple(v) for k, v in tokens.items()}),
        }
    )


def write_episodes(path: str | Path, episodes: Iterable[Episode], *, append: bool = False) -> None:
    """Write episodes as JSON Lines, flushed to disk line by line so that a kill loses at most one."""
    with open(path, "a" if append else "w", encoding="ascii") as file:
        for episode in episodes:
            file.write(json.dumps(episode.to_json()) + "\n")
            file.flush()
        os.fsync(file.fileno())


def read_episodes(path: str | Path) -> list[Episode]:
    """Read a file of episodes. A last line that a kill cut short is left out.

    Raises `ConfigError` with file and line for any other bad line.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as exc:
        raise ConfigError(f"Cannot read {path}: {exc.strerror}. Check the path.") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{path} is no text in UTF-8 ({exc}). Name a file of episodes.") from exc
    return list(_parse_lines(text.split("\n"), path))


def _parse_lines(lines: Sequence[str], path: str | Path) -> Iterator[Episode]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield Episode.from_json(json.loads(line))
        except json.JSONDecodeError as exc:
            if number == len(lines):  # no newline after it: the writer was killed here
                return
            raise ConfigError(f"{path}, line {number}: not valid JSON ({exc}). Remove the line.") from exc
        except RecursionError as exc:
            raise ConfigError(f"{path}, line {number}: nested too deeply. Remove the line.") from exc
        except ConfigError as exc:
            raise ConfigError(f"{path}, line {number}: {exc}") from exc
