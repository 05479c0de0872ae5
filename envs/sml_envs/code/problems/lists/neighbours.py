"""Numbers side by side: pairs, stretches, windows, cuts."""

from __future__ import annotations

from sml_envs.code.problems.base import NUMBERS, Spec, Topic
from sml_envs.code.problems.draws import (
    Pick,
    nth,
)

TOPIC = Topic()


@TOPIC.family("xs|readings|heights: list[int]", "int", "count_turns jumps changes", levels=(1, 2))
def count_neighbours(p: Pick) -> Spec:
    """Counts pairs of numbers a distance apart that stand in some relation."""
    p.number("gap", 1, 1 if p.level == 1 else 3)
    p.number("d", 2, 9)
    p.way(
        "relation test",
        ("the second is more than $d greater than the first", "b - a > $d"),
        ("the second is at least $d less than the first", "a - b >= $d"),
        ("they differ by exactly $d", "abs(a - b) == $d"),
        ("their sum is divisible by $d", "(a + b) % $d == 0"),
        ("they have different signs (0 has none) and differ by at most $e", "a * b < 0 and abs(a - b) <= $e"),
        ("both are greater than $d", "a > $d and b > $d"),
    )
    p.number("e", 5, 12)
    p.let(apart=f"{nth(p['gap'])} one after it" if p["gap"] > 1 else "next one", extra="")
    p.way(
        "round wrap",
        ("The list has two ends: the last numbers have no partner there.", False),
        ("The list is a circle: after the last number comes the first one again.", True),
    )
    p.let(partner="$xs[(i + $gap) % len($xs)]" if p["wrap"] else "$xs[i + $gap]")
    p.let(end="" if p["wrap"] else "[: max(len($xs) - $gap, 0)]")
    few = "" if p["wrap"] else f"short: A list of fewer than {p['gap'] + 1} numbers has no pairs."
    return Spec(
        "Count pairs of numbers in $xs.",
        f"""
        pairs, neighbours: A pair is a number and the $!apart.
        ends, circle, last: $!round
        which, relation: Count the pairs of which $!relation.
        {few}
        empty: For an empty list return 0.
        """,
        """
        count = 0
        for i, a in enumerate($xs$!end):
            b = $!partner
            if $!test:
                count += 1
        return count
        """,
        {
            "numbers with jumps": lambda d: (d.ints(5, 9, -6, 14),),
            "numbers close together": lambda d: (d.ints(5, 9, -p["d"], p["d"]),),
        },
        {
            **NUMBERS,
            "two numbers": ([p["d"] + 1, 1],),
            "three numbers": ([0, p["d"], -p["d"]],),
            "steps of the exact size": ([0, p["d"], 2 * p["d"], p["d"], 0, -p["d"], 0, p["d"] + 1, 0],),
            "numbers with changing signs": ([-2, 3, -3, 2, -6, 6, -1, 1, 0, -1],),
        },
        """
        Find out which numbers make a pair, also near the end of the list.
        Test each pair and count those that pass.
        """,
        {"a long list": lambda d: (d.ints(300, 400, -15, 20),)},
    )


@TOPIC.family("xs|numbers|track: list[int]", "int", "longest_part best_stretch longest_streak", levels=(2, 3))
def longest_stretch(p: Pick) -> Spec:
    """The longest stretch in which neighbours follow a rule; at level 3 some breaks are allowed."""
    p.number("d", 2, 6)
    p.way(
        "rule test",
        ("every number is greater than the one before it", "b > a"),
        ("no number is greater than the one before it", "b <= a"),
        ("neighbours differ by at most $d", "abs(b - a) <= $d"),
        ("neighbours differ by at least $d", "abs(b - a) >= $d"),
        ("no two neighbours leave the same remainder when divided by $d", "a % $d != b % $d"),
    )
    p.way(
        "wanted result",
        ("length of the longest such stretch", "best"),
        ("sum of the longest such stretch; of several of equal length, the first one's", "total"),
    )
    p.let(breaks=p.number("k", 1, 3) if p.level == 3 else 0)
    more = "breaks, exceptions: In a stretch the rule may be broken up to $k times." if p.level == 3 else ""
    return Spec(
        "Find the longest stretch of $xs that follows a rule.",
        f"""
        stretch: A stretch is one or more numbers that stand side by side.
        rule: In it, $!rule.
        {more}
        return, result: Return the $!wanted.
        empty: For an empty list return 0.
        """,
        """
        best = total = 0
        for i in range(len($xs)):
            j, broken = i + 1, 0
            while j < len($xs):
                a, b = $xs[j - 1], $xs[j]
                broken += 0 if $!test else 1
                if broken > $breaks:
                    break
                j += 1
            if j - i > best:
                best, total = j - i, sum($xs[i:j])
        return $!result
        """,
        {
            "numbers up and down": lambda d: (d.ints(6, 12, -9, 9),),
            "a slow walk": lambda d: (d.walk(9, 0, -p["d"] - 1, p["d"] + 1),),
        },
        {
            **NUMBERS,
            "rising numbers": ([1, 2, 4, 7, 11, 16, 22, 29],),
            "falling numbers": ([30, 23, 17, 12, 8, 5, 3, 2],),
            "two stretches of equal length": ([1, 2, 3, 1, 2, 3, 1, 2, 3],),
            "steps of the exact size": ([0, p["d"], 0, p["d"], 2 * p["d"], p["d"] + 1, p["d"] - 1],),
            "the longest at the end": ([5, 5, 1, 9, 2, 3, 5, 8, 13],),
        },
        """
        Find how far a stretch reaches from each place at which it can begin.
        Compare each with the longest so far; only a longer one replaces it.
        Return what is asked for of the longest.
        """,
        {"a long list": lambda d: (d.ints(150, 200, -9, 9),)},
    )


