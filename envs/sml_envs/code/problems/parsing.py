"""Reading small notations: pairs, durations, ranges, lines, formats. See languages.py for those with a
grammar.
"""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import FIRST_NAMES, ITEMS, LOWER, Draws, Pick

NOTATIONS = Topic()


@NOTATIONS.family(
    "text|line|settings: str", "dict[str, int]", "read_pairs parse_settings to_table", levels=(1, 2)
)
def read_pairs(p: Pick) -> Spec:
    """Reads pairs of names and numbers with separators of our own; repeated names, broken pairs."""
    p.pick("sep", ";", ",", "|", "/", "&")
    p.pick("eq", "=", ":", "~", ">")
    p.way(
        "twice new",
        ("the last one counts", "number"),
        ("the first one counts", "out.get(name, number)"),
        ("their numbers are added", "out.get(name, 0) + number"),
        ("the largest number counts", "max(out.get(name, number), number)"),
    )
    p.number("default", 1, 9)
    p.way("bare value", ("has the number $default", "out_default"), ("is left out", "skip"))
    p.let(name="name")
    more = ""
    if p.level == 2:
        p.way(
            "case name",
            (
                "Names that differ only in capital letters are the same; the result has small letters.",
                "name.lower()",
            ),
            (
                "Of a name, only the part before the first point counts, if it has one.",
                'name.partition(".")[0]',
            ),
            ("A sign ! at the end of a name does not belong to it.", 'name.rstrip("!")'),
        )
        more = "names, same: $!case"
    missing = (
        "number = int(digits) if mark else $default"
        if p["value"] == "out_default"
        else "if not mark:\n    continue\nnumber = int(digits)"
    )
    p.let(missing=missing)

    def line(d: Draws) -> Args:
        pool = ("fig", "nut", "Fig", "oat.x", "oat", "jam!", "NUT")
        made = [
            d.one(pool) + (p["eq"] + str(d.between(-9, 30)) if d.chance(0.8) else "")
            for _ in range(d.between(2, 5))
        ]
        return (p["sep"].join(made),)

    s, e = p["sep"], p["eq"]
    return Spec(
        "Read the pairs of $text into a dictionary.",
        f"""
        form, pairs: Pairs are separated by $sep; a pair is a name, then $eq, then a whole number.
        number, sign: A number may have a minus sign in front.
        bare, alone, without: A name alone, without $eq, $!bare.
        {more}
        repeated, twice: If a name comes again, $!twice.
        blanks: There are no blanks in $text.
        empty: Empty pieces, as between two separators side by side, are left out; an empty text gives an
          empty dictionary.
        """,
        """
        out = {}
        for piece in $text.split($sep):
            name, mark, digits = piece.partition($eq)
            if not name:
                continue
            name = $!name
            $!missing
            out[name] = $!new
        return out
        """,
        {"several pairs": line},
        {
            "an empty text": ("",),
            "one pair": (f"fig{e}12",),
            "names alone": (f"fig{s}nut{s}oat",),
            "repeated names": (f"a{e}5{s}a{e}2{s}a{e}9{s}a{e}-1",),
            "empty pieces": (f"{s}{s}a{e}5{s}{s}b{e}0{s}",),
            "negative numbers": (f"x{e}-4{s}y{e}-10",),
            "a name with and without a number": (f"a{e}7{s}a{s}b{s}b{e}7",),
            "names that are written in several ways": (
                f"Tea{e}1{s}tea{e}2{s}tea!{e}3{s}tea.b{e}4{s}TEA.c.d{e}5",
            ),
        },
        """
        Cut the text into pieces, and each piece into its name and number.
        Deal with the pieces that are empty or have no number.
        Enter the number, and mind names that were met before.
        """,
        {"many pairs": lambda d: (s.join(f"{d.one(ITEMS)}{e}{d.between(-99, 99)}" for _ in range(150)),)},
    )


