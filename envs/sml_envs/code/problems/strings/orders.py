"""Texts compared, written in rows and columns, counted up."""

from __future__ import annotations

from sml_envs.code.problems.base import TEXTS, Spec, Topic
from sml_envs.code.problems.draws import (
    LOWER,
    Pick,
)

TOPIC = Topic()


@TOPIC.family("first|a|one: str; second|b|two: str", "str", "compare_texts who_wins duel", levels=(2,))
def text_duel(p: Pick) -> Spec:
    """Compares two texts place by place: points for each place, what happens to the longer one."""
    p.way(
        "point test",
        ("the letter that is later in the alphabet", "x > y"),
        ("the letter that is earlier in the alphabet", "x < y"),
        ("a vowel (a, e, i, o, u) against another character", 'x in "aeiou" and y not in "aeiou"'),
    )
    p.let(test2=p["test"].replace("x", "#").replace("y", "x").replace("#", "y"))
    p.number("w", 2, 5)
    p.way(
        "weight value",
        ("1", "1"),
        ("as much as the place counted from 1", "i + 1"),
        ("$w at the first place and 1 at all others", "$w if i == 0 else 1"),
    )
    p.way(
        "longer bonus",
        ("the longer text gets $w points more", "$w"),
        ("the shorter text gets $w points more", "-$w"),
        (
            "the longer text gets 1 point for each character that it is longer",
            "abs(len($first) - len($second))",
        ),
    )
    p.pick("tie", "tie", "draw", "=", "none", "")
    p.way(
        "result win lose",
        ("the text that has more points", "$first", "$second"),
        ("the text that has fewer points", "$second", "$first"),
    )
    pool = "abeimoxyz"
    return Spec(
        "Let two texts compete.",
        """
        compare, places: Compare the characters at the same places, as far as both texts reach; both have
          only small letters a to z.
        point, wins: At a place the point goes to the text with $!point; if neither has this over the other,
          to nobody.
        weight, worth: A point is worth $!weight.
        longer, length: If the texts differ in length, $!longer.
        return, result: Return $!result.
        tie, equal: If both have the same number of points, return $tie.
        empty: An empty text is shorter than any other; two empty texts have 0 points each.
        """,
        """
        points = 0
        for i, (x, y) in enumerate(zip($first, $second)):
            if $!test:
                points += $!value
            elif $!test2:
                points -= $!value
        if len($first) != len($second):
            points += $!bonus if len($first) > len($second) else -($!bonus)
        if points == 0:
            return $tie
        return $!win if points > 0 else $!lose
        """,
        {
            "texts of one length": lambda d: (d.text(pool, 4, 4), d.text(pool, 4, 4)),
            "short texts": lambda d: (d.text(pool, 2, 2), d.text(pool, 2, 2)),
            "texts of two lengths": lambda d: (d.text(pool, 1, 6), d.text(pool, 1, 6)),
        },
        {
            "two empty texts": ("", ""),
            "an empty first text": ("", "ab"),
            "an empty second text": ("ab", ""),
            "equal texts": ("noon", "noon"),
            "single letters": ("a", "b"),
            "texts that differ at the first place": ("xaaa", "aaaa"),
            "texts that differ at the last place": ("aaax", "aaaa"),
            "as many places for both": ("axax", "xaxa"),
            "a shorter text that wins places": ("zz", "aabbbb"),
            "a longer text that wins places": ("zzzzaaa", "aaaa"),
            "places of different worth": ("zaaa", "azaa"),
            "many places against the first": ("xbbbbb", "ycaaab"),
        },
        """
        Compare the places that both texts have, and count points for one and the other.
        Add what the lengths bring.
        Decide by the points, and mind a tie.
        """,
        {"long texts": lambda d: (d.text(pool, 200, 200), d.text(pool, 200, 201))},
    )


