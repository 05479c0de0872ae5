"""Which programs monty may run: those for which it is known to do what CPython does.

Monty is no CPython. What it lacks it refuses, and then the CPython worker takes over. This file is
about the rest, what it runs *differently* and without a word, so that a program could pass on
one engine and fail on the other:

- `map`, `filter`, `zip`, `enumerate`, `reversed` and generator expressions are lists at once: they can be
  indexed, returned, gone through twice, and see no later change of what they were made from.
- Sets keep the order of insertion; CPython's is that of the hashes.
- `round` to digits rounds the decimal text, CPython the binary number (`round(2.675, 2)`).
- `hash`, `id`, `locals` and what `sys` says have values of their own; so have the texts of exceptions, `is`
  for numbers, and the last digits of a few functions of `math`.
- `"abc".find("", 5)` is 3; CPython does not find it. Regular expressions find other empty matches.
- Annotations are not evaluated (see `signatures`), and syntax is taken that this Python may not know.

So a program in which these occur goes to CPython, unless they stand where the difference cannot be seen:
`list(map(...))`, `sum(x for ...)`, `for i, x in enumerate(xs)` with an `xs` that the program never
changes, `len(set(...))`, a set that is only asked what it holds. The test is by words, never by parsing
(Python's own parser can be made to crash), and errs towards CPython.
"""

from __future__ import annotations

import re

from sml_gym.sandbox.signatures import annotations_fit

_MOST_CHARS = 10_000  # the tests below take time that grows with the square of the length
_TEXT = re.compile(
    r"""\#[^\n]* | (?P<prefix>\b[a-zA-Z]{1,2})?(?: \"\"\"(?:\\.|[^\\])*?\"\"\" | '''(?:\\.|[^\\])*?'''
    | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )""",
    re.VERBOSE | re.DOTALL,
)
_CONSUMED = re.compile(r"\b(?:list|tuple|sorted|sum|dict|len\(set|sorted\(set|\.\s*join)\(\s*$")
_OWN_VALUES = re.compile(
    r"\b(?:round|hash|id|locals|globals|vars|dir|sys|gc|inspect|time|random|datetime|object"
    r"|re|cbrt|sumprod|fma|gamma|lgamma|erf|erfc|acosh|atanh)\b"
)
_ELSEWHERE = re.compile(r"\b(?:del|yield|async|exec|eval|repr)\b|\b__(?!init__\b)\w+__\b")
_OTHERWISE = re.compile(
    r"""\bis\b(?!\s+(?:not\s+)?(?:None|True|False)\b)
    | \bexcept\b[^:\n]*(?:\bas\b|,(?![^\n]*\)\s*:))
    | \.\s*(?:r?find|r?index|count|startswith|endswith)\s*\((?:[^()]|\([^()]*\)){0,400}?,
    | := | ^return\b | \b(?:def|class)\s+\w+\s*\[ | ^\s*type\s+\w""",
    re.VERBOSE | re.MULTILINE,
)
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")  # tabs too: what they indent by is CPython's to say
_NEWER = " yield "  # in the place of a formatted string that not every Python reads
_LAZY = re.compile(r"\b(map|filter|zip|enumerate|reversed)\b")
_SETS = re.compile(r"\b(?:set|frozenset)\b")
_LOOP = re.compile(r"\bin\s*$")
_SIMPLE_ARGUMENTS = re.compile(r"\(([\w\s,+*\-]*|[\w\s,+*\-]*\[[\w\s:+\-]*\][\w\s,+\-]*)\)")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


def fit_for_monty(code: str) -> bool:
    """Whether monty, if it runs this program without a failure, does exactly what CPython does."""
    if len(code) > _MOST_CHARS or not code.isascii() or _CONTROLS.search(code):
        return False
    if "\\N{" in code:
        return False
    if re.search(r"\b[rRbBuU]?[fF][rRbB]?[\"']", code):
        return _fit(_TEXT.sub(_keep_formatted, code))
    return _fit(_TEXT.sub("''", code))


