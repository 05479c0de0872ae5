"""The file behind a cache: texts by key, in an SQLite database that several processes may share."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from sml_gym.errors import ConfigError

_APPLICATION = 0x534D4C43  # "SMLC": marks the file as a cache of ours
T = TypeVar("T")

_BUSY_SECONDS = 60.0
_PER_QUERY = 500


class AnswerFile:
    """Answers by key.

    Args:
        path: the file.
        create: whether to make it, and its folder, where there is none.

    Raises:
        ConfigError: on every failure of the database: a file that is no cache or is damaged, a disk
            that is full, a lock that is held for a minute.
    """

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
                raise self.damaged(exc) from exc

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

    def damaged(self, exc: Exception) -> ConfigError:
        """The error for content that makes no sense."""
        return ConfigError(
            f"{self.path} is no cache of teachers' answers, or is damaged ({exc}). Move it away, or name "
            "another file."
        )

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"], create=True)  # type: ignore[misc]
