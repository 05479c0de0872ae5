"""Problems whose information arrives turn by turn, as in Lost in Conversation (arXiv 2505.06120).

The student first sees only what is asked. The environment holds the rest in shards and lets the teacher
tell at most one a turn: the one that a question names, else the next. Begging for more earns no more.

What a teacher knows follows what the student has been told: until the last shard that is needed is out, the
task in its context is the problem as told so far, and the only facts about an attempt are whether it is
right and that it came too early. So no teacher, scripted or model, speaks by accident of what is held back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np

from sml_gym.dialogue import Utterance, UtteranceKind
from sml_gym.env import MAX_UTTERANCE_CHARS, SMLEnv, check_max_turns
from sml_gym.errors import ConfigError, RolloutError, TaskError
from sml_gym.fixed_tasks import FixedTasks
from sml_gym.record import DialogueRecord
from sml_gym.shards import asked_for, lost_numbers
from sml_gym.task import Private, Shards, Task, TaskSource
from sml_gym.teachers.base import Feedback, Teacher, TeachingContext
from sml_gym.verdict import Diagnosis, Direction, Fact, Informativeness, PhraseBank, Verdict
from sml_gym.wrappers.relaying import RelayingEnv
from sml_gym.wrappers.wrapping import WrappingEnv, refuse_lost_turns

if TYPE_CHECKING:
    from sml_gym.episode import Episode

_WHOLE = "underspecified.whole"
_TOLD = "underspecified.told"
"""Under these names a task's private data hold the whole problem, and which shards its text tells."""

_SHARD = "underspecified.shard"
_PREMATURE = Fact(
    "underspecified.premature",
    informativeness=Informativeness.WHERE,
    direction=Direction.HINDSIGHT_NEGATIVE,
)
PHRASES: PhraseBank = {
    _SHARD: ("{shard}",),
    _PREMATURE.kind: (
        "You do not know everything yet that the answer depends on.",
        "That came too early: there is more to know first.",
    ),
}
_DRAWS = 1_000


class Underspecified(WrappingEnv):
    """Tasks of another environment whose information arrives over the turns.

    Each student utterance that does not end the dialogue brings one shard, as long as there are any: the
    one that a question asks for by name, else the next. The shard is part of the teacher's reply; a teacher
    that does not speak it (a control, a model) has it added to what it says. `Turn.notes` holds which shard
    was told (`"shard"`, counted from 0) and whether an attempt came before all needed ones were out
    (`"premature"`).

    Tasks without parts are left out, and so are those with more shards than there are turns to tell them.

    Args:
        env: the environment whose tasks are told in pieces.
        max_turns: after how many student utterances the dialogue ends.
        teacher, render_mode, options: as for `WrappingEnv`.

    Raises:
        ConfigError: as `WrappingEnv` does; where none of the tasks has parts, or the shards of a given one
            lack a number of its problem; around an environment whose turns go in a way of their own.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any] | None = None,
        *,
        teacher: str | Teacher | None = None,
        max_turns: int = 10,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        self._max_shards = check_max_turns(max_turns) - 1
        super().__init__(env, teacher=teacher, max_turns=max_turns, render_mode=render_mode, **options)
        _refuse_lost_turns(self, self.env)
        self.phrases = {**self.phrases, **PHRASES}
        self.opposites = {**self.opposites, **dict.fromkeys(PHRASES, "")}
        self.slot_patterns = {**self.slot_patterns, "shard": ""}

    def tasks_around(self, env: SMLEnv) -> TaskSource:
        if isinstance(env.source, ShardedTasks):
            return env.source
        return ShardedTasks(env.source, env.shards, self._max_shards)

    # ---- the domain, according to what the student has been told ----

    def inner(self, task: Task) -> Task:
        """The whole problem."""
        return replace(task, problem=_whole(task))

    def shards(self, task: Task) -> Shards | None:
        return task.private.reveal().shards

    def diagnose(self, task: Task, utterance: Utterance, verdict: Verdict) -> Diagnosis:
        """The domain's facts once the student knows all it needs; before, only that it does not."""
        if knows_enough(task):
            return super().diagnose(task, utterance, verdict)
        premature = utterance.kind is UtteranceKind.ATTEMPT and not verdict.correct
        return Diagnosis((_PREMATURE,) if premature else ())

    # ---- the turn ----

    def task_at_hand(self, record: DialogueRecord) -> Task:
        """The problem as the student has been told it so far."""
        return tell(record.task, [turn.notes["shard"] for turn in record.turns if "shard" in turn.notes])

    def hear(self, action: str, *, truncated: bool = False) -> TeachingContext | RolloutError:
        context = super().hear(action, truncated=truncated)
        if isinstance(context, RolloutError) or context.verdict.correct or context.turn >= self.max_turns:
            return context
        position = _next_shard(context.task, context.utterance)
        if position is None:
            return context
        told = tell(context.task, [*_told(context.task), position])
        shard = _shards(context.task).parts[position]
        fact = Fact(_SHARD, {"shard": shard.text, "position": str(position)})
        return replace(context, task=told, diagnosis=Diagnosis((*context.diagnosis.facts, fact)))

    def settle(
        self, context: TeachingContext | RolloutError, feedback: Feedback | RolloutError
    ) -> tuple[str, float, bool, bool, dict[str, Any]]:
        if isinstance(context, TeachingContext) and isinstance(feedback, Feedback):
            notes = dict(feedback.notes)
            text = feedback.text
            attempted = context.utterance.kind is UtteranceKind.ATTEMPT
            if attempted and not knows_enough(self.task_at_hand(self._under_way())):
                notes["premature"] = True
            for fact in context.diagnosis.facts:
                if fact.kind == _SHARD:
                    notes["shard"] = int(fact.slots["position"])
                    text = _with(text, fact.slots["shard"])
            feedback = replace(feedback, text=text, notes=notes)
        return super().settle(context, feedback)


