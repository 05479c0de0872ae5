"""`SML-Dataset-v0`: the rows of any data set as dialogues."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import gymnasium as gym

from sml_gym.datasets.columns import Column
from sml_gym.datasets.known import KNOWN, KnownSet
from sml_gym.datasets.reader import Columns, TaskReader
from sml_gym.datasets.sources import RowSource, open_source
from sml_gym.datasets.stream import StreamedTasks
from sml_gym.datasets.verifiers import Judge, Verifier, make_verifier
from sml_gym.domain import DomainHooks
from sml_gym.errors import ConfigError, nearest
from sml_gym.fixed_tasks import FixedTasks
from sml_gym.row_tasks import refuse_repeated
from sml_gym.seeding import Split, check_split
from sml_gym.selection import is_selection, read_selection
from sml_gym.task import Reference, Task, TaskSource
from sml_gym.teachers.base import Teacher
from sml_gym.wrappers.delegating import DelegatingEnv

ENV_ID = "SML-Dataset-v0"

BadRows = Literal["refuse", "skip"]


class DatasetEnv(DelegatingEnv):
    """The rows of any data set, with a verifier that fits their answers.

    Description:
        Each row is a problem with a private answer. The teacher poses it, a verifier judges what
        the student commits to, and the teacher says of a wrong answer what the verifier can tell exactly.

    Task:
        The rows of a file (JSONL, CSV, Parquet; a folder with a file for each split), of a list or generator,
        of a `datasets` object, or of a data set on the hub. `problem`, `answer` and `solution` say which
        column is what. A column `shards` holds the problem in pieces for `Underspecified`: a list of texts,
        what is asked first, or an object (`sml_gym.shards.read_shards`).

    What the student may say:
        Anything; `\\boxed{...}`, `Final answer: ...` or `#### ...` commits to an answer (a fenced block does
        for code). A choice may be named by its letter, its text, or both.

    What the teacher knows and can say:
        It knows the answer and the solution. What it can say depends on the verifier: `exact` the place of
        the first difference, too long or too short, and how long the answer is; `contains` which words are
        right; `choice` which choices are ruled out; `regex` too long or too short; `math`, `numeric` and
        `code` all that their domains can; a function nothing but right or wrong.

    Rewards:
        1.0 in the turn of the right answer, else 0.0. A verifier that fails ends the dialogue without a
        reward.

    How it ends:
        Terminated when solved, truncated after `max_turns` student utterances.

    Options:
        rows: a known name (`"gsm8k"`, see `sml_gym.datasets.known`), a path, a name on the hub, a mapping
            from
            split to any of these, or the rows themselves.
        path: the file or folder of a known data set, or its rows in any other form.
        problem, answer, solution: a column's name, a path (`"answers.text.0"`), or a function of the row. By
            default the columns of these names, the last two if they are there.
        choices: the column of choices, or a list of columns, one for each.
        id: the column of ids, `"@hash"` for a hash of the content, `"@row"` for the row's number. By default
            `id`
            if there is one, else the number.
        family, level: columns that group the tasks.
        verifier: `"exact"` (the default), `"choice"` (the default with `choices`), `"numeric"`, `"math"`,
            `"code"`,
            `"regex"`, `"contains"`, a function `(answer, row) -> bool | float | Verdict`, or where one is
            (`"package.module:function"`).
        shuffle_choices, choice_seed: whether choices are shuffled, and the seed of it.
        streaming: read rows as they are needed (`sml_gym.datasets.stream`). By default only those of a
            `datasets.IterableDataset`.
        buffer_size: how many rows of a stream are held.
        config: the configuration of a data set on the hub.
        splits: the data set's own names of our splits, such as `{"test": "validation"}`.
        bad_rows: `"refuse"` the data set for one, or `"skip"` them with a warning.
        tasks: the same as `rows`; or a file of selected tasks (`sml-gym filter`).
        teacher, max_turns, split, hold_out, render_mode: as in `sml_gym.SMLEnv`. Rows that are no mapping
            or folder of splits are one split, whatever its name, unless `hold_out` splits them by the hash of
            the problem.

    Ids:
        `SML-Dataset-v0`. A task's id is the row's, or `<name>:<number of the row from 0>`.

    Source and licence:
        The user's own, or the data set's.

    Yardsticks:
        Those of the data set: random and retry guess answers of other rows, the oracle solves all.

    Raises:
        ConfigError: for an option or a row that has no sense, before any dialogue.
    """

    example_options = {
        "rows": [
            {"problem": "What is the capital city of Italy?", "answer": "Rome"},
            {"problem": "Which river runs through Vienna?", "answer": "the Danube"},
            {"problem": "Who wrote the play Hamlet?", "answer": "William Shakespeare"},
            {"problem": "Which gas do plants take in?", "answer": "carbon dioxide"},
            {"problem": "Which metal is liquid at room temperature?", "answer": "mercury"},
        ]
    }

    def __init__(
        self,
        *,
        rows: Any = None,
        path: Any = None,
        problem: Column | None = None,
        answer: Column | None = None,
        solution: Column | None = None,
        choices: Column | Sequence[str] | None = None,
        id: Column | None = None,
        family: Column | None = None,
        level: Column | None = None,
        verifier: str | Judge | Verifier | None = None,
        shuffle_choices: bool = True,
        choice_seed: int = 0,
        streaming: bool | None = None,
        buffer_size: int = 1000,
        config: str | None = None,
        splits: Mapping[str, str] | None = None,
        bad_rows: BadRows = "refuse",
        teacher: str | Teacher = "scripted",
        max_turns: int = 4,
        split: str = "train",
        tasks: Any = None,
        hold_out: bool = False,
        render_mode: str | None = None,
    ) -> None:
        if bad_rows not in ("refuse", "skip"):
            raise ConfigError(f"bad_rows is {bad_rows!r}. {nearest(str(bad_rows), ('refuse', 'skip'))}")
        switches = {"shuffle_choices": shuffle_choices, "streaming": streaming or False, "hold_out": hold_out}
        for name, value in switches.items():
            if not isinstance(value, bool):
                raise ConfigError(f"{name} is {value!r:.80}; give True or False.")
        if is_selection(tasks):
            tasks = read_selection(tasks).open(type(self), check_split(split), max_turns)
        if rows is None and not isinstance(tasks, TaskSource):
            rows, tasks = tasks, None
        given = tasks if isinstance(tasks, TaskSource) else None
        if given is None and rows is None and path is None:
            raise ConfigError(
                f"{ENV_ID} has no rows. Say which: rows=FILE, a known name ({', '.join(KNOWN)}) or a name on "
                "the hub, and which columns hold problem and answer: problem=COLUMN, answer=COLUMN."
            )
        columns = Columns(
            problem, answer, solution, _column_of_choices(choices), id, family=family, level=level
        )
        known = KNOWN.get(rows) if isinstance(rows, str) else None
        self._source_of: RowSource | None = None
        if given is None:
            self._source_of, known = open_source(
                rows,
                check_split(split),
                path=path,
                hold_out=hold_out,
                streaming=streaming,
                config=config,
                splits=splits,
            )
        self.reader = _reader_of(given) or make_reader(
            columns,
            verifier,
            known,
            "row" if self._source_of is None else self._source_of.stem,
            shuffle_choices=shuffle_choices,
            choice_seed=choice_seed,
        )
        self.verifier = self.reader.verifier
        self._make = functools.partial(
            self._open, hold_out=hold_out, buffer_size=buffer_size, skip_bad=bad_rows == "skip"
        )
        super().__init__(
            [self.verifier.hooks],
            teacher=teacher,
            max_turns=max_turns,
            split=split,
            tasks=given,
            render_mode=render_mode,
        )

    @property
    def row_source(self) -> RowSource | None:
        """Where the rows come from, None for tasks that were handed over."""
        return self._source_of

    def domain_of(self, task: Task) -> DomainHooks:
        """The verifier's domain."""
        return self.verifier.hooks

    def tasks(self, split: str) -> TaskSource:
        """The rows as tasks."""
        return self._make(check_split(split))

    def read_row(self, row: Mapping[str, Any]) -> tuple[str, Reference]:
        """A row as problem and reference, by the columns of this environment."""
        return self.reader.parts(row)

    def _open(self, split: Split, *, hold_out: bool, buffer_size: int, skip_bad: bool) -> TaskSource:
        source = self._source_of
        assert source is not None  # without rows there is no environment
        if source.streaming:
            return StreamedTasks(
                source, self.reader, split, hold_out=hold_out, buffer_size=buffer_size, skip_bad=skip_bad
            )
        tasks = refuse_repeated(self.reader.tasks(source.read(), skip_bad=skip_bad))
        return RowsInMemory(tasks, self.reader, split, hold_out=hold_out, name=source.name)