@NOTATIONS.family("text|span|length: str", "int", "to_small_units read_duration total_units", levels=(1, 2))
def read_duration(p: Pick) -> Spec:
    """Reads amounts such as 2h30m with units of our own; missing numbers, signs, wrong units."""
    a, b, c = p.pick("a b c", *[tuple(x) for x in ("dhm", "hms", "wdh", "gsk", "tkg", "yqm", "xyz")])
    p.number("n", 3, 12)
    p.number("m", 2, 10)
    p.let(table={a: p["n"] * p["m"], b: p["m"], c: 1})
    p.way("alone value", ("counts as 1 of it", "int(digits or 1)"), ("counts as 0 of it", "int(digits or 0)"))
    p.way("tail end", ("counts as that many $c", "total + int(digits or 0)"), ("is left out", "total"))
    p.let(sign="")
    more = ""
    if p.level == 2:
        p.way(
            "minus sign",
            ("A - anywhere turns the sign of all that follows it; numbers end before it.", "-"),
            (
                (
                    "Where the unit before was smaller than this one or the same, the amount is taken "
                    "away instead of added."
                ),
                "order",
            ),
        )
        more = "sign, minus, taken away: $!minus"
    by_sign = p["sign"] == "-"
    p.let(
        setup="factor = 1" if by_sign else "before = 10**9" if more else "",
        cross='elif x == "-":\n    factor, digits = -factor, ""' if by_sign else "",
        add="factor * $!value * $table[x]"
        if by_sign
        else "$!value * $table[x] * (1 if $table[x] < before else -1)"
        if more
        else "$!value * $table[x]",
        after="before = $table[x]" if more and not by_sign else "",
        rest="total + factor * int(digits or 0)" if by_sign and "counts" in p["tail"] else p["end"],
    )

    def amounts(d: Draws) -> Args:
        units = (
            d.shuffled([a, b, c])[: d.between(1, 3)]
            if p.level == 2
            else [u for u in (a, b, c) if d.chance(0.7)]
        )
        text = "".join(
            [
                ("" if d.chance(0.2) else str(d.between(1, 40)))
                + (d.one(("-", "")) if by_sign and d.chance(0.3) else "")
                + u
                for u in units
            ]
        )
        return (text + (str(d.between(1, 30)) if d.chance(0.3) else ""),)

    return Spec(
        "Read $text, which is made of amounts and units.",
        f"""
        units, values: One $a is $n $b, one $b is $m $c. $text has only these letters and
          digits{", and minus signs" if by_sign else ""}.
        form: An amount is written directly before its unit; return the sum of all amounts, in $c.
        order: The units may come in any order and several times.
        alone, missing number: A unit without a number directly before it $!alone.
        {more}
        end, rest: A number at the end, with no unit behind it, $!tail.
        empty: An empty text has the sum 0.
        """,
        """
        total, digits = 0, ""
        $!setup
        for x in $text:
            if x in "0123456789":
                digits += x
            $!cross
            else:
                total += $!add
                digits = ""
                $!after
        return $!rest
        """,
        {"several units": amounts},
        {
            "an empty text": ("",),
            "one unit": (f"7{a}",),
            "units without numbers": (f"{a}{b}{c}",),
            "a number alone": ("45",),
            "numbers of several digits": (f"12{a}345{b}6789{c}",),
            "the same unit again": (f"2{b}3{b}4{b}",),
            "units in the opposite order": (f"1{c}2{b}3{a}",),
            "a number at the end": (f"3{a}20",),
            "zeros": (f"0{a}00{b}05{c}",),
            **(
                {"minus signs": (f"5{a}-2{b}3{c}-4-1{c}7",), "a minus sign after a number": (f"5-{b}3-7",)}
                if by_sign
                else {}
            ),
        },
        """
        Collect digits until a unit comes.
        Turn the amount into the smallest unit and add it.
        Mind units without a number, and a number without a unit.
        """,
        {"many amounts": lambda d: ("".join(f"{d.between(1, 99)}{d.one((a, b, c))}" for _ in range(100)),)},
    )


