"""Changes to the student's program that a feedback asks for.

A change that turns the student's function into one that passes gives the answer away. The changed
programs are made here; the domain's verifier says whether one passes.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from sml_gym.leaks.code import snippets

MAX_EDITS = 120
"""So many changed programs are made of one feedback."""

MAX_LINES = 16
"""So many lines of a program are changed."""

_LONGEST_TOKEN = 30
_FUNCTIONS = frozenset(
    str.split("abs str int len sum min max sorted set list reversed tuple float round dict")
)
_INDENT = re.compile(
    r"\b(?:indent\w*|dedent\w*|out of the (?:loop|for|while|if)|outside|inside|into the loop|to the left"
    r"|level)\b",
    re.IGNORECASE,
)
_MOVE = re.compile(
    r"\b(?:move|swap|exchange|put .{1,40} (?:before|above|after|below|first|last)|interchange)\b",
    re.IGNORECASE,
)
_DELETE = re.compile(r"\b(?:delete|remove|drop|leave out|take out|throw out|get rid of)\b", re.IGNORECASE)
_NAMED = re.compile(
    r"`(?P<code>[^`\n]{1,60})`|(?<![\w`])(?:>=|<=|==|!=|//|\*\*|\+=|-=|[<>+*/%-])(?![\w`=])|"
    r"(?<![\w.`])\d{1,6}(?![\w.`])"
    r"|\b(?:True|False|None|and|or|not|min|max|any|all|append|extend|range|len|sum|sorted|return|while"
    r"|if|break|continue)\b"
)
_PROGRAM_TOKEN = re.compile(r">=|<=|==|!=|//|\*\*|\+=|-=|[<>+*/%=-]|\d+|\w+(?:\.\w+)*(?:\(\))?")
_SWAP = re.compile(
    r"\b(?:change|replace|turn|swap|exchange)\b[^`\n]{0,40}`(?P<old>[^`\n]+)`[^`\n]{0,24}\b(?:to|into"
    r"|with|by|for|against)\b"
    r"[^`\n]{0,24}`(?P<new>[^`\n]+)`"
    r"|\b(?:use|write|put|say|need|want)\b[^`\n]{0,24}`(?P<new2>[^`\n]+)`[^`\n]{0,24}\b(?:instead of"
    r"|rather than|in place of|for)\b"
    r"[^`\n]{0,24}`(?P<old2>[^`\n]+)`"
    r"|`(?P<old3>[^`\n]+)`\s*(?:should be|must be|has to be|ought to be|becomes|->|=>|→)\s*`"
    r"(?P<new3>[^`\n]+)`"
    r"|\bnot `(?P<old4>[^`\n]+)` but `(?P<new4>[^`\n]+)`|`(?P<new5>[^`\n]+)`,? (?:and )?not `"
    r"(?P<old5>[^`\n]+)`",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"\bline (?P<line>\d{1,3})\b[^`\n]{0,60}`(?P<new>[^`\n]+)`|`(?P<new2>[^`\n]+)`[^`\n]{0,30}\bline "
    r"(?P<line2>\d{1,3})\b",
    re.IGNORECASE,
)
_EDITS = re.compile(
    r"\b(?:change|replace|turn|instead|should be|must be|make it|becomes|put|write|use|add|insert|need"
    r"|say)\b",
    re.IGNORECASE,
)


def edited(text: str, said: str) -> Iterator[tuple[str, int, int]]:
    """The student's last program with the changes that a plain text asks for, and where it does."""
    own = [snippet for snippet in snippets(said) if snippet.block]
    if not own or not _EDITS.search(text):
        return
    program = textwrap.dedent(own[-1].body).strip("\n")
    made: set[str] = {program}
    for candidate, start, end in _changes(text, program):
        if candidate not in made:
            made.add(candidate)
            yield candidate, start, end
            if len(made) > MAX_EDITS:
                return


def _changes(text: str, program: str) -> Iterator[tuple[str, int, int]]:
    changed, used, start, end = _named_changes(text, program)
    if used:
        yield changed, start, end
    whole = (changed, min(start, len(text)), end or len(text))
    inline = [s for s in snippets(text) if not s.block and s.body not in used]
    lines = changed.split("\n")
    for snippet in inline[:4]:
        for place, line in enumerate(lines[:MAX_LINES]):
            if not line.strip():
                continue
            for new in ([_indent(line) + snippet.body], [_indent(line) + snippet.body, line]):
                if place or len(new) == 1:
                    first, last = min(whole[1], snippet.start), max(end, snippet.end)
                    yield "\n".join(lines[:place] + new + lines[place + 1 :]), first, last
    for candidate in (*_structural(text, lines), *_token_changes(text, changed)):
        yield candidate, 0, len(text)


def _named_changes(text: str, program: str) -> tuple[str, set[str], int, int]:
    """All changes of the form `A` to `B`, and of a line by its number, at once."""
    changed, used, start, end = program, set[str](), len(text), 0
    for m in _SWAP.finditer(text):
        groups = m.groupdict()
        names = next(n for n in ("", "2", "3", "4", "5") if groups.get(f"old{n}"))
        old, new = groups[f"old{names}"].strip(), groups[f"new{names}"].strip()
        if old in changed:
            changed = changed.replace(old, new)
            used |= {old, new}
            start, end = min(start, m.start()), max(end, m.end())
    for m in _LINE.finditer(text):
        number, new = int(m["line"] or m["line2"]), (m["new"] or m["new2"]).strip()
        lines = changed.split("\n")
        if 0 < number <= len(lines) and new not in used:
            lines[number - 1] = _indent(lines[number - 1]) + new
            changed = "\n".join(lines)
            used.add(new)
            start, end = min(start, m.start()), max(end, m.end())
    return changed, used, start, end


def _structural(text: str, lines: list[str]) -> Iterator[str]:
    """Lines indented otherwise, moved or left out."""
    some = range(1, min(len(lines), MAX_LINES))
    if _INDENT.search(text):
        for place in some:
            yield "\n".join([*lines[:place], "    " + lines[place], *lines[place + 1 :]])
            yield "\n".join([*lines[:place], lines[place].removeprefix("    "), *lines[place + 1 :]])
    if _MOVE.search(text):
        for place in some:
            rest = lines[:place] + lines[place + 1 :]
            for target in range(1, len(rest) + 1):
                yield "\n".join([*rest[:target], lines[place], *rest[target:]])
    if _DELETE.search(text):
        for place in some:
            yield "\n".join(lines[:place] + lines[place + 1 :])


def _token_changes(text: str, program: str) -> Iterator[str]:
    """One token in place of another, where the text names both; a method or a function put to a token."""
    named = [m["code"] or m[0] for m in _NAMED.finditer(text)]
    tokens = list(_PROGRAM_TOKEN.finditer(program))
    for new in dict.fromkeys(part.strip() for part in named):
        if len(new) > _LONGEST_TOKEN:
            continue
        method, function = re.fullmatch(r"\.\w+\(.*\)", new), re.fullmatch(r"(\w+)(?:\(\)|\(\.\.\.\))?", new)
        for token in tokens:
            before, after = program[: token.start()], program[token.end() :]
            if token[0] in named and token[0] != new:
                yield before + new + after
            if token[0].isidentifier() and "\n" in before:
                if method:
                    yield f"{before}{token[0]}{new}{after}"
                if function and function[1] in _FUNCTIONS:
                    yield f"{before}{function[1]}({token[0]}){after}"


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
