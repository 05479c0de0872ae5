"""Any data set as an environment: rows of files, lists, `datasets` objects and the hub, with a verifier.

`from_dataset` makes the environment (`DatasetEnv`, id `SML-Dataset-v0`).
"""

from sml_gym.datasets.env import DatasetEnv, from_dataset
from sml_gym.datasets.known import KNOWN, KnownSet
from sml_gym.datasets.stream import StreamedTasks
from sml_gym.datasets.verifiers import VERIFIERS, TextVerifier, Verifier

__all__ = [
    "KNOWN",
    "VERIFIERS",
    "DatasetEnv",
    "KnownSet",
    "StreamedTasks",
    "TextVerifier",
    "Verifier",
    "from_dataset",
]