@NOTATIONS.family("text|pages|spec: str", "list[int]", "read_ranges page_list expand", levels=(2, 3))
def read_ranges(p: Pick) -> Spec:
    """Reads lists such as 1-3,7 with separators of our own, steps, turned ranges and excluded numbers."""
    p.pick("sep", ",", ";", "+", "&")
    p.pick("to", "-", "..", ":", "~", ">")
    p.way(
        "back turned",
        ("runs down from the first to the second number", "range(first, last - 1, -1)"),
        ("stands for no numbers", "[]"),
        ("stands for the same numbers as if it were turned round", "range(last, first + 1)"),
    )
    p.way(
        "sort end",
        ("sorted, smallest first, each number once", "sorted(set(out))"),
        ("in the order of the text, each number as often as it comes", "out"),
        (
            "in the order of the text, each number only the first time that it comes",
            "[x for i, x in enumerate(out) if x not in out[:i]]",
        ),
    )
    p.let(drop="")
    more = ""
    if p.level == 3:
        p.pick("no", "!", "^", "x", "#")
        p.way(
            "without drop",
            (
                "takes its numbers away from the numbers so far (all of each)",
                "out = [x for x in out if x not in numbers]",
            ),
            ("takes its numbers away everywhere, also from later pieces", "banned += numbers"),
        )
        more = "not, without, sign: A piece with $no in front $!without."
    p.let(
        strip="without = piece.startswith($no)\npiece = piece.lstrip($no)" if more else "",
        store="if without:\n    $!drop\nelse:\n    out += numbers" if more else "out += numbers",
        setup="banned = []" if "banned" in p["drop"] else "",
        final="out = [x for x in out if x not in banned]" if "banned" in p["drop"] else "",
    )
    s, t, no = p["sep"], p["to"], p.values.get("no", "")

    def pieces(d: Draws) -> Args:
        made = []
        for i in range(d.between(1, 4)):
            a, b = d.between(1, 12), d.between(1, 12)
            made.append((no if i and d.chance(0.4) else "") + (f"{a}{t}{b}" if d.chance(0.6) else str(a)))
        return (s.join(made),)

    return Spec(
        "Read the list of numbers and ranges in $text.",
        f"""
        form, pieces: Pieces are separated by $sep. A piece is a number or a range of two numbers with $to
          between them.
        range, included: A range stands for all whole numbers from the first to the second, both included.
        backwards, turned: A range whose first number is greater $!back.
        {more}
        order, repeated: Return the numbers $!sort.
        given, numbers: Numbers are not negative. There are no blanks.
        empty: An empty text gives an empty list; empty pieces are left out.
        """,
        """
        out = []
        $!setup
        for piece in $text.split($sep):
            if not piece:
                continue
            $!strip
            first, mark, last = piece.partition($to)
            first, last = int(first), int(last if mark else first)
            numbers = list(range(first, last + 1) if first <= last else $!turned)
            $!store
        $!final
        return $!end
        """,
        {"numbers and ranges": pieces},
        {
            "an empty text": ("",),
            "a single number": ("5",),
            "a range of one number": (f"4{t}4",),
            "a range that is turned": (f"9{t}6",),
            "ranges that overlap": (f"3{t}6{s}5{t}8{s}4",),
            "empty pieces": (f"{s}7{s}{s}2{s}",),
            "zero and large numbers": (f"0{s}99{t}102",),
            **(
                {
                    "a piece that takes away": (f"1{t}9{s}{no}3{t}5{s}{no}8{s}4",),
                    "only pieces that take away": (f"{no}3{s}{no}1{t}2",),
                    "numbers before and after one that takes away": (f"5{s}{no}5{s}5{s}6{s}6{s}{no}6",),
                }
                if more
                else {}
            ),
        },
        """
        Cut the text into pieces.
        Find the first and the last number of each piece and list its numbers.
        Put everything together and bring it into the form asked for.
        """,
        {"many pieces": lambda d: (s.join(f"{a}{t}{a + d.between(0, 9)}" for a in d.ints(30, 40, 1, 200)),)},
    )


