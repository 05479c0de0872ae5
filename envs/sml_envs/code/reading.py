"""Which program an utterance commits to: found in linear time and without running anything.

The last fenced Python block that defines what is asked for is the attempt, else the last Python block.
Blocks without a mark count if they are Python that defines it; blocks marked as anything else never do. A
fence that does not close reaches to the end. `Final answer:` commits to the code after it, with or without
a fence, and without any of these a definition of the function in the message's own lines is an attempt too.

A message without a program is a question or discussion as everywhere (`sml_gym.reading`); so is a question
that quotes a line or two of Python which define no function.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sml_envs.code.source import MAX_CODE_CHARS, read_source
from sml_gym import UtteranceKind
from sml_gym.reading import Reading, read_utterance

_FENCE = re.compile(r"[ \t>]{0,12}(`{3,40}|~{3,40})[ \t]{0,8}([^`\n]{0,40})\Z")
_FINAL = re.compile(
    r"\bfinal[ \t]{1,8}answer[ \t]{0,8}(?:\*\*|__)?[ \t]{0,8}:[ \t]{0,8}(?:\*\*|__)?[ \t]{0,8}", re.IGNORECASE
)
_PYTHON = frozenset(("python", "python3", "py", "py3", "py2", "python2", "ipython"))
_DEFINES = re.compile(r"^[ \t]*(?:async[ \t]+def|def|class|from|import)\b|\blambda\b", re.MULTILINE)
_CODE_START = re.compile(r"\s*(?:#|@|def |async def |class |from |import |[A-Za-z_]\w* ?=(?!=))")
_OPENS = re.compile(r"(?:async def|def|class|from|import)[ \t]+\w|@\w")
_GOES_ON = re.compile(
    r"[ \t]+\S"
    r"|(?:async def|def|class|from|import|if|elif|else|for|while|try|except|finally|with|return)\b.*[\w:)\]]$"
    r"|[@#)\]}]|[A-Za-z_]\w* ?[-+*/]?= ?\S"
)
_MOST_BLOCKS = 64


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced stretch of an utterance: its text, its mark in lower case, where its fence begins and ends."""

    code: str
    mark: str
    start: int
    end: int

    @property
    def python(self) -> bool:
        """Whether it is marked as Python."""
        return self.mark in _PYTHON


def read_program(text: str, entry_point: str) -> Reading:
    """Read an utterance about a program to write.

    Args:
        text: the utterance.
        entry_point: the function that is asked for; "" for a whole program.
    """
    blocks = fenced_blocks(text)
    chosen = _chosen(blocks, entry_point)
    bare = _after_final(text, blocks, entry_point, chosen)
    if bare is not None:
        return _attempt(bare)
    if chosen is not None:
        if not _DEFINES.search(chosen.code) and entry_point and _is_question(text, blocks):
            return Reading(UtteranceKind.QUESTION)
        return _attempt(chosen.code)
    if not blocks:
        if _is_program(text, entry_point):
            return _attempt(text)
        unfenced = _unfenced(text, entry_point) if entry_point else ""
        if unfenced:
            return _attempt(unfenced)
    kind = read_utterance(text).kind
    return Reading(UtteranceKind.DISCUSSION if kind is UtteranceKind.ATTEMPT else kind)


def fenced_blocks(text: str) -> list[Block]:
    """The fenced stretches of a text, in order; the last one may lack its closing fence."""
    if "```" not in text and "~~~" not in text:
        return []
    blocks: list[Block] = []
    opened, mark, start, begin, position = "", "", 0, 0, 0
    for line in text.split("\n"):
        end = min(position + len(line) + 1, len(text))
        fence = _FENCE.fullmatch(line.rstrip()) if "```" in line or "~~~" in line else None
        if fence is not None:
            if not opened:
                words = fence[2].strip().strip("{}. ").casefold().split()
                opened, mark, start, begin = fence[1], words[0] if words else "", position, end
            elif fence[1].startswith(opened) and not fence[2].strip():
                blocks.append(Block(text[begin:position], mark, start, end))
                opened = ""
        elif opened and line.rstrip().endswith(opened):  # `return x```` on the code's last line
            blocks.append(Block(text[begin : position + len(line.rstrip()) - len(opened)], mark, start, end))
            opened = ""
        position = end
    if opened:
        blocks.append(Block(text[begin:], mark, start, len(text)))
    return blocks[-_MOST_BLOCKS:]


