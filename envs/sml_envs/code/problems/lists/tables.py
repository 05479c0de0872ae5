"""Tables of numbers, and the ranks of numbers."""

from __future__ import annotations

from sml_envs.code.problems.base import NUMBERS, Spec, Topic
from sml_envs.code.problems.draws import (
    Pick,
)

TOPIC = Topic()


@TOPIC.family(
    "rows|table|grid: list[list[int]]", "list[int]", "row_values reduce_rows summarise", levels=(1, 2)
)
def row_results(p: Pick) -> Spec:
    """A number for each row of a table, or each column; short rows, some left out."""
    p.number("c", 2, 9)
    p.way(
        "what value",
        ("the sum of its numbers, plus $c", "sum(row) + $c"),
        ("its largest number times $c", "max(row) * $c"),
        ("its first number minus $c times its last number", "row[0] - $c * row[-1]"),
        ("how many of its numbers are greater than $c", "sum(1 for x in row if x > $c)"),
        ("its largest number minus its smallest, plus $c", "max(row) - min(row) + $c"),
    )
    p.number("none", -2, 5)
    p.way("hollow lost", ("gives $none", "out.append($none)"), ("is left out", "pass"))
    p.let(keep="True", source="$rows")
    more = ""
    if p.level == 2:
        p.number("q", 2, 6)
        p.way(
            "some keep",
            ("have fewer than $q numbers", "len(row) >= $q"),
            ("contain the number $q", "$q not in row"),
            ("have a sum divisible by $q", "sum(row) % $q"),
            ("have a first number less than $q", "row[0] >= $q"),
        )
        more = "some, which: Rows that are not empty but $!some are left out."
    p.way("order turn", ("of the table", ""), ("of the table, turned round", "[::-1]"))
    return Spec(
        "Work out a number for each row of a table.",
        f"""
        given, rows: Rows are lists of numbers, which may differ in length.
        value, what: The number of a row is $!what.
        {more}
        hollow, short: An empty row $!hollow.
        order: Return the numbers in the order $!order.
        empty: A table without rows gives an empty list.
        """,
        """
        out = []
        for row in $rows:
            if not row:
                $!lost
            elif $!keep:
                out.append($!value)
        return out$!turn
        """,
        {"rows of many lengths": lambda d: ([d.ints(0, 5, -5, 14) for _ in range(d.between(2, 5))],)},
        {
            "no rows": ([],),
            "an empty row": ([[]],),
            "empty rows between others": ([[], [4, 9, 1], [], [8, 2, 5, 1], []],),
            "rows of one number": ([[3], [12], [-4], [0]],),
            "negative numbers": ([[-3, -9, -20], [-1, -1]],),
            "equal numbers": ([[7, 7, 7], [7, 7]],),
            "numbers around the constant": (
                [[p["c"] - 1, p["c"], p["c"] + 1], [p["c"], p["c"] + 1, p["c"] + 2]],
            ),
            "rows around a limit": ([[1] * n for n in range(1, 8)],),
            "first numbers around a limit": ([[n, 11, 3, 9, 1, 8] for n in range(1, 8)],),
        },
        """
        Go through the rows, and deal with the empty ones first.
        Leave out the rows that are not wanted.
        Work out the number of each other row and collect them in the order asked for.
        """,
        {"a large table": lambda d: ([d.ints(0, 20, -50, 50) for _ in range(100)],)},
    )


