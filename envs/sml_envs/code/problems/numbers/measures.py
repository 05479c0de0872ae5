"""Clocks, prices and weeks of our own."""

from __future__ import annotations

from sml_envs.code.problems.base import Spec, Topic
from sml_envs.code.problems.draws import (
    Pick,
)

TOPIC = Topic()


@TOPIC.family(
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


@TOPIC.family("amount|price|cents: int", "int", "fare final_price charge", levels=(1, 2))
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


@TOPIC.family("n|day|number: int", "str", "name_of_day weekday which_day", levels=(1, 2))
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
