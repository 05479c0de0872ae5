"""Numbers digit by digit, and games that change a number."""

from __future__ import annotations

from sml_envs.code.problems.base import INTEGERS, Spec, Topic
from sml_envs.code.problems.draws import (
    Pick,
)

TOPIC = Topic()


@TOPIC.family("n|number|value: int", "int", "digit_points digit_value weigh_digits", levels=(1, 2))
def digit_sum(p: Pick) -> Spec:
    """A sum over digits of a kind, with weights by place or parity."""
    p.way(
        "kind test",
        ("even digits", "d % 2 == 0"),
        ("odd digits", "d % 2 == 1"),
        ("digits greater than $t", "d > $t"),
        ("digits other than $t", "d != $t"),
    )
    p.number("t", 2, 6)
    p.number("a", 2, 6)
    p.number("b", 1, 5)
    p.way(
        "good value",
        ("$a times", "d * $a"),
        ("with their square", "d * d"),
        ("with $a more than they are", "d + $a"),
    )
    p.let(place="", turn="")
    more = ""
    if p.level == 2:
        p.way("turned turn", ("left", ""), ("right", "[::-1]"))
        p.number("m", 2, 3)
        p.let(place=" * (3 if i % $m == 0 else 1)")
        more = (
            "place, position, weight: The 1st digit from the $!turned and every further digit "
            "that is a multiple of $m places away from it count three times as much as said "
            "above."
        )
    return Spec(
        "Give points to the digits of $n.",
        f"""
        kind, which: The $!kind count $!good.
        other: Each other digit takes $b away.
        {more}
        total, return: Return the sum of all this, which may be negative.
        sign, negative: The sign of $n does not matter.
        zero: The number 0 has one digit, 0.
        """,
        """
        total = 0
        for i, c in enumerate(str(abs($n))$!turn):
            d = int(c)
            total += ($!value if $!test else -$b)$!place
        return total
        """,
        {
            "numbers of several digits": lambda d: (d.between(100, 999_999),),
            "negative numbers": lambda d: (-d.between(10, 99_999),),
        },
        {
            **INTEGERS,
            "every digit": (1234567890,),
            "digits around the limit": (int(f"{p['t']}{p['t'] + 1}{p['t'] - 1}"),),
        },
        """
        Drop the sign and go through the digits.
        Decide for each digit whether it adds or takes away, and how much.
        Add everything up.
        """,
        {"a very large number": lambda d: (d.between(10**30, 10**31),)},
    )


@TOPIC.family("n|number|code: int", "int", "rebuild new_number change_digits", levels=(1, 2))
def change_digits(p: Pick) -> Spec:
    """Builds a number from the digits of another: some dropped, shifted, turned round."""
    p.number("k", 1, 8)
    p.way(
        "change new",
        ("$k more, where only the last digit of the sum stays", "(d + $k) % 10"),
        ("what it lacks to 9", "9 - d"),
        ("$k times itself, where only the last digit stays", "d * $k % 10"),
    )
    p.number("t", 0, 9)
    p.way(
        "which test",
        ("equal to $t", "d == $t"),
        ("even", "d % 2 == 0"),
        ("greater than $t", "d > $t"),
        ("odd", "d % 2 == 1"),
    )
    p.way("other rest", ("stay as they are", "str(d)"), ("are left out", '""'))
    p.let(turn="")
    more = ""
    if p.level == 2:
        p.way(
            "turned turn",
            ("Then the digits are read from right to left.", "[::-1]"),
            ("Then the digits are sorted, smallest first.", "SORT"),
            ("Then a digit equal to the one before it is left out.", "UNIQ"),
        )
        more = "order, then: $!turned"
    ending = {
        "": "out",
        "[::-1]": "out[::-1]",
        "SORT": '"".join(sorted(out))',
        "UNIQ": '"".join(c for i, c in enumerate(out) if i == 0 or c != out[i - 1])',
    }
    p.let(out=ending[p["turn"]])
    return Spec(
        "Make a new number from the digits of $n.",
        f"""
        which, change: Each digit that is $!which becomes $!change.
        other: The other digits $!other.
        {more}
        zeros, leading: Zeros at the front of the result do not count, as usual.
        sign, negative: A negative number gives the negative of what its digits give.
        zero, empty: The number 0 has one digit, 0. If no digit is left, return 0.
        """,
        """
        out = ""
        for c in str(abs($n)):
            d = int(c)
            out += str($!new) if $!test else $!rest
        value = int($!out or "0")
        return -value if $n < 0 else value
        """,
        {
            "numbers of several digits": lambda d: (d.between(100, 999_999),),
            "negative numbers": lambda d: (-d.between(10, 99_999),),
        },
        {
            **INTEGERS,
            "every digit": (9876543210,),
            "other equal digits": (-77,),
            "repeated digits": (1122334455667788990,),
            "digits around the limit": (int(f"{p['t']}{(p['t'] + 1) % 10}{(p['t'] + 9) % 10}") + 1000,),
        },
        """
        Drop the sign and go through the digits from left to right.
        Work out what each becomes, or whether it goes.
        Put them together to a number and give it its sign.
        """,
        {"a very large number": lambda d: (d.between(10**30, 10**31),)},
    )


