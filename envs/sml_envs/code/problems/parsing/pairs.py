"""Pairs, durations and ranges."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    ITEMS,
    Draws,
    Pick,
)

TOPIC = Topic()


@TOPIC.family(
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


@TOPIC.family("text|span|length: str", "int", "to_small_units read_duration total_units", levels=(1, 2))
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


@TOPIC.family("text|pages|spec: str", "list[int]", "read_ranges page_list expand", levels=(2, 3))
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
