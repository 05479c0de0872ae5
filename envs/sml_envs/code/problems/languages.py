"""Reading languages with a grammar: commands, brackets, calculations, quotes, sections."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import ITEMS, Draws, Pick

LANGUAGES = Topic()


@LANGUAGES.family("commands|moves|program: str", "tuple[int, int]", "drive follow where_ends", levels=(1, 2))
def robot(p: Pick) -> Spec:
    """A robot that obeys letters, with repetitions, walls or a circle; where it ends."""
    up, down, left, right = p.pick(
        "letters", *[tuple(x) for x in ("UDLR", "NSWE", "^v<>", "udlr", "WSAD", "TBLR")]
    )
    p.number("step", 1, 3)
    p.let(moves={up: (0, p["step"]), down: (0, -p["step"]), left: (-p["step"], 0), right: (p["step"], 0)})
    p.let(up=up, down=down, left=left, right=right)
    p.number("w", 3, 6)
    p.way(
        "border rule",
        (
            (
                "It may not leave the square in which x and y are from -$w to $w: a move that would "
                "is not made at all."
            ),
            ("if abs(x + dx) <= $w and abs(y + dy) <= $w:\n    x, y = x + dx, y + dy"),
        ),
        (
            "A move to a place where x + y is divisible by $w is not made.",
            "if (x + dx + y + dy) % $w:\n    x, y = x + dx, y + dy",
        ),
        (
            "If a move makes x or y greater than $w or less than -$w, that number becomes 0.",
            ("x, y = x + dx, y + dy\nx = 0 if abs(x) > $w else x\ny = 0 if abs(y) > $w else y"),
        ),
    )
    p.let(special="")
    more = ""
    if p.level == 2:
        p.pick("sign", "!", "*", "#", "x")
        p.way(
            "sign_rule special",
            (
                (
                    "turns the directions round: from then on each move goes the opposite way, until the "
                    "next $sign"
                ),
                "turn = -turn",
            ),
            (
                (
                    "lets the next move be made twice, one after the other (several such signs do no "
                    "more than one)"
                ),
                "times = 2",
            ),
            ("takes the robot back to its start", "x, y = 0, 0"),
        )
        more = "sign, special: The sign $sign $!sign_rule."
    p.let(
        setup="turn = 1"
        if p["special"] == "turn = -turn"
        else "times = 1"
        if p["special"] == "times = 2"
        else "",
        case="if c == $sign:\n    $!special\n    continue" if more else "",
        delta="dx, dy = turn * dx, turn * dy" if p["special"] == "turn = -turn" else "",
    )
    if p["special"] == "times = 2":
        p.let(action="for _ in range(times):\n    $!rule\ntimes = 1")
    else:
        p.let(action="$!rule")
    pool = up + down + left + right
    return Spec(
        "Find out where the robot ends that obeys $commands.",
        f"""
        start: The robot starts at x = 0, y = 0.
        moves, letters: $up moves it by $step up (y grows), $down down, $right to the right (x grows), $left
          to the left, each by $step.
        border, wall, places: $!border
        {more}
        other: All other characters are passed over, as are capital and small forms that are not named.
        return: Return x and y at the end, as a tuple.
        empty: Without any command it stays where it is.
        """,
        """
        x = y = 0
        $!setup
        for c in $commands:
            $!case
            if c in $moves:
                dx, dy = $moves[c]
                $!delta
                $!action
        return x, y
        """,
        {
            "mixed moves": lambda d: (d.text(pool + p.values.get("sign", "-"), 4, 12),),
            "moves mostly in one direction": lambda d: (
                d.text(d.one(pool) * 5 + pool + p.values.get("sign", "-"), 5, 12),
            ),
        },
        {
            "no commands": ("",),
            "one move": (right,),
            "one move back": (down,),
            "a long way up": (up * 9,),
            "a long way to the left": (left * 8,),
            "a long way down": (down * 8,),
            "a long way to the right": (right * 7,),
            "unknown commands": (f"?{up} 7{right}",),
            "signs": (" ".join([p.values.get("sign", "-"), up, up, right, right, left]),),
        },
        """
        Keep the place of the robot and go through the commands.
        Work out where a move would lead.
        Apply the rule for the border before, or after, the move is made.
        """,
        {"many commands": lambda d: (d.text(pool, 300, 400),)},
    )


@LANGUAGES.family("text|code|line: str", "int", "check_brackets first_fault scan", levels=(2, 3))
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
        ("the place of the last bracket that is still open", "open_at[-1]"),
        ("the place of the first bracket that is still open", "open_at[0]"),
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


_OPERATIONS = (
    ("adds it", "value + x"),
    ("takes it away", "value - x"),
    ("multiplies by it", "value * x"),
    ("divides by it, rounded down (by 0: nothing changes)", "value // x if x else value"),
    ("takes the larger of both", "max(value, x)"),
    ("takes the smaller of both", "min(value, x)"),
    ("takes what is left after dividing by it (by 0: nothing changes)", "value % x if x else value"),
    ("adds it twice", "value + 2 * x"),
)


@LANGUAGES.family("text|line|program: str", "int", "run compute calculate", levels=(2, 3))
def calculator(p: Pick) -> Spec:
    """A calculator that works from left to right, with operations of our own; memory, limits."""
    signs = p.some("+-*/^&|%@#", 3)
    chosen = p.some(_OPERATIONS, 3)
    p.let(
        a=signs[0],
        b=signs[1],
        c=signs[2],
        do_a=chosen[0][1],
        do_b=chosen[1][1],
        do_c=chosen[2][1],
        say_a=chosen[0][0],
        say_b=chosen[1][0],
        say_c=chosen[2][0],
    )
    p.number("start", 0, 9)
    p.let(after="", setup="")
    more = ""
    if p.level == 3:
        p.number("t", 12, 60)
        p.way(
            "extra after",
            (
                "When the value is greater than $t after a step, it becomes $start.",
                "if value > $t:\n    value = $start",
            ),
            ("When the value is less than 0 after a step, it loses its sign.", "value = abs(value)"),
            (
                "After each step whose number, counted from 1, is divisible by 3, 1 is added.",
                "if (i // 2 + 1) % 3 == 0:\n    value += 1",
            ),
            (
                "When the value is the same after a step as before it, the program ends.",
                "if value == old:\n    break",
            ),
        )
        p.let(setup="old = value" if "old" in p["after"] else "")
        more = "after, step, extra: $!extra"

    def program(d: Draws, low: int = 2, high: int = 5) -> Args:
        return (
            " ".join(
                [
                    f"{d.one(signs)} {d.one((d.between(0, 9), d.between(0, 30)))}"
                    for _ in range(d.between(low, high))
                ]
            ),
        )

    return Spec(
        "Run the program $text and return the value at its end.",
        f"""
        form, step: A program is a row of steps, each of a sign and a whole number; all are separated by
          single blanks.
        start: The value is $start at first. Steps are made from left to right.
        signs, operations: With the number behind it, the sign $a $!say_a, the sign $b $!say_b, and the sign
          $c $!say_c.
        {more}
        given, numbers: Numbers are not negative; the value may be.
        empty: An empty program leaves the value at $start.
        """,
        """
        value = $start
        words = $text.split()
        for i in range(0, len(words), 2):
            sign, x = words[i], int(words[i + 1])
            $!setup
            if sign == $a:
                value = $!do_a
            elif sign == $b:
                value = $!do_b
            else:
                value = $!do_c
            $!after
        return value
        """,
        {"a few steps": program, "one or two steps": lambda d: program(d, 1, 2)},
        {
            "an empty program": ("",),
            **{
                f"the {nth} sign alone": (f"{s} 7",)
                for nth, s in zip(("first", "second", "third"), signs, strict=True)
            },
            "the number 0": (" ".join(f"{s} 0" for s in signs),),
            "the same step three times": (" ".join([f"{signs[0]} 4"] * 3),),
            "large numbers": (" ".join(f"{s} 100" for s in (*signs, *signs)),),
            "all signs and back": (" ".join(f"{s} 3" for s in (*signs, *signs[::-1])),),
            "steps around a limit": (
                f"{signs[1]} {p.values.get('t', 20)} {signs[2]} 2 {signs[0]} {p.values.get('t', 20) + 1}",
            ),
        },
        """
        Cut the program into words and take them two by two.
        Apply the operation of the sign to the value.
        Do what has to be done after each step.
        """,
        {"a longer program": lambda d: program(d, 30, 40)},
    )


_FORMULA_OPERATIONS = (
    ("a plus b plus $k", "a + b + $k"),
    ("a minus b", "a - b"),
    ("the larger of a and b, minus $k", "max(a, b) - $k"),
    ("the smaller of a and b, plus $k", "min(a, b) + $k"),
    ("two times a, minus b", "2 * a - b"),
    ("a minus $k times b", "a - $k * b"),
    ("how far a and b are apart, plus $k", "abs(a - b) + $k"),
)


@LANGUAGES.family("text|formula|expression: str", "int", "evaluate value_of compute", levels=(4,))
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


@LANGUAGES.family("line|row|text: str", "list[str]", "split_line read_row fields_of", levels=(3,))
def quoted_fields(p: Pick) -> Spec:
    """Cuts a line at separators that do not stand in quotes; quotes, escapes, blanks."""
    p.pick("sep", ",", ";", "|", "/")
    p.pick("quote", "'", "`", "*", "^")
    p.pick("escape", "\\", "!", "%", "~")
    p.way(
        "strip trim",
        ("Blanks at both ends of a field are removed (also those that stood in quotes).", ".strip(' ')"),
        ("Blanks at the start of a field are removed (also those that stood in quotes).", ".lstrip(' ')"),
        ("Blanks stay as they are.", ""),
    )
    p.way(
        "hollow keep",
        ("Empty fields are fields like others.", "True"),
        ("Fields that are empty in the end are left out.", "field"),
    )
    p.way(
        "end closing",
        ("ends at the end of the line", "fields.append(field)"),
        ("makes its field count as $mark", "fields.append($mark if inside else field)"),
    )
    p.pick("mark", "?", "open", "!!", "-")
    s, q, e = p["sep"], p["quote"], p["escape"]

    def line(d: Draws) -> Args:
        return (
            s.join(
                [
                    d.one(
                        (
                            d.one(ITEMS),
                            f"{q}{d.one(ITEMS)}{s}{d.one(ITEMS)}{q}",
                            f" {d.one(ITEMS)} ",
                            "",
                            f"a{e}{s}b",
                            f"{q}x{q}y",
                            f"{e}{q}z",
                        )
                    )
                    for _ in range(d.between(2, 4))
                ]
            )
            + d.one(("", "", q + "tea" + s)),
        )

    return Spec(
        "Cut $line into its fields.",
        """
        separator: Fields are separated by $sep.
        quotes, inside: Between two $quote signs, $sep is a character like any other. The $quote signs
          themselves are removed, and may stand anywhere in a field.
        escape: After $escape, in quotes or not, the next character is taken as it is, whatever it is, and
          the $escape is removed.
        escape end: A $escape at the very end of the line is a character like any other.
        not closed, open quote: A quote that is not closed $!end.
        blanks, strip: $!strip
        empty fields, hollow: $!hollow
        empty: An empty line has one field, which is empty.
        """,
        """
        fields, field, inside, i = [], "", False, 0
        while i < len($line):
            c = $line[i]
            if c == $escape and i + 1 < len($line):
                field += $line[i + 1]
                i += 1
            elif c == $quote:
                inside = not inside
            elif c == $sep and not inside:
                fields.append(field)
                field = ""
            else:
                field += c
            i += 1
        $!closing
        fields = [field$!trim for field in fields]
        return [field for field in fields if $!keep]
        """,
        {"lines with quotes": line},
        {
            "an empty line": ("",),
            "one field": ("apple",),
            "empty fields": (f"{s}a{s}{s}b{s}",),
            "blanks around fields": (f" a {s} b{s}c  {s}   ",),
            "blanks in quotes": (f"{q} a {q}{s} {q} b{q}",),
            "separators in quotes": (f"{q}a{s}b{q}{s}c{q}{s}{q}d",),
            "escaped signs": (f"a{e}{s}b{s}{e}{q}c{e}{q}{s}{e}{e}d{s}{e}x",),
            "escaped signs in quotes": (f"{q}a{e}{q}{s}b{q}{s}c",),
            "an escape sign at the end": (f"a{s}b{e}",),
            "a quote that is not closed": (f"a{s}{q}b{s}c",),
            "quotes with nothing in them": (f"{q}{q}{s}a{q}{q}b",),
        },
        """
        Go through the line and remember whether the place is inside quotes.
        Decide for each character whether it is an escape, a quote, a separator or a part of the field.
        Do not forget the last field, and then clean the fields.
        """,
        {"a long line": lambda d: (s.join(f"{q}{d.one(ITEMS)}{s}{q}{d.one(ITEMS)}" for _ in range(80)),)},
    )


@LANGUAGES.family(
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


@LANGUAGES.family("words|tokens|program: list[str]", "int", "run_stack stack_value postfix", levels=(2, 3))
def stack_machine(p: Pick) -> Spec:
    """A machine with a stack: numbers are put on it, words work on its top; what is missing, what is
    returned.
    """
    add, dup, swap = p.pick(
        "add dup swap",
        ("add", "copy", "swap"),
        ("+", "!", "~"),
        ("sum", "twice", "turn"),
        ("plus", "again", "flip"),
        ("A", "C", "S"),
    )
    p.number("k", 1, 6)
    p.way(
        "op code",
        ("their sum, plus $k", "a + b + $k"),
        ("the lower one minus the upper one", "a - b"),
        ("$k times the lower one, minus the upper one", "$k * a - b"),
        ("their product, minus $k", "a * b - $k"),
        ("the larger of them, minus $k", "max(a, b) - $k"),
    )
    p.way("few lost", ("is passed over", "continue"), ("ends the program", "break"))
    p.way(
        "result give",
        ("the number on top of the stack", "stack[-1]"),
        ("the sum of all numbers on the stack", "sum(stack)"),
        ("the lowest number on the stack", "stack[0]"),
        ("how many numbers are on the stack", "len(stack)"),
    )
    more = ""
    if p.level == 3:
        p.pick("word", "drop", "neg", "end", "if")
        p.way(
            "third_rule third_code",
            ("takes the top number off", "stack.pop()"),
            ("turns the whole stack upside down", "stack = stack[::-1]"),
            ("puts on top how many numbers are on the stack", "stack.append(len(stack))"),
            ("moves the lowest number to the top", "stack.append(stack.pop(0))"),
        )
        more = "third, word: $word $!third_rule (it needs one number)."
    p.let(
        third="elif word == $word:\n    $!third_code" if more else "",
        needs="1 if word in ($dup, $word) else 2" if more else "1 if word == $dup else 2",
    )
    names = [add, dup, swap, *([p["word"]] if more else [])]
    p.let(names=names)

    def program(d: Draws) -> Args:
        return (
            [
                d.one((str(d.between(-9, 20)), str(d.between(0, 9)), d.one(names)))
                for _ in range(d.between(4, 9))
            ],
        )

    def full(d: Draws) -> Args:
        return (
            [*[str(d.between(-5, 12)) for _ in range(3)], *[d.one(names) for _ in range(d.between(2, 5))]],
        )

    return Spec(
        "Run the program $words on a stack of numbers.",
        f"""
        numbers: The stack is empty at first. A whole number, which may be negative, is put on top.
        join, operation: $add takes the two upper numbers off and puts on top $!op; the upper one is that
          put on last.
        copy: $dup puts the top number on once more (it needs one number).
        swap: $swap lets the two upper numbers change places.
        {more}
        few, missing: A word that finds fewer numbers than it needs $!few.
        given: There are no other words.
        return, result: At the end return $!result.
        empty: If the stack is empty then, return 0.
        """,
        """
        stack = []
        for word in $words:
            if word not in $names:
                stack.append(int(word))
                continue
            if len(stack) < ($!needs):
                $!lost
            if word == $add:
                b, a = stack.pop(), stack.pop()
                stack.append($!code)
            elif word == $dup:
                stack.append(stack[-1])
            $!third
            else:
                stack[-1], stack[-2] = stack[-2], stack[-1]
        return $!give if stack else 0
        """,
        {"numbers and words": program, "numbers, then words": full},
        {
            "no words": ([],),
            "one number": (["-7"],),
            "only words": (names,),
            "a word that misses a number": (["4", add, "5", dup],),
            "a copy and a join": (["6", dup, add, "2"],),
            "a swap and a join": (["3", "8", swap, add],),
            "numbers of several digits": (["120", "-35", add, "7", swap],),
            "many numbers": ([str(i) for i in range(9)],),
            "a swap with one number": (["5", swap, "1", "2"],),
            **({"the last word on several numbers": (["1", "2", "3", p["word"], add],)} if more else {}),
        },
        """
        Put numbers on the stack; for a word, test first whether it finds enough numbers.
        Mind which of two numbers was put on last.
        Look at the stack at the end, and at what to do if it is empty.
        """,
        {"a long program": lambda d: ([word for _ in range(25) for word in full(d)[0][:5]],)},
    )