class RowsInMemory(FixedTasks):
    """Tasks of rows, with what made them: another environment that is handed them judges as the first did."""

    def __init__(
        self, tasks: Iterable[Task], reader: TaskReader, split: str, *, hold_out: bool, name: str
    ) -> None:
        super().__init__(tasks, split, hold_out=hold_out, name=name)
        self.reader = reader


def from_dataset(rows: Any = None, **options: Any) -> DatasetEnv:
    """An environment of the rows of any data set.

        sml_gym.from_dataset("questions.csv", problem="question", answer="reply", verifier="contains")
        sml_gym.from_dataset("gsm8k", path="gsm8k/train.jsonl", teacher="scripted:2")
        sml_gym.from_dataset(rows, problem="q", answer="key", choices="options", split="test", hold_out=True)

    Args:
        rows: a known name, a path, a name on the hub, a mapping from split to any of these, or the rows: a
            list,
            a generator, a `datasets` object, a data frame.
        options: those of `DatasetEnv`, whose docstring lists them.

    Raises:
        ConfigError: the rows cannot be read, a column is missing, an answer is one that no one could give; it
            names the row, and the remedy.
    """
    if isinstance(rows, Iterator) and not options.get("streaming"):
        rows = list(rows)  # so that the environment can be made again from its spec
    env = DatasetEnv(rows=rows, **options)
    spec = gym.registry.get(ENV_ID)
    if spec is not None:
        env.spec = dataclasses.replace(spec, kwargs={"rows": rows, **options})
    return env


