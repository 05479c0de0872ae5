"""Plans made greedily, boxes packed, things bought and sold."""

from __future__ import annotations

from sml_envs.code.problems.base import Spec, Topic
from sml_envs.code.problems.draws import (
    Pick,
)

TOPIC = Topic()


@TOPIC.family("jobs|talks|visits: list[tuple[int, int]]", "int", "plan schedule most_jobs", levels=(3,))
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


@TOPIC.family("xs|weights|parcels: list[int]", "list[list[int]]", "pack fill_boxes distribute", levels=(2, 3))
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


@TOPIC.family("prices|course|values: list[int]", "int", "best_trade profit earn", levels=(2, 3))
def trading(p: Pick) -> Spec:
    """The best gain from buying and selling once or under a rule; fees, waiting times."""
    p.number("fee", 1, 5)
    p.number("wait", 1, 3)
    p.number("most", p["wait"] + 1, p["wait"] + 4)
    p.way(
        "time range",
        ("at least $wait days after it was bought", "range(i + $wait, len($prices))"),
        (
            "at least $wait and at most $most days after it was bought",
            "range(i + $wait, min(i + $most + 1, len($prices)))",
        ),
    )
    p.way(
        "gain value",
        (
            "the price of the day of selling minus that of the day of buying, minus $fee",
            "$prices[j] - $prices[i] - $fee",
        ),
        (
            (
                "$fee times the price of the day of selling, minus $fee times that of the day of "
                "buying, minus the number of days between"
            ),
            "$fee * ($prices[j] - $prices[i]) - (j - i)",
        ),
        (
            (
                "the price of the day of selling minus that of the day of buying, minus half of the "
                "latter, rounded down, minus $fee"
            ),
            "$prices[j] - $prices[i] - $prices[i] // 2 - $fee",
        ),
    )
    p.let(also="True")
    more = ""
    if p.level == 3:
        p.number("t", 5, 20)
        p.way(
            "rule also",
            ("One may not buy for more than $t.", "$prices[i] <= $t"),
            (
                "One may not sell on a day whose price is lower than that of the day before.",
                "$prices[j] >= $prices[j - 1]",
            ),
            (
                (
                    "On no day from buying to selling may the price be more than $t higher than on the "
                    "day before."
                ),
                "all($prices[k] - $prices[k - 1] <= $t for k in range(i + 1, j + 1))",
            ),
        )
        more = "rule, allowed: $!rule"
    p.way(
        "result give",
        ("the largest gain, or 0 if no gain is positive", "max([0, *gains])"),
        (
            "the largest gain, which may be negative, or 0 if one cannot buy and sell at all",
            "max(gains, default=0)",
        ),
        ("how many choices of the two days have a positive gain", "sum(1 for gain in gains if gain > 0)"),
    )
    return Spec(
        "Find out what can be gained by buying and selling once.",
        f"""
        given, prices: One price for each day, in order. One thing is bought on one day and sold on a later
          one.
        time, days, wait: It is sold $!time.
        gain, value: The gain is $!gain.
        {more}
        return, result: Return $!result.
        empty: Without prices, or if there are too few days, return 0.
        """,
        """
        gains = []
        for i in range(len($prices)):
            for j in $!range:
                if $!also:
                    gains.append($!value)
        return $!give
        """,
        {"prices up and down": lambda d: (d.ints(4, 9, 1, 30),)},
        {
            "no prices": ([],),
            "one day": ([5],),
            "two days": ([3, 20],),
            "too few days": ([2, 9, 14][: p["wait"]],),
            "just enough days": ([2, 9, 14, 29][: p["wait"] + 1],),
            "equal prices": ([7] * 6,),
            "falling prices": ([30, 22, 15, 9, 4, 1],),
            "rising prices": ([1, 4, 9, 15, 22, 30, 45],),
            "the best days far apart": ([2, 10, 10, 10, 10, 10, 10, 40],),
            "a low price at the end": ([10, 12, 8, 25, 7, 1],),
        },
        """
        Go through all days of buying, and for each through the days of selling that are allowed.
        Work out the gain of each choice.
        Return what is asked for of these gains, also if there are none.
        """,
        {"many days": lambda d: (d.ints(80, 100, 1, 90),)},
    )
