"""An expression as people type it, turned into LaTeX that the grammar reads as they meant it.

`x**10`, `sqrt(2)`, `pi`, `sin(x)`, `x²` and `<=` become `x^{10}`, `\\sqrt{2}`, `\\pi`, `\\sin(x)`,
`x^{2}` and `\\leq`. Only text is rewritten; nothing is evaluated. `objection` says why an expression is not
even sent to a worker.
"""

from __future__ import annotations

import functools
import re

MAX_CHARS = 400
"""Longest expression that is checked."""

MAX_DEPTH = 20
"""Deepest nesting of braces and brackets that is checked."""

_MAX_POWERS = 40
_FUNCTIONS = (
    "arcsin|arccos|arctan|asin|acos|atan|sinh|cosh|tanh|sin|cos|tan|sec|csc|cot|ln|log|exp|sqrt|cbrt|abs"
)
_CALL = re.compile(rf"(?<![\\A-Za-z])({_FUNCTIONS})(?![A-Za-z])")
_LONG = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}
_NAMES = {
    "pi": r"\pi ",
    "theta": r"\theta ",
    "alpha": r"\alpha ",
    "beta": r"\beta ",
    "lambda": r"\lambda ",
    "infinity": r"\infty ",
    "inf": r"\infty ",
    "oo": r"\infty ",
}
_NAME = re.compile(rf"(?<![\\A-Za-z])({'|'.join(_NAMES)})(?![A-Za-z])")
_SIGNS = {
    "π": r"\pi ",
    "θ": r"\theta ",
    "α": r"\alpha ",
    "β": r"\beta ",
    "λ": r"\lambda ",
    "∞": r"\infty ",
    "≤": r"\leq ",
    "≥": r"\geq ",
    "≠": r"\neq ",
    "∪": r"\cup ",
    "±": r"\pm ",
    "√": r"\sqrt",
    "ℝ": r"\mathbb{R}",
    "∅": r"\emptyset ",
    "∈": r"\in ",
    "°": r"^{\circ}",
}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n")
_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ]+")
_POWER = re.compile(r"\^ ?([+-]?[0-9]+(?:\.[0-9]+)?|[+-][A-Za-z])")
_TEXT = re.compile(r"\\(?:text|mathrm|textrm|mbox|operatorname) ?\{([^{}]*)\}")
_UNEVALUATED = re.compile(
    r"\\(?:i*int|oint|sum|prod|lim|binom|dbinom|tbinom|gcd|lcm|det|bmod|pmod|mod|max|min|operatorname)(?![A-Za-z])"
    r"|\\frac ?\{ ?(?:d|\\partial) ?[^{}]{0,20}\} ?\{ ?(?:d|\\partial) ?[A-Za-z] ?(?:\^[^{}]*)?\}"
    r"|!"
)


@functools.lru_cache(maxsize=1024)
def to_latex(text: str) -> str:
    """The expression as LaTeX. `text` has been through `numbers.tidy`."""
    for sign, latex in _SIGNS.items():
        if sign in text:
            text = text.replace(sign, latex)
    text = _SUPERSCRIPT.sub(lambda m: f"^{{{m[0].translate(_SUPERSCRIPTS)}}}", text)
    text = text.replace("**", "^").replace("<=", r"\leq ").replace(">=", r"\geq ").replace("!=", r"\neq ")
    text = _plain_functions(text)
    text = text.replace("*", r"\cdot ")
    text = _CALL.sub(lambda m: "\\" + _LONG.get(m[1], m[1]), text)
    text = _NAME.sub(lambda m: _NAMES[m[1]], text)
    for command, opening, closing in (
        (r"\sqrt(", r"\sqrt{", "}"),
        (r"\cbrt(", r"\sqrt[3]{", "}"),
        (r"\abs(", "|", "|"),
        (r"\exp(", "e^{", "}"),
        ("^(", "^{", "}"),
    ):
        text = _rebracket(text, command, opening, closing)
    return _POWER.sub(r"^{\1}", text)


def _plain_functions(text: str) -> str:
    """`\\mathrm{sin}` and `\\operatorname{sin}` as `sin`."""
    return _TEXT.sub(lambda m: m[1] if _CALL.fullmatch(m[1].strip()) else m[0], text)


def _rebracket(text: str, command: str, opening: str, closing: str) -> str:
    """Replace `command` and the round bracket it ends with, up to the bracket's end, by another pair."""
    text = text.replace(command[:-1] + " (", command)
    start = text.find(command)
    while start >= 0:
        depth = 1
        for end in range(start + len(command), len(text)):
            depth += (text[end] == "(") - (text[end] == ")")
            if depth == 0:
                inner = text[start + len(command) : end]
                text = text[:start] + opening + inner + closing + text[end + 1 :]
                break
        else:
            return text
        start = text.find(command, start + len(opening))
    return text


def objection(text: str, expected: str) -> str:
    """Why an expression is not checked, in words fit for the student; "" if it is.

    Operators that are still to be carried out (sums, integrals, factorials ...) are refused unless
    the reference has them too: naming the calculation is no answer to it.
    """
    if len(text) > max(MAX_CHARS, 2 * len(expected)):
        return "it is too long"
    if not text.isprintable():
        return "it has characters that cannot be read"
    depth = deepest = 0
    for char in text:
        depth += (char in "{([") - (char in "})]")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        return "it is nested too deeply"
    if _has_costly_power(text):
        return "it is too costly to check"
    if set(_UNEVALUATED.findall(_plain_functions(text))) - set(_UNEVALUATED.findall(expected)):
        return "it leaves a calculation to be carried out"
    if re.search(r"! ?!|[0-9]{4,} ?!|\) ?!|\} ?!", text) and text != expected:
        return "it is too costly to check"
    return ""


def _has_costly_power(text: str) -> bool:
    """Towers of numbers, exponents beyond four digits, and very many powers."""
    exponents = text.count("^") + text.count("**")
    return (
        exponents > _MAX_POWERS
        or re.search(r"(?:\^|\*\*)[ {(+-]*[0-9][0-9., ]{4,}", text) is not None
        or re.search(r"[0-9] ?[})]? ?(?:\^|\*\*)[ {(+-]*[0-9]+ ?[})]? ?(?:\^|\*\*)[ {(+-]*[0-9]", text)
        is not None
        or re.search(r"[0-9]{200,}", text) is not None
    )
