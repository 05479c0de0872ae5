"""Finding the private answer in a teacher's words.

`plain` takes a text's disguises away, `find_mentions` finds the answer in it in any form, `find_leaks`
decides which of these places give it away. Pure rules, the same for every teacher;
`sml_gym.teachers.Guard` acts on what they find.
"""

from sml_gym.leaks.answer import read_answer
from sml_gym.leaks.code import programs
from sml_gym.leaks.detect import Leak, detector_version, find_leaks
from sml_gym.leaks.known import Known
from sml_gym.leaks.mention import Mention
from sml_gym.leaks.mentions import find_mentions
from sml_gym.leaks.plain import plain

__all__ = [
    "Known",
    "Leak",
    "Mention",
    "detector_version",
    "find_leaks",
    "find_mentions",
    "plain",
    "programs",
    "read_answer",
]