class ShardedTasks(TaskSource):
    """The tasks of another source that have parts, each with only its goal told.

    Args:
        source: the tasks.
        shards_of: a task's shards, None where it has no parts (`SMLEnv.shards`).
        max_shards: leave out tasks with more shards than this.

    Raises:
        ConfigError: the source holds no task with parts, or a finite one shards that lack a number.
    """

    def __init__(
        self, source: TaskSource, shards_of: Callable[[Task], Shards | None], max_shards: int
    ) -> None:
        self.split = source.split
        self.source = source
        self._shards_of = shards_of
        self._max_shards = max_shards
        self._read_later = not isinstance(source, FixedTasks)
        if isinstance(source, FixedTasks):
            whole = []
            for task in source:
                told = self._sharded(task)
                if told is not None and (flaw := _flaw(told)):
                    raise ConfigError(flaw)
                whole += [] if told is None else [task]
            if not whole:
                raise ConfigError(f"{source.name} holds no task with parts. {self._remedy()}")
            self.source = FixedTasks(whole, source.split, name=source.name)
        else:
            try:
                self.sample(np.random.default_rng(0))
            except TaskError as exc:
                raise ConfigError(str(exc)) from exc

    def get(self, task_id: str) -> Task:
        task = self._sharded(self.source.get(task_id))
        if task is None:
            raise ConfigError(
                f"Task {task_id!r} has no parts that could be told one by one. {self._remedy()}"
            )
        return task

    def sample(self, rng: np.random.Generator, *, like: Task | None = None) -> Task:
        """A random task; one that is like a task of which enough was told is told as a whole."""
        for _ in range(_DRAWS):
            task = self._sharded(self.source.sample(rng, like=like))
            if task is not None:
                told_all = like is not None and _TOLD in like.private.reveal().data and knows_enough(like)
                return tell(task, range(len(_shards(task).parts))) if told_all else task
        raise TaskError(f"No task with parts in {_DRAWS} draws. {self._remedy()}")

    def take(self, n: int, seed: int = 0) -> list[Task]:
        drawn = n
        while True:
            try:
                tasks = self.source.take(drawn, seed)
            except ConfigError:
                if not isinstance(self.source, FixedTasks) or drawn == len(self.source):
                    raise
                drawn = len(self.source)
                continue
            found = [task for task in map(self._sharded, tasks) if task is not None]
            if len(found) >= n:
                return found[:n]
            if drawn >= _DRAWS * n:
                raise ConfigError(f"Found only {len(found)} tasks with parts, not {n}. {self._remedy()}")
            drawn *= 2

    def observe(self, episodes: Sequence[Episode]) -> None:
        self.source.observe(episodes)

    def state(self) -> dict[str, Any]:
        return self.source.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        self.source.restore(state)

    def _sharded(self, task: Task) -> Task | None:
        shards = self._shards_of(task)
        if shards is None or not shards.parts or len(shards.parts) > self._max_shards:
            return None
        reference = task.private.reveal()
        if _WHOLE in reference.data:  # told in pieces already, as in a mixture of such tasks
            return task
        data = {**reference.data, _WHOLE: task.problem, _TOLD: ()}
        told = replace(
            task, problem=shards.goal, private=Private(replace(reference, data=data, shards=shards))
        )
        if self._read_later and reference.shards is not None and (flaw := _flaw(told)):  # such as of a stream
            raise TaskError(flaw)
        return told

    def _remedy(self) -> str:
        return (
            "Choose families or rows whose problems have parts, give rows a field 'shards', or allow more "
            f"turns than {self._max_shards + 1} (max_turns)."
        )


