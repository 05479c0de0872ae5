"""Rules by cases: games with dice, pieces of a function, rectangles."""

from __future__ import annotations

from sml_envs.code.problems.base import Args, Spec, Topic
from sml_envs.code.problems.draws import (
    Draws,
    Pick,
    nth,
)

TOPIC = Topic()


def _sides(d: Draws) -> Args:
    return (d.between(1, 20), d.between(1, 20))


@TOPIC.family("rolls|throws|points: list[int]", "int", "game_score play final_score", levels=(1, 2))
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


@TOPIC.family("x|value|reading: int", "int", "clamp adjust correct", levels=(1,))
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


@TOPIC.family("width|w: int; height|h: int", "int", "tiles pieces count_cells", levels=(1, 2))
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
                "If the width is greater than the height, the two change places first.",
                "SWAP",
            )
            if "tiles" in p["what"]
            else (
                "If the width is greater than the height, $y is taken away at the end.",
                "if $width > $height:\n    value -= $y",
            ),
            (
                "If both sides are odd, the result is $y less, but never below 0.",
                "if $width % 2 == 1 and $height % 2 == 1:\n    value = max(value - $y, 0)",
            ),
        )
        more = "special, also: $!square"
    swap = "if $width > $height:\n    $width, $height = $height, $width" if p["extra"] == "SWAP" else ""
    p.let(swap=swap, extra="" if swap else p["extra"])
    sides = "sides, first: The first side of a tile lies along the width." if "tiles" in p["what"] else ""
    return Spec(
        "Count in a rectangle of $width by $height cells.",
        f"""
        what, count: Find {p["what"]}.
        result, price: Return this number {p["price"]}.
        {more}
        {sides}
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
