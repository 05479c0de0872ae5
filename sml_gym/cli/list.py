"""`sml-gym list`: the installed environments, teachers, students, chat models and prompts."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import entry_points

from sml_gym.chat.specs import chat_kinds
from sml_gym.cli.options import Command
from sml_gym.env import SMLEnv
from sml_gym.errors import ConfigError
from sml_gym.evaluation import TEACHERS
from sml_gym.registration import env_class, env_ids
from sml_gym.students import GROUP as STUDENTS
from sml_gym.students import YARDSTICKS
from sml_gym.task import GeneratedTasks
from sml_gym.teachers.prompt import FOLDER, load_prompt
from sml_gym.teachers.specs import teacher_kinds

_STUDENTS = {
    "random": "guesses answers of other tasks",
    "retry": "guesses too, and never twice the same",
    "oracle": "gives the right answer at once",
    "listener": "knows a few answers and rules out what the teacher's words contradict",
    "optimal": "plays guessing games and hidden rules in as few turns as suffice; optimal:0 to optimal:3",
    "embedded": "a small student that comes with the package and follows feedback some of the time",
    "smollm2": "SmolLM2-135M-Instruct, where its package is installed",
    "model": "any other name: a model's path or public name",
}
_CHAT = {
    "openai": "openai:MODEL[@URL][?options]: a server that speaks OpenAI's protocol",
    "hf": "hf:PATH[?options]: a local transformers model, by path or public name",
}
_LABELS = {
    "real": "the teacher of --real-teacher",
    "placebo": "without a TEACHER behind it, around the one of --real-teacher",
}


@dataclass(frozen=True)
class ListOptions:
    """What to show.

    Attributes:
        families: also show each environment's task families with their levels.
        environments: show the environments.
        teachers: show the teachers and the controls around them.
        students: show the students.
        models: show the kinds of chat model and the prompts for them.
    """

    families: bool = True
    environments: bool = True
    teachers: bool = True
    students: bool = True
    models: bool = True


def run(options: ListOptions) -> None:
    """Print one block each. What cannot be loaded is shown with the reason."""
    if options.environments:
        print("Environments (--env):\n")
        for env_id in env_ids():
            _environment(env_id, families=options.families)
    if options.teachers:
        rows = [(kind.form, kind.summary) for kind in teacher_kinds()]
        _block("Teachers (--teacher, --real-teacher, --teachers), by themselves or around one another", rows)
        names = [(name, _LABELS[name]) for name in TEACHERS if name in _LABELS]
        _block("In the --teachers of an evaluation also", names)
    if options.students:
        installed = [entry.name for entry in entry_points(group=STUDENTS)]
        known = [name for name in _STUDENTS if name in (*YARDSTICKS, *installed)]
        others = sorted(set(installed) - set(known) - set(chat_kinds()))
        _block("Students (--student)", [(name, _STUDENTS.get(name, "")) for name in [*known, *others]])
    if options.models:
        kinds = chat_kinds()
        _block("Chat models, as teachers and as students", [(n, _CHAT.get(n, "")) for n in kinds])
        prompts = sorted(path.stem for path in FOLDER.glob("*.txt"))
        _block(
            "Prompts for chat teachers; any file will do",
            [(name, f"version {load_prompt(name).version}, {FOLDER / name}.txt") for name in prompts],
        )


def _environment(env_id: str, *, families: bool) -> None:
    try:
        cls = env_class(env_id)
    except ConfigError as exc:
        print(f"{env_id}\n  not available: {exc}")
        return
    description = (inspect.getdoc(cls) or "").split("\n")[0]
    print(f"{env_id}\n  {cls.__module__}.{cls.__qualname__}: {description}")
    for line in _families(cls) if families else ():
        print(f"  {line}")


def _families(cls: type[SMLEnv]) -> list[str]:
    try:
        source = cls().source
    except Exception as exc:  # no tasks of its own, or broken: the other domains are shown all the same
        return [str(exc)]
    if not isinstance(source, GeneratedTasks):
        return []
    width = max(len(family.name) for family in source.families)
    return [
        f"{family.name:<{width}}  levels {', '.join(map(str, family.levels))}" for family in source.families
    ]


def _block(title: str, rows: Iterable[tuple[str, str]]) -> None:
    """A title, and names with what they are, or below it where the name is long."""
    print(f"\n{title}:\n")
    for name, what in rows:
        print(f"  {name:<26}{what}" if len(name) < 25 else f"  {name}\n  {'':<26}{what}")


COMMAND = Command(
    summary="Show the installed environments, teachers, students, chat models and prompts.",
    options=ListOptions,
    run=run,
    example="sml-gym list --no-environments",
)
