"""A language model as the teacher: any chat model, told in private what it needs to know.

The prompt (`sml_gym.teachers.prompt`) goes in as the system message: the rules of teaching, the
problem, the reference, and what was found out about the newest utterance. What was said follows
as chat messages from the teacher's side, without the opening, which is the problem. The student's
words are only ever a user's message.

What the model says is text, whatever it is. Its thoughts are left out, since they talk about the
answer. Odd text is said as it is and marked under `chat` in the turn's notes: `thinking` (so many
characters of thought were left out), `empty` (nothing was left to say), `control_tokens` (it holds
the name of one; students' chat formats break it), `truncated` (it was cut at `max_tokens`), and what
the model itself notes, such as how much of a chat a local one had to leave out. An empty answer is
not asked for again: it is what the model said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sml_gym.chat.messages import fold_system, has_control_tokens, spoken
from sml_gym.chat.model import ChatError, ChatModel, ChatSampling, Completion, Message
from sml_gym.chat.specs import make_chat, sampling_query
from sml_gym.chat.thinking import without_thinking
from sml_gym.dialogue import Speaker
from sml_gym.errors import RolloutError, TaskError, TeacherError, boundary
from sml_gym.seeding import stable_hash
from sml_gym.teachers.base import Feedback, TeachingContext, is_remote
from sml_gym.teachers.briefing import brief
from sml_gym.teachers.prompt import DEFAULT, Prompt, load_prompt


def with_query(name: str, sampling: ChatSampling, prompt: Prompt, *, opens_thought: bool = False) -> str:
    """A model's name with what is not as by default in how it teaches, as in a URL."""
    parts = [
        sampling_query(sampling),
        "" if prompt.name == DEFAULT else f"prompt={quote(prompt.name)}",
        "opens_thought=1" if opens_thought else "",
    ]
    query = "&".join(part for part in parts if part)
    return name + ("&" if "?" in name else "?") + query if query else name


class ChatTeacher:
    """Any chat model as a teacher.

    A request's seed derives from the episode's teacher seed, the turn and the number of refused
    drafts, so the same dialogue gets the same answers from a model that heeds seeds.

    Args:
        model: the chat model, or its name as `make_chat_model` reads it.
        prompt: a bundled prompt's name (`"teacher"`, `"brief"`) or the path of an own one.
        sampling: how the model speaks, where its name does not say so.
        opens_thought: the chat template opens the model's thought, so that an answer without the
            thought's end is all thought. For servers that do not tell thoughts from speech (a local
            model's template is looked at).

    Raises:
        ConfigError: for something that names or is no chat model, and for a prompt that cannot be used.
    """

    free_spoken = True

    def __init__(
        self,
        model: str | ChatModel,
        *,
        prompt: str | Path | Prompt | None = None,
        sampling: ChatSampling | None = None,
        opens_thought: bool = False,
    ) -> None:
        self.model, self.sampling = make_chat(model, sampling)
        self.prompt: Prompt = load_prompt(prompt)
        self.opens_thought = opens_thought
        self.name = with_query(self.model.name, self.sampling, self.prompt, opens_thought=opens_thought)

    @property
    def remote(self) -> bool:
        """Whether the model is behind a server."""
        return is_remote(self.model)

    def describe(self) -> dict[str, Any]:
        """Model, sampling, and the prompt with the hash of its text, for the episodes' record."""
        return {
            "model": self.model.name,
            "sampling": asdict(self.sampling),
            "prompt": self.prompt.name,
            "prompt_version": self.prompt.version,
            "opens_thought": self.opens_thought,
            "backend": self.model.describe(),
        }

    def chat(self, context: TeachingContext) -> list[Message]:
        """The messages that the model is sent for one reply. They hold what is private."""
        chat: list[Message] = [{"role": "system", "content": self.prompt.fill(brief(context))}]
        for message in context.dialogue.messages(Speaker.TEACHER)[1:]:
            chat.append({"role": message["role"], "content": spoken(message["content"])})
        return chat if getattr(self.model, "system_role", True) else fold_system(chat)

    def reply(self, contexts: Sequence[TeachingContext]) -> list[Feedback | RolloutError]:
        """One request per context, all at once; a `TeacherError` in place of any that failed."""
        chats = [self._prepare(context) for context in contexts]
        asked = [(c, chat) for c, chat in zip(contexts, chats, strict=True) if isinstance(chat, list)]
        if not asked:
            return [chat for chat in chats if isinstance(chat, RolloutError)]
        answers: Sequence[object] = self.model.complete(
            [chat for _, chat in asked],
            self.sampling,
            seeds=[stable_hash("chat teacher", c.seed, c.turn, len(c.rejected)) for c, _ in asked],
        )
        if len(answers) != len(asked):
            raise TeacherError(f"{self.model.name} gave {len(answers)} completions to {len(asked)} chats")
        remaining = iter(answers)
        return [self._feedback(next(remaining)) if isinstance(chat, list) else chat for chat in chats]

    def _prepare(self, context: TeachingContext) -> list[Message] | RolloutError:
        """The chat, or the error for a reference that could not be opened: that dialogue's failure alone."""
        try:
            with boundary(TaskError, f"opening the reference of task {context.task.id!r}"):
                return self.chat(context)
        except RolloutError as exc:
            return exc

    def _feedback(self, answer: object) -> Feedback | RolloutError:
        if isinstance(answer, ChatError):
            error = TeacherError(str(answer), usage=answer.usage)
            error.__cause__ = answer.__cause__ or answer  # a spent budget must stay in sight
            return error
        if not isinstance(answer, Completion):
            return TeacherError(f"{self.model.name} answered with {type(answer).__name__}, not Completion")
        text = without_thinking(f"<think>{answer.text}" if self.opens_thought else answer.text)
        notes: dict[str, Any] = dict(answer.notes)
        if len(text) != len(answer.text):
            notes["thinking"] = len(answer.text) - len(text)
        text = text.strip()
        if not text:
            notes["empty"] = True
        if has_control_tokens(text):
            notes["control_tokens"] = True
        if answer.truncated:
            notes["truncated"] = True
        return Feedback(text, usage=dict(answer.usage), notes={"chat": notes} if notes else {})
