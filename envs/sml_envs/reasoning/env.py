"""`SML-Reasoning-v0`: the generators of reasoning-gym as dialogues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sml_envs.reasoning import library
from sml_envs.reasoning.diagnose import diagnose
from sml_envs.reasoning.families import ReasoningFamily, with_fields
from sml_envs.reasoning.opposites import OPPOSITES
from sml_envs.reasoning.phrases import PHRASES, SLOTS
from sml_envs.reasoning.reading import read
from sml_envs.reasoning.record import Dataset, chosen, level_of
from sml_envs.reasoning.verify import verify
from sml_gym import (
    ConfigError,
    Diagnosis,
    Family,
    GeneratedTasks,
    Probes,
    SMLEnv,
    Task,
    TaskSource,
    Teacher,
    Utterance,
    Verdict,
)
from sml_gym.reading import Reading

Difficulty = int | str | Sequence[int | str] | Mapping[str, Any]


class ReasoningEnv(SMLEnv):
    """Procedural reasoning: a hundred datasets of puzzles, each with a teacher who checks the rules.

    Description:
        The teacher poses a generated problem of logic, arithmetic, algebra, graphs, games, grids or text.
        The student tries; the teacher says which rule, clue, cell or move is wrong.

    Task:
        The datasets of reasoning-gym, except those that the README beside this file lists as refused.
        By default all of them at their own default difficulty, each equally often. Texts are split into
        train, validation and test by their hash.

    What the student may say:
        Anything. `Final answer: ...`, `\\boxed{...}`, `#### ...` or `<answer>...</answer>` commits to an
        answer, and the last one counts. Where answers have several lines, all that follows `Final answer:`
        belongs to it; a fenced block after it is read everywhere.

    What the teacher knows and can say:
        It knows the reference answer and the dataset's own data. At informativeness 0 it says whether an
        attempt is right, at 1 also where it goes wrong, at 2 what is wrong there, at 3 what to do next. For
        some thirty datasets it checks the rules of the puzzle itself; for the others it names the place
        of the first difference. It never states the final answer, nor the right value of a wrong place.

    Rewards:
        1.0 in the turn of an answer to which the dataset's scorer gives 1, else 0.0. Partial credit counts
        as wrong. Where a scorer gives 1 to wrong answers too, a check of our own must agree.

    How it ends:
        Terminated when solved, truncated after `max_turns` student utterances.

    Options:
        task: a dataset, a category such as `"logic"`, or several; default all.
        difficulty: a level: 0 for the dataset's own defaults, then its curriculum's levels, counted from 1;
            `"default"`, `"easy"`, `"medium"` or `"hard"`, the latter three among the curriculum's; several of
            these; or, for one dataset, a mapping of its configuration's fields. Default 0. A dataset
            without the level is left out.
        teacher, max_turns, split, tasks, hold_out, render_mode: as in `sml_gym.SMLEnv`.

    Ids:
        `SML-Reasoning-v0`. A task's id is `dataset:level:seed`; with a mapping as difficulty, the level is
        a number that the mapping determines.

    Source and licence:
        reasoning-gym, Apache-2.0, with the data that it ships; the extra `reasoning` installs it.

    Yardsticks:
        See the README.

    Raises:
        ConfigError: for an unknown or refused dataset, a level that is not there, or if the extra
            `reasoning` is not installed.
    """

    phrases = PHRASES
    opposites = OPPOSITES
    slot_patterns = SLOTS

    def __init__(
        self,
        *,
        task: str | Sequence[str] | None = None,
        difficulty: Difficulty = 0,
        teacher: str | Teacher = "scripted",
        max_turns: int = 4,
        split: str = "train",
        tasks: TaskSource | str | Path | Mapping[str, str | Path] | None = None,
        hold_out: bool = False,
        render_mode: str | None = None,
    ) -> None:
        library.registry()
        self._families = _families(_datasets(task), difficulty)
        self._datasets = {family.name: family.dataset for family in self._families}
        super().__init__(
            teacher=teacher,
            max_turns=max_turns,
            split=split,
            tasks=tasks,
            hold_out=hold_out,
            render_mode=render_mode,
        )

    def tasks(self, split: str) -> TaskSource:
        """Generated tasks of the chosen datasets and levels."""
        families: list[Family] = list(self._families)
        return GeneratedTasks(families, split)

    def read(self, task: Task, text: str) -> Reading:
        """The last committed answer, of several lines where the dataset's answers are."""
        dataset = self._datasets.get(task.family)
        return read(text, lines=dataset is not None and dataset.lines)

    def verify(self, task: Task, answer: str) -> Verdict:
        """The dataset's scorer, in a process killed at its deadline; equal text where that decides."""
        dataset = self._datasets.get(task.family)
        return super().verify(task, answer) if dataset is None else verify(task, dataset, answer)

    def diagnose(self, task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
        """Which rule, clue, cell or move is wrong, else where the first difference is."""
        dataset = self._datasets.get(task.family)
        return Diagnosis() if dataset is None else diagnose(task, dataset, utterance, verdict)

    def probes(self, task: Task) -> Probes:
        """The reference answer, a text that no dataset takes, and nothing."""
        answer = task.private.reveal().answer
        return Probes(
            correct=f"Final answer:\n{answer}",
            incorrect=f"Final answer: {_wrong(task.family, answer)}",
            malformed="Final answer:",
        )


def _datasets(task: str | Sequence[str] | None) -> list[Dataset]:
    if task is None or isinstance(task, str):
        return chosen(None if task is None else [task])
    if not isinstance(task, Iterable) or not all(isinstance(name, str) for name in task):
        raise ConfigError(f"task is {task!r:.80}; give names, such as task=['sudoku', 'logic'].")
    return chosen(list(task))


def _families(datasets: list[Dataset], difficulty: Difficulty) -> list[ReasoningFamily]:
    """A family for each dataset that has the difficulty."""
    if isinstance(difficulty, Mapping):
        if len(datasets) != 1:
            raise ConfigError(
                f"difficulty is a mapping of fields, and {len(datasets)} datasets are chosen. "
                "Choose one with task=."
            )
        return [with_fields(datasets[0], difficulty)]
    wanted = [difficulty] if isinstance(difficulty, (int, str)) else difficulty
    if not isinstance(wanted, Iterable) or not all(
        isinstance(level, (int, str)) and not isinstance(level, bool) for level in wanted
    ):
        raise ConfigError(
            f"difficulty is {difficulty!r:.80}; give levels, such as 2, 'hard' or [1, 2], or a mapping."
        )
    families = []
    for dataset in datasets:
        levels = {level for one in wanted if (level := _level(dataset, one, len(datasets))) is not None}
        if levels:
            families.append(ReasoningFamily(dataset, tuple(sorted(levels))))
    if not families:
        known = {dataset.name: list(dataset.levels) for dataset in datasets[:10]}
        raise ConfigError(
            f"No chosen dataset has difficulty {difficulty!r}. Levels: {known}. Choose some of these."
        )
    return families


def _level(dataset: Dataset, wanted: int | str, chosen_datasets: int) -> int | None:
    """The level, None where one of several datasets does not have it or does not serve it."""
    try:
        return level_of(dataset, wanted)
    except ConfigError:
        if chosen_datasets > 1 and isinstance(wanted, int):
            return None
        raise


def _wrong(family: str, answer: str) -> str:
    """An answer that is understood and wrong."""
    if family in ("countdown", "puzzle24"):
        return "1 + 1"
    if family in ("simple_integration", "intermediate_integration", "polynomial_multiplication"):
        return "1"
    if family == "boxnet":
        return "[]"
    return "7" if answer.strip() != "7" else "8"