@NOTATIONS.family("text|packed|code: str", "str", "unpack expand_text open_up", levels=(1, 2))
def expand_counts(p: Pick) -> Spec:
    """Unpacks texts such as 3a2b or a3b2: counts before or behind letters, of several digits, with limits."""
    p.way("side before", ("directly before", True), ("directly behind", False))
    p.way("none times", ("once", 1), ("not at all", 0), ("twice", 2))
    p.number("most", 4, 12)
    p.way(
        "cap limit",
        ("a count of more than $most is taken as $most", "min(int(digits), $most)"),
        ("a count of more than $most is taken as 1", "int(digits) if int(digits) <= $most else 1"),
    )
    p.let(shown="out")
    more = ""
    if p.level == 2:
        p.pick("mark", *"!*.-")
        p.way(
            "turn shown",
            ("A letter that is repeated more than once is followed by $mark.", "+ ($mark if n > 1 else '')"),
            ("A capital letter is repeated one more time.", "+ (c if c.isupper() else '')"),
            ("Of a letter that is repeated more than once, the first is written as a capital letter.", "UP"),
        )
        more = "special, repeated: $!turn"
    build = (
        "c * n"
        if not more
        else "(c * n).capitalize() if n > 1 else c * n"
        if p["shown"] == "UP"
        else "c * n $!shown"
    )
    p.let(build=build)
    loop = (
        (
            'out, digits = "", ""\n'
            "for c in $text:\n"
            '    if c in "0123456789":\n'
            "        digits += c\n"
            "    else:\n"
            "        n = ($!limit) if digits else $times\n"
            "        out += $!build\n"
            '        digits = ""\n'
            "return out"
        )
        if p["before"]
        else (
            'out, i = "", 0\n'
            "while i < len($text):\n"
            '    c, digits = $text[i], ""\n'
            '    while i + 1 < len($text) and $text[i + 1] in "0123456789":\n'
            "        digits += $text[i + 1]\n"
            "        i += 1\n"
            "    n = ($!limit) if digits else $times\n"
            "    out += $!build\n"
            "    i += 1\n"
            "return out"
        )
    )

    def packed(d: Draws) -> Args:
        pieces = []
        for _ in range(d.between(2, 5)):
            count, c = d.one(("", str(d.between(0, p["most"] + 2)), str(d.between(1, 4)))), d.one("abcdXYZ")
            pieces.append(count + c if p["before"] else c + count)
        return ("".join(pieces),)

    def sided(*pairs: tuple[str, str]) -> Args:
        return ("".join([n + c if p["before"] else c + n for n, c in pairs]),)

    lost = (
        "A count at the end, with no letter behind it, is left out."
        if p["before"]
        else "$text does not begin with a digit."
    )
    return Spec(
        "Unpack $text, in which counts say how often letters are repeated.",
        f"""
        count, form: A count is a whole number $!side its letter; the letter is repeated so many times.
        missing, none, alone: A letter without a count stands
          {p["none"]}{"" if p["times"] else " in the result"}.
        limit, large: But $!cap.
        {more}
        rest, end: {lost}
        characters: Every character other than 0 to 9 is a letter here.
        empty: An empty text gives an empty text.
        """,
        loop,
        {"letters with counts": packed},
        {
            "an empty text": ("",),
            "letters without counts": ("abC",),
            "counts of two digits": sided(("10", "a"), ("12", "B"), ("11", "c")),
            "counts of 0 and 1": sided(("0", "a"), ("1", "b"), ("0", "C"), ("1", "D")),
            "counts around the limit": sided(
                (str(p["most"] - 1), "x"), (str(p["most"]), "y"), (str(p["most"] + 1), "z")
            ),
            "zeros in front of a count": sided(("03", "a"), ("002", "b")),
            "blanks and signs": sided(("3", " "), ("2", "-"), ("2", "é")),
            **({"a count at the end": ("2ab3",)} if p["before"] else {"a letter at the end": ("a2b",)}),
            "capital letters": sided(("2", "A"), ("", "B"), ("3", "c")),
        },
        """
        Collect the digits that belong to a letter.
        Work out how often the letter stands, also where there are no digits.
        Write it so often, with what else the rules ask for.
        """,
        {
            "a long text": lambda d: (
                "q"
                + "".join(f"{d.between(1, 9)}{d.one(LOWER)}" for _ in range(100))
                + ("" if p["before"] else "1"),
            )
        },
    )