@TOPIC.family("grid|table|rows: list[list[int]]", "list[list[int]]", "turn_grid rearrange flip", levels=(2,))
def turn_grid(p: Pick) -> Spec:
    """Turns or mirrors a table and changes some of its numbers."""
    p.way(
        "turn code",
        (
            "turned by a quarter to the right (the first row becomes the last column)",
            "[list(row) for row in zip(*$grid[::-1])]",
        ),
        (
            ("turned by a quarter to the left (the first row becomes the first column, read upwards)"),
            "[list(row) for row in zip(*$grid)][::-1]",
        ),
        (
            "mirrored so that rows become columns (the first row becomes the first column)",
            "[list(row) for row in zip(*$grid)]",
        ),
        ("turned upside down (the last row becomes the first one)", "$grid[::-1]"),
        (
            "mirrored from left to right (the last column becomes the first one)",
            "[row[::-1] for row in $grid]",
        ),
    )
    p.number("c", 2, 6)
    p.way(
        "where test",
        ("in the first row of the result", "i == 0"),
        ("in the last column of the result", "j == len(row) - 1"),
        ("in places of the result where row and column (both from 0) have the sum $c", "i + j == $c"),
        ("in places of the result where the row is greater than the column (both from 0)", "i > j"),
        ("that are greater than $c", "x > $c"),
    )
    p.way(
        "change value",
        ("become $c greater", "x + $c"),
        ("become $c times as large", "x * $c"),
        ("change their sign", "-x"),
        ("become $d", "$d"),
    )
    p.number("d", -1, 9)
    return Spec(
        "Turn the table $grid and change some of its numbers.",
        """
        given, table: All rows have the same length.
        turn, mirror: First the table is $!turn.
        change, where: Then the numbers $!where $!change.
        return: Return the new table as a list of rows.
        empty: A table without rows gives an empty list; rows are not empty.
        """,
        """
        turned = $!code
        out = []
        for i, row in enumerate(turned):
            out.append([$!value if $!test else x for j, x in enumerate(row)])
        return out
        """,
        {"tables of several rows": lambda d: (d.grid(2, 4, -3, 9),)},
        {
            "no rows": ([],),
            "one number": ([[5]],),
            "one row": ([[1, 2, 3, 4, 9]],),
            "one column": ([[1], [2], [3], [9]],),
            "a square": ([[1, 2, 3], [4, 5, 6], [7, 8, 9]],),
            "more rows than columns": ([[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]],),
            "equal numbers": ([[4, 4], [4, 4]],),
            "negative numbers": ([[-1, -2, 8], [-3, -4, 9]],),
            "numbers around the constant": ([[p["c"], p["c"] + 1], [p["c"] - 1, p["c"] + 2]],),
        },
        """
        Find out which number of the old table stands at a place of the new one.
        Build the turned table row by row.
        Change the numbers at the places, or of the sizes, that are named.
        """,
        {"a large table": lambda d: ([d.ints(20, 20, -9, 9) for _ in range(20)],)},
    )


@TOPIC.family("xs|scores|values: list[int]", "list[int]", "ranks places rank_list", levels=(1, 2))
def ranks(p: Pick) -> Spec:
    """The rank of each number, with ties by a rule, from one end or the other."""
    p.way("best sign", ("largest", ">"), ("smallest", "<"))
    p.number("first", 0, 3)
    p.way(
        "tie code",
        ("get the same rank, and as many ranks behind it are left out", "sum(1 for y in $xs if y $!sign x)"),
        ("get the same rank, and no rank is left out", "len({y for y in $xs if y $!sign x})"),
        (
            "get different ranks: the one further left comes first",
            "sum(1 for j, y in enumerate($xs) if y $!sign x or (y == x and j < i))",
        ),
        (
            "get the same rank, the last one that they take up together",
            "sum(1 for y in $xs if y $!sign x or y == x) - 1",
        ),
    )
    p.let(value="x", skip="")
    more = ""
    p.number("step", 1, 4)
    if p.level == 2:
        p.number("t", -2, 8)
        p.number("none", -3, 0)
        p.way(
            "some skip",
            ("less than $t", "if x < $t:\n    out.append($none)\n    continue"),
            ("greater than $t", "if x > $t:\n    out.append($none)\n    continue"),
            ("divisible by $m", "if x % $m == 0:\n    out.append($none)\n    continue"),
        )
        p.number("m", 3, 6)
        more = (
            "some, without: Numbers that are $!some have $none in the place of a rank, but count "
            "for the ranks of the others."
        )
    return Spec(
        "Work out the rank of each number of $xs.",
        f"""
        best, direction: The $!best number has the rank $first.
        step, next: Each next rank is $step more than the one before it.
        tie, ties, equal: Equal numbers $!tie.
        {more}
        order, return: Return the ranks in the order of the numbers.
        empty: An empty list gives an empty list.
        """,
        """
        out = []
        for i, x in enumerate($xs):
            $!skip
            out.append($first + $step * ($!code))
        return out
        """,
        {
            "numbers with ties": lambda d: (d.ints(4, 8, 0, 6),),
            "positive and negative numbers": lambda d: (d.ints(4, 7, -9, 15),),
        },
        {
            **NUMBERS,
            "rising numbers": ([1, 2, 5, 9, 12],),
            "falling numbers": ([12, 9, 5, 2, 1],),
            "two groups of equal numbers": ([4, 9, 4, 9, 4],),
            "a tie at the best number": ([8, 8, 1, 3, 3],),
            "a tie at the other end": ([1, 1, 7, 5, 1],),
            "numbers around a limit": ([p.values.get("t", 3) + i for i in (0, 1, -1, 1, 0)],),
            "multiples": ([0, 3, 4, 5, 6, 12, 20, 30],),
        },
        """
        Count for each number how many others stand before it.
        Decide what equal numbers do to this count.
        Turn the count into a rank.
        """,
        {"a long list": lambda d: (d.ints(150, 200, -30, 30),)},
    )
