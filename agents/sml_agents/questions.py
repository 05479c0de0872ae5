"""Questions for a student to ask instead of giving a wrong answer.

They are written with sight of what is private, so that they ask for what is missing, and the student is
trained to say them without sight of it. So nothing private may be in them: a question is refused if it gives
the answer away by the guard's rules (`sml_gym.leaks`), commits to an answer, or holds a number that was
neither posed nor said. One that only repeats the problem is refused too. What cannot be written so is taken
from phrases that fit any problem.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from sml_gym import RolloutError, StudentError, UtteranceKind
from sml_gym.chat.messages import spoken
from sml_gym.chat.model import ChatModel, ChatSampling, Completion
from sml_gym.chat.thinking import without_thinking
from sml_gym.dialogue import Speaker
from sml_gym.errors import BudgetSpent
from sml_gym.leaks.known import hear
from sml_gym.leaks.plain import squeezed
from sml_gym.seeding import stable_hash
from sml_gym.teachers.base import TeachingContext
from sml_gym.teachers.briefing import brief
from sml_gym.teachers.guard import leaks_in
from sml_gym.teachers.prompt import OPTIONAL, REQUIRED, read_prompt
from sml_gym.text import shorten

MAX_CHARS = 400
"""A longer question is refused, and of a wrong answer no more is shown to who writes one (characters)."""

PROMPT = Path(__file__).parent / "prompts" / "question.txt"
"""What a model that writes questions is told."""

PLACES = ("problem", "dialogue", "attempt", "answer", "solution", "rejected")
"""Places that a prompt for questions must have; it may have those of a teacher's prompt too."""

_AT_FIRST = (
    "How should I start?",
    "What is the first step?",
    "Can you give me a hint?",
    "What should I look at first?",
    "Can you help me to begin?",
)
_BEFORE_AN_ATTEMPT = (
    "What should I do next?",
    "What is the next step?",
    "Can you tell me more?",
    "Can you explain that?",
    "What else do I need to know?",
)
_AFTER_AN_ATTEMPT = (
    "Where did I go wrong?",
    "What is the next step?",
    "Can you give me a hint?",
    "What did I get wrong?",
    "What should I check?",
)
QUESTIONS = tuple(dict.fromkeys((*_AT_FIRST, *_BEFORE_AN_ATTEMPT, *_AFTER_AN_ATTEMPT)))
"""All that `Phrases` may write."""

_LABEL = re.compile(
    r"\A(?:(?:the|a) )?(?:student(?:'s question| asks| asked| is asking)?(?: the teacher)?|question)"
    r"\s{0,3}:\s*",
    re.IGNORECASE,
)
_ASKED = re.compile(r"[^.?!\n]{8,}\?")
_FIGURES = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Question:
    """A question that was written.

    Attributes:
        text: the question.
        writer: `"model"` or `"phrases"`.
        refused: what a model wrote before it, which may hold what is private.
        usage: what it cost.
    """

    text: str
    writer: str
    refused: tuple[str, ...] = ()
    usage: dict[str, float] = field(default_factory=dict)


class QuestionWriter(Protocol):
    """Writes the question that stands in the place of each wrong utterance."""

    def write(self, contexts: Sequence[TeachingContext]) -> list[Question | StudentError | None]:
        """A question for each context, None where none fits.

        In a context the dialogue ends with the teacher's words: `utterance`, which is about to be replaced,
        was not said.
        """


class Phrases:
    """Questions that fit any problem, for models that are too small to write their own."""

    def write(self, contexts: Sequence[TeachingContext]) -> list[Question | StudentError | None]:
        """One that fits the stage of the dialogue; None where the domain takes none for a question."""
        return [self._write(context) for context in contexts]

    def _write(self, context: TeachingContext) -> Question | None:
        said = [u for u in context.dialogue if u.speaker is Speaker.STUDENT]
        if not said:
            bank = _AT_FIRST
        elif any(utterance.kind is UtteranceKind.ATTEMPT for utterance in said):
            bank = _AFTER_AN_ATTEMPT
        else:
            bank = _BEFORE_AN_ATTEMPT
        first = stable_hash("question", context.seed, context.turn) % len(bank)
        for text in (*bank[first:], *bank[:first]):
            if not refusal(context, text):
                return Question(text, "phrases")
        return None


