"""Anyone's text, made fit to be shown.

What a model says may hold control characters, terminal escapes, marks that reverse the
direction of what follows, and lone surrogates that no file can take. Here they are made
visible instead of obeyed.
"""

from __future__ import annotations

import re

# C0 and C1 controls but tab and newline; bidirectional and zero-width marks; surrogates; specials.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def visible(text: str) -> str:
    """`text` with every hidden or dangerous character replaced by its code, such as `⟨U+202E⟩`.

    Newlines and tabs stay, `\\r\\n` counts as a newline. The result can always be encoded as UTF-8.
    """
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found.group()):04X}⟩", text.replace("\r\n", "\n"))


def shorten(text: str, limit: int) -> str:
    """One line of at most `limit` characters, with an ellipsis where something was left out."""
    line = " ".join(text[: 4 * limit].split())
    return line if len(line) <= limit and len(text) <= 4 * limit else line[: limit - 1] + "…"
