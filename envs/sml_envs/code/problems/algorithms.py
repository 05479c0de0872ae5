"""Simple algorithms on lists: intervals, searching, packing, games. See planning.py for graphs and tables."""

from __future__ import annotations

from sml_envs.code.problems.base import NUMBERS, Spec, Topic
from sml_envs.code.problems.draws import FIRST_NAMES, Draws, Pick, nth

PROCEDURES = Topic()


def _intervals(d: Draws, most: int = 6) -> list[tuple[int, int]]:
    return [(a, a + d.between(0, 6)) for a in d.ints(2, most, 0, 30)]


@PROCEDURES.family(
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
    p.way("order turn", ("by their start, smallest first", ""), ("by their start, largest first", "[::-1]"))
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
                "An interval of length $most or more is not joined with one that starts behind its start.",
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
        order: Return the results sorted $!order.
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


@PROCEDURES.family(
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


@PROCEDURES.family("xs|numbers|values: list[int]", "int", "count_pairs pairs matching_pairs", levels=(2, 3))
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


@PROCEDURES.family("xs|values|gains: list[int]", "int", "best_block best_run largest_sum", levels=(3,))
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


@PROCEDURES.family("jobs|talks|visits: list[tuple[int, int]]", "int", "plan schedule most_jobs", levels=(3,))
def schedule(p: Pick) -> Spec:
    """A greedy plan: which jobs are taken by a given rule, with breaks; how many, or how long in all."""
    p.number("rest", 0, 4)
    p.number("t", 1, 5)
    p.way(
        "order key",
        ("by their end, jobs with the same end by their start", "(b, a)"),
        ("by their start, jobs with the same start by their end", "(a, b)"),
        ("by their length, jobs of the same length by their start", "(b - a, a)"),
        ("by their length, the longest first, jobs of the same length by their start", "(a - b, a)"),
    )
    p.way(
        "drop test",
        ("jobs shorter than $t", "b - a >= $t"),
        ("jobs longer than $long", "b - a <= $long"),
        ("jobs that start before $t", "a >= $t"),
    )
    p.number("long", 4, 8)
    p.way(
        "result value",
        ("how many jobs are taken", "len(taken)"),
        ("the sum of the lengths of the jobs taken", "sum(b - a for a, b in taken)"),
        ("the end of the job taken last, or 0 if none is taken", "taken[-1][1] if taken else 0"),
        ("the largest end of a job taken, or 0 if none is taken", "max([b for a, b in taken], default=0)"),
    )
    return Spec(
        "Plan which jobs are done.",
        """
        given, form: A job is a tuple (start, end) of whole numbers that are not negative, with start < end;
          its length is end - start.
        dropped, never: First of all, $!drop are left out.
        order: Then the jobs are considered one by one, sorted $!order.
        rule, break, overlap: A job is taken if there is a break of at least $rest between it and every job
          taken before, whichever of the two is earlier; jobs that overlap have no break.
        return, result: Return $!result.
        empty: Without jobs return 0. Equal jobs are jobs of their own.
        """,
        """
        def by(job):
            a, b = job
            return $!key

        taken = []
        for a, b in sorted($jobs, key=by):
            if $!test and all(a - d >= $rest or c - b >= $rest for c, d in taken):
                taken.append((a, b))
        return $!value
        """,
        {"several jobs": lambda d: ([(a, a + d.between(1, 9)) for a in d.ints(4, 8, 0, 25)],)},
        {
            "no jobs": ([],),
            "one job": ([(5, 9)],),
            "equal jobs": ([(6, 10), (6, 10)],),
            "jobs that touch": ([(5, 10), (10, 14), (14, 18)],),
            "breaks of the exact size": ([(5, 9), (9 + p["rest"], 14), (13 + p["rest"], 18 + p["rest"])],),
            "a job over all others": ([(6, 40), (7, 11), (16, 20), (25, 31)],),
            "lengths around the limits": (
                [
                    (10, 10 + p["t"]),
                    (30, 29 + p["t"] + (p["t"] == 1)),
                    (50, 50 + p["long"]),
                    (70, 71 + p["long"]),
                ],
            ),
            "starts around the limit": (
                [(p["t"] - 1, p["t"] + 3), (p["t"], p["t"] + 4), (p["t"] + 12, p["t"] + 16)],
            ),
            "jobs of equal length": ([(20, 24), (2, 6), (12, 16), (4, 8), (14, 18)],),
        },
        """
        Leave out the jobs that are never done and sort the others as told.
        Consider them one by one, and compare each with all that were taken.
        Work out what is asked for of the jobs taken.
        """,
        {"many jobs": lambda d: ([(a, a + d.between(1, 20)) for a in d.ints(80, 100, 0, 600)],)},
    )


@PROCEDURES.family("arrivals|times|clients: list[int]", "int", "simulate waiting queue_time", levels=(2, 3))
def queue(p: Pick) -> Spec:
    """A queue at a desk: how long people wait, with breaks, patience, changing service times."""
    p.number("serve", 2, 6)
    p.number("every", 2, 4)
    p.number("pause", 1, 6)
    p.let(nth=nth(p["every"]))
    p.way(
        "break_rule after",
        (
            "After every $!nth person served the desk is closed for $pause minutes.",
            "if served % $every == 0:\n    free += $pause",
        ),
        (
            "Every $!nth person served takes $pause minutes longer than the others.",
            "if served % $every == 0:\n    free += $pause",
        ),
        (
            "Each person who did not have to wait takes $pause minutes longer.",
            "if wait == 0:\n    free += $pause",
        ),
    )
    p.let(leave="")
    more = ""
    if p.level == 3:
        p.number("patience", 3, 12)
        p.way(
            "leave_rule leave",
            (
                "who would have to wait more than $patience minutes goes away at once and is not served",
                "if wait > $patience:\n    continue",
            ),
            (
                (
                    "who would have to wait more than $patience minutes is served by someone else at "
                    "once, and does not count here at all"
                ),
                "if wait > $patience:\n    continue",
            ),
            (
                (
                    "who would have to wait exactly $patience minutes or a multiple of it (but not 0) "
                    "goes away at once and is not served"
                ),
                "if wait and wait % $patience == 0:\n    continue",
            ),
        )
        more = "patience, away: But a person $!leave_rule."
    p.way(
        "result give",
        ("the longest time that a served person waited", "longest"),
        ("the sum of the times that served persons waited", "total"),
        ("the minute at which the desk is free in the end (0 if nobody was served)", "free"),
        ("how many served persons had to wait", "waited"),
    )
    return Spec(
        "Work out what happens at a desk.",
        f"""
        given, arrivals: The minutes at which people arrive, in order; several may arrive in the same
          minute, and are served as listed.
        serve, time: One person at a time is served, and it takes $serve minutes.
        wait: A person waits from the arrival until the desk is free; whoever arrives when it is free or
          just becomes free does not wait.
        break, every: $!break_rule
        {more}
        return, result: Return $!result.
        empty: If nobody comes, return 0.
        """,
        """
        free = served = longest = total = waited = 0
        for minute in $arrivals:
            wait = max(free - minute, 0)
            $!leave
            served += 1
            free = max(free, minute) + $serve
            $!after
            longest, total = max(longest, wait), total + wait
            waited += 1 if wait > 0 else 0
        return $!give
        """,
        {
            "people at several times": lambda d: (sorted(d.ints(4, 9, 0, 30)),),
            "people close together": lambda d: (sorted(d.ints(4, 9, 0, 10)),),
        },
        {
            "nobody": ([],),
            "one person": ([5],),
            "one person at the start": ([0],),
            "many at the same time": ([3] * 7,),
            "people far apart": ([0, 50, 100, 150, 200],),
            "people just when the desk is free": (list(range(1, 40, p["serve"]))[:6],),
            "people one minute too early": ([4, 3 + p["serve"], 2 + 2 * p["serve"]],),
            "two groups": ([0, 0, 0, 0, 60, 60, 60],),
        },
        """
        Keep the minute from which the desk is free.
        Work out for each person how long the wait is, and whether the person is served.
        Move the free minute on, with what the rules add, and keep what is asked for.
        """,
        {"many people": lambda d: (sorted(d.ints(300, 400, 0, 1500)),)},
    )


@PROCEDURES.family(
    "names|players|people: list[str]", "list[str]", "count_out eliminate remaining", levels=(2, 3)
)
def count_out(p: Pick) -> Spec:
    """A counting-out game in a circle: who goes, in which direction, how many stay."""
    p.number("k", 2, 9)
    p.number("stay", 1, 2)
    p.way(
        "result give",
        ("those who are left, in the order of the list", "[x for i, x in enumerate($names) if i in ring]"),
        ("those who went out, in the order of going", "[$names[i] for i in gone]"),
        ("those who went out, the last one first", "[$names[i] for i in gone[::-1]]"),
    )
    p.way("start at", ("the first", "0"), ("the last", "len($names) - 1"))
    p.let(count="$k")
    more = ""
    if p.level == 3:
        p.way(
            "change count",
            ("In each further round, one counts 1 further than in the round before.", "$k + len(gone)"),
            (
                "Whenever the number of people in the circle is even, one counts one less.",
                "$k - (1 if len(ring) % 2 == 0 else 0)",
            ),
            (
                "After somebody whose name has more than 3 letters goes out, the next counting is only to 2.",
                "2 if gone and len($names[gone[-1]]) > 3 else $k",
            ),
        )
        more = "change, rounds: $!change"
    return Spec(
        "Play a counting-out game in a circle.",
        f"""
        circle, order: The people stand in a circle in the order of the list; after the last one comes the
          first again.
        count, start: Counting begins with $!start person of the list as 1 and goes on to $k; that person
          goes out.
        next, round: The next round begins with the person who stood behind the one who went out, as 1.
        {more}
        end, stay: It ends when $stay or fewer are left.
        return, result: Return $!result.
        given: Names may repeat; they are people of their own.
        empty: Without people return an empty list.
        """,
        """
        ring, gone = list(range(len($names))), []
        at = $!at
        while len(ring) > $stay:
            at = (at + $!count - 1) % len(ring)
            gone.append(ring.pop(at))
        return $!give
        """,
        {"several people": lambda d: (d.some(FIRST_NAMES, d.between(4, 9)),)},
        {
            "nobody": ([],),
            "one person": (["Ada"],),
            "two people": (["Ada", "Ben"],),
            "three people": (["Ada", "Benno", "Cleo"],),
            "people with the same name": (["Jo", "Jo", "Mia", "Jo", "Leonie"],),
            "as many as are counted": (list(FIRST_NAMES[: p["k"]]),),
            "one more than that": (list(FIRST_NAMES[: p["k"] + 1]),),
        },
        """
        Keep the circle and the place at which counting begins.
        Find the place of the person who goes out; it may lie beyond the end of the list.
        Take the person out and mind where the next counting begins.
        """,
        {"many people": lambda d: ([f"p{i}" for i in range(120)],)},
    )


@PROCEDURES.family(
    "cells|line|state: str; steps|rounds|n: int", "str", "evolve next_rows grow", levels=(2, 3)
)
def cells(p: Pick) -> Spec:
    """A row of cells that live or die by their neighbours, several rounds; borders of our own."""
    alive, dead = p.pick("alive dead", ("#", "."), ("x", "-"), ("1", "0"), ("O", "_"), ("*", " "))
    born = tuple(sorted(p.some((0, 1, 2), p.between(1, 2))))
    live = tuple(sorted(p.some((0, 1, 2), p.between(1, 2))))
    p.let(born=born, live=live, told_born=" or ".join(map(str, born)), told_live=" or ".join(map(str, live)))
    p.way(
        "edge left",
        ("Beyond both ends there are only dead cells.", "$dead + row + $dead"),
        ("Beyond both ends there are only living cells.", "$alive + row + $alive"),
        (
            (
                "The row is a circle: the first and the last cell are neighbours (a single cell is "
                "its own neighbour on both sides)."
            ),
            "row[-1] + row + row[0]",
        ),
    )
    p.let(extra="")
    more = ""
    if p.level == 3:
        p.number("q", 2, 4)
        p.let(nth=nth(p["q"]))
        p.way(
            "special extra",
            ("After every $!nth round the row is turned round.", "if round % $q == 0:\n    row = row[::-1]"),
            (
                "After every $!nth round every cell becomes the opposite.",
                "if round % $q == 0:\n    row = ''.join([$dead if c == $alive else $alive for c in row])",
            ),
            (
                (
                    "As soon as a round changes nothing, no more rounds are played, and $dead is put "
                    "behind the row."
                ),
                "if row == old:\n    return row + $dead",
            ),
        )
        more = "special, after: $!special"
    return Spec(
        "Let a row of cells live for $steps rounds.",
        f"""
        cells, signs: A living cell is $alive, a dead one $dead.
        neighbours: The neighbours of a cell are the one to its left and the one to its right.
        dead, born: A dead cell lives in the next round if {p["told_born"]} of its neighbours live.
        living, stay: A living cell lives on in the next round if {p["told_live"]} of its neighbours live;
          otherwise it is dead.
        together, once: All cells change at the same time.
        edge, border: $!edge
        {more}
        zero, negative: If $steps is 0 or negative, return the row as it is.
        empty: An empty row stays empty, whatever else is said.
        """,
        """
        row = $cells
        if not row:
            return row
        for round in range(1, $steps + 1):
            wide, old, new = $!left, row, ""
            for i, c in enumerate(row):
                near = (wide[i] + wide[i + 2]).count($alive)
                new += $alive if near in ($live if c == $alive else $born) else $dead
            row = new
            $!extra
        return row
        """,
        {"a few rounds": lambda d: (d.text(alive + dead, 4, 10), d.between(1, 4))},
        {
            "an empty row": ("", 3),
            "a living cell alone": (alive, 1),
            "a dead cell alone": (dead, 1),
            "no rounds": (alive + dead + alive, 0),
            "a negative number of rounds": (alive + dead * 2, -1),
            "living cells only": (alive * 6, 2),
            "dead cells only": (dead * 6, 2),
            "one living cell in the middle": (dead * 4 + alive + dead * 4, 3),
            "living cells at the ends": (alive + dead * 5 + alive, 2),
            "two cells": (alive + dead, 1),
        },
        """
        Decide what stands beyond both ends of the row.
        Count the living neighbours of each cell in the old row, and write the new one.
        Repeat this as often as asked, and mind what happens after a round.
        """,
        {"many rounds": lambda d: (d.text(alive + dead, 30, 40), 25)},
    )


@PROCEDURES.family(
    "xs|weights|parcels: list[int]", "list[list[int]]", "pack fill_boxes distribute", levels=(2, 3)
)
def packing(p: Pick) -> Spec:
    """Packs weights into boxes by a greedy rule: first fit, next fit, emptiest; orders, limits."""
    p.number("size", 8, 20)
    p.number("most", 2, 4)
    p.way(
        "order sort",
        ("in the order of the list", "$xs"),
        ("sorted, heaviest first", "sorted($xs, reverse=True)"),
        ("sorted, lightest first", "sorted($xs)"),
    )
    p.way(
        "which choice",
        ("the first box (of those begun before) into which it fits", "fitting[0]"),
        ("the last box (of those begun before) into which it fits", "fitting[-1]"),
        (
            (
                "the emptiest box into which it fits, which is the one with the smallest sum (the "
                "first of several)"
            ),
            "min(fitting, key=sum)",
        ),
        (
            (
                "the fullest box into which it fits, which is the one with the largest sum (the "
                "first of several)"
            ),
            "max(fitting, key=sum)",
        ),
    )
    p.way(
        "heavy lost",
        ("is left out", "continue"),
        ("gets a box of its own, into which nothing else goes", "boxes.append([x])\ncontinue"),
    )
    p.let(count="")
    more = ""
    if p.level == 3:
        p.way(
            "extra count",
            ("A box holds at most $most things.", " and len(box) < $most"),
            ("Two equal things may not be in one box.", " and x not in box"),
            (
                "A thing may not be put directly on one that is lighter than itself minus $most.",
                " and box[-1] >= x - $most",
            ),
        )
        more = "also, rule: $!extra"
    return Spec(
        "Pack things into boxes.",
        f"""
        size, fits: A thing fits into a box if the sum of the weights in it is then at most $size.
        {more}
        order: Take the things one by one, $!order.
        which, box: Put each into $!which. If there is none, begin a new box.
        heavy, large: A thing heavier than $size $!heavy.
        return, result: Return the boxes in the order in which they were begun, each as the list of its
          weights in the order of packing.
        given: Weights are positive.
        empty: Without things return an empty list.
        """,
        """
        boxes = []
        for x in $!sort:
            if x > $size:
                $!lost
            fitting = [box for box in boxes if sum(box) + x <= $size$!count]
            if fitting:
                $!choice.append(x)
            else:
                boxes.append([x])
        return boxes
        """,
        {
            "several things": lambda d: (d.ints(5, 9, 1, p["size"] // 2 + 2),),
            "light and heavy things": lambda d: (d.ints(5, 9, 1, p["size"] + 2),),
        },
        {
            "no things": ([],),
            "one thing": ([4],),
            "a thing that just fits": ([p["size"]],),
            "a thing that is too heavy": ([p["size"] + 1, 3],),
            "equal things": ([p["size"] // 2] * 5,),
            "things that just fill a box": ([p["size"] - 3, 3, p["size"] - 2, 2],),
            "things that fit just not": ([p["size"] - 3, 4, p["size"] - 2, 3],),
            "light things": ([1, 2, 1, 1, 2, 1, 1, 1, 3],),
            "heavy things between light ones": ([1, p["size"] + 5, 2, p["size"] + 1, 1],),
        },
        """
        Bring the things into the order in which they are packed.
        Find the boxes into which a thing fits, and choose among them.
        Begin a new box if there is none; deal with things that are too heavy.
        """,
        {"many things": lambda d: (d.ints(100, 150, 1, p["size"]),)},
    )
