"""Intervals, sorted lists, pairs and blocks."""

from __future__ import annotations

from sml_envs.code.problems.base import NUMBERS, Spec, Topic
from sml_envs.code.problems.draws import (
    Draws,
    Pick,
)

TOPIC = Topic()


def _intervals(d: Draws, most: int = 6) -> list[tuple[int, int]]:
    return [(a, a + d.between(0, 6)) for a in d.ints(2, most, 0, 30)]


@TOPIC.family(
    "spans|ranges|intervals: list[tuple[int, int]]",
    "list[tuple[int, int]]",
    "merge_spans join_ranges combine",
    levels=(2, 3),
)
def merge_intervals(p: Pick) -> Spec:
    """Joins intervals that overlap or nearly touch; short ones are dropped, long ones are cut."""
    p.number("gap", 0, 4)
    p.number("least", 1, 6)
    p.way("when test", ("before joining", True), ("after joining", False))
    p.way("order turn", ("the one begun first first", ""), ("the one begun last first", "[::-1]"))
    p.let(
        first="[(a, b) for a, b in $spans if b - a >= $least]" if p["test"] else "$spans",
        last="out" if p["test"] else "[(a, b) for a, b in out if b - a >= $least]",
    )
    p.let(limit="")
    more = ""
    if p.level == 3:
        p.number("most", p["least"] + 4, 16)
        p.way(
            "long limit",
            (
                "Two intervals are not joined if the joined one would be longer than $most.",
                " and max(b, out[-1][1]) - out[-1][0] <= $most",
            ),
            (
                "A result that has a length of $most or more is not joined with any further interval.",
                " and out[-1][1] - out[-1][0] < $most",
            ),
        )
        more = "long, limit: $!long"
    near = "share at least one point" if p["gap"] == 0 else "are at most $gap apart (or share points)"
    return Spec(
        "Join intervals that belong together.",
        f"""
        given, form: An interval is a tuple (start, end) of whole numbers with start <= end; its length is
          end - start.
        join, touch, gap: Two intervals that {near} are joined to one, from the smaller start to the larger
          end.
        how, way: Take them sorted by start, and then by end, and join each to the last result if they
          belong together, else it is a new result.
        {more}
        short, least: Intervals of a length below $least are left out; this is done {p["when"]}.
        order: Return the results, $!order.
        empty: Without intervals return an empty list.
        """,
        """
        out = []
        for a, b in sorted($!first):
            if out and a - out[-1][1] <= $gap$!limit:
                out[-1] = (out[-1][0], max(b, out[-1][1]))
            else:
                out.append((a, b))
        return $!last$!turn
        """,
        {"several intervals": lambda d: (_intervals(d),)},
        {
            "no intervals": ([],),
            "one interval": ([(3, 12)],),
            "an interval of length 0": ([(5, 5), (5, 5)],),
            "an interval inside another": ([(0, 20), (4, 9), (21, 22)],),
            "equal intervals": ([(2, 9), (2, 9)],),
            "gaps of the exact size": ([(0, 8), (8 + p["gap"], 17), (18 + p["gap"], 27)],),
            "lengths around the least": (
                [(0, p["least"] - 1), (20, 20 + p["least"]), (40, 41 + p["least"])],
            ),
            "negative numbers": ([(-9, -4), (-30, -20), (-3, 0)],),
            "a long chain": ([(i, i + 3) for i in range(0, 40, 3)],),
            "a long interval first": ([(0, 16), (15, 18), (10, 12)],),
        },
        """
        Sort the intervals by their start.
        Compare each with the last result and decide whether it is joined.
        Leave out the short ones at the right moment.
        """,
        {"many intervals": lambda d: ([(a, a + d.between(0, 9)) for a in d.ints(150, 200, 0, 2000)],)},
    )


