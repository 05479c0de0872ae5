"""Regions of a grid, and elections."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    Draws,
    Pick,
)

TOPIC = Topic()


@TOPIC.family("grid|board|field: list[str]", "int", "regions areas largest_area", levels=(3, 4))
def regions(p: Pick) -> Spec:
    """The regions of equal cells in a grid of letters: how many, how large; neighbours of our own."""
    a, b, _ = p.pick("a b c", *[tuple(x) for x in ("#.~", "xo-", "LWT", "rgb", "*-+", "@.:")])
    p.way(
        "near moves",
        ("above, below, left or right", ((0, 1), (1, 0), (0, -1), (-1, 0))),
        (
            "above, below, left, right or at a corner",
            tuple((r, c) for r in (-1, 0, 1) for c in (-1, 0, 1) if r or c),
        ),
        ("left or right, or at a corner", ((0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))),
    )
    p.number("least", 2, 4)
    p.way(
        "what give none",
        ("how many regions have at least $least cells", "sum(1 for size in sizes if size >= $least)", 0),
        ("the size of the largest region", "max(sizes)", 0),
        (
            "the size of the smallest region that has at least $least cells, or -1 if there is none",
            "min([size for size in sizes if size >= $least], default=-1)",
            -1,
        ),
        (
            "how many regions have exactly $least cells, times the number of all regions",
            "sum(1 for size in sizes if size == $least) * len(sizes)",
            0,
        ),
    )
    p.way(
        "kind test",
        ("all the cells $a", "$grid[r][c] == $a"),
        ("all the cells other than $b", "$grid[r][c] != $b"),
    )
    p.let(drop="True")
    more = ""
    if p.level == 4:
        p.number("k", 1, 2)
        p.way(
            "edge drop",
            (
                "Regions with a cell in the first or last row do not count.",
                "all(0 < r < len($grid) - 1 for r, c in region)",
            ),
            (
                "Only regions with a cell in the first or last column count.",
                "any(c in (0, len($grid[0]) - 1) for r, c in region)",
            ),
            ("Regions that lie in at most $k rows do not count.", "len({r for r, c in region}) > $k"),
        )
        more = "edge, count: $!edge"
    pool = p["a"] * 3 + p["b"] * 2 + p["c"]

    def field(d: Draws, least: int = 2, most: int = 5) -> Args:
        size = d.between(least, most)
        return ([d.text(pool, size, size) for _ in range(d.between(least, most))],)

    return Spec(
        "Look for regions in a grid of signs.",
        f"""
        given, grid: The grid is a list of texts of one length, its rows.
        cells, kind: Regions are made of $!kind.
        neighbours, near: Two such cells belong to the same region if one is directly {p["near"]} of the
          other; so do cells that are connected through further cells of it.
        {more}
        size: The size of a region is the number of its cells.
        return, what: Return $!what.
        empty, none: If there is no region that counts, as in a grid without rows, return $none.
        """,
        """
        sizes, seen = [], set()
        for row in range(len($grid)):
            for col in range(len($grid[0])):
                r, c = row, col
                if (r, c) in seen or not ($!test):
                    continue
                region = [(r, c)]
                seen.add((r, c))
                for at_row, at_col in region:
                    for down, right in $moves:
                        r, c = at_row + down, at_col + right
                        inside = 0 <= r < len($grid) and 0 <= c < len($grid[0])
                        if inside and (r, c) not in seen and $!test:
                            seen.add((r, c))
                            region.append((r, c))
                if $!drop:
                    sizes.append(len(region))
        return $!give if sizes else $none
        """,
        {"grids of several rows": field, "larger grids": lambda d: field(d, 5, 8)},
        {
            "a grid without rows": ([],),
            "one cell": ([a],),
            "one other cell": ([b],),
            "one row": ([a + a + b + a + p["c"] + a],),
            "one column": ([a, a, b, a, a, a],),
            "equal cells": ([a * 4] * 3,),
            "cells that meet at corners": ([a + b + a + b, b + a + b + a, a + b + a + b],),
            "a ring": ([a * 4, a + b + b + a, a + b + b + a, a * 4],),
            "a region in the middle": ([b * 5, b + a * 3 + b, b + a + b * 3, b * 5],),
            "regions of several sizes": (
                [a * 2 + b + a * 3, b * 6, a * 4 + b + a, b * 6, a + b + a * 2 + b + b],
            ),
        },
        """
        Go through the cells; one that belongs to a region and was not seen yet begins a new region.
        Collect all cells that are connected with it, over its neighbours and theirs.
        Keep the sizes of the regions that count, and work out what is asked for.
        """,
        {"a large grid": lambda d: field(d, 14, 14)},
    )


@TOPIC.family("votes|ballots|choices: list[list[str]]", "str", "winner elect decide", levels=(2, 3))
def election(p: Pick) -> Spec:
    """An election with points by place, or rounds in which the last one goes; ties by rules."""
    p.number("w1", 3, 6)
    p.number("w2", 1, 2)
    p.way("tie key", ("is first in the alphabet", "min"), ("is last in the alphabet", "max"))
    p.pick("none", "nobody", "-", "", "none")
    if p.level == 2:
        p.way(
            "rule bonus",
            (
                "A name at the end of a list of at least two names loses 1 point there.",
                "if len(names) > 1:\n    points[names[-1]] = points.get(names[-1], 0) - 1",
            ),
            (
                "A name that stands alone on its list gets $w2 points more.",
                "if len(names) == 1:\n    points[names[0]] += $w2",
            ),
            (
                (
                    "An empty list gives nothing, and a list of more than 3 names gives 1 more point to "
                    "its third name."
                ),
                "if len(names) > 3:\n    points[names[2]] = points.get(names[2], 0) + 1",
            ),
        )
        p.way("which best", ("most", "max"), ("fewest", "min"))
        rule = """
            points: The first name of each list gets $w1 points, the second $w2, the others get none.
            special, bonus: $!rule
            winner, which: The winner is the name with the $!which points; only names that were given points
              or lost some can win.
            return, result: Return the winner's name, a blank and its points.
            """
        code = """
            points = {}
            for names in $votes:
                for name, value in zip(names, ($w1, $w2)):
                    points[name] = points.get(name, 0) + value
                $!bonus
            if not points:
                return $none
            top = $!best(points.values())
            return $!key(name for name in points if points[name] == top) + " " + str(top)
            """
    else:
        p.way("out_tie out", ("last in the alphabet", "max"), ("first in the alphabet", "min"))
        p.number("percent", 50, 66)
        p.way(
            "majority limit",
            ("at least $percent percent of the lists that still count", "100 * most >= $percent * total"),
            ("more than half of the lists that still count", "2 * most > total"),
            (
                "at least 2 lists more than every other name",
                "all(most - n >= 2 for name, n in count.items() if name != leader)",
            ),
        )
        rule = """
            rounds, count: In each round, each list counts for its first name that is still in the game; a
              list without such a name does not count any more.
            win, majority: If the leader, which is the name with the most lists, has $!majority, it wins.
            out, last: Otherwise, the name with the fewest lists goes out (0 lists are possible); of several
              such names, the one that is $!out_tie.
            start, names: At first, all names that occur in any list are in the game. The last name that is
              left wins in any case.
            """
        code = """
            left = sorted({name for names in $votes for name in names})
            while left:
                count = {name: 0 for name in left}
                for names in $votes:
                    for name in [name for name in names if name in left][:1]:
                        count[name] += 1
                most, total = max(count.values()), sum(count.values())
                leader = $!key(name for name in left if count[name] == most)
                if len(left) == 1 or $!limit:
                    return leader
                fewest = min(count.values())
                left.remove($!out(name for name in left if count[name] == fewest))
            return $none
            """
    pool = ("Ann", "Bo", "Cy", "Di", "Ed")
    return Spec(
        "Find out who wins an election.",
        rule.rstrip()
        + """
            given, votes: Each list holds the names that one voter chose, the best first, each name at most
              once.
            tie, ties: Where several names could win (or lead), it is the one that $!tie.
            empty, none: If there are no names, return $none.
            """,
        code,
        {
            "several voters": lambda d: ([d.some(pool, d.between(0, 4)) for _ in range(d.between(4, 8))],),
            "few names": lambda d: ([d.some(pool[:3], d.between(1, 3)) for _ in range(d.between(4, 8))],),
        },
        {
            "no voters": ([],),
            "empty lists": ([[], []],),
            "one voter": ([["Cy", "Bo", "Ann"]],),
            "lists of one name": ([["Bo"], ["Ann"], ["Bo"], ["Cy"]],),
            "a tie": ([["Ann", "Bo"], ["Bo", "Ann"]],),
            "a tie of three": ([["Ann"], ["Bo"], ["Cy"]],),
            "equal lists": ([["Di", "Cy", "Bo", "Ann"]] * 3,),
            "names that are never first": ([["Ann", "Ed"], ["Bo", "Ed"], ["Cy", "Ed"], ["Di", "Ed"]],),
            "a close result": (
                [["Ann", "Bo"]] * 3 + [["Bo", "Ann"]] * 2 + [["Cy", "Bo", "Ann"], ["Cy", "Ann", "Di", "Bo"]],
            ),
        },
        """
        Count what each name gets from the lists.
        Apply what holds besides, and decide whether somebody wins now.
        Mind which name is meant where several are equal.
        """,
        {"many voters": lambda d: ([d.some(pool, d.between(1, 5)) for _ in range(150)],)},
    )
