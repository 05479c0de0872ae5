"""Numbers in use: clocks, calendars, money, games, fractions, grids."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import Draws, Pick, nth

FORMULAS = Topic()


@FORMULAS.family(
    "hour|hh: int; minute|mm: int; add|later|shift: int",
    "tuple[int, int]",
    "clock add_time later_time",
    levels=(1, 2),
)
def odd_clock(p: Pick) -> Spec:
    """A clock with its own hours and minutes; jumps over some minutes, a pause each hour."""
    p.number("hours", 5, 30)
    p.number("minutes", 20, 90)
    p.way("way sign", ("later", "+"), ("earlier", "-"))
    p.number("m", 2, 6)
    p.let(after="")
    more = ""
    if p.level == 2:
        p.number("q", 2, 5)
        p.way(
            "night after",
            (
                "If the hour is then less than $q, the clock shows $q hours and 0 minutes instead.",
                "if h < $q:\n    h, rest = $q, 0",
            ),
            (
                (
                    "If the minute is then divisible by $q, the clock shows one hour more (0 after the "
                    "last hour)."
                ),
                "if rest % $q == 0:\n    h = (h + 1) % $hours",
            ),
            ("The minute is then rounded down to a multiple of $q.", "rest -= rest % $q"),
        )
        more = "then, special: $!night"
    return Spec(
        "Work out what an unusual clock shows.",
        f"""
        clock, hours, minutes: A day has $hours hours, 0 to one less than that, and an hour has $minutes
          minutes, 0 to one less than that.
        shift, how much: Find the time that is $m times $add minutes $!way than $hour hours and $minute
          minutes.
        day, circle: After the last minute of a day comes hour 0 and minute 0, and before that the last
          minute of the day before.
        negative: If $add is negative, one goes the other way.
        {more}
        return: Return hour and minute as a tuple.
        given: $hour and $minute are a time of this clock.
        """,
        """
        total = ($hour * $minutes + $minute $!sign $m * $add) % ($hours * $minutes)
        h, rest = total // $minutes, total % $minutes
        $!after
        return h, rest
        """,
        {
            "short times": lambda d: (
                d.between(0, p["hours"] - 1),
                d.between(0, p["minutes"] - 1),
                d.between(1, 40),
            ),
            "times of several days": lambda d: (
                d.between(0, p["hours"] - 1),
                d.between(0, p["minutes"] - 1),
                d.between(200, 3000),
            ),
            "negative times": lambda d: (
                d.between(0, p["hours"] - 1),
                d.between(0, p["minutes"] - 1),
                -d.between(1, 400),
            ),
        },
        {
            "no shift": (3, 17, 0),
            "the start of a day": (0, 0, 1),
            "the end of a day": (p["hours"] - 1, p["minutes"] - 1, 1),
            "one step back at the start of a day": (0, 0, -1),
            "a whole day": (2, 5, p["hours"] * p["minutes"]),
            "a whole hour": (4, 12, p["minutes"]),
            "minute 0": (4, 0, 2 * p["minutes"]),
        },
        """
        Turn the time into minutes since the start of the day.
        Add or take away, and bring the sum back into one day.
        Turn it back into hours and minutes.
        """,
        {"a very long time": lambda d: (1, 2, d.between(10**9, 10**10))},
    )


@FORMULAS.family("amount|price|cents: int", "int", "fare final_price charge", levels=(1, 2))
def steps_of_price(p: Pick) -> Spec:
    """A price by steps: so much up to a limit, another rate above it, rounding, least and most."""
    p.number("a", 10, 40)
    p.number("b", 2, 9)
    p.number("c", 2, 5)
    p.number("base", 5, 20)
    p.let(d=p["a"] + p.number("more", 10, 60))
    p.way(
        "upper rate",
        ("each unit beyond $d costs $c more than that", "$b + $c"),
        ("units beyond $d cost nothing", "0"),
        ("each unit beyond $d costs half of that, rounded down", "$b // 2"),
    )
    p.way(
        "round end",
        ("The result is rounded down to a multiple of $m.", "total // $m * $m"),
        ("The result is rounded up to a multiple of $m.", "-(-total // $m) * $m"),
        ("The result is not rounded.", "total"),
    )
    p.pick("m", 2, 3, 5, 10)
    p.let(extra="")
    more = ""
    if p.level == 2:
        p.number("q", 3, 9)
        p.let(top=p["d"] + 3 * p["q"])
        p.way(
            "gift extra",
            (
                (
                    "For every full $q units, $c are taken off (before any rounding), but the result is "
                    "never below 0."
                ),
                "total = max(total - $amount // $q * $c, 0)",
            ),
            (
                "If the amount is divisible by $q, $base is not charged.",
                "if $amount % $q == 0:\n    total -= $base",
            ),
            ("An amount of more than $top is charged like one of just $top.", "AT"),
        )
        more = "special, also: $!gift"
    start = "units = $amount"
    if p["extra"] == "AT":
        start = "units = min($amount, $top)"
    p.let(extra="" if p["extra"] == "AT" else p["extra"], units=start)
    return Spec(
        "Work out what $amount units cost.",
        f"""
        base, fixed: There is a fixed charge of $base, whatever the amount.
        first, included: The first $a units cost nothing more.
        middle, rate: Each unit beyond $a and up to $d costs $b.
        upper, beyond: Then $!upper.
        {more}
        round, rounding: $!round
        zero, negative, empty: For 0 or a negative amount return 0.
        """,
        """
        if $amount <= 0:
            return 0
        $!units
        total = $base
        if units > $a:
            total += (min(units, $d) - $a) * $b
        if units > $d:
            total += (units - $d) * ($!rate)
        $!extra
        return $!end
        """,
        {
            "small amounts": lambda d: (d.between(1, p["d"]),),
            "large amounts": lambda d: (d.between(p["a"], 4 * p["d"]),),
        },
        {
            "zero": (0,),
            "a negative amount": (-20,),
            "one unit": (1,),
            "just what is included": (p["a"],),
            "one unit more": (p["a"] + 1,),
            "just the second limit": (p["d"],),
            "one unit more than the second limit": (p["d"] + 1,),
            "ten units more than the second limit": (p["d"] + 10,),
        },
        """
        Deal with amounts that cost nothing.
        Cut the amount at the two limits and charge each piece at its rate.
        Apply what is special, and round at the end if that is asked for.
        """,
        {"a huge amount": lambda d: (d.between(10**6, 10**7),)},
    )


@FORMULAS.family(
    "a|first|upper: int; b|second|lower: int", "tuple[int, int]", "combine reduce fraction", levels=(2,)
)
def fraction_rule(p: Pick) -> Spec:
    """Adds or multiplies a fraction with one of our own, in lowest terms; signs, zero."""
    p.number("c", 1, 9)
    p.number("d", 2, 9)
    p.way(
        "op top bottom",
        ("plus", "$a * $d + $c * $b", "$b * $d"),
        ("minus", "$a * $d - $c * $b", "$b * $d"),
        ("times", "$a * $c", "$b * $d"),
        ("divided by", "$a * $d", "$b * $c"),
    )
    p.pick("bad", (0, 0), (1, 0), (-1, 0), (0, -1))
    p.way(
        "sign fix",
        (
            "The bottom of the result is positive; a minus sign goes to the top.",
            "if bottom < 0:\n    top, bottom = -top, -bottom",
        ),
        (
            "The top of the result is not negative; a minus sign goes to the bottom.",
            "if top < 0:\n    top, bottom = -top, -bottom",
        ),
    )
    p.way(
        "zero nil",
        ("If the value is 0, return (0, 1).", "(0, 1)"),
        ("If the value is 0, return (0, $d).", "(0, $d)"),
    )
    return Spec(
        "Calculate with the fraction of $a and $b.",
        """
        value: The value is $a over $b, $!op $c over $d.
        form, lowest terms: Return it as a tuple (top, bottom) in lowest terms: no whole number above 1
          divides both.
        sign, negative: $!sign
        zero: $!zero
        undefined, bottom: If $b is 0, return $bad.
        """,
        """
        if $b == 0:
            return $bad
        top, bottom = $!top, $!bottom
        if top == 0:
            return $!nil
        x, y = abs(top), abs(bottom)
        while y:
            x, y = y, x % y
        top, bottom = top // x, bottom // x
        $!fix
        return top, bottom
        """,
        {
            "positive numbers": lambda d: (d.between(1, 12), d.between(1, 12)),
            "negative numbers": lambda d: (d.between(-12, 12), d.one((-8, -6, -3, -2, 5))),
        },
        {
            "a bottom of 0": (3, 0),
            "a top of 0": (0, 4),
            "zero over zero": (0, 0),
            "two negative numbers": (-4, -6),
            "a negative bottom": (5, -10),
            "a fraction that is whole": (12, 4),
            "the same fraction": (p["c"], p["d"]),
            "the same fraction with the other sign": (-p["c"], p["d"]),
            "the other fraction turned round": (p["d"], p["c"]),
        },
        """
        Deal with the case that has no value.
        Work out top and bottom of the result without shortening.
        Divide both by their greatest common divisor, then put the sign where it belongs.
        """,
        {"large numbers": lambda d: (d.between(10**6, 10**7) * 12, d.between(10**6, 10**7) * 18)},
    )


@FORMULAS.family("rolls|throws|points: list[int]", "int", "game_score play final_score", levels=(1, 2))
def dice_game(p: Pick) -> Spec:
    """The score of a row of throws with rules for doubles, special numbers, an end."""
    p.number("s", 1, 6)
    p.number("bonus", 3, 12)
    p.number("goal", 15, 40)
    p.way(
        "special change",
        ("sets the score back to 0 (and adds nothing)", "score = 0"),
        ("takes $bonus away instead of being added", "score -= $bonus"),
        ("doubles the score instead of being added", "score *= 2"),
        ("counts $bonus instead of $s", "score += $bonus"),
    )
    p.way(
        "twin more",
        (
            "If a throw equals the one before it, $bonus more are added after it has counted.",
            "if i and $rolls[i - 1] == x:\n    score += $bonus",
        ),
        (
            "If a throw is greater than the one before it, 1 more is added after it has counted.",
            "if i and $rolls[i - 1] < x:\n    score += 1",
        ),
        (
            "After every throw whose place, counted from 1, is divisible by 3, $bonus is taken away.",
            "if i % 3 == 2:\n    score -= $bonus",
        ),
    )
    p.let(end="")
    last = ""
    if p.level == 2:
        p.way(
            "finish end",
            (
                (
                    "As soon as the score is at least $goal after a throw, the game ends and later "
                    "throws do not count."
                ),
                "if score >= $goal:\n    break",
            ),
            (
                (
                    "Whenever the score is greater than $goal after a throw, it goes back to half of "
                    "$goal, rounded down."
                ),
                "if score > $goal:\n    score = $goal // 2",
            ),
            (
                "As soon as the score is negative after a throw, the game ends with the score -1.",
                "if score < 0:\n    return -1",
            ),
        )
        last = "end, goal, limit: $!finish"
    return Spec(
        "Work out the score of a game.",
        f"""
        score, add: The score is 0 at first, and each throw adds its number.
        special, number: But the number $s $!special.
        more, extra: $!twin
        {last}
        return: Return the score after the last throw; it may be negative.
        given: Throws are from 1 to 6.
        empty: Without throws the score is 0.
        """,
        """
        score = 0
        for i, x in enumerate($rolls):
            if x == $s:
                $!change
            else:
                score += x
            $!more
            $!end
        return score
        """,
        {
            "several throws": lambda d: (d.ints(4, 9, 1, 6),),
            "repeated throws": lambda d: (d.ints(5, 9, p["s"] - (p["s"] > 1), p["s"] + (p["s"] < 6)),),
        },
        {
            "no throws": ([],),
            "one throw": ([5 if p["s"] != 5 else 4],),
            "the special number alone": ([p["s"]],),
            "the special number twice": ([3, p["s"], p["s"], 4],),
            "equal throws": ([2, 2, 2, 2, 2, 2],),
            "other equal throws": ([6, 6, 6, 6],),
            "rising throws": ([1, 2, 3, 4, 5, 6],),
            "falling throws": ([6, 5, 4, 3, 2, 1],),
            "the special number at the end": ([4, 1, 6, 2, p["s"]],),
        },
        """
        Go through the throws and keep the score.
        Decide what a throw does to it, special or not.
        Apply the other rules after each throw, in the order in which they stand.
        """,
        {"a long game": lambda d: (d.ints(300, 400, 1, 6),)},
    )


@FORMULAS.family("row|r: int; col|c: int", "int", "cell_value number_at entry", levels=(2, 3))
def number_table(p: Pick) -> Spec:
    """What stands in a cell of an endless table that is numbered by a rule."""
    p.number("w", 3, 9)
    p.number("start", 0, 5)
    p.number("k", 2, 5)
    p.way(
        "rule value",
        (
            (
                "The rows are filled one after the other from left to right with $start, $start + "
                "$k, $start + 2 * $k and so on."
            ),
            "$start + $k * ($row * $w + $col)",
        ),
        (
            (
                "The rows are filled one after the other with $start, $start + $k, $start + 2 * $k "
                "and so on, even rows from left to right, odd rows from right to left."
            ),
            "$start + $k * ($row * $w + ($col if $row % 2 == 0 else $w - 1 - $col))",
        ),
        (
            "Each cell has the product of its row and its column, times $k, plus $start.",
            "$start + $k * $row * $col",
        ),
        (
            (
                "Each cell has $k times the larger of its row and its column, plus the smaller of "
                "both, plus $start."
            ),
            "$start + $k * max($row, $col) + min($row, $col)",
        ),
        (
            ("Each cell has its distance from column $start in the same row, plus $k times its row."),
            "abs($col - $start) + $k * $row",
        ),
    )
    p.pick("out", -1, 0, -100, 1000)
    p.let(special="")
    more = ""
    if p.level == 3:
        p.number("q", 2, 4)
        p.way(
            "special_rule special",
            (
                (
                    "In cells where row and column leave the same remainder when divided by $q, the "
                    "number has the opposite sign."
                ),
                "if $row % $q == $col % $q:\n    value = -value",
            ),
            (
                "In every row divisible by $q (0 too) the numbers are $k greater than said above.",
                "if $row % $q == 0:\n    value += $k",
            ),
            (
                "Numbers of more than one digit are replaced by the sum of their digits, once.",
                "value = sum(int(d) for d in str(value))",
            ),
        )
        more = "special, exception: $!special_rule"
    return Spec(
        "Find the number in a cell of a table.",
        f"""
        table, size: The table has $w columns, 0 to one less than that, and rows without end, from row 0 on.
        rule, numbers: $!rule
        {more}
        return: Return the number in row $row and column $col.
        outside, negative, empty: For a cell that the table does not have return $out.
        """,
        """
        if $row < 0 or not 0 <= $col < $w:
            return $out
        value = $!value
        $!special
        return value
        """,
        {
            "cells near the top": lambda d: (d.between(0, 4), d.between(0, p["w"] - 1)),
            "cells further down": lambda d: (d.between(5, 40), d.between(0, p["w"] - 1)),
        },
        {
            "the first cell": (0, 0),
            "the last cell of the first row": (0, p["w"] - 1),
            "the first cell of the second row": (1, 0),
            "the last cell of the second row": (1, p["w"] - 1),
            "a column too far": (2, p["w"]),
            "a negative column": (2, -1),
            "a negative row": (-1, 1),
            "equal row and column": (2, 2),
            "a row far down": (1001, 1),
        },
        """
        Test first whether the table has the cell.
        Work out the number by the rule, and mind that counting begins with 0.
        Apply the exception where it holds.
        """,
    )


@FORMULAS.family("n|day|number: int", "str", "name_of_day weekday which_day", levels=(1, 2))
def made_up_week(p: Pick) -> Spec:
    """Which day of a made-up week or month a day number falls on; leap weeks, negative numbers."""
    names = p.some(
        ("Ara", "Bel", "Cor", "Dun", "Ela", "Fon", "Gir", "Hul", "Ivo", "Jas"), p.number("size", 4, 7)
    )
    p.let(names=names, told=", ".join(names))
    p.number("start", 0, p["size"] - 1)
    p.let(first=names[p["start"]])
    p.way(
        "way sign",
        ("in this order", ""),
        ("backwards: each day is followed by the one that stands before it here", "-"),
    )
    p.let(shift="$n", tail="")
    more = ""
    if p.level == 2:
        p.number("long", 10, 40)
        p.way(
            "leap shift tail",
            (
                (
                    "After every $long days there is one day more that has no name, and belongs to no "
                    "week: days $long, 2 * $long + 1, 3 * $long + 2 and so on. Return $extra for it; "
                    "negative days have no such days."
                ),
                "$n - ($n + 1) // ($long + 1) if $n >= 0 else $n",
                "if $n >= 0 and $n % ($long + 1) == $long:\n    return $extra",
            ),
            (
                (
                    "Every day whose number is divisible by $long, other than day 0, bears $extra behind "
                    "its name."
                ),
                "$n",
                "if $n % $long == 0 and $n:\n    return name + $extra",
            ),
            (
                "From day $long on, each day has the name of the day that would otherwise come after it.",
                "$n + (1 if $n >= $long else 0)",
                "",
            ),
        )
        p.pick("extra", "*", "free", "!", "feast")
        more = "special, leap: $!leap"
    return Spec(
        "Find the name of a day.",
        f"""
        week, names: The days of a week are $!told, and then again from the first.
        order: They come {p["way"]}.
        start, first: Day 0 is $first, day 1 the day after it.
        {more}
        negative: Day -1 is the day before day 0, and so on.
        return: Return the name of day $n.
        """,
        """
        shift = $!shift
        name = $names[($start + $!{sign}shift) % $size]
        $!tail
        return name
        """,
        {
            "days of the first weeks": lambda d: (d.between(1, 30),),
            "later days": lambda d: (d.between(30, 500),),
            "negative days": lambda d: (-d.between(1, 60),),
        },
        {
            "day 0": (0,),
            "day 1": (1,),
            "the day before day 0": (-1,),
            "a whole week": (p["size"],),
            "a day less than a week": (p["size"] - 1,),
            "the day of a limit": (p.values.get("long", 12),),
            "the day before a limit": (p.values.get("long", 12) - 1,),
            "the day after a limit": (p.values.get("long", 12) + 1,),
            "twice the limit": (2 * p.values.get("long", 12),),
            "the day after twice the limit": (2 * p.values.get("long", 12) + 1,),
        },
        """
        Find out how many named days lie between day 0 and the day.
        Go so many names on from the first, in a circle.
        Mind the order of the names, negative days and the exception.
        """,
        {"a day far ahead": lambda d: (d.between(10**8, 10**9),)},
    )


@FORMULAS.family("x|value|reading: int", "int", "clamp adjust correct", levels=(1,))
def piecewise(p: Pick) -> Spec:
    """A function with three pieces, each with its own rule; what holds at the borders."""
    p.number("low", -8, 2)
    p.let(high=p["low"] + p.number("gap", 4, 14))
    p.number("a", 2, 6)
    p.number("b", 1, 9)
    p.way(
        "left below",
        ("it loses its sign and $b is added", "abs($x) + $b"),
        ("it is multiplied by $a", "$x * $a"),
        ("it is replaced by $low minus $b", "$low - $b"),
    )
    p.way(
        "mid inside",
        ("it stays as it is", "$x"),
        ("it is multiplied by itself", "$x * $x"),
        ("$b is taken away", "$x - $b"),
    )
    p.way(
        "right above",
        ("it is divided by $a, rounded down", "$x // $a"),
        ("it is replaced by how far it is from $high, times $a", "($x - $high) * $a"),
        ("only its last digit stays", "$x % 10"),
    )
    p.way(
        "border op op2",
        ("belong to the middle", "<", ">"),
        ("belong to the outer pieces", "<=", ">="),
        ("belong to the piece to the left of each, that is to the lower piece and to the middle", "<=", ">"),
    )
    return Spec(
        "Change the number $x by the piece it lies in.",
        """
        lower, below: If the number is less than $low, $!left.
        middle, between: If it is between $low and $high, $!mid.
        upper, above: If it is greater than $high, $!right.
        borders, limits, edge: The numbers $low and $high themselves $!border.
        return: Return the changed number.
        """,
        "if $x $!op $low:\n    return $!below\nif $x $!op2 $high:\n    return $!above\nreturn $!inside",
        {
            "numbers near the borders": lambda d: (d.between(p["low"] - 4, p["high"] + 4),),
            "other numbers": lambda d: (d.between(-60, 90),),
        },
        {
            "zero": (0,),
            "the lower border": (p["low"],),
            "a number just below the lower border": (p["low"] - 1,),
            "a number just above the lower border": (p["low"] + 1,),
            "the upper border": (p["high"],),
            "a number just above the upper border": (p["high"] + 1,),
            "a number just below the upper border": (p["high"] - 1,),
            "a negative number of two digits": (-47,),
        },
        """
        Find the piece in which the number lies, and mind the two borders.
        Apply the rule of this piece alone.
        """,
        {
            "a large number": lambda d: (d.between(10**6, 10**7),),
            "a large negative number": lambda d: (-d.between(10**6, 10**7),),
        },
    )


@FORMULAS.family("n|number|mask: int", "int", "mask_bits count_bits binary_value", levels=(2, 3))
def binary_rule(p: Pick) -> Spec:
    """A value from the binary digits of a number: runs, places, exchanged digits."""
    p.number("k", 2, 4)
    p.number("c", 1, 5)
    p.way(
        "rule value",
        (
            "how many of its binary digits are 1, times $k, plus how many are 0, times $c",
            'bits.count("1") * $k + bits.count("0") * $c',
        ),
        (
            "the length of the longest row of equal binary digits, times $k plus $c",
            ('max(len(run) for run in (bits.replace("01", "0 1").replace("10", "1 0")).split()) * $k + $c'),
        ),
        (
            "the number whose binary digits are the same, written backwards, times $k",
            "int(bits[::-1], 2) * $k",
        ),
        (
            ("the number whose binary digits are each exchanged (0 for 1 and 1 for 0), plus $k times $c"),
            'int("".join("1" if b == "0" else "0" for b in bits), 2) + $k * $c',
        ),
        (
            (
                "the sum of the places of the binary digits 1, where the last digit has the place "
                "$c, the one before it $c + 1 and so on"
            ),
            'sum(i for i, b in enumerate(bits[::-1], $c) if b == "1")',
        ),
        (
            ("the number whose binary digits are the last $k of these, plus $c for each further digit"),
            "int(bits[-$k:], 2) + $c * max(len(bits) - $k, 0)",
        ),
    )
    p.let(prepare="")
    p.number("q", 3, 7)
    more = ""
    if p.level == 3:
        p.way(
            "first prepare",
            ("Zeros are first put in front until there are at least $q digits.", "bits = bits.zfill($q)"),
            ("The first digit is first moved to the end.", "bits = bits[1:] + bits[0]"),
            ("First, the digits are written twice, one row behind the other.", "bits = bits * 2"),
        )
        more = "first, prepare: $!first"
    p.way("minus sign", ("the result is taken with a minus sign", "-1"), ("the result is doubled", "2"))
    return Spec(
        "Work out a value from the binary digits of $n.",
        f"""
        binary, digits: Write the number in binary without its sign, highest digit first and without zeros
          in front; 0 is written 0.
        {more}
        rule, value: Return $!rule.
        negative, sign: If the number is negative, $!minus.
        """,
        """
        bits = bin(abs($n))[2:]
        $!prepare
        value = $!value
        return $!sign * value if $n < 0 else value
        """,
        {
            "small numbers": lambda d: (d.between(1, 40),),
            "larger numbers": lambda d: (d.between(41, 2000),),
            "negative numbers": lambda d: (-d.between(1, 300),),
        },
        {
            "zero": (0,),
            "one": (1,),
            "a power of two": (64,),
            "one less than a power of two": (127,),
            "digits in turn": (0b1010101,),
            "a negative power of two": (-32,),
            "a number of few digits": (2 ** (p["k"] - 1) + 1,),
            "a number of many equal digits": (0b1110001111,),
        },
        """
        Write the number in binary, without its sign.
        Do what has to be done with the digits first, and then apply the rule.
        Treat negative numbers at the end.
        """,
        {"a very large number": lambda d: (d.between(2**60, 2**62),)},
    )


def _sides(d: Draws) -> Args:
    return (d.between(1, 20), d.between(1, 20))


@FORMULAS.family("width|w: int; height|h: int", "int", "tiles pieces count_cells", levels=(1, 2))
def rectangle(p: Pick) -> Spec:
    """Counts cells, tiles or border pieces of a rectangle by rules of our own."""
    p.number("a", 2, 5)
    p.number("b", 2, 5)
    p.number("c", 1, 9)
    p.way(
        "what count",
        (
            (
                "how many tiles of $a by $b cells, none of them turned, can be laid without overlap, "
                "in rows and columns from one corner"
            ),
            "($width // $a) * ($height // $b)",
        ),
        (
            (
                "how many tiles of $a by $b cells, none of them turned, are needed to cover all "
                "cells, where tiles may reach over the edges"
            ),
            "-(-$width // $a) * -(-$height // $b)",
        ),
        (
            "how many cells have at most $c other cells between them and the nearest edge",
            "$width * $height - max($width - 2 * ($c + 1), 0) * max($height - 2 * ($c + 1), 0)",
        ),
        (
            (
                "how many cells are left uncovered if as many tiles of $a by $b cells as possible, "
                "none of them turned, are laid in rows and columns from one corner"
            ),
            "$width * $height - ($width // $a) * ($height // $b) * $a * $b",
        ),
        (
            "how many squares of $a by $a cells (in all positions, also overlapping) it contains",
            "max($width - $a + 1, 0) * max($height - $a + 1, 0)",
        ),
    )
    p.number("x", 2, 7)
    p.number("y", 1, 5)
    p.let(extra="")
    p.way(
        "price total",
        ("times $x", "value * $x"),
        ("plus $x", "value + $x"),
        (
            "where every $!nth one does not count (3 of 4 count, for example, if every 4th one does not)",
            "value - value // $x",
        ),
    )
    p.let(nth=nth(p["x"]))
    if "nth" in p["price"]:
        p.let(price="where every $!nth one, counted one by one, does not count")
    more = ""
    if p.level == 2:
        p.way(
            "square extra",
            (
                "If width and height are equal, $y is added at the end.",
                "if $width == $height:\n    value += $y",
            ),
            (
                (
                    "If the width is greater than the height, the two change places first; this matters "
                    "because the first side of a tile lies along the width."
                ),
                "SWAP",
            ),
            (
                "If both sides are odd, the result is $y less, but never below 0.",
                "if $width % 2 == 1 and $height % 2 == 1:\n    value = max(value - $y, 0)",
            ),
        )
        more = "special, also: $!square"
    swap = "if $width > $height:\n    $width, $height = $height, $width" if p["extra"] == "SWAP" else ""
    p.let(swap=swap, extra="" if swap else p["extra"])
    return Spec(
        "Count in a rectangle of $width by $height cells.",
        f"""
        what, count: Find {p["what"]}.
        result, price: Return this number {p["price"]}.
        {more}
        sides, first: The first side of a tile lies along the width.
        zero, negative, empty: If a side is 0 or negative, return 0.
        """,
        """
        if $width <= 0 or $height <= 0:
            return 0
        $!swap
        value = $!count
        value = $!total
        $!extra
        return value
        """,
        {
            "small rectangles": lambda d: (d.between(1, 9), d.between(1, 9)),
            "larger rectangles": _sides,
            "squares": lambda d: (d.between(1, 12),) * 2,
        },
        {
            "a width of 0": (0, 5),
            "a negative height": (5, -2),
            "a single cell": (1, 1),
            "one row": (13, 1),
            "one column": (1, 13),
            "one tile": (p["a"], p["b"]),
            "one turned tile": (p["b"], p["a"]),
            "one cell less than a tile": (p["a"] - 1, p["b"]),
            "just two borders": (2 * p["c"] + 2, 2 * p["c"] + 3),
            "a cell more than two borders": (2 * p["c"] + 3, 2 * p["c"] + 4),
        },
        """
        Deal with rectangles that have no cells.
        Work out the number by dividing or subtracting the sides, and mind the rounding.
        Change it as asked at the end.
        """,
        {"a large rectangle": lambda d: (d.between(10**4, 10**5), d.between(10**4, 10**5))},
    )
