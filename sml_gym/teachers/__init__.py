"""Teachers: who answers the student, and in which words."""

from sml_gym.teachers.base import Domain, Feedback, Teacher, TeachingContext
from sml_gym.teachers.cache import CachedTeacher
from sml_gym.teachers.chat import ChatTeacher
from sml_gym.teachers.controls import (
    BinaryTeacher,
    ControlTeacher,
    RetryTeacher,
    SilentTeacher,
    WithholdingTeacher,
)
from sml_gym.teachers.earlier import DelayedTeacher, ShuffledTeacher
from sml_gym.teachers.guard import Guard, Policy
from sml_gym.teachers.human import HumanTeacher
from sml_gym.teachers.judge import Judge
from sml_gym.teachers.noise import NoisyTeacher
from sml_gym.teachers.placebo import PlaceboTeacher
from sml_gym.teachers.scripted import ScriptedTeacher
from sml_gym.teachers.self_teacher import SelfTeacher
from sml_gym.teachers.specs import TeacherKind, build_teacher, make_teacher, teacher_kinds
from sml_gym.teachers.telling import TerseTeacher, TypesTeacher, VerboseTeacher
from sml_gym.teachers.wrapped import WrappedTeacher

__all__ = [
    "BinaryTeacher",
    "CachedTeacher",
    "ChatTeacher",
    "ControlTeacher",
    "DelayedTeacher",
    "Domain",
    "Feedback",
    "Guard",
    "HumanTeacher",
    "Judge",
    "NoisyTeacher",
    "PlaceboTeacher",
    "Policy",
    "RetryTeacher",
    "ScriptedTeacher",
    "SelfTeacher",
    "ShuffledTeacher",
    "SilentTeacher",
    "Teacher",
    "TeacherKind",
    "TeachingContext",
    "TerseTeacher",
    "TypesTeacher",
    "VerboseTeacher",
    "WithholdingTeacher",
    "WrappedTeacher",
    "build_teacher",
    "make_teacher",
    "teacher_kinds",
]