@TOPIC.family(
    "xs|sorted_xs|steps: list[int]; target|goal|value: int", "int", "find_place search locate", levels=(1, 2)
)
def search_sorted(p: Pick) -> Spec:
    """Finds a place in a sorted list: first, last, nearest; what to return for values outside."""
    p.number("base", 0, 1)
    p.way(
        "rule best",
        ("the first number that is at least $target", "[i for i, x in enumerate($xs) if x >= $target][:1]"),
        ("the last number that is at most $target", "[i for i, x in enumerate($xs) if x <= $target][-1:]"),
        (
            "the first number that is greater than $target",
            "[i for i, x in enumerate($xs) if x > $target][:1]",
        ),
        ("the last number that is less than $target", "[i for i, x in enumerate($xs) if x < $target][-1:]"),
    )
    p.pick("none", -1, -5, -100, 1000, -7)
    p.number("d", 2, 9)
    p.way(
        "near limit",
        ("It counts only if it differs from $target by at most $d.", "abs($xs[found[0]] - $target) <= $d"),
        (
            "It counts only if it differs from $target by at least $d, or not at all.",
            "abs($xs[found[0]] - $target) >= $d or $xs[found[0]] == $target",
        ),
    )
    p.way(
        "result give",
        ("its place, counted from $base", "found[0] + $base"),
        ("how many numbers of the list stand behind it, plus $base", "len($xs) - 1 - found[0] + $base"),
    )
    p.let(prepare="")
    more = ""
    if p.level == 2:
        p.number("q", 2, 4)
        p.way(
            "some prepare",
            (
                (
                    "only numbers at places divisible by $q (from 0) are looked at, but places and "
                    "numbers behind are those of the whole list"
                ),
                "found = [i for i in ALL if i % $q == 0]",
            ),
            (
                (
                    "numbers divisible by $q are not looked at, but places and numbers behind are those "
                    "of the whole list"
                ),
                "found = [i for i in ALL if $xs[i] % $q]",
            ),
        )
        more = "only, looked at: Here, $!some."
    rule = p["best"]
    whole, cut = rule.rsplit("[", 1)
    p.let(find=f"found = {whole}[{cut}" if not more else p["prepare"].replace("ALL", whole) + f"[{cut}")
    return Spec(
        "Find a place in the sorted list $xs.",
        f"""
        given, sorted: The list is sorted, smallest number first; numbers may repeat.
        rule, which: Look for $!rule.
        {more}
        near, difference: $!near
        return, result: Return $!result.
        none, empty: If there is no such number, return $none.
        """,
        "$!find\nif found and ($!limit):\n    return $!give\nreturn $none",
        {
            "sorted numbers": lambda d: (sorted(d.ints(4, 9, -10, 30)), d.between(-8, 30)),
            "repeated numbers": lambda d: (sorted(d.ints(5, 10, 0, 6)), d.between(0, 6)),
        },
        {
            "an empty list": ([], 4),
            "a single number": ([4], 4),
            "a value below all numbers": ([10, 12, 14], 9),
            "a value above all numbers": ([10, 12, 14], 15),
            "equal numbers": ([5, 5, 5, 5, 5], 5),
            "a value in a gap": ([1, 3, 20 - p["d"], 20 + p["d"], 50], 20),
            "a value in a larger gap": ([1, 3, 19 - p["d"], 21 + p["d"], 50], 20),
            "a value in a smaller gap": ([1, 3, 19, 21, 50], 20),
            "negative numbers": ([-30, -20, -20, -9, -1], -20),
        },
        """
        Find the number that the rule means.
        Test whether it is near enough.
        Turn its place into what has to be returned.
        """,
        {"a long list": lambda d: (sorted(d.ints(300, 400, -900, 900)), d.between(-500, 500))},
    )


