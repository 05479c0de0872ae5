"""Changes to the student's program that a feedback asks for, as programs that the domain can verify.

Each piece of code in the feedback changes the program in the ways in which people say it: it takes the
place of the line that is most like it, of another piece that is named beside it, of what is returned; it is
put before or behind a line, around what is returned, or left out. Changes of several pieces are combined.
What is asked for in prose alone (`indent it`, `drop the last line`) is not covered. In an answer that is no
program, one thing is put in place of another (`a 5 rather than a 1`) or added (`-4x is missing`).
"""

from __future__ import annotations

import difflib
import re
import textwrap
from collections.abc import Iterator
from itertools import islice

from sml_gym.leaks.code import snippets
from sml_gym.leaks.numerals import value_in

MAX_ANSWER_CHARS = 400
"""In longer answers that are no programs nothing is put in place of something else."""

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
_LITERAL = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_RETURN = re.compile(r"^( *return )(.+)$", re.MULTILINE)

_THING = r"(?:\b(?:the|an?|your) )?[$`*\"'(]{{0,3}}{}[$`*\"')]{{0,3}}"
_ONE, _OTHER = (
    _THING.format(rf"(?P<{name}>[-+]? ?(?<![\w.])\w[\w^.]{{0,11}}|[-+*/<>=]{{1,2}})")
    for name in ("one", "other")
)
_WHERE = r"(?:where|in place of|instead of|rather than|for)"
_INSTEAD = (  # `one` is to stand where `other` stands
    re.compile(rf"{_ONE},? {_WHERE} (?:(?:you have|you wrote|you put|there is) )?{_OTHER}", re.IGNORECASE),
    re.compile(
        rf"\b(?:replace|change|turn|swap|make|and) {_OTHER} (?:by|with|to|into|for) {_ONE}", re.IGNORECASE
    ),
    re.compile(rf"(?<![\w.]){_OTHER} (?:should|must|has to|needs to|ought to) be {_ONE}", re.IGNORECASE),
)
_TERM = re.compile(
    r"(?<![\w^*/(])(?:(?P<sign>[-+]|minus|plus) ?)?"
    r"(?P<term>\d{0,4}(?P<letter>[a-z])(?:\^\d)?)(?![\w^*/(']|\s?[-+*/^=])",
    re.IGNORECASE,
)
_SIGNS = {"plus": "+", "minus": "-", "times": "*"}
_MOST_SWAPS = 12


def swapped(text: str, answer: str) -> Iterator[tuple[str, int, int]]:
    """The student's answer, changed as a plain text says, and where it says so."""
    found = [m for pattern in _INSTEAD for m in pattern.finditer(text)][:_MOST_PIECES]
    whole, made = answer, {answer}
    if len(answer) > MAX_ANSWER_CHARS:
        return
    for m in sorted(found, key=lambda m: m.start()):
        one, other = (_figure(m[name].strip(" .")) for name in ("one", "other"))
        stands = re.compile(
            rf"(?<![\w.]){re.escape(other)}(?![.\w])" if other.isdigit() else re.escape(other)
        )
        whole = one.join(stands.split(whole))
        places = list(islice(stands.finditer(answer), _MOST_SWAPS))
        single = [answer[: at.start()] + one + answer[at.end() :] for at in places]
        for candidate in (whole, *single):
            if candidate not in made and len(made) <= _MOST_SWAPS:
                made.add(candidate)
                yield candidate, found[0].start(), found[-1].end()
    terms = [m for m in _TERM.finditer(text) if m["sign"] or len(m["term"]) > 1]
    for m in terms[:_MOST_PIECES]:
        if m["letter"] in answer:  # `you forgot -4x`
            sign = "-" if (m["sign"] or "").casefold() in ("-", "minus") else "+"
            yield f"{answer} {sign} {m['term']}", m.start(), m.end()


def _figure(word: str) -> str:
    """A sign or a number in words as it is written."""
    value = value_in(word)
    return _SIGNS.get(word.casefold(), word if value is None else str(value))


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
            if one.isidentifier():
                yield from _each(rf"(?<![\w.]){one}(?!\w)", instead, program)
    stem = re.match(r"[A-Za-z_]\w*(?=\.\w)", piece)
    if stem:  # `s.lower()` for `s`
        yield from _each(rf"(?<![\w.]){stem[0]}(?![\w.])", piece, program)
    if re.match(r"[a-z]\w*=[^=\s]", piece):  # an argument
        yield from _each(r"(?<=\w)\)", f", {piece})", program)
    call = _CALL.fullmatch(piece)
    if call:
        same = re.compile(rf"\b{re.escape(call[1])}\((?:[^()\n]|\([^()\n]*\))*\)")
        yield same.sub(lambda m: piece, program)
    elif any(_likest(line, lines) is not None for line in piece.split("\n")):
        changed = list(lines)
        for line in piece.split("\n"):
            place = _likest(line, changed)
            if place is not None:
                colon = changed[place].endswith(":") and not line.endswith(":")
                changed[place] = _indent(changed[place]) + line.strip() + ":" * colon
        yield "\n".join(changed)
    if _LITERAL.fullmatch(piece):
        yield _LITERAL.sub(lambda m: piece, program)
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


def _each(pattern: str, new: str, program: str) -> Iterator[str]:
    """The program with one thing changed, in each place where it stands."""
    for m in islice(re.finditer(pattern, program), _MOST_PIECES):
        yield program[: m.start()] + new + program[m.end() :]


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
