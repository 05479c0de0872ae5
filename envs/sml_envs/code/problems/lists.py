"""Lists of numbers: sums and choices with conditions, places, neighbours. See rows.py for lists of lists."""

from __future__ import annotations

from sml_envs.code.problems.base import NUMBERS, Spec, Topic
from sml_envs.code.problems.draws import Pick, nth

LISTS = Topic()

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


@LISTS.family("xs|numbers|values: list[int]", "int", "chosen_sum add_chosen sum_up", levels=(1, 2))
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


@LISTS.family("xs|items|numbers: list[int]", "list[int]", "selected pick_out choose", levels=(1, 2))
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
            ("its last digit, without the sign", "abs(x) % 10"),
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


@LISTS.family("xs|values|numbers: list[int]", "int", "extreme_place position_of where_is", levels=(1, 2))
def place_of_extreme(p: Pick) -> Spec:
    """The place of the largest or smallest number of a kind or by a measure, with ties."""
    p.way("which compare", ("largest", ">"), ("smallest", "<"))
    p.way("tie equal", ("first", ""), ("last", "="))
    p.number("c", 3, 25)
    p.way(
        "measure key",
        ("number itself", "x"),
        ("distance from $c", "abs(x - $c)"),
        ("last digit, without the sign", "abs(x) % 10"),
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


@LISTS.family("xs|readings|heights: list[int]", "int", "count_turns jumps changes", levels=(1, 2))
def count_neighbours(p: Pick) -> Spec:
    """Counts pairs of numbers a distance apart that stand in some relation."""
    p.number("gap", 1, 1 if p.level == 1 else 3)
    p.number("d", 2, 9)
    p.way(
        "relation test",
        ("the second is more than $d greater than the first", "b - a > $d"),
        ("the second is at least $d less than the first", "a - b >= $d"),
        ("they differ by exactly $d", "abs(a - b) == $d"),
        ("their sum is divisible by $d", "(a + b) % $d == 0"),
        ("they have different signs (0 has none) and differ by at most $e", "a * b < 0 and abs(a - b) <= $e"),
        ("both are greater than $d", "a > $d and b > $d"),
    )
    p.number("e", 5, 12)
    p.let(apart=f"{nth(p['gap'])} one after it" if p["gap"] > 1 else "next one", extra="")
    p.way(
        "round wrap",
        ("The list has two ends: the last numbers have no partner there.", False),
        ("The list is a circle: after the last number comes the first one again.", True),
    )
    p.let(partner="$xs[(i + $gap) % len($xs)]" if p["wrap"] else "$xs[i + $gap]")
    p.let(end="" if p["wrap"] else "[: max(len($xs) - $gap, 0)]")
    few = "" if p["wrap"] else f"short: A list of fewer than {p['gap'] + 1} numbers has no pairs."
    return Spec(
        "Count pairs of numbers in $xs.",
        f"""
        pairs, neighbours: A pair is a number and the $!apart.
        ends, circle, last: $!round
        which, relation: Count the pairs of which $!relation.
        {few}
        empty: For an empty list return 0.
        """,
        """
        count = 0
        for i, a in enumerate($xs$!end):
            b = $!partner
            if $!test:
                count += 1
        return count
        """,
        {
            "numbers with jumps": lambda d: (d.ints(5, 9, -6, 14),),
            "numbers close together": lambda d: (d.ints(5, 9, -p["d"], p["d"]),),
        },
        {
            **NUMBERS,
            "two numbers": ([p["d"] + 1, 1],),
            "three numbers": ([0, p["d"], -p["d"]],),
            "steps of the exact size": ([0, p["d"], 2 * p["d"], p["d"], 0, -p["d"], 0, p["d"] + 1, 0],),
            "numbers with changing signs": ([-2, 3, -3, 2, -6, 6, -1, 1, 0, -1],),
        },
        """
        Find out which numbers make a pair, also near the end of the list.
        Test each pair and count those that pass.
        """,
        {"a long list": lambda d: (d.ints(300, 400, -15, 20),)},
    )


@LISTS.family("xs|numbers|track: list[int]", "int", "longest_part best_stretch longest_streak", levels=(2, 3))
def longest_stretch(p: Pick) -> Spec:
    """The longest stretch in which neighbours follow a rule; at level 3 some breaks are allowed."""
    p.number("d", 2, 6)
    p.way(
        "rule test",
        ("every number is greater than the one before it", "b > a"),
        ("no number is greater than the one before it", "b <= a"),
        ("neighbours differ by at most $d", "abs(b - a) <= $d"),
        ("neighbours differ by at least $d", "abs(b - a) >= $d"),
        ("no two neighbours leave the same remainder when divided by $d", "a % $d != b % $d"),
    )
    p.way(
        "wanted result",
        ("length of the longest such stretch", "best"),
        ("sum of the longest such stretch; of several of equal length, the first one's", "total"),
    )
    p.let(breaks=p.number("k", 1, 3) if p.level == 3 else 0)
    more = "breaks, exceptions: In a stretch the rule may be broken up to $k times." if p.level == 3 else ""
    return Spec(
        "Find the longest stretch of $xs that follows a rule.",
        f"""
        stretch: A stretch is one or more numbers that stand side by side.
        rule: In it, $!rule.
        {more}
        return, result: Return the $!wanted.
        empty: For an empty list return 0.
        """,
        """
        best = total = 0
        for i in range(len($xs)):
            j, broken = i + 1, 0
            while j < len($xs):
                a, b = $xs[j - 1], $xs[j]
                broken += 0 if $!test else 1
                if broken > $breaks:
                    break
                j += 1
            if j - i > best:
                best, total = j - i, sum($xs[i:j])
        return $!result
        """,
        {
            "numbers up and down": lambda d: (d.ints(6, 12, -9, 9),),
            "a slow walk": lambda d: (d.walk(9, 0, -p["d"] - 1, p["d"] + 1),),
        },
        {
            **NUMBERS,
            "rising numbers": ([1, 2, 4, 7, 11, 16, 22, 29],),
            "falling numbers": ([30, 23, 17, 12, 8, 5, 3, 2],),
            "two stretches of equal length": ([1, 2, 3, 1, 2, 3, 1, 2, 3],),
            "steps of the exact size": ([0, p["d"], 0, p["d"], 2 * p["d"], p["d"] + 1, p["d"] - 1],),
            "the longest at the end": ([5, 5, 1, 9, 2, 3, 5, 8, 13],),
        },
        """
        Find how far a stretch reaches from each place at which it can begin.
        Compare each with the longest so far; only a longer one replaces it.
        Return what is asked for of the longest.
        """,
        {"a long list": lambda d: (d.ints(150, 200, -9, 9),)},
    )


@LISTS.family(
    "xs|row|items: list[int]; k|times: int", "list[int]", "rotate turn_list shift_items", levels=(1, 2)
)
def rotate_list(p: Pick) -> Spec:
    """Rotates a list, or blocks of it; some items stay where they are."""
    p.way("way sign", ("left", ""), ("right", "-"))
    p.number("m", 2, 4)
    p.number("add", 0, 5)
    p.let(step=f"$k times $m{' and $add more' if p['add'] else ''}")
    more = ""
    code = "if not $xs:\n    return []\nn = $!sign($k * $m + $add) % len($xs)\nreturn $xs[n:] + $xs[:n]"
    if p.level == 2:
        p.pick("stay", *range(-3, 4))
        p.way(
            "fixed move",
            ("equal to $stay", "x != $stay"),
            ("less than $stay", "x >= $stay"),
            ("greater than $stay", "x <= $stay"),
        )
        more = "stay, fixed: Numbers $!fixed stay where they are; the others move as if these were not there."
        code = """
            moving = [x for x in $xs if $!move]
            if not moving:
                return list($xs)
            n = $!sign($k * $m + $add) % len(moving)
            moving = moving[n:] + moving[:n]
            out, i = [], 0
            for x in $xs:
                if $!move:
                    out.append(moving[i])
                    i += 1
                else:
                    out.append(x)
            return out
            """
    return Spec(
        "Turn the list $xs like a wheel.",
        f"""
        direction, which way: Every number moves $!way along the list.
        wheel, end, ends: Who leaves the list at one end comes back at the other.
        how far, places: The numbers move by $!step places.
        negative: If this is negative, they move the other way.
        {more}
        empty: An empty list gives an empty list.
        """,
        code,
        {
            "a few steps": lambda d: (d.ints(4, 8, -5, 9), d.between(0, 4)),
            "negative steps": lambda d: (d.ints(4, 8, -5, 9), d.between(-5, -1)),
        },
        {
            "an empty list": ([], 3),
            "a single number": ([7], 2),
            "no steps": ([1, 2, 3, 4, 5, -6, 0], 0),
            "more steps than numbers": ([4, -1, 5, 9, 3], 17),
            "equal numbers": ([2, 2, 2], 1),
            "one step back": ([5, 6, 7, 8, -9, 1, -2], -1),
        },
        """
        Work out by how many places the numbers move, and leave out full turns.
        Cut the list at that place and put the two pieces together the other way round.
        Mind which way is which, and the empty list.
        """,
        {"a long list": lambda d: (d.ints(150, 200, -9, 9), d.between(1000, 2000))},
    )


@LISTS.family("xs|numbers|data: list[int]", "list[int]", "moving running smoothed", levels=(2, 3))
def moving_window(p: Pick) -> Spec:
    """A value of every window of some size and step: sum, range, largest; shorter windows at the end."""
    p.number("size", 2, 5)
    p.number("step", 1, 3)
    p.way(
        "what value",
        ("the sum of its numbers", "sum(w)"),
        ("its largest number minus its smallest", "max(w) - min(w)"),
        ("its last number minus its first", "w[-1] - w[0]"),
        ("how many of its numbers are greater than $t", "sum(1 for x in w if x > $t)"),
        ("its largest number times $t", "max(w) * $t"),
    )
    p.number("t", 2, 6)
    p.way(
        "rest bound",
        ("Windows that would reach beyond the end are left out.", "len($xs) - $size + 1"),
        ("The last windows may be shorter: a window begins at each such place of the list.", "len($xs)"),
    )
    if p.level == 3:
        p.way(
            "also keep",
            ("greater than the result before it", ">"),
            ("different from the result before it", "!="),
            ("not greater than the result before it", "<="),
        )
    more = (
        "keep, results: A result is kept only if it is $!also that was kept; the first is always kept."
        if p.level == 3
        else ""
    )
    p.let(cond="if not out or v $!keep out[-1]:\n    " if p.level == 3 else "")
    return Spec(
        "Slide a window along $xs.",
        f"""
        size, window: A window is $size numbers side by side.
        step, begin, start: The first begins at the first number, each next one $step places further on.
        end, rest, short: $!rest
        result, value, what: The result of a window is $!what.
        {more}
        return, order: Return the list of results, in the order of the windows.
        empty: If there is no window, return an empty list.
        """,
        """
        out = []
        for i in range(0, $!bound, $step):
            w = $xs[i : i + $size]
            v = $!value
            $!{cond}out.append(v)
        return out
        """,
        {"positive and negative numbers": lambda d: (d.ints(6, 11, -9, 12),)},
        {
            **NUMBERS,
            "just one window": ([3, -1, 4, 1, 5][: p["size"]],),
            "one number less than a window": ([3, -1, 4, 1, 5][: p["size"] - 1],),
            "rising numbers": ([1, 2, 4, 7, 11, 16, 22, 29],),
            "falling numbers": ([9, 7, 5, 3, 1, -1, -3],),
            "numbers around the limit": ([p["t"], p["t"] + 1, p["t"] - 1, p["t"] + 1, p["t"], p["t"]],),
        },
        """
        Find the places at which a window begins, and the last of them.
        Take the numbers of each window and work out its result.
        Collect the results in order.
        """,
        {"a long list": lambda d: (d.ints(150, 200, -30, 30),)},
    )


@LISTS.family(
    "first|xs|left: list[int]; second|ys|right: list[int]",
    "list[int]",
    "combine pairwise put_together",
    levels=(1, 2),
)
def combine_lists(p: Pick) -> Spec:
    """Combines two lists place by place; what the shorter one lacks is filled in or left out."""
    p.number("c", 2, 9)
    p.way(
        "what value",
        ("their sum, plus $c", "a + b + $c"),
        ("the first minus the second", "a - b"),
        ("$c times the first plus the second", "$c * a + b"),
        ("the larger of them, minus $c", "max(a, b) - $c"),
        ("the smaller of them, times $c", "min(a, b) * $c"),
        ("how far apart they are", "abs(a - b)"),
    )
    p.number("fill", -3, 9)
    p.way(
        "rest size",
        ("Numbers without a partner are left out.", "min"),
        ("In the place of a missing partner stands $fill.", "max"),
    )
    p.let(partner="$second[i]")
    if p.level == 2:
        p.way(
            "turned at",
            (
                "The second list is read from its end: its last number is the partner of the first one.",
                "$second[-1 - i]",
            ),
            ("The partner is at the same place of the second list, with the opposite sign.", "-$second[i]"),
        )
        p.let(partner="$!at")
    more = (
        "partner, order: $!turned"
        if p.level == 2
        else "partner: The partner of a number stands at the same place of the other list."
    )
    return Spec(
        "Combine $first and $second into one list.",
        f"""
        what, result: From each number of $first and its partner in $second comes $!what.
        {more}
        rest, missing, lengths: $!rest
        order: The results stand in the order of the places.
        empty: Two empty lists give an empty list.
        """,
        """
        out = []
        for i in range($!size(len($first), len($second))):
            a = $first[i] if i < len($first) else $fill
            b = $!partner if i < len($second) else $fill
            out.append($!value)
        return out
        """,
        {
            "lists of one length": lambda d: d.pair(2, 6, -9, 12),
            "lists of two lengths": lambda d: (d.ints(1, 6, -9, 12), d.ints(1, 6, -9, 12)),
        },
        {
            "two empty lists": ([], []),
            "an empty first list": ([], [5, -6, 7]),
            "an empty second list": ([5, -6, 7], []),
            "a longer first list": ([1, 2, 3, 4, 5], [10, -10]),
            "a longer second list": ([1, 20], [10, -10, 30, 0]),
            "equal numbers": ([4, 4], [4, 4]),
        },
        """
        Find out how long the result is.
        Take the number and its partner for each place, or what stands for a missing one.
        Work out the result of the two.
        """,
        {"long lists": lambda d: (d.ints(150, 200, -99, 99), d.ints(150, 200, -99, 99))},
    )


@LISTS.family("xs|numbers|stream: list[int]", "list[int]", "no_repeats distinct first_seen", levels=(1, 2))
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


@LISTS.family(
    "xs|numbers|values: list[int]; k|count: int", "list[int]", "top_k best_numbers leaders", levels=(2,)
)
def best_by_measure(p: Pick) -> Spec:
    """The k best numbers by a measure, with ties, in an order."""
    p.number("c", -5, 30)
    p.way(
        "measure key",
        ("distance from $c", "abs(x - $c)"),
        ("last digit, without the sign", "abs(x) % 10"),
        ("digit sum, without the sign", "sum(int(c) for c in str(abs(x)))"),
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


@LISTS.family("xs|pool|values: list[int]", "int", "split_point balance cut_place", levels=(2, 3))
def split_point(p: Pick) -> Spec:
    """The place at which a list falls into two parts that compare in some way."""
    p.number("w", 2, 5)
    p.number("d", 0, 12)
    p.way(
        "relation test",
        (
            "the sum of the left part is at least $w times that of the right part plus $d",
            "left >= $w * right + $d",
        ),
        ("the sums of the two parts differ by at most $d", "abs(left - right) <= $d"),
        (
            "the sum of the left part is greater than that of the right part by more than $d",
            "left > right + $d",
        ),
        (
            "the sum of the left part is divisible by $w and that of the right part is not",
            "left % $w == 0 and right % $w != 0",
        ),
    )
    p.way(
        "tie order",
        ("smallest", "range($low, len($xs) + 1 - $low)"),
        ("largest", "range(len($xs) - $low, $low - 1, -1)"),
    )
    p.pick(
        "low small",
        (0, "A part may be empty; it has the sum 0."),
        (1, "Both parts must have a number in them."),
    )
    p.pick("none", -1, -2, -9)
    p.let(key="x")
    if p.level == 3:
        p.way(
            "weighted key",
            ("Each number counts as its square.", "x * x"),
            ("Negative numbers count double.", "x if x >= 0 else 2 * x"),
            ("Numbers greater than 9 count as 9.", "min(x, 9)"),
        )
    more = "weight, counts: $!weighted" if p.level == 3 else ""
    return Spec(
        "Find a place at which $xs can be cut in two.",
        f"""
        place, cut, position: A cut at place i has the first i numbers in the left part and the others in
          the right part.
        relation, rule: The cut is good if $!relation.
        {more}
        which, tie, several: Return the $!tie place of a good cut.
        parts, empty part: $!small
        none, empty: If there is no good cut, return $none.
        """,
        """
        for i in $!order:
            left = sum($!key for x in $xs[:i])
            right = sum($!key for x in $xs[i:])
            if $!test:
                return i
        return $none
        """,
        {
            "positive and negative numbers": lambda d: (d.ints(4, 9, -6, 15),),
            "small numbers": lambda d: (d.ints(4, 9, 0, 4),),
        },
        {
            **NUMBERS,
            "two equal halves": ([4, 5, 9, 9, 5, 4],),
            "one large number": ([1, 2, 90, 1, 2],),
            "a large number at the end": ([1, 2, 3, 90],),
            "two numbers": ([p["d"] + 2, 2],),
            "two numbers with a large one first": ([30, 1],),
        },
        """
        List the places at which a cut is allowed, in the order in which you want to find them.
        Work out the sums of the two parts for each.
        Return the first place that passes, and what is asked for if none does.
        """,
        {"a long list": lambda d: (d.ints(100, 150, -20, 40),)},
    )
