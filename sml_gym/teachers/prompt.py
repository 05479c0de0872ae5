"""Prompts of model teachers: text files with named places, which a user can replace.

A place is written `{{name}}`. Filling it in is one pass over the file's own text, so nothing is
evaluated, and what is put in is never searched for places again. A prompt must have a place for
everything that changes what a teacher should say; else a control would have no effect and the
record would not show it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sml_gym.errors import ConfigError, nearest

FOLDER = Path(__file__).parent / "prompts"
DEFAULT = "teacher"

REQUIRED = (
    "problem",
    "answer",
    "solution",
    "verdict",
    "facts",
    "rejected",
    "directions",
    "length",
)
"""Places that every prompt must have. What goes there is in `sml_gym.teachers.briefing`."""
OPTIONAL = ("turn", "max_turns")
"""Places that a prompt may have."""

_PLACE = re.compile(r"\{\{(.*?)\}\}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt's text, cut at its places.

    Attributes:
        name: as the user named it: a bundled prompt's name, or a path.
        version: hash of the text (12 hexadecimal digits of SHA-256), for records.
        pieces: the text between the places, one more than there are places.
        places: their names, in order.
    """

    name: str
    version: str
    pieces: tuple[str, ...]
    places: tuple[str, ...]

    def fill(self, values: Mapping[str, str]) -> str:
        """The prompt with each place filled. `values` has a text for every name."""
        filled = [self.pieces[0]]
        for place, piece in zip(self.places, self.pieces[1:], strict=True):
            filled += (values[place], piece)
        return "".join(filled)


def load_prompt(name: str | Path | Prompt | None = None) -> Prompt:
    """A prompt by the name of a bundled one (`"teacher"`, `"brief"`) or by its file's path.

    A prompt that is loaded already passes through.

    Raises:
        ConfigError: for a file that cannot be read, a place that does not exist, and one that is missing.
    """
    if isinstance(name, Prompt):
        return name
    return read_prompt(name or DEFAULT)


def read_prompt(
    name: str | Path, *, required: Sequence[str] = REQUIRED, optional: Sequence[str] = OPTIONAL
) -> Prompt:
    """A bundled prompt of a teacher, or any other by its file's path, which may have other places.

    Raises:
        ConfigError: as `load_prompt` does.
    """
    name = str(name)
    bundled = {path.stem: path for path in FOLDER.glob("*.txt")}
    path = bundled.get(name) or Path(name).expanduser()
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as exc:
        raise ConfigError(
            f"Cannot read the prompt {name!r}: {exc.strerror}. "
            f"Pass a file's path, or one of {sorted(bundled)}."
        ) from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(f"The prompt {name!r} is no text in UTF-8 ({exc}). Save it as UTF-8.") from exc
    return parse_prompt(text, name, required=required, optional=optional)


def parse_prompt(
    text: str, name: str, *, required: Sequence[str] = REQUIRED, optional: Sequence[str] = OPTIONAL
) -> Prompt:
    """A prompt from its text. Raises `ConfigError` for a place that does not exist or is missing."""
    pieces = _PLACE.split(text)
    places = tuple(place.strip() for place in pieces[1::2])
    for place in places:
        if place not in (*required, *optional):
            raise ConfigError(
                f"The prompt {name!r} has a place {{{{{place}}}}} that does not exist. "
                f"{nearest(place, (*required, *optional))}"
            )
    missing = [place for place in required if place not in places]
    if missing:
        raise ConfigError(
            f"The prompt {name!r} has no place {{{{{missing[0]}}}}}. Add it where a model should read it; "
            f"every prompt needs {', '.join(required)}."
        )
    version = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return Prompt(name, version, tuple(pieces[::2]), places)
