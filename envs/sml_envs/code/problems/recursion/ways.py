"""Sequences, ways to climb and to pay, texts folded again and again."""

from __future__ import annotations

from sml_envs.code.problems.base import Spec, Topic
from sml_envs.code.problems.draws import (
    LOWER,
    Pick,
)

TOPIC = Topic()


@TOPIC.family("n|index|place: int", "int", "term sequence_at nth_term", levels=(1, 2))
def recursive_sequence(p: Pick) -> Spec:
    """A sequence in which a term follows from those before it; at level 2 by different rules."""
    p.number("a", 1, 4)
    p.number("b", 0, 5)
    p.number("x", 1, 3)
    p.number("y", -1, 2)
    p.number("c", -3, 3)
    p.way(
        "rule code",
        (
            "$x times the term before it, plus $y times the one before that, plus $c",
            "$x * $f($n - 1) + $y * $f($n - 2) + $c",
        ),
        (
            "the term before it, minus $x times the one before that, plus its own place",
            "$f($n - 1) - $x * $f($n - 2) + $n",
        ),
        ("$x times the one two places before it, plus its own place times $c", "$x * $f($n - 2) + $n * $c"),
    )
    p.let(other="")
    more = ""
    if p.level == 2:
        p.number("m", 2, 4)
        p.way(
            "special special_term",
            (
                (
                    "If its place is divisible by $m, it is the term $m places before it, with the "
                    "opposite sign, plus $b."
                ),
                "-$f($n - $m) + $b",
            ),
            (
                "If its place is divisible by $m, it is the term at its place divided by $m, plus $a.",
                "$f($n // $m) + $a",
            ),
            (
                (
                    "If its place is divisible by $m, it is the term before it, divided by 2 and rounded "
                    "down, plus $a."
                ),
                "$f($n - 1) // 2 + $a",
            ),
        )
        p.let(other="if $n % $m == 0:\n    return $!special_term")
        more = "special, divisible: From place 2 on, there is a first rule. $!special"
    return Spec(
        "Work out a term of a sequence.",
        f"""
        start, first terms: The term at place 0 is $a, the term at place 1 is $b.
        {more}
        rule, next: {"Otherwise, each later" if more else "Each later"} term is $!rule.
        return: Return the term at place $n.
        negative, empty: For a negative $n return 0.
        """,
        """
        if $n < 0:
            return 0
        if $n < 2:
            return $b if $n else $a
        $!other
        return $!code
        """,
        {"small places": lambda d: (d.between(2, 8),), "larger places": lambda d: (d.between(9, 13),)},
        {
            "the place 0": (0,),
            "the place 1": (1,),
            "the place 2": (2,),
            "the place 3": (3,),
            "the place 4": (4,),
            "a negative place": (-2,),
            "the place 12": (12,),
        },
        """
        Deal with the negative places and with the first two terms.
        Find out which rule holds for the place.
        Let the same function work out the terms that the rule needs.
        """,
        {"a place further on": lambda d: (16,)},
    )


@TOPIC.family("n|height|steps: int", "int", "ways climb count_ways", levels=(2, 3))
def ways_to_climb(p: Pick) -> Spec:
    """How many ways lead up some stairs with given strides; forbidden stairs, no stride twice."""
    strides = sorted(p.some(range(1, 7), 2 if p.level == 2 else 3))
    p.let(strides=strides, told=" or ".join(map(str, strides)))
    p.number("bad", 3, 9)
    p.way(
        "trap test",
        ("Stairs divisible by $bad may not be stepped on", "at % $bad == 0"),
        ("The stairs $bad and $twice may not be stepped on", "at in ($bad, $twice)"),
        ("Stairs whose number has the last digit $bad may not be stepped on", "at % 10 == $bad"),
    )
    p.let(twice=2 * p["bad"] + 1, last="0", extra="")
    more = ""
    if p.level == 3:
        p.way(
            "never allowed",
            ("The same stride may not be taken twice in a row.", "stride != last"),
            ("A stride may not be longer than the one before it.", "stride <= last or not last"),
            (
                "A stride may not be exactly 1 longer than the one before it.",
                "stride != last + 1 or not last",
            ),
        )
        more = "strides, row, before: $!never"
        p.let(extra=" if $!allowed")
    return Spec(
        "Count the ways up to stair $n.",
        f"""
        given, start: One begins on the ground, which is stair 0, and goes only up.
        strides, steps: A stride goes up by {p["told"]} stairs.
        forbidden, traps: $!trap (the ground and stair $n itself always may).
        {more}
        ways, different: Two ways differ if their strides differ in number or order.
        zero, empty: For 0 there is 1 way, to stay where one is.
        negative: For a negative $n there is none.
        """,
        """
        def up(at, last):
            if at == $n:
                return 1
            if at > $n or (at and $!test):
                return 0
            return sum(up(at + stride, stride) for stride in $strides$!extra)

        return up(0, 0)
        """,
        {"a few stairs": lambda d: (d.between(2, 8),), "more stairs": lambda d: (d.between(9, 14),)},
        {
            "the ground": (0,),
            "a negative number": (-3,),
            "one stair": (1,),
            "two stairs": (2,),
            "the first forbidden stair": (p["bad"],),
            "a stair above it": (p["bad"] + 1,),
            "thirteen stairs": (13,),
        },
        """
        Say when a way is finished, and when it is lost.
        From a stair, try every stride that is allowed and count what each leads to.
        Carry along what the rules need to know of the way so far.
        """,
        {"many stairs": lambda d: (16,)},
    )


