"""Teachers: who answers the student, and in which words."""

from sml_gym.teachers.base import Domain, Feedback, Teacher, TeachingContext
from sml_gym.teachers.chat import ChatTeacher
from sml_gym.teachers.controls import BinaryTeacher, PlaceboTeacher, SilentTeacher
from sml_gym.teachers.scripted import ScriptedTeacher
from sml_gym.teachers.specs import make_teacher
from sml_gym.teachers.wrapped import WrappedTeacher

__all__ = [
    "BinaryTeacher",
    "ChatTeacher",
    "Domain",
    "Feedback",
    "PlaceboTeacher",
    "ScriptedTeacher",
    "SilentTeacher",
    "Teacher",
    "TeachingContext",
    "WrappedTeacher",
    "make_teacher",
]
