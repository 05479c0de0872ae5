"""Program text in a feedback, and the programs that it may stand for.

Nothing is run here: the domain's verifier runs what `programs` yields, under its own deadline.
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

MAX_PROGRAMS = 16
"""So many programs are made of one feedback."""

PROGRAM_SECONDS = 1.0
"""After so long no further program of a feedback is verified. Only programs that do not end take it."""

_FENCE = re.compile(r"(```|~~~)[^\n`]*\n(?P<body>.*?)(?:\n?[ \t]*\1|\Z)", re.DOTALL)
_INLINE = re.compile(r"(?<!`)(`{1,2})(?P<body>[^`\n]{2,400})\1(?!`)")
_OPENING = re.compile(
    r"^[ \t>]*(?:(?:async )?def \w+ *\(|class \w+|from \w[\w.]* import \w+ *$|import \w[\w., ]*$|@\w+"
    r"|\w+ = lambda\b)|(?<=[:.,;!?] )def \w+ *\(",
    re.MULTILINE,
)
_NUMBER = re.compile(r"^[ \t]*\d{1,3}(?:[.):|] ?|(?= )|$)", re.MULTILINE)  # of a line in a listing
_CODE_LIKE = re.compile(
    r"^\s*$|^[ \t]+\S|^\s*(?:def|class|return|for|while|if|elif|else|try|except|with|import|from|@|#|\)|\]"
    r"|\})|^\s*\w[\w.\[\], ]* ?[+\-*/]?= ?\S"
)
_NAME = re.compile(r"\bdef (\w+)")
_HEADER = re.compile(r"^[ \t]*def \w+ *\([^\n]*\)[^\n:]*:", re.MULTILINE)
_LIKE_CODE = re.compile(r"[=(\[:]|\breturn\b|\bdef\b|\blambda\b")
_MARKUP = re.compile(r"<br ?/?>|&nbsp;|</?(?:code|pre|p)>", re.IGNORECASE)
_BREAK = re.compile(r"<br ?/?>|</?(?:code|pre|p|div)>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][a-z0-9]{0,9}(?: [^<>]{0,80})?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A stretch of program text; `block` if it stands on lines of its own."""

    start: int
    end: int
    body: str
    block: bool


def snippets(text: str) -> list[Snippet]:
    """The program text in a plain text: fenced, between backticks, or bare from a `def` on."""
    found: list[Snippet] = []
    if "```" in text or "~~~" in text:
        found += [Snippet(m.start(), m.end(), m["body"], True) for m in _FENCE.finditer(text)]
    taken = [(s.start, s.end) for s in found]
    if "`" in text:
        for m in _INLINE.finditer(text):
            inside = any(a <= m.start() < b for a, b in taken)
            if not inside and _LIKE_CODE.search(m["body"]):
                found.append(Snippet(m.start(), m.end(), m["body"].strip(), False))
    end = 0
    for m in _OPENING.finditer(text):
        if m.start() < end or any(a <= m.start() < b for a, b in taken):
            continue
        end = _last_line(text, m.start())
        found.append(Snippet(m.start(), end, text[m.start() : end], True))
    found.sort(key=lambda s: s.start)
    return found


_BARE = re.compile(r"(?<![\w.`])(?:\[|(?:not )?[A-Za-z_][\w.]*[(\[]|lambda\b[^:\n]{0,40}:)")
_GOES_ON = re.compile(
    r"\[|\(|\.\w+| ?(?:[-+*/%<>]|//|\*\*|==|!=|<=|>=) ?(?:\w[\w.]*|(?=[(\[]))|,? (?:if|else|and|or|in|not in)"
    r" (?:not )?(?:\w[\w.]*|\"[^\"\n]{0,20}\"|'[^'\n]{0,20}'|(?=[(\[]))"
)
_LONGEST_BARE = 300
_MOST_BARE = 8


def bare_expressions(text: str) -> list[Snippet]:
    """Expressions in running text without any marks: `return sorted((low, x, high))[1]`."""
    found: list[Snippet] = []
    end = 0
    for m in _BARE.finditer(text):
        if m.start() < end or len(found) >= _MOST_BARE:
            continue
        position, opened = m.end() if m[0][-1] == ":" else m.end() - 1, False
        while position < min(len(text), m.start() + _LONGEST_BARE):
            if text[position] in "([":
                closed = _closing(text, position)
                if closed < 0:
                    break
                position, opened = closed, True
                continue
            more = _GOES_ON.match(text, position)
            if more is None:
                break
            position = more.end() - (more[0] in ("[", "("))
        if opened and position - m.start() >= 6:
            end = position
            found.append(Snippet(m.start(), end, text[m.start() : end].strip(), False))
    return found