@TOPIC.family("xs|numbers|data: list[int]", "list[int]", "moving running smoothed", levels=(2, 3))
def moving_window(p: Pick) -> Spec:
    """A value of every window of some size and step: sum, range, largest; shorter windows at the end."""
    p.number("size", 2, 5)
    p.number("step", 1, 3)
    p.way(
        "what value",
        ("the sum of its numbers", "sum(w)"),
        ("its largest number minus its smallest", "max(w) - min(w)"),
        ("its last number minus its first", "w[-1] - w[0]"),
        ("how many of its numbers are greater than $t", "sum(1 for x in w if x > $t)"),
        ("its largest number times $t", "max(w) * $t"),
    )
    p.number("t", 2, 6)
    p.way(
        "rest bound",
        ("Windows that would reach beyond the end are left out.", "len($xs) - $size + 1"),
        ("The last windows may be shorter: a window begins at each such place of the list.", "len($xs)"),
    )
    if p.level == 3:
        p.way(
            "also keep",
            ("greater than the result before it", ">"),
            ("different from the result before it", "!="),
            ("not greater than the result before it", "<="),
        )
    more = (
        "keep, results: A result is kept only if it is $!also that was kept; the first is always kept."
        if p.level == 3
        else ""
    )
    p.let(cond="if not out or v $!keep out[-1]:\n    " if p.level == 3 else "")
    return Spec(
        "Slide a window along $xs.",
        f"""
        size, window: A window is $size numbers side by side.
        step, begin, start: The first begins at the first number, each next one $step places further on.
        end, rest, short: $!rest
        result, value, what: The result of a window is $!what.
        {more}
        return, order: Return the list of results, in the order of the windows.
        empty: If there is no window, return an empty list.
        """,
        """
        out = []
        for i in range(0, $!bound, $step):
            w = $xs[i : i + $size]
            v = $!value
            $!{cond}out.append(v)
        return out
        """,
        {"positive and negative numbers": lambda d: (d.ints(6, 11, -9, 12),)},
        {
            **NUMBERS,
            "just one window": ([3, -1, 4, 1, 5][: p["size"]],),
            "one number less than a window": ([3, -1, 4, 1, 5][: p["size"] - 1],),
            "rising numbers": ([1, 2, 4, 7, 11, 16, 22, 29],),
            "falling numbers": ([9, 7, 5, 3, 1, -1, -3],),
            "numbers around the limit": ([p["t"], p["t"] + 1, p["t"] - 1, p["t"] + 1, p["t"], p["t"]],),
        },
        """
        Find the places at which a window begins, and the last of them.
        Take the numbers of each window and work out its result.
        Collect the results in order.
        """,
        {"a long list": lambda d: (d.ints(150, 200, -30, 30),)},
    )


@TOPIC.family("xs|pool|values: list[int]", "int", "split_point balance cut_place", levels=(2, 3))
def split_point(p: Pick) -> Spec:
    """The place at which a list falls into two parts that compare in some way."""
    p.number("w", 2, 5)
    p.number("d", 0, 12)
    p.way(
        "relation test",
        (
            "the sum of the left part is at least $w times that of the right part plus $d",
            "left >= $w * right + $d",
        ),
        ("the sums of the two parts differ by at most $d", "abs(left - right) <= $d"),
        (
            "the sum of the left part is greater than that of the right part by more than $d",
            "left > right + $d",
        ),
        (
            "the sum of the left part is divisible by $w and that of the right part is not",
            "left % $w == 0 and right % $w != 0",
        ),
    )
    p.way(
        "tie order",
        ("smallest", "range($low, len($xs) + 1 - $low)"),
        ("largest", "range(len($xs) - $low, $low - 1, -1)"),
    )
    p.pick(
        "low small",
        (0, "A part may be empty; it has the sum 0."),
        (1, "Both parts must have a number in them."),
    )
    p.pick("none", -1, -2, -9)
    p.let(key="x")
    if p.level == 3:
        p.way(
            "weighted key",
            ("Each number counts as its square.", "x * x"),
            ("Negative numbers count double.", "x if x >= 0 else 2 * x"),
            ("Numbers greater than 9 count as 9.", "min(x, 9)"),
        )
    more = "weight, counts: $!weighted" if p.level == 3 else ""
    return Spec(
        "Find a place at which $xs can be cut in two.",
        f"""
        place, cut, position: A cut at place i has the first i numbers in the left part and the others in
          the right part.
        relation, rule: The cut is good if $!relation.
        {more}
        which, tie, several: Return the $!tie place of a good cut.
        parts, empty part: $!small
        none, empty: If there is no good cut, return $none.
        """,
        """
        for i in $!order:
            left = sum($!key for x in $xs[:i])
            right = sum($!key for x in $xs[i:])
            if $!test:
                return i
        return $none
        """,
        {
            "positive and negative numbers": lambda d: (d.ints(4, 9, -6, 15),),
            "small numbers": lambda d: (d.ints(4, 9, 0, 4),),
        },
        {
            **NUMBERS,
            "two equal halves": ([4, 5, 9, 9, 5, 4],),
            "one large number": ([1, 2, 90, 1, 2],),
            "a large number at the end": ([1, 2, 3, 90],),
            "two numbers": ([p["d"] + 2, 2],),
            "two numbers with a large one first": ([30, 1],),
        },
        """
        List the places at which a cut is allowed, in the order in which you want to find them.
        Work out the sums of the two parts for each.
        Return the first place that passes, and what is asked for if none does.
        """,
        {"a long list": lambda d: (d.ints(100, 150, -20, 40),)},
    )
