"""Templates, numbers in a notation of our own, fields with quotes."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    FIRST_NAMES,
    ITEMS,
    Draws,
    Pick,
)

TOPIC = Topic()


@TOPIC.family(
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


@TOPIC.family("text|number|entry: str", "int | None", "read_number parse_amount to_int", levels=(2, 3))
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


@TOPIC.family("line|row|text: str", "list[str]", "split_line read_row fields_of", levels=(3,))
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
