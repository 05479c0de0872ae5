"""Brackets, formulas and sections."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    ITEMS,
    Draws,
    Pick,
)

TOPIC = Topic()

_FORMULA_OPERATIONS = (
    ("a plus b plus $k", "a + b + $k"),
    ("a minus b", "a - b"),
    ("the larger of a and b, minus $k", "max(a, b) - $k"),
    ("the smaller of a and b, plus $k", "min(a, b) + $k"),
    ("two times a, minus b", "2 * a - b"),
    ("a minus $k times b", "a - $k * b"),
    ("how far a and b are apart, plus $k", "abs(a - b) + $k"),
)


@TOPIC.family("text|code|line: str", "int", "check_brackets first_fault scan", levels=(2, 3))
def brackets(p: Pick) -> Spec:
    """Checks brackets of several kinds: the first fault, the deepest place; rules for what may stand in
    what.
    """
    one, two = p.pick(
        "one two", ("()", "[]"), ("<>", "{}"), ("[]", "<>"), ("{}", "()"), ("()", "<>"), ("{}", "[]")
    )
    p.let(pairs={one[1]: one[0], two[1]: two[0]}, opening=one[0] + two[0], a=one[0], b=two[0])
    p.way(
        "missing lost",
        ("the length of the text", "len($text)"),
        ("the place of the last bracket that is still open", "open_at[-1] + $base"),
        ("the place of the first bracket that is still open", "open_at[0] + $base"),
    )
    p.number("base", 0, 1)
    p.way(
        "good result",
        ("-1", "-1"),
        (
            "the greatest number of brackets that are open at once, as a negative number, less 1",
            "-deepest - 1",
        ),
    )
    p.let(rule="False")
    more = ""
    if p.level == 3:
        p.number("most", 2, 4)
        p.way(
            "extra rule",
            (
                "a bracket $b that is opened directly inside a bracket $b, with no other between them",
                "c == $b and open_at and $text[open_at[-1]] == $b",
            ),
            ("a bracket that is opened while $most are open already", "len(open_at) >= $most"),
            (
                "a bracket $a that is opened while any $b is open",
                "c == $a and any($text[k] == $b for k in open_at)",
            ),
        )
        more = "also, rule, fault: Another fault is $!extra."
    counted = (
        " (also counted from $base)" if "place" in p["missing"] else ", whatever places are counted from"
    )
    pool = one + two

    def good(d: Draws, depth: int = 3) -> str:
        text = d.one(("", "x"))
        for _ in range(d.between(0 if depth < 3 else 1, 2)):
            kind = d.one((one, two))
            text += kind[0] + (good(d, depth - 1) if depth else "") + kind[1]
        return text

    def bad(d: Draws) -> Args:
        text = good(d)
        at = d.between(0, len(text))
        return (text[:at] + d.one(pool) + text[at:],)

    return Spec(
        "Find the first fault in the brackets of $text.",
        f"""
        brackets, kinds: The brackets are `{one}` and `{two}`; all other characters are passed over.
        fault, closing: A closing bracket is a fault if no bracket is open, or if the one opened last is of
          the other kind.
        {more}
        place, base, return: Return the place of the first fault, counted from $base.
        open, not closed, end: If there is no such fault but brackets are still open at the end, return
          $!missing{counted}.
        good, right, no fault: If all is right, return $!good.
        empty: A text without brackets is right.
        """,
        """
        open_at, deepest = [], 0
        for i, c in enumerate($text):
            if c in $opening:
                if $!rule:
                    return i + $base
                open_at.append(i)
                deepest = max(deepest, len(open_at))
            elif c in $pairs:
                if not open_at or $text[open_at[-1]] != $pairs[c]:
                    return i + $base
                open_at.pop()
        if open_at:
            return $!lost
        return $!result
        """,
        {"brackets in order": lambda d: (good(d),), "one bracket too many": bad},
        {
            "an empty text": ("",),
            "a text without brackets": ("abc",),
            "brackets side by side": (one + two + one,),
            "brackets inside each other": (one[0] + two[0] + one[0] + one[1] + two[1] + one[1],),
            "brackets that cross": (one[0] + two[0] + one[1] + two[1],),
            "a closing bracket first": (one[1] + one[0],),
            "brackets that stay open": ("a" + one + one[0] + "b" + two[0] + two + "cd",),
            "the same bracket in itself": (two[0] * 2 + two[1] * 2,),
            "deep brackets": (one[0] * 6 + one[1] * 6,),
            "brackets of both kinds, deep": (two[0] + one[0] * 2 + two + one[1] * 2 + two[1],),
        },
        """
        Keep the places of the brackets that are open.
        At a closing bracket, compare with the one opened last.
        At the end, look at what is still open, and at what is asked for if all is right.
        """,
        {"a long text": lambda d: ((one + two) * 100 + one[0] + two,)},
    )


@TOPIC.family("text|formula|expression: str", "int", "evaluate value_of compute", levels=(4,))
def formula(p: Pick) -> Spec:
    """Evaluates formulas with two operations of our own and parentheses, with a rule of precedence."""
    one, two = p.some("+-*#@&|~", 2)
    (say1, do1), (say2, do2) = p.some(_FORMULA_OPERATIONS, 2)
    p.number("k", 1, 5)
    p.let(one=one, two=two, say1=say1, say2=say2, do1=do1, do2=do2)
    p.way(
        "strength loop",
        ("$one binds more strongly than $two: in a row of both, all $one are worked out first", "strong"),
        ("Both bind equally strongly", "flat"),
    )
    p.way("side left", ("from left to right", True), ("from right to left", False))
    p.pick("open close", ("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"))
    levels = ([one], [two]) if p["loop"] == "strong" else ([one, two],)
    p.let(levels=[list(level) for level in levels])
    o, c = p["open"], p["close"]

    def text(d: Draws, depth: int) -> str:
        made = ""
        for i in range(d.between(2, 3)):
            made += (d.one((one, two)) if i else "") + (
                o + text(d, depth - 1) + c if depth and d.chance(0.4) else str(d.between(0, 12))
            )
        return made

    return Spec(
        "Work out the value of the formula $text.",
        """
        form, numbers: A formula is made of whole numbers (not negative), the signs $one and $two, and
          brackets $open and $close, without blanks.
        first sign: a $one b is $!say1.
        second sign: a $two b is $!say2.
        strength, precedence, binds: $!strength.
        direction, equal: Signs of equal strength side by side are worked out $!side.
        brackets, inner: What stands in brackets is worked out by itself, first.
        given: The formula is well formed and has at least one number.
        """,
        """
        def join(sign, a, b):
            return $!do1 if sign == $one else $!do2

        def work_out(items):
            for signs in $levels:
                i = 1 if $left else len(items) - 2
                while 0 < i < len(items):
                    if items[i] in signs:
                        items[i - 1 : i + 2] = [join(items[i], items[i - 1], items[i + 1])]
                        i -= 0 if $left else 2
                    else:
                        i += 2 if $left else -2
            return items[0]

        stack, digits = [[]], ""
        for c in $text:
            if c in "0123456789":
                digits += c
                continue
            if digits:
                stack[-1].append(int(digits))
                digits = ""
            if c == $open:
                stack.append([])
            elif c == $close:
                value = work_out(stack.pop())
                stack[-1].append(value)
            else:
                stack[-1].append(c)
        if digits:
            stack[-1].append(int(digits))
        return work_out(stack[0])
        """,
        {
            "formulas with brackets": lambda d: (text(d, 2),),
            "formulas without brackets": lambda d: (text(d, 0),),
        },
        {
            "one number": ("42",),
            "one number in brackets": (f"{o}{o}7{c}{c}",),
            "the first sign": (f"9{one}4",),
            "the second sign": (f"9{two}4",),
            "the first sign three times": (f"20{one}3{one}8{one}2",),
            "the second sign three times": (f"20{two}3{two}8{two}2",),
            "both signs in turn": (f"7{one}2{two}5{one}3{two}4",),
            "both signs the other way round": (f"7{two}2{one}5{two}3{one}4",),
            "brackets at both ends": (f"{o}8{one}3{c}{two}{o}5{two}6{c}",),
            "brackets inside brackets": (f"6{two}{o}5{one}{o}2{two}9{c}{c}{one}3",),
            "zeros": (f"0{one}0{two}10",),
        },
        """
        Cut the formula into numbers, signs and brackets.
        Work out what stands in brackets first and put its value in its place.
        Work out a row without brackets by strength, in the right direction.
        """,
        {"a long formula": lambda d: (one.join(text(d, 1) for _ in range(6)),)},
    )


@TOPIC.family(
    "lines|config|rows: list[str]", "dict[str, dict[str, str]]", "read_config sections load", levels=(3,)
)
def sections(p: Pick) -> Spec:
    """Reads lines of sections with keys and values; comments, repeated sections, lines before the first."""
    p.pick("open close", ("[", "]"), ("<", ">"), ("== ", " =="), ("# ", ""), ("@", ":"))
    p.pick("eq", "=", " -> ", " is ", "~")
    p.pick("comment", ";", "//", "%", "--")
    p.pick("top", "top", "main", "", "none")
    p.way(
        "twice enter",
        ("the last value counts", "values[key] = value"),
        ("the first value counts", "values.setdefault(key, value)"),
        (
            "the values are put side by side, with a blank between them",
            'values[key] = values[key] + " " + value if key in values else value',
        ),
    )
    p.way("bare other", ("is left out", "continue"), ("is a key whose value is the empty text", "pass"))
    p.way(
        "blank dropped",
        ("A section without keys is left out.", "{name: values for name, values in out.items() if values}"),
        ("A section without keys is there all the same, with an empty dictionary.", "out"),
    )
    o, c, eq, no = p["open"], p["close"], p["eq"], p["comment"]
    p.let(header=f"`{o}name{c}`", body="line[len($open) : len(line) - len($close)]")

    def lines(d: Draws) -> Args:
        made = []
        for _ in range(d.between(3, 7)):
            made.append(
                d.one(
                    (
                        f"{o}{d.one(('a', 'b', 'c'))}{c}",
                        f"{d.one(('x', 'y', 'z'))}{eq}{d.between(1, 9)}",
                        f"{d.one(('x', 'y'))}{eq}{d.one(ITEMS)}",
                        d.one((no + "tea", "bare", "")),
                    )
                )
            )
        return (made,)

    return Spec(
        "Read the sections of $lines into a dictionary.",
        """
        section, header: A line of the form $!header begins the section of this name, which reaches to the
          next such line.
        key, value, form: A line with $eq in it has a key before the first $eq and a value behind it; both
          are taken as they are, and may be empty.
        result, return: Return for each section a dictionary of its keys and values.
        top, before: Lines before the first section belong to a section $top, which is there only if it has
          keys.
        comment, skipped: Lines that begin with $comment and empty lines are skipped.
        other, bare: Any other line $!bare.
        repeated, twice: A section that begins again goes on. If a key comes again in its section, $!twice.
        hollow, without keys: $!blank
        order, tests: A line is tested in this order: comment or empty, header, key and value, other. A
          header has at least one character as its name.
        empty: Without lines the result is an empty dictionary.
        """,
        """
        out, at = {}, $top
        for line in $lines:
            if not line or line.startswith($comment):
                continue
            if line.startswith($open) and line.endswith($close) and len(line) > len($open + $close):
                at = $!body
                out.setdefault(at, {})
                continue
            key, mark, value = line.partition($eq)
            if not mark:
                $!other
            values = out.setdefault(at, {})
            $!enter
        return $!dropped
        """,
        {"lines of sections": lines},
        {
            "no lines": ([],),
            "empty lines and comments": (["", no, no + "x" + eq + "1", ""],),
            "lines before the first section": ([f"x{eq}1", f"{o}a{c}", f"x{eq}2"],),
            "a section without keys": ([f"{o}a{c}", f"{o}b{c}", f"y{eq}1"],),
            "a section that begins again": (
                [f"{o}a{c}", f"x{eq}1", f"{o}b{c}", f"x{eq}2", f"{o}a{c}", f"y{eq}3", f"x{eq}4"],
            ),
            "repeated keys": ([f"x{eq}1", f"x{eq}2", f"x{eq}3"],),
            "lines without a value": (["bare", f"{o}a{c}", "bare", "other"],),
            "signs in values": ([f"x{eq}1{eq}2", f"y{eq}{no}z"],),
            "empty keys and values": ([f"{eq}1", f"x{eq}", eq],),
            "a header without a name": ([f"{o}{c}" if c else "name", f"{o}a{c}", f"x{eq}{o}b{c}"],),
        },
        """
        Test what kind of line each is, in the order given.
        Remember the section that was begun last.
        Enter keys and values, and mind those that come again.
        """,
        {"many lines": lambda d: ([line for _ in range(40) for line in lines(d)[0]],)},
    )
