"""Choosing numbers: by kind, by measure, without repeats."""

from __future__ import annotations

from sml_envs.code.problems.base import NUMBERS, Spec, Topic
from sml_envs.code.problems.draws import (
    Pick,
)

TOPIC = Topic()

_TESTS = (
    ("even", "x % 2 == 0"),
    ("odd", "x % 2 == 1"),
    ("divisible by $q", "x % $q == 0"),
    ("not divisible by $q", "x % $q != 0"),
    ("greater than $t", "x > $t"),
    ("less than $t", "x < $t"),
    ("from -$t to $t", "-$t <= x <= $t"),
)
"""What a number may be, in words and in code; $q and $t are drawn."""


def _test(p: Pick) -> None:
    p.number("q", 3, 7)
    p.number("t", 2, 9)
    p.way("kind test", *_TESTS)


@TOPIC.family("xs|numbers|values: list[int]", "int", "chosen_sum add_chosen sum_up", levels=(1, 2))
def sum_of_chosen(p: Pick) -> Spec:
    """The sum of the numbers of a kind, changed on the way; at level 2 up to a number that stops it."""
    _test(p)
    p.way(
        "how value",
        ("as they are", "x"),
        ("squared", "x * x"),
        ("without their signs", "abs(x)"),
        ("times $c", "x * $c"),
    )
    p.number("c", 2, 9)
    p.number("stop", -4, 12)
    p.let(check="if x == $stop:\n    break\n" if p.level == 2 else "")
    more = (
        "stop, end: Stop at the first $stop: neither it nor what follows it is added." if p.level == 2 else ""
    )
    return Spec(
        "Add up certain numbers of $xs.",
        f"""
        which, kind: Add up the numbers that are $!kind.
        how, changed: They are added $!how.
        {more}
        empty: If there is nothing to add, return 0.
        """,
        "total = 0\nfor x in $xs:\n    $!{check}if $!test:\n        total += $!value\nreturn total",
        {
            "positive and negative numbers": lambda d: (d.ints(4, 8, -12, 14),),
            "small numbers": lambda d: (d.ints(5, 10, -2, 10),),
        },
        {
            **NUMBERS,
            "numbers around the limits": (
                [p["t"] - 1, p["t"], p["t"] + 1, -p["t"], -p["t"] - 1, p["q"], 2 * p["q"]],
            ),
            "a number that stops it in the middle": ([1, 2, 3, 30, p["stop"], 4, 5, p["stop"], 60],),
            "a number that stops it at the start": ([p["stop"], 5, 6, 8, 15],),
        },
        """
        Go through the numbers one by one.
        Decide for each whether it is to be added.
        Change it as asked before you add it.
        """,
        {"a long list": lambda d: (d.ints(300, 400, -50, 50),)},
    )


@TOPIC.family("xs|items|numbers: list[int]", "list[int]", "selected pick_out choose", levels=(1, 2))
def filter_and_change(p: Pick) -> Spec:
    """Keeps the numbers of a kind, changed, in some order; at level 2 the others are changed too."""
    _test(p)
    p.number("c", 2, 9)
    changes = (
        ("$c more than it was", "x + $c"),
        ("$c times what it was", "x * $c"),
        ("its negative", "-x"),
        ("its square", "x * x"),
    )
    p.way("change value", *changes)
    p.way("order turn", ("in the order of the list", ""), ("in the opposite order", "[::-1]"))
    other = "dropped: The other numbers are left out."
    code = "return [$!value for x in $xs if $!test]$!turn"
    if p.level == 2:
        p.way(
            "change2 value2",
            ("$e less than it was", "x - $e"),
            ("its last digit (its sign aside)", "abs(x) % 10"),
            ("0", "0"),
        )
        p.number("e", 2, 9)
        other = "other, others: Every other number becomes $!change2."
        code = "return [$!value if $!test else $!value2 for x in $xs]$!turn"
    return Spec(
        "Make a new list of the numbers of $xs.",
        f"""
        which, kind, change: A number that is $!kind becomes $!change.
        {other}
        order: The results stand $!order.
        empty: An empty list gives an empty list.
        """,
        code,
        {"positive and negative numbers": lambda d: (d.ints(4, 8, -15, 15),)},
        {
            **NUMBERS,
            "numbers around the limits": (
                [p["t"] - 1, p["t"], p["t"] + 1, -p["t"], -p["t"] - 1, p["q"], 2 * p["q"]],
            ),
            "numbers of several digits": ([123, -456, 70, 1001, -88],),
        },
        """
        Look at each number and decide of which kind it is.
        Work out what it becomes.
        Collect the results in the order asked for.
        """,
        {"a long list": lambda d: (d.ints(300, 400, -90, 90),)},
    )


