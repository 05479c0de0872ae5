"""Changes to the student's program that a feedback asks for, as programs that the domain can verify.

Code in the feedback is put in place of the line of the student's program that is most like it, of the call
of the same function, or of another piece of code that the feedback names; all at once, and each by itself.
Changes in prose (`indent it`, `drop the last line`) are not covered.
"""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Iterator
from itertools import pairwise

from sml_gym.leaks.code import snippets

MAX_EDITS = 60
"""So many changed programs are made of one feedback."""

_ALIKE = 0.5
_MOST_PIECES = 6
_MOST_LINES = 16
_MARKED = re.compile(r"```[^\n`]*\n(?P<block>.*?)```|`(?P<inline>[^`\n]{1,120})`", re.DOTALL)
_CALL = re.compile(r"(\w+)\([^\n]*\)")


def edited(text: str, said: str) -> Iterator[tuple[str, int, int]]:
    """The program in what the student said with the changes in a plain text, and where they stand."""
    own = [snippet for snippet in snippets(said) if snippet.block]
    found = [m for m in _MARKED.finditer(text) if "def " not in m[0]][:_MOST_PIECES]
    if not own or not found:
        return
    program = textwrap.dedent(own[-1].body).strip("\n")
    made = {program}
    pieces = [textwrap.dedent(m["block"] or m["inline"] or "").strip("\n") for m in found]
    for candidate in _changes(program, [piece for piece in pieces if piece.strip()]):
        if candidate not in made:
            made.add(candidate)
            yield candidate, found[0].start(), found[-1].end()
            if len(made) > MAX_EDITS:
                return


def _changes(program: str, pieces: list[str]) -> Iterator[str]:
    lines, swapped = program.split("\n"), program
    for piece in pieces:
        call = _CALL.fullmatch(piece)
        if call:
            same = re.compile(rf"\b{re.escape(call[1])}\((?:[^()\n]|\([^()\n]*\))*\)")
            lines = [same.sub(piece.replace("\\", r"\\"), line) for line in lines]
        for line in piece.split("\n"):
            place = None if call else _likest(line, lines)
            if place is not None:
                lines[place] = _indent(lines[place]) + line.strip()
    for one, other in pairwise(pieces):
        if one in swapped:
            swapped = swapped.replace(one, other)
        elif other in swapped:  # `use B instead of A`
            swapped = swapped.replace(other, one)
    yield "\n".join(lines)
    yield swapped
    lines = program.split("\n")
    for piece in pieces:
        for place, line in enumerate(lines[:_MOST_LINES]):
            new = textwrap.indent(piece, _indent(line))
            yield "\n".join([*lines[:place], new, *lines[place + 1 :]])
            yield "\n".join([*lines[:place], new, *lines[place:]])


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
