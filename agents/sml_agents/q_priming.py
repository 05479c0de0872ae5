"""Q-priming: teach a student to ask before online training rewards it for attempts alone.

The stage of social meta-learning before online RL (Cook et al., arXiv 2602.16488), which is offline SML
(`sml_agents.offline`) on dialogues in which the student is made to ask:

    for each round
        let the student hold G dialogues about each of P problems, where
            each utterance of turn t = 1, 2, ... that commits to an answer which is not right
            is taken back with probability p^t (p = 0.75), and a question said in its place
        keep the solved ones
        fine-tune the student on what it said in them, the questions included

The question is written with sight of the private knowledge, so that it asks for what is missing, but holds
nothing of it (`sml_agents.questions`): by the student's own weights, or, for models too small for that, from
phrases. What was taken back never enters the dialogue: neither the teacher nor the student goes on from it.
In the saved rounds it stands in the turn's notes under `q_priming`, with who wrote the question.

    sml-gym train --algo q-priming --student PATH --out runs/primed
    sml-gym train --algo grpo --student runs/primed/model --out runs/online
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sml_agents.offline import OnStep, train_as
from sml_agents.offline_options import OfflineOptions
from sml_agents.online import TrainingSummary
from sml_agents.questions import Phrases, Question, QuestionWriter, WrittenByModel
from sml_agents.run_options import at_least
from sml_agents.student import ModelStudent
from sml_gym import (
    ConfigError,
    Dialogue,
    Episode,
    Outcome,
    Reply,
    RolloutError,
    SMLEnv,
    StudentError,
    UtteranceKind,
)
from sml_gym.chat.model import ChatModel, ChatSampling
from sml_gym.seeding import stable_hash
from sml_gym.teachers.base import TeachingContext

NOTE = "q_priming"
"""Under this name the notes of a replaced turn say what it stands for."""


@dataclass
class QPrimingOptions(OfflineOptions):
    """Everything that Q-priming depends on.

    Attributes:
        probability: p; at turn t a wrong utterance is replaced by a question with probability p^t.
        writer: who writes the questions: the student's own weights ("model"), with phrases where it writes
            none that may be asked, or "phrases" alone.
        question_attempts: how often the model is asked for one question.
        question_tokens: longest question that it may write (tokens).
        question_temperature: divides the logits while it writes one.
        question_prompt: path of an own prompt for writing questions; null is the bundled one.
    """

    out: str = "runs/q-priming"
    probability: float = 0.75
    writer: Literal["model", "phrases"] = "model"
    question_attempts: int = 2
    question_tokens: int = 80
    question_temperature: float = 0.7
    question_prompt: str | None = None

    def check(self) -> None:
        """Raise `ConfigError` for a value that has no sense."""
        super().check()
        at_least(self, question_attempts=1, question_tokens=1, question_temperature=0)
        if not 0 <= self.probability <= 1:
            raise ConfigError(f"probability is {self.probability}; it must lie between 0 and 1.")


def train(
    options: QPrimingOptions, *, progress: bool = True, on_step: OnStep | None = None
) -> TrainingSummary:
    """Train a student to ask, and save it to `out/model`; see `sml_agents.offline.train`.

    `metrics.jsonl` also has `questions` and `replaced`, the shares of the utterances that are questions and
    that were put in the place of a wrong one; `replaced_of_wrong`, of those that were or would have been
    wrong; and `written_by_model`, of the replaced ones.
    """

    def speaker(student: ModelStudent, env: SMLEnv, number: int) -> QuestioningStudent:
        return QuestioningStudent(
            student,
            env,
            _writer(options, student),
            probability=options.probability,
            seed=stable_hash(NOTE, options.seed, number),
        )

    return train_as(options, speaker, progress=progress, on_step=on_step, measure=question_measures)


def _writer(options: QPrimingOptions, student: ModelStudent) -> QuestionWriter:
    if options.writer == "phrases":
        return Phrases()
    return WrittenByModel(
        student.chat_model(),
        sampling=ChatSampling(options.question_temperature, max_tokens=options.question_tokens),
        attempts=options.question_attempts,
        prompt=options.question_prompt,
    )


class QuestioningStudent:
    """A model as the student that, now and then, asks where it would have said something wrong.

    Args:
        student: the model.
        env: whose tasks the dialogues are about. It judges what the student is about to say.
        writer: writes the questions.
        probability: at turn t a wrong utterance is replaced with probability^t.
        seed: of which are replaced; with the dialogue's number and turn it decides.
    """

    def __init__(
        self,
        student: ModelStudent,
        env: SMLEnv,
        writer: QuestionWriter,
        *,
        probability: float = 0.75,
        seed: int = 0,
    ) -> None:
        self.name = student.name
        self._student = student
        self._env = env
        self._writer = writer
        self._probability = probability
        self._seed = seed

    def chat_model(self) -> ChatModel:
        """The same weights, for a teacher that is to speak with them too (`SelfTeacher`)."""
        return self._student.chat_model()

    def reply(self, dialogues: Sequence[Dialogue]) -> list[Reply | StudentError]:
        """What the model samples, or a question; a `StudentError` where the task is not known."""
        drafts = self._student.reply(dialogues)
        replies: list[Reply | StudentError] = list(drafts)
        asking: list[tuple[int, Reply, TeachingContext]] = []
        for i, (dialogue, draft) in enumerate(zip(dialogues, drafts, strict=True)):
            if isinstance(draft, StudentError):
                continue
            try:
                context = self._wrong(dialogue, draft)
            except ConfigError as exc:
                replies[i] = StudentError(f"a question has no task: {exc}")
                continue
            if context is not None and self._drawn(dialogue):
                asking.append((i, draft, context))
        questions = self._writer.write([context for *_, context in asking])
        for (i, draft, _), question in zip(asking, questions, strict=True):
            if isinstance(question, StudentError):
                replies[i] = question
            elif question is not None:
                replies[i] = self._ask(dialogues[i], draft, question)
        return replies

    def _drawn(self, dialogue: Dialogue) -> bool:
        turn = dialogue.turn + 1
        draw = stable_hash("draw", self._seed, self._student.number(dialogue), turn) % 2**53 / 2**53
        return draw < self._probability**turn

    def _wrong(self, dialogue: Dialogue, draft: Reply) -> TeachingContext | None:
        """What is to be known of a draft that commits to an answer which is not right; None for others.

        A second problem, which is posed when the first is solved, is answered without a teacher.
        """
        task = self._env.source.get(dialogue.task_id)
        if draft.tokens is None or not draft.tokens.sampled or self._env.posed_in(task, dialogue) is not task:
            return None
        try:
            examined = self._env.examine(task, draft.text, truncated=draft.truncated)
        except RolloutError:  # the environment meets the same failure, and records it
            return None
        if examined.utterance.kind is not UtteranceKind.ATTEMPT or examined.verdict.correct:
            return None
        return TeachingContext(
            domain=self._env,
            task=task,
            dialogue=dialogue,
            utterance=examined.utterance,
            verdict=examined.verdict,
            diagnosis=examined.diagnosis,
            turn=dialogue.turn + 1,
            max_turns=self._env.max_turns,
            seed=stable_hash("question", self._seed, self._student.number(dialogue)),
        )

    def _ask(self, dialogue: Dialogue, draft: Reply, question: Question) -> Reply:
        said = self._student.say_instead(dialogue, draft, question.text)
        if said is None:  # it does not fit into the model's context
            return draft
        usage = dict(draft.usage)
        for name, count in question.usage.items():
            usage[f"question_{name}"] = usage.get(f"question_{name}", 0) + count
        note = {"writer": question.writer, "instead_of": draft.text, "refused": list(question.refused)}
        return replace(said, usage=usage, notes={NOTE: note})


def question_measures(episodes: Sequence[Episode]) -> dict[str, float | None]:
    """How often a question stands in the place of what was wrong; see `train`."""
    turns = [turn for episode in episodes if episode.valid for turn in episode.turns]
    notes = [turn.notes[NOTE] for turn in turns if NOTE in turn.notes]
    wrong = len(notes) + sum(
        turn.student.kind is UtteranceKind.ATTEMPT and turn.outcome is not Outcome.CORRECT for turn in turns
    )
    by_model = sum(note["writer"] == "model" for note in notes)
    return {
        "replaced": len(notes) / len(turns) if turns else None,
        "replaced_of_wrong": len(notes) / wrong if wrong else None,
        "written_by_model": by_model / len(notes) if notes else None,
    }
