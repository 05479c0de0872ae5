"""Teachers' answers kept in a file, so that a run can be held again without asking anyone.

An answer is kept under a hash of all that the teacher saw: problem, private reference, the dialogue
so far, the newest utterance with its verdict and facts, turn and limit, seed, refused drafts, the
types of feedback and the length that were asked for, and what the domain's phrases are; and of who
it is: its name and all that it says of itself, its sampling and the version of its prompt among
it. Whatever changes there makes another question. For teachers that draw other tasks (the placebo,
noise) a sample of the source counts too.

A kept answer comes back whole: words, facts, notes and usage. So the usage of a run that was held
again is what its answers had cost when they were given, and its record the same, byte for byte.
Failures are not kept.

The file is an SQLite database in WAL mode: several processes may share it, and what an answered
call has written survives a kill at any moment. It should lie on a local disk.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sml_gym.errors import ConfigError, RolloutError, TaskError, TeacherError, boundary
from sml_gym.task import Reference, TaskSource
from sml_gym.teachers.answer_file import AnswerFile
from sml_gym.teachers.asking import ask_teacher
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext, describe
from sml_gym.teachers.controls import chain_of
from sml_gym.teachers.domains import honest
from sml_gym.teachers.noise import NoisyTeacher
from sml_gym.teachers.placebo import PlaceboTeacher
from sml_gym.teachers.wrapped import WrappedTeacher
from sml_gym.verdict import Direction, Fact, Informativeness, PhraseBank

FORMAT = 1
"""Counts up when keys or answers are written in another way."""

_SAMPLES = 4


class CachedTeacher(WrappedTeacher):
    """Asks the wrapped teacher only what is not in a file yet.

    In one call each question is asked once, whose usage each dialogue that asked it then shows, as
    it would in a replay; all that are missing go to the wrapped teacher together. If two processes ask
    the same at the same time, the first answer that is written counts for both.

    Args:
        inner: who answers what is not kept.
        path: the file; it is made where there is none. In a teacher's name its brackets must close.
        only: never ask; what is not kept is a `TeacherError`.

    Attributes:
        hits: contexts that were answered from the file.
        misses: contexts that were not.

    Raises:
        ConfigError: for a file that is no cache or is damaged, and with `only` for one that does
            not exist.
    """

    def __init__(self, inner: Teacher, path: str | Path, *, only: bool = False) -> None:
        label = f"cached({path})"
        _check_name(str(path))
        # `only` is how a run is held, not who teaches: the record of a replay says the same.
        super().__init__(inner, label)
        self.only = only
        self.hits = self.misses = 0
        self._store = AnswerFile(Path(path).expanduser(), create=not only)
        self._samples_tasks = any(isinstance(t, (PlaceboTeacher, NoisyTeacher)) for t in chain_of(inner))
        self._prints: dict[int, tuple[object, str]] = {}

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback | RolloutError]:
        """The kept answers, and the wrapped teacher's where there is none."""
        who = {"name": self.inner.name, "record": describe(self.inner), "format": FORMAT}
        asked = [self._key(who, context) for context in contexts]
        keys = [key for key in asked if isinstance(key, str)]
        kept: dict[str, str | RolloutError] = {**self._store.read(keys)}
        missing = {
            key: context
            for key, context in zip(asked, contexts, strict=True)
            if isinstance(key, str) and key not in kept
        }
        self.hits += sum(key in kept for key in keys)
        self.misses += sum(key not in kept for key in keys)
        kept |= self._refuse(missing) if self.only else self._ask(missing)
        return [self._given(kept[key]) if isinstance(key, str) else key for key in asked]

    def _key(self, who: Mapping[str, Any], context: TeachingContext) -> str | RolloutError:
        """Under which hash an answer is kept, or the error for a reference that could not be opened."""
        try:
            with boundary(TaskError, f"opening the reference of task {context.task.id!r}"):
                return _hashed({**who, **self._seen(context)})
        except RolloutError as exc:
            return exc

    def _ask(self, missing: Mapping[str, TeachingContext]) -> dict[str, str | RolloutError]:
        """The wrapped teacher's answers as they are kept, and its failures, which are not."""
        answers = dict(zip(missing, ask_teacher(self.inner, list(missing.values())), strict=True))
        new = {key: _pack(answer) for key, answer in answers.items() if isinstance(answer, Feedback)}
        self._store.write(new)
        failed = {key: answer for key, answer in answers.items() if isinstance(answer, RolloutError)}
        return {**failed, **self._store.read(new)}

    def _refuse(self, missing: Mapping[str, TeachingContext]) -> dict[str, str | RolloutError]:
        return {
            key: TeacherError(
                f"the cache {self._store.path} holds no answer to turn {context.turn} of task "
                f"{context.task.id!r}, and no one may be asked"
            )
            for key, context in missing.items()
        }

    def _given(self, answer: str | RolloutError) -> Feedback | RolloutError:
        if isinstance(answer, RolloutError):
            return answer
        try:
            return _unpack(json.loads(answer))
        except (KeyError, TypeError, ValueError) as exc:
            raise self._store.damaged(exc) from exc

    def _seen(self, context: TeachingContext) -> dict[str, Any]:
        domain, reference = context.domain, context.task.private.reveal()
        return {
            "task": [context.task.id, context.task.family, context.task.level, context.task.problem],
            "reference": [
                reference.answer,
                reference.solution,
                [[step.text, step.action, step.result] for step in reference.steps],
                _plain_data(reference),
            ],
            "dialogue": [[u.speaker, u.text, u.kind, u.truncated] for u in context.dialogue],
            "utterance": [context.utterance.text, context.utterance.kind, context.utterance.truncated],
            "verdict": [context.verdict.outcome, context.verdict.answer, context.verdict.reason],
            "facts": [_pack_fact(fact) for fact in context.diagnosis.facts],
            "turn": [context.turn, context.max_turns],
            "seed": context.seed,
            "rejected": context.rejected,
            "directions": context.directions,
            "length": context.length,
            "phrases": self._print(domain.phrases),
            "source": self._print(honest(domain).source) if self._samples_tasks else "",
        }

    def _print(self, thing: PhraseBank | TaskSource) -> str:
        """A hash of phrases or of a sample of tasks, worked out once for each object."""
        if id(thing) not in self._prints:
            self._prints[id(thing)] = (thing, _hashed(_contents(thing)))
        return self._prints[id(thing)][1]

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_prints": {}}  # a source does not pickle, and ids are this process's own