def _closing(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`; -1 without one nearby."""
    depth = 0
    for position in range(start, min(len(text), start + _LONGEST_BARE)):
        depth += (text[position] in "([{") - (text[position] in ")]}")
        if not depth:
            return position + 1
    return -1


def programs(text: str, *sources: str) -> Iterator[tuple[str, int, int]]:
    """Programs that a plain text may stand for, with the stretch that each was made of.

    Args:
        text: the feedback.
        sources: where a header (`def name(...):`) for a bare body may be found: the
            reference, the problem, the student's program.
    """
    made: set[str] = set()
    length = len(text)
    marked = _MARKUP.search(text) is not None
    if marked:
        text = html.unescape(_TAG.sub("", _BREAK.sub("\n", text))).replace("\xa0", " ")
    found = snippets(text)
    found += [s for s in bare_expressions(text) if not any(a.start <= s.start < a.end for a in found)]
    listed = snippets(_NUMBER.sub("", text)) if len(_NUMBER.findall(text)) > 2 else []
    header = _header(sources) if found or listed else ""
    candidates = [*_candidates(found, header, sources)]
    candidates += [(program, 0, length) for program, _, _ in _candidates(listed, header, sources)]
    for program, start, end in candidates:
        tidy = textwrap.dedent(program.replace("\t", "    ")).strip("\n")
        if tidy.strip() and tidy not in made:
            made.add(tidy)
            yield (tidy, 0, length) if marked else (tidy, start, end)
            if len(made) >= MAX_PROGRAMS:
                return


def _candidates(
    found: list[Snippet], header: str, sources: tuple[str, ...]
) -> Iterator[tuple[str, int, int]]:
    for snippet in found:
        if snippet.block or re.match(r"(?:def \w+|\w+ *= *lambda\b)", snippet.body):
            yield _renamed(snippet.body, header), snippet.start, snippet.end
    blocks = [s for s in found if s.block]
    if len(blocks) > 1:
        yield "\n".join(textwrap.dedent(s.body) for s in blocks), blocks[0].start, blocks[-1].end
    if not header:
        return
    for snippet in found:
        if re.match(r"\s*(?:def|class|import|from)\b", snippet.body):
            continue
        body = textwrap.dedent(snippet.body).strip("\n")
        yield f"{header}\n{textwrap.indent(body, '    ')}", snippet.start, snippet.end
        if "\n" not in body and not body.startswith(("return", "if ", "for ", "while ")):
            yield f"{header}\n    return {body}", snippet.start, snippet.end
            yield f"{header}\n    return [{body}]", snippet.start, snippet.end
    inline = [s for s in found if not s.block]
    if len(inline) > 1:
        yield f"{header}\n{_laid_out(inline)}", inline[0].start, inline[-1].end


def _laid_out(lines: list[Snippet]) -> str:
    """Lines told one by one, with the indentation that they must have had."""
    depth, made = 1, []
    for place, line in enumerate(lines):
        if line.body.startswith(("else", "elif")) or (place == len(lines) - 1 and "return" in line.body):
            depth = max(1, depth - 1 if line.body.startswith("el") else 1)
        made.append("    " * depth + line.body)
        depth += line.body.endswith(":")
    return "\n".join(made)


def _renamed(body: str, header: str) -> str:
    """A program whose last function has the name that is asked for."""
    names, wanted = _NAME.findall(body), _NAME.findall(header)
    if not names or not wanted or wanted[0] in names:
        return body
    return re.sub(rf"\b{names[-1]}\b", wanted[0], body)


def _header(sources: tuple[str, ...]) -> str:
    for source in sources:
        found = _HEADER.search(source)
        if found is not None:
            return found[0].strip()
    return ""


def _last_line(text: str, start: int) -> int:
    """Where the program that begins at `start` ends: before the first line that is prose."""
    position, last = start, start
    for number, line in enumerate(text[start:].splitlines(keepends=True)):
        if number and not _CODE_LIKE.match(line.rstrip("\n")):
            break
        position += len(line)
        if line.strip():
            last = position
    return last