@TOPIC.family("sentence|message|note: str", "str", "rearrange reorder read_in_columns", levels=(2, 3))
def columns(p: Pick) -> Spec:
    """Writes a text in rows of a width and reads it by columns, with ways and fillers of our own."""
    p.number("width", 3, 6)
    p.way(
        "rest pad",
        ("is filled up with $fill", "text += $fill * (-len(text) % $width)"),
        ("stays short: there is nothing at its missing places", ""),
    )
    p.pick("fill", "-", "x", ".", "*", "_")
    p.way("columns side", ("from the first to the last", ""), ("from the last to the first", "[::-1]"))
    p.way("rows up", ("from the top down", ""), ("from the bottom up", "[::-1]"))
    p.let(clean="$sentence", change="")
    more = late = ""
    if p.level == 3:
        p.way(
            "first clean",
            ("Blanks are removed first.", '$sentence.replace(" ", "")'),
            ("The text is turned round first.", "$sentence[::-1]"),
            ("Its capital letters become small ones first.", "$sentence.lower()"),
        )
        p.way(
            "snake change",
            (
                (
                    "Then every second row (the second, the fourth and so on) is turned round, with all "
                    "that stands in it."
                ),
                "rows = [row[::-1] if i % 2 else row for i, row in enumerate(rows)]",
            ),
            ("The first row is moved below all others before reading.", "rows = rows[1:] + rows[:1]"),
            ("The second column is not read.", "COLUMN"),
        )
        more, late = "first, prepare: $!first", "special, rows: $!snake"
    p.let(places="range($width)" if p["change"] != "COLUMN" else "[k for k in range($width) if k != 1]")
    if p["change"] == "COLUMN":
        p.let(change="")
    return Spec(
        "Write $sentence in rows and read it by columns.",
        f"""
        width, rows: The text is written in rows of $width characters, from left to right, as many rows as
          needed.
        {more}
        rest, last row: A last row that is not full $!rest.
        {late}
        columns, order: Then it is read column by column, $!columns.
        direction, up, down: Each column is read $!rows.
        return: Return what is read, as one text.
        empty: An empty text gives an empty text.
        """,
        """
        text = $!clean
        $!pad
        rows = [text[i : i + $width] for i in range(0, len(text), $width)]
        $!change
        out = ""
        for k in $!places$!side:
            out += "".join([row[k] for row in rows if k < len(row)]$!up)
        return out
        """,
        {
            "a few words": lambda d: (d.phrase(2, 4).title(),),
            "one word": lambda d: (d.text(LOWER, 3, 2 * p["width"]),),
        },
        {
            **TEXTS,
            "one full row": (LOWER[: p["width"]],),
            "two full rows": (LOWER[: 2 * p["width"]],),
            "one character too many": (LOWER[: 2 * p["width"] + 1],),
            "one character too few": (LOWER[: 3 * p["width"] - 1],),
            "blanks at both ends": ("  Ab cD  ",),
            "many rows": (LOWER,),
        },
        """
        Do what has to be done with the text first, and cut it into rows.
        Take the columns in the order asked for, and the characters of each in theirs.
        Mind the last row.
        """,
        {"a long text": lambda d: (d.phrase(40, 50),)},
    )


@TOPIC.family("text|letters|word: str", "str", "next_word successor count_up", levels=(2, 3))
def next_text(p: Pick) -> Spec:
    """Counts up in words over a few letters, as on a counter; steps, directions, overflow."""
    letters = "".join(p.some("abcdefghkmnprstxyz", p.number("size", 3, 5)))
    p.let(letters=letters, told=", ".join(letters), first=letters[0], last=letters[-1])
    p.way("side turn", ("last", "[::-1]"), ("first", ""))
    p.way(
        "over grow",
        ("one more $first is put at the other end", "out += $first"),
        ("nothing else happens", "pass"),
        ("the result has $first and $last at the other end", "out += $first + $last"),
    )
    p.number("step", 1, p["size"] - 1)
    p.let(extra="")
    more = ""
    if p.level == 3:
        p.way(
            "special extra",
            (
                "If the text has two equal letters side by side, it is left as it is.",
                "if any(x == y for x, y in zip($text, $text[1:])):\n    return $text",
            ),
            (
                (
                    "If the text has more than 3 letters, each carry moves the next letter by two places "
                    "instead of one."
                ),
                "",
            ),
            (
                "If the text begins and ends with the same letter, the counter is moved by one place only.",
                "if $text[:1] == $text[-1:]:\n    carry = 1",
            ),
        )
        more = "special, exception: $!special"
    p.let(
        unit="(2 if len($text) > 3 else 1)" if "carry moves" in p.values.get("special", "") else "1",
        ending="[::-1]" if p["turn"] else "",
    )
    return Spec(
        "Count up in words.",
        f"""
        letters, order: The letters, in the order of counting, are $!told; after the last comes the first
          again.
        step, move: The letter at the {"end" if p["turn"] else "start"} of $text moves on by $step places.
        carry: Whenever a letter comes past the last one to the first, the letter
          {"before" if p["turn"] else "behind"} it moves on by one place, and so on.
        {more}
        overflow, end: If the letter at the other end comes past the last one too, $!over.
        return: Return the new text.
        empty: An empty text stays empty.
        """,
        """
        out, carry = "", $step
        if not $text:
            return $text
        $!extra
        for c in $text$!turn:
            place = $letters.index(c) + carry
            carry = $!unit if place >= $size else 0
            out += $letters[place % $size]
        if carry:
            $!grow
        return out$!ending
        """,
        {
            "several letters": lambda d: (d.text(letters, 2, 6),),
            "letters near the end": lambda d: (d.text(letters[-2:], 1, 5),),
        },
        {
            "an empty text": ("",),
            "the first letter": (letters[0],),
            "the last letter": (letters[-1],),
            "last letters only": (letters[-1] * 3,),
            "many last letters": (letters[-1] * 6,),
            "first letters only": (letters[0] * 5,),
            "one last letter at the end": (letters[:2] + letters[-1],),
            "one last letter at the start": (letters[-1] + letters[:2],),
            "all letters": (letters,),
            "all letters backwards": (letters[::-1],),
        },
        """
        Begin at the end of the text at which it counts.
        Move the letter on and find out whether it came past the last one.
        Carry as long as needed, and deal with what is left over at the other end.
        """,
        {"a long text": lambda d: (letters[1] + letters[-1] * 100 + letters[1],)},
    )