@NOTATIONS.family(
    "first|a|left: str; second|b|right: str", "int", "compare newer which_is_later", levels=(1, 2)
)
def compare_versions(p: Pick) -> Spec:
    """Compares version numbers of our own form: which side wins, missing parts, trailing letters."""
    p.pick("sep", ".", "-", "_", ":")
    p.way("missing fill", ("0", 0), ("1", 1), ("-1", -1))
    p.pick("up down same", (1, -1, 0), (1, 2, 0), (2, 1, 0), (10, -10, 0), (-1, 1, 0), (5, 7, 3))
    p.way(
        "order turn",
        ("from left to right", ""),
        ("from right to left, with the last parts of both first", "[::-1]"),
    )
    p.let(key="int(part or $fill)")
    more = ""
    if p.level == 2:
        p.way(
            "letter key",
            (
                "A part may end in small letters; they do not matter.",
                'int(part.rstrip("$!alphabet") or $fill)',
            ),
            (
                "A part may have zeros and signs + in front; they do not matter.",
                'int(part.lstrip("+0") or 0)',
            ),
            (
                "A part may end in the sign *, which makes it one half more.",
                'int(part.rstrip("*") or $fill) * 2 + part.endswith("*")',
            ),
        )
        p.let(alphabet=LOWER)
        more = "parts, signs: $!letter"

    def version(d: Draws, low: int = 0, high: int = 3) -> str:
        sep: str = p["sep"]
        parts = []
        for _ in range(d.between(1, 4)):
            part = str(d.between(low, high))
            if more and d.chance(0.3):
                part = (
                    part + d.one("ab")
                    if "letters" in p["letter"]
                    else "+0" + part
                    if "zeros" in p["letter"]
                    else part + "*"
                )
            parts.append(part)
        return sep.join(parts)

    def near(d: Draws) -> Args:
        one = version(d)
        return d.one(
            (
                (one, one + p["sep"] + str(d.between(0, 1))),
                (one + p["sep"] + str(d.between(0, 1)), one),
                (one, one),
            )
        )

    s = p["sep"]
    return Spec(
        "Compare two version numbers.",
        f"""
        form, parts: A version is a row of whole numbers, its parts, separated by $sep.
        order, compare: Compare the parts as numbers, {p["order"]}; the first two that differ decide.
        missing, shorter, length: If one version has fewer parts, each missing part at its end counts as
          $!missing.
        {more}
        result, return: Return $up if $first is the greater one, $down if $second is, and $same if they are
          equal.
        empty: An empty text is a version whose one part is missing.
        """,
        """
        one, two = $first.split($sep), $second.split($sep)
        size = max(len(one), len(two))
        one += [""] * (size - len(one))
        two += [""] * (size - len(two))
        one = [$!key for part in one]
        two = [$!key for part in two]
        if one == two:
            return $same
        return $up if one$!turn > two$!turn else $down
        """,
        {
            "versions of several parts": lambda d: (version(d), version(d)),
            "versions that are nearly equal": near,
            "large parts": lambda d: (version(d, 8, 12), version(d, 8, 12)),
        },
        {
            "two empty texts": ("", ""),
            "an empty text": ("", "1"),
            "another empty text": ("0", ""),
            "equal versions": (f"1{s}2{s}3", f"1{s}2{s}3"),
            "versions of one part": ("9", "10"),
            "versions with zeros at the end": (f"1{s}2", f"1{s}2{s}0{s}0"),
            "versions with ones at the end": (f"1{s}2{s}1", f"1{s}2"),
            "versions that differ at both ends": (f"1{s}5{s}2", f"2{s}5{s}1"),
            "versions that differ in the middle": (f"3{s}10{s}3", f"3{s}9{s}3"),
        },
        """
        Cut both versions into parts and make them equally long.
        Turn the parts into numbers.
        Find the first place, in the right direction, where they differ.
        """,
        {
            "long versions": lambda d: (
                (long := s.join(map(str, d.ints(60, 60, 0, 9)))) + f"{s}1",
                long + f"{s}2",
            )
        },
    )


