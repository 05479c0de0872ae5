"""Divisors, multiples and numbers of a range."""

from __future__ import annotations

from sml_envs.code.problems.base import INTEGERS, Spec, Topic
from sml_envs.code.problems.draws import (
    Pick,
)

TOPIC = Topic()


@TOPIC.family("n|limit|top: int", "int", "count_numbers how_many sum_up_to", levels=(1, 2))
def count_multiples(p: Pick) -> Spec:
    """Counts or adds the numbers up to a limit that meet two conditions about divisors or remainders."""
    p.number("a", 2, 5)
    p.pick("b", *[b for b in range(3, 10) if b % p["a"] and p["a"] % b])
    p.way(
        "join test",
        ("divisible by $a but not by $b", "x % $a == 0 and x % $b != 0"),
        ("divisible by $a or by $b (or both)", "x % $a == 0 or x % $b == 0"),
        ("divisible by exactly one of $a and $b", "(x % $a == 0) != (x % $b == 0)"),
        ("divisible neither by $a nor by $b", "x % $a != 0 and x % $b != 0"),
    )
    p.way(
        "what value",
        ("how many there are", "1"),
        ("their sum", "x"),
        ("the sum of their last digits", "x % 10"),
    )
    p.way("bound end", ("up to $n, which is included", "$n + 1"), ("less than $n", "$n"))
    p.number("start", 1, 6)
    p.let(digits="")
    more = ""
    if p.level == 2:
        p.number("q", 0, 9)
        p.way(
            "digit digits",
            ("whose digits include $q", ' and "$q" in str(x)'),
            ("whose digits do not include $q", ' and "$q" not in str(x)'),
            ("whose last digit is greater than $q", " and x % 10 > $q")
            if p["q"] < 9
            else ("whose last digit is not $q", " and x % 10 != $q"),
        )
        more = "digits: Of these, only those count $!digit."
    return Spec(
        "Look for certain whole numbers up to $n.",
        f"""
        range, start, bound: Look at the whole numbers from $start on that are
          {"at most" if p["end"] != "$n" else "less than"} $n.
        which, condition: The numbers that count are $!join.
        {more}
        return, what: Return $!what.
        empty, none, negative: If there is no such number, as for a negative $n, return 0.
        """,
        "return sum($!value for x in range($start, $!end) if ($!test)$!digits)",
        {
            "small limits": lambda d: (d.between(8, 60),),
            "limits of three digits": lambda d: (d.between(100, 400),),
        },
        {
            "zero": (0,),
            "a negative number": (-12,),
            "the first number of the range": (p["start"],),
            "the number behind it": (p["start"] + 1,),
            "a limit that is divisible by both": (p["a"] * p["b"],),
            "a limit divisible by the first": (p["a"] * 7,),
            "a limit divisible by the second": (p["b"] * 11,),
        },
        """
        Find the first and the last number to look at.
        Test the conditions for each number.
        Count or add those that pass.
        """,
        {"a large limit": lambda d: (d.between(2000, 4000),)},
    )


@TOPIC.family("n|number|value: int", "list[int]", "special_divisors parts_of divisors", levels=(1, 2))
def divisors(p: Pick) -> Spec:
    """The divisors of a number that meet a condition, in an order."""
    p.number("t", 2, 9)
    p.way(
        "which test",
        ("greater than $t", "d > $t"),
        ("at most $t or at least $big", "d <= $t or d >= $big"),
        ("not divisible by $t", "d % $t != 0"),
        ("odd or divisible by $m", "d % 2 == 1 or d % $m == 0"),
    )
    p.number("big", 12, 30)
    p.pick("m", 4, 6, 8, 10)
    p.way(
        "own upper",
        ("The number itself counts as a divisor.", "abs($n) + 1"),
        ("The number itself does not count.", "abs($n)"),
    )
    p.way("order turn", ("smallest first", ""), ("largest first", "[::-1]"))
    p.let(more="")
    extra = ""
    if p.level == 2:
        p.number("s", 2, 4)
        p.way(
            "pair more",
            (
                "the other factor $n / d of a divisor d (its sign aside) is divisible by $s",
                " and abs($n) // d % $s == 0",
            ),
            (
                "the divisor d and its other factor $n / d (its sign aside) differ by more than $s",
                " and abs(abs($n) // d - d) > $s",
            ),
            ("the last digit of the divisor d is greater than $s", " and d % 10 > $s"),
        )
        extra = "also, factor: Also, a divisor counts only if $!pair."
    return Spec(
        "List certain divisors of $n.",
        f"""
        divisor: A divisor is a positive whole number that divides $n without a remainder.
        which, condition: List those that are $!which.
        {extra}
        itself: $!own
        order: They stand in the list $!order.
        sign, negative: A negative number has the divisors of the positive one; itself then means the
          positive one.
        zero, empty: For 0 return an empty list.
        """,
        "return [d for d in range(1, $!upper) if $n % d == 0 and ($!test)$!more]$!turn",
        {
            "numbers with many divisors": lambda d: (
                d.one((24, 36, 48, 60, 72, 84, 90, 96, 100, 108, 120, 144, 180)),
            ),
            "other numbers": lambda d: (d.between(2, 200),),
        },
        {
            **INTEGERS,
            "a prime number": (31,),
            "a square number": (225,),
            "a negative number with many divisors": (-240,),
            "the limits multiplied": (p["t"] * p["big"],),
        },
        """
        Try every whole number from 1 on that could divide the number.
        Keep those that divide it and meet the condition.
        Put them into the order asked for.
        """,
        {"a large number": lambda d: (d.one((2520, 5040, 3600, 4620)),)},
    )


