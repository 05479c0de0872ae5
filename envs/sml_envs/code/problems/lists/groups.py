"""Lists split, merged and walked through."""

from __future__ import annotations

from sml_envs.code.problems.base import NUMBERS, Spec, Topic
from sml_envs.code.problems.draws import (
    Draws,
    Pick,
)

TOPIC = Topic()


def _walkable(d: Draws) -> list[int]:
    return d.ints(5, 9, -4, 5)


@TOPIC.family("xs|items|numbers: list[int]", "list[list[int]]", "chunks split_list in_groups", levels=(2, 3))
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


@TOPIC.family("xs|row|beads: list[int]", "list[int]", "settle collapse merge_neighbours", levels=(2, 3))
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


@TOPIC.family(
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
