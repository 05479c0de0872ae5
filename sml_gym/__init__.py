"""sml_gym: static problems as dialogues in which a student learns from what a teacher says.

`import sml_gym` registers every installed domain with Gymnasium and imports no torch.
"""

from sml_gym.datasets import from_dataset
from sml_gym.dialogue import Dialogue, Speaker, Utterance, UtteranceKind
from sml_gym.domain import Probes
from sml_gym.env import SMLEnv
from sml_gym.episode import Episode, StopReason, TokenSpan, Turn, read_episodes, write_episodes
from sml_gym.errors import (
    BudgetSpent,
    ConfigError,
    JudgeError,
    LeakError,
    RolloutError,
    SMLError,
    StudentError,
    TaskError,
    TeacherError,
    VerifierError,
)
from sml_gym.reading import Reading, read_utterance
from sml_gym.registration import env_class, env_factory, env_ids, register_all
from sml_gym.rollout import Job, Reply, Student, rollout
from sml_gym.row_tasks import RowTasks
from sml_gym.spaces import UtteranceSpace
from sml_gym.task import (
    Draft,
    Family,
    GeneratedTasks,
    Private,
    Reference,
    Shard,
    Shards,
    Step,
    Task,
    TaskSource,
)
from sml_gym.teachers import (
    BinaryTeacher,
    ChatTeacher,
    Feedback,
    Guard,
    PlaceboTeacher,
    ScriptedTeacher,
    SilentTeacher,
    Teacher,
    TeachingContext,
    WrappedTeacher,
    make_teacher,
)
from sml_gym.vector import SMLVectorEnv
from sml_gym.verdict import Diagnosis, Direction, Fact, Informativeness, Outcome, PhraseBank, Verdict
from sml_gym.version import __version__
from sml_gym.wrappers import Curriculum, Isomorph, Mixture, Underspecified

register_all()

__all__ = [
    "BinaryTeacher",
    "BudgetSpent",
    "ChatTeacher",
    "ConfigError",
    "Curriculum",
    "Diagnosis",
    "Dialogue",
    "Direction",
    "Draft",
    "Episode",
    "Fact",
    "Family",
    "Feedback",
    "GeneratedTasks",
    "Guard",
    "Informativeness",
    "Isomorph",
    "Job",
    "JudgeError",
    "LeakError",
    "Mixture",
    "Outcome",
    "PhraseBank",
    "PlaceboTeacher",
    "Private",
    "Probes",
    "Reading",
    "Reference",
    "Reply",
    "RolloutError",
    "RowTasks",
    "SMLEnv",
    "SMLError",
    "SMLVectorEnv",
    "ScriptedTeacher",
    "Shard",
    "Shards",
    "SilentTeacher",
    "Speaker",
    "Step",
    "StopReason",
    "Student",
    "StudentError",
    "Task",
    "TaskError",
    "TaskSource",
    "Teacher",
    "TeacherError",
    "TeachingContext",
    "TokenSpan",
    "Turn",
    "Underspecified",
    "Utterance",
    "UtteranceKind",
    "UtteranceSpace",
    "Verdict",
    "VerifierError",
    "WrappedTeacher",
    "__version__",
    "env_class",
    "env_factory",
    "env_ids",
    "from_dataset",
    "make_teacher",
    "read_episodes",
    "read_utterance",
    "register_all",
    "rollout",
    "write_episodes",
]