def _refuse_lost_turns(wrapper: SMLEnv, inner: SMLEnv) -> None:
    """Raise `ConfigError` if the dialogues of the inner one would lose what is special about their turns."""
    if isinstance(inner, RelayingEnv):
        for env in inner.envs.values():
            _refuse_lost_turns(wrapper, env)
    elif not isinstance(inner, Underspecified):
        refuse_lost_turns(wrapper, type(inner))


def tell(task: Task, positions: Iterable[int]) -> Task:
    """The task as it reads when these of its shards have been told."""
    told = tuple(sorted(set(positions)))
    reference, shards = task.private.reveal(), _shards(task)
    if told == reference.data[_TOLD]:
        return task
    return replace(
        task,
        problem=" ".join((shards.goal, *(shards.parts[position].text for position in told))),
        private=Private(replace(reference, data={**reference.data, _TOLD: told})),
    )


def knows_enough(task: Task) -> bool:
    """Whether all needed shards have been told."""
    told = _told(task)
    return all(position in told or not part.needed for position, part in enumerate(_shards(task).parts))


def _next_shard(task: Task, utterance: Utterance) -> int | None:
    told, parts = _told(task), _shards(task).parts
    left = [position for position in range(len(parts)) if position not in told]
    if not left:
        return None
    named = None
    if utterance.kind is UtteranceKind.QUESTION:
        named = asked_for(utterance.text, [parts[position] for position in left])
    return left[named or 0]


def _shards(task: Task) -> Shards:
    shards = task.private.reveal().shards
    if shards is None:
        raise TaskError(f"Task {task.id!r} has no shards. Take tasks from the environment's own source.")
    return shards


def _told(task: Task) -> tuple[int, ...]:
    told: tuple[int, ...] = task.private.reveal().data[_TOLD]
    return told


def _whole(task: Task) -> str:
    return str(task.private.reveal().data[_WHOLE])


def _flaw(task: Task) -> str:
    """What is wrong with shards that lack a number of the problem, "" for sound ones."""
    lost = lost_numbers(_whole(task), _shards(task))
    if not lost:
        return ""
    return f"The shards of task {task.id!r} lack {', '.join(lost)} of its problem. Add it to one of them."


def _with(text: str, shard: str) -> str:
    """A reply that holds the shard, whatever the teacher has said."""
    if shard in text[:MAX_UTTERANCE_CHARS]:
        return text
    return f"{text[: MAX_UTTERANCE_CHARS - len(shard) - 1]} {shard}".strip()
