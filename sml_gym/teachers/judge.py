"""A chat model that is asked whether a feedback gives the answer away.

Rules see forms; a judge sees meaning: descriptions, riddles, other languages. It is asked after the
rules and only about what they let pass. Its answer is one word. Anything else is asked for again, a
bounded number of times, and is then a `JudgeError`: an answer that cannot be read is never a verdict.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from sml_gym.chat.messages import break_control_tokens
from sml_gym.chat.model import ChatError, ChatModel, ChatSampling
from sml_gym.chat.thinking import without_thinking
from sml_gym.dialogue import Speaker
from sml_gym.errors import BudgetSpent, ConfigError, JudgeError
from sml_gym.seeding import stable_hash
from sml_gym.teachers.base import TeachingContext

MAX_SAID_CHARS = 8_000
"""Of what the student has said, the judge reads so much, from the end."""

_SLOT = re.compile(r"\{\{(problem|answer|solution|said|feedback)\}\}")
_NEEDED = ("{{answer}}", "{{feedback}}")
_VERDICT = re.compile(r"[\s\"'`*.(\[]*(LEAK|SAFE)[\s\"'`*.!)\]]*", re.IGNORECASE)


@dataclass(slots=True)
class Judgement:
    """A judge's word on one feedback, and what it has cost."""

    leak: bool
    usage: dict[str, float] = field(default_factory=dict)


class Judge:
    """Asks a chat model.

    Args:
        model: the chat model.
        prompt: path of an own prompt, None for the bundled one. A text with `{{answer}}` and
            `{{feedback}}`, and, if wanted, `{{problem}}`, `{{solution}}` and `{{said}}`. It must ask for
            LEAK or SAFE and nothing else.
        attempts: how often one feedback is asked about, at most, before it is a `JudgeError`.
        max_tokens: of one answer.

    Raises:
        ConfigError: for a prompt that cannot be read or lacks a slot.
    """

    def __init__(
        self, model: ChatModel, prompt: str | Path | None = None, *, attempts: int = 2, max_tokens: int = 400
    ) -> None:
        if attempts < 1:
            raise ConfigError(f"attempts is {attempts}; give at least 1.")
        self.model = model
        self.attempts = attempts
        self._prompt = _read_prompt(prompt)
        self._sampling = ChatSampling(temperature=0.0, max_tokens=max_tokens)
        for slot in _NEEDED:
            if slot not in self._prompt:
                raise ConfigError(f"The judge's prompt lacks {slot}. Put it where that text belongs.")

    def describe(self) -> dict[str, Any]:
        """The model and the hash of the prompt, for the record."""
        digest = hashlib.sha256(self._prompt.encode()).hexdigest()[:12]
        return {"model": self.model.name, "prompt": digest, **self.model.describe()}

    def judge(self, asked: Sequence[tuple[TeachingContext, str]]) -> list[Judgement | JudgeError]:
        """One word on each feedback, all asked at once."""
        verdicts: list[Judgement | JudgeError | None] = [None] * len(asked)
        usage: list[dict[str, float]] = [{} for _ in asked]
        for attempt in range(self.attempts):
            open_ = [i for i, verdict in enumerate(verdicts) if verdict is None]
            if not open_:
                break
            chats = [[{"role": "user", "content": self._fill(*asked[i])}] for i in open_]
            seeds = [stable_hash("judge", asked[i][0].seed, asked[i][0].turn, attempt) % 2**31 for i in open_]
            answers = self.model.complete(chats, self._sampling, seeds=seeds)
            for i, answer in zip(open_, answers, strict=True):
                _add(usage[i], answer.usage)
                if isinstance(answer, ChatError):
                    verdicts[i] = _failed(answer, usage[i])
                    continue
                found = _VERDICT.fullmatch(without_thinking(answer.text).strip())
                if found is not None:
                    verdicts[i] = Judgement(found[1].upper() == "LEAK", usage[i])
                elif attempt + 1 == self.attempts:
                    verdicts[i] = JudgeError(
                        f"the judge {self.model.name} did not answer LEAK or SAFE but {answer.text[:80]!r}",
                        judge_usage=usage[i],
                    )
        return [verdict for verdict in verdicts if verdict is not None]

    def _fill(self, context: TeachingContext, feedback: str) -> str:
        reference = context.task.private.reveal()
        said = "\n".join(u.text for u in context.dialogue if u.speaker is Speaker.STUDENT)
        texts = {
            "problem": context.task.problem,
            "answer": reference.answer,
            "solution": reference.solution,
            "said": said[-MAX_SAID_CHARS:] or "(nothing)",
            "feedback": feedback,
        }
        # One pass, so that a slot's name inside a text stays what it is.
        return _SLOT.sub(lambda slot: break_control_tokens(texts[slot[1]]), self._prompt)


def _read_prompt(path: str | Path | None) -> str:
    try:
        if path is None:
            return (files("sml_gym.leaks") / "prompts" / "judge.txt").read_text("utf-8")
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(
            f"Cannot read the judge's prompt {path}: {exc}. Give the path of a text file."
        ) from exc


def _failed(error: ChatError, usage: dict[str, float]) -> JudgeError:
    failure = JudgeError(f"the judge could not be asked: {error}", judge_usage=usage)
    failure.__cause__ = error.__cause__ if isinstance(error.__cause__, BudgetSpent) else error
    return failure


def _add(total: dict[str, float], usage: Any) -> None:
    for name, count in usage.items():
        total[name] = total.get(name, 0) + count