def _keep_formatted(found: re.Match[str]) -> str:
    """A string literal as an empty one; what an f-string computes stays visible."""
    if "f" not in (found["prefix"] or "").lower():
        return "''"
    text = re.sub(r"\{\{|\}\}", "", found[0])
    if text.count("{") != text.count("}") or re.search(r"\{(?:[^{}]*\\|[^{}:!]*#)", text):
        return _NEWER
    return "(" + " , ".join(re.findall(r"\{([^{}!:]*)", found[0])) + ")"


def _fit(code: str) -> bool:
    if _OWN_VALUES.search(code) or _ELSEWHERE.search(code) or _OTHERWISE.search(code):
        return False
    return (
        annotations_fit(code)
        and all(_lazy_fits(found, code) for found in _LAZY.finditer(code))
        and _expressions_fit(code)
        and _sets_fit(code)
    )


def _lazy_fits(found: re.Match[str], code: str) -> bool:
    """A lazy built-in may stand where its items are taken at once, or in a loop over what never changes."""
    before, after = code[max(0, found.start() - 40) : found.start()], code[found.end() : found.end() + 200]
    if not after.startswith("("):
        return False
    if _CONSUMED.search(before):
        return True
    arguments = _SIMPLE_ARGUMENTS.match(after)
    if arguments is None or not _LOOP.search(before):
        return False
    return found[1] != "map" and not any(_changed(name, code) for name in _IDENTIFIER.findall(arguments[1]))


def _changed(name: str, code: str) -> bool:
    """Whether the code may change, in place, what the name holds."""
    changes = rf"\b{name}\s*(?:\.\s*\w+\s*\(|\[[^\]]*\]\s*(?:\[[^\]]*\]\s*)*[-+*/|&^%<>]*=(?!=)|[-+*|&]=)"
    shared = rf"=\s*{name}\s*(?:$|[#;\n])"
    return re.search(changes, code) is not None or re.search(shared, code, re.MULTILINE) is not None


def _expressions_fit(code: str) -> bool:
    """Generator expressions may be the only argument of what takes all items at once."""
    opened: list[int] = []
    for found in re.finditer(r"[()\[\]{}]|\bfor\b", code):
        if found[0] in "([{":
            opened.append(found.start())
        elif found[0] in ")]}":
            if not opened:
                return False
            opened.pop()
        elif opened and code[opened[-1]] == "(":
            start = opened[-1]
            if not re.search(
                r"(?:\b(?:sum|list|tuple|sorted|max|min|dict|any|all|set)|\.\s*join)\s*$", code[:start][-20:]
            ):
                return False
            if re.search(r":=|\.\s*(?:append|add|pop|remove|insert|extend|update)\b|\bnext\b", code[start:]):
                return False
    return True


def _sets_fit(code: str) -> bool:
    """A set's order must not be seen: it is counted, sorted, or asked what it holds."""
    for braces in re.finditer(r"\{([^{}]*)\}", code):
        if braces[1].strip() and ":" not in braces[1]:
            return False
    for found in _SETS.finditer(code):
        before, after = code[max(0, found.start() - 60) : found.start()], code[found.end() :]
        if re.search(r"\b(?:len|sorted|sorted\(list)\(\s*$", before):
            continue
        named = re.search(r"(?:^|\n)\s*([^\W\d]\w*)\s*=\s*$", before)
        if named is None or not re.match(r"\([\w\s.]*\)\s*(?:\n|$)", after):
            return False
        name = named[1]
        uses = rf"\b{name}\b(?!\s*=\s*set\()"
        held = (
            rf"(?:\bif\s[^\n]*\bin\s+{name}\b|\b{name}\s*\.\s*(?:add|discard|remove)\b|\blen\(\s*{name}\s*\))"
        )
        if len(re.findall(uses, code)) != len(re.findall(held, code)):
            return False
    return True
