"""The environment of the domains whose answers are hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from sml_envs.hidden.game import Hidden, hidden_of
from sml_envs.hidden.phrases import answer_question
from sml_envs.hidden.search import Optimum, best_play
from sml_envs.hidden.tasks import HiddenFamily, HiddenTasks
from sml_gym import (
    ConfigError,
    Diagnosis,
    Fact,
    Outcome,
    Probes,
    SMLEnv,
    Task,
    TaskSource,
    Teacher,
    Utterance,
    UtteranceKind,
    Verdict,
)
from sml_gym.errors import nearest
from sml_gym.selection import behind
from sml_gym.teachers.base import Examination


class HiddenEnv(SMLEnv):
    """Tasks whose text leaves several answers possible, each as likely; feedback alone tells them apart.

    A subclass names its families and words; everything else is the same.

    Args:
        families: names of families; default all.
        levels: which levels to draw; default all.
        teacher, max_turns, split, tasks, hold_out, render_mode: as in `sml_gym.SMLEnv`.

    Raises:
        ConfigError: for an unknown family, level or option.
    """

    all_families: ClassVar[tuple[HiddenFamily, ...]] = ()

    def __init__(
        self,
        *,
        families: Sequence[str] | str | None = None,
        levels: Sequence[int] | int | None = None,
        teacher: str | Teacher = "scripted",
        max_turns: int = 4,
        split: str = "train",
        tasks: TaskSource | str | Path | Mapping[str, str | Path] | None = None,
        hold_out: bool = False,
        render_mode: str | None = None,
    ) -> None:
        self._families = self._chosen(families)
        self._levels = (levels,) if isinstance(levels, int) else levels
        if isinstance(levels, str) or not (levels is None or isinstance(self._levels, Iterable)):
            raise ConfigError(f"levels is {levels!r}; give whole numbers, such as levels=[1, 2].")
        super().__init__(
            teacher=teacher,
            max_turns=max_turns,
            split=split,
            tasks=tasks,
            hold_out=hold_out,
            render_mode=render_mode,
        )

    def tasks(self, split: str) -> TaskSource:
        """Generated games of the chosen families and levels."""
        return HiddenTasks(self._families, split, self._levels)

    def optimal_turns(self, task: Task, informativeness: int = 2) -> Optimum:
        """How many turns perfect use of the feedback takes, without questions: `worst` and `mean`, exactly.

        Args:
            task: one of this environment's own.
            informativeness: of the scripted teacher (`scripted:0` to `scripted:3`).

        Raises:
            ConfigError: for a task that is no game, or an informativeness that does not exist.
        """
        if informativeness not in range(4):
            raise ConfigError(f"informativeness is {informativeness!r}; choose a level from 0 to 3.")
        return best_play(self._game(task).game.messages(informativeness))

    def chances(self, task: Task) -> int:
        """How many answers the text leaves possible, each as likely; k tries without feedback find k.

        Raises:
            ConfigError: for a task that is no game.
        """
        return len(self._game(task).game.answers)

    def verify(self, task: Task, answer: str) -> Verdict:
        """Whether it is the hidden one's answer; what cannot be an answer at all is malformed."""
        found = hidden_of(task)
        if found is None:
            return super().verify(task, answer)
        position = found.game.find(answer)
        if position is None:
            return Verdict(Outcome.MALFORMED, answer, f"it has to be {found.game.asked_for}")
        return Verdict(Outcome.CORRECT if position == found.position else Outcome.INCORRECT, answer)

    def diagnose(self, task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
        """What tells a wrong answer from the hidden one; to a question nothing that depends on it."""
        found = hidden_of(task)
        if found is None:
            return Diagnosis()
        if utterance.kind is UtteranceKind.QUESTION:
            return Diagnosis(answer_question(found.game, utterance.text))
        if verdict.outcome is not Outcome.INCORRECT:
            return Diagnosis()
        position = found.game.find(verdict.answer or "")
        return Diagnosis(() if position is None else found.game.facts(found.position, position))

    def holds(self, task: Task, examined: Examination, fact: Fact) -> bool | None:
        """Every fact about a wrong answer is judged exactly."""
        found, verdict = hidden_of(task), examined.verdict
        own = fact.kind.startswith(("guess.", "rule."))
        position = found.game.find(verdict.answer or "") if found and own else None
        if found is None or position is None or verdict.outcome is not Outcome.INCORRECT:
            return super().holds(task, examined, fact)
        return found.game.holds(found.position, position, fact)

    def isomorph(self, task: Task, rng: np.random.Generator) -> Task | None:
        """The same hidden rule with another question; None for games that have no such thing."""
        source = behind(self.source)
        return source.again(task) if isinstance(source, HiddenTasks) else None

    def probes(self, task: Task) -> Probes:
        """The hidden one's answer, another candidate's, and no answer at all."""
        found = hidden_of(task)
        if found is None:
            return super().probes(task)
        answers = found.game.answers
        return Probes(
            f"Final answer: {answers[found.position]}",
            f"Final answer: {answers[(found.position + 1) % len(answers)]}",
            "Final answer: ???",
        )

    def _game(self, task: Task) -> Hidden:
        found = hidden_of(task)
        if found is None:
            raise ConfigError(
                f"Task {task.id!r} is no game of {type(self).__name__}. Take one from its own source."
            )
        return found

    @classmethod
    def _chosen(cls, names: Sequence[str] | str | None) -> list[HiddenFamily]:
        known = {family.name: family for family in cls.all_families}
        if names is None:
            return list(known.values())
        if not isinstance(names, Iterable):
            raise ConfigError(f"families is {names!r}; give names, such as families={[*known][:2]}.")
        chosen: dict[str, HiddenFamily] = {}
        for name in (names,) if isinstance(names, str) else names:
            if name not in known:
                raise ConfigError(f"Unknown family {name!r} of {cls.__name__}. {nearest(str(name), known)}")
            chosen[name] = known[name]
        if not chosen:
            raise ConfigError(f"No family was chosen. Name one or more of {sorted(known)}, or leave it out.")
        return list(chosen.values())
