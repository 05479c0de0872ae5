"""Many dialogues at once: the same turn for all, with one batched teacher call a step.

`gym.make_vec("SML-Math-v0", num_envs=64)` gives an `SMLVectorEnv`. Gymnasium's own
`vectorization_mode="sync"` works too, and `"async"` with
`vector_kwargs={"shared_memory": False}`, because text has no fixed size in bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from sml_gym.dialogue import Speaker
from sml_gym.env import SMLEnv
from sml_gym.errors import ConfigError, RolloutError, nearest
from sml_gym.teachers.asking import ask_teacher
from sml_gym.teachers.base import Feedback, TeachingContext
from sml_gym.text import visible

StepResult = tuple[str, float, bool, bool, dict[str, Any]]


def step_together(
    envs: Sequence[SMLEnv], actions: Sequence[str], truncated: Sequence[bool] | None = None
) -> list[StepResult]:
    """One turn in each environment, with one call to the teacher that they share.

    `truncated` marks utterances that a model's token limit cut short. Raises `TypeError` for an
    action that is no `str`, before any dialogue has heard its own.
    """
    contexts = hear_together(envs, actions, truncated or [False] * len(envs))
    feedback = ask_teacher(envs[0].teacher, contexts) if envs else []
    return settle_together(envs, contexts, feedback)


def hear_together(
    envs: Sequence[SMLEnv], actions: Sequence[str], truncated: Sequence[bool]
) -> list[TeachingContext | RolloutError]:
    """The part of a turn before the teacher is asked, in each environment. Raises as `step_together`."""
    for action in actions:
        if not isinstance(action, str):
            raise TypeError(f"An utterance is a str, not {type(action).__name__}.")
    return [
        env.hear(action, truncated=cut) for env, action, cut in zip(envs, actions, truncated, strict=True)
    ]


def settle_together(
    envs: Sequence[SMLEnv],
    contexts: Sequence[TeachingContext | RolloutError],
    feedback: Sequence[Feedback | RolloutError],
) -> list[StepResult]:
    """The part of a turn after the teacher has answered, in each environment."""
    return [env.settle(context, said) for env, context, said in zip(envs, contexts, feedback, strict=True)]


class SMLVectorEnv(VectorEnv[tuple[str, ...], tuple[str, ...], NDArray[Any]]):
    """`num_envs` dialogues of one domain, with one teacher and one task source.

    Observations and actions are tuples of `str`; rewards, terminations and truncations
    are arrays of length `num_envs`.

    Args:
        env_class: the domain.
        num_envs: how many dialogues.
        autoreset_mode: `SAME_STEP` (default): a dialogue that ends is reset in the same
            step; the returned observation is the new problem, and the last feedback and
            info of the old dialogue are in `infos["final_obs"]` and `infos["final_info"]`.
            `NEXT_STEP`: the last observation is returned, and the next step ignores that
            action and resets. `DISABLED`: reset it yourself with
            `reset(options={"reset_mask": mask})`. A string value such as `"SameStep"` works.
        options: passed to `env_class`.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"], "autoreset_mode": AutoresetMode.SAME_STEP}

    def __init__(
        self,
        env_class: type[SMLEnv],
        num_envs: int = 1,
        *,
        autoreset_mode: AutoresetMode | str = AutoresetMode.SAME_STEP,
        **options: Any,
    ) -> None:
        if num_envs < 1:
            raise ConfigError(f"num_envs is {num_envs}; a vector needs at least 1.")
        try:
            self.autoreset_mode = AutoresetMode(autoreset_mode)
        except ValueError:
            modes = [mode.value for mode in AutoresetMode]
            raise ConfigError(
                f"Unknown autoreset_mode {autoreset_mode!r}. {nearest(str(autoreset_mode), modes)}"
            ) from None
        self.num_envs = num_envs
        self.metadata = {**self.metadata, "autoreset_mode": self.autoreset_mode}
        first = env_class(**options)
        shared = {**options, "teacher": first.teacher, "tasks": first.source}
        shared.pop("hold_out", None)
        self.envs = [first, *(env_class(**shared) for _ in range(num_envs - 1))]
        self.render_mode = first.render_mode
        self.single_observation_space = first.observation_space
        self.single_action_space = first.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._observations = [""] * num_envs
        self._ended = np.zeros(num_envs, dtype=np.bool_)
        self._begun = False

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Begin all dialogues, or those in `options["reset_mask"]` (a boolean array).

        An integer seed gives dialogue i the seed `seed + i`; the other options go to
        each environment's `reset`.
        """
        options = dict(options or {})
        mask = options.pop("reset_mask", None)
        chosen = np.ones(self.num_envs, dtype=np.bool_) if mask is None else np.asarray(mask)
        if chosen.shape != (self.num_envs,) or chosen.dtype != np.bool_:
            raise ConfigError(f"reset_mask must be a boolean array of length {self.num_envs}.")
        seeds: list[int | None]
        if seed is None or isinstance(seed, (int, np.integer)):
            seeds = [None if seed is None else int(seed) + i for i in range(self.num_envs)]
        else:
            seeds = list(seed)
        if len(seeds) != self.num_envs:
            raise ConfigError(f"{len(seeds)} seeds for {self.num_envs} environments. Pass one each.")
        infos: dict[str, Any] = {}
        for i in map(int, np.flatnonzero(chosen)):
            self._observations[i], info = self.envs[i].reset(seed=seeds[i], options=options or None)
            infos = self._add_info(infos, info, i)
        self._ended[chosen] = False
        self._begun = True
        return tuple(self._observations), infos

    def step(
        self, actions: Sequence[str]
    ) -> tuple[tuple[str, ...], NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]:
        """One turn in every dialogue, with one call to the teacher."""
        if not self._begun:
            raise ResetNeeded("Cannot call vector_env.step() before vector_env.reset().")
        if len(actions) != self.num_envs:
            raise ValueError(f"{len(actions)} actions for {self.num_envs} environments. Pass one each.")
        if self.autoreset_mode is AutoresetMode.DISABLED and self._ended.any():
            raise ResetNeeded(
                f"Dialogues {np.flatnonzero(self._ended).tolist()} have ended. Reset them with "
                'reset(options={"reset_mask": mask}) before the next step.'
            )
        rewards = np.zeros(self.num_envs, dtype=np.float64)
        terminations = np.zeros(self.num_envs, dtype=np.bool_)
        truncations = np.zeros(self.num_envs, dtype=np.bool_)
        infos: dict[str, Any] = {}

        # Dialogues that ended in the last step are only ever here in mode NEXT_STEP.
        for i in map(int, np.flatnonzero(self._ended)):
            self._observations[i], info = self.envs[i].reset()
            infos = self._add_info(infos, info, i)
        under_way = [int(i) for i in np.flatnonzero(~self._ended)]
        self._ended[:] = False

        results = step_together([self.envs[i] for i in under_way], [actions[i] for i in under_way])
        for i, (observation, reward, terminated, truncated, info) in zip(under_way, results, strict=True):
            rewards[i], terminations[i], truncations[i] = reward, terminated, truncated
            if (terminated or truncated) and self.autoreset_mode is AutoresetMode.SAME_STEP:
                infos = self._add_info(infos, {"final_obs": observation, "final_info": info}, i)
                observation, info = self.envs[i].reset()
            else:
                self._ended[i] = terminated or truncated
            self._observations[i] = observation
            infos = self._add_info(infos, info, i)
        return tuple(self._observations), rewards, terminations, truncations, infos

    def render(self) -> tuple[str, ...] | None:
        """Each dialogue as text in render mode `"ansi"`, else None."""
        return None if self.render_mode is None else tuple(visible(str(env.dialogue)) for env in self.envs)

    def messages(self, speaker: Speaker = Speaker.STUDENT) -> list[list[dict[str, str]]]:
        """The chat messages of every dialogue, from one speaker's side."""
        return [env.dialogue.messages(speaker) for env in self.envs]
