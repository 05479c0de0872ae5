"""Several environments as one: each dialogue is about a task of one of them, drawn by weight."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np

from sml_gym.env import SMLEnv
from sml_gym.errors import ConfigError, nearest
from sml_gym.options import checked_options
from sml_gym.registration import env_class
from sml_gym.seeding import check_split, stable_hash
from sml_gym.selection import behind, is_selection, read_selection
from sml_gym.task import Task, TaskSource
from sml_gym.teachers.base import Teacher
from sml_gym.wrappers.relaying import RelayingEnv

if TYPE_CHECKING:
    from sml_gym.episode import Episode

_MOST_WEIGHT = 1e100  # of so much, a sum can still be made
_SHARED = ("teacher", "max_turns", "split", "render_mode")


class Mixture(RelayingEnv):
    """Tasks of several environments, drawn by weight; each dialogue goes as in its own environment.

        Mixture({"SML-Math-v0": 1, "SML-Guess-v0": 2}, teacher="scripted:3")
        Mixture([(gym.make("SML-Math-v0", levels=1), 1), (my_env, 3)])

    Description:
        One teacher teaches tasks of all, with one turn limit for all dialogues.

    Task:
        Those of the environments: an environment is drawn by weight, and then one of its tasks. `take` gives
        tasks in the proportion of the weights, with texts that are distinct over all environments.

    What the student may say:
        What it may say in the task's own environment.

    What the teacher knows and can say:
        What it knows there. A decoy that a placebo speaks of, and what a listener takes for possible, comes
        from the same environment as the task.

    Rewards:
        Those of the task's own environment.

    How it ends:
        As in the task's own environment, after `max_turns` (4) student utterances at the latest.

    Options:
        envs: ids or environments with their weights: a mapping, or a list of pairs. An environment keeps its
            own options and tasks; its teacher and turn limit are not used.
        env_options: for ids, further options of each.
        teacher, max_turns, render_mode: as in `sml_gym.SMLEnv`.
        split: the split of all that are given by id.
        tasks: None, or tasks of this mixture: a source, or a file of `sml-gym filter`, which without `envs`
            says them too.

    Ids:
        `SML-Mixture-v0`. A task's id is `<environment>/<its id there>`, its family `<environment>/<its family
        there>`, or the environment's name where it has none.

    Source and licence:
        Those of the environments.

    Yardsticks:
        Those of the environments, in the proportion of the weights.

    Raises:
        ConfigError: no environment, an unknown one, a weight that is none, environments whose
            phrases contradict each other, or options that belong to the mixture.
    """

    example_options: Mapping[str, Any] = {"envs": {"SML-Math-v0": 1, "SML-Math-Underspecified-v0": 1}}

    def __init__(
        self,
        envs: Mapping[str, float] | Sequence[tuple[str | gym.Env[Any, Any], float]] | None = None,
        *,
        env_options: Mapping[str, Mapping[str, Any]] | None = None,
        teacher: str | Teacher = "scripted",
        max_turns: int = 4,
        split: str = "train",
        tasks: TaskSource | str | Path | None = None,
        render_mode: str | None = None,
    ) -> None:
        if envs is None and is_selection(tasks):
            found = read_selection(tasks).environments(type(self))
            envs, env_options = found.get("envs"), env_options or found.get("env_options")
        pairs = _checked_pairs(envs)
        options = checked_options(env_options)
        for name, own in options.items():
            checked_options(own, f"env_options[{name!r}]")
            ids = [env for env, _ in pairs if isinstance(env, str)]
            if name not in ids:
                raise ConfigError(
                    f"env_options has {name!r}, which is not in the mixture. {nearest(str(name), ids)}"
                )
        given = behind(tasks) if isinstance(tasks, TaskSource) else None
        parts: dict[str, SMLEnv] = {}
        weights: dict[str, float] = {}
        for env, weight in pairs:
            name = _name(env, parts)
            if isinstance(env, str):
                shared = {"split": split, "max_turns": max_turns}
                source = given.sources.get(name) if isinstance(given, MixedTasks) else None
                parts[name] = _made(env, options.get(env, {}), shared, source)
            else:
                parts[name] = _of_split(env.unwrapped, name, split)
            weights[name] = weight
        self._mixed = MixedTasks({name: part.source for name, part in parts.items()}, weights, split)
        super().__init__(
            parts, teacher=teacher, max_turns=max_turns, split=split, tasks=tasks, render_mode=render_mode
        )

    def tasks(self, split: str) -> TaskSource:
        """The tasks of all, by weight."""
        return self._mixed

    def env_of(self, task: Task) -> SMLEnv:
        return self.envs[self._mixed.home(task.id)]

    def inner(self, task: Task) -> Task:
        """The task with the id and family that it has in its own environment."""
        return self._mixed.inner(task)

    def outer(self, task: Task, holder: SMLEnv) -> Task:
        """The task with its environment's name in front of id and family."""
        return self._mixed.outer(next(name for name, env in self.envs.items() if env is holder), task)


class MixedTasks(TaskSource):
    """The tasks of several sources, drawn by weight.

    Args:
        sources: by the name that ids and families get in front.
        weights: by the same names, all above 0.
        split: what the tasks are used for.
    """

    def __init__(self, sources: Mapping[str, TaskSource], weights: Mapping[str, float], split: str) -> None:
        self.split = check_split(split)
        self.sources = dict(sources)
        total = sum(weights.values())
        self._shares = {name: weights[name] / total for name in self.sources}
        self._names = list(self.sources)
        self._ends = np.cumsum(list(self._shares.values()))

    def get(self, task_id: str) -> Task:
        home = self.home(task_id)
        return self.outer(home, self.sources[home].get(task_id[len(home) + 1 :]))

    def sample(self, rng: np.random.Generator, *, like: Task | None = None) -> Task:
        if like is not None and (found := self._find_home(like.id)) is not None:
            return self.outer(found, self.sources[found].sample(rng, like=self.inner(like)))
        drawn = int(np.searchsorted(self._ends, rng.random() * self._ends[-1], side="right"))
        home = self._names[min(drawn, len(self._names) - 1)]
        return self.outer(home, self.sources[home].sample(rng))

    def take(self, n: int, seed: int = 0) -> list[Task]:
        """`n` tasks, so many of each source as its weight asks for, in an order that the seed gives."""
        taken: list[Task] = []
        for name, count in self._counts(n).items():
            taken += self._take(name, count, seed, {task.problem for task in taken})
        order = np.random.default_rng(stable_hash("mixture", seed)).permutation(n)
        return [taken[i] for i in order]

    def observe(self, episodes: Sequence[Episode]) -> None:
        """Tell each source of the dialogues about its tasks, under the ids and families that it knows."""
        for home, source in self.sources.items():
            source.observe(
                [
                    replace(
                        episode, task_id=episode.task_id[len(home) + 1 :], family=_bare(home, episode.family)
                    )
                    for episode in episodes
                    if self._find_home(episode.task_id) == home
                ]
            )

    def state(self) -> dict[str, Any]:
        found = {name: source.state() for name, source in self.sources.items()}
        return {name: state for name, state in found.items() if state}

    def restore(self, state: Mapping[str, Any]) -> None:
        for name, source in self.sources.items():
            if name in state:
                source.restore(state[name])

    def home(self, task_id: str) -> str:
        """The name of the source that a task comes from. Raises `ConfigError` for none of them."""
        found = self._find_home(task_id)
        if found is None:
            raise ConfigError(
                f"No task {task_id!r} in the mixture. Ids begin with the name of an environment and a slash: "
                f"{', '.join(f'{name}/...' for name in self._names)}."
            )
        return found

    def inner(self, task: Task) -> Task:
        """The task as its own source knows it."""
        home = self.home(task.id)
        return replace(task, id=task.id[len(home) + 1 :], family=_bare(home, task.family))

    def outer(self, home: str, task: Task) -> Task:
        """The contrary of `inner`, for a task of the source of this name."""
        family = f"{home}/{task.family}" if task.family else home
        return replace(task, id=f"{home}/{task.id}", family=family)

    def _find_home(self, task_id: str) -> str | None:
        # An id may hold a slash (a namespace), so that one name may begin with another.
        return max((name for name in self._names if task_id.startswith(f"{name}/")), key=len, default=None)

    def _counts(self, n: int) -> dict[str, int]:
        """`n` parted by weight; what is left over goes to the largest remainders."""
        exact = {name: share * n for name, share in self._shares.items()}
        counts = {name: math.floor(count) for name, count in exact.items()}
        by_remainder = sorted(self._names, key=lambda name: counts[name] - exact[name])
        for name in by_remainder[: n - sum(counts.values())]:
            counts[name] += 1
        return counts

    def _take(self, name: str, count: int, seed: int, others: set[str]) -> list[Task]:
        """`count` tasks of one source with texts that no other source has given."""
        asked = count
        while True:
            try:
                found = self.sources[name].take(asked, seed) if asked else []
            except ConfigError as exc:
                raise ConfigError(
                    f"{name} cannot give its {count} tasks of the mixture: {exc} Or lower its weight."
                ) from exc
            fresh = [task for task in found if task.problem not in others]
            if len(fresh) >= count:
                return [self.outer(name, task) for task in fresh[:count]]
            asked += count - len(fresh)


def _bare(home: str, family: str) -> str:
    """A family without the name of its environment."""
    return family[len(home) + 1 :]


def _checked_pairs(
    envs: Mapping[str, float] | Sequence[tuple[str | gym.Env[Any, Any], float]] | None,
) -> list[tuple[str | gym.Env[Any, Any], float]]:
    example = '{"SML-Math-v0": 1, "SML-Guess-v0": 2}'
    if not isinstance(envs, (Mapping, Sequence)) or isinstance(envs, str) or not envs:
        raise ConfigError(f"A mixture needs environments with their weights. Pass envs={example}.")
    pairs = list(envs.items()) if isinstance(envs, Mapping) else list(envs)
    checked: list[tuple[str | gym.Env[Any, Any], float]] = []
    for pair in pairs:
        if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
            raise ConfigError(f"{pair!r:.80} is no pair of environment and weight. Write envs={example}.")
        env, weight = pair
        if not isinstance(env, str) and not (isinstance(env, gym.Env) and isinstance(env.unwrapped, SMLEnv)):
            raise ConfigError(f"{env!r:.80} is neither an id nor an sml_gym.SMLEnv. Write envs={example}.")
        number = isinstance(weight, (int, float)) and not isinstance(weight, bool)
        if not number or not 0 < weight <= _MOST_WEIGHT:
            raise ConfigError(f"The weight of {env} is {weight!r}; give a number above 0, or leave it out.")
        checked.append((env, float(weight)))
    return checked


def _name(env: str | gym.Env[Any, Any], taken: Mapping[str, Any]) -> str:
    """What ids and families get in front: the id, or the class; numbered where it is taken."""
    if isinstance(env, str):
        name = env.removeprefix("sml_gym:")
    else:
        name = env.unwrapped.spec.id if env.unwrapped.spec is not None else type(env.unwrapped).__name__
    names = (name if number == 1 else f"{name}#{number}" for number in range(1, len(taken) + 2))
    return next(free for free in names if free not in taken)


def _of_split(env: gym.Env[Any, Any], name: str, split: str) -> SMLEnv:
    assert isinstance(env, SMLEnv)
    if env.split != split:
        raise ConfigError(
            f"{name} has tasks of the {env.split} split, and the mixture's is {split!r}. "
            "Make both with one split."
        )
    return env


def _made(
    env_id: str, own: Mapping[str, Any], shared: Mapping[str, Any], source: TaskSource | None
) -> SMLEnv:
    """An environment by its id. `source`: the tasks of one that was made before with the same options."""
    for name in _SHARED:
        if name in own:
            raise ConfigError(f"{name} of {env_id} cannot be set by itself. Set it for the mixture.")
    options = {**own, **shared}
    if source is not None:
        options["tasks"] = source
        options.pop("hold_out", None)
    return env_class(env_id)(**options)