@NOTATIONS.family("lines|rows|records: list[str]", "int", "column_total add_column sum_field", levels=(2,))
def column_sum(p: Pick) -> Spec:
    """Adds a column of lines with separators of our own; skipped lines, missing or broken fields, a
    filter.
    """
    p.pick("sep", ";", "|", ",", "/", "~")
    p.number("col", 1, 2)
    p.pick("comment", "#", "%", "//", "--", "*")
    p.number("default", -3, 5)
    p.way(
        "missing lost",
        ("counts as $default", "total += $default"),
        ("makes the line count for nothing", "continue"),
    )
    p.pick("word", "off", "no", "out", "void")
    p.way(
        "filter test",
        ("first field is $word", "fields[0] == $word"),
        ("last field is $word", "fields[-1] == $word"),
        ("first field is empty", 'fields[0] == ""'),
        ("number of fields is odd", "len(fields) % 2 == 1"),
    )
    p.let(nth={1: "2nd", 2: "3rd"}[p["col"]])
    s, w = p["sep"], p["word"]

    def row(d: Draws) -> str:
        fields = [
            d.one((d.one(ITEMS), w, "", "tea")),
            d.one((str(d.between(-9, 40)), str(d.between(0, 9)), "", "x")),
            d.one((str(d.between(-9, 40)), "7", "", "y2")),
            d.one(("a", w, "")),
        ]
        start: str = p["comment"] if d.chance(0.15) else ""
        return start + str(s).join(fields[: d.between(1, 4) if d.chance(0.3) else d.between(3, 4)])

    return Spec(
        "Add up a column of $lines.",
        """
        form, fields: Each line has fields that are separated by $sep, without further blanks.
        column, which: Add up the whole numbers of the $!nth field.
        comment, skipped: Lines that begin with $comment are skipped.
        filter, skipped: So are lines whose $!filter.
        missing, broken: A line with too few fields, or whose $!nth field is no whole number, $!missing.
        number, sign: A whole number has the digits 0 to 9, at least one, and may have one minus sign in
          front.
        empty: If there is nothing to add, return 0. An empty line has one field, which is empty.
        """,
        """
        total = 0
        for line in $lines:
            fields = line.split($sep)
            if line.startswith($comment) or $!test:
                continue
            text = fields[$col] if len(fields) > $col else ""
            digits = text[1:] if text.startswith("-") else text
            if digits and all(c in "0123456789" for c in digits):
                total += int(text)
            else:
                $!lost
        return total
        """,
        {"several lines": lambda d: ([row(d) for _ in range(d.between(3, 6))],)},
        {
            "an empty list": ([],),
            "an empty line": ([""],),
            "one line": ([s.join(("a", "5", "6", "b"))],),
            "lines with too few fields": (["a", s.join(("a", "4"))],),
            "fields that are no numbers": (
                [s.join(("a", x, x, "b")) for x in ("1.5", "--3", "-", "+2", "4x", " 7")],
            ),
            "negative numbers": ([s.join(("a", "-5", "-60", "b")), s.join(("a", "-07", "-1", "b"))],),
            "comments": ([p["comment"] + s.join(("a", "5", "6", "b")), s.join(("a", "5", "6", "b"))],),
            "lines that the filter skips": (
                [
                    s.join((w, "3", "4", "b")),
                    s.join(("a", "30", "40", w)),
                    s.join(("", "300", "400", "b")),
                    s.join(("a", "3000", "4000")),
                ],
            ),
        },
        """
        Skip the lines that do not count.
        Cut a line into fields and find the one that is added.
        Test whether it is a whole number before you add it.
        """,
        {"many lines": lambda d: ([row(d) for _ in range(150)],)},
    )


