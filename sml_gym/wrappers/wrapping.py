"""An environment around one other: the same domain and tasks, another way for the dialogue to go."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium as gym

from sml_gym.domain import DomainHooks
from sml_gym.env import SMLEnv
from sml_gym.errors import ConfigError
from sml_gym.options import option_names
from sml_gym.selection import SelectedTasks, is_selection, read_selection
from sml_gym.task import Task, TaskSource
from sml_gym.teachers import make_teacher
from sml_gym.teachers.base import Teacher
from sml_gym.wrappers.delegating import DelegatingEnv

_TURN = ("hear", "settle", "reward", "conclude", "task_at_hand")


class WrappingEnv(DelegatingEnv):
    """An `SMLEnv` around one other.

    Made around an environment (`Wrapping(gym.make("SML-Math-v0"))`) it takes teacher, turn limit, split and
    tasks from there. A subclass that names the class in `wraps` can also be made by options alone, as
    `gym.make` does: they are the options of that class.

    Args:
        env: the environment; wrappers around it are looked through. It is not used for dialogues of its own.
        teacher: instead of its teacher.
        max_turns: instead of its turn limit.
        render_mode: instead of its own.
        options: for the class in `wraps`, where no environment is given.

    Raises:
        ConfigError: no environment was given and the class wraps none, or one and options for another.
    """

    wraps: ClassVar[type[SMLEnv] | None] = None

    def __init__(
        self,
        env: gym.Env[Any, Any] | None = None,
        *,
        teacher: str | Teacher | None = None,
        max_turns: int | None = None,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        name = type(self).__name__
        tasks, selected = options.get("tasks"), None
        if isinstance(tasks, SelectedTasks):
            selected, options["tasks"] = tasks, tasks.source
        elif is_selection(tasks) and read_selection(tasks).made_for(type(self)):
            selected = options.pop("tasks")
        if env is None:
            if self.wraps is None:
                raise ConfigError(
                    f"{name} goes around an environment. Give one: {name}(gym.make('SML-Math-v0'))."
                )
            env = self.wraps(**options)
        elif options:
            raise ConfigError(
                f"{name} was given an environment and {sorted(options)}. Give these to the environment."
            )
        inner = env.unwrapped if isinstance(env, gym.Env) else env
        if not isinstance(inner, SMLEnv):
            raise ConfigError(f"{name} goes around an sml_gym.SMLEnv, not {type(inner).__name__}.")
        self.env = inner
        super().__init__(
            [inner],
            teacher=inner.teacher if teacher is None else make_teacher(teacher),
            max_turns=inner.max_turns if max_turns is None else max_turns,
            split=inner.split,
            tasks=self.tasks_around(inner) if selected is None else selected,
            render_mode=inner.render_mode if render_mode is None else render_mode,
        )

    @classmethod
    def option_names(cls) -> frozenset[str] | None:
        """Its own options and those of the class that it wraps."""
        own, inner = option_names(cls), frozenset() if cls.wraps is None else cls.wraps.option_names()
        return None if own is None or inner is None else (own | inner) - {"domains"}

    def tasks_around(self, env: SMLEnv) -> TaskSource:
        """Where this environment's tasks come from. Default: the other's."""
        return env.source

    def domain_of(self, task: Task) -> DomainHooks:
        return self.env


def refuse_lost_turns(wrapper: SMLEnv, inner: type[SMLEnv]) -> None:
    """Raise `ConfigError` if a wrapper with its own way to take a turn would drop the inner one's own way."""
    if any(getattr(inner, name) is not getattr(SMLEnv, name) for name in _TURN):
        raise ConfigError(
            f"{type(wrapper).__name__} does not go around {inner.__name__}, whose turns go in a way of "
            "their own. Put it around the environment inside."
        )
