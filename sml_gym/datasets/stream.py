"""Tasks of a stream: rows that are read as they are needed and never all held."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice

import numpy as np

from sml_gym.datasets.reader import TaskReader
from sml_gym.datasets.sources import RowSource
from sml_gym.errors import ConfigError, TaskError
from sml_gym.row_files import Row
from sml_gym.seeding import check_split, split_of, stable_hash
from sml_gym.task import Task, TaskSource

_DRAWS_KEPT = 100_000
_SEARCHED = 1_000_000


class StreamedTasks(TaskSource):
    """A stream of rows behind a buffer from which tasks are drawn.

    `sample` draws from the next `buffer_size` rows and puts the row that follows in the drawn one's place, as
    a shuffle buffer does. At the end the stream begins anew if it can be read again; else, and where all of
    it fits into the buffer, what is there is drawn from for ever. The same seed gives the same task again as
    long as the source lives, and the same seeds in the same order give the same tasks from a fresh source.

    What a stream cannot do: `take` knows the first `buffer_size` rows only and refuses more. `get` finds
    tasks that were drawn lately; for others it reads the stream again, up to the row that an id of the form
    `<name>:<row>` names, else through at most a million rows. So a run that is resumed in a new process finds
    its tasks again, at the cost of reading; one of a generator cannot, for that is read once.

    The first row is read at once, so that a wrong column is refused before any dialogue. A bad row further on
    is a `TaskError`: the dialogue that drew it is recorded without a reward, and the row is not drawn again.
    Repeated ids are not noticed.

    Args:
        source: the rows.
        reader: makes tasks of them.
        split: the split that is served.
        hold_out: serve only the rows of the split, by the hash of their text.
        buffer_size: how many tasks are held.
        skip_bad: leave bad rows out instead.

    Raises:
        ConfigError: the first row is bad, or there is none.
    """

    def __init__(
        self,
        source: RowSource,
        reader: TaskReader,
        split: str = "train",
        *,
        hold_out: bool = False,
        buffer_size: int = 1000,
        skip_bad: bool = False,
    ) -> None:
        if isinstance(buffer_size, bool) or not isinstance(buffer_size, int) or buffer_size < 1:
            raise ConfigError(f"buffer_size is {buffer_size!r}; give a whole number of at least 1.")
        self.split = check_split(split)
        self._source = source
        self.reader = reader
        self._hold_out = hold_out
        self._size = buffer_size
        self._skip_bad = skip_bad
        self._buffer: list[Task | TaskError] = []
        self._head: list[Task] = []
        self._bad: set[int] = set()
        self._lately: OrderedDict[str, Task] = OrderedDict()
        self._drawn: OrderedDict[int, str] = OrderedDict()
        self._complete = False  # nothing more will come into the buffer
        self._rows = self._read()
        first = next(self._rows, None)
        if first is None:
            raise ConfigError(f"{source.name} holds no row for split {split!r}. Add rows to it.")
        if isinstance(first, TaskError):
            raise ConfigError(str(first)) from first.__cause__
        self._buffer.append(first)

    def get(self, task_id: str) -> Task:
        if task_id in self._lately:
            return self._lately[task_id]
        for held in self._buffer:
            if isinstance(held, Task) and held.id == task_id:
                return self._remember(held)
        found = self._search(task_id) if self._source.repeatable else None
        if found is None:
            again = "" if self._source.repeatable else ", and a generator cannot be read again"
            raise ConfigError(
                f"{self._source.name} has no task {task_id!r} in split {self.split!r} among the rows at hand"
                f"{again}. Give the rows as a list or a file, or pass a larger buffer_size."
            )
        return self._remember(found)

    def sample(self, rng: np.random.Generator, *, like: Task | None = None) -> Task:
        draw = int(rng.integers(2**62))
        if draw in self._drawn:  # the same seed again
            return self.get(self._drawn[draw])
        self._fill()
        places = range(len(self._buffer))
        if like is not None:
            kind = (like.family, like.level)
            alike = [
                place
                for place in places
                if isinstance(held := self._buffer[place], Task) and (held.family, held.level) == kind
            ]
            places = alike or places  # type: ignore[assignment]
        if not places:
            raise TaskError(f"no sound row is left of {self._source.name}")
        place = places[draw % len(places)]
        task = self._buffer[place]
        following = self._following()
        if following is not None:
            self._buffer[place] = following
        elif isinstance(task, TaskError):
            del self._buffer[place]
        if isinstance(task, TaskError):
            raise task
        self._drawn[draw] = task.id
        while len(self._drawn) > _DRAWS_KEPT:
            self._drawn.popitem(last=False)
        return self._remember(task)

    def take(self, n: int, seed: int = 0) -> list[Task]:
        self._fill()
        distinct = list({task.problem: task for task in self._head}.values())
        if n > len(distinct):
            raise ConfigError(
                f"{self._source.name} is a stream, of which {len(distinct)} distinct tasks are known, "
                "fewer than the "
                f"{n} asked for. Ask for fewer, pass buffer_size={n} or more, or streaming=False."
            )
        order = np.random.default_rng(stable_hash("take", seed)).permutation(len(distinct))
        return [self._remember(distinct[place]) for place in order[:n]]

    # ---- private ----

    def _read(self) -> Iterator[Task | TaskError]:
        """The tasks of the split from the first row on; in place of a bad row the error that it is."""
        for row in self._source.read():
            found = self._made(row)
            if found is not None:
                yield found

    def _made(self, row: Row) -> Task | TaskError | None:
        try:
            task = self.reader.task(row)
        except ConfigError as exc:
            if self._skip_bad or row.number in self._bad:
                return None
            self._bad.add(row.number)
            error = TaskError(str(exc))
            error.__cause__ = exc
            return error
        return task if not self._hold_out or split_of(task.problem) == self.split else None

    def _fill(self) -> None:
        """Read until the buffer is full, once; what it holds then is what `take` knows."""
        if self._head:
            return
        self._buffer += islice(self._rows, self._size - len(self._buffer))
        self._complete = len(self._buffer) < self._size
        self._head = [held for held in self._buffer if isinstance(held, Task)]

    def _following(self) -> Task | TaskError | None:
        """The next row, None where no more will come."""
        if self._complete:
            return None
        following = next(self._rows, None)
        if following is None and self._source.repeatable:
            self._rows = self._read()
            following = next(self._rows, None)
        self._complete = following is None
        return following

    def _search(self, task_id: str) -> Task | None:
        stem, _, number = task_id.rpartition(":")
        by_number = stem == self._source.stem and number.isdecimal() and len(number) <= 18
        limit = int(number) + 1 if by_number else _SEARCHED
        for row in islice(self._source.read(), limit):
            if by_number and row.number != int(number):
                continue
            found = self._made(row)
            if isinstance(found, Task) and found.id == task_id:
                return found
        return None

    def _remember(self, task: Task) -> Task:
        self._lately[task.id] = task
        self._lately.move_to_end(task.id)
        while len(self._lately) > max(self._size, 1024):
            self._lately.popitem(last=False)
        return task