def _chosen(blocks: list[Block], entry_point: str) -> Block | None:
    """The block that is the attempt."""
    last: Block | None = None
    for block in reversed(blocks):
        if not (block.python or not block.mark):
            continue
        defines = entry_point and _defines(block.code, entry_point)
        if defines or (not entry_point and (block.python or _parses(block.code))):
            return block
        if block.python and last is None:
            last = block
    return last


def _after_final(text: str, blocks: list[Block], entry_point: str, chosen: Block | None) -> str | None:
    """The bare code behind the last `Final answer:`; None if there is none, or a block stands behind it."""
    final = None
    for marker in _FINAL.finditer(text):
        final = marker
    if final is None or any(block.start <= final.start() < block.end for block in blocks):
        return None
    if any(block.start >= final.start() for block in blocks):
        return None  # what is committed to stands in the block
    rest = text[final.end() :].strip("\n").rstrip().strip("`")
    if chosen is not None and not _is_program(rest, entry_point):
        return None  # `Final answer: the code above`
    return rest


def _attempt(code: str) -> Reading:
    code = code.strip("\n").rstrip()
    if not code.strip():
        return Reading(UtteranceKind.ATTEMPT, "", "there is no code in it")
    if len(code) > MAX_CODE_CHARS:
        return Reading(UtteranceKind.ATTEMPT, code[:80], "the code is too long")
    return Reading(UtteranceKind.ATTEMPT, dedented(code))


def dedented(code: str) -> str:
    """Code without the indentation and the quoting marks that all its lines share."""
    lines = code.expandtabs(8).split("\n") if code[:1] in " \t" else code.split("\n")
    if all(line.startswith(">") for line in lines):
        lines = [line[2:] if line.startswith("> ") else line[1:] for line in lines]
    margin = len(lines[0]) - len(lines[0].lstrip(" "))
    if margin and all(not line.strip() or line.startswith(" " * margin) for line in lines):
        lines = [line[margin:] for line in lines]
    return "\n".join(lines)


def _defines(code: str, entry_point: str) -> bool:
    """Whether a block defines the entry point, also if it does not parse."""
    name = entry_point.rpartition(".")[2]
    if name not in code:
        return False
    source = read_source(dedented(code.strip("\n")))
    if source.problem:
        return re.search(rf"\bdef[ \t]+{re.escape(name)}\b", code) is not None
    return source.defines(entry_point)


def _parses(code: str) -> bool:
    source = read_source(dedented(code.strip("\n")))
    return not source.problem and not source.empty


def _is_program(text: str, entry_point: str) -> bool:
    """Whether a text without fences is a program for the task and nothing else."""
    if not _CODE_START.match(text) or len(text) > MAX_CODE_CHARS:
        return False
    source = read_source(dedented(text.strip("\n").rstrip()))
    if source.problem or source.empty:
        return False
    return source.defines(entry_point) if entry_point else True


def _unfenced(text: str, entry_point: str) -> str:
    """The stretch of code in a message without fences that defines the entry point, up to the next prose."""
    name = entry_point.rpartition(".")[2]
    if f"def {name}" not in text or len(text) > MAX_CODE_CHARS:
        return ""
    found, lines = "", text.split("\n")
    place = 0
    while place < len(lines):
        if not _OPENS.match(lines[place]):
            place += 1
            continue
        start, place = place, place + 1
        while place < len(lines) and (not lines[place].strip() or _GOES_ON.match(lines[place])):
            place += 1
        stretch = "\n".join(lines[start:place])
        if f"def {name}" in stretch and read_source(stretch).defines(entry_point):
            found = stretch
    return found


def _is_question(text: str, blocks: list[Block]) -> bool:
    """Whether the words around the blocks ask something."""
    words, position = [], 0
    for block in blocks:
        words.append(text[position : block.start])
        position = block.end
    words.append(text[position:])
    return read_utterance("\n".join(words)).kind is UtteranceKind.QUESTION