@NOTATIONS.family(
    "text|template|letter: str; values|names|table: dict[str, str]",
    "str",
    "fill render put_in",
    levels=(2, 3),
)
def fill_template(p: Pick) -> Spec:
    """Fills places of a template with brackets of our own; missing names, defaults, doubled brackets."""
    p.pick("open close", ("<", ">"), ("[", "]"), ("(", ")"), ("{", "}"), ("«", "»"))
    p.pick("gap", "?", "_", "...", "-")
    p.way(
        "missing lost",
        ("is replaced by $gap", "$gap"),
        ("stays as it is, with its brackets", "$open + inside + $close"),
        ("is removed", '""'),
    )
    p.way(
        "form shape",
        ("as it is", "value"),
        ("in capital letters", "value.upper()"),
        ("followed by $gap", "value + $gap"),
        ("backwards", "value[::-1]"),
    )
    p.let(prepare="")
    more = ""
    if p.level == 3:
        p.pick("bar", "|", "/", "=", ":")
        p.way(
            "default prepare",
            (
                "after $bar in the brackets stands what to take if the name is missing (before any change)",
                (
                    "name, bar, other = inside.partition($bar)\n"
                    "found = name in $values or bar\n"
                    "value = $values.get(name, other)"
                ),
            ),
            (
                (
                    "after $bar in the brackets stands a number: only so many characters of the value "
                    "are taken, from its start"
                ),
                (
                    "name, bar, size = inside.partition($bar)\n"
                    "found = name in $values\n"
                    'value = $values.get(name, "")[: int(size) if bar else None]'
                ),
            ),
        )
        more = "bar, default, length: If there is a bar, $!default."
    if not more:
        p.let(prepare='found = inside in $values\nvalue = $values.get(inside, "")')
    without = "(and has no bar with a default) " if "or bar" in p["prepare"] else ""
    o, c, bar = p["open"], p["close"], p.values.get("bar", "")
    extra = "" if not more else bar + ("none" if "missing" in p["default"] else "2")

    def template(d: Draws) -> Args:
        pieces = [
            d.one(
                (
                    d.one(ITEMS),
                    f"{o}{d.one(('a', 'bc', 'd'))}{d.one(('', extra))}{c}",
                    f"{o}{d.one(('a', 'bc'))}{c}",
                )
            )
            for _ in range(d.between(2, 5))
        ]
        return " ".join(pieces), {
            name: d.one(FIRST_NAMES) for name in d.some(("a", "bc", "e"), d.between(1, 3))
        }

    return Spec(
        "Fill the places of $text.",
        f"""
        place, brackets: A place is a name between $open and the next $close.
        value, filled: The name is looked up in $values, and the place with its brackets is replaced by the
          value, $!form.
        {more}
        missing: A place whose name is not in $values
          {without}$!missing.
        open, not closed: An $open without any $close behind it stays, with all that follows it.
        once, values: Values are not looked through for places again.
        case: Capital and small letters of names are different. A name may be empty.
        empty: An empty text stays empty.
        """,
        """
        out, rest = "", $text
        while $open in rest:
            before, _, behind = rest.partition($open)
            if $close not in behind:
                break
            inside, _, rest = behind.partition($close)
            $!prepare
            out += before + ($!shape if found else $!lost)
        return out + rest
        """,
        {"texts with places": template},
        {
            "an empty text": ("", {"a": "Ada"}),
            "a text without places": ("apple tea", {"a": "Ada"}),
            "only a place": (f"{o}a{c}", {"a": "Ada"}),
            "places without values": (f"x{o}a{c}y{o}b{c}z", {}),
            "places side by side": (f"{o}a{c}{o}b{c}{o}a{c}", {"a": "Ada", "b": "Ben"}),
            "a place that is not closed": (f"hi {o}a{c} and {o}b", {"a": "Ada", "b": "Ben"}),
            "an opening sign inside a place": (f"x{o}{o}a{c}y", {"a": "Ada"}),
            "a closing sign alone": (f"a{c}b {o}a{c}", {"a": "Ada"}),
            "values with brackets": (f"{o}a{c}", {"a": f"{o}b{c}", "b": "Ben"}),
            "an empty name": (f"x{o}{c}y", {"": "nil"}),
            **(
                {
                    "places with bars": (
                        f"{o}a{extra}{c} {o}zz{extra}{c} {o}b{extra}{c}",
                        {"a": "Adalbert", "b": ""},
                    )
                }
                if more
                else {}
            ),
        },
        """
        Find the next place and what stands before it.
        Look its name up and decide what takes its place.
        Go on behind the place, until there is none any more.
        """,
        {
            "a long text": lambda d: (
                " ".join(f"{d.one(ITEMS)} {o}{d.one(('a', 'bc', 'd'))}{c}" for _ in range(60)),
                {"a": "Ada", "bc": "Ben"},
            )
        },
    )