def _check_name(path: str) -> None:
    """Refuse a path that could not be read again from the teacher's name."""
    depth = 0
    for char in path:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth < 0:
            break
    if depth or not path.strip() or path != path.strip() or path.endswith(",only"):
        raise ConfigError(
            f"The path {path!r} cannot stand in a teacher's name. Choose one whose brackets close, that "
            "does not end with ',only' and has no blanks around it."
        )


# ---- what is hashed and what is kept, as JSON ----


def _hashed(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=dict)
    return hashlib.blake2b(text.encode("ascii"), digest_size=20).hexdigest()


def _plain_data(reference: Reference) -> dict[str, Any]:
    """What of a reference's data is plain JSON; what domains keep there for themselves is not."""
    return {key: value for key, value in reference.data.items() if _is_plain(value)}


def _is_plain(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, (str, int, float))


def _contents(thing: PhraseBank | TaskSource) -> object:
    if not isinstance(thing, TaskSource):
        return {kind: list(phrasings) for kind, phrasings in thing.items()}
    rng = np.random.default_rng(0)
    return [thing.split, [thing.sample(rng).problem for _ in range(_SAMPLES)]]


def _pack(feedback: Feedback) -> str:
    return json.dumps(
        {
            "text": feedback.text,
            "facts": [_pack_fact(fact) for fact in feedback.facts],
            "usage": feedback.usage,
            "judge_usage": feedback.judge_usage,
            "notes": feedback.notes,
        }
    )


def _unpack(row: dict[str, Any]) -> Feedback:
    return Feedback(
        str(row["text"]),
        tuple(_unpack_fact(fact) for fact in row["facts"]),
        dict(row["usage"]),
        dict(row["judge_usage"]),
        dict(row["notes"]),
    )


def _pack_fact(fact: Fact) -> list[Any]:
    level, direction = int(fact.informativeness), fact.direction.value
    return [fact.kind, dict(fact.slots), level, direction, fact.topic, fact.private]


def _unpack_fact(row: list[Any]) -> Fact:
    kind, slots, level, direction, topic, private = row
    return Fact(kind, slots, Informativeness(level), Direction(direction), topic, private)