@TOPIC.family(
    "n|start|number: int; k|times|rounds: int", "int", "repeat_rule after_rounds iterate", levels=(1, 2)
)
def digit_loop(p: Pick) -> Spec:
    """Applies a rule on digits several times; stops early at a fixed point or below a limit."""
    p.way(
        "rule new",
        ("the sum of the squares of its digits, plus $c", "sum(int(d) ** 2 for d in str(x)) + $c"),
        ("the sum of its digits, times $m, plus $c", "sum(int(d) for d in str(x)) * $m + $c"),
        ("itself plus its largest digit, plus $c", "x + max(int(d) for d in str(x)) + $c"),
        ("itself written backwards, plus $c", "int(str(x)[::-1]) + $c"),
    )
    p.number("c", 1, 12)
    p.number("m", 2, 6)
    p.let(check="", after="")
    more = ""
    if p.level == 2:
        p.number("q", 3, 9)
        p.way(
            "early check",
            (
                (
                    "As soon as the number is divisible by $q (which may be at the start), no more "
                    "rounds are played."
                ),
                "if x % $q == 0:\n    break",
            ),
            ("A round in which the number would become divisible by $q leaves it as it is.", ""),
            ("A number that would become divisible by $q becomes $top instead.", ""),
        )
        p.number("top", 40, 90)
        p.let(
            after=""
            if p["check"]
            else "new = x if new % $q == 0 else new"
            if "leaves" in p["early"]
            else "new = $top if new % $q == 0 else new"
        )
        more = "early, stop, limit: $!early"
    return Spec(
        "Play $k rounds with the number $n.",
        f"""
        round, rule: In a round the number becomes $!rule.
        {more}
        return: Return the number after the last round.
        zero, negative, none: If $k is 0 or negative, no round is played.
        given: $n is not negative.
        """,
        """
        x = $n
        for _ in range($k):
            $!check
            new = $!new
            $!after
            x = new
        return x
        """,
        {
            "a few rounds": lambda d: (d.between(1, 80), d.between(1, 4)),
            "one round": lambda d: (d.between(1, 99), 1),
            "many rounds": lambda d: (d.between(1, 400), d.between(5, 12)),
        },
        {
            "no rounds": (57, 0),
            "a negative number of rounds": (57, -3),
            "the number 0": (0, 3),
            "one round": (89, 1),
            "two rounds": (38, 2),
            "a large number": (987654321, 2),
            "a number that ends in 0": (1200, 1),
            "a number that is divisible": (p.values.get("q", 3) * 11, 4),
        },
        """
        Write the rule of one round for itself.
        Repeat it as often as asked, with the number that came out before.
        Look before or after each round whether a rule stops or changes it.
        """,
        {"very many rounds": lambda d: (d.between(10, 99), 60)},
    )


@TOPIC.family("n|start|number: int", "int", "steps_to_end count_steps how_long", levels=(2, 3))
def step_game(p: Pick) -> Spec:
    """A number is changed by rules until it is small enough; how many steps, or the largest value."""
    p.number("m", 2, 4)
    p.number("a", 1, 3)
    p.number("b", 1, 7)
    p.let(c=p["m"])
    p.way(
        "shrink less",
        ("divided by $m, rounded down", "x // $m"),
        ("made smaller by $b and divided by $m, rounded down", "(x - $b) // $m"),
    )
    p.way(
        "grow more",
        ("made larger by $b", "x + $b"),
        ("made smaller by $b", "x - $b"),
        ("doubled and made larger by $b", "2 * x + $b"),
    )
    p.way(
        "result give",
        ("how many changes were made", "steps"),
        ("the largest number that was reached, with the start", "top"),
        ("the last number", "x"),
    )
    p.number("stop", 2, 9)
    p.number("most", 12, 30)
    p.let(third="")
    more = ""
    if p.level == 3:
        p.pick("q", *[q for q in range(4, 10) if q % p["m"]])
        p.way(
            "special third",
            ("its last digit is $q", "elif x % 10 == $q:\n    x = x - $q - 1"),
            ("it is divisible by $q", "elif x % $q == 0:\n    x = x // $q + 1"),
        )
        what = (
            "made smaller by $q and then by 1 more"
            if "last" in p["special"]
            else "divided by $q and made larger by 1"
        )
        more = f"special, second rule: Else, if $!special, it is {what}."
    return Spec(
        "Play a game with the number $n.",
        f"""
        end, stop: The game ends as soon as the number is $stop or less, which may be at the start.
        limit, most, long: It also ends after $most changes.
        first rule, divisible: If the number is divisible by $m, it is $!shrink.
        {more}
        otherwise, last rule: Otherwise it is $!grow.
        return, result: Return $!result.
        """,
        """
        x, steps, top = $n, 0, $n
        while x > $stop and steps < $most:
            if x % $m == 0:
                x = $!less
            $!third
            else:
                x = $!more
            steps += 1
            top = max(top, x)
        return $!give
        """,
        {
            "two-digit numbers": lambda d: (d.between(10, 99),),
            "larger numbers": lambda d: (d.between(100, 999),),
        },
        {
            "zero": (0,),
            "a negative number": (-15,),
            "the number at which the game ends": (p["stop"],),
            "the number above it": (p["stop"] + 1,),
            "a power of the divisor": (p["m"] ** 6,),
            "a number that is not divisible": (p["m"] ** 5 + 1,),
            "a large number": (10**6,),
        },
        """
        Test first whether the game is over.
        Apply the first rule that fits, only one in each change.
        Keep what has to be returned up to date after each change.
        """,
        {"a very large number": lambda d: (d.between(10**15, 10**16),)},
    )