@NOTATIONS.family("text|number|entry: str", "int | None", "read_number parse_amount to_int", levels=(2, 3))
def read_number(p: Pick) -> Spec:
    """Reads a whole number in a notation of our own, or tells that it is none."""
    p.pick("sep", ",", "'", "_", ".", " ")
    p.way(
        "group size",
        ("in groups of exactly three behind it (one to three digits before the first)", 3),
        ("in groups of exactly two behind it (one or two digits before the first)", 2),
        ("in groups of exactly four behind it (one to four digits before the first)", 4),
    )
    p.pick("minus", "-", "~", "!", "neg")
    p.way("wrong bad", ("None", "None"), ("0", "0"), ("-1", "-1"))
    p.let(scale="")
    more = ""
    if p.level == 3:
        p.pick("k", "k", "T", "h", "x")
        p.number("times", 12, 99)
        p.way(
            "unit scale",
            (
                "At the very end there may be one sign $k, which makes the number $times times as large.",
                "if body.endswith($k):\n    body, factor = body[:-len($k)], $times",
            ),
            (
                (
                    "At the very end there may be any number of signs $k, each of which makes the number "
                    "$times times as large."
                ),
                "while body.endswith($k):\n    body, factor = body[:-len($k)], factor * $times",
            ),
        )
        more = "unit, end, scale: $!unit"
    s, m, k, g = p["sep"], p["minus"], p.values.get("k", ""), p["size"]

    def written(d: Draws) -> Args:
        digits = d.text("0123456789", 1, 2 * g + 2)
        parts: list[str] = []
        while digits:
            digits, part = digits[:-g], digits[-g:]
            parts.insert(0, part)
        return (d.one(("", m)) + s.join(parts) + d.one(("", k)),)

    def wrong(d: Draws) -> Args:
        return (d.one((s, "", m)) + d.text("0123456789" + s, 2, 7) + d.one(("", k, s)),)

    return Spec(
        "Read a whole number from $text.",
        f"""
        digits, form: It is written with the digits 0 to 9, at least one, and zeros in front are allowed.
        groups, separator: It may contain $sep, but then all its digits stand $!group.
        minus, negative: A negative number has $minus directly in front, once.
        {more}
        wrong, invalid, not a number: If $text is not written like this, return $!wrong.
        empty: An empty text is not written like this.
        """,
        """
        body, sign, factor = $text, 1, 1
        if body.startswith($minus):
            body, sign = body[len($minus) :], -1
        $!scale
        groups = body.split($sep)
        for i, group in enumerate(groups):
            if not group or any(c not in "0123456789" for c in group):
                return $!bad
            if len(groups) > 1 and (len(group) > $size or (i > 0 and len(group) != $size)):
                return $!bad
        return sign * factor * int("".join(groups))
        """,
        {"numbers": written, "numbers with groups": written, "texts that are no numbers": wrong},
        {
            "an empty text": ("",),
            "one digit": ("7",),
            "zero": ("0",),
            "a minus sign alone": (m,),
            "two minus signs": (m + m + "5",),
            "digits without groups": ("1234567",),
            "a separator at the start": (s + "123",),
            "a separator at the end": ("123" + s,),
            "two separators": (f"1{s}{s}{'2' * g}",),
            "groups that are too short": (f"1{s}{'2' * (g - 1)}",),
            "groups that are too long": (f"1{s}{'2' * (g + 1)}",),
            "a first group that is too long": (f"{'1' * (g + 1)}{s}{'2' * g}",),
            **(
                {"signs at the end": (f"4{k}{k}",), "a sign at the end alone": (k,)}
                if more
                else {"letters": ("12a",)}
            ),
        },
        """
        Take off what may stand in front and at the end.
        Cut the rest at the separators and check the length of each group.
        Only if all is right, put the digits together.
        """,
        {"a long number": lambda d: ("1" + f"{s}{'0' * g}" * 8,)},
    )