@TOPIC.family("xs|values|numbers: list[int]", "int", "extreme_place position_of where_is", levels=(1, 2))
def place_of_extreme(p: Pick) -> Spec:
    """The place of the largest or smallest number of a kind or by a measure, with ties."""
    p.way("which compare", ("largest", ">"), ("smallest", "<"))
    p.way("tie equal", ("first", ""), ("last", "="))
    p.number("c", 3, 25)
    p.way(
        "measure key",
        ("number itself", "x"),
        ("distance from $c", "abs(x - $c)"),
        ("last digit (its sign aside)", "abs(x) % 10"),
        ("remainder of division by $c (0 to $c - 1, also for negative numbers)", "x % $c"),
    )
    p.number("base", 0, 1)
    p.pick("none", -1, -2, -9, -100)
    p.let(test="True", only="")
    if p.level == 2:
        p.number("q", 2, 5)
        p.way(
            "extra test",
            ("standing at a place divisible by $q", "i % $q == 0"),
            ("not divisible by $q", "x % $q != 0"),
            (
                "different from the number before it (the first one counts)",
                "i == $base or x != $xs[i - $base - 1]",
            ),
        )
        p.let(only="considered, only: Only numbers $!extra are considered.")
    return Spec(
        "Find the place of a number in $xs.",
        f"""
        measure, what: It is the number whose $!measure is $!which.
        place, count, position: Places are counted from $base.
        {p["only"]}
        tie, ties, equal: Of several such numbers take the $!tie.
        empty: If there is no number to choose from, return $none.
        """,
        """
        place, best = $none, None
        for i, x in enumerate($xs, $base):
            if $!test:
                key = $!key
                if best is None or key $!compare$!equal best:
                    place, best = i, key
        return place
        """,
        {
            "positive and negative numbers": lambda d: (d.ints(4, 9, -20, 40),),
            "repeated numbers": lambda d: (d.ints(5, 10, p["c"] - 2, p["c"] + 2),),
        },
        {
            **NUMBERS,
            "equal numbers in two places": (
                [p["c"] - 2, p["c"] + 2, p["c"], p["c"], p["c"] + 2, p["c"] - 2],
            ),
            "rising numbers": ([1, 2, 3, 14, 15, 26, 37],),
            "falling numbers": ([37, 26, 15, 14, 3, 2, 1],),
        },
        """
        Go through the list with the place of each number.
        Work out the measure of each number that is considered.
        Keep the place of the best measure so far, and mind what happens at equal ones.
        """,
        {"a long list": lambda d: (d.ints(300, 400, -500, 500),)},
    )