class WrittenByModel:
    """Questions by a chat model that is told what is private; phrases where it writes none that fits.

    Args:
        model: who writes; in the paper, the student's own weights.
        sampling: how it speaks.
        attempts: how often it is asked for one question, with what was refused in sight.
        prompt: path of an own prompt, None for the bundled one.

    Raises:
        ConfigError: for a prompt that cannot be used.
    """

    def __init__(
        self,
        model: ChatModel,
        *,
        sampling: ChatSampling | None = None,
        attempts: int = 2,
        prompt: str | Path | None = None,
    ) -> None:
        self.model = model
        self.sampling = sampling or ChatSampling(max_tokens=80)
        self.attempts = attempts
        self.prompt = read_prompt(prompt or PROMPT, required=PLACES, optional=(*REQUIRED, *OPTIONAL))
        self._phrases = Phrases()

    def write(self, contexts: Sequence[TeachingContext]) -> list[Question | StudentError | None]:
        """All dialogues are asked for together; those whose question was refused, again."""
        written: list[Question | StudentError | None] = [None] * len(contexts)
        refused: list[list[str]] = [[] for _ in contexts]
        usage: list[dict[str, float]] = [{} for _ in contexts]
        waiting = list(range(len(contexts)))
        for attempt in range(self.attempts):
            if not waiting:
                break
            now = [replace(contexts[i], rejected=tuple(refused[i])) for i in waiting]
            answers = self.model.complete(
                [[{"role": "user", "content": self._told(context)}] for context in now],
                self.sampling,
                seeds=[stable_hash("question writer", c.seed, c.turn, attempt) for c in now],
            )
            for i, answer in zip(waiting, answers, strict=True):
                for name, count in answer.usage.items():
                    usage[i][name] = usage[i].get(name, 0) + count
                if not isinstance(answer, Completion):
                    cause: BaseException | None = answer.__cause__ or answer
                    if isinstance(cause, BudgetSpent):  # which must end the run
                        error = StudentError(str(answer), usage=usage[i])
                        error.__cause__ = cause
                        written[i] = error
                    continue
                text = _bare(answer.text)
                if answer.truncated or refusal(contexts[i], text):
                    refused[i].append(shorten(text, MAX_CHARS))
                else:
                    written[i] = Question(text, "model", tuple(refused[i]), usage[i])
            waiting = [i for i in waiting if written[i] is None]
        for i, spare in zip(waiting, self._phrases.write([contexts[i] for i in waiting]), strict=True):
            if isinstance(spare, Question):
                written[i] = replace(spare, refused=tuple(refused[i]), usage=usage[i])
        return written

    def _told(self, context: TeachingContext) -> str:
        said = context.dialogue.utterances[1:]
        lines = [f"{u.speaker.value.capitalize()}: {spoken(u.text)}" for u in said]
        return self.prompt.fill(
            {
                **brief(context),
                "dialogue": "\n".join(lines) or "Nothing yet.",
                "attempt": spoken(shorten(context.utterance.text, MAX_CHARS)),
            }
        )


def refusal(context: TeachingContext, text: str) -> str:
    """Why a student must not be trained to ask this in the dialogue as it stands; "" where it may be."""
    if not text or len(text) > MAX_CHARS:
        return "empty" if not text else "long"
    if not text.endswith("?") or "\n" in text:
        return "no question"
    try:
        if context.domain.examine(context.task, text).utterance.kind is not UtteranceKind.QUESTION:
            return "no question"
        if leaks_in(context, text):
            return "leak"
    except RolloutError:  # then nobody knows what it gives away
        return "unknown"
    if _echoes(context, text):
        return "echo"
    heard = [hear(utterance.text).text for utterance in context.dialogue]
    known = {figures for words in heard for figures in _FIGURES.findall(words)}
    return "" if known.issuperset(_FIGURES.findall(hear(text).text)) else "number"


def _echoes(context: TeachingContext, text: str) -> bool:
    """Whether a question only says again what was said, or hands the problem's own question back."""
    asked = squeezed(text)
    opening = context.dialogue.utterances[0].text
    return any(asked in squeezed(utterance.text) for utterance in context.dialogue) or any(
        squeezed(sentence) in asked for sentence in _ASKED.findall(opening)
    )


def _bare(text: str) -> str:
    """A question without thoughts, label and quotation marks around it."""
    text = _LABEL.sub("", without_thinking(text).strip())
    quoted = len(text) > 1 and (text[0], text[-1]) in (('"', '"'), ("'", "'"), ("“", "”"))
    return text[1:-1].strip() if quoted else text
