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
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from sml_gym.errors import ConfigError, RolloutError, TaskError, TeacherError, boundary
from sml_gym.task import Reference, TaskSource
from sml_gym.teachers.asking import ask_teacher
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext, describe
from sml_gym.teachers.controls import chain_of
from sml_gym.teachers.noise import NoisyTeacher, honest
from sml_gym.teachers.placebo import PlaceboTeacher
from sml_gym.teachers.wrapped import WrappedTeacher
from sml_gym.verdict import Direction, Fact, Informativeness, PhraseBank

FORMAT = 1
"""Counts up when keys or answers are written in another way."""

_APPLICATION = 0x534D4C43  # "SMLC": marks the file as a cache of ours
T = TypeVar("T")

_BUSY_SECONDS = 60.0
_PER_QUERY = 500
_SAMPLES = 4


class CachedTeacher(WrappedTeacher):
    """Asks the wrapped teacher only what is not in a file yet.

    In one call each question is asked once, and all that are missing go to the wrapped teacher
    together. If two processes ask the same at the same time, the first answer that is written
    counts for both.

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
        self._store = _Store(Path(path).expanduser(), create=not only)
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
        return answer if isinstance(answer, RolloutError) else self._store.unpack(answer)

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


class _Store:
    """The file: answers by key. Every failure of the database is the user's to mend."""

    def __init__(self, path: Path, *, create: bool) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        if not create and not path.is_file():
            raise ConfigError(
                f"There is no cache {path} to replay from. Check the path, or leave 'only' out to make one."
            )
        self._run(lambda connection: None)

    def read(self, keys: Iterable[str]) -> dict[str, str]:
        """The answers that are kept, by key."""
        wanted = list(dict.fromkeys(keys))

        def select(connection: sqlite3.Connection) -> dict[str, str]:
            found: dict[str, str] = {}
            for start in range(0, len(wanted), _PER_QUERY):
                part = wanted[start : start + _PER_QUERY]
                marks = ",".join("?" * len(part))
                rows = connection.execute(f"SELECT key, answer FROM answers WHERE key IN ({marks})", part)
                found.update(rows.fetchall())
            return found

        return self._run(select) if wanted else {}

    def write(self, answers: Mapping[str, str]) -> None:
        """Keep answers; one that is there already stays."""

        def insert(connection: sqlite3.Connection) -> None:
            with connection:
                connection.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?)", answers.items())

        if answers:
            self._run(insert)

    def unpack(self, text: object) -> Feedback:
        """A kept answer. Raises `ConfigError` if it cannot be read."""
        try:
            return _unpack(json.loads(str(text)))
        except (KeyError, TypeError, ValueError) as exc:
            raise self._damaged(exc) from exc

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            try:
                if self._connection is None or self._process != os.getpid():
                    self._connection = self._open()  # a fork must not use its parent's
                    self._process = os.getpid()
                return work(self._connection)
            except sqlite3.OperationalError as exc:
                raise ConfigError(
                    f"The cache {self.path} cannot be used: {exc}. Check that its folder can be written to "
                    "and has space, then resume."
                ) from exc
            except (sqlite3.Error, UnicodeError) as exc:
                raise self._damaged(exc) from exc

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise ConfigError(
                f"Cannot make the folder of the cache {self.path}: {exc.strerror}. Choose another path."
            ) from exc
        until = time.monotonic() + _BUSY_SECONDS
        while True:
            connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, check_same_thread=False)
            try:
                self._prepare(connection)
                return connection
            except sqlite3.OperationalError as exc:
                connection.close()
                # Turning WAL on while another process does so too fails at once, whatever the time-out.
                if "locked" not in str(exc) or time.monotonic() > until:
                    raise
                time.sleep(0.02)
            except BaseException:
                connection.close()
                raise

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Make a fresh file a cache. Raises `ConfigError` for a database of something else."""
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
        if mark != _APPLICATION and (mark or tables):
            raise ConfigError(
                f"{self.path} is a database of something else. Name another file for the cache."
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        with connection:
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT) WITHOUT ROWID"
            )

    def _damaged(self, exc: Exception) -> ConfigError:
        return ConfigError(
            f"{self.path} is no cache of teachers' answers, or is damaged ({exc}). Move it away, or name "
            "another file."
        )

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"], create=True)  # type: ignore[misc]


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
