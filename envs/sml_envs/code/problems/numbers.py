"""Numbers digit by digit and divisor by divisor. See formulas.py for sequences, clocks, money and grids."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import Pick

NUMBERS_BY_DIGIT = Topic()

_INTEGERS: dict[str, Args] = {
    "zero": (0,),
    "one": (1,),
    "a number of one digit": (7,),
    "a negative number": (-52,),
    "a number of equal digits": (4444,),
    "a number with zeros": (10050,),
}
"""Edge cases of any whole number."""


@NUMBERS_BY_DIGIT.family("n|number|value: int", "int", "digit_points digit_value weigh_digits", levels=(1, 2))
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
            **_INTEGERS,
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


@NUMBERS_BY_DIGIT.family("n|number|code: int", "int", "rebuild new_number change_digits", levels=(1, 2))
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
            **_INTEGERS,
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


@NUMBERS_BY_DIGIT.family("n|limit|top: int", "int", "count_numbers how_many sum_up_to", levels=(1, 2))
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


@NUMBERS_BY_DIGIT.family(
    "n|number|value: int", "list[int]", "special_divisors parts_of divisors", levels=(1, 2)
)
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
            **_INTEGERS,
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


@NUMBERS_BY_DIGIT.family("n|start|number: int", "int", "steps_to_end count_steps how_long", levels=(2, 3))
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
        p.number("q", 4, 9)
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


@NUMBERS_BY_DIGIT.family(
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
            ("A round in which the number would get larger than $top leaves it as it is.", ""),
            ("A number that would get larger than $top becomes $q instead.", ""),
        )
        p.number("top", 40, 90)
        p.let(
            after=""
            if p["check"]
            else "new = x if new > $top else new"
            if "leaves" in p["early"]
            else "new = $q if new > $top else new"
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


@NUMBERS_BY_DIGIT.family("n|number|amount: int", "str", "spell write_number in_symbols", levels=(2, 3))
def number_system(p: Pick) -> Spec:
    """Writes a number with signs of given values (as Roman numerals, without subtraction) or in a base."""
    signs = "".join(p.some("ABCDEFGHKLMNPRSTXYZ", 4))
    if p.level == 2:
        p.number("r", 2, 4)
        p.number("s", 3, 5)
        values = (p["r"] * p["s"] * 5, p["r"] * p["s"], p["r"], 1)
        p.let(table=list(zip(values, signs, strict=True)))
        p.way("order turn", ("largest value first", ""), ("smallest value first", "[::-1]"))
        told = ", ".join(f"{s} for {v}" for v, s in p["table"])
        rule = f"""
            signs, values: The signs are {told}.
            rule, fewest: Take each time the sign of the largest value that is not larger than what is left.
            order: The signs stand side by side, $!order.
            """
        code = (
            'out, left = "", abs($n)\n'
            "for value, sign in $table:\n"
            "    out += sign * (left // value)\n"
            "    left %= value\n"
            "out = out$!turn"
        )
    else:
        p.number("base", 3, 4)
        p.let(
            digits=signs[: p["base"]], told=", ".join(f"{s} is {v}" for v, s in enumerate(signs[: p["base"]]))
        )
        p.number("group", 2, 4)
        p.pick("sep", *"-_ .")
        rule = """
            base: Write the number in base $base, with the highest place first.
            digits, signs: The digits are letters: $!told.
            groups, separator: From the right, after each $group digits stands $sep, but never at the very
              front.
            """
        code = (
            'out, left, size = "", abs($n), 0\n'
            "while left:\n"
            "    if size and size % $group == 0:\n"
            "        out = $sep + out\n"
            "    out = $digits[left % $base] + out\n"
            "    left, size = left // $base, size + 1"
        )
    p.pick("minus", "-", "~", "neg ", "!")
    p.pick("zero", "0", "nil", "zero", "o")
    return Spec(
        "Write the number $n in a system of our own.",
        rule.rstrip()
        + """
            negative, sign: Before a negative number stands $minus, and then it is written like the positive
              one.
            zero, empty: For 0 return $zero.
            """,
        code + "\nif $n == 0:\n    return $zero\nreturn $minus + out if $n < 0 else out",
        {
            "two-digit numbers": lambda d: (d.between(5, 99),),
            "three-digit numbers": lambda d: (d.between(100, 400),),
        },
        {
            "zero": (0,),
            "one": (1,),
            "a negative number": (-37,),
            "two": (2,),
            "three": (3,),
            "four": (4,),
            "a number of five places": (p.values.get("base", 6) ** 4,),
            "one less than that": (p.values.get("base", 6) ** 4 - 1,),
        },
        """
        Deal with 0 and with the sign first.
        Take the places or signs one after the other and keep what is left of the number.
        Put the signs together in the right order.
        """,
        {"a large number": lambda d: (d.between(1000, 2000),)},
    )


@NUMBERS_BY_DIGIT.family(
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
