"""What `SML-Guess-v0` and `SML-Rule-v0` share: tasks whose text holds no way to their answer."""

from sml_envs.hidden.env import HiddenEnv
from sml_envs.hidden.game import Game, Hidden
from sml_envs.hidden.search import Optimum, best_play
from sml_envs.hidden.tasks import HiddenFamily, HiddenTasks

__all__ = ["Game", "Hidden", "HiddenEnv", "HiddenFamily", "HiddenTasks", "Optimum", "best_play"]