@TOPIC.family(
    "a|low|first: int; b|high|last: int", "list[int]", "find_numbers in_range special_numbers", levels=(2, 3)
)
def numbers_in_range(p: Pick) -> Spec:
    """The numbers of a range whose digits, divisors or neighbours meet a condition."""
    p.number("q", 3, 9)
    p.number("r", 0, p["q"] - 1)
    p.way(
        "first test",
        (
            "the sum of its digits leaves the remainder $r when divided by $q",
            "sum(int(c) for c in str(x)) % $q == $r",
        ),
        (
            "its digits do not fall from left to right and it is not divisible by $q",
            "list(str(x)) == sorted(str(x)) and x % $q != 0",
        ),
        (
            "it has exactly $many divisors (1 and itself included)",
            "sum(1 for i in range(1, x + 1) if x % i == 0) == $many",
        ),
        (
            "no digit occurs twice in it and its last digit is at most $q",
            "len(set(str(x))) == len(str(x)) and x % 10 <= $q",
        ),
        (
            "its first digit is greater than its last digit by at least $small",
            "int(str(x)[0]) - x % 10 >= $small",
        ),
    )
    p.number("many", 2, 6)
    p.number("small", 1, 4)
    p.way("order turn", ("smallest first", ""), ("largest first", "[::-1]"))
    p.number("k", 3, 7)
    more = ""
    p.let(keep="")
    if p.level == 3:
        p.number("gap", 2, 5)
        p.way(
            "near keep",
            (
                "at least $gap greater than the last number taken before it",
                "if not out or x - out[-1] >= $gap:\n    out.append(x)",
            ),
            (
                "not the $gap-fold of a number taken before it",
                "if x % $gap or x // $gap not in out:\n    out.append(x)",
            ),
        )
        more = "taken, gap: Going up from the smallest, such a number is taken only if it is $!near."
    else:
        p.let(keep="out.append(x)")
    return Spec(
        "Find certain numbers between $a and $b.",
        f"""
        range, bounds, included: Look at the whole numbers from $a to $b, both included.
        positive: Numbers below 1 never count.
        condition, which: A number counts if $!first.
        {more}
        many, most, how many: Return at most $k of them, those that come first in the order of the list.
        order: They stand in the list $!order.
        empty: If there are none, as when $a is greater than $b, return an empty list.
        """,
        """
        out = []
        for x in range(max($a, 1), $b + 1):
            if $!test:
                $!keep
        return out$!turn[:$k]
        """,
        {
            "small ranges": lambda d: ((low := d.between(1, 60)) * 1, low + d.between(15, 60)),
            "larger numbers": lambda d: ((low := d.between(80, 400)) * 1, low + d.between(20, 60)),
        },
        {
            "a range that is empty": (20, 10),
            "a range of one number": (21, 21),
            "a range of one other number": (p["q"] * 4, p["q"] * 4),
            "negative bounds": (-30, 12),
            "negative numbers only": (-9, -2),
            "a range from zero": (0, 26),
            "the small numbers": (1, 14),
        },
        """
        Go through the range, from 1 on if it begins below.
        Test each number and collect those that count.
        Bring them into the order asked for, and then cut the list.
        """,
        {"a large range": lambda d: (d.between(1, 50), 600)},
    )
