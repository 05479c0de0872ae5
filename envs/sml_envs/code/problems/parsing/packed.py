"""Packed texts, versions and columns of lines."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    ITEMS,
    LOWER,
    Draws,
    Pick,
)

TOPIC = Topic()


@TOPIC.family("text|packed|code: str", "str", "unpack expand_text open_up", levels=(1, 2))
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


@TOPIC.family("first|a|left: str; second|b|right: str", "int", "compare newer which_is_later", levels=(1, 2))
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
                'int(part.lstrip("+0") or 0) if part else $fill',
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
        missing, shorter, length: If one version has fewer parts, it first gets more at its end, which count
          as $!missing.
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


@TOPIC.family("lines|rows|records: list[str]", "int", "column_total add_column sum_field", levels=(2,))
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
        ("counts for nothing", "continue"),
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
