"""Lists of lists and lists rebuilt: tables, groups, runs, places."""

from __future__ import annotations

from sml_envs.code.problems.base import NUMBERS, Spec, Topic
from sml_envs.code.problems.draws import Draws, Pick

ROWS = Topic()


@ROWS.family(
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


@ROWS.family("grid|table|rows: list[list[int]]", "list[list[int]]", "turn_grid rearrange flip", levels=(2,))
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


@ROWS.family("xs|items|numbers: list[int]", "list[list[int]]", "chunks split_list in_groups", levels=(2, 3))
def split_into_groups(p: Pick) -> Spec:
    """Splits a list into groups where a condition on neighbours or sums holds."""
    p.number("d", 2, 9)
    p.number("most", 2, 4)
    p.way(
        "rule test",
        ("the number is smaller than the one before it", "x < group[-1]"),
        ("the number differs from the one before it by more than $d", "abs(x - group[-1]) > $d"),
        ("the sum of the group with the number would be greater than $d", "sum(group) + x > $d"),
        (
            "the number leaves another remainder than the one before it when divided by $d",
            "x % $d != group[-1] % $d",
        ),
        ("the group has $most numbers", "len(group) == $most"),
        ("the number is divisible by $d", "x % $d == 0"),
    )
    p.way(
        "small keep",
        ("Groups of one number are left out.", "len(group) > 1"),
        ("All groups are kept.", "True"),
        ("Groups with a negative sum are left out.", "sum(group) >= 0"),
    )
    p.way(
        "order turn",
        ("in the order of the list", "group"),
        ("each turned round", "group[::-1]"),
        ("each sorted, smallest number first", "sorted(group)"),
    )
    p.let(extra="False")
    more = ""
    if p.level == 3:
        p.number("t", -4, 12)
        p.way(
            "also extra",
            ("the number is equal to $t", "x == $t"),
            ("the number before it is greater than $t", "group[-1] > $t"),
            ("the number occurs in the group already", "x in group"),
            (
                "the group begins with a number less than $t and has $most numbers",
                "group[0] < $t and len(group) == $most",
            ),
        )
        more = "also, second rule: A new group also begins if $!also."
    return Spec(
        "Split $xs into groups of neighbours.",
        f"""
        groups: Every number belongs to one group; the first number begins the first group.
        rule, begin: A new group begins with a number if $!rule.
        {more}
        small, left out: $!small
        order: Return the groups in the order of the list; the numbers of a group stand
          {"in that order too" if p["turn"] == "group" else p["order"].removeprefix("each ")}.
        empty: An empty list gives an empty list.
        """,
        """
        groups = []
        for x in $xs:
            if groups:
                group = groups[-1]
            if not groups or $!test or $!extra:
                groups.append([x])
            else:
                group.append(x)
        return [$!turn for group in groups if $!keep]
        """,
        {
            "positive and negative numbers": lambda d: (d.ints(5, 10, -5, 14),),
            "small steps": lambda d: (d.walk(9, 0, -3, 4),),
        },
        {
            **NUMBERS,
            "rising numbers": ([1, 2, 4, 7, 11, 16, 22],),
            "falling numbers": ([22, 16, 11, 7, 4, 2, 1],),
            "steps around the size": ([0, p["d"], 0, p["d"] + 1, 0, p["d"] - 1],),
            "sums around the size": ([1, p["d"] - 1, 1, p["d"], 0, 1],),
            "equal numbers in several places": ([5, 6, 5, 7, 7, 6, 5, 8, 8],),
            "numbers around a limit": ([p.values.get("t", 3) + i for i in (0, 1, -1, 2, 0, 0, 1)],),
        },
        """
        Go through the numbers and keep the group that is growing.
        Decide before each number whether a new group begins.
        Leave out groups and order them as asked at the end.
        """,
        {"a long list": lambda d: (d.ints(200, 250, -9, 20),)},
    )


@ROWS.family("xs|row|beads: list[int]", "list[int]", "settle collapse merge_neighbours", levels=(2, 3))
def merge_neighbours(p: Pick) -> Spec:
    """Neighbours that fit are merged to one, from left to right, once or until nothing changes."""
    p.number("d", 2, 9)
    p.way(
        "rule test",
        ("they are equal", "out[-1] == x"),
        ("their sum is divisible by $d", "(out[-1] + x) % $d == 0"),
        ("the left one is greater", "out[-1] > x"),
        ("they differ by at most $d", "abs(out[-1] - x) <= $d"),
        ("one of them is even and the other odd", "(out[-1] + x) % 2 == 1"),
    )
    p.way(
        "merge value",
        ("their sum", "out[-1] + x"),
        ("the larger one", "max(out[-1], x)"),
        ("their difference, larger minus smaller", "abs(out[-1] - x)"),
        ("the left one plus $c", "out[-1] + $c"),
    )
    p.number("c", 1, 5)
    p.way(
        "again once",
        ("A number that came from merging can merge again with the next one.", False),
        ("A number that came from merging does not merge again.", True),
    )
    p.let(extra="")
    more = ""
    if p.level == 3:
        p.number("t", 10, 25)
        p.way(
            "special extra",
            (
                "A merged number greater than $t vanishes at once.",
                "if out[-1] > $t:\n    out.pop()\n    free = True",
            ),
            ("A merged number of 0 vanishes at once.", "if out[-1] == 0:\n    out.pop()\n    free = True"),
            ("A merged number greater than $t becomes $t.", "out[-1] = min(out[-1], $t)"),
        )
        more = "special, vanish: $!special" + (
            " Then the next number is compared with the one before the vanished one, which may merge."
            if "vanishes" in p["special"] and not p["once"]
            else (
                " Then the next number is compared with the one before the vanished one, which may "
                "merge even if it was merged."
            )
            if "vanishes" in p["special"]
            else ""
        )
    p.let(
        guard="free and " if p["once"] else "",
        setup="free = True" if p["once"] or "free" in p["extra"] else "",
        lock="free = False" if p["once"] else "",
        unlock="free = True" if p["once"] or "free" in p["extra"] else "",
    )
    return Spec(
        "Merge neighbours in $xs.",
        f"""
        order, way: Take the numbers from left to right and compare each with the last number of the result.
        rule, fit: If $!rule (the last number of the result is the left one), the two merge; else the number
          is put behind the result.
        merge, becomes: Two numbers that merge are replaced in the result by $!merge.
        again, once: $!again
        {more}
        return: Return the result.
        empty: An empty list gives an empty list.
        """,
        """
        out = []
        $!setup
        for x in $xs:
            if out and $!{guard}($!test):
                out[-1] = $!value
                $!lock
                $!extra
            else:
                out.append(x)
                $!unlock
        return out
        """,
        {
            "positive and negative numbers": lambda d: (d.ints(5, 10, -4, 12),),
            "equal neighbours": lambda d: (
                [x for _ in range(4) for x in [d.between(1, 8)] * d.between(1, 4)],
            ),
        },
        {
            **NUMBERS,
            "two numbers": ([6, 6],),
            "two other numbers": ([9, 4],),
            "rising numbers": ([1, 2, 3, 6, 12, 24],),
            "falling numbers": ([24, 12, 6, 3, 2, 1],),
            "many equal numbers": ([4] * 7,),
            "numbers of both signs": ([5, -5, 5, -5, 3, -3],),
            "large numbers": ([30, 30, 12, 12, 25, 1, 24],),
            "differences of the exact size": ([1, 1 + p["d"], 2 + 2 * p["d"], 2 + p["d"]],),
        },
        """
        Keep the result as it grows and look only at its last number.
        Decide whether the next number merges with it.
        Do what the rules say about numbers that came from merging.
        """,
        {"a long list": lambda d: (d.ints(200, 250, 0, 9),)},
    )


@ROWS.family("xs|scores|values: list[int]", "list[int]", "ranks places rank_list", levels=(1, 2))
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


@ROWS.family(
    "first|xs|left: list[int]; second|ys|right: list[int]",
    "list[int]",
    "compare_lists common difference",
    levels=(1, 2),
)
def compare_lists(p: Pick) -> Spec:
    """Which numbers two lists share, or only one has, with repeated numbers, in an order."""
    p.number("m", 2, 9)
    p.way(
        "same key",
        ("equal", "{}"),
        ("equal but for the sign", "abs({})"),
        ("of the same remainder when divided by $m", "{} % $m"),
    )
    p.let(key=p["key"].format("x"), key2=p["key"].format("y"))
    p.way(
        "which test",
        ("in $first that have a partner in $second", "in other"),
        ("in $first that have no partner in $second", "not in other"),
    )
    p.way(
        "count rule",
        ("A partner serves for as many numbers as one likes.", "pass"),
        ("A partner serves for one number only: numbers further left are served first.", "use"),
    )
    p.way(
        "twice again",
        ("Numbers that occur several times in the result stay.", "True"),
        ("Of equal numbers in the result, only the first stays.", "x not in out"),
    )
    p.way(
        "order turn",
        ("in the order of $first", "out"),
        ("sorted, smallest first", "sorted(out)"),
        ("sorted, largest first", "sorted(out, reverse=True)"),
    )
    use = "if $!key in other:\n    other.remove($!key)" if p["rule"] == "use" else ""
    p.let(use=use, value="x", also="")
    more = ""
    if p.level == 2:
        p.number("t", -3, 9)
        p.way(
            "only also",
            ("Only numbers of $first that are greater than $t are looked at.", "if x <= $t:\n    continue"),
            ("Numbers of $first that are equal to $t are passed over.", "if x == $t:\n    continue"),
            (
                "As soon as a number of $first is less than -$m, it and all behind it are passed over.",
                "if x < -$m:\n    break",
            ),
        )
        more = "only, condition: $!only"
    return Spec(
        "Compare the numbers of two lists.",
        f"""
        partner, same: A number of $second is a partner of one of $first if the two are $!same.
        which: Look for the numbers $!which.
        {more}
        count, serves: $!count
        repeated, twice: $!twice
        order, return: Return these numbers $!order.
        empty: If there are none, return an empty list.
        """,
        """
        other, out = [$!key2 for y in $second], []
        for x in $first:
            $!also
            if $!key $!test and $!again:
                out.append(x)
            $!use
        return $!turn
        """,
        {
            "some common numbers": lambda d: (d.ints(4, 8, -6, 9), d.ints(3, 6, -6, 9)),
            "repeated numbers": lambda d: (d.ints(5, 9, 0, 4), d.ints(2, 5, 0, 4)),
        },
        {
            "two empty lists": ([], []),
            "an empty first list": ([], [1, 2]),
            "an empty second list": ([3, 1, 12, -20, 3], []),
            "equal lists": ([4, 1, 1, -7], [4, 1, 1, -7]),
            "repeated numbers in the first list": ([5, 5, 5, 2, 2], [5, 2]),
            "repeated numbers in the second list": ([5, 2], [5, 5, 5, 2]),
            "numbers of the other sign": ([3, -4, 6, 11], [-3, 4, -6, -11]),
            "numbers of the same remainder": ([1, 1 + p["m"], 20, 2], [1 + 2 * p["m"], 2 - p["m"]]),
            "numbers around a limit": (
                [p.values.get("t", 3) + i for i in (0, 1, -1)],
                [p.values.get("t", 3) + i for i in (-1, 0, 1)],
            ),
            "negative numbers": ([5, -p["m"], 6, -p["m"] - 1, 7], [5, 6, 7]),
        },
        """
        Decide what makes two numbers partners, and compare by that.
        Go through the first list, and mind what happens to a partner that was used.
        Put the result into the order asked for.
        """,
        {"long lists": lambda d: (d.ints(100, 150, -40, 40), d.ints(60, 80, -40, 40))},
    )


@ROWS.family(
    "xs|moves|stones: list[int]; start|place|begin: int", "list[int]", "jump walk visited", levels=(2, 3)
)
def jump_around(p: Pick) -> Spec:
    """Jumps through a list by its own numbers; which places are visited, and when it ends."""
    p.way("way sign", ("right", "+"), ("left", "-"))
    p.number("c", 0, 3)
    p.way(
        "border edge",
        ("The list is a circle: one goes on at its other end.", "at %= len($xs)"),
        ("If that leads out of the list, the walk ends.", "if not 0 <= at < len($xs):\n    break"),
    )
    p.number("most", 4, 9)
    p.way(
        "again stop",
        ("at a place that was visited before, without visiting it again", "at in seen"),
        ("after $most visits", "len(seen) >= $most"),
        ("at a place that was visited twice before, without visiting it again", "seen.count(at) >= 2"),
    )
    p.let(cap=" and len(seen) < 30")
    p.way(
        "what give",
        ("the places that were visited, in order", "seen"),
        ("the numbers at the places that were visited, in order", "[$xs[i] for i in seen]"),
    )
    p.let(change="")
    more = ""
    if p.level == 3:
        p.number("q", 2, 4)
        p.way(
            "special step",
            ("From a number divisible by $q one goes the other way.", "-move if move % $q == 0 else move"),
            (
                "From a number greater than $q one goes only $q places, in the same direction.",
                "min(move, $q)",
            ),
            (
                "At every second visit (the second, the fourth and so on) one goes the other way.",
                "-move if len(seen) % 2 == 0 else move",
            ),
        )
        p.let(change="move = $!step")
        more = "special, jump: $!special"
    p.let(cap="")
    size = f"its number{' plus $c' if p['c'] else ''}"
    if p["sign"] == "+" and "len" not in p["stop"]:
        p.let(cap="")
    return Spec(
        "Jump through the list $xs.",
        f"""
        start, places: Places are counted from 0. The walk begins with a visit to the place $start.
        jump, how far: From a place, one goes as many places to the $!way as {size} says; if that is
          negative, so many to the other side.
        {more}
        border, edge: $!border
        end, stop: The walk ends $!again.
        return: Return $!what.
        empty, outside: If $start is no place of the list, return an empty list.
        """,
        """
        seen, at = [], $start
        while 0 <= at < len($xs):
            if $!stop:
                break
            seen.append(at)
            move = $xs[at] + $c
            $!change
            at = at $!sign move
            $!edge
        return $!give
        """,
        {"small jumps": lambda d: (_walkable(d), d.between(0, 3))},
        {
            "an empty list": ([], 0),
            "a start behind the list": ([1, 2, 3], 3),
            "a negative start": ([1, 2, 3], -1),
            "one number": ([5], 0),
            "the last place": ([1, -2, 1, 4], 3),
            "numbers of 0": ([0, 0, 0, 0], 1),
            "equal numbers": ([1] * 8, 2),
            "large numbers": ([90, -70, 45, 33, -21, 64], 1),
            "steps to the left": ([-1, -1, -2, -1, -3, -2], 5),
            "two places in turn": ([2, -p["c"] - 2, -2 - 2 * p["c"], 4, 2, -9], 0),
        },
        """
        Test whether the place is one of the list, and whether the walk ends there.
        Visit it and work out how far to go, and in which direction.
        Deal with the border, and go on.
        """,
    )


def _walkable(d: Draws) -> list[int]:
    return d.ints(5, 9, -4, 5)


@ROWS.family("xs|bids|numbers: list[int]", "int", "unusual lone pick_number", levels=(2,))
def unusual_number(p: Pick) -> Spec:
    """The largest or smallest number that occurs a given number of times, with rules."""
    p.number("k", 1, 3)
    p.way(
        "often test",
        ("exactly $k times", "== $k"),
        ("at least $k times", ">= $k"),
        ("at most $k times", "<= $k"),
    )
    p.way("which pick", ("largest", "max"), ("smallest", "min"))
    p.number("t", -5, 12)
    p.way(
        "bound ok",
        ("greater than $t", "x > $t"),
        ("less than $t", "x < $t"),
        ("not equal to $t", "x != $t"),
        ("at least as far from $t as $d", "abs(x - $t) >= $d"),
    )
    p.number("d", 2, 5)
    p.pick("none", 0, -1, -99, 1000)
    p.way(
        "result give",
        ("this number", "best"),
        ("the place (from 0) of its first occurrence", "$xs.index(best)"),
        ("how often it occurs", "$xs.count(best)"),
    )
    return Spec(
        "Find an unusual number in $xs.",
        """
        often, times: Only numbers count that occur in the list $!often.
        bound, condition: And only those that are $!bound.
        which: Of these, take the $!which number.
        return, result: Return $!result.
        none, empty: If no number counts, return $none.
        """,
        """
        found = [x for x in $xs if $xs.count(x) $!test and $!ok]
        if not found:
            return $none
        best = $!pick(found)
        return $!give
        """,
        {
            "repeated numbers": lambda d: (d.ints(6, 12, p["t"] - 6, p["t"] + 6),),
            "many repeated numbers": lambda d: (d.ints(6, 12, p["t"] - 2, p["t"] + 3),),
        },
        {
            **NUMBERS,
            "one number many times": ([9] * 5,),
            "one number just as often": ([3, 8, *[14] * p["k"], 3, 3, 3, 3, 8, 8, 8],),
            "one number once more": ([3, 8, *[14] * (p["k"] + 1), 3, 8],),
            "numbers around the bound": ([p["t"] + i for i in (0, 1, -1, 2, -2) for _ in range(p["k"])],),
            "numbers far from the bound": (
                [p["t"] + i * p["d"] for i in (1, -1) for _ in range(p["k"])]
                + [p["t"] + 1 - p["d"], p["t"] + p["d"] - 1] * p["k"],
            ),
        },
        """
        Count how often each number occurs.
        Keep the numbers that meet both conditions.
        Choose among them, and return what is asked for, also if there are none.
        """,
        {"a long list": lambda d: (d.ints(150, 200, -60, 60),)},
    )
