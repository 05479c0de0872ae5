"""Changes to the student's program that a feedback asks for, as programs that the domain can verify.

Each piece of code in the feedback changes the program in the ways in which people say it: it takes the
place of the line that is most like it, of another piece that is named beside it, of what is returned; it is
put before or behind a line, around what is returned, or left out. Changes of several pieces are combined.
What is asked for in prose alone (`indent it`, `drop the last line`) is not covered.
"""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Iterator

from sml_gym.leaks.code import snippets

MAX_EDITS = 160
"""So many changed programs are made of one feedback."""

_ALIKE = 0.5
_MOST_PIECES = 6
_MOST_LINES = 16
_MOST_COMBINED = 4
_MARKED = re.compile(r"```[^\n`]*\n(?P<block>.*?)```|`(?P<inline>[^`\n]{1,120})`", re.DOTALL)
_CALL = re.compile(r"(\w+)\([^\n]*\)")
_DROP = re.compile(
    r"\b(?:delete|remove|drop|omit|without|take (?:out|away)|leave out|get rid of)\W+(?:the\W+)?\Z", re.I
)
_RETURN = re.compile(r"^( *return )(.+)$", re.MULTILINE)


def edited(text: str, said: str) -> Iterator[tuple[str, int, int]]:
    """The program in what the student said with the changes in a plain text, and where they stand."""
    own = [snippet for snippet in snippets(said) if snippet.block]
    found = [m for m in _MARKED.finditer(text) if "def " not in m[0]][:_MOST_PIECES]
    pieces = [textwrap.dedent(m["block"] or m["inline"] or "").strip("\n") for m in found]
    if not own or not "".join(pieces).strip():
        return
    program = textwrap.dedent(own[-1].body).strip("\n")
    dropped = [_DROP.search(text, max(0, m.start() - 24), m.start()) is not None for m in found]
    made = {program}
    for candidate in _changes(program, pieces, dropped):
        if candidate not in made and _balanced(candidate):
            made.add(candidate)
            yield candidate, found[0].start(), found[-1].end()
            if len(made) > MAX_EDITS:
                return


def _changes(program: str, pieces: list[str], dropped: list[bool]) -> Iterator[str]:
    """The program with one piece's change, then with those of several pieces, the likely ones first."""
    made = [program]
    for place, piece in enumerate(pieces):
        if dropped[place]:
            changed = [program.replace(piece, "") for program in made]
        else:
            near = pieces[max(0, place - 1) : place] + pieces[place + 1 : place + 2]
            changed = [new for before in made for new in _likely(before, piece, near)]
        yield from changed
        made = list(dict.fromkeys([*made[:_MOST_COMBINED], *changed[:_MOST_COMBINED]]))
    for piece in pieces:
        yield from _anywhere(program, piece)


def _likely(program: str, piece: str, near: list[str]) -> Iterator[str]:
    """The program changed where a piece most likely belongs."""
    lines = program.split("\n")
    for other in near:  # `use B instead of A`
        for one, instead in ((other, piece), (piece, other)):
            if one in program and (instead not in program or instead in one):
                yield program.replace(one, instead)
    call = _CALL.fullmatch(piece)
    if call:
        same = re.compile(rf"\b{re.escape(call[1])}\((?:[^()\n]|\([^()\n]*\))*\)")
        yield same.sub(lambda m: piece, program)
    elif any(_likest(line, lines) is not None for line in piece.split("\n")):
        changed = list(lines)
        for line in piece.split("\n"):
            place = _likest(line, changed)
            if place is not None:
                changed[place] = _indent(changed[place]) + line.strip()
        yield "\n".join(changed)
    if piece.endswith("("):  # ``put `"".join(` in front``
        yield _RETURN.sub(lambda m: f"{m[1]}{piece}{m[2]})", program)
    if "\n" in piece:
        return
    if piece.startswith(("else", "elif", "except", "finally")):
        for place, line in enumerate(lines[:_MOST_LINES]):
            if line.strip().startswith(("if ", "for ", "while ", "try")):
                yield _inserted(lines, place + 2, textwrap.indent(piece, _indent(line)))
    elif "return" not in piece:
        yield _RETURN.sub(lambda m: m[1] + piece, program)
    if len(lines) > 1:
        yield _inserted(lines, 1, _indent(lines[1]) + piece)


def _anywhere(program: str, piece: str) -> Iterator[str]:
    """The program with a piece in place of each line, before each and at the end of each."""
    lines = program.split("\n")
    for place, line in enumerate(lines[:_MOST_LINES]):
        new = textwrap.indent(piece, _indent(line))
        yield "\n".join([*lines[:place], new, *lines[place + 1 :]])
        yield _inserted(lines, place, new)
        if "\n" not in piece:
            yield "\n".join([*lines[:place], f"{line} {piece}", *lines[place + 1 :]])


def _inserted(lines: list[str], place: int, new: str) -> str:
    return "\n".join([*lines[:place], new, *lines[place:]])


def _balanced(program: str) -> bool:
    """Whether as many brackets are closed as opened; of other programs many would be tried in vain."""
    return all(program.count(one) == program.count(other) for one, other in ("()", "[]", "{}"))


def _likest(line: str, lines: list[str]) -> int | None:
    """The place of the line that is most like another; None if none is."""
    near = difflib.SequenceMatcher(b=line.strip())
    scores = []
    for other in lines[:_MOST_LINES]:
        near.set_seq1(other.strip())
        scores.append(near.ratio())
    best = max(range(len(scores)), key=scores.__getitem__)
    return best if scores[best] >= _ALIKE else None


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
