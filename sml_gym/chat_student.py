"""A language model behind a chat model as the student: a server's model, or a local one that is not trained.

`sml_agents.student.ModelStudent` is the student to train: it keeps the tokens that it sampled. This
one hears and speaks words only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sml_gym.chat.messages import fold_system, spoken
from sml_gym.chat.model import ChatError, ChatModel, ChatSampling, Completion, Message
from sml_gym.chat.specs import make_chat, sampling_query
from sml_gym.chat.thinking import without_thinking
from sml_gym.dialogue import Dialogue
from sml_gym.errors import StudentError
from sml_gym.rollout import Reply
from sml_gym.seeding import dialogue_numbers, stable_hash
from sml_gym.student_prompts import COMMIT, read_student_prompt
from sml_gym.teachers.chat_specs import take_option

INSTRUCTIONS = COMMIT
"""What a chat student is told before the problem, unless it is told something else."""

_REMEMBERED = 10_000
"""Dialogues whose number and tokens are remembered."""


@dataclass(slots=True)
class _Known:
    """What the student remembers of a dialogue: which it is, and how much it has said in it."""

    dialogue: Dialogue
    number: int
    spoken: float = 0


class ChatStudent:
    """Any chat model as a student.

    What a dialogue's requests are seeded with depends on the seed, the dialogue's number (in order
    of first sight since `reseed`) and the turn. Thoughts of a reasoning model are no part of what it
    says; its odd text is what it says. A request that fails is that dialogue's `StudentError`.

    Args:
        model: the chat model, or its name as `make_chat_model` reads it.
        sampling: how it speaks, where its name does not say so; `max_tokens` is the limit of one utterance.
        instructions: what it is told before the problem; "" for nothing.
        max_tokens_per_dialogue: after so many tokens in a dialogue, it ends (tokens; None: no limit).
        seed: of all sampling. See `reseed`.

    Raises:
        ConfigError: for something that names or is no chat model.
    """

    def __init__(
        self,
        model: str | ChatModel,
        *,
        sampling: ChatSampling | None = None,
        instructions: str = INSTRUCTIONS,
        max_tokens_per_dialogue: int | None = None,
        seed: int = 0,
    ) -> None:
        self.model, self.sampling = make_chat(
            model, sampling or ChatSampling(temperature=1.0, max_tokens=512)
        )
        query = sampling_query(self.sampling)
        self.name = self.model.name + (("&" if "?" in self.model.name else "?") + query if query else "")
        self.instructions = instructions
        self.max_tokens_per_dialogue = max_tokens_per_dialogue
        self.reseed(seed)

    def reseed(self, *parts: str | int, first: int | Sequence[int] = 0) -> None:
        """Restart the sampling from a seed; the next new dialogues are number `first` and so on."""
        self._seed = stable_hash("chat student", *parts)
        self._numbers = dialogue_numbers(first)
        self._known: dict[int, _Known] = {}

    def chat_model(self) -> ChatModel:
        """The model, for a teacher that is to speak with it too (`SelfTeacher`)."""
        return self.model

    def chat(self, dialogue: Dialogue) -> list[Message]:
        """The messages that the model is sent: the instructions before the problem, then what was said."""
        chat: list[Message] = [
            {"role": message["role"], "content": spoken(message["content"])}
            for message in dialogue.messages()
        ]
        # As part of the first message and no system message, so that a full context drops neither.
        return (
            fold_system([{"role": "system", "content": self.instructions}, *chat])
            if self.instructions
            else chat
        )

    def reply(self, dialogues: Sequence[Dialogue]) -> list[Reply | StudentError]:
        """The next utterance in each dialogue, all asked for at once."""
        known = [self._recall(dialogue) for dialogue in dialogues]
        answers: Sequence[object] = self.model.complete(
            [self.chat(dialogue) for dialogue in dialogues],
            self.sampling,
            seeds=[stable_hash("turn", self._seed, past.number, past.dialogue.turn) for past in known],
        )
        if len(answers) != len(dialogues):
            raise StudentError(f"{self.name} gave {len(answers)} completions to {len(dialogues)} chats")
        return [self._said(past, answer) for past, answer in zip(known, answers, strict=True)]

    def _said(self, past: _Known, answer: object) -> Reply | StudentError:
        if isinstance(answer, ChatError):
            error = StudentError(str(answer), usage=answer.usage)
            error.__cause__ = answer.__cause__ or answer  # a spent budget must stay in sight
            return error
        if not isinstance(answer, Completion):
            return StudentError(f"{self.name} answered with {type(answer).__name__}, not Completion")
        past.spoken += answer.usage.get("output_tokens", 0)
        limit = self.max_tokens_per_dialogue
        return Reply(
            without_thinking(answer.text).strip(),
            truncated=answer.truncated,
            exhausted=limit is not None and past.spoken >= limit,
            usage=dict(answer.usage),
        )

    def _recall(self, dialogue: Dialogue) -> _Known:
        past = self._known.pop(id(dialogue), None)
        if past is None:
            past = _Known(dialogue, next(self._numbers))
        self._known[id(dialogue)] = past
        while len(self._known) > _REMEMBERED:
            self._known.pop(next(iter(self._known)))
        return past


def build_chat_student(
    spec: str, *, sampling: ChatSampling, max_tokens_per_dialogue: int | None = None, seed: int = 0
) -> ChatStudent:
    """The student `openai:MODEL@URL?temperature=1&prompt=ask`, or `prompt=FILE`, for other instructions.

    Raises `ConfigError` for a name that makes no sense, and a file that cannot be read.
    """
    name, prompt = take_option(spec, "prompt")
    instructions = INSTRUCTIONS if prompt is None else read_student_prompt(prompt)
    model, sampling = make_chat(name, sampling, besides=("prompt",))
    student = ChatStudent(
        model,
        sampling=sampling,
        instructions=instructions,
        max_tokens_per_dialogue=max_tokens_per_dialogue,
        seed=seed,
    )
    if prompt is not None:
        student.name += ("&" if "?" in student.name else "?") + f"prompt={quote(prompt)}"
    return student
