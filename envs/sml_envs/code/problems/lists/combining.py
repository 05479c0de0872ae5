"""Lists turned and combined, and compared with each other."""

from __future__ import annotations

from sml_envs.code.problems.base import NUMBERS, Spec, Topic
from sml_envs.code.problems.draws import (
    Pick,
)

TOPIC = Topic()


@TOPIC.family(
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


@TOPIC.family(
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
        ("Numbers of either list without a partner are left out.", "min"),
        ("Where one list has no number left for the other, $fill as it is stands in its place.", "max"),
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


@TOPIC.family(
    "first|xs|left: list[int]; second|ys|right: list[int]",
    "list[int]",
    "compare_lists common difference",
    levels=(1, 2),
)
def compare_lists(p: Pick) -> Spec:
    """Which numbers two lists share, or only one has, with repeated numbers, in an order."""
    p.number("m", 2, 9)
    p.way(
        "same key",
        ("equal", "{}"),
        ("equal but for the sign", "abs({})"),
        ("of the same remainder when divided by $m", "{} % $m"),
    )
    p.let(key=p["key"].format("x"), key2=p["key"].format("y"))
    p.way(
        "which test",
        ("in $first that have a partner in $second", "in other"),
        ("in $first that have no partner in $second", "not in other"),
    )
    p.way(
        "count rule",
        ("A partner serves for as many numbers as one likes.", "pass"),
        ("A partner serves for one number only: numbers further left are served first.", "use"),
    )
    p.way(
        "twice again",
        ("Numbers that occur several times in the result stay.", "True"),
        ("Of equal numbers in the result, only the first stays.", "x not in out"),
    )
    p.way(
        "order turn",
        ("in the order of $first", "out"),
        ("sorted, smallest first", "sorted(out)"),
        ("sorted, largest first", "sorted(out, reverse=True)"),
    )
    use = "if $!key in other:\n    other.remove($!key)" if p["rule"] == "use" else ""
    p.let(use=use, value="x", also="")
    more = ""
    if p.level == 2:
        p.number("t", -3, 9)
        p.way(
            "only also",
            ("Only numbers of $first that are greater than $t are looked at.", "if x <= $t:\n    continue"),
            ("Numbers of $first that are equal to $t are passed over.", "if x == $t:\n    continue"),
            (
                "As soon as a number of $first is less than -$m, it and all behind it are passed over.",
                "if x < -$m:\n    break",
            ),
        )
        more = "only, condition: $!only"
    return Spec(
        "Compare the numbers of two lists.",
        f"""
        partner, same: A number of $second is a partner of one of $first if the two are $!same.
        which: Look for the numbers $!which.
        {more}
        count, serves: $!count
        repeated, twice: $!twice
        order, return: Return these numbers $!order.
        empty: If there are none, return an empty list.
        """,
        """
        other, out = [$!key2 for y in $second], []
        for x in $first:
            $!also
            if $!key $!test and $!again:
                out.append(x)
            $!use
        return $!turn
        """,
        {
            "some common numbers": lambda d: (d.ints(4, 8, -6, 9), d.ints(3, 6, -6, 9)),
            "repeated numbers": lambda d: (d.ints(5, 9, 0, 4), d.ints(2, 5, 0, 4)),
        },
        {
            "two empty lists": ([], []),
            "an empty first list": ([], [1, 2]),
            "an empty second list": ([3, 1, 12, -20, 3], []),
            "equal lists": ([4, 1, 1, -7], [4, 1, 1, -7]),
            "repeated numbers in the first list": ([5, 5, 5, 2, 2], [5, 2]),
            "repeated numbers in the second list": ([5, 2], [5, 5, 5, 2]),
            "numbers of the other sign": ([3, -4, 6, 11], [-3, 4, -6, -11]),
            "numbers of the same remainder": ([1, 1 + p["m"], 20, 2], [1 + 2 * p["m"], 2 - p["m"]]),
            "numbers around a limit": (
                [p.values.get("t", 3) + i for i in (0, 1, -1)],
                [p.values.get("t", 3) + i for i in (-1, 0, 1)],
            ),
            "negative numbers": ([5, -p["m"], 6, -p["m"] - 1, 7], [5, 6, 7]),
        },
        """
        Decide what makes two numbers partners, and compare by that.
        Go through the first list, and mind what happens to a partner that was used.
        Put the result into the order asked for.
        """,
        {"long lists": lambda d: (d.ints(100, 150, -40, 40), d.ints(60, 80, -40, 40))},
    )


@TOPIC.family("xs|bids|numbers: list[int]", "int", "unusual lone pick_number", levels=(2,))
def unusual_number(p: Pick) -> Spec:
    """The largest or smallest number that occurs a given number of times, with rules."""
    p.number("k", 1, 3)
    p.way(
        "often test",
        ("exactly $k times", "== $k"),
        ("at least $k times", ">= $k"),
        ("at most $k times", "<= $k"),
    )
    p.way("which pick", ("largest", "max"), ("smallest", "min"))
    p.number("t", -5, 12)
    p.way(
        "bound ok",
        ("greater than $t", "x > $t"),
        ("less than $t", "x < $t"),
        ("not equal to $t", "x != $t"),
        ("at least as far from $t as $d", "abs(x - $t) >= $d"),
    )
    p.number("d", 2, 5)
    p.pick("none", 0, -1, -99, 1000)
    p.way(
        "result give",
        ("this number", "best"),
        ("the place (from 0) of its first occurrence", "$xs.index(best)"),
        ("how often it occurs", "$xs.count(best)"),
    )
    return Spec(
        "Find an unusual number in $xs.",
        """
        often, times: Only numbers count that occur in the list $!often.
        bound, condition: And only those that are $!bound.
        which: Of these, take the $!which number.
        return, result: Return $!result.
        none, empty: If no number counts, return $none.
        """,
        """
        found = [x for x in $xs if $xs.count(x) $!test and $!ok]
        if not found:
            return $none
        best = $!pick(found)
        return $!give
        """,
        {
            "repeated numbers": lambda d: (d.ints(6, 12, p["t"] - 6, p["t"] + 6),),
            "many repeated numbers": lambda d: (d.ints(6, 12, p["t"] - 2, p["t"] + 3),),
        },
        {
            **NUMBERS,
            "one number many times": ([9] * 5,),
            "one number just as often": ([3, 8, *[14] * p["k"], 3, 3, 3, 3, 8, 8, 8],),
            "one number once more": ([3, 8, *[14] * (p["k"] + 1), 3, 8],),
            "numbers around the bound": ([p["t"] + i for i in (0, 1, -1, 2, -2) for _ in range(p["k"])],),
            "numbers far from the bound": (
                [p["t"] + i * p["d"] for i in (1, -1) for _ in range(p["k"])]
                + [p["t"] + 1 - p["d"], p["t"] + p["d"] - 1] * p["k"],
            ),
        },
        """
        Count how often each number occurs.
        Keep the numbers that meet both conditions.
        Choose among them, and return what is asked for, also if there are none.
        """,
        {"a long list": lambda d: (d.ints(150, 200, -60, 60),)},
    )
