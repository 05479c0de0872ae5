"""The best of many: changes of a text, choices, chains."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    Draws,
    Pick,
)

TOPIC = Topic()


@TOPIC.family(
    "first|source|old: str; second|target|new: str", "int", "distance change_cost edit_cost", levels=(4,)
)
def edit_distance(p: Pick) -> Spec:
    """The smallest cost of turning one text into another, with costs of our own."""
    p.number("add", 1, 4)
    p.number("drop", 1, 4)
    p.number("swap", 1, 6)
    p.way(
        "cheap cost",
        (
            "replacing a letter by the same letter in the other case costs 0",
            "0 if a.lower() == b.lower() else $swap",
        ),
        (
            "replacing a vowel (a, e, i, o, u) by another vowel costs 1",
            'min(1, $swap) if a in "aeiou" and b in "aeiou" else $swap',
        ),
        (
            "replacing a letter by one of its two neighbours in the alphabet costs 1",
            "min(1, $swap) if abs(ord(a) - ord(b)) == 1 else $swap",
        ),
        ("the first letters of both texts may not be replaced by each other", "$swap if i + j > 2 else 1000"),
    )
    p.way(
        "gift double",
        (
            "adding a letter equal to the last letter of $second before it costs nothing",
            "0 if j > 1 and $second[j - 2] == $second[j - 1] else $add",
        ),
        ("adding $letter costs $add and 1 more", "$add + 1 if $second[j - 1] == $letter else $add"),
        ("adding a letter at the very end costs nothing", "0 if i == len($first) else $add"),
    )
    if p["gift"].startswith("adding a letter equal"):
        p.let(gift="adding a letter that is equal to the letter just before it in $second costs nothing")
    if p["gift"].startswith("adding a letter at"):
        p.let(gift="adding a letter behind the last letter of $first costs nothing")
    p.pick("letter", *"aeiost")
    pool = "aeiobcdst"

    def near(d: Draws) -> Args:
        word = d.text(pool, 3, 6)
        at = d.between(0, len(word) - 1)
        return word, word[:at] + d.text(pool + "AB", 0, 2) + word[at + d.between(0, 1) :]

    return Spec(
        "Find the smallest cost of turning $first into $second.",
        """
        changes: Letters may be added, dropped and replaced; the cost is the sum over all changes, and
          letters that stay cost nothing.
        add: Adding a letter costs $add.
        drop: Dropping a letter costs $drop.
        replace, swap: Replacing a letter by another costs $swap.
        special, cheap: But $!cheap.
        also, exception: And $!gift.
        once: The texts are laid side by side from left to right; each letter takes part in one change at
          most.
        empty: Two empty texts cost 0.
        """,
        """
        best = {(0, 0): 0}
        for i in range(len($first) + 1):
            for j in range(len($second) + 1):
                ways = []
                if i:
                    ways.append(best[i - 1, j] + $drop)
                if j:
                    ways.append(best[i, j - 1] + ($!double))
                if i and j:
                    a, b = $first[i - 1], $second[j - 1]
                    ways.append(best[i - 1, j - 1] + (0 if a == b else $!cost))
                if ways:
                    best[i, j] = min(ways)
        return best[len($first), len($second)]
        """,
        {
            "texts that are nearly equal": near,
            "different words": lambda d: (d.text(pool, 2, 6), d.text(pool, 2, 6)),
        },
        {
            "two empty texts": ("", ""),
            "an empty first text": ("", "abba" + p["letter"]),
            "an empty second text": ("abcde", ""),
            "equal texts": ("stone", "stone"),
            "texts that differ in case": ("Stone", "sTONE"),
            "single letters": ("b", "c"),
            "single vowels": ("a", "u"),
            "other single letters": ("b", "t"),
            "doubled letters": ("bito", "bbiittoo"),
            "more letters at the end": ("tea", "teaspot"),
            "fewer letters": ("teaspot", "tea"),
        },
        """
        Think of the best cost for the first letters of both texts, from the shortest on.
        The last change added, dropped or replaced a letter, or a letter stayed; take the cheapest.
        Apply the special costs where they hold.
        """,
        {"long texts": lambda d: (d.text(pool, 40, 45), d.text(pool, 40, 45))},
    )


@TOPIC.family(
    "things|items|offers: list[tuple[int, int]]; limit|budget|space: int",
    "int",
    "best_choice most_value fill",
    levels=(4,),
)
def best_choice(p: Pick) -> Spec:
    """The best choice of things with weights and values under a limit, with rules about what goes
    together.
    """
    p.number("most", 2, 4)
    p.number("c", 1, 5)
    p.way(
        "rule ok",
        ("at most $most things may be taken", "len(taken) < $most"),
        ("no two things that stand side by side in the list may be taken", "i - 1 not in taken"),
        (
            (
                "a thing may only be taken if it is heavier than the one taken before it in the "
                "list, if there is one"
            ),
            "not taken or weight > $things[taken[-1]][0]",
        ),
        (
            "at most $most things of weight $c or less may be taken",
            "weight > $c or sum(1 for k in taken if $things[k][0] <= $c) < $most",
        ),
    )
    p.way(
        "value gain",
        ("the sum of its values", "value"),
        ("the sum of its values, minus $c for each thing", "value - $c"),
        ("the sum of its values, where the first thing taken counts double", "value * (1 if taken else 2)"),
    )
    p.way(
        "result give",
        ("this largest value", "best[0]"),
        (
            "the weight of the best selection; if several have the same value, the smallest of their weights",
            "-best[1]",
        ),
    )
    p.number("over", 0, 3)

    def things(d: Draws) -> Args:
        made = [(d.between(1, 9), d.between(1, 20)) for _ in range(d.between(3, 6))]
        return made, d.between(5, 20)

    return Spec(
        "Choose things so that their value is as large as possible.",
        """
        given, form: A thing is a tuple (weight, value) of positive whole numbers; each can be taken once.
        limit, weight: The weights of the things taken may add up to $limit plus $over at most.
        rule, allowed: Moreover, $!rule.
        value, worth: The value of a selection is $!value.
        best, largest: Look for the selection of the largest value.
        return, result: Return $!result.
        empty, none: Taking nothing is a selection too, with weight and value 0.
        """,
        """
        def choose(i, left, taken):
            if i == len($things):
                return 0, 0
            best = choose(i + 1, left, taken)
            weight, value = $things[i]
            if weight <= left and ($!ok):
                more, minus = choose(i + 1, left - weight, [*taken, i])
                best = max(best, (more + $!gain, minus - weight))
            return best

        best = choose(0, $limit + $over, [])
        return $!give
        """,
        {"several things": things},
        {
            "no things": ([], 10),
            "one thing that fits": ([(5, 7)], 5),
            "one thing that just fits": ([(5 + p["over"], 9)], 5),
            "one thing that is too heavy": ([(6 + p["over"], 9)], 5),
            "a limit of 0": ([(1, 5), (2, 9), (4, 20)], 0),
            "equal things": ([(3, 6)] * 5, 12),
            "things of falling weight": ([(9, 9), (7, 8), (5, 7), (3, 6), (1, 5)], 16),
            "things of rising weight": ([(1, 5), (3, 6), (5, 7), (7, 8), (9, 9)], 16),
            "light things": ([(1, 3), (1, 4), (2, 3), (1, 6), (2, 9)], 7),
            "things of little value": ([(2, 1), (3, 2), (2, 1), (4, 6)], 9),
            "a large limit": ([(4, 3), (2, 8), (6, 2), (1, 9)], 100),
        },
        """
        Decide for each thing in turn: leave it, or take it if it fits and the rules allow it.
        Let the same function work out the best for the things behind it, with what is left of the limit.
        Compare both ways, first by value, then by what else is asked for.
        """,
        {"more things": lambda d: ([(d.between(3, 9), d.between(1, 20)) for _ in range(13)], 22)},
    )


@TOPIC.family("xs|heights|numbers: list[int]", "int", "longest_chain best_chain chain", levels=(3, 4))
def longest_chain(p: Pick) -> Spec:
    """The longest or heaviest chain of numbers picked from left to right under a rule."""
    p.number("d", 1, 5)
    p.way(
        "rule test",
        ("greater by at least $d", "b - a >= $d"),
        ("greater, but by at most $d", "0 < b - a <= $d"),
        ("smaller by at least $d", "a - b >= $d"),
        ("different by exactly $d", "abs(a - b) == $d"),
        ("not smaller, and $d places or fewer further on", "b >= a and i - j <= $d"),
    )
    p.way("what score", ("number of its numbers", "1"), ("sum of its numbers", "b"))
    p.let(weight="$!score")
    p.pick("none", 0, -1)
    p.number("c", 2, 9)
    more = ""
    if p.level == 4:
        p.way(
            "bonus extra",
            ("Numbers divisible by $c count double in this.", "($!score) * (2 if b % $c == 0 else 1)"),
            ("For each number greater than $c, 1 more is counted.", "$!score + (1 if b > $c else 0)"),
            ("A number less than 0 counts 0 in this.", "($!score if b >= 0 else 0)"),
        )
        p.let(weight="$!extra")
        more = "bonus, counts: $!bonus"
    return Spec(
        "Find the best chain of numbers in $xs.",
        f"""
        chain: A chain picks one or more numbers of the list and keeps their order; they need not stand side
          by side.
        rule: Each of them after the first is, compared with the one picked before it, $!rule.
        value, what: The value of a chain is the $!what.
        {more}
        return: Return the largest value of a chain.
        empty: For an empty list return $none.
        """,
        """
        best = []
        for i, b in enumerate($xs):
            before = [best[j] for j, a in enumerate($xs[:i]) if $!test]
            best.append($!weight + max([0, *before]))
        return max(best, default=$none)
        """,
        {
            "positive and negative numbers": lambda d: (d.ints(5, 10, -6, 15),),
            "small steps": lambda d: (d.walk(9, 0, -p["d"], p["d"]),),
        },
        {
            "an empty list": ([],),
            "a single number": ([4],),
            "a negative number": ([-4],),
            "equal numbers": ([3, 3, 3],),
            "negative numbers": ([-9, -3, -7, -5, -1],),
            "rising numbers": ([1, 2, 4, 7, 11, 16, 22],),
            "falling numbers": ([22, 16, 11, 7, 4, 2, 1],),
            "steps of the exact size": ([0, p["d"], 2 * p["d"], p["d"], 0, 3 * p["d"]],),
            "steps just too large or small": ([0, p["d"] + 1, p["d"], 2 * p["d"] + 1, 3 * p["d"]],),
            "numbers around a limit": ([p["c"] - 1, p["c"], p["c"] + 1, 2 * p["c"], 3 * p["c"] + 1],),
        },
        """
        Think of the best chain that ends at each place.
        It is the number itself, put behind the best chain that ends at an earlier place from which the rule
          allows it.
        Return the best of all places.
        """,
        {"a long list": lambda d: (d.ints(80, 100, -20, 60),)},
    )
