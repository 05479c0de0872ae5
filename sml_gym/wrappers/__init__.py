"""Environments made of other environments: the same domains, and another way for the dialogue to go."""

from sml_gym.wrappers.curriculum import Curriculum, CurriculumTasks
from sml_gym.wrappers.delegating import DelegatingEnv
from sml_gym.wrappers.isomorph import Isomorph
from sml_gym.wrappers.mixture import MixedTasks, Mixture
from sml_gym.wrappers.relaying import RelayingEnv
from sml_gym.wrappers.underspecified import ShardedTasks, Underspecified
from sml_gym.wrappers.wrapping import WrappingEnv

__all__ = [
    "Curriculum",
    "CurriculumTasks",
    "DelegatingEnv",
    "Isomorph",
    "MixedTasks",
    "Mixture",
    "RelayingEnv",
    "ShardedTasks",
    "Underspecified",
    "WrappingEnv",
]