def _reader_of(source: TaskSource | None) -> TaskReader | None:
    """What made the tasks of a source, also if they were selected from another; None if that is not known."""
    while source is not None:
        if isinstance(source, (RowsInMemory, StreamedTasks)):
            return source.reader
        source = getattr(source, "source", None)
    return None


def _column_of_choices(choices: Column | Sequence[str] | None) -> Column | tuple[str, ...] | None:
    return tuple(choices) if isinstance(choices, (list, tuple)) else choices  # type: ignore[return-value]


def make_reader(
    columns: Columns,
    verifier: str | Judge | Verifier | None,
    known: KnownSet | None,
    stem: str,
    *,
    shuffle_choices: bool = True,
    choice_seed: int = 0,
) -> TaskReader:
    """What makes tasks of rows: by these columns and this verifier, else by those of a known data set.

    Raises `ConfigError` for an unknown verifier.
    """
    default = "exact" if columns.choices is None else "choice"
    made = make_verifier(
        verifier or (known.verifier if known is not None else default),
        shuffle_choices=shuffle_choices,
        choice_seed=choice_seed,
    )
    if known is None:
        return TaskReader(columns, made, stem)
    named = {name: value for name, value in vars(columns).items() if value is not None}
    parts = {"problem", "answer", "solution"} & set(named)
    whole = known.whole and not parts and made.name == known.verifier
    return TaskReader(Columns(**{**known.columns, **named}), made, stem, whole=whole)