@TOPIC.family(
    "xs|numbers|values: list[int]; k|count: int", "list[int]", "top_k best_numbers leaders", levels=(2,)
)
def best_by_measure(p: Pick) -> Spec:
    """The k best numbers by a measure, with ties, in an order."""
    p.number("c", -5, 30)
    p.way(
        "measure key",
        ("distance from $c", "abs(x - $c)"),
        ("last digit (its sign aside)", "abs(x) % 10"),
        ("digit sum (its sign aside)", "sum(int(c) for c in str(abs(x)))"),
        ("square minus $c times the number", "x * x - $c * x"),
    )
    p.way("better sign", ("smaller", ""), ("larger", "-"))
    p.way(
        "tie second",
        ("the smaller number comes first", ", x"),
        ("the larger number comes first", ", -x"),
        ("the one further left in the list comes first", ","),
    )
    p.way("order turn", ("from the best down", ""), ("with the best last", "[::-1]"))
    return Spec(
        "Choose the best $k numbers of $xs.",
        """
        measure, best: A number is the better, the $!better its $!measure is.
        tie, ties, equal: Where this is equal, $!tie.
        order: Return the $k best ones, $!order.
        few, short, all: If there are fewer than $k numbers, return all of them in this order.
        zero, negative: If $k is 0 or negative, return an empty list.
        repeated: A number that occurs several times counts as often.
        empty: An empty list gives an empty list.
        """,
        "ranked = sorted($xs, key=lambda x: ($!sign($!key)$!second))\nreturn ranked[: max($k, 0)]$!turn",
        {
            "positive and negative numbers": lambda d: (d.ints(5, 9, -40, 60), d.between(1, 4)),
            "numbers with ties": lambda d: (d.ints(5, 9, -3, 3), d.between(2, 4)),
        },
        {
            "an empty list": ([], 2),
            "a single number": ([9], 1),
            "more asked for than there are": ([12, -7, 33], 5),
            "a count of 0": ([3, 1, 2], 0),
            "a negative count": ([3, 1, 2], -2),
            "equal measures": ([11, -1, 31, 1, -11, 21, 10, 20], 4),
            "numbers on both sides": ([p["c"] + i for i in (3, -3, 1, -1, 2, -2, 0)], 5),
        },
        """
        Find the measure of a number.
        Sort by it the right way round, with the second thing for equal ones.
        Take as many as asked for, and mind counts that are too large or not positive.
        """,
        {"a long list": lambda d: (d.ints(200, 300, -99, 99), 20)},
    )


@TOPIC.family("xs|numbers|stream: list[int]", "list[int]", "no_repeats distinct first_seen", levels=(1, 2))
def remove_repeats(p: Pick) -> Spec:
    """Removes numbers that come again, where numbers count as the same in several ways."""
    p.number("m", 3, 9)
    p.way(
        "same key",
        ("if they are equal", "x"),
        ("if they are equal but for the sign", "abs(x)"),
        ("if they leave the same remainder when divided by $m", "x % $m"),
        ("if they have the same last digit, signs aside", "abs(x) % 10"),
    )
    p.way("keep turn", ("first", ""), ("last", "[::-1]"))
    p.number("k", 1, 3)
    p.let(window="", near="")
    if p.level == 2:
        p.number("back", 2, 5)
        p.let(
            window="[-$back:]",
            near=" among the $back numbers directly $!side it in $xs (whether these are kept or not)",
            side="before" if p["keep"] == "first" else "behind",
        )
    rule = (
        "Of numbers that are the same, the $!keep $k are kept and the others removed."
        if p.level == 1
        else "A number is removed if at least $k numbers$!near are the same as it."
    )
    return Spec(
        "Remove repeated numbers from $xs.",
        f"""
        same, equal: Two numbers are the same {p["same"]}.
        which, kept, how many: {rule}
        order: The kept numbers stay in their order.
        empty: An empty list gives an empty list.
        """,
        """
        seen, kept = [], []
        for x in $xs$!turn:
            key = $!key
            if seen$!window.count(key) < $k:
                kept.append(x)
            seen.append(key)
        return kept$!turn
        """,
        {
            "repeated numbers": lambda d: (d.ints(6, 12, -3, 4),),
            "larger numbers": lambda d: (d.ints(6, 12, -25, 25),),
        },
        {
            **NUMBERS,
            "one number many times": ([5] * 9,),
            "numbers with both signs": ([3, -3, 3, 4, -4, -3, 3, -3],),
            "two numbers in turn": ([1, 2] * 6,),
            "numbers far apart": ([7, 1, 2, 3, 4, 5, 6, 7, 10, 17, 7],),
        },
        """
        Decide what makes two numbers the same, and compare by that.
        Go through the list from the side that matters and count how often the same was met.
        Keep a number as long as it was not met too often; restore the order.
        """,
        {"a long list": lambda d: (d.ints(200, 300, -40, 40),)},
    )