@TOPIC.family("xs|numbers|values: list[int]", "int", "count_pairs pairs matching_pairs", levels=(2, 3))
def count_pairs(p: Pick) -> Spec:
    """Counts pairs of places whose numbers satisfy a relation, near or far enough from each other."""
    p.number("t", 3, 20)
    p.number("q", 2, 7)
    p.way(
        "relation test",
        ("their sum is $t", "a + b == $t"),
        ("their sum is divisible by $q", "(a + b) % $q == 0"),
        ("the later one is greater than the earlier one by more than $q", "b - a > $q"),
        ("they differ by exactly $q", "abs(a - b) == $q"),
        ("the earlier one is greater than $q times the later one", "a > $q * b"),
    )
    p.number("gap", 2, 4)
    p.way(
        "apart range",
        ("at least $gap places apart", "range(i + $gap, len($xs))"),
        ("at most $gap places apart", "range(i + 1, min(i + $gap + 1, len($xs)))"),
    )
    p.let(extra="")
    more = ""
    if p.level == 3:
        p.way(
            "more extra",
            (
                "no number between them (in the list) is greater than both",
                " and all(x <= max(a, b) for x in $xs[i + 1 : j])",
            ),
            ("the number $t does not stand between them (in the list)", " and $t not in $xs[i + 1 : j]"),
            (
                "all numbers between them (in the list) are different from both",
                " and a not in $xs[i + 1 : j] and b not in $xs[i + 1 : j]",
            ),
        )
        more = "between: Moreover, $!more."
    p.way(
        "weight value",
        ("how many such pairs there are", "1"),
        ("the sum of their larger numbers over all such pairs (of either, if they are equal)", "max(a, b)"),
    )
    return Spec(
        "Look for pairs of numbers in $xs.",
        f"""
        pair: A pair is two different places of the list, each two places once; the earlier number stands
          further left.
        apart, distance: They are $!apart (neighbours are 1 apart).
        relation, rule: For their numbers it holds that $!relation.
        {more}
        return, result: Return $!weight.
        none, empty: If there is no such pair, return 0.
        """,
        """
        total = 0
        for i, a in enumerate($xs):
            for j in $!range:
                b = $xs[j]
                if $!test$!extra:
                    total += $!value
        return total
        """,
        {
            "small numbers": lambda d: (d.ints(5, 9, 0, 12),),
            "positive and negative numbers": lambda d: (d.ints(5, 9, -9, 15),),
        },
        {
            **NUMBERS,
            "two numbers": ([1, p["t"] - 1],),
            "numbers with the sum": ([p["t"], 0, 0, p["t"], 1, p["t"] - 1, 0],),
            "steps of the exact size": (list(range(0, 6 * p["q"] + 1, p["q"])),),
            "rising numbers": ([0, 1, 2, 9, 17, 26],),
            "falling numbers": ([40, 26, 9, 2, 1, 0],),
            "equal numbers in several places": ([p["q"], 2, p["q"], p["q"], 2, p["q"]],),
        },
        """
        Go through the pairs of places that are far enough, or near enough.
        Test the relation for the numbers, with the earlier one first.
        Count or add as asked.
        """,
        {"a long list": lambda d: (d.ints(80, 100, -20, 30),)},
    )


@TOPIC.family("xs|values|gains: list[int]", "int", "best_block best_run largest_sum", levels=(3,))
def best_block(p: Pick) -> Spec:
    """The best sum of a block of neighbours of limited length, with a penalty or a bonus."""
    p.number("least", 1, 3)
    p.number("extra", 1, 5)
    p.let(most=p["least"] + p["extra"])
    p.number("c", 1, 6)
    p.way(
        "cost value",
        ("its sum minus $c for each of its numbers", "sum(block) - $c * len(block)"),
        ("its sum plus $c times its first number", "sum(block) + $c * block[0]"),
        ("its sum minus $c times its largest number", "sum(block) - $c * max(block)"),
        (
            "its sum, in which each negative number counts $c times",
            "sum(x if x >= 0 else x * $c for x in block)",
        ),
    )
    p.way("best compare", ("largest", ">"), ("smallest", "<"))
    p.way(
        "result give tie",
        ("this value", "best", ""),
        ("the place (from 0) at which such a block begins; the first one, if there are several", "start", ""),
        ("the place (from 0) at which such a block begins; the last one, if there are several", "start", "="),
    )
    p.pick("none", 0, -1, -1000, 999)
    return Spec(
        "Find the best block of $xs.",
        """
        block: A block is a row of at least $least and at most $most numbers that stand side by side.
        value: The value of a block is $!cost.
        best: The best block is that of the $!best value.
        return, result, tie: Return $!result.
        short, empty: If the list has fewer than $least numbers, return $none.
        """,
        """
        best, start = None, $none
        for i in range(len($xs)):
            for size in range($least, $most + 1):
                block = $xs[i : i + size]
                if len(block) == size:
                    value = $!value
                    if best is None or value $!compare$!tie best:
                        best, start = value, i
        return $none if best is None else $!give
        """,
        {"positive and negative numbers": lambda d: (d.ints(5, 10, -9, 12),)},
        {
            **NUMBERS,
            "one number too few": (([4, -5, 6])[: p["least"] - 1],),
            "just enough numbers": (([4, -5, 6])[: p["least"]],),
            "as many numbers as a block may have": ([1] * p["most"],),
            "one number more": ([2] * p["most"] + [3],),
            "positive numbers": ([5, 9, 1, 8, 8, 2, 7, 3],),
            "equal blocks": ([4, -9, 4, -9, 4, -9, 4],),
        },
        """
        Go through all places at which a block can begin, and through all lengths.
        Work out the value of each block that fits into the list.
        Keep the best and what has to be returned of it; mind equal ones.
        """,
        {"a long list": lambda d: (d.ints(150, 200, -30, 30),)},
    )