@TOPIC.family("n|amount|total: int", "int", "ways_to_pay count_coins combinations", levels=(3,))
def coin_ways(p: Pick) -> Spec:
    """How many ways there are to pay an amount with some coins and limits."""
    coins = sorted({1, 2, *p.some((3, 4, 5, 6, 7, 8, 9, 10, 12), 3)} - {p.pick("missing", 1, 2)})
    p.let(coins=coins, told=", ".join(map(str, coins)))
    p.number("most", 2, 5)
    p.pick("one", *coins)
    p.way(
        "limit test",
        ("each coin may be used at most $most times", "$most"),
        (
            "the coin $one may be used at most $most times, the others as often as one likes",
            "$most if coin == $one else left",
        ),
        ("in all, at most $count coins may be used", "left"),
    )
    p.number("count", 4, 8)
    total = "in all" in p["limit"]
    p.let(budget="$count" if total else "$n", room="min($!test, room)")
    p.way(
        "parity good",
        ("All such ways count.", "1"),
        (
            "Only ways with an even number of coins count (0 is even).",
            "1 if ($!budget - room) % 2 == 0 else 0",
        ),
        ("Only ways with an odd number of coins count.", "1 if ($!budget - room) % 2 == 1 else 0"),
    )
    return Spec(
        "Count the ways to pay the amount $n.",
        """
        coins, values: There are coins of the values $!told.
        limit, how often, many: Here, $!limit.
        order, different: Ways that differ only in the order of the coins are the same way.
        exact, exactly: The coins must add up to exactly $n.
        which, count: $!parity
        zero, empty: The amount 0 is paid with 0 coins, in one way.
        negative: A negative amount cannot be paid: return 0.
        """,
        """
        def pay(left, kinds, room):
            if left == 0:
                return $!good
            if not kinds:
                return 0
            coin, rest = kinds[0], kinds[1:]
            return sum(pay(left - k * coin, rest, room - k) for k in range(min(left // coin, $!room) + 1))

        return pay($n, $coins, $!budget) if $n >= 0 else 0
        """,
        {"small amounts": lambda d: (d.between(3, 18),), "larger amounts": lambda d: (d.between(19, 40),)},
        {
            "the amount 0": (0,),
            "a negative amount": (-5,),
            "the amount 1": (1,),
            "the smallest coin": (coins[0],),
            "the largest coin": (coins[-1],),
            "many of the same coin": (coins[0] * (p["most"] + 1),),
            "all coins once": (sum(coins),),
        },
        """
        Take the kinds of coins one after the other.
        Try each number of the first coin that is allowed, and let the same function pay the rest with the
          others.
        Decide at the end whether the way counts.
        """,
        {"a large amount": lambda d: (60,)},
    )


@TOPIC.family("text|word|chain: str", "str", "fold reduce_text shrink", levels=(2, 3))
def fold_text(p: Pick) -> Spec:
    """Breaks a text in two and puts the results of both parts together, until the parts are short."""
    p.number("n", 1, 3)
    p.way(
        "cut middle",
        ("half of the length, rounded down", "len($text) // 2"),
        ("half of the length, rounded up", "(len($text) + 1) // 2"),
        ("a third of the length, rounded down, but at least 1", "max(len($text) // 3, 1)"),
    )
    p.way(
        "join code",
        ("the result of the second part, then that of the first", "second + first"),
        ("the result of the first part, then $sign, then that of the second", "first + $sign + second"),
        ("$sign, then the result of the second part, then that of the first", "$sign + second + first"),
        ("the result of the first part, then that of the second written backwards", "first + second[::-1]"),
    )
    p.pick("sign", *"-+.|*")
    p.way(
        "short stop",
        ("stays as it is", "$text"),
        ("is written in capitals", "$text.upper()"),
        ("is written backwards", "$text[::-1]"),
    )
    p.let(check="")
    more = ""
    if p.level == 3:
        p.pick("letter", *"aeioust")
        p.way(
            "special check",
            ("begins with $letter stays as it is", "if $text.startswith($letter):\n    return $text"),
            (
                "contains no $letter is only written backwards",
                "if $letter not in $text:\n    return $text[::-1]",
            ),
            (
                "ends in $letter loses this letter first, and is then treated by all rules",
                "if $text.endswith($letter):\n    return $f($text[:-1])",
            ),
        )
        more = "special, letter: Before anything else: a text that $!special. This holds for parts too."
    return Spec(
        "Fold $text again and again.",
        f"""
        {more}
        short, stop: A text of at most $n characters $!short.
        cut, parts: A longer one is cut in two; the length of the first part is $!cut.
        fold, parts first: Both parts are folded by these same rules.
        join, together: The result is $!join.
        empty: An empty text gives an empty text.
        """,
        """
        $!check
        if len($text) <= $n:
            return $!stop
        middle = $!middle
        first, second = $f($text[:middle]), $f($text[middle:])
        return $!code
        """,
        {
            "words": lambda d: (d.text(LOWER + "aeiou" * 3, 5, 12),),
            "short words": lambda d: (d.text(LOWER, 2, 5),),
        },
        {
            "an empty text": ("",),
            "a single letter": ("m",),
            "two letters": ("ox",),
            "three letters": ("sky",),
            "four letters": ("lamb",),
            "five letters": ("fjord",),
            "equal letters": ("aaaaaaa",),
            "a text with the special letter at both ends": (
                p.values.get("letter", "b") + "xyz" + p.values.get("letter", "b"),
            ),
            "letters beyond a to z": ("éàüñø",),
        },
        """
        Deal with the texts that are not cut.
        Find the place of the cut and let the same function fold both parts.
        Put the two results together.
        """,
        {"a long text": lambda d: (d.text(LOWER, 120, 130),)},
    )
