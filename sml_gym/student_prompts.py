"""What a model student is told before the problem: it cannot know by which words it is judged.

Bundled are `commit`, how to commit to an answer, and `ask`, the same and to ask before one is sure: the
baseline of prompting a model to ask, beside training it to. `example` shows a small model, which follows an
example sooner than a rule, how to commit to the result of a calculation. A text file's path names any other.
"""

from __future__ import annotations

from pathlib import Path

from sml_gym.errors import ConfigError, nearest

COMMIT = (
    "A teacher helps you to solve a problem. You may think aloud, ask the teacher questions, and try as "
    "often as the teacher lets you; learn from what the teacher says. To commit to an answer, end your "
    "message with a line 'Final answer: ...' that holds the answer alone."
)

ASK = (
    "A teacher who knows how to solve the problem talks with you about it. Do not guess. As long as you are "
    "not sure of every step, or after an answer that was wrong, ask the teacher one short question about "
    "what you lack, and say nothing else in that message. Use what the teacher replies. Only when you are "
    "sure, commit to an answer: end your message with a line 'Final answer: ...' that holds the answer alone."
)

EXAMPLE = (
    "You are a calculator. Example:\nWhat is 31 + 45?\n31 + 45 = 76. Final answer: 76\n\n"
    "Reply in the same way, with 'Final answer: ...' at the end."
)

STUDENT_PROMPTS = {"commit": COMMIT, "ask": ASK, "example": EXAMPLE}
"""The bundled ones by name."""


def read_student_prompt(name: str) -> str:
    """The text of a bundled prompt or of a file; "" for "".

    Raises `ConfigError` for a file that cannot be read.
    """
    if not name or name in STUDENT_PROMPTS:
        return STUDENT_PROMPTS.get(name, "")
    try:
        return Path(name).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else exc
        raise ConfigError(
            f"Cannot read the prompt {name!r:.200}: {reason}. Pass a text file's path, or a bundled one's "
            f"name. {nearest(name, STUDENT_PROMPTS)}"
        ) from exc


def with_instructions(instructions: str, opening: str) -> str:
    """The words with which a dialogue begins for a model that is told these instructions."""
    return f"{instructions}\n\n{opening}" if instructions else opening
